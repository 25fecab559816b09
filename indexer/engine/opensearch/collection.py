"""Names of a collection's indexes in OpenSearch, and which of them is the live one.

```
PREFIX-NAME                 alias of the live documents' index
PREFIX-NAME-STAMP           documents, with one more document that holds the change number confirmed
PREFIX-NAME-STAMP.terms     its browse lists
```

A collection can be built beside the live one and take its place by moving the alias, which OpenSearch does in one step. All
requests use the names with a stamp, so that what is asked and the layout by which it is asked belong together.
"""

import logging
import time
import uuid
from dataclasses import dataclass
from typing import Any

import orjson

from indexer.engine.opensearch.cluster import Cluster, NotThere, in_words
from indexer.engine.opensearch.layout import STATE_ID, TERM_MAPPINGS, Layout, term_settings
from indexer.engine.port import EngineError, EngineUnavailable, Leftover
from indexer.schema import CollectionSchema

log = logging.getLogger(__name__)

PATIENCE_S = 60.0
"""Seconds for what a cluster does rarely and for all its nodes: making, switching and removing indexes."""

_TERMS = ".terms"
_BAD_REQUEST = 400


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection as it is in OpenSearch. `index`, `terms`: names of its indexes."""

    index: str
    layout: Layout

    @property
    def terms(self) -> str:
        """Name of the browse lists' index."""
        return f"{self.index}{_TERMS}"


class Collections:
    """The indexes of all collections of one name, live or not."""

    def __init__(self, cluster: Cluster, schema: CollectionSchema) -> None:
        self._cluster = cluster
        self._schema = schema
        self.alias = f"{cluster.settings.prefix}-{schema.name}"

    async def live(self) -> Collection | None:
        """The live collection, or None when there is none. Raises: EngineError when the alias is not ours."""
        found = await self._cluster.request(
            "GET", f"/{self.alias}/_mapping", params={"filter_path": "*.mappings._meta,error.type"}, allow=(404,)
        )
        if "error" in found:
            return None
        if len(found) != 1 or self.alias in found:
            raise EngineError(f"`{self.alias}` in OpenSearch is not the alias of one collection of ours; set another engine.prefix.")
        ((index, mapping),) = found.items()
        return Collection(index, Layout.from_json(mapping["mappings"]["_meta"]))

    async def is_live(self, known: Collection) -> bool:
        """Whether a collection is still the live one."""
        holders = await self._cluster.request("GET", f"/_alias/{self.alias}", params={"filter_path": "*.aliases,error"}, allow=(404,))
        return known.index in holders

    async def create(self, *, live: bool) -> Collection:
        """A new, empty collection. One that is not `live` has no copies yet, to be filled quickly."""
        stamp = f"{time.strftime('%Y%m%dt%H%M%S', time.gmtime())}-{uuid.uuid4().hex[:8]}"
        made = Collection(f"{self.alias}-{stamp}", Layout(self._schema))
        settings = self._cluster.settings
        replicas = settings.replicas if live else 0
        await self._put(f"/{made.terms}", {"settings": {"index": term_settings(replicas)}, "mappings": TERM_MAPPINGS})
        body: dict[str, Any] = {"settings": {"index": made.layout.settings(settings, replicas)}, "mappings": made.layout.mappings()}
        if live:
            body["aliases"] = {self.alias: {}}
        await self._put(f"/{made.index}", body)
        return made

    async def make_live(self, new: Collection) -> None:
        """Gives a collection its copies, moves the alias to it in one step, and removes all others, if they can be removed."""
        replicas = self._cluster.settings.replicas
        if replicas:
            await self._put(f"/{new.index},{new.terms}/_settings", {"index": {"number_of_replicas": replicas}})
            await self._until_complete(new)
        holders = await self._cluster.request("GET", f"/_alias/{self.alias}", allow=(404,))
        old = [index for index in holders if "error" not in holders and index != new.index]
        moves: list[dict[str, Any]] = [{"remove": {"index": index, "alias": self.alias}} for index in old]
        body = {"actions": [*moves, {"add": {"index": new.index, "alias": self.alias}}]}
        await self._cluster.request("POST", "/_aliases", orjson.dumps(body), timeout_s=PATIENCE_S)
        try:
            await self.remove_others(new)
        except EngineError as error:
            log.warning("%s is in use; what it replaces was not removed: %s", new.index, error)

    async def _until_complete(self, new: Collection) -> None:
        params = {"wait_for_status": "green", "timeout": f"{PATIENCE_S:g}s", "filter_path": "status,timed_out"}
        health = await self._cluster.request(
            "GET", f"/_cluster/health/{new.index},{new.terms}", params=params, timeout_s=PATIENCE_S + 10, allow=(408,)
        )
        if health.get("timed_out", True):
            raise EngineUnavailable(
                f"The copies of the new collection {new.index} were not complete after {PATIENCE_S:g} seconds; the one in use is as it was."
            )

    async def remove_others(self, kept: Collection | None) -> list[Leftover]:
        """Removes all indexes of this name but those of one collection, and says what they were."""
        params = {"format": "json", "bytes": "b", "h": "index,store.size", "expand_wildcards": "all"}
        rows = await self._cluster.request("GET", f"/_cat/indices/{self.alias}-*", params=params)
        sizes: dict[str, int] = {}
        for row in sorted(rows, key=lambda row: str(row["index"])):
            name = str(row["index"])
            collection = name.removesuffix(_TERMS)
            if self._is_ours(collection) and (kept is None or collection != kept.index):
                await self._cluster.request("DELETE", f"/{name}", params={"ignore_unavailable": "true"}, timeout_s=PATIENCE_S)
                sizes[collection] = sizes.get(collection, 0) + int(row["store.size"] or 0)
        return [Leftover(name, size) for name, size in sizes.items()]

    def _is_ours(self, name: str) -> bool:
        """Whether it is the name of this collection and a stamp, and not of a collection whose name begins alike."""
        stamp = name.removeprefix(f"{self.alias}-")
        moment, _, number = stamp.partition("-")
        return len(moment) == 15 and moment[8:9] == "t" and len(number) == 8 and (moment[:8] + moment[9:]).isdecimal()

    async def _put(self, path: str, body: dict[str, Any]) -> None:
        """Changes an index. That a new one is there already means that an earlier attempt succeeded: nobody else knows its name."""
        answer = await self._cluster.request("PUT", path, orjson.dumps(body), timeout_s=PATIENCE_S, allow=(_BAD_REQUEST,))
        if "error" in answer:
            if answer["error"].get("type") == "resource_already_exists_exception":
                return
            raise in_words(_BAD_REQUEST, answer)
        if not answer.get("acknowledged"):
            raise EngineUnavailable("OpenSearch did not take a change of its indexes in within its time; try again later.")


async def confirmed_change(cluster: Cluster, collection: Collection) -> int | None:
    """The change number of the last commit, or None when nothing was ever committed. Raises: NotThere."""
    params = {"stored_fields": "state"}
    found = await cluster.request("GET", f"/{collection.index}/_doc/{STATE_PATH}", params=params, allow=(404,))
    if "error" in found:
        raise NotThere(f"The collection {collection.index} does not exist in OpenSearch.")
    return int(found["fields"]["state"][0]) if found.get("found") else None


async def remember_change(cluster: Cluster, collection: Collection, change: int) -> None:
    """Writes the change number, durably; to be done when everything up to it is."""
    await cluster.request(
        "PUT", f"/{collection.index}/_doc/{STATE_PATH}", orjson.dumps({"state": change}), params={"filter_path": "result"}
    )


STATE_PATH = "".join(f"%{byte:02X}" for byte in STATE_ID.encode())
