"""What a hit needs besides its place in the order: the two stored fields `head` and `stored` of an index document.

`head` is text: record id, format, kind of hiding, datestamp in microseconds since 1970 and the names of the stored bytes,
separated by U+001F; `stored` has the bytes in the same order. Two fields are enough for any set of names.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from indexer.document import Document
from indexer.engine.port import Hit, Kept
from indexer.record import Format

_SEPARATOR = "\x1f"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def head_of(document: Document) -> str:
    """The field `head` of a document."""
    stamp = (document.datestamp - _EPOCH) // _MICROSECOND
    return _SEPARATOR.join((document.id, document.format, document.hidden, str(stamp), *document.stored))


def read_hit(found: Any, wanted: Sequence[str], score: float = 0.0) -> Hit | None:
    """The hit of a fetched tantivy document; None when it is hidden."""
    record_id, format_, hidden, stamp, *names = found.get_first("head").split(_SEPARATOR)
    if hidden:
        return None
    stored: dict[str, bytes] = {}
    if wanted:
        values = found.get_all("stored")
        stored = {name: value for name, value in zip(names, values, strict=True) if name in wanted}
    return Hit(record_id, cast(Format, format_), _EPOCH + int(stamp) * _MICROSECOND, stored, score)


def read_kept(found: Any, wanted: Sequence[str]) -> Kept:
    """Everything that is kept of a fetched tantivy document, hidden or not."""
    record_id, format_, hidden, stamp, *names = found.get_first("head").split(_SEPARATOR)
    stored = {name: value for name, value in zip(names, found.get_all("stored"), strict=True) if name in wanted}
    return Kept(record_id, cast(Format, format_), hidden, _EPOCH + int(stamp) * _MICROSECOND, stored)
