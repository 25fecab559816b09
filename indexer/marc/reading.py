"""A file of records -> what becomes of each of them, one after another."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from indexer.marc.framing import frames
from indexer.marc.id_list import listed_ids
from indexer.marc.identity import identify, not_indexed
from indexer.marc.iso2709 import decode
from indexer.marc.marcjson import decode_json, json_records
from indexer.marc.marcxml_reader import xml_records
from indexer.marc.merging import merge_same_id
from indexer.marc.outcomes import BadRecord, Outcome, Read, Rejected, Skipped
from indexer.marc.profile import SourceProfile
from indexer.marc.sources import Source, Stdin, opened
from indexer.record import Record

log = logging.getLogger(__name__)

_FAULTS = {
    "truncated": BadRecord("truncated", "The file ends in the middle of the record."),
    "too-large": BadRecord("too-large", "The record is larger than the limit of the source."),
}


class _Found(NamedTuple):
    """One record of any form: where it was, its bytes, and the record or why there is none."""

    offset: int
    raw: bytes
    content: Record | BadRecord


def read_file(path: Path | Stdin, profile: SourceProfile) -> Iterator[Outcome]:
    """Every record of a file (or of standard input, "-") in order, as it was read, rejected or skipped.

    ISO 2709, MARCXML and MARC-in-JSON are told apart by content, gzip is undone. Memory does not depend on the size of
    the file. Bad content never raises. With `merge_same_id`, consecutive records of one 001 come as one, with the first ordinal.

    Raises (when the first record is asked for): UnusableSource for a file that is missing, unreadable, empty or no MARC.
    """
    with opened(path, or_ids=profile.ids_of is not None) as source:
        outcomes = _outcomes(source, str(path), profile)
        yield from merge_same_id(outcomes, str(path), profile.max_record_bytes) if profile.merge_same_id else outcomes


def _outcomes(source: Source, path: str, profile: SourceProfile) -> Iterator[Outcome]:
    ordinal = 0
    for ordinal, found in enumerate(_found(source, profile), 1):
        yield _outcome(found, path, ordinal, profile)
    if source.fault:
        yield Rejected(path, ordinal + 1, -1, "", "truncated", source.fault, b"")
    elif not ordinal:
        log.warning("there are no records in %s", path)


def _outcome(found: _Found, path: str, ordinal: int, profile: SourceProfile) -> Outcome:
    offset, raw, record = found
    if isinstance(record, BadRecord):
        return Rejected(path, ordinal, offset, _readable_id(raw, profile), record.reason, record.detail, raw)
    why = not_indexed(record)
    if why:
        return _skipped(record, path, ordinal, why, profile)
    try:
        return Read(record, identify(record, profile), ordinal, offset, raw)
    except BadRecord as bad:
        return Rejected(path, ordinal, offset, "", bad.reason, bad.detail, raw, record)


def _skipped(record: Record, path: str, ordinal: int, why: str, profile: SourceProfile) -> Skipped:
    try:
        record_id = identify(record, profile).record_id
    except BadRecord:
        record_id = ""
    log.info("skipped record %d (%s) of %s: %s", ordinal, record_id, path, why)
    return Skipped(path, ordinal, record_id, why)


def _found(source: Source, profile: SourceProfile) -> Iterator[_Found]:
    match source.kind:
        case "iso2709":
            return _of_iso2709(source, profile)
        case "marcxml":
            return _of_marcxml(source, profile)
        case "json":
            return _of_json(source, profile)
        case "ids":
            return (_Found(*found) for found in listed_ids(source.stream, profile))


def _of_iso2709(source: Source, profile: SourceProfile) -> Iterator[_Found]:
    for offset, raw, fault in frames(source.stream, profile.max_record_bytes):
        if fault:
            yield _Found(offset, raw, _FAULTS[fault])
            continue
        try:
            yield _Found(offset, raw, decode(raw, profile))
        except BadRecord as bad:
            yield _Found(offset, raw, bad)


def _of_marcxml(source: Source, profile: SourceProfile) -> Iterator[_Found]:
    for offset, raw, content in xml_records(source.stream, profile.max_record_bytes, source.encoding):
        try:
            yield _Found(offset, raw, content if isinstance(content, BadRecord) else content.record(profile))
        except BadRecord as bad:
            yield _Found(offset, raw, bad)


def _of_json(source: Source, profile: SourceProfile) -> Iterator[_Found]:
    for offset, raw, content in json_records(source.stream, profile.max_record_bytes):
        try:
            yield _Found(offset, raw, content if isinstance(content, BadRecord) else decode_json(content, profile))
        except BadRecord as bad:
            yield _Found(offset, raw, bad)


def _readable_id(raw: bytes, profile: SourceProfile) -> str:
    """The id of a rejected ISO 2709 record whose first field is 001, for the person who looks into the quarantine; else empty."""
    if raw[24:27] != b"001":
        return ""
    number = raw.partition(b"\x1e")[2].partition(b"\x1e")[0].strip()
    if not number or len(number) > 100 or not number.isascii() or not number.decode().isprintable():
        return ""
    return f"{profile.name}:{number.decode()}" if profile.name else number.decode()
