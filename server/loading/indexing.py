"""From stored records to documents in the engine, with the confirmed change number as the only memory."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from indexer.document import Document
from indexer.engine.port import Engine
from indexer.extract import Extractor
from indexer.marc import to_marcxml, unpack
from indexer.record import Kind, Record
from server.db import records
from server.loading.authority_links import names_of, records_naming, see_from

log = logging.getLogger(__name__)

CATCH_UP_ROWS = 1000
COMMIT_DOCUMENTS = 50_000
COMMIT_SECONDS = 30.0

Searchable = Literal["biblios", "authorities"]


@dataclass(frozen=True, slots=True)
class ToIndex:
    """A stored record with the facts of its row that the document carries."""

    record: Record
    record_id: str
    source: str
    control_number: str
    control_org: str
    change: int
    datestamp: Any
    hidden: str
    sets: tuple[str, ...] = ()


def hidden_state(*, deleted: bool, suppressed: bool) -> str:
    """`Document.hidden` of a row."""
    return "deleted" if deleted else "suppressed" if suppressed else ""


def make_document(extractor: Extractor, one: ToIndex, variants: Mapping[str, Sequence[str]]) -> Document:
    """The complete document of one record, ready record XML included. A tombstone has no search fields.

    `variants`: authority id -> see-from headings (`server.loading.authority_links`).
    """
    document = extractor.document(
        one.record,
        record_id=one.record_id,
        change=one.change,
        datestamp=one.datestamp,
        hidden=one.hidden,
        control_number=one.control_number,
        control_org=one.control_org,
        source=one.source,
        see_from=variants,
    )
    if one.hidden != "deleted":
        document.stored = {"marcxml": to_marcxml(one.record)}
    document.sets = list(one.sets)
    return document


def from_row(store: Searchable, row: records.StoredRecord) -> ToIndex:
    """A row of a store, unpacked."""
    kind: Kind = "authority" if store == "authorities" else "bibliographic"
    return ToIndex(
        unpack(row.raw, row.stored_format, row.format, kind),
        row.record_id,
        row.source,
        row.control_number,
        row.control_org,
        row.change,
        row.datestamp,
        hidden_state(deleted=row.deleted, suppressed=row.suppressed),
        row.sets,
    )


class Indexing:
    """Feeds one collection. Only for the holder of the store's index lock, or for one that is built beside the live one.

    `indexed` counts the documents handed over. `authorities_changed` collects the names of authority records that came by.
    """

    def __init__(self, store: Searchable, engine: Engine, extractor: Extractor, pool: Any) -> None:
        self.store = store
        self.engine = engine
        self.indexed = 0
        self.authorities_changed: dict[str, None] = {}
        self._extractor = extractor
        self._pool = pool
        self._written = 0
        self._pending = 0
        self._last_commit = time.monotonic()
        self._links = False

    async def start(self) -> None:
        """Reads where the engine stands, and indexes what was stored but never confirmed."""
        self._written = await self.engine.confirmed()
        await self.catch_up()

    @property
    def written(self) -> int:
        """Change number up to which everything was handed over."""
        return self._written

    async def catch_up(self, source: Any = None, on_batch: Callable[[int], None] | None = None) -> int:
        """Indexes every stored change after what was handed over, and commits. Returns the number of documents.

        `source`: the connection to read the rows from, the pool when not given. `on_batch` gets the size of each batch.
        """
        count = 0
        while rows := await records.changes_after(source or self._pool, self.store, self._written, CATCH_UP_ROWS):
            changes = await asyncio.to_thread(lambda rows: [from_row(self.store, row) for row in rows], rows)
            await self._hand_over(changes)
            count += len(changes)
            if on_batch is not None:
                on_batch(len(changes))
        await self.commit()
        return count

    async def take(self, before: int, changes: Sequence[ToIndex]) -> None:
        """Indexes changes just stored. When other writers' changes lie between, everything missing comes from the store."""
        if not changes:
            return
        if before != self._written:
            await self.catch_up()
            return
        await self._hand_over(changes)

    async def _hand_over(self, changes: Sequence[ToIndex]) -> None:
        variants = await self._variants(changes)
        documents = await asyncio.to_thread(lambda: [make_document(self._extractor, one, variants) for one in changes])
        await self.engine.write(documents)
        self._written = changes[-1].change
        self._pending += len(documents)
        self.indexed += len(documents)
        if self.store == "authorities":
            for one in changes:
                self.authorities_changed.update(dict.fromkeys(names_of(one.record_id, one.control_number, one.control_org)))
        if self._pending >= COMMIT_DOCUMENTS or time.monotonic() - self._last_commit > COMMIT_SECONDS:
            await self.commit()

    async def _variants(self, changes: Sequence[ToIndex]) -> dict[str, list[str]]:
        """See-from headings of all authorities that these records name; nothing is asked while there is no authority."""
        if self.store != "biblios":
            return {}
        if not self._links:
            self._links = await records.any_authority(self._pool)
            if not self._links:
                return {}
        ids = await asyncio.to_thread(lambda: {name for one in changes for name in self._extractor.authority_ids(one.record)})
        if not ids:
            return {}
        async with self._pool.acquire() as connection:
            return await see_from(connection, ids)

    async def commit(self) -> None:
        """Makes everything handed over visible and confirmed."""
        if self._pending:
            await self.engine.commit(self._written)
            log.info("%s: %d documents confirmed up to change %d", self.store, self._pending, self._written)
        self._pending = 0
        self._last_commit = time.monotonic()


async def follow_authorities(pool: Any, biblios: Indexing, authorities: Indexing) -> int:
    """Indexes the bibliographic records again that name an authority which came by in this run. Returns their number."""
    names = list(authorities.authorities_changed)
    if not names:
        return 0
    affected = await records_naming(biblios.engine, names)
    for at in range(0, len(affected), CATCH_UP_ROWS):
        async with pool.acquire() as connection:
            await records.requeue(connection, "biblios", affected[at : at + CATCH_UP_ROWS])
    authorities.authorities_changed.clear()
    return await biblios.catch_up()
