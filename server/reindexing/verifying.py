"""Whether an index has what the record store has: counts, every id, and some records word by word.

The index is looked at in one committed state, the store in one unchanging view that is not older. Records whose last change
is not confirmed by that state are waiting, which is no fault while somebody is indexing.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from indexer.document import Document
from indexer.engine.port import Engine, Inspection, Kept
from indexer.extract import Extractor
from indexer.schema import CollectionSchema
from server.db import records
from server.db.rebuilding import RecordState, is_being_indexed, known_ids, states_after, unchanging
from server.loading.documents import Searchable
from server.reindexing.sampling import documents_of, kept_otherwise, some_records
from server.reindexing.words import fields_missing

AT_A_TIME = 500
EXAMPLES = 10
STAMP = "%Y-%m-%dT%H:%M:%SZ"
State = Literal["live", "suppressed", "deleted"]
STATES: tuple[State, ...] = ("live", "suppressed", "deleted")


@dataclass(slots=True)
class Found:
    """Records with the same fault: how many, and the first few of them in words."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str) -> None:
        """One more."""
        self.count += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(example)


@dataclass(slots=True)
class Verified:
    """What a comparison found.

    `in_store`, `in_index`: source -> records by state. `waiting`: records whose last change the index has not confirmed;
    `is_being_indexed`: somebody is at it. `ahead`: the index has confirmed more changes than the store has given out.
    `missing` in the index, `strange` to the store, `twice` in the index, `different` in state or datestamp, `unlike`: of the
    `sampled` records those with another record XML or other words.
    """

    store: Searchable
    version: str
    expected_version: str
    confirmed: int
    last_change: int
    is_being_indexed: bool = False
    in_store: dict[str, Counter[State]] = field(default_factory=dict)
    in_index: dict[str, Counter[State]] = field(default_factory=dict)
    waiting: int = 0
    document_count: int = 0
    sampled: int = 0
    missing: Found = field(default_factory=Found)
    strange: Found = field(default_factory=Found)
    twice: Found = field(default_factory=Found)
    different: Found = field(default_factory=Found)
    unlike: Found = field(default_factory=Found)

    @property
    def is_outdated(self) -> bool:
        """Whether the index was made with another field table."""
        return self.version != self.expected_version

    @property
    def is_ahead(self) -> bool:
        """Whether the index has confirmed changes that the store does not know."""
        return self.confirmed > self.last_change

    @property
    def only_waits(self) -> bool:
        """Whether nothing is wrong but that records may be waiting."""
        faults = (self.missing, self.strange, self.twice, self.different, self.unlike)
        return not (self.is_outdated or self.is_ahead or any(one.count for one in faults))

    @property
    def agrees(self) -> bool:
        """Whether nothing is wrong, and somebody is at what is waiting."""
        return self.only_waits and (not self.waiting or self.is_being_indexed)


async def verify(
    pool: Any,
    store: Searchable,
    engine: Engine,
    schema: CollectionSchema,
    extractor: Extractor,
    sample: int,
    on_records: Callable[[int], None] = lambda count: None,
) -> Verified:
    """Compares the index in use with the store. `on_records` gets the number of records of each step.

    Two connections of the pool are needed. Raises: EngineError when the index cannot be read.
    """
    busy = await is_being_indexed(pool, store)
    inspection = await engine.inspect()
    try:
        async with pool.acquire() as connection, unchanging(connection):
            last = await records.last_change(connection, store)
            found = Verified(store, inspection.version, schema.version, inspection.change, last)
            found.document_count = sum((await inspection.counts()).values())
            known = await _compare_states(connection, inspection, found, on_records)
            if known < found.document_count:
                await _find_strange(connection, inspection, found)
            chosen = await some_records(connection, store, min(last, inspection.change), sample)
            documents = await documents_of(connection, store, extractor, chosen)
        found.sampled = len(documents)
        for record_id, what in (await kept_otherwise(inspection, documents)).items():
            found.unlike.add(f"{record_id} {what}")
    finally:
        await inspection.close()
    if not found.is_outdated:
        await _compare_words(pool, engine, schema, documents, found)
    found.is_being_indexed = busy or await is_being_indexed(pool, store) or await engine.confirmed() > found.confirmed
    return found


async def _compare_states(connection: Any, inspection: Inspection, found: Verified, on_records: Callable[[int], None]) -> int:
    """Looks up every record of the store in the index. Returns the number of documents that belong to one."""
    known = change = 0
    while rows := await states_after(connection, found.store, change, AT_A_TIME):
        kept: dict[str, list[Kept]] = {}
        for document in await inspection.find([row.record_id for row in rows]):
            kept.setdefault(document.id, []).append(document)
        for row in rows:
            own = kept.get(row.record_id, [])
            known += len(own)
            found.in_store.setdefault(row.source, Counter())[_state(row)] += 1
            found.in_index.setdefault(row.source, Counter()).update(cast("State", one.hidden or "live") for one in own)
            if row.change > found.confirmed:
                found.waiting += 1
            else:
                _compare_one(row, own, found)
        change = rows[-1].change
        on_records(len(rows))
    return known


def _state(row: RecordState) -> State:
    return "deleted" if row.deleted else "suppressed" if row.suppressed else "live"


def _compare_one(row: RecordState, own: Sequence[Kept], found: Verified) -> None:
    state = _state(row)
    if not own:
        found.missing.add(f"{row.record_id} ({state})")
    elif len(own) > 1:
        found.twice.add(row.record_id)
    elif (own[0].hidden or "live") != state:
        found.different.add(f"{row.record_id} ({state} in the store, {own[0].hidden or 'live'} in the index)")
    elif own[0].datestamp != row.datestamp:
        found.different.add(f"{row.record_id} (datestamp {row.datestamp:{STAMP}}, in the index {own[0].datestamp:{STAMP}})")


async def _find_strange(connection: Any, inspection: Inspection, found: Verified) -> None:
    """Finds the documents of the index that the store does not know."""
    async for ids in inspection.ids():
        unknown = set(ids) - await known_ids(connection, found.store, ids)
        for document in await inspection.find(sorted(unknown)):
            found.strange.add(document.id)


async def _compare_words(pool: Any, engine: Engine, schema: CollectionSchema, documents: Sequence[Document], found: Verified) -> None:
    """Asks the newest index for every word and value of the documents. A record that was changed meanwhile proves nothing."""
    for document in documents:
        missing = await fields_missing(engine, schema, document)
        if not missing:
            continue
        row = await records.get_record(pool, found.store, document.id)
        if row is not None and row.change == document.change:
            found.unlike.add(f"{document.id} is not found by its {', '.join(missing)}")
