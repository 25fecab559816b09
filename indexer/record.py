"""A MARC record in memory, in the form that is quickest to read from and to extract from.

A field is a pair of tag and *body*. The body of a control field (tags 001-009 without subfields) is its text. The body of
a data field is its two indicators followed by its subfields, each introduced by U+001F and the subfield code: MARC's own
spelling, kept because one `str.split` takes it apart. Text is NFC, free of characters that XML forbids.
"""

from dataclasses import dataclass, field
from typing import Literal

Format = Literal["marc21", "unimarc"]
Kind = Literal["bibliographic", "authority", "holdings"]

SUBFIELD = "\x1f"


@dataclass(slots=True)
class Record:
    """One record as decoded.

    `leader`: 24 characters; 0-4 and 12-16 (lengths) carry no meaning here. `fields`: (tag, body) in record order.
    `warnings`: closed words such as "charset" or "subfield-code", each at most once.
    """

    leader: str
    fields: list[tuple[str, str]]
    format: Format = "marc21"
    kind: Kind = "bibliographic"
    warnings: list[str] = field(default_factory=list)

    def control(self, tag: str) -> str:
        """Text of the first control field with this tag, or an empty string."""
        for own, body in self.fields:
            if own == tag:
                return body
        return ""

    def bodies(self, tag: str) -> list[str]:
        """Bodies of all fields with this tag, in record order."""
        return [body for own, body in self.fields if own == tag]


def is_control(tag: str, body: str) -> bool:
    """Whether a field is a control field: its tag starts with 00 and it has no subfields."""
    return tag.startswith("00") and SUBFIELD not in body


def subfields(body: str) -> list[tuple[str, str]]:
    """(code, text) of a data field's body, in order; empty pieces are left out."""
    return [(piece[0], piece[1:]) for piece in body.split(SUBFIELD)[1:] if piece]


def first(body: str, code: str) -> str:
    """Text of the first subfield with this code, or an empty string."""
    for piece in body.split(SUBFIELD)[1:]:
        if piece[:1] == code:
            return piece[1:]
    return ""
