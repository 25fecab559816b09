"""Documents as lines of a bulk request, and what is kept of them as hits.

A document is replaced by whatever has the same or a higher change number, so a request that is sent again, or late, never
brings back an older state.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import orjson

from indexer.document import Document
from indexer.engine.opensearch.layout import BOUNDARY, LIVE, VARIANT, Layout
from indexer.engine.port import Deletion, Hit, Kept
from indexer.record import Format

LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
"""What a number field holds."""

UNSEARCHABLE = "suppressed"
"""How a document is hidden that should be found and cannot be taken in as it is."""

_LONGEST_ID = 512
_SEPARATOR = "\x1f"
_BINARY = "\ue000"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BETWEEN = f" {BOUNDARY} "
_BETWEEN_VARIANTS = f" {VARIANT} "


def document_id(record_id: str) -> str:
    """The id under which OpenSearch keeps a record: its own, or a hash where OpenSearch would refuse it as too long."""
    if len(record_id) <= _LONGEST_ID // 4 or len(record_id.encode(errors="replace")) <= _LONGEST_ID:
        return record_id
    return f"\x01{hashlib.sha256(record_id.encode(errors='replace')).hexdigest()}"


class DocumentLines:
    """Writes documents of one layout."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._texts = {name: f"t_{name}" for name in layout.texts}
        self._keys = {name: f"k_{name}" for name in layout.keyed}
        self._numbers = {name: f"n_{name}" for name in layout.numbers}
        self._sorts = {name: f"s_{name}" for name in layout.sorts}

    def lines(self, index: str, one: Document | Deletion) -> bytes:
        """What a bulk request says about one document. Raises: TypeError when a text is not valid Unicode."""
        action = {"_index": index, "_id": document_id(one.id), "version": one.change, "version_type": "external_gte"}
        if isinstance(one, Deletion):
            return orjson.dumps({"delete": action}) + b"\n"
        return b"%b\n%b\n" % (orjson.dumps({"index": action}), orjson.dumps(self.fields(one)))

    def fields(self, document: Document) -> dict[str, Any]:
        """Field -> value or values. Parts of fields that the layout does not have are left out."""
        stamp = (document.datestamp - _EPOCH) // _MICROSECOND
        fields: dict[str, Any] = {
            "id": document.id,
            "head": _SEPARATOR.join((document.format, document.hidden, str(stamp), document.id)),
            "stored": {name: _text_of(value) for name, value in document.stored.items()},
        }
        if document.hidden:
            fields["hidden"] = document.hidden
            return fields
        fields["live"] = LIVE
        self._add_text(document, fields)
        for name, keys in document.keys.items():
            if keys and name in self._keys:
                fields[self._keys[name]] = keys
        for name, numbers in document.numbers.items():
            if numbers and name in self._numbers:
                fields[self._numbers[name]] = [min(max(number, LOWEST), HIGHEST) for number in numbers]
        for name, key in document.sorts.items():
            if name in self._sorts:
                fields[self._sorts[name]] = key
        return fields

    def _add_text(self, document: Document, fields: dict[str, Any]) -> None:
        texts, variants = self._texts, document.variants
        for name, occurrences in document.text.items():
            if occurrences and name in texts:
                fields[texts[name]] = f"{BOUNDARY} {_BETWEEN.join(occurrences)} {BOUNDARY}"
        for name, forms in variants.items():
            if forms and name in texts:
                written = fields.get(texts[name], "")
                fields[texts[name]] = f"{written} {VARIANT} {_BETWEEN_VARIANTS.join(forms)} {VARIANT}"


def hidden_lines(lines: bytes) -> bytes:
    """A document that searches do not find in the place of one that OpenSearch refused, both as lines of a bulk request."""
    action, written = map(orjson.loads, lines.split(b"\n", 1))
    format_, hidden, stamp, record_id = written["head"].split(_SEPARATOR, 3)
    hidden = hidden or UNSEARCHABLE
    head = _SEPARATOR.join((format_, hidden, stamp, record_id))
    kept = {"id": written["id"], "head": head, "hidden": hidden, "stored": written["stored"]}
    return b"%b\n%b\n" % (orjson.dumps(action), orjson.dumps(kept))


def _text_of(value: bytes) -> str:
    """Ready bytes as text; bytes that are no text are spelled."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return _BINARY + b64encode(value).decode()
    return _BINARY + b64encode(value).decode() if text.startswith(_BINARY) else text


def _bytes_of(text: str) -> bytes:
    return b64decode(text[len(_BINARY) :]) if text.startswith(_BINARY) else text.encode()


def stored_fields(wanted: Iterable[str]) -> list[str]:
    """Names of the stored fields that a search must ask for."""
    return ["head", *(f"stored.{name}" for name in wanted)]


def read_hit(found: Mapping[str, Any], wanted: Sequence[str], ranked: bool = False) -> Hit:
    """The hit of one element of an answer. `ranked`: it has a score."""
    fields = found["fields"]
    format_, _, stamp, record_id = fields["head"][0].split(_SEPARATOR, 3)
    score = (found.get("_score") or 0.0) if ranked else 0.0
    return Hit(record_id, cast(Format, format_), _EPOCH + int(stamp) * _MICROSECOND, _stored(fields, wanted), score)


def read_kept(found: Mapping[str, Any], wanted: Sequence[str]) -> Kept:
    """Everything that is kept of one element of an answer, hidden or not."""
    fields = found["fields"]
    format_, hidden, stamp, record_id = fields["head"][0].split(_SEPARATOR, 3)
    return Kept(record_id, cast(Format, format_), hidden, _EPOCH + int(stamp) * _MICROSECOND, _stored(fields, wanted))


def is_hidden(found: Mapping[str, Any]) -> bool:
    """Whether an element of an answer is a hidden document."""
    return bool(found["fields"]["head"][0].split(_SEPARATOR, 3)[1])


def _stored(fields: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, bytes]:
    return {name: _bytes_of(fields[place][0]) for name in wanted if (place := f"stored.{name}") in fields}
