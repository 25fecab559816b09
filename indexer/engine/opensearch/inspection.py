"""Looks into one state of a collection, hidden documents included: for comparisons with the record store.

A point in time keeps the state while it is looked at. Ids are listed in the order of storage, by a scroll of its own.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import orjson

from indexer.engine.opensearch.cluster import Cluster, NotThere
from indexer.engine.opensearch.collection import Collection, confirmed_change
from indexer.engine.opensearch.documents import document_id, read_kept, stored_fields
from indexer.engine.opensearch.layout import LIVE
from indexer.engine.port import EngineError, EngineUnavailable, Kept

KEEP_ALIVE = "5m"
AT_A_TIME = 1000
_TRIES = 5
_STATES = ("live", "suppressed", "deleted")
_POINT = {"keep_alive": KEEP_ALIVE, "allow_partial_pit_creation": "false"}
_ALL_SHARDS = {"allow_partial_search_results": "false"}


class OpenSearchInspection:
    """Implements `indexer.engine.port.Inspection`. `collection` None: one that does not exist yet; `point`: id of its state."""

    def __init__(self, cluster: Cluster, collection: Collection | None, point: str, change: int, version: str) -> None:
        self.change = change
        self.version = version
        self._cluster = cluster
        self._collection = collection
        self._point = point
        self._closed = False

    async def counts(self) -> dict[str, int]:
        """See `Inspection.counts`."""
        if self._is_empty():
            return dict.fromkeys(_STATES, 0)
        filters = {"live": {"term": {"live": LIVE}}} | {state: {"term": {"hidden": state}} for state in _STATES[1:]}
        answer = await self._search({"size": 0, "track_total_hits": False, "aggs": {"states": {"filters": {"filters": filters}}}})
        buckets = answer["aggregations"]["states"]["buckets"]
        return {state: int(buckets[state]["doc_count"]) for state in _STATES}

    async def find(self, ids: Sequence[str], stored: Sequence[str] = ()) -> list[Kept]:
        """See `Inspection.find`."""
        if self._is_empty() or not ids:
            return []
        query = {"ids": {"values": [document_id(record_id) for record_id in dict.fromkeys(ids)]}}
        answer = await self._search({"query": query, "size": AT_A_TIME, "track_total_hits": False, "stored_fields": stored_fields(stored)})
        return [read_kept(hit, stored) for hit in answer["hits"]["hits"]]

    async def ids(self) -> AsyncIterator[list[str]]:
        """See `Inspection.ids`."""
        if self._is_empty() or self._collection is None:
            return
        body: dict[str, Any] = {"size": AT_A_TIME, "sort": ["_doc"], "stored_fields": stored_fields(())}
        params = {"scroll": KEEP_ALIVE} | _ALL_SHARDS
        answer = await self._ask(f"/{self._collection.index}/_search", body, params)
        try:
            while hits := _complete(answer)["hits"]["hits"]:
                yield [read_kept(hit, ()).id for hit in hits if "fields" in hit]
                answer = await self._ask("/_search/scroll", {"scroll": KEEP_ALIVE, "scroll_id": answer["_scroll_id"]}, {})
        finally:
            with suppress(EngineError):
                await self._cluster.request("DELETE", "/_search/scroll", orjson.dumps({"scroll_id": answer["_scroll_id"]}), allow=(404,))

    async def close(self) -> None:
        """See `Inspection.close`."""
        if not self._closed and self._point:
            with suppress(EngineError):
                await self._cluster.request("DELETE", "/_search/point_in_time", orjson.dumps({"pit_id": [self._point]}), allow=(404,))
        self._closed = True

    async def _search(self, body: dict[str, Any]) -> Any:
        return await self._ask("/_search", body | {"pit": {"id": self._point, "keep_alive": KEEP_ALIVE}}, _ALL_SHARDS)

    async def _ask(self, path: str, body: dict[str, Any], params: dict[str, str]) -> Any:
        try:
            return await self._cluster.request("POST", path, orjson.dumps(body), params=params)
        except NotThere:
            raise EngineUnavailable("The collection was replaced while it was looked at; try again.") from None

    def _is_empty(self) -> bool:
        if self._closed:
            raise EngineUnavailable("This look into the collection has been ended.")
        return self._collection is None


def _complete(answer: Any) -> Any:
    """An answer, if all shards gave their part of it: the further pages of a scroll come without those that are gone."""
    if answer["_shards"]["failed"]:
        raise EngineUnavailable("OpenSearch is not complete at the moment; try again later.")
    return answer


async def inspect_collection(cluster: Cluster, collection: Collection | None, version: str) -> OpenSearchInspection:
    """The newest committed state of a collection. `version`: of the field table in force, for one that does not exist yet.

    A commit makes documents visible before it remembers its number; so a state that has the same number before and after
    belongs to that number. Raises: EngineUnavailable when it changes all the time.
    """
    if collection is None:
        return OpenSearchInspection(cluster, None, "", 0, version)
    for _ in range(_TRIES):
        before = await confirmed_change(cluster, collection)
        answer = await cluster.request("POST", f"/{collection.index}/_search/point_in_time", params=_POINT)
        found = OpenSearchInspection(cluster, collection, answer["pit_id"], before or 0, collection.layout.schema.version)
        if await confirmed_change(cluster, collection) == before:
            return found
        await found.close()
    raise EngineUnavailable(f"The collection {collection.index} is being changed all the time; try again later.")
