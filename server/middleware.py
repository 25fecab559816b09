"""What every answer gets, whatever room it comes from: request id, security headers, compression."""

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from server.telemetry import CURRENT

# A page may use our own files only, and nobody may frame it.
CONTENT_POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

COMPRESSIBLE = re.compile(r"text/|application/(json|javascript|xml|[a-z0-9.-]+\+(xml|json))")
_CODING = re.compile(r"(?:x-)?(gzip|\*)(?:;q=([01](?:\.[0-9]*)?))?")
SMALLEST_COMPRESSED = 256  # oai-pmh.md 19 wants every answer compressed that may be; below this it would only grow
LARGEST_INLINE = 128 * 1024  # about two milliseconds of work; more than that goes to a thread
GZIP = 16 + zlib.MAX_WBITS
LEVEL = 1  # a third of the time of the default level for about a fifth more bytes, on MARCXML


async def dress(_: web.Request, response: web.StreamResponse) -> None:
    """Puts the request id and the security headers on an answer (signal `on_response_prepare`); what is set stays."""
    headers = response.headers
    if (line := CURRENT.get()) is not None:
        headers["X-Request-Id"] = line.request_id
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    headers.pop("Server", None)


@web.middleware
async def compress(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.StreamResponse:
    """Gzips text answers of more than a packet for callers who accept it. Streams are left alone."""
    response = await handler(request)
    if not isinstance(response, web.Response) or response.prepared:
        return response
    body = response.body
    if not isinstance(body, bytes) or len(body) < SMALLEST_COMPRESSED or not COMPRESSIBLE.match(response.content_type):
        return response
    response.headers.add("Vary", "Accept-Encoding")
    if "Content-Encoding" not in response.headers and _accepts_gzip(request.headers.get("Accept-Encoding", "")):
        response.body = _gzip(body) if len(body) <= LARGEST_INLINE else await asyncio.to_thread(_gzip, body)
        response.headers["Content-Encoding"] = "gzip"
    return response


def _accepts_gzip(header: str) -> bool:
    """Whether gzip is wanted; what is said of gzip itself counts more than what is said of `*` (RFC 9110, 12.5.3)."""
    said = {found[1]: float(found[2] or 1) > 0 for part in header.replace(" ", "").lower().split(",") if (found := _CODING.fullmatch(part))}
    return said.get("gzip", said.get("*", False))


def _gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    return packer.compress(body) + packer.flush()
