"""Sorting on indexes with several values (sru-cql.md 9.1): ascending by the smallest, descending by the largest, in both engines."""

import random
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from opensearch_nodes import own_prefix

from cql.limits import Limits
from cql.parser import parse
from cql.plan import Everything, SortBy
from cql.planner import plan_query
from cql.sorting import plan_sort_keys
from indexer.engine import open_engine
from indexer.engine.opensearch import ClusterSettings
from indexer.engine.port import Engine, Window
from indexer.fields import FieldTable, load_field_table
from indexer.plain_values import document_from_values

TABLE = """
replace: true
fields:
  title: {type: text, cql: [dc.title], sort: true, sort_joined: true, marc21: ["245(a)"]}
  author: {type: text, cql: [dc.creator], sort: true, scan: true, marc21: ["100(a)", "700(a)"]}
  subject: {type: keyword, cql: [dc.subject], sort: true, marc21: ["650(a)"]}
  year: {type: number, unit: year, cql: [dc.date], sort: true, marc21: ["264c"]}
  day: {type: date, cql: [koha.acqdate], sort: true, marc21: ["952d"]}
  language: {type: code, cql: [dc.language], sort: true, source: languages}
  heading: {type: text, cql: [koha.Heading], sort: subject, marc21: ["650(a)"]}
"""
VALUES = {
    "title": ["Sea", "The winds", "aft"],
    "author": ["Åkesson, Eva", "Berg, Bo", "berg, Åke", "Curie, Marie", "Zola", "An author whose name is longer than all sort columns"],
    "subject": ["Winds", "Sea 9", "Sea 10", "Östersjön", "reefs", "Reefs and islands of the southern sea, with a very long heading"],
    "year": [-44, 950, 1951, 1999, 2004, 2021],
    "day": [20190101, 20191231, 20200102, 20260704],
    "language": ["swe", "eng", "fre"],
}
INDEX = {"title": "dc.title", "author": "dc.creator", "subject": "dc.subject", "year": "dc.date", "day": "koha.acqdate"}
INDEX |= {"language": "dc.language"}
COUNT = 140


@pytest.fixture(scope="module")
def table() -> FieldTable:
    return load_field_table(text=TABLE)


@pytest.fixture(scope="module")
def records() -> dict[str, dict[str, list[Any]]]:
    """Record id -> field -> values in any order; many have several, some none."""
    chance = random.Random(9)

    def some(values: Sequence[Any]) -> list[Any]:
        return chance.sample(values, chance.choice((0, 1, 1, 2, 3)))

    made = {f"r{number:03d}": {name: found for name in VALUES if (found := some(VALUES[name]))} for number in range(COUNT)}
    return dict(chance.sample(sorted(made.items()), COUNT))


@pytest.fixture(params=["embedded", "opensearch"])
async def engine(request: Any, table: FieldTable, records: dict[str, dict[str, list[Any]]], tmp_path: Path) -> AsyncIterator[Engine]:
    documents = [document_from_values(table, record_id, values) for record_id, values in records.items()]

    async def filled(location: Any) -> Engine:
        engine = open_engine(request.param, location, table.collection("biblios"), writable=True)
        for start in (0, 60):
            await engine.write(documents[start : start + 80])
            await engine.commit(start + 1)
        return engine

    if request.param == "embedded":
        made = await filled(tmp_path)
        yield made
        await made.close()
        return
    url = request.getfixturevalue("opensearch_url")
    with own_prefix(url) as prefix:
        made = await filled(ClusterSettings(url=url, prefix=prefix))
        yield made
        await made.close()


def comparable(table: FieldTable, name: str, values: Sequence[Any]) -> list[Any]:
    """What counts of values when they are compared: numbers themselves, titles as one, other words folded."""
    if name in {"year", "day", "language"}:
        return list(values)
    return [table.analyser.sort_key(value) for value in ([" ".join(values)] if name == "title" else values)]


def expected(
    table: FieldTable, records: dict[str, dict[str, list[Any]]], name: str, descending: bool, missing: str = "", stand_in: Any = None
) -> list[str]:
    """Ids in the order of the spec, ties by id, without looking at any sort key of ours."""
    choose = max if descending else min
    found = {
        record_id: choose(comparable(table, name, values[name])) if name in values else stand_in
        for record_id, values in sorted(records.items())
    }
    known = sorted((one for one in found if found[one] is not None), key=lambda one: found[one], reverse=descending)
    without = [one for one in found if found[one] is None]
    if missing == "missingOmit":
        return known
    return [*without, *known] if missing == ("missingHigh" if descending else "missingLow") else [*known, *without]


async def listed(engine: Engine, table: FieldTable, query: str, size: int) -> list[str]:
    """Ids of all hits, taken page by page."""
    planned = plan_query(parse(query), table.index_table("biblios"))
    ids: list[str] = []
    for start in range(1, COUNT + 1, size):
        ids += [hit.id for hit in (await engine.search(planned.plan, Window(start, size), planned.sort, stored=())).hits]
    return ids


@pytest.mark.parametrize("direction", ["", "/ascending", "/sort.descending"])
@pytest.mark.parametrize("name", list(VALUES))
async def test_the_smallest_value_counts_upwards_and_the_largest_downwards(
    engine: Engine, table: FieldTable, records: dict[str, dict[str, list[Any]]], name: str, direction: str
) -> None:
    for missing in ("", "missingLow", "missingHigh", "missingOmit"):
        query = f"cql.allRecords = 1 sortBy {INDEX[name]}{direction}{missing and f'/{missing}'}"
        want = expected(table, records, name, "desc" in direction, missing)
        for size in (7, 50, COUNT):
            assert await listed(engine, table, query, size) == want


@pytest.mark.parametrize("direction", ["", "/descending"])
@pytest.mark.parametrize(
    ("name", "given", "stand_in"), [("year", "1990", 1990), ("author", "berg bo", "berg bo"), ("day", "2019-12-31", 20191231)]
)
async def test_what_stands_in_for_a_missing_value_is_compared_with_the_same_ones(
    engine: Engine, table: FieldTable, records: dict[str, dict[str, list[Any]]], name: str, given: str, stand_in: Any, direction: str
) -> None:
    query = f'cql.allRecords = 1 sortBy {INDEX[name]}{direction}/missingValue="{given}"'
    want = expected(table, records, name, bool(direction), stand_in=stand_in)
    for size in (7, COUNT):
        assert await listed(engine, table, query, size) == want


async def test_the_second_key_orders_what_ties_in_its_own_direction(
    engine: Engine, table: FieldTable, records: dict[str, dict[str, list[Any]]]
) -> None:
    languages, years = expected(table, records, "language", True), expected(table, records, "year", False)
    largest = {one: max(values["language"]) if "language" in values else "" for one, values in records.items()}
    want = sorted(years, key=lambda one: largest[one], reverse=True)
    assert [largest[one] for one in want] == [largest[one] for one in languages]
    for size in (7, COUNT):
        assert await listed(engine, table, "cql.allRecords = 1 sortBy dc.language/descending dc.date", size) == want


async def test_sort_keys_mean_the_same_as_sort_by(engine: Engine, table: FieldTable, records: dict[str, dict[str, list[Any]]]) -> None:
    for keys, descending in (("dc.subject", False), ("dc.subject,,0", True)):
        sorting = plan_sort_keys(keys, table.index_table("biblios"), Limits())
        page = await engine.search(Everything(), Window(1, COUNT), sorting.keys, stored=())
        assert [hit.id for hit in page.hits] == expected(table, records, "subject", descending)


@pytest.mark.parametrize(
    ("keys", "fields"),
    [
        ("dc.creator", ["author_sort"]),
        ("dc.date dc.creator", ["year", "author_sort"]),
        ("dc.creator dc.date", ["author_name_sort", "year"]),
        ("dc.creator/descending dc.date dc.title", ["author_name_sort", "year", "title_sort"]),
        ("dc.creator dc.creator/descending", ["author_sort"]),
    ],
)
def test_behind_a_name_the_next_key_decides_and_not_the_title(keys: str, fields: list[str]) -> None:
    """Section 9.1, keys from major to minor: the sort key of an author has the title in it (indexing.md 4.2) only as the last one."""
    planned = plan_query(parse(f"cql.allRecords = 1 sortBy {keys}"), load_field_table().index_table("biblios"))
    assert [key.field for key in planned.sort] == fields


@pytest.mark.parametrize(
    ("key", "field"),
    [
        ("dc.subject", "subject"),
        ("dc.subject/descending", "subject-highest"),
        ("dc.date/descending", "year-highest"),
        ("dc.title/descending", "title"),
        ("koha.Heading", "subject"),
        ("koha.Heading/descending", "subject-highest"),
    ],
)
def test_a_direction_has_a_sort_field_where_values_repeat(table: FieldTable, key: str, field: str) -> None:
    planned = plan_query(parse(f"cql.allRecords = 1 sortBy {key}"), table.index_table("biblios"))
    assert planned.sort == (SortBy(field, descending="descending" in key),)


def test_the_shipped_table_has_one_key_for_titles_main_headings_and_years() -> None:
    table = load_field_table()
    indexes = table.index_table("biblios").by_name
    assert {name for name in ("dc.title", "dc.creator", "dc.date", "rec.id") if indexes[name].sort_highest} == set()
    assert indexes["dc.language"].sort_highest == "language-highest"
    assert not any(index.sort_highest for index in table.index_table("authorities").indexes())
