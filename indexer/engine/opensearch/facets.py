"""Exact facet counts.

Each shard gives its most frequent values, and OpenSearch says how many hits a value may have missed so. One shard misses
none; with several, more is asked of each until nothing can be missing.
"""

from collections.abc import Sequence
from typing import Any

from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.collection import Collection
from indexer.engine.opensearch.layout import MARK_LENGTH
from indexer.engine.opensearch.searching import search, unscored
from indexer.engine.opensearch.terms import ASKED_AT_ONCE, MOST_BLOCKS, forms_between, read_blocks
from indexer.engine.opensearch.translate import Query
from indexer.engine.port import EngineError, FacetCount, QueryTooExpensive

MAX_SIZE = 10_000
"""Values of one facet that can be asked for."""

_MOST_BUCKETS = 65_000
"""OpenSearch gives up beyond 65,535."""

_MORE = 8
_Counts = list[tuple[str, int]]


class Facets:
    """Counts the values of facets among the documents of a query."""

    def __init__(self, cluster: Cluster, collection: Collection) -> None:
        self._cluster = cluster
        self._collection = collection

    async def count(self, query: Query, fields: Sequence[str], size: int) -> dict[str, list[FacetCount]]:
        """Field -> most frequent values, ties by key. Raises: EngineError, QueryTooExpensive, EngineUnavailable."""
        layout = self._collection.layout
        for field in fields:
            if field not in layout.facets and field not in layout.numbers:
                raise EngineError(f"The collection has no facet `{field}`; it was made with another field table. Run `hylla reindex`.")
        if size > MAX_SIZE:
            raise QueryTooExpensive(f"Of one facet up to {MAX_SIZE} values can be asked for, not {size}.")
        if size <= 0 or not fields:
            return {field: [] for field in fields}
        counts = await self._counts(query, dict.fromkeys(fields, size), size)
        forms = await self._forms(counts)
        return {field: [FacetCount(value, forms.get((field, value), value), count) for value, count in counts[field]] for field in fields}

    async def _counts(self, query: Query, asked: dict[str, int], size: int) -> dict[str, _Counts]:
        """`asked`: field -> number of values to ask for now; it grows until what is wanted is certain."""
        done: dict[str, _Counts] = {}
        while asked:
            answer = await self._aggregate(query, asked)
            more = {}
            for field, number in asked.items():
                counts = self._certain(field, answer[field], number, size)
                if counts is not None:
                    done[field] = counts
                elif number >= _MOST_BUCKETS:
                    raise QueryTooExpensive("The facet has too many values; ask for fewer, or narrow the query.")
                else:
                    more[field] = min(number * _MORE, _MOST_BUCKETS)
            asked = more
        return done

    def _certain(self, field: str, found: dict[str, Any], asked: int, size: int) -> _Counts | None:
        """The first `size` values, or None when it is not certain that these are they."""
        if found.get("doc_count_error_upper_bound"):
            return None
        counts = [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in found.get("buckets", ())]
        # OpenSearch puts equally frequent numbers in order by size, we by their text.
        if field in self._collection.layout.numbers and len(counts) == asked and counts[-1][1] == counts[size - 1][1]:
            return None
        return sorted(counts, key=lambda pair: (-pair[1], pair[0]))[:size]

    async def _aggregate(self, query: Query, asked: dict[str, int]) -> dict[str, Any]:
        numbers = self._collection.layout.numbers
        facets = {}
        for field, number in asked.items():
            terms = {"field": f"{'n' if field in numbers else 'k'}_{field}", "size": number, "order": [{"_count": "desc"}, {"_key": "asc"}]}
            if number > MAX_SIZE:
                terms["shard_size"] = number
            facets[field] = {"terms": terms}
        body = {"query": unscored(query), "size": 0, "track_total_hits": False, "aggs": facets}
        answer = await search(self._cluster, self._collection, body)
        found: dict[str, Any] = answer.get("aggregations", {})
        return found

    async def _forms(self, counts: dict[str, _Counts]) -> dict[tuple[str, str], str]:
        """(field, value) -> display form, where there is one."""
        layout = self._collection.layout
        marks = {field: layout.value_lists[field] for field in counts if field in layout.facets}
        wanted = [marks[field] + value for field in marks for value, _ in counts[field]]
        found: dict[tuple[str, str], str] = {}
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            query = {"constant_score": {"filter": {"terms": {"terms": wanted[start : start + ASKED_AT_ONCE]}}}}
            blocks = await read_blocks(self._cluster, self._collection, query, MOST_BLOCKS)
            for field, mark in marks.items():
                forms = forms_between(blocks, mark, f"{mark}\U0010ffff")
                found |= {(field, term[MARK_LENGTH:]): form for term, form in forms.items() if form}
        return found
