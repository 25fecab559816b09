"""An index is built anew beside the one in use: nothing is lost, nothing is in between, and a run that fails changes nothing."""

import asyncio

import pytest

import server.loading.documents as documents_module
import server.loading.indexing as indexing_module
from cql.plan import Everything, Exact, SortBy, Word
from indexer.engine.port import EngineError, EngineUnavailable, Window
from server.db import records
from server.db.rebuilding import take_turn


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(indexing_module, "CATCH_UP_ROWS", 10)


async def titled(installation, word):
    async with installation.engine() as engine:
        return await engine.count(Word("title", Exact(word)))


async def test_the_new_index_has_every_record_with_its_state_and_datestamp(installation, bibs, later):
    await installation.store(*bibs(1, 21), *bibs(21, 24, suppressed=True), *bibs(24, 26, deleted=True))
    await installation.store(*bibs(1, 3, "Another shelf"), at=later)
    await installation.index()
    before, old = await installation.kept(), installation.current()
    async with installation.pool.acquire() as connection:
        rows = await records.changes_after(connection, "biblios", 0, 100)
    done = await installation.rebuild()
    assert (done.counts, done.change) == ({"live": 20, "suppressed": 3, "deleted": 2}, 27)
    assert await installation.kept() == before
    assert await records.changes_after(installation.pool, "biblios", 0, 100) == rows
    assert installation.current() != old
    assert installation.indexes() == {installation.current()}
    async with installation.engine() as engine:
        assert await engine.confirmed() == 27
    assert (await installation.verify()).agrees


async def test_what_is_stored_during_the_rebuild_is_in_the_new_index(installation, bibs, small_batches, watched, later):
    await installation.fill(*bibs(1, 41))
    changes = iter(([*bibs(1, 3, "Changed")], [*bibs(41, 43)], [*bibs(5, 7, deleted=True)], [*bibs(7, 9, suppressed=True)]))

    async def store_something(*_):
        if batch := next(changes, None):
            await installation.store(*batch, at=later)

    done = await installation.rebuild(watched=watched, write=store_something)
    assert done.counts == {"live": 38, "suppressed": 2, "deleted": 2}
    assert watched.done == 40 + 8
    assert await titled(installation, "changed") == 2
    assert (await installation.verify()).agrees


async def test_what_is_stored_after_the_last_look_waits_for_the_next_load(installation, bibs, later):
    await installation.fill(*bibs(1, 11))

    async def store_something(*_):
        await installation.store(*bibs(1, 3, "Changed"), *bibs(11, 13), at=later)

    await installation.rebuild(switch=store_something)
    found = await installation.verify()
    assert (found.waiting, found.agrees, found.only_waits) == (4, False, True)
    await installation.index()
    assert (await installation.verify()).agrees
    assert await titled(installation, "changed") == 2


async def test_a_process_that_indexes_is_followed_and_not_stopped(installation, bibs, watched, until, later):
    await installation.fill(*bibs(1, 11))
    old = installation.current()
    async with installation.pool.acquire() as loader, installation.engine(writable=True) as engine:
        await records.lock_index(loader, "biblios", wait=True)
        running = asyncio.create_task(installation.rebuild(watched=watched))
        await until(lambda: any("another process" in step for step in watched.steps))
        indexing = indexing_module.Indexing("biblios", engine, installation.extractor, installation.pool)
        await installation.store(*bibs(11, 31), at=later)
        await indexing.start()
        assert await engine.count(Everything()) == 30
        await until(lambda: watched.done == 30)  # replayed while it waits
        await installation.store(*bibs(1, 3, "Changed"), at=later)
        await indexing.catch_up()
        assert (running.done(), installation.current()) == (False, old)
        await engine.close()
        await records.unlock_index(loader, "biblios")
        done = await running
    assert done.counts == {"live": 30, "suppressed": 0, "deleted": 0}
    assert installation.current() != old
    assert (await installation.verify()).agrees


async def test_an_engine_that_was_open_before_goes_on_in_the_new_index(installation, bibs):
    await installation.fill(*bibs(1, 11))
    async with installation.engine(writable=True) as engine:
        indexing = indexing_module.Indexing("biblios", engine, installation.extractor, installation.pool)
        await installation.store(*bibs(11, 13))
        await indexing.start()
        await installation.rebuild()
        await installation.store(*bibs(13, 15))
        await indexing.catch_up()
        assert await engine.count(Everything()) == 14
    assert installation.indexes() == {installation.current()}
    assert (await installation.verify()).agrees


async def test_searches_never_see_a_gap_or_an_error(installation, bibs, later):
    await installation.fill(*bibs(1, 201))
    ended, asked = asyncio.Event(), 0
    async with installation.engine() as reader, installation.engine() as other:

        async def search(engine):
            nonlocal asked
            while not ended.is_set():
                assert await engine.count(Everything()) == 200
                page = await engine.search(Word("title", Exact("shelf")), Window(1, 5))
                assert (page.total, len(page.hits)) == (200, 5)
                scanned = await engine.scan(["title"], "words", "shelf", 0, 1)
                assert (scanned.terms[0].value, scanned.terms[0].count) == ("shelf", 200)
                assert (await engine.facets(Everything(), ["language"], 5))["language"][0].count == 200
                assert (await engine.get("b00007")) is not None
                asked += 1
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            searching = [group.create_task(search(engine)) for engine in (reader, other, reader)]
            for _ in range(3):
                await installation.rebuild()
            ended.set()
        assert all(task.exception() is None for task in searching)
    assert asked > 20


@pytest.mark.parametrize(
    "ask",
    [
        lambda engine: engine.search(Word("title", Exact("shelf")), Window(20, 30), (SortBy("title_sort"),)),
        lambda engine: engine.scan(["title"], "words", "", 0, 5),
        lambda engine: engine.facets(Everything(), ["language"], 5),
    ],
    ids=["search", "scan", "facets"],
)
async def test_a_search_that_has_begun_ends_well_while_the_index_is_replaced(installation, bibs, monkeypatch, ask):
    await installation.fill(*bibs(1, 31))
    async with installation.engine() as engine, installation.engine() as other:
        assert await engine.count(Everything()) == 30
        step = "_run" if installation.settings.engine.kind == "embedded" else "_current"
        run = getattr(engine, step)

        async def late(*work):
            found = await run() if not work else None  # in OpenSearch the index is chosen, and gone when it is asked
            await installation.rebuild()
            return await run(*work) if work else found

        monkeypatch.setattr(engine, step, late)
        found = await ask(engine)
        monkeypatch.undo()
        assert found == await ask(other)


async def test_a_second_rebuild_is_refused_in_one_sentence(installation, bibs):
    await installation.fill(*bibs(1, 3))
    async with installation.pool.acquire() as connection:
        assert await take_turn(connection, "biblios")
        with pytest.raises(EngineUnavailable, match=r"^The index of biblios is being rebuilt by another process; try again"):
            await installation.rebuild()
    await installation.rebuild()  # the turn ends with the connection


async def fails(*_):
    raise EngineError("No space left on device.")


async def loses_one(batch):
    return (batch[1:],)


@pytest.mark.parametrize(
    ("disturbance", "sentence"),
    [
        ({"write": fails}, "No space left on device"),
        ({"commit": fails}, "No space left on device"),
        ({"switch": fails}, "No space left on device"),
        ({"write": loses_one}, "12 live records in the store, 11 in the index"),
    ],
    ids=["write", "commit", "switch", "comparison"],
)
async def test_a_run_that_fails_changes_nothing(installation, bibs, disturbance, sentence):
    await installation.fill(*bibs(1, 13))
    old = installation.current()
    with pytest.raises(EngineError, match=sentence):
        await installation.rebuild(**disturbance)
    assert installation.current() == old
    assert (await installation.verify()).agrees
    async with installation.engine() as engine:
        removed = [one.name for one in await engine.remove_leftovers()]
        assert len(removed) == (disturbance != {"write": fails})
        assert await engine.count(Everything()) == 12
    assert installation.indexes() == {old}


async def test_a_record_that_is_not_as_stored_stops_the_switch(installation, bibs):
    await installation.fill(*bibs(1, 6))

    async def damage(batch):
        batch[2].stored["marcxml"] = b"<record/>"

    with pytest.raises(EngineError, match=r"was not put in place.*record b00003 has another marcxml.*as it was"):
        await installation.rebuild(write=damage)


async def test_a_record_that_cannot_be_made_searchable_does_not_stop_the_others(installation, bibs, monkeypatch):
    await installation.store(*bibs(1, 6), *bibs(6, 8, suppressed=True))
    make = documents_module.make_document

    def make_most(extractor, one, links):
        if one.record_id in {"b00003", "b00006"}:
            raise ValueError("a mistake of ours")
        return make(extractor, one, links)

    monkeypatch.setattr(documents_module, "make_document", make_most)
    done = await installation.rebuild()
    assert (done.counts, done.unmade) == ({"live": 4, "suppressed": 3, "deleted": 0}, 1)
    found = await installation.verify()
    assert found.different.examples == ["b00003 (live in the store, suppressed in the index)"]


async def test_a_run_that_is_stopped_changes_nothing(installation, bibs, watched, until):
    await installation.fill(*bibs(1, 13))
    old = installation.current()
    async with installation.pool.acquire() as loader:
        await records.lock_index(loader, "biblios", wait=True)
        running = asyncio.create_task(installation.rebuild(watched=watched))
        await until(lambda: any("another process" in step for step in watched.steps))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert installation.current() == old
    assert (await installation.verify()).agrees
    await installation.rebuild()
    assert installation.indexes() == {installation.current()}


async def test_an_empty_store_gives_an_empty_index(installation):
    done = await installation.rebuild()
    assert (done.counts, done.change, done.sampled) == ({"live": 0, "suppressed": 0, "deleted": 0}, 0, 0)
    async with installation.engine() as engine:
        assert await engine.count(Everything()) == 0
        assert (await engine.ready()).ready
    assert (await installation.verify()).agrees


async def test_an_index_of_another_database_is_emptied(installation, bibs, pool):
    await installation.fill(*bibs(1, 4))
    await pool.execute("truncate biblios")
    await pool.execute("update change_counter set last_change = 0")
    assert (await installation.verify()).is_ahead
    await installation.rebuild()
    assert await installation.kept() == {}
    assert (await installation.verify()).agrees


def no_such_folder(folder, current):
    (folder / "current").write_text("20200101T000000-00000000\n")


def no_name(folder, current):
    (folder / "current").write_bytes(b"\xff../..")


def no_meta(folder, current):
    (folder / current / "meta.json").write_text("{")


def no_segments(folder, current):
    for file in (folder / current).glob("*.store"):
        file.write_bytes(b"")


def no_lists(folder, current):
    (folder / current / "terms.sqlite").write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("damage", [no_such_folder, no_name, no_meta, no_segments, no_lists])
async def test_a_damaged_index_is_repaired(installation, bibs, damage, only):
    only("embedded")
    await installation.fill(*bibs(1, 21))
    damage(installation.kept_in.folder(), installation.current())
    async with installation.engine() as engine:
        with pytest.raises(EngineError, match="hylla reindex"):
            await engine.search(Word("title", Exact("shelf")), Window(1, 5))
        await installation.rebuild()
        assert (await engine.search(Word("title", Exact("shelf")), Window(1, 5))).total == 20
    assert installation.indexes() == {installation.current()}
    assert (await installation.verify()).agrees


def no_lists_there(indexes, prefix, current):
    indexes.ask("DELETE", f"/{current}.terms")


def two_in_use(indexes, prefix, current):
    indexes.damage()


def not_ours(indexes, prefix, current):
    indexes.ask("PUT", f"/{prefix}-strange")
    actions = [
        {"remove": {"index": current, "alias": f"{prefix}-biblios"}},
        {"add": {"index": f"{prefix}-strange", "alias": f"{prefix}-biblios"}},
    ]
    indexes.ask("POST", "/_aliases", {"actions": actions})


@pytest.mark.parametrize("damage", [no_lists_there, two_in_use, not_ours])
async def test_what_somebody_did_in_opensearch_is_repaired(installation, bibs, damage, only):
    only("opensearch")
    await installation.fill(*bibs(1, 21))
    damage(installation.kept_in, installation.settings.engine.prefix, installation.current())
    async with installation.engine() as engine:
        with pytest.raises(EngineError):
            await engine.scan(["title"], "words", "shelf", 0, 1)
        await installation.rebuild()
        assert (await engine.scan(["title"], "words", "shelf", 0, 1)).terms[0].count == 20
    assert installation.indexes() == {installation.current()}
    assert (await installation.verify()).agrees


async def test_an_index_that_somebody_removed_from_opensearch_is_empty_and_filled_again(installation, bibs, only):
    only("opensearch")
    await installation.fill(*bibs(1, 21))
    async with installation.engine() as engine:
        assert await engine.count(Everything()) == 20
        installation.kept_in.ask("DELETE", f"/{installation.current()},{installation.current()}.terms")
        assert await engine.count(Everything()) == 0
        assert (await installation.verify()).waiting == 20
        await installation.index()
        assert await engine.count(Everything()) == 20
    assert (await installation.verify()).agrees


async def test_a_load_whose_index_is_removed_by_somebody_fails_and_the_next_one_does_all(installation, bibs, only):
    only("opensearch")
    await installation.fill(*bibs(1, 11))
    async with installation.engine(writable=True) as engine:
        indexing = indexing_module.Indexing("biblios", engine, installation.extractor, installation.pool)
        await indexing.start()
        for low in (11, 21):
            await installation.store(*bibs(low, low + 10))
            installation.kept_in.ask("DELETE", f"/{installation.current()},{installation.current()}.terms")
            with pytest.raises(EngineError, match="was removed from OpenSearch while it was being written"):
                await indexing.catch_up()
            await indexing.abandon()
            await installation.index()
            assert await engine.count(Everything()) == low + 9
            indexing = indexing_module.Indexing("biblios", engine, installation.extractor, installation.pool)
            await installation.store(*bibs(low, low + 10, "Again"))
            await indexing.start()
            assert (await installation.verify()).agrees


async def test_an_old_index_that_could_not_be_removed_answers_no_longer(installation, bibs, only, monkeypatch, later, caplog):
    only("opensearch")
    await installation.fill(*bibs(1, 11))
    old = installation.current()
    async with installation.engine() as reader:
        assert await reader.count(Everything()) == 10

        async def cannot(*_):
            raise EngineUnavailable("The master is gone.")

        with monkeypatch.context() as patched:
            patched.setattr("indexer.engine.opensearch.collection.Collections.remove_others", cannot)
            await installation.rebuild()
        assert "what it replaces was not removed: The master is gone." in caplog.text
        assert installation.indexes() == {old, installation.current()}
        await installation.fill(*bibs(11, 13), at=later)
        monkeypatch.setattr(reader, "_look_again_at", 0.0)
        assert await reader.count(Everything()) == 12
        assert [one.name for one in await reader.remove_leftovers()] == [old]
