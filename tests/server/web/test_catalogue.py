"""Addresses that lead into the catalogue."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from aiohttp import web
from lxml import etree

from cql.parser import parse
from indexer.engine.port import EngineUnavailable
from server.app import build_app
from server.rooms import ENGINES, SETTINGS, open_room
from server.settings import Settings
from server.web.routes import ROOM

ODD = ["a/b", 'say "x"', "100%", "m*sk?^\\", "å ö", "and", "x" * 3000, "a&b=c#d"]
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


class Engine:
    def __init__(self, *ids):
        self.ids = ids

    async def get(self, record_id, stored):
        if self.ids == ("down",):
            raise EngineUnavailable("node 10.1.2.3 is down")
        return object() if record_id in self.ids else None


@pytest.fixture
def room(aiohttp_client, tmp_path):
    """The room alone, over two engines."""

    async def make(biblios, authorities=(), **settings):
        app = web.Application()
        app[SETTINGS] = Settings(data_dir=tmp_path, **settings)
        app[ENGINES] = {"biblios": Engine(*biblios), "authorities": Engine(*authorities)}
        open_room(app, ROOM)
        return await aiohttp_client(app)

    return make


async def leads_to(client, path):
    """Path and parameters of the address to which the answer sends."""
    answer = await client.get(path, allow_redirects=False)
    assert answer.status == 302, await answer.text()
    assert "X-Evil" not in answer.headers
    target = urlsplit(answer.headers["Location"])
    assert (target.scheme, target.netloc) == ("", "")
    return target.path, {name: value for name, (value,) in parse_qs(target.query).items()}


@pytest.mark.parametrize("record_id", ["hy1", *ODD])
async def test_a_record_has_an_address_whatever_its_id(room, record_id):
    client = await room(["hy1", *ODD])
    path, parameters = await leads_to(client, f"/record/{quote(record_id, safe='')}")
    assert path == "/sru"
    clause = parse(parameters["query"]).root
    assert (clause.index, clause.relation) == ("rec.identifier", "==")
    plain = clause.term.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\")
    assert plain == record_id


async def test_authority_records_have_addresses_too(room):
    client = await room(["b1"], ["a1"])
    assert (await leads_to(client, "/record/a1?lang=sv")) == ("/sru/authorities", {"query": "rec.identifier == a1", "x-lang": "sv"})


@pytest.mark.parametrize("path", ["/record/b2", "/record/", "/record/%0D%0AX-Evil:%201", "/record/%00"])
async def test_a_record_that_is_not_there_is_told(room, path):
    client = await room(["b1"])
    answer = await client.get(path)
    assert answer.status == 404
    assert "X-Evil" not in answer.headers


async def test_an_engine_that_is_down_is_told_without_details(room):
    client = await room(["down"])
    answer = await client.get("/record/b1")
    assert answer.status == 503
    assert "10.1.2.3" not in await answer.text()


@pytest.mark.parametrize("query", ["dc.title = x", "a &= b#c", 'dc.title = "', "\r\nX-Evil: 1"])
@pytest.mark.parametrize("database", ["biblios", "authorities", "//evil.example"])
async def test_a_query_is_explained_by_sru(room, query, database):
    client = await room([])
    path, parameters = await leads_to(client, f"/explain-query?query={quote(query)}&database={quote(database)}")
    assert path == ("/sru/authorities" if database == "authorities" else "/sru")
    assert parameters == {"query": query.strip(), "maximumRecords": "5", "x-explain-query": "1"}


async def test_programs_learn_how_to_search(room):
    client = await room([], library_name="Biblioteket <Röda & Blå> i Norrköping")
    answer = await client.get("/opensearch.xml")
    assert answer.content_type == "application/opensearchdescription+xml"
    told = etree.fromstring(await answer.read())
    assert told.findtext(f"{OPENSEARCH}LongName") == "Biblioteket <Röda & Blå> i Norrköping"
    assert told.findtext(f"{OPENSEARCH}ShortName") == "Biblioteket <Röd"
    assert {one.get("type") for one in told.iter(f"{OPENSEARCH}Url")} == {
        "text/html", "application/atom+xml", "application/rss+xml", "application/opensearchdescription+xml",
    }  # fmt: skip


async def test_what_programs_learn_is_true(settings, aiohttp_client):
    client = await aiohttp_client(build_app(settings))
    told = etree.fromstring(await (await client.get("/opensearch.xml")).read())
    for one in told.iter(f"{OPENSEARCH}Url"):
        address = one.get("template").replace("{searchTerms}", quote("röda hus")).removeprefix(str(client.make_url("/")).rstrip("/"))
        answer = await client.get(address, headers={"Accept": one.get("type")})
        assert (answer.status, answer.content_type) == (200, one.get("type")), address
    picture = urlsplit(told.findtext(f"{OPENSEARCH}Image"))
    assert (await client.get(picture.path)).status == 200


async def test_every_page_names_the_description(settings, aiohttp_client):
    client = await aiohttp_client(build_app(settings))
    for path in ("/", "/explain-query", "/sru?query=x"):
        assert 'rel="search"' in await (await client.get(path, headers={"Accept": "text/html"})).text(), path
