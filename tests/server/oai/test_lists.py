"""Selection, order and paging of lists: oai-pmh.md 5 and 6."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_pages_have_exactly_the_configured_size_and_tell_what_they_should(repository):
    pages = await repository.walk("ListIdentifiers", metadataPrefix="oai_dc")
    assert [page.identifiers for page in pages] == [
        ["KOHA-OAI-TEST:b0", "KOHA-OAI-TEST:b1", "KOHA-OAI-TEST:b2"],
        ["KOHA-OAI-TEST:b3", "KOHA-OAI-TEST:b4", "KOHA-OAI-TEST:b5"],
        ["KOHA-OAI-TEST:gone"],
    ]
    told = [page.root.xpath("//o:resumptionToken", namespaces={"o": page.root.nsmap[None]})[0] for page in pages]
    assert [(one.get("cursor"), one.get("completeListSize"), bool(one.text)) for one in told] == [
        ("0", "7", True), ("3", "7", True), ("6", "7", False),
    ]  # fmt: skip
    assert [one.get("expirationDate") is not None for one in told] == [True, True, False]


async def test_a_list_that_fits_carries_no_token(repository):
    answer = await repository.ask("ListRecords", metadataPrefix="marcxml", until=stamp(DAY + timedelta(minutes=2)))
    assert (len(answer.identifiers), answer.token) == (3, None)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 6, 7, 8, 50])
async def test_both_lists_have_the_same_items_for_any_page_size(open_repository, make_bib, size):
    made = await open_repository(max_count=size)
    for number in range(7):
        await made.store(make_bib(f"b{number}"), at=DAY + timedelta(seconds=number // 3))
    await made.delete("b3", at=DAY + timedelta(seconds=1))
    headers = [page.texts("//o:header//text()") for page in await made.walk("ListIdentifiers", metadataPrefix="oai_dc")]
    records = [page.texts("//o:header//text()") for page in await made.walk("ListRecords", metadataPrefix="oai_dc")]
    assert headers == records
    assert sorted(one for page in headers for one in page if ":b" in one) == [f"KOHA-OAI-TEST:b{number}" for number in range(7)]
    pages = await made.walk("ListRecords", metadataPrefix="oai_dc")
    assert all(len(page.identifiers) == size for page in pages[:-1])


async def test_a_thousand_records_of_one_second_are_listed_once_each(open_repository, make_bib):
    made = await open_repository(max_count=90)
    await made.store(*(make_bib(f"n{number}") for number in range(1000)))
    pages = await made.walk("ListIdentifiers", metadataPrefix="marcxml")
    listed = [one for page in pages for one in page.identifiers]
    assert listed == sorted(f"KOHA-OAI-TEST:n{number}" for number in range(1000))
    assert [len(page.identifiers) for page in pages] == [90] * 11 + [10]


async def test_bounds_include_both_ends_at_every_second(repository):
    listed = {}
    for page in await repository.walk("ListIdentifiers", metadataPrefix="oai_dc"):
        listed |= dict(zip(page.identifiers, page.texts("//o:datestamp"), strict=True))
    for wanted in sorted(set(listed.values())):
        moment = datetime.strptime(wanted, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        for shift in (-1, 0, 1):
            bound = stamp(moment + timedelta(seconds=shift))
            for name, keeps in (("from_", lambda one, bound=bound: one >= bound), ("until", lambda one, bound=bound: one <= bound)):
                pages = await repository.walk("ListIdentifiers", metadataPrefix="oai_dc", **{name: bound})
                found = {one for page in pages for one in page.identifiers}
                assert found == {one for one, own in listed.items() if keeps(own)}, (name, bound)


async def test_what_changes_between_pages_moves_behind_the_list(repository, make_bib):
    first = await repository.ask("ListIdentifiers", metadataPrefix="oai_dc")
    now = datetime.now(UTC).replace(microsecond=0)
    await repository.store(make_bib("b4", "Changed"), at=now + timedelta(seconds=2))
    await repository.delete("b3", at=now + timedelta(seconds=2))
    await repository.store(make_bib("gone", "Again"), at=now + timedelta(seconds=2))
    await repository.store(make_bib("new"), at=now + timedelta(seconds=2))
    second = await repository.ask("ListIdentifiers", resumptionToken=first.token)
    assert (second.identifiers, second.token) == (["KOHA-OAI-TEST:b5"], "")
    await asyncio.sleep(2.5)
    later = await repository.walk("ListIdentifiers", metadataPrefix="oai_dc", from_=stamp(now + timedelta(seconds=1)))
    assert [one for page in later for one in page.identifiers] == [f"KOHA-OAI-TEST:{one}" for one in ("b3", "b4", "gone", "new")]
    statuses = [one.get("status") for page in later for one in page.root.iter("{*}header")]
    assert statuses == ["deleted", None, None, None]


async def test_a_page_whose_records_have_all_moved_repeats_the_last_one(repository, make_bib):
    first = await repository.ask("ListIdentifiers", metadataPrefix="oai_dc")
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=60)
    for number in (3, 4, 5):
        await repository.store(make_bib(f"b{number}", "Changed"), at=later)
    await repository.store(make_bib("gone", "Again"), at=later)
    second = await repository.ask("ListIdentifiers", resumptionToken=first.token)
    assert (second.errors, second.identifiers, second.token) == ([], ["KOHA-OAI-TEST:b2"], "")


async def test_what_is_stamped_ahead_is_not_shown_yet(open_repository, make_bib):
    made = await open_repository()
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    await made.store(make_bib("1"), at=ahead)
    assert (await made.ask("ListRecords", metadataPrefix="oai_dc")).errors == ["noRecordsMatch"]
    assert (await made.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:1")).errors == ["idDoesNotExist"]
    assert (await made.ask("ListIdentifiers", metadataPrefix="oai_dc", until=stamp(ahead + timedelta(hours=1)))).errors == [
        "noRecordsMatch"
    ]
    await asyncio.sleep(2.2)
    assert (await made.ask("ListRecords", metadataPrefix="oai_dc")).identifiers == ["KOHA-OAI-TEST:1"]


async def test_what_the_engine_does_not_have_yet_comes_from_the_store(open_repository, make_bib):
    made = await open_repository()
    await made.store(make_bib("1", "Old"), make_bib("2", "Same"))
    await made.store(make_bib("1", "New"), make_bib("3", "Fresh"), at=DAY + timedelta(seconds=1), index=False)
    for prefix in ("oai_dc", "marcxml", "mods"):
        answer = await made.ask("ListRecords", metadataPrefix=prefix)
        text = b"".join(one.encode() for one in answer.texts("//o:metadata//text()"))
        assert answer.identifiers == [f"KOHA-OAI-TEST:{number}" for number in (2, 1, 3)]
        assert (b"Old" in text, b"New" in text, b"Fresh" in text, b"Same" in text) == (False, True, True, True)


async def test_getrecord_says_the_same_as_the_lists(repository):
    for prefix in ("oai_dc", "marcxml", "marc21", "mods", "rdf"):
        for page in await repository.walk("ListRecords", metadataPrefix=prefix):
            for record in page.root.iter("{http://www.openarchives.org/OAI/2.0/}record"):
                identifier = record[0][0].text
                alone = await repository.ask("GetRecord", metadataPrefix=prefix, identifier=identifier)
                own = alone.root[2][0]
                assert [one.text for one in own.iter()] == [one.text for one in record.iter()]


async def test_two_processes_share_tokens_and_a_restart_keeps_them(open_repository, make_bib):
    first = await open_repository(max_count=2)
    await first.store(*(make_bib(f"{number}") for number in range(5)))
    page = await first.ask("ListRecords", metadataPrefix="oai_dc")
    second = await open_repository(max_count=2)
    again = [await one.ask("ListRecords", resumptionToken=page.token) for one in (first, second, second)]
    assert [one.identifiers for one in again] == [["KOHA-OAI-TEST:2", "KOHA-OAI-TEST:3"]] * 3


async def test_too_many_lists_at_a_time_are_told_to_wait(open_repository, make_bib, monkeypatch):
    made = await open_repository(max_parallel=1)
    await made.store(make_bib("1"))
    entered, leave = asyncio.Event(), asyncio.Event()
    fetch = type(made.engine).fetch

    async def slow(self, *given):
        entered.set()
        await leave.wait()
        return await fetch(self, *given)

    monkeypatch.setattr(type(made.engine), "fetch", slow)
    busy = asyncio.create_task(made.ask("ListRecords", metadataPrefix="oai_dc"))
    await entered.wait()
    refused = await made.ask("ListIdentifiers", metadataPrefix="oai_dc")
    assert (refused.status, refused.headers["Retry-After"], len(refused.body) < 200) == (503, "10", True)
    assert (await made.ask("Identify")).status == 200
    leave.set()
    assert (await busy).identifiers == ["KOHA-OAI-TEST:1"]


async def test_an_engine_or_a_database_that_is_away_makes_503_and_never_a_short_list(repository, monkeypatch):
    from indexer.engine.port import EngineUnavailable

    async def away(*_):
        raise EngineUnavailable("10.1.2.3 is down")

    monkeypatch.setattr(type(repository.engine), "fetch", away)
    answer = await repository.ask("ListRecords", metadataPrefix="oai_dc")
    assert (answer.status, "Retry-After" in answer.headers, b"10.1.2.3" in answer.body) == (503, True, False)


async def test_lists_are_compressed_only_when_asked_for(repository):
    for accept, is_packed in (("gzip", True), ("gzip;q=0", False), ("identity", False), ("deflate, gzip;q=0.5", True)):
        response = await repository.client.get("/oai?verb=ListRecords&metadataPrefix=mods", headers={"Accept-Encoding": accept})
        assert (response.headers.get("Content-Encoding") == "gzip") is is_packed
        assert (response.headers["Cache-Control"], "Accept-Encoding" in response.headers.getall("Vary", [])) == ("no-cache", True)
        assert response.headers["Content-Type"] == "text/xml; charset=utf-8"


async def test_a_browser_gets_an_instruction_or_a_page(repository):
    asked = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
    plain = await (await repository.client.get(asked)).text()
    assert "xml-stylesheet" not in plain
    told = await (await repository.client.get(asked, headers={"Accept": "text/html,*/*"})).text()
    assert '<?xml-stylesheet type="text/xsl" href="/stylesheets/oai.xsl"?>' in told
    page = await repository.client.get(asked, headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Accept-Language": "sv"})
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    text = await page.text()
    assert "Nästa sida" in text
    assert "KOHA-OAI-TEST:b1" in text
