"""Facets: exact counts over the whole result, most frequent first, ties by key."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cql.matcher import matches
from cql.plan import Everything, Exact, Plan, Word
from indexer.document import Document
from indexer.engine.port import Engine, EngineError

Fill = Callable[..., Awaitable[Engine]]


def expected(documents: list[Document], plan: Plan, field: str, size: int) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for one in documents:
        if matches(plan, one):
            counts.update({str(value) for value in (*one.keys.get(field, ()), *one.numbers.get(field, ()))})
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:size]


@pytest.mark.parametrize("plan", [Everything(), Word("title", Exact("ab")), Word("title", Exact("nowhere"))], ids=["all", "word", "none"])
async def test_counts_are_those_of_the_documents(filled: Fill, random_collection: Any, plan: Plan) -> None:
    documents = random_collection(9, 200)
    await filled(*documents[:90])
    engine = await filled(*documents[90:])
    for size in (1, 3, 1000):
        found = await engine.facets(plan, ["language", "subject", "year"], size)
        assert {name: [(one.value, one.count) for one in counts] for name, counts in found.items()} == {
            name: expected(documents, plan, name, size) for name in ("language", "subject", "year")
        }


@pytest.mark.parametrize("spread", ["steep", "flat", "once"])
async def test_counts_are_exact_where_no_part_of_the_index_has_all(filled: Fill, document: Any, spread: str) -> None:
    chance = random.Random(spread)
    documents = []
    for number in range(3000):
        match spread:
            case "steep":
                keys = [f"k{int(chance.paretovariate(0.5)) % 5000:04d}" for _ in range(3)]
            case "flat":
                keys = [f"k{chance.randrange(1200):04d}" for _ in range(3)]
            case _:
                keys = [f"k{(number * 7919) % 3000:04d}"]
        documents.append(document(f"r{number}", subject=list(dict.fromkeys(keys)), subject_keys=list(dict.fromkeys(keys))))
    for start in range(0, 3000, 1000):
        engine = await filled(*documents[start : start + 1000])
    for size in (1, 10, 100):
        found = (await engine.facets(Everything(), ["subject"], size))["subject"]
        assert [(one.value, one.count) for one in found] == expected(documents, Everything(), "subject", size)


async def test_values_are_shown_as_first_written(filled: Fill, document: Any) -> None:
    engine = await filled(
        document("1", language=["swe"], shown={"language": {"swe": "Swedish"}}),
        document("2", language=["swe", "eng"], shown={"language": {"swe": "svenska"}}),
    )
    found = await engine.facets(Everything(), ["language"], 5)
    assert [(one.value, one.shown, one.count) for one in found["language"]] == [("swe", "Swedish", 2), ("eng", "eng", 1)]


async def test_an_unknown_facet_is_refused(filled: Fill, document: Any) -> None:
    engine = await filled(document("1", isbn=["x"]))
    with pytest.raises(EngineError, match="no facet `isbn`"):
        await engine.facets(Everything(), ["isbn"], 5)
    assert await engine.facets(Everything(), ["language"], 0) == {"language": []}
