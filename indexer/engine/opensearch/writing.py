"""One session of writing in one collection: documents and their new terms out, commits confirmed.

A commit makes everything visible and only then remembers the change number. OpenSearch acknowledges a document when it is in
the transaction logs of all copies on disk, so the number is never higher than what would outlive a crash; when it is lower,
what is then written again changes nothing. Documents of an unfinished commit are not seen before the next one.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import orjson

from indexer.document import Document
from indexer.engine.opensearch.bulk import Bulk, Item
from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.collection import PATIENCE_S, Collection, remember_change
from indexer.engine.opensearch.documents import UNSEARCHABLE, DocumentLines
from indexer.engine.opensearch.layout import FILLED_SETTINGS
from indexer.engine.opensearch.terms import NewTerms
from indexer.engine.port import Deletion, EngineError, EngineUnavailable

log = logging.getLogger(__name__)

LARGE = 10_000
"""Documents from which on it pays to merge a new collection."""

SEGMENT_DOCUMENTS = 1_000_000
"""Documents in one part of it; larger parts would never be merged again."""

_PAUSE_S = 0.5
_Answer = TypeVar("_Answer")


class Session:
    """Writes in one collection. `is_empty`: nothing was ever written there. `checked`: it is known to be the live one."""

    def __init__(self, cluster: Cluster, collection: Collection, *, is_empty: bool, patience_s: float) -> None:
        self.collection = collection
        self.checked = True
        self._is_empty = is_empty
        self._written = 0
        self._cluster = cluster
        self._patience_s = patience_s
        self._documents = DocumentLines(collection.layout)
        self._terms = NewTerms(collection, is_empty=is_empty)
        self._bulk = Bulk(cluster, patience_s)

    async def write(self, batch: Sequence[Document | Deletion]) -> None:
        """Hands a batch over. Raises: EngineUnavailable, EngineError, also those of earlier batches."""
        if not batch:
            return
        items, refused = await asyncio.to_thread(self._items, batch)
        for one in refused:
            self._bulk.refuse(one.id, "a text in it is not valid Unicode")
        taken = [one for one in batch if one not in refused] if refused else batch
        await self._bulk.send(items)
        self._written += len(items)
        await asyncio.to_thread(self._terms.find, taken)
        if self._terms.are_many:
            await self._send_terms()

    async def _send_terms(self) -> None:
        """Hands over the terms that are new. Until they are there, no commit makes their documents visible."""
        new = self._terms.take()
        await self._patiently(lambda: self._terms.drop_known(self._cluster, new))
        blocks = await asyncio.to_thread(self._terms.lines, new)
        await self._bulk.send([Item("", lines) for lines in blocks])

    def _items(self, batch: Sequence[Document | Deletion]) -> tuple[list[Item], list[Document | Deletion]]:
        """Lines of the documents; those that cannot be written as lines go without what is searched."""
        items: list[Item] = []
        refused: list[Document | Deletion] = []
        index = self.collection.index
        for one in batch:
            try:
                items.append(Item(one.id, self._documents.lines(index, one)))
            except TypeError:
                refused.append(one)
                if isinstance(one, Document):
                    items += self._reduced(one)
        return items, refused

    def _reduced(self, one: Document) -> list[Item]:
        """A document without search fields; none when even its id cannot be written."""
        kept = Document(one.id, one.change, one.datestamp, one.format, one.hidden or UNSEARCHABLE, stored=one.stored)
        try:
            return [Item(one.id, self._documents.lines(self.collection.index, kept), is_reduced=True)]
        except TypeError:
            return []

    async def commit(self, change: int) -> dict[str, str]:
        """Makes everything visible and remembers `change`. Gives what was refused since the last commit, with the reasons.

        Raises: EngineUnavailable, EngineError.
        """
        await self._send_terms()
        await self._bulk.drain()
        await self._patiently(self._refresh)
        await self._patiently(lambda: remember_change(self._cluster, self.collection, change))
        self.checked = False
        refused, self._bulk.refused = self._bulk.refused, {}
        return refused

    async def abandon(self) -> None:
        """Ends the session; what is under way may or may not arrive."""
        await self._bulk.abandon()

    async def settle(self) -> None:
        """After a new collection was filled: has OpenSearch merge it in the background, which makes it smaller and quicker."""
        if not self._is_empty or self._written < LARGE:
            return
        own, segments = f"{self.collection.index},{self.collection.terms}", max(self._written // SEGMENT_DOCUMENTS, 1)
        params = {"max_num_segments": str(segments), "wait_for_completion": "false"}
        try:
            await self._cluster.request("PUT", f"/{own}/_settings", orjson.dumps(FILLED_SETTINGS))
            await self._cluster.request("POST", f"/{own}/_forcemerge", params=params)
        except EngineError as error:
            log.warning("the new collection %s was not merged: %s", self.collection.index, error)

    async def _refresh(self) -> None:
        """Makes everything visible, in all shards: one that is not there would be passed over in silence."""
        own = self.collection
        answer = await self._cluster.request("POST", f"/{own.index},{own.terms}/_refresh", timeout_s=PATIENCE_S)
        if answer["_shards"]["failed"]:
            raise EngineUnavailable("OpenSearch could not make all documents visible; try again later.")
        body = orjson.dumps({"size": 0, "track_total_hits": False, "terminate_after": 1})
        await self._cluster.request("POST", f"/{own.index}/_search", body, params={"allow_partial_search_results": "false"})

    async def _patiently(self, work: Callable[[], Awaitable[_Answer]]) -> _Answer:
        return await patiently(work, self._patience_s)


async def patiently(work: Callable[[], Awaitable[_Answer]], patience_s: float) -> _Answer:
    """Tries again while a cluster is without one of its nodes, for so many seconds. Raises: what the last attempt raised."""
    end = time.monotonic() + patience_s
    while True:
        try:
            return await work()
        except EngineUnavailable:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(_PAUSE_S)
