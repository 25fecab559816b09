"""From a plan to OpenSearch's query language: every part an explicit node, never a query string.

A plan becomes plain data for the body of a search. What no query can say (`places.is_expressible`), and phrases behind whose
masks stand too many words, are looked up by `lookup` beforehand and come back as the ids of records.

Scores: exact words and phrases by BM25. Hits of the field of everything are ranked by the boosted fields too.
"""

from collections.abc import Callable, Sequence
from typing import Any, assert_never

import orjson

from cql.plan import (
    AllOf,
    AnyOf,
    Everything,
    Exact,
    KeyRange,
    Near,
    Nothing,
    Phrase,
    Plan,
    Present,
    Range,
    Value,
    Without,
    Word,
)
from indexer.engine.opensearch import patterns, places
from indexer.engine.opensearch.documents import HIGHEST, LOWEST
from indexer.engine.opensearch.layout import BOUNDARY, LIVE, Layout
from indexer.engine.port import EngineError
from indexer.extraction_plan import ANYWHERE

Query = dict[str, Any]
Look = Callable[[Near | Phrase], Sequence[str] | None]
"""Ids under which the documents of a plan are kept, or None when it was not looked up."""

NOTHING: Query = {"match_none": {}}
FEW = 16
"""Alternatives of one field that are scored one by one; more of them become one list, which scores alike but costs one clause."""

_DEEP = 30
"""Levels that are written at once: orjson refuses more than 254 brackets within each other, OpenSearch more than 1,000."""


def not_looked_up(plan: Near | Phrase) -> Sequence[str] | None:
    """Says of every plan that it was not looked up."""
    return None


class Translator:
    """Translates plans for one layout. `ranked`: hits will be ordered by relevance."""

    def __init__(self, layout: Layout, look: Look = not_looked_up, *, ranked: bool = False) -> None:
        self._layout = layout
        self._look = look
        self._ranked = ranked

    def query(self, plan: Plan) -> Query:
        """The plan as a query. Raises: EngineError for a field that the collection does not have."""
        return self._query(plan, 0)

    def _query(self, plan: Plan, depth: int) -> Query:
        match plan:
            case Everything():
                return {"term": {"live": LIVE}}
            case Nothing():
                return NOTHING
            case Word(field, pattern):
                return self._boosted(plan, patterns.query(f"t_{self._text(field)}", pattern, is_text=True))
            case Phrase():
                return self._boosted(plan, self._phrase(plan))
            case Near():
                return self._near(plan)
            case Value(field, pattern):
                return patterns.query(f"k_{self._key(field)}", pattern, is_text=False)
            case KeyRange():
                return self._key_range(plan)
            case Range():
                return self._range(plan)
            case Present(field):
                return self._present(field)
            case AllOf(parts):
                return _bool("must", [self._query(part, depth + 1) for part in parts], depth)
            case AnyOf(parts):
                return _bool("should", self._alternatives(parts, depth), depth)
            case Without(base, minus):
                both = {"must": [self._query(base, depth + 1)], "must_not": [self._query(minus, depth + 1)]}
                return {"bool": _written(both, depth)}
            case _:
                assert_never(plan)

    def _alternatives(self, parts: Sequence[Plan], depth: int) -> list[Query]:
        """The parts of `or`; many exact words or values of one field become one clause, because clauses are limited."""
        lists: dict[str, list[str]] = {}
        others: list[Plan] = []
        for part in parts:
            if isinstance(part, Word | Value) and isinstance(part.pattern, Exact) and len(parts) > FEW:
                is_text = isinstance(part, Word)
                name = f"t_{self._text(part.field)}" if is_text else f"k_{self._key(part.field)}"
                if patterns.is_searchable(part.pattern.text, is_text):
                    lists.setdefault(name, []).append(part.pattern.text)
            else:
                others.append(part)
        return [*({"terms": {name: texts}} for name, texts in lists.items()), *(self._query(part, depth + 1) for part in others)]

    # -- text -----------------------------------------------------------------------------------------

    def _phrase(self, phrase: Phrase) -> Query:
        name = f"t_{self._text(phrase.field)}"
        if not places.is_possible(phrase.words):
            return NOTHING
        return self._looked_up(phrase) or places.phrase_query(name, phrase)

    def _near(self, near: Near) -> Query:
        name = f"t_{self._text(near.field)}"
        near = possible(near)
        if not near.left or not near.right:
            return NOTHING
        return self._looked_up(near) or places.near_query(name, near) or NOTHING

    def _looked_up(self, plan: Near | Phrase) -> Query | None:
        ids = self._look(plan)
        return None if ids is None else {"ids": {"values": list(ids)}}

    def _boosted(self, plan: Word | Phrase, query: Query) -> Query:
        """Ranks hits of the field of everything by the fields that weigh more or less; the set of hits stays the same."""
        if not self._ranked or plan.field != ANYWHERE or query == NOTHING:
            return query
        words = (plan.pattern,) if isinstance(plan, Word) else plan.words
        texts = [word.text for word in words if isinstance(word, Exact)]
        if len(texts) < len(words):
            return query
        weighed = []
        for field, boost in self._layout.boosts:
            if len(texts) == 1:
                weighed.append({"term": {f"t_{field}": {"value": texts[0], "boost": boost}}})
            else:
                weighed.append({"match_phrase": {f"t_{field}": {"query": " ".join(texts), "boost": boost}}})
        return {"bool": {"must": [query], "should": weighed}} if weighed else query

    # -- keys and numbers -----------------------------------------------------------------------------

    def _key_range(self, plan: KeyRange) -> Query:
        name = f"k_{self._key(plan.field)}"
        bounds = {}
        if plan.low is not None:
            bounds["gte" if plan.include_low else "gt"] = plan.low
        if plan.high is not None:
            bounds["lte" if plan.include_high else "lt"] = plan.high
        return {"range": {name: bounds}} if bounds else {"exists": {"field": name}}

    def _range(self, plan: Range) -> Query:
        if plan.field not in self._layout.numbers:
            raise self._unknown(plan.field)
        low, high = plan.low, plan.high
        if (low or 0) > HIGHEST or (high or 0) < LOWEST or (low is not None and high is not None and low > high):
            return NOTHING
        bounds = {}
        if low is not None and low > LOWEST:
            bounds["gte"] = low
        if high is not None and high < HIGHEST:
            bounds["lte"] = high
        return {"range": {f"n_{plan.field}": bounds}} if bounds else {"exists": {"field": f"n_{plan.field}"}}

    def _present(self, field: str) -> Query:
        layout = self._layout
        if field not in layout.fields:
            raise self._unknown(field)
        queries: list[Query] = []
        if field in layout.texts:
            queries.append({"term": {f"t_{field}": BOUNDARY}})
        if field in layout.keyed:
            queries.append({"exists": {"field": f"k_{field}"}})
        if field in layout.numbers:
            queries.append({"exists": {"field": f"n_{field}"}})
        return {"constant_score": {"filter": _bool("should", queries, 0)}}

    # -- names ----------------------------------------------------------------------------------------

    def _text(self, field: str) -> str:
        if field not in self._layout.texts:
            raise self._unknown(field)
        return field

    def _key(self, field: str) -> str:
        if field not in self._layout.keyed:
            raise self._unknown(field)
        return field

    @staticmethod
    def _unknown(field: str) -> EngineError:
        return EngineError(f"The collection has no such field `{field}`; it was made with another field table. Run `hylla reindex`.")


def possible(near: Near) -> Near:
    """The same without phrases that can be nowhere."""
    left, right = (tuple(phrase for phrase in side if places.is_possible(phrase.words)) for side in (near.left, near.right))
    return Near(near.field, left, right, near.minimum, near.maximum, near.ordered)


def placed_parts(plan: Plan) -> list[Near | Phrase]:
    """The parts that may have to be looked up, as `Look` is asked for them: proximity, and phrases with words that are not exact."""
    match plan:
        case Near():
            near = possible(plan)
            return [near] if near.left and near.right else []
        case Phrase():
            return [plan] if places.has_masks(plan) and places.is_possible(plan.words) else []
        case AllOf(parts) | AnyOf(parts):
            return [found for part in parts for found in placed_parts(part)]
        case Without(base, minus):
            return [*placed_parts(base), *placed_parts(minus)]
        case Everything() | Nothing() | Word() | Value() | KeyRange() | Range() | Present():
            return []
        case _:
            assert_never(plan)


def encoded(body: dict[str, Any]) -> bytes:
    """The body of a request. Raises: EngineError when a text in it is not valid Unicode."""
    try:
        return orjson.dumps(body)
    except TypeError as error:
        raise EngineError(f"The query cannot be sent to OpenSearch ({error}).") from None


def _bool(occurrence: str, queries: list[Query], depth: int) -> Query:
    if not queries:
        return NOTHING
    return queries[0] if len(queries) == 1 else {"bool": _written({occurrence: queries}, depth)}


def _written(clauses: dict[str, Any], depth: int) -> Any:
    """Deep parts are written beforehand, so that no piece is too deep for the encoder."""
    return orjson.Fragment(encoded(clauses)) if depth and depth % _DEEP == 0 else clauses
