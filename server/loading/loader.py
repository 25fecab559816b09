"""The load itself: read, store, index, three steps that overlap.

Reading and decoding run in a thread that fills a short queue of blocks; storing waits for PostgreSQL; indexing waits for the
engine. Each step takes the blocks in order, so change numbers grow with the order of the files.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import Full, Queue
from typing import Any, Literal

from indexer.functions.status import is_deleted, is_suppressed
from indexer.marc import (
    Identity,
    Read,
    Rejected,
    Skipped,
    SourceProfile,
    UnusableSource,
    content_hash,
    pack,
    preview,
    read_file,
)
from indexer.record import Record, first
from server.db import records
from server.loading.indexing import Indexing, ToIndex, follow_authorities, hidden_state
from server.loading.outcome import FileOutcome, Outcome, Quarantine

log = logging.getLogger(__name__)

BLOCK = 1000
QUEUE_BLOCKS = 2

STORE_OF_KIND: dict[str, records.Store] = {"bibliographic": "biblios", "authority": "authorities", "holdings": "holdings"}

Source = Path | Literal["-"]
Target = Literal["auto", "biblios", "authorities"]


@dataclass(slots=True)
class Prepared:
    """One record ready to be stored, and what the indexer needs of it."""

    store: records.Store
    incoming: records.Incoming
    record: Record
    identity: Identity
    file: FileOutcome


@dataclass(slots=True)
class Block:
    """Up to `BLOCK` records in the order of the files. `seen` counts everything read for it, rejected and skipped too."""

    prepared: list[Prepared] = field(default_factory=list)
    seen: int = 0


def prepare(read: Read, profile: SourceProfile, *, delete: bool, superseded: bool, file: FileOutcome) -> Prepared:
    """Packs and hashes one record and reads its status (leader/05, suppression, 999$c)."""
    record, identity = read.record, read.identity
    raw, stored_format = pack(record)
    store = STORE_OF_KIND[record.kind]
    incoming = records.Incoming(
        record_id=identity.record_id,
        source=profile.name,
        control_number=identity.control_number,
        control_org=identity.control_org,
        format=record.format,
        stored_format=stored_format,
        raw=raw,
        hash=content_hash(record),
        deleted=delete or is_deleted(record.leader, authority=store == "authorities"),
        suppressed=is_suppressed(record),
        preferred_key=_preferred_key(record) if store == "biblios" else None,
        parent_id=_parent(record, profile) if store == "holdings" else "",
        only_if_new=superseded,
    )
    return Prepared(store, incoming, record, identity, file)


def _preferred_key(record: Record) -> int | None:
    for body in record.bodies("999" if record.format == "marc21" else "090"):
        text = first(body, "c" if record.format == "marc21" else "9")
        if text.isascii() and re.fullmatch(r"[1-9][0-9]{0,9}", text):
            return int(text)
    return None


def _parent(record: Record, profile: SourceProfile) -> str:
    number = record.control("004").strip()
    if not number:
        for body in record.bodies("014"):
            number = first(body, "a").strip()
            if number:
                break
    return f"{profile.name}:{number}" if profile.name and number else number


def superseded_places(paths: Sequence[Source], profile: SourceProfile) -> tuple[set[tuple[int, int]], list[int | None]]:
    """(file number, ordinal) of every record whose id comes again later in the same load, and the record count of each file.

    Such a record is stored only where there is none yet: the later one will replace it, and a second run of the same files
    finds the later one and changes nothing.

    Standard input and files that cannot be passed twice count as unknown (None).
    """
    passes = [None if path == "-" else preview(path, profile) for path in paths]
    later: set[int] = set()
    superseded: set[tuple[int, int]] = set()
    for number in range(len(passes) - 1, -1, -1):
        one = passes[number]
        if one is None:
            continue
        for place in range(len(one.ids) - 1, -1, -1):
            value = one.ids[place]
            if value == 0:
                continue
            if value in later:
                superseded.add((number, place + 1))
            else:
                later.add(value)
    return superseded, [None if one is None else one.record_count for one in passes]


class Reading:
    """The reading thread: files in, blocks out through a queue that holds a few, so memory stays flat."""

    def __init__(
        self,
        paths: Sequence[Source],
        profile: SourceProfile,
        target: Target,
        superseded: set[tuple[int, int]],
        outcome: Outcome,
        quarantine: Quarantine,
        *,
        delete: bool,
    ) -> None:
        self._paths, self._profile, self._target, self._superseded = paths, profile, target, superseded
        self._outcome, self._quarantine, self._delete = outcome, quarantine, delete
        self._left_to_later: set[str] = set()
        self._blocks: Queue[Block | BaseException | None] = Queue(maxsize=QUEUE_BLOCKS)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reading", daemon=True)

    def __enter__(self) -> "Reading":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    async def next(self) -> Block | None:
        """The next block, or None at the end. What the thread raised is raised here."""
        got = await asyncio.to_thread(self._blocks.get)
        if isinstance(got, BaseException):
            raise got
        return got

    def _put(self, block: Block | BaseException | None) -> None:
        while not self._stop.is_set():
            try:
                self._blocks.put(block, timeout=0.2)
                return
            except Full:
                continue

    def _run(self) -> None:
        try:
            for block in self._make_blocks():
                self._put(block)
                if self._stop.is_set():
                    return
            self._put(None)
        except Exception as error:
            self._put(error)

    def _make_blocks(self) -> Iterator[Block]:
        block = Block()
        for number, path in enumerate(self._paths):
            file = FileOutcome(str(path))
            self._outcome.files.append(file)
            try:
                for item in read_file(path, self._profile):
                    block.seen += 1
                    self._sort_in(item, number, file, block)
                    if len(block.prepared) >= BLOCK or block.seen >= 2 * BLOCK:
                        yield block
                        block = Block()
            except UnusableSource as error:
                self._outcome.problems.append(str(error))
        if block.seen:
            yield block

    def _sort_in(self, item: Read | Rejected | Skipped, number: int, file: FileOutcome, block: Block) -> None:
        file.read += 1
        match item:
            case Rejected():
                file.quarantined += 1
                self._outcome.reasons[item.reason] += 1
                self._quarantine.add(item)
                if item.record_id in self._left_to_later:
                    self._outcome.problems.append(
                        f"{item.path}: the last of several records {item.record_id} was set aside, so an earlier one stays as it is stored."
                    )
                log.warning(
                    "%s record %d at byte %d set aside (%s): %s %s",
                    item.path,
                    item.ordinal,
                    item.offset,
                    item.reason,
                    item.record_id,
                    item.detail,
                )
            case Skipped():
                file.skipped += 1
                log.info("%s record %d (%s) not indexed: %s", item.path, item.ordinal, item.record_id, item.why)
            case Read():
                store = STORE_OF_KIND[item.record.kind]
                if self._target not in {"auto", store}:
                    file.skipped += 1
                    log.info("%s record %d (%s) belongs to %s", file.path, item.ordinal, item.identity.record_id, store)
                    return
                superseded = (number, item.ordinal) in self._superseded
                if superseded:
                    self._left_to_later.add(item.identity.record_id)
                if item.record.warnings:
                    file.warned += 1
                    self._outcome.warnings.update(item.record.warnings)
                block.prepared.append(prepare(item, self._profile, delete=self._delete, superseded=superseded, file=file))


class Loader:
    """One load. `on_progress(records)` is called after every block with the number of records it covered."""

    def __init__(self, pool: Any, indexings: dict[records.Store, Indexing], on_progress: Callable[[int], None]) -> None:
        self._pool = pool
        self._indexings = indexings
        self._on_progress = on_progress

    async def run(self, reading: Reading) -> None:
        """Stores and indexes every block; returns when all is confirmed by the engine."""
        for indexing in self._indexings.values():
            await indexing.start()
        queue: asyncio.Queue[list[tuple[records.Store, int, list[ToIndex]]] | None] = asyncio.Queue(maxsize=QUEUE_BLOCKS)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._store_all(reading, queue))
            group.create_task(self._index_all(queue))
        for indexing in self._indexings.values():
            await indexing.catch_up()
        biblios, authorities = self._indexings.get("biblios"), self._indexings.get("authorities")
        if biblios is not None and authorities is not None:
            await follow_authorities(self._pool, biblios, authorities)

    async def _store_all(self, reading: Reading, queue: asyncio.Queue[list[tuple[records.Store, int, list[ToIndex]]] | None]) -> None:
        while (block := await reading.next()) is not None:
            changes = []
            for store in records.KEY:
                own = _last_of_each([one for one in block.prepared if one.store == store])
                if own:
                    changes.append(await self._store(store, own))
            await queue.put(changes)
            self._on_progress(block.seen)
        await queue.put(None)

    async def _store(self, store: records.Store, own: Sequence[Prepared]) -> tuple[records.Store, int, list[ToIndex]]:
        now = datetime.now(UTC).replace(microsecond=0)
        async with self._pool.acquire() as connection:
            stored = await records.store_batch(connection, store, [one.incoming for one in own], now)
            parents = {own[change.place].incoming.parent_id for change in stored.changes} - {""}
            if store == "holdings" and parents:
                await records.touch(connection, "biblios", sorted(parents), now)
        changed = {change.place for change in stored.changes}
        for change in stored.changes:
            file = own[change.place].file
            setattr(file, change.sort, getattr(file, change.sort) + 1)
        for place, one in enumerate(own):
            if place not in changed and one.incoming.only_if_new:
                one.file.superseded += 1
            elif place not in changed:
                one.file.unchanged += 1
        return store, stored.before, [_to_index(own[change.place], change) for change in stored.changes]

    async def _index_all(self, queue: asyncio.Queue[list[tuple[records.Store, int, list[ToIndex]]] | None]) -> None:
        while (changes := await queue.get()) is not None:
            for store, before, batch in changes:
                if store in self._indexings:
                    await self._indexings[store].take(before, batch)


def _last_of_each(prepared: Sequence[Prepared]) -> list[Prepared]:
    """One record per id, the last one; the others are counted as superseded (standard input has no first pass)."""
    last = {one.incoming.record_id: one for one in prepared}
    for one in prepared:
        if last[one.incoming.record_id] is not one:
            one.file.superseded += 1
    return list(last.values())


def _to_index(one: Prepared, change: records.Change) -> ToIndex:
    incoming = one.incoming
    return ToIndex(
        one.record, incoming.record_id, incoming.source, incoming.control_number, incoming.control_org, change.change, change.datestamp,
        hidden_state(deleted=incoming.deleted, suppressed=incoming.suppressed),
    )  # fmt: skip
