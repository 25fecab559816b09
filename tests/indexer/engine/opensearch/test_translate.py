"""Plans as OpenSearch's query language, read without any OpenSearch; that they find the right records is tested with one."""

import orjson
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
    Present,
    Range,
    Value,
    Without,
    Word,
)
from indexer.engine.opensearch.layout import BOUNDARY, Layout
from indexer.engine.opensearch.translate import Translator, encoded
from indexer.engine.port import EngineError

STAR = MaskPart("*", True)
CORAL = Word("title", Exact("coral"))
REEFS = Phrase("title", (Exact("coral"), Exact("reefs")))


@pytest.fixture
def layout(session_schema):
    return Layout(session_schema)


@pytest.mark.parametrize(
    ("plan", "query"),
    [
        (Everything(), {"term": {"live": "1"}}),
        (Nothing(), {"match_none": {}}),
        (CORAL, {"term": {"t_title": "coral"}}),
        (Word("title", Mask((MaskPart("c*"), STAR))), {"wildcard": {"t_title": {"value": "c\\**"}}}),
        (
            Word("title", Fuzzy("coral", 1)),
            {"fuzzy": {"t_title": {"value": "coral", "fuzziness": 1, "transpositions": False, "rewrite": "constant_score"}}},
        ),
        (REEFS, {"match_phrase": {"t_title": {"query": "coral reefs"}}}),
        (
            Phrase("title", REEFS.words, starts=True, ends=True),
            {"match_phrase": {"t_title": {"query": f"{BOUNDARY} coral reefs {BOUNDARY}"}}},
        ),
        (Value("isbn", Exact('a" OR *')), {"term": {"k_isbn": 'a" OR *'}}),
        (Value("isbn", Exact("\ud800")), {"match_none": {}}),
        (KeyRange("callnumber", "a", None, include_low=False), {"range": {"k_callnumber": {"gt": "a"}}}),
        (Range("year", 1990, 2000), {"range": {"n_year": {"gte": 1990, "lte": 2000}}}),
        (Range("year", 2**70, None), {"match_none": {}}),
        (Present("language"), {"constant_score": {"filter": {"exists": {"field": "k_language"}}}}),
        (AllOf((CORAL, Range("year", None, None))), {"bool": {"must": [{"term": {"t_title": "coral"}}, {"exists": {"field": "n_year"}}]}}),
        (
            Without(Everything(), CORAL),
            {"bool": {"must": [{"term": {"live": "1"}}], "must_not": [{"term": {"t_title": "coral"}}]}},
        ),
    ],
)
def test_a_plan_becomes(layout, plan, query):
    assert Translator(layout).query(plan) == query


def test_very_many_alternatives_of_a_field_are_one_clause(layout):
    many = [str(number) for number in range(5000)]
    plan = AnyOf((*(Value("isbn", Exact(one)) for one in many), CORAL))
    assert Translator(layout).query(plan) == {"bool": {"should": [{"terms": {"k_isbn": many}}, {"terms": {"t_title": ["coral"]}}]}}


def test_what_was_looked_up_is_asked_by_id(layout):
    near = Near("title", (REEFS,), (Phrase("title", (Mask((MaskPart("w"), STAR)),)),), 3, 9, False)
    assert Translator(layout, lambda _: ["1", "2"]).query(near) == {"ids": {"values": ["1", "2"]}}


def test_a_very_deep_plan_can_be_written(layout):
    plan = CORAL
    for _ in range(120):
        plan = AllOf((Without(plan, Nothing()), Everything()))
    assert encoded(Translator(layout).query(plan)).count(b"must_not") == 120


def test_hits_of_everything_are_weighed_by_the_boosted_fields(layout):
    weighed = Translator(layout, ranked=True).query(Word("anywhere", Exact("coral")))
    assert weighed["bool"]["must"] == [{"term": {"t_anywhere": "coral"}}]
    assert weighed["bool"]["should"] == [{"term": {"t_title": {"value": "coral", "boost": 4.0}}}]


@pytest.mark.parametrize("plan", [Word("year", Exact("a")), Value("title_alternative", Exact("a")), Range("isbn", 1, 2), Present("shelf")])
def test_an_unknown_field_is_refused(layout, plan):
    with pytest.raises(EngineError, match="hylla reindex"):
        Translator(layout).query(plan)


def test_a_text_that_is_no_unicode_is_refused_in_words():
    with pytest.raises(EngineError, match="cannot be sent"):
        encoded({"query": "\ud800"})


def test_a_layout_is_kept_with_the_collection_and_read_again(layout):
    assert Layout.from_json(orjson.loads(orjson.dumps(layout.to_json()))).signature == layout.signature
    with pytest.raises(EngineError, match="hylla reindex"):
        Layout.from_json(layout.to_json() | {"layout": 0})
    with pytest.raises(EngineError, match="hylla reindex"):
        Layout.from_json({})
