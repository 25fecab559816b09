"""A cheap first pass over a file: how many records, and which ids occur more than once."""

import html
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from indexer.marc.charsets import clean_text
from indexer.marc.framing import ByteStream, frames
from indexer.marc.identity import id_hash, identify
from indexer.marc.iso2709 import decode
from indexer.marc.marcjson import decode_json, json_records
from indexer.marc.outcomes import BadRecord
from indexer.marc.profile import SourceProfile
from indexer.marc.sources import Source, opened

_PLAIN = re.compile(rb" *([!-%'-~](?:[ -%'-~]*[!-%'-~])?) *\x1e")
"""A control number that needs no decoding: printable ASCII, and no "&" that may start a character reference."""

_XML_CHUNK = 1 << 20
_XML_OVERLAP = 4096
_XML_TOKEN = re.compile(rb"<(?:[\w.-]+:)?(?:(record|leader)[\s/>]|controlfield\s[^>]*?tag\s*=\s*[\"']001[\"'][^>]*>([^<]*)<)")


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first pass saw. `ids[ordinal - 1]` is the hash of the record id (`id_hash`), or 0 when it is not known.

    The pass does not decode records, so a hash may belong to a record that is rejected or skipped when it is read. With
    `merge_same_id`, the parts after the first have 0.
    """

    record_count: int
    ids: "array[int]"


def preview(path: Path, profile: SourceProfile) -> Preview:
    """Counts the records of a file and hashes their ids, without decoding what need not be decoded.

    Ordinals are exactly those of `read_file` for ISO 2709; for MARCXML and MARC-in-JSON a broken file may give others.
    Raises: UnusableSource as `read_file` does.
    """
    ids = array("Q")
    with opened(path) as source:
        last = 0
        for hashed in _hashes(source, profile):
            ids.append(0 if profile.merge_same_id and hashed == last else hashed)
            last = hashed or last
    return Preview(len(ids), ids)


def _hashes(source: Source, profile: SourceProfile) -> Iterator[int]:
    match source.kind:
        case "iso2709":
            return _of_iso2709(source, profile)
        case "marcxml":
            return _of_marcxml(source, profile)
        case "json":
            return _of_json(source, profile)


def _of_iso2709(source: Source, profile: SourceProfile) -> Iterator[int]:
    prefix = f"{profile.name}:".encode() if profile.name else b""
    plain = _PLAIN.match
    for _, raw, fault in frames(source.stream, profile.max_record_bytes):
        match = plain(raw, int(raw[12:17])) if raw[24:27] == b"001" and raw[31:36] == b"00000" and raw[12:17].isdigit() else None
        if match:
            yield int.from_bytes(blake2b(prefix + match[1], digest_size=8).digest(), "big") or 1
        else:
            yield 0 if fault else _decoded(raw, profile)


def _decoded(raw: bytes, profile: SourceProfile) -> int:
    try:
        return id_hash(identify(decode(raw, profile), profile).record_id)
    except BadRecord:
        return 0


def _of_marcxml(source: Source, profile: SourceProfile) -> Iterator[int]:
    """A record counts from its first leader or 001 on; elements that only wrap records have neither."""
    current: int | None = None
    for name, number in _xml_tokens(source.stream):
        if name == b"record":
            if current is not None:
                yield current
            current = None
        elif name:
            current = current or 0
        elif not current:
            current = _hash_of(number, profile)
    if current is not None:
        yield current


def _xml_tokens(stream: ByteStream) -> Iterator[tuple[bytes, bytes]]:
    """(b"record" or b"leader", b"") for their start tags and (b"", text) for each 001, found without an XML parser."""
    buffer = b""
    while True:
        chunk = stream.read(_XML_CHUNK)
        buffer += chunk
        certain = len(buffer) - _XML_OVERLAP if chunk else len(buffer)
        seen = 0
        for token in _XML_TOKEN.finditer(buffer):
            if token.start() >= certain:
                break
            yield token[1] or b"", token[2] or b""
            seen = token.end()
        if not chunk:
            return
        buffer = buffer[max(seen, certain, 0) :]


def _hash_of(number: bytes, profile: SourceProfile) -> int:
    text, _ = clean_text(html.unescape(number.decode("utf-8", "replace")))
    text = text.strip()
    if not text:
        return 0
    return id_hash(f"{profile.name}:{text}" if profile.name else text)


def _of_json(source: Source, profile: SourceProfile) -> Iterator[int]:
    for _, _, content in json_records(source.stream, profile.max_record_bytes):
        try:
            yield 0 if isinstance(content, BadRecord) else id_hash(identify(decode_json(content, profile), profile).record_id)
        except BadRecord:
            yield 0
