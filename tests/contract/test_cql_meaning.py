"""What CQL means, over the shipped field table: both engines and the matcher give the expected records (sru-cql.md 14)."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from opensearch_nodes import own_prefix

from cql.diagnostics import CqlError
from cql.indexes import IndexTable
from cql.matcher import matches
from cql.parser import parse
from cql.planner import plan_query
from indexer.document import Document
from indexer.engine import open_engine
from indexer.engine.opensearch import ClusterSettings
from indexer.engine.port import Engine, Window
from indexer.fields import FieldTable, load_field_table
from indexer.plain_values import document_from_values

FIELD_OF = {
    "title": "title",
    "creator": "author",
    "subject": "subject",
    "date": "year",
    "language": "language",
    "isbn": "isbn",
    "series": "title_series",
    "description": "abstract",
}


@pytest.fixture(scope="module")
def table() -> FieldTable:
    return load_field_table()


@pytest.fixture(scope="module")
def indexes(table: FieldTable) -> IndexTable:
    return table.index_table("biblios")


@pytest.fixture(scope="module")
def documents(table: FieldTable, shared_data: Path) -> list[Document]:
    given = json.loads((shared_data / "cql" / "semantics-docs.json").read_text("utf-8"))["documents"]
    return [
        document_from_values(table, one["id"], {FIELD_OF[name]: values for name, values in one.items() if name != "id"}) for one in given
    ]


@pytest.fixture(params=["embedded", "opensearch"])
def location(request: Any, tmp_path: Path) -> Iterator[tuple[str, Any]]:
    """Kind of engine, and a place of the test's own."""
    if request.param == "embedded":
        yield request.param, tmp_path
        return
    url = request.getfixturevalue("opensearch_url")
    with own_prefix(url) as prefix:
        yield request.param, ClusterSettings(url=url, prefix=prefix)


@pytest.fixture
async def engine(location: tuple[str, Any], table: FieldTable, documents: list[Document]) -> AsyncIterator[Engine]:
    texts = {one.id.encode(): one.text for one in documents}
    for one in documents:
        one.stored = {"marcxml": one.id.encode()}  # stands for the record, which the engine may ask about by `extract_field`
    made = open_engine(
        *location,
        table.collection("biblios"),
        writable=True,
        extract_field=lambda hit, field: texts[hit.stored["marcxml"]].get(field, []),
    )
    await made.write(documents)
    await made.commit(1)
    yield made
    await made.close()


def lines(shared_data: Path, name: str) -> Iterator[dict[str, Any]]:
    for line in (shared_data / "cql" / name).read_text("utf-8").splitlines():
        yield json.loads(line)


async def test_every_query_finds_what_it_must(engine: Engine, documents: list[Document], indexes: IndexTable, shared_data: Path) -> None:
    wrong = []
    for case in lines(shared_data, "semantics.jsonl"):
        plan = plan_query(parse(case["query"]), indexes).plan
        by_engine = sorted(hit.id for hit in (await engine.search(plan, Window(1, 100), stored=())).hits)
        by_matcher = sorted(one.id for one in documents if matches(plan, one))
        if not by_engine == by_matcher == sorted(case["hits"]):
            wrong.append((case["id"], case["query"], sorted(case["hits"]), by_engine, by_matcher))
    assert not wrong


async def test_what_makes_no_sense_is_refused_with_its_number(indexes: IndexTable, shared_data: Path) -> None:
    wrong = []
    for case in lines(shared_data, "invalid.jsonl"):
        if case["level"] != "semantic":
            continue
        try:
            plan_query(parse(case["query"]), indexes)
            wrong.append((case["id"], case["query"], "accepted"))
        except CqlError as error:
            if error.number not in {case["diag"], *case["also"]}:
                wrong.append((case["id"], case["query"], error.number))
    assert not wrong


async def test_and_or_not_are_set_operations(engine: Engine, indexes: IndexTable) -> None:
    async def count(query: str) -> int:
        return await engine.count(plan_query(parse(query), indexes).plan)

    clauses = ["sea", 'dc.title any "cat hat"', "dc.date > 1990", "dc.language <> eng", "dc.creator = ferrari", "wom?n", "cql.allRecords=1"]
    for a in clauses:
        for b in clauses:
            both, left, right = await count(f"({a}) and ({b})"), await count(a), await count(b)
            assert both + await count(f"({a}) not ({b})") == left
            assert await count(f"({a}) or ({b})") == left + right - both
