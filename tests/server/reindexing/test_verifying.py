"""Every difference between store and index is found, named and counted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tantivy import Document as IndexDocument

from indexer.document import Document
from indexer.engine.embedded.folder import open_index
from indexer.engine.port import Deletion
from indexer.fields import load_field_table
from server.db import records
from server.loading.documents import from_row, make_document


@pytest.fixture
async def filled(installation, bibs):
    """Live, suppressed and deleted records of two sources, all indexed; 27 of them."""
    await installation.fill(*bibs(1, 11), *bibs(11, 21, source="libris"), *bibs(21, 24, suppressed=True), *bibs(24, 28, deleted=True))
    return installation


async def document(installation, record_id) -> Document:
    row = await records.get_record(installation.pool, "biblios", record_id)
    return make_document(installation.extractor, from_row("biblios", row))


async def write(installation, *batch):
    """Writes into the index behind everybody's back."""
    async with installation.engine(writable=True) as engine:
        await engine.write(batch)
        await engine.commit(await engine.confirmed())


async def test_an_index_that_is_as_the_store_agrees(filled):
    found = await filled.verify()
    assert found.agrees
    assert (found.document_count, found.sampled, found.confirmed, found.last_change) == (27, 27, 27, 27)
    assert found.in_store == {"": {"live": 10, "suppressed": 3, "deleted": 4}, "libris": {"live": 10}}
    assert found.in_index == found.in_store


@pytest.mark.parametrize("count", [0, 1, 5])
async def test_the_sample_is_as_large_as_asked(filled, count):
    assert (await filled.verify(sample=count)).sampled == count


async def test_an_empty_store_and_no_index_agree(installation):
    found = await installation.verify()
    assert (found.agrees, found.document_count) == (True, 0)


async def test_records_that_are_not_in_the_index_are_named(filled):
    await write(filled, *(Deletion(f"b{number:05d}", 99) for number in (3, 22, 25)))
    found = await filled.verify(sample=0)
    assert (found.missing.count, found.missing.examples) == (3, ["b00003 (live)", "b00022 (suppressed)", "b00025 (deleted)"])
    assert (found.in_index[""]["live"], found.in_store[""]["live"]) == (9, 10)
    assert not found.agrees


async def test_documents_that_are_not_in_the_store_are_named(filled):
    known = await document(filled, "b00001")
    await write(filled, replace(known, id="x1"), replace(known, id="x2", hidden="deleted"), Deletion("libris:b00011", 99))
    found = await filled.verify(sample=0)
    assert (found.strange.count, sorted(found.strange.examples)) == (2, ["x1", "x2"])
    assert found.missing.examples == ["libris:b00011 (live)"]
    assert not found.agrees


async def test_many_faults_are_counted_and_some_are_named(filled):
    known = await document(filled, "b00001")
    await write(filled, *(replace(known, id=f"x{number}") for number in range(600)))
    found = await filled.verify(sample=0)
    assert (found.strange.count, len(found.strange.examples)) == (600, 10)


async def test_a_record_that_is_twice_in_the_index_is_named(filled, only):
    only("embedded")  # in OpenSearch the record id decides which document it is
    index = open_index(filled.kept_in.folder() / filled.current())
    writer = index.writer(15_000_000, 1)
    head = "\x1f".join(("b00004", "marc21", "deleted", "0"))
    writer.add_document(IndexDocument.from_dict({"id": "b00004", "head": head, "hidden": "deleted"}))
    writer.commit()
    writer.wait_merging_threads()
    found = await filled.verify(sample=0)
    assert (found.twice.count, found.twice.examples, found.strange.count) == (1, ["b00004"], 0)
    assert not found.agrees


async def test_other_states_and_datestamps_are_named(filled):
    first, second = await document(filled, "b00001"), await document(filled, "b00002")
    await write(filled, replace(first, hidden="deleted"), replace(second, datestamp=second.datestamp + timedelta(seconds=1)))
    found = await filled.verify(sample=0)
    assert found.different.examples == [
        "b00001 (live in the store, deleted in the index)",
        "b00002 (datestamp 2026-01-02T03:04:05Z, in the index 2026-01-02T03:04:06Z)",
    ]
    assert not found.agrees


async def test_another_record_xml_is_found_by_the_sample(filled):
    one = await document(filled, "b00005")
    await write(filled, replace(one, stored=one.stored | {"marcxml": b"<record/>"}))
    found = await filled.verify()
    assert (found.unlike.examples, found.agrees) == (["b00005 has another marcxml"], False)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("title", lambda one: one.text.update(title=["the shelf"])),
        ("title", lambda one: one.text.pop("title")),
        ("subject", lambda one: one.keys.pop("subject")),
        ("year", lambda one: one.numbers.update(year=[1999])),
        ("id", lambda one: one.keys.pop("id")),
    ],
    ids=["words", "no words", "keys", "numbers", "id"],
)
async def test_other_words_and_values_are_found_by_the_sample(filled, field, change):
    one = await document(filled, "b00005")
    change(one)
    await write(filled, one)
    found = await filled.verify()
    assert found.unlike.count == 1
    assert found.unlike.examples[0].startswith("b00005 is not found by its ")
    assert field in found.unlike.examples[0]


async def test_records_that_wait_are_no_fault_while_somebody_indexes(filled, bibs, later):
    await filled.store(*bibs(1, 4, "Changed"), *bibs(50, 52), *bibs(24, 25, suppressed=True), at=later)
    found = await filled.verify()
    assert (found.waiting, found.only_waits, found.agrees) == (6, True, False)
    assert (found.missing.count, found.different.count, found.strange.count) == (0, 0, 0)
    async with filled.pool.acquire() as loader:
        await records.lock_index(loader, "biblios", wait=True)
        assert (await filled.verify()).agrees
    await filled.index()
    assert (await filled.verify()).waiting == 0


async def test_an_index_that_is_ahead_of_the_store_is_told(filled, pool):
    await pool.execute("delete from biblios where change_number > 20")
    await pool.execute("update change_counter set last_change = 20 where store = 'biblios'")
    found = await filled.verify(sample=3)
    assert (found.is_ahead, found.agrees, found.strange.count) == (True, False, 7)
    await filled.rebuild()
    assert (await filled.verify()).agrees


async def test_an_index_of_another_field_table_is_told(filled):
    found = await filled.verify(table=load_field_table(text="version: 1\nfields: {shelf: {type: keyword, marc21: ['952(c)']}}\n"))
    assert (found.is_outdated, found.agrees, found.unlike.count) == (True, False, 0)


async def test_a_field_table_without_record_identifiers_can_be_used(installation_with, bibs):
    own = installation_with(load_field_table(text="version: 1\nfields: {id: null}\n"))
    await own.fill(*bibs(1, 21))
    assert (await own.verify()).agrees
    one = await document(own, "b00005")
    one.text["title"] = ["the shelf 6"]
    await write(own, one)
    assert (await own.verify()).unlike.examples == ["b00005 is not found by its title"]
