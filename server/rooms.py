"""A room is one protocol behind its addresses; the guard stands around every handler.

`guarded` is the only `try` around handlers: it measures, writes one log line, and turns a `DiscoveryError` into the room's own
kind of answer. Anything else is our mistake: HTTP 500 in the room's format, the traceback in the log, the request id in both.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from random import getrandbits

from aiohttp import web

from indexer.engine import port
from server import errors, telemetry
from server.auth.secrets import Secrets
from server.db.pool import Pool, is_unavailable
from server.errors import DiscoveryError
from server.params import Parameters, read_parameters
from server.settings import Database, Settings

log = logging.getLogger(__name__)

SETTINGS = web.AppKey("settings", Settings)
SECRETS = web.AppKey("secrets", Secrets)
POOL = web.AppKey[Pool]("pool")
ENGINES = web.AppKey[Mapping[Database, port.Engine]]("engines")  # database name -> collection, read only
OPEN_TO_SCRIPTS = web.RequestKey("open_to_scripts", bool)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

GOOD_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
GOOD_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
HIGHEST_PORT = 65_535
CLIENT_GONE = 499  # our decision, after nginx: only in the log, nobody is there to read it

HTTP_STATUS: dict[type[DiscoveryError], int] = {
    errors.BadParameter: 400,
    errors.UnsupportedMediaType: 415,
    errors.NotAcceptable: 406,
    errors.BodyTooLarge: 413,
    errors.NotFound: 404,
    errors.MethodNotAllowed: 405,
    errors.QueryTooExpensive: 400,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
    DiscoveryError: 500,
}


@dataclass(frozen=True)
class Room:
    """One protocol: its name, its addresses, and how it tells a caller that something went wrong.

    `routes`: (method, path, handler); HEAD comes with GET, OPTIONS and the refusal of other methods come by themselves.
    `tells_options` False: OPTIONS is one of the refused methods, for protocols that say so.
    `explain_error` answers in the room's format and decides the HTTP status (`http_status` proposes one).
    `open_to_scripts`: scripts of any web site may read the answers (CORS `*`); only for rooms without sign-in.
    """

    name: str
    routes: Sequence[tuple[str, str, Handler]]
    explain_error: Callable[[web.Request, DiscoveryError], web.StreamResponse]
    open_to_scripts: bool = False
    tells_options: bool = True


def http_status(error: DiscoveryError) -> int:
    """The HTTP status that says the same as an error, for rooms whose protocol has no rule of its own."""
    return next(HTTP_STATUS[kind] for kind in type(error).__mro__ if kind in HTTP_STATUS)


def open_room(app: web.Application, room: Room) -> None:
    """Gives a room its addresses."""
    if room.open_to_scripts and _allow_scripts not in app.on_response_prepare:
        app.on_response_prepare.append(_allow_scripts)
    methods: dict[str, list[str]] = {}
    for method, path, handler in room.routes:
        guard = guarded(room, handler)
        app.router.add_route(method, path, guard)
        methods.setdefault(path, []).append(method)
        if method == "GET":
            app.router.add_route("HEAD", path, guard)
            methods[path].append("HEAD")
    for path, own in methods.items():
        allowed = tuple(sorted({*own, "OPTIONS"} if room.tells_options else own))
        if room.tells_options:
            app.router.add_route("OPTIONS", path, guarded(room, _tell_methods(room, allowed)))
        app.router.add_route("*", path, guarded(room, _refuse_method(allowed)))


async def _allow_scripts(request: web.Request, response: web.StreamResponse) -> None:
    if request.get(OPEN_TO_SCRIPTS):
        response.headers.setdefault("Access-Control-Allow-Origin", "*")


def _tell_methods(room: Room, allowed: tuple[str, ...]) -> Handler:
    async def options(_: web.Request) -> web.StreamResponse:
        telemetry.note_operation("options")
        headers = {"Allow": ", ".join(allowed)}
        if room.open_to_scripts:
            headers["Access-Control-Allow-Methods"] = ", ".join(allowed)
            headers["Access-Control-Allow-Headers"] = "*"
            headers["Access-Control-Max-Age"] = "86400"
        return web.Response(status=204, headers=headers)

    return options


def _refuse_method(allowed: tuple[str, ...]) -> Handler:
    async def refuse(request: web.Request) -> web.StreamResponse:
        raise errors.MethodNotAllowed(request.method[:20], allowed)

    return refuse


def guarded(room: Room, handler: Handler) -> Handler:
    """A handler that always answers, in the room's format, and leaves one line in the log."""

    async def guard(request: web.Request) -> web.StreamResponse:
        settings = request.app[SETTINGS]
        line = telemetry.RequestLine(
            request_id=_request_id(request.headers.get("X-Request-Id", "")),
            room=room.name,
            status=CLIENT_GONE,
            client=client_address(request),
            method=request.method,
            path=request.rel_url.raw_path,
            parameters=telemetry.without_secrets(request.rel_url.raw_query_string) if settings.log.parameters else "",
        )
        request[OPEN_TO_SCRIPTS] = room.open_to_scripts
        telemetry.CURRENT.set(line)
        try:
            response = await _answered(room, handler, request, line.request_id)
            line.status = response.status
        except web.HTTPException as redirect:
            line.status = redirect.status
            raise
        finally:  # also when a caller who went away cancels the handler
            telemetry.tell(line)
        return response

    return guard


async def _answered(room: Room, handler: Handler, request: web.Request, request_id: str) -> web.StreamResponse:
    settings = request.app[SETTINGS]
    try:
        async with asyncio.timeout(settings.request_timeout_s):
            return await handler(request)
    except web.HTTPException as error:
        if error.status != web.HTTPRequestEntityTooLarge.status_code:
            raise
        return _explained(room, request, errors.BodyTooLarge(settings.max_body_bytes), request_id)
    except Exception as error:
        if isinstance(error, ConnectionError) and _is_gone(request):
            return web.Response(status=CLIENT_GONE)
        return _explained(room, request, _in_domain_words(error, request_id), request_id)


def _explained(room: Room, request: web.Request, error: DiscoveryError, request_id: str) -> web.StreamResponse:
    try:
        response = room.explain_error(request, error)
    except Exception:
        log.exception("the room %s cannot explain %s", room.name, type(error).__name__)
        response = web.Response(status=500, text=f"{errors.InternalError(request_id)}\n")
    match error:
        case errors.Unavailable():
            if response.status in {429, 503}:
                response.headers.setdefault("Retry-After", str(error.retry_after_s))
        case errors.MethodNotAllowed():
            response.headers["Allow"] = ", ".join(error.allowed)
    return response


def _in_domain_words(error: Exception, request_id: str) -> DiscoveryError:
    match error:
        case DiscoveryError():
            return error
        case port.QueryTooExpensive():
            return errors.QueryTooExpensive(str(error))
        case port.EngineError():
            log.warning("search engine: %s", error)
            return errors.EngineUnavailable("The search engine does not answer at the moment. Please try again.")
        case TimeoutError():
            return errors.TimedOut("This took too long and was given up. Please ask for less, or try again.")
    if is_unavailable(error):
        log.warning("database: %s: %s", type(error).__name__, error)
        return errors.DatabaseUnavailable("The database does not answer at the moment. Please try again.")
    log.error("unexpected %s", type(error).__name__, exc_info=error)
    return errors.InternalError(request_id)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _request_id(sent: str) -> str:
    """The caller's own id when it is harmless, so that it can be followed through proxies; else a new one."""
    return sent if sent and GOOD_REQUEST_ID.fullmatch(sent) else f"{getrandbits(64):016x}"


async def parameters(request: web.Request) -> Parameters:
    """The parameters of a GET, or those of a POST with a form body (after them those of its address).

    Raises: UnsupportedMediaType for a body of another kind, BadParameter, BodyTooLarge by way of the guard.
    """
    query = request.rel_url.raw_query_string
    if request.method != "POST":
        return read_parameters(query)
    try:
        body = await request.read()
    except web.RequestPayloadError as error:
        coding = request.headers.get("Content-Encoding", "")
        raise errors.UnsupportedMediaType(f"The request's body could not be decoded ({coding[:40]!r}).", media_type=coding[:40]) from error
    if body and request.content_type != "application/x-www-form-urlencoded":
        raise errors.UnsupportedMediaType(
            f"The request's body is {request.content_type}; it must be application/x-www-form-urlencoded.", media_type=request.content_type
        )
    return read_parameters(body, query)


def _is_trusted(settings: Settings, address: str | None) -> bool:
    try:
        own = ip_address(address or "")
    except ValueError:
        return False
    return any(own in network for network in settings.trusted_proxies)


def client_address(request: web.Request) -> str:
    """The caller's address: the last hop that is no trusted proxy."""
    settings = request.app[SETTINGS]
    address = request.remote or ""
    if settings.trusted_proxies and _is_trusted(settings, address):
        for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
            if not hop.strip():
                break
            address = hop.strip()[:45]
            if not _is_trusted(settings, address):
                break
    return address


def _is_good_host(host: str) -> bool:
    found = GOOD_HOST.fullmatch(host)
    return found is not None and int((found[1] or found[2] or ":0")[1:]) <= HIGHEST_PORT


def public_address(request: web.Request) -> str:
    """The address by which this caller knows the server, without a slash at the end: `public_url`, or the request's own.

    Host and scheme come from X-Forwarded-Host and X-Forwarded-Proto only when a trusted proxy sent them.
    """
    settings = request.app[SETTINGS]
    if settings.public_url:
        return settings.public_url
    scheme, host = request.scheme, request.headers.get("Host", "")
    if settings.trusted_proxies and _is_trusted(settings, request.remote):
        scheme = request.headers.get("X-Forwarded-Proto", scheme).split(",")[0].strip()
        host = request.headers.get("X-Forwarded-Host", host).split(",")[0].strip()
    if scheme not in {"http", "https"}:
        scheme = request.scheme
    if not _is_good_host(host):
        host = f"{settings.host}:{settings.port}"
    return f"{scheme}://{host}"
