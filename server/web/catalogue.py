"""Addresses that lead into the catalogue: a record by its id, the explanation of a query, and the description by which browsers
and feed readers learn to search (OpenSearch 1.1).

What is found is shown by SRU, which knows how; so a record has one page, and these addresses can be written down.
"""

from urllib.parse import urlencode
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

from cql.tree import verbatim
from server import errors, i18n, telemetry
from server.rooms import ENGINES, SETTINGS, public_address
from server.settings import Database

SHOWN_RECORDS = 5
SHORT_NAME_LENGTH, LONG_NAME_LENGTH = 16, 48
"""Most characters of names in a description. Source: OpenSearch 1.1."""

DATABASES: tuple[Database, ...] = ("biblios", "authorities")


def _sru(database: Database, parameters: dict[str, str]) -> str:
    path = "/sru" if database == DATABASES[0] else f"/sru/{database}"
    return f"{path}?{urlencode(parameters)}"


def _language(request: web.Request) -> dict[str, str]:
    asked = request.query.get("lang", "")
    return {"x-lang": asked} if asked in i18n.LANGUAGES else {}


async def record(request: web.Request) -> web.StreamResponse:
    """Leads to the page of a record, bibliographic or authority. Raises: RecordNotFound, EngineError."""
    telemetry.note_operation("record")
    record_id = request.match_info["id"]
    for database in DATABASES:
        if await request.app[ENGINES][database].get(record_id, ()) is not None:
            raise web.HTTPFound(_sru(database, {"query": f"rec.identifier == {verbatim(record_id)}"} | _language(request)))
    raise errors.RecordNotFound(record_id)


def explanation(request: web.Request) -> str:
    """The address that explains the query of a request; empty where there is no query."""
    query = request.query.get("query", "").strip()
    database: Database = "authorities" if request.query.get("database") == "authorities" else "biblios"
    parameters = {"query": query, "maximumRecords": str(SHOWN_RECORDS), "x-explain-query": "1"}
    return _sru(database, parameters | _language(request)) if query else ""


async def search_description(request: web.Request) -> web.StreamResponse:
    """What browsers, feed readers and portals need to offer a search here."""
    telemetry.note_operation("opensearch")
    name, base = request.app[SETTINGS].library_name, public_address(request)
    words = f"{base}/sru?queryType=searchTerms&query={{searchTerms}}"
    urls = [
        ("results", "text/html", words),
        ("results", "application/atom+xml", f"{words}&httpAccept=application/atom%2Bxml"),
        ("results", "application/rss+xml", f"{words}&httpAccept=application/rss%2Bxml"),
        ("self", "application/opensearchdescription+xml", f"{base}/opensearch.xml"),
    ]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">',
        f"<ShortName>{escape(name[:SHORT_NAME_LENGTH])}</ShortName>",
        f"<LongName>{escape(name[:LONG_NAME_LENGTH])}</LongName>",
        f"<Description>{escape(i18n.message(i18n.DEFAULT, 'search_description', library=name))}</Description>",
        *(f"<Url rel={quoteattr(rel)} type={quoteattr(media)} template={quoteattr(template)}/>" for rel, media, template in urls),
        f'<Image height="34" width="34" type="image/svg+xml">{escape(base)}/static/shelf.svg</Image>',
        '<Query role="example" searchTerms="reefs"/>',
        *(f"<Language>{code}</Language>" for code in i18n.LANGUAGES),
        "<InputEncoding>UTF-8</InputEncoding>",
        "<OutputEncoding>UTF-8</OutputEncoding>",
        "</OpenSearchDescription>",
    ]
    headers = {"Cache-Control": "public, max-age=3600"}
    return web.Response(text="\n".join(lines) + "\n", content_type="application/opensearchdescription+xml", headers=headers)
