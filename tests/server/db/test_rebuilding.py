"""Turns, the unchanging view, and the states that are compared with an index."""

from datetime import UTC, datetime

from server.db import records
from server.db.pool import Pool
from server.db.rebuilding import is_being_indexed, known_ids, states_after, take_turn, unchanging
from server.db.records import Incoming

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


async def store(pool: Pool, *ids: str, **row: bool) -> None:
    row = {"deleted": False, "suppressed": False} | row
    batch = [Incoming(one, "lib", one, "", "marc21", "iso2709", b"x", str(row).encode()[:16].ljust(16), **row) for one in ids]
    async with pool.acquire() as connection:
        await records.store_batch(connection, "biblios", batch, NOW)


async def test_a_turn_is_for_one_at_a_time_and_ends_with_the_connection(pool: Pool) -> None:
    async with pool.acquire() as other:
        async with pool.acquire() as connection:
            assert await take_turn(connection, "biblios")
            assert not await take_turn(other, "biblios")
            assert await take_turn(other, "authorities")
        assert await take_turn(other, "biblios")


async def test_the_index_lock_is_seen_without_being_touched(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await take_turn(connection, "biblios")
        assert not await is_being_indexed(pool, "biblios")
        await records.lock_index(connection, "biblios", wait=True)
        assert await is_being_indexed(pool, "biblios")
        assert not await is_being_indexed(pool, "authorities")
        async with pool.acquire() as other:
            assert not await records.lock_index(other, "biblios", wait=False)
    assert not await is_being_indexed(pool, "biblios")


async def test_an_unchanging_view_keeps_nobody_from_storing(pool: Pool) -> None:
    await store(pool, "a", "b")
    async with pool.acquire() as connection, unchanging(connection):
        assert await records.last_change(connection, "biblios") == 2
        await store(pool, "c")
        await store(pool, "a", suppressed=True)
        assert await records.last_change(connection, "biblios") == 2
        assert [one.record_id for one in await states_after(connection, "biblios", 0, 10)] == ["a", "b"]
    assert [(one.record_id, one.suppressed) for one in await states_after(pool, "biblios", 0, 10)] == [
        ("b", False),
        ("c", False),
        ("a", True),
    ]


async def test_states_come_in_order_of_change_and_no_more_than_asked(pool: Pool) -> None:
    await store(pool, "a", "b", "c")
    await store(pool, "b", deleted=True)
    rows = await states_after(pool, "biblios", 1, 2)
    assert [(one.record_id, one.change, one.deleted, one.source, one.datestamp) for one in rows] == [
        ("c", 3, False, "lib", NOW), ("b", 4, True, "lib", NOW),
    ]  # fmt: skip
    assert await states_after(pool, "biblios", 4, 2) == []


async def test_known_ids_are_told_from_others(pool: Pool) -> None:
    await store(pool, "a", "b")
    assert await known_ids(pool, "biblios", ["b", "x", "B"]) == {"b"}
    assert await known_ids(pool, "authorities", ["b"]) == set()
    assert await known_ids(pool, "biblios", []) == set()
