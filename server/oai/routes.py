"""Addresses of the OAI-PMH room."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from indexer.engine.port import Engine
from indexer.record import Format
from server import errors, i18n, telemetry, xmlio
from server.auth.secrets import Secrets
from server.errors import CannotStart, DiscoveryError
from server.oai import response
from server.oai.contents import Contents
from server.oai.formats import Formats, read_formats
from server.oai.rendering import Renderer
from server.oai.request import GetRecord, Identify, ListItems, ListMetadataFormats, ListSets, OaiError, Resume, read
from server.oai.service import Repository
from server.oai.tokens import token_secrets
from server.params import Parameters
from server.rooms import SETTINGS, Room, http_status, parameters
from server.sets.rules import SetRules
from server.settings import Settings

STYLESHEET = "/stylesheets/oai.xsl"
DISABLED = "OAI-PMH service is disabled\n"
_VARY = "Accept, Sec-Fetch-Mode"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the room works with. `repository` None: the service is off."""

    base_url: str
    name: str
    repository: Repository | None


DESK = web.AppKey("oai desk", Desk)
SENT = web.RequestKey("oai parameters", Parameters)


def open_desk(
    app: web.Application, pool: Any, engine: Engine, settings: Settings, rules: SetRules, secrets: Secrets, item_tags: Mapping[Format, str]
) -> None:
    """Makes the room ready to work; called once, when the engines are open. Raises: CannotStart for what cannot be used."""
    own = settings.oai
    repository = None
    if own.enabled:
        check_settings(settings)
        formats = read_formats(own.conf_file)
        check_stylesheets(formats)
        contents = Contents(pool, engine, own, rules, Renderer(own, settings.items, settings.items.tags(item_tags)))
        repository = Repository(pool, contents, own, formats, rules, token_secrets(own, secrets))
    app[DESK] = Desk(base_url(settings), own.repository_name or settings.library_name, repository)


def base_url(settings: Settings) -> str:
    """The address that harvesters are told: never the one of a request."""
    return settings.oai.base_url or f"{settings.public_url or f'http://{settings.host}:{settings.port}'}/oai"


def check_settings(settings: Settings) -> None:
    """What the settings alone can have wrong. Raises: CannotStart naming the key."""
    own = settings.oai
    if settings.production and not (own.base_url or settings.public_url):
        raise CannotStart("production needs oai.base_url (or public_url): harvesters are told this address and keep it.")
    if settings.production and not own.admin_emails:
        raise CannotStart("production needs oai.admin_emails: harvesters must be able to reach somebody.")
    for text in own.descriptions:
        try:
            xmlio.parse(text.encode())
        except xmlio.NotXml as problem:
            raise CannotStart(f"One of oai.descriptions is no XML: {problem}") from None


def check_stylesheets(formats: Formats) -> None:
    """Compiles every stylesheet file once. Raises: CannotStart naming the file."""
    for form in formats.formats:
        if form.stylesheet is not None:
            try:
                xmlio.compiled(form.stylesheet)
            except (xmlio.TransformFailed, xmlio.UnknownStylesheet) as problem:
                raise CannotStart(f"The format {form.prefix} cannot be used: {problem}") from None


async def verb(request: web.Request) -> web.StreamResponse:
    """Any of the six verbs."""
    desk = request.app[DESK]
    if desk.repository is None:
        telemetry.note_operation("disabled")
        return web.Response(status=404, text=DISABLED)
    sent = request[SENT] = await parameters(request)
    granularity = desk.repository.settings.granularity
    try:
        asked = read(sent, granularity)
    except OaiError as error:
        telemetry.note_operation("error")
        return await _sent(request, response.error(_frame(request, desk, granularity), error.errors))
    telemetry.note_operation(sent["verb"])
    frame = _frame(request, desk, granularity, dict(sent))
    try:
        body = await _answered(desk, desk.repository, frame, asked)
    except OaiError as error:
        body = response.error(frame, error.errors)
    return await _sent(request, body)


async def _answered(desk: Desk, repository: Repository, frame: response.Frame, asked: Any) -> bytes:
    settings = repository.settings
    match asked:
        case Identify():
            return response.identify(frame, settings, desk.name, await repository.earliest())
        case ListMetadataFormats():
            return response.metadata_formats(frame, await repository.formats_of(asked))
        case ListSets():
            return response.sets(frame, repository.sets())
        case GetRecord():
            return response.record(frame, await repository.record(asked), settings.rights)
        case ListItems():
            listed = await repository.items(asked)
        case Resume(verb="ListSets"):
            return response.sets(frame, repository.sets(asked.token))
        case Resume():
            listed = await repository.resume(asked)
    if asked.verb == "ListIdentifiers":
        return response.identifiers(frame, listed)
    return response.records(frame, listed, settings.rights)


def _frame(request: web.Request, desk: Desk, granularity: str, arguments: dict[str, str] | None = None) -> response.Frame:
    stylesheet = STYLESHEET if "text/html" in request.headers.get("Accept", "") else ""
    return response.Frame(desk.base_url, arguments or {}, stylesheet, granularity)


async def _sent(request: web.Request, body: bytes) -> web.Response:
    """XML, or for a browser that goes to the address as a page: what the stylesheet makes of it."""
    headers = {"Vary": _VARY, "Cache-Control": "no-cache"}
    if request.headers.get("Sec-Fetch-Mode") == "navigate" and "text/html" in request.headers.get("Accept", ""):
        values = {
            "language": i18n.choose_language("", request.headers.get("Accept-Language", "")),
            "library": request.app[SETTINGS].library_name,
            "path": request.path,
        }
        page = await asyncio.to_thread(xmlio.transform, body, "oai.xsl", values)
        return web.Response(body=page, headers=headers | {"Content-Type": "text/html; charset=utf-8"})
    return web.Response(body=body, headers=headers | {"Content-Type": "text/xml; charset=utf-8"})


def explain_error(request: web.Request, error: DiscoveryError) -> web.Response:
    """What is wrong with a request as badArgument; trouble of ours as a short text with the HTTP status that harvesters act on."""
    desk = request.app.get(DESK)
    parameter_trouble = errors.BadParameter | errors.UnsupportedMediaType | errors.BodyTooLarge
    if desk is not None and desk.repository is not None and isinstance(error, parameter_trouble):
        frame = _frame(request, desk, desk.repository.settings.granularity)
        body = response.error(frame, [("badArgument", error.sentence)])
        return web.Response(body=body, headers={"Content-Type": "text/xml; charset=utf-8", "Vary": _VARY})
    return web.Response(status=http_status(error), text=f"{error.sentence}\n")


_ADDRESSES = ("/oai", "/cgi-bin/koha/oai.pl")

ROOM = Room(
    "oai",
    [(method, path, verb) for path in _ADDRESSES for method in ("GET", "POST")],
    explain_error,
    open_to_scripts=True,
    tells_options=False,  # scripts send GET or a form without asking before; oai-pmh.md 1 wants 405 for every further method
)
