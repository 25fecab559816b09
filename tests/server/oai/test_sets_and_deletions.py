"""Sets and deletions in lists: oai-pmh.md 7 and 8."""

from datetime import UTC, datetime, timedelta

import pytest

NAMES = {"o": "http://www.openarchives.org/OAI/2.0/"}
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
SETS = [
    {"setSpec": "type:book", "setName": "Books", "cql": "dc.title = book", "setDescription": "Printed & bound"},
    {"setSpec": "type:map", "setName": "Maps", "cql": "dc.title = map"},
    {"setSpec": "rare", "setName": "Rare", "mappings": [{"marcfield": "942", "marcsubfield": "c", "marcvalue": "RARE"}]},
]


@pytest.fixture
async def sorted_repository(open_repository, make_bib):
    made = await open_repository(sets=SETS)
    await made.store(
        make_bib("1", "A book"), make_bib("2", "A map"), make_bib("3", "A book of maps, a map"),
        make_bib("4", "Nothing"), make_bib("5", "A book", ("942", "  \x1fcRARE")),
    )  # fmt: skip
    return made


async def listed(made, **arguments):
    answer = await made.ask("ListIdentifiers", metadataPrefix="oai_dc", **arguments)
    return [one.removeprefix("KOHA-OAI-TEST:") for one in answer.identifiers]


async def test_sets_are_listed_with_their_parents(sorted_repository):
    answer = await sorted_repository.ask("ListSets")
    assert answer.texts("//o:setSpec") == ["rare", "type", "type:book", "type:map"]
    assert answer.texts("//o:setName") == ["Rare", "type", "Books", "Maps"]
    assert answer.texts("//o:setDescription//*[local-name() = 'description']") == ["Printed & bound"]


@pytest.mark.parametrize(
    ("spec", "members"), [("type", ["1", "2", "3", "5"]), ("type:book", ["1", "3", "5"]), ("type:map", ["2", "3"]), ("rare", ["5"])]
)
async def test_a_set_lists_its_members_and_those_below(sorted_repository, spec, members):
    assert await listed(sorted_repository, set=spec) == members


async def test_headers_name_the_sets(sorted_repository):
    answer = await sorted_repository.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:5")
    assert answer.texts("//o:header/o:setSpec") == ["rare", "type", "type:book"]


async def test_a_record_that_moves_between_sets_gets_a_new_datestamp(sorted_repository, make_bib):
    await sorted_repository.store(make_bib("1", "A map"), at=DAY + timedelta(hours=1))
    assert await listed(sorted_repository, set="type:book") == ["3", "5"]
    assert await listed(sorted_repository, set="type:map", from_="2026-03-01T13:00:00Z") == ["1"]


async def test_a_deleted_record_keeps_its_sets(sorted_repository):
    await sorted_repository.delete("5", at=DAY + timedelta(hours=1))
    answer = await sorted_repository.ask("ListRecords", metadataPrefix="oai_dc", set="rare")
    assert (answer.texts("//o:header/@status"), answer.texts("//o:metadata"), answer.identifiers) == (["deleted"], [], ["KOHA-OAI-TEST:5"])


@pytest.fixture
async def told_of_leaving(open_repository, make_bib):
    """Record 1 has left type:book for type:map, 2 has left every set, 3 came back to type:book, 4 left it and was deleted."""
    made = await open_repository(sets=SETS, sets_leave_as_deleted=True, max_count=2)
    await made.store(*(make_bib(str(number), "A book") for number in range(1, 6)))
    await made.store(make_bib("1", "A map"), make_bib("2", "x"), make_bib("3", "x"), make_bib("4", "x"), at=DAY + timedelta(hours=1))
    await made.store(make_bib("3", "A book"), at=DAY + timedelta(hours=2))
    await made.delete("4", at=DAY + timedelta(hours=3))
    return made


async def all_pages(made, verb, **arguments):
    pages = [await made.ask(verb, **arguments)]
    while pages[-1].token:
        pages.append(await made.ask(verb, resumptionToken=pages[-1].token))
    return {
        header.findtext("o:identifier", namespaces=NAMES).removeprefix("KOHA-OAI-TEST:"): (
            header.get("status", "live"),
            [one.text for one in header.iterfind("o:setSpec", NAMES)],
            header.getnext() is not None,
        )
        for page in pages
        for header in page.root.iterfind(".//o:header", NAMES)
    }


async def test_records_that_left_a_set_stand_there_as_deleted(told_of_leaving):
    book = ["type", "type:book"]
    assert await all_pages(told_of_leaving, "ListRecords", metadataPrefix="oai_dc", set="type:book") == {
        "1": ("deleted", ["type:book"], False),
        "2": ("deleted", ["type:book"], False),
        "3": ("live", book, True),
        "4": ("deleted", ["type:book"], False),
        "5": ("live", book, True),
    }
    since = {"metadataPrefix": "oai_dc", "from_": "2026-03-01T13:00:00Z"}
    assert set(await all_pages(told_of_leaving, "ListIdentifiers", set="type", **since)) == {"1", "2", "3", "4"}
    assert (await all_pages(told_of_leaving, "ListIdentifiers", set="type:map", **since))["1"][0] == "live"


async def test_leaving_a_set_is_told_in_that_set_only(told_of_leaving):
    found = await all_pages(told_of_leaving, "ListRecords", metadataPrefix="oai_dc")
    assert {name: status for name, (status, _, _) in found.items()} == {"1": "live", "2": "live", "3": "live", "4": "deleted", "5": "live"}
    assert found["1"][1] == ["type", "type:map"]
    answer = await told_of_leaving.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:2")
    assert (answer.texts("//o:header/@status"), answer.texts("//o:setSpec")) == ([], [])


@pytest.mark.parametrize(
    ("settings", "listed_there"), [({}, ["3", "5"]), ({"sets_leave_as_deleted": True, "deleted_record": "no"}, ["3", "5"])]
)
async def test_leaving_a_set_is_not_told_unless_it_is_wanted(open_repository, make_bib, settings, listed_there):
    made = await open_repository(sets=SETS, **settings)
    await made.store(*(make_bib(str(number), "A book") for number in (2, 3, 5)))
    await made.store(make_bib("2", "x"), at=DAY + timedelta(hours=1))
    assert await listed(made, set="type:book") == listed_there


async def test_leaving_a_set_is_forgotten_with_transient_deletions(open_repository, make_bib):
    made = await open_repository(sets=SETS, sets_leave_as_deleted=True, deleted_record="transient", tombstone_days=10)
    now = datetime.now(UTC).replace(microsecond=0)
    await made.store(make_bib("1", "A book"), make_bib("2", "A book"), make_bib("3", "A book"), at=now - timedelta(days=20))
    await made.store(make_bib("1", "x"), at=now - timedelta(days=11))
    await made.store(make_bib("2", "x"), at=now - timedelta(days=9))
    assert await listed(made, set="type:book") == ["3", "2"]


async def test_more_than_a_thousand_sets_come_in_pages(open_repository):
    sets = [{"setSpec": f"s{number:04}", "setName": f"S{number}", "cql": "x"} for number in range(2100)]
    made = await open_repository(sets=sets)
    pages = [await made.ask("ListSets")]
    while pages[-1].token:
        pages.append(await made.ask("ListSets", resumptionToken=pages[-1].token))
    assert [len(page.texts("//o:setSpec")) for page in pages] == [1000, 1000, 100]
    assert (await made.ask("ListSets", resumptionToken="junk")).errors == ["badResumptionToken"]


async def test_a_tombstone_has_no_metadata_in_any_format(repository):
    for prefix in ("oai_dc", "marcxml", "mods"):
        answer = await repository.ask("GetRecord", metadataPrefix=prefix, identifier="KOHA-OAI-TEST:gone")
        assert (answer.errors, answer.texts("//o:header/@status"), answer.texts("//o:metadata")) == ([], ["deleted"], [])
    formats = await repository.ask("ListMetadataFormats", identifier="KOHA-OAI-TEST:gone")
    assert formats.texts("//o:metadataPrefix") == ["oai_dc", "marcxml", "marc21", "mods", "rdf"]


async def test_a_selection_of_deletions_only_is_a_list(repository):
    answer = await repository.ask("ListRecords", metadataPrefix="oai_dc", from_="2026-03-01T12:10:00Z")
    assert (answer.errors, answer.texts("//o:header/@status")) == ([], ["deleted"])


async def test_a_record_that_comes_back_is_live_with_a_new_datestamp(repository, make_bib):
    await repository.store(make_bib("gone", "Back"), at=DAY + timedelta(hours=2))
    answer = await repository.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:gone")
    assert (answer.texts("//o:header/@status"), answer.texts("//o:datestamp")) == ([], ["2026-03-01T14:00:00Z"])


async def test_a_record_that_is_suppressed_becomes_a_deletion(repository, make_bib):
    await repository.store(make_bib("b1", "Title 1", ("942", "  \x1fn1")), at=DAY + timedelta(hours=2))
    answer = await repository.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:b1")
    assert (answer.texts("//o:header/@status"), answer.texts("//o:datestamp")) == (["deleted"], ["2026-03-01T14:00:00Z"])


async def test_without_deletions_they_vanish_at_once(open_repository, make_bib):
    made = await open_repository(deleted_record="no")
    await made.store(make_bib("1"), make_bib("2"), make_bib("3", "x", ("942", "  \x1fn1")))
    await made.delete("1", at=DAY)
    assert await listed(made) == ["2"]
    assert (await made.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:1")).errors == ["idDoesNotExist"]
    assert (await made.ask("ListMetadataFormats", identifier="KOHA-OAI-TEST:1")).errors == ["idDoesNotExist"]


async def test_transient_deletions_vanish_after_their_days(open_repository, make_bib):
    made = await open_repository(deleted_record="transient", tombstone_days=10)
    now = datetime.now(UTC).replace(microsecond=0)
    old, recent = now - timedelta(days=11), now - timedelta(days=9)
    await made.store(make_bib("1"), make_bib("2"), make_bib("3"), at=now - timedelta(days=20))
    await made.delete("1", at=old)
    await made.delete("2", at=recent)
    assert await listed(made) == ["3", "2"]
    assert (await made.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:1")).errors == ["idDoesNotExist"]
    assert (await made.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:2")).errors == []


async def test_an_unchanged_record_keeps_its_datestamp(repository, make_bib):
    before = (await repository.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:b1")).texts("//o:datestamp")
    await repository.store(make_bib("b1", "Title 1"), at=DAY + timedelta(hours=9))
    assert (await repository.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:b1")).texts("//o:datestamp") == before
