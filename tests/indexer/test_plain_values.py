"""Documents of plain values by a small table of their own, searched with real plans."""

import json
from pathlib import Path

import pytest

from cql.matcher import compile_plan
from cql.parser import parse
from cql.planner import plan_query
from indexer.fields import load_field_table
from indexer.plain_values import document_from_values

TABLE = load_field_table(
    text="""
replace: true
aliases:
  cql.serverChoice: cql.anywhere
  cql.allIndexes: cql.anywhere
  cql.anyIndexes: cql.anywhere
  cql.keywords: cql.anywhere
  rec.id: rec.identifier
fields:
  title: {type: text, cql: [dc.title], scan: true, sort: true}
  creator: {type: text, cql: [dc.creator], scan: true, sort: true}
  subject: {type: text, cql: [dc.subject], scan: true}
  description: {type: text, cql: [dc.description]}
  series: {type: text}
  date: {type: number, unit: year, cql: [dc.date], scan: values, sort: true}
  language: {type: code, cql: [dc.language], normalise: language, scan: values, sort: true}
  isbn: {type: identifier, cql: [bath.isbn], normalise: isbn}
  id: {type: identifier, cql: [rec.identifier], normalise: verbatim, sort: true, source: record_id}
  anywhere: {type: text, cql: [cql.anywhere]}
"""
)


def test_values_go_through_folding_twins_and_normalisation():
    document = document_from_values(
        TABLE, "d7", {"title": ["Les récifs"], "date": [1998, 2001], "isbn": ["0-306-40615-2"], "language": ["svenska"]}
    )
    assert document.text == {"title": ["les recifs"], "anywhere": ["d7", "les recifs", "0 306 40615 2"]}
    assert document.keys == {"title": ["les recifs"], "language": ["swe"], "isbn": ["9780306406157", "0306406152"], "id": ["d7"]}
    assert document.shown["title"] == {"les recifs": "Les récifs"}
    assert document.numbers == {"date": [1998, 2001]}
    title, language = "les recifs", "swe"
    assert document.sorts == {
        "title": title, "title-highest": title, "date": "000000001998", "date-highest": "000000002001",
        "language": language, "language-highest": language, "id": "d7",
    }  # fmt: skip
    assert document.variants == {"anywhere": ["0306406152", "9780306406157"]}


def test_an_unknown_field_is_refused():
    with pytest.raises(KeyError):
        document_from_values(TABLE, "d1", {"titel": ["x"]})


def test_every_query_of_the_tiny_collection_finds_its_records(shared_data: Path):
    told = json.loads((shared_data / "cql" / "semantics-docs.json").read_text("utf-8"))["documents"]
    documents = [document_from_values(TABLE, one["id"], {name: value for name, value in one.items() if name != "id"}) for one in told]
    lines = (shared_data / "cql" / "semantics.jsonl").read_text("utf-8").splitlines()
    wrong = []
    for case in map(json.loads, lines):
        decide = compile_plan(plan_query(parse(case["query"]), TABLE.index_table("biblios")).plan)
        hits = [document.id for document in documents if decide(document)]
        if hits != sorted(case["hits"]):
            wrong.append((case["id"], case["query"], hits, case["hits"]))
    assert not wrong
    assert len(lines) >= 95
