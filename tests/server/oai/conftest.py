"""A small repository behind the OAI room: records in a real PostgreSQL, contents in a real embedded engine."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from lxml import etree

from indexer.engine import open_engine
from indexer.extract import Extractor
from indexer.fields import load_field_table
from indexer.marc import SourceProfile
from indexer.marc.outcomes import Identity, Read
from indexer.record import Record
from server.auth.secrets import Secrets
from server.db import records
from server.db.sets import Membership, put_into_sets
from server.item_settings import ItemSettings
from server.loading.documents import from_row, make_document
from server.loading.outcome import FileOutcome
from server.loading.preparing import prepare
from server.middleware import compress
from server.oai.routes import ROOM, open_desk
from server.oai_settings import OaiSettings
from server.rooms import SECRETS, SETTINGS, open_room
from server.sets.rules import read_sets
from server.settings import Settings

TABLE = load_field_table()
EXTRACTOR = Extractor(TABLE)
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
BASE = "https://library.example/oai"
NAMESPACES = {"o": "http://www.openarchives.org/OAI/2.0/", "m": "http://www.loc.gov/MARC21/slim"}


@cache
def _schema(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(path))


@dataclass
class Answer:
    """One answer. `status` and `body` as they came; everything else is read from the XML."""

    status: int
    headers: Any
    body: bytes
    root: Any = field(init=False)

    def __post_init__(self) -> None:
        is_xml = self.headers.get("Content-Type", "").startswith("text/xml")
        self.root = etree.fromstring(self.body) if is_xml else None

    def texts(self, path: str) -> list[str]:
        return [str(getattr(found, "text", found) or "") for found in self.root.xpath(path, namespaces=NAMESPACES)]

    @property
    def errors(self) -> list[str]:
        return self.texts("o:error/@code")

    @property
    def identifiers(self) -> list[str]:
        return self.texts("//o:header/o:identifier")

    @property
    def token(self) -> str | None:
        found = self.texts("//o:resumptionToken")
        return found[0] if found else None


class Repository:
    """The repository of a test: records go in by `store`, questions by `ask`."""

    def __init__(self, client: TestClient[Any, Any], pool: Any, engine: Any, xsd: Path | None) -> None:
        self.client, self.pool, self.engine, self._xsd = client, pool, engine, xsd
        self.rules = read_sets((), TABLE.index_table("biblios"))

    async def store(self, *made: Record, at: datetime = DAY, index: bool = True, **state: Any) -> None:
        """Stores records with a datestamp, decides their sets and indexes them as a load does."""
        batch = [incoming(one, **state) for one in made]
        async with self.pool.acquire() as connection:
            await records.store_batch(connection, "biblios", batch, at)
        if index:
            await self.index(at)

    async def delete(self, *ids: str, at: datetime) -> None:
        async with self.pool.acquire() as connection:
            await records.mark_deleted(connection, "biblios", ids, at)
        await self.index(at)

    async def index(self, at: datetime = DAY) -> None:
        confirmed = await self.engine.confirmed()
        async with self.pool.acquire() as connection:
            rows = await records.changes_after(connection, "biblios", confirmed, 100_000)
            changes = [from_row("biblios", row) for row in rows]
            documents = [make_document(EXTRACTOR, one) for one in changes]
            memberships = [
                Membership(one.record_id, one.change, tuple(self.rules.of(document, one.record)))
                for one, document in zip(changes, documents, strict=True)
                if not one.hidden
            ]
            await put_into_sets(connection, memberships, at)
        if documents:
            await self.engine.write(documents)
            await self.engine.commit(documents[-1].change)

    async def ask(
        self, verb: str | None = None, *, valid: bool = True, method: str = "GET", headers: Any = None, **arguments: Any
    ) -> Answer:
        """One question; `from_` stands for `from`. The answer is checked against the schema."""
        pairs = ([("verb", verb)] if verb is not None else []) + [(name.rstrip("_"), value) for name, value in arguments.items()]
        return await self.ask_raw(urlencode(pairs), valid=valid, method=method, headers=headers)

    async def ask_raw(self, query: str, *, valid: bool = True, method: str = "GET", headers: Any = None) -> Answer:
        if method == "POST":
            kind = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
            response = await self.client.post("/oai", data=query, headers=kind)
        else:
            response = await self.client.request(method, f"/oai?{query}", headers=headers)
        answer = Answer(response.status, response.headers, await response.read())
        is_rdf = b"<rdf:RDF" in answer.body  # there is no schema of it among the test data
        if valid and self._xsd is not None and answer.root is not None and not is_rdf:
            _schema(self._xsd).assertValid(answer.root)
        return answer

    async def walk(self, verb: str, **arguments: Any) -> list[Answer]:
        """All pages of a list."""
        pages = [await self.ask(verb, **arguments)]
        while pages[-1].token:
            pages.append(await self.ask(verb, resumptionToken=pages[-1].token))
        return pages


def incoming(one: Record, *, deleted: bool = False) -> records.Incoming:
    """What the loader would store."""
    number = one.control("001")
    read = Read(one, Identity(number, number, ""), 1, 0, b"")
    return prepare(read, SourceProfile(), delete=deleted, superseded=False, file=FileOutcome("x")).incoming


def bib(number: str, title: str = "A title", *more: tuple[str, str]) -> Record:
    """A short bibliographic record."""
    fields = [("001", number), ("008", "260102s2026    sw ||||| |||| 00| 0 swe d"), ("245", f"00\x1fa{title}"), *more]
    return Record("00000nam a2200000 i 4500", fields)


@pytest.fixture
def make_bib() -> Callable[..., Record]:
    return bib


Open = Callable[..., Any]


@pytest.fixture
async def open_repository(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    """Opens the repository with settings; several on the same records are several processes."""
    try:
        xsd: Path | None = request.getfixturevalue("shared_data") / "xsd/oai/all.xsd"
    except pytest.skip.Exception:
        xsd = None
    engines: list[Any] = []
    clients: list[TestClient[Any, Any]] = []
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:

        async def open_one(secret: bytes = b"s" * 32, base_url: str = BASE, items: Any = None, **own: Any) -> Repository:
            settings = Settings(oai=OaiSettings(**({"base_url": base_url} | own)), items=ItemSettings(**(items or {})))
            engine = open_engine("embedded", tmp_path / "index", TABLE.collection("biblios"), writable=True)
            engines.append(engine)
            app = web.Application(middlewares=[compress], client_max_size=settings.max_body_bytes)
            app[SETTINGS], app[SECRETS] = settings, Secrets((secret,))
            rules = read_sets(settings.oai.sets, TABLE.index_table("biblios"))
            open_desk(app, pool, engine, settings, rules, app[SECRETS], TABLE.item_tags)
            open_room(app, ROOM)
            client = TestClient(TestServer(app))
            await client.start_server()
            clients.append(client)
            repository = Repository(client, pool, engine, xsd)
            repository.rules = rules
            return repository

        yield open_one
        for client in clients:
            await client.close()
        for engine in engines:
            await engine.close()


@pytest.fixture
async def repository(open_repository: Open) -> Any:
    """Six live records, one a minute, and one that was deleted, without sets."""
    made = await open_repository(max_count=3)
    for number in range(6):
        await made.store(bib(f"b{number}", f"Title {number}"), at=DAY + timedelta(minutes=number))
    await made.store(bib("gone"), at=DAY)
    await made.delete("gone", at=DAY + timedelta(minutes=10))
    return made
