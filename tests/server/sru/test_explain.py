"""The self description: it says what is true, and everything that is true."""

import pytest
from lxml import etree

from cql.diagnostics import CqlError
from cql.scanning import plan_scan
from server.sru.explain import EXAMPLES

Z = "{http://explain.z3950.org/dtd/2.0/}"


def explained(answer):
    """The explain element of an answer."""
    return next(answer.root.iter(f"{Z}explain"))


def _number(catalogue, database, query):
    """The diagnostic of a query, 0 when it can be asked."""
    try:
        catalogue.understand(database, query)
    except CqlError as error:
        return error.number
    return 0


@pytest.mark.parametrize("path", ["/biblios", "/sru/authorities"])
async def test_every_announced_index_works_with_every_announced_relation(ask, catalogue, path):
    for index in explained(await ask(path)).iter(f"{Z}index"):
        name = index.get("id")
        for relation in index.iterfind(f"{Z}configInfo/{Z}supports[@type='relation']"):
            assert _number(catalogue, path.rpartition("/")[2], f"{name} {relation.text} 1990") in {0, 36}, (name, relation.text)


async def test_every_index_and_alias_of_the_table_is_announced(ask, indexes):
    announced = {f"{one.get('set')}.{one.text}".lower() for one in explained(await ask()).iterfind(f"{Z}indexInfo/{Z}index/{Z}map/{Z}name")}
    aliases = {alias for one in indexes.sets for alias in one.aliases}
    known = {name for name, index in indexes.by_name.items() if index.kind != "resultset" and name.partition(".")[0] not in aliases}
    assert announced == known


async def test_every_set_that_is_used_is_declared(ask):
    explain = explained(await ask())
    declared = {one.get("name") for one in explain.iterfind(f"{Z}indexInfo/{Z}set")}
    assert {one.get("set") for one in explain.iter(f"{Z}name")} <= declared


@pytest.mark.parametrize("path", ["/biblios", "/sru/authorities"])
async def test_sort_and_scan_flags_are_true(ask, catalogue, path):
    database = path.rpartition("/")[2]
    for index in explained(await ask(path)).iter(f"{Z}index"):
        name = index.get("id")
        assert _number(catalogue, database, f"cql.allRecords=1 sortBy {name}") == (0 if index.get("sort") == "true" else 82), name
        scannable = False
        for relation in ("=", "=="):
            try:
                scannable |= bool(plan_scan(catalogue.parse(f'{name} {relation} ""'), catalogue.database(database).indexes).fields)
            except CqlError:
                continue
        assert scannable == (index.get("scan") == "true"), name


@pytest.mark.parametrize("path", ["/biblios", "/sru/authorities"])
async def test_every_announced_schema_can_be_had(ask, path):
    for schema in explained(await ask(path)).iter(f"{Z}schema"):
        for wanted in (schema.get("name"), schema.get("identifier")):
            answer = await ask(path, query="cql.allRecords=1", recordSchema=wanted, recordXMLEscaping="string", maximumRecords=1)
            assert answer.diagnostics == []
            # The authorities of the small library are all MARC 21, and its newest record has no copies.
            may_fail = schema.get("name") in {"unimarcxml", "isohold"}
            told = {schema.get("identifier"), "info:srw/schema/1/diagnostics-v1.1" if may_fail else ""}
            assert answer.text("recordSchema") in told


@pytest.mark.parametrize(("path", "database"), [("/biblios", "biblios"), ("/authorities", "authorities")])
async def test_examples_are_good_queries(ask, path, database):
    for example in EXAMPLES[database]:
        assert (await ask(path, query=example)).diagnostics == [], example


async def test_announced_facets_can_be_counted(ask):
    names = [one.text for one in explained(await ask()).iter(f"{Z}facetType")]
    assert {"dc.subject", "dc.creator", "dc.date", "dc.language", "dc.publisher"} <= set(names)
    assert (await ask(query="cql.allRecords=1", facetLimit=",".join(f"1:{name}" for name in names))).diagnostics == []


async def test_announced_media_types_can_be_had(ask):
    for media_type in explained(await ask()).iter(f"{Z}mediaType"):
        answer = await ask(query="sea", httpAccept=media_type.text)
        assert answer.headers["Content-Type"].startswith(media_type.text)


async def test_announced_relation_modifiers_are_taken(ask, catalogue):
    explain = explained(await ask())
    modifiers = [one.text for one in explain.iterfind(f"{Z}configInfo/{Z}supports[@type='relationModifier']")]
    assert "fuzzy" in modifiers
    assert "phonetic" not in modifiers
    for modifier in modifiers:
        queries = (f"dc.title =/{modifier} sea", f"dc.date within/{modifier} '1 2'".replace("'", '"'), f"dc.date =/{modifier} 1990")
        assert any(_number(catalogue, "biblios", query) != 20 for query in queries), modifier


@pytest.mark.parametrize("path", ["/biblios", "/sru/authorities"])
async def test_stems_are_announced_where_they_work_and_nowhere_else(ask, catalogue, path):
    explain = explained(await ask(path))
    assert "stem" in [one.text for one in explain.iterfind(f"{Z}configInfo/{Z}supports[@type='relationModifier']")]
    announced = set()
    for index in explain.iter(f"{Z}index"):
        name = index.get("id")
        modifiers = [one.text for one in index.iterfind(f"{Z}configInfo/{Z}supports[@type='relationModifier']")]
        works = name != "cql.allRecords" and _number(catalogue, path.rpartition("/")[2], f"{name} =/stem fishes") == 0
        assert modifiers == (["stem"] if works else []), name
        announced |= {name} if modifiers else set()
    assert "cql.anywhere" in announced
    assert len(announced) > 5


async def test_the_caller_reads_the_address_that_it_used(ask):
    answer = await ask("/sru/biblios", headers={"Host": "katalog.example.org:8443"})
    server = explained(answer).find(f"{Z}serverInfo")
    assert (server.findtext(f"{Z}host"), server.findtext(f"{Z}port"), server.findtext(f"{Z}database")) == (
        "katalog.example.org",
        "8443",
        "sru/biblios",
    )
    assert server.find(f"{Z}database").get("numRecs") == "9"


@pytest.mark.parametrize("host", ["katalog.example.org:99999", "<x>", "a b", "katalog.example.org:x"])
async def test_a_host_that_cannot_be_is_not_told(ask, host):
    answer = await ask("/sru", headers={"Host": host})
    assert (answer.status, explained(answer).findtext(f"{Z}serverInfo/{Z}host")) == (200, "127.0.0.1")


@pytest.mark.parametrize("database", ["biblios", "authorities"])
async def test_what_is_announced_as_scannable_has_a_list_for_the_plain_relation(ask, database):
    """Sections 6.1 and 7: the flag `scan` holds for `=`."""
    for index in explained(await ask(f"/sru/{database}")).iter(f"{Z}index"):
        answer = await ask(f"/sru/{database}", scanClause=f'{index.get("id")} = ""', maximumTerms=1)
        assert (answer.numbers == []) == (index.get("scan") == "true"), index.get("id")


async def test_every_index_of_the_kind_all_takes_every_relation(ask):
    """Section 16.2: cql.allRecords is everything, whatever relation and term."""
    index = explained(await ask("/sru")).find(f"{Z}indexInfo/{Z}index[@id='cql.allRecords']")
    for relation in index.iterfind(f"{Z}configInfo/{Z}supports"):
        assert (await ask(query=f"cql.allRecords {relation.text} x", maximumRecords=0)).text("numberOfRecords") == "9"


@pytest.mark.parametrize(("version", "told", "has_search_info"), [("1.1", "1.2", False), ("1.2", "1.2", False), ("2.0", "2.0", True)])
async def test_only_2_0_has_what_the_oasis_schema_added(ask, version, told, has_search_info):
    explain = explained(await ask(version=version, operation="explain"))
    assert explain.find(f"{Z}serverInfo").get("version") == told
    assert (explain.find(f"{Z}searchInfo") is not None) == has_search_info


@pytest.mark.parametrize(("version", "name"), [("1.1", "recordPacking"), ("2.0", "recordXMLEscaping")])
async def test_the_description_can_be_had_as_a_string(ask, version, name):
    answer = await ask(more={"version": version, "operation": "explain", name: "string"})
    data = next(answer.root.iter("{*}recordData"))
    assert len(data) == 0
    assert etree.fromstring(data.text).tag == f"{Z}explain"


async def test_defaults_and_limits_are_told(ask):
    rows = {(etree.QName(one).localname, one.get("type")): one.text for one in explained(await ask()).find(f"{Z}configInfo")}
    assert rows["default", "numberOfRecords"] == "10"
    assert rows["setting", "maximumRecords"] == "1000"
    assert rows["default", "retrieveSchema"] == "info:srw/schema/1/marcxml-v1.1"
    assert (rows["default", "contextSet"], rows["default", "index"], rows["default", "relation"]) == ("dc", "cql.serverChoice", "=")


async def test_the_description_may_be_kept_for_a_while(ask):
    first = await ask()
    assert "max-age" in first.headers["Cache-Control"]
    again = await ask(headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert (await ask(headers={"If-None-Match": '"other"'})).status == 200
