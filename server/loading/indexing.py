"""From stored records to documents in the engine, with the confirmed change number as the only memory."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from indexer.engine.port import Engine, PreparingEngine, ReadyBatch
from indexer.extract import Extractor
from server.db import records
from server.db.sets import Membership, put_into_sets
from server.db.stamping import stamped
from server.errors import CannotStart
from server.loading.authority_links import names_of, records_naming, see_from
from server.loading.documents import NO_LINKS, Links, Packed, Searchable, ToIndex, from_row
from server.loading.making import Maker, Part, ThreadMaker
from server.settings import PROGRAM

log = logging.getLogger(__name__)

CATCH_UP_ROWS = 1000
COMMIT_DOCUMENTS = 100_000
COMMIT_SECONDS = 120.0
"""Time after which a slow load commits, however little it has; a commit leaves a small segment behind, which has to be merged."""

AHEAD = 2
"""Batches that are made and wait for the engine, which stands still for seconds while it writes a segment or commits."""


class Indexing:
    """Feeds one collection. Only for the holder of the store's index lock, or for one that is built beside the live one.

    While the engine takes batches in or commits, the next documents are made. `indexed` counts the documents handed over, `failed`
    has the ids of records of which no complete document could be made, `refused` those that the engine did not take in, with its
    reasons. `authorities_changed` collects the names of authority
    records that came by, until the records that name them are queued (`queue_followers_in`) or somebody else takes care of them.
    """

    def __init__(
        self,
        store: Searchable,
        engine: Engine,
        extractor: Extractor,
        pool: Any,
        *,
        maker: Maker | None = None,
        commit_every: int = COMMIT_DOCUMENTS,
        lead_s: int = 0,
        sets_touch: bool = True,
    ) -> None:
        self.store = store
        self.engine = engine
        self.indexed = 0
        self.failed: list[str] = []
        self.refused: dict[str, str] = {}
        self.authorities_changed: dict[str, None] = {}
        self._maker = maker or ThreadMaker(extractor)
        self._pool = pool
        self._commit_every = commit_every
        self._lead_s = lead_s
        self._sets_touch = sets_touch
        self._written = 0
        self._pending = 0
        self._writing: deque[asyncio.Task[None]] = deque()
        self._last_commit = time.monotonic()
        self._has_authorities = self._has_holdings = False
        self._biblios: Indexing | None = None
        self._biblios_written = 0
        self._is_open = False

    @property
    def written(self) -> int:
        """Change number up to which everything was handed over."""
        return self._written

    def queue_followers_in(self, biblios: "Indexing") -> None:
        """Before authorities are confirmed here, the bibliographic records that name them are queued to be indexed again there."""
        self._biblios = biblios

    async def open(self) -> None:
        """Reads where the engine stands, once.

        Raises: CannotStart when the engine has confirmed more than the store has.
        """
        if self._is_open:
            return
        confirmed = await self.engine.confirmed()
        last = await records.last_change(self._pool, self.store)
        if confirmed > last:
            raise CannotStart(
                f"The index of {self.store} has confirmed change {confirmed}, but the database has only {last}: it was made from "
                f"another database, or this one was put back to an earlier state. Run `{PROGRAM} reindex --database {self.store}`."
            )
        self._written = confirmed
        self._is_open = True

    async def waiting(self) -> int:
        """Number of stored changes that the engine has not confirmed. Raises: as `open`."""
        await self.open()
        return await records.count_after(self._pool, self.store, self._written)

    async def start(self, on_batch: Callable[[int], None] | None = None) -> int:
        """Opens, and indexes what was stored but never confirmed. Returns the number of documents. Raises: as `open`."""
        if self._biblios is not None:
            await self._biblios.open()
        await self.open()
        return await self.catch_up(on_batch=on_batch, up_to=await records.last_change(self._pool, self.store))

    async def catch_up(self, source: Any = None, on_batch: Callable[[int], None] | None = None, up_to: int | None = None) -> int:
        """Indexes every stored change after what was handed over, and commits. Returns the number of documents.

        `source`: the connection to read the rows from, the pool when not given. `on_batch` gets the size of each batch. `up_to`:
        change number that is enough, so that somebody who goes on storing does not keep us for ever; None: until there is none.
        """
        count = await self._read(source or self._pool, on_batch, up_to)
        await self.commit()
        return count

    async def _read(self, source: Any, on_batch: Callable[[int], None] | None, up_to: int | None) -> int:
        count = 0
        while up_to is None or self._written < up_to:
            rows = await records.changes_after(source, self.store, self._written, CATCH_UP_ROWS)
            if not rows:
                break
            await self._hand_over([from_row(self.store, row) for row in rows])
            count += len(rows)
            if on_batch is not None:
                on_batch(len(rows))
        return count

    async def take(self, before: int, changes: Sequence[ToIndex]) -> None:
        """Indexes changes just stored. When other writers' changes lie between, everything missing comes from the store."""
        if not changes or changes[-1].change <= self._written:
            return
        if before == self._written:
            await self._hand_over(changes)
        else:
            await self._read(self._pool, None, changes[-1].change)

    async def _hand_over(self, changes: Sequence[ToIndex]) -> None:
        parts, failed, memberships = await self._maker.documents(changes, await self._links(changes))
        if memberships:
            await self._put_into_sets(memberships)
        await self._until_written(AHEAD - 1)
        self._after_others(lambda: self._write(parts))
        self._written = changes[-1].change
        self._pending += len(changes)
        self.indexed += len(changes)
        self.failed += failed
        if self.store == "authorities":
            for one in changes:
                self.authorities_changed.update(dict.fromkeys(names_of(one.record_id, one.control_number, one.control_org)))
            if self._biblios is not None:
                self._biblios_written = self._biblios.written
        if self._pending >= self._commit_every or time.monotonic() - self._last_commit > COMMIT_SECONDS:
            await self._commit_soon()

    async def _put_into_sets(self, memberships: Sequence[Membership]) -> None:
        """Before the batch can be confirmed, so that a crash forgets no membership."""
        async with self._pool.acquire() as connection:
            touch = self._sets_touch
            await stamped(
                connection, "biblios", self._lead_s, lambda stamp: put_into_sets(connection, memberships, stamp if touch else None)
            )

    def _after_others(self, work: Callable[[], Awaitable[None]]) -> None:
        """Starts a piece of work for the engine that begins when all before it are done, and never when one of them failed."""
        before = self._writing[-1] if self._writing else None

        async def in_turn() -> None:
            if before is not None:
                await asyncio.shield(before)
            await work()

        self._writing.append(asyncio.create_task(in_turn()))

    async def _write(self, parts: Sequence[Part]) -> None:
        for part in parts:
            if isinstance(part, ReadyBatch):
                await cast("PreparingEngine", self.engine).write_ready(part)
            else:
                await self.engine.write(part)

    async def _until_written(self, left: int = 0) -> None:
        """Waits until at most `left` pieces of work wait for the engine, and raises what it raised."""
        while len(self._writing) > left:
            await self._writing[0]
            self._writing.popleft()

    async def _links(self, changes: Sequence[ToIndex]) -> Links:
        """What other records add to these. Nothing is asked while there is no authority and no holdings record."""
        if self.store != "biblios":
            return NO_LINKS
        self._has_authorities = self._has_authorities or await records.any_live(self._pool, "authorities")
        self._has_holdings = self._has_holdings or await records.any_live(self._pool, "holdings")
        names = await self._maker.authority_ids(changes) if self._has_authorities else ()
        parents = [one.record_id for one in changes] if self._has_holdings else ()
        if not names and not parents:
            return NO_LINKS
        async with self._pool.acquire() as connection:
            return await links_of(connection, names, parents)

    async def commit(self) -> None:
        """Makes everything handed over visible and confirmed."""
        await self._commit_soon()
        await self._until_written()

    async def _commit_soon(self) -> None:
        """Has everything handed over committed, as soon as the engine has taken it in."""
        if self._pending:
            if self._biblios is not None and self.authorities_changed:
                await self._until_written()
                await self._queue_followers(self._biblios)
            count, change = self._pending, self._written
            self._after_others(lambda: self._confirm(count, change))
        self._pending = 0
        self._last_commit = time.monotonic()

    async def _confirm(self, count: int, change: int) -> None:
        self.refused.update(await self.engine.commit(change))
        log.info("%s: %d documents confirmed up to change %d", self.store, count, change)

    async def _queue_followers(self, biblios: "Indexing") -> None:
        """Queues the bibliographic records that name an authority of this run and were indexed before it came by."""
        names = list(self.authorities_changed)
        self.authorities_changed.clear()
        if not self._biblios_written:
            return
        await biblios.commit()  # what was handed over must be found
        affected = await records_naming(biblios.engine, names)
        for at in range(0, len(affected), CATCH_UP_ROWS):
            async with self._pool.acquire() as connection:
                await records.requeue(connection, "biblios", affected[at : at + CATCH_UP_ROWS], up_to=self._biblios_written)

    async def abandon(self) -> None:
        """Waits for what the engine is taking in; nothing of it counts. For a load that failed or was stopped."""
        for writing in self._writing:
            writing.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)
        self._writing.clear()


async def links_of(connection: Any, names: Sequence[str] | set[str], parents: Sequence[str]) -> Links:
    """What authority records with these ids, and holdings records of these bibliographic records, add to documents."""
    variants = await see_from(connection, names) if names else {}
    holdings = await records.holdings_of(connection, parents) if parents else {}
    packed = {
        parent: [Packed(raw, stored_format, form, "holdings") for form, stored_format, raw in rows] for parent, rows in holdings.items()
    }
    return Links(variants, packed)
