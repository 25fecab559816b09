"""What the OAI-PMH harvester remembers: how far each list has come, and which record came from which item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from importlib.resources import files
from typing import Any, Literal, cast

import aiosql

from server.db.records import Store

Verb = Literal["", "ListRecords", "ListIdentifiers"]

HARVEST_LOCK = 0x48594C48
"""First key of the advisory locks "this process harvests list n" (second key: its id)."""

COUNTS = ("added", "updated", "deleted", "unchanged", "skipped", "in_error", "pages")

_queries = aiosql.from_str(files("server.db").joinpath("queries/harvests.sql").read_text("utf-8"), "asyncpg")


@dataclass(frozen=True, slots=True)
class Harvest:
    """One list: a base URL, a metadata prefix and a set. Moments are aware UTC, None when there was none.

    `last_from`: where the next list starts. `verb`: of the list that was interrupted, empty when none was; its place is described by
    `list_from`, `list_until`, `is_full`, `token` (empty: at the beginning), `response_date` (of its first answer), `cursor` (items
    before the token) and `complete_list_size`. The counts are those of the last run.
    """

    harvest_id: int
    base_url: str
    metadata_prefix: str
    set_spec: str
    namespace: str
    last_from: datetime | None
    last_compared: datetime | None
    last_full: datetime | None
    run_number: int
    verb: Verb
    list_from: str
    list_until: str
    is_full: bool
    token: str
    response_date: datetime | None
    cursor: int
    complete_list_size: int | None
    added: int
    updated: int
    deleted: int
    unchanged: int
    skipped: int
    in_error: int
    pages: int
    last_error: str
    started: datetime | None
    finished: datetime | None


NEVER = Harvest(0, "", "", "", "", None, None, None, 0, "", "", "", False, "", None, 0, None, 0, 0, 0, 0, 0, 0, 0, "", None, None)
"""A list that was never asked for."""

_NAMES = [field.name for field in fields(Harvest)]


@dataclass(frozen=True, slots=True)
class Place:
    """How far a list has come. `token`: what the next request sends; `cursor`: number of items before it."""

    list_from: str
    list_until: str
    token: str
    response_date: datetime | None
    cursor: int
    complete_list_size: int | None


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that was harvested before, and the record that it became. `datestamp` is as the source wrote it."""

    identifier: str
    store: Store
    record_id: str
    datestamp: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class TakenItem(KnownItem):
    """An item as it is to be remembered. `altered`: converted or repaired; `about`: provenance that came with it, XML or empty."""

    altered: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record was harvested: what a provenance container tells (OAI-PMH guidelines on provenance)."""

    record_id: str
    base_url: str
    identifier: str
    datestamp: str
    namespace: str
    harvested_at: datetime
    altered: bool
    about: str


def _harvest(row: Any) -> Harvest:
    return Harvest(**{name: row[name] for name in _NAMES})


async def find_harvest(connection: Any, base_url: str, metadata_prefix: str, set_spec: str) -> Harvest | None:
    """What is remembered of a list."""
    row = await _queries.find_harvest(connection, base_url=base_url, metadata_prefix=metadata_prefix, set_spec=set_spec)
    return None if row is None else _harvest(row)


async def open_harvest(connection: Any, base_url: str, metadata_prefix: str, set_spec: str) -> Harvest:
    """What is remembered of a list, which from now on exists."""
    await _queries.add_harvest(connection, base_url=base_url, metadata_prefix=metadata_prefix, set_spec=set_spec)
    return cast("Harvest", await find_harvest(connection, base_url, metadata_prefix, set_spec))


async def all_harvests(connection: Any) -> list[Harvest]:
    """Everything that is remembered of lists."""
    return [_harvest(row) async for row in _queries.all_harvests(connection)]


async def lock_harvest(connection: Any, harvest_id: int) -> bool:
    """Takes the session lock that lets one process at a time harvest a list; freed when the connection ends or is given back."""
    return bool(await _queries.take_harvest(connection, family=HARVEST_LOCK, harvest_id=harvest_id))


async def begin_run(connection: Any, harvest_id: int, namespace: str) -> None:
    """A run begins, with counts at 0. `namespace`: of the metadata, as the source announces it."""
    await _queries.begin_run(connection, harvest_id=harvest_id, namespace=namespace)


async def begin_list(connection: Any, harvest_id: int, verb: Verb, list_from: str, list_until: str, *, is_full: bool) -> int:
    """A list begins at its first request; gives its number, by which items are marked as seen."""
    return int(
        await _queries.begin_list(connection, harvest_id=harvest_id, verb=verb, list_from=list_from, list_until=list_until, is_full=is_full)
    )


async def save_place(connection: Any, harvest_id: int, place: Place) -> None:
    """Everything of the list before this place is stored. The first response date that is given stays."""
    await _queries.save_place(
        connection, harvest_id=harvest_id, list_from=place.list_from, list_until=place.list_until, token=place.token,
        response_date=place.response_date, cursor=place.cursor, complete_list_size=place.complete_list_size,
    )  # fmt: skip


async def save_counts(connection: Any, harvest_id: int, counts: Mapping[str, int]) -> None:
    """What the run has done so far, by the names of `COUNTS`."""
    await _queries.save_counts(connection, harvest_id=harvest_id, **{name: counts[name] for name in COUNTS})


async def end_records(connection: Any, harvest_id: int, last_from: datetime | None, *, is_full: bool) -> None:
    """A list of records is complete; the next one starts at `last_from` (None: where this one did)."""
    await _queries.end_records(connection, harvest_id=harvest_id, last_from=last_from, is_full=is_full)


async def end_comparison(connection: Any, harvest_id: int) -> None:
    """What the source no longer has was removed."""
    await _queries.end_comparison(connection, harvest_id=harvest_id)


async def end_run(connection: Any, harvest_id: int, last_error: str) -> None:
    """The run has ended; `last_error` is empty when it was complete."""
    await _queries.end_run(connection, harvest_id=harvest_id, last_error=last_error)


async def forget_place(connection: Any, harvest_id: int) -> None:
    """The list under way is not to be resumed; the next run starts where this one did."""
    await _queries.forget_place(connection, harvest_id=harvest_id)


async def known_items(connection: Any, harvest_id: int, identifiers: Sequence[str]) -> dict[str, KnownItem]:
    """What is remembered of these items, by identifier."""
    return {row[0]: KnownItem(*row) async for row in _queries.known_items(connection, harvest_id=harvest_id, identifiers=list(identifiers))}


async def remember_items(connection: Any, harvest_id: int, items: Sequence[TakenItem], seen: int) -> None:
    """Remembers what was taken in; identifiers must be unique. `seen`: number of the list that had them."""
    await _queries.remember_items(
        connection, harvest_id=harvest_id, identifiers=[one.identifier for one in items], stores=[one.store for one in items],
        record_ids=[one.record_id for one in items], datestamps=[one.datestamp for one in items], deleted=[one.deleted for one in items],
        altered=[one.altered for one in items], about=[one.about for one in items], seen=seen,
    )  # fmt: skip


async def mark_seen(connection: Any, harvest_id: int, identifiers: Sequence[str], seen: int) -> None:
    """These items stand in the list with the number `seen`."""
    await _queries.mark_seen(connection, harvest_id=harvest_id, identifiers=list(identifiers), seen=seen)


async def mark_deleted(connection: Any, harvest_id: int, identifiers: Sequence[str]) -> None:
    """These items are gone from the source."""
    await _queries.mark_deleted(connection, harvest_id=harvest_id, identifiers=list(identifiers))


async def count_missing(connection: Any, harvest_id: int, seen: int) -> tuple[int, int]:
    """(number of live items, how many of them the list with the number `seen` did not have)."""
    row = await _queries.count_missing(connection, harvest_id=harvest_id, seen=seen)
    return int(row[0]), int(row[1])


async def missing_items(connection: Any, harvest_id: int, seen: int, count: int) -> list[KnownItem]:
    """At most `count` live items that the list with the number `seen` did not have."""
    return [KnownItem(*row) async for row in _queries.missing_items(connection, harvest_id=harvest_id, seen=seen, count=count)]


async def kept_by_others(connection: Any, harvest_id: int, items: Sequence[KnownItem]) -> set[tuple[str, str]]:
    """(store, record id) of those records of the items that also come from other live items, of this list or another one."""
    rows = _queries.kept_by_others(
        connection, harvest_id=harvest_id, identifiers=[one.identifier for one in items], record_ids=[one.record_id for one in items]
    )
    return {(row[0], row[1]) async for row in rows}


async def any_harvested(connection: Any, store: Store) -> bool:
    """Whether a store has live records that were harvested."""
    return bool(await _queries.any_harvested(connection, store=store))


async def origins(connection: Any, store: Store, record_ids: Sequence[str]) -> dict[str, Origin]:
    """Where live records were harvested, by record id; of several places the one that was last. Others are left out."""
    return {row[0]: Origin(*row) async for row in _queries.origins(connection, store=store, record_ids=list(record_ids))}
