"""What SRU does with a search. No HTTP, no XML. (Scan has a module of its own.)

Raises everything that stops a request (`cql.diagnostics.CqlError`, `server.errors.DiscoveryError`); what only comes along is in
the `diagnostics` of the result.
"""

import time
from dataclasses import dataclass, replace

from cql.tree import to_cql
from indexer.engine.port import Page, Window
from server.catalogue import Catalogue, Understood
from server.records.conversion import Converter, NotAvailable
from server.sru.asked import SearchRetrieve
from server.sru.diagnostics import Diagnostic
from server.sru.explaining import clause_query, explain_query
from server.sru.faceting import count_facets
from server.sru.result_sets import KeptSearch, ResultSets, SetReader
from server.sru.results import DeliveredRecord, Explanation, ResultSet, Retrieved, Subquery


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
    sets: ResultSets

    async def search_retrieve(self, database: str, asked: SearchRetrieve) -> Retrieved:
        """Records of a window, with facets and analysis when wanted.

        Raises: any CqlError, OutOfRange, QueryTooExpensive, EngineUnavailable, TimedOut.
        """
        started = time.perf_counter()
        sets = SetReader(self.sets, self.catalogue, database, self.schema_names) if self.sets.longest_s else None
        understood = self.catalogue.understand(database, asked.query, "lenient" if asked.lenient else "strict", sets)
        read = time.perf_counter()
        diagnostics: list[Diagnostic] = []
        sorting = None
        if asked.sort_keys:
            if understood.tree.sort:
                diagnostics.append(Diagnostic(94, "", "The query has sortBy of its own, so sortKeys was not used."))
            else:
                sorting = self.catalogue.sort_keys(database, asked.sort_keys, self.schema_names)
        planned = understood.planned
        if sorting is not None:
            # Only the order of a result set can stand here, and the request wants another one.
            planned = replace(planned, sort=(), fails_on=None)
        page = await self.catalogue.search(database, planned, Window(asked.start, asked.maximum), sorting)
        searched = time.perf_counter()
        if asked.start > 1 and asked.start > page.total:
            raise OutOfRange(asked.start, page.total)
        facets, complaints = await count_facets(self.catalogue, database, understood, asked.facets, asked.language)
        result_set = _result_set(sets, asked, understood, is_sorted=sorting is not None) if sets is not None else None
        if isinstance(result_set, Diagnostic):
            diagnostics.append(result_set)
        explanation = None
        if asked.explain_query:
            explained = await explain_query(self.catalogue, database, understood)
            explanation = Explanation(explained, (read - started) * 1000, (searched - read) * 1000)
        return Retrieved(
            query=understood.tree,
            total=page.total,
            records=await self._records(database, asked, page),
            next_position=_next_position(asked, page),
            diagnostics=(*diagnostics, *complaints),
            facets=facets,
            analysis=await self._analysis(database, understood) if asked.analyse else (),
            explanation=explanation,
            result_set=result_set if isinstance(result_set, ResultSet) else None,
        )

    async def _records(self, database: str, asked: SearchRetrieve, page: Page) -> tuple[DeliveredRecord, ...]:
        contents = await self.converter.convert(database, page.hits, asked.schema)
        return tuple(
            DeliveredRecord(place, hit, Diagnostic(67, asked.schema.name, content.reason) if isinstance(content, NotAvailable) else content)
            for place, (hit, content) in enumerate(zip(page.hits, contents, strict=True), asked.start)
        )

    async def _analysis(self, database: str, understood: Understood) -> tuple[Subquery, ...]:
        """Every different clause with its own number of hits, in the order of the text."""
        clauses = {clause_query(one, understood.tree): one.plan for one in understood.planned.clauses}
        return tuple([Subquery(query, await self.catalogue.count(database, plan)) for query, plan in clauses.items()])


def _result_set(sets: SetReader, asked: SearchRetrieve, understood: Understood, is_sorted: bool) -> ResultSet | Diagnostic | None:
    """The set under which this result can be had again: the one that was asked for, or a new one when that is wanted."""
    known = understood.planned.result_set
    if known and not understood.tree.sort and not is_sorted:
        return ResultSet(known, max(sets.seconds_left(known), 1))
    if not asked.result_set_s:
        return None
    granted = min(asked.result_set_s, sets.sets.longest_s)
    sort_keys = asked.sort_keys if is_sorted else ""
    kept = KeptSearch(sets.database, to_cql(understood.tree), sort_keys, sets.sets.now() + granted, sets.level + 1)
    made = sets.sets.write(kept)
    if made is None:
        return Diagnostic(6, "resultSetTTL", "The query is too long to be kept as a result set; send the query itself again.")
    return ResultSet(made, granted)


def _next_position(asked: SearchRetrieve, page: Page) -> int | None:
    """The first position not sent. Asked for no records at all, there is nothing to go on from but the start itself."""
    following = asked.start + len(page.hits)
    return following if following <= page.total else None
