"""A small installation whose store can be filled at will, and rebuilds that can be watched and disturbed; with both engines."""

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from opensearch_nodes import own_prefix

from indexer.extract import Extractor
from indexer.fields import FieldTable, load_field_table
from indexer.marc import content_hash, pack
from indexer.record import Record
from server.commands.load import indexings
from server.db import records
from server.db.records import Incoming
from server.engines import open_collection, open_rebuilt
from server.reindexing.rebuilding import Rebuild, Rebuilt
from server.reindexing.verifying import Verified, verify
from server.settings import EngineSettings, Settings

T0 = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LEADER = "00000nam a2200000 i 4500"


def bib(number, title="The shelf", *, authority="", source="", **row) -> Incoming:
    """A bibliographic record b00001, b00002, ... that is found by its title. `authority`: number of the author's authority."""
    fields = [("001", f"b{number:05d}"), ("008", "260102s2026    sw ||||| |||| 00| 0 swe d")]
    fields += [("100", f"1 \x1faLindgren, Vera{number}" + (f"\x1f9{authority}" if authority else ""))]
    fields += [("245", f"10\x1fa{title} {number}"), ("650", " 4\x1faShelves")]
    return _row(Record(LEADER, fields), f"{source}:b{number:05d}" if source else f"b{number:05d}", source, row)


def aut(number, variant="Pseudonym", **row) -> Incoming:
    """An authority record a00001, a00002, ... with one variant name."""
    fields = [("001", f"a{number:05d}"), ("100", f"1 \x1faLindgren, Vera{number}"), ("400", f"1 \x1fa{variant}")]
    return _row(Record("00000nz  a2200000n  4500", fields, kind="authority"), f"a{number:05d}", "", row)


def _row(record, record_id, source, row):
    raw, stored_format = pack(record)
    row = {"deleted": False, "suppressed": False} | row
    return Incoming(record_id, source, record.fields[0][1], "", "marc21", stored_format, raw, content_hash(record), **row)


@pytest.fixture(scope="session")
def table() -> FieldTable:
    return load_field_table()


@pytest.fixture(scope="session")
def extractor(table) -> Extractor:
    return Extractor(table)


@dataclass
class Watched:
    """Remembers the steps of a rebuild."""

    steps: list[str]
    done: int = 0

    def begin(self, what, expected):
        self.steps.append(what)

    def advance(self, count):
        self.done += count


class Disturbed:
    """A rebuilt engine on which something else happens before each call of `write`, `commit` or `switch`."""

    def __init__(self, built, **before: Callable[..., Awaitable[Any]]) -> None:
        self._built, self._before = built, before

    def __getattr__(self, name):
        call = getattr(self._built, name)
        if name not in self._before:
            return call

        async def disturbed(*arguments):
            changed = await self._before[name](*arguments)
            return await call(*(arguments if changed is None else changed))

        return disturbed


class Folders:
    """Where the embedded engine keeps its indexes."""

    def __init__(self, settings):
        self._settings = settings

    def folder(self, store="biblios"):
        return self._settings.data_dir / "engine" / store

    def indexes(self, store="biblios") -> set[str]:
        return {one.name for one in self.folder(store).iterdir() if one.is_dir()}

    def current(self, store="biblios") -> str:
        return (self.folder(store) / "current").read_text().strip()

    def damage(self, store="biblios"):
        """Makes the index in use unreadable."""
        (self.folder(store) / self.current(store) / "meta.json").write_text("{")


class OpenSearchIndexes:
    """Where OpenSearch keeps them: the same questions."""

    def __init__(self, settings):
        self._url, self._prefix = settings.engine.url, settings.engine.prefix

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def indexes(self, store="biblios") -> set[str]:
        names = {row["index"] for row in self.ask("GET", f"/_cat/indices/{self._prefix}-{store}-*?format=json")}
        return {name.removesuffix(".terms") for name in names}

    def current(self, store="biblios") -> str:
        (name,) = self.ask("GET", f"/_alias/{self._prefix}-{store}")
        return str(name)

    def damage(self, store="biblios"):
        """Makes it unclear which index is the one in use."""
        body = {"aliases": {f"{self._prefix}-{store}": {}}, "mappings": {"_meta": {"made": "by somebody else"}}}
        self.ask("PUT", f"/{self._prefix}-strange", body)


class Installation:
    """One installation: `store` and `index` fill it, `rebuild` and `verify` do what the commands do."""

    def __init__(self, settings, table, extractor, pool):
        self.settings, self.table, self.extractor, self.pool = settings, table, extractor, pool
        self.kept_in = Folders(settings) if settings.engine.kind == "embedded" else OpenSearchIndexes(settings)

    async def store(self, *batch: Incoming, into="biblios", at=T0):
        async with self.pool.acquire() as connection:
            return await records.store_batch(connection, into, batch, at)

    async def index(self):
        """What a load does at its end: everything stored is indexed."""
        async with indexings(self.settings, self.table, self.pool, wait=True) as (now, _):
            for one in now.values():
                await one.start()

    async def fill(self, *batch: Incoming, into="biblios", at=T0):
        await self.store(*batch, into=into, at=at)
        await self.index()

    @asynccontextmanager
    async def engine(self, store="biblios", *, writable=False):
        engine = open_collection(self.settings, self.table, store, writable=writable)
        try:
            yield engine
        finally:
            await engine.close()

    async def rebuild(self, store="biblios", *, watched=None, **before) -> Rebuilt:
        """`before`: name of an engine call -> what happens before it."""
        built = open_rebuilt(self.settings, self.table, store)
        try:
            async with self.engine(store) as live:
                disturbed = Disturbed(built, **before)
                return await Rebuild(self.pool, store, live, disturbed, self.extractor, watched or Watched([])).run()
        finally:
            await built.close()

    async def verify(self, store="biblios", *, sample=50, table=None) -> Verified:
        schema = (table or self.table).collection(store)
        async with self.engine(store) as engine:
            return await verify(self.pool, store, engine, schema, self.extractor, sample)

    async def kept(self, store="biblios") -> dict[str, tuple[str, datetime]]:
        """Record id -> (hidden, datestamp) of everything in the index."""
        async with self.engine(store) as engine:
            inspection = await engine.inspect()
            ids = [one async for batch in inspection.ids() for one in batch]
            found = {one.id: (one.hidden, one.datestamp) for one in await inspection.find(sorted(set(ids)))}
            await inspection.close()
            return found

    def indexes(self, store="biblios") -> set[str]:
        """Names of all indexes of a database, in use or not."""
        return self.kept_in.indexes(store)

    def current(self, store="biblios") -> str:
        """Name of the index in use."""
        return self.kept_in.current(store)


@pytest.fixture(params=["embedded", "opensearch"])
def settings(settings: Settings, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """The settings of a whole small installation, with either engine."""
    if request.param == "embedded":
        yield settings
        return
    url = request.getfixturevalue("opensearch_url")
    with own_prefix(url) as prefix:
        yield settings.model_copy(update={"engine": EngineSettings(kind="opensearch", url=url, prefix=prefix)})


@pytest.fixture
def only(settings) -> Callable[[str], None]:
    """Leaves out what makes sense with one engine only."""

    def leave_out(kind):
        if settings.engine.kind != kind:
            pytest.skip(f"only of the engine {kind}")

    return leave_out


@pytest.fixture
def installation(settings, table, extractor, pool) -> Installation:
    return Installation(settings, table, extractor, pool)


@pytest.fixture
def installation_with(settings, pool) -> Callable[[FieldTable], Installation]:
    """The same with another field table."""
    return lambda table: Installation(settings, table, Extractor(table), pool)


@pytest.fixture
def bibs() -> Callable[..., Iterable[Incoming]]:
    """Makes bibliographic records: `bibs(1, 4, title="x")` are numbers 1, 2, 3."""
    return lambda low, high, title="The shelf", **row: [bib(number, title, **row) for number in range(low, high)]


@pytest.fixture
def auts() -> Callable[..., Iterable[Incoming]]:
    return lambda low, high, variant="Pseudonym", **row: [aut(number, variant, **row) for number in range(low, high)]


@pytest.fixture
def watched() -> Watched:
    return Watched([])


@pytest.fixture
def later() -> datetime:
    return T0 + timedelta(days=1)


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], Awaitable[None]]:
    """Waits for something that another task brings about."""

    async def wait(condition):
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.01)

    return wait
