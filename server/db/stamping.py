"""Datestamps that lie ahead of their transactions, so that a list that has been answered never grows afterwards.

A list shows what has a datestamp up to the present second. A datestamp that were taken before its transaction commits could become
visible behind the back of a harvester who has already been told of that second. So it is taken some seconds ahead, with the
store's counter already locked (waiting for another writer must not eat up the lead), and the transaction must be about to commit
before it; else everything is rolled back and written again with twice the lead.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from server.db.records import Store, lock_store

_Answer = TypeVar("_Answer")


class _TooLate(Exception):
    """The transaction was not done before its datestamp."""


async def stamped(connection: Any, store: Store, lead_s: int, write: Callable[[datetime], Awaitable[_Answer]]) -> _Answer:
    """Runs `write` with a datestamp (whole seconds, UTC) that lies `lead_s` seconds ahead, in a transaction that ends before it.

    `write` must be repeatable. With a lead of 0 nothing is promised about lists that are answered meanwhile.
    """
    lead = timedelta(seconds=lead_s)
    while True:
        try:
            async with connection.transaction():
                await lock_store(connection, store)
                stamp = (datetime.now(UTC) + lead).replace(microsecond=0)
                answer = await write(stamp)
                if lead and datetime.now(UTC) >= stamp:
                    raise _TooLate
                return answer
        except _TooLate:
            lead *= 2
