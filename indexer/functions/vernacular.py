"""Fields in original script and the fields they belong to.

In MARC 21 they are fields 880 whose $6 names the tag and the occurrence of their romanised partner (`245-01/(3/r`); 00 has no
partner. In UNIMARC they are repeated fields of their own tag with $6 and $7. Pairs go by tag and occurrence, never by order.

Source: indexing.md section 4.9; MARC 21 appendix A (control subfield $6); UNIMARC $6 and $7.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from indexer.record import Record, first

_LINK = re.compile(r"\s*([0-9A-Za-z]{3})\s*-\s*([0-9]{2,3})(?:\s*/\s*([^/\s]*))?")
_SCRIPTS = {
    "(3": "arab", "(4": "arab", "(B": "latn", "(N": "cyrl", "(Q": "cyrl", "(S": "grek", "(2": "hebr", "$1": "hani",
}  # fmt: skip
_UNIMARC_LATIN = frozenset({"ba", ""})


class Linked(NamedTuple):
    """A field in original script.

    `target`: the tag it is treated as, empty when its $6 is missing or unreadable (then it is searched in `anywhere` only).
    `occurrence`: the number of the pair, `00` without partner. `script`: ISO 15924 in lower case or the code as found, else empty.
    """

    target: str
    occurrence: str
    body: str
    script: str = ""


def marc21_linked(f880: Iterable[str]) -> list[Linked]:
    """The fields 880 of a record (bodies), in order."""
    return [_linked_880(body) for body in f880]


def _linked_880(body: str) -> Linked:
    found = _LINK.match(first(body, "6"))
    if found is None or found.group(1) == "880":
        return Linked("", "", body)
    tag, occurrence, script = found.groups("")
    return Linked(tag.upper() if tag.isalpha() else tag, occurrence, body, _SCRIPTS.get(script, script.lower()))


def linked(record: Record) -> list[Linked]:
    """The fields in original script of a record of either format, in record order."""
    if record.format == "marc21":
        return marc21_linked(record.bodies("880"))
    return [
        Linked(tag, _interfield_number(body), body, script)
        for tag, body in record.fields
        if (script := first(body, "7")[4:6].strip().lower() or first(body, "7").strip().lower()[:2]) not in _UNIMARC_LATIN
    ]


def _interfield_number(body: str) -> str:
    """Positions 1-2 of UNIMARC $6 (`a02700`): the number that the fields of a pair share."""
    number = first(body, "6")[1:3]
    return number if number.isdigit() else "00"
