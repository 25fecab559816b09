"""The same answers for others than SRU clients: JSON for programs, Atom and RSS for feed readers.

JSON keeps the names of the elements. Records are strings of XML in it, or objects when the record schema is json.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import orjson

from cql.indexes import IndexTable
from server.records.brief import Brief, brief_of
from server.records.registry import Registry
from server.records.stored import MARCXML
from server.sru import links
from server.sru.asked import Explain, Refused, Scan, SearchRetrieve
from server.sru.diagnostics import Diagnostic
from server.sru.explain import relations_of
from server.sru.results import DeliveredRecord, Retrieved, Scanned
from server.xmlio import ATOM, OPENSEARCH, SRU_RESPONSE, element, escape, escape_attribute


def search_json(asked: SearchRetrieve, found: Retrieved, base_url: str) -> bytes:
    """A searchRetrieve answer as JSON."""
    body: dict[str, Any] = {
        "version": asked.version,
        "numberOfRecords": found.total,
        **({"resultSetId": found.result_set.id, "resultSetTTL": found.result_set.seconds} if found.result_set else {}),
        "records": [_record(asked, record) for record in found.records],
        "nextRecordPosition": found.next_position,
        "diagnostics": _diagnostics(asked.warnings + found.diagnostics),
    }
    if found.facets:
        body["facetedResults"] = [
            {
                "index": facet.index,
                "facetDisplayLabel": facet.label,
                "terms": [
                    {
                        "actualTerm": term.term,
                        "count": term.count,
                        "query": term.query,
                        "requestUrl": links.search_address(base_url, asked.version, term.query, asked.sent),
                    }
                    for term in facet.terms
                ],
            }
            for facet in found.facets
        ]
    if found.analysis:
        body["searchResultAnalysis"] = [{"subquery": one.query, "count": one.count} for one in found.analysis]
    if found.explanation:
        body["queryExplanation"] = asdict(found.explanation.explained) | {
            "understoodMs": found.explanation.understood_ms,
            "searchedMs": found.explanation.searched_ms,
        }
    return orjson.dumps(body)


def _record(asked: SearchRetrieve, record: DeliveredRecord) -> dict[str, Any]:
    told: dict[str, Any] = {"recordPosition": record.position, "recordIdentifier": record.hit.id}
    if isinstance(record.content, Diagnostic):
        return told | {"diagnostic": _diagnostics((record.content,))[0]}
    data: Any = record.content.decode() if asked.schema.is_xml else orjson.Fragment(record.content)
    return told | {"recordSchema": asked.schema.identifier, "recordData": data}


def _diagnostics(diagnostics: Sequence[Diagnostic]) -> list[dict[str, str]]:
    return [{"uri": one.uri, "details": one.details, "message": one.text} for one in diagnostics]


def scan_json(asked: Scan, found: Scanned, base_url: str) -> bytes:
    """A scan answer as JSON."""
    terms = [
        {
            "value": term.value,
            "numberOfRecords": term.count,
            "displayTerm": term.shown or term.value,
            "whereInList": term.where,
            "requestURL": links.search_address(base_url, asked.version, term.query),
        }
        for term in found.terms
    ]
    return orjson.dumps({"version": asked.version, "terms": terms, "diagnostics": _diagnostics(asked.warnings + found.diagnostics)})


def explain_json(asked: Explain, database: str, table: IndexTable, schemas: Registry, base_url: str) -> bytes:
    """What can be searched and had, as JSON."""
    indexes = [
        {
            "name": index.name,
            "aliases": list(index.aliases),
            "title": dict(index.labels or {}),
            "relations": list(relations_of(index, table)),
            "scan": bool(index.scan),
            "sort": bool(index.sort),
            "facet": bool(index.facet),
        }
        for index in table.indexes()
        if index.kind != "resultset"
    ]
    offered = [
        {"name": one.name, "identifier": one.identifier, "title": dict(one.labels)}
        for one in schemas.schemas
        if one.is_offered_in(database)
    ]
    body = {
        "version": asked.version,
        "database": database,
        "baseUrl": base_url,
        "indexes": indexes,
        "recordSchemas": offered,
        "diagnostics": _diagnostics(asked.warnings),
    }
    return orjson.dumps(body)


def refused_json(asked: Refused, total: int) -> bytes:
    """A refusal as JSON."""
    return orjson.dumps(
        {"version": asked.version, "numberOfRecords": total, "diagnostics": _diagnostics((asked.diagnostic, *asked.warnings))}
    )


def atom(asked: SearchRetrieve, found: Retrieved, title: str, base_url: str) -> bytes:
    """A searchRetrieve answer as an Atom feed (RFC 4287) with OpenSearch counts; each entry holds its record."""
    own = links.self_address(base_url, asked.sent)
    pages = links.page_links(base_url, asked, found.total, found.next_position)
    link = "".join(f'<link rel="{one.relation}" href="{escape_attribute(one.address)}"/>' for one in [links.Link("self", own), *pages])
    updated = max((record.hit.datestamp for record in found.records), default=datetime.now(UTC))
    entries = "".join(_atom_entry(asked, record, base_url) for record in found.records)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="{ATOM}" xmlns:os="{OPENSEARCH}" xmlns:sru="{SRU_RESPONSE}">'
        + element("title", f"{title}: {asked.query}")
        + element("id", own)
        + f"<updated>{updated:%Y-%m-%dT%H:%M:%SZ}</updated>{element('generator', title)}"
        + f"<author>{element('name', title)}</author>{link}"
        + f"<os:totalResults>{found.total}</os:totalResults><os:startIndex>{asked.start}</os:startIndex>"
        + f"<os:itemsPerPage>{asked.maximum}</os:itemsPerPage>{entries}</feed>"
    ).encode()


def _atom_entry(asked: SearchRetrieve, record: DeliveredRecord, base_url: str) -> str:
    brief, address = _brief(record), _record_address(asked, record, base_url)
    content = ""
    if isinstance(record.content, bytes):
        text = record.content.decode()
        is_text = asked.packing == "string" or not asked.schema.is_xml
        content = f"<content>{escape(text)}</content>" if is_text else f'<content type="application/xml">{text}</content>'
    return (
        "<entry>"
        + element("title", brief.title)
        + element("id", address)
        + f"<updated>{record.hit.datestamp:%Y-%m-%dT%H:%M:%SZ}</updated>"
        + (f"<author>{element('name', brief.creator)}</author>" if brief.creator else "")
        + f'<link rel="alternate" href="{escape_attribute(address)}"/>'
        + f"<sru:recordPosition>{record.position}</sru:recordPosition>{content}</entry>"
    )


def rss(asked: SearchRetrieve, found: Retrieved, title: str, base_url: str) -> bytes:
    """A searchRetrieve answer as an RSS 2.0 channel with OpenSearch counts."""
    items = "".join(_rss_item(asked, record, base_url) for record in found.records)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:os="{OPENSEARCH}"><channel>'
        + element("title", f"{title}: {asked.query}")
        + element("link", links.self_address(base_url, asked.sent))
        + element("description", f"{found.total} records")
        + f"<os:totalResults>{found.total}</os:totalResults><os:startIndex>{asked.start}</os:startIndex>"
        + f"<os:itemsPerPage>{asked.maximum}</os:itemsPerPage>{items}</channel></rss>"
    ).encode()


def _rss_item(asked: SearchRetrieve, record: DeliveredRecord, base_url: str) -> str:
    brief, address = _brief(record), _record_address(asked, record, base_url)
    about = ", ".join(part for part in (brief.creator, brief.year) if part)
    return (
        "<item>"
        + element("title", brief.title)
        + element("link", address)
        + (element("description", about) if about else "")
        + f'<guid isPermaLink="false">{escape(record.hit.id)}</guid>'
        + f"<pubDate>{format_datetime(record.hit.datestamp)}</pubDate></item>"
    )


def _brief(record: DeliveredRecord) -> Brief:
    return brief_of(record.hit.id, record.hit.stored[MARCXML], record.hit.format)


def _record_address(asked: SearchRetrieve, record: DeliveredRecord, base_url: str) -> str:
    kept: Mapping[str, str] = {name: asked.sent[name] for name in ("recordSchema",) if name in asked.sent}
    return links.search_address(base_url, asked.version, links.record_query(record.hit.id), kept)
