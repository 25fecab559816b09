"""What becomes of records that come again, are deleted, hidden or come back; datestamps of the others stay."""

import pytest


async def test_new_records_are_stored_and_found(desk, marc):
    loaded = await desk.load([marc.bib(1), marc.bib(2, "Another book"), marc.aut(1)])
    assert loaded.counts() == {"read": 3, "new": 3}
    assert loaded.outcome.indexed == 3
    assert await desk.found() == {"b1", "b2"}
    assert await desk.found("another") == {"b2"}
    assert await desk.found(store="authorities") == {"a1"}


async def test_a_second_load_of_the_same_file_changes_nothing(desk, marc):
    records = [marc.bib(1), marc.aut(1), marc.hold(1, "b1"), marc.bib(2, status="d"), marc.bib(3, "x", ("942", "  $n1"))]
    await desk.load(records)
    await desk.yesterday()
    before = {store: await desk.rows(store) for store in ("biblios", "authorities", "holdings")}
    loaded = await desk.load(records)
    assert loaded.counts() == {"read": 5, "unchanged": 5}
    assert loaded.outcome.indexed == 0
    assert {store: await desk.rows(store) for store in before} == before


async def test_the_same_record_in_another_form_is_unchanged(desk, marc, tmp_path):
    records = [marc.bib(1), marc.bib(2, "Ålands skärgård 東京")]
    assert (await desk.load(records)).counts() == {"read": 2, "new": 2}
    for form in ("marcxml", "json"):
        file = marc.write(tmp_path / f"again.{form}", records, form)
        assert (await desk.load(file)).counts() == {"read": 2, "unchanged": 2}


async def test_only_changed_records_get_a_new_datestamp(desk, marc):
    await desk.load([marc.bib(number) for number in range(1, 6)])
    await desk.yesterday()
    before = await desk.stamps()
    loaded = await desk.load([marc.bib(number, "Changed" if number == 3 else "The shelf") for number in range(1, 7)])
    assert loaded.counts() == {"read": 6, "new": 1, "updated": 1, "unchanged": 4}
    assert await desk.moved(before) == {"b3", "b6"}
    assert await desk.found("changed") == {"b3"}
    assert await desk.found("shelf") == {"b1", "b2", "b4", "b5", "b6"}


@pytest.mark.parametrize("way", ["leader", "option"])
async def test_deleted_records_are_not_found_and_stay_as_tombstones(desk, marc, way):
    await desk.load([marc.bib(1), marc.bib(2)])
    await desk.yesterday()
    before = await desk.stamps()
    gone = [marc.bib(1, status="d")] if way == "leader" else [marc.bib(1)]
    loaded = await desk.load(gone, delete=way == "option")
    assert loaded.counts() == {"read": 1, "deleted": 1}
    assert await desk.moved(before) == {"b1"}
    assert await desk.found() == {"b2"}
    assert [(record_id, hidden) for record_id, hidden, *_ in await desk.kept()] == [("b1", "deleted"), ("b2", "")]
    assert (await desk.rows())["b1"].deleted
    assert (await desk.load(gone, delete=way == "option")).counts() == {"read": 1, "unchanged": 1}


async def test_deleting_again_in_another_way_is_no_change(desk, marc):
    await desk.load([marc.bib(1)])
    await desk.load([marc.bib(1, status="d")])
    await desk.yesterday()
    before = await desk.stamps()
    assert (await desk.load([marc.bib(1, "Other contents")], delete=True)).counts() == {"read": 1, "unchanged": 1}
    assert await desk.moved(before) == set()


async def test_a_deleted_record_can_come_back(desk, marc):
    await desk.load([marc.bib(1)])
    key = (await desk.rows())["b1"].biblio_id
    await desk.load([marc.bib(1)], delete=True)
    await desk.yesterday()
    before = await desk.stamps()
    assert (await desk.load([marc.bib(1)])).counts() == {"read": 1, "updated": 1}
    assert await desk.moved(before) == {"b1"}
    assert await desk.found("shelf") == {"b1"}
    assert (await desk.rows())["b1"].biblio_id == key


async def test_a_record_that_was_never_here_is_a_tombstone_at_once(desk, marc):
    assert (await desk.load([marc.bib(1)], delete=True)).counts() == {"read": 1, "deleted": 1}
    assert await desk.found() == set()
    assert [one[1] for one in await desk.kept()] == ["deleted"]


async def test_suppressed_records_are_kept_but_not_found(desk, marc):
    hidden = ("942", "  $n1")
    await desk.load([marc.bib(1, "The shelf", hidden), marc.bib(2)])
    assert await desk.found() == {"b2"}
    assert [(record_id, state) for record_id, state, *_ in await desk.kept()] == [("b1", "suppressed"), ("b2", "")]
    assert (await desk.load([marc.bib(1)])).counts() == {"read": 1, "updated": 1}
    assert await desk.found() == {"b1", "b2"}
    assert (await desk.load([marc.bib(2, "The shelf", hidden)])).counts() == {"read": 1, "updated": 1}
    assert await desk.found() == {"b1"}


@pytest.mark.parametrize("status", ["s", "x"])
async def test_split_and_replaced_authorities_are_gone(desk, marc, status):
    await desk.load([marc.aut(1)])
    assert (await desk.load([marc.aut(1, status=status)])).counts() == {"read": 1, "deleted": 1}
    assert await desk.found(store="authorities") == set()


async def test_the_source_is_part_of_the_id(desk, marc):
    await desk.load([marc.bib(1)], name="libris")
    await desk.load([marc.bib(1)], name="lund")
    assert await desk.found() == {"libris:b1", "lund:b1"}
    assert {row.source for row in (await desk.rows()).values()} == {"libris", "lund"}


async def test_only_one_database_can_be_loaded(desk, marc):
    loaded = await desk.load([marc.bib(1), marc.aut(1), marc.hold(1, "b1")], target="authorities")
    assert loaded.counts() == {"read": 3, "new": 1, "skipped": 2}
    assert (await desk.rows(), await desk.rows("holdings")) == ({}, {})


async def test_own_keys_of_koha_are_kept_where_they_are_free(desk, marc):
    await desk.load([marc.bib(1, "x", ("999", "  $c77")), marc.bib(2, "x", ("999", "  $c77")), marc.bib(3)])
    keys = {record_id: row.biblio_id for record_id, row in (await desk.rows()).items()}
    assert keys["b1"] == 77
    assert len(set(keys.values())) == 3


async def test_records_of_a_kind_that_is_not_indexed_are_counted(desk, marc):
    classification = marc.raw(marc.bib(1)).replace(b"nam a22", b"nwm a22", 1)
    assert (await desk.load([classification, marc.bib(2)])).counts() == {"read": 2, "new": 1, "skipped": 1}


async def test_blocks_and_commits_may_be_of_any_size(desk, marc):
    small = desk.settings.model_copy(update={"load": desk.settings.load.model_copy(update={"batch_size": 3, "commit_every": 5})})
    loaded = await desk.load([marc.bib(number) for number in range(1, 26)], settings=small)
    assert loaded.counts() == {"read": 25, "new": 25}
    assert len(await desk.found()) == 25
    assert (await desk.load([marc.bib(number) for number in range(1, 26)], settings=small)).counts() == {"read": 25, "unchanged": 25}


async def test_a_load_needs_no_large_pool(desk, marc):
    one = desk.settings.model_copy(update={"database": desk.settings.database.model_copy(update={"pool_size": 1})})
    loaded = await desk.load([marc.bib(1, "x", ("700", "1 $aLindgren$9a1")), marc.aut(1), marc.hold(1, "b1")], settings=one)
    assert loaded.counts() == {"read": 3, "new": 3}
