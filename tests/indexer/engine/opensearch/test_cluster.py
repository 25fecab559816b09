"""What errors of OpenSearch mean in the words of the port."""

import asyncio
import time

import pytest

from indexer.engine.opensearch import connections
from indexer.engine.opensearch.cluster import Cluster, ClusterSettings, NotThere, TooManyWords, Unreachable
from indexer.engine.port import EngineError, EngineUnavailable, QueryTooExpensive


def told(kind, reason="why"):
    return {"error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason}}


@pytest.mark.parametrize(
    ("status", "answer", "error", "sentence"),
    [
        (429, told("circuit_breaking_exception"), EngineUnavailable, "overloaded or not complete.*429: circuit_breaking_exception: why"),
        (503, told("cluster_block_exception"), EngineUnavailable, "overloaded or not complete"),
        (502, "<html>bad gateway</html>", EngineUnavailable, "status 502"),
        (500, told("node_closed_exception"), EngineUnavailable, "status 500: node_closed_exception"),
        (503, told("search_phase_execution_exception", "Search rejected due to missing shards"), EngineUnavailable, "missing shards"),
        (404, told("index_not_found_exception"), NotThere, "does not exist"),
        (404, told("search_context_missing_exception"), NotThere, "does not exist"),
        (400, told("too_many_nested_clauses"), QueryTooExpensive, "make it shorter"),
        (500, told("too_complex_to_determinize_exception"), QueryTooExpensive, "make it simpler"),
        (400, told("illegal_argument_exception", "pattern expanded to too many terms"), TooManyWords, "write more of its letters"),
        (401, "Unauthorized", EngineError, "see engine.user and engine.password"),
        (403, told("security_exception"), EngineError, "refused access"),
        (400, told("parsing_exception", "x\ny"), EngineError, "status 400: parsing_exception"),
        (200, "<html>a web site</html>", EngineUnavailable, "is no OpenSearch"),
    ],
)
async def test_an_error_answer_is(scripted, cluster_at, status, answer, error, sentence):
    scripted.answer = lambda *_: (status, answer)
    with pytest.raises(error, match=sentence) as caught:
        await cluster_at(scripted.url).request("GET", "/x")
    assert type(caught.value) is error
    assert len(scripted.seen) == 1


async def test_a_node_that_is_not_there_is_told_without_the_password(cluster_at):
    with pytest.raises(Unreachable, match=r"cannot be reached at http://127\.0\.0\.1:1 "):
        await cluster_at("http://me:secret@127.0.0.1:1").request("GET", "/")


async def test_a_node_that_says_nothing_is_given_up_after_the_time(silent_url, cluster_at):
    with pytest.raises(Unreachable, match=r"did not answer within 0\.2 seconds"):
        await cluster_at(silent_url, 0.2).request("GET", "/")


@pytest.mark.parametrize("url", ["", " , ", "ftp//x:y:z"])
def test_an_address_that_cannot_be_used_is_refused(url):
    with pytest.raises(EngineError, match=r"engine\.url"):
        Cluster(ClusterSettings(url=url))


async def test_another_node_is_asked_when_one_is_gone(scripted, cluster_at):
    cluster = cluster_at(f"http://127.0.0.1:1,{scripted.url}")
    for _ in range(6):
        assert await cluster.request("GET", "/") == {}
    assert len(scripted.seen) == 6


@pytest.mark.parametrize("how", ["timeout", "cancelled"])
async def test_a_node_that_says_nothing_is_left_alone_and_tried_again_later(scripted, silent_url, cluster_at, monkeypatch, how):
    monkeypatch.setattr(connections, "SILENT_S", 0.05)
    monkeypatch.setattr(connections, "AVOIDED_S", 1.0)
    cluster = cluster_at(f"{silent_url},{scripted.url}", 0.1 if how == "timeout" else 5)

    async def ask():
        async with asyncio.timeout(0.1 if how == "cancelled" else None):
            await cluster.request("GET", "/")

    failed = 0
    for _ in range(20):
        try:
            await ask()
        except (Unreachable, TimeoutError):
            failed += 1
    assert (failed, len(scripted.seen)) == (1, 19)
    end, failed = time.monotonic() + 1.5, 0
    while time.monotonic() < end:
        outcomes = await asyncio.gather(*(ask() for _ in range(4)), return_exceptions=True)
        failed += sum(isinstance(one, Exception) for one in outcomes)
        await asyncio.sleep(0.02)
    assert failed == 1


async def test_a_node_that_answers_slowly_beside_others_is_not_left_alone(scripted, cluster_at, monkeypatch):
    monkeypatch.setattr(connections, "SILENT_S", 0.05)

    async def answer(method, path, lines):
        await asyncio.sleep(0.5 if path == "/slow" else 0)
        return 200, {}

    scripted.answer = answer
    cluster = cluster_at(f"{scripted.url},{scripted.url}", 0.2)
    slow = [asyncio.create_task(cluster.request("GET", "/slow")) for _ in range(2)]
    await asyncio.sleep(0.1)
    assert await asyncio.gather(*(cluster.request("GET", "/") for _ in range(4))) == [{}] * 4
    for task in slow:
        with pytest.raises(Unreachable):
            await task
    assert not any(one.is_avoided() for one in cluster._client.transport.connection_pool.connections)
