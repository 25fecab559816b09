"""What rebuilding and verifying an index ask of the record store: turns, one unchanging view, states of records."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import aiosql

from server.db.records import INDEX_LOCK, KEY, Store

REBUILD_LOCK = 0x48594C52
"""First key of the advisory locks "this process rebuilds the index of store n" (second key: place of the store)."""

_queries = aiosql.from_str(files("server.db").joinpath("queries/rebuilding.sql").read_text("utf-8"), "asyncpg")


@dataclass(frozen=True, slots=True)
class RecordState:
    """What must be the same in store and index for one record."""

    record_id: str
    source: str
    datestamp: datetime
    deleted: bool
    suppressed: bool
    change: int


def _place(store: Store) -> int:
    return list(KEY).index(store)


async def take_turn(connection: Any, store: Store) -> bool:
    """Takes the session lock that lets one process at a time rebuild the index of a store; freed when the connection ends."""
    return bool(await _queries.take_turn(connection, family=REBUILD_LOCK, place=_place(store)))


async def is_being_indexed(connection: Any, store: Store) -> bool:
    """Whether some process holds the index lock of a store (`server.db.records.lock_index`) at this moment."""
    return bool(await _queries.is_held(connection, family=INDEX_LOCK, place=_place(store)))


@asynccontextmanager
async def unchanging(connection: Any) -> AsyncIterator[None]:
    """Everything read within the block belongs to one moment; nobody has to wait for it."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        yield


async def states_after(connection: Any, store: Store, change: int, limit: int) -> list[RecordState]:
    """States with a change number greater than `change`, in order of change; at most `limit`."""
    rows = await connection.fetch(
        f"""select record_id, source, datestamp, deleted, suppressed, change_number from {store}
             where change_number > $1 order by change_number limit $2""",
        change,
        limit,
    )
    return [RecordState(*row) for row in rows]


async def known_ids(connection: Any, store: Store, ids: Sequence[str]) -> set[str]:
    """Those of the record ids that the store has."""
    return {row[0] for row in await connection.fetch(f"select record_id from {store} where record_id = any($1::text[])", list(ids))}
