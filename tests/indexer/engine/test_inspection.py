"""What every engine must let `hylla verify` and `hylla reindex` see: one state, hidden documents included."""

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from indexer.engine import open_rebuild
from indexer.engine.port import Deletion, Engine, EngineError, EngineUnavailable, Kept, RebuiltEngine
from indexer.schema import CollectionSchema

Fill = Callable[..., Awaitable[Engine]]
Opened = Callable[..., Engine]


@pytest.fixture
def rebuilding(engine_kind: str, location: Any, schema: CollectionSchema) -> Callable[[], RebuiltEngine]:
    """Opens a collection beside the one of `opened`."""
    return lambda: open_rebuild(engine_kind, location, schema)


async def ids(inspection: Any) -> set[str]:
    return {one async for batch in inspection.ids() for one in batch}


async def test_a_collection_that_does_not_exist_yet_looks_empty(opened: Opened, schema: Any) -> None:
    engine = opened()
    inspection = await engine.inspect()
    assert (inspection.change, inspection.version) == (0, schema.version)
    assert await inspection.counts() == {"live": 0, "suppressed": 0, "deleted": 0}
    assert (await inspection.find(["1"]), await ids(inspection)) == ([], set())
    await inspection.close()
    await engine.close()


async def test_hidden_documents_are_counted_and_found(filled: Fill, document: Any) -> None:
    engine = await filled(
        document("1", 1, title=["a"]), document("2", 2, hidden="suppressed"), document("3", 3, hidden="deleted"), document("4", 4)
    )
    inspection = await engine.inspect()
    assert inspection.change == 4
    assert await inspection.counts() == {"live": 2, "suppressed": 1, "deleted": 1}
    assert await ids(inspection) == {"1", "2", "3", "4"}
    one, two = document("1", 1, title=["a"]), document("2", 2)
    found = sorted(await inspection.find(["2", "1", "unknown"], ["marcxml"]), key=lambda kept: kept.id)
    assert found == [
        Kept("1", "marc21", "", one.datestamp, one.stored),
        Kept("2", "marc21", "suppressed", two.datestamp, two.stored),
    ]
    assert [kept.stored for kept in await inspection.find(["1"])] == [{}]
    assert await inspection.find([]) == []
    await inspection.close()


async def test_a_state_does_not_change_while_it_is_looked_at(filled: Fill, document: Any) -> None:
    engine = await filled(document("1", 1, title=["a"]), document("2", 2))
    inspection = await engine.inspect()
    await filled(document("1", 3, hidden="deleted"), Deletion("2", 4), document("5", 5))
    assert (inspection.change, await inspection.counts()) == (2, {"live": 2, "suppressed": 0, "deleted": 0})
    assert [kept.hidden for kept in await inspection.find(["1", "2", "5"])] == ["", ""]
    newer = await engine.inspect()
    assert (newer.change, await newer.counts()) == (5, {"live": 1, "suppressed": 0, "deleted": 1})
    assert {kept.id for kept in await newer.find(sorted(await ids(newer)))} == {"1", "5"}
    await inspection.close()
    await newer.close()


async def test_many_documents_are_listed_and_found(filled: Fill, document: Any) -> None:
    expected = {f"x{number}" for number in range(1300)}
    engine = await filled(*(document(one, 1, title=["a"]) for one in sorted(expected)))
    inspection = await engine.inspect()
    assert await ids(inspection) == expected
    assert {kept.id for kept in await inspection.find(sorted(expected)[:1000])} == set(sorted(expected)[:1000])
    await inspection.close()


async def test_the_version_is_that_of_the_table_it_was_made_with(filled: Fill, opened: Opened, schema: Any, document: Any) -> None:
    await filled(document("1"))
    other = opened(dataclasses.replace(schema, version="2"))
    inspection = await other.inspect()
    assert inspection.version == schema.version == "1"
    await inspection.close()
    await other.close()


async def test_an_ended_look_is_refused(filled: Fill, document: Any) -> None:
    inspection = await (await filled(document("1"))).inspect()
    await inspection.close()
    await inspection.close()
    with pytest.raises(EngineError):
        await inspection.find(["1"])


async def test_the_new_one_is_inspected_while_the_old_one_is_searched(filled: Fill, rebuilding: Any, document: Any) -> None:
    engine = await filled(document("1", 1))
    built = rebuilding()
    await built.write([document("2", 2), document("3", 3, hidden="suppressed")])
    await built.commit(3)
    new, old = await built.inspect(), await engine.inspect()
    assert (await ids(new), new.change) == ({"2", "3"}, 3)
    assert (await ids(old), old.change) == ({"1"}, 1)
    await new.close()
    await old.close()
    await built.switch()
    assert {(await engine.confirmed()), (await engine.ready()).record_count} == {3, 1}
    await built.close()


async def test_an_empty_one_can_take_the_place(filled: Fill, rebuilding: Any, document: Any) -> None:
    engine = await filled(document("1", 1))
    built = rebuilding()
    await built.commit(0)
    await built.switch()
    assert ((await engine.ready()).record_count, await engine.confirmed()) == (0, 0)
    await built.close()


async def test_what_was_never_committed_cannot(filled: Fill, rebuilding: Any, document: Any) -> None:
    engine = await filled(document("1", 1))
    built = rebuilding()
    with pytest.raises(EngineError):
        await built.switch()
    await built.write([document("2", 2)])
    with pytest.raises(EngineError):
        await built.switch()
    await built.close()
    assert (await engine.ready()).record_count == 1


async def test_leftovers_are_removed_and_told(filled: Fill, rebuilding: Any, document: Any) -> None:
    engine = await filled(document("1", 1, title=["a"]))
    assert await engine.remove_leftovers() == []
    built = rebuilding()
    await built.write([document("2", 2)])
    await built.commit(2)
    await built.close()
    removed = await engine.remove_leftovers()
    assert len(removed) == 1
    assert removed[0].size_bytes > 0
    assert await engine.remove_leftovers() == []
    assert (await engine.ready()).record_count == 1


async def test_nothing_is_removed_of_what_is_being_built(filled: Fill, rebuilding: Any, engine_kind: str, document: Any) -> None:
    if engine_kind != "embedded":
        pytest.skip("only files can be locked; commands ask PostgreSQL for the turn")
    engine = await filled(document("1", 1))
    built = rebuilding()
    await built.write([document("2", 2)])
    with pytest.raises(EngineUnavailable, match="is being built right now; nothing of it was removed"):
        await engine.remove_leftovers()
    await built.commit(2)
    await built.switch()
    assert await engine.confirmed() == 2
    await built.close()
