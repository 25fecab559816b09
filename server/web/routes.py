"""Addresses of the pages, and the room that answers where no other room lives."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

import jinja2
from aiohttp import web
from markupsafe import Markup, escape

from cql.indexes import IndexTable
from server import errors, i18n, telemetry
from server.errors import DiscoveryError
from server.params import accepted
from server.rooms import ENGINES, POOL, SETTINGS, Room, http_status, public_address
from server.settings import PROGRAM, release
from server.settings_text import sample_file
from server.web import catalogue, health
from server.web.docs import Chapter, guides, index_chapter, room_chapters, settings_chapter

STARTED_AT = datetime.now(UTC)
STATIC = {"pages.css": "text/css", "shelf.svg": "image/svg+xml"}
ERROR_TITLES = {404: "error_title_404", 405: "error_title_405", 503: "error_title_503"}


@dataclass(frozen=True, slots=True)
class Manual:
    """What the manual is made of besides its guides: the rooms, and the index table of each database."""

    rooms: Sequence[Room]
    tables: Mapping[str, IndexTable]
    made: dict[str, list[tuple[str, list[Chapter]]]] = field(default_factory=dict)

    def parts(self, language: str) -> list[tuple[str, list[Chapter]]]:
        """Message of each part's heading, and its chapters; made once, for nothing in it changes while we serve.

        `language`, one of `i18n.LANGUAGES`, is that of the labels of indexes.
        """
        if language not in self.made:
            titles = [(i18n.message(language, name), table) for name, table in self.tables.items()]
            reference = [index_chapter(titles, language), settings_chapter(sample_file())]
            self.made[language] = [("guides", guides()), ("reference", reference), ("rooms", room_chapters(self.rooms))]
        return self.made[language]


MANUAL = web.AppKey("manual", Manual)


def open_desk(app: web.Application, rooms: Sequence[Room], tables: Mapping[str, IndexTable]) -> None:
    """Makes the room ready to work; called once, when the field table is known."""
    app[MANUAL] = Manual(rooms, tables)


@dataclass(frozen=True, slots=True)
class Example:
    """A search to click. `key`: its message; `address`: where it leads; `shown`: the same, readable."""

    key: str
    address: str
    shown: str


def _example(key: str, path: str = "/sru", **parameters: str) -> Example:
    shown = "&".join(f"{name}={value}" for name, value in parameters.items())
    return Example(key, f"{path}?{urlencode(parameters)}" if parameters else path, f"{path}?{shown}" if shown else path)


EXAMPLES = (
    _example("example_all", query="cql.allRecords=1"),
    _example("example_titles", scanClause='dc.title == ""'),
    _example("example_subjects", scanClause='dc.subject == ""'),
    _example("example_explain"),
    _example("example_marcxml", version="1.2", query="cql.allRecords=1", httpAccept="text/xml", stylesheet=""),
    _example("example_authorities", "/sru/authorities", query="cql.allRecords=1"),
)


EXPLAINED = tuple(
    Example(key, f"/explain-query?{urlencode({'query': query})}", query)
    for key, query in (
        ("explain_any", 'dc.title any "reef reefs" and dc.date within "1990 2020"'),
        ("explain_near", "cql.anywhere = coral prox/unit=word/distance<=3 cql.anywhere = reefs"),
        ("explain_nothing", "dc.creator = melvile"),
    )
)


@cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("server", "web/templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"code": _code, "breakable": _breakable}
    return made


def _code(text: str, link: str = "") -> Markup:
    """Sets what stands between backquotes in a message as code, and links it when there is somewhere to go."""
    shown = Markup('<a href="{}"><code>{}</code></a>') if link else Markup("<code>{1}</code>")
    pieces = str(text).split("`")
    return Markup("").join(shown.format(link, piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces))


def _breakable(address: str) -> Markup:
    """An address that may be broken between its parameters, and not in the middle of a word."""
    return Markup(re.sub(r"(\?|&amp;)", r"\1<wbr>", str(escape(address))))


def _language(request: web.Request) -> str:
    return i18n.choose_language(request.query.get("lang", ""), request.headers.get("Accept-Language", ""))


def page(request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:
    """A page in the reader's language. Every template gets `say(key, ...)`, the languages and the library's name."""
    language = _language(request)
    text = (
        _templates()
        .get_template(template)
        .render(
            language=language,
            languages=i18n.LANGUAGES,
            is_chosen=request.query.get("lang") == language,
            say=lambda key, **named: i18n.message(language, key, **named),
            number=lambda value: i18n.number(language, value),
            library_name=request.app[SETTINGS].library_name,
            program=PROGRAM.capitalize(),
            command=PROGRAM,
            release=release(),
            **values,
        )
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)


async def start(request: web.Request) -> web.StreamResponse:
    """The start page."""
    telemetry.note_operation("start")
    found = await health.report(request.app[POOL], request.app[ENGINES])
    biblios = found.collections.get("biblios")
    count = biblios.record_count if biblios else None
    base, has_oai = public_address(request), request.app[SETTINGS].oai.enabled
    return page(request, "start.html", page="start", record_count=count or 0, examples=EXAMPLES, base=base, has_oai=has_oai)


async def status(request: web.Request) -> web.StreamResponse:
    """The status page; HTTP 200 even when something does not work, because the page itself does."""
    telemetry.note_operation("status")
    found = await health.report(request.app[POOL], request.app[ENGINES])
    return page(request, "status.html", page="status", report=found, started_at=STARTED_AT)


async def manual(request: web.Request) -> web.StreamResponse:
    """What the manual has."""
    telemetry.note_operation("docs")
    return page(request, "docs.html", page="docs", chapter=None, parts=request.app[MANUAL].parts(_language(request)))


async def chapter(request: web.Request) -> web.StreamResponse:
    """One page of the manual."""
    telemetry.note_operation("docs")
    name = request.match_info["name"]
    for _, chapters in request.app[MANUAL].parts(_language(request)):
        for one in chapters:
            if one.name == name:
                return page(request, "docs.html", page="docs", chapter=one)
    raise _unknown_address(request)


async def explain_query(request: web.Request) -> web.StreamResponse:
    """Leads to the explanation of a query; without one, a page to write it on."""
    telemetry.note_operation("explain-query")
    if address := catalogue.explanation(request):
        raise web.HTTPFound(address)
    return page(request, "explain_query.html", page="", databases=catalogue.DATABASES, examples=EXPLAINED)


async def live(_: web.Request) -> web.StreamResponse:
    """The process answers."""
    telemetry.note_operation("live")
    return web.json_response({"live": True})


async def ready(request: web.Request) -> web.StreamResponse:
    """Whether searches can be served, and the state of every part."""
    telemetry.note_operation("ready")
    found = await health.report(request.app[POOL], request.app[ENGINES])
    body = {
        "ready": found.ready,
        "database": _as_json(found.database),
        "engine": {name: _as_json(part) for name, part in found.collections.items()},
    }
    return web.json_response(body, status=200 if found.ready else 503, headers={"Cache-Control": "no-store"})


def _as_json(part: health.Part) -> Mapping[str, object]:
    told: dict[str, object] = {"works": part.works, "took_ms": part.took_ms}
    return told if part.record_count is None else told | {"record_count": part.record_count}


async def static(request: web.Request) -> web.StreamResponse:
    """Stylesheet and pictures."""
    telemetry.note_operation("static")
    name = request.match_info["name"]
    if name not in STATIC:
        raise _unknown_address(request)
    body = files("server").joinpath("web", "static", name).read_bytes()
    return web.Response(body=body, content_type=STATIC[name], charset="utf-8", headers={"Cache-Control": "public, max-age=3600"})


async def nowhere(request: web.Request) -> web.StreamResponse:
    """No room lives here."""
    telemetry.note_operation("nowhere")
    raise _unknown_address(request)


def _unknown_address(request: web.Request) -> errors.UnknownAddress:
    path = re.sub(r"[^\x20-\x7e]", "", request.rel_url.raw_path)[:200]
    return errors.UnknownAddress(f"There is nothing at {path}.", path=path)


def explain_error(request: web.Request, error: DiscoveryError) -> web.Response:
    """A page for people, JSON for those who want JSON, a line of text for the rest."""
    code = http_status(error)
    wanted = accepted(request.headers.get("Accept", ""), ("text/plain", "application/json", "text/html"))
    line = telemetry.CURRENT.get()
    request_id = line.request_id if line else ""
    if "text/html" in request.headers.get("Accept", ""):
        language = _language(request)
        title = i18n.message(language, ERROR_TITLES.get(code, "error_title_other"))
        sentence = i18n.message(language, "nothing_here", **error.details) if isinstance(error, errors.UnknownAddress) else error.sentence
        return page(request, "error.html", status=code, page="", title=title, sentence=sentence, request_id=request_id)
    if wanted == "application/json":
        return web.json_response({"error": error.sentence, "request_id": request_id}, status=code)
    return web.Response(text=f"{error.sentence}\n", status=code)


ROOM = Room(
    "web",
    [
        ("GET", "/", start),
        ("GET", "/status", status),
        ("GET", "/docs", manual),
        ("GET", "/docs/{name}", chapter),
        ("GET", "/record/{id:.+}", catalogue.record),
        ("GET", "/explain-query", explain_query),
        ("GET", "/opensearch.xml", catalogue.search_description),
        ("GET", "/health/live", live),
        ("GET", "/health/ready", ready),
        ("GET", "/static/{name}", static),
    ],
    explain_error,
)
