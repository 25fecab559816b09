"""Taking a field apart and finding the steps for its shape."""

import re

from indexer.extraction_plan import ExtractionPlan
from indexer.functions.vernacular import marc21_linked
from indexer.record import SUBFIELD
from indexer.record_view import standard_links
from indexer.steps import LINKED_TAG, FieldTexts, Steps

INDICATORS = 2
_CODES = re.compile(f"{SUBFIELD}([^{SUBFIELD}])").findall
_TEXTS = re.compile(f"{SUBFIELD}+[^{SUBFIELD}]").split
"""Codes and texts of a body; a subfield mark without code is passed over."""


def shaped(plan: ExtractionPlan, tag: str, body: str, unimarc: bool) -> tuple[Steps, FieldTexts]:
    """The steps for the shape of a field, and the field taken apart."""
    if SUBFIELD not in body:
        return plan.fields[tag], ("", body)
    if unimarc and tag[0] == "4":
        body = standard_links(body)
    if body[-1] == SUBFIELD:
        body = body.rstrip(SUBFIELD)
    texts = _TEXTS(body)
    if len(texts[0]) != INDICATORS:
        texts[0] = f"{texts[0]}  "[:INDICATORS]
    shape = f"{texts[0]}{''.join(_CODES(body))}"
    if unimarc:
        return _unimarc_steps(plan, tag, shape, texts), texts
    if tag == LINKED_TAG:
        return _linked_steps(plan, body, shape), texts
    return plan.fields[tag + shape], texts


def _linked_steps(plan: ExtractionPlan, body: str, rest: str) -> Steps:
    """What is done with an 880: the steps of the field it belongs to, and rules that name 880 itself. `rest`: its shape."""
    target = marc21_linked((body,))[0].target
    return plan.fields[LINKED_TAG + rest] + (plan.linked[target + rest] if target else plan.stray[LINKED_TAG + rest])


def _unimarc_steps(plan: ExtractionPlan, tag: str, shape: str, texts: FieldTexts) -> Steps:
    """A field with a link ($6) and a script other than Latin ($7) is the counterpart of another field with its tag."""
    at_link, at_script = shape.find("6", INDICATORS), shape.find("7", INDICATORS)
    if at_link < 0 or at_script < 0:
        return plan.fields[tag + shape]
    code = texts[at_script - 1]
    script = code[4:6].strip() or code[:2].strip()
    return plan.fields[tag + shape] if script.lower() in {"ba", ""} else plan.linked[tag + shape]
