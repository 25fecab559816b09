"""The forms in which a record is kept and compared: content hash, and compressed ISO 2709 or MARCXML (indexing.md 6.6)."""

import zlib
from hashlib import blake2b
from typing import Literal

from indexer.marc.iso2709 import DoesNotFit, decode_own, to_iso2709
from indexer.marc.marcxml import to_exact_marcxml
from indexer.marc.marcxml_reader import decode_exact_marcxml
from indexer.record import Format, Kind, Record

StoredFormat = Literal["iso2709", "marcxml"]

_LEVEL = 1
"""Level 6 costs three times as much and gains one point of 47 (measured, indexing.md 6.6)."""


def content_hash(record: Record, without: str = "") -> bytes:
    """16 bytes that change when the record does: BLAKE2b over leader without lengths (0-4, 12-16) and all fields in order.

    Equal for the same record whether it came as ISO 2709, MARCXML or MARC-in-JSON. `without`: a tag whose fields do not count.
    """
    leader = record.leader
    parts = [leader[5:12], leader[17:]]
    for field in record.fields:
        if field[0] != without:
            parts += field
    return blake2b("\x1e".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def pack(record: Record) -> tuple[bytes, StoredFormat]:
    """(compressed record, what it is inside): ISO 2709, or MARCXML when the record does not fit into that."""
    try:
        return zlib.compress(to_iso2709(record), _LEVEL), "iso2709"
    except DoesNotFit:
        return zlib.compress(to_exact_marcxml(record), _LEVEL), "marcxml"


def unpack(data: bytes, stored_format: str, form: Format, kind: Kind) -> Record:
    """The record that `pack` took, with every field and subfield; its warnings are not kept."""
    content = zlib.decompress(data)
    return decode_own(content, form, kind) if stored_format == "iso2709" else decode_exact_marcxml(content, form, kind)
