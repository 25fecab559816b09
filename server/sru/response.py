"""Typed results -> XML answers of each version, as bytes.

The envelope is written as escaped strings and records are joined as they are: ten MARCXML records cost a join, not a tree.
"""

from collections.abc import Iterable, Sequence

from cql.tree import Query
from server import xmlio
from server.sru import links
from server.sru.asked import Explain, Refused, Scan, SearchRetrieve
from server.sru.diagnostics import Diagnostic
from server.sru.echo import echoed_explain, echoed_scan, echoed_search
from server.sru.explaining import ClauseExplained
from server.sru.forms import FORMS, Form, diagnostics_element, opening, surrogate
from server.sru.links import Link
from server.sru.media import OURS
from server.sru.results import DeliveredRecord, Explanation, Facet, ResultSet, Retrieved, Scanned, Subquery
from server.sru.xquery import scan_xcql, search_xcql
from server.xmlio import element, escape, escape_attribute, escape_bytes

DIAGNOSTICS_SCHEMA = "info:srw/schema/1/diagnostics-v1.1"
EXPLAIN_SCHEMA = xmlio.ZEEREX


def search_retrieve(asked: SearchRetrieve, found: Retrieved, base_url: str) -> bytes:
    """A `searchRetrieveResponse`; the order of its elements is that of section 4.1."""
    form = FORMS[asked.version]
    head = (
        opening("searchRetrieveResponse", form.namespace, asked.stylesheet)
        + form.version_element
        + f"<zs:numberOfRecords>{found.total}</zs:numberOfRecords>"
        + _result_set(form, found.result_set)
    )
    tail = [
        "" if found.next_position is None else f"<zs:nextRecordPosition>{found.next_position}</zs:nextRecordPosition>",
        echoed_search(form, asked.sent.first, asked.packing, search_xcql(found.query, form.version), base_url),
        diagnostics_element(form, asked.warnings + found.diagnostics),
    ]
    extra = _explanation(found.explanation)
    if asked.delivery.for_people:
        pages = links.page_links(base_url, asked, found.total, found.next_position)
        extra += _links([*pages, *links.form_links(base_url, asked.sent, has_feed=True)])
    facets = _facets(form, asked, found.facets, base_url)
    analysis = _analysis(form, asked, found.analysis, base_url)
    if not form.facets_inside:
        extra += facets + analysis
    if extra:
        tail.append(f"<zs:extraResponseData>{extra}</zs:extraResponseData>")
    if form.facets_inside:
        if found.result_set is not None:
            tail.append(f"<zs:resultSetTTL>{found.result_set.seconds}</zs:resultSetTTL>")
        tail += ["<zs:resultCountPrecision>exact</zs:resultCountPrecision>", facets, analysis]
    tail.append("</zs:searchRetrieveResponse>")
    return b"".join([head.encode(), *_records(form, asked, found.records, base_url), "".join(tail).encode()])


def _result_set(form: Form, kept: ResultSet | None) -> str:
    """Id of the result set, and in 1.x its time; 2.0 tells that further down."""
    if kept is None:
        return ""
    idle = "" if form.version == "2.0" else f"<zs:resultSetIdleTime>{kept.seconds}</zs:resultSetIdleTime>"
    return element("zs:resultSetId", kept.id) + idle


def _records(form: Form, asked: SearchRetrieve, records: Sequence[DeliveredRecord], base_url: str) -> list[bytes]:
    """The `records` element in pieces; nothing when there are no records, because an empty one is invalid in 1.x."""
    if not records:
        return []
    as_text = asked.packing == "string" or not asked.schema.is_xml
    packing = "string" if as_text else "xml"
    schema = f"<zs:recordSchema>{escape(asked.schema.identifier)}</zs:recordSchema>"
    start = f"<zs:record>{schema}<zs:{form.packing}>{packing}</zs:{form.packing}><zs:recordData>"
    record_start = start.encode()
    parts = [b"<zs:records>"]
    for record in records:
        content = record.content
        if isinstance(content, Diagnostic):
            own = start.replace(schema, f"<zs:recordSchema>{DIAGNOSTICS_SCHEMA}</zs:recordSchema>")
            xml = surrogate(form, content)
            parts += (own.encode(), (escape(xml) if as_text else xml).encode())
        else:
            parts += (record_start, escape_bytes(content) if as_text else content)
        page = _page_of(asked, record, base_url) if asked.delivery.for_people else ""
        parts.append(_record_end(form, record, page).encode())
    parts.append(b"</zs:records>")
    return parts


def _record_end(form: Form, record: DeliveredRecord, page: str) -> str:
    """What follows a record's data; 2.0 has no place for the identifier but among the extra data. `page`: link to a page of its own."""
    position = f"<zs:recordPosition>{record.position}</zs:recordPosition>"
    match form.version:
        case "1.1":
            return f"</zs:recordData>{position}{_extra_record_data(page)}</zs:record>"
        case "1.2":
            identifier = element("zs:recordIdentifier", record.hit.id)
            return f"</zs:recordData>{identifier}{position}{_extra_record_data(page)}</zs:record>"
        case "2.0":
            score = f"<x:score>{record.hit.score:.3f}</x:score>" if record.hit.score else ""
            extra = f'<x:record xmlns:x="{OURS}">{element("x:identifier", record.hit.id)}{score}</x:record>'
            return f"</zs:recordData>{position}{_extra_record_data(extra + page)}</zs:record>"


def _page_of(asked: SearchRetrieve, record: DeliveredRecord, base_url: str) -> str:
    """The address of the page of one record, for lists that people look at."""
    kept = {name: asked.sent[name] for name in ("recordSchema", "x-lang") if name in asked.sent}
    address = links.search_address(base_url, asked.version, links.record_query(record.hit.id), kept)
    return f'<x:link xmlns:x="{OURS}" rel="record" href="{escape_attribute(address)}"/>'


def _extra_record_data(extra: str) -> str:
    return f"<zs:extraRecordData>{extra}</zs:extraRecordData>" if extra else ""


def _facets(form: Form, asked: SearchRetrieve, facets: Iterable[Facet], base_url: str) -> str:
    inside = "".join(_facet(asked, facet, base_url) for facet in facets)
    if not inside:
        return ""
    if form.facets_inside:
        return f'<zs:facetedResults xmlns="{xmlio.SRU_FACETS}">{inside}</zs:facetedResults>'
    return f'<sru:facetedResults xmlns:sru="{xmlio.SRU_RESPONSE}" xmlns="{xmlio.SRU_FACETS}">{inside}</sru:facetedResults>'


def _facet(asked: SearchRetrieve, facet: Facet, base_url: str) -> str:
    terms = "".join(
        "<term>"
        + element("actualTerm", term.term)
        + element("query", term.query)
        + element("requestUrl", links.search_address(base_url, asked.version, term.query, asked.sent))
        + f"<count>{term.count}</count></term>"
        for term in facet.terms
    )
    head = element("facetDisplayLabel", facet.label) + element("index", facet.index)
    return f"<facet>{head}<relation>==</relation><terms>{terms}</terms></facet>"


def _analysis(form: Form, asked: SearchRetrieve, subqueries: Iterable[Subquery], base_url: str) -> str:
    inside = "".join(
        "<subqueryResult>"
        + element("subquery", one.query)
        + f"<count>{one.count}</count>"
        + element("requestUrl", links.search_address(base_url, asked.version, one.query, asked.sent))
        + "</subqueryResult>"
        for one in subqueries
    )
    if not inside:
        return ""
    if form.facets_inside:
        return f'<zs:searchResultAnalysis xmlns="{xmlio.SRU_ANALYSIS}">{inside}</zs:searchResultAnalysis>'
    return f'<sru:searchResultAnalysis xmlns:sru="{xmlio.SRU_RESPONSE}" xmlns="{xmlio.SRU_ANALYSIS}">{inside}</sru:searchResultAnalysis>'


def _explanation(explanation: Explanation | None) -> str:
    """What the query asks of the fields, and how long it took (`x-explain-query`)."""
    if explanation is None:
        return ""
    told = explanation.explained
    inside = (
        element("x:query", told.query)
        + "".join(map(_explained_clause, told.clauses))
        + element("x:plan", told.plan)
        + element("x:engineQuery", xmlio.without_forbidden(told.engine_query))
        + f"<x:understoodMs>{explanation.understood_ms:.3f}</x:understoodMs><x:searchedMs>{explanation.searched_ms:.3f}</x:searchedMs>"
    )
    return f'<x:queryExplanation xmlns:x="{OURS}">{inside}</x:queryExplanation>'


def _explained_clause(clause: ClauseExplained) -> str:
    near = "".join(
        f'<x:nearMatch query="{escape_attribute(one.query)}" count="{one.count}">{escape(one.term)}</x:nearMatch>' for one in clause.near
    )
    fields = "".join(element("x:field", field) for field in clause.fields)
    told = element("x:query", clause.query) + element("x:index", clause.index) + fields + element("x:count", clause.count)
    return f"<x:clause>{told}{near}</x:clause>"


def _links(given: Iterable[Link]) -> str:
    """Neighbouring answers, for pages that people look at."""
    inside = "".join(
        f'<x:link rel="{link.relation}" href="{escape_attribute(link.address)}"'
        + (f' title="{escape_attribute(link.title)}"/>' if link.title else "/>")
        for link in given
    )
    return f'<x:links xmlns:x="{OURS}">{inside}</x:links>'


def scan(asked: Scan, found: Scanned, base_url: str) -> bytes:
    """A `scanResponse`."""
    form = FORMS[asked.version]
    terms = "".join(
        "<zs:term>"
        + element("zs:value", term.value)
        + f"<zs:numberOfRecords>{term.count}</zs:numberOfRecords>"
        + (element("zs:displayTerm", term.shown) if term.shown else "")
        + f"<zs:whereInList>{term.where}</zs:whereInList>"
        + _term_address(form, base_url, term.query, asked.delivery.for_people)
        + "</zs:term>"
        for term in found.terms
    )
    extra = ""
    if asked.delivery.for_people:
        extra = _links([*links.browse_links(base_url, asked, found), *links.form_links(base_url, asked.sent)])
    text = (
        opening("scanResponse", form.scan_namespace, asked.stylesheet)
        + form.version_element
        + (f"<zs:terms>{terms}</zs:terms>" if terms else "")
        + echoed_scan(form, asked.sent, scan_xcql(found.clause, form.version), base_url)
        + diagnostics_element(form, asked.warnings + found.diagnostics)
        + (f"<zs:extraResponseData>{extra}</zs:extraResponseData>" if extra else "")
        + "</zs:scanResponse>"
    )
    return text.encode()


def _term_address(form: Form, base_url: str, query: str, for_people: bool) -> str:
    """The search for a term; 1.x has no place for it but among the extra data, and gets it only where somebody clicks."""
    if form.version != "2.0" and not for_people:
        return ""
    address = links.search_address(base_url, form.version, query)
    if form.version == "2.0":
        return element("zs:requestURL", address)
    return f'<zs:extraTermData><x:requestURL xmlns:x="{OURS}">{escape(address)}</x:requestURL></zs:extraTermData>'


def explain(asked: Explain, record: str, starts: Iterable[Link], base_url: str) -> bytes:
    """An `explainResponse` around an explain record. `starts`: links that a page offers besides."""
    extra = _links([*starts, *links.form_links(base_url, asked.sent)]) if asked.delivery.for_people else ""
    return _explain_response(asked, record, asked.packing, asked.warnings, extra, base_url)


def _explain_response(
    asked: Explain | Refused, record: str, packing: str, diagnostics: tuple[Diagnostic, ...], extra: str, base_url: str
) -> bytes:
    form = FORMS[asked.version]
    text = (
        opening("explainResponse", form.namespace, asked.stylesheet)
        + form.version_element
        + f"<zs:record><zs:recordSchema>{EXPLAIN_SCHEMA}</zs:recordSchema><zs:{form.packing}>{packing}</zs:{form.packing}>"
        + f"<zs:recordData>{escape(record) if packing == 'string' else record}</zs:recordData></zs:record>"
        + echoed_explain(form, asked.sent, packing, base_url)
        + diagnostics_element(form, diagnostics)
        + (f"<zs:extraResponseData>{extra}</zs:extraResponseData>" if extra else "")
        + "</zs:explainResponse>"
    )
    return text.encode()


def refused(asked: Refused, query: Query | None, explain_record: str, base_url: str, total: int = 0) -> bytes:
    """An answer that only carries diagnostics, in the kind of response that the operation has.

    `query`: the query or scan clause when it can be read, for the echo. `explain_record`: the self description, which an
    explain response must carry even when there is something to complain about.
    """
    form = FORMS[asked.version]
    diagnostics = (asked.diagnostic, *asked.warnings)
    extra = _links(links.form_links(base_url, asked.sent)) if asked.delivery.for_people else ""
    extra_element = f"<zs:extraResponseData>{extra}</zs:extraResponseData>" if extra else ""
    match asked.operation:
        case "explain":
            return _explain_response(asked, explain_record, "xml", diagnostics, extra, base_url)
        case "searchRetrieve":
            xquery = search_xcql(query, form.version) if query else ""
            text = (
                opening("searchRetrieveResponse", form.namespace, asked.stylesheet)
                + form.version_element
                + f"<zs:numberOfRecords>{total}</zs:numberOfRecords>"
                + echoed_search(form, asked.sent.first, "", xquery, base_url)
                + diagnostics_element(form, diagnostics)
                + extra_element
                + ("<zs:resultCountPrecision>exact</zs:resultCountPrecision>" if form.facets_inside else "")
                + "</zs:searchRetrieveResponse>"
            )
        case "scan":
            xclause = scan_xcql(query, form.version) if query else ""
            text = (
                opening("scanResponse", form.scan_namespace, asked.stylesheet)
                + form.version_element
                + echoed_scan(form, asked.sent, xclause, base_url)
                + diagnostics_element(form, diagnostics)
                + extra_element
                + "</zs:scanResponse>"
            )
    return text.encode()
