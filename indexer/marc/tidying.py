"""Making fields keep the rules of `indexer.record`, whatever the source wrote; every reader ends here for records that are odd.

After it every tag is three printable ASCII characters, every data field has two indicators and subfields whose codes are
printable ASCII, and the leader is 24 printable ASCII characters.
"""

import re
from collections.abc import Iterable, Sequence

from indexer.marc.charsets import clean_text
from indexer.marc.identity import classify
from indexer.marc.outcomes import BadRecord, Warned
from indexer.marc.profile import SourceProfile
from indexer.record import SUBFIELD, Record

DEFAULT_LEADER = "00000nam a2200000uu 4500"
"""What a record without leader gets (indexing.md 1.3)."""

UNKNOWN = "?"
"""Stands for a tag character or a subfield code that is not printable ASCII."""

_ODD_CODE = re.compile("\x1f(?![0-9a-z])")
_NOT_PRINTABLE = re.compile("[^\x21-\x7e]")
_NOT_LEADER = re.compile("[^\x20-\x7e]")
_INDICATORS = re.compile(r"[0-9 ]{0,2}")
_USUAL_CODES = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")


def tidy_leader(leader: str, warnings: list[Warned]) -> str:
    """24 printable ASCII characters; a short leader is filled with blanks, a missing one is the default."""
    if len(leader) == 24 and leader.isascii() and leader.isprintable():
        return leader
    warn(warnings, "leader")
    if not leader.strip():
        return DEFAULT_LEADER
    return _NOT_LEADER.sub(" ", leader)[:24].ljust(24)


def is_tidy(fields: Sequence[tuple[str, str]], text: str) -> bool:
    """Whether `tidy_fields` would change nothing. `text`: all bodies joined by field terminators; may be wrongly False."""
    if _ODD_CODE.search(text):
        return False
    for tag, body in fields:
        if tag[:2] == "00":
            if SUBFIELD in body:
                return False
        elif body[2:3] != SUBFIELD or body[0] == SUBFIELD:
            return False
    return True


def tidy_fields(fields: Iterable[tuple[str, str]], warnings: list[Warned]) -> list[tuple[str, str]]:
    """The fields as `indexer.record` wants them, in the same order; what had to be changed is added to `warnings`."""
    return [tidy_field(tag, body, warnings) for tag, body in fields]


def tidy_field(tag: str, body: str, warnings: list[Warned]) -> tuple[str, str]:
    """One field. Data before the first subfield delimiter becomes $a; subfields without a code vanish (they hold nothing)."""
    if _NOT_PRINTABLE.search(tag) or len(tag) != 3:
        warn(warnings, "tag")
        tag = _NOT_PRINTABLE.sub(UNKNOWN, tag.strip().rjust(3, "0")[:3])
    if SUBFIELD not in body and tag.startswith("00"):
        return tag, body
    head, *pieces = body.split(SUBFIELD)
    if len(head) > 2 or (not pieces and head.strip("0123456789 ")):
        warn(warnings, "no-subfield")
        given = _INDICATORS.match(head)
        indicators = head[:2] if pieces or (given and given.end() == 2) else ""
        pieces.insert(0, "a" + head[len(indicators) :])
        head = indicators
    return tag, SUBFIELD.join([head.ljust(2), *(_tidy_subfield(piece, warnings) for piece in pieces if piece)])


def _tidy_subfield(piece: str, warnings: list[Warned]) -> str:
    code = piece[0]
    if code not in _USUAL_CODES:
        warn(warnings, "subfield-code")
        if _NOT_PRINTABLE.match(code):
            return UNKNOWN + piece[1:]
    return piece


def warn(warnings: list[Warned], word: Warned) -> None:
    """Adds a word once."""
    if word not in warnings:
        warnings.append(word)


def assembled(leader: str, fields: list[tuple[str, str]], warnings: list[Warned], profile: SourceProfile) -> Record:
    """A classified record from the decoded values of MARCXML or MARC-in-JSON, with their characters cleaned.

    Raises: BadRecord ("no-fields") when there are none.
    """
    if not fields:
        raise BadRecord("no-fields", "The record has no fields.")
    text, lost = clean_text("\x1e".join([body for _, body in fields]))
    for word in lost:
        warn(warnings, word)
    tags = [tag for tag, _ in fields]
    fields = list(zip(tags, text.split("\x1e"), strict=True))
    if not (is_tidy(fields, text) and set(map(len, tags)) == {3} and not _NOT_PRINTABLE.search("".join(tags))):
        fields = tidy_fields(fields, warnings)
    record = Record(tidy_leader(leader, warnings), fields, warnings=list(warnings))
    classify(record, profile)
    return record
