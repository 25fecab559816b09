"""Requests to an OpenSearch cluster, and what its errors mean in the words of the port. The only place that sees HTTP."""

import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
from opensearchpy import AsyncOpenSearch, exceptions
from opensearchpy.serializer import JSONSerializer

from indexer.engine.opensearch.connections import AnsweringNodes, WatchedConnection
from indexer.engine.port import EngineError, EngineUnavailable, QueryTooExpensive

log = logging.getLogger(__name__)

_TOO_MANY, _INTERNAL = 429, 500

NDJSON = "application/x-ndjson"
CONNECTIONS = 64
"""Connections to each node; a request beyond waits for one."""

_TOO_MANY_WORDS = "expanded to too many terms"
_TOO_EXPENSIVE = {
    "too_many_clauses": "The query has too many words and fields; make it shorter.",
    "too_many_nested_clauses": "The query has too many words and fields; make it shorter.",
    "too_complex_to_determinize": "The mask or expression has too many parts; make it simpler.",
    "The length of regex": "The mask, expression or interval is too long; make it shorter.",
    "x_content_parse_exception": "The query is nested too deeply; use fewer parentheses.",
    "stream_constraints_exception": "The query is nested too deeply; use fewer parentheses.",
    "too_many_buckets": "The facet has too many values; ask for fewer.",
}
"""Part of an error's text -> sentence for a person."""


class TooManyWords(QueryTooExpensive):
    """More words stand behind a mask of a phrase than OpenSearch takes; looking into records may still help."""


class NotThere(EngineError):
    """A collection, or a state of one, that was asked for does not exist (any more)."""


class Unreachable(EngineUnavailable):
    """No node answered."""


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Where OpenSearch is, and how new collections are kept there.

    `url`: addresses of one or more nodes, separated by commas. `prefix`: start of the names of all our collections. `shards`,
    `replicas`: parts of a new collection, and further copies of each. `timeout_s`: seconds before a request is given up.
    """

    url: str = "http://127.0.0.1:9200"
    user: str = ""
    password: str = field(default="", repr=False)
    prefix: str = "hylla"
    shards: int = 1
    replicas: int = 0
    timeout_s: float = 10.0

    @property
    def nodes(self) -> list[str]:
        """The addresses one by one. Raises: EngineError when one of them, or all, cannot be used."""
        addresses = [address for part in self.url.split(",") if (address := part.strip().rstrip("/"))]
        if not addresses:
            raise EngineError("The address of OpenSearch is missing; set engine.url.")
        for address in addresses:
            if not _is_address(address):
                shown = _without_password(address)
                raise EngineError(f"`{shown}` is not the address of an OpenSearch node, such as http://127.0.0.1:9200; see engine.url.")
        return addresses


class _Json(JSONSerializer):
    """Reads answers with orjson; requests are bytes already."""

    def loads(self, s: str) -> Any:
        return orjson.loads(s)


class Cluster:
    """A client of one cluster; belongs to the event loop of its first request."""

    def __init__(self, settings: ClusterSettings) -> None:
        self.settings = settings
        nodes = settings.nodes
        self._client = AsyncOpenSearch(
            hosts=nodes,
            http_auth=(settings.user, settings.password) if settings.user else None,
            connection_class=WatchedConnection,
            selector_class=AnsweringNodes,
            serializer=_Json(),
            timeout=settings.timeout_s,
            pool_maxsize=CONNECTIONS,
            # One further try finds another node, or the same one when it closed an idle connection.
            max_retries=max(len(nodes), 2),
            retry_on_status=(),
        )

    async def request(
        self, method: str, path: str, body: bytes | None = None, *, params: Mapping[str, str] | None = None,
        timeout_s: float | None = None, allow: Collection[int] = (), content_type: str = "application/json",
    ) -> Any:  # fmt: skip
        """The answer as plain data. `allow`: error statuses that are an answer too.

        Raises: NotThere, Unreachable, EngineUnavailable, QueryTooExpensive, EngineError.
        """
        timeout = timeout_s or self.settings.timeout_s
        try:
            answer = await self._client.transport.perform_request(
                method,
                path,
                params=dict(params or {}),
                body=body,
                timeout=timeout,
                ignore=tuple(allow),
                headers={"content-type": content_type},
            )
        except exceptions.ConnectionTimeout:
            raise Unreachable(f"OpenSearch did not answer within {timeout:g} seconds.") from None
        except exceptions.ConnectionError as error:
            raise Unreachable(f"OpenSearch cannot be reached at {_without_password(self.settings.url)} ({error.error}).") from None
        except exceptions.TransportError as error:
            raise in_words(error.status_code, error.info or error.error) from None
        except (orjson.JSONDecodeError, exceptions.SerializationError):
            answer = None
        if not isinstance(answer, dict | list):
            raise EngineUnavailable("What answers under the address of OpenSearch is no OpenSearch, or it is not ready.")
        return answer

    async def close(self) -> None:
        """Closes the connections, also those to nodes that are gone, which the client forgets."""
        await self._client.close()
        for connection in self._client.transport.seed_connections:
            await cast("WatchedConnection", connection).close()


def is_passing(status: Any) -> bool:
    """Whether a status says that the same may be done later: the cluster is overloaded, or has just lost a node.

    A node that stops while it works answers 500 or a proxy 502; what is wrong with a request itself is below that.
    """
    return isinstance(status, int) and (status == _TOO_MANY or status >= _INTERNAL)


def in_words(status: Any, told: Any) -> EngineError:
    """The error of the port for an error answer. `told`: its JSON or text."""
    text = told if isinstance(told, str) else orjson.dumps(told).decode()
    if status == 404 and ("index_not_found" in text or "search_context_missing" in text):
        return NotThere(f"The collection does not exist in OpenSearch ({_reason(told)}).")
    if _TOO_MANY_WORDS in text:
        return TooManyWords("Too many words begin, end or look like a masked word of the phrase; write more of its letters.")
    for part, sentence in _TOO_EXPENSIVE.items():
        if part in text:
            return QueryTooExpensive(sentence)
    if is_passing(status):
        return EngineUnavailable(f"OpenSearch is overloaded or not complete at the moment (status {status}: {_reason(told)}).")
    if status in {401, 403}:
        return EngineError(f"OpenSearch refused access (status {status}); see engine.user and engine.password.")
    return EngineError(f"OpenSearch answered with an error (status {status}: {_reason(told)}).")


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _without_password(url: str) -> str:
    return re.sub(r"://[^@/,]*@", "://", url)


def _reason(told: Any) -> str:
    """The first cause as one short line."""
    error = told.get("error") if isinstance(told, dict) else told
    if isinstance(error, dict):
        causes = error.get("root_cause") or [error]
        return f"{causes[0].get('type')}: {str(causes[0].get('reason'))[:300]}"
    return " ".join(str(error).split())[:300]
