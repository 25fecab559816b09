"""Every kind of plan by example: what it finds and what it leaves alone."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cql.plan import (
    AllOf,
    AnyOf,
    Everything,
    Exact,
    Fuzzy,
    KeyRange,
    Mask,
    MaskPart,
    Near,
    Nothing,
    Phrase,
    Plan,
    Present,
    Range,
    Regexp,
    Value,
    Without,
    Word,
)
from indexer.document import Document
from indexer.engine.port import Engine, EngineError, QueryTooExpensive, Window

Fill = Callable[..., Awaitable[Engine]]


def words(text: str) -> tuple[Exact, ...]:
    return tuple(Exact(word) for word in text.split(" "))


def mask(text: str) -> Mask:
    return Mask(tuple(MaskPart(char, char in "*?") for char in text))


def title(text: str, starts: bool = False, ends: bool = False) -> Phrase:
    return Phrase("title", words(text), starts, ends)


def near(left: str, right: str, minimum: int, maximum: int | None, ordered: bool = False) -> Near:
    return Near("title", (title(left),), (title(right),), minimum, maximum, ordered)


@pytest.fixture
def shelf(document: Callable[..., Document]) -> list[Document]:
    return [
        document("reef", title=["coral reefs of the world", "atlas"], isbn=["9780306406157"], year=[1999], language=["eng"]),
        document("world", title=["the world of coral"], title_variants=["oneill"], callnumber=["qa 76.73", "qa 76"], year=[2005, 1980]),
        document("split", title=["coral", "reefs"], subject=["coral reefs"], subject_keys=["coral reefs", "reefs"], language=["swe"]),
        document("odd", title=["c"], title_variants=["c++"], callnumber=["a.b*c"], entered=[20260131]),
        document("empty"),
        document("gone", hidden="deleted", title=["coral reefs"]),
    ]


FOUND: list[tuple[str, Plan, str]] = [
    ("everything", Everything(), "reef world split odd empty"),
    ("nothing", Nothing(), ""),
    ("word", Word("title", Exact("coral")), "reef world split"),
    ("word among variants", Word("title", Exact("oneill")), "world"),
    ("word with punctuation", Word("title", Exact("c++")), "odd"),
    ("word of another field", Word("subject", Exact("atlas")), ""),
    ("masked word", Word("title", mask("ree*")), "reef split"),
    ("left mask", Word("title", mask("*la?")), "reef"),
    ("masked variant", Word("title", mask("one?ll")), "world"),
    ("mask of one character", Word("title", mask("?")), "odd"),
    ("fuzzy word", Word("title", Fuzzy("korel", 2)), "reef world split"),
    ("fuzzy counts a swap as two", Word("title", Fuzzy("oclral", 1)), ""),
    ("regular expression", Word("title", Regexp("(reef|worl)[ds]")), "reef world split"),
    ("phrase", title("coral reefs"), "reef"),
    ("phrase over the end", title("world atlas"), ""),
    ("phrase of one word knows no variants", title("oneill"), ""),
    ("phrase at the start", title("the world", starts=True), "world"),
    ("phrase at the end", title("the world", ends=True), "reef"),
    ("word at the start", title("coral", starts=True), "reef split"),
    ("whole occurrence", title("coral", starts=True, ends=True), "split"),
    ("whole occurrence of several words", title("the world of coral", starts=True, ends=True), "world"),
    ("masked phrase", Phrase("title", (Exact("coral"), mask("r*s"))), "reef"),
    ("masked phrase stays in its occurrence", Phrase("title", (Exact("coral"), mask("?*"))), "reef"),
    ("masked whole", Phrase("title", (mask("cor*"),), True, True), "split"),
    ("fuzzy phrase", Phrase("title", (Fuzzy("coral", 1), Fuzzy("reef", 1))), "reef"),
    ("neighbours", near("reefs", "coral", 1, 1), "reef"),
    ("neighbours in order", near("reefs", "coral", 1, 1, ordered=True), ""),
    ("some words apart", near("coral", "world", 1, 3), "world"),
    ("further apart", near("coral", "world", 1, 4), "reef world"),
    ("at least apart", near("coral", "world", 3, None), "reef"),
    ("in one element", near("coral", "reefs", 0, None), "reef"),
    ("one word twice in one element", near("coral", "coral", 0, None), "reef world split"),
    ("one word is not near itself", near("coral", "coral", 1, None), ""),
    ("near with a mask", Near("title", (Phrase("title", (mask("r*fs"),)),), (title("world", ends=True),), 1, 5, False), "reef"),
    ("value", Value("isbn", Exact("9780306406157")), "reef"),
    ("value is whole", Value("isbn", Exact("978")), ""),
    ("masked value", Value("isbn", mask("978*57")), "reef"),
    ("fuzzy value", Value("language", Fuzzy("ens", 1)), "reef"),
    ("hostile value", Value("callnumber", Exact("a.b*c")), "odd"),
    ("value of a twin", Value("subject", Exact("reefs")), "split"),
    ("value of a twin that is an occurrence", Value("subject", Exact("coral reefs")), "split"),
    ("interval of values", KeyRange("callnumber", "qa 76", "qa 76.73", False, True), "world"),
    ("open interval of values", KeyRange("callnumber", None, "b"), "odd"),
    ("range", Range("year", 1990, 2000), "reef"),
    ("range between the values of one record", Range("year", 1981, 1998), ""),
    ("open range", Range("year", 2000, None), "world"),
    ("date", Range("entered", 20260101, 20260131), "odd"),
    ("range beyond all numbers", Range("year", 2**80, None), ""),
    ("present text", Present("title"), "reef world split odd"),
    ("present key", Present("callnumber"), "world odd"),
    ("present number", Present("year"), "reef world"),
    ("all of", AllOf((Word("title", Exact("coral")), Range("year", None, None))), "reef world"),
    ("any of", AnyOf((Word("title", Exact("atlas")), Present("entered"))), "reef odd"),
    ("without", Without(Everything(), Word("title", Exact("coral"))), "odd empty"),
    ("without nothing", Without(Present("title"), Nothing()), "reef world split odd"),
]


@pytest.mark.parametrize(("plan", "ids"), [pytest.param(plan, ids, id=name) for name, plan, ids in FOUND])
async def test_a_plan_finds(filled: Fill, shelf: list[Document], plan: Plan, ids: str) -> None:
    engine = await filled(*shelf)
    page = await engine.search(plan, Window(1, 10))
    assert {hit.id for hit in page.hits} == set(ids.split())
    assert page.total == await engine.count(plan) == len(ids.split())


@pytest.mark.parametrize("plan", [Word("year", Exact("a")), Value("title_alternative", Exact("a")), Range("isbn", 1, 2), Present("shelf")])
async def test_a_field_that_the_index_does_not_have_is_refused(filled: Fill, shelf: list[Document], plan: Plan) -> None:
    engine = await filled(*shelf)
    with pytest.raises(EngineError, match="hylla reindex"):
        await engine.search(plan, Window())


async def test_an_expression_beyond_all_measure_is_too_expensive(filled: Fill, shelf: list[Document]) -> None:
    engine = await filled(*shelf)
    with pytest.raises(QueryTooExpensive):
        await engine.search(Word("title", Regexp("(a.{1,90}b.{1,90}c|.{50,90}d)")), Window())


async def test_a_masked_phrase_with_very_many_words_behind_it_is_found_or_too_expensive(filled: Fill, document: Any) -> None:
    many = " ".join(f"a{number}" for number in range(17_000))
    engine = await filled(document("1", title=[f"b {many}"]), document("2", title=["a1 b"]))
    for phrase in (Phrase("title", (Exact("b"), mask("a*"))), Phrase("title", (mask("*1"), Exact("a2")))):
        try:
            assert (await engine.search(phrase, Window())).total == 1
        except QueryTooExpensive:
            continue
