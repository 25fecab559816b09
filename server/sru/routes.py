"""Addresses of the SRU room."""

import asyncio
from dataclasses import dataclass, replace
from hashlib import blake2b
from importlib.resources import files

from aiohttp import web
from aiohttp.helpers import ETag

from cql.diagnostics import CqlError
from cql.tree import Query
from server import errors, i18n, telemetry, xmlio
from server.catalogue import Catalogue
from server.errors import DiscoveryError
from server.params import Parameters, read_parameters
from server.records.conversion import Converter
from server.records.registry import Registry, shipped_registry
from server.rooms import SECRETS, SETTINGS, Room, http_status, parameters, public_address
from server.settings import Settings
from server.sru import alternatives, links, response
from server.sru.asked import Asked, Explain, Refused, Scan, SearchRetrieve, Surroundings
from server.sru.diagnostics import Diagnostic, diagnostic_of
from server.sru.explain import EXAMPLES, Described, ExplainRecords, Place
from server.sru.media import XML, Delivery
from server.sru.request import read, refuse
from server.sru.result_sets import LONGEST_ID, ResultSets
from server.sru.scanning import scan
from server.sru.service import OutOfRange, Searcher

DEFAULT_DATABASE = "biblios"
EXPLAIN_SECONDS = 60
"""How long a copy of the description may be used without asking again (Cache-Control)."""
STYLE_FILES = {
    "sru.xsl": "application/xslt+xml",
    "sru-texts.xsl": "application/xslt+xml",
    "sru-records.xsl": "application/xslt+xml",
    "sru-lists.xsl": "application/xslt+xml",
    "oai.xsl": "application/xslt+xml",
    "sru.css": "text/css",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What the room works with."""

    catalogue: Catalogue
    searcher: Searcher
    schemas: Registry
    explained: ExplainRecords


DESK = web.AppKey("sru desk", Desk)
SENT = web.RequestKey("sru parameters", Parameters)
_VARY = "Accept, Accept-Language, Sec-Fetch-Mode, Upgrade-Insecure-Requests"


def open_desk(app: web.Application, catalogue: Catalogue, converter: Converter, settings: Settings) -> None:
    """Makes the room ready to work; called once, when the engines are open."""
    schemas = shipped_registry()
    titles = settings.sru.titles.model_dump()
    described = [
        Described(name, titles.get(name, name), catalogue.database(name).indexes, schemas, settings.sru) for name in catalogue.names
    ]
    names = tuple(schema.name for schema in schemas.schemas)
    own = settings.sru
    sets = ResultSets(app[SECRETS], own.result_set_s, min(LONGEST_ID, own.limits.term_characters))
    searcher = Searcher(catalogue, converter, names, sets)
    app[DESK] = Desk(catalogue, searcher, schemas, ExplainRecords(described))


async def operation(request: web.Request) -> web.StreamResponse:
    """Any operation of any version, told apart by the parameters."""
    desk = request.app[DESK]
    sent = request[SENT] = await parameters(request)
    database = _database(request)
    root = public_address(request)
    asked = read(sent, _surroundings(request, root, database, sent))
    base_url = root + request.path
    match asked:
        case SearchRetrieve():
            telemetry.note_operation("searchRetrieve")
            return await _searched(request, desk, database, asked, base_url)
        case Scan():
            telemetry.note_operation("scan")
            return await _scanned(request, desk, database, asked, base_url)
        case Explain():
            telemetry.note_operation("explain")
            return await _explained(request, desk, database, asked, base_url)
        case Refused():
            telemetry.note_operation(asked.operation)
            return await _refused(request, desk, database, asked, base_url)


def _database(request: web.Request) -> str:
    """The database that the address names. Raises: UnknownDatabase."""
    name = request.match_info.get("database") or request.path.strip("/")
    name = DEFAULT_DATABASE if name == "sru" else name
    return request.app[DESK].catalogue.database(name).name


def _surroundings(request: web.Request, root: str, database: str, sent: Parameters) -> Surroundings:
    headers = request.headers
    return Surroundings(
        settings=request.app[SETTINGS].sru,
        schemas=request.app[DESK].schemas,
        database=database,
        host=root.partition("://")[2],
        accept=headers.get("Accept", ""),
        is_navigation=headers.get("Sec-Fetch-Mode") == "navigate" or headers.get("Upgrade-Insecure-Requests") == "1",
        language=_language(request, sent),
    )


def _language(request: web.Request, sent: Parameters) -> str:
    """The language of pages: the one asked for, else what the browser likes best."""
    wished = request.headers.get("Accept-Language", "")
    return i18n.choose_language(sent.get("x-lang", ""), wished) if wished or "x-lang" in sent else i18n.DEFAULT


async def _searched(request: web.Request, desk: Desk, database: str, asked: SearchRetrieve, base_url: str) -> web.Response:
    try:
        found = await desk.searcher.search_retrieve(database, asked)
    except CqlError as error:
        return await _refused(request, desk, database, _stopped(asked, _diagnostic(error)), base_url)
    except OutOfRange as error:
        return await _refused(request, desk, database, _stopped(asked, Diagnostic(61, "", str(error))), base_url, error.total)
    telemetry.note_hits(found.total)
    title = request.app[SETTINGS].library_name
    match asked.delivery.form:
        case "json":
            return _sent(asked, alternatives.search_json(asked, found, base_url))
        case "atom":
            return _sent(asked, alternatives.atom(asked, found, title, base_url))
        case "rss":
            return _sent(asked, alternatives.rss(asked, found, title, base_url))
        case _:
            return await _sent_xml(request, asked, response.search_retrieve(asked, found, base_url))


async def _scanned(request: web.Request, desk: Desk, database: str, asked: Scan, base_url: str) -> web.Response:
    try:
        found = await scan(desk.catalogue, database, asked)
    except CqlError as error:
        return await _refused(request, desk, database, _stopped(asked, _diagnostic(error)), base_url)
    if asked.delivery.form == "json":
        return _sent(asked, alternatives.scan_json(asked, found, base_url))
    return await _sent_xml(request, asked, response.scan(asked, found, base_url))


async def _explained(request: web.Request, desk: Desk, database: str, asked: Explain, base_url: str) -> web.Response:
    table = desk.catalogue.database(database).indexes
    if asked.delivery.form == "json":
        return _sent(asked, alternatives.explain_json(asked, database, table, desk.schemas, base_url))
    readiness = await desk.catalogue.ready(database)
    record = desk.explained.record(database, asked.version, Place(base_url, readiness.record_count))
    starts: list[links.Link] = []
    if asked.delivery.for_people:
        starts = links.example_links(base_url, EXAMPLES.get(database, ()), asked.sent) + links.index_links(base_url, table, asked.sent)
    answer = await _sent_xml(request, asked, response.explain(asked, record, starts, base_url))
    answer.headers["Cache-Control"] = f"public, max-age={EXPLAIN_SECONDS}"
    body = answer.body if isinstance(answer.body, bytes) else b""
    answer.etag = ETag(blake2b(body, digest_size=12).hexdigest(), is_weak=True)
    if any(known.value in {answer.etag.value, "*"} for known in request.if_none_match or ()):
        return web.Response(status=304, headers={name: answer.headers[name] for name in ("Cache-Control", "ETag", "Vary")})
    return answer


def _diagnostic(error: CqlError) -> Diagnostic:
    return Diagnostic(error.number, error.details, error.message)


def _stopped(asked: SearchRetrieve | Scan, diagnostic: Diagnostic) -> Refused:
    """A request that was good in itself, but cannot be answered."""
    return Refused(
        version=asked.version,
        sent=asked.sent,
        delivery=asked.delivery,
        warnings=asked.warnings,
        stylesheet=asked.stylesheet,
        indent=asked.indent,
        operation="searchRetrieve" if isinstance(asked, SearchRetrieve) else "scan",
        diagnostic=diagnostic,
    )


async def _refused(request: web.Request, desk: Desk, database: str, asked: Refused, base_url: str, total: int = 0) -> web.Response:
    if asked.delivery.form == "json":
        return _sent(asked, alternatives.refused_json(asked, total), asked.status)
    if asked.delivery.form in {"atom", "rss"}:
        asked = replace(asked, delivery=Delivery(XML))  # feeds have no words for diagnostics
    query = _echoed_query(desk, asked, request.app[SETTINGS].sru.cql_lenient)
    body = response.refused(asked, query, _record(desk, database, asked, base_url), base_url, total)
    return await _sent_xml(request, asked, body, asked.status)


def _echoed_query(desk: Desk, asked: Refused, lenient: bool) -> Query | None:
    """The query or scan clause of a refused request, if it can be read at all."""
    text = asked.sent.get("scanClause" if asked.operation == "scan" else "query")
    if text is None or asked.operation == "explain" or asked.sent.get("queryType", "cql") not in {"cql", "searchTerms"}:
        return None
    lenient = asked.operation == "searchRetrieve" and (lenient or asked.sent.get("queryType") == "searchTerms")
    try:
        return desk.catalogue.parse(text, "lenient" if lenient else "strict")
    except CqlError:
        return None


def _record(desk: Desk, database: str, asked: Refused, base_url: str) -> str:
    """The description inside a refused explain, without a count, because the engine may be what is wrong."""
    if asked.operation != "explain":
        return ""
    name = database if database in desk.catalogue.names else DEFAULT_DATABASE
    return desk.explained.record(name, asked.version, Place(base_url, None))


async def _sent_xml(request: web.Request, asked: Asked, body: bytes, status: int = 200) -> web.Response:
    """XML as it is, with line breaks, or as the page that the stylesheet makes of it."""
    if asked.delivery.form == "html":
        values = {"language": _language(request, asked.sent), "library": request.app[SETTINGS].library_name}
        body = await asyncio.to_thread(xmlio.transform, body, "sru.xsl", values)
    elif asked.indent:
        body = await asyncio.to_thread(xmlio.pretty, body)
    return _sent(asked, body, status)


def _sent(asked: Asked, body: bytes, status: int = 200) -> web.Response:
    headers = {"Content-Type": f"{asked.delivery.media_type}; charset=utf-8", "Vary": _VARY}
    return web.Response(body=body, status=status, headers=headers)


def explain_error(request: web.Request, error: DiscoveryError) -> web.Response:
    """The diagnostic of an error, in the kind of answer that the request asked for."""
    desk = request.app[DESK]
    sent = request.get(SENT) or _parameters_of_address(request)
    name = request.match_info.get("database", "").lower()
    database = name if name in desk.catalogue.names else DEFAULT_DATABASE
    # What the protocol calls a diagnostic is an answer; HTTP only tells what HTTP itself, or trying again, can help with.
    status = 200 if isinstance(error, errors.BadParameter | errors.QueryTooExpensive) else http_status(error)
    root = public_address(request)
    asked = refuse(sent, _surroundings(request, root, database, sent), diagnostic_of(error), status)
    base_url = root + request.path
    if asked.delivery.form == "json":
        return _sent(asked, alternatives.refused_json(asked, 0), status)
    asked = replace(asked, delivery=asked.delivery if asked.delivery.form == "xml" else Delivery(XML))
    query = _echoed_query(desk, asked, request.app[SETTINGS].sru.cql_lenient)
    body = response.refused(asked, query, _record(desk, database, asked, base_url), base_url)
    return _sent(asked, body, status)


def _parameters_of_address(request: web.Request) -> Parameters:
    """What can be known of a request whose body was not read; nothing when the address itself is the mistake."""
    try:
        return read_parameters(request.rel_url.raw_query_string)
    except DiscoveryError:
        return read_parameters("")


async def explain_page(_: web.Request) -> web.StreamResponse:
    """Leads to the description as a page, also for those whose client does not say that it likes pages."""
    telemetry.note_operation("explain")
    raise web.HTTPFound("/sru?httpAccept=text/html")


async def stylesheet(request: web.Request) -> web.StreamResponse:
    """A stylesheet that answers name, or the style sheet of the pages it makes."""
    telemetry.note_operation("stylesheet")
    name = request.match_info["name"]
    if name not in STYLE_FILES:
        raise errors.UnknownAddress("There is no such stylesheet.")
    body = files("stylesheets").joinpath(name).read_bytes()
    headers = {"Content-Type": f"{STYLE_FILES[name]}; charset=utf-8", "Cache-Control": "public, max-age=3600"}
    return web.Response(body=body, headers=headers)


_ADDRESSES = ("/sru", "/sru/{database}", "/biblios", "/authorities")

ROOM = Room(
    "sru",
    [
        ("GET", "/sru/explain.html", explain_page),
        *((method, path + end, operation) for path in _ADDRESSES for end in ("", "/") for method in ("GET", "POST")),
        ("GET", "/stylesheets/{name}", stylesheet),
    ],
    explain_error,
    open_to_scripts=True,
)
