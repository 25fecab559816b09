"""Memberships of sets in `biblios.sets`, and how far they follow the set definitions in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import aiosql

from server.db.records import StoredRecord, record_of_row

EVALUATION_LOCK = 0x48594C4D
"""Advisory lock of the one process that decides memberships again."""

_queries = aiosql.from_str(files("server.db").joinpath("queries/sets.sql").read_text("utf-8"), "asyncpg")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Memberships follow the definitions of `fingerprint` up to a biblio_id, or everywhere when it `is_finished`."""

    fingerprint: str
    done_up_to: int
    is_finished: bool


@dataclass(frozen=True, slots=True)
class Membership:
    """The sets, ancestors included, of one live bibliographic record as it was with this change number."""

    record_id: str
    change: int
    sets: tuple[str, ...]


async def put_into_sets(connection: Any, memberships: Sequence[Membership], now: datetime | None) -> int:
    """Writes which sets records belong to, and which they have left; those that differ get new OAI datestamps, unless `now` is None.
    A record that has changed since is left alone.

    Returns how many differed.
    """
    rows = await connection.fetch(
        """update biblios s set sets = v.sets,
                  left_sets = array(select unnest(s.left_sets || s.sets) except select unnest(v.sets)),
                  oai_datestamp = case when $4::timestamptz is null then s.oai_datestamp else greatest(s.oai_items_datestamp, $4) end,
                  oai_items_datestamp = greatest(s.oai_items_datestamp, $4)
             from (select record_id, change_number, string_to_array(sets, ' ') as sets
                     from unnest($1::text[], $2::bigint[], $3::text[]) as v(record_id, change_number, sets)) as v
            where s.record_id = v.record_id and s.change_number = v.change_number and not s.deleted and s.sets <> v.sets returning 1""",
        [one.record_id for one in memberships],
        [one.change for one in memberships],
        [" ".join(one.sets) for one in memberships],
        now,
    )
    return len(rows)


async def read_evaluation(connection: Any) -> Evaluation:
    """The present state; an empty fingerprint with nothing to do where no set was ever defined."""
    row = await _queries.evaluation(connection)
    if row is None:
        return Evaluation("", 0, not await _queries.any_members(connection))
    return Evaluation(*row)


async def begin(connection: Any, fingerprint: str) -> None:
    """All memberships are to be decided again."""
    await _queries.begin_evaluation(connection, fingerprint=fingerprint)


async def advance(connection: Any, fingerprint: str, done_up_to: int) -> None:
    """Memberships have been decided up to a biblio_id."""
    await _queries.advance_evaluation(connection, fingerprint=fingerprint, done_up_to=done_up_to)


async def finish(connection: Any, fingerprint: str) -> None:
    """Memberships have been decided everywhere."""
    await _queries.finish_evaluation(connection, fingerprint=fingerprint)


async def live_after(connection: Any, key: int, count: int) -> list[tuple[int, StoredRecord]]:
    """The next live records in the order of their biblio_id, each with it."""
    rows = [dict(row) async for row in _queries.live_after(connection, key=key, count=count)]
    return [(row.pop("biblio_id"), record_of_row(row)) for row in rows]


async def count_live_after(connection: Any, key: int) -> int:
    """Number of live records with a greater biblio_id."""
    return int(await _queries.count_live_after(connection, key=key))


async def sizes(connection: Any) -> dict[str, int]:
    """Number of live records of each set that has any."""
    return {row[0]: row[1] async for row in _queries.sizes(connection)}


async def try_lock(connection: Any) -> bool:
    """Takes the session lock of the one who decides memberships again; freed when the connection ends."""
    return bool(await connection.fetchval("select pg_try_advisory_lock($1)", EVALUATION_LOCK))


async def unlock(connection: Any) -> None:
    """Gives the lock of `try_lock` back."""
    await connection.execute("select pg_advisory_unlock($1)", EVALUATION_LOCK)
