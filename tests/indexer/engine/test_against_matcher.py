"""Engine and `cql.matcher` find the same records, for any plan over a small random collection in several segments."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opensearch_nodes import own_prefix

from cql.matcher import matches
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
    Pattern,
    Phrase,
    Plan,
    Present,
    Range,
    Regexp,
    Value,
    Without,
    Word,
)  # fmt: skip
from indexer.document import Document
from indexer.engine import open_engine
from indexer.engine.opensearch import ClusterSettings
from indexer.engine.port import Deletion, Engine, ExtractField, Window
from indexer.schema import CollectionSchema

TEXTS = ("title", "alternative", "subject", "anywhere")
KEYS = ("isbn", "callnumber", "language", "subject", "title")
words = st.sampled_from(("a", "b", "ab", "ba", "abc", "cab", "o", "ö", "東", "京", "x1", "9", "zz"))
literals = st.text("abcö東19.* x", min_size=1, max_size=3)
mask_parts = st.one_of(st.sampled_from("*?").map(lambda mask: MaskPart(mask, True)), literals.map(MaskPart))
masks = st.lists(mask_parts, min_size=1, max_size=4).map(lambda parts: Mask(tuple(parts)))
regexps = st.sampled_from(("a.", "[ab]+", "[^a]", "(a|b)b?", "a{1,2}b*", ".", ".*b", "[^b]*", "\\.?ab", "[\\-a-c]b", "東|京", "ab|ba")).map(
    Regexp
)
fuzzies = st.builds(Fuzzy, words, st.sampled_from((1, 2)))
exact = words.map(Exact)
patterns: st.SearchStrategy[Pattern] = st.one_of(exact, exact, masks, regexps, fuzzies)
phrases = st.builds(
    Phrase,
    st.sampled_from(TEXTS),
    st.lists(st.one_of(exact, exact, exact, patterns), min_size=1, max_size=4).map(tuple),
    st.booleans(),
    st.booleans(),
)


@st.composite
def nears(draw: st.DrawFn) -> Near:
    field = draw(st.sampled_from(TEXTS))
    one = st.builds(
        Phrase,
        st.just(field),
        st.lists(st.one_of(exact, exact, exact, masks), min_size=1, max_size=2).map(tuple),
        st.booleans(),
        st.booleans(),
    )
    plain = st.builds(Phrase, st.just(field), exact.map(lambda word: (word,)))
    side = st.lists(st.one_of(plain, plain, one), min_size=1, max_size=2).map(tuple)
    minimum = draw(st.integers(0, 3))
    maximum = draw(st.one_of(st.none(), st.integers(minimum, 10)))
    return Near(field, draw(side), draw(side), minimum, maximum, draw(st.booleans()))


keys = st.text("abZ.1* 東xz", max_size=4)
bounds = st.one_of(st.none(), keys)
years = st.one_of(st.none(), st.integers(1990, 2005), st.sampled_from((-(2**70), 2**70)))
leaves: st.SearchStrategy[Plan] = st.one_of(
    st.just(Everything()),
    st.just(Nothing()),
    st.builds(Word, st.sampled_from(TEXTS), patterns),
    phrases,
    phrases,
    nears(),
    nears(),
    st.builds(Value, st.sampled_from(KEYS), st.one_of(keys.map(Exact), patterns)),
    st.builds(KeyRange, st.sampled_from(KEYS), bounds, bounds, st.booleans(), st.booleans()),
    st.builds(Range, st.sampled_from(("year", "entered")), years, years),
    st.builds(Present, st.sampled_from((*TEXTS, *KEYS, "year", "entered"))),
)
plans = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AllOf(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        st.builds(Without, inner, inner),
    ),
    max_leaves=4,
)


class Collection:
    """Live documents and the engine that has them; its repr stays short when hypothesis reports an example.

    All calls are made in one event loop, because an engine's connections belong to it.
    """

    def __init__(self, engine: Engine, documents: list[Document], runner: asyncio.Runner) -> None:
        self.engine = engine
        self.documents = documents
        self.run = runner.run


@pytest.fixture(scope="module", params=["embedded", "opensearch"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path | ClusterSettings]]:
    """Kind of engine, and where its collection is."""
    if request.param == "embedded":
        yield request.param, tmp_path_factory.mktemp("index")
        return
    url = request.getfixturevalue("opensearch_url")
    with own_prefix(url) as prefix:
        yield request.param, ClusterSettings(url=url, prefix=prefix)


@pytest.fixture(scope="module")
def collection(
    place: tuple[str, Path | ClusterSettings], random_collection: Callable[[int, int], list[Document]],
    session_schema: CollectionSchema, session_extract_field: ExtractField,
) -> Iterator[Collection]:  # fmt: skip
    """300 live documents after deletions, replacements and hiding, in several segments."""
    engine = open_engine(*place, session_schema, writable=True, extract_field=session_extract_field)
    documents = random_collection(1, 330)
    old = random_collection(2, 60)
    for number, one in enumerate(old):
        one.id = documents[number * 5].id

    async def fill() -> None:
        await engine.write(old)
        await engine.commit(1)
        for start in range(0, 330, 110):
            await engine.write(documents[start : start + 110])
            await engine.commit(start + 2)
        for one in documents[300:315]:
            one.hidden = "suppressed"
        await engine.write([*documents[300:315], *(Deletion(one.id, 400) for one in documents[315:])])
        await engine.commit(400)

    with asyncio.Runner() as runner:
        runner.run(fill())
        yield Collection(engine, documents[:300], runner)
        runner.run(engine.close())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plan=plans)
def test_engine_and_matcher_agree(collection: Collection, plan: Plan) -> None:
    page = collection.run(collection.engine.search(plan, Window(1, 400), stored=()))
    expected = {one.id for one in collection.documents if matches(plan, one)}
    assert {hit.id for hit in page.hits} == expected
    assert page.total == len(page.hits) == len(expected)
