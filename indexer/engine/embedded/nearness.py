"""Proximity: which documents have two groups of phrases at some distance in one occurrence.

tantivy can say "these words at exactly these distances", but not "and no end of an occurrence between them". So the small
distances are spelled out one by one, and a document is certain when it has the words at a distance and at none of the places
between them a boundary. Documents that are not certain but may match after all are looked up: their words are extracted from
the stored record again and `cql.matcher` decides. The same is done for phrases with spelling errors.

Neighbours need no look-up at all; "within the same element" needs it only for fields with several occurrences. What was
looked up is remembered with the snapshot.
"""

import time
from collections.abc import Iterator, Sequence

from tantivy import Occur, Query

from cql.matcher import compile_plan
from cql.plan import Exact, Near, Pattern, Phrase
from indexer.document import Document
from indexer.engine.embedded.layout import BOUNDARY
from indexer.engine.embedded.snapshot import Snapshot
from indexer.engine.embedded.stored import read_hit
from indexer.engine.embedded.translate import Translator
from indexer.engine.port import LINKED, EngineError, EngineUnavailable, ExtractField, QueryTooExpensive

MAX_CANDIDATES = 20_000
"""Records that may be looked up for one search; at about 0.3 ms each."""

_REACH = 8
"""Greatest distance that is spelled out."""

_REACH_WITHOUT_END = 3
_MAX_SPELLED = 150
_REMEMBERED = 64
_EDGE = Exact(BOUNDARY)


class Nearness:
    """Works out `Near` plans and phrases with spelling errors for one search. `end` is the moment when it is given up."""

    def __init__(self, snapshot: Snapshot, extract_field: ExtractField | None, end: float) -> None:
        self._snapshot = snapshot
        self._extract_field = extract_field
        self._end = end
        self._translator = Translator(snapshot, self.query)

    def query(self, plan: Near | Phrase) -> Query:
        """The documents as a query. Raises: QueryTooExpensive, EngineUnavailable when the time is over."""
        if isinstance(plan, Near):
            certain, possible = self._near(plan)
        else:
            certain = Query.empty_query()
            possible = self._all_of([self._translator.single(plan.field, word) for word in plan.words])
        ids = self._looked_up(plan, possible.and_must_not_match(certain))
        found = Query.term_set_query(self._snapshot.schema, "id", ids) if ids else Query.empty_query()
        return Query.boolean_query([(Occur.Should, certain), (Occur.Should, found)])

    def _near(self, near: Near) -> tuple[Query, Query]:
        """Documents that match for certain, and all that may match."""
        sides = [self._any_of([self._translator.query(phrase) for phrase in side]) for side in (near.left, near.right)]
        both = self._all_of(sides)
        certain: list[Query] = []
        if (near.minimum, near.maximum, near.ordered) == (0, None, False):
            single = Query.term_query(self._snapshot.schema, "terms", self._snapshot.layout.codes[near.field].single)
            certain.append(self._all_of([both, single]))
        spelled = self._spelled_out(near)
        if spelled is None:
            return self._any_of(certain), both
        at_distance: list[Query] = []
        for words, between in spelled:
            placed = self._translator.placed(near.field, words)
            crossing = [self._translator.placed(near.field, sorted([*words, (place, _EDGE)], key=_offset)) for place in between]
            certain.append(placed.and_must_not_match(*crossing) if crossing else placed)
            at_distance.append(placed)
        complete = near.maximum is not None and near.maximum <= _REACH
        return self._any_of(certain), self._any_of(at_distance) if complete else both

    def _spelled_out(self, near: Near) -> list[tuple[list[tuple[int, Pattern]], range]] | None:
        """Words with offsets for each small distance, and the places between the two phrases; None when that is too much."""
        reach = _REACH_WITHOUT_END if near.maximum is None or near.maximum > _REACH else near.maximum
        if any(not isinstance(word, Exact) for phrase in (*near.left, *near.right) for word in phrase.words):
            return None
        pairs = [(left, right) for left in near.left for right in near.right]
        if not near.ordered:
            pairs += [(right, left) for left, right in pairs]
        if len(pairs) * reach * (reach + 1) // 2 > _MAX_SPELLED:
            return None
        distances = range(max(near.minimum, 1), reach + 1)
        return [placed for first, second in pairs for distance in distances for placed in _place(first, second, distance)]

    def _looked_up(self, plan: Near | Phrase, possible: Query) -> list[str]:
        known = self._snapshot.near
        if (ids := known.get(plan)) is None:
            ids = self._look_up(plan, possible)
            while len(known) >= _REMEMBERED:
                known.pop(next(iter(known)), None)
            known[plan] = ids
        return ids

    def _look_up(self, plan: Near | Phrase, possible: Query) -> list[str]:
        count, hits = self._snapshot.best(Query.const_score_query(possible, 1.0), MAX_CANDIDATES)
        if not count:
            return []
        if count > MAX_CANDIDATES:
            raise QueryTooExpensive(
                f"The distance of words would have to be looked up in {count} records; at most {MAX_CANDIDATES} are. "
                "Add a word that is rarer, or ask for a smaller distance."
            )
        if self._extract_field is None:
            raise EngineError("This search has to look into records, and the engine was opened without a way to read them.")
        decide = compile_plan(plan)
        ids = []
        for _, address in hits:
            if time.monotonic() > self._end:
                raise EngineUnavailable("The search took too long and was given up.")
            hit = read_hit(self._snapshot.searcher.doc(address), ("marcxml", LINKED))
            if hit is None or "marcxml" not in hit.stored:
                continue
            occurrences = self._extract_field(hit, plan.field)
            if decide(Document(hit.id, 0, hit.datestamp, text={plan.field: occurrences})):
                ids.append(hit.id)
        return ids

    @staticmethod
    def _any_of(queries: Sequence[Query]) -> Query:
        return Query.boolean_query([(Occur.Should, query) for query in queries]) if queries else Query.empty_query()

    @staticmethod
    def _all_of(queries: Sequence[Query]) -> Query:
        return Query.boolean_query([(Occur.Must, query) for query in queries])


def _offset(placed: tuple[int, Pattern]) -> int:
    return placed[0]


def _place(first: Phrase, second: Phrase, distance: int) -> Iterator[tuple[list[tuple[int, Pattern]], range]]:
    """The words of two phrases at a distance, and the places between them; nothing when an anchor forbids it."""
    if first.ends or second.starts:
        return
    start = 1 if first.starts else 0
    behind = start + len(first.words)
    second_start = behind - 1 + distance
    words: list[tuple[int, Pattern]] = [(0, _EDGE)] if first.starts else []
    words += [(start + place, word) for place, word in enumerate(first.words)]
    words += [(second_start + place, word) for place, word in enumerate(second.words)]
    if second.ends:
        words.append((second_start + len(second.words), _EDGE))
    yield words, range(behind, second_start)
