import gzip

import pytest
from aiohttp import web

from server.middleware import CONTENT_POLICY, LARGEST_INLINE, compress, dress

TEXT = "<record>Röda rummet</record>" * 200


@pytest.fixture
async def client_for(aiohttp_client):
    async def make(**response):
        async def handler(_):
            return web.Response(**response)

        app = web.Application(middlewares=[compress])
        app.on_response_prepare.append(dress)
        app.router.add_get("/", handler)
        return await aiohttp_client(app, auto_decompress=False)

    return make


@pytest.mark.parametrize("wish", ["gzip", "deflate, gzip;q=0.5", "GZIP", "x-gzip", "gzip;q=1.000"])
@pytest.mark.parametrize("content_type", ["text/xml", "application/sru+xml", "application/json", "text/html"])
async def test_long_text_is_gzipped_for_those_who_accept_it(client_for, wish, content_type):
    client = await client_for(text=TEXT, content_type=content_type)
    answer = await client.get("/", headers={"Accept-Encoding": wish})
    body = await answer.read()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body).decode() == TEXT
    assert len(body) == int(answer.headers["Content-Length"]) < len(TEXT) / 5
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("wish", ["", "identity", "gzip;q=0", "gzip;q=0.0", "br", "gzipped"])
async def test_nobody_gets_gzip_who_does_not_want_it(client_for, wish):
    client = await client_for(text=TEXT)
    answer = await client.get("/", headers={"Accept-Encoding": wish})
    assert "Content-Encoding" not in answer.headers
    assert (await answer.read()).decode() == TEXT
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "response",
    [
        {"text": "short"},
        {"body": TEXT.encode(), "content_type": "image/png"},
        {"body": b"\x1f\x8b" * 1000, "content_type": "text/xml", "headers": {"Content-Encoding": "br"}},
    ],
    ids=["short", "picture", "compressed already"],
)
async def test_what_would_not_gain_is_left_alone(client_for, response):
    client = await client_for(**response)
    answer = await client.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers.get("Content-Encoding") != "gzip"


async def test_very_long_text_is_compressed_as_well(client_for):
    text = "ä" * LARGEST_INLINE
    client = await client_for(text=text)
    assert gzip.decompress(await (await client.get("/", headers={"Accept-Encoding": "gzip"})).read()).decode() == text


async def test_head_tells_the_length_that_get_would_have(client_for):
    client = await client_for(text=TEXT)
    headers = {"Accept-Encoding": "gzip"}
    got, told = await client.get("/", headers=headers), await client.head("/", headers=headers)
    assert told.headers["Content-Length"] == got.headers["Content-Length"]
    assert await told.read() == b""


async def test_every_answer_is_dressed_and_keeps_what_it_set(client_for):
    client = await client_for(text="x", headers={"Content-Security-Policy": "own"})
    headers = (await client.get("/")).headers
    assert headers["Content-Security-Policy"] == "own"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in headers
    plain = (await (await client_for(text="x")).get("/")).headers
    assert plain["Content-Security-Policy"] == CONTENT_POLICY
