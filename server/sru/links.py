"""Addresses of other answers: the search behind a facet or a scan term, the next page, the same answer in another form."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote

from cql.indexes import IndexTable
from cql.tree import verbatim
from server.i18n import LANGUAGES
from server.sru.asked import Scan, SearchRetrieve, Version
from server.sru.results import Scanned

_KEPT_BY_SEARCHES = ("recordSchema", "maximumRecords", "recordPacking", "recordXMLEscaping", "facetLimit", "facetSort", "x-lang")
_OF_PAGES_ONLY = frozenset({"httpAccept", "stylesheet", "x-lang", "renderedBy"})


class Link(NamedTuple):
    """One address of a page. `relation`: first, previous, next, last, xml, json, atom, example, lang-sv ..."""

    relation: str
    address: str
    title: str = ""


def address(base_url: str, parameters: Mapping[str, object]) -> str:
    """The base URL with parameters, UTF-8 and percent-encoded."""
    return f"{base_url}?" + "&".join(f"{quote(name, safe='')}={quote(str(value), safe='')}" for name, value in parameters.items())


def search_address(base_url: str, version: Version, query: str, sent: Mapping[str, str] | None = None) -> str:
    """A search for `query` in the same version, records as in the request `sent`."""
    parameters: dict[str, object] = {} if version == "2.0" else {"version": version, "operation": "searchRetrieve"}
    parameters["query"] = query
    if sent is not None:
        parameters |= {name: sent[name] for name in _KEPT_BY_SEARCHES if name in sent}
        if "sortKeys" in sent:
            parameters["sortKeys"] = sent["sortKeys"]
    return address(base_url, parameters)


def record_query(record_id: str) -> str:
    """A query that finds one record."""
    return f"rec.identifier == {verbatim(record_id)}"


def self_address(base_url: str, sent: Mapping[str, str]) -> str:
    """The address of this very answer."""
    return address(base_url, sent)


def page_links(base_url: str, asked: SearchRetrieve, total: int, next_position: int | None) -> list[Link]:
    """The neighbouring pages of a result."""
    sent = dict(asked.sent)
    found: list[Link] = []
    if asked.start > 1 and asked.maximum:
        found.append(Link("first", address(base_url, sent | {"startRecord": 1})))
        found.append(Link("previous", address(base_url, sent | {"startRecord": max(1, asked.start - asked.maximum)})))
    if next_position is not None and asked.maximum:
        found.append(Link("next", address(base_url, sent | {"startRecord": next_position})))
        last = (total - asked.start) // asked.maximum * asked.maximum + asked.start
        found.append(Link("last", address(base_url, sent | {"startRecord": last})))
    return found


def browse_links(base_url: str, asked: Scan, found: Scanned) -> list[Link]:
    """The neighbouring stretches of a term list: the one that ends before it, the one that begins behind it."""
    if not found.terms:
        return []
    first, last = found.terms[0], found.terms[-1]
    sent = dict(asked.sent)
    links: list[Link] = []
    if first.where in {"inner", "last"}:
        back = sent | {"scanClause": first.query, "responsePosition": asked.maximum + 1}
        links.append(Link("previous", address(base_url, back)))
    if last.where in {"inner", "first"}:
        links.append(Link("next", address(base_url, sent | {"scanClause": last.query, "responsePosition": 0})))
    return links


def form_links(base_url: str, sent: Mapping[str, str], has_feed: bool = False) -> list[Link]:
    """The same answer in other languages, and for programs without what only a page needs."""
    bare = {name: value for name, value in sent.items() if name not in _OF_PAGES_ONLY}
    languages = [Link(f"lang-{code}", address(base_url, dict(sent) | {"x-lang": code}), name) for code, name in LANGUAGES.items()]
    feed = [Link("atom", address(base_url, bare | {"httpAccept": "application/atom+xml"}))] if has_feed else []
    return [
        *languages,
        Link("xml", address(base_url, bare | {"httpAccept": "application/xml", "stylesheet": ""})),
        Link("json", address(base_url, bare | {"httpAccept": "application/json"})),
        *feed,
    ]


def example_links(base_url: str, examples: Iterable[str], sent: Mapping[str, str]) -> list[Link]:
    """Searches to try."""
    kept: dict[str, object] = {name: sent[name] for name in ("x-lang",) if name in sent}
    return [Link("example", address(base_url, {"query": example, "facetLimit": 8} | kept), example) for example in examples]


def index_links(base_url: str, table: IndexTable, sent: Mapping[str, str]) -> list[Link]:
    """Where the term list of each index begins: its headings, or its words when it has no headings."""
    kept = {name: sent[name] for name in ("x-lang",) if name in sent}
    return [
        Link("browse", address(base_url, {"scanClause": f'{index.name} {"==" if "values" in index.scan else "="} ""'} | kept), index.name)
        for index in table.indexes()
        if index.scan
    ]
