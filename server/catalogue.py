"""The read side that all rooms share: search, count, scan, facets and single records, over all databases.

Queries are read and planned once: what a text means in a database does not change while the server runs, so trees and plans
are remembered. Everything here speaks in the errors of `server.errors` and `cql.diagnostics`; how an engine fails stays below.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from cql.diagnostics import SortEndedOnMissingValue
from cql.indexes import Index, IndexTable
from cql.limits import Limits
from cql.parser import Mode, parse
from cql.plan import AllOf, Everything, Plan, SortBy
from cql.planner import Planned, ResultSets, plan_query
from cql.scanning import ScanPlan
from cql.sorting import Sorting, plan_sort_keys
from cql.tree import Query
from indexer.engine import port
from indexer.engine.port import Engine, FacetCount, Hit, Page, Readiness, ScanPage, Window
from server import errors
from server.stemming import spelled_out
from server.telemetry import note_engine_call

REMEMBERED_QUERIES = 4_096
LONGEST_REMEMBERED = 2_000
"""Our decisions: longer texts come from programs that ask once. At most some 30 MB of trees and plans."""

RELEVANCE = (SortBy("relevance", descending=True),)
NEWEST_INDEX = "rec.lastmodificationdate"
_Answer = TypeVar("_Answer")

_RESULT_SET = "resultsetid"  # texts that name the index expire, so their plans are not remembered


@dataclass(frozen=True, slots=True)
class Database:
    """One database: its name, the engine that keeps its documents, and its indexes."""

    name: str
    engine: Engine
    indexes: IndexTable


@dataclass(frozen=True, slots=True)
class Understood:
    """A query text, read and planned for one database."""

    text: str
    tree: Query
    planned: Planned


@dataclass(frozen=True, slots=True)
class _Memory:
    """Remembered readings of texts; errors are not remembered."""

    tree: Callable[[str, Mode], Query]
    understood: Callable[[str, str, Mode], Understood]
    sort_keys: Callable[[str, str, tuple[str, ...]], Sorting]


class Catalogue:
    """All databases of an installation.

    `time_s`: seconds after which a call to an engine is given up. `kind`: kind of engine, for the metrics.
    """

    def __init__(self, databases: Mapping[str, Database], limits: Limits, time_s: float, kind: str = "embedded") -> None:
        self._databases = dict(databases)
        self._limits = limits
        self._time_s = time_s
        self._kind = kind
        self._newest = {name: _newest_first(database.indexes) for name, database in self._databases.items()}
        remember = lru_cache(REMEMBERED_QUERIES)
        self._memory = _Memory(remember(self._parse), remember(self._understand), remember(self._plan_sort_keys))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the databases, the default one first."""
        return tuple(self._databases)

    def database(self, name: str) -> Database:
        """A database by name. Raises: UnknownDatabase."""
        found = self._databases.get(name)
        if found is None:
            raise errors.UnknownDatabase(name)
        return found

    # -- understanding ----------------------------------------------------------------------------

    def parse(self, text: str, mode: Mode = "strict") -> Query:
        """The tree of a query text. Raises: the syntax errors and limits of `cql.parser.parse`."""
        return self._parse(text, mode) if len(text) > LONGEST_REMEMBERED else self._memory.tree(text, mode)

    def understand(self, database: str, text: str, mode: Mode = "strict", result_sets: ResultSets | None = None) -> Understood:
        """Tree and plan of a query text in a database. `result_sets`: what `cql.resultSetId` means; without it there are none.

        Raises: any CqlError, UnknownDatabase.
        """
        if result_sets is not None and _RESULT_SET in text.lower():
            return self._understand(database, text, mode, result_sets)
        if len(text) > LONGEST_REMEMBERED:
            return self._understand(database, text, mode)
        return self._memory.understood(database, text, mode)

    def sort_keys(self, database: str, text: str, schemas: tuple[str, ...]) -> Sorting:
        """What the parameter `sortKeys` asks; `schemas` may be named in it. Raises: the CqlErrors 84, 87, 88, 90-92."""
        if len(text) > LONGEST_REMEMBERED:
            return self._plan_sort_keys(database, text, schemas)
        return self._memory.sort_keys(database, text, schemas)

    def _parse(self, text: str, mode: Mode) -> Query:
        return parse(text, mode, self._limits)

    def _understand(self, database: str, text: str, mode: Mode, result_sets: ResultSets | None = None) -> Understood:
        indexes = self.database(database).indexes
        tree = self.parse(text, mode)
        return Understood(text, tree, plan_query(tree, indexes, self._limits, result_sets))

    def _plan_sort_keys(self, database: str, text: str, schemas: tuple[str, ...]) -> Sorting:
        return plan_sort_keys(text, self.database(database).indexes, self._limits, schemas)

    # -- asking -----------------------------------------------------------------------------------

    async def search(
        self, database: str, planned: Planned, window: Window, sorting: Sorting | None = None, stored: Sequence[str] = ("marcxml",)
    ) -> Page:
        """A window of a result, and its exact total. The order is total, so that pages of any size give the same list.

        Order: the query's own sort keys, else `sorting`, else relevance when the query searches text, else newest first; ties
        by record id. Raises: SortEndedOnMissingValue (93), QueryTooExpensive, EngineUnavailable, TimedOut.
        """
        own = sorting or Sorting()
        plan = planned.plan if own.condition == Everything() else AllOf((planned.plan, own.condition))
        if planned.stems:
            plan = await self._spelled_out(database, plan)
        order = planned.sort or own.keys or (RELEVANCE if planned.relevance else self._newest[database])
        for missing in (planned.fails_on, own.fails_on):
            if missing is not None and await self.count(database, AllOf((plan, missing))):
                raise SortEndedOnMissingValue("A record of the result has no value for a sort key that must not be missing.")
        return await self._answer("search", self.database(database).engine.search(plan, window, order, stored))

    async def count(self, database: str, plan: Plan) -> int:
        """Exact number of hits. Raises: QueryTooExpensive, EngineUnavailable, TimedOut."""
        plan = await self._spelled_out(database, plan)
        return await self._answer("count", self.database(database).engine.count(plan))

    async def scan(self, database: str, plan: ScanPlan, before: int, count: int) -> ScanPage:
        """`before` terms lower than the start of the plan, and then `count` that are not. Raises as `count`."""
        return await self._answer("scan", self.database(database).engine.scan(plan.fields, plan.list_, plan.start, before, count))

    async def facets(self, database: str, plan: Plan, fields: Sequence[str], size: int) -> Mapping[str, Sequence[FacetCount]]:
        """Field -> its `size` most frequent values within the result. Raises as `count`."""
        plan = await self._spelled_out(database, plan)
        return await self._answer("facets", self.database(database).engine.facets(plan, fields, size))

    async def spelled(self, database: str, plan: Plan) -> str:
        """The plan in the words of the engine, for people. Raises as `count`."""
        plan = await self._spelled_out(database, plan)
        return await self._answer("spelled", self.database(database).engine.spelled(plan))

    async def get(self, database: str, record_id: str, stored: Sequence[str] = ("marcxml",)) -> Hit:
        """One live record. Raises: RecordNotFound, EngineUnavailable, TimedOut, UnknownDatabase."""
        hit = await self._answer("get", self.database(database).engine.get(record_id, stored))
        if hit is None:
            raise errors.RecordNotFound(record_id)
        return hit

    async def ready(self, database: str) -> Readiness:
        """State of a database. Raises: EngineUnavailable, TimedOut, UnknownDatabase."""
        return await self._answer("ready", self.database(database).engine.ready())

    async def _spelled_out(self, database: str, plan: Plan) -> Plan:
        """The plan in words that engines know: stems are replaced by the words that have them now. Raises as `count`."""
        engine = self.database(database).engine
        return await spelled_out(plan, lambda fields, start, count: self._answer("scan", engine.scan(fields, "words", start, 0, count)))

    async def _answer(self, call: str, asked: Awaitable[_Answer]) -> _Answer:
        """What an engine answers: measured, bounded in time, its failures in domain words."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._time_s):
                return await asked
        except TimeoutError:
            raise errors.TimedOut(f"The search took more than {self._time_s:g} seconds and was given up.") from None
        except port.QueryTooExpensive as problem:
            raise errors.QueryTooExpensive(str(problem)) from problem
        except port.EngineError as problem:
            raise errors.EngineUnavailable("The search engine does not answer at the moment. Please try again.") from problem
        finally:
            note_engine_call(self._kind, call, time.perf_counter() - started)


def _newest_first(indexes: IndexTable) -> tuple[SortBy, ...]:
    """The order of results that have no relevance: last modified first. Without such a sort key, by record id."""
    index: Index | None = indexes.by_name.get(NEWEST_INDEX)
    return (SortBy(index.sort_field(descending=True), descending=True),) if index is not None and index.sort else RELEVANCE
