"""Taking items in: through the normal load into PostgreSQL and the index, and into memory of where they came from.

What is remembered is written after the load has stored the records, so a run that is killed in between repeats a few of them, which
the load finds unchanged.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from indexer.marc import Identity, Read, Rejected, SourceProfile, unpack
from indexer.record import Kind
from server.db import harvests, records
from server.db.harvests import KnownItem, TakenItem
from server.db.records import Store, StoredRecord
from server.harvesting.items import LeftOut, is_no_newer, read_item
from server.harvesting.outcome import HarvestOutcome
from server.harvesting.reading import Item
from server.loading.outcome import Outcome, Quarantine
from server.loading.preparing import STORE_OF_KIND, Prepared, prepare
from server.loading.reading import Block
from server.source_settings import SourceSettings

log = logging.getLogger(__name__)

Load = Callable[[Sequence[Block]], Awaitable[None]]
"""Stores and indexes blocks; everything is in PostgreSQL when it returns."""

KIND_OF_STORE: dict[Store, Kind] = {store: kind for kind, store in STORE_OF_KIND.items()}  # type: ignore[misc]
MISSING_AT_A_TIME = 500
TOLD = 20
"""Records set aside that are told one by one; the others stand in the quarantine file."""


class Target(Protocol):
    """Where the items of a list go."""

    async def take(self, items: Sequence[Item], number: int, *, is_full: bool) -> None:
        """Takes items in; when it returns they are safe. `number`: of the list; `is_full`: remember that it had them."""
        ...

    async def finish(self) -> None:
        """The list is complete."""
        ...


@dataclass(slots=True)
class Tally:
    """What all lists of a command share: counts of reasons and warnings, and the place for what is set aside."""

    outcome: Outcome
    quarantine: Quarantine

    def set_aside(self, rejected: Rejected, own: HarvestOutcome) -> None:
        """Keeps a record that cannot be taken in, with the reason."""
        own.file.quarantined += 1
        self.outcome.reasons[rejected.reason] += 1
        self.quarantine.add(rejected)
        level = logging.WARNING if self.quarantine.count <= TOLD else logging.INFO
        log.log(level, "%s of %s was set aside (%s): %s", rejected.record_id, own.label, rejected.reason, rejected.detail)


@dataclass(slots=True)
class _Sorted:
    """What is to become of a batch of items."""

    prepared: list[Prepared] = field(default_factory=list)
    taken: list[TakenItem] = field(default_factory=list)
    gone: list[TakenItem] = field(default_factory=list)
    moved: list[KnownItem] = field(default_factory=list)
    live: list[str] = field(default_factory=list)


class IndexTarget:
    """Our own record store and index. `force`: take items that are no newer than what is stored, too."""

    def __init__(
        self, pool: Any, harvest_id: int, source: SourceSettings, profile: SourceProfile, load: Load, own: HarvestOutcome, tally: Tally,
        *, force: bool = False, block: int = 1000,
    ) -> None:  # fmt: skip
        self._pool = pool
        self._harvest_id = harvest_id
        self._source, self._profile = source, profile
        self._load, self._block = load, block
        self._own, self._tally = own, tally
        self._force = force

    async def take(self, items: Sequence[Item], number: int, *, is_full: bool) -> None:
        """See `Target.take`."""
        last = {item.identifier: item for item in items}
        self._own.file.superseded += len(items) - len(last)
        self._own.file.read += len(items)
        known = await harvests.known_items(self._pool, self._harvest_id, list(last))
        batch = await asyncio.to_thread(self._sort, list(last.values()), known)
        tombstones = await self._tombstones([*batch.gone, *batch.moved], {(one.store, one.record_id) for one in batch.taken})
        if self._own.is_dry:
            self._count_only(batch, known, len(tombstones))
            return
        await self._store([*tombstones, *batch.prepared])
        async with self._pool.acquire() as connection, connection.transaction():
            await harvests.remember_items(connection, self._harvest_id, [*batch.taken, *batch.gone], number)
            if is_full:
                await harvests.mark_seen(connection, self._harvest_id, batch.live, number)

    async def finish(self) -> None:
        """See `Target.finish`; everything is where it belongs already."""

    async def remove_missing(self, number: int) -> None:
        """Makes tombstones of what the list with this number did not have."""
        while missing := await harvests.missing_items(self._pool, self._harvest_id, number, MISSING_AT_A_TIME):
            await self._store(await self._tombstones(missing, set()))
            await harvests.mark_deleted(self._pool, self._harvest_id, [one.identifier for one in missing])

    def _sort(self, items: Sequence[Item], known: dict[str, KnownItem]) -> _Sorted:
        batch = _Sorted()
        first = self._own.file.read - len(items) + 1
        for ordinal, item in enumerate(items, first):
            before = known.get(item.identifier)
            if not item.deleted:
                batch.live.append(item.identifier)
            if before is not None and is_no_newer(item, before) and not self._force:
                self._own.file.skipped += 1
            elif not item.deleted:
                self._take_live(item, ordinal, before, batch)
            elif before is None or before.deleted:
                self._own.file.skipped += 1
            else:
                batch.gone.append(TakenItem(item.identifier, before.store, before.record_id, item.datestamp, deleted=True))
        return batch

    def _take_live(self, item: Item, ordinal: int, before: KnownItem | None, batch: _Sorted) -> None:
        found = read_item(item, ordinal, self._own.label, self._source, self._profile)
        match found:
            case Rejected():
                self._tally.set_aside(found, self._own)
            case LeftOut(why):
                self._own.file.skipped += 1
                log.info("%s of %s is left out: %s", item.identifier, self._own.label, why)
            case Read():
                try:
                    prepared = prepare(found, self._profile, delete=False, superseded=False, file=self._own.file)
                except Exception as error:
                    log.debug("a record cannot be packed", exc_info=error)
                    detail = f"The record was read, but cannot be stored ({type(error).__name__}: {error})."
                    self._tally.set_aside(
                        Rejected(self._own.label, ordinal, -1, item.identifier, "unexpected", detail, found.raw), self._own
                    )
                    return
                self._note(item, prepared, before, batch)

    def _note(self, item: Item, prepared: Prepared, before: KnownItem | None, batch: _Sorted) -> None:
        """A record that goes into the store; one that it was before under another number is to go."""
        if prepared.record.warnings:
            self._own.file.warned += 1
            self._tally.outcome.warnings.update(prepared.record.warnings)
        batch.prepared.append(prepared)
        altered = self._source.xslt is not None or item.is_repaired
        record_id = prepared.incoming.record_id
        batch.taken.append(
            TakenItem(item.identifier, prepared.store, record_id, item.datestamp, deleted=False, altered=altered, about=item.provenance)
        )
        if before is not None and not before.deleted and (before.store, before.record_id) != (prepared.store, record_id):
            batch.moved.append(before)

    async def _tombstones(self, items: Sequence[KnownItem], live: set[tuple[str, str]]) -> list[Prepared]:
        """Deletions of the records of these items, except of those that still come from somewhere."""
        if not items:
            return []
        kept = live | await harvests.kept_by_others(self._pool, self._harvest_id, items)
        wanted = {(one.store, one.record_id): None for one in items if (one.store, one.record_id) not in kept}
        found = [(store, await records.get_record(self._pool, store, record_id)) for store, record_id in wanted]
        rows = [(store, row) for store, row in found if row is not None and not row.deleted]
        self._own.file.skipped += len(items) - len(rows)
        return [self._tombstone(store, row) for store, row in rows]

    def _tombstone(self, store: Store, row: StoredRecord) -> Prepared:
        record = unpack(row.raw, row.stored_format, row.format, KIND_OF_STORE[store])
        read = Read(record, Identity(row.record_id, row.control_number, row.control_org), 0, -1, b"")
        return prepare(read, replace(self._profile, name=row.source), delete=True, superseded=False, file=self._own.file)

    async def _store(self, prepared: Sequence[Prepared]) -> None:
        blocks = [Block(list(prepared[at : at + self._block]), self._block) for at in range(0, len(prepared), self._block)]
        if blocks:
            await self._load(blocks)

    def _count_only(self, batch: _Sorted, known: dict[str, KnownItem], deletions: int) -> None:
        """What a dry run says would happen; whether a record differs from the stored one is not looked at."""
        file = self._own.file
        updates = sum(1 for one in batch.taken if one.identifier in known and not known[one.identifier].deleted)
        file.updated += updates
        file.new += len(batch.taken) - updates
        file.deleted += deletions
