"""From a plan to tantivy's query objects: every part an explicit node, never a query string.

* A word is a term of `t_FIELD`, or a variant in `terms`. A phrase has its place fixed by offsets; an anchor is a boundary
  token, and since a boundary stands between two occurrences, no phrase crosses one. With masks in it, a phrase is looked for
  by expressions; tantivy gives up beyond 16,384 words behind them, which becomes QueryTooExpensive.
* The whole of an occurrence is one term where the field has a twin.
* `Near`, and phrases with spelling errors allowed, are worked out by `nearness` and come back as a query.
* Documents that are hidden have no terms, so only "everything" has to leave them out.

Scores: exact words and phrases by BM25, everything else counts one. Hits of the field of everything are ranked by the boosted
fields too. Equal scores keep the order of the index, which is the same for every page of one state.
"""

from collections.abc import Callable, Sequence
from typing import assert_never

from tantivy import Occur, Query

from cql.plan import (
    AllOf,
    AnyOf,
    Everything,
    Exact,
    Fuzzy,
    KeyRange,
    Near,
    Nothing,
    Pattern,
    Phrase,
    Plan,
    Present,
    Range,
    Value,
    Without,
    Word,
)
from indexer.engine.embedded import patterns
from indexer.engine.embedded.complaints import told_in_words
from indexer.engine.embedded.layout import BOUNDARY, EVERYTHING, HIGHEST, LONGEST_WHOLE, LOWEST
from indexer.engine.embedded.snapshot import Snapshot
from indexer.engine.port import EngineError

Looking = Callable[[Near | Phrase], Query]
"""Works out what no single query can say (`nearness.Nearness.query`)."""

Placed = tuple[int, Pattern]
"""A pattern with its offset in a phrase; `Exact(BOUNDARY)` is the boundary."""

_EDGE = Exact(BOUNDARY)
_EXPRESSIONS_REMEMBERED = 200
_TOO_FREQUENT = 10_000
"""Documents with a word beyond which its place in a record says little; ranking them all by seven fields would be dear."""


class Translator:
    """Translates plans for one snapshot. `ranked`: hits will be ordered by relevance."""

    def __init__(self, snapshot: Snapshot, look: Looking, ranked: bool = False) -> None:
        self._snapshot = snapshot
        self._schema = snapshot.schema
        self._layout = snapshot.layout
        self._look = look
        self._ranked = ranked

    def query(self, plan: Plan) -> Query:
        """The plan as a query. Raises: EngineError for a field that the index does not have, QueryTooExpensive."""
        match plan:
            case Everything():
                return self._snapshot.everything()
            case Nothing():
                return Query.empty_query()
            case Word(field, pattern):
                return self._boosted(plan, self._word(field, pattern))
            case Phrase():
                return self._boosted(plan, self._phrase(plan))
            case Near():
                self._text_field(plan.field)
                return self._look(plan)
            case Value(field, pattern):
                codes = self._layout.codes[self._key_field(field)]
                return self._whole_terms((codes.key, codes.both) if field in self._layout.twins else (codes.key,), pattern)
            case KeyRange():
                return self._key_range(plan)
            case Range():
                return self._range(plan)
            case Present(field):
                return self._present(field)
            case AllOf(parts):
                return _together(Occur.Must, [self.query(part) for part in parts])
            case AnyOf(parts):
                return _together(Occur.Should, [self.query(part) for part in parts])
            case Without(base, minus):
                return Query.boolean_query([(Occur.Must, self.query(base)), (Occur.MustNot, self.query(minus))])
            case _:
                assert_never(plan)

    # -- words and phrases ----------------------------------------------------------------------------

    def _word(self, field: str, pattern: Pattern) -> Query:
        name = f"t_{self._text_field(field)}"
        variant = self._layout.codes[field].variant
        match pattern:
            case Exact(text):
                query = Query.empty_query() if text in {"", BOUNDARY} else Query.term_query(self._schema, name, text)
                if not self._snapshot.frequency("terms", variant + text):
                    return query
            case Fuzzy(text, distance) if len(text) > distance:
                query = Query.fuzzy_term_query(self._schema, name, text, distance, False)
            case _:
                query = self._terms_like(name, "", pattern)
        return _together(Occur.Should, [query, self._whole_terms((variant,), pattern)])

    def _phrase(self, phrase: Phrase) -> Query:
        field, words = self._text_field(phrase.field), phrase.words
        if not words or any(word == Exact("") or word == _EDGE for word in words):
            return Query.empty_query()
        exact = [word.text for word in words if isinstance(word, Exact)]
        if phrase.starts and phrase.ends and field in self._layout.twins and len(exact) == len(words):
            whole = " ".join(exact)
            if len(whole) <= LONGEST_WHOLE:
                codes = self._layout.codes[field]
                return self._whole_terms((codes.both, codes.whole), Exact(whole))
        if len(words) > 1 or phrase.starts or phrase.ends:
            if any(isinstance(word, Fuzzy) for word in words):
                # An expression for the neighbours of a word would be too large for the automaton.
                return self._look(phrase)
            return self.placed(field, _with_anchors(phrase))
        return self.single(field, words[0])

    def single(self, field: str, pattern: Pattern) -> Query:
        """Documents with the word among the words of an occurrence; variants do not count."""
        name = f"t_{self._text_field(field)}"
        match pattern:
            case Exact(text):
                return Query.term_query(self._schema, name, text) if text else Query.empty_query()
            case Fuzzy(text, distance) if len(text) > distance:
                return Query.fuzzy_term_query(self._schema, name, text, distance, False)
            case _:
                return self._terms_like(name, "", pattern)

    def placed(self, field: str, words: Sequence[Placed]) -> Query:
        """Documents in which the patterns stand at these distances from each other; two at least."""
        name = f"t_{field}"
        if all(isinstance(word, Exact) for _, word in words):
            return Query.phrase_query(self._schema, name, [(offset, word.text) for offset, word in words if isinstance(word, Exact)])
        return Query.regex_phrase_query(self._schema, name, [(offset, patterns.expression(word)) for offset, word in words])

    def _boosted(self, plan: Word | Phrase, query: Query) -> Query:
        """Ranks hits of the field of everything by the fields that weigh more or less; the set of hits stays the same."""
        if not self._ranked or plan.field != EVERYTHING:
            return query
        words = (plan.pattern,) if isinstance(plan, Word) else plan.words
        exact = [word.text for word in words if isinstance(word, Exact) and word.text]
        if len(exact) < len(words) or not exact:
            return query
        if min(self._snapshot.frequency(f"t_{EVERYTHING}", word) for word in exact) > _TOO_FREQUENT:
            return query
        weighed = [(Occur.Must, query)]
        for field, boost in self._layout.boosts:
            name = f"t_{field}"
            if all(self._snapshot.frequency(name, word) for word in exact):
                own = (
                    Query.term_query(self._schema, name, exact[0]) if len(exact) == 1 else Query.phrase_query(self._schema, name, [*exact])
                )
                weighed.append((Occur.Should, Query.boost_query(own, boost)))
        return Query.boolean_query(weighed) if len(weighed) > 1 else query

    # -- whole values ---------------------------------------------------------------------------------

    def _whole_terms(self, codes: tuple[str, ...], pattern: Pattern) -> Query:
        """Terms of `terms` behind one of the codes."""
        match pattern:
            case Exact(text):
                queries = [Query.term_query(self._schema, "terms", code + text) for code in codes]
            case Fuzzy(text, distance) if len(text) > distance:
                queries = [Query.fuzzy_term_query(self._schema, "terms", code + text, distance, False) for code in codes]
            case _:
                queries = [self._terms_like("terms", code, pattern) for code in codes]
        return Query.const_score_query(_together(Occur.Should, queries), 1.0)

    def _key_range(self, plan: KeyRange) -> Query:
        codes = self._layout.codes[self._key_field(plan.field)]
        spelled = patterns.interval(plan.low, plan.high, plan.include_low, plan.include_high)
        queries = [
            self._expression("terms", f"{patterns.literal(code)}(?:{each})")
            for code in ((codes.key, codes.both) if plan.field in self._layout.twins else (codes.key,))
            for each in spelled
        ]
        return _together(Occur.Should, queries)

    def _range(self, plan: Range) -> Query:
        if plan.field not in self._layout.numbers:
            raise self._unknown(plan.field)
        low = LOWEST if plan.low is None else plan.low
        high = HIGHEST if plan.high is None else plan.high
        low, high = max(LOWEST, low), min(high, HIGHEST)
        if low > high:
            return Query.empty_query()
        return self._snapshot.numbers(f"n_{plan.field}", low if low > LOWEST else None, high if high < HIGHEST else None)

    def _present(self, field: str) -> Query:
        layout = self._layout
        if field not in layout.fields:
            raise self._unknown(field)
        queries = []
        if layout.fields[field].kind == "text":
            queries.append(Query.term_query(self._schema, f"t_{field}", BOUNDARY))
        if field in layout.keyed:
            queries.append(Query.term_query(self._schema, "terms", layout.codes[field].present))
        if layout.fields[field].kind in {"number", "date"}:
            queries.append(Query.exists_query(f"n_{field}"))
        return Query.const_score_query(_together(Occur.Should, queries), 1.0)

    # -- bits and pieces ------------------------------------------------------------------------------

    def _terms_like(self, name: str, code: str, pattern: Pattern) -> Query:
        """Terms that begin with a code and go on as the pattern says."""
        beginning = patterns.beginning(pattern)
        if beginning is not None:
            # "Within no edit of this, and then anything": ready in a microsecond, where an expression takes 600.
            return Query.fuzzy_term_query(self._schema, name, code + beginning, 0, False, True)
        return self._expression(name, patterns.literal(code) + patterns.expression(pattern))

    def _expression(self, name: str, spelled: str) -> Query:
        known = self._snapshot.expressions
        query = known.get((name, spelled))
        if query is None:
            with told_in_words():
                query = Query.regex_query(self._schema, name, spelled)
            if len(known) >= _EXPRESSIONS_REMEMBERED:
                known.clear()
            known[name, spelled] = query
        return query

    def _text_field(self, field: str) -> str:
        if not self._layout.is_text(field):
            raise self._unknown(field)
        return field

    def _key_field(self, field: str) -> str:
        if field not in self._layout.keyed:
            raise self._unknown(field)
        return field

    def _unknown(self, field: str) -> EngineError:
        return EngineError(f"The index has no such field `{field}`; it was made with another field table. Run `hylla reindex`.")


def _with_anchors(phrase: Phrase) -> list[Placed]:
    words = [*([_EDGE] if phrase.starts else []), *phrase.words, *([_EDGE] if phrase.ends else [])]
    return list(enumerate(words))


def _together(occur: Occur, queries: Sequence[Query]) -> Query:
    if not queries:
        return Query.empty_query()
    return queries[0] if len(queries) == 1 else Query.boolean_query([(occur, query) for query in queries])
