"""What the service found, typed and without XML: the one thing that goes from `service` to the builders of answers."""

from dataclasses import dataclass

from cql.tree import Query
from indexer.engine.port import Hit
from server.sru.diagnostics import Diagnostic
from server.sru.explaining import Explained


@dataclass(frozen=True, slots=True)
class DeliveredRecord:
    """One place of an answer. `content`: the record in the schema asked for, or the diagnostic that stands in its place."""

    position: int
    hit: Hit
    content: bytes | Diagnostic


@dataclass(frozen=True, slots=True)
class FacetTerm:
    """One value of a facet. `query` narrows the search to it and has `count` hits."""

    term: str
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet, terms in the order asked for; never empty. `index` as the request wrote it."""

    index: str
    label: str
    terms: tuple[FacetTerm, ...]


@dataclass(frozen=True, slots=True)
class Subquery:
    """One clause of the query and the number of its hits."""

    query: str
    count: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a query was understood, and how long the steps took."""

    explained: Explained
    understood_ms: float
    searched_ms: float


@dataclass(frozen=True, slots=True)
class ResultSet:
    """The id under which a result can be asked for again, and the seconds (at least 1) for which it is good."""

    id: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Outcome of a search. `next_position` is None at the end of the result; `query` is what the text was read as."""

    query: Query
    total: int
    records: tuple[DeliveredRecord, ...]
    next_position: int | None
    diagnostics: tuple[Diagnostic, ...] = ()
    facets: tuple[Facet, ...] = ()
    analysis: tuple[Subquery, ...] = ()
    explanation: Explanation | None = None
    result_set: ResultSet | None = None


@dataclass(frozen=True, slots=True)
class ListedTerm:
    """One entry of a browse list. `shown` is empty when it says the same as `value`; `query` finds its `count` records."""

    value: str
    shown: str
    count: int
    where: str
    query: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """Outcome of a scan. `clause` is what the scan clause was read as."""

    clause: Query
    terms: tuple[ListedTerm, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
