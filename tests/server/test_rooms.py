import asyncio
import json
import logging

import asyncpg
import pytest
from aiohttp import ClientError, web

from indexer.engine import port
from server import errors, telemetry
from server.errors import DiscoveryError
from server.middleware import dress
from server.rooms import HTTP_STATUS, SETTINGS, Room, http_status, open_room, parameters, public_address
from server.settings import Settings


def every(kind):
    yield kind
    for one in kind.__subclasses__():
        yield from every(one)


def explain(request, error):
    return web.json_response(
        {"kind": type(error).__name__, "sentence": error.sentence, "details": repr(error.details)}, status=http_status(error)
    )


@pytest.fixture
async def toy(aiohttp_client):
    """A client of an app with one room; `toy(handler, **settings)`."""

    async def make(handler, *, method="GET", open_to_scripts=False, explain_error=explain, **given):
        settings = Settings.model_validate({"request_timeout_s": 5} | given)
        app = web.Application(client_max_size=settings.max_body_bytes)
        app[SETTINGS] = settings
        app.on_response_prepare.append(dress)
        open_room(app, Room("toy", [(method, "/toy", handler)], explain_error, open_to_scripts))
        return await aiohttp_client(app)

    return make


async def fine(_):
    telemetry.note_operation("fine")
    telemetry.note_hits(7)
    telemetry.note_engine_call("embedded", "search", 0.001)
    await asyncio.sleep(0)
    return web.Response(text="fine")


def raising(error):
    async def handler(_):
        raise error

    return handler


async def test_a_request_leaves_one_line_with_its_figures(toy, caplog):
    client = await toy(fine)
    with caplog.at_level(logging.INFO, "server.telemetry"):
        answer = await client.get("/toy?query=x&password=sesame", headers={"X-Request-Id": "from-a-proxy-1"})
    assert answer.headers["X-Request-Id"] == "from-a-proxy-1"
    (record,) = caplog.records
    line = record.request
    assert (line.room, line.operation, line.status, line.hits, line.client) == ("toy", "fine", 200, 7, "127.0.0.1")
    assert line.engine_ms > 0
    assert line.parameters == "query=x&password=***"
    assert "sesame" not in caplog.text


async def test_parameters_can_be_kept_out_of_the_log(toy, caplog):
    client = await toy(fine, log={"parameters": False})
    with caplog.at_level(logging.INFO, "server.telemetry"):
        await client.get("/toy?query=rare")
    assert "rare" not in caplog.text


@pytest.mark.parametrize("sent", ["", "short", "a" * 65, "with blank in it", "<script>abcdef</script>"])
async def test_a_bad_request_id_is_replaced(toy, sent):
    client = await toy(fine)
    answer = await client.get("/toy", headers={"X-Request-Id": sent})
    assert answer.headers["X-Request-Id"] != sent
    assert len(answer.headers["X-Request-Id"]) == 16


@pytest.mark.parametrize("kind", list(every(DiscoveryError)), ids=lambda kind: kind.__name__)
def test_every_error_has_a_status(kind):
    known = {errors.MissingParameter: ("q",), errors.BadEncoding: ("q",), errors.BodyTooLarge: (1,), errors.RecordNotFound: ("1",)}
    known |= {errors.UnknownDatabase: ("x",), errors.MethodNotAllowed: ("PUT", ("GET",)), errors.InternalError: ("id",)}
    error = kind(*known.get(kind, ("A sentence.",)))
    assert http_status(error) in set(HTTP_STATUS.values())
    assert str(error) == error.sentence
    assert error.sentence.endswith(".")


def test_the_tree_in_the_docstring_names_every_error():
    drawn = errors.__doc__
    assert all(f"+- {kind.__name__}" in drawn for kind in every(DiscoveryError) if kind is not DiscoveryError)


@pytest.mark.parametrize(
    ("raised", "kind", "status"),
    [
        (errors.RecordNotFound("77"), "RecordNotFound", 404),
        (errors.BadParameter("No.", name="q"), "BadParameter", 400),
        (port.EngineUnavailable("node 10.0.0.7 is down"), "EngineUnavailable", 503),
        (port.QueryTooExpensive("Too many terms begin with `a`."), "QueryTooExpensive", 400),
        (asyncpg.TooManyConnectionsError("sorry"), "DatabaseUnavailable", 503),
        (ConnectionRefusedError("/secret/path"), "DatabaseUnavailable", 503),
        (TimeoutError(), "TimedOut", 503),
        (ZeroDivisionError("secret internals"), "InternalError", 500),
        (asyncpg.UndefinedTableError("relation secret does not exist"), "InternalError", 500),
    ],
    ids=lambda value: getattr(type(value), "__name__", None) if isinstance(value, Exception) else None,
)
async def test_what_a_handler_raises_is_told_in_the_rooms_words(toy, raised, kind, status):
    client = await toy(raising(raised))
    answer = await client.get("/toy")
    told = await answer.json()
    assert (answer.status, told["kind"]) == (status, kind)
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert "secret" not in json.dumps(told)
    assert "10.0.0.7" not in json.dumps(told)


async def test_an_unexpected_error_is_logged_under_the_number_the_caller_got(toy, caplog):
    client = await toy(raising(ZeroDivisionError("inside")))
    answer = await client.get("/toy")
    assert answer.headers["X-Request-Id"] in (await answer.json())["sentence"]
    (trace,) = [record for record in caplog.records if record.exc_info]
    assert "ZeroDivisionError: inside" in telemetry.TextFormat().format(trace)


async def test_a_room_that_cannot_explain_still_answers(toy):
    def broken(request, error):
        raise KeyError("nothing prepared for this")

    client = await toy(raising(errors.RecordNotFound("1")), explain_error=broken)
    answer = await client.get("/toy")
    assert answer.status == 500
    assert "Please report it" in await answer.text()


async def test_a_slow_handler_is_given_up(toy):
    client = await toy(lambda _: asyncio.sleep(60), request_timeout_s=0.05)
    answer = await client.get("/toy")
    assert (answer.status, (await answer.json())["kind"]) == (503, "TimedOut")


async def test_a_body_over_the_limit_is_refused_in_the_rooms_words(toy):
    async def read(request):
        await request.read()

    client = await toy(read, method="POST", max_body_bytes=2000)
    answer = await client.post("/toy", data=b"x" * 3000)
    assert (answer.status, (await answer.json())["kind"]) == (413, "BodyTooLarge")


async def test_a_redirect_is_no_error(toy):
    client = await toy(raising(web.HTTPSeeOther("/elsewhere")))
    answer = await client.get("/toy", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/elsewhere")


async def test_other_methods_are_refused_and_named(toy):
    client = await toy(fine)
    answer = await client.put("/toy")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert (await answer.json())["kind"] == "MethodNotAllowed"


async def test_head_tells_the_length_without_a_body(toy):
    client = await toy(fine)
    answer = await client.head("/toy")
    assert (answer.status, answer.headers["Content-Length"], await answer.read()) == (200, "4", b"")


@pytest.mark.parametrize("is_open", [True, False])
async def test_scripts_of_other_sites_read_open_rooms_only(toy, is_open):
    client = await toy(fine, open_to_scripts=is_open)
    plain = await client.get("/toy", headers={"Origin": "https://elsewhere.example"})
    before = await client.options("/toy", headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"})
    assert (plain.headers.get("Access-Control-Allow-Origin") == "*") is is_open
    assert (before.status, before.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert ("Access-Control-Allow-Methods" in before.headers) is is_open


async def test_errors_of_open_rooms_can_be_read_by_scripts_too(toy):
    client = await toy(raising(errors.RecordNotFound("1")), open_to_scripts=True)
    assert (await client.get("/toy")).headers["Access-Control-Allow-Origin"] == "*"


def above_info(caplog):
    return [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]


async def test_a_caller_who_goes_away_in_a_stream_is_no_error(toy, caplog):
    gone = asyncio.Event()

    async def endless(request):
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        finally:
            gone.set()

    client = await toy(endless, request_timeout_s=30)
    answer = await client.get("/toy")
    await answer.content.readany()
    with caplog.at_level(logging.INFO):
        answer.close()
        await asyncio.wait_for(gone.wait(), 10)
        await client.close()
    assert above_info(caplog) == []
    assert [record.request.status for record in caplog.records if hasattr(record, "request")] == [499]


async def test_an_answer_that_nobody_takes_any_more_is_no_error(toy, caplog):
    async def too_late(request):
        request.transport.abort()
        raise ConnectionResetError("Cannot write to closing transport")

    client = await toy(too_late)
    with caplog.at_level(logging.INFO), pytest.raises(ClientError):
        await client.get("/toy")
    assert above_info(caplog) == []
    assert [record.request.status for record in caplog.records if hasattr(record, "request")] == [499]


async def echo(request):
    return web.json_response(dict(await parameters(request)))


async def test_a_form_gives_what_its_address_would(toy):
    client = await toy(echo, method="POST")
    answer = await client.post("/toy?b=2", data="query=h%C3%A4st&a=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert await answer.json() == {"query": "häst", "a": "1", "b": "2"}


async def test_a_body_of_another_kind_is_refused(toy):
    client = await toy(echo, method="POST")
    answer = await client.post("/toy", data="<x/>", headers={"Content-Type": "text/xml"})
    assert (answer.status, (await answer.json())["kind"]) == (415, "UnsupportedMediaType")


async def where(request):
    return web.json_response([public_address(request), telemetry.CURRENT.get().client])


FORWARDED = {"X-Forwarded-Host": "catalogue.example.org", "X-Forwarded-Proto": "https", "X-Forwarded-For": "9.9.9.9, 192.0.2.7, 10.0.0.2"}


@pytest.mark.parametrize(
    ("given", "headers", "address", "client_address"),
    [
        ({}, {"Host": "library:81"}, "http://library:81", "127.0.0.1"),
        ({}, {"Host": 'x"><script>', **FORWARDED}, "http://127.0.0.1:8080", "127.0.0.1"),
        ({}, {"Host": "library", **FORWARDED}, "http://library", "127.0.0.1"),
        ({"trusted_proxies": "127.0.0.0/8 10.0.0.0/8"}, FORWARDED, "https://catalogue.example.org", "192.0.2.7"),
        (
            {"trusted_proxies": "127.0.0.1"},
            {"X-Forwarded-Host": "a b", "X-Forwarded-Proto": "gopher"},
            "http://127.0.0.1:8080",
            "127.0.0.1",
        ),
        ({"public_url": "https://l.example/cat/"}, {"Host": "x", **FORWARDED}, "https://l.example/cat", "127.0.0.1"),
    ],
)
async def test_forwarded_headers_count_only_from_trusted_proxies(toy, given, headers, address, client_address):
    client = await toy(where, **given)
    assert await (await client.get("/toy", headers=headers)).json() == [address, client_address]
