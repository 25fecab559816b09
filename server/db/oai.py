"""What OAI-PMH asks of the record store: lists by datestamp and OAI id, page after page, and single records.

Pages go on behind the last item (`after`), so that the last one costs what the first does; two indexes have the order. Membership
in a set is asked by array containment: for a small set PostgreSQL takes its index and sorts, for a large one it walks the order
and leaves out what does not belong, whichever its statistics make cheaper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, NamedTuple

import aiosql

from indexer.record import Format

_queries = aiosql.from_str(files("server.db").joinpath("queries/oai.sql").read_text("utf-8"), "asyncpg")


class Item(NamedTuple):
    """One record as lists have it. `stamp`: the datestamp that the list goes by, in seconds since 1970; `hidden`: deleted or suppressed.

    `change`: its change number; an engine that has confirmed that much has this content, or a newer one. (A tuple, because harvests
    make millions of them and a frozen dataclass takes four times as long.)
    """

    record_id: str
    oai_id: str
    format: Format
    stamp: int
    hidden: bool
    sets: Sequence[str]
    change: int


ALWAYS = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list is made of. `since` and `until` are aware UTC in whole seconds, both included.

    `set_spec`: only members; empty: all. `with_left`: those that have left the set are listed too, as if they had been deleted.
    `with_items`: datestamps follow the items too. `hidden_since`: deletions older than this are left out; None: no deletion is
    listed at all.
    """

    since: datetime
    until: datetime
    set_spec: str = ""
    with_items: bool = False
    hidden_since: datetime | None = ALWAYS
    with_left: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """A record as it is stored (`indexer.marc.pack`)."""

    raw: bytes
    stored_format: str
    format: Format
    datestamp: datetime


async def list_items(pool: Any, selection: Selection, after: tuple[datetime, str] | None, count: int) -> list[Item]:
    """The next `count` items of a list behind `after` (datestamp and OAI id), in the order of both."""
    stamp = _stamp(with_items=selection.with_items)
    where, values = _conditions(selection)
    # The place is the only lower bound, so that the index is entered there.
    values += [*max(after or (selection.since, ""), (selection.since, "")), count]
    place = len(values)
    rows = await pool.fetch(
        f"select {_item(stamp, selection)} from biblios where {where} and ({stamp}, oai_id) > (${place - 2}, ${place - 1}) "
        f"order by {stamp}, oai_id limit ${place}",
        *values,
    )
    return [Item(*row) for row in rows]


async def last_item(pool: Any, selection: Selection, at: tuple[datetime, str]) -> Item | None:
    """The last item of a list that does not stand behind `at`."""
    stamp = _stamp(with_items=selection.with_items)
    where, values = _conditions(selection)
    place = len(values)
    row = await pool.fetchrow(
        f"select {_item(stamp, selection)} from biblios where {where} and {stamp} >= ${place + 1} "
        f"and ({stamp}, oai_id) <= (${place + 2}, ${place + 3}) "
        f"order by {stamp} desc, oai_id desc limit 1",
        *values,
        selection.since,
        *at,
    )
    return None if row is None else Item(*row)


async def count_items(pool: Any, selection: Selection) -> int:
    """The exact size of a complete list."""
    where, values = _conditions(selection)
    values.append(selection.since)
    stamp = _stamp(with_items=selection.with_items)
    return int(await pool.fetchval(f"select count(*) from biblios where {where} and {stamp} >= ${len(values)}", *values))


async def find_item(pool: Any, oai_id: str, *, with_items: bool) -> Item | None:
    """The record with an OAI id, deleted or not."""
    row = await pool.fetchrow(f"select {_item(_stamp(with_items=with_items))} from biblios where oai_id = $1", oai_id)
    return None if row is None else Item(*row)


async def earliest(pool: Any, *, live_only: bool) -> datetime | None:
    """The smallest datestamp there is."""
    found: datetime | None = await (_queries.earliest_live(pool) if live_only else _queries.earliest(pool))
    return found


async def raw_records(pool: Any, ids: Sequence[str]) -> dict[str, Raw]:
    """Records as they are stored, by record id."""
    return {row[0]: Raw(*tuple(row)[1:]) async for row in _queries.raw_records(pool, ids=list(ids))} if ids else {}


def _stamp(*, with_items: bool) -> str:
    return "oai_items_datestamp" if with_items else "oai_datestamp"


def _item(stamp: str, selection: Selection | None = None) -> str:
    """The columns of an `Item`, in its order. Whoever has left the set that is asked for is hidden there, and named by it."""
    hidden, sets = "deleted or suppressed", "sets"
    if selection is not None and _shows_left(selection):
        hidden, sets = f"{hidden} or not {_MEMBER}", f"case when {_MEMBER} then sets else {_SPEC} end"
    return f"record_id, oai_id, format, extract(epoch from {stamp})::bigint, {hidden}, {sets}, change_number"


_SPEC = "$2::text[]"
_MEMBER = f"sets @> {_SPEC}"


def _shows_left(selection: Selection) -> bool:
    return bool(selection.with_left and selection.set_spec and selection.hidden_since is not None)


def _conditions(selection: Selection) -> tuple[str, list[Any]]:
    """Everything but the lower bound of a list."""
    stamp = _stamp(with_items=selection.with_items)
    values: list[Any] = [selection.until]
    conditions = [f"{stamp} <= $1"]
    live = "not deleted and not suppressed"
    if selection.set_spec:
        values.append([selection.set_spec])
        members = f"{_MEMBER} and sets <> '{{}}'"
        if _shows_left(selection):
            members, live = f"({members} or left_sets @> {_SPEC} and left_sets <> '{{}}')", f"{live} and {_MEMBER}"
        conditions.append(members)
    if selection.hidden_since is None:
        conditions.append(live)
    elif selection.hidden_since > ALWAYS:
        values.append(selection.hidden_since)
        conditions.append(f"({live} or {stamp} >= ${len(values)})")
    return " and ".join(conditions), values
