"""Datestamps that lie ahead of their transactions."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from server.db.stamping import stamped


@pytest.fixture
async def connection(database):
    made = await asyncpg.connect(database)
    yield made
    await made.close()


async def test_a_stamp_lies_ahead_in_whole_seconds(connection):
    before = datetime.now(UTC)

    async def write(stamp):
        return stamp

    stamp = await stamped(connection, "biblios", 5, write)
    assert before + timedelta(seconds=4) < stamp <= datetime.now(UTC) + timedelta(seconds=5)
    assert stamp.microsecond == 0


async def test_a_transaction_that_takes_too_long_is_written_again(connection):
    await connection.execute("create table seen (stamp timestamptz)")
    tries = []

    async def write(stamp):
        tries.append(stamp)
        await connection.execute("insert into seen values ($1)", stamp)
        if len(tries) == 1:
            await asyncio.sleep(1.2)
        return stamp

    stamp = await stamped(connection, "biblios", 1, write)
    assert len(tries) == 2
    assert [row[0] for row in await connection.fetch("select stamp from seen")] == [stamp]
    assert stamp > tries[0]


async def test_writers_take_turns_before_they_take_a_stamp(connection, database):
    other = await asyncpg.connect(database)
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(stamp):
        entered.set()
        await leave.wait()
        return stamp

    async def quick(stamp):
        return stamp

    first = asyncio.create_task(stamped(connection, "biblios", 60, slow))
    await entered.wait()
    second = asyncio.create_task(stamped(other, "biblios", 60, quick))
    await asyncio.sleep(1.2)
    leave.set()
    assert await second > await first
    await other.close()
