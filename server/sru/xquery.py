"""Queries as XCQL, in the vocabulary of each version, for echoes."""

from cql.tree import Clause, Prefixed, Query
from cql.xcql import scan_clause1, scan_clause2, xcql1, xcql2_content
from server.sru.asked import Version


def search_xcql(query: Query, version: Version) -> str:
    """Content of `xQuery`, or empty when the version cannot write the query (prefix assignments inside, in 2.0)."""
    match version:
        case "1.1":
            return xcql1(query, sort=False)
        case "1.2":
            return xcql1(query)
        case "2.0":
            return xcql2_content(query) or ""


def scan_xcql(query: Query, version: Version) -> str:
    """Content of `xScanClause`, which has no place for prefix assignments; empty for anything but a single clause."""
    node = query.root
    while isinstance(node, Prefixed):
        node = node.query
    if not isinstance(node, Clause) or query.sort:
        return ""
    return scan_clause2(node) if version == "2.0" else scan_clause1(node)
