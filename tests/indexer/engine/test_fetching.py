"""Records by id, many at a time: `Engine.fetch`."""

from typing import Any

from indexer.engine.port import Deletion, Fetched


async def test_live_records_come_by_id_with_what_is_stored(filled: Any, document: Any) -> None:
    documents = [document(f"r{number}", 900) for number in range(40)]
    for number, one in enumerate(documents):
        one.stored["oai_dc"] = str(number).encode()
    engine = await filled(*documents)
    wanted = [f"r{number}" for number in range(0, 40, 3)]
    found = await engine.fetch([*wanted, "nowhere", wanted[0]], ("oai_dc", "mods"))
    assert {key: (hit.id, hit.stored) for key, hit in found.hits.items()} == {one: (one, {"oai_dc": one[1:].encode()}) for one in wanted}
    assert found.change == await engine.confirmed()


async def test_hidden_and_deleted_records_do_not_come(filled: Any, document: Any) -> None:
    engine = await filled(document("a"), document("b", hidden="suppressed"), document("c", hidden="deleted"), document("d"))
    await engine.write([Deletion("d", 900)])
    await engine.commit(900)
    found = await engine.fetch(["a", "b", "c", "d"])
    assert (set(found.hits), found.change) == ({"a"}, 900)


async def test_nothing_comes_of_nothing(filled: Any) -> None:
    engine = await filled()
    assert (await engine.fetch(["a"])).hits == {}
    assert (await engine.fetch([])).hits == {}


async def test_nothing_comes_of_a_collection_that_does_not_exist(engine: Any) -> None:
    assert await engine.fetch(["a"]) == Fetched(0, {})
