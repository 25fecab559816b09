"""One committed state of an index, and the reader that always has the newest.

A snapshot never changes, so a search sees one state from beginning to end. Whether there is a newer one is asked before every
search by looking at one file's time and number (5 us); loading it takes a few milliseconds and happens in a thread.
"""

import json
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tantivy import DocAddress, FieldType, Index, Query, Schema, Searcher

from indexer.engine.embedded.folder import META, Folder, confirmed_change, open_index, read_layout
from indexer.engine.embedded.layout import Layout
from indexer.engine.embedded.term_reader import TermReader
from indexer.engine.port import EngineError, EngineUnavailable

HIDDEN = ["suppressed", "deleted"]
"""Values of `Document.hidden` of documents that no search finds."""

_TRIES = 5
_Mark = tuple[int, int]


def _mark(path: Path) -> _Mark:
    found = os.stat(f"{path}/{META}")  # asked before every search; joining Paths would take longer than the call
    return found.st_mtime_ns, found.st_ino


def _counted(searcher: Searcher, query: Query) -> int:
    found: Any = searcher.search(Query.const_score_query(query, 1.0), 1)
    return int(found.count)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a search works with. `has_deletions`: term frequencies count documents that are gone; `hidden`: hidden documents."""

    path: Path
    layout: Layout
    schema: Schema
    searcher: Searcher
    terms: TermReader
    hidden: int
    has_deletions: bool
    change: int
    mark: _Mark
    near: dict[Any, list[str]] = field(default_factory=dict)
    """Results of proximity searches that had to be looked up record by record, so that the next page is not dear again."""
    expressions: dict[tuple[str, str], Query] = field(default_factory=dict)
    """Regular expressions that were compiled for a field, which is dear, so that the next page has them ready."""
    complete: dict[str, bool] = field(default_factory=dict)
    """Columns of which it is known whether every live document has a value."""

    def frequency(self, name: str, term: str) -> int:
        """Number of documents with the term, deleted ones possibly included."""
        return int(self.searcher.doc_freq(name, term))

    def count(self, query: Query) -> int:
        """Exact number of documents of a query."""
        return _counted(self.searcher, query)

    def best(self, query: Query, limit: int, offset: int = 0) -> tuple[int, list[tuple[float, DocAddress]]]:
        """Exact number of documents of a query, and the `limit` best from `offset` on with their scores."""
        found: Any = self.searcher.search(query, limit, offset=offset)
        return found.count, found.hits

    @property
    def live_count(self) -> int:
        """Number of documents that searches can find."""
        return int(self.searcher.num_docs) - self.hidden

    def is_complete(self, column: str) -> bool:
        """Whether every live document has a value in a column."""
        if column not in self.complete:
            self.complete[column] = self.count(Query.exists_query(column)) == self.live_count
        return self.complete[column]

    def everything(self) -> Query:
        """Every live document."""
        if not self.hidden:
            return Query.all_query()
        hidden = Query.term_set_query(self.schema, "hidden", HIDDEN)
        return Query.all_query().and_must_not_match(hidden)

    def numbers(self, name: str, low: int | None, high: int | None) -> Query:
        """Documents with a value of a number column between two bounds, both included; None means open."""
        if low is None and high is None:
            return Query.exists_query(name)
        return Query.range_query(self.schema, name, FieldType.Integer, low, high)


class Reader:
    """Gives the newest snapshot of a collection; may be used by several threads."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._index: Index | None = None

    def fresh(self) -> Snapshot | None:
        """The snapshot at hand if nothing newer is on disk, else None; takes microseconds."""
        snapshot = self._snapshot
        if snapshot is None:
            return None
        try:
            return snapshot if snapshot.mark == _mark(snapshot.path) else None
        except FileNotFoundError:
            return None

    def load(self) -> Snapshot | None:
        """The newest snapshot, or None when nothing was ever written. Raises: EngineError."""
        with self._lock:
            if (snapshot := self.fresh()) is not None:
                return snapshot
            for _ in range(_TRIES):
                path = self._folder.current()
                if path is None:
                    return None
                try:
                    if (loaded := self._load(path)) is not None:
                        self._snapshot = loaded
                        return loaded
                except (FileNotFoundError, EngineError) as error:
                    # A rebuilt index may have taken its place between two steps; then the new one is read.
                    if self._folder.current() == path:
                        raise EngineError(f"The index in {path} cannot be read ({error}); run `hylla reindex`.") from None
            raise EngineUnavailable(f"The index {self._folder.root.name} is being changed all the time; try again later.")

    def _load(self, path: Path) -> Snapshot | None:
        """The state on disk, or None when it changed while it was read."""
        mark = _mark(path)
        old = self._snapshot
        if old is None or old.path != path or self._index is None:
            layout, terms, self._index = read_layout(path), TermReader(path), open_index(path)
        else:
            layout, terms = old.layout, old.terms
        try:
            self._index.reload()
            segments = json.loads((path / META).read_bytes())["segments"]
        except (ValueError, KeyError) as error:
            raise EngineError(str(error)) from None
        searcher, schema = self._index.searcher(), self._index.schema
        hidden = _counted(searcher, Query.term_set_query(schema, "hidden", HIDDEN))
        if _mark(path) != mark:
            return None
        has_deletions = any(segment["deletes"] for segment in segments)
        return Snapshot(path, layout, schema, searcher, terms, hidden, has_deletions, confirmed_change(path), mark)

    def close(self) -> None:
        """Gives the files back; a later `load` opens them again."""
        with self._lock:
            if self._snapshot is not None:
                self._snapshot.terms.close()
            self._snapshot = self._index = None
