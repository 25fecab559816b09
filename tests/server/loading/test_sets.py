"""Set memberships while loading, and when definitions change."""

import pytest

from indexer.extract import Extractor
from server.loading import making
from server.loading.set_evaluation import evaluate, needs_evaluation
from server.oai_settings import OaiSet, OaiSettings
from server.sets.rules import read_sets

SEA = OaiSet(spec="topic:sea", name="Sea", cql="dc.title = sea")
RARE = OaiSet(spec="rare", name="Rare", mappings=({"marcfield": "942", "marcsubfield": "c", "marcvalue": "RARE"},))


@pytest.fixture
def with_sets(desk):
    def settings(*sets, **load):
        own = {"oai": OaiSettings(sets=sets, visibility_delay=0)}
        return desk.settings.model_copy(update=own | {"load": desk.settings.load.model_copy(update=load)})

    return settings


async def sets_of(desk):
    return {record_id: row.sets for record_id, row in (await desk.rows()).items()}


async def test_a_load_decides_memberships(desk, marc, with_sets):
    records = [marc.bib(1, "The sea"), marc.bib(2, "The sea", ("942", "  $cRARE")), marc.bib(3)]
    await desk.load(records, settings=with_sets(SEA, RARE))
    assert await sets_of(desk) == {"b1": ["topic", "topic:sea"], "b2": ["rare", "topic", "topic:sea"], "b3": []}


async def test_processes_decide_the_same(desk, marc, with_sets, monkeypatch):
    monkeypatch.setattr(making, "FEW", 0)
    records = [marc.bib(number, "The sea" if number % 2 else "A book") for number in range(1, 400)]
    await desk.load(records, settings=with_sets(SEA, workers=2, batch_size=50))
    assert await sets_of(desk) == {f"b{number}": ["topic", "topic:sea"] if number % 2 else [] for number in range(1, 400)}


async def test_a_changed_record_changes_its_sets_and_a_deleted_one_keeps_them(desk, marc, with_sets):
    settings = with_sets(SEA)
    await desk.load([marc.bib(1, "The sea"), marc.bib(2, "The sea")], settings=settings)
    await desk.yesterday()
    before = await desk.rows()
    await desk.load([marc.bib(1, "A book"), marc.bib(2, "The sea", status="d")], settings=settings)
    after = await desk.rows()
    assert {key: row.sets for key, row in after.items()} == {"b1": [], "b2": ["topic", "topic:sea"]}
    assert all(after[key].oai_datestamp > before[key].oai_datestamp for key in after)


async def test_other_definitions_are_decided_beside_everything_else(desk, marc, with_sets):
    await desk.load([marc.bib(1, "The sea"), marc.bib(2, "A moon"), marc.bib(3, "x", ("942", "  $n1"))], settings=with_sets(SEA))
    extractor = Extractor(desk.table)
    table = desk.table.index_table("biblios")
    rules = read_sets((SEA,), table)
    assert await needs_evaluation(desk.pool, rules) == 2
    assert await evaluate(desk.pool, rules, extractor, 0) == 0
    assert await needs_evaluation(desk.pool, rules) == 0
    await desk.yesterday()
    before = await desk.rows()
    rules = read_sets((OaiSet(spec="moon", name="Moon", cql="dc.title = moon"),), table)
    assert await needs_evaluation(desk.pool, rules) == 2
    told = []
    assert await evaluate(desk.pool, rules, extractor, 0, told.append) == 2
    after = await desk.rows()
    assert ({key: row.sets for key, row in after.items()}, sum(told)) == ({"b1": [], "b2": ["moon"], "b3": []}, 2)
    assert {key for key in after if after[key].oai_datestamp != before[key].oai_datestamp} == {"b1", "b2"}
    assert {key: (row.datestamp, row.change_number) for key, row in after.items()} == {
        key: (row.datestamp, row.change_number) for key, row in before.items()
    }


@pytest.mark.parametrize("touch", [True, False])
async def test_a_change_of_sets_need_not_touch_datestamps(desk, marc, with_sets, touch):
    settings = with_sets(SEA)
    settings = settings.model_copy(update={"oai": settings.oai.model_copy(update={"sets_touch": touch})})
    await desk.load([marc.bib(1, "The sea")], settings=settings)
    await desk.yesterday()
    before = (await desk.rows())["b1"]
    rules = read_sets((OaiSet(spec="moon", name="Moon", cql="dc.title = moon"),), desk.table.index_table("biblios"))
    assert await evaluate(desk.pool, rules, Extractor(desk.table), 0, touch=touch) == 1
    after = (await desk.rows())["b1"]
    assert (after.sets, after.oai_datestamp != before.oai_datestamp) == ([], touch)


async def test_an_evaluation_that_was_stopped_goes_on(desk, marc, with_sets, monkeypatch):
    from server.loading import set_evaluation

    await desk.load([marc.bib(number, "The sea") for number in range(1, 8)])
    monkeypatch.setattr(set_evaluation, "AT_A_TIME", 3)
    rules, extractor = read_sets((SEA,), desk.table.index_table("biblios")), Extractor(desk.table)

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await evaluate(desk.pool, rules, extractor, 0, stop)
    assert await needs_evaluation(desk.pool, rules) == 4
    assert await evaluate(desk.pool, rules, extractor, 0) == 4
    assert set(map(tuple, (await sets_of(desk)).values())) == {("topic", "topic:sea")}


async def test_without_sets_there_is_nothing_to_decide(desk, marc):
    await desk.load([marc.bib(1)])
    assert await needs_evaluation(desk.pool, read_sets((), desk.table.index_table("biblios"))) == 0
