"""Scan: which stretch of a term list is sent, and where its terms stand in the list (section 7).

The given term, or the next higher one when it is not in the list, takes the place `responsePosition` of the answer. That one
rule covers the ends: at 0 it stands just before the answer, at maximumTerms + 1 just behind it.
"""

from cql.scanning import plan_scan
from cql.tree import Clause, Prefixed, Query, quoted
from indexer.engine.port import ScanPage, ScanTerm
from server.catalogue import Catalogue
from server.sru.asked import Scan
from server.sru.results import ListedTerm, Scanned


async def scan(catalogue: Catalogue, database: str, asked: Scan) -> Scanned:
    """A stretch of the term list of an index.

    Raises: the CqlErrors of parsing and of `cql.scanning.plan_scan`, QueryTooExpensive, EngineUnavailable, TimedOut.
    """
    clause = catalogue.parse(asked.clause)
    plan = plan_scan(clause, catalogue.database(database).indexes)
    before = max(asked.position - 1, 0)
    ahead = asked.maximum - (asked.position - 1)
    page = await catalogue.scan(database, plan, before, ahead)
    terms = list(page.terms)[1:] if asked.position == 0 else list(page.terms)
    relation = "==" if plan.list_ == "values" else "="
    return Scanned(clause, _listed(terms, page, asked.position == 0, f"{_index_name(clause)} {relation}"))


def _listed(terms: list[ScanTerm], page: ScanPage, is_cut: bool, clause_start: str) -> tuple[ListedTerm, ...]:
    last = len(terms) - 1
    listed: list[ListedTerm] = []
    for place, term in enumerate(terms):
        value = "".join(f"\\{character}" if character in "*?^\\" else character for character in term.value)
        where = _where(place == 0 and page.at_start and not is_cut, place == last and page.at_end)
        shown = term.shown if term.shown != value else ""
        listed.append(ListedTerm(value, shown, term.count, where, f"{clause_start} {quoted(value)}"))
    return tuple(listed)


def _where(is_first: bool, is_last: bool) -> str:
    if is_first:
        return "only" if is_last else "first"
    return "last" if is_last else "inner"


def _index_name(clause: Query) -> str:
    """The index as the clause names it, under the same prefix assignments."""
    node, prefixes = clause.root, ""
    while isinstance(node, Prefixed):
        for one in node.prefixes:
            uri = quoted(one.uri) if quoted(one.uri).startswith('"') else f'"{one.uri}"'
            prefixes += f"> {'' if one.name is None else f'{quoted(one.name)} = '}{uri} "
        node = node.query
    return prefixes + (quoted(node.index) if isinstance(node, Clause) else "")
