"""Echoes of requests: what was sent, in the order of each version's schema, and the query as XCQL.

Only what was sent is echoed, and only values that the schema lets stand there: `startRecord=abc` gets its diagnostic, not an
invalid answer. In 1.1 an echo without XCQL would be invalid, so a query that does not parse has no echo there.
"""

import re
from collections.abc import Mapping

from server.sru.asked import LARGEST_NUMBER
from server.sru.forms import Form, extra_parameters
from server.xmlio import element

# RFC 3986; everything else would not be an xs:anyURI. (Addresses in square brackets are left out.)
_NAME = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})"
_ADDRESS = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.-]*:|(?![^/?#]*:))"  # a scheme, or no colon in the first step
    rf"(?://(?:(?:{_NAME}|:)*@)?{_NAME}*(?::[0-9]{{1,5}})?(?=[/?#]|$)|(?!//))"
    rf"(?:{_NAME}|[:@/])*(?:\?(?:{_NAME}|[:@/?])*)?(?:#(?:{_NAME}|[:@/?])*)?"
)


def echoed_search(form: Form, sent: Mapping[str, str], packing: str, xquery: str, base_url: str) -> str:
    """`echoedSearchRetrieveRequest`. `xquery`: the query as XCQL, or empty when it did not parse."""
    query = sent.get("query")
    if form.version == "2.0":
        inside = _search_2(sent, query, packing, xquery)
        return f"<zs:echoedSearchRetrieveRequest>{inside}</zs:echoedSearchRetrieveRequest>"
    if query is None or (form.version == "1.1" and not xquery):
        return ""
    inside = (
        form.version_element
        + element("zs:query", query)
        + (f"<zs:xQuery>{xquery}</zs:xQuery>" if xquery else "")
        + _number(sent, "startRecord", 1)
        + _number(sent, "maximumRecords", 0)
        + element("zs:recordPacking", sent.get("recordPacking"))
        + element("zs:recordSchema", sent.get("recordSchema"))
        + element("zs:recordXPath", sent.get("recordXPath"))
        + _number(sent, "resultSetTTL", 0)
        + element("zs:sortKeys", sent.get("sortKeys"))
        + _address(sent, "stylesheet")
        + extra_parameters(sent)
        + (element("zs:baseUrl", base_url) if form.version == "1.2" else "")
    )
    return f"<zs:echoedSearchRetrieveRequest>{inside}</zs:echoedSearchRetrieveRequest>"


def _search_2(sent: Mapping[str, str], query: str | None, packing: str, xquery: str) -> str:
    asked_packing = "recordXMLEscaping" in sent or sent.get("recordPacking") in {"xml", "string"}
    facets = "&".join(f"{name}={value}" for name, value in sent.items() if name.startswith("facet"))
    own_packing = sent.get("recordPacking")
    return (
        _one_of(sent, "version", ("1.0", "1.1", "1.2", "2.0"))
        + element("zs:queryType", sent.get("queryType"))
        + element("zs:query", query)
        + (f"<zs:xQuery>{xquery}</zs:xQuery>" if xquery else "")
        + _number(sent, "startRecord", 1)
        + _number(sent, "maximumRecords", 0)
        + (element("zs:recordXMLEscaping", packing) if asked_packing and packing else "")
        + (element("zs:recordPacking", own_packing) if own_packing in {"packed", "unpacked"} else "")
        + element("zs:recordSchema", sent.get("recordSchema"))
        + (element("zs:facetParameters", facets) if facets else "")
        + _number(sent, "resultSetTTL", 0)
        + element("zs:sortKeys", sent.get("sortKeys"))
        + _address(sent, "stylesheet")
        + _one_of(sent, "renderedBy", ("client", "server"))
        + "".join(element("zs:extraRequestParameter", f"{name}={value}") for name, value in sent.items() if _is_extension(name))
        + element("zs:httpAccept", sent.get("httpAccept"))
        + element("zs:responseType", sent.get("responseType"))
    )


def echoed_scan(form: Form, sent: Mapping[str, str], xclause: str, base_url: str) -> str:
    """`echoedScanRequest`. `xclause`: the scan clause as XCQL, or empty when it did not parse."""
    clause = sent.get("scanClause")
    if clause is None or (form.version == "1.1" and not xclause):
        return ""
    is_2 = form.version == "2.0"
    inside = (
        form.version_element
        + element("zs:scanClause", clause)
        + (f"<zs:xScanClause>{xclause}</zs:xScanClause>" if xclause else "")
        + _number(sent, "responsePosition", 0)
        + _number(sent, "maximumTerms", 1)
        + (element("zs:httpAccept", sent.get("httpAccept")) if is_2 else "")
        + _address(sent, "stylesheet")
        + extra_parameters(sent)
        + (element("zs:baseUrl", base_url) if form.version == "1.2" else "")
    )
    return f"<zs:echoedScanRequest>{inside}</zs:echoedScanRequest>"


def echoed_explain(form: Form, sent: Mapping[str, str], packing: str, base_url: str) -> str:
    """`echoedExplainRequest`."""
    if form.version == "2.0":
        asked_packing = "recordXMLEscaping" in sent or sent.get("recordPacking") in {"xml", "string"}
        own_packing = sent.get("recordPacking")
        inside = (
            _one_of(sent, "version", ("1.0", "1.1", "1.2", "2.0"))
            + (element("zs:recordXMLEscaping", packing) if asked_packing and packing else "")
            + (element("zs:recordPacking", own_packing) if own_packing in {"packed", "unpacked"} else "")
            + _address(sent, "stylesheet")
            + extra_parameters(sent)
        )
    else:
        inside = (
            form.version_element
            + element("zs:recordPacking", sent.get("recordPacking"))
            + _address(sent, "stylesheet")
            + extra_parameters(sent)
            + (element("zs:baseUrl", base_url) if form.version == "1.2" else "")
        )
    return f"<zs:echoedExplainRequest>{inside}</zs:echoedExplainRequest>"


def _number(sent: Mapping[str, str], name: str, minimum: int) -> str:
    value = sent.get(name)
    if value is None or not (value.isascii() and value.isdigit()):
        return ""
    digits = value.lstrip("0") or "0"
    number = LARGEST_NUMBER if len(digits) > 10 else min(int(digits), LARGEST_NUMBER)
    return element(f"zs:{name}", number) if number >= minimum else ""


def _address(sent: Mapping[str, str], name: str) -> str:
    value = sent.get(name)
    if value is None or not _ADDRESS.fullmatch(value):
        return ""
    return element(f"zs:{name}", value)


def _one_of(sent: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = sent.get(name)
    return element(f"zs:{name}", value) if value in allowed else ""


def _is_extension(name: str) -> bool:
    return name.startswith("x-") and not name.startswith(("x-username", "x-password"))
