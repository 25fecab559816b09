"""Loads that are stopped, fail or meet others: nothing is lost, nothing is done twice, and the next one completes."""

import asyncio

import pytest

from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.engine.port import EngineError
from server.db import records
from server.errors import CannotStart, DatabaseUnavailable, EngineUnavailable

COUNT = 40


@pytest.fixture
def many(marc):
    return [marc.bib(number) for number in range(1, COUNT + 1)]


@pytest.fixture
def small(desk):
    """Settings with blocks so small that a load has many."""
    return desk.settings.model_copy(update={"load": desk.settings.load.model_copy(update={"batch_size": 5, "commit_every": 10})})


def disturb(monkeypatch, name, at, happening):
    """Lets something happen before the nth call of a method of the engine."""
    calls = 0
    method = getattr(EmbeddedEngine, name)

    async def disturbed(self, *arguments):
        nonlocal calls
        calls += 1
        if calls == at:
            await happening()
        return await method(self, *arguments)

    monkeypatch.setattr(EmbeddedEngine, name, disturbed)


async def completes(desk, many, before):
    """The next load takes in what is missing; what was stored keeps its datestamp; everything is in the index once."""
    await desk.yesterday()
    stored = await desk.stamps()
    assert {record_id: change for record_id, (_, change) in stored.items()}.items() >= before.items()
    loaded = await desk.load(many)
    assert loaded.counts().get("new", 0) + len(stored) == COUNT
    assert await desk.moved(stored) == set(await desk.rows()) - set(stored)
    assert len(await desk.kept()) == len(await desk.found()) == COUNT
    async with desk.engine() as engine:
        assert await engine.confirmed() == await records.last_change(desk.pool, "biblios") == COUNT


@pytest.mark.parametrize("call", ["write", "commit"])
@pytest.mark.parametrize("at", [1, 3])
async def test_an_engine_that_fails_stops_the_load_in_one_sentence(desk, many, small, monkeypatch, call, at):
    async def fail():
        raise EngineError("The disk of the index is full.")

    with monkeypatch.context() as patched:
        disturb(patched, call, at, fail)
        with pytest.raises(EngineUnavailable) as caught:
            await desk.load(many, settings=small)
    assert str(caught.value).startswith("The disk of the index is full. ")
    assert "records were done and stay; the same command goes on from there." in str(caught.value)
    await completes(desk, many, {f"b{number}": number for number in range(1, 5 * at + 1)})


async def test_a_database_that_goes_away_stops_the_load_in_one_sentence(desk, many, small, monkeypatch):
    calls = 0
    store = records.store_batch

    async def shut_down(*arguments):
        nonlocal calls
        calls += 1
        if calls == 3:
            await desk.pool.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            )
        return await store(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(records, "store_batch", shut_down)
        with pytest.raises(DatabaseUnavailable, match=r"^PostgreSQL went away \(.+\)\. [0-9,]+ records were done and stay"):
            await desk.load(many, settings=small)
    await completes(desk, many, {"b1": 1})


async def test_a_load_that_is_stopped_says_so_and_can_be_continued(desk, many, small, monkeypatch, capsys):
    stopped = asyncio.Event()

    async def stop():
        stopped.set()
        await asyncio.sleep(10)

    with monkeypatch.context() as patched:
        disturb(patched, "write", 3, stop)
        load = asyncio.create_task(desk.load(many, settings=small))
        await stopped.wait()
        load.cancel()
        with pytest.raises(asyncio.CancelledError):
            await load
    await completes(desk, many, {"b1": 1})


async def test_an_index_that_was_removed_is_made_again(desk, many, marc):
    await desk.load(many)
    kept = await desk.kept()
    desk.remove_index()
    assert (await desk.load(many)).counts() == {"read": COUNT, "unchanged": COUNT}
    assert await desk.kept() == kept


async def test_an_index_of_another_database_is_refused(desk, many):
    await desk.load(many)
    await desk.pool.execute("delete from biblios")
    await desk.pool.execute("update change_counter set last_change = 0")
    with pytest.raises(CannotStart, match=r"^The index of biblios has confirmed change 40, but the database has only 0: .* `hylla reindex"):
        await desk.load(many)
    assert await desk.rows() == {}


async def test_a_second_load_waits_for_the_first_and_both_complete(desk, marc, small):
    first = [marc.bib(number) for number in range(1, 101)]
    second = [marc.bib(number) for number in range(91, 191)]
    loads = await asyncio.gather(
        *(desk.load(marc.write(desk.folder / f"{n}.mrc", one), settings=small) for n, one in enumerate((first, second)))
    )
    assert sum(load.counts()["new"] for load in loads) == 190
    assert sum(load.counts().get("unchanged", 0) for load in loads) == 10
    assert await desk.found() == {f"b{number}" for number in range(1, 191)}
    assert len(await desk.kept()) == 190
    assert sum("waiting for another process that is indexing" in load.printed for load in loads) == 1
    assert (await desk.load([*first, *second])).counts() == {"read": 200, "superseded": 10, "unchanged": 190}


@pytest.mark.parametrize("held", ["biblios", "authorities"])
async def test_while_somebody_else_indexes_everything_is_stored_at_once(desk, marc, held):
    named = ("700", "1 $aLindgren, Vera1$9a1")
    async with desk.pool.acquire() as other:
        assert await records.lock_index(other, held, wait=False)
        load = asyncio.create_task(desk.load([marc.aut(1), marc.bib(1, "x", named)]))
        async with asyncio.timeout(20):
            while len(await desk.rows()) + len(await desk.rows("authorities")) < 2:
                await asyncio.sleep(0.01)
        assert await desk.found() == set()
        await records.unlock_index(other, held)
    loaded = await load
    assert (loaded.counts(), loaded.outcome.indexed) == ({"read": 2, "new": 2}, 2)
    assert await desk.found("pseudonym", "author_see") == {"b1"}


async def test_changes_of_others_in_between_are_indexed_too(desk, marc, many, small, monkeypatch):
    """Somebody who stores without indexing, as a load does that waits, is followed through the store."""

    async def store_more():
        async with desk.pool.acquire() as connection:
            rows = await records.changes_after(connection, "biblios", 0, 3)
            await records.requeue(connection, "biblios", [row.record_id for row in rows])

    with monkeypatch.context() as patched:
        disturb(patched, "write", 2, store_more)
        await desk.load(many, settings=small)
    assert len(await desk.kept()) == COUNT
    async with desk.engine() as engine:
        assert await engine.confirmed() == await records.last_change(desk.pool, "biblios") == COUNT + 3
