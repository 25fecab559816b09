"""The explain record (ZeeRex), written from the table that drives the query planner: what is announced works.

The record depends on database, version, the caller's name for us and the number of records; `ExplainRecords` keeps the last
ones. Element order is that of section 6.1; 1.x leaves out what only the OASIS schema knows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from cql.diagnostics import CqlError
from cql.indexes import Index, IndexTable
from cql.names import Scope
from cql.relations import check_index, has_stems, read_relation
from cql.tree import Clause, Modifier
from server import settings
from server.records.registry import Registry
from server.settings import SruSettings
from server.sru import media
from server.sru.asked import Version
from server.sru.faceting import default_facets
from server.sru.media import OURS
from server.xmlio import ZEEREX, element, escape, escape_attribute

STARTED_AT = datetime.now(UTC)
"""The description changes only with the configuration, so it is as old as this process."""

RELATIONS = ("=", "==", "<>", "<", ">", "<=", ">=", "adj", "all", "any", "exact", "scr", "within", "encloses")
RELATION_MODIFIERS = (
    "stem", "relevant", "fuzzy", "phonetic", "partial", "ignoreCase", "respectCase", "ignoreAccents", "respectAccents", "word", "string",
    "isoDate", "number", "uri", "oid", "masked", "unmasked", "regexp", "substring",
)  # fmt: skip
"""All relations and modifiers that CQL has; those that `cql.relations` takes are announced."""

SORT_MODIFIERS = (
    "ascending", "descending", "ignoreCase", "respectCase", "ignoreAccents", "respectAccents", "missingLow", "missingHigh", "missingOmit",
    "missingFail", "missingValue", "locale", "unicodeCodepoint", "number", "isoDate", "string",
)  # fmt: skip
PROXIMITY_MODIFIERS = ("distance", "unit=word", "unit=element", "ordered", "unordered")

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "biblios": (
        "sea",
        'dc.title = "the sea"',
        'dc.creator any "lagerlöf strindberg" and dc.date within "1880 1920"',
        "dc.subject = hav* sortBy dc.date/sort.descending",
        "dc.title = sea prox/unit=word/distance<3 dc.title = us",
        "dc.language = swe not koha.itemtype = EBOOK",
    ),
    "authorities": ('koha.Heading = "sea"', "bath.personalName = ^lagerlöf", "cql.allRecords = 1"),
}


class Place(NamedTuple):
    """Where a caller finds us, and what is there: `base_url` as the caller writes it, number of records if it is known."""

    base_url: str
    record_count: int | None


@dataclass(frozen=True, slots=True)
class Described:
    """What explain tells about one database."""

    database: str
    title: str
    indexes: IndexTable
    schemas: Registry
    settings: SruSettings


class ExplainRecords:
    """Explain records of all databases, written when they are asked for and remembered."""

    def __init__(self, described: Iterable[Described]) -> None:
        self._described = {one.database: one for one in described}
        self._write = lru_cache(64)(self._written)

    def record(self, database: str, version: Version, place: Place) -> str:
        """The `explain` element with its namespace declaration."""
        return self._write(database, version, place)

    def _written(self, database: str, version: Version, place: Place) -> str:
        return explain_record(self._described[database], version, place)


def explain_record(described: Described, version: Version, place: Place) -> str:
    """The `explain` element of one database in the form of a version."""
    is_2 = version == "2.0"
    parts = [
        f'<explain xmlns="{ZEEREX}" authoritative="true">',
        _server(described, version, place),
        _about(described, place),
        f"<metaInfo><dateModified>{STARTED_AT:%Y-%m-%dT%H:%M:%SZ}</dateModified></metaInfo>",
        _indexes(described.indexes),
        _searching(described) if is_2 else "",
        _schemas(described),
        "<stylesheet><echoInResponse>true</echoInResponse><serverRendering>"
        f"{element('stylesheetName', described.settings.stylesheet)}</serverRendering></stylesheet>"
        if is_2 and described.settings.stylesheet
        else "",
        element("extensions", OURS) if is_2 else "",
        _configuration(described),
        _response_formats() if is_2 else "",
        "</explain>",
    ]
    return "".join(parts)


def _server(described: Described, version: Version, place: Place) -> str:
    url = urlsplit(place.base_url)
    method = "" if version == "2.0" else ' method="GET POST"'
    protocol_port = url.port or (443 if url.scheme == "https" else 80)
    announced = "2.0" if version == "2.0" else "1.2"
    count = "" if place.record_count is None else f' numRecs="{place.record_count}"'
    return (
        f'<serverInfo protocol="SRU" version="{announced}" transport="{escape_attribute(url.scheme)}"{method}>'
        + element("host", url.hostname or "")
        + f"<port>{protocol_port}</port>"
        + f"<database{count}>{escape(url.path.lstrip('/'))}</database>"
        + "</serverInfo>"
    )


def _about(described: Described, place: Place) -> str:
    root = place.base_url[: -len(urlsplit(place.base_url).path) or None]
    return (
        "<databaseInfo>"
        f'<title lang="en" primary="true">{escape(described.title)}</title>'
        f'<description lang="en" primary="true">{escape(described.title)}: search and retrieve by URL, versions 1.1, 1.2 and 2.0, '
        "with facets, sorting and browsing. The address without parameters gives this description.</description>"
        f'<links><link type="sru">{escape(place.base_url)}</link><link type="www">{escape(root)}/</link></links>'
        f'<implementation identifier="urn:x-discovery:{settings.PROGRAM}" version="{escape_attribute(settings.release())}">'
        f"<title>{settings.PROGRAM.capitalize()}</title></implementation>"
        "</databaseInfo>"
    )


def _indexes(table: IndexTable) -> str:
    sets = "".join(
        f'<set name="{escape_attribute(one.name)}" identifier="{escape_attribute(one.identifiers[0])}">'
        f"{element('title', one.title or one.name)}</set>"
        for one in table.sets
    )
    return f"<indexInfo>{sets}{''.join(_index(one, table) for one in table.indexes() if one.kind != 'resultset')}</indexInfo>"


def _index(index: Index, table: IndexTable) -> str:
    labels = index.labels or {}
    titles = "".join(
        f'<title lang="{escape_attribute(language)}"{_primary(language == "en")}>{escape(label)}</title>'
        for language, label in labels.items()
    )
    known = {one.name for one in table.sets}
    names = [name for name in (index.name, *index.aliases) if name.partition(".")[0] in known]
    maps = "".join(_map(name, name == index.name) for name in names)
    attributes = f'id="{escape_attribute(index.name)}" search="true" scan="{_truth(index.scan)}" sort="{_truth(index.sort)}"'
    relations = "".join(f'<supports type="relation">{escape(one)}</supports>' for one in relations_of(index, table))
    if has_stems(index):
        # The only modifier that the kind of the index does not decide.
        relations += '<supports type="relationModifier">stem</supports>'
    return f"<index {attributes}>{titles or element('title', index.name)}{maps}<configInfo>{relations}</configInfo></index>"


def _map(name: str, is_primary: bool) -> str:
    """A name as set and local name; Bib-1 numbers are told as attributes of Z39.50 too."""
    context_set, _, local = name.partition(".")
    if context_set == "bib1" and local.isdigit():
        return f'<map><attr type="1" set="1.2.840.10003.3.1">{local}</attr></map><map><name set="bib1">{local}</name></map>'
    return f'<map{_primary(is_primary)}><name set="{escape_attribute(context_set)}">{escape(local)}</name></map>'


def relations_of(index: Index, table: IndexTable) -> tuple[str, ...]:
    """The relations that the planner takes for an index."""
    if index.kind == "all":
        return RELATIONS
    return tuple(relation for relation in RELATIONS if _is_taken(Clause(index.name, relation, (), ""), index, table))


def _is_taken(clause: Clause, index: Index, table: IndexTable) -> bool:
    try:
        check_index(read_relation(clause, Scope(), table), index, clause)
    except CqlError:
        return False
    return True


def _relation_modifiers(table: IndexTable) -> tuple[str, ...]:
    """The relation modifiers that the planner takes somewhere."""
    indexes = [one for one in table.indexes() if one.kind not in {"all", "resultset"}]
    return tuple(
        name
        for name in RELATION_MODIFIERS
        if any(
            _is_taken(Clause(index.name, relation, (Modifier(name),), ""), index, table)
            for index in indexes
            for relation in ("=", "within")
        )
    )


def _primary(is_primary: bool) -> str:
    return ' primary="true"' if is_primary else ""


def _truth(value: object) -> str:
    return "true" if value else "false"


def _searching(described: Described) -> str:
    """`searchInfo`, which only 2.0 has: examples, query types, facets. (Its sort keys cannot hold a name in the official schema;
    the flag `sort` of each index tells.)
    """
    examples = "".join(element("queryExample", one) for one in EXAMPLES.get(described.database, ("cql.allRecords = 1",)))
    types = _query_type("cql", "http://docs.oasis-open.org/ns/search-ws/cql", "CQL 1.1, 1.2 and 2.0, level 2") + _query_type(
        "searchTerms", "http://docs.oasis-open.org/ns/search-ws/searchTerms", "Words as people type them; all of them must occur"
    )
    facets = "".join(_facet(name, described.indexes) for name in default_facets(described.indexes))
    return (
        f"<searchInfo>{examples}{types}"
        + (f"<facets>{facets}</facets>" if facets else "")
        + "<inputEncoding>UTF-8</inputEncoding></searchInfo>"
    )


def _query_type(name: str, uri: str, about: str) -> str:
    return f"<queryType>{element('queryTypeName', name)}{element('URI', uri)}{element('otherInformation', about)}</queryType>"


def _facet(name: str, table: IndexTable) -> str:
    labels = table.by_name[name.lower()].labels or {}
    return (
        f"<facet>{element('facetType', name)}{element('facetDescription', labels.get('en', name))}"
        "<limit><limitDefault>10</limitDefault><otherLimit>true</otherLimit></limit>"
        "<start><startDefault>1</startDefault><otherStart>true</otherStart></start>"
        '<sort><sortBy><recordCount default="true">true</recordCount><alphanumeric>true</alphanumeric></sortBy></sort></facet>'
    )


def _schemas(described: Described) -> str:
    inside = "".join(
        f'<schema identifier="{escape_attribute(one.identifier)}" name="{escape_attribute(one.name)}"'
        + (f' location="{escape_attribute(one.location)}"' if one.location else "")
        + ' sort="false" retrieve="true">'
        + "".join(
            f'<title lang="{escape_attribute(code)}"{_primary(code == "en")}>{escape(text)}</title>' for code, text in one.labels.items()
        )
        + "</schema>"
        for one in described.schemas.schemas
        if one.is_offered_in(described.database)
    )
    return f"<schemaInfo>{inside}</schemaInfo>"


def _configuration(described: Described) -> str:
    own, table = described.settings, described.indexes
    rows: list[tuple[str, str, str]] = [
        ("default", "contextSet", table.default_sets[0]),
        ("default", "index", "cql.serverChoice"),
        ("default", "relation", "="),
        ("default", "numberOfRecords", str(own.page_size)),
        ("default", "retrieveSchema", described.schemas.default.identifier),
        ("default", "recordPacking", "xml"),
        ("default", "numberOfTerms", str(own.scan_terms)),
        ("default", "stylesheet", own.stylesheet),
        ("setting", "maximumRecords", str(own.maximum_records)),
        ("setting", "maximumTerms", str(own.maximum_terms)),
        ("setting", "resultSetTTL", str(own.result_set_s)),
    ]
    supports: list[tuple[str, Iterable[str]]] = [
        ("version", ("1.1", "1.2", "2.0")),
        ("relation", dict.fromkeys(one for index in table.indexes() for one in relations_of(index, table))),
        ("relationModifier", _relation_modifiers(table)),
        ("proximity", ("",)),
        ("proximityModifier", PROXIMITY_MODIFIERS),
        ("maskingCharacter", ("*", "?")),
        ("anchor", ("^",)),
        ("sort", ("",)),
        ("sortModifier", SORT_MODIFIERS),
        ("scan", ("",)),
        ("resultSets", ("",) if own.result_set_s else ()),
        ("contextSet", (one.identifiers[0] for one in table.sets)),
        ("extraSearchData", ("x-indent", "x-analyse", "x-explain-query")),
        ("extraScanData", ("x-indent",)),
        ("extraExplainData", ("x-indent",)),
    ]
    rows += [("supports", kind, value) for kind, values in supports for value in values]
    return f"<configInfo>{''.join(_config_row(*row) for row in rows if row[0] == 'supports' or row[2])}</configInfo>"


def _config_row(name: str, kind: str, value: str) -> str:
    return f'<{name} type="{kind}">{escape(value)}</{name}>' if value else f'<{name} type="{kind}"/>'


def _response_formats() -> str:
    """Response types, and the media types that httpAccept takes."""
    formats = ""
    for one in media.RESPONSE_TYPES:
        media_types = "".join(element("mediaType", media_type) for media_type in one.media_types)
        formats += f"<responseFormat>{element('nameString', one.name)}{element('URI', one.identifier)}{media_types}</responseFormat>"
    return f"<responseFormats>{formats}</responseFormats>"
