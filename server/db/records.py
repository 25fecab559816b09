"""The record store: batches in, changes out.

Three stores share one shape: `biblios`, `authorities` and `holdings`. Writing a batch is one transaction that first takes
the store's counter (so that change numbers are gapless and writers take turns), then compares content hashes, then writes
only what differs. A record whose hash, deletion and suppression are as stored is left alone: no new datestamp.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal

import aiosql
import asyncpg

from indexer.record import Format

Store = Literal["biblios", "authorities", "holdings"]

KEY: Mapping[Store, str] = {"biblios": "biblio_id", "authorities": "authority_id", "holdings": "holdings_id"}

LARGEST_KEY = 2_000_000_000
"""Ids taken over from 999$c stay below this, so that no record can use up the sequence."""

_OAI_PART = """bib_hash = v.bib_hash, oai_items_datestamp = greatest(s.oai_items_datestamp, $14), oai_datestamp = case
  when s.bib_hash <> v.bib_hash or (s.deleted or s.suppressed) <> (v.deleted or v.suppressed) then greatest(s.oai_items_datestamp, $14)
  else s.oai_datestamp end"""

MOST_BYTES = 8_000_000
"""Compressed records that are read back at a time; usual ones have 1,000 bytes, the largest several millions."""

_queries = aiosql.from_str(files("server.db").joinpath("queries/records.sql").read_text("utf-8"), "asyncpg")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record that wants to be stored. `raw` is packed as `indexer.marc.pack` does it, `hash` has 16 bytes.

    `preferred_key` is the numeric id that the record itself claims (999$c), or None. `parent_id` is used by holdings only.
    `only_if_new`: the same id comes again later in the same load, so a row that is there already is left to that one.
    `oai_id`: the number that OAI-PMH identifies it by, the record id when empty or taken; `bib_hash`: the hash without its items,
    `hash` when empty. Both are kept for bibliographic records only.
    """

    record_id: str
    source: str
    control_number: str
    control_org: str
    format: str
    stored_format: str
    raw: bytes
    hash: bytes
    deleted: bool
    suppressed: bool
    preferred_key: int | None = None
    parent_id: str = ""
    only_if_new: bool = False
    oai_id: str = ""
    bib_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Change:
    """What the store made of one record of a batch. `place` is its index in the batch."""

    place: int
    change: int
    datestamp: datetime
    sort: Literal["new", "updated", "deleted"]


@dataclass(frozen=True, slots=True)
class Stored:
    """Outcome of a batch: the changes in the order of the batch, and the change number before the first of them."""

    before: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A row of a store, as the indexer wants it back."""

    record_id: str
    source: str
    control_number: str
    control_org: str
    format: Format
    stored_format: str
    raw: bytes
    hash: bytes
    datestamp: datetime
    deleted: bool
    suppressed: bool
    sets: tuple[str, ...]
    change: int


_COLUMNS = (
    "record_id, source, control_number, control_org, format, stored_format, raw, hash, datestamp, deleted, suppressed, sets, change_number"
)


def record_of_row(row: Any) -> StoredRecord:
    """The record of a row that has the columns of `StoredRecord`."""
    values = dict(row)
    values["change"] = values.pop("change_number")
    values["sets"] = tuple(values["sets"])
    return StoredRecord(**values)


async def lock_store(connection: Any, store: Store) -> int:
    """Takes a writer's turn until the transaction ends; gives the last change number."""
    return int(await _queries.lock_counter(connection, store=store))


async def store_batch(connection: Any, store: Store, batch: Sequence[Incoming], now: datetime) -> Stored:
    """Writes what differs, in one transaction. Ids in the batch must be unique; `now` is aware UTC in whole seconds.

    A datestamp never goes back: when the stored one is later than `now`, it is kept.
    """
    async with connection.transaction():
        before = await _queries.lock_counter(connection, store=store)
        known = await _known(connection, store, [record.record_id for record in batch])
        fresh: list[tuple[int, Incoming]] = []
        changed: list[tuple[int, Incoming]] = []
        for place, record in enumerate(batch):
            row = known.get(record.record_id)
            if row is None:
                fresh.append((place, record))
            elif not record.only_if_new and _differs(record, *row[1:]):
                changed.append((place, record))
        if not fresh and not changed:
            return Stored(before, ())
        numbers = {place: before + 1 + i for i, place in enumerate(sorted(place for place, _ in fresh + changed))}
        await _insert(connection, store, fresh, numbers, now)
        stamps = await _update(connection, store, changed, numbers, now)
        await _queries.advance_counter(connection, store=store, last_change=before + len(numbers))
    new = {place for place, _ in fresh}
    changes = tuple(
        Change(place, number, stamps.get(batch[place].record_id, now), _sort(batch[place], place in new))
        for place, number in sorted(numbers.items())
    )
    return Stored(before, changes)


def _differs(record: Incoming, stored_hash: bytes, deleted: bool, suppressed: bool) -> bool:
    """Whether a record is to be written over the stored one. A tombstone stays as it is, whatever another one looks like."""
    if deleted and record.deleted:
        return False
    return (stored_hash, deleted, suppressed) != (record.hash, record.deleted, record.suppressed)


async def store_holdings(connection: Any, batch: Sequence[Incoming], now: datetime) -> Stored:
    """Writes holdings records as `store_batch` does, and in the same transaction gives the bibliographic records that they belong
    to, or belonged to before, a new change number and datestamp.
    """
    async with connection.transaction():
        await _queries.lock_counter(connection, store="holdings")
        ids = [record.record_id for record in batch]
        rows = await connection.fetch("select record_id, parent_id from holdings where record_id = any($1::text[])", ids)
        former = {row[0]: row[1] for row in rows}
        stored = await store_batch(connection, "holdings", batch, now)
        changed = [batch[change.place] for change in stored.changes]
        parents = {record.parent_id for record in changed} | {former.get(record.record_id, "") for record in changed}
        if parents - {""}:
            await touch(connection, "biblios", sorted(parents), now)
    return stored


def _sort(record: Incoming, is_new: bool) -> Literal["new", "updated", "deleted"]:
    if record.deleted:
        return "deleted"
    return "new" if is_new else "updated"


async def _known(connection: Any, store: Store, ids: Sequence[str]) -> dict[str, tuple[str, bytes, bool, bool]]:
    rows = await connection.fetch(f"select record_id, hash, deleted, suppressed from {store} where record_id = any($1::text[])", ids)
    return {row[0]: tuple(row) for row in rows}


async def _insert(connection: Any, store: Store, fresh: Sequence[tuple[int, Incoming]], numbers: Mapping[int, int], now: datetime) -> None:
    if not fresh:
        return
    keys = await _keys(connection, store, [record.preferred_key for _, record in fresh])
    columns = [
        KEY[store], "record_id", "source", "control_number", "control_org", "format", "stored_format", "raw", "hash", "datestamp",
        "deleted", "suppressed", "change_number",
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (key, r.record_id, r.source, r.control_number, r.control_org, r.format, r.stored_format, r.raw, r.hash, now,
         r.deleted, r.suppressed, numbers[place])
        for key, (place, r) in zip(keys, fresh, strict=True)
    ]  # fmt: skip
    if store == "holdings":
        columns.append("parent_id")
        rows = [(*row, record.parent_id) for row, (_, record) in zip(rows, fresh, strict=True)]
    elif store == "biblios":
        columns += ["oai_id", "oai_datestamp", "oai_items_datestamp", "bib_hash"]
        oai_ids = await _oai_ids(connection, [record for _, record in fresh])
        rows = [(*row, own, now, now, r.bib_hash or r.hash) for row, own, (_, r) in zip(rows, oai_ids, fresh, strict=True)]
    await connection.copy_records_to_table(store, columns=columns, records=rows)


async def _keys(connection: Any, store: Store, preferred: Sequence[int | None]) -> list[int]:
    """Numeric ids for new rows: the preferred one where it is free and small enough, else the next of the sequence."""
    key = KEY[store]
    sequence = f"pg_get_serial_sequence('{store}', '{key}')"
    wanted = sorted({number for number in preferred if number is not None and 0 < number <= LARGEST_KEY})
    taken = set()
    if wanted:
        taken = {row[0] for row in await connection.fetch(f"select {key} from {store} where {key} = any($1::bigint[])", wanted)}
    chosen: list[int | None] = []
    for number in preferred:
        free = number is not None and 0 < number <= LARGEST_KEY and number not in taken
        chosen.append(number if free else None)
        if free and number is not None:
            taken.add(number)
    explicit = [number for number in chosen if number is not None]
    if explicit:
        await connection.fetchval(f"select setval({sequence}, greatest($1::bigint, nextval({sequence})))", max(explicit))
    missing = chosen.count(None)
    following = iter(
        [row[0] for row in await connection.fetch(f"select nextval({sequence}) from generate_series(1, $1)", missing)] if missing else []
    )
    return [number if number is not None else next(following) for number in chosen]


async def _oai_ids(connection: Any, fresh: Sequence[Incoming]) -> list[str]:
    """OAI ids for new rows: the wished one, else the record id, else that with a number behind it; whichever is free first."""
    wished = [(record.oai_id or record.record_id, record.record_id) for record in fresh]
    asked = sorted({one for pair in wished for one in pair})
    taken = {row[0] for row in await connection.fetch("select oai_id from biblios where oai_id = any($1::text[])", asked)}
    chosen: list[str] = []
    for wish, record_id in wished:
        own, number = wish if wish not in taken else record_id, 1
        while own in taken:
            number += 1
            own = f"{record_id}.{number}"
            if await connection.fetchval("select exists (select from biblios where oai_id = $1)", own):
                taken.add(own)
        taken.add(own)
        chosen.append(own)
    return chosen


async def _update(
    connection: Any, store: Store, changed: Sequence[tuple[int, Incoming]], numbers: Mapping[int, int], now: datetime
) -> dict[str, datetime]:
    if not changed:
        return {}
    own = {"holdings": ", parent_id = v.parent_id", "biblios": f", {_OAI_PART}"}.get(store, "")
    rows = await connection.fetch(
        f"""update {store} s set source = v.source, control_number = v.control_number, control_org = v.control_org,
               format = v.format, stored_format = v.stored_format, raw = v.raw, hash = v.hash, deleted = v.deleted,
               suppressed = v.suppressed, change_number = v.change_number, datestamp = greatest(s.datestamp, $14){own}
              from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::bytea[],
                          $9::boolean[], $10::boolean[], $11::bigint[], $12::text[], $13::bytea[])
                as v(record_id, source, control_number, control_org, format, stored_format, raw, hash, deleted, suppressed,
                     change_number, parent_id, bib_hash)
             where s.record_id = v.record_id returning s.record_id, s.datestamp""",
        *(
            [getattr(record, name) for _, record in changed]
            for name in (
                "record_id", "source", "control_number", "control_org", "format", "stored_format", "raw", "hash", "deleted", "suppressed",
            )
        ),
        [numbers[place] for place, _ in changed],
        [record.parent_id for _, record in changed],
        [record.bib_hash or record.hash for _, record in changed],
        now,
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def mark_deleted(connection: Any, store: Store, ids: Sequence[str], now: datetime) -> tuple[int, tuple[str, ...]]:
    """Turns live records into tombstones (raw, sets and ids stay). Returns the number of changes and the ids that are unknown."""
    async with connection.transaction():
        before = await _queries.lock_counter(connection, store=store)
        known = await _known(connection, store, ids)
        live = [record_id for record_id in dict.fromkeys(ids) if record_id in known and not known[record_id][2]]
        if live:
            both = "greatest(s.oai_items_datestamp, $3)"
            stamp = f", oai_datestamp = {both}, oai_items_datestamp = {both}" if store == "biblios" else ""
            await connection.execute(
                f"""update {store} s set deleted = true, change_number = v.change_number, datestamp = greatest(s.datestamp, $3){stamp}
                      from unnest($1::text[], $2::bigint[]) as v(record_id, change_number) where s.record_id = v.record_id""",
                live,
                [before + 1 + i for i in range(len(live))],
                now,
            )
            await _queries.advance_counter(connection, store=store, last_change=before + len(live))
    return len(live), tuple(record_id for record_id in dict.fromkeys(ids) if record_id not in known)


async def touch(connection: Any, store: Store, ids: Sequence[str], now: datetime) -> int:
    """Gives existing records a new change number and datestamp, because something that belongs to them changed."""
    return await _renumber(connection, store, ids, now)


async def _renumber(connection: Any, store: Store, ids: Sequence[str], now: datetime | None, up_to: int | None = None) -> int:
    async with connection.transaction():
        before = await _queries.lock_counter(connection, store=store)
        rows = await connection.fetch(
            f"select record_id from {store} where record_id = any($1::text[]) and change_number <= $2 order by 1",
            sorted(set(ids)),
            before if up_to is None else up_to,
        )
        known = [row[0] for row in rows]
        if known:
            await connection.execute(
                f"""update {store} s set change_number = v.change_number, datestamp = greatest(s.datestamp, $3)
                      from unnest($1::text[], $2::bigint[]) as v(record_id, change_number) where s.record_id = v.record_id""",
                known,
                [before + 1 + i for i in range(len(known))],
                now,
            )
            await _queries.advance_counter(connection, store=store, last_change=before + len(known))
    return len(known)


async def changes_after(connection: Any, store: Store, change: int, limit: int) -> list[StoredRecord]:
    """Rows with a change number greater than `change`, in order of change; at most `limit`, and not many more than `MOST_BYTES`."""
    rows = await connection.fetch(
        f"""select {_COLUMNS} from {store} join
                   (select change_number, sum(octet_length(raw)) over (order by change_number) - octet_length(raw) as bytes_before
                      from {store} where change_number > $1 order by change_number limit $2) as next using (change_number)
             where bytes_before < $3 order by change_number""",
        change,
        limit,
        MOST_BYTES,
    )
    return [record_of_row(row) for row in rows]


async def count_after(connection: Any, store: Store, change: int) -> int:
    """Number of rows with a change number greater than `change`."""
    return int(await connection.fetchval(f"select count(*) from {store} where change_number > $1", change))


async def get_record(connection: Any, store: Store, record_id: str) -> StoredRecord | None:
    """The row with this record id, deleted ones included."""
    row = await connection.fetchrow(f"select {_COLUMNS} from {store} where record_id = $1", record_id)
    return record_of_row(row) if row is not None else None


async def last_change(connection: Any, store: Store) -> int:
    """The last change number given out in a committed transaction."""
    return int(await _queries.last_change(connection, store=store))


async def counts(connection: Any, store: Literal["biblios", "authorities"]) -> dict[str, int]:
    """Numbers of records: {"live": n, "suppressed": n, "deleted": n}."""
    row = await (_queries.counts_biblios(connection) if store == "biblios" else _queries.counts_authorities(connection))
    return dict(row)


async def holdings_of(connection: Any, parents: Sequence[str]) -> dict[str, list[tuple[Format, str, bytes]]]:
    """Live holdings records by parent record id: lists of (format, stored format, raw)."""
    found: dict[str, list[tuple[Format, str, bytes]]] = {}
    async for row in _queries.holdings_of(connection, parents=list(parents)):
        found.setdefault(row[0], []).append((row[1], row[2], row[3]))
    return found


async def authorities_named(connection: Any, ids: Sequence[str]) -> dict[str, tuple[Format, str, bytes]]:
    """Live authority records by the id that a heading carries: (format, stored format, raw)."""
    return {row[0]: (row[1], row[2], row[3]) async for row in _queries.authorities_named(connection, ids=list(ids))}


async def any_live(connection: Any, store: Store) -> bool:
    """Whether there is a record that is not deleted."""
    return bool(await connection.fetchval(f"select exists (select from {store} where not deleted)"))


async def requeue(connection: Any, store: Store, ids: Sequence[str], up_to: int | None = None) -> int:
    """Gives existing records a new change number, so that they are indexed again; their datestamps stay.

    `up_to`: only those whose last change has at most this number.
    """
    return await _renumber(connection, store, ids, None, up_to)


INDEX_LOCK = 0x48594C4C
"""First key of the advisory locks "this process writes the index of store n" (second key: place of the store)."""


async def lock_index(connection: asyncpg.Connection, store: Store, wait: bool) -> bool:
    """Takes the session lock that lets one process at a time write the index of a store; freed when the connection ends."""
    place = list(KEY).index(store)
    if wait:
        await connection.execute("select pg_advisory_lock($1, $2)", INDEX_LOCK, place)
        return True
    return bool(await connection.fetchval("select pg_try_advisory_lock($1, $2)", INDEX_LOCK, place))


async def unlock_index(connection: asyncpg.Connection, store: Store) -> None:
    """Gives the lock of `lock_index` back."""
    await connection.execute("select pg_advisory_unlock($1, $2)", INDEX_LOCK, list(KEY).index(store))
