"""Looks into one committed state of a collection, hidden documents included: for comparisons with the record store.

Ids are looked up as a set (4 us a document when they come in the order of storage); they are listed by reading document after
document, because tantivy-py cannot walk its dictionaries step by step.
"""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from tantivy import DocAddress, Query, Schema, Searcher

from indexer.engine.embedded.complaints import told_in_words
from indexer.engine.embedded.folder import META, Folder, confirmed_change, open_index, read_layout
from indexer.engine.embedded.stored import read_kept
from indexer.engine.port import EngineError, EngineUnavailable, Kept

AT_A_TIME = 500
_TRIES = 50
_PAUSE_S = 0.05


class EmbeddedInspection:
    """Implements `indexer.engine.port.Inspection`. `index` None: a collection that does not exist yet.

    `stored_count`: number of documents in the files, deleted ones included. The state stays readable when the index is
    written or removed, because its files are open.
    """

    def __init__(self, index: tuple[Searcher, Schema] | None, change: int, version: str, stored_count: int) -> None:
        self.change = change
        self.version = version
        self._index = index
        self._stored_count = stored_count
        self._closed = False

    async def counts(self) -> dict[str, int]:
        """See `Inspection.counts`."""
        return await asyncio.to_thread(self._counts)

    async def find(self, ids: Sequence[str], stored: Sequence[str] = ()) -> list[Kept]:
        """See `Inspection.find`."""
        return await asyncio.to_thread(self._find, ids, stored)

    async def ids(self) -> AsyncIterator[list[str]]:
        """See `Inspection.ids`. Raises: EngineError when the documents cannot be read."""
        walk = self._walk()
        while batch := await asyncio.to_thread(lambda: list(islice(walk, AT_A_TIME))):
            yield batch

    async def close(self) -> None:
        """See `Inspection.close`."""
        self._closed = True
        self._index = None

    def _counts(self) -> dict[str, int]:
        index = self._open()
        if index is None:
            return {"live": 0, "suppressed": 0, "deleted": 0}
        searcher, schema = index
        with told_in_words():
            suppressed, deleted = (_count(searcher, Query.term_query(schema, "hidden", kind)) for kind in ("suppressed", "deleted"))
            return {"live": int(searcher.num_docs) - suppressed - deleted, "suppressed": suppressed, "deleted": deleted}

    def _find(self, ids: Sequence[str], stored: Sequence[str]) -> list[Kept]:
        index = self._open()
        if index is None or not ids:
            return []
        searcher, schema = index
        with told_in_words():
            query = Query.term_set_query(schema, "id", list(ids))
            hits = searcher.search(query, max(_count(searcher, query), 1), count=False).hits
            return [read_kept(searcher.doc(address), stored) for _, address in hits]

    def _walk(self) -> Iterator[str]:
        """Ids of all documents in the files. tantivy tells no more of the end of a segment than that a document is not there."""
        index = self._open()
        read = 0
        for segment in range(0 if index is None else index[0].num_segments):
            number = 0
            while (record_id := self._id_at(segment, number)) is not None:
                yield record_id
                number += 1
            read += number
        if read != self._stored_count:
            raise EngineError(f"Only {read} of {self._stored_count} documents of the index could be read; run `hylla reindex`.")

    def _id_at(self, segment: int, number: int) -> str | None:
        index = self._open()
        try:
            return None if index is None else read_kept(index[0].doc(DocAddress(segment, number)), ()).id
        except (ValueError, OSError):
            return None

    def _open(self) -> tuple[Searcher, Schema] | None:
        if self._closed:
            raise EngineUnavailable("This look into the index has been ended.")
        return self._index


def _count(searcher: Searcher, query: Query) -> int:
    found: Any = searcher.search(Query.const_score_query(query, 1.0), 1)
    return int(found.count)


def inspect_collection(folder: Folder, built: Path | None, version: str) -> EmbeddedInspection:
    """The newest committed state of the live index, or of the one that is being `built`.

    `version`: of the field table in force, for a collection that does not exist yet. Raises: EngineError when it is damaged.
    """
    for _ in range(_TRIES):
        path = built or folder.current()
        if path is None:
            return EmbeddedInspection(None, 0, version, 0)
        try:
            if (found := _inspect(path)) is not None:
                return found
        except FileNotFoundError as error:
            # A rebuilt index may have taken its place between two steps; then the new one is looked at.
            if built is not None or folder.current() == path:
                raise EngineError(f"The index in {path} cannot be read ({error}); run `hylla reindex`.") from None
        time.sleep(_PAUSE_S)
    raise EngineUnavailable(f"The index {folder.root.name} is being changed all the time; try again later.")


def _inspect(path: Path) -> EmbeddedInspection | None:
    """The state on disk, or None when it changed while it was read."""
    mark = os.stat(path / META)
    layout, index = read_layout(path), open_index(path)
    with told_in_words():
        index.reload()
        searcher = index.searcher()
    try:
        stored_count = sum(segment["max_doc"] for segment in json.loads((path / META).read_bytes())["segments"])
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(f"The index in {path} cannot be read ({error}); run `hylla reindex`.") from None
    change = confirmed_change(path)
    after = os.stat(path / META)
    if (mark.st_mtime_ns, mark.st_ino) != (after.st_mtime_ns, after.st_ino):
        return None
    return EmbeddedInspection((searcher, index.schema), change, layout.schema.version, stored_count)
