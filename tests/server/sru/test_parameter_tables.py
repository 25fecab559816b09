"""The tables of request parameters, row by row and version by version (sru-cql.md 3, 6, 7 and 2.5).

A cell is what comes of the parameter: "" it is taken, a number the diagnostic, and with "!" the request stops there.
"""

from typing import Any
from urllib.parse import urlencode

import pytest

from server.params import read_parameters
from server.records.registry import shipped_registry
from server.settings import SruSettings
from server.sru.asked import Refused, Surroundings
from server.sru.request import KNOWN, read

AROUND = Surroundings(SruSettings(), shipped_registry(), host="catalogue.example.org")
VERSIONS = ("1.1", "1.2", "2.0")

SEARCH = """
operation=searchRetrieve | | |
version | | |
query=sea | | |
queryType=cql | 8 | 8 |
queryType=searchTerms | 8 | 8 |
queryType=nosuch | 8 | 8 | 11!
startRecord=2 | | |
startRecord=0 | 6! | 6! | 6!
maximumRecords=0 | | |
maximumRecords=5000 | | |
maximumRecords=-1 | 6! | 6! | 6!
recordPacking=xml | | |
recordPacking=string | | |
recordPacking=packed | 71! | 71! |
recordPacking=unpacked | 71! | 71! |
recordPacking=odd | 71! | 71! | 6!
recordXMLEscaping=xml | | |
recordXMLEscaping=string | | |
recordXMLEscaping=odd | 71! | 71! | 71!
recordSchema=dc | | |
recordSchema=INFO:SRW/schema/1/dc-v1.1 | | |
recordSchema=nosuch | 66! | 66! | 66!
recordXPath=/record | 72! | 8 | 8
resultSetTTL=300 | | |
resultSetTTL=x | 6! | 6! | 6!
sortKeys=title | | |
stylesheet=/a.xsl | | |
stylesheet=data:x | 111 | 111 | 111
renderedBy=client | 8 | 8 |
renderedBy=server | 8 | 8 |
renderedBy=odd | 8 | 8 | 6!
httpAccept=text/xml | | |
httpAccept=image/png | | | 6!
responseType=odd | 8 | 8 | 6!
facetLimit=5 | | |
facetLimit=x | 6! | 6! | 6!
facetStart=2 | | |
facetStart=0 | 6! | 6! | 6!
facetSort=recordCount | | |
facetSort=odd | 6! | 6! | 6!
facetCount=a:dc.subject | 8 | 8 |
facetCount=a | 8 | 8 | 6!
extraRequestData=<a/> | | |
x-anything=1 | | |
scanClause=sea | 8 | 8 | 8
maximumTerms=5 | 8 | 8 | 8
Query=sea | 8 | 8 | 8
nosuch=1 | 8 | 8 | 8
"""

SCAN = """
operation=scan | | |
version | | |
scanClause=dc.title=a | | |
responsePosition=0 | | |
responsePosition=21 | | |
responsePosition=22 | 120! | 120! | 120!
responsePosition=-1 | 6! | 6! | 6!
responsePosition=1.5 | 6! | 6! | 6!
maximumTerms=1 | | |
maximumTerms=100000 | | |
maximumTerms=0 | 6! | 6! | 6!
stylesheet=/a.xsl | | |
httpAccept=text/xml | | |
httpAccept=image/png | | | 6!
x-anything=1 | | |
extraRequestData=<a/> | | |
startRecord=1 | 8 | 8 | 8
recordSchema=dc | 8 | 8 | 8
nosuch=1 | 8 | 8 | 8
"""

EXPLAIN = """
operation=explain | | |
version | | |
recordPacking=xml | | |
recordPacking=string | | |
recordPacking=odd | 71! | 71! | 6!
recordXMLEscaping=string | | |
recordXMLEscaping=odd | 71! | 71! | 71!
stylesheet=/a.xsl | | |
httpAccept=text/xml | | |
httpAccept=image/png | | | 6!
x-anything=1 | | |
extraRequestData=<a/> | | |
maximumRecords=1 | 8 | 8 | 8
nosuch=1 | 8 | 8 | 8
"""


def rows(text: str) -> list[Any]:
    """Name, value and the three cells."""
    found = []
    for line in text.strip().split("\n"):
        sent, *cells = line.split("|")
        name, _, value = sent.strip().partition("=")
        found.append(pytest.param(name, value, [cell.strip() for cell in cells], id=sent.strip()))
    return found


def check(operation: str, mandatory: dict[str, str], name: str, value: str, cells: list[str]) -> None:
    for version, cell in zip(VERSIONS, cells, strict=True):
        sent = {"version": version, "operation": operation, **mandatory, **({name: value} if name != "version" else {})}
        asked = read(read_parameters(urlencode(sent)), AROUND)
        numbers = [asked.diagnostic.number] if isinstance(asked, Refused) else []
        numbers += [one.number for one in asked.warnings]
        assert numbers == ([int(cell.strip("!"))] if cell else []), version
        assert isinstance(asked, Refused) == cell.endswith("!"), version
        if cell in {"8", "6!"}:
            first = asked.diagnostic if isinstance(asked, Refused) else asked.warnings[0]
            assert first.details == name, version


@pytest.mark.parametrize(("name", "value", "cells"), rows(SEARCH))
def test_parameters_of_search_retrieve(name: str, value: str, cells: list[str]) -> None:
    """Section 3."""
    check("searchRetrieve", {"query": "sea"}, name, value, cells)


@pytest.mark.parametrize(("name", "value", "cells"), rows(SCAN))
def test_parameters_of_scan(name: str, value: str, cells: list[str]) -> None:
    """Section 7."""
    check("scan", {"scanClause": "sea"}, name, value, cells)


@pytest.mark.parametrize(("name", "value", "cells"), rows(EXPLAIN))
def test_parameters_of_explain(name: str, value: str, cells: list[str]) -> None:
    """Section 6."""
    check("explain", {}, name, value, cells)


@pytest.mark.parametrize(("operation", "text"), [("searchRetrieve", SEARCH), ("scan", SCAN), ("explain", EXPLAIN)])
def test_every_parameter_that_is_known_has_a_row(operation: str, text: str) -> None:
    names = {line.split("|")[0].strip().partition("=")[0] for line in text.strip().split("\n")}
    own = {name for (_, one), known in KNOWN.items() if one == operation for name in known}
    # Facets belong to searches; elsewhere they are put up with. The draft form of ranges has tests of its own.
    assert own - names <= {"facetLimit", "facetStart", "facetSort", "facetRangeField", "recordPacking", "recordXMLEscaping"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("operation", "name"), [("searchRetrieve", "query"), ("scan", "scanClause")])
def test_what_is_mandatory_must_be_there(version: str, operation: str, name: str) -> None:
    """Sections 2.6, 3 and 7: only the query and the scan clause; operation and version may be left out everywhere."""
    asked = read(read_parameters(urlencode({"version": version, "operation": operation})), AROUND)
    assert isinstance(asked, Refused)
    assert (asked.diagnostic.number, asked.diagnostic.details) == (7, name)


@pytest.mark.parametrize("bad", ["1.5", "+3", "abc", "", " 1", "1e3", "٣", "0x10", "--1"])
@pytest.mark.parametrize(
    ("operation", "name"),
    [("searchRetrieve", "startRecord"), ("searchRetrieve", "maximumRecords"), ("searchRetrieve", "resultSetTTL"), ("scan", "maximumTerms"),
     ("scan", "responsePosition")],
)  # fmt: skip
def test_integers_are_decimal_digits_only(operation: str, name: str, bad: str) -> None:
    """Section 2.7."""
    sent = {"operation": operation, "query": "sea", "scanClause": "sea", name: bad}
    sent.pop("query" if operation == "scan" else "scanClause")
    asked = read(read_parameters(urlencode(sent)), AROUND)
    assert isinstance(asked, Refused)
    assert (asked.diagnostic.number, asked.diagnostic.details) == (6, name)
