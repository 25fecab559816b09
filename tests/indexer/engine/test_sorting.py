"""Sorting: a total order over any number of keys, the same for every size of page."""

import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cql.plan import Everything, Exact, Plan, SortBy, Word
from indexer.document import Document
from indexer.engine.port import Engine, EngineError, Hit, Window

Fill = Callable[..., Awaitable[Engine]]


def expected(documents: list[Document], sort: list[SortBy]) -> list[str]:
    """Ids in order, by Python's stable sort from the least key to the first."""
    ordered = sorted(documents, key=lambda one: one.id)
    for key in reversed(sort):
        value = {one.id: one.sorts.get(key.field) or key.missing_value or "" for one in ordered}
        known = sorted((one for one in ordered if value[one.id]), key=lambda one: value[one.id], reverse=key.descending)
        missing = [one for one in ordered if not value[one.id]]
        ordered = [*missing, *known] if key.missing == "first" else [*known, *missing]
    return [one.id for one in ordered]


async def pages(engine: Engine, plan: Plan, sort: list[SortBy], size: int, total: int) -> list[Hit]:
    found: list[Hit] = []
    for start in range(1, total + 1, size):
        page = await engine.search(plan, Window(start, size), sort, stored=())
        assert page.total == total
        found += page.hits
    return found


ORDERS = [
    [SortBy("title_sort")],
    [SortBy("title_sort", descending=True)],
    [SortBy("title_sort", missing="first")],
    [SortBy("year", descending=True, missing="first"), SortBy("title_sort")],
    [SortBy("language"), SortBy("year", descending=True), SortBy("title_sort", descending=True, missing="first")],
    [SortBy("language", missing="first"), SortBy("language", descending=True)],
    *(
        [SortBy(field, descending, missing_value=value), SortBy("title_sort", not descending, missing_value="a b")]
        for field, values in (("year", ("1990", "1", "3000")), ("language", ("e", "eng", "abcdefghij")))
        for value in values
        for descending in (False, True)
    ),
]


@pytest.mark.parametrize("sort", ORDERS, ids=lambda sort: "+".join(f"{'-' if key.descending else ''}{key.field}" for key in sort))
async def test_pages_of_any_size_give_the_one_order(filled: Fill, random_collection: Any, sort: list[SortBy]) -> None:
    documents = random_collection(5, 240)
    engine = await filled(*documents[:100])
    await filled(*documents[100:])
    want = expected(documents, sort)
    for size in (1, 7, 50, 400):
        starts = range(1, 241, size) if size > 1 else random.Random(1).sample(range(1, 241), 25)
        for start in starts:
            page = await engine.search(Everything(), Window(start, size), sort, stored=())
            assert [hit.id for hit in page.hits] == want[start - 1 : start - 1 + size]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("value", ["a", "abcdefg", "abcdefgh", "abcdefghi", "abcdefgh" * 2, "abcdefgh" * 2 + "abcdefg", "ö", "東京"])
async def test_what_has_no_value_sorts_with_the_one_that_stands_in(filled: Fill, document: Any, descending: bool, value: str) -> None:
    eight = "abcdefgh"
    keys = ["", "", "a", "a b", eight, f"{eight}i", eight * 2, f"{eight * 2}abcdefg", eight * 3, f"{eight * 3}a", "ö", "東京", "東京東京"]
    documents = [
        document(f"{chr(122 - number)}{copy}", sorts={"year": str(copy)} | ({"title_sort": key} if key else {}))
        for number, key in enumerate(keys)
        for copy in range(20)
    ]
    engine = await filled(*documents)
    title = SortBy("title_sort", descending, missing_value=value)
    for sort in ([title], [title, SortBy("year", descending=True)]):
        for size in (7, 50):
            assert [hit.id for hit in await pages(engine, Everything(), sort, size, len(documents))] == expected(documents, sort)


@pytest.mark.parametrize("descending", [False, True])
async def test_keys_that_differ_late_or_not_at_all_are_told_apart(filled: Fill, document: Any, descending: bool) -> None:
    eight = "abcdefgh"
    keys = ["a", "a b", "ab", eight, f"{eight}i", eight * 2, eight * 3, f"{eight * 3}a", f"{eight * 3}b", "ö", "東京", "a" * 255]
    documents = [document(f"{chr(122 - number)}{copy}", sorts={"title_sort": key}) for number, key in enumerate(keys) for copy in range(3)]
    engine = await filled(*documents)
    sort = [SortBy("title_sort", descending)]
    for size in (1, 2, 5, 100):
        assert [hit.id for hit in await pages(engine, Everything(), sort, size, len(documents))] == expected(documents, sort)


async def test_ids_that_share_their_first_24_bytes_end_ties_in_order(filled: Fill, document: Any) -> None:
    documents = [document(f"{'source:' * 5}{number:03d}", sorts={"year": "1999"}) for number in range(40)]
    random.Random(3).shuffle(documents)
    engine = await filled(*documents)
    sort = [SortBy("year", descending=True)]
    assert [hit.id for hit in await pages(engine, Everything(), sort, 7, 40)] == sorted(one.id for one in documents)


async def test_deep_pages_are_counted_from_the_end_and_right(filled: Fill, document: Any) -> None:
    years = [{"year": str(1900 + number % 7)} if number % 3 else {} for number in range(2600)]
    documents = [document(f"r{number:05d}", title=["a"], sorts=sorts) for number, sorts in enumerate(years)]
    engine = await filled(*documents)
    for sort in ([SortBy("year")], [SortBy("year", descending=True, missing="first")]):
        want = expected(documents, sort)
        for start in (1, 1290, 1500, 2100, 2590, 2600):
            page = await engine.search(Word("title", Exact("a")), Window(start, 15), sort, stored=())
            assert [hit.id for hit in page.hits] == want[start - 1 : start + 14]


async def test_relevance_gives_the_same_list_for_every_size_of_page(filled: Fill, random_collection: Any) -> None:
    engine = await filled(*random_collection(6, 200))
    for plan in (Word("anywhere", Exact("ab")), Word("title", Exact("a"))):
        whole = await engine.search(plan, Window(1, 200), stored=())
        for size in (1, 3, 10, 64):
            again = await pages(engine, plan, [SortBy("relevance", descending=True)], size, whole.total)
            assert [hit.id for hit in again] == [hit.id for hit in whole.hits]


async def test_a_hit_in_a_weightier_field_comes_first(filled: Fill, document: Any) -> None:
    engine = await filled(
        document("1", alternative=["reef"], anywhere=["reef"]),
        document("2", title=["reef"], anywhere=["reef"]),
        document("3", alternative=["reef"], anywhere=["reef"]),
    )
    page = await engine.search(Word("anywhere", Exact("reef")), Window())
    assert page.total == 3
    assert page.hits[0].id == "2"


async def test_relevance_with_another_key_orders_equal_scores_by_it(filled: Fill, document: Any) -> None:
    engine = await filled(*(document(str(number), title=["a b"], sorts={"year": str(2000 - number)}) for number in range(5)))
    page = await engine.search(Word("title", Exact("a")), Window(), [SortBy("relevance", descending=True), SortBy("year")])
    assert [hit.id for hit in page.hits] == ["4", "3", "2", "1", "0"]


async def test_without_relevance_its_order_is_by_id(filled: Fill, document: Any) -> None:
    engine = await filled(*(document(record_id) for record_id in "cabed"))
    page = await engine.search(Everything(), Window(2, 3), [SortBy("relevance", descending=True)])
    assert [hit.id for hit in page.hits] == ["b", "c", "d"]


async def test_an_unknown_sort_key_is_refused(filled: Fill, document: Any) -> None:
    engine = await filled(document("1"))
    with pytest.raises(EngineError, match="hylla reindex"):
        await engine.search(Everything(), Window(), [SortBy("shelf")])


@pytest.mark.parametrize(("window", "ids"), [(Window(1, 0), []), (Window(4, 10), []), (Window(3, 10), ["c"]), (Window(10**9, 10), [])])
async def test_windows_outside_of_the_result_are_empty(filled: Fill, document: Any, window: Window, ids: list[str]) -> None:
    engine = await filled(*(document(record_id, title=["a"]) for record_id in "abc"))
    for plan, sort in ((Word("title", Exact("a")), []), (Everything(), [SortBy("year")])):
        page = await engine.search(plan, window, sort)
        assert page.total == 3
        assert [hit.id for hit in page.hits] == ids
