"""What is written becomes visible with the commit: to this engine, to others, and after opening again."""

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from cql.plan import Everything, Exact, Present, Word
from indexer.engine.port import Deletion, Engine, EngineError, EngineUnavailable, Window
from indexer.schema import CollectionSchema

Fill = Callable[..., Awaitable[Engine]]
Opened = Callable[..., Engine]


async def test_a_collection_that_does_not_exist_yet_is_empty(opened: Opened) -> None:
    engine = opened()
    assert (await engine.search(Everything(), Window())).total == 0
    assert await engine.get("1") is None
    assert await engine.confirmed() == 0
    assert (await engine.scan(["title"], "words", "", 3, 3)).terms == ()
    assert await engine.facets(Everything(), ["language"], 3) == {"language": []}
    ready = await engine.ready()
    assert (ready.ready, ready.record_count, ready.change) == (True, 0, 0)
    await engine.close()


async def test_nothing_is_visible_before_the_commit(engine: Engine, document: Any) -> None:
    await engine.write([document("1", title=["a"])])
    assert await engine.count(Everything()) == 0
    await engine.commit(7)
    assert await engine.count(Everything()) == 1
    assert await engine.confirmed() == 7


async def test_another_reader_sees_the_commit_at_once(engine: Engine, opened: Opened, document: Any) -> None:
    reader = opened()
    for change in range(1, 6):
        await engine.write([document(str(change), change, title=["a"])])
        await engine.commit(change)
        assert await reader.count(Word("title", Exact("a"))) == change
        assert await reader.confirmed() == change
    await reader.close()


async def test_a_document_replaces_the_one_with_the_same_id(filled: Fill, document: Any) -> None:
    await filled(document("1", 1, title=["old"]), document("1", 2, title=["newer"]), document("2", 3, title=["old"]))
    engine = await filled(document("1", 4, title=["newest"]))
    assert [await engine.count(Word("title", Exact(word))) for word in ("old", "newer", "newest")] == [1, 0, 1]
    assert await engine.count(Everything()) == 2


async def test_a_deletion_takes_the_document_away(filled: Fill, document: Any) -> None:
    await filled(document("1"), document("2"), document("3"))
    engine = await filled(Deletion("1", 5), Deletion("unknown", 6), Deletion("3", 7), document("3", 8))
    assert {hit.id for hit in (await engine.search(Everything(), Window())).hits} == {"2", "3"}
    assert await engine.get("1") is None


@pytest.mark.parametrize("hidden", ["suppressed", "deleted"])
async def test_hidden_documents_are_never_found(filled: Fill, document: Any, hidden: str) -> None:
    parts = {"title": ["a"], "subject_keys": ["x"], "language": ["swe"], "year": [1999]}
    engine = await filled(document("1", **parts), document("2", hidden=hidden, **parts))
    assert [hit.id for hit in (await engine.search(Everything(), Window())).hits] == ["1"]
    for plan in (Word("title", Exact("a")), Present("year"), Present("title")):
        assert await engine.count(plan) == 1
    assert await engine.get("2") is None
    assert (await engine.facets(Everything(), ["language", "year"], 3))["year"][0].count == 1
    assert (await engine.scan(["title"], "words", "", 0, 5)).terms[0].count == 1
    assert (await engine.ready()).record_count == 1
    await filled(document("2", 9, **parts))
    assert await engine.count(Everything()) == 2


async def test_a_hit_has_what_was_stored(filled: Fill, document: Any) -> None:
    one = document("libris:1", title=["a"])
    one.format, one.datestamp = "unimarc", datetime(2026, 2, 3, 4, 5, 6, 789, UTC)
    one.stored = {"marcxml": "<record>ö\x85</record>".encode(), "dc": b""}
    engine = await filled(one)
    hit = await engine.get("libris:1", stored=("dc", "marcxml", "mods"))
    assert hit is not None
    assert (hit.id, hit.format, hit.datestamp, hit.stored) == (one.id, one.format, one.datestamp, one.stored)
    found = (await engine.search(Word("title", Exact("a")), Window(), stored=("marcxml",))).hits[0]
    assert found.stored == {"marcxml": one.stored["marcxml"]}
    assert (await engine.search(Everything(), Window(), stored=())).hits[0].stored == {}


async def test_a_collection_opened_again_is_the_same(filled: Fill, opened: Opened, random_collection: Any) -> None:
    documents = random_collection(4, 50)
    engine = await filled(*documents)
    before = await engine.search(Word("title", Exact("a")), Window(1, 50))
    await engine.close()
    again = opened(writable=True)
    assert await again.search(Word("title", Exact("a")), Window(1, 50)) == before
    assert await again.confirmed() == 50
    await again.write([Deletion(documents[0].id, 51)])
    await again.commit(51)
    assert (await again.ready()).record_count == 49
    await again.close()


async def test_a_commit_without_documents_is_remembered(engine: Engine, opened: Opened) -> None:
    await engine.commit(12)
    assert await engine.confirmed() == 12
    await engine.commit(13)
    reader = opened()
    assert (await reader.ready()).change == 13
    await reader.close()


async def test_what_was_not_committed_is_lost_by_closing(engine: Engine, opened: Opened, document: Any) -> None:
    await engine.write([document("1")])
    await engine.commit(1)
    await engine.write([document("2")])
    await engine.close()
    reader = opened()
    assert await reader.count(Everything()) == 1
    await reader.close()


async def test_an_engine_for_reading_refuses_to_write(opened: Opened, document: Any) -> None:
    engine = opened()
    with pytest.raises(EngineError, match="reading only"):
        await engine.write([document("1")])
    await engine.close()


async def test_a_closed_engine_says_so(engine: Engine) -> None:
    await engine.close()
    await engine.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        await engine.count(Everything())


async def test_a_new_field_wants_a_reindex(filled: Fill, opened: Opened, document: Any, schema: CollectionSchema) -> None:
    await filled(document("1", title=["a"]))
    wider = dataclasses.replace(schema, fields=(*schema.fields, dataclasses.replace(schema.fields[2], name="note")), version="2")
    engine = opened(wider, writable=True)
    assert await engine.count(Word("title", Exact("a"))) == 1
    ready = await engine.ready()
    assert ready.ready
    assert "hylla reindex" in ready.detail
    with pytest.raises(EngineError, match="hylla reindex"):
        await engine.count(Word("note", Exact("a")))
    with pytest.raises(EngineError, match="hylla reindex"):
        await engine.write([document("2")])
    await engine.close()
