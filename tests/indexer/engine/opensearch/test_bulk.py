"""Bulk requests: what is not taken in is sent again and nothing else; a refused document does not spoil the others."""

import asyncio
import json

import pytest

from indexer.engine.opensearch import bulk as bulk_module
from indexer.engine.opensearch.bulk import BYTES, IN_FLIGHT, ITEMS, MOST_REFUSED, Bulk, Item
from indexer.engine.port import EngineError, EngineUnavailable


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(bulk_module, "_FIRST_PAUSE_S", 0.001)


@pytest.fixture
def bulk(scripted, cluster_at):
    return Bulk(cluster_at(scripted.url), patience_s=1.0)


def item(record_id):
    return Item(record_id, b'{"index":{"_id":"%s"}}\n' % record_id.encode())


def ids(lines):
    return [line["index"]["_id"] for line in lines if "index" in line]


def whole(record_id):
    """An item as documents make it."""
    document = {"id": record_id, "head": f"marc21\x1f\x1f0\x1f{record_id}", "live": "1", "t_title": "sea", "stored": {"marcxml": "<b/>"}}
    return Item(record_id, item(record_id).lines + json.dumps(document).encode() + b"\n")


def outcome(status, kind=""):
    return {"index": {"status": status} | ({"error": {"type": kind, "reason": "why"}} if kind else {})}


def answering(script):
    """`script`: id -> statuses of its attempts, the last one for ever; 201 for all others."""

    def answer(method, path, lines):
        outcomes = []
        for record_id in ids(lines):
            statuses = script.get(record_id, [201])
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
            outcomes.append(outcome(status, "error" if status >= 400 else ""))
        return 200, {"errors": any("error" in one["index"] for one in outcomes), "items": outcomes}

    return answer


@pytest.mark.parametrize("status", [429, 503, 500])
async def test_only_what_was_not_taken_in_is_sent_again(scripted, bulk, status):
    scripted.answer = answering({"b": [status, status, 201], "d": [status, 201]})
    await bulk.send([item(one) for one in "abcd"])
    await bulk.drain()
    assert [ids(lines) for _, _, lines in scripted.seen] == [["a", "b", "c", "d"], ["b", "d"], ["b"]]


@pytest.mark.parametrize("status", [429, 503, 502, 500])
async def test_a_whole_request_is_sent_again(scripted, bulk, status):
    answers = iter([(status, {"error": {"type": "x"}}), (status, {"error": {"type": "x"}})])
    taken = answering({})
    scripted.answer = lambda *asked: next(answers, None) or taken(*asked)
    await bulk.send([item("a")])
    await bulk.drain()
    assert len(scripted.seen) == 3


async def test_what_is_never_taken_in_is_unavailable(scripted, bulk):
    scripted.answer = answering({"b": [429]})
    await bulk.send([item("a"), item("b")])
    with pytest.raises(EngineUnavailable, match=r"1 documents were not taken in within 1 seconds"):
        await bulk.drain()
    with pytest.raises(EngineUnavailable):
        await bulk.send([item("c")])
    assert sum("a" in ids(lines) for _, _, lines in scripted.seen) == 1


async def test_a_refused_document_is_named_and_the_others_are_taken_in(scripted, bulk, caplog):
    scripted.answer = answering({"b": [400, 201]})
    await bulk.send([whole(one) for one in "abc"])
    await bulk.drain()
    assert "record b cannot be searched, because OpenSearch does not take it in: error: why" in caplog.text
    assert bulk.refused == {"b": "error: why"}
    first, second = scripted.seen
    assert ids(first[2]) == ["a", "b", "c"]
    action, kept = second[2]
    assert action["index"]["_id"] == "b"
    assert kept == {"id": "b", "head": "marc21\x1fsuppressed\x1f0\x1fb", "hidden": "suppressed", "stored": {"marcxml": "<b/>"}}


async def test_a_document_that_is_refused_twice_is_given_up(scripted, bulk):
    scripted.answer = answering({"b": [400]})
    await bulk.send([whole("b")])
    await bulk.drain()
    assert bulk.refused == {"b": "error: why"}
    assert len(scripted.seen) == 2


async def test_very_many_refused_documents_are_no_longer_a_matter_of_documents(scripted, bulk):
    numbers = [str(number) for number in range(MOST_REFUSED + 1)]
    scripted.answer = answering({number: [400] for number in numbers})
    await bulk.send([whole(number) for number in numbers])
    with pytest.raises(EngineError, match="were refused by OpenSearch"):
        await bulk.drain()


async def test_a_newer_document_that_is_there_already_is_no_fault(scripted, bulk, caplog):
    scripted.answer = answering({"a": [409]})
    await bulk.send([item("a")])
    await bulk.drain()
    assert not caplog.text


@pytest.mark.parametrize("kind", ["mapper_parsing_exception", "index_not_found_exception"])
async def test_a_block_of_terms_or_an_index_that_is_refused_stops_everything(scripted, bulk, kind):
    scripted.answer = lambda *_: (200, {"errors": True, "items": [outcome(404, kind)]})
    await bulk.send([Item("" if kind.startswith("mapper") else "a", item("a").lines)])
    with pytest.raises(EngineError, match=f"refused to take in a part of the collection \\({kind}"):
        await bulk.drain()


@pytest.mark.parametrize("answer", [{"took": 1}, {"errors": True, "items": []}])
async def test_an_answer_that_says_nothing_about_the_documents_never_counts_as_done(scripted, bulk, answer):
    scripted.answer = lambda *_: (200, answer)
    await bulk.send([item("a")])
    with pytest.raises((EngineError, KeyError, ValueError)):
        await bulk.drain()


async def test_only_so_many_requests_are_under_way(scripted, bulk):
    go_on = asyncio.Event()
    taken = answering({})

    async def answer(*asked):
        await go_on.wait()
        return taken(*asked)

    scripted.answer = answer
    sending = asyncio.create_task(bulk.send([item(str(number)) for number in range(5 * ITEMS)]))
    done, _ = await asyncio.wait({sending}, timeout=0.3)
    assert not done
    assert len(scripted.seen) == IN_FLIGHT
    go_on.set()
    await sending
    await bulk.drain()
    assert (len(scripted.seen), scripted.most) == (5, IN_FLIGHT)
    assert [len(lines) for _, _, lines in scripted.seen] == [ITEMS] * 5


async def test_requests_are_not_larger_than_said(scripted, bulk):
    scripted.answer = answering({})
    large = Item("a", b'{"index":{"_id":"a","x":"%s"}}\n' % (b"x" * (BYTES // 3)))
    await bulk.send([large] * 5)
    await bulk.drain()
    assert [len(lines) for _, _, lines in scripted.seen] == [2, 2, 1]


async def test_what_is_given_up_leaves_nothing_behind(scripted, bulk):
    async def never(*_):
        await asyncio.Event().wait()

    scripted.answer = never
    await bulk.send([item("a")])
    await asyncio.sleep(0.05)
    await bulk.abandon()
    await bulk.drain()
