"""Searches in one collection: pages, counts and single records. One request for a page, answers without what nobody reads."""

import hashlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from cql.plan import Plan, SortBy
from indexer.engine.opensearch.cluster import Cluster, NotThere
from indexer.engine.opensearch.collection import Collection
from indexer.engine.opensearch.documents import document_id, is_hidden, read_hit, stored_fields
from indexer.engine.opensearch.layout import Layout
from indexer.engine.opensearch.paging import NEAR, STEP, Cursors
from indexer.engine.opensearch.translate import Look, Query, Translator, encoded
from indexer.engine.port import EngineError, EngineUnavailable, Hit, Page, Window
from indexer.engine.ranking import is_ranked

RELEVANCE = "relevance"
_NO_FIELDS = "_none_"
_LEAN = "timed_out,hits.total.value,hits.hits._score,hits.hits.fields,hits.hits.sort,aggregations"


async def search(cluster: Cluster, collection: Collection, body: dict[str, Any], preference: str = "") -> dict[str, Any]:
    """The answer to a search; a part of it is no answer. Raises: EngineUnavailable, QueryTooExpensive, EngineError."""
    params = {"filter_path": _LEAN, "allow_partial_search_results": "false"}
    if preference:
        params["preference"] = preference
    body = body | {"timeout": f"{cluster.settings.timeout_s * 1000:.0f}ms"}
    answer: dict[str, Any] = await cluster.request("POST", f"/{collection.index}/_search", encoded(body), params=params)
    if answer.get("timed_out", True):
        raise EngineUnavailable("The search took too long and was given up.")
    return answer


class Searcher:
    """Pages of one engine."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.cursors = Cursors()

    async def page(
        self, collection: Collection, look: Look, plan: Plan, window: Window, sort: Sequence[SortBy], stored: Sequence[str]
    ) -> Page:
        """Exact total and the hits of a window."""
        asked = PageSearch(collection.layout, look, plan, sort)
        offset, count = max(window.start - 1, 0), max(window.count, 0)
        if not count:
            return Page(await self._total(collection, asked), ())
        if offset + count <= NEAR:
            answer = await self._ask(
                collection, asked, asked.body | {"from": offset, "size": count, "stored_fields": stored_fields(stored)}
            )
            return Page(answer["hits"]["total"]["value"], asked.hits(answer, stored))
        return await self._far_page(collection, asked, offset, count, stored)

    async def _total(self, collection: Collection, asked: "PageSearch") -> int:
        body = {"query": asked.body["query"], "size": 0, "track_total_hits": True}
        return int((await self._ask(collection, asked, body))["hits"]["total"]["value"])

    async def _far_page(self, collection: Collection, asked: "PageSearch", offset: int, count: int, stored: Sequence[str]) -> Page:
        """A window that ends behind the first hits, in stretches that OpenSearch allows."""
        result = (collection.index, encoded(asked.body))
        total = await self._walk(collection, asked, result, offset)
        hits: list[Hit] = []
        while total is None or offset + len(hits) < total:
            wanted = min(count - len(hits), STEP - NEAR)
            body = self._after(asked, result, offset + len(hits)) | {"size": wanted, "stored_fields": stored_fields(stored)}
            answer = await self._ask(collection, asked, body)
            total = int(answer["hits"]["total"]["value"])
            found = answer["hits"].get("hits", [])
            hits += asked.hits(answer, stored)
            if found:
                self.cursors.remember(result, offset + len(hits), found[-1]["sort"])
            if len(found) < wanted or len(hits) >= count:
                break
        return Page(total or 0, tuple(hits))

    async def _walk(self, collection: Collection, asked: "PageSearch", result: Any, offset: int) -> int | None:
        """Makes the sort values before `offset` known. The total, when it was learned and `offset` may lie behind the end."""
        position, _ = self.cursors.nearest(result, offset)
        if position == offset or offset <= NEAR:
            return None
        total = await self._total(collection, asked)
        while position < offset < total:
            step = min(offset - position, STEP)
            body = self._after(asked, result, position) | {"size": step, "stored_fields": _NO_FIELDS, "track_total_hits": False}
            found = (await self._ask(collection, asked, body)).get("hits", {}).get("hits", [])
            if len(found) < step:
                return position + len(found)
            position += step
            self.cursors.remember(result, position, found[-1]["sort"])
        return total

    def _after(self, asked: "PageSearch", result: Any, position: int) -> dict[str, Any]:
        """The search that goes on at a position: the nearest known one, or counted off from the beginning."""
        place, values = self.cursors.nearest(result, position)
        if values is not None and place == position:
            return asked.body | {"search_after": values}
        return asked.body | {"from": position}

    async def _ask(self, collection: Collection, asked: "PageSearch", body: dict[str, Any]) -> dict[str, Any]:
        return await search(self._cluster, collection, body, asked.preference)

    async def get(self, collection: Collection, record_id: str, stored: Sequence[str]) -> Hit | None:
        """The live document with an id, or None."""
        if not record_id:
            return None
        path = f"/{collection.index}/_doc/{quote(document_id(record_id), safe='')}"
        params = {"realtime": "false", "stored_fields": ",".join(stored_fields(stored)), "filter_path": "found,fields,error"}
        found = await self._cluster.request("GET", path, params=params, allow=(404,))
        if "error" in found:
            raise NotThere(f"The collection {collection.index} does not exist in OpenSearch.")
        if not found.get("found") or "head" not in found.get("fields", {}) or is_hidden(found):
            return None
        return read_hit(found, stored)

    async def fetch(self, collection: Collection, record_ids: Sequence[str], stored: Sequence[str]) -> dict[str, Hit]:
        """The live documents with these ids."""
        ids = [document_id(record_id) for record_id in dict.fromkeys(record_ids) if record_id]
        body = {"query": {"ids": {"values": ids}}, "size": len(ids), "track_total_hits": False, "stored_fields": stored_fields(stored)}
        answer = await search(self._cluster, collection, body)
        hits = [read_hit(found, stored) for found in answer.get("hits", {}).get("hits", ()) if not is_hidden(found)]
        return {hit.id: hit for hit in hits}


class PageSearch:
    """What a plan and an order ask of a page. `preference` sends all pages of a ranked result to the same copies of shards,
    because scores may differ from copy to copy.
    """

    def __init__(self, layout: Layout, look: Look, plan: Plan, sort: Sequence[SortBy]) -> None:
        ranked = is_ranked(plan)
        keys = [key for key in sort if ranked or key.field != RELEVANCE]
        self._by_score = ranked and (not keys or any(key.field == RELEVANCE for key in keys))
        query = Translator(layout, look, ranked=self._by_score).query(plan)
        if self._by_score and not keys:
            keys = [SortBy(RELEVANCE, descending=True)]
        self.body: dict[str, Any] = {
            "query": query if self._by_score else unscored(query),
            "sort": [*(_sort_key(layout, key) for key in keys), {"id": "asc"}],
            "track_total_hits": True,
        }
        self.preference = ""
        if self._by_score:
            self.preference = hashlib.blake2b(encoded(self.body), digest_size=8).hexdigest()

    def hits(self, answer: dict[str, Any], stored: Sequence[str]) -> tuple[Hit, ...]:
        """The hits of an answer."""
        return tuple(read_hit(found, stored, self._by_score) for found in answer.get("hits", {}).get("hits", ()))


def unscored(query: Query) -> Query:
    """The same documents, without the work of scoring them."""
    return {"bool": {"filter": query}}


def _sort_key(layout: Layout, key: SortBy) -> dict[str, Any]:
    if key.field == RELEVANCE:
        return {"_score": "desc"}
    if key.field not in layout.sorts:
        raise EngineError(f"The collection has no sort key `{key.field}`; it was made with another field table. Run `hylla reindex`.")
    missing = f"_{key.missing}" if key.missing_value is None else key.missing_value
    return {f"s_{key.field}": {"order": "desc" if key.descending else "asc", "missing": missing}}
