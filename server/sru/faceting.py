"""Facets of a result: which indexes, exact counts, and for each value the query that narrows the search to it (section 8).

Counts are over the whole result, never over the page. The query of a value has exactly its count of hits, because the same
index is asked with `==`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from cql.diagnostics import CqlError
from cql.indexes import Index, IndexTable
from cql.names import Scope, find_index
from cql.plan import AllOf
from cql.tree import Query, quoted, to_cql, verbatim
from indexer.engine.port import FacetCount
from server.catalogue import Catalogue, Understood
from server.sru.diagnostics import Diagnostic
from server.sru.facets import FacetOrder, FacetsAsked
from server.sru.results import Facet, FacetTerm

DEFAULT_FACETS = (
    "dc.subject", "dc.creator", "dc.date", "dc.language", "dc.type", "dc.publisher", "bib.titleSeries",
    "koha.itemtype", "koha.homebranch", "koha.ccode", "koha.location",
)  # fmt: skip
"""Facets given when a request names none, as far as a database has them (section 8.3)."""

EVERY_VALUE = 10_000
"""Most values looked at when the order is not that of the engine (alphabet, rarest first, a range); engines count no more at once."""


def default_facets(indexes: IndexTable) -> tuple[str, ...]:
    """Names of the facets that come without being named; those of the list that can be counted, else all that can."""
    listed = tuple(name for name in DEFAULT_FACETS if (index := indexes.by_name.get(name.lower())) is not None and index.facet)
    return listed or tuple(index.name for index in indexes.indexes() if index.facet)


async def count_facets(
    catalogue: Catalogue, database: str, understood: Understood, asked: FacetsAsked | None, language: str = "en"
) -> tuple[tuple[Facet, ...], tuple[Diagnostic, ...]]:
    """The facets asked for, and diagnostics 16 for indexes that cannot be counted. Raises: as `Catalogue.count`."""
    if asked is None:
        return (), ()
    indexes = catalogue.database(database).indexes
    limits = dict(asked.limits)
    if asked.default_limit is not None:
        limits = dict.fromkeys(default_facets(indexes), asked.default_limit) | limits
    wanted: dict[str, Index] = {}
    complaints: list[Diagnostic] = []
    for name, limit in limits.items():
        found = _countable(name, indexes)
        if isinstance(found, Diagnostic):
            complaints.append(found)
        elif limit:
            wanted[name] = found
    narrow = _Narrowing(understood.tree)
    facets: list[Facet] = []
    for names, size in _groups(asked, wanted, limits):
        fields = list(dict.fromkeys(wanted[name].facet for name in names))
        counted = await catalogue.facets(database, understood.planned.plan, fields, size)
        for name in names:
            values = counted[wanted[name].facet]
            if size == EVERY_VALUE and len(values) == size:
                complaints.append(Diagnostic(59, name, f"{name} has more than {size} values; only the most frequent ones were looked at."))
            terms = _window(asked, name, limits[name], values)
            if terms:
                facets.append(Facet(name, _label(wanted[name], language), tuple(narrow.term(name, wanted[name], one) for one in terms)))
    order = list(limits)
    facets.sort(key=lambda facet: order.index(facet.index))
    given, unknown = await _given_terms(catalogue, database, understood, asked, narrow, language)
    return (*facets, *given), (*complaints, *unknown)


def _countable(name: str, indexes: IndexTable) -> Index | Diagnostic:
    try:
        index = find_index(name, Scope(), indexes, 0)
    except CqlError as error:
        return Diagnostic(16, name, _without_position(error.message))
    if index.facet:
        return index
    return Diagnostic(16, name, f"The values of {name} are not counted. Facets can be had of {', '.join(default_facets(indexes))}.")


def _without_position(message: str) -> str:
    """The sentence of an error in a name that the query does not have."""
    sentence = message.partition(": ")[2] or message
    return sentence[:1].upper() + sentence[1:]


def _groups(asked: FacetsAsked, wanted: Mapping[str, Index], limits: Mapping[str, int]) -> list[tuple[list[str], int]]:
    """Names that can share one call to the engine, and how many values each call needs."""
    if not wanted:
        return []
    if asked.order != FacetOrder():
        return [(list(wanted), EVERY_VALUE)]
    groups: list[tuple[list[str], int]] = []
    if in_full := [name for name in wanted if name in asked.ranges]:
        groups.append((in_full, EVERY_VALUE))
    if plain := [name for name in wanted if name not in asked.ranges]:
        groups.append((plain, max(asked.first(name) - 1 + limits[name] for name in plain)))
    return [(names, min(size, EVERY_VALUE)) for names, size in groups]


def _window(asked: FacetsAsked, name: str, limit: int, counted: Sequence[FacetCount]) -> list[FacetCount]:
    """The values that are sent: within the range, in the order, from the start asked for."""
    values = list(counted)
    low, high = asked.ranges.get(name, ("", ""))
    if low or high:
        values = [one for one in values if _lies_within(one.value, low, high)]
    order = asked.order
    if order.by == "alphanumeric":
        values.sort(key=attrgetter("shown") if order.respects_case else attrgetter("value"), reverse=order.descending)
    elif not order.descending:
        values.sort(key=lambda one: (one.count, one.value))
    start = asked.first(name) - 1
    return values[start : start + limit]


def _lies_within(value: str, low: str, high: str) -> bool:
    """By number where all are numbers, else by code point; empty bounds are open."""
    if all(one.lstrip("-").isdecimal() for one in (value, low, high) if one):
        return (not low or int(value) >= int(low)) and (not high or int(value) <= int(high))
    return (not low or value >= low.lower()) and (not high or value <= high.lower())


def _label(index: Index, language: str) -> str:
    labels = index.labels or {}
    return labels.get(language) or labels.get("en", index.name)


class _Narrowing:
    """Writes the queries of facet values: the whole query in parentheses, and the value; sort keys stay at the end."""

    def __init__(self, tree: Query) -> None:
        self._base = to_cql(replace(tree, sort=()))
        self._sort = to_cql(tree)[len(self._base) :] if tree.sort else ""

    def query(self, name: str, value: str) -> str:
        """The narrowed query."""
        return f"({self._base}) and {_equals(name, value)}{self._sort}"

    def term(self, name: str, index: Index, counted: FacetCount) -> FacetTerm:
        """One value with its query; the display form is searched where it leads to the same value, as people can read it."""
        value = counted.shown if _leads_to(index, counted) else counted.value
        return FacetTerm(counted.shown, counted.count, self.query(name, value))


def _equals(name: str, value: str) -> str:
    """The clause that finds a value, whatever characters it has."""
    term = verbatim(value)
    return f"{quoted(name)} == " + (term if term.startswith('"') else f'"{term}"')


def _leads_to(index: Index, counted: FacetCount) -> bool:
    """Whether the display form is normalised to the value that was counted."""
    field = next((one for one in index.fields if one.name == index.facet), None)
    if field is None or field.normalise is None:
        return False
    forms = field.normalise(counted.shown)
    return bool(forms) and forms[0] == counted.value


async def _given_terms(
    catalogue: Catalogue, database: str, understood: Understood, asked: FacetsAsked, narrow: _Narrowing, language: str
) -> tuple[list[Facet], list[Diagnostic]]:
    """`facetCount`: exact counts of given terms, grouped by index."""
    by_index: dict[str, list[FacetTerm]] = {}
    complaints: list[Diagnostic] = []
    for term, name in asked.counted:
        try:
            planned = catalogue.understand(database, _equals(name, term)).planned
        except CqlError as error:
            complaints.append(Diagnostic(error.number, name, _without_position(error.message)))
            continue
        count = await catalogue.count(database, AllOf((understood.planned.plan, planned.plan)))
        by_index.setdefault(name, []).append(FacetTerm(term, count, narrow.query(name, term)))
    labels = catalogue.database(database).indexes
    return [
        Facet(name, _label(find_index(name, Scope(), labels, 0), language), tuple(terms)) for name, terms in by_index.items()
    ], complaints
