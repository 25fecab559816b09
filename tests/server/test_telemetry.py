import asyncio
import io
import json
import logging
import sys

import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from server import telemetry
from server.settings import LogSettings
from server.telemetry import (
    JsonFormat,
    RequestLine,
    TextFormat,
    configure_logging,
    metrics_page,
    note_engine_call,
    note_hits,
    note_operation,
    tell,
)


@pytest.fixture(autouse=True)
def _outside_a_request():
    token = telemetry.CURRENT.set(None)
    yield
    telemetry.CURRENT.reset(token)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("query=dc.title%3Dhav&a=1", "query=dc.title%3Dhav&a=1"),
        ("x-username=a&x-password=b&query=c", "x-username=***&x-password=***&query=c"),
        ("client_secret=s3&q=%C3%A5", "client_secret=***&q=%C3%A5"),
        ("cardnumber=4711", "cardnumber=***"),
        ("APIKEY=x&pin=1234&Key=z", "APIKEY=***&pin=***&Key=***"),
        ("sortKeys=title&query=monkey%3Dpassword", "sortKeys=title&query=monkey%3Dpassword"),
        ("password=%ff", "password=***"),
        ("q=" + "x" * 2000, "q=" + "x" * 998 + "..."),
    ],
)
def test_secrets_and_patron_data_do_not_reach_the_log(query, shown):
    assert telemetry.without_secrets(query) == shown


def test_notes_outside_a_request_are_dropped():
    note_operation("x")
    note_hits(1)
    note_engine_call("embedded", "count", 0.01)
    assert REGISTRY.get_sample_value("hylla_engine_seconds_count", {"kind": "embedded", "call": "count"}) >= 1


def test_engine_time_adds_up():
    line = RequestLine("id")
    telemetry.CURRENT.set(line)
    note_engine_call("embedded", "search", 0.25)
    note_engine_call("embedded", "count", 0.5)
    assert line.engine_ms == 750


def test_a_request_is_counted_by_closed_words_only():
    labels = {"room": "toy", "operation": "counted", "status": "503"}
    tell(RequestLine("id", room="toy", operation="counted", status=503, path="/never/a/label"))
    assert REGISTRY.get_sample_value("hylla_request_seconds_count", labels) == 1
    page, content_type = metrics_page()
    assert content_type.startswith("text/plain")
    assert b"/never/a/label" not in page
    for name in (
        b"hylla_request_seconds",
        b"hylla_engine_seconds",
        b"hylla_records",
        b"hylla_index_age_seconds",
        b"hylla_rejected_records_total",
    ):
        assert b"# TYPE " + name in page


def record(message, *arguments, **extra):
    made = logging.LogRecord("server.x", logging.WARNING, __file__, 1, message, arguments, None)
    made.__dict__ |= extra
    return made


def test_a_json_line_is_one_object_with_the_request():
    line = RequestLine("id-1", room="sru", operation="scan", status=200, hits=3, path="/sru", parameters="a=1")
    told = json.loads(JsonFormat().format(record("%s", "x", request=line, took_ms=1.234)))
    assert {key: told[key] for key in ("request_id", "room", "operation", "status", "hits", "took_ms", "level")} == {
        "request_id": "id-1", "room": "sru", "operation": "scan", "status": 200, "hits": 3, "took_ms": 1.23, "level": "warning",
    }  # fmt: skip


def test_lines_inside_a_request_carry_its_number():
    telemetry.CURRENT.set(RequestLine("id-2"))
    assert json.loads(JsonFormat().format(record("hello")))["request_id"] == "id-2"
    assert "[id-2] hello" in TextFormat().format(record("hello"))


@pytest.mark.parametrize("form", [TextFormat, JsonFormat])
def test_nobody_can_forge_a_line(form):
    line = form().format(record("one\ntwo\r\x1b[31mthree"))
    assert not any(mark in line for mark in "\n\r\x1b")


@pytest.mark.usefixtures("log_as_before")
@pytest.mark.parametrize(("chosen", "is_json"), [("auto", True), ("json", True), ("text", False)])
def test_the_form_follows_the_setting(chosen, is_json, monkeypatch):
    output = io.StringIO()
    monkeypatch.setattr(sys, "stderr", output)
    configure_logging(LogSettings(format=chosen, level="warning"))
    logging.getLogger("server.x").info("not this")
    logging.getLogger("server.x").warning("this %s", "one")
    (line,) = output.getvalue().splitlines()
    assert line.startswith("{") is is_json
    assert "this one" in line


@pytest.mark.usefixtures("log_as_before")
async def test_what_is_no_http_at_all_is_one_line(aiohttp_server, monkeypatch):
    output = io.StringIO()
    monkeypatch.setattr(sys, "stderr", output)
    configure_logging(LogSettings(format="text"))
    server = await aiohttp_server(web.Application())
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / COFFEE/1\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.0 400")
    writer.close()
    (line,) = output.getvalue().splitlines()
    assert "info" in line
    assert "not understood, from 127.0.0.1: " in line
