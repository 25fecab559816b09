"""Looks into records for what no query can say: distances between masked words, and phrases with too many words behind masks.

The words alone give the records that may match; their text is extracted again from what is stored, and `cql.matcher` decides.
What was found is remembered until the collection changes.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any

from cql.matcher import compile_plan
from cql.plan import AllOf, AnyOf, Near, Phrase, Plan, Word
from indexer.document import Document
from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.opensearch.collection import Collection, confirmed_change
from indexer.engine.opensearch.documents import document_id, read_hit, stored_fields
from indexer.engine.opensearch.translate import Look, Translator, encoded
from indexer.engine.port import LINKED, EngineError, EngineUnavailable, ExtractField, Hit, QueryTooExpensive

MAX_CANDIDATES = 20_000
"""Records that may be looked up for one part of a query; at about 0.3 ms each."""

_AT_A_TIME = 500
_REMEMBERED = 64
_RECORD = ("marcxml", LINKED)

Placed = Near | Phrase


class Lookups:
    """Remembers what was looked up in the collections of one engine."""

    def __init__(self, cluster: Cluster, extract_field: ExtractField | None) -> None:
        self._cluster = cluster
        self._extract_field = extract_field
        self._known: OrderedDict[tuple[str, int | None, Placed], list[str]] = OrderedDict()

    async def look(self, collection: Collection, parts: Iterable[Placed]) -> Look:
        """Looks these parts of a plan up. Raises: QueryTooExpensive, EngineUnavailable, EngineError."""
        found: dict[Placed, list[str]] = {}
        change = await confirmed_change(self._cluster, collection)
        end = time.monotonic() + self._cluster.settings.timeout_s
        for part in parts:
            key = (collection.index, change, part)
            if key not in self._known:
                self._known[key] = await self._ids(collection, part, end)
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
            found[part] = self._known[key]
        return found.get

    async def _ids(self, collection: Collection, part: Placed, end: float) -> list[str]:
        query = Translator(collection.layout).query(_candidates(part))
        ids: list[str] = []
        after: list[Any] | None = None
        while True:
            if time.monotonic() > end:
                raise EngineUnavailable("The search took too long and was given up.")
            total, hits, after = await self._page(collection, query, after)
            if total > MAX_CANDIDATES:
                raise QueryTooExpensive(
                    f"The places of words would have to be looked up in {total} records; at most {MAX_CANDIDATES} are. "
                    "Add a word that is rarer, or write more letters of the masked ones."
                )
            if hits:
                ids += await asyncio.to_thread(self._decide, part, hits)
            if len(hits) < _AT_A_TIME:
                return ids

    async def _page(
        self, collection: Collection, query: dict[str, Any], after: list[Any] | None
    ) -> tuple[int, list[Hit], list[Any] | None]:
        body: dict[str, Any] = {
            "query": {"bool": {"filter": query}}, "size": _AT_A_TIME, "sort": [{"id": "asc"}], "track_total_hits": True,
            "stored_fields": stored_fields(_RECORD),
        }  # fmt: skip
        if after is not None:
            body["search_after"] = after
        params = {"allow_partial_search_results": "false"}
        answer = await self._cluster.request("POST", f"/{collection.index}/_search", encoded(body), params=params)
        found = answer["hits"]["hits"]
        return answer["hits"]["total"]["value"], [read_hit(one, _RECORD) for one in found], found[-1]["sort"] if found else None

    def _decide(self, part: Placed, hits: Sequence[Hit]) -> list[str]:
        if self._extract_field is None:
            raise EngineError("This search has to look into records, and the engine was opened without a way to read them.")
        decide = compile_plan(part)
        ids = []
        for hit in hits:
            if "marcxml" in hit.stored:
                occurrences = self._extract_field(hit, part.field)
                if decide(Document(hit.id, 0, hit.datestamp, text={part.field: occurrences})):
                    ids.append(document_id(hit.id))
        return ids


def _candidates(part: Placed) -> Plan:
    """Records with the words of a part, wherever they stand."""
    if isinstance(part, Phrase):
        return AllOf(tuple(Word(part.field, word) for word in part.words))
    return AllOf(tuple(AnyOf(tuple(_candidates(phrase) for phrase in side)) for side in (part.left, part.right)))
