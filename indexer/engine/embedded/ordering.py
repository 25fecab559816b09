"""A window of a result in a total order over several keys, the same for every window size.

tantivy sorts by one column at a time, leaves ties in the order of storage and puts documents without a value last. Text
columns are quick for the first hits only (every candidate is looked up in a dictionary: 1.5 s for a page at 40,000), number
columns always. So a sort key is kept as three numbers of eight bytes each, and as text if it is longer (`layout`).

A window is found by the first column, with one neighbour on each side. Hits that tie are ordered by the next column, and so
on to the record id: ties that lie in the window as a whole by reading the columns of just these hits, ties that reach out of
it by a search among the documents with that value, which needs to know how many come before them. A window behind the middle is
counted from the end. Small results are ordered as one tie.

Where a value stands in for a missing one, three groups follow one another: below it, at it (where what has none belongs), above.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter

from tantivy import DocAddress, Occur, Order, Query

from cql.plan import SortBy
from indexer.engine.embedded.layout import HIGHEST, ID_SORT, LOWEST, SORT_BYTES, SORT_COLUMNS, column_names, sort_columns
from indexer.engine.embedded.snapshot import Snapshot
from indexer.engine.port import EngineError, QueryTooExpensive

RELEVANCE = "relevance"
MAX_MIXED = 20_000
"""Hits that can be ordered by relevance together with other keys."""

_FROM_END = 1000
_VALUE = itemgetter(0)
_Value = int | str | float | None
_Constraints = tuple[tuple[str, int | None] | Query, ...]
"""Number columns and the value they have (None: none), or other searches, which all documents of a group share."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One column of one sort key; `column` counts to `SORT_COLUMNS`, which is the text."""

    key: int
    column: int = 0

    def after(self, value: _Value) -> "_Place":
        """Where documents go on to be compared that share a value here: a number that ends in a zero byte is a whole key."""
        if self.column == SORT_COLUMNS or value is None or (isinstance(value, int) and value & 0xFF == 0):
            return _Place(self.key + 1)
        return _Place(self.key, self.column + 1)


class Ordering:
    """Orders the documents of one query; `total` is their exact number. `is_dear`: the query had better not be asked often."""

    def __init__(self, snapshot: Snapshot, query: Query, sort: Sequence[SortBy], total: int, *, is_dear: bool = False) -> None:
        self._snapshot = snapshot
        self._searcher = snapshot.searcher
        self._query = query
        self._around = snapshot.everything() if is_dear else query
        self._total = total
        self._keys = (*sort, SortBy(ID_SORT))
        for key in sort:
            if key.field not in (RELEVANCE, *snapshot.layout.schema.sorts):
                raise EngineError(f"The index has no sort key `{key.field}`; it was made with another field table. Run `hylla reindex`.")
        self._scores: dict[tuple[int, int], float] = {}
        self._stand_ins = [_stand_in(key) for key in self._keys]

    def window(self, offset: int, count: int) -> list[DocAddress]:
        """Addresses of the hits from `offset` (0-based) on. Raises: QueryTooExpensive."""
        count = min(count, self._total - offset)
        if count <= 0:
            return []
        if any(key.field == RELEVANCE for key in self._keys):
            return self._mixed()[offset : offset + count]
        return self._page((), _Place(0), self._total, offset, count)

    def part(self, members: list[DocAddress], offset: int, count: int) -> list[DocAddress]:
        """The same for all hits of the query, which are known already."""
        return list(islice(self._ordered(members, (), _Place(0)), offset, offset + count))

    def _mixed(self) -> list[DocAddress]:
        if self._total > MAX_MIXED:
            raise QueryTooExpensive(f"Only up to {MAX_MIXED} hits can be sorted by relevance and something else; these are {self._total}.")
        hits = self._searcher.search(self._query, self._total).hits
        self._scores = {(address.segment_ord, address.doc): score for score, address in hits}
        return list(self._ordered([address for _, address in hits], (), _Place(0)))

    # -- pages of a group -----------------------------------------------------------------------------

    def _page(self, shared: _Constraints, place: _Place, size: int, offset: int, count: int) -> list[DocAddress]:
        """Part of a group of `size` documents that share column values; `count` lies within it."""
        if place.key == len(self._keys):
            return [address for _, address in self._searcher.search(self._narrowed(shared), count, count=False, offset=offset).hits]
        column = self._name(place)
        if place.column or self._snapshot.is_complete(column):
            return self._column_page(shared, place, size, offset, count)
        present = self._snapshot.count(self._narrowed(shared).and_must_match(Query.exists_query(column)))
        if present == size:
            return self._column_page(shared, place, size, offset, count)
        if self._stand_ins[place.key]:
            return self._around_stand_in(shared, place, size, present, offset, count)
        # Documents with and without a value are two groups one after the other.
        with_value, without = (shared, present), ((*shared, (column, None)), size - present)
        found: list[DocAddress] = []
        start = 0
        for own, own_size in (without, with_value) if self._keys[place.key].missing == "first" else (with_value, without):
            low, high = max(offset, start), min(offset + count, start + own_size)
            if low < high and own is shared:
                found += self._column_page(shared, place, own_size, low - start, high - low)
            elif low < high:
                found += self._page(own, _Place(place.key + 1), own_size, low - start, high - low)
            start += own_size
        return found

    def _around_stand_in(self, shared: _Constraints, place: _Place, size: int, present: int, offset: int, count: int) -> list[DocAddress]:
        """Part of a group of which `present` documents have a value, and the others sort as if they had the one that stands in."""
        low, high = self._beside(self._stand_ins[place.key])
        has_value = Query.exists_query(self._name(place))
        at = Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, low), (Occur.MustNot, high)])
        lower = self._snapshot.count(self._narrowed((*shared, low)))
        higher = self._snapshot.count(self._narrowed((*shared, high, has_value)))
        groups = [(low, lower, True), (at, size - lower - higher, False), (high, higher, True)]
        found: list[DocAddress] = []
        start = 0
        for own, own_size, goes_on in reversed(groups) if self._keys[place.key].descending else groups:
            first, last = max(offset, start), min(offset + count, start + own_size)
            if first < last and goes_on:
                found += self._column_page((*shared, own), place, own_size, first - start, last - first)
            elif first < last:
                found += self._page((*shared, own), _Place(place.key + 1), own_size, first - start, last - first)
            start += own_size
        return found

    def _beside(self, stand_in: Mapping[str, int]) -> tuple[Query, Query]:
        """Documents with a sort key lower than the one that stands in, and those with a higher one."""
        low: list[tuple[Occur, Query]] = []
        high: list[tuple[Occur, Query]] = []
        same: list[Query] = []
        for column, value in stand_in.items():
            if value > LOWEST:
                low.append((Occur.Should, _all((*same, self._snapshot.numbers(column, None, value - 1)))))
            if value < HIGHEST:
                high.append((Occur.Should, _all((*same, self._snapshot.numbers(column, value + 1, None)))))
            same.append(self._snapshot.numbers(column, value, value))
        return Query.boolean_query(low), Query.boolean_query(high)

    def _column_page(self, shared: _Constraints, place: _Place, size: int, offset: int, count: int) -> list[DocAddress]:
        """Part of a group in which every document has a value in this column (the first `size` in its order do)."""
        if place.column == SORT_COLUMNS:
            return self._text_page(shared, place, size, offset, count)
        first, last = max(offset - 1, 0), min(offset + count + 1, size)
        hits = self._search(shared, place, size, first, last)
        found: list[DocAddress] = []
        low = first
        for value, run in groupby(hits, key=lambda hit: hit[0]):
            members = [address for _, address in run]
            high = low + len(members)
            inside = slice(max(offset - low, 0), offset + count - low)
            if inside.stop > 0 and inside.start < len(members):
                if len(members) == 1:
                    found += members
                elif low == first > 0 or high == last < size:
                    found += self._tied(shared, place, value, low + inside.start, len(members[inside]))
                else:
                    group = (*shared, (self._name(place), value))
                    found += list(self._ordered(members, group, place.after(value)))[inside]
            low = high
        return found

    def _tied(self, shared: _Constraints, place: _Place, value: int, position: int, count: int) -> list[DocAddress]:
        """Hits from `position` on, among the documents with this value, of which some lie outside of the window."""
        column = self._name(place)
        descending = self._keys[place.key].descending
        before = 0
        if descending or value > LOWEST:
            earlier = self._snapshot.numbers(column, value + 1, None) if descending else self._snapshot.numbers(column, None, value - 1)
            before = self._snapshot.count(self._narrowed(shared).and_must_match(earlier))
        group = (*shared, (column, value))
        return self._page(group, place.after(value), self._snapshot.count(self._narrowed(group)), position - before, count)

    def _text_page(self, shared: _Constraints, place: _Place, size: int, offset: int, count: int) -> list[DocAddress]:
        """Part of a group that shares the first 24 bytes of a key: read from its beginning to the end of the last tie."""
        last = min(offset + count + 1, size)
        hits = self._search(shared, place, size, 0, last, from_end=False)
        if last < size and hits[-1][0] == hits[offset + count - 1][0]:
            hits = self._search(shared, place, size, 0, size, from_end=False)
        found: list[DocAddress] = []
        for value, run in groupby(hits, key=lambda hit: hit[0]):
            found += self._ordered([address for _, address in run], shared, place.after(value))
            if len(found) >= offset + count:
                break
        return found[offset : offset + count]

    def _search(
        self, shared: _Constraints, place: _Place, size: int, first: int, last: int, from_end: bool | None = None
    ) -> list[tuple[int, DocAddress]]:
        """Value and address of the hits from `first` to before `last` in the order of one column."""
        descending = self._keys[place.key].descending
        if from_end is None:
            from_end = first > _FROM_END and first > size // 2
        offset = size - last if from_end else first
        order = Order.Desc if descending != from_end else Order.Asc
        query = self._narrowed(shared)
        if from_end and not place.column:
            # Documents without a value would come last in this direction too.
            query = query.and_must_match(Query.exists_query(self._name(place)))
        found = self._searcher.search(query, last - first, count=False, order_by_field=self._name(place), offset=offset, order=order)
        return found.hits[::-1] if from_end else found.hits

    # -- ties that are known as a whole ---------------------------------------------------------------

    def _ordered(self, members: list[DocAddress], shared: _Constraints, place: _Place) -> Iterator[DocAddress]:
        """All documents of a tie, ordered by the columns that follow."""
        if len(members) == 1 or place.key == len(self._keys):
            yield from members
            return
        key = self._keys[place.key]
        pairs = list(zip(self._values(members, shared, place), members, strict=True))
        known = sorted([pair for pair in pairs if pair[0] is not None], key=_VALUE, reverse=key.descending)
        missing = [pair for pair in pairs if pair[0] is None] if len(known) < len(pairs) else []
        for value, run in groupby([*missing, *known] if key.missing == "first" else [*known, *missing], key=_VALUE):
            tied = [address for _, address in run]
            if len(tied) == 1:
                yield tied[0]
            elif key.field == RELEVANCE:
                yield from self._ordered(tied, shared, _Place(place.key + 1))
            elif isinstance(value, int | None):
                yield from self._ordered(tied, (*shared, self._tie(place, value)), place.after(value))
            else:
                yield from self._ordered(tied, shared, place.after(value))

    def _values(self, members: list[DocAddress], shared: _Constraints, place: _Place) -> Iterable[_Value]:
        if self._keys[place.key].field == RELEVANCE:
            return [self._scores[address.segment_ord, address.doc] for address in members]
        if place.column < SORT_COLUMNS:
            name = self._name(place)
            found: Sequence[_Value] = self._searcher.fast_field_values(name, members)
            stand_in = self._stand_ins[place.key].get(name)
            return found if stand_in is None else [stand_in if value is None else value for value in found]
        query = self._narrowed(shared, self._around)
        hits = self._searcher.search(query, self._snapshot.count(query), count=False, order_by_field=self._name(place)).hits
        texts: dict[tuple[int, int], str | None] = {(address.segment_ord, address.doc): text for text, address in hits}
        return [texts[address.segment_ord, address.doc] for address in members]

    def _tie(self, place: _Place, value: int | None) -> tuple[str, int | None] | Query:
        """What documents share that tie at a value of a column."""
        name = self._name(place)
        if value is None or self._stand_ins[place.key].get(name) != value:
            return name, value
        without = self._snapshot.everything().and_must_not_match(Query.exists_query(column_names(self._keys[place.key].field)[0]))
        return Query.boolean_query([(Occur.Should, self._snapshot.numbers(name, value, value)), (Occur.Should, without)])

    # -- names ----------------------------------------------------------------------------------------

    def _name(self, place: _Place) -> str:
        field = self._keys[place.key].field
        return "id" if field == ID_SORT and place.column == SORT_COLUMNS else column_names(field)[place.column]

    def _narrowed(self, shared: _Constraints, base: Query | None = None) -> Query:
        query = self._query if base is None else base
        for one in shared:
            if isinstance(one, Query):
                query = query.and_must_match(one)
                continue
            column, value = one
            if value is None:
                query = query.and_must_not_match(Query.exists_query(column))
            else:
                query = query.and_must_match(self._snapshot.numbers(column, value, value))
        return query


def _all(queries: Iterable[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _stand_in(key: SortBy) -> dict[str, int]:
    """Column -> value of the sort key that stands in for a missing one; empty without such a key. Raises: EngineError."""
    if key.missing_value is None or key.field == RELEVANCE:
        return {}
    if len(key.missing_value.encode()) >= SORT_COLUMNS * SORT_BYTES:
        raise EngineError(f"A sort key that stands in for a missing one has fewer than {SORT_COLUMNS * SORT_BYTES} bytes.")
    columns: dict[str, int] = {}
    sort_columns(columns, column_names(key.field), key.missing_value)
    return columns
