"""Decides of every record again which sets it belongs to, after set definitions have changed.

It goes on where it was stopped, runs beside loads (a record that is loaded meanwhile is decided by the load; both come to the
same answer), and only in one process at a time.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from indexer.extract import Extractor
from server.db import sets
from server.db.sets import Membership, put_into_sets
from server.db.stamping import stamped
from server.loading.documents import Links, ToIndex, authority_ids, from_row, make_document
from server.loading.indexing import links_of
from server.sets.rules import SetRules

log = logging.getLogger(__name__)

AT_A_TIME = 500


async def needs_evaluation(pool: Any, rules: SetRules) -> int:
    """Number of records that have to be decided again; 0 when memberships follow the definitions."""
    state = await sets.read_evaluation(pool)
    if state.fingerprint == rules.fingerprint:
        return 0 if state.is_finished else await sets.count_live_after(pool, state.done_up_to)
    return await sets.count_live_after(pool, 0) if rules or not state.is_finished or state.fingerprint else 0


async def evaluate(
    pool: Any, rules: SetRules, extractor: Extractor, lead_s: int, on_batch: Callable[[int], None] | None = None, *, touch: bool = True
) -> int:
    """Brings all memberships up to date; returns how many records changed theirs. Does nothing while another process does it.

    `touch`: records that changed theirs get new datestamps.
    """
    async with pool.acquire() as connection:
        if not await sets.try_lock(connection):
            log.info("another process is deciding set memberships")
            return 0
        try:
            return await _evaluate(connection, rules, extractor, lead_s, on_batch, touch)
        finally:
            await sets.unlock(connection)


async def _evaluate(
    connection: Any, rules: SetRules, extractor: Extractor, lead_s: int, on_batch: Callable[[int], None] | None, touch: bool
) -> int:
    state = await sets.read_evaluation(connection)
    if state.fingerprint != rules.fingerprint:
        await sets.begin(connection, rules.fingerprint)
        done = 0
    elif state.is_finished:
        return 0
    else:
        done = state.done_up_to
    changed = 0
    while rows := await sets.live_after(connection, done, AT_A_TIME):
        changes = [from_row("biblios", row) for _, row in rows]
        names = await asyncio.to_thread(authority_ids, extractor, changes)
        links = await links_of(connection, names, [one.record_id for one in changes])
        decided = await asyncio.to_thread(_decide, rules, extractor, changes, links)
        done = rows[-1][0]

        async def write(stamp: datetime, decided: list[Membership] = decided, done: int = done) -> int:
            count = await put_into_sets(connection, decided, stamp if touch else None)
            await sets.advance(connection, rules.fingerprint, done)
            return count

        changed += await stamped(connection, "biblios", lead_s, write)
        if on_batch is not None:
            on_batch(len(rows))
    await sets.finish(connection, rules.fingerprint)
    log.info("set memberships follow the definitions; %d records changed theirs", changed)
    return changed


def _decide(rules: SetRules, extractor: Extractor, changes: list[ToIndex], links: Links) -> list[Membership]:
    """The sets of records; one that cannot be read keeps its own."""
    decided = []
    for one in changes:
        try:
            belongs = tuple(rules.of(make_document(extractor, one, links), one.record)) if rules else ()
        except Exception:
            log.exception("record %s keeps its sets, because it cannot be made searchable", one.record_id)
            continue
        if belongs != one.sets:
            decided.append(Membership(one.record_id, one.change, belongs))
    return decided
