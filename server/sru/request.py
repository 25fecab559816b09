"""Parameters -> what is asked (`asked`), and every mistake that can be seen without asking the index.

`read` never raises: what stops the request becomes `Refused`, with as much of the request as the answer needs to be told
in the right version. Order of checks: decoding (6), version (5), operation (4), unknown names (8), then each parameter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.errors import BadParameter
from server.params import Parameters
from server.records.registry import RecordSchema
from server.sru.asked import (
    LARGEST_NUMBER,
    Asked,
    Explain,
    Operation,
    Packing,
    Refused,
    Scan,
    SearchRetrieve,
    Surroundings,
    Version,
)
from server.sru.diagnostics import HIGHEST_VERSION, Diagnostic
from server.sru.facets import read_facets
from server.sru.media import ATOM, JSON, RESPONSE_TYPES, RSS, Delivery, choose_delivery
from server.sru.stylesheet import choose_stylesheet

_SEARCH_1 = frozenset({"query", "startRecord", "maximumRecords", "recordPacking", "recordSchema", "resultSetTTL", "sortKeys", "stylesheet"})
_SEARCH_2 = _SEARCH_1 | {"queryType", "recordXMLEscaping", "renderedBy", "httpAccept", "responseType"}
_FACETS = frozenset({"facetLimit", "facetStart", "facetSort"})
_SCAN = frozenset({"scanClause", "responsePosition", "maximumTerms", "stylesheet"})
_TOLERATED_1 = _FACETS | {"operation", "version", "extraRequestData", "recordXMLEscaping", "httpAccept"}
_TOLERATED_2 = frozenset({"operation", "version", "extraRequestData", "recordPacking", "recordXMLEscaping", "httpAccept"})

KNOWN: Mapping[tuple[Version, Operation], frozenset[str]] = {
    ("1.1", "searchRetrieve"): _SEARCH_1 | _TOLERATED_1 | {"recordXPath"},
    ("1.2", "searchRetrieve"): _SEARCH_1 | _TOLERATED_1,
    ("2.0", "searchRetrieve"): _SEARCH_2 | _TOLERATED_2 | _FACETS | {"facetCount", "facetRangeField"},
    ("1.1", "scan"): _SCAN | _TOLERATED_1,
    ("1.2", "scan"): _SCAN | _TOLERATED_1,
    ("2.0", "scan"): _SCAN | _TOLERATED_2,
    ("1.1", "explain"): _TOLERATED_1 | {"recordPacking", "stylesheet"},
    ("1.2", "explain"): _TOLERATED_1 | {"recordPacking", "stylesheet"},
    ("2.0", "explain"): _TOLERATED_2 | {"stylesheet"},
}
"""Parameters that each operation of each version knows or tolerates; others are diagnostic 8 (sections 2.5 and 3)."""

_FACET_NAMES_WITH_INDEX = ("facetLimit:", "facetStart:", "facetSort:", "facetCount:", "facetLowValue:", "facetHighValue:")
_REPEATABLE = frozenset({"facetCount", "facetRangeField"})


class _Fatal(Exception):
    """Ends the reading of a request; caught in `read` and nowhere else."""

    def __init__(self, number: int, details: str = "", message: str = "") -> None:
        super().__init__(number)
        self.diagnostic = Diagnostic(number, details, message)


@dataclass(slots=True)
class _Reading:
    """A request on its way through the checks."""

    sent: Parameters
    around: Surroundings
    version: Version = "2.0"
    operation: Operation = "explain"
    warnings: list[Diagnostic] = field(default_factory=list)


def read(sent: Parameters, around: Surroundings) -> Asked:
    """What is asked, or why it cannot be answered (`Refused`). Never raises for anything that a caller can send."""
    reading = _Reading(sent, around)
    try:
        _version(reading)
        _operation(reading)
        _decoding(reading)
        _names(reading)
        match reading.operation:
            case "searchRetrieve":
                return _search_retrieve(reading)
            case "scan":
                return _scan(reading)
            case "explain":
                return _explain(reading)
    except _Fatal as fatal:
        return _refused(reading, fatal.diagnostic)
    except BadParameter as error:
        name = str(error.details["name"])
        return _refused(reading, Diagnostic(6, name, error.sentence))


def refuse(sent: Parameters, around: Surroundings, diagnostic: Diagnostic, status: int) -> Refused:
    """The request with a mistake that was found outside of it (unknown database, engine down), in its own version and form."""
    asked = read(sent, around)
    operation: Operation
    match asked:
        case Refused():
            operation = asked.operation
        case SearchRetrieve():
            operation = "searchRetrieve"
        case Scan():
            operation = "scan"
        case Explain():
            operation = "explain"
    return Refused(
        version=asked.version,
        sent=sent,
        delivery=asked.delivery,
        warnings=asked.warnings,
        stylesheet=asked.stylesheet,
        indent=asked.indent,
        operation=operation,
        diagnostic=diagnostic,
        status=status,
    )


def _refused(reading: _Reading, diagnostic: Diagnostic) -> Refused:
    """A refusal; a bad stylesheet or media type in the same request must not hide the first mistake."""
    sent, around = reading.sent, reading.around
    delivery = choose_delivery(reading.version, reading.operation, sent, around.accept, around.is_navigation)
    return Refused(
        version=reading.version,
        sent=sent,
        delivery=delivery or Delivery.default(reading.version),
        warnings=tuple(reading.warnings),
        stylesheet=choose_stylesheet(sent.get("stylesheet"), around.host, around.settings)[0],
        indent=sent.get("x-indent") == "1",
        operation=reading.operation,
        diagnostic=diagnostic,
        status=406 if delivery is None else 200,
    )


def _version(reading: _Reading) -> None:
    """Section 2.3. An answer may be of a lower version than asked for, never of a higher one."""
    value = reading.sent.first.get("version")
    if value is None or value == "2.0":
        return
    if value in {"1.1", "1.2"}:
        reading.version = "1.1" if value == "1.1" else "1.2"
        return
    major, dot, minor = value.partition(".")
    if dot and minor.isascii() and minor.isdigit() and major == "2":
        return
    reading.version = "1.2" if value.startswith("1") else "2.0"
    if major == "1" and len(minor) == 1 and minor in "3456789":
        return
    _guess_operation(reading)
    raise _Fatal(5, HIGHEST_VERSION, f"Version {value!r} is not spoken here; 1.1, 1.2 and 2.0 are.")


def _guess_operation(reading: _Reading) -> None:
    """The operation where none was named: what the other parameters make sense for (section 2.4)."""
    sent = reading.sent.first
    named = sent.get("operation")
    if named in {"explain", "searchRetrieve", "scan"}:
        reading.operation = named  # type: ignore[assignment]
    elif "query" in sent or "queryType" in sent:
        reading.operation = "searchRetrieve"
    elif "scanClause" in sent:
        reading.operation = "scan"


def _operation(reading: _Reading) -> None:
    named = reading.sent.first.get("operation")
    if named is not None and named not in {"explain", "searchRetrieve", "scan"}:
        raise _Fatal(4, named, f"Operation {named!r} is not offered; explain, searchRetrieve and scan are.")
    _guess_operation(reading)


def _decoding(reading: _Reading) -> None:
    if reading.sent.unreadable:
        name = reading.sent.unreadable[0]
        raise _Fatal(6, name, f"The parameter `{name}` is not UTF-8 text, or holds characters that XML cannot carry.")


def _names(reading: _Reading) -> None:
    """Unknown names (8) and repeated ones (6, told in 2.0 only); both let the request go on."""
    known = KNOWN[reading.version, reading.operation]
    for name in reading.sent.first:
        if name in known or name.startswith("x-"):
            continue
        if name.startswith(_FACET_NAMES_WITH_INDEX) and (reading.version == "2.0" or name[: name.index(":")] in known):
            continue
        reading.warnings.append(
            Diagnostic(8, name, f"The parameter `{name}` is not known to {reading.operation} in version {reading.version}.")
        )
    if reading.version == "2.0":
        for name in reading.sent.repeated:
            if name not in _REPEATABLE:
                reading.warnings.append(Diagnostic(6, name, f"The parameter `{name}` came more than once; its first value counts."))


def _packing(reading: _Reading) -> Packing:
    """Xml or string, under the name of either version (71); what 2.0 means by recordPacking is something else (6)."""
    sent = reading.sent.first
    value = sent.get("recordXMLEscaping")
    own = sent.get("recordPacking")
    if reading.version == "2.0" and own is not None and own not in {"xml", "string"}:
        if own not in {"packed", "unpacked"}:
            raise _Fatal(6, "recordPacking", f"recordPacking is {own!r}; it can be packed or unpacked.")
        own = None
    preferred, other = (value, own) if reading.version == "2.0" else (own, value)
    value = other if preferred is None else preferred
    match value:
        case None | "xml":
            return "xml"
        case "string":
            return "string"
    raise _Fatal(71, value, f"Records can be had as xml or as string, not as {value!r}.")


def _response_type(reading: _Reading, delivery: Delivery) -> None:
    """`responseType` may say by name or identifier what the media type already is; it refines httpAccept, and does not replace it."""
    wanted = reading.sent.first.get("responseType") if reading.version == "2.0" else None
    if wanted and not any(wanted in one[:2] and delivery.media_type in one.media_types for one in RESPONSE_TYPES):
        raise _Fatal(6, "responseType", f"There is no response type {wanted!r} of {delivery.media_type}.")


def _delivery(reading: _Reading) -> Delivery:
    delivery = choose_delivery(reading.version, reading.operation, reading.sent.first, reading.around.accept, reading.around.is_navigation)
    if delivery is None:
        wanted = reading.sent.get("httpAccept") or reading.around.accept
        raise _Fatal(6, "httpAccept", f"No answer can be had as {wanted[:200]!r}.")
    return delivery


def _stylesheet(reading: _Reading) -> str:
    href, refused = choose_stylesheet(reading.sent.first.get("stylesheet"), reading.around.host, reading.around.settings)
    if refused is not None:
        reading.warnings.append(refused)
    return href


def _mandatory(reading: _Reading, name: str) -> str:
    value = reading.sent.get(name)
    if value is None:
        raise _Fatal(7, name, f"The parameter `{name}` is missing.")
    return value


def _search_retrieve(reading: _Reading) -> SearchRetrieve:
    sent, settings = reading.sent, reading.around.settings
    given = sent.first
    query_type = given.get("queryType", "cql") if reading.version == "2.0" else "cql"
    if query_type not in {"cql", "searchTerms"}:
        raise _Fatal(11, query_type, f"Queries can be cql or searchTerms, not {query_type!r}.")
    query = _mandatory(reading, "query")
    if reading.version == "2.0":
        sent.one_of("renderedBy", ("client", "server"), "client")
    delivery = _delivery(reading)
    _response_type(reading, delivery)
    start = sent.whole_number("startRecord", 1, minimum=1, maximum=LARGEST_NUMBER)
    maximum = sent.whole_number("maximumRecords", settings.page_size, maximum=LARGEST_NUMBER)
    result_set_s = sent.whole_number("resultSetTTL", 0, maximum=LARGEST_NUMBER)
    packing = _packing(reading)
    if reading.version == "1.1" and given.get("recordXPath"):
        raise _Fatal(72, "", "Parts of records cannot be had by recordXPath; ask for a record schema.")
    return SearchRetrieve(
        version=reading.version,
        sent=sent,
        delivery=delivery,
        stylesheet=_stylesheet(reading),
        indent=given.get("x-indent") == "1",
        query=query,
        lenient=query_type == "searchTerms" or settings.cql_lenient,
        start=start,
        maximum=min(maximum, settings.maximum_records),
        packing=packing,
        schema=_schema(reading, packing, delivery),
        sort_keys=given.get("sortKeys", "").strip(),
        facets=read_facets(sent, also_counts=reading.version == "2.0") if any(name.startswith("facet") for name in given) else None,
        analyse=given.get("x-analyse") == "1",
        explain_query=given.get("x-explain-query") == "1",
        result_set_s=result_set_s,
        language=reading.around.language if delivery.for_people else "en",
        warnings=tuple(reading.warnings),
    )


def _schema(reading: _Reading, packing: Packing, delivery: Delivery) -> RecordSchema:
    schemas = reading.around.schemas
    wanted = reading.sent.get("recordSchema")
    if not wanted:
        return schemas.default
    schema = schemas.find(wanted)
    if schema is not None and not schema.is_offered_in(reading.around.database):
        raise _Fatal(66, wanted, f"Records of {reading.around.database} cannot be had as {schema.name}.")
    if schema is None:
        near = schemas.nearest(wanted)
        hint = f" Did you mean `{near}`?" if near else ""
        raise _Fatal(66, wanted, f"There is no record schema {wanted!r}.{hint}")
    if not schema.is_xml and packing == "xml" and delivery.media_type not in {JSON, ATOM, RSS}:
        raise _Fatal(71, "xml", f"Records in {schema.name} are no XML: ask for them as string, or for the whole answer as {JSON}.")
    return schema


def _scan(reading: _Reading) -> Scan:
    sent, settings = reading.sent, reading.around.settings
    clause = _mandatory(reading, "scanClause")
    delivery = _delivery(reading)
    _packing(reading)
    maximum = min(sent.whole_number("maximumTerms", settings.scan_terms, minimum=1, maximum=LARGEST_NUMBER), settings.maximum_terms)
    position = sent.whole_number("responsePosition", 1, maximum=LARGEST_NUMBER)
    if position > maximum + 1:
        raise _Fatal(120, "", f"With {maximum} terms the response position can be 0 to {maximum + 1}, not {position}.")
    return Scan(
        version=reading.version,
        sent=sent,
        delivery=delivery,
        stylesheet=_stylesheet(reading),
        indent=sent.get("x-indent") == "1",
        clause=clause,
        position=position,
        maximum=maximum,
        warnings=tuple(reading.warnings),
    )


def _explain(reading: _Reading) -> Explain:
    delivery = _delivery(reading)
    packing = _packing(reading)
    return Explain(
        version=reading.version,
        sent=reading.sent,
        delivery=delivery,
        stylesheet=_stylesheet(reading),
        indent=reading.sent.get("x-indent") == "1",
        packing=packing,
        warnings=tuple(reading.warnings),
    )
