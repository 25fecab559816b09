"""Queries as XCQL, in the vocabulary of each version, for echoes."""

from cql.tree import Boolean, Clause, Node, Prefixed, Query
from cql.xcql import scan_clause1, scan_clause2, xcql1, xcql2_content
from server.sru.asked import Version

MOST_LEVELS = 100
"""Operators within each other that an echo shows. Each is two elements deep, and XML parsers refuse what is more than 256 deep
(libxml2, unless told otherwise), so a long chain of `or` would make an answer that nobody can read."""


def search_xcql(query: Query, version: Version) -> str:
    """Content of `xQuery`; empty when the version cannot write the query (prefix assignments inside, in 2.0) or it is too deep."""
    match version:
        case "1.1":
            text = xcql1(query, sort=False)
        case "1.2":
            text = xcql1(query)
        case "2.0":
            text = xcql2_content(query) or ""
    return "" if text.count("<leftOperand>") > MOST_LEVELS and _levels(query.root) > MOST_LEVELS else text


def _levels(root: Node) -> int:
    """How many operators stand within each other."""
    deepest = 0
    todo = [(root, 0)]
    while todo:
        node, level = todo.pop()
        deepest = max(deepest, level)
        match node:
            case Boolean():
                todo += [(node.left, level + 1), (node.right, level + 1)]
            case Prefixed():
                todo.append((node.query, level))
            case Clause():
                pass
    return deepest


def scan_xcql(query: Query, version: Version) -> str:
    """Content of `xScanClause`, which has no place for prefix assignments; empty for anything but a single clause."""
    node = query.root
    while isinstance(node, Prefixed):
        node = node.query
    if not isinstance(node, Clause) or query.sort:
        return ""
    return scan_clause2(node) if version == "2.0" else scan_clause1(node)
