"""The load itself: read, store, index, three steps that overlap.

Reading and decoding run in a thread that fills a short queue of blocks (`reading`); storing waits for PostgreSQL; indexing waits
for the engine. Each step takes the blocks in order, so change numbers grow with the order of the files.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from server.db import records
from server.db.stamping import stamped
from server.loading.documents import Searchable, ToIndex
from server.loading.indexing import Indexing
from server.loading.preparing import Prepared
from server.loading.reading import QUEUE_BLOCKS, Block

STORING_ORDER: tuple[records.Store, ...] = ("holdings", "authorities", "biblios")
"""What others are joined with comes first, so that it is there when they are indexed."""

INDEXING_ORDER: tuple[Searchable, ...] = ("authorities", "biblios")


class Watch(Protocol):
    """Is told how a load goes on."""

    def begin(self, what: str, expected: int | None) -> None:
        """A step begins; `expected`: number of records it will take, when it is known."""
        ...

    def advance(self, count: int) -> None:
        """So many records more are done."""
        ...


class Blocks(Protocol):
    """What a load takes records from: a `Reading`, or somebody else who has prepared them."""

    async def next(self) -> Block | None:
        """The next block, or None at the end."""
        ...


class _Changes(NamedTuple):
    """What one block changed in one store; `before` is the change number before the first."""

    store: Searchable
    before: int
    changes: list[ToIndex]


_Queue = asyncio.Queue[list[_Changes] | None]


async def catch_up(indexings: Mapping[Searchable, Indexing], watch: Watch) -> None:
    """Indexes what was stored before and never confirmed. Raises: CannotStart, EngineError."""
    for store in INDEXING_ORDER:
        if store in indexings:
            waiting = await indexings[store].waiting()
            if waiting:
                watch.begin(f"Indexing what was stored in {store} before", waiting)
            await indexings[store].start(watch.advance)


class Loader:
    """One load. `indexings`: of the collections whose index lock is ours; what belongs to others is stored only.

    `lead_s`: seconds by which datestamps lie ahead (`server.db.stamping`).
    """

    def __init__(self, pool: Any, indexings: Mapping[Searchable, Indexing], watch: Watch, lead_s: int = 0) -> None:
        self._pool = pool
        self._indexings = indexings
        self._watch = watch
        self._lead_s = lead_s

    async def run(self, reading: Blocks, expected: int | None = None) -> None:
        """Stores and indexes every block; returns when all is confirmed by the engine.

        Raises: what the first step that failed raised; the others are stopped.
        """
        await catch_up(self._indexings, self._watch)
        self._watch.begin("Loading", expected)
        queue: _Queue = asyncio.Queue(maxsize=QUEUE_BLOCKS)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._store_all(reading, queue))
                group.create_task(self._index_all(queue))
        except BaseExceptionGroup as failed:
            raise failed.exceptions[0] from None
        self._watch.begin("Finishing the index", None)
        for store in INDEXING_ORDER:
            if store in self._indexings:
                await self._indexings[store].catch_up(on_batch=self._watch.advance, up_to=await records.last_change(self._pool, store))

    async def _store_all(self, reading: Blocks, queue: _Queue) -> None:
        while (block := await reading.next()) is not None:
            changes = []
            for store in STORING_ORDER:
                own = _last_of_each([one for one in block.prepared if one.store == store])
                if own:
                    before, to_index = await self._store(store, own)
                    if store != "holdings" and store in self._indexings:
                        changes.append(_Changes(store, before, to_index))
            await queue.put(changes)
            self._watch.advance(block.seen)
        await queue.put(None)

    async def _store(self, store: records.Store, own: Sequence[Prepared]) -> tuple[int, list[ToIndex]]:
        batch = [one.incoming for one in own]
        async with self._pool.acquire() as connection:

            async def write(stamp: datetime) -> records.Stored:
                if store == "holdings":
                    return await records.store_holdings(connection, batch, stamp)
                return await records.store_batch(connection, store, batch, stamp)

            stored = await stamped(connection, store, self._lead_s, write)
        changed = {change.place: change for change in stored.changes}
        for place, one in enumerate(own):
            one.file.count(changed[place].sort if place in changed else "superseded" if one.incoming.only_if_new else "unchanged")
        return stored.before, [own[place].to_index(change) for place, change in changed.items()]

    async def _index_all(self, queue: _Queue) -> None:
        while (block := await queue.get()) is not None:
            for store, before, changes in block:
                await self._indexings[store].take(before, changes)


def _last_of_each(prepared: Sequence[Prepared]) -> list[Prepared]:
    """One record per id, the last one; the others count as superseded (standard input has no first pass)."""
    last = {one.incoming.record_id: one for one in prepared}
    for one in prepared:
        if last[one.incoming.record_id] is not one:
            one.file.count("superseded")
    return list(last.values())
