"""Logging, metrics and the record of one request.

The record of the request in progress (`RequestLine`) travels in a context variable, so that a service, an engine adapter's
caller or a test can note an operation, hits or engine time without knowing of HTTP; outside a request the notes are dropped.
"""

import json
import logging
import re
import sys
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

import orjson
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from server.settings import LogSettings, metrics_are_shared

log = logging.getLogger(__name__)

BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
PARAMETERS_SHOWN = 1_000
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
SECRET_WORDS = (
    "pass",
    "secret",
    "token",
    "apikey",
    "api_key",
    "key=",
    "pin=",
    "userid",
    "username",
    "user_name",
    "card",
    "patron",
    "borrower",
    "authorization",
)

REQUEST_SECONDS = Histogram("hylla_request_seconds", "Time of requests", ("room", "operation", "status"), buckets=BUCKETS)
ENGINE_SECONDS = Histogram("hylla_engine_seconds", "Time of engine calls", ("kind", "call"), buckets=BUCKETS)
RECORDS = Gauge("hylla_records", "Live records in the index", ("database",), multiprocess_mode="mostrecent")
INDEX_AGE_SECONDS = Gauge(
    "hylla_index_age_seconds", "Age of the oldest stored change that searches do not see yet", ("database",), multiprocess_mode="mostrecent"
)
HARVEST_RECORDS = Gauge(
    "hylla_harvest_records", "Items of the last harvest of each list", ("source", "set", "outcome"), multiprocess_mode="mostrecent"
)
HARVEST_AGE_SECONDS = Gauge(
    "hylla_harvest_age_seconds", "Time since each list was last up to date", ("source", "set"), multiprocess_mode="mostrecent"
)
HARVEST_FAILED = Gauge(
    "hylla_harvest_failed", "Whether the last harvest of each list ended with an error", ("source", "set"), multiprocess_mode="mostrecent"
)
REJECTED_RECORDS = Counter("hylla_rejected_records_total", "Records that could not be loaded", ("reason",))


@dataclass(slots=True)
class RequestLine:
    """What is told about one request in the log and the metrics.

    `operation`: a word from the room's closed list. `hits`: total of the result, when there was one. `took_ms` counts from
    `started` (monotonic seconds). `parameters`: as sent, without secrets.
    """

    request_id: str
    room: str = ""
    operation: str = ""
    status: int = 0
    hits: int | None = None
    engine_ms: float = 0.0
    client: str = ""
    method: str = ""
    path: str = ""
    parameters: str = ""
    started: float = field(default_factory=time.perf_counter)

    @property
    def took_ms(self) -> float:
        """Milliseconds since the request was read."""
        return (time.perf_counter() - self.started) * 1000


CURRENT: ContextVar[RequestLine | None] = ContextVar("request", default=None)


def note_operation(name: str) -> None:
    """Names the operation of the request in progress. Only words from a closed list: it becomes a metric's label."""
    if (line := CURRENT.get()) is not None:
        line.operation = name


def note_hits(count: int) -> None:
    """Notes the size of the result of the request in progress."""
    if (line := CURRENT.get()) is not None:
        line.hits = count


def note_engine_call(kind: str, call: str, took_s: float) -> None:
    """Counts one call of an engine. `kind`: "embedded" or "opensearch"; `call`: name of the port's method."""
    _engine_seconds(kind, call).observe(took_s)
    if (line := CURRENT.get()) is not None:
        line.engine_ms += took_s * 1000


@lru_cache(maxsize=64)
def _engine_seconds(kind: str, call: str) -> Histogram:
    return ENGINE_SECONDS.labels(kind, call)


def tell(line: RequestLine) -> None:
    """Writes the one log line of a request and counts it."""
    took_ms = line.took_ms
    _request_seconds(line.room, line.operation, line.status).observe(took_ms / 1000)
    level = logging.WARNING if line.status >= 500 else logging.INFO
    if log.isEnabledFor(level):
        # Made by hand: looking for the caller's line number, as log.info does, costs more than all the rest.
        record = logging.LogRecord(log.name, level, __file__, 0, "request", None, None)
        record.request, record.took_ms = line, took_ms
        log.handle(record)


@lru_cache(maxsize=4_096)
def _request_seconds(room: str, operation: str, status: int) -> Histogram:
    return REQUEST_SECONDS.labels(room, operation, str(status))


def without_secrets(query: str) -> str:
    """A query string fit for the log: values of parameters that may hold secrets or patron data starred, and not too long."""
    if _is_secret(query):
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
        query = urlencode([(name, "***" if _is_secret(f"{name}=") else value) for name, value in pairs], safe="*")
    return query if len(query) <= PARAMETERS_SHOWN else f"{query[:PARAMETERS_SHOWN]}..."


def _is_secret(text: str) -> bool:
    lower = text.lower()
    return any(word in lower for word in SECRET_WORDS)


class TextFormat(logging.Formatter):
    """One readable line: time, level, request id, text; a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record. Line breaks and other control characters of the text are made visible."""
        asked: RequestLine | None = getattr(record, "request", None)
        line = asked or CURRENT.get()
        head = time.strftime("%H:%M:%S", time.localtime(record.created))
        mark = f" [{line.request_id}]" if line is not None else ""
        told = record.getMessage() if asked is None else _in_words(asked, getattr(record, "took_ms", 0.0))
        if not told.isprintable():
            told = CONTROL.sub(lambda found: repr(found[0])[1:-1], told)
        trace = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return f"{head} {record.levelname.lower():7}{mark} {told}{trace}"


def _in_words(line: RequestLine, took_ms: float) -> str:
    hits = "" if line.hits is None else f", {line.hits} hits"
    address = f"{line.path}?{line.parameters}" if line.parameters else line.path
    what = f"{line.room} {line.operation or line.method} {line.status}"
    return f"{what} {took_ms:.1f} ms, engine {line.engine_ms:.1f} ms{hits} {line.client} {address}"


class JsonFormat(logging.Formatter):
    """One JSON object per line: time (UTC), level, logger, message, request id; for a request its figures, too."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        asked: RequestLine | None = getattr(record, "request", None)
        line = asked or CURRENT.get()
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if line is not None:
            told["request_id"] = line.request_id
        if asked is not None:
            told |= {
                "room": asked.room, "operation": asked.operation, "status": asked.status,
                "took_ms": round(getattr(record, "took_ms", 0.0), 2), "engine_ms": round(asked.engine_ms, 2), "hits": asked.hits,
                "client": asked.client, "method": asked.method, "path": asked.path, "parameters": asked.parameters,
            }  # fmt: skip
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        try:
            return orjson.dumps(told).decode()
        except TypeError:  # text with lone surrogates, as addresses may have
            return json.dumps(told, default=str)


def _without_traceback(record: logging.LogRecord) -> bool:
    """What is no HTTP at all is the caller's mistake: one line, not a traceback of the parser."""
    if record.exc_info and record.exc_info[0] is not None and record.exc_info[0].__module__ == "aiohttp.http_exceptions":
        told = " ".join(str(record.exc_info[1]).split())[:200]
        client = record.args[0] if isinstance(record.args, tuple) and record.args else "-"
        record.msg, record.args = "not understood, from %s: %s", (client, told)
        record.exc_info, record.exc_text = None, None
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


def configure_logging(settings: LogSettings) -> None:
    """Sends the log to standard error: readable lines on a terminal, JSON otherwise, unless `log.format` decides."""
    as_text = settings.format == "text" or (settings.format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextFormat() if as_text else JsonFormat())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no format of ours shows them
    root.setLevel(settings.level.upper())
    parser_log = logging.getLogger("aiohttp.server")
    parser_log.filters[:] = [_without_traceback]
    for chatty in ("asyncio", "aiohttp.access", "opensearch", "fontTools", "weasyprint"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def metrics_page() -> tuple[bytes, str]:
    """All metrics in Prometheus' text format, of all processes that count together, and its content type."""
    registry = REGISTRY
    if metrics_are_shared():
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry), CONTENT_TYPE_LATEST
