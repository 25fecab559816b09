"""Walks a whole OAI-PMH endpoint as a harvester would, and tells what a harvester would stumble over.

Looked at for every format: each page is well-formed and in the protocol's namespace, pages follow their tokens to the end, the
number of items is the completeListSize of every page, no item comes twice, the order is by datestamp and identifier, headers are
those of ListIdentifiers, live records have exactly one metadata element of the announced namespace, deleted ones have none.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from server.xmlio import NotXml, parse

OAI = "{http://www.openarchives.org/OAI/2.0/}"
MOST_TOLD = 20

Fetch = Callable[[str], Any]
"""From a query string to an awaitable of the answer's bytes. Raises: whatever keeps it from being had."""


@dataclass(slots=True)
class Checked:
    """One format: what was seen, and sentences about what is wrong (the first `MOST_TOLD`)."""

    prefix: str
    records: int = 0
    deleted: int = 0
    pages: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    problem_count: int = 0

    def wrong(self, sentence: str) -> None:
        """Notes something that is wrong."""
        self.problem_count += 1
        if len(self.problems) < MOST_TOLD:
            self.problems.append(sentence)


@dataclass(frozen=True, slots=True)
class _Header:
    identifier: str
    stamp: str
    sets: tuple[str, ...]
    deleted: bool


async def verify_endpoint(fetch: Fetch, on_format: Callable[[str], None]) -> list[Checked]:
    """All formats of an endpoint, one after the other. Raises: NotXml, or what `fetch` raises."""
    answer = parse(await fetch("verb=ListMetadataFormats"))
    found = []
    headers: list[_Header] | None = None
    told = parse(await fetch("verb=Identify"))
    # One upper bound for all formats, in the repository's own granularity.
    until = told.findtext(f"{OAI}responseDate", "")[: len(told.findtext(f"{OAI}Identify/{OAI}granularity", ""))]
    for form in answer.iter(f"{OAI}metadataFormat"):
        prefix, namespace = form.findtext(f"{OAI}metadataPrefix", ""), form.findtext(f"{OAI}metadataNamespace", "")
        on_format(prefix)
        checked = Checked(prefix)
        began = time.monotonic()
        bounds = {"metadataPrefix": prefix, "until": until}
        listed = await _walk(fetch, checked, "ListRecords", bounds, namespace)
        if headers is None:
            headers = await _walk(fetch, Checked(prefix), "ListIdentifiers", bounds, namespace)
        if [one.identifier for one in headers] != [one.identifier for one in listed]:
            checked.wrong(f"ListRecords has {len(listed)} items and ListIdentifiers {len(headers)}, or others, or in another order.")
        checked.seconds = time.monotonic() - began
        found.append(checked)
    return found


async def _walk(fetch: Fetch, checked: Checked, verb: str, bounds: dict[str, str], namespace: str) -> list[_Header]:
    headers: list[_Header] = []
    query: dict[str, str] = {name: value for name, value in bounds.items() if value}
    totals: set[str] = set()
    while True:
        try:
            root = parse(await fetch(urlencode({"verb": verb} | query)))
        except NotXml as problem:
            checked.wrong(f"Page {checked.pages + 1} of {verb}: {problem}")
            break
        checked.pages += 1
        error = root.find(f"{OAI}error")
        if error is not None:
            if not (error.get("code") == "noRecordsMatch" and checked.pages == 1):
                checked.wrong(f"Page {checked.pages} of {verb}: {error.get('code')}: {error.text}")
            break
        _read_page(root, verb, checked, namespace, headers)
        token = root.find(f"{OAI}{verb}/{OAI}resumptionToken")
        if token is not None:
            totals.add(token.get("completeListSize", ""))
        if token is None or not token.text:
            break
        query = {"resumptionToken": token.text}
    _check_list(checked, verb, headers, totals)
    return headers


def _read_page(root: Any, verb: str, checked: Checked, namespace: str, headers: list[_Header]) -> None:
    for element in root.iterfind(f"{OAI}{verb}/*"):
        header = element if element.tag == f"{OAI}header" else element.find(f"{OAI}header")
        if header is None:
            continue
        own = _Header(
            header.findtext(f"{OAI}identifier", ""), header.findtext(f"{OAI}datestamp", ""),
            tuple(one.text or "" for one in header.iterfind(f"{OAI}setSpec")), header.get("status") == "deleted",
        )  # fmt: skip
        headers.append(own)
        checked.records += 1
        checked.deleted += own.deleted
        if verb == "ListRecords":
            content = element.find(f"{OAI}metadata")
            if own.deleted and content is not None:
                checked.wrong(f"{own.identifier} is deleted and has metadata.")
            elif not own.deleted and (content is None or len(content) != 1):
                checked.wrong(f"{own.identifier} has no metadata element, or several.")
            elif not own.deleted and content[0].tag.partition("}")[0] != f"{{{namespace}":
                checked.wrong(f"{own.identifier} has metadata of another namespace than {namespace}.")


def _check_list(checked: Checked, verb: str, headers: list[_Header], totals: set[str]) -> None:
    if totals and totals != {str(len(headers))}:
        checked.wrong(f"{verb} has {len(headers)} items, and completeListSize says {', '.join(sorted(totals))}.")
    identifiers = [one.identifier for one in headers]
    if len(set(identifiers)) != len(identifiers):
        checked.wrong(f"{verb} has {len(identifiers) - len(set(identifiers))} items more than once.")
    order = [(one.stamp, one.identifier) for one in headers]
    if order != sorted(order):
        checked.wrong(f"{verb} is not in the order of datestamp and identifier.")
