"""The record store: what differs is written, what does not differ keeps its datestamp."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.db import records
from server.db.pool import Pool
from server.db.records import Incoming, Store

T1 = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
T2 = T1 + timedelta(hours=1)


def incoming(record_id: str, content: bytes = b"one", **changes: object) -> Incoming:
    base = Incoming(record_id, "", record_id, "", "marc21", "iso2709", content, content.ljust(16, b"."), deleted=False, suppressed=False)
    return replace(base, **changes)


async def store(pool: Pool, *batch: Incoming, now: datetime = T1, into: Store = "biblios") -> records.Stored:
    async with pool.acquire() as connection:
        return await records.store_batch(connection, into, batch, now)


async def test_new_records_get_gapless_change_numbers_in_order(pool: Pool) -> None:
    first = await store(pool, incoming("a"), incoming("b"))
    second = await store(pool, incoming("c"))
    assert (first.before, [change.change for change in first.changes]) == (0, [1, 2])
    assert (second.before, [change.change for change in second.changes]) == (2, [3])
    assert await records.last_change(pool, "biblios") == 3


async def test_the_same_content_again_changes_nothing(pool: Pool) -> None:
    await store(pool, incoming("a"))
    again = await store(pool, incoming("a"), now=T2)
    row = await records.get_record(pool, "biblios", "a")
    assert again.changes == ()
    assert row is not None
    assert (row.datestamp, row.change) == (T1, 1)


@pytest.mark.parametrize(
    ("change", "sort"),
    [
        ({"raw": b"two", "hash": b"two".ljust(16)}, "updated"),
        ({"deleted": True}, "deleted"),
        ({"suppressed": True}, "updated"),
    ],
    ids=["content", "deleted", "suppressed"],
)
async def test_a_difference_moves_datestamp_and_change(pool: Pool, change: dict[str, object], sort: str) -> None:
    await store(pool, incoming("a"), incoming("b"))
    outcome = await store(pool, incoming("b"), incoming("a", **change), now=T2)
    row = await records.get_record(pool, "biblios", "a")
    assert [(one.place, one.change, one.sort) for one in outcome.changes] == [(1, 3, sort)]
    assert row is not None
    assert (row.datestamp, row.change) == (T2, 3)


async def test_a_datestamp_never_goes_back(pool: Pool) -> None:
    await store(pool, incoming("a"), now=T2)
    outcome = await store(pool, incoming("a", b"two"), now=T1)
    assert outcome.changes[0].datestamp == T2


async def test_a_deleted_record_comes_back_with_a_new_datestamp(pool: Pool) -> None:
    await store(pool, incoming("a"))
    async with pool.acquire() as connection:
        count, unknown = await records.mark_deleted(connection, "biblios", ["a", "nowhere", "a"], T1)
    outcome = await store(pool, incoming("a"), now=T2)
    row = await records.get_record(pool, "biblios", "a")
    assert (count, unknown) == (1, ("nowhere",))
    assert row is not None
    assert (outcome.changes[0].sort, row.deleted, row.datestamp) == ("updated", False, T2)


async def test_deleting_a_tombstone_changes_nothing(pool: Pool) -> None:
    await store(pool, incoming("a"))
    async with pool.acquire() as connection:
        await records.mark_deleted(connection, "biblios", ["a"], T1)
        assert await records.mark_deleted(connection, "biblios", ["a"], T2) == (0, ())


@pytest.mark.parametrize(
    ("preferred", "expected"),
    [
        ([None, None], [1, 2]),
        ([7, None], [7, 8]),
        ([7, 7], [7, 8]),
        ([records.LARGEST_KEY + 1, None], [1, 2]),
        ([0, -3], [1, 2]),
    ],
    ids=["sequence", "taken over", "claimed twice", "too large", "not positive"],
)
async def test_numeric_ids(pool: Pool, preferred: list[int | None], expected: list[int]) -> None:
    await store(pool, *(incoming(f"r{i}", preferred_key=key) for i, key in enumerate(preferred)))
    rows = await pool.fetch("select biblio_id from biblios order by record_id")
    assert [row[0] for row in rows] == expected
    await store(pool, incoming("later"))
    assert await pool.fetchval("select biblio_id from biblios where record_id = 'later'") == max(expected) + 1


async def test_an_id_taken_by_another_record_is_not_taken_over(pool: Pool) -> None:
    await store(pool, incoming("a", preferred_key=5))
    await store(pool, incoming("b", preferred_key=5))
    assert [tuple(row) for row in await pool.fetch("select record_id, biblio_id from biblios order by 1")] == [("a", 5), ("b", 6)]


async def test_changes_after_gives_the_last_state_in_order_of_change(pool: Pool) -> None:
    await store(pool, incoming("a"), incoming("b"), incoming("c"))
    await store(pool, incoming("a", b"two"))
    rows = await records.changes_after(pool, "biblios", 1, 10)
    assert [(row.record_id, row.change, row.raw) for row in rows] == [("b", 2, b"one"), ("c", 3, b"one"), ("a", 4, b"two")]


async def test_two_writers_at_once_leave_no_gap(pool: Pool) -> None:
    batches = [[incoming(f"{writer}-{batch}-{i}") for i in range(5)] for writer in range(4) for batch in range(5)]
    outcomes = await asyncio.gather(*(store(pool, *batch) for batch in batches))
    numbers = sorted(change.change for outcome in outcomes for change in outcome.changes)
    assert numbers == list(range(1, 101))
    assert all(outcome.changes[0].change == outcome.before + 1 for outcome in outcomes)


async def test_a_failed_batch_leaves_nothing_behind(pool: Pool) -> None:
    with pytest.raises(Exception, match="check constraint"):
        await store(pool, incoming("a"), incoming("b", hash=b"short"))
    assert await records.last_change(pool, "biblios") == 0
    assert await records.get_record(pool, "biblios", "a") is None


async def test_holdings_are_found_by_their_parent(pool: Pool) -> None:
    await store(pool, incoming("h1", parent_id="b1"), incoming("h2", parent_id="b2", deleted=True), into="holdings")
    assert await records.holdings_of(pool, ["b1", "b2"]) == {"b1": [("marc21", "iso2709", b"one")]}


async def test_touch_moves_what_exists(pool: Pool) -> None:
    await store(pool, incoming("a"))
    async with pool.acquire() as connection:
        assert await records.touch(connection, "biblios", ["a", "a", "nowhere"], T2) == 1
    row = await records.get_record(pool, "biblios", "a")
    assert row is not None
    assert (row.datestamp, row.change) == (T2, 2)


async def test_one_process_at_a_time_holds_the_index_lock(pool: Pool) -> None:
    async with pool.acquire() as one, pool.acquire() as two:
        assert await records.lock_index(one, "biblios", wait=False)
        assert not await records.lock_index(two, "biblios", wait=False)
        assert await records.lock_index(two, "authorities", wait=False)
        await records.unlock_index(one, "biblios")
        assert await records.lock_index(two, "biblios", wait=False)
