"""A small library behind the SRU room: real documents of the shipped field table in an engine made of plain Python."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from lxml import etree

from cql.indexes import IndexTable
from cql.limits import Limits
from cql.matcher import compile_plan
from cql.plan import Plan, SortBy
from indexer.document import Document
from indexer.engine.port import Deletion, EngineUnavailable, FacetCount, Hit, Page, Readiness, ScanPage, ScanTerm, Window
from indexer.extract import Extractor
from indexer.fields import FieldTable, load_field_table
from indexer.marc import to_marcxml
from indexer.record import SUBFIELD, Record
from server.auth.secrets import Secrets
from server.catalogue import Catalogue, Database
from server.middleware import compress
from server.records.conversion import Converter
from server.rooms import SECRETS, SETTINGS, open_room
from server.serve import LONGEST_LINE
from server.settings import Settings
from server.sru.routes import ROOM, open_desk

HERE = Path(__file__).parent


@dataclass
class MemoryEngine:
    """The engine port over a list of documents, by `cql.matcher`. `broken`: every call fails as if the engine were down."""

    documents: list[Document] = field(default_factory=list)
    broken: bool = False
    calls: Counter[str] = field(default_factory=Counter)

    def _live(self, plan: Plan, call: str) -> list[Document]:
        self.calls[call] += 1
        if self.broken:
            raise EngineUnavailable("the node at 10.1.2.3 is down")
        decide = compile_plan(plan)
        return [one for one in self.documents if not one.hidden and decide(one)]

    async def search(self, plan: Plan, window: Window, sort: Sequence[SortBy] = (), stored: Sequence[str] = ("marcxml",)) -> Page:
        found = sorted(self._live(plan, "search"), key=lambda one: one.id)
        for key in reversed(sort):
            if key.field != "relevance":
                found = _sorted(found, key)
        stretch = found[window.start - 1 : window.start - 1 + window.count]
        return Page(len(found), tuple(_hit(one, stored) for one in stretch))

    async def count(self, plan: Plan) -> int:
        return len(self._live(plan, "count"))

    async def scan(self, fields: Sequence[str], list_: Literal["words", "values"], start: str, before: int, count: int) -> ScanPage:
        if self.broken:
            raise EngineUnavailable("the node at 10.1.2.3 is down")
        counts: Counter[str] = Counter()
        shown: dict[str, str] = {}
        listed: set[str] = set()
        for one in self.documents:
            if not one.hidden:
                found = {value for name in fields for value in _terms(one, name, list_)}
                counts.update(found)
                # Joined forms (oneill) are found but not listed; names with punctuation (c++) are.
                joined = {form for name in fields for form in one.variants.get(name, ()) if form.isalnum()}
                listed |= found - joined | {word for name in fields for text in one.text.get(name, ()) for word in text.split(" ")}
            for name in fields if list_ == "values" else ():
                shown |= one.shown.get(name, {})
        terms = [ScanTerm(value, shown.get(value, value), counts[value]) for value in sorted(listed if list_ == "words" else counts)]
        at = next((place for place, term in enumerate(terms) if term.value >= start), len(terms))
        low, high = max(at - before, 0), at + count
        return ScanPage(tuple(terms[low:high]), low == 0, high >= len(terms))

    async def facets(self, plan: Plan, fields: Sequence[str], size: int) -> dict[str, list[FacetCount]]:
        found = self._live(plan, "facets")
        result: dict[str, list[FacetCount]] = {}
        for name in fields:
            counts: Counter[str] = Counter()
            shown: dict[str, str] = {}
            for one in found:
                counts.update(set(one.keys.get(name, ())) | {str(number) for number in one.numbers.get(name, ())})
                shown |= one.shown.get(name, {})
            ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:size]
            result[name] = [FacetCount(value, shown.get(value, value), count) for value, count in ordered]
        return result

    async def spelled(self, plan: Plan) -> str:
        return f"in memory: {plan}"

    async def get(self, record_id: str, stored: Sequence[str] = ("marcxml",)) -> Hit | None:
        return next((_hit(one, stored) for one in self.documents if one.id == record_id and not one.hidden), None)

    async def write(self, batch: Sequence[Document | Deletion]) -> None:
        self.documents += [one for one in batch if isinstance(one, Document)]

    async def commit(self, change: int) -> dict[str, str]:
        return {}

    async def confirmed(self) -> int:
        return 0

    async def ready(self) -> Readiness:
        if self.broken:
            raise EngineUnavailable("the node at 10.1.2.3 is down")
        return Readiness(True, len(self.documents), 0)

    async def close(self) -> None:
        pass


def _hit(one: Document, stored: Sequence[str]) -> Hit:
    return Hit(one.id, one.format, one.datestamp, {name: one.stored[name] for name in stored})


def _sorted(documents: list[Document], key: SortBy) -> list[Document]:
    values = {one.id: one.sorts.get(key.field, key.missing_value) for one in documents}
    having = [one for one in documents if values[one.id] is not None]
    missing = [one for one in documents if values[one.id] is None]
    having.sort(key=lambda one: str(values[one.id]), reverse=key.descending)
    return missing + having if key.missing == "first" else having + missing


def _terms(one: Document, name: str, list_: str) -> set[str]:
    if list_ == "words":
        return {word for occurrence in one.text.get(name, ()) for word in occurrence.split(" ")} | set(one.variants.get(name, ()))
    return set(one.keys.get(name, ())) | {str(number) for number in one.numbers.get(name, ())}


def read_library(path: Path) -> dict[str, list[tuple[str, Record]]]:
    """Database -> (id, record) out of the text form that `library.txt` explains."""
    library: dict[str, list[tuple[str, Record]]] = {"biblios": [], "authorities": []}
    blocks = [block for block in path.read_text("utf-8").split("\n\n") if block.strip() and not block.startswith("#")]
    for block in blocks:
        head, leader, *lines = block.strip("\n").split("\n")
        form, database, record_id = head.split()
        fields = [_field(line) for line in lines if not line.startswith("#")]
        kind: Any = "authority" if database == "authorities" else "bibliographic"
        record = Record(leader.removeprefix("leader ").ljust(24), fields, form, kind)  # type: ignore[arg-type]
        library[database].append((record_id, record))
    return library


def _field(line: str) -> tuple[str, str]:
    tag, rest = line[:3], line[4:]
    if tag.startswith("00"):
        return tag, rest
    return tag, rest[:2].replace("#", " ") + rest[3:].replace("$", SUBFIELD)


@pytest.fixture(scope="session")
def table() -> FieldTable:
    """The shipped field table."""
    return load_field_table()


@pytest.fixture(scope="session")
def extractor(table: FieldTable) -> Extractor:
    """Makes documents by that table, in the year 2026 for ever."""
    return Extractor(table, current_year=2026)


@pytest.fixture(scope="session")
def documents(extractor: Extractor) -> dict[str, tuple[Document, ...]]:
    """The documents of the small library, by database."""
    return {
        database: tuple(
            extractor.document(
                record,
                record_id,
                number,
                datetime(2026, 1, number + 1, tzinfo=UTC),
                control_number=record_id,
                stored={"marcxml": to_marcxml(record)},
            )
            for number, (record_id, record) in enumerate(records, 1)
        )
        for database, records in read_library(HERE / "library.txt").items()
    }


@pytest.fixture
def engines(documents: dict[str, tuple[Document, ...]]) -> dict[str, MemoryEngine]:
    """Both databases with the small library in them."""
    return {database: MemoryEngine(list(own)) for database, own in documents.items()}


@pytest.fixture
def room_settings() -> Settings:
    """Settings of an installation as it is shipped."""
    return Settings(library_name="Testbiblioteket")


@pytest.fixture
def catalogue(engines: dict[str, MemoryEngine], table: FieldTable, room_settings: Settings) -> Catalogue:
    """The catalogue over the small library."""
    databases = {name: Database(name, engine, table.index_table(name)) for name, engine in engines.items()}  # type: ignore[arg-type]
    return Catalogue(databases, Limits(), room_settings.sru.limits.time_s)


@pytest.fixture
def indexes(table: FieldTable) -> IndexTable:
    """The indexes of the bibliographic records."""
    return table.index_table("biblios")


@pytest.fixture
async def client(catalogue: Catalogue, extractor: Extractor, room_settings: Settings) -> AsyncIterator[TestClient[Any, Any]]:
    """An HTTP client of a server in which only the SRU room is open."""
    app = web.Application(middlewares=[compress])
    app[SETTINGS] = room_settings
    app[SECRETS] = Secrets((b"x" * 32,))
    open_room(app, ROOM)
    open_desk(app, catalogue, Converter(extractor), room_settings)
    server = TestServer(app)
    await server.start_server(max_line_size=LONGEST_LINE)
    async with TestClient(server) as made:
        yield made


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP: status, headers, body, and its root element when it is XML."""

    status: int
    headers: Any
    body: bytes

    @property
    def root(self) -> Any:
        return etree.fromstring(self.body)

    def text(self, name: str) -> str:
        """Text of the first element with this local name; empty when there is none."""
        found = self.root.xpath(f"//*[local-name()='{name}']")
        return str(found[0].xpath("string()")) if found else ""

    def texts(self, name: str) -> list[str]:
        """Texts of all elements with this local name, in order."""
        return [str(one.xpath("string()")) for one in self.root.xpath(f"//*[local-name()='{name}']")]

    @property
    def diagnostics(self) -> list[tuple[int, str]]:
        """(number, details) of the diagnostics block."""
        block = self.root.xpath("/*/*[local-name()='diagnostics']/*")
        return [
            (int(one.xpath("string(*[local-name()='uri'])").rpartition("/")[2]), str(one.xpath("string(*[local-name()='details'])")))
            for one in block
        ]

    @property
    def numbers(self) -> list[int]:
        """Numbers of the diagnostics block."""
        return [number for number, _ in self.diagnostics]


Ask = Callable[..., Any]


@pytest.fixture
def ask(client: TestClient[Any, Any]) -> Ask:
    """`await ask(query="x", path="/sru", headers={}, **parameters)`; names with - or : go into `more`."""

    async def get(
        path: str = "/sru", headers: dict[str, str] | None = None, more: dict[str, str] | None = None, **parameters: object
    ) -> Answer:
        sent = {name: str(value) for name, value in parameters.items()} | (more or {})
        async with client.get(path, params=sent, headers=headers or {}) as response:
            return Answer(response.status, response.headers, await response.read())

    return get
