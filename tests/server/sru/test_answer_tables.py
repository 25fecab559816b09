"""The tables of answers, row by row (sru-cql.md 4 to 8 and 11): elements and their order, record schemas, explain, scan, facets."""

from typing import Any

import pytest
from lxml import etree

VERSIONS = ("1.1", "1.2", "2.0")
NAMESPACE = {"1": "http://www.loc.gov/zing/srw/", "2": "http://docs.oasis-open.org/ns/search-ws/sruResponse"}
SCAN_NAMESPACE = {"1": NAMESPACE["1"], "2": "http://docs.oasis-open.org/ns/search-ws/scan"}
FACETED = "{http://docs.oasis-open.org/ns/search-ws/facetedResults}"
Z = "{http://explain.z3950.org/dtd/2.0/}"
EVERYTHING = {
    "query": "reefs", "maximumRecords": "1", "resultSetTTL": "300", "facetLimit": "1", "x-analyse": "1", "x-explain-query": "1",
    "nosuch": "1", "recordPacking": "xml",
}  # fmt: skip


def names(element: Any) -> list[str]:
    return [etree.QName(child).localname for child in element]


def found(answer: Any, name: str) -> Any:
    return answer.root.xpath(f"//*[local-name()='{name}']")[0]


@pytest.mark.parametrize(
    ("version", "elements"),
    [
        ("1.1", "version numberOfRecords resultSetId resultSetIdleTime records nextRecordPosition echoedSearchRetrieveRequest diagnostics "
         "extraResponseData"),
        ("1.2", "version numberOfRecords resultSetId resultSetIdleTime records nextRecordPosition echoedSearchRetrieveRequest diagnostics "
         "extraResponseData"),
        ("2.0", "numberOfRecords resultSetId records nextRecordPosition echoedSearchRetrieveRequest diagnostics extraResponseData "
         "resultSetTTL resultCountPrecision facetedResults searchResultAnalysis"),
    ],
)  # fmt: skip
async def test_elements_of_an_answer_in_their_order(ask: Any, version: str, elements: str) -> None:
    """Section 4.1."""
    answer = await ask(more=EVERYTHING | {"version": version})
    assert answer.root.tag == f"{{{NAMESPACE[version[0]]}}}searchRetrieveResponse"
    assert names(answer.root) == elements.split()
    assert {etree.QName(child).namespace for child in answer.root} == {NAMESPACE[version[0]]}


@pytest.mark.parametrize(
    ("version", "elements"),
    [
        ("1.1", "recordSchema recordPacking recordData recordPosition extraRecordData"),
        ("1.2", "recordSchema recordPacking recordData recordIdentifier recordPosition extraRecordData"),
        ("2.0", "recordSchema recordXMLEscaping recordData recordPosition extraRecordData"),
    ],
)
async def test_elements_of_a_record_in_their_order(ask: Any, version: str, elements: str) -> None:
    """Section 4.2; only 2.0 has something to say in extraRecordData."""
    answer = await ask(query="reefs", version=version, maximumRecords=1)
    own = found(answer, "record")
    assert names(own) == [name for name in elements.split() if name != "extraRecordData" or version == "2.0"]
    assert {etree.QName(child).namespace for child in own} == {NAMESPACE[version[0]]}


SENT = {
    "startRecord": "1", "maximumRecords": "2", "recordSchema": "marcxml", "resultSetTTL": "60", "sortKeys": "title", "stylesheet": "/a.xsl",
    "x-mine": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("version", "more", "elements"),
    [
        ("1.1", {"recordPacking": "xml"}, "version query xQuery startRecord maximumRecords recordPacking recordSchema resultSetTTL "
         "sortKeys stylesheet extraRequestData"),
        ("1.2", {"recordPacking": "xml"}, "version query xQuery startRecord maximumRecords recordPacking recordSchema resultSetTTL "
         "sortKeys stylesheet extraRequestData baseUrl"),
        ("2.0", {"recordXMLEscaping": "xml", "recordPacking": "packed", "queryType": "cql", "facetLimit": "1", "renderedBy": "client",
                 "httpAccept": "text/xml"},
         "version queryType query xQuery startRecord maximumRecords recordXMLEscaping recordPacking recordSchema facetParameters "
         "resultSetTTL sortKeys stylesheet renderedBy extraRequestParameter httpAccept"),
    ],
)  # fmt: skip
async def test_the_echo_has_what_was_sent_in_its_order(ask: Any, version: str, more: dict[str, str], elements: str) -> None:
    """Section 4.4."""
    answer = await ask(more={"version": version, "query": "reefs"} | SENT | more)
    echo = found(answer, "echoedSearchRetrieveRequest")
    assert names(echo) == elements.split()
    told = {etree.QName(child).localname: child.text for child in echo}
    assert {name: told[name] for name in SENT if name in told} == {name: SENT[name] for name in SENT if name in told}
    only = found(await ask(query="reefs", version=version), "echoedSearchRetrieveRequest")
    assert set(names(only)) <= {"version", "query", "xQuery", "baseUrl"}


@pytest.mark.parametrize("query", [" or ".join(["sea"] * 900), " and ".join(f"(a{number}" for number in range(150)) + ")" * 150])
@pytest.mark.parametrize("version", VERSIONS)
async def test_an_echo_is_never_deeper_than_parsers_read(ask: Any, version: str, query: str) -> None:
    """Sections 4.4 and 15: a tree of very many levels has no xQuery, and in 1.1, whose schema wants one, no echo."""
    answer = await ask(query=query, version=version)
    assert answer.numbers == []
    assert not answer.root.xpath("//*[local-name()='xQuery']")
    assert bool(answer.root.xpath("//*[local-name()='echoedSearchRetrieveRequest']")) == (version != "1.1")
    short = await ask(query=" or ".join(["sea"] * 101), version=version)
    assert len(short.root.xpath("//*[local-name()='xQuery']")) == 1


SCHEMAS = """
marcxml marc21 MARC21-xml info:srw/schema/1/marcxml-v1.1 | info:srw/schema/1/marcxml-v1.1 | {http://www.loc.gov/MARC21/slim}record
unimarcxml info:srw/schema/8/unimarcxml-v0.1 | info:srw/schema/8/unimarcxml-v0.1 | {http://www.loc.gov/MARC21/slim}record
marcxchange unimarcxchange info:lc/xmlns/marcxchange-v1 | info:lc/xmlns/marcxchange-v1 | {info:lc/xmlns/marcxchange-v1}record
dc info:srw/schema/1/dc-v1.1 | info:srw/schema/1/dc-v1.1 | {info:srw/schema/1/dc-schema}dc
oai_dc http://www.openarchives.org/OAI/2.0/oai_dc/ | http://www.openarchives.org/OAI/2.0/oai_dc/ | \
{http://www.openarchives.org/OAI/2.0/oai_dc/}dc
mods info:srw/schema/1/mods-v3.7 mods30 mods31 mods32 mods33 mods34 mods35 mods36 mods37 mods38 info:srw/schema/1/mods-v3.0 \
info:srw/schema/1/mods-v3.5 info:srw/schema/1/mods-v3.8 | info:srw/schema/1/mods-v3.7 | {http://www.loc.gov/mods/v3}mods
index http://indexdata.dk/zebra/xslt/1 urn:x-discovery:index | urn:x-discovery:index | {urn:x-discovery:index}index
"""


@pytest.mark.parametrize("row", SCHEMAS.strip().split("\n"), ids=lambda row: row.split()[0])
@pytest.mark.parametrize("version", VERSIONS)
async def test_record_schemas_have_names_and_identifiers(ask: Any, version: str, row: str) -> None:
    """Section 5: every name and identifier works, in any letter case, and the identifier is what the answer says."""
    wanted, identifier, root = (cell.strip() for cell in row.split(" | "))
    query = "rec.id = u01" if wanted.startswith("unimarcxml") else "rec.id = b01"
    for name in wanted.split():
        for spelled in (name, name.upper()) if "/" not in name else (name,):
            answer = await ask(query=query, version=version, recordSchema=spelled)
            assert answer.diagnostics == [], spelled
            assert answer.text("recordSchema") == identifier, spelled
            assert found(answer, "recordData")[0].tag == root


async def test_json_is_had_as_string_or_within_json(ask: Any) -> None:
    """Section 5."""
    assert (await ask(query="rec.id = b01", recordSchema="json")).numbers == [71]
    for wanted in ("json", "urn:x-discovery:json"):
        assert (await ask(query="rec.id = b01", recordSchema=wanted, recordXMLEscaping="string")).text("recordData").startswith("{")


@pytest.mark.parametrize("version", VERSIONS)
async def test_explain_answers_have_their_elements(ask: Any, version: str) -> None:
    """Section 6."""
    answer = await ask(more={"version": version, "operation": "explain", "nosuch": "1"})
    first = [] if version == "2.0" else ["version"]
    assert names(answer.root) == [*first, "record", "echoedExplainRequest", "diagnostics"]
    assert answer.text("recordSchema") == "http://explain.z3950.org/dtd/2.0/"


@pytest.mark.parametrize(
    ("version", "parts"),
    [
        ("1.1", "serverInfo databaseInfo metaInfo indexInfo schemaInfo configInfo"),
        ("1.2", "serverInfo databaseInfo metaInfo indexInfo schemaInfo configInfo"),
        ("2.0", "serverInfo databaseInfo metaInfo indexInfo searchInfo schemaInfo configInfo responseFormats"),
    ],
)
async def test_explain_records_have_their_parts_in_order(ask: Any, version: str, parts: str) -> None:
    """Section 6.1; `stylesheet`, `extensions` and `diagnosticSets` of 2.0 may stand between and behind."""
    explain = next((await ask(version=version, operation="explain")).root.iter(f"{Z}explain"))
    assert [name for name in names(explain) if name not in {"stylesheet", "extensions", "diagnosticSets"}] == parts.split()
    server = explain.find(f"{Z}serverInfo")
    assert (server.get("protocol"), server.get("transport")) == ("SRU", "http")
    assert server.get("method") == (None if version == "2.0" else "GET POST")
    assert explain.find(f"{Z}metaInfo/{Z}dateModified") is not None
    for index in explain.iterfind(f"{Z}indexInfo/{Z}index"):
        assert {"search", "scan", "sort", "id"} <= set(index.attrib)
        children = names(index)
        assert children == sorted(children, key=["title", "map", "configInfo"].index)
        assert {"title", "map"} <= set(children)


@pytest.mark.parametrize("path", ["/biblios", "/authorities"])
async def test_explain_says_what_is_default_set_and_supported(ask: Any, path: str) -> None:
    """Section 6.2: what must be told, with values that are true."""
    config = next((await ask(path)).root.iter(f"{Z}explain")).find(f"{Z}configInfo")
    told: dict[tuple[str, str], set[str]] = {}
    for one in config:
        told.setdefault((etree.QName(one).localname, one.get("type")), set()).add(one.text or "")
    assert told["default", "numberOfRecords"] == {"10"}
    assert told["setting", "maximumRecords"] == {"1000"}
    assert told["default", "contextSet"] == {"dc"}
    assert told["default", "index"] == {"cql.serverChoice"}
    assert told["default", "relation"] == {"="}
    assert told["default", "retrieveSchema"] == {"info:srw/schema/1/marcxml-v1.1"}
    assert told["default", "numberOfTerms"] == {"20"}
    relations = {"=", "==", "<>", "<", ">", "<=", ">=", "any", "all", "adj", "exact", "within", "encloses", "scr"}
    assert {"=", "==", "<>", "<", ">", "<=", ">=", "any", "all", "adj", "within"} <= told["supports", "relation"] <= relations
    assert told["supports", "maskingCharacter"] == {"*", "?"}
    for name in ("relationModifier", "proximity", "proximityModifier", "anchor", "sort", "sortModifier", "resultSets", "scan", "version"):
        assert ("supports", name) in told, name


@pytest.mark.parametrize("version", VERSIONS)
async def test_scan_answers_have_their_elements(ask: Any, version: str) -> None:
    """Section 7: of the answer, of its echo, and of a term."""
    sent = {"version": version, "scanClause": 'dc.subject == "reef"', "responsePosition": "1", "maximumTerms": "2", "stylesheet": "/a.xsl"}
    answer = await ask(more=sent | {"x-mine": "1", "nosuch": "1"})
    first = [] if version == "2.0" else ["version"]
    assert answer.root.tag == f"{{{SCAN_NAMESPACE[version[0]]}}}scanResponse"
    assert names(answer.root) == [*first, "terms", "echoedScanRequest", "diagnostics"]
    echoed = [*first, "scanClause", "xScanClause", "responsePosition", "maximumTerms", "stylesheet", "extraRequestData"]
    assert names(found(answer, "echoedScanRequest")) == [*echoed, *(["baseUrl"] if version == "1.2" else [])]
    for term in found(answer, "terms"):
        order = ["value", "numberOfRecords", "displayTerm", "whereInList", "requestURL"]
        assert names(term) == [name for name in order if name in names(term)]
        assert {"value", "numberOfRecords", "whereInList"} <= set(names(term))
        assert ("requestURL" in names(term)) == (version == "2.0")


@pytest.mark.parametrize(
    ("clause", "values"),
    [
        ("dc.title = fish", ["fish", "friends"]),
        ("dc.title any fish", ["fish", "friends"]),
        ("dc.title all fish", ["fish", "friends"]),
        ("dc.title adj fish", ["fish", "friends"]),
        ('dc.title == "fish"', ["fish of the coral sea", "frog who watched the sea"]),
        ('dc.title exact "fish"', ["fish of the coral sea", "frog who watched the sea"]),
    ],
)
async def test_the_relation_chooses_the_list(ask: Any, clause: str, values: list[str]) -> None:
    """Section 7: words or whole values."""
    answer = await ask(scanClause=clause, maximumTerms=2)
    assert answer.texts("value")[0] == values[0]
    assert (" " in answer.texts("value")[0]) == (" " in values[0])


@pytest.mark.parametrize(
    "sent",
    [
        {"facetLimit": "3"},
        {"facetLimit": "3:dc.subject,2:dc.creator"},
        {"facetLimit": "3,100:dc.subject"},
        {"facetLimit": "3", "facetStart": "2"},
        {"facetLimit": "3", "facetStart": "2:dc.subject"},
        {"facetLimit": "3", "facetSort": "recordCount,ascending"},
        {"facetLimit": "3", "facetSort": "alphanumeric,descending,caseSensitive"},
        {"facetLimit": "3", "facetSort": "alphanumeric,ascending,caseInsensitive"},
        {"facetCount": "Coral reefs and islands:dc.subject"},
        {"facetLimit:dc.subject": "100"},
        {"facetCount:dc.subject": "Coral reefs and islands"},
        {"facetRangeField": "dc.date", "facetLowValue:dc.date": "1990", "facetHighValue:dc.date": "2019"},
    ],
    ids=lambda sent: "&".join(f"{name}={value}" for name, value in sent.items()),
)
async def test_facets_can_be_asked_in_every_form(ask: Any, sent: dict[str, str]) -> None:
    """Sections 8.1 and 8.2: no diagnostics, and facets with their elements in order."""
    answer = await ask(more={"query": "cql.allRecords = 1", "maximumRecords": "0"} | sent)
    assert answer.diagnostics == []
    facets = found(answer, "facetedResults")
    assert facets.tag == f"{{{NAMESPACE['2']}}}facetedResults"
    assert {child.tag for child in facets} == {f"{FACETED}facet"}
    for facet in facets:
        assert names(facet) == [
            name for name in ("facetDisplayLabel", "facetDescription", "index", "relation", "terms") if name in names(facet)
        ]
        assert facet.findtext(f"{FACETED}relation") == "=="
        for term in facet.find(f"{FACETED}terms"):
            assert names(term) == ["actualTerm", "query", "requestUrl", "count"]


async def test_facets_that_must_be_offered_are(ask: Any) -> None:
    """Section 8.3."""
    offered = {one.text for one in (await ask()).root.iter(f"{Z}facetType")}
    assert offered >= {
        "dc.subject", "dc.creator", "dc.date", "dc.language", "dc.type", "dc.publisher", "bib.titleSeries", "koha.itemtype",
        "koha.homebranch", "koha.ccode", "koha.location",
    }  # fmt: skip


async def test_totals_are_exact_and_clauses_are_counted(ask: Any) -> None:
    """Sections 8.4 and 8.5."""
    answer = await ask(more={"query": "reefs and (sea or fish)", "x-analyse": "1"})
    assert answer.text("resultCountPrecision") == "exact"
    parts = found(answer, "searchResultAnalysis")
    assert len(parts) == 3
    for part in parts:
        assert names(part) == [name for name in ("subqueryDisplayLabel", "subquery", "count", "requestUrl") if name in names(part)]


@pytest.mark.parametrize(
    ("sent", "instruction"),
    [
        ({"stylesheet": "/a.xsl"}, 'href="/a.xsl"'),
        ({"stylesheet": "/a.xsl?b=1&c=2"}, 'href="/a.xsl?b=1&amp;c=2"'),
        ({"stylesheet": ""}, ""),
        ({}, 'href="/stylesheets/sru.xsl"'),
        ({"stylesheet": "javascript:alert(1)"}, ""),
        ({"stylesheet": "a?>b"}, ""),
    ],
)
@pytest.mark.parametrize("operation", [{"query": "sea"}, {"scanClause": "sea"}, {}])
async def test_stylesheets_become_an_instruction(ask: Any, operation: dict[str, str], sent: dict[str, str], instruction: str) -> None:
    """Section 11.1."""
    answer = await ask(more={"version": "1.1"} | operation | sent, headers={"Accept": "application/xml"})
    head = answer.body.partition(b"<zs:")[0].decode()
    assert ("<?xml-stylesheet" in head) == bool(instruction)
    assert instruction in head


@pytest.mark.parametrize(
    ("version", "accept", "media_type"),
    [
        ("1.1", "", "text/xml"), ("1.2", "", "text/xml"), ("2.0", "", "application/sru+xml"),
        *(("2.0", one, one) for one in ("application/sru+xml", "application/xml", "text/xml", "application/atom+xml", "application/rss+xml",
                                        "application/json", "text/html")),
    ],
)  # fmt: skip
async def test_media_types_that_are_offered(ask: Any, version: str, accept: str, media_type: str) -> None:
    """Section 11.3."""
    answer = await ask(query="sea", version=version, **({"httpAccept": accept} if accept else {}))
    assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


ADDRESSES = (
    "",
    "/a.xsl",
    "x.xsl?a=1&b=%20#c",
    "http://evil.example/x",
    "http://127.0.0.1:80.evil.example/",
    "//a@b@c/",
    "1:x",
    "a%zz",
    "#a#b",
)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("operation", [{"query": "reefs"}, {"scanClause": "sea"}, {}], ids=["searchRetrieve", "scan", "explain"])
async def test_a_stylesheet_is_echoed_as_far_as_it_is_an_address(
    ask: Any, shared_data: Any, operation: dict[str, str], address: str, version: str
) -> None:
    """Section 4.4: what was sent is echoed, an empty value too; what could not be an xs:anyURI would make the answer invalid."""
    answer = await ask(more=operation | {"version": version, "stylesheet": address})
    folder = shared_data / "xsd/sru" / f"sru-{version}"
    name = "srw-types.xsd" if version != "2.0" else "scan.xsd" if "scanClause" in operation else "sruResponse.xsd"
    etree.XMLSchema(etree.parse(folder / name)).assertValid(answer.root)
    told = answer.root.xpath("/*/*[starts-with(local-name(), 'echoed')]/*[local-name()='stylesheet']/text()")
    is_address = address in ADDRESSES[1:4]
    assert answer.root.xpath("count(/*/*[starts-with(local-name(), 'echoed')]/*[local-name()='stylesheet'])") == (address in ADDRESSES[:4])
    assert told == ([address] if is_address else [])
