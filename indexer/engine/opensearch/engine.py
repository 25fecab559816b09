"""The OpenSearch engine: the port over one collection of a cluster.

Which indexes are the live ones is asked now and then, and again when they are gone: a rebuilt collection takes their place under
the same alias. An engine belongs to the event loop of its first call.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, TypeVar

from cql.plan import Everything, Plan, SortBy
from indexer.document import Document
from indexer.engine.opensearch.browsing import Browser, Landmarks
from indexer.engine.opensearch.cluster import Cluster, ClusterSettings, TooManyWords, Unreachable
from indexer.engine.opensearch.collection import Collection, Collections, confirmed_change
from indexer.engine.opensearch.facets import Facets
from indexer.engine.opensearch.inspection import OpenSearchInspection, inspect_collection
from indexer.engine.opensearch.layout import Layout
from indexer.engine.opensearch.lookup import Lookups
from indexer.engine.opensearch.places import has_masks, is_expressible
from indexer.engine.opensearch.searching import Searcher
from indexer.engine.opensearch.translate import Look, Translator, not_looked_up, placed_parts
from indexer.engine.opensearch.writing import Session, patiently
from indexer.engine.port import (
    Deletion,
    EngineError,
    EngineUnavailable,
    ExtractField,
    FacetCount,
    Fetched,
    Hit,
    Leftover,
    Page,
    QueryTooExpensive,
    Readiness,
    ScanPage,
    Window,
)
from indexer.schema import CollectionSchema

PATIENCE_S = 30.0
"""Seconds for which what is written is sent again while OpenSearch is overloaded or without one of its nodes."""

LOOK_AGAIN_S = 5.0
"""Seconds before it is asked again which collection is the live one; an old one that could not be removed would go on answering."""

_Answer = TypeVar("_Answer")


class OpenSearchEngine:
    """One collection. Implements `indexer.engine.port.RebuiltEngine`.

    `extract_field` reads the words of a text field out of a stored record; without it, the few searches that must look into
    records are refused. `beside` writes into a new collection that `switch` puts in the place of the live one.
    """

    def __init__(
        self, cluster: ClusterSettings, schema: CollectionSchema, *, writable: bool = False, extract_field: ExtractField | None = None,
        beside: bool = False, patience_s: float = PATIENCE_S,
    ) -> None:  # fmt: skip
        self._cluster = Cluster(cluster)
        self._schema = schema
        self._collections = Collections(self._cluster, schema)
        self._writable = writable or beside
        self._beside = beside
        self._patience_s = patience_s
        self._built: Collection | None = None
        self._live: Collection | None = None
        self._look_again_at = 0.0
        self._session: Session | None = None
        # The writer was told a change number of an existing collection, or made one: a new one would lack what went before.
        self._goes_on = False
        self._writing = asyncio.Lock()
        self._searcher = Searcher(self._cluster)
        self._lookups = Lookups(self._cluster, extract_field)
        self._landmarks: dict[str, Landmarks] = {}
        self._closed = False

    # -- reading --------------------------------------------------------------------------------------

    async def search(self, plan: Plan, window: Window, sort: Sequence[SortBy] = (), stored: Sequence[str] = ("marcxml",)) -> Page:
        """See `Engine.search`."""

        async def search(collection: Collection, look: Look) -> Page:
            return await self._searcher.page(collection, look, plan, window, sort, stored)

        return await self._planned(plan, search, Page(0, ()))

    async def count(self, plan: Plan) -> int:
        """See `Engine.count`."""
        return (await self.search(plan, Window(1, 0))).total

    async def scan(self, fields: Sequence[str], list_: Literal["words", "values"], start: str, before: int, count: int) -> ScanPage:
        """See `Engine.scan`."""

        async def scan(collection: Collection) -> ScanPage:
            landmarks = self._landmarks.setdefault(collection.index, Landmarks())
            return await Browser(self._cluster, collection, landmarks, fields, list_).page(start, before, count)

        return await self._within(scan, ScanPage((), True, True))

    async def facets(self, plan: Plan, fields: Sequence[str], size: int) -> dict[str, list[FacetCount]]:
        """See `Engine.facets`."""

        async def count(collection: Collection, look: Look) -> dict[str, list[FacetCount]]:
            query = Translator(collection.layout, look).query(plan)
            return await Facets(self._cluster, collection).count(query, fields, size)

        return await self._planned(plan, count, {field: [] for field in fields})

    async def spelled(self, plan: Plan) -> str:
        """See `Engine.spelled`."""

        async def spell(collection: Collection, look: Look) -> str:
            return json.dumps(Translator(collection.layout, look).query(plan), ensure_ascii=False, indent=1)

        return await self._planned(plan, spell, "")

    async def get(self, record_id: str, stored: Sequence[str] = ("marcxml",)) -> Hit | None:
        """See `Engine.get`."""
        return await self._within(lambda collection: self._searcher.get(collection, record_id, stored), None)

    async def fetch(self, record_ids: Sequence[str], stored: Sequence[str] = ("marcxml",)) -> Fetched:
        """See `Engine.fetch`."""

        async def fetch(collection: Collection) -> Fetched:
            change = await confirmed_change(self._cluster, collection)  # first, so that the documents are at least as new
            return Fetched(change or 0, await self._searcher.fetch(collection, record_ids, stored))

        return await self._within(fetch, Fetched(0, {})) if record_ids else Fetched(0, {})

    async def ready(self) -> Readiness:
        """See `Engine.ready`."""

        async def state(collection: Collection) -> Readiness:
            count = await self.count(Everything())
            change = await confirmed_change(self._cluster, collection)
            same = collection.layout.schema.version == self._schema.version
            detail = "" if same else "The collection was made with another field table; run `hylla reindex`."
            return Readiness(True, count, change or 0, detail)

        try:
            return await self._within(state, Readiness(True, 0, 0, "Nothing has been indexed yet."))
        except EngineError as error:
            return Readiness(False, 0, 0, str(error))

    async def confirmed(self) -> int:
        """See `Engine.confirmed`."""
        if self._beside:
            return 0 if self._built is None else await confirmed_change(self._cluster, self._built) or 0

        async def change(collection: Collection) -> int:
            self._goes_on = True
            return await confirmed_change(self._cluster, collection) or 0

        self._goes_on = False
        return await self._within(change, 0)

    async def inspect(self) -> OpenSearchInspection:
        """See `Engine.inspect`; of an engine opened `beside`, the new collection."""
        if self._built is not None:
            return await inspect_collection(self._cluster, self._built, self._schema.version)
        self._check_open()
        self._live = await self._collections.live()
        return await inspect_collection(self._cluster, self._live, self._schema.version)

    # -- writing --------------------------------------------------------------------------------------

    async def write(self, batch: Sequence[Document | Deletion]) -> None:
        """See `Engine.write`. What is written after a failure belongs to a new session, from the last commit on."""
        async with self._writing:
            await self._in_session(lambda session: session.write(batch))

    async def commit(self, change: int) -> Mapping[str, str]:
        """See `Engine.commit`."""
        async with self._writing:
            refused = await self._in_session(lambda session: self._commit(session, change))
            self._searcher.cursors.clear()
        return refused

    async def _commit(self, session: Session, change: int) -> dict[str, str]:
        """Commits. What went into an index that is no longer the live one, or that OpenSearch made anew by itself, counts for nothing."""
        refused = await session.commit(change)
        if not self._beside and not await patiently(lambda: self._collections.is_live(session.collection), self._patience_s):
            raise self._gone()
        return refused

    def _gone(self) -> EngineError:
        return EngineError(f"The collection {self._schema.name} was removed from OpenSearch while it was being written; start again.")

    async def switch(self) -> None:
        """See `RebuiltEngine.switch`."""
        async with self._writing:
            self._check_open()
            if self._built is None or await confirmed_change(self._cluster, self._built) is None:
                raise EngineError(f"There is no finished collection of {self._schema.name} to switch to.")
            if self._session is not None:
                await self._session.settle()
            await self._end()
            await self._collections.make_live(self._built)
            self._live, self._built, self._beside = self._built, None, False

    async def remove_leftovers(self) -> list[Leftover]:
        """See `Engine.remove_leftovers`. That no rebuild is under way is known to the caller only."""
        self._check_open()
        return await self._collections.remove_others(await self._collections.live())

    async def close(self) -> None:
        """See `Engine.close`. What was written and not committed may become visible with the next commit."""
        if self._closed:
            return
        self._closed = True
        if self._session is not None:
            await self._session.settle()
        await self._end()
        await self._cluster.close()

    async def _in_session(self, work: Callable[[Session], Awaitable[_Answer]]) -> _Answer:
        session = await self._begin()
        try:
            return await work(session)
        except EngineError:
            await self._end()
            raise

    async def _begin(self) -> Session:
        """The session that goes on, or a new one when another collection has become the live one since the last commit."""
        self._check_open()
        if not self._writable:
            raise EngineError(f"The collection {self._schema.name} was opened for reading only.")
        if self._session is not None and not self._session.checked and not self._beside:
            live = await patiently(self._collections.live, self._patience_s)
            if live is None or live.index != self._session.collection.index:
                await self._end()
            else:
                self._session.checked = True
        if self._session is None:
            collection, is_new = await self._target()
            if collection.layout.signature != Layout(self._schema).signature:
                raise EngineError(f"The collection {self._schema.name} was made with another field table; run `hylla reindex`.")
            self._session = Session(self._cluster, collection, is_empty=is_new, patience_s=self._patience_s)
        return self._session

    async def _target(self) -> tuple[Collection, bool]:
        """The collection to write in, and whether it has just been made."""
        if self._beside:
            is_new = self._built is None
            self._built = self._built or await self._collections.create(live=False)
            return self._built, is_new
        live = await self._collections.live()
        if live is None and self._goes_on:
            raise self._gone()
        self._live = live or await self._collections.create(live=True)
        self._goes_on = True
        return self._live, live is None

    async def _end(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.abandon()

    # -- finding the collection -----------------------------------------------------------------------

    async def _planned(self, plan: Plan, work: Callable[[Collection, Look], Awaitable[_Answer]], empty: _Answer) -> _Answer:
        """Works with a plan; what OpenSearch cannot say, or finds too much, is looked up before."""
        placed = placed_parts(plan)

        async def try_(collection: Collection) -> _Answer:
            unsaid = [part for part in placed if not is_expressible(part)]
            look = await self._lookups.look(collection, unsaid) if unsaid else not_looked_up
            try:
                return await work(collection, look)
            except TooManyWords:
                masked = [part for part in placed if has_masks(part)]
                if not masked:
                    raise
                return await work(collection, await self._lookups.look(collection, masked))

        return await self._within(try_, empty)

    async def _within(self, work: Callable[[Collection], Awaitable[_Answer]], empty: _Answer) -> _Answer:
        """Works in the live collection; once more when that has changed meanwhile. `empty`: the answer while there is none."""
        self._check_open()
        asked = await self._current()
        if asked is None:
            return empty
        try:
            return await work(asked)
        except (QueryTooExpensive, Unreachable):
            raise
        except EngineError:
            self._live = await self._collections.live()
            if self._live is None:
                return empty
            if self._live.index == asked.index:
                raise
        self._landmarks.pop(asked.index, None)
        return await work(self._live)

    async def _current(self) -> Collection | None:
        """The collection that is the live one, or was a moment ago."""
        known = self._live
        if known is not None and time.monotonic() < self._look_again_at:
            return known
        self._look_again_at = time.monotonic() + LOOK_AGAIN_S  # by this request only; the others go on with what is known
        if known is None or not await self._collections.is_live(known):
            self._live = await self._collections.live()
        return self._live

    def _check_open(self) -> None:
        if self._closed:
            raise EngineUnavailable(f"The collection {self._schema.name} has been closed.")
