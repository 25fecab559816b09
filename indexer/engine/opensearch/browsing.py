"""Browse lists as they are read: the terms around a start, and how many records each has.

A stretch of a list is all blocks with a term between two bounds. How far the second bound must be away for a page of terms
cannot be asked, so it is guessed from *landmarks*: terms of the list that were seen before. A stretch that turns out to have
too many blocks gives some of them, which are landmarks nearer by; one with too few terms is followed by the next. So a page
costs one or two searches however long the list is, and one more for the counts, which are those that searches would find.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cql.plan import AnyOf, Exact, Plan, Range, Value, Word
from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.collection import Collection
from indexer.engine.opensearch.layout import MARK_LENGTH
from indexer.engine.opensearch.searching import search, unscored
from indexer.engine.opensearch.terms import MOST_BLOCKS, forms_between, search_blocks
from indexer.engine.opensearch.translate import Query, Translator
from indexer.engine.port import EngineError, ScanPage, ScanTerm

AHEAD = 4
"""Terms that are read beyond what is wanted, because some may have lost all their records."""

_STRETCH_BLOCKS = 100
_SEED_BLOCKS = 2000
_LANDMARKS = 10_000
_COUNTED_AT_ONCE = 250
_END = "\U0010ffff"
"""Not lower than any term."""


class Landmarks:
    """Terms known to be in the lists of one collection: list's mark -> terms in order."""

    def __init__(self) -> None:
        self._terms: dict[str, list[str]] = {}
        self.is_seeded = False

    def add(self, mark: str, terms: Iterable[str]) -> None:
        """Notes terms; when they become too many, every second one is dropped."""
        known = self._terms.setdefault(mark, [])
        for term in terms:
            place = bisect_left(known, term)
            if known[place : place + 1] != [term]:
                known.insert(place, term)
        if len(known) > _LANDMARKS:
            del known[::2]

    def above(self, marks: Sequence[str], bound: str, distance: int) -> str:
        """The term `distance` landmarks above a bound in the merged lists, or the end of the lists."""
        nearest = sorted(term for mark in marks for term in self._slice(mark, bound, distance + 1, 1))
        nearest = [term for term in nearest if term > bound]
        return nearest[distance - 1] if len(nearest) >= distance else _END

    def below(self, marks: Sequence[str], bound: str, distance: int) -> str:
        """The term `distance` landmarks below a bound, or the beginning of the lists."""
        nearest = sorted((term for mark in marks for term in self._slice(mark, bound, distance, -1)), reverse=True)
        return nearest[distance - 1] if len(nearest) >= distance else ""

    def _slice(self, mark: str, bound: str, count: int, direction: int) -> list[str]:
        known = self._terms.get(mark, [])
        place = bisect_left(known, bound)
        return known[place : place + count] if direction > 0 else known[max(place - count, 0) : place]


@dataclass(slots=True)
class _Side:
    """One direction of a page. `needed`: terms with records, one more than are shown, so that the end is known."""

    is_up: bool
    bound: str
    needed: int
    found: list[ScanTerm] = field(default_factory=list)
    is_at_end: bool = False

    @property
    def is_done(self) -> bool:
        return self.is_at_end or len(self.found) >= self.needed

    def shown(self) -> tuple[list[ScanTerm], bool]:
        """The terms of the page in the direction of reading, and whether there are no more."""
        return self.found[: self.needed - 1], self.is_at_end and len(self.found) < self.needed


class Browser:
    """One browse list: the terms of several fields merged. `list_` is "words" or "values"."""

    def __init__(
        self, cluster: Cluster, collection: Collection, landmarks: Landmarks, fields: Sequence[str], list_: Literal["words", "values"]
    ) -> None:
        self._cluster = cluster
        self._collection = collection
        self._landmarks = landmarks
        self._fields = fields
        self._list = list_
        self._translator = Translator(collection.layout)
        lists = collection.layout.word_lists if list_ == "words" else collection.layout.value_lists
        for name in fields:
            if name not in lists:
                raise EngineError(
                    f"The collection has no list of {list_} of `{name}`. If the field table has changed, run `hylla reindex`."
                )
        self._marks = [lists[name] for name in fields]

    async def page(self, start: str, before: int, count: int) -> ScanPage:
        """`before` terms lower than `start` and `count` that are not, in ascending order, none without a record."""
        if not self._landmarks.is_seeded:
            await self._seed()
        up, down = _Side(True, start, max(count, 0) + 1), _Side(False, start, max(before, 0) + 1)
        while sides := [side for side in (up, down) if not side.is_done]:
            stretches = await asyncio.gather(*(self._neighbours(side) for side in sides))
            counts = await self._counts([term for stretch in stretches for term in stretch])
            for side, stretch in zip(sides, stretches, strict=True):
                side.found += [ScanTerm(term, shown, counts[term]) for term, shown in stretch.items() if counts[term]]
        low, at_start = down.shown()
        high, at_end = up.shown()
        return ScanPage((*reversed(low), *high), at_start, at_end)

    # -- terms ----------------------------------------------------------------------------------------

    async def _neighbours(self, side: _Side) -> dict[str, str]:
        """The next terms of a side in its direction with their display forms; moves its bound behind them."""
        wanted = side.needed - len(side.found) + AHEAD
        terms: dict[str, str] = {}
        distance = wanted
        while len(terms) < wanted and not side.is_at_end:
            far = (
                self._landmarks.above(self._marks, side.bound, distance)
                if side.is_up
                else self._landmarks.below(self._marks, side.bound, distance)
            )
            far, found = await self._stretch(side, far)
            ordered = sorted(found, reverse=not side.is_up)
            terms |= {term: found[term] for term in ordered}
            side.is_at_end = far == (_END if side.is_up else "")
            side.bound = far
            distance *= 4
        if len(terms) > wanted:
            terms = dict(list(terms.items())[:wanted])
            last = next(reversed(terms))
            side.bound, side.is_at_end = (f"{last}\0" if side.is_up else last), False
        return terms

    async def _stretch(self, side: _Side, far: str) -> tuple[str, dict[str, str]]:
        """All terms between the side's bound and `far` or nearer, with display forms; and how far that is."""
        size = _STRETCH_BLOCKS
        while True:
            low, high = (side.bound, far) if side.is_up else (far, side.bound)
            total, blocks = await self._read(low, high, size)
            found = self._within(blocks, low, high)
            if total <= len(blocks):
                return far, found
            ordered = sorted(found)
            # Towards the bound, so that about half of what one search may give is left.
            place = max(len(ordered) * _STRETCH_BLOCKS // (2 * total), 1)
            nearer = (ordered[place] if side.is_up else ordered[-place - 1]) if place < len(ordered) else far
            if nearer in (far, side.bound):
                # One and the same term is there a great many times.
                size = min(total, MOST_BLOCKS)
            far = nearer

    def _within(self, blocks: Sequence[dict[str, Any]], low: str, high: str) -> dict[str, str]:
        """Term -> display form of what lies between two bounds. The first field that has a form for a term decides."""
        found: dict[str, str] = {}
        for mark in reversed(self._marks):
            forms = forms_between(blocks, mark + low, mark + high)
            own = {term[MARK_LENGTH:]: form for term, form in forms.items()}
            self._landmarks.add(mark, own)
            found |= {term: form or found.get(term, "") for term, form in own.items()}
        return {term: form or term for term, form in found.items()}

    async def _read(self, low: str, high: str, size: int) -> tuple[int, list[dict[str, Any]]]:
        """Number of blocks with a term of the lists between two bounds, and up to `size` of them."""
        ranges = [{"range": {"terms": {"gte": mark + low, "lt": mark + high}}} for mark in self._marks]
        body = {"query": unscored({"bool": {"should": ranges}}), "size": size, "track_total_hits": True}
        return await search_blocks(self._cluster, self._collection, body)

    async def _seed(self) -> None:
        """Takes the first terms of some blocks, chosen at random from all, as first landmarks."""
        chosen = {"function_score": {"random_score": {}, "boost_mode": "replace"}}
        _, blocks = await search_blocks(self._cluster, self._collection, {"query": chosen, "size": _SEED_BLOCKS, "track_total_hits": False})
        for block in blocks:
            term = block["terms"][0]
            self._landmarks.add(term[:MARK_LENGTH], [term[MARK_LENGTH:]])
        self._landmarks.is_seeded = True

    # -- counts ---------------------------------------------------------------------------------------

    async def _counts(self, terms: Sequence[str]) -> dict[str, int]:
        """Number of records of each term."""
        counts: dict[str, int] = {}
        for start in range(0, len(terms), _COUNTED_AT_ONCE):
            asked = terms[start : start + _COUNTED_AT_ONCE]
            queries = [self._translator.query(AnyOf(tuple(self._plan(name, term) for name in self._fields))) for term in asked]
            # Only documents that have one of the terms are looked at.
            some = self._translator.query(AnyOf(tuple(self._plan(name, term) for name in self._fields for term in asked)))
            body: Query = {
                "query": unscored(some),
                "size": 0,
                "track_total_hits": False,
                "aggs": {"counts": {"filters": {"filters": queries}}},
            }
            answer = await search(self._cluster, self._collection, body)
            buckets = answer["aggregations"]["counts"]["buckets"]
            counts |= {term: int(bucket["doc_count"]) for term, bucket in zip(asked, buckets, strict=True)}
        return counts

    def _plan(self, name: str, term: str) -> Plan:
        """The search that finds the records of a term, so that its count is what that search finds."""
        if self._list == "words":
            return Word(name, Exact(term))
        if name in self._collection.layout.keyed:
            return Value(name, Exact(term))
        return Range(name, int(term), int(term))
