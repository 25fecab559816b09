"""Browse lists: in the order of code points, counted as searches count, without terms that nothing has."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal

import pytest

from cql.matcher import matches
from cql.plan import AnyOf, Exact, Plan, Value, Word
from indexer.document import Document
from indexer.engine.port import Deletion, Engine, EngineError, ScanPage

Fill = Callable[..., Awaitable[Engine]]
ListName = Literal["words", "values"]


def plan_of(fields: tuple[str, ...], list_: ListName, term: str) -> Plan:
    return AnyOf(tuple(Word(field, Exact(term)) if list_ == "words" else Value(field, Exact(term)) for field in fields))


def expected(documents: list[Document], fields: tuple[str, ...], list_: ListName) -> dict[str, int]:
    terms: set[str] = set()
    for one in documents:
        for field in fields:
            terms.update(word for occurrence in one.text.get(field, []) for word in occurrence.split(" ") if list_ == "words")
            terms.update(one.keys.get(field, []) if list_ == "values" else [])
    counts = {term: sum(matches(plan_of(fields, list_, term), one) for one in documents) for term in sorted(terms)}
    return {term: count for term, count in counts.items() if count}


LISTS: list[tuple[tuple[str, ...], ListName]] = [
    (("title",), "words"), (("title", "alternative", "subject"), "words"), (("subject",), "values"), (("title", "subject"), "values"),
    (("isbn",), "values"), (("isbn", "callnumber"), "values"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "list_"), LISTS, ids=lambda value: "+".join(value) if isinstance(value, tuple) else value)
async def test_lists_are_what_searches_find(filled: Fill, random_collection: Any, fields: tuple[str, ...], list_: ListName) -> None:
    documents = random_collection(8, 120)
    await filled(*documents[:50])
    engine = await filled(*documents[50:])
    for step in ("full", "after deletions"):
        want = expected(documents, fields, list_)
        page = await engine.scan(fields, list_, "", 0, 1000)
        assert [(term.value, term.count) for term in page.terms] == list(want.items()), step
        assert page.at_start
        assert page.at_end
        for one in documents[60:100]:
            one.hidden = "suppressed"
        await filled(*documents[60:100], *(Deletion(one.id, 900) for one in documents[100:]))
        documents = documents[:60]


async def words(engine: Engine, start: str, before: int, count: int) -> ScanPage:
    return await engine.scan(["title"], "words", start, before, count)


@pytest.mark.parametrize(
    ("start", "before", "count", "values", "at_start", "at_end"),
    [
        ("", 0, 3, "abc", True, False),
        ("b", 0, 2, "bc", False, False),
        ("b", 1, 2, "abc", True, False),
        ("bb", 1, 1, "bc", False, False),
        ("e", 2, 5, "cde", False, True),
        ("f", 2, 5, "de", False, True),
        ("f", 9, 0, "abcde", True, True),
        ("a", 3, 0, "", True, False),
        ("c", 0, 0, "", False, False),
    ],
)
async def test_the_window_is_cut_around_the_start(
    filled: Fill, document: Any, start: str, before: int, count: int, values: str, at_start: bool, at_end: bool
) -> None:
    engine = await filled(document("1", title=["a b c d e"]))
    page = await words(engine, start, before, count)
    assert "".join(term.value for term in page.terms) == values
    assert (page.at_start, page.at_end) == (at_start, at_end)


async def test_long_lists_are_walked_in_both_directions_without_gaps(filled: Fill, document: Any) -> None:
    every = [f"w{number:05d}" for number in range(1500)]
    await filled(document("1", title=[" ".join(every[::2])]))
    engine = await filled(document("2", title=[" ".join(every[1::2])]))
    page = await words(engine, "w00700", 700, 800)
    assert [term.value for term in page.terms] == every
    up: list[str] = []
    while len(up) < 1500:
        up += [term.value for term in (await words(engine, f"{up[-1]}\0" if up else "", 0, 37)).terms]
    assert up == every


async def test_the_first_display_form_is_shown(filled: Fill, document: Any) -> None:
    one = {"isbn": ["x"], "subject": ["coral reefs"], "subject_keys": ["coral reefs"]}
    await filled(document("1", **one, shown={"subject": {"coral reefs": "Coral reefs."}}))
    engine = await filled(document("2", **one, shown={"subject": {"coral reefs": "CORAL REEFS"}}))
    page = await engine.scan(["subject"], "values", "", 0, 5)
    assert [(term.value, term.shown, term.count) for term in page.terms] == [("coral reefs", "Coral reefs.", 2)]
    assert [term.shown for term in (await engine.scan(["isbn"], "values", "", 0, 5)).terms] == ["x"]


async def test_names_that_keep_their_punctuation_are_in_the_word_list(filled: Fill, document: Any) -> None:
    engine = await filled(document("1", title=["c"], title_variants=["c++", "oneill"]))
    assert [term.value for term in (await words(engine, "", 0, 9)).terms] == ["c", "c++"]


async def test_years_are_listed_with_four_digits(filled: Fill, document: Any) -> None:
    engine = await filled(document("1", year=[999]), document("2", year=[1999, 999]))
    page = await engine.scan(["year"], "values", "", 0, 9)
    assert [(term.value, term.count) for term in page.terms] == [("0999", 2), ("1999", 1)]


async def test_many_small_changes_leave_one_list(filled: Fill, document: Any) -> None:
    for number in range(30):
        engine = await filled(document(str(number), number + 1, title=[f"a w{number:02d}"]))
    page = await words(engine, "", 0, 100)
    assert [(term.value, term.count) for term in page.terms] == [("a", 30), *((f"w{number:02d}", 1) for number in range(30))]


async def test_a_list_that_is_not_kept_is_refused(filled: Fill, document: Any) -> None:
    engine = await filled(document("1", anywhere=["a"]))
    with pytest.raises(EngineError, match="no list of words of `anywhere`"):
        await engine.scan(["anywhere"], "words", "", 0, 5)


async def test_terms_with_display_forms_are_listed_once(filled: Fill, document: Any) -> None:
    keys = [f"subject {number:03d}" for number in range(100)]
    forms = {key: f"Subject {key}." for key in keys}
    engine = await filled(document("1", subject=keys, subject_keys=keys, shown={"subject": forms}))
    page = await engine.scan(["subject"], "values", keys[30], 30, 70)
    assert [(term.value, term.shown) for term in page.terms] == list(forms.items())
