"""Connections to the nodes of a cluster, and which node is asked: one that does not answer is left alone for a while.

A node that refuses connections is noticed by the client itself, and another one asked at once. One that takes them and says
nothing (its machine is gone, or stuck) would make each request that comes to it wait for its whole time, so it is avoided
from the first such request on. Now and then a single request tries it again.
"""

import asyncio
import io
import time
from collections.abc import Mapping, Sequence
from typing import Any

from opensearchpy import AIOHttpConnection, RoundRobinSelector, exceptions

SILENT_S = 2.0
"""Seconds without any answer after which a node is avoided, when a request had to be given up."""

AVOIDED_S = 10.0
"""Seconds before it is tried again."""

LARGE_BYTES = 1 << 20
"""Bodies beyond this are sent piece by piece, so that the event loop can do something else between (aiohttp warns otherwise)."""


class WatchedConnection(AIOHttpConnection):
    """Connections to one node. Leaves logging to us: the client's own lines would hold whole queries."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._answered_at = 0.0
        self._avoided_until = 0.0
        self._is_silent = False

    async def perform_request(
        self, method: str, url: str, params: Mapping[str, Any] | None = None, body: bytes | None = None, *arguments: Any, **options: Any
    ) -> Any:
        """The answer of the node, and a note whether there was one."""
        began = time.monotonic()
        sent: Any = io.BytesIO(body) if body is not None and len(body) > LARGE_BYTES else body
        try:
            answer = await super().perform_request(method, url, params, sent, *arguments, **options)
        except (exceptions.ConnectionTimeout, asyncio.CancelledError):
            self._give_up(began)
            raise
        except exceptions.ConnectionError:
            raise
        except exceptions.TransportError:
            self._note_answer()
            raise
        self._note_answer()
        return answer

    def is_avoided(self) -> bool:
        """Whether other nodes should be asked. When the time to try it again has come, only the first who asks is sent here."""
        return self._is_silent and time.monotonic() < self._avoided_until

    def choose(self) -> None:
        """A request is about to be sent here."""
        self._avoided_until = time.monotonic() + AVOIDED_S

    def _note_answer(self) -> None:
        self._answered_at = time.monotonic()
        self._is_silent = False

    def _give_up(self, began: float) -> None:
        """A request was given up. If nothing at all was answered meanwhile, it may be the node and not the request."""
        if self._answered_at < began and time.monotonic() - began >= SILENT_S:
            self._is_silent = True
            self._avoided_until = time.monotonic() + AVOIDED_S

    def log_request_success(self, *_: Any, **__: Any) -> None:
        """Nothing."""

    def log_request_fail(self, *_: Any, **__: Any) -> None:
        """Nothing; the error says it."""


class AnsweringNodes(RoundRobinSelector):
    """Takes the nodes in turn, without those that do not answer, unless none does."""

    def select(self, connections: Sequence[Any]) -> Any:
        """The connection for the next request."""
        chosen = super().select([one for one in connections if not one.is_avoided()] or connections)
        chosen.choose()
        return chosen
