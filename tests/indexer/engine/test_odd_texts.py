"""Texts and ids that engines may find too long or too odd."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cql.plan import Exact, Mask, MaskPart, Phrase, Value, Word
from indexer.engine.port import Engine, SortBy, Window

Fill = Callable[..., Awaitable[Engine]]

LONG = "x" * 8000


@pytest.mark.parametrize("length", [255, 256, 300, 8000])
async def test_a_long_word_is_one_word(filled: Fill, document: Any, length: int) -> None:
    word = "x" * length
    engine = await filled(document("1", title=[f"a {word} b"]), document("2", title=[f"a {word}x b"]), document("3", title=["a x b"]))
    for plan in (Word("title", Exact(word)), Phrase("title", (Exact("a"), Exact(word), Exact("b")), True, True)):
        assert [hit.id for hit in (await engine.search(plan, Window())).hits] == ["1"]
    assert await engine.count(Word("title", Mask((MaskPart("xx"), MaskPart("*", True))))) == 2
    terms = (await engine.scan(["title"], "words", "x", 0, 3)).terms
    assert [(term.value, term.count) for term in terms] == [("x", 1), (word, 1), (f"{word}x", 1)]


async def test_a_long_value_is_found_and_its_record_kept(filled: Fill, document: Any) -> None:
    engine = await filled(document("1", isbn=[LONG]), document("2", isbn=["y" * 40_000], title=["a"]))
    assert await engine.count(Value("isbn", Exact(LONG))) == 1
    assert await engine.count(Word("title", Exact("a"))) == 1


IDS = ["a", ".", "..", "_x", "b/c?d#e %2F", "a,b", "*", "é\u2028", "ö" * 400, "_search", "x" * 513]


async def test_any_id_is_an_id(filled: Fill, document: Any) -> None:
    engine = await filled(*(document(one, number, title=["a"]) for number, one in enumerate(IDS, 1)))
    for one in IDS:
        found = await engine.get(one)
        assert found is not None
        assert found.id == one
    page = await engine.search(Word("title", Exact("a")), Window(1, 20), (SortBy("title_sort"),))
    assert [hit.id for hit in page.hits] == sorted(IDS)
    for unknown in ("", "b", "_all", "a,", "%2E"):
        assert await engine.get(unknown) is None


@pytest.mark.parametrize("odd", [{"sorts": {"title_sort": "x" * 40_000}}, {"title_variants": ["\ud800"]}], ids=["long", "surrogate"])
async def test_what_an_engine_does_not_take_in_is_told_and_no_older_state_is_found(
    engine: Engine, engine_kind: str, document: Any, odd: dict[str, Any]
) -> None:
    if engine_kind == "embedded":
        pytest.skip("the embedded engine takes any document in")
    await engine.write([document("1", 1, title=["old"])])
    assert await engine.commit(1) == {}
    await engine.write([document("1", 2, title=["new"], **odd), document("2", 3, title=["new"])])
    assert list(await engine.commit(3)) == ["1"]
    assert await engine.count(Word("title", Exact("old"))) == 0
    assert [hit.id for hit in (await engine.search(Word("title", Exact("new")), Window())).hits] == ["2"]
    inspection = await engine.inspect()
    assert await inspection.counts() == {"live": 1, "suppressed": 1, "deleted": 0}
    assert [one.hidden for one in await inspection.find(["1"])] == ["suppressed"]
    await inspection.close()
    await engine.write([document("1", 4, title=["mended"])])
    assert await engine.commit(4) == {}
    assert await engine.count(Word("title", Exact("mended"))) == 1
