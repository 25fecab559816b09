"""Taking a field apart and finding the steps for its shape."""

from indexer.extraction_plan import ExtractionPlan
from indexer.functions.vernacular import marc21_linked
from indexer.record import SUBFIELD
from indexer.record_view import standard_links
from indexer.steps import LINKED_TAG, Pieces, Steps

INDICATORS = 2


def shaped(plan: ExtractionPlan, tag: str, body: str, unimarc: bool) -> tuple[Steps, Pieces]:
    """The steps for the shape of a field, and the field taken apart. A subfield mark without a code is passed over."""
    if SUBFIELD not in body:
        return plan.fields[tag], ("", f" {body}")
    if unimarc and tag[0] == "4":
        body = standard_links(body)
    pieces = body.split(SUBFIELD)
    if "" in pieces or len(pieces[0]) != INDICATORS:
        pieces = [f"{pieces[0]}  "[:INDICATORS], *(piece for piece in pieces[1:] if piece)]
    shape = pieces[0]
    for piece in pieces[1:]:
        shape += piece[0]
    if unimarc:
        return _unimarc_steps(plan, tag, shape, pieces), pieces
    if tag == LINKED_TAG:
        return _linked_steps(plan, body, shape), pieces
    return plan.fields[tag + shape], pieces


def _linked_steps(plan: ExtractionPlan, body: str, shape: str) -> Steps:
    """What is done with an 880: the steps of the field it belongs to, and rules that name 880 itself."""
    target = marc21_linked((body,))[0].target
    return plan.fields[LINKED_TAG + shape] + (plan.linked[target + shape] if target else plan.stray[LINKED_TAG + shape])


def _unimarc_steps(plan: ExtractionPlan, tag: str, shape: str, pieces: Pieces) -> Steps:
    """A field with a link ($6) and a script other than Latin ($7) is the counterpart of another field with its tag."""
    at_link, at_script = shape.find("6", INDICATORS), shape.find("7", INDICATORS)
    if at_link < 0 or at_script < 0:
        return plan.fields[tag + shape]
    code = pieces[at_script - 1][1:]
    script = code[4:6].strip() or code[:2].strip()
    return plan.fields[tag + shape] if script.lower() in {"ba", ""} else plan.linked[tag + shape]
