"""A text file with one record id a line: records of which nothing is known but that they are to be deleted (indexing.md 4.10)."""

from collections.abc import Iterator

from indexer.marc.framing import ByteStream
from indexer.marc.outcomes import BadRecord
from indexer.marc.profile import SourceProfile
from indexer.record import Format, Record

MOST_BYTES = 1024
"""Longest line that is taken for an id; longer ones are rejected when the id is made out."""

_LEADERS = {"bibliographic": "00000dam a2200000   4500", "authority": "00000dz  a2200000   4500", "holdings": "00000dx  a2200000   4500"}
_CHUNK_BYTES = 1 << 16


def listed_ids(stream: ByteStream, profile: SourceProfile) -> Iterator[tuple[int, bytes, Record | BadRecord]]:
    """(offset, line, a deleted record with this number) for every line that is not blank."""
    kind = profile.ids_of or "bibliographic"
    for offset, line in _lines(stream):
        try:
            number = line.decode("utf-8-sig").strip()
        except UnicodeDecodeError:
            yield offset, line, BadRecord("no-id", "The line is not UTF-8 text.")
            continue
        if not number:
            continue
        if not number.isprintable() or len(line) > MOST_BYTES:
            yield offset, line, BadRecord("no-id", "The line is no record id.")
            continue
        form: Format = "unimarc" if profile.format == "unimarc" else "marc21"
        yield offset, line, Record(_LEADERS[kind], [("001", number)], form, kind)


def _lines(stream: ByteStream) -> Iterator[tuple[int, bytes]]:
    rest, offset = b"", 0
    while chunk := stream.read(_CHUNK_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield offset, line
            offset += len(line) + 1
    yield offset, rest
