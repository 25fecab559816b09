"""Documents made in processes of their own are the same, in the same order; a process that is lost is told."""

import os
import signal
from datetime import UTC, datetime

import pytest

from indexer.engine import open_preparer
from indexer.extract import Extractor
from indexer.marc import pack
from server.errors import CannotStart, Unavailable
from server.loading import making
from server.loading.documents import Links, Packed, ToIndex
from server.loading.making import ProcessMaker, ThreadMaker

T0 = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def to_index(record, change, hidden=""):
    raw, stored_format = pack(record)
    number = record.control("001")
    return ToIndex(Packed(raw, stored_format, record.format, record.kind), number, "", number, "", change, T0, hidden, ("set",), record)


@pytest.fixture(scope="module")
def thread(table):
    return ThreadMaker(Extractor(table))


@pytest.fixture
def batch(marc):
    named = ("700", "1 $aLindgren, Vera1$9a1")
    records = [marc.bib(number, f"Shelf {number}", *([named] if number % 3 == 0 else [])) for number in range(1, 24)]
    return [to_index(record, change, "deleted" if change == 5 else "") for change, record in enumerate(records, 1)]


@pytest.fixture
def links(marc):
    raw, stored_format = pack(marc.hold(1, "b7", "Annex"))
    return Links({"a1": ["Pseudonym"]}, {"b7": [Packed(raw, stored_format, "marc21", "holdings")]})


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(making, "FEW", 0)


async def ready(maker):
    while not await maker._are_ready():
        pass


@pytest.mark.usefixtures("at_once")
async def test_processes_make_the_same_documents_in_the_same_order(table, thread, batch, links):
    [expected], failed, _ = await thread.documents(batch, links)
    assert [document.id for document in expected] == [one.record_id for one in batch]
    async with ProcessMaker(2, None, table, thread, "opensearch") as maker:
        await ready(maker)
        assert await maker.documents(batch, links) == ([expected[:12], expected[12:]], failed, [])
        assert await maker.documents(batch[:1], links) == ([expected[:1]], [], [])
        assert await maker.authority_ids(batch) == await thread.authority_ids(batch) == {"a1"}


@pytest.mark.usefixtures("at_once")
async def test_processes_prepare_the_documents_for_an_engine_that_can_take_them(table, thread, batch, links):
    [documents], _, _ = await thread.documents(batch, links)
    prepare = open_preparer("embedded", table.collection("biblios"))
    async with ProcessMaker(2, None, table, thread, "embedded") as maker:
        await ready(maker)
        parts, failed, _ = await maker.documents(batch, links)
    assert [(part.ids, part.fields, part.signature) for part in parts] == [
        (same.ids, same.fields, same.signature) for same in (prepare(documents[:12]), prepare(documents[12:]))
    ]
    assert failed == []


async def test_processes_are_started_when_it_is_worth_it(table, thread, batch, links, monkeypatch):
    monkeypatch.setattr(making, "FEW", 40)
    async with ProcessMaker(2, None, table, thread) as maker:
        await maker.documents(batch, links)
        assert not maker._workers
        await maker.documents(batch, links)
        assert len(maker._workers) == 2
        await ready(maker)
        parts, _, _ = await maker.documents(batch, links)
        assert [part.count for part in parts] == [12, 11]


@pytest.mark.usefixtures("at_once")
async def test_a_lost_process_is_one_sentence(table, thread, batch, links):
    async with ProcessMaker(2, None, table, thread) as maker:
        await ready(maker)
        os.kill(maker._workers[1]._process.pid, signal.SIGKILL)
        with pytest.raises(Unavailable, match=r"^A process that makes documents ended; run the load again"):
            await maker.documents(batch, links)


@pytest.mark.usefixtures("at_once")
async def test_another_field_table_is_refused(table, thread, batch, links, tmp_path):
    other = tmp_path / "fields.yaml"
    other.write_text("fields: {title: {boost: 7}}\n")
    async with ProcessMaker(1, other, table, thread) as maker:
        await ready(maker)
        with pytest.raises(CannotStart, match="field table was changed"):
            await maker.documents(batch, links)


@pytest.mark.usefixtures("at_once")
async def test_a_process_ends_with_its_pipe(table, thread):
    async with ProcessMaker(1, None, table, thread) as maker:
        await ready(maker)
        process = maker._workers[0]._process
        maker._workers[0]._connection.close()
        process.join(10)
        assert process.exitcode == 0
