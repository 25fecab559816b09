"""Runs against a repository: what is taken in, where the next run starts, what is removed."""

import asyncio

import pytest

from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.engine.port import EngineError
from server.db import harvests, records
from server.harvesting.planning import RunOptions


async def test_everything_comes_page_by_page_into_store_and_index(desk, repository, counts):
    for number in range(1, 8):
        repository.put(number)
    outcome = await desk.harvest()
    assert (counts(outcome), outcome.pages, outcome.how) == ({"added": 7}, 3, "full")
    assert await desk.found() == [f"b{number}" for number in range(1, 8)]
    assert [set(one) for one in repository.lists()] == [{"verb", "metadataPrefix"}, *[{"verb", "resumptionToken"}] * 2]


async def test_the_next_run_starts_at_the_first_response_date(desk, repository, counts):
    for number in range(1, 6):
        repository.put(number)
    times = iter(["2026-01-31T12:00:00Z", "2026-01-31T12:00:09Z", "2026-01-31T13:00:00Z"])

    def tick(number, arguments):
        if arguments["verb"] == "ListRecords":
            repository.now = next(times)

    repository.trouble = tick
    await desk.harvest()
    repository.put(2, "2026-01-31T12:00:01Z", "Another shelf")
    outcome = await desk.harvest()
    assert repository.lists()[-1]["from"] == "2026-01-31T12:00:00Z"
    assert (counts(outcome), outcome.how) == ({"updated": 1}, "incremental")


async def test_nothing_new_is_a_complete_run(desk, repository, counts):
    repository.put(1)
    await desk.harvest()
    repository.now = "2026-02-01T00:00:00Z"
    outcome = await desk.harvest()
    assert outcome.is_complete
    assert counts(outcome) == {}
    assert str((await desk.state())["last_from"]) == "2026-02-01 00:00:00+00:00"


async def test_a_day_is_asked_for_again_and_taken_seriously(desk, repository, counts):
    repository.granularity = "YYYY-MM-DD"
    repository.put(1, "2026-01-31")
    await desk.harvest()
    repository.put(1, "2026-01-31", "Later that day")
    outcome = await desk.harvest()
    assert repository.lists()[-1]["from"] == "2026-01-31"
    assert counts(outcome) == {"updated": 1}


async def test_what_is_no_newer_is_skipped_unless_forced(desk, repository, counts):
    repository.put(1)
    await desk.harvest()
    repository.put(1, title="A shelf that was changed without a word")
    assert counts(await desk.harvest(full=True)) == {"skipped": 1}
    assert counts(await desk.harvest(full=True, force=True)) == {"updated": 1}


async def test_deletions_become_tombstones_and_may_be_taken_back(desk, repository, counts):
    repository.put(1)
    repository.put(2)
    await desk.harvest()
    repository.delete(1, "2026-02-01T00:00:00Z")
    repository.delete(99, "2026-02-01T00:00:00Z")
    assert counts(await desk.harvest()) == {"deleted": 1, "skipped": 1}
    assert await desk.rows() == [("b1", True), ("b2", False)]
    assert await desk.found() == ["b2"]
    repository.put(1, "2026-02-02T00:00:00Z")
    assert counts(await desk.harvest(since="2026-02-02")) == {"updated": 1}
    assert await desk.found() == ["b1", "b2"]


async def test_a_record_that_still_comes_from_another_item_stays(desk, repository):
    repository.put(1)
    again = repository.put(2)
    again.metadata = repository.items["oai:test:1"].metadata
    await desk.harvest()
    repository.delete(1, "2026-02-01T00:00:00Z")
    await desk.harvest()
    assert await desk.live() == ["b1"]


async def test_an_item_with_another_control_number_leaves_no_old_record_behind(desk, repository):
    item = repository.put(1)
    await desk.harvest()
    item.metadata, item.datestamp = item.metadata.replace(">b1<", ">b9<"), "2026-02-01T00:00:00Z"
    await desk.harvest()
    assert await desk.rows() == [("b1", True), ("b9", False)]


async def test_bad_records_are_set_aside_and_do_not_stop_the_run(desk, repository, counts, words):
    for number in range(1, 5):
        repository.put(number)
    repository.items["oai:test:2"].metadata = "<dc>no MARC at all</dc>"
    repository.items["oai:test:3"].metadata = repository.items["oai:test:3"].metadata.replace(">b3<", "><")
    outcome = await desk.harvest()
    assert counts(outcome) == {"added": 2, "in_error": 2}
    assert not outcome.is_complete
    assert outcome.failure == ""
    assert "2 records were set aside" in words(desk.printed)
    quarantined = next((desk.settings.data_dir / "quarantine").glob("*.jsonl")).read_text()
    assert '"id": "oai:test:2", "reason": "xml"' in quarantined
    assert '"id": "oai:test:3", "reason": "no-id"' in quarantined


async def test_the_repaired_record_is_named(desk, repository, words):
    repository.put(1)
    item = repository.put(2, title="Mice & men\x1f&nbsp;")
    item.metadata = item.metadata.replace("&amp;", "&").replace("&nbsp;", "\x02")
    outcome = await desk.harvest()
    assert outcome.repaired == ["oai:test:2"]
    assert "repaired in oai:test:2" in words(desk.printed)
    assert await desk.live() == ["b1", "b2"]
    origin = await harvests.origins(desk.pool, "biblios", ["b1", "b2"])
    assert [origin[one].altered for one in ("b1", "b2")] == [False, True]


async def test_provenance_is_kept(desk, repository):
    about = '<about><provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance"><originDescription/></provenance></about>'
    repository.put(1, about=about)
    await desk.harvest()
    (origin,) = (await harvests.origins(desk.pool, "biblios", ["b1", "unknown"])).values()
    assert (origin.base_url, origin.identifier, origin.datestamp) == (repository.url, "oai:test:1", "2026-01-01T00:00:00Z")
    assert origin.namespace == "http://www.loc.gov/MARC21/slim"
    assert origin.about.startswith("<provenance")
    assert "originDescription" in origin.about


@pytest.mark.parametrize("way", ["full", "comparison"])
@pytest.mark.parametrize("keeps", ["no", "transient"])
async def test_what_is_not_listed_any_more_is_removed(desk, repository, counts, keeps, way):
    repository.deleted_record = keeps
    for number in range(10, 30):
        repository.put(number)
    await desk.harvest()
    del repository.items["oai:test:11"]
    await desk.pool.execute("update harvest set last_compared = now() - interval '31 days'")
    outcome = await desk.harvest(full=way == "full")
    assert counts(outcome).get("deleted") == 1
    assert len(await desk.live()) == 19
    assert repository.lists()[-1]["verb"] == ("ListRecords" if way == "full" else "ListIdentifiers")
    del repository.items["oai:test:12"]
    assert "deleted" not in counts(await desk.harvest())  # compared just now


async def test_more_than_a_tenth_is_not_removed_without_a_person(desk, repository, counts, words):
    repository.deleted_record = "no"
    for number in range(10, 20):
        repository.put(number)
    await desk.harvest()
    await desk.pool.execute("update harvest set last_compared = null")
    for number in range(10, 12):
        del repository.items[f"oai:test:{number}"]
    outcome = await desk.harvest()
    assert outcome.refusals
    assert "does not list 2 of 10 records any more" in words(desk.printed)
    assert "hylla harvest test --yes" in words(desk.printed)
    assert len(await desk.live()) == 10
    assert counts(await desk.harvest(yes=True))["deleted"] == 2
    assert len(await desk.live()) == 8


async def test_persistent_sources_are_harvested_again_when_they_are_old(desk, repository):
    repository.put(1)
    source = desk.source(max_age=7)
    await desk.harvest(source)
    assert (await desk.harvest(source)).how == "incremental"
    await desk.pool.execute("update harvest set last_full = now() - interval '8 days'")
    assert (await desk.harvest(source)).how == "full"


async def test_each_set_has_a_state_of_its_own(desk, repository):
    repository.put(1)
    await desk.harvest_all([desk.source(sets=["a", "b:c"])], RunOptions())
    assert [one["set"] for one in repository.lists()] == ["a", "b:c"]
    assert await desk.pool.fetchval("select count(*) from harvest") == 2


async def test_a_limited_run_moves_nothing(desk, repository, counts):
    for number in range(1, 8):
        repository.put(number)
    assert counts(await desk.harvest(limit=4)) == {"added": 4}
    assert (await desk.state())["last_from"] is None
    assert counts(await desk.harvest()) == {"added": 3, "skipped": 4}


async def test_since_moves_the_state_only_when_it_leaves_no_gap(desk, repository):
    repository.put(1)
    await desk.harvest(since="2026-01-01")
    assert (await desk.state())["last_from"] is None
    await desk.harvest()
    repository.now = "2026-02-10T00:00:00Z"
    await desk.harvest(since="2026-02-09")
    assert (await desk.state())["last_from"].month == 1
    await desk.harvest(since="2026-01-15")
    assert (await desk.state())["last_from"].month == 2


async def test_a_dry_run_stores_nothing(desk, repository, counts, words):
    repository.put(1)
    repository.delete(2, "2026-01-01T00:00:00Z")
    assert counts(await desk.harvest(dry_run=True)) == {"added": 1, "skipped": 1}
    assert "nothing was stored (--dry-run)" in words(desk.printed)
    assert await desk.rows() == []
    assert await desk.pool.fetchval("select count(*) from harvest") == 0


async def test_the_configured_beginning_is_kept(desk, repository):
    repository.put(1)
    await desk.harvest(desk.source(**{"from": "2020-05-01"}))
    assert repository.lists()[0]["from"] == "2020-05-01T00:00:00Z"


async def test_months_are_asked_for_one_by_one(desk, repository, counts):
    repository.put(1, "2025-12-31T23:59:59Z")
    repository.put(2, "2026-01-01T00:00:00Z")
    outcome = await desk.harvest(desk.source(window="month"))
    assert counts(outcome) == {"added": 2}
    asked = [(one.get("from"), one.get("until")) for one in repository.lists()]
    assert asked == [
        (None, "2025-11-30T23:59:59Z"), ("2025-12-01T00:00:00Z", "2025-12-31T23:59:59Z"), ("2026-01-01T00:00:00Z", None),
    ]  # fmt: skip


async def test_records_of_another_type_are_left_out(desk, repository, counts):
    repository.put(1)
    repository.items["oai:test:a"] = repository.put(2)
    repository.items["oai:test:a"].metadata = repository.items["oai:test:a"].metadata.replace("nam a", "nzm a")
    assert counts(await desk.harvest(desk.source(record_type="biblio"), full=True)) == {"added": 1, "skipped": 2}


async def test_a_prefix_keeps_sources_apart(desk, repository):
    repository.put(1)
    await desk.harvest(desk.source(id_prefix="other"))
    assert await desk.live() == ["other:b1"]


async def test_a_stylesheet_makes_marc_of_another_format(desk, repository, tmp_path):
    sheet = tmp_path / "own.xsl"
    sheet.write_text(
        '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:o="urn:own" '
        'xmlns="http://www.loc.gov/MARC21/slim">'
        '<xsl:template match="o:book"><record><leader>00000nam a2200000 i 4500</leader><controlfield tag="001"><xsl:value-of select="@id"/>'
        '</controlfield><datafield tag="245" ind1="1" ind2="0"><subfield code="a"><xsl:value-of select="."/></subfield>'
        "</datafield></record>"
        "</xsl:template></xsl:stylesheet>"
    )
    repository.formats = (("own", "urn:own"),)
    repository.put(1).metadata = '<o:book xmlns:o="urn:own" id="x1">A title</o:book>'
    await desk.harvest(desk.source(metadata_prefix="own", xslt=str(sheet)))
    assert await desk.live() == ["x1"]
    assert await desk.pool.fetchval("select altered from harvested")


async def test_a_folder_as_target_gets_a_file_of_each_run(desk, repository, tmp_path):
    source = desk.source(target=str(tmp_path / "out"))
    for number in range(1, 6):
        repository.put(number)
    repository.delete(9, "2026-01-02T00:00:00Z")
    await desk.harvest(source)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["test-1.deleted.txt", "test-1.xml"]
    text = (tmp_path / "out" / "test-1.xml").read_text()
    assert text.count("<leader>") == 5
    assert text.rstrip().endswith("</collection>")
    assert await desk.rows() == []


async def test_runs_with_a_limit_get_files_of_their_own(desk, repository, tmp_path):
    source = desk.source(target=str(tmp_path))
    for number in range(1, 4):
        repository.put(number)
    for limit in (1, 2):
        await desk.harvest(source, limit=limit)
    await desk.harvest(source)
    counts = {path.name: path.read_text().count("<leader>") for path in tmp_path.glob("*.xml")}
    assert counts == {"test-0.xml": 1, "test-0-2.xml": 2, "test-1.xml": 3}


async def test_while_another_process_indexes_records_are_stored_and_indexed_later(desk, repository):
    repository.put(1)
    async with desk.pool.acquire() as other:
        await records.lock_index(other, "biblios", wait=True)
        run = asyncio.create_task(desk.harvest())
        while not await desk.live():
            await asyncio.sleep(0.05)
        assert not run.done()
        await records.unlock_index(other, "biblios")
    assert (await run).is_complete
    assert await desk.found() == ["b1"]


async def test_an_engine_that_fails_stops_the_run_and_the_next_one_completes_it(desk, repository, monkeypatch, counts):
    repository.put(1)

    async def full(*_):
        raise EngineError("The disk of the index is full.")

    with monkeypatch.context() as patched:
        patched.setattr(EmbeddedEngine, "commit", full)
        with pytest.raises(EngineError, match="disk of the index"):
            await desk.harvest()
    assert (await desk.state())["last_from"] is None
    assert counts(await desk.harvest()) == {"unchanged": 1}
    assert await desk.found() == ["b1"]
