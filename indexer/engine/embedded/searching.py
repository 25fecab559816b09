"""Answers of one snapshot: pages, single records and browse lists. Plain functions that block."""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, assert_never

from tantivy import DocAddress, Occur, Query

from cql.plan import (
    AllOf,
    AnyOf,
    Everything,
    Exact,
    Fuzzy,
    KeyRange,
    Mask,
    Near,
    Nothing,
    Pattern,
    Phrase,
    Plan,
    Present,
    Range,
    Regexp,
    SortBy,
    Stemmed,
    Value,
    Without,
    Word,
)
from indexer.engine.embedded.ordering import RELEVANCE, Ordering
from indexer.engine.embedded.snapshot import Snapshot
from indexer.engine.embedded.stored import read_hit
from indexer.engine.embedded.term_reader import Listed
from indexer.engine.embedded.translate import Looking, Translator
from indexer.engine.port import EngineError, Hit, Page, ScanPage, ScanTerm, Window
from indexer.engine.ranking import is_ranked

SMALL_RESULT = 2000
SMALL_DEAR_RESULT = 20_000
"""Hits up to which a result is taken as a whole and sorted here, which takes a millisecond, where asking again and again for the
ties of a window takes ten; the second one where asking again means walking through a whole dictionary again."""

_DEAR = 1 << 60


def search_page(snapshot: Snapshot, look: Looking, plan: Plan, window: Window, sort: Sequence[SortBy], stored: Sequence[str]) -> Page:
    """Exact total and the hits of a window. Raises: EngineError, QueryTooExpensive."""
    offset, count = max(window.start - 1, 0), window.count
    by_score = is_ranked(plan)
    keys = [key for key in sort if by_score or key.field != RELEVANCE]
    if by_score and (not keys or [key.field for key in keys] == [RELEVANCE]):
        query = Translator(snapshot, look, ranked=count > 0).query(plan)
        total, found = _by_score(snapshot, query, plan, offset, count)
    else:
        query = Translator(snapshot, look).query(plan)
        total, found = _by_keys(snapshot, query, plan, keys, offset, count)
    hits = (read_hit(snapshot.searcher.doc(address), stored, score) for score, address in found)
    return Page(total, tuple(hit for hit in hits if hit is not None))


def _by_keys(
    snapshot: Snapshot, query: Query, plan: Plan, keys: Sequence[SortBy], offset: int, count: int
) -> tuple[int, list[tuple[float, DocAddress]]]:
    """Total and a window in the order of sort keys; small results are taken as a whole, because the query is then asked once."""
    if count <= 0:
        return snapshot.count(query), []
    if any(key.field == RELEVANCE for key in keys):
        total = snapshot.count(query)
        return total, [(0.0, address) for address in Ordering(snapshot, query, keys, total).window(offset, count)]
    is_dear = walks(plan)
    total, hits = snapshot.best(Query.const_score_query(query, 1.0), SMALL_DEAR_RESULT if is_dear else SMALL_RESULT)
    ordering = Ordering(snapshot, query, keys, total, is_dear=is_dear)
    window = ordering.part([address for _, address in hits], offset, count) if total <= len(hits) else ordering.window(offset, count)
    return total, [(0.0, address) for address in window]


def _by_score(snapshot: Snapshot, query: Query, plan: Plan, offset: int, count: int) -> tuple[int, list[tuple[float, DocAddress]]]:
    """Total and best hits. A total that is known beforehand spares counting, and lets tantivy skip what cannot be among the best."""
    total = known_total(snapshot, plan)
    if count <= 0 or (total is not None and offset >= total):
        return snapshot.count(query) if total is None else total, []
    if total is None:
        return snapshot.best(query, count, offset)
    return total, snapshot.searcher.search(query, count, count=False, offset=offset).hits


def known_total(snapshot: Snapshot, plan: Plan) -> int | None:
    """Number of hits as the term dictionary knows it, or None when it does not."""
    if snapshot.has_deletions or not isinstance(plan, Word) or not isinstance(plan.pattern, Exact):
        return None
    layout = snapshot.layout
    if not layout.is_text(plan.field) or snapshot.frequency("terms", layout.codes[plan.field].variant + plan.pattern.text):
        return None
    return snapshot.frequency(f"t_{plan.field}", plan.pattern.text)


def walks(plan: Plan) -> bool:
    """Whether every term of a field has to be looked at, because a pattern does not begin with a letter."""
    match plan:
        case Word(_, pattern) | Value(_, pattern):
            return _has_no_beginning(pattern)
        case Phrase():
            return any(_has_no_beginning(word) for word in plan.words)
        case AllOf(parts) | AnyOf(parts):
            return any(walks(part) for part in parts)
        case Without(base, minus):
            return walks(base) or walks(minus)
        case Everything() | Nothing() | Near() | KeyRange() | Range() | Present():
            return False
        case _:
            assert_never(plan)


def _has_no_beginning(pattern: Pattern) -> bool:
    match pattern:
        case Exact():
            return False
        case Mask(parts):
            return not parts or parts[0].is_mask
        case Fuzzy() | Regexp() | Stemmed():
            return True
        case _:
            assert_never(pattern)


def effort(snapshot: Snapshot, plan: Plan) -> int:
    """Rough number of documents that must be looked at, from term frequencies; enormous for plans of which that is not known."""
    match plan:
        case Nothing():
            return 0
        case Word(field, Exact(text)):
            return snapshot.frequency(f"t_{field}", text) if snapshot.layout.is_text(field) else 0
        case Value(field, Exact(text)) if field in snapshot.layout.codes:
            codes = snapshot.layout.codes[field]
            return snapshot.frequency("terms", codes.key + text) + snapshot.frequency("terms", codes.both + text)
        case Phrase() if all(isinstance(word, Exact) for word in plan.words) and snapshot.layout.is_text(plan.field):
            # Positions make a phrase several times as dear as a word.
            return 4 * min((snapshot.frequency(f"t_{plan.field}", word.text) for word in plan.words if isinstance(word, Exact)), default=0)
        case AllOf(parts):
            return len(parts) * min(effort(snapshot, part) for part in parts)
        case AnyOf(parts):
            return sum(effort(snapshot, part) for part in parts)
        case Without(base, minus):
            return effort(snapshot, base) if effort(snapshot, minus) < _DEAR else _DEAR
        case _:
            return _DEAR


def get_hit(snapshot: Snapshot, record_id: str, stored: Sequence[str]) -> Hit | None:
    """The live document with an id, or None."""
    found = snapshot.searcher.search(Query.term_query(snapshot.schema, "id", record_id), 1, count=False).hits
    return read_hit(snapshot.searcher.doc(found[0][1]), stored) if found else None


def fetch_hits(snapshot: Snapshot, record_ids: Sequence[str], stored: Sequence[str]) -> dict[str, Hit]:
    """The live records with these ids."""
    query = Query.const_score_query(Query.term_set_query(snapshot.schema, "id", list(record_ids)), 1.0)
    found = snapshot.best(query, len(record_ids))[1]
    hits = (read_hit(snapshot.searcher.doc(address), stored) for _, address in sorted(found, key=_place))
    return {hit.id: hit for hit in hits if hit is not None}


def _place(found: tuple[float, DocAddress]) -> tuple[int, int]:
    """Where a document stands in the store, so that each block of it is unpacked once."""
    return found[1].segment_ord, found[1].doc


class Browser:
    """One browse list: the terms of several fields merged. `list_` is "words" or "values"."""

    def __init__(self, snapshot: Snapshot, look: Looking, fields: Sequence[str], list_: Literal["words", "values"]) -> None:
        self._snapshot = snapshot
        self._translator = Translator(snapshot, look)
        self._fields = fields
        self._list = list_
        layout = snapshot.layout
        kept = layout.word_lists if list_ == "words" else layout.value_lists
        for field in fields:
            if field not in kept:
                raise EngineError(f"The index has no list of {list_} of `{field}`. If the field table has changed, run `hylla reindex`.")
        self._numbers = [layout.list_number(field, list_) for field in fields]
        self._are_keyed = all(field in layout.keyed for field in fields)

    def page(self, start: str, before: int, count: int) -> ScanPage:
        """`before` terms lower than `start` and `count` that are not, in ascending order, none without a record."""
        low, at_start = self._take(before, self._lower(start, before))
        high, at_end = self._take(count, self._higher(start, count))
        return ScanPage((*reversed(low), *high), at_start, at_end)

    def _take(self, count: int, terms: Iterator[ScanTerm]) -> tuple[list[ScanTerm], bool]:
        """The first `count` terms, and whether there are no more."""
        taken: list[ScanTerm] = []
        for term in terms:
            if len(taken) == count:
                return taken, False
            taken.append(term)
        return taken, True

    def _higher(self, start: str, wanted: int) -> Iterator[ScanTerm]:
        return self._walk(self._snapshot.terms.from_term, start, wanted)

    def _lower(self, end: str, wanted: int) -> Iterator[ScanTerm]:
        return self._walk(self._snapshot.terms.below, end, wanted)

    def _walk(self, read: Callable[[Sequence[int], str, int], list[Listed]], bound: str, wanted: int) -> Iterator[ScanTerm]:
        # One more than wanted tells whether the list ends; a few may have lost their records.
        size, last = wanted + 4, None
        while rows := read(self._numbers, bound, size):
            for term, shown, lists in rows:
                # Upwards, a stretch begins with the term that the one before ended with.
                if term != last and (found := self._count(term, lists)):
                    yield ScanTerm(term, shown, found)
            if len(rows) < size:
                return
            bound = last = rows[-1].term
            size = min(max(size * 2, 24), 1000)

    def _count(self, term: str, lists: Sequence[int]) -> int:
        """Records with the term in one of the fields. Frequencies of the term dictionary will do where nothing is counted twice."""
        snapshot = self._snapshot
        if self._list == "values" and not self._are_keyed:
            return snapshot.count(self._translator.query(AnyOf(tuple(self._value(field, term) for field in self._fields))))
        having = [(name, text, found) for name, text in self._leaves(term, lists) if (found := snapshot.frequency(name, text))]
        if not having:
            return 0
        if len(having) == 1 and not snapshot.has_deletions:
            return having[0][2]
        return snapshot.count(
            Query.boolean_query([(Occur.Should, Query.term_query(snapshot.schema, name, text)) for name, text, _ in having])
        )

    def _leaves(self, term: str, lists: Sequence[int]) -> Iterator[tuple[str, str]]:
        """Where the index may have the term (tantivy field and term), as the search for it would look (`Translator`)."""
        layout = self._snapshot.layout
        for field, number in zip(self._fields, self._numbers, strict=True):
            codes = layout.codes[field]
            if self._list == "words":
                # Joined forms are found as words too, but are in no list.
                yield "terms", codes.variant + term
                if number in lists:
                    yield f"t_{field}", term
            elif number in lists:
                yield "terms", codes.key + term
                if field in layout.twins:
                    yield "terms", codes.both + term

    def _value(self, field: str, term: str) -> Plan:
        return Value(field, Exact(term)) if field in self._snapshot.layout.keyed else Range(field, int(term), int(term))
