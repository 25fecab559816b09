"""The table of diagnostics, number by number (sru-cql.md 12): what raises it over GET, its details, its kind, and which are never sent.

A row: number, what is sent (version 2.0 unless it says otherwise), details (None: free), kind. "F": there are no records; "N": the
search goes on; "S": in the place of one record. POST gives the same answers (`test_routes.py`).
"""

from typing import Any

import pytest

from server.settings import Settings
from server.sru.diagnostics import TEXT

MANY = " or ".join(["sea"] * 1002)
SET = "cql.resultSetId = nosuch"
Row = tuple[int, dict[str, str], str | None, str]

ROWS: list[Row] = [
    (4, {"operation": "update", "query": "sea"}, "update", "F"),
    (4, {"scanClause": "dc.note = a"}, "dc.note", "F"),
    (4, {"scanClause": "cql.allRecords = 1"}, "cql.allRecords", "F"),
    (5, {"version": "1.0", "query": "sea"}, "2.0", "F"),
    (5, {"version": "3.0", "query": "sea"}, "2.0", "F"),
    (6, {"query": "sea", "startRecord": "0"}, "startRecord", "F"),
    (6, {"query": "sea", "maximumRecords": "1.5"}, "maximumRecords", "F"),
    (6, {"query": "sea", "recordPacking": "boxed"}, "recordPacking", "F"),
    (6, {"query": "sea", "renderedBy": "nobody"}, "renderedBy", "F"),
    (6, {"query": "sea", "responseType": "odd"}, "responseType", "F"),
    (6, {"query": "sea", "facetLimit": "many"}, "facetLimit", "F"),
    (6, {"query": "sea", "resultSetTTL": "long"}, "resultSetTTL", "F"),
    (6, {"scanClause": "sea", "maximumTerms": "0"}, "maximumTerms", "F"),
    (6, {"scanClause": "sea", "responsePosition": "-1"}, "responsePosition", "F"),
    (7, {"operation": "searchRetrieve"}, "query", "F"),
    (7, {"operation": "scan"}, "scanClause", "F"),
    (8, {"query": "sea", "colour": "blue"}, "colour", "N"),
    (8, {"query": "sea", "version": "1.1", "queryType": "cql"}, "queryType", "N"),
    (10, {"query": "sea and"}, None, "F"),
    (10, {"query": "coral reefs"}, None, "F"),
    (10, {"query": ""}, None, "F"),
    (10, {"scanClause": "dc.title = a or b"}, None, "F"),
    (11, {"query": "@attr 1=4 sea", "queryType": "pqf"}, "pqf", "F"),
    (12, {"query": "a" + " or a" * 13_200}, "65536", "F"),
    (13, {"query": "(sea"}, "0", "F"),
    (13, {"query": "sea or ()"}, "8", "F"),
    (13, {"query": "dc.title = (a or b)"}, "11", "F"),
    (13, {"query": "(" * 201 + "a" + ")" * 201}, None, "F"),
    (14, {"query": 'dc.title = "sea'}, "11", "F"),
    (15, {"query": "nope.title = sea"}, "nope", "F"),
    (15, {"query": '> a = "urn:nope" a.title = sea'}, "urn:nope", "F"),
    (16, {"query": "dc.nothing = sea"}, "dc.nothing", "F"),
    (16, {"query": "sea sortBy dc.nothing"}, "dc.nothing", "F"),
    (16, {"scanClause": "dc.nothing = sea"}, "dc.nothing", "F"),
    (16, {"query": "sea", "facetLimit": "5:dc.nothing"}, "dc.nothing", "N"),
    (19, {"query": "dc.title near sea"}, "near", "F"),
    (19, {"scanClause": "dc.title > sea"}, ">", "F"),
    (20, {"query": "dc.title =/odd sea"}, "odd", "F"),
    (20, {"query": "dc.title =/phonetic sea"}, "phonetic", "F"),
    (20, {"query": "dc.note =/stem sea"}, "stem", "F"),
    (20, {"query": "dc.title =/stem/locale=tlh sea"}, "locale=tlh", "F"),
    (21, {"query": "dc.title =/masked/unmasked sea"}, "masked/unmasked", "F"),
    (21, {"query": "dc.title =/ignoreCase/respectCase sea"}, "ignoreCase/respectCase", "F"),
    (22, {"query": "dc.title < sea"}, "< dc.title", "F"),
    (22, {"query": 'dc.title within "a b"'}, "within dc.title", "F"),
    (23, {"query": "a" * 8193}, "8192", "F"),
    (23, {"query": f'dc.title = "{"sea " * 2049}"'}, "8192", "F"),
    (24, {"query": "dc.date =/fuzzy 1990"}, None, "F"),
    (26, {"query": "dc.title = se\\a"}, "a", "F"),
    (27, {"query": 'dc.title = ""'}, None, "F"),
    (27, {"query": 'dc.title = "  "'}, None, "F"),
    (27, {"query": "dc.title = ^"}, None, "F"),
    (28, {"query": "dc.date < 19?0"}, "?", "F"),
    (28, {"scanClause": "dc.title = se*"}, "*", "F"),
    (29, {"query": "dc.title = *"}, "1", "F"),
    (30, {"query": "dc.title = a" + "?" * 21}, "20", "F"),
    (31, {"query": "bath.isbn = ^9789401234561"}, None, "F"),
    (31, {"scanClause": "dc.title = ^sea"}, None, "F"),
    (32, {"query": "dc.title = se^a"}, "13", "F"),
    (32, {"query": "dc.title == ^sea"}, "12", "F"),
    (36, {"query": "dc.date = abc"}, None, "F"),
    (36, {"query": 'dc.title =/regexp "s(ea"'}, None, "F"),
    (36, {"query": "dc.date within 1990"}, None, "F"),
    (38, {"query": MANY}, "1000", "F"),
    (39, {"query": "(sea and frog) prox fish"}, None, "F"),
    (40, {"query": "sea prox/distance==3 frog"}, "==", "F"),
    (41, {"query": "sea prox/distance=x frog"}, "x", "F"),
    (41, {"query": "sea prox/distance<=100000 frog"}, "100000", "F"),
    (42, {"query": "sea prox/unit=sentence frog"}, "sentence", "F"),
    (43, {"query": "sea prox/ordered=1 frog"}, "1", "F"),
    (44, {"query": "sea prox/ordered/unordered frog"}, "ordered/unordered", "F"),
    (44, {"query": "dc.title = sea prox dc.creator = finn"}, "dc.title/dc.creator", "F"),
    (45, {"query": '> a = "info:srw/cql-context-set/1/dc-v1.1" > a = "urn:b" a.title = sea'}, "a", "F"),
    (46, {"query": "sea and/odd frog"}, "odd", "F"),
    (48, {"query": "a" + " and b or c" * 130}, None, "F"),
    (51, {"query": SET}, "nosuch", "F"),
    (61, {"query": "sea", "startRecord": "99"}, None, "F"),
    (66, {"query": "sea", "recordSchema": "nosuch"}, "nosuch", "F"),
    (67, {"query": "dc.title = sea", "recordSchema": "unimarcxml"}, "unimarcxml", "S"),
    (71, {"query": "sea", "recordXMLEscaping": "odd"}, "odd", "F"),
    (71, {"query": "sea", "version": "1.1", "recordPacking": "odd"}, "odd", "F"),
    (72, {"query": "sea", "version": "1.1", "recordXPath": "/record"}, None, "F"),
    (82, {"query": "sea sortBy dc.note"}, "dc.note", "F"),
    (82, {"query": "sea sortBy dc.title/ascending/descending"}, "ascending/descending", "F"),
    (84, {"query": "sea sortBy dc.title dc.date dc.creator dc.language rec.id dc.title"}, "5", "F"),
    (87, {"query": "sea", "sortKeys": "title,nosuch"}, "nosuch", "F"),
    (88, {"query": "sea", "sortKeys": "nosuch"}, "nosuch", "F"),
    (90, {"query": "sea", "sortKeys": "title,,2"}, "2", "F"),
    (91, {"query": "sea", "sortKeys": "title,,1,2"}, "2", "F"),
    (92, {"query": "sea", "sortKeys": "title,,1,0,odd"}, "odd", "F"),
    (93, {"query": "dc.title = sea sortBy dc.creator/missingFail"}, None, "F"),
    (94, {"query": "sea sortBy dc.title", "sortKeys": "title"}, None, "N"),
    (111, {"query": "sea", "stylesheet": "javascript:alert(1)"}, "javascript:alert(1)", "N"),
    (120, {"scanClause": "sea", "maximumTerms": "3", "responsePosition": "5"}, None, "F"),
]  # fmt: skip

ELSEWHERE = {
    1: "test_an_unexpected_mistake_is_500_and_1_without_internals",
    2: "test_an_engine_that_is_down_is_503_and_2",
    50: "test_without_sets_the_wish_is_ignored_and_the_index_is_50",
    59: "test_values_left_out_of_an_alphabet_are_told",
    235: "test_an_unknown_database_is_404_and_235",
}
"""Numbers whose cause is no parameter, and the tests of this folder that see them."""

NEVER = {
    3: "nobody has to say who they are to search", 236: "all databases are open",
    17: "deprecated, 16 is told", 25: "deprecated, 10 is told", 54: "deprecated", 56: "deprecated", 57: "deprecated", 62: "6 is told",
    63: "64 would be told", 81: "deprecated", 85: "the second of two equal keys changes nothing", 100: "deprecated", 101: "deprecated",
    102: "deprecated",
    18: "all indexes of a database go together", 33: "supported", 34: "supported", 35: "there are no stop words",
    37: "the grammar has no other operators: 10 or 19 is told", 47: "every CqlError has a number of its own",
    49: "masks may stand anywhere in a word", 52: "a result set is its own query, which is there or not (51)", 53: "as 50 and 4",
    55: "sets combine with everything", 58: "a part of an answer is no answer (2)", 60: "every result can be paged to its end",
    64: "records come with the hit", 65: "records come with the hit", 68: "records are open", 69: "records are open",
    70: "records have no limit of size", 73: "no XPath at all (72)", 74: "no XPath at all (72)", 80: "sorting is supported",
    83: "every result can be sorted", 86: "all records have the same sort keys", 89: "every schema has the same paths",
    95: "the query prevails (94)", 96: "the query prevails (94)", 110: "stylesheets are supported",
    121: "the number of terms is cut to the most that is sent",
}  # fmt: skip
"""Numbers that this server has no reason for."""


def test_every_number_has_a_row_or_a_reason() -> None:
    rows = {number for number, *_ in ROWS}
    assert rows | set(ELSEWHERE) | set(NEVER) == set(TEXT)
    assert not rows & set(NEVER)
    assert not rows & set(ELSEWHERE)
    assert not set(ELSEWHERE) & set(NEVER)


@pytest.mark.parametrize(
    ("number", "sent", "details", "kind"), ROWS, ids=[f"{number}-{'&'.join(sent.values())[:40]}" for number, sent, *_ in ROWS]
)
async def test_the_number_is_told_with_its_details(ask: Any, number: int, sent: dict[str, str], details: str | None, kind: str) -> None:
    answer = await ask(more=sent)
    assert answer.status == 200
    if kind == "S":
        data = answer.root.xpath("//*[local-name()='recordData']/*[local-name()='diagnostic']")
        told = [(int(one.findtext("{*}uri").rpartition("/")[2]), one.findtext("{*}details")) for one in data]
        assert set(told) == {(number, details)}
        assert len(told) == len(answer.texts("recordPosition"))
        assert answer.diagnostics == []
        return
    assert answer.numbers == [number]
    if details is not None:
        assert answer.diagnostics[0][1] == details
    records = answer.root.xpath("//*[local-name()='records' or local-name()='terms']")
    assert bool(records) == (kind == "N")
    block = answer.root.xpath("/*/*[local-name()='diagnostics']/*")[0]
    order = [child.tag.rpartition("}")[2] for child in block]
    assert order == [name for name in ("uri", "details", "message") if name in order]
    assert {"uri", "message"} <= set(order)


@pytest.mark.parametrize(
    ("version", "namespace"),
    [
        ("1.1", "http://www.loc.gov/zing/srw/diagnostic/"),
        ("1.2", "http://www.loc.gov/zing/srw/diagnostic/"),
        ("2.0", "http://docs.oasis-open.org/ns/search-ws/diagnostic"),
    ],
)
async def test_the_namespace_is_that_of_the_version(ask: Any, version: str, namespace: str) -> None:
    for sent in ({"query": "a and"}, {"scanClause": "dc.title > a"}, {"operation": "odd"}):
        answer = await ask(more=sent | {"version": version})
        (one,) = answer.root.xpath("/*/*[local-name()='diagnostics']/*")
        assert one.tag == f"{{{namespace}}}diagnostic"
        assert one[0].text.startswith("info:srw/diagnostic/1/")


async def test_several_diagnostics_are_told_together_with_the_fatal_one_first(ask: Any) -> None:
    answer = await ask(query="a and", colour="blue", stylesheet="data:x")
    assert answer.numbers[0] == 10
    assert set(answer.numbers) == {10, 8, 111}


@pytest.mark.parametrize("room_settings", [Settings.model_validate({"sru": {"result_set_s": 0}})])
async def test_result_sets_that_are_off_are_number_50(ask: Any) -> None:
    assert (await ask(query=SET)).numbers == [50]
