"""Every kind of answer, in every version, against the published schemas."""

import copy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

RECORD_XSD = {
    "info:srw/schema/1/marcxml-v1.1": "MARC21slim.xsd",
    "info:srw/schema/8/unimarcxml-v0.1": "MARC21slim.xsd",
    "info:srw/schema/1/dc-v1.1": "srw-dc.xsd",
    "http://www.openarchives.org/OAI/2.0/oai_dc/": "oai_dc.xsd",
    "info:srw/schema/1/mods-v3.7": "mods-3-7.xsd",
}


class Schemas:
    """The schemas of the shared data, each loaded once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[str, etree.XMLSchema] = {}

    def check(self, name: str, tree: etree._Element) -> None:
        if name not in self._loaded:
            self._loaded[name] = etree.XMLSchema(etree.parse(self._folder / name))
        schema = self._loaded[name]
        assert schema.validate(tree), "\n".join(str(one) for one in schema.error_log)

    def check_answer(self, version: str, body: bytes) -> None:
        """The envelope, then what it carries: explain record, records."""
        root = etree.fromstring(body)
        if version == "2.0":
            self.check("sru-2.0/scan.xsd" if etree.QName(root).localname == "scanResponse" else "sru-2.0/sruResponse.xsd", root)
        else:
            self.check(f"sru-{version}/srw-types.xsd", root)
        for record in root.iter("{*}record"):
            data = record.find("{*}recordData")
            schema = record.findtext("{*}recordSchema")
            if data is None or not len(data):
                continue
            content = copy.deepcopy(data[0])
            if schema == "http://explain.z3950.org/dtd/2.0/":
                self.check(f"explain/explain-{'oasis' if version == '2.0' else 'lenient'}.xsd", content)
            elif schema in RECORD_XSD:
                self.check(f"records/{RECORD_XSD[schema]}", content)


@pytest.fixture(scope="session")
def schemas(shared_data: Path) -> Schemas:
    return Schemas(shared_data / "xsd" / "sru")


SEARCHES = [
    {"query": "reefs"},
    {"query": "cql.allRecords=1", "maximumRecords": "100"},
    {"query": "reefs", "maximumRecords": "0"},
    {"query": "reefs", "startRecord": "2", "maximumRecords": "1"},
    {"query": "reefs", "startRecord": "99"},
    {"query": "zzzzz"},
    {"query": "reefs", "recordPacking": "string"},
    {"query": "reefs", "recordXMLEscaping": "string"},
    {"query": "cql.allRecords=1", "recordSchema": "dc", "maximumRecords": "50"},
    {"query": "cql.allRecords=1", "recordSchema": "oai_dc", "maximumRecords": "50"},
    {"query": "cql.allRecords=1", "recordSchema": "mods", "maximumRecords": "50"},
    {"query": "cql.allRecords=1", "recordSchema": "unimarcxml", "maximumRecords": "50"},
    {"query": "cql.allRecords=1", "recordSchema": "unimarcxml", "recordPacking": "string"},
    {"query": "cql.allRecords=1", "recordSchema": "marcxchange", "maximumRecords": "50"},
    {"query": "cql.allRecords=1", "recordSchema": "index", "maximumRecords": "50"},
    {"query": "reefs", "recordSchema": "json", "recordPacking": "string"},
    {"query": "reefs", "recordSchema": "nonsense"},
    {"query": "reefs", "facetLimit": "3", "facetSort": "alphanumeric", "facetStart": "1"},
    {"query": "reefs", "facetLimit": "3,2:dc.nothing"},
    {"query": "reefs", "facetCount": "Frogs:dc.subject"},
    {"query": "reefs and sea or dc.title=fish", "x-analyse": "1", "x-explain-query": "1"},
    {"query": "reefs", "x-indent": "1", "x-foo": "a < b"},
    {"query": "reefs", "resultSetTTL": "300", "sortKeys": "dc.title,,0 dc.date"},
    {"query": "dc.title=sea sortBy dc.title dc.date/sort.descending", "sortKeys": "dc.title"},
    {"query": '> d = "info:srw/cql-context-set/1/dc-v1.1" d.title any/relevant "sea frog" not (x prox/unit=word/distance<3 y)'},
    {"query": '(> d = "info:srw/cql-context-set/1/dc-v1.1" d.title = sea) or reefs'},
    {"query": "reefs", "stylesheet": "/mine.xsl"},
    {"query": "reefs", "stylesheet": "javascript:alert(1)"},
    {"query": "reefs", "stylesheet": "a?>b"},
    {"query": "reefs", "stylesheet": ""},
    {"query": "reefs", "unknownThing": "1", "operation": "searchRetrieve"},
    {"query": "reefs", "startRecord": "0"},
    {"query": "reefs", "maximumRecords": "abc"},
    {"query": "reefs", "recordPacking": "wrong"},
    {"query": "reefs", "recordXPath": "/a"},
    {"query": "reefs", "extraRequestData": "<a/>"},
    {"query": "a and"},
    {"query": ""},
    {"query": 'dc.title = "unclosed'},
    {"query": "dc.title = \r\n\t frog"},
    {"operation": "searchRetrieve"},
    {"queryType": "searchTerms", "query": "coral reefs"},
    {"queryType": "pqf", "query": "@attr 1=4 x"},
    {"query": "reefs", "httpAccept": "application/xml"},
    {"query": "reefs", "renderedBy": "client"},
    {"query": "reefs", "responseType": "x"},
    {"query": "cql.resultSetId = abc"},
]
SCANS = [
    {"scanClause": 'dc.title = ""'},
    {"scanClause": 'dc.title == "coral"', "responsePosition": "2", "maximumTerms": "3"},
    {"scanClause": "fish", "responsePosition": "0"},
    {"scanClause": "fish", "maximumTerms": "3", "responsePosition": "4", "x-foo": "1"},
    {"scanClause": "dc.title = zzzzz"},
    {"scanClause": "dc.title = a and b"},
    {"scanClause": "dc.title > a"},
    {"scanClause": "dc.title = a", "responsePosition": "99"},
    {"scanClause": "dc.title = a", "maximumTerms": "0"},
    {"scanClause": "dc.title = a", "stylesheet": "/x.xsl", "httpAccept": "text/xml"},
    {"scanClause": '> d = "info:srw/cql-context-set/1/dc-v1.1" d.title = a'},
    {"scanClause": "", "operation": "scan"},
    {"operation": "scan"},
    {"scanClause": "dc.date = 1990"},
]
EXPLAINS = [
    {},
    {"operation": "explain"},
    {"operation": "explain", "recordPacking": "string"},
    {"operation": "explain", "recordXMLEscaping": "string"},
    {"operation": "explain", "stylesheet": "/x.xsl", "x-foo": "1", "unknown": "2"},
    {"operation": "nonsense"},
    {"version": "9"},
    {"recordPacking": "wrong"},
]


@pytest.mark.parametrize("for_people", [False, True], ids=["program", "browser"])
@pytest.mark.parametrize("path", ["/biblios", "/sru/authorities"])
@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
async def test_every_answer_is_valid(ask, schemas, version, path, for_people):
    headers = {"Accept": "text/html,application/xml;q=0.9"} if for_people else {}
    for sent in [*SEARCHES, *SCANS, *EXPLAINS]:
        more = sent if version == "2.0" else {"version": version} | sent
        answer = await ask(path, headers=headers, more=more)
        assert answer.status == 200, (sent, answer.body)
        told = "1.2" if more.get("version", "").startswith("1") and more["version"] not in {"1.1"} else more.get("version", "2.0")
        try:
            schemas.check_answer("2.0" if told == "9" else told, answer.body)
        except AssertionError as problem:
            raise AssertionError(f"{more} -> {answer.body.decode()[:3000]}\n{problem}") from None


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
async def test_answers_to_a_broken_engine_and_an_unknown_database_are_valid(ask, schemas, engines, version):
    engines["biblios"].broken = True
    for sent, status in (({"query": "reefs"}, 503), ({"scanClause": "reefs"}, 503), ({}, 503)):
        answer = await ask("/biblios", more={"version": version} | sent)
        assert answer.status == status
        schemas.check_answer(version, answer.body)
        answer = await ask("/sru/nowhere", more={"version": version} | sent)
        assert (answer.status, answer.numbers) == (404, [235])
        schemas.check_answer(version, answer.body)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    version=st.sampled_from(["1.1", "1.2", "2.0"]),
    values=st.dictionaries(
        st.sampled_from(
            [
                "query",
                "startRecord",
                "maximumRecords",
                "recordSchema",
                "stylesheet",
                "sortKeys",
                "facetLimit",
                "x-a",
                "httpAccept",
                "scanClause",
            ]
        ),
        st.text(max_size=12),
        max_size=5,
    ),
)
async def test_whatever_is_sent_the_answer_is_well_formed_and_valid(ask, schemas, version, values):
    answer = await ask("/biblios", more={"version": version} | values | {"x-indent": "1"})
    assert answer.status in {200, 406}
    if answer.headers["Content-Type"].startswith(("text/xml", "application/sru+xml", "application/xml")):
        schemas.check_answer(version, answer.body)
