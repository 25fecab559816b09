"""Result sets (sru-cql.md 10): ids, their time, sets alone and within queries, and everything that is no id."""

from dataclasses import replace

import pytest

from server.auth.secrets import Secrets
from server.settings import Settings
from server.sru.result_sets import LONGEST_ID, MOST_LEVELS, KeptSearch, ResultSets
from server.sru.routes import DESK

SECRETS = Secrets((b"n" * 32, b"o" * 32))
KEPT = KeptSearch("biblios", 'dc.title = "åäö \\"x\\""', "dc.date,,0", 1_000_000)


def ids(answer):
    return answer.root.xpath("//*[local-name()='controlfield'][@tag='001']/text()")


@pytest.fixture
def clock(client):
    """A clock that the test moves: `clock[0]` is the time."""
    desk = client.app[DESK]
    now = [1_000_000.5]
    searcher = replace(desk.searcher, sets=replace(desk.searcher.sets, clock=lambda: now[0]))
    object.__setattr__(desk, "searcher", searcher)
    return now


async def kept(ask, query, **parameters):
    answer = await ask(query=query, resultSetTTL=300, **parameters)
    assert answer.numbers == []
    return answer.text("resultSetId")


def test_an_id_is_read_as_it_was_written():
    sets = ResultSets(SECRETS, 60)
    name = sets.write(KEPT)
    assert name is not None
    assert name.replace("-", "").replace("_", "").isalnum()
    assert sets.read(name) == KEPT


def test_an_id_is_good_in_another_process_and_under_an_older_secret_and_nowhere_else():
    name = ResultSets(Secrets((b"o" * 32,)), 60).write(KEPT)
    assert ResultSets(SECRETS, 60).read(name) == KEPT
    assert ResultSets(Secrets((b"p" * 32,)), 60).read(name) is None


@pytest.mark.parametrize("change", ["", "A", "=", " ", "é", "A" * LONGEST_ID], ids=["cut", "A", "pad", "blank", "e-acute", "long"])
def test_a_changed_id_is_none(change):
    sets = ResultSets(SECRETS, 60)
    name = sets.write(KEPT)
    assert sets.read(name[:-1] + change) is None or change == name[-1]
    assert sets.read(change) is None


def test_what_is_too_long_or_too_deep_gets_no_id():
    sets = ResultSets(SECRETS, 60)
    incompressible = " or ".join(str(number**7) for number in range(700))
    assert sets.write(replace(KEPT, query=incompressible)) is None
    assert sets.write(replace(KEPT, level=MOST_LEVELS)) is not None
    assert sets.write(replace(KEPT, level=MOST_LEVELS + 1)) is None


@pytest.mark.parametrize(("version", "time"), [("1.1", "resultSetIdleTime"), ("1.2", "resultSetIdleTime"), ("2.0", "resultSetTTL")])
async def test_a_search_with_a_time_gets_an_id_and_the_time_granted(ask, version, time):
    answer = await ask(query="reefs", version=version, resultSetTTL=300)
    names = [one.tag.rpartition("}")[2] for one in answer.root]
    assert names.index("resultSetId") == names.index("numberOfRecords") + 1
    assert answer.root.xpath(f"string(/*/*[local-name()='{time}'])") == "300"
    assert "resultSetId" not in [one.tag.rpartition("}")[2] for one in (await ask(query="reefs", version=version)).root]
    assert (await ask(query="reefs", version=version, resultSetTTL=0)).text("resultSetId") == ""


async def test_the_time_granted_has_a_limit(ask):
    answer = await ask(query="reefs", resultSetTTL=10**12)
    assert answer.root.xpath("string(/*/*[local-name()='resultSetTTL'])") == "3600"


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("reefs", {}),
        ("cql.allRecords=1 sortBy dc.title/descending", {}),
        ("cql.allRecords=1", {"sortKeys": "dc.title,,0"}),
        ("cql.allRecords=1", {"sortKeys": "dc.title,,1,,omit"}),
        ("cql.allRecords=1 sortBy dc.title/missingOmit", {}),
        ('> t = "info:srw/cql-context-set/1/dc-v1.1" t.title = sea or reefs', {}),
        ("zzzzz", {}),
    ],
)
async def test_a_set_alone_is_the_same_list_and_keeps_its_id(ask, query, more):
    first = await ask(query=query, resultSetTTL=300, maximumRecords=50, **more)
    name = first.text("resultSetId")
    again = await ask(query=f'cql.resultSetId = "{name}"', maximumRecords=50, resultSetTTL=300)
    assert ids(again) == ids(first)
    assert again.text("numberOfRecords") == first.text("numberOfRecords")
    assert again.text("resultSetId") == name
    for start in range(1, len(ids(first)) + 1):
        page = await ask(query=f"cql.resultSetId = {name}", startRecord=start, maximumRecords=1)
        assert ids(page) == ids(first)[start - 1 : start]


@pytest.mark.parametrize("own_order", ["", " sortBy dc.title/descending", " sortBy dc.date"])
async def test_a_set_can_be_sorted_anew(ask, own_order):
    name = await kept(ask, f"cql.allRecords=1{own_order}")
    for more in ({"query": f"cql.resultSetId = {name} sortBy dc.title"}, {"query": f"cql.resultSetId = {name}", "sortKeys": "dc.title"}):
        assert ids(await ask(maximumRecords=50, **more)) == ids(await ask(query="cql.allRecords=1 sortBy dc.title", maximumRecords=50))


@pytest.mark.parametrize(
    "combined", ["{} and sea", "sea not {}", "({}) or (dc.date < 1990)", "{} not {} or sea", "RESULTSETID scr {} and sea"]
)
async def test_sets_combine_with_clauses_and_sets(ask, combined):
    name = await kept(ask, "reefs or frogs")
    with_set = combined.replace("SETID scr {}", f"SETID scr {name}").replace("{}", f"cql.resultSetId = {name}")
    spelled = combined.replace("RESULTSETID scr {}", "(reefs or frogs)").replace("{}", "(reefs or frogs)")
    found, wanted = await ask(query=with_set, maximumRecords=50), await ask(query=spelled, maximumRecords=50)
    assert sorted(ids(found)) == sorted(ids(wanted))
    assert ids(wanted)


@pytest.mark.parametrize("relation", ["==", "exact", "<", "<>", "any", "all", "adj", "within"])
async def test_sets_are_named_with_the_equals_sign_only(ask, relation):
    """Section 10: a relation other than = is 19."""
    name = await kept(ask, "reefs")
    assert (await ask(query=f'cql.resultSetId {relation} "{name}"')).diagnostics == [(19, relation)]


async def test_a_set_without_a_name_is_an_empty_term(ask):
    """Section 14.6."""
    assert (await ask(query='cql.resultSetId = ""')).numbers == [27]


async def test_refining_again_and_again_makes_sets_of_sets(ask, clock):
    name = await kept(ask, "cql.allRecords=1")
    for word in ("a", "b", "c"):
        name = await kept(ask, f"cql.resultSetId = {name} not dc.title = {word}")
        clock[0] += 200  # the sets within are over by now; the newest one holds
    assert (await ask(query=f"cql.resultSetId = {name}")).text("numberOfRecords") != "0"


async def test_a_set_that_would_be_too_deep_is_told_and_the_search_goes_on(ask):
    name = await kept(ask, "sea")
    for _ in range(MOST_LEVELS - 1):
        name = await kept(ask, f"cql.resultSetId = {name} or reefs")
    answer = await ask(query=f"cql.resultSetId = {name} or reefs", resultSetTTL=300)
    assert answer.diagnostics == [(6, "resultSetTTL")]
    assert answer.text("resultSetId") == ""
    assert answer.text("numberOfRecords") != "0"


async def test_time_runs_from_the_making_and_then_the_set_is_gone(ask, clock):
    name = await kept(ask, "reefs")
    clock[0] += 290
    answer = await ask(query=f"cql.resultSetId = {name}")
    assert answer.root.xpath("string(/*/*[local-name()='resultSetTTL'])") == "10"
    clock[0] += 10
    assert (await ask(query=f"cql.resultSetId = {name}")).diagnostics == [(51, name)]
    assert (await ask(query=f"sea or cql.resultSetId = {name}")).diagnostics == [(51, name)]


async def test_a_set_belongs_to_its_database(ask):
    name = await kept(ask, "reefs")
    assert (await ask("/sru/authorities", query=f"cql.resultSetId = {name}")).diagnostics == [(51, name)]


@pytest.mark.parametrize("relation", ["any", "<>", "<", "within", "adj"])
async def test_a_set_is_named_with_equals(ask, relation):
    name = await kept(ask, "reefs")
    answer = await ask(query=f"cql.resultSetId {relation} {name}")
    assert answer.diagnostics == [(19, relation)]


async def test_sets_cannot_be_scanned(ask):
    assert (await ask(scanClause="cql.resultSetId = a")).numbers in ([4], [16])


@pytest.mark.parametrize("room_settings", [Settings.model_validate({"sru": {"result_set_s": 0}})])
async def test_without_sets_the_wish_is_ignored_and_the_index_is_50(ask):
    answer = await ask(query="reefs", resultSetTTL=300)
    assert (answer.numbers, answer.text("resultSetId")) == ([], "")
    assert (await ask(query="cql.resultSetId = a")).numbers == [50]
    explained = await ask()
    assert not explained.root.xpath("//*[local-name()='supports'][@type='resultSets']")


async def test_explain_tells_of_sets(ask):
    explained = await ask()
    assert explained.root.xpath("//*[local-name()='supports'][@type='resultSets']")
    assert explained.root.xpath("string(//*[local-name()='setting'][@type='resultSetTTL'])") == "3600"
    taken = await ask(query="reefs", resultSetTTL=5, httpAccept="application/json")
    assert b'"resultSetId":"' in taken.body
