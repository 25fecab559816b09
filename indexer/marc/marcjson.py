"""MARC-in-JSON, written and read: an array of records, one record per line, or records one after another.

Source: indexing.md 1.3 and Ross Singer's MARC-in-JSON, as pymarc, ruby-marc and marc4j write it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from indexer.marc.framing import CHUNK_BYTES, KEPT_OF_TOO_LARGE, ByteStream
from indexer.marc.outcomes import BadRecord, Warned
from indexer.marc.profile import SourceProfile
from indexer.marc.tidying import assembled, warn
from indexer.record import SUBFIELD, Record, is_control, subfields

_BETWEEN = re.compile(rb"(?:[\s,\[\]\x1e\x00]|\xef\xbb\xbf)*")
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}]', re.DOTALL)
_RECORD = re.compile(rb'\{\s*"(?:leader|fields)"')
_DELIMITERS = re.compile("[\x1d-\x1f]")


_BROKEN_OFF = BadRecord("json", "The JSON breaks off in the middle of a record.")
_TOO_LARGE = BadRecord("too-large", "No end of the record was found within the limit of the source.")


class JsonRecord(NamedTuple):
    """The bytes of one JSON object, and the object or what is wrong with it."""

    offset: int
    raw: bytes
    content: dict[str, Any] | BadRecord


def to_json(record: Record) -> dict[str, Any]:
    """The record as MARC-in-JSON: {"leader": ..., "fields": [{"001": ...}, {"245": {"ind1", "ind2", "subfields": [{"a": ...}]}}]}."""
    fields: list[dict[str, Any]] = []
    for tag, body in record.fields:
        if is_control(tag, body):
            fields.append({tag: body})
        else:
            parts = [{code: text} for code, text in subfields(body)]
            fields.append({tag: {"ind1": body[:1], "ind2": body[1:2], "subfields": parts}})
    return {"leader": record.leader, "fields": fields}


def decode_json(content: dict[str, Any], profile: SourceProfile) -> Record:
    """The record in one MARC-in-JSON object, classified. What has no tag or code is left out with a warning.

    Raises: BadRecord ("json" when it is no MARC-in-JSON, "no-fields").
    """
    warnings: list[Warned] = []
    listed = content.get("fields")
    if not isinstance(listed, list):
        raise BadRecord("json", 'The object has no list of "fields"; it is not MARC-in-JSON.')
    fields: list[tuple[str, str]] = []
    for entry in listed:
        if not isinstance(entry, dict) or not entry:
            warn(warnings, "element")
            continue
        for tag, value in entry.items():
            if isinstance(value, dict):
                fields.append((tag, _data_body(value, warnings)))
            elif tag:
                fields.append((tag, _text(value)))
            else:
                warn(warnings, "element")
    return assembled(_text(content.get("leader")), fields, warnings, profile)


def _data_body(value: dict[str, Any], warnings: list[Warned]) -> str:
    """Indicators and subfields in MARC's own spelling."""
    parts = [(_text(value.get("ind1")) or " ")[:1] + (_text(value.get("ind2")) or " ")[:1]]
    listed = value.get("subfields")
    for subfield in listed if isinstance(listed, list) else []:
        if not isinstance(subfield, dict):
            warn(warnings, "element")
            continue
        for code, text in subfield.items():
            if code:
                parts.append(code[0] + _text(text))
            else:
                warn(warnings, "element")
    return SUBFIELD.join(parts)


def _text(value: object) -> str:
    """The value as text without MARC's delimiters, which JSON could smuggle in; nothing for null and for structures."""
    if isinstance(value, str):
        return _DELIMITERS.sub("", value)
    return str(value) if isinstance(value, int | float) else ""


def json_records(stream: ByteStream, max_record_bytes: int) -> Iterator[JsonRecord]:
    """Every object of the stream in order. After an object that is broken the next record is looked for.

    Memory: one chunk and one record.
    """
    buffer, before, position, at_end = b"", 0, 0, False
    while True:
        match = _BETWEEN.match(buffer, position)
        start = match.end() if match else position
        end = _value_end(buffer, start)
        if end:
            found = _loaded(buffer[start:end], before + start, max_record_bytes)
            yield found
            position = end
        elif at_end and start == len(buffer):
            return
        elif at_end or len(buffer) - start > max_record_bytes:
            wrong = _BROKEN_OFF if at_end else _TOO_LARGE
            yield JsonRecord(before + start, buffer[start : start + KEPT_OF_TOO_LARGE], wrong)
            position = len(buffer)
        else:
            chunk = stream.read(max(CHUNK_BYTES, len(buffer) - start))
            at_end = not chunk
            buffer, before, position = buffer[start:] + chunk, before + start, 0


def _value_end(buffer: bytes, start: int) -> int:
    """Where the value that starts here ends, or 0 when that is not seen.

    An object ends at its brace, anything else with its line; and everything ends where another record starts, because
    `{"leader"` cannot stand inside a sound record (in a string its quotes would be escaped).
    """
    following = _RECORD.search(buffer, start + 1)
    limit = following.start() if following else len(buffer)
    line_end = buffer.find(b"\n", start, limit)
    if buffer[start : start + 1] != b"{":
        return line_end + 1 or (limit if following else 0)
    if line_end > 0 and _is_json(buffer[start:line_end]):
        return line_end
    depth = 0
    for token in _TOKEN.finditer(buffer, start, limit):
        if token[0] == b"{":
            depth += 1
        elif token[0] == b"}":
            depth -= 1
            if not depth:
                return token.end()
    return limit if following else 0


def _is_json(line: bytes) -> bool:
    """Whether a whole line is one object, as in .jsonl."""
    if not line.rstrip().endswith(b"}"):
        return False
    try:
        orjson.loads(line)
    except ValueError:
        return False
    return True


def _loaded(raw: bytes, offset: int, max_record_bytes: int) -> JsonRecord:
    """The object in these bytes. What strict JSON forbids but happens (raw controls, lone surrogates, broken UTF-8) is let through."""
    if len(raw) > max_record_bytes:
        return JsonRecord(offset, raw[:KEPT_OF_TOO_LARGE], _TOO_LARGE)
    try:
        value = orjson.loads(raw)
    except ValueError:
        try:
            value = json.loads(raw.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError) as error:
            return JsonRecord(offset, raw, BadRecord("json", f"The JSON is broken: {error}."))
    if not isinstance(value, dict):
        return JsonRecord(offset, raw, BadRecord("json", "This is not a JSON object."))
    return JsonRecord(offset, raw, value)
