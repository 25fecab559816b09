"""What SRU does with a search. No HTTP, no XML. (Scan has a module of its own.)

Raises everything that stops a request (`cql.diagnostics.CqlError`, `server.errors.DiscoveryError`); what only comes along is in
the `diagnostics` of the result.
"""

import time
from dataclasses import dataclass

from cql.planner import PlannedClause
from cql.tree import Prefixed, Query, to_cql
from indexer.engine.port import Page, Window
from server.catalogue import Catalogue, Understood
from server.records.conversion import Converter, NotAvailable
from server.sru.asked import SearchRetrieve
from server.sru.diagnostics import Diagnostic
from server.sru.faceting import count_facets
from server.sru.results import DeliveredRecord, Explanation, Retrieved, Subquery


class OutOfRange(Exception):
    """startRecord lies behind the last record (61); the true total goes into the answer."""

    def __init__(self, start: int, total: int) -> None:
        records = "no records" if total == 0 else "one record" if total == 1 else f"{total} records"
        super().__init__(f"There are {records}; position {start} is behind the last one.")
        self.total = total


@dataclass(frozen=True, slots=True)
class Searcher:
    """Search over one catalogue. `schema_names`: short names of record schemas, which sort keys may carry."""

    catalogue: Catalogue
    converter: Converter
    schema_names: tuple[str, ...]

    async def search_retrieve(self, database: str, asked: SearchRetrieve) -> Retrieved:
        """Records of a window, with facets and analysis when wanted.

        Raises: any CqlError, OutOfRange, QueryTooExpensive, EngineUnavailable, TimedOut.
        """
        started = time.perf_counter()
        understood = self.catalogue.understand(database, asked.query, "lenient" if asked.lenient else "strict")
        read = time.perf_counter()
        diagnostics: list[Diagnostic] = []
        sorting = None
        if asked.sort_keys:
            if understood.tree.sort:
                diagnostics.append(Diagnostic(94, "", "The query has sortBy of its own, so sortKeys was not used."))
            else:
                sorting = self.catalogue.sort_keys(database, asked.sort_keys, self.schema_names)
        page = await self.catalogue.search(database, understood.planned, Window(asked.start, asked.maximum), sorting)
        searched = time.perf_counter()
        if asked.start > 1 and asked.start > page.total:
            raise OutOfRange(asked.start, page.total)
        facets, complaints = await count_facets(self.catalogue, database, understood, asked.facets, asked.language)
        return Retrieved(
            query=understood.tree,
            total=page.total,
            records=await self._records(database, asked, page),
            next_position=_next_position(asked, page),
            diagnostics=(*diagnostics, *complaints),
            facets=facets,
            analysis=await self._analysis(database, understood) if asked.analyse else (),
            explanation=Explanation(understood.planned.plan, (read - started) * 1000, (searched - read) * 1000)
            if asked.explain_query
            else None,
        )

    async def _records(self, database: str, asked: SearchRetrieve, page: Page) -> tuple[DeliveredRecord, ...]:
        contents = await self.converter.convert(database, page.hits, asked.schema)
        return tuple(
            DeliveredRecord(place, hit, Diagnostic(67, asked.schema.name, content.reason) if isinstance(content, NotAvailable) else content)
            for place, (hit, content) in enumerate(zip(page.hits, contents, strict=True), asked.start)
        )

    async def _analysis(self, database: str, understood: Understood) -> tuple[Subquery, ...]:
        """Every different clause with its own number of hits, in the order of the text."""
        clauses = {_as_query(one, understood.tree): one.plan for one in understood.planned.clauses}
        return tuple([Subquery(query, await self.catalogue.count(database, plan)) for query, plan in clauses.items()])


def _next_position(asked: SearchRetrieve, page: Page) -> int | None:
    """The first position not sent. Asked for no records at all, there is nothing to go on from but the start itself."""
    following = asked.start + len(page.hits)
    return following if following <= page.total else None


def _as_query(clause: PlannedClause, tree: Query) -> str:
    """A clause as a query of its own, under the prefix assignments that the whole query begins with."""
    root = tree.root
    return to_cql(Query(Prefixed(root.prefixes, clause.clause) if isinstance(root, Prefixed) else clause.clause))
