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
from indexer.marc.id_list import listed_ids
from indexer.marc.identity import id_hash, identify
from indexer.marc.iso2709 import decode
from indexer.marc.marcjson import decode_json, json_records
from indexer.marc.outcomes import BadRecord
from indexer.marc.profile import SourceProfile
from indexer.marc.sources import Source, opened
from indexer.record import Kind

_PLAIN = re.compile(rb" *([!-%'-~](?:[ -%'-~]{0,200}[!-%'-~])?) *\x1e")
"""A control number that needs no decoding: printable ASCII, and no "&" that may start a character reference."""

_HOLDINGS = frozenset({b"u", b"v", b"x", b"y"})
_UNIMARC_AUTHORITIES = frozenset({b"x", b"y", b"z"})

_XML_CHUNK = 1 << 20
_XML_OVERLAP = 4096
_XML_TOKEN = re.compile(
    rb"<(?:[\w.-]+:)?(?:(record|leader)(?:\s[^>]*>|/?>)([^<]{0,24})|controlfield\s[^>]*?tag\s*=\s*[\"']001[\"'][^>]*>([^<]*)<)"
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the first pass saw. `ids[ordinal - 1]` is a hash of kind (leader/06) and record id, or 0 when the id is not known.

    Records of different kinds have different hashes: they are kept apart, so the same number in both is not the same record.

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
    with opened(path, or_ids=profile.ids_of is not None) as source:
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
        case "ids":
            return _of_ids(source, profile)


def _of_iso2709(source: Source, profile: SourceProfile) -> Iterator[int]:
    name = f"{profile.name}:" if profile.name else ""
    prefixes = {letter: f"{_kind(letter, profile)[0]}{name}".encode() for letter in (bytes([code]) for code in range(256))}
    plain = _PLAIN.match
    for _, raw, fault in frames(source.stream, profile.max_record_bytes):
        base = int(raw[12:17]) if raw[24:27] == b"001" and raw[31:36] == b"00000" and raw[12:17].isdigit() else 0
        match = plain(raw, base) if base and raw[base - 1 : base] == b"\x1e" else None
        if match:
            yield int.from_bytes(blake2b(prefixes[raw[6:7]] + match[1], digest_size=8).digest(), "big") or 1
        else:
            yield 0 if fault else _decoded(raw, profile)


def _decoded(raw: bytes, profile: SourceProfile) -> int:
    try:
        return _hash(identify(decode(raw, profile), profile).record_id, raw[6:7], profile)
    except BadRecord:
        return 0


def _kind(record_type: bytes, profile: SourceProfile) -> Kind:
    """The kind of a record from leader/06, as `classify` finds it."""
    if profile.format == "unimarc":
        return "authority" if record_type in _UNIMARC_AUTHORITIES else "bibliographic"
    return "authority" if record_type == b"z" else "holdings" if record_type in _HOLDINGS else "bibliographic"


def _hash(record_id: str, record_type: bytes, profile: SourceProfile) -> int:
    return id_hash(record_id, _kind(record_type, profile))


def _of_marcxml(source: Source, profile: SourceProfile) -> Iterator[int]:
    """A record counts from its first leader or 001 on; elements that only wrap records have neither."""
    current: int | None = None
    record_type = b""
    for name, content in _xml_tokens(source.stream):
        if name == b"record":
            if current is not None:
                yield current
            current, record_type = None, b""
        elif name:
            current, record_type = current or 0, content[6:7]
        elif not current:
            current = _hash_of(content, record_type, profile)
    if current is not None:
        yield current


def _xml_tokens(stream: ByteStream) -> Iterator[tuple[bytes, bytes]]:
    """(b"record", b""), (b"leader", its text) and (b"", text of 001), in the order of the file, found without an XML parser."""
    buffer = b""
    while True:
        chunk = stream.read(_XML_CHUNK)
        buffer += chunk
        certain = len(buffer) - _XML_OVERLAP if chunk else len(buffer)
        seen = 0
        for token in _XML_TOKEN.finditer(buffer):
            if token.start() >= certain:
                break
            yield token[1] or b"", token[2] or token[3] or b""
            seen = token.end()
        if not chunk:
            return
        buffer = buffer[max(seen, certain, 0) :]


def _hash_of(number: bytes, record_type: bytes, profile: SourceProfile) -> int:
    text, _ = clean_text(html.unescape(number.decode("utf-8", "replace")))
    text = text.strip()
    if not text:
        return 0
    return _hash(f"{profile.name}:{text}" if profile.name else text, record_type, profile)


def _of_json(source: Source, profile: SourceProfile) -> Iterator[int]:
    for _, _, content in json_records(source.stream, profile.max_record_bytes):
        try:
            if isinstance(content, BadRecord):
                yield 0
                continue
            record = decode_json(content, profile)
            yield _hash(identify(record, profile).record_id, record.leader[6:7].encode("ascii", "replace"), profile)
        except BadRecord:
            yield 0


def _of_ids(source: Source, profile: SourceProfile) -> Iterator[int]:
    for _, _, content in listed_ids(source.stream, profile):
        try:
            yield 0 if isinstance(content, BadRecord) else id_hash(identify(content, profile).record_id, content.kind)
        except BadRecord:
            yield 0
