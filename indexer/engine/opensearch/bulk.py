"""Bulk requests: a few in flight, what OpenSearch cannot take at the moment sent again, what it refuses reported.

Every item may be sent any number of times: documents carry their change numbers as versions, and a block of terms that is
there twice does no harm. In the place of a document that is refused goes one without search fields, so that no older state of the
record is found; its reason is told with the commit.
"""

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from indexer.engine.opensearch.cluster import NDJSON, Cluster, is_passing
from indexer.engine.opensearch.documents import hidden_lines
from indexer.engine.port import EngineError, EngineUnavailable

log = logging.getLogger(__name__)

IN_FLIGHT = 2
ITEMS = 1000
BYTES = 8_000_000
"""Size of one request. Two of 1,000 documents in flight keep a node busy, more only fill its memory."""

REQUEST_S = 60.0
"""Seconds before a bulk request is given up and sent again."""

MOST_REFUSED = 100
"""Documents that may be refused before this is no longer a matter of single records."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
_CONFLICT, _NOT_FOUND = 409, 404


class Item(NamedTuple):
    """One or two lines of a bulk request. `record_id` is empty for a block of terms. `is_reduced`: its search fields were left out."""

    record_id: str
    lines: bytes
    is_reduced: bool = False


class Bulk:
    """Sends the items of one session. `patience_s`: how long an item is sent again and again. `refused`: record id -> reason."""

    def __init__(self, cluster: Cluster, patience_s: float) -> None:
        self.refused: dict[str, str] = {}
        self._cluster = cluster
        self._patience_s = patience_s
        self._places = asyncio.Semaphore(IN_FLIGHT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._error: BaseException | None = None
        self._refused_count = 0

    async def send(self, items: Sequence[Item]) -> None:
        """Hands items over; returns when the last request is on its way. Raises: what an earlier request ended with."""
        for request in _requests(items):
            await self._places.acquire()
            if self._error is not None:
                self._places.release()
                raise self._error
            task = asyncio.create_task(self._until_taken(request))
            self._tasks.add(task)
            task.add_done_callback(self._end)

    async def drain(self) -> None:
        """Waits until everything was taken in. Raises: what a request ended with."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._error is not None:
            raise self._error

    async def abandon(self) -> None:
        """Gives up what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def refuse(self, record_id: str, reason: str) -> None:
        """One record cannot be taken in; all others can. Raises: EngineError when these are too many."""
        log.error("record %s cannot be searched, because OpenSearch does not take it in: %s", record_id, reason)
        self.refused[record_id] = reason
        self._refused_count += 1
        if self._refused_count > MOST_REFUSED:
            raise EngineError(f"More than {MOST_REFUSED} records were refused by OpenSearch, lastly {record_id} ({reason}).")

    def _end(self, task: asyncio.Task[None]) -> None:
        """Notes how a request ended, before the next one is sent and before `drain` returns."""
        self._tasks.discard(task)
        self._places.release()
        if not task.cancelled() and self._error is None:
            self._error = task.exception()

    async def _until_taken(self, items: list[Item]) -> None:
        end, pause = time.monotonic() + self._patience_s, _FIRST_PAUSE_S
        while items:
            try:
                items = await self._attempt(items)
                problem = f"{len(items)} documents were not taken in"
            except EngineUnavailable as error:
                problem = str(error)
                if time.monotonic() > end:
                    raise
            if items and time.monotonic() > end:
                raise EngineUnavailable(f"OpenSearch is overloaded: {problem} within {self._patience_s:g} seconds.")
            if items:
                log.warning("OpenSearch: %s; sending again", problem)
                await asyncio.sleep(pause * random.uniform(0.5, 1))
                pause = min(2 * pause, _LONGEST_PAUSE_S)

    async def _attempt(self, items: list[Item]) -> list[Item]:
        """Sends the items once; those to be sent again."""
        body = b"".join([item.lines for item in items])
        params = {"filter_path": "errors,items.*.status,items.*.error.type,items.*.error.reason"}
        answer = await self._cluster.request("POST", "/_bulk", body, params=params, timeout_s=REQUEST_S, content_type=NDJSON)
        if not answer["errors"]:
            return []
        again, reduced = [], []
        for item, outcome in zip(items, answer["items"], strict=True):
            ((action, told),) = outcome.items()
            status, error = told["status"], told.get("error")
            if is_passing(status):
                again.append(item)
            elif error is not None and not self._is_no_fault(action, status, error):
                self._blame(item, error)
                if action == "index" and not item.is_reduced:
                    reduced.append(Item(item.record_id, hidden_lines(item.lines), is_reduced=True))
        return again + (await self._attempt(reduced) if reduced else [])

    @staticmethod
    def _is_no_fault(action: str, status: int, error: dict[str, Any]) -> bool:
        """A newer state of the document is there already, or it is gone already."""
        return status == _CONFLICT or (action == "delete" and status == _NOT_FOUND and error.get("type") != "index_not_found_exception")

    def _blame(self, item: Item, error: dict[str, Any]) -> None:
        reason = f"{error.get('type')}: {str(error.get('reason'))[:300]}"
        if not item.record_id or error.get("type") == "index_not_found_exception":
            raise EngineError(f"OpenSearch refused to take in a part of the collection ({reason}).")
        self.refuse(item.record_id, reason)


def _requests(items: Sequence[Item]) -> list[list[Item]]:
    requests: list[list[Item]] = []
    size = BYTES
    for item in items:
        if size + len(item.lines) > BYTES or len(requests[-1]) >= ITEMS:
            requests.append([])
            size = 0
        requests[-1].append(item)
        size += len(item.lines)
    return requests
