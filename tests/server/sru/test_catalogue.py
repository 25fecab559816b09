"""The read side that all rooms share, over the small library."""

import asyncio
from dataclasses import replace

import pytest

from cql.diagnostics import SortEndedOnMissingValue, UnsupportedIndex
from cql.limits import Limits
from cql.scanning import plan_scan
from indexer.engine.port import EngineUnavailable, QueryTooExpensive, Window
from server import errors, telemetry
from server.catalogue import Catalogue, Database


async def found(catalogue, query, start=1, count=100, database="biblios"):
    page = await catalogue.search(database, catalogue.understand(database, query).planned, Window(start, count))
    return [hit.id for hit in page.hits]


async def test_records_are_found_and_fetched(catalogue):
    assert await found(catalogue, "dc.title = frogs") == ["b01"]
    assert (await catalogue.get("biblios", "b01")).id == "b01"
    assert await catalogue.count("biblios", catalogue.understand("biblios", "reefs").planned.plan) == 3
    assert (await catalogue.ready("authorities")).record_count == 2


async def test_what_is_not_there_is_told(catalogue):
    with pytest.raises(errors.RecordNotFound):
        await catalogue.get("biblios", "nothing")
    with pytest.raises(errors.UnknownDatabase):
        catalogue.database("nowhere")
    with pytest.raises(errors.UnknownDatabase):
        catalogue.understand("nowhere", "x")


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ('dc.title any/stem "fish frog"', 'dc.title any "fish fishes fishing frog frogs"'),
        ("dc.title =/stem reefing", 'dc.title any "reef reefs"'),
        ('dc.title =/stem "corals reef"', 'dc.title = "coral reefs" or dc.title = "coral reef"'),
        ("cql.anywhere =/stem reefing not dc.title =/stem fishes", 'reefs not dc.title any "fish fishes"'),
    ],
)
async def test_stems_find_what_their_words_find(catalogue, query, same):
    ids = await found(catalogue, query)
    assert ids == await found(catalogue, same) != []
    plan = catalogue.understand("biblios", query).planned.plan
    assert await catalogue.count("biblios", plan) == len(ids)
    assert "Stemmed" not in await catalogue.spelled("biblios", plan)
    counts = await catalogue.facets("biblios", plan, ["language"], 100)
    assert counts == await catalogue.facets("biblios", catalogue.understand("biblios", same).planned.plan, ["language"], 100)


async def test_engines_see_no_stems_and_are_asked_for_words_only_when_there_are_some(catalogue, engines, monkeypatch):
    engine, seen, browsed = engines["biblios"], [], []
    search, scan = engine.search, engine.scan

    async def look(plan, *rest):
        seen.append(plan)
        return await search(plan, *rest)

    async def browse(fields, *rest):
        browsed.append(fields)
        return await scan(fields, *rest)

    monkeypatch.setattr(engine, "search", look)
    monkeypatch.setattr(engine, "scan", browse)
    await found(catalogue, "dc.title = reefs")
    assert browsed == []
    await found(catalogue, "dc.title =/stem reefs")
    assert len(browsed) == 1
    assert "Stemmed" not in repr(seen)


async def test_new_words_are_forms_at_once(catalogue, engines, documents):
    assert await found(catalogue, "dc.title =/stem zebras") == []
    new = replace(documents["biblios"][0], id="new", text={"title": ["a zebra at sea"]}, variants={})
    await engines["biblios"].write([new])
    assert await found(catalogue, "dc.title =/stem zebras") == ["new"]


async def test_a_query_is_read_and_planned_once(catalogue, monkeypatch):
    first = catalogue.understand("biblios", "dc.title = sea")
    assert catalogue.understand("biblios", "dc.title = sea") is first
    assert catalogue.understand("authorities", "rec.id = sea") is not first
    assert catalogue.parse("sea") is catalogue.parse("sea")
    assert catalogue.understand("biblios", "coral sea", "lenient") is not first


def test_very_long_queries_are_not_remembered(catalogue):
    query = " or ".join(["sea"] * 500)
    assert catalogue.understand("biblios", query) is not catalogue.understand("biblios", query)


def test_mistakes_are_told_every_time(catalogue):
    for _ in range(2):
        with pytest.raises(UnsupportedIndex):
            catalogue.understand("biblios", "dc.titel = x")


async def test_a_missing_sort_value_that_must_not_be_missing_stops_the_search(catalogue):
    with pytest.raises(SortEndedOnMissingValue):
        await found(catalogue, "dc.title = sea sortBy dc.creator/missingFail")


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (EngineUnavailable("node 10.1.2.3 is down"), errors.EngineUnavailable),
        (QueryTooExpensive("Too many terms begin with `a`."), errors.QueryTooExpensive),
    ],
)
async def test_failures_of_an_engine_are_told_in_domain_words(catalogue, engines, monkeypatch, failure, told):
    async def fail(*_, **__):
        raise failure

    for call in ("search", "count", "scan", "facets", "get", "ready"):
        monkeypatch.setattr(engines["biblios"], call, fail)
    planned = catalogue.understand("biblios", "sea").planned
    scan = plan_scan(catalogue.parse("dc.title = a"), catalogue.database("biblios").indexes)
    for asked in (
        catalogue.search("biblios", planned, Window()),
        catalogue.count("biblios", planned.plan),
        catalogue.scan("biblios", scan, 0, 1),
        catalogue.facets("biblios", planned.plan, ["subject"], 1),
        catalogue.get("biblios", "b01"),
        catalogue.ready("biblios"),
    ):
        telemetry.CURRENT.set(line := telemetry.RequestLine("id"))
        with pytest.raises(told) as caught:
            await asked
        assert "10.1.2.3" not in caught.value.sentence
        assert line.engine_ms > 0


async def test_a_slow_engine_is_given_up(engines, table):
    async def slow(*_, **__):
        await asyncio.sleep(60)

    engines["biblios"].search = slow
    hasty = Catalogue({"biblios": Database("biblios", engines["biblios"], table.index_table("biblios"))}, Limits(), time_s=0.01)
    with pytest.raises(errors.TimedOut):
        await found(hasty, "sea")
