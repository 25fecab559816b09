"""Something that answers as OpenSearch would, by a script: for what a real one only does on a bad day."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from indexer.engine.opensearch.cluster import Cluster, ClusterSettings


@dataclass
class Scripted:
    """Answers one request after the other by `answer(method, path, lines of the body)`, which gives (status, answer)."""

    url: str = ""
    answer: Callable[[str, str, list[Any]], Any] = lambda *_: (200, {})
    seen: list[tuple[str, str, list[Any]]] = field(default_factory=list)
    now: int = 0
    most: int = 0

    async def respond(self, request: web.Request) -> web.Response:
        lines = [json.loads(line) for line in (await request.read()).splitlines() if line]
        self.seen.append((request.method, request.path, lines))
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            answer = self.answer(request.method, request.path, lines)
            status, body = await answer if isinstance(answer, Awaitable) else answer
        finally:
            self.now -= 1
        if isinstance(body, str):
            return web.Response(status=status, text=body, content_type="text/html")
        return web.json_response(body, status=status)


@pytest.fixture
async def scripted() -> AsyncIterator[Scripted]:
    """A node that answers as the test says."""
    made = Scripted()
    app = web.Application(client_max_size=100_000_000)
    app.router.add_route("*", "/{path:.*}", made.respond)
    async with TestServer(app) as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made


@pytest.fixture
async def silent_url() -> AsyncIterator[str]:
    """Address of a node that takes requests and never answers."""
    connections = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for writer in connections:
        writer.close()


@pytest.fixture
async def cluster_at() -> AsyncIterator[Callable[..., Cluster]]:
    """Opens a client of an address."""
    opened = []

    def open_(url: str, timeout_s: float = 5.0) -> Cluster:
        opened.append(Cluster(ClusterSettings(url=url, timeout_s=timeout_s)))
        return opened[-1]

    yield open_
    for one in opened:
        await one.close()
