"""The engine port: everything the server asks of a search engine, in library words.

Two adapters implement it (`embedded`, `opensearch`) and pass the same tests. An engine object serves one collection
(one database: bibliographic or authority records) and is made by `indexer.engine.open_engine`.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from cql.plan import Plan, SortBy
from indexer.document import Document
from indexer.record import Format

LINKED = "linked"
"""Name of the stored bytes with the words that the record has from other records, as the caller wrote them."""


class EngineError(Exception):
    """An engine could not do its work; the sentence says what and, if known, why."""


class EngineUnavailable(EngineError):
    """The engine is down, overloaded, locked by another writer, or too slow; trying again later may help."""


class QueryTooExpensive(EngineError):
    """The plan needs more work than the limits allow (too many terms behind a mask, too many candidates)."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a result: `start` is 1-based as in SRU, `count` may be 0."""

    start: int = 1
    count: int = 10


@dataclass(frozen=True, slots=True)
class Hit:
    """One record of a page. `stored` holds what was asked for, by name; `score` is 0.0 when the order is not by relevance."""

    id: str
    format: Format
    datestamp: datetime
    stored: dict[str, bytes]
    score: float = 0.0


ExtractField = Callable[[Hit, str], list[str]]
"""From a record and the name of a text field to its occurrences, as `Document.text` has them. `Hit.stored` has the record's MARCXML
and, where there is any, what is stored as `LINKED`.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """Hits of a window in order, and the exact total of the whole result."""

    total: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class ScanTerm:
    """One entry of a browse list: the term as it must be searched, its display form, and its exact number of live records."""

    value: str
    shown: str
    count: int


@dataclass(frozen=True, slots=True)
class ScanPage:
    """A stretch of a browse list in order. `at_start`/`at_end`: nothing comes before the first / after the last term."""

    terms: tuple[ScanTerm, ...]
    at_start: bool
    at_end: bool


@dataclass(frozen=True, slots=True)
class FacetCount:
    """One value of a facet: normalised key, display form, number of records of the result that have it."""

    value: str
    shown: str
    count: int


@dataclass(frozen=True, slots=True)
class Readiness:
    """State of the collection: number of live records, change number confirmed, and whether searches can be served."""

    ready: bool
    record_count: int
    change: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A record that is gone for good from the collection (not a tombstone, which is a hidden `Document`)."""

    id: str
    change: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What a collection keeps of one record, hidden ones included. `hidden` as in `Document`; `stored` as in `Hit`."""

    id: str
    format: Format
    hidden: str
    datestamp: datetime
    stored: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something of an unfinished rebuild or of an earlier collection that was removed. `size_bytes`: what it took on disk."""

    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Fetched:
    """Live documents by record id, of a state that has at least confirmed `change`."""

    change: int
    hits: dict[str, Hit]


@dataclass(frozen=True, slots=True)
class ReadyBatch:
    """Some documents as one engine takes them in: what its preparer made of them, for `PreparingEngine.write_ready`. Can be pickled."""

    count: int


Preparer = Callable[[Sequence[Document]], ReadyBatch]
"""Does the part of `Engine.write` that needs no engine, so that it can be done in other processes."""


class Inspection(Protocol):
    """One state of a collection that does not change while it is looked at, hidden documents included.

    `change`: the number confirmed for this state. `version`: hash of the field table that the collection was made with.
    A collection that does not exist yet looks like an empty one.
    """

    change: int
    version: str

    async def counts(self) -> dict[str, int]:
        """Numbers of documents: {"live": n, "suppressed": n, "deleted": n}."""
        ...

    async def find(self, ids: Sequence[str], stored: Sequence[str] = ()) -> list[Kept]:
        """The documents with these record ids (at most 1,000 different ones), in any order; what is not there is left out."""
        ...

    def ids(self) -> AsyncIterator[list[str]]:
        """Record ids of all documents, in any order, some hundreds at a time.

        Ids of documents that are gone, or the same id again, may be among them; `find` says whether one is there.
        """
        ...

    async def close(self) -> None:
        """Gives back what was held for it; safe to call twice."""
        ...


class Engine(Protocol):
    """One collection of documents."""

    async def search(self, plan: Plan, window: Window, sort: Sequence[SortBy] = (), stored: Sequence[str] = ("marcxml",)) -> Page:
        """Exact total and the hits of the window. Without `sort`: by relevance. Ties end with the record id where `sort` is
        given. Hidden documents are never found. Raises EngineUnavailable, QueryTooExpensive.
        """
        ...

    async def count(self, plan: Plan) -> int:
        """Exact number of live records."""
        ...

    async def scan(self, fields: Sequence[str], list_: Literal["words", "values"], start: str, before: int, count: int) -> ScanPage:
        """`before` terms lower than `start` (nearest ones, in ascending order) and then `count` terms not lower than it.

        Terms of several fields are merged and counted as one index (records, not postings). Order is by code point of the
        normalised term. No term with 0 live records.
        """
        ...

    async def facets(self, plan: Plan, fields: Sequence[str], size: int) -> dict[str, list[FacetCount]]:
        """Exact counts over the whole result, by count descending and key ascending; `size` per field."""
        ...

    async def spelled(self, plan: Plan) -> str:
        """The plan in the engine's own query language, for people who want to know; its form is nobody's business but theirs."""
        ...

    async def get(self, record_id: str, stored: Sequence[str] = ("marcxml",)) -> Hit | None:
        """The live document with this id."""
        ...

    async def fetch(self, record_ids: Sequence[str], stored: Sequence[str] = ("marcxml",)) -> Fetched:
        """The live documents with these ids (at most 1,000 different ones); what is not there, or hidden, is left out."""
        ...

    async def write(self, batch: Sequence[Document | Deletion]) -> None:
        """Takes documents in (replacing those with the same id); durable and visible after `commit`."""
        ...

    async def commit(self, change: int) -> Mapping[str, str]:
        """Makes everything written so far durable and visible, and remembers `change` as confirmed, all or nothing.

        Gives record id -> reason for the documents since the last commit that the engine could not take in; it keeps them as hidden
        ones, without search fields, if it can.
        """
        ...

    async def confirmed(self) -> int:
        """The change number of the last commit; 0 for an empty collection."""
        ...

    async def ready(self) -> Readiness:
        """State for health checks and `hylla check`."""
        ...

    async def inspect(self) -> Inspection:
        """Everything that is kept, as of the last commit, to be closed by the caller. Raises: EngineError when it is damaged."""
        ...

    async def remove_leftovers(self) -> list[Leftover]:
        """Removes what is neither the live collection nor being built, and says what it was.

        Raises: EngineUnavailable while the collection is being rebuilt.
        """
        ...

    async def close(self) -> None:
        """Gives back files, locks and connections; safe to call twice."""
        ...


class PreparingEngine(Engine, Protocol):
    """An engine that has a preparer (`indexer.engine.open_preparer`)."""

    async def write_ready(self, batch: ReadyBatch) -> None:
        """Takes a batch of its preparer in, as `write` does."""
        ...


class RebuiltEngine(Engine, Protocol):
    """A collection that is built beside the live one of the same name; searches still see the live one, `inspect` the new one."""

    async def switch(self) -> None:
        """Puts what was committed in the place of the live collection, in one step, and removes the old one.

        Raises: EngineError when nothing was committed, EngineUnavailable when the live one is being written.
        """
        ...
