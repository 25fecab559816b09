"""Asking a repository over HTTP, politely and with patience (oai-pmh.md 23.5).

One request at a time, `delay` between two; a source that says when to come back is obeyed for up to an hour, one that is broken is
asked five times. Answers go into a file (memory first), so that a page may have any size and can be read twice.
"""

import asyncio
import logging
import re
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from tempfile import SpooledTemporaryFile
from typing import IO, cast
from urllib.parse import quote, urlencode, urljoin, urlsplit

import aiohttp
from yarl import URL

from server.settings import PROGRAM, release
from server.source_settings import SourceSettings

log = logging.getLogger(__name__)

TRIES = 5
"""Of a request that meets a broken server or a broken connection (oai-pmh.md 23.5)."""

WAITS = 20
"""Times that one request is put off by Retry-After before it is given up; our decision."""

LONGEST_WAIT_S = 3600
CONNECT_S = 30
READ_S = 300
REDIRECTS = 5
IN_MEMORY_BYTES = 16_000_000
LARGEST_ANSWER_BYTES = 8_000_000_000
"""Our decision: there are sources that send everything in one answer, and others that never end."""

_CHUNK_BYTES = 1 << 16
_TRY_AGAIN = frozenset({408, 425, 500, 502, 504, 520, 521, 522, 524})
_LATER = frozenset({429, 503})
_ELSEWHERE = frozenset({301, 302, 303, 307, 308})
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
"""zlib's number for a gzip header and the largest window."""


class SourceUnavailable(Exception):
    """The source cannot be reached, or does not answer as it should; the sentence says how. `status`: of HTTP, 0 without one."""

    def __init__(self, sentence: str, status: int = 0) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Again:
    """The request is to be sent once more: after `wait_s` when the source said so, else when we think fit."""

    why: str
    status: int = 0
    wait_s: float | None = None


class Client:
    """Asks one source. `sleep` waits for seconds."""

    def __init__(self, session: aiohttp.ClientSession, source: SourceSettings, sleep: Callable[[float], Awaitable[None]] | None) -> None:
        self._session = session
        self._source = source
        self._sleep = sleep or asyncio.sleep
        self._headers = {name: value.get_secret_value() for name, value in source.headers.items()}
        self._free_at = 0.0

    @asynccontextmanager
    async def answer(self, arguments: Mapping[str, str]) -> AsyncIterator[IO[bytes]]:
        """The body of an answer, decompressed, as a file that is gone after the block. Raises: SourceUnavailable."""
        file = await self._fetch(arguments)
        try:
            yield file
        finally:
            file.close()

    async def pause(self, failures: int) -> None:
        """Waits before something that failed is tried again: 1, 2, 4, ... seconds, at most a minute."""
        await self._sleep(min(60.0, 2.0 ** (failures - 1)))

    async def _fetch(self, arguments: Mapping[str, str]) -> IO[bytes]:
        failures = waits = 0
        while True:
            outcome = await self._ask(arguments)
            if not isinstance(outcome, _Again):
                return outcome
            if outcome.wait_s is None:
                failures += 1
            else:
                waits += 1
            if failures >= TRIES or waits >= WAITS:
                raise SourceUnavailable(f"{self._source.base_url} {outcome.why}, and that {failures + waits} times.", outcome.status)
            log.warning("%s %s; it is asked again", self._source.base_url, outcome.why)
            if outcome.wait_s is None:
                await self.pause(failures)
            else:
                await self._sleep(outcome.wait_s)

    async def _ask(self, arguments: Mapping[str, str]) -> IO[bytes] | _Again:
        loop = asyncio.get_running_loop()
        if self._free_at > loop.time():
            await self._sleep(self._free_at - loop.time())
        try:
            return await self._request(arguments)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return _Again(f"cannot be reached ({error or type(error).__name__})")
        except zlib.error as error:
            return _Again(f"sends what cannot be decompressed ({error})")
        finally:
            self._free_at = loop.time() + self._source.delay

    async def _request(self, arguments: Mapping[str, str]) -> IO[bytes] | _Again:
        """One request, with redirects followed: the method stays, except after 303, and headers are for our host only."""
        query = urlencode(arguments, quote_via=quote, safe="")
        url, method = self._source.base_url, self._source.method
        for _ in range(REDIRECTS + 1):
            headers = self._headers if _is_same_place(url, self._source.base_url) else {}
            form = {"Content-Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
            target = url if method == "POST" or "verb=" in urlsplit(url).query else f"{url}{'&' if '?' in url else '?'}{query}"
            async with self._session.request(
                method, URL(target, encoded=True), data=query if method == "POST" else None, headers=headers | form, allow_redirects=False
            ) as response:
                location = response.headers.get("Location", "")
                if response.status not in _ELSEWHERE or not location:
                    return await self._body(response)
            url = urljoin(target, location)
            method = "GET" if response.status == 303 else method
            if urlsplit(url).scheme not in {"http", "https"}:
                raise SourceUnavailable(f"{self._source.base_url} sends us to {url!r}, which is no web address.", response.status)
        raise SourceUnavailable(f"{self._source.base_url} sends us from one address to another, and never ends.", 310)

    async def _body(self, response: aiohttp.ClientResponse) -> IO[bytes] | _Again:
        if response.status in _LATER:
            wait_s = retry_after_s(response.headers.get("Retry-After", ""), response.headers.get("Date", ""))
            return _Again(f"is busy (HTTP {response.status})", response.status, wait_s)
        if response.status in _TRY_AGAIN:
            return _Again(f"answers HTTP {response.status}", response.status)
        file = cast("IO[bytes]", SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))  # noqa: SIM115 - `answer` closes it
        try:
            await self._save(response, file)
            file.seek(0)
            # There are repositories that tell their protocol errors with HTTP 400 or 404.
            if response.status != 200 and b"<OAI-PMH" not in file.read(2_000):
                raise SourceUnavailable(f"{self._source.base_url} answers HTTP {response.status} {response.reason}.", response.status)
        except BaseException:
            file.close()
            raise
        return file

    async def _save(self, response: aiohttp.ClientResponse, file: IO[bytes]) -> None:
        """Decompresses what comes, announced or not. gzip within gzip exists: a compressed file that the server compresses."""
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {"identity", "gzip", "x-gzip", "deflate", "none", "utf-8", ""}:
            raise SourceUnavailable(f"{self._source.base_url} compresses with {encoding!r}, which it was not asked to do.", response.status)
        outer, inner = _Unpacking(is_deflate=encoding == "deflate"), _Unpacking()
        size = 0
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            plain = inner.take(outer.take(chunk))
            size += len(plain)
            if size > LARGEST_ANSWER_BYTES:
                raise SourceUnavailable(f"{self._source.base_url} sends more than {LARGEST_ANSWER_BYTES:,} bytes in one answer.")
            file.write(plain)
        file.write(inner.take(outer.end()) + inner.end())


class _Unpacking:
    """Undoes gzip where the bytes begin like it, and gives other bytes as they are. Raises: zlib.error."""

    def __init__(self, *, is_deflate: bool = False) -> None:
        self._head = b""
        self._decompressor = zlib.decompressobj() if is_deflate else None
        self._is_plain = False

    def take(self, chunk: bytes) -> bytes:
        """What these bytes give."""
        if self._is_plain or not chunk:
            return chunk
        if self._decompressor is None:
            chunk = self._head + chunk
            if len(chunk) < len(_GZIP):
                self._head = chunk
                return b""
            self._head = b""
            if chunk[:2] != _GZIP:
                self._is_plain = True
                return chunk
            self._decompressor = zlib.decompressobj(_GZIP_WINDOW)
        plain = self._decompressor.decompress(chunk)
        while self._decompressor.eof and self._decompressor.unused_data.startswith(_GZIP):  # members one after another
            rest = self._decompressor.unused_data
            self._decompressor = zlib.decompressobj(_GZIP_WINDOW)
            plain += self._decompressor.decompress(rest)
        return plain

    def end(self) -> bytes:
        """What was held back."""
        if self._decompressor is not None and not self._decompressor.eof:
            raise zlib.error("it breaks off")
        return self._head


def _is_same_place(url: str, own: str) -> bool:
    """Whether secrets for `own` may be sent to `url`: the same host, or the same one by https."""
    one, other = urlsplit(url), urlsplit(own)
    return one.hostname == other.hostname and ((one.scheme == other.scheme and one.port == other.port) or one.scheme == "https")


def retry_after_s(value: str, date: str) -> float | None:
    """Seconds that Retry-After asks to wait, at most an hour; None when it does not say. A date counts from the answer's own `Date`."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(min(int(value), LONGEST_WAIT_S))
    until = _http_date(value)
    if until is None:
        return None
    now = _http_date(date) or datetime.now(UTC)
    return min(max((until - now).total_seconds(), 0.0), float(LONGEST_WAIT_S))


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@asynccontextmanager
async def open_client(
    source: SourceSettings, contact: str, sleep: Callable[[float], Awaitable[None]] | None = None
) -> AsyncIterator[Client]:
    """A client for one source. `contact`: mail or web address of those who harvest, told in each request; may be empty."""
    headers = {"User-Agent": f"{PROGRAM}/{release()} (OAI-PMH harvester{f'; {contact}' if contact else ''})", "Accept-Encoding": "gzip"}
    if "@" in contact:
        headers["From"] = contact
    async with aiohttp.ClientSession(
        headers=headers, auto_decompress=False, timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=READ_S)
    ) as session:
        yield Client(session, source, sleep)
