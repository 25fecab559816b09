"""searchRetrieve over HTTP: records, counting, paging, order, schemas, echo."""

import pytest
from lxml import etree

SRW = "{http://www.loc.gov/zing/srw/}"
SRU2 = "{http://docs.oasis-open.org/ns/search-ws/sruResponse}"
ALL = ["a01", "a02", "b01", "b02", "b03", "b04", "b05", "b06", "b07", "b08", "u01"]


def ids(answer):
    """Control numbers of the MARCXML records of an answer."""
    return answer.root.xpath("//*[local-name()='controlfield'][@tag='001']/text()")


async def test_a_client_set_up_for_koha_works_unchanged(ask):
    answer = await ask("/biblios?version=1.1&operation=searchRetrieve&query=reefs&maximumRecords=1")
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert answer.root.tag == f"{SRW}searchRetrieveResponse"
    assert [etree.QName(one).localname for one in answer.root] == [
        "version", "numberOfRecords", "records", "nextRecordPosition", "echoedSearchRetrieveRequest",
    ]  # fmt: skip
    record = answer.root.find(f"{SRW}records/{SRW}record")
    assert [etree.QName(one).localname for one in record] == ["recordSchema", "recordPacking", "recordData", "recordPosition"]
    assert record.find(f"{SRW}recordData")[0].tag == "{http://www.loc.gov/MARC21/slim}record"


async def test_2_0_has_its_own_elements_in_its_own_order(ask):
    answer = await ask(query="reefs", maximumRecords=1, facetLimit=1, **{"more": {"x-analyse": "1", "x-explain-query": "1"}})
    assert [etree.QName(one).localname for one in answer.root] == [
        "numberOfRecords", "records", "nextRecordPosition", "echoedSearchRetrieveRequest", "extraResponseData", "resultCountPrecision",
        "facetedResults", "searchResultAnalysis",
    ]  # fmt: skip
    record = answer.root.find(f"{SRU2}records/{SRU2}record")
    assert [etree.QName(one).localname for one in record] == [
        "recordSchema",
        "recordXMLEscaping",
        "recordData",
        "recordPosition",
        "extraRecordData",
    ]
    assert answer.text("resultCountPrecision") == "exact"
    assert answer.text("identifier") == "b01"


async def test_1_2_carries_the_record_identifier(ask):
    answer = await ask(query="reefs", version="1.2", operation="searchRetrieve", maximumRecords=1)
    record = answer.root.find(f"{SRW}records/{SRW}record")
    assert [etree.QName(one).localname for one in record] == [
        "recordSchema",
        "recordPacking",
        "recordData",
        "recordIdentifier",
        "recordPosition",
    ]


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
async def test_no_hits_are_no_mistake(ask, version):
    answer = await ask(query="zzzzz", version=version)
    assert (answer.text("numberOfRecords"), answer.diagnostics) == ("0", [])
    assert not answer.root.xpath("//*[local-name()='records' or local-name()='nextRecordPosition']")


@pytest.mark.parametrize(("query", "start", "total"), [("zzzzz", 2, 0), ("reefs", 4, 3), ("reefs", 2147483647, 3)])
async def test_behind_the_last_record_is_diagnostic_61_with_the_true_total(ask, query, start, total):
    answer = await ask(query=query, startRecord=start)
    assert (answer.numbers, answer.text("numberOfRecords")) == ([61], str(total))


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 9, 20])
@pytest.mark.parametrize(
    "query", ["cql.allRecords=1", "reefs or sea or fish", "cql.allRecords=1 sortBy dc.title", "cql.allRecords=1 sortBy dc.date/descending"]
)
async def test_any_page_size_gives_the_same_list(ask, query, size):
    whole = ids(await ask(query=query, maximumRecords=100))
    walked, start = [], 1
    while start is not None:
        answer = await ask(query=query, maximumRecords=size, startRecord=start)
        positions = [int(one) for one in answer.texts("recordPosition")]
        assert positions == list(range(start, start + len(positions)))
        walked += ids(answer)
        following = answer.text("nextRecordPosition")
        assert (following == "") == (len(walked) == int(answer.text("numberOfRecords")))
        start = int(following) if following else None
    assert walked == whole


async def test_counting_only(ask):
    answer = await ask(query="reefs", maximumRecords=0)
    assert (answer.text("numberOfRecords"), answer.text("nextRecordPosition"), ids(answer)) == ("3", "1", [])


async def test_without_relevance_the_last_modified_record_comes_first(ask):
    assert ids(await ask(query="cql.allRecords=1", maximumRecords=100)) == ["u01", "b01", "b02", "b03", "b04", "b05", "b06", "b07", "b08"]


@pytest.mark.parametrize(
    ("query", "sort_keys", "expected"),
    [
        ("dc.date > 1", "dc.date", ["b08", "b07", "b04", "b03", "b05", "b02", "b06", "b01", "u01"]),
        ("dc.date > 1", "dc.date,,0", ["u01", "b01", "b06", "b02", "b05", "b03", "b04", "b07", "b08"]),
        ("dc.date > 1 sortBy dc.date", "", ["b08", "b07", "b04", "b03", "b05", "b02", "b06", "b01", "u01"]),
        ("dc.title = sea sortBy dc.title", "", ["b07", "b03", "b08"]),
        ("dc.title = sea", "title", ["b07", "b03", "b08"]),
        ("dc.title = sea", "/record/title,,1", ["b07", "b03", "b08"]),
        ("dc.title = sea", "dc:title,dc,0", ["b08", "b03", "b07"]),
        ("dc.title = sea", "dc.creator,,1,0,highValue", ["b07", "b03", "b08"]),
        ("dc.title = sea", "dc.creator,,1,0,lowValue", ["b08", "b07", "b03"]),
        ("dc.title = sea", "dc.creator,,1,0,omit", ["b07", "b03"]),
    ],
)  # fmt: skip
async def test_results_are_sorted(ask, query, sort_keys, expected):
    sent = {"sortKeys": sort_keys} if sort_keys else {}
    assert ids(await ask(query=query, maximumRecords=100, **sent)) == expected


@pytest.mark.parametrize(
    ("query", "sort_keys", "number"),
    [
        ("sea", "dc.nothing", 88), ("sea", "dc.title,nope", 87), ("sea", "dc.title,,x", 90), ("sea", "dc.title,,1,x", 91),
        ("sea", "dc.title,,1,0,x", 92),
        ("sea", "a b c d e f", 84), ("dc.title=sea", "dc.creator,,1,0,abort", 93), ("dc.title=sea sortBy dc.creator/missingFail", "", 93),
        ("sea sortBy dc.nothing", "", 16), ("sea sortBy dc.note", "", 82), ("sea sortBy dc.title/odd", "", 82),
        ("sea sortBy dc.title/ascending/descending", "", 82),
        ("sea sortBy dc.title dc.date dc.creator dc.language rec.id dc.title", "", 84),
    ],
)  # fmt: skip
async def test_bad_sort_keys_have_their_numbers(ask, query, sort_keys, number):
    answer = await ask(query=query, **({"sortKeys": sort_keys} if sort_keys else {}))
    assert answer.numbers == [number]
    assert answer.text("numberOfRecords") == "0"


async def test_sort_keys_of_the_query_win(ask):
    answer = await ask(query="dc.title=sea sortBy dc.title", sortKeys="dc.title,,0")
    assert (ids(answer), answer.numbers) == (["b07", "b03", "b08"], [94])


@pytest.mark.parametrize(
    ("wanted", "identifier", "root"),
    [
        ("marcxml", "info:srw/schema/1/marcxml-v1.1", "{http://www.loc.gov/MARC21/slim}record"),
        ("MARC21-xml", "info:srw/schema/1/marcxml-v1.1", "{http://www.loc.gov/MARC21/slim}record"),
        ("info:srw/schema/1/dc-v1.1", "info:srw/schema/1/dc-v1.1", "{info:srw/schema/1/dc-schema}dc"),
        ("OAI_DC", "http://www.openarchives.org/OAI/2.0/oai_dc/", "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"),
        ("mods36", "info:srw/schema/1/mods-v3.7", "{http://www.loc.gov/mods/v3}mods"),
        ("marcxchange", "info:lc/xmlns/marcxchange-v1", "{info:lc/xmlns/marcxchange-v1}record"),
        ("http://indexdata.dk/zebra/xslt/1", "urn:x-discovery:index", "{urn:x-discovery:index}index"),
    ],
)
@pytest.mark.parametrize("version", ["1.1", "2.0"])
async def test_records_come_in_the_schema_asked_for(ask, version, wanted, identifier, root):
    answer = await ask(query="reefs", recordSchema=wanted, maximumRecords=1, version=version)
    assert answer.text("recordSchema") == identifier
    (data,) = answer.root.iter("{*}recordData")
    assert data[0].tag == root
    for one in data[0].iter(etree.Element):
        assert etree.QName(one).namespace not in {None, SRW.strip("{}"), SRU2.strip("{}")}


@pytest.mark.parametrize("version", ["1.1", "2.0"])
@pytest.mark.parametrize("schema", ["marcxml", "dc", "mods"])
async def test_a_record_as_string_is_the_record_as_xml(ask, version, schema):
    name = "recordPacking" if version == "1.1" else "recordXMLEscaping"
    sent = {"query": "fish", "recordSchema": schema, "version": version, "maximumRecords": "3"}
    as_xml, as_string = await ask(more=sent), await ask(more=sent | {name: "string"})
    pairs = zip(as_xml.root.iter("{*}recordData"), as_string.root.iter("{*}recordData"), strict=True)
    for xml, string in pairs:
        assert len(string) == 0
        assert etree.tostring(etree.fromstring(string.text), method="c14n", exclusive=True) == etree.tostring(
            xml[0], method="c14n", exclusive=True
        )
    assert set(as_string.texts(name)) == {"string"}


@pytest.mark.parametrize(
    ("version", "namespace"),
    [("1.1", "http://www.loc.gov/zing/srw/diagnostic/"), ("2.0", "http://docs.oasis-open.org/ns/search-ws/diagnostic")],
)
async def test_a_record_that_cannot_be_had_is_a_surrogate_in_its_place(ask, version, namespace):
    answer = await ask(query="cql.allRecords=1", recordSchema="unimarcxml", maximumRecords=3, version=version)
    records = next(answer.root.iter("{*}records"))
    schemas = [one.findtext("{*}recordSchema") for one in records]
    assert schemas == ["info:srw/schema/8/unimarcxml-v0.1", "info:srw/schema/1/diagnostics-v1.1", "info:srw/schema/1/diagnostics-v1.1"]
    surrogate = records[1].find("{*}recordData")[0]
    assert surrogate.tag == f"{{{namespace}}}diagnostic"
    assert surrogate.findtext("{*}uri") == "info:srw/diagnostic/1/67"
    assert answer.texts("recordPosition") == ["1", "2", "3"]
    assert answer.diagnostics == []


async def test_a_schema_that_a_database_does_not_offer_is_unknown_there(ask):
    assert (await ask("/sru/authorities", query="cql.allRecords=1", recordSchema="dc")).numbers == [66]
    assert (await ask("/sru/authorities", query="cql.allRecords=1")).text("numberOfRecords") == "2"


@pytest.mark.parametrize(
    ("query", "number", "details"),
    [
        ("a and", 10, None), ("", 10, None), ("(a", 13, "0"), ('dc.title = "x', 14, "11"), ("nope.title = x", 15, "nope"),
        ("dc.titel = x", 16, "dc.titel"),
        ("dc.title near x", 19, "near"), ("dc.title any/odd x", 20, "odd"),
        ("dc.title = /masked/unmasked x", 21, "masked/unmasked"), ("dc.title < x", 22, None),
        ("dc.title = x\\y", 26, "y"), ('dc.title = ""', 27, None), ("dc.title = *", 29, None), ("dc.title = a^b", 32, None),
        ("dc.date = abc", 36, None),
        ("a prox/distance=x b", 41, "x"), ("a prox/unit=chapter b", 42, "chapter"), ("a and/odd b", 46, "odd"),
        ("cql.resultSetId = a", 51, "a"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", ["1.1", "2.0"])
async def test_bad_queries_have_their_numbers_and_no_records(ask, version, query, number, details):
    answer = await ask(query=query, version=version)
    assert (answer.status, answer.numbers, answer.text("numberOfRecords")) == (200, [number], "0")
    if details is not None:
        assert answer.diagnostics[0][1] == details
    assert not answer.root.xpath("//*[local-name()='records']")


async def test_a_mistyped_index_is_answered_with_its_neighbour(ask):
    assert "Did you mean `dc.title`?" in (await ask(query="dc.titel = x")).text("message")


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
async def test_the_request_is_echoed(ask, version):
    sent = {
        "version": version,
        "query": '  dc.title any "a & b" ',
        "startRecord": "1",
        "maximumRecords": "5",
        "recordSchema": "dc",
        "x-foo": "<1>",
    }
    answer = await ask(more=sent)
    echo = answer.root.xpath("/*/*[local-name()='echoedSearchRetrieveRequest']")[0]
    told = {etree.QName(one).localname: one.text for one in echo}
    assert told["query"] == sent["query"]
    assert (told["startRecord"], told["maximumRecords"], told["recordSchema"]) == ("1", "5", "dc")
    assert echo.xpath("string(*[local-name()='xQuery']//*[local-name()='term'])") == "a & b"
    if version == "2.0":
        assert told["extraRequestParameter"] == "x-foo=<1>"
    else:
        assert echo.xpath("string(*[local-name()='extraRequestData']/*)") == "<1>"
    assert [etree.QName(one).localname for one in echo][:3] == ["version", "query", "xQuery"]


@pytest.mark.parametrize(("version", "is_there"), [("1.1", False), ("1.2", True), ("2.0", True)])
async def test_a_query_that_does_not_parse_has_no_xcql_and_in_1_1_no_echo(ask, version, is_there):
    answer = await ask(query="a and", version=version)
    assert bool(answer.root.xpath("/*/*[local-name()='echoedSearchRetrieveRequest']")) == is_there
    assert not answer.root.xpath("//*[local-name()='xQuery']")


async def test_passwords_are_not_echoed(ask):
    for version in ("1.1", "2.0"):
        answer = await ask(more={"query": "sea", "version": version, "x-username": "me", "x-password": "secret1"})
        assert b"secret1" not in answer.body


async def test_line_breaks_in_a_query_are_blanks_and_come_back_as_they_were(ask):
    answer = await ask(query="dc.title = sea\r\nand\tfrog")
    assert ids(answer) == ["b03"]
    assert answer.text("query") == "dc.title = sea\r\nand\tfrog"


async def test_words_as_people_type_them(ask):
    assert ids(await ask(query="coral sea", queryType="searchTerms")) == ["b07"]
    assert (await ask(query="coral sea")).numbers == [10]


@pytest.mark.parametrize("pair", [("reefs", "sea"), ("fish", "reefs"), ("dc.title=sea", "dc.date<2000"), ("coral*", "fish*")])
async def test_booleans_are_set_operations_on_counts(ask, pair):
    async def count(query):
        return int((await ask(query=query, maximumRecords=0)).text("numberOfRecords"))

    a, b = pair
    both, either = await count(f"({a}) and ({b})"), await count(f"({a}) or ({b})")
    assert both + await count(f"({a}) not ({b})") == await count(a)
    assert both + either == await count(a) + await count(b)


async def test_clauses_are_counted_on_request(ask):
    answer = await ask(more={"query": "dc.title=sea and frog sortBy dc.title", "x-analyse": "1"})
    assert list(zip(answer.texts("subquery"), answer.texts("count"), strict=True)) == [("dc.title = sea", "3"), ("frog", "1")]


async def test_clauses_keep_the_prefixes_that_they_need(ask):
    answer = await ask(more={"query": '> d = "info:srw/cql-context-set/1/dc-v1.1" d.title=sea and d.title=frog', "x-analyse": "1"})
    for query, count in zip(answer.texts("subquery"), answer.texts("count"), strict=True):
        assert (await ask(query=query)).text("numberOfRecords") == count


async def test_a_query_is_explained_on_request(ask):
    answer = await ask(more={"query": "dc.title=sea", "x-explain-query": "1"})
    assert 'phrase "sea"' in answer.text("plan") or 'word "sea"' in answer.text("plan")


async def test_an_indented_answer_says_the_same(ask):
    plain, pretty = await ask(query="sea", recordSchema="mods"), await ask(more={"query": "sea", "recordSchema": "mods", "x-indent": "1"})
    assert pretty.body.count(b"\n") > 50
    assert [one.text for one in plain.root.iter("{*}title")] == [one.text for one in pretty.root.iter("{*}title")]


async def test_keywords_are_the_words_of_headings_and_titles_without_notes_and_identifiers(ask):
    for term in ("reefs", "finn", "leiden", "frogs"):
        assert (await ask(query=f"cql.keywords = {term}")).text("numberOfRecords") != "0"
    for term in ("9789401234561", "lives"):
        assert (await ask(query=f"cql.anywhere = {term}")).text("numberOfRecords") != "0"
        assert (await ask(query=f"cql.keywords = {term}")).text("numberOfRecords") == "0"


async def test_sort_keys_take_the_name_that_bsz_clients_send(ask):
    assert ids(await ask(query="sea", sortKeys="year,,0")) == ids(await ask(query="sea sortBy dc.date/descending"))


@pytest.mark.parametrize("missing", ["missingValue=1990", "missingValue=1", "missingValue=9999"])
@pytest.mark.parametrize("direction", ["ascending", "descending"])
async def test_a_value_stands_in_for_a_missing_one(ask, missing, direction):
    answer = await ask(query=f"cql.allRecords=1 sortBy dc.date/{direction}/{missing}", maximumRecords=50)
    assert answer.numbers == []
    assert len(ids(answer)) == int(answer.text("numberOfRecords"))
    literal = missing.partition("=")[2]
    by_keys = await ask(query="cql.allRecords=1", sortKeys=f'dc.date,,{int(direction == "ascending")},0,"{literal}"', maximumRecords=50)
    assert ids(by_keys) == ids(answer)
