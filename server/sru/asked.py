"""What a request asks, as one frozen dataclass per operation; `request` reads them, everything else works with them."""

from dataclasses import dataclass
from typing import Literal

from server.params import Parameters
from server.records.registry import RecordSchema, Registry
from server.settings import SruSettings
from server.sru.diagnostics import Diagnostic
from server.sru.facets import FacetsAsked
from server.sru.media import Delivery

Version = Literal["1.1", "1.2", "2.0"]
Operation = Literal["explain", "searchRetrieve", "scan"]
Packing = Literal["xml", "string"]

LARGEST_NUMBER = 2**31 - 1
"""Larger numbers in a request are clipped to this (our decision; no result is longer)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a request needs to know besides its parameters.

    `database`: the one asked. `host`: the name by which the caller knows us, for stylesheets. `accept`: the Accept header.
    `is_navigation`: a browser is going to show the answer as a page. `language`: that of the reader, for labels on pages.
    """

    settings: SruSettings
    schemas: Registry
    database: str = "biblios"
    host: str = ""
    accept: str = ""
    is_navigation: bool = False
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What all operations share.

    `sent`: the parameters as they came, for the echo. `warnings`: diagnostics that come along with the answer.
    `stylesheet`: address for the processing instruction, or empty. `indent`: the answer is wanted with line breaks.
    """

    version: Version
    sent: Parameters
    delivery: Delivery
    warnings: tuple[Diagnostic, ...] = ()
    stylesheet: str = ""
    indent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRetrieve(Common):
    """A search. `start` is 1-based; `maximum` is already cut to the server's own; `lenient` repairs what people type.

    `language`: that of labels in the answer. `result_set_s`: seconds for which a result set is wanted; 0: none is.
    """

    query: str
    lenient: bool
    start: int
    maximum: int
    packing: Packing
    schema: RecordSchema
    sort_keys: str = ""
    facets: FacetsAsked | None = None
    analyse: bool = False
    explain_query: bool = False
    result_set_s: int = 0
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan(Common):
    """A look into the term list of an index; `position` is where the given term shall stand (0 to `maximum` + 1)."""

    clause: str
    position: int
    maximum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain(Common):
    """A wish for the self description."""

    packing: Packing = "xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Common):
    """A request that cannot be carried out. `operation` says in which kind of answer the diagnostic stands."""

    operation: Operation
    diagnostic: Diagnostic
    status: int = 200


Asked = SearchRetrieve | Scan | Explain | Refused
