"""One rebuild, from the empty index to the switch. The package's docstring says in which order and under which locks."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from indexer.engine.port import Engine, EngineError, EngineUnavailable, Inspection, RebuiltEngine
from indexer.extract import Extractor
from server.db import records
from server.db.rebuilding import take_turn, unchanging
from server.loading.authority_links import records_naming
from server.loading.documents import Searchable
from server.loading.indexing import CATCH_UP_ROWS, Indexing
from server.loading.making import Maker
from server.reindexing.sampling import documents_of, kept_otherwise, some_records
from server.settings import PROGRAM

log = logging.getLogger(__name__)

SAMPLE = 100
LOOK_AGAIN_S = 0.5
AT_A_TIME = 500


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
    stored while it was built. `sampled`: records compared one by one. `unmade`: records that are hidden in it because no
    complete document could be made of them. `queued`: bibliographic records that wait to be indexed again, because they name
    authorities whose last change they may not know.
    """

    store: Searchable
    counts: dict[str, int]
    change: int
    replayed: int
    sampled: int
    unmade: int = 0
    queued: int = 0


class Rebuild:
    """Fills `built` from the record store, compares, and puts it in the place of `live`. Five connections of the pool are needed.

    `biblios`: the bibliographic index in use, for a rebuild of authorities. `known`: number up to which it knows the changes of
    authorities, however far the authority index was. What neither has taken in would be followed by nobody once the new index
    has confirmed it, so records that name such authorities are queued to be indexed again.
    """

    def __init__(
        self,
        pool: Any,
        store: Searchable,
        live: Engine,
        built: RebuiltEngine,
        extractor: Extractor,
        watch: Watch,
        *,
        maker: Maker | None = None,
        biblios: Engine | None = None,
        known: int = 0,
        sample: int = SAMPLE,
    ) -> None:
        self._pool, self._store, self._live, self._built, self._extractor = pool, store, live, built, extractor
        self._watch, self._biblios, self._followed, self._sample = watch, biblios, known, sample
        self._indexing = Indexing(store, built, extractor, pool, maker=maker)

    async def run(self) -> Rebuilt:
        """Does it. Raises: EngineUnavailable when somebody else rebuilds it; EngineError when the comparison or the engine fails."""
        async with self._pool.acquire() as connection:
            if not await take_turn(connection, self._store):
                raise EngineUnavailable(f"The index of {self._store} is being rebuilt by another process; try again when it is done.")
            self._followed = max(self._followed, await self._confirmed())
            try:
                self._watch.begin(f"Building {self._store}", sum((await records.counts(connection, self._store)).values()))
                filled = await self._indexing.catch_up(connection, self._advance)
                self._watch.begin(f"Replaying what was stored in {self._store} meanwhile", None)
                async with self._index_lock(connection):
                    done = await self._finish(connection, filled)
                    await self._built.switch()
            finally:
                await self._indexing.abandon()
        log.info("%s: a new index with %d documents up to change %d is in place", self._store, sum(done.counts.values()), done.change)
        return done

    def _advance(self, count: int) -> None:
        self._watch.advance(count)
        if self._indexing.written <= self._followed:
            self._indexing.authorities_changed.clear()

    async def _confirmed(self) -> int:
        """What the index in use has confirmed; nothing when it cannot be read, which may be why it is being rebuilt."""
        try:
            return await self._live.confirmed()
        except EngineError as error:
            log.warning("the index in use cannot be read: %s", error)
            return 0

    @asynccontextmanager
    async def _index_lock(self, reading: Any) -> AsyncIterator[None]:
        """Replays again and again until the index lock is had; holds it for the block.

        A pool takes the session locks away from a connection that is given back, so nothing needs to be unlocked here.
        """
        async with self._pool.acquire() as connection:
            waiting = asyncio.ensure_future(records.lock_index(connection, self._store, wait=True))
            try:
                told = False
                while not (await asyncio.wait({waiting}, timeout=LOOK_AGAIN_S))[0]:
                    if not told:
                        self._watch.begin(f"Following another process that is indexing {self._store}; the switch waits for it", None)
                        told = True
                    async with unchanging(reading):  # so that somebody who stores faster than this cannot keep it for ever
                        await self._indexing.catch_up(reading, self._advance)
                await waiting
            finally:
                if not waiting.done():
                    waiting.cancel()
                    await asyncio.wait({waiting})
            yield

    async def _finish(self, connection: Any, filled: int) -> Rebuilt:
        """The last replay and the comparison, of one moment of the store. Raises: EngineError when anything differs."""
        async with unchanging(connection):
            last = await records.last_change(connection, self._store)
            await self._indexing.catch_up(connection, self._advance)
            self._indexing.refused.update(await self._built.commit(last))
            self._watch.begin(f"Comparing {self._store}", None)
            expected = await records.counts(connection, self._store)
            chosen = await some_records(connection, self._store, last, self._sample)
            documents = await documents_of(connection, self._store, self._extractor, chosen)
            inspection = await self._built.inspect()
            try:
                unmade = await self._unmade(connection, inspection)
                expected = expected | {"live": expected["live"] - unmade, "suppressed": expected["suppressed"] + unmade}
                counts = await inspection.counts()
                self._refuse_differences(expected, counts, await kept_otherwise(inspection, documents))
            finally:
                await inspection.close()
        queued = await self._queue_followers()
        return Rebuilt(self._store, counts, last, self._indexing.indexed - filled, len(documents), unmade, queued)

    async def _unmade(self, connection: Any, inspection: Inspection) -> int:
        """Number of records that are live in the store and hidden in the index, because their document could not be made."""
        failed = sorted({*self._indexing.failed, *self._indexing.refused})
        count = 0
        for at in range(0, len(failed), AT_A_TIME):
            for kept in await inspection.find(failed[at : at + AT_A_TIME]):
                row = await records.get_record(connection, self._store, kept.id)
                count += kept.hidden == "suppressed" and row is not None and not (row.deleted or row.suppressed)
        return count

    def _refuse_differences(self, expected: dict[str, int], counts: dict[str, int], differing: dict[str, str]) -> None:
        wrong = [state for state, count in expected.items() if counts[state] != count]
        problems = [f"{expected[state]} {state} records in the store, {counts[state]} in the index" for state in wrong]
        problems += [f"record {record_id} {what}" for record_id, what in list(differing.items())[:3]]
        if problems:
            raise EngineError(
                f"The new index of {self._store} was not put in place, because it differs from the store: {'; '.join(problems)}. "
                f"The index in use is as it was; `{PROGRAM} cleanup` removes the new one."
            )

    async def _queue_followers(self) -> int:
        """Queues the bibliographic records that name authorities of which nobody else would tell them. Returns their number."""
        names = list(self._indexing.authorities_changed)
        if self._biblios is None or not names:
            return 0
        try:
            affected = await records_naming(self._biblios, names)
        except EngineError as error:
            log.warning("biblios may not have the last changes of authorities before it is built anew: %s", error)
            return 0
        await self._requeue(affected)
        return len(affected)

    async def _requeue(self, ids: Sequence[str]) -> None:
        for at in range(0, len(ids), CATCH_UP_ROWS):
            async with self._pool.acquire() as connection:
                await records.requeue(connection, "biblios", ids[at : at + CATCH_UP_ROWS])
