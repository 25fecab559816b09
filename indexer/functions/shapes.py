"""The shape in which special functions see a record: its fields by tag."""

from collections.abc import Mapping, Sequence

from indexer.record import Record, first

Fields = Mapping[str, Sequence[str]]
"""Tag -> bodies of its fields in record order; a control field's body is its text (see `indexer.record`)."""


def by_tag(record: Record) -> dict[str, list[str]]:
    """The fields of a record by tag."""
    fields: dict[str, list[str]] = {}
    for tag, body in record.fields:
        fields.setdefault(tag, []).append(body)
    return fields


def control(fields: Fields, tag: str) -> str:
    """Text of the first control field with this tag, or an empty string."""
    bodies = fields.get(tag)
    return bodies[0] if bodies else ""


def values(fields: Fields, tag: str, codes: str) -> list[str]:
    """Texts of all subfields of `codes` in all fields with this tag, in record order; no empty ones."""
    return [piece[1:] for body in fields.get(tag, ()) for piece in body.split("\x1f")[1:] if len(piece) > 1 and piece[0] in codes]


def coded(fields: Fields, tag: str) -> str:
    """The first $a of a tag, which holds coded data in UNIMARC (100, 105, 110); or an empty string."""
    for body in fields.get(tag, ()):
        if text := first(body, "a"):
            return text
    return ""
