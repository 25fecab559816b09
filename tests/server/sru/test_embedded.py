"""The same library in the embedded engine gives the same answers, byte for byte, as the one made of plain Python.

Orders by relevance are the engine's own, so requests that have one are sorted.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from cql.limits import Limits
from indexer.document import Document
from indexer.engine import open_engine
from indexer.extract import Extractor
from indexer.fields import FieldTable
from server.auth.secrets import Secrets
from server.catalogue import Catalogue, Database
from server.middleware import compress
from server.records.conversion import Converter
from server.rooms import SECRETS, SETTINGS, open_room
from server.settings import Settings
from server.sru.routes import ROOM, open_desk

REQUESTS = [
    {"query": "cql.allRecords=1", "maximumRecords": "100"},
    {"query": "cql.allRecords=1", "maximumRecords": "2", "startRecord": "4"},
    {"query": "cql.allRecords=1 sortBy dc.title", "maximumRecords": "3", "startRecord": "2"},
    {"query": "cql.allRecords=1 sortBy dc.creator/descending dc.date", "maximumRecords": "100"},
    {"query": "reefs sortBy dc.title"},
    {"query": "dc.title any \"sea fish\" not dc.creator = finn sortBy dc.date"},
    {"query": "coral prox/unit=word/distance<3 sea sortBy rec.id"},
    {"query": "dc.title = ree? sortBy rec.id"},
    {"query": "dc.title == \"fish of the coral sea\""},
    {"query": "dc.date within \"1990 2005\" sortBy dc.date"},
    {"query": "bath.isbn = 978-91-7331-000-0"},
    {"query": 'dc.title any/stem "fish frog" sortBy rec.id', "maximumRecords": "100"},
    {"query": 'dc.title any/stem "fishes frogs" and dc.title =/stem "corals reef" sortBy rec.id', "x-analyse": "1", "facetLimit": "5"},
    {"query": "cql.anywhere =/stem seas prox/distance<=3 cql.anywhere =/stem corals sortBy rec.id"},
    {"query": "dc.title =/stem/locale=sv zzzz"},
    {"query": "zzzz"},
    {"query": "sea sortBy rec.id", "recordSchema": "mods"},
    {"query": "sea sortBy rec.id", "facetLimit": "5", "maximumRecords": "0"},
    {"query": "cql.allRecords=1", "facetLimit": "20", "facetSort": "alphanumeric", "maximumRecords": "0"},
    {"query": "sea and frog sortBy rec.id", "x-analyse": "1"},
    {"query": "sea", "startRecord": "50"},
    {"scanClause": 'dc.title = ""', "maximumTerms": "1000"},
    {"scanClause": "dc.title = fish", "responsePosition": "3", "maximumTerms": "5"},
    {"scanClause": "dc.title = fish", "responsePosition": "0", "maximumTerms": "5"},
    {"scanClause": "dc.title = fish", "responsePosition": "6", "maximumTerms": "5"},
    {"scanClause": 'dc.subject == ""', "maximumTerms": "100"},
    {"scanClause": 'dc.creator == "finn"', "maximumTerms": "3", "responsePosition": "2"},
    {"scanClause": 'dc.date = ""'},
    {"scanClause": 'cql.anywhere = ""', "maximumTerms": "1000"},
]  # fmt: skip


@pytest.fixture
async def embedded(
    tmp_path: Path, documents: dict[str, tuple[Document, ...]], table: FieldTable, extractor: Extractor, room_settings: Settings
) -> AsyncIterator[TestClient]:
    """A client of the room over embedded engines with the small library in them."""
    engines = {name: open_engine("embedded", tmp_path, table.collection(name), writable=True) for name in documents}
    for name, own in documents.items():
        await engines[name].write(own)
        await engines[name].commit(100)
    databases = {name: Database(name, engine, table.index_table(name)) for name, engine in engines.items()}
    app = web.Application(middlewares=[compress])
    app[SETTINGS] = room_settings
    app[SECRETS] = Secrets((b"x" * 32,))
    open_room(app, ROOM)
    open_desk(app, Catalogue(databases, Limits(), 10.0), Converter(extractor), room_settings)
    async with TestClient(TestServer(app)) as made:
        yield made
    for engine in engines.values():
        await engine.close()


@pytest.mark.parametrize("path", ["/biblios", "/authorities"])
async def test_both_engines_give_the_same_answers(ask, embedded, path):
    headers = {"Host": "catalogue.example.org"}
    for sent in REQUESTS:
        expected = await ask(path, headers=headers, more=sent)
        async with embedded.get(path, params=sent, headers=headers) as response:
            body = await response.read()
        assert body.decode() == expected.body.decode(), sent
