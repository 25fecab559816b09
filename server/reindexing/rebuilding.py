"""One rebuild, from the empty index to the switch. The package's docstring says in which order and under which locks."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from indexer.engine.port import Engine, EngineError, EngineUnavailable, RebuiltEngine
from indexer.extract import Extractor
from server.db import records
from server.db.rebuilding import take_turn, unchanging
from server.loading.authority_links import records_naming
from server.loading.indexing import CATCH_UP_ROWS, Indexing, Searchable
from server.reindexing.sampling import documents_of, kept_otherwise, some_records

log = logging.getLogger(__name__)

SAMPLE = 100
LOOK_AGAIN_S = 0.5


class Watch(Protocol):
    """Is told how a rebuild goes on."""

    def begin(self, what: str, expected: int | None) -> None:
        """A step begins; `expected`: number of records it will take, when it is known."""
        ...

    def advance(self, count: int) -> None:
        """So many records more are done."""
        ...


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """An index that was put in place.

    `counts`: its documents, {"live": n, "suppressed": n, "deleted": n}. `change`: the number confirmed. `replayed`: changes
    stored while it was built. `sampled`: records compared one by one. `names`: names of authorities of which the documents
    of bibliographic records may not know the last change (`queue_followers`).
    """

    store: Searchable
    counts: dict[str, int]
    change: int
    replayed: int
    sampled: int
    names: tuple[str, ...] = ()


async def rebuild(
    pool: Any,
    store: Searchable,
    live: Engine,
    built: RebuiltEngine,
    extractor: Extractor,
    watch: Watch,
    sample: int = SAMPLE,
    known: int = 0,
) -> Rebuilt:
    """Fills `built` from the record store, compares, and puts it in the place of `live`.

    `known`: number up to which the bibliographic index knows the changes of authorities, however far the authority index was;
    changes that neither has taken in are followed by nobody else once the new index has confirmed them.

    Three connections of the pool are needed. Raises: EngineUnavailable when somebody else rebuilds it; EngineError when the
    comparison fails or the engine does.
    """
    async with pool.acquire() as connection:
        if not await take_turn(connection, store):
            raise EngineUnavailable(f"The index of {store} is being rebuilt by another process; try again when it is done.")
        followed = max(known, await _confirmed(live))
        indexing = Indexing(store, built, extractor, pool)

        def advance(count: int) -> None:
            watch.advance(count)
            if indexing.written <= followed:
                indexing.authorities_changed.clear()

        watch.begin(f"Building {store}", sum((await records.counts(connection, store)).values()))
        filled = await indexing.catch_up(connection, advance)
        watch.begin(f"Replaying what was stored in {store} meanwhile", None)

        async def replay() -> int:
            async with unchanging(connection):  # so that somebody who stores faster than this cannot keep it for ever
                return await indexing.catch_up(connection, advance)

        async with _index_lock(pool, store, watch, replay):
            async with unchanging(connection):
                last = await records.last_change(connection, store)
                await indexing.catch_up(connection, advance)
                await built.commit(last)
                watch.begin(f"Comparing {store}", None)
                counts, sampled = await _compare(connection, store, built, extractor, last, sample)
            await built.switch()
        log.info("%s: a new index with %d documents up to change %d is in place", store, indexing.indexed, last)
        return Rebuilt(store, counts, last, indexing.indexed - filled, sampled, tuple(indexing.authorities_changed))


async def _confirmed(live: Engine) -> int:
    """What the index in use has confirmed; nothing when it cannot be read, which may be why it is being rebuilt."""
    try:
        return await live.confirmed()
    except EngineError as error:
        log.warning("the index in use cannot be read: %s", error)
        return 0


@asynccontextmanager
async def _index_lock(pool: Any, store: Searchable, watch: Watch, replay: Callable[[], Awaitable[int]]) -> AsyncIterator[None]:
    """Replays again and again until the index lock is had; holds it for the block.

    A pool takes the session locks away from a connection that is given back, so nothing needs to be unlocked here.
    """
    async with pool.acquire() as connection:
        waiting = asyncio.ensure_future(records.lock_index(connection, store, wait=True))
        try:
            told = False
            while not (await asyncio.wait({waiting}, timeout=LOOK_AGAIN_S))[0]:
                if not told:
                    watch.begin(f"Following another process that is indexing {store}; the switch waits for it", None)
                    told = True
                await replay()
            await waiting
        finally:
            if not waiting.done():
                waiting.cancel()
                await asyncio.wait({waiting})
        yield


async def _compare(
    connection: Any, store: Searchable, built: Engine, extractor: Extractor, last: int, sample: int
) -> tuple[dict[str, int], int]:
    """Counts of the new index, and how many records were compared one by one. Raises: EngineError when anything differs."""
    expected = await records.counts(connection, store)
    documents = await documents_of(connection, store, extractor, await some_records(connection, store, last, sample))
    inspection = await built.inspect()
    try:
        counts = await inspection.counts()
        differing = await kept_otherwise(inspection, documents)
    finally:
        await inspection.close()
    wrong = [state for state, count in expected.items() if counts[state] != count]
    problems = [f"{expected[state]} {state} records in the store, {counts[state]} in the index" for state in wrong]
    problems += [f"record {record_id} {what}" for record_id, what in list(differing.items())[:3]]
    if problems:
        raise EngineError(
            f"The new index of {store} was not put in place, because it differs from the store: {'; '.join(problems)}. "
            "The index in use is as it was; `hylla cleanup` removes the new one."
        )
    return counts, len(documents)


async def queue_followers(pool: Any, biblios: Engine, names: Sequence[str]) -> int:
    """Queues the bibliographic records that name one of these authorities to be indexed again. Returns their number.

    Their datestamps stay. Raises: EngineError when the bibliographic index cannot be asked.
    """
    affected = await records_naming(biblios, names)
    for at in range(0, len(affected), CATCH_UP_ROWS):
        async with pool.acquire() as connection:
            await records.requeue(connection, "biblios", affected[at : at + CATCH_UP_ROWS])
    return len(affected)
