"""A repository with any oddity one likes, on loopback, and a small installation that harvests it."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from io import StringIO

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rich.console import Console

from cql.plan import Everything
from indexer.engine.port import Window
from indexer.fields import load_field_table
from indexer.marc import to_marcxml
from indexer.record import Record
from server.commands import harvest as command
from server.engines import open_collection
from server.harvesting.client import open_client
from server.harvesting.planning import RunOptions
from server.source_settings import SourceSettings

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
MARC = "http://www.loc.gov/MARC21/slim"


def book(number, title="The shelf", *, kind="a"):
    """MARCXML of the record b<number>."""
    fields = [("001", f"b{number}"), ("245", f"10\x1fa{title} {number}")]
    return to_marcxml(Record(f"00000n{kind}m a2200000 i 4500", fields)).decode()


@dataclass
class OaiItem:
    """What the repository has of one item."""

    identifier: str
    datestamp: str
    metadata: str = ""
    deleted: bool = False
    about: str = ""

    def header(self):
        status = ' status="deleted"' if self.deleted else ""
        return f"<header{status}><identifier>{self.identifier}</identifier><datestamp>{self.datestamp}</datestamp></header>"

    def record(self):
        body = "" if self.deleted else f"<metadata>{self.metadata}</metadata>{self.about}"
        return f"<record>{self.header()}{body}</record>"


@dataclass
class Repository:
    """The repository. `trouble(number, arguments)` may answer a request (numbered from 1) instead of it; `requests` has all arguments.

    Tokens are `verb|from|position`; those in `dead` are not accepted any more.
    """

    items: dict[str, OaiItem] = field(default_factory=dict)
    page: int = 3
    now: str = "2026-01-31T12:00:00Z"
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    deleted_record: str = "persistent"
    version: str = "2.0"
    formats: tuple[tuple[str, str], ...] = (("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/"), ("marcxml", MARC))
    sizes: bool = True
    trouble: Callable = lambda number, arguments: None
    requests: list = field(default_factory=list)
    headers: list = field(default_factory=list)
    dead: set = field(default_factory=set)
    url: str = ""

    def put(self, number, datestamp="2026-01-01T00:00:00Z", title="The shelf", **more):
        item = OaiItem(f"oai:test:{number}", datestamp, book(number, title), **more)
        self.items[item.identifier] = item
        return item

    def delete(self, number, datestamp):
        self.items[f"oai:test:{number}"] = OaiItem(f"oai:test:{number}", datestamp, deleted=True)

    def lists(self):
        """Arguments of the list requests so far."""
        return [one for one in self.requests if one["verb"].startswith("ListRec") or one["verb"] == "ListIdentifiers"]

    async def answer(self, request):
        arguments = dict(request.query) | dict(await request.post())
        self.requests.append(arguments)
        self.headers.append(request.headers)
        given = self.trouble(len(self.lists()), arguments)
        if given is not None:
            return await given(request) if callable(given) else given
        return self.xml(self.envelope(self.body(arguments)))

    def xml(self, text, **more):
        return web.Response(body=text.encode() if isinstance(text, str) else text, content_type="text/xml", **more)

    def envelope(self, body):
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="{NAMESPACE}"><responseDate>{self.now}</responseDate>'
            f"<request>{self.url}</request>{body}</OAI-PMH>"
        )

    def error(self, code, text="so it is"):
        return self.xml(self.envelope(f'<error code="{code}">{text}</error>'))

    def body(self, arguments):
        match arguments["verb"]:
            case "Identify":
                return (
                    f"<Identify><repositoryName>Test</repositoryName><baseURL>{self.url}</baseURL><protocolVersion>{self.version}"
                    "</protocolVersion><adminEmail>a@example.org</adminEmail><earliestDatestamp>2025-11-15T00:00:00Z</earliestDatestamp>"
                    f"<deletedRecord>{self.deleted_record}</deletedRecord><granularity>{self.granularity}</granularity></Identify>"
                )
            case "ListMetadataFormats":
                return "<ListMetadataFormats>" + "".join(
                    f"<metadataFormat><metadataPrefix>{prefix}</metadataPrefix><schema>s</schema>"
                    f"<metadataNamespace>{namespace}</metadataNamespace></metadataFormat>"
                    for prefix, namespace in self.formats
                ) + "</ListMetadataFormats>"  # fmt: skip
            case verb:
                return self.list(verb, arguments)

    def list(self, verb, arguments):
        since, until, start = arguments.get("from", ""), arguments.get("until", "9"), 0
        if token := arguments.get("resumptionToken"):
            assert set(arguments) <= {"verb", "resumptionToken"}
            if token in self.dead:
                return '<error code="badResumptionToken">too old</error>'
            _, since, until, position = token.split("|")
            start = int(position)
        until = until + "T23:59:59Z" if len(until) == 10 else until
        found = sorted(
            (one for one in self.items.values() if since <= one.datestamp <= until), key=lambda one: (one.datestamp, one.identifier)
        )
        if not found:
            return '<error code="noRecordsMatch">nothing</error>'
        shown = found[start : start + self.page]
        token = ""
        if start or len(found) > self.page:
            size = f' completeListSize="{len(found)}" cursor="{start}"' if self.sizes else ""
            following = f"{verb}|{since}|{until}|{start + self.page}" if start + self.page < len(found) else ""
            token = f"<resumptionToken{size}>{following}</resumptionToken>"
        return f"<{verb}>" + "".join(one.record() if verb == "ListRecords" else one.header() for one in shown) + f"{token}</{verb}>"


@pytest.fixture
async def repository():
    made = Repository()
    app = web.Application()
    app.router.add_route("*", "/oai", made.answer)
    server = TestServer(app)
    await server.start_server()
    made.url = str(server.make_url("/oai"))
    yield made
    await server.close()


@dataclass
class Desk:
    """Harvests, and looks at what came of it. `waits`: seconds that were not really waited."""

    settings: object
    pool: object
    repository: Repository
    waits: list = field(default_factory=list)
    printed: str = ""

    def source(self, **more):
        return SourceSettings.model_validate({"name": "test", "base_url": self.repository.url, "delay": 0, **more})

    async def harvest(self, source=None, *, options=None, **asked):
        """One run over one list."""
        (outcome,) = await self.harvest_all([source or self.source()], options or RunOptions(**asked))
        return outcome

    async def harvest_all(self, sources, options):
        told = StringIO()
        try:
            return await command.harvest(self.settings, sources, options, Console(file=told, width=160))
        finally:
            self.printed = told.getvalue()

    async def rows(self, columns="record_id, deleted", store="biblios"):
        return [tuple(row) for row in await self.pool.fetch(f"select {columns} from {store} order by record_id")]

    async def live(self):
        return [record_id for record_id, deleted in await self.rows() if not deleted]

    async def found(self):
        """Ids that a search finds."""
        engine = open_collection(self.settings, load_field_table(), "biblios")
        try:
            page = await engine.search(Everything(), Window(1, 1000))
            return sorted(hit.id for hit in page.hits)
        finally:
            await engine.close()

    async def state(self):
        return dict(await self.pool.fetchrow("select * from harvest"))


@pytest.fixture
async def desk(settings, pool, repository, monkeypatch):
    load = settings.load.model_copy(update={"workers": 1})
    made = Desk(settings.model_copy(update={"load": load}), pool, repository)

    async def waited(seconds):
        made.waits.append(round(seconds, 1))
        await asyncio.sleep(0)

    monkeypatch.setattr(command, "open_client", partial(open_client, sleep=waited))
    return made


@pytest.fixture
def hasty(desk, monkeypatch):
    """What has come is stored after every page."""
    monkeypatch.setattr("server.harvesting.running.HELD_S", 0.0)
    return desk


@pytest.fixture
def counts():
    def counted(outcome):
        return {name: count for name, count in outcome.counts().items() if count and name != "pages"}

    return counted


@pytest.fixture
def words():
    return lambda text: re.sub(r"\s+", " ", text)
