"""Parameters of each version, without HTTP and without an index."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.params import read_parameters
from server.records.registry import shipped_registry
from server.settings import SruSettings
from server.sru.asked import Explain, Refused, Scan, SearchRetrieve, Surroundings
from server.sru.request import read

AROUND = Surroundings(SruSettings(), shipped_registry(), host="catalogue.example.org")


def asked(around=AROUND, **sent):
    return read(read_parameters(urlencode(sent)), around)


def complaints(one):
    """(number, details) of a request's diagnostics, fatal one first."""
    first = [one.diagnostic] if isinstance(one, Refused) else []
    return [(each.number, each.details) for each in [*first, *one.warnings]]


@pytest.mark.parametrize(
    ("sent", "told", "number"),
    [
        ("1.1", "1.1", None), ("1.2", "1.2", None), ("2.0", "2.0", None), ("1.3", "1.2", None), ("1.9", "1.2", None), ("2.7", "2.0", None),
        ("1.0", "1.2", 5), ("1.10", "1.2", 5), ("1", "1.2", 5), ("3.0", "2.0", 5), ("", "2.0", 5), ("abc", "2.0", 5),
        ("1x", "1.2", 5), ("2.", "2.0", 5),
    ],
)  # fmt: skip
def test_the_version_is_chosen(sent, told, number):
    one = asked(version=sent, query="x")
    assert one.version == told
    assert complaints(one) == ([] if number is None else [(5, "2.0")])


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({}, Explain), ({"query": "x"}, SearchRetrieve), ({"scanClause": "x"}, Scan), ({"query": "x", "scanClause": "x"}, SearchRetrieve),
        ({"operation": "scan", "scanClause": "x"}, Scan), ({"operation": "explain"}, Explain), ({"version": "1.1"}, Explain),
        ({"version": "1.1", "query": "x"}, SearchRetrieve), ({"operation": "explain", "query": "x"}, Explain),
    ],
)  # fmt: skip
def test_the_operation_is_named_or_guessed(sent, kind):
    assert isinstance(asked(**sent), kind)


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
def test_an_unknown_operation_is_diagnostic_4_in_an_explain_answer(version):
    one = asked(version=version, operation="searchretrieve", query="x")
    assert isinstance(one, Refused)
    assert (one.operation, complaints(one)) == ("explain", [(4, "searchretrieve")])


@pytest.mark.parametrize(
    ("version", "sent", "expected"),
    [
        ("1.1", {"foo": "1"}, [(8, "foo")]),
        ("1.1", {"Query": "1"}, [(8, "Query")]),
        ("1.1", {"x-foo": "1", "x-info-2-auth1.0-user": "me"}, []),
        ("1.1", {"queryType": "cql"}, [(8, "queryType")]),
        ("1.1", {"renderedBy": "client", "responseType": "x"}, [(8, "renderedBy"), (8, "responseType")]),
        (
            "1.1",
            {"resultSetTTL": "5", "recordXMLEscaping": "xml", "httpAccept": "text/xml", "facetLimit": "1", "extraRequestData": "<x/>"},
            [],
        ),
        ("1.1", {"facetCount": "a:dc.subject"}, [(8, "facetCount")]),
        ("1.1", {"recordXPath": "/a"}, [(72, "")]),
        ("1.1", {"recordXPath": ""}, []),
        ("1.2", {"recordXPath": "/a"}, [(8, "recordXPath")]),
        ("1.2", {"sortKeys": "title"}, []),
        ("2.0", {"recordXPath": "/a"}, [(8, "recordXPath")]),
        ("2.0", {"version": "2.0", "operation": "searchRetrieve", "recordPacking": "string"}, []),
        ("2.0", {"facetLimit:dc.subject": "5", "facetCount": "a:dc.subject", "facetLowValue:dc.date": "1"}, []),
        ("1.1", {"facetLimit:dc.subject": "5"}, []),
        ("1.1", {"facetCount:dc.subject": "5"}, [(8, "facetCount:dc.subject")]),
        ("2.0", {"scanClause": "x"}, [(8, "scanClause")]),
        ("2.0", {"maximumTerms": "5"}, [(8, "maximumTerms")]),
    ],
)
def test_unknown_parameters_are_diagnostic_8_and_the_search_goes_on(version, sent, expected):
    one = asked(**({} if version == "2.0" else {"version": version}), query="x", **sent)
    assert complaints(one) == expected
    assert isinstance(one, Refused) == (72 in [number for number, _ in expected])


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"operation": "searchRetrieve"}, (7, "query")),
        ({"queryType": "cql"}, (7, "query")),
        ({"operation": "scan"}, (7, "scanClause")),
        ({"query": "x", "startRecord": "0"}, (6, "startRecord")),
        ({"query": "x", "startRecord": "-1"}, (6, "startRecord")),
        ({"query": "x", "startRecord": "+3"}, (6, "startRecord")),
        ({"query": "x", "startRecord": "1.5"}, (6, "startRecord")),
        ({"query": "x", "startRecord": ""}, (6, "startRecord")),
        ({"query": "x", "startRecord": "٣"}, (6, "startRecord")),
        ({"query": "x", "maximumRecords": "-1"}, (6, "maximumRecords")),
        ({"query": "x", "maximumRecords": "abc"}, (6, "maximumRecords")),
        ({"query": "x", "resultSetTTL": "x"}, (6, "resultSetTTL")),
        ({"query": "x", "recordPacking": "none"}, (6, "recordPacking")),
        ({"query": "x", "recordXMLEscaping": "none"}, (71, "none")),
        ({"query": "x", "version": "1.1", "recordPacking": "none"}, (71, "none")),
        ({"query": "x", "recordSchema": "marcxmll"}, (66, "marcxmll")),
        ({"query": "x", "recordSchema": "json"}, (71, "xml")),
        ({"query": "x", "queryType": "pqf"}, (11, "pqf")),
        ({"query": "x", "renderedBy": "nobody"}, (6, "renderedBy")),
        ({"query": "x", "responseType": "y"}, (6, "responseType")),
        ({"query": "x", "httpAccept": "image/png"}, (6, "httpAccept")),
        ({"query": "x", "facetLimit": "abc"}, (6, "facetLimit")),
        ({"query": "x", "facetLimit": "5:"}, (6, "facetLimit")),
        ({"query": "x", "facetStart": "0"}, (6, "facetStart")),
        ({"query": "x", "facetSort": "wild"}, (6, "facetSort")),
        ({"query": "x", "facetSort": "recordCount,ascending,descending"}, (6, "facetSort")),
        ({"query": "x", "facetCount": "noindex"}, (6, "facetCount")),
        ({"scanClause": "x", "responsePosition": "22"}, (120, "")),
        ({"scanClause": "x", "responsePosition": "-1"}, (6, "responsePosition")),
        ({"scanClause": "x", "maximumTerms": "0"}, (6, "maximumTerms")),
        ({"query": "x\x01"}, (6, "query")),
        ({"recordPacking": "odd"}, (6, "recordPacking")),
    ],
)
def test_bad_values_stop_the_request(sent, expected):
    one = asked(**sent)
    assert isinstance(one, Refused)
    assert (one.diagnostic.number, one.diagnostic.details) == expected
    assert one.diagnostic.message.endswith((".", "?"))


@pytest.mark.parametrize("encoded", ["query=%C5", "query=%01", "query=%EF%BF%BE", "query=%ED%A0%80", "query=x&startRecord=%ff"])
def test_what_no_answer_can_carry_is_diagnostic_6(encoded):
    one = read(read_parameters(encoded), AROUND)
    assert isinstance(one, Refused)
    assert one.diagnostic.number == 6


def test_a_repeated_parameter_counts_once_and_is_told_in_2_0_only():
    modern = read(read_parameters("query=a&query=b"), AROUND)
    assert (modern.query, complaints(modern)) == ("a", [(6, "query")])
    old = read(read_parameters("version=1.1&query=a&query=b"), AROUND)
    assert (old.query, complaints(old)) == ("a", [])
    assert complaints(read(read_parameters("query=a&facetCount=x:dc.subject&facetCount=y:dc.subject"), AROUND)) == []


@pytest.mark.parametrize("number", ["1000", "1001", "99999999999999999999999", "0" * 4000 + "5000"])
def test_large_numbers_are_clipped_to_what_the_server_sends(number):
    assert asked(query="x", maximumRecords=number).maximum == 1000


def test_defaults_are_those_of_the_settings():
    around = Surroundings(SruSettings(page_size=7, maximum_records=50, scan_terms=5, maximum_terms=9), shipped_registry())
    one = asked(around, query="x")
    assert (one.start, one.maximum, one.packing, one.schema.name, one.lenient) == (1, 7, "xml", "marcxml", False)
    assert asked(around, query="x", maximumRecords="51").maximum == 50
    other = asked(around, scanClause="x", maximumTerms="10")
    assert (other.position, other.maximum) == (1, 9)


@pytest.mark.parametrize(
    ("sent", "packing"),
    [
        ({"recordPacking": "string"}, "string"), ({"recordXMLEscaping": "string"}, "string"), ({"recordPacking": "packed"}, "xml"),
        ({"recordPacking": "unpacked", "recordXMLEscaping": "string"}, "string"), ({"version": "1.1", "recordPacking": "string"}, "string"),
        ({"version": "1.1", "recordXMLEscaping": "string"}, "string"),
        ({"version": "1.1", "recordXMLEscaping": "string", "recordPacking": "xml"}, "xml"),
    ],
)  # fmt: skip
def test_packing_goes_by_either_name(sent, packing):
    assert asked(query="x", **sent).packing == packing


@pytest.mark.parametrize(
    ("value", "href"),
    [
        ("/mine.xsl", "/mine.xsl"), ("mine.xsl?a=1&b=2", "mine.xsl?a=1&b=2"), ("http://catalogue.example.org/a.xsl", "http://catalogue.example.org/a.xsl"),
        ("//catalogue.example.org/a.xsl", "//catalogue.example.org/a.xsl"), ("", ""),
    ],
)  # fmt: skip
def test_stylesheets_of_our_own_host_are_named(value, href):
    one = asked(query="x", stylesheet=value)
    assert (one.stylesheet, complaints(one)) == (href, [])


@pytest.mark.parametrize(
    "value",
    [
        "http://evil.example.net/a.xsl", "//evil.example.net/a.xsl", "javascript:alert(1)", "data:text/xsl,x",
        "a?>b", 'a"b', "a b", "\\\\evil.example.net",
        "/\\evil.example.net", "file:///etc/passwd", "http://[bad/", "http:evil", "https:///x",
        "http://user@catalogue.example.org/", "a'b\"?><b",
    ],
)  # fmt: skip
def test_other_stylesheets_are_diagnostic_111_and_not_named(value):
    one = asked(query="x", stylesheet=value)
    assert (one.stylesheet, complaints(one)) == ("", [(111, value)])


def test_without_a_stylesheet_the_configured_one_is_named():
    assert asked(query="x").stylesheet == "/stylesheets/sru.xsl"


@pytest.mark.parametrize(
    ("version", "sent", "accept", "navigates", "media_type"),
    [
        ("1.1", {}, "", False, "text/xml"), ("1.1", {}, "application/json", False, "text/xml"),
        ("1.2", {"httpAccept": "application/json"}, "", False, "application/json"),
        ("1.1", {"httpAccept": "image/png"}, "", False, "text/xml"), ("2.0", {}, "", False, "application/sru+xml"),
        ("2.0", {}, "*/*", False, "application/sru+xml"),
        ("2.0", {}, "text/xml", False, "text/xml"), ("2.0", {}, "application/xml;q=0.9, application/json", False, "application/json"),
        ("2.0", {"httpAccept": "application/xml"}, "application/json", False, "application/xml"),
        ("2.0", {"httpAccept": "application/sru+xml"}, "", False, "application/sru+xml"),
        ("2.0", {"httpAccept": "application/sru xml"}, "", False, "application/sru+xml"),
        ("2.0", {"httpAccept": "application/atom+xml"}, "", False, "application/atom+xml"),
        ("2.0", {}, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False, "application/xml"),
        ("2.0", {}, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True, "text/html"),
        ("1.1", {}, "text/html,application/xml;q=0.9", True, "text/html"),
        ("1.1", {}, "text/html,application/xml;q=0.9", False, "application/xml"),
        ("2.0", {"stylesheet": ""}, "text/html,application/xml;q=0.9", True, "application/xml"),
        ("2.0", {"renderedBy": "server"}, "", False, "text/html"),
        ("2.0", {}, "text/html", False, "text/html"),
        ("2.0", {}, "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", False, "application/sru+xml"),  # Java, so Metafacture
        ("2.0", {}, "text/html, image/gif, image/jpeg, */*; q=0.2", False, "application/sru+xml"),
        ("2.0", {"httpAccept": "text/html"}, "*/*", False, "text/html"),
    ],
)  # fmt: skip
def test_the_form_of_the_answer_is_negotiated(version, sent, accept, navigates, media_type):
    around = Surroundings(SruSettings(), shipped_registry(), accept=accept, is_navigation=navigates)
    one = asked(around, version=version, query="x", **sent)
    assert one.delivery.media_type == media_type


def test_only_unknown_forms_in_2_0_are_http_406():
    around = Surroundings(SruSettings(), shipped_registry(), accept="image/png")
    one = asked(around, query="x")
    assert (one.status, one.diagnostic.number) == (406, 6)
    assert asked(around, version="1.1", query="x").delivery.media_type == "text/xml"


@pytest.mark.parametrize(
    ("sent", "is_taken"),
    [
        ({"responseType": "sru"}, True),
        ({"responseType": "http://docs.oasis-open.org/ns/search-ws/sruResponse", "httpAccept": "text/xml"}, True),
        ({"responseType": "atom", "httpAccept": "application/atom+xml"}, True),
        ({"responseType": "urn:x-discovery:sru:1#json", "httpAccept": "application/json"}, True),
        ({"responseType": "atom"}, False),
        ({"responseType": "sru", "httpAccept": "application/json"}, False),
        ({"responseType": "SRU"}, False),
    ],
)
def test_a_response_type_refines_the_media_type(sent, is_taken):
    """Section 3: what explain announces as responseFormats can be named; anything else is 6."""
    one = asked(query="x", **sent)
    assert isinstance(one, Refused) != is_taken
    if not is_taken:
        assert (one.diagnostic.number, one.diagnostic.details) == (6, "responseType")


@given(
    st.dictionaries(
        st.sampled_from(["query", "version", "operation", "startRecord", "stylesheet", "facetLimit", "x-a", "scanClause", ""]), st.text()
    )
)
def test_reading_a_request_never_fails(sent):
    assert asked(**sent) is not None
