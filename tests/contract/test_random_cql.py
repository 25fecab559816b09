"""Random CQL over real records: text -> plan -> engine finds, sorts, counts and lists what the matcher does in plain Python.

A small number of queries runs with the suite. A long run, by hand:

    HYLLA_TEST_RANDOM_QUERIES=20000 HYLLA_TEST_RANDOM_RECORDS=4000 HYLLA_TEST_RANDOM_SEED=7 pytest tests/contract/test_random_cql.py

The seed and the query are in the message of a failure. With HYLLA_TEST_OPENSEARCH, OpenSearch is asked too.
"""

import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pytest
from opensearch_nodes import own_prefix

from cql.diagnostics import CqlError
from cql.indexes import Index, IndexTable
from cql.limits import Limits
from cql.matcher import compile_plan
from cql.parser import parse
from cql.plan import SortBy
from cql.planner import plan_query
from cql.scanning import plan_scan
from cql.tree import quoted
from indexer.document import Document
from indexer.engine import open_engine
from indexer.engine.opensearch import ClusterSettings
from indexer.engine.port import Engine, Hit, QueryTooExpensive, Window
from indexer.extract import Extractor
from indexer.fields import FieldTable, load_field_table
from indexer.marc import Read, SourceProfile, classify, leader_of_own_marcxml, parse_own_marcxml, read_file, to_marcxml
from indexer.record import Record
from server import errors
from server.catalogue import Catalogue, Database
from server.sru.faceting import count_facets, default_facets
from server.sru.facets import FacetsAsked
from server.stemming import spelled_out

SEED = int(os.environ.get("HYLLA_TEST_RANDOM_SEED", "1"))
QUERIES = int(os.environ.get("HYLLA_TEST_RANDOM_QUERIES", "150"))
RECORDS = int(os.environ.get("HYLLA_TEST_RANDOM_RECORDS", "500"))
FOLDERS = ("marc21", "unimarc", "marc8", "holdings", "edge")
pytestmark = pytest.mark.timeout(0 if QUERIES > 1000 else 300)
SPECIAL = set('*?^\\"')
STEMS = ("=/stem", "any/stem", "all/stem/locale=sv", "=/stem/locale=de", "any/stem/locale=nl", "<>/stem/locale=fr")
Lists = Literal["words", "values"]


@dataclass(frozen=True)
class Library:
    """Documents of real records, and what random queries are made of."""

    documents: list[Document]
    indexes: IndexTable

    @cached_property
    def searchable(self) -> list[Index]:
        return [one for one in self.indexes.indexes() if one.fields]

    @cached_property
    def words(self) -> dict[str, list[str]]:
        """Text field -> occurrences as lists of words would be in a query: the tokens of the documents."""
        found: dict[str, list[str]] = {}
        for one in self.documents:
            for name, occurrences in one.text.items():
                found.setdefault(name, []).extend(occurrences)
        return found

    @cached_property
    def values(self) -> dict[str, list[str]]:
        """Field -> whole values as people see them."""
        found: dict[str, list[str]] = {}
        for one in self.documents:
            for name, keys in one.keys.items():
                shown = one.shown.get(name, {})
                found.setdefault(name, []).extend(shown.get(key, key) for key in keys)
            for name, numbers in one.numbers.items():
                found.setdefault(name, []).extend(str(number) for number in numbers)
        return found


def documents_of(folder: Path, table: FieldTable, count: int) -> list[Document]:
    """Up to `count` documents, the same number of every file as far as it has them, so that every cataloguing habit is there."""
    extractor = Extractor(table, current_year=2026)
    files = sorted(
        path for name in FOLDERS for path in (folder / "marc" / name).rglob("*") if path.suffix in {".mrc", ".xml", ".gz", ".dat"}
    )
    share = max(count // max(len(files), 1), 5)
    documents: list[Document] = []
    for path in files:
        taken = 0
        for item in read_file(path, SourceProfile()):
            if taken == share or len(documents) == count:
                break
            if isinstance(item, Read) and item.record.kind == "bibliographic":
                number = len(documents)
                stamp = datetime(2020 + number % 5, 1, 1 + number % 28, tzinfo=UTC)
                stored = {"marcxml": to_marcxml(item.record)}
                own = item.record.control("001").strip()
                made = extractor.document(item.record, f"r{number:06d}", number + 1, stamp, control_number=own, stored=stored)
                documents.append(made)
                taken += 1
    return documents


class Asker:
    """Makes random queries that find something more often than not."""

    def __init__(self, library: Library, chance: random.Random) -> None:
        self.library = library
        self.chance = chance

    def query(self) -> str:
        """A query, a third of them with sort keys."""
        text = self.boolean(self.chance.choice((0, 0, 1, 1, 2, 3)))
        if self.chance.random() < 0.35:
            keys = self.chance.sample([one for one in self.library.searchable if one.sort], self.chance.choice((1, 1, 2, 3)))
            text += " sortBy " + " ".join(one.name + self.sort_modifiers(one) for one in keys)
        return text

    def sort_modifiers(self, index: Index) -> str:
        missing = ["", "", "/missingLow", "/missingHigh", "/missingOmit"]
        values = self.library.values.get(index.fields[0].name)
        if values:
            missing.append(f"/missingValue={quoted(self.escaped(self.chance.choice(values)))}")
        return self.chance.choice(("", "/ascending", "/sort.descending")) + self.chance.choice(missing)

    def boolean(self, depth: int) -> str:
        if not depth:
            return self.clause(self.chance.choice(self.library.searchable))
        if self.chance.random() < 0.15:
            return self.prox()
        operator = self.chance.choice(("and", "or", "or", "not"))
        right = self.boolean(depth - 1)
        return f"({self.boolean(depth - 1)}) {operator} ({right})"

    def prox(self) -> str:
        index = self.chance.choice([one for one in self.library.searchable if any(own.kind == "text" for own in one.fields)])
        field = self.chance.choice([own.name for own in index.fields if own.kind == "text"])
        words = self.chance.choice(self.library.words.get(field, ["a b c"])).split(" ")
        left, right = self.chance.choice(words), self.chance.choice(words)
        modifiers = self.chance.choice(
            ("", "/distance<=3", "/distance>1", "/unit=element", "/unit=word/distance<5/ordered", "/distance=2", "/ordered", "/distance<>1")
        )
        relation = self.chance.choice(("=", "=", "=/stem"))
        return f"{index.name} {relation} {quoted(left)} prox{modifiers} {index.name} {relation} {quoted(right)}"

    def clause(self, index: Index) -> str:
        field = self.chance.choice(index.fields)
        relation, term = self.worded(field.name) if field.kind == "text" and self.chance.random() < 0.8 else self.valued(index, field.name)
        return f"{index.name} {relation} {quoted(term)}"

    def worded(self, field: str) -> tuple[str, str]:
        """Relation and term for words."""
        words = self.chance.choice(self.library.words.get(field, ["nothing"])).split(" ")
        start = self.chance.randrange(len(words))
        some = words[start : start + self.chance.choice((1, 1, 1, 2, 3))]
        if self.chance.random() < 0.3:
            some = [self.masked(word) if self.chance.random() < 0.6 else word for word in some]
        term = " ".join(some)
        if self.chance.random() < 0.1:
            term = f"^{term}" if self.chance.random() < 0.6 else f"{term}^"
        relation = self.chance.choice(("=", "=", "adj", "any", "all", "==", "<>", "=/fuzzy", "any/relevant", "=/string", *STEMS))
        if self.chance.random() < 0.05:
            return "=/regexp", self.expression(words[start])
        return relation, term

    def valued(self, index: Index, field: str) -> tuple[str, str]:
        """Relation and term for whole values, numbers and dates."""
        value = self.chance.choice(self.library.values.get(field, ["1999"]))
        if index.kind in {"number", "date"}:
            other = self.chance.choice(self.library.values.get(field, ["1999"]))
            if len(value) == 8 and index.kind == "date":
                value, other = (f"{one[:4]}-{one[4:6]}-{one[6:]}" if self.chance.random() < 0.5 else one[:4] for one in (value, other))
            relation = self.chance.choice(("=", "<", ">", "<=", ">=", "<>", "any", "within", "encloses"))
            return relation, " ".join(sorted((value, other))) if relation == "within" else value
        term = self.escaped(value)
        if self.chance.random() < 0.3 and len(value) > 2:
            term = self.masked(value)
        return self.chance.choice(("=", "==", "==", "any", "all", "<>")), term

    def masked(self, word: str) -> str:
        """The word with some characters masked."""
        place = self.chance.randrange(len(word))
        kind = self.chance.choice(("*", "*", "?", "*x"))
        if kind == "?":
            return self.escaped(word[:place]) + "?" + self.escaped(word[place + 1 :])
        if kind == "*":
            return self.escaped(word[: max(place, 1)]) + "*"
        return "*" + self.escaped(word[place:])

    def expression(self, word: str) -> str:
        """A regular expression that matches the word, if it has only letters and digits."""
        if not word.isalnum():
            return "a.*"
        place = self.chance.randrange(len(word))
        return word[:place] + self.chance.choice((".", ".*", "[a-z0-9]", f"({word[place]}|x)")) + word[place + 1 :]

    def escaped(self, text: str) -> str:
        return "".join(f"\\{one}" if one in SPECIAL - {'"'} else one for one in text)


def in_order(documents: Sequence[Document], sort: Sequence[SortBy]) -> list[str]:
    """Ids in the order of sort keys, ties by id."""
    ordered = sorted(documents, key=lambda one: one.id)
    for key in reversed(sort):
        value = {one.id: one.sorts.get(key.field) or key.missing_value or "" for one in ordered}
        known = sorted((one for one in ordered if value[one.id]), key=lambda one: value[one.id], reverse=key.descending)
        missing = [one for one in ordered if not value[one.id]]
        ordered = missing + known if key.missing == "first" else known + missing
    return [one.id for one in ordered]


def terms_of(document: Document, fields: Sequence[str], list_: Lists) -> tuple[set[str], set[str]]:
    """Terms of a document in a browse list: those that stand in the list, and those that are found besides (joined forms)."""
    if list_ == "values":
        return {value for name in fields for value in (*document.keys.get(name, ()), *map(str, document.numbers.get(name, ())))}, set()
    words = {word for name in fields for text in document.text.get(name, ()) for word in text.split(" ")}
    variants = {form for name in fields for form in document.variants.get(name, ())}
    return words | {form for form in variants if not form.isalnum()}, variants


@pytest.fixture(scope="module")
def table() -> FieldTable:
    return load_field_table()


@pytest.fixture(scope="module")
def library(table: FieldTable, shared_data: Path) -> Library:
    return Library(documents_of(shared_data, table, RECORDS), table.index_table("biblios"))


Opened = Callable[[], Awaitable[Engine]]


@pytest.fixture(scope="module", params=["embedded", "opensearch"])
def open_filled(request: Any, library: Library, table: FieldTable, tmp_path_factory: Any) -> Iterator[Opened]:
    """Opens an engine with the library in it, which is written once."""
    extractor = Extractor(table, current_year=2026)

    def words(hit: Hit, field: str) -> list[str]:
        marcxml = hit.stored["marcxml"]
        record = Record(leader_of_own_marcxml(marcxml), parse_own_marcxml(marcxml))
        classify(record, SourceProfile())
        number = record.control("001").strip()
        return [" ".join(tokens) for tokens in extractor.extract_field(record, field, record_id=hit.id, control_number=number)]

    def opener(location: Any) -> Opened:
        written = [False]

        async def opened() -> Engine:
            engine = open_engine(request.param, location, table.collection("biblios"), writable=True, extract_field=words)
            if not written[0]:
                for start in range(0, len(library.documents), 400):
                    await engine.write(library.documents[start : start + 400])
                    await engine.commit(start + 1)
                written[0] = True
            return engine

        return opened

    if request.param == "embedded":
        yield opener(tmp_path_factory.mktemp("random"))
        return
    if "HYLLA_TEST_OPENSEARCH" not in os.environ:
        pytest.skip("random CQL is asked of OpenSearch when HYLLA_TEST_OPENSEARCH names one")
    url = os.environ["HYLLA_TEST_OPENSEARCH"]
    with own_prefix(url) as prefix:
        yield opener(ClusterSettings(url=url, prefix=prefix))


def planned_queries(library: Library, seed: int, count: int) -> Iterator[tuple[str, Any]]:
    """Queries that mean something, with their plans."""
    asker = Asker(library, random.Random(seed))
    made = 0
    while made < count:
        text = asker.query()
        try:
            planned = plan_query(parse(text), library.indexes)
        except CqlError:
            continue
        made += 1
        yield text, planned


async def test_hits_and_orders_are_those_of_the_matcher(open_filled: Opened, library: Library) -> None:
    engine = await open_filled()
    wrong: list[Any] = []
    found_something = too_expensive = stems = 0
    chance = random.Random(SEED)
    for text, planned in planned_queries(library, SEED, QUERIES):
        decide = compile_plan(planned.plan)
        want = [one for one in library.documents if decide(one)]
        found_something += bool(want)
        try:
            plan = await spelled_out(planned.plan, lambda fields, start, count: engine.scan(fields, "words", start, 0, count))
            page = await engine.search(plan, Window(1, len(library.documents)), planned.sort, stored=())
        except (QueryTooExpensive, errors.QueryTooExpensive):
            too_expensive += 1
            continue
        stems += plan is not planned.plan
        ids = [hit.id for hit in page.hits]
        if (
            page.total != len(want)
            or sorted(ids) != sorted(one.id for one in want)
            or (planned.sort and ids != in_order(want, planned.sort))
        ):
            wrong.append((text, page.total, len(want), sorted(set(ids) ^ {one.id for one in want})[:5]))
        elif len(ids) > 3:
            start = chance.randrange(1, len(ids))
            part = await engine.search(plan, Window(start, 7), planned.sort, stored=())
            if [hit.id for hit in part.hits] != ids[start - 1 : start + 6]:
                wrong.append((text, "page", start))
    await engine.close()
    assert not wrong, (SEED, len(wrong), wrong[:10])
    assert found_something > QUERIES // 3
    assert too_expensive <= QUERIES // 100
    assert stems >= QUERIES // 20


async def test_facets_count_what_the_matcher_does_and_what_their_queries_find(open_filled: Opened, library: Library) -> None:
    engine = await open_filled()
    catalogue = Catalogue({"biblios": Database("biblios", engine, library.indexes)}, Limits(), 30.0)
    names = [index.name for index in library.searchable if index.facet]
    wrong: list[Any] = []
    chance = random.Random(SEED)
    for text, planned in planned_queries(library, SEED + 1, max(QUERIES // 15, 5)):
        decide = compile_plan(planned.plan)
        want = [one for one in library.documents if decide(one)]
        asked = FacetsAsked(limits=dict.fromkeys([*default_facets(library.indexes), *chance.sample(names, 3)], 40))
        facets, complaints = await count_facets(catalogue, "biblios", catalogue.understand("biblios", text), asked)
        assert not complaints
        for facet in facets:
            field = library.indexes.by_name[facet.index.lower()].facet
            counts = Counter(value for one in want for value in terms_of(one, [field], "values")[0])
            if [term.count for term in facet.terms] != sorted(counts.values(), reverse=True)[:40]:
                wrong.append((text, facet.index, [(term.term, term.count) for term in facet.terms][:5], counts.most_common(5)))
            for term in chance.sample(facet.terms, min(len(facet.terms), 8)):
                hits = await catalogue.count("biblios", catalogue.understand("biblios", term.query).planned.plan)
                if hits != term.count:
                    wrong.append((term.query, hits, term.count))
    await engine.close()
    assert not wrong, (SEED + 1, len(wrong), wrong[:10])


async def test_browse_lists_are_those_of_the_documents(open_filled: Opened, library: Library) -> None:
    engine = await open_filled()
    chance = random.Random(SEED)
    wrong: list[Any] = []
    lists: dict[tuple[tuple[str, ...], str], Any] = {}
    for _ in range(max(QUERIES // 5, 10)):
        index = chance.choice([one for one in library.searchable if one.scan])
        relation = chance.choice(["=" if list_ == "words" and index.kind == "text" else "==" for list_ in sorted(index.scan)])
        values = library.values.get(index.fields[0].name, [""])
        term = "" if chance.random() < 0.2 else Asker(library, chance).escaped(chance.choice(values))
        try:
            plan = plan_scan(parse(f"{index.name} {relation} {quoted(term)}"), library.indexes)
        except CqlError:
            continue
        key = (plan.fields, plan.list_)
        if key not in lists:
            counts: Counter[str] = Counter()
            listed: set[str] = set()
            for one in library.documents:
                own, besides = terms_of(one, plan.fields, plan.list_)
                counts.update(own | besides)
                listed |= own
            lists[key] = counts, sorted(listed)
        counts, terms = lists[key]
        before, count = chance.randrange(5), chance.randrange(1, 30)
        page = await engine.scan(plan.fields, plan.list_, plan.start, before, count)
        at = next((place for place, value in enumerate(terms) if value >= plan.start), len(terms))
        low, high = max(at - before, 0), at + count
        want = [(value, counts[value]) for value in terms[low:high]]
        if [(one.value, one.count) for one in page.terms] != want or (page.at_start, page.at_end) != (low == 0, high >= len(terms)):
            found = [(one.value, one.count) for one in page.terms]
            wrong.append((index.name, plan.list_, plan.start, page.at_start, page.at_end, sorted({*found} ^ {*want})[:5]))
    await engine.close()
    assert not wrong, (SEED, len(wrong), wrong[:10])
