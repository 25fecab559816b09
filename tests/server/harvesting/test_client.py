"""Requests to servers that are busy, broken, elsewhere, or compress what nobody asked them to."""

import gzip
import zlib
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.harvesting.client import SourceUnavailable, open_client, retry_after_s
from server.source_settings import SourceSettings

BODY = b"<OAI-PMH>an answer</OAI-PMH>"
ASKED = {"verb": "ListRecords", "resumptionToken": "a+b&c=d/e%?ö|"}


class Server:
    """Gives the answers of `script` one after the other, then BODY; every request is kept."""

    def __init__(self):
        self.script, self.requests, self.waits = [], [], []

    async def answer(self, request):
        self.requests.append((request.method, dict(request.query) | dict(await request.post()), dict(request.headers), request.path))
        return self.script.pop(0) if self.script else web.Response(body=BODY)

    async def get(self, **more):
        async def wait(seconds):
            self.waits.append(round(seconds, 1))

        source = SourceSettings.model_validate({"name": "x", "base_url": str(self.server.make_url("/oai")), "delay": 0, **more})
        async with open_client(source, "library@example.org", wait) as client, client.answer(ASKED) as file:
            return file.read()


@pytest.fixture
async def server():
    made = Server()
    app = web.Application()
    app.router.add_route("*", "/{anything}", made.answer)
    made.server = TestServer(app)
    await made.server.start_server()
    yield made
    await made.server.close()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_arguments_arrive_as_they_are_with_a_contact(server, method):
    assert await server.get(method=method) == BODY
    ((used, arguments, headers, _),) = server.requests
    assert (used, arguments) == (method, ASKED)
    assert headers["Accept-Encoding"] == "gzip"
    assert headers["User-Agent"].startswith("hylla/")
    assert headers["User-Agent"].endswith("(OAI-PMH harvester; library@example.org)")
    assert headers["From"] == "library@example.org"


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_server_is_obeyed(server, status):
    server.script = [web.Response(status=status, headers={"Retry-After": "17"}) for _ in range(7)]
    assert await server.get() == BODY
    assert server.waits == [17.0] * 7


async def test_a_server_that_is_busy_for_ever_is_given_up(server):
    server.script = [web.Response(status=503, headers={"Retry-After": "1"}) for _ in range(99)]
    with pytest.raises(SourceUnavailable, match=r"is busy \(HTTP 503\), and that 20 times"):
        await server.get()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_broken_server_gets_five_tries_with_growing_pauses(server, status):
    server.script = [web.Response(status=status) for _ in range(4)]
    assert await server.get() == BODY
    assert server.waits == [1.0, 2.0, 4.0, 8.0]
    server.script = [web.Response(status=status) for _ in range(5)]
    with pytest.raises(SourceUnavailable, match="and that 5 times"):
        await server.get()


async def test_other_errors_are_final(server):
    server.script = [web.Response(status=403)]
    with pytest.raises(SourceUnavailable, match=r"answers HTTP 403 Forbidden\."):
        await server.get()
    assert len(server.requests) == 1


async def test_a_server_that_is_not_there_is_told():
    source = SourceSettings(name="x", base_url="http://127.0.0.1:9/oai", delay=0)

    async def wait(seconds):
        pass

    async with open_client(source, "", wait) as client:
        with pytest.raises(SourceUnavailable, match="cannot be reached"):
            async with client.answer(ASKED):
                pass


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("0", "", 0),
        ("120", "", 120),
        ("99999999", "", 3600),
        ("Sat, 31 Jan 2026 12:01:30 GMT", "Sat, 31 Jan 2026 12:00:00 GMT", 90),
        ("Sat, 31 Jan 2026 11:00:00 GMT", "Sat, 31 Jan 2026 12:00:00 GMT", 0),
        ("Fri, 31 Jan 2098 12:00:00 GMT", "", 3600),
        ("", "", None),
        ("soon", "", None),
        ("-5", "", None),
        ("²", "", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_at_most_an_hour(value, date, seconds):
    assert retry_after_s(value, date) == seconds


def test_without_a_date_of_its_own_our_clock_counts(time_machine):
    time_machine.move_to(datetime(2026, 1, 31, 12, tzinfo=UTC), tick=False)
    assert retry_after_s("Sat, 31 Jan 2026 12:00:05 GMT", "") == 5


PACKED = {
    "plain": (BODY, {}),
    "announced": (gzip.compress(BODY), {"Content-Encoding": "gzip"}),
    "unannounced": (gzip.compress(BODY), {}),
    "twice": (gzip.compress(gzip.compress(BODY)), {"Content-Encoding": "gzip"}),
    "members": (gzip.compress(BODY[:9]) + gzip.compress(BODY[9:]), {}),
    "deflate": (zlib.compress(BODY), {"Content-Encoding": "deflate"}),
    "falsely announced": (BODY, {"Content-Encoding": "gzip"}),
    "empty": (b"", {}),
}


@pytest.mark.parametrize("name", PACKED)
async def test_compression_is_undone_announced_or_not(server, name):
    body, headers = PACKED[name]
    server.script = [web.Response(body=body, headers=headers)]
    assert await server.get() == (b"" if name == "empty" else BODY)


async def test_compressed_answers_that_break_off_are_asked_for_again(server):
    server.script = [web.Response(body=gzip.compress(BODY * 1000)[:-20]), web.Response(body=gzip.compress(BODY)[:15] + b"damaged" * 9)]
    assert await server.get() == BODY
    assert len(server.requests) == 3


async def test_unknown_compression_is_refused(server):
    server.script = [web.Response(body=b"x", headers={"Content-Encoding": "br"})]
    with pytest.raises(SourceUnavailable, match="compresses with 'br'"):
        await server.get()


@pytest.mark.parametrize(("status", "method"), [(302, "POST"), (307, "POST"), (301, "POST"), (308, "POST"), (303, "GET")])
async def test_redirects_keep_method_and_arguments(server, status, method):
    server.script = [web.Response(status=status, headers={"Location": "/other"})]
    assert await server.get(method="POST") == BODY
    used, arguments, _, path = server.requests[1]
    assert (used, arguments, path) == (method, ASKED, "/other")


async def test_an_address_that_has_the_arguments_already_is_taken_as_it_is(server):
    server.script = [web.Response(status=302, headers={"Location": "/other?verb=ListRecords&resumptionToken=t"})]
    assert await server.get() == BODY
    assert server.requests[1][1] == {"verb": "ListRecords", "resumptionToken": "t"}


async def test_redirects_that_never_end_are_given_up(server):
    server.script = [web.Response(status=302, headers={"Location": "/oai"}) for _ in range(99)]
    with pytest.raises(SourceUnavailable, match="never ends"):
        await server.get()


async def test_a_redirect_to_something_else_is_refused(server):
    server.script = [web.Response(status=302, headers={"Location": "file:///etc/passwd"})]
    with pytest.raises(SourceUnavailable, match="no web address"):
        await server.get()


async def test_secret_headers_stay_with_their_host(server):
    other = f"http://localhost:{server.server.port}/other"
    server.script = [web.Response(status=307, headers={"Location": "/same"}), web.Response(status=307, headers={"Location": other})]
    assert await server.get(headers={"X-Key": "sesame"}) == BODY
    assert [headers.get("X-Key") for _, _, headers, _ in server.requests] == ["sesame", "sesame", None]


async def test_between_two_requests_there_is_a_pause(server):
    source = SourceSettings(name="x", base_url=str(server.server.make_url("/oai")), delay=30)
    waits = []

    async def wait(seconds):
        waits.append(round(seconds))

    async with open_client(source, "", wait) as client:
        for _ in range(3):
            async with client.answer(ASKED):
                pass
    assert waits == [30, 30]
