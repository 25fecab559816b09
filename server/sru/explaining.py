"""How a query was understood (`x-explain-query=1`, and `hylla explain-query`): what each clause asks of which fields, how many
records it finds alone, the query in the words of the engine, and for words that are nowhere those of the index that are like them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cql.indexes import Index, IndexTable
from cql.matcher import within_distance
from cql.outline import outline
from cql.plan import AllOf, AnyOf, Exact, Near, Phrase, Plan, Stemmed, Value, Without, Word
from cql.planner import PlannedClause
from cql.scanning import ScanList, ScanPlan
from cql.simplify import any_of
from cql.tree import Prefixed, Query, to_cql, verbatim
from server.catalogue import Catalogue, Understood

STAND_INS = ("dc.title", "dc.creator", "dc.subject")
"""Indexes whose words are looked through for an index that has no list of its own, such as `cql.serverChoice`."""
WORDS_LOOKED_AT = 2_000
SAME_BEGINNING = 2
MOST_WORDS = 5
MOST_NEAR = 4
"""Our decisions: an explanation costs some browsing, but never much."""


@dataclass(frozen=True, slots=True)
class NearMatch:
    """A term of the index that is like one that finds nothing: the query for it, and its number of records."""

    term: str
    query: str
    count: int


@dataclass(frozen=True, slots=True)
class ClauseExplained:
    """One clause: as a query of its own, the index it was read as, the fields it asks, its hits alone, and terms like its own."""

    query: str
    index: str
    fields: tuple[str, ...]
    count: int
    near: tuple[NearMatch, ...] = ()


@dataclass(frozen=True, slots=True)
class Explained:
    """A whole query: normalised text, plan as an indented outline, the engine's own words, and every different clause once."""

    query: str
    plan: str
    engine_query: str
    clauses: tuple[ClauseExplained, ...]


async def explain_query(catalogue: Catalogue, database: str, understood: Understood) -> Explained:
    """What a query was understood as. Raises: QueryTooExpensive, EngineUnavailable, TimedOut."""
    table = catalogue.database(database).indexes
    clauses = {clause_query(one, understood.tree): one for one in understood.planned.clauses}
    explained = []
    for query, one in clauses.items():
        count = await catalogue.count(database, one.plan)
        near = () if count else await _near_matches(catalogue, database, one, table)
        explained.append(ClauseExplained(query, one.index.name, tuple(dict.fromkeys(fields_of(one.plan))), count, near))
    plan = understood.planned.plan
    return Explained(to_cql(understood.tree), outline(plan), await catalogue.spelled(database, plan), tuple(explained))


def clause_query(clause: PlannedClause, tree: Query) -> str:
    """A clause as a query of its own, under the prefix assignments that the whole query begins with."""
    root = tree.root
    return to_cql(Query(Prefixed(root.prefixes, clause.clause) if isinstance(root, Prefixed) else clause.clause))


def fields_of(plan: Plan) -> Iterator[str]:
    """The fields that a plan asks, in order, some of them several times."""
    match plan:
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from fields_of(part)
        case Without(base, minus):
            yield from fields_of(base)
            yield from fields_of(minus)
        case _:
            if field := getattr(plan, "field", ""):
                yield field


async def _near_matches(catalogue: Catalogue, database: str, clause: PlannedClause, table: IndexTable) -> tuple[NearMatch, ...]:
    """Terms like those of a clause that finds nothing: for each of its words that are nowhere, or for its whole values."""
    words: dict[str, list[Plan]] = {}
    for leaf, text in _exact_texts(clause.plan):
        words.setdefault(text, []).append(leaf)
    found: list[NearMatch] = []
    for text, leaves in list(words.items())[:MOST_WORDS]:
        if await catalogue.count(database, any_of(leaves)):
            continue
        list_: ScanList = "values" if isinstance(leaves[0], Value) else "words"
        for index in _lists_for(clause.index, list_, table):
            found += await _like(catalogue, database, index, list_, text)
    best = sorted({one.term: one for one in found}.values(), key=lambda one: -one.count)
    return tuple(best[: MOST_NEAR * MOST_WORDS])


def _exact_texts(plan: Plan) -> Iterator[tuple[Plan, str]]:
    """The words, stems and whole values that a plan asks for as they are, each with a plan of its own."""
    match plan:
        case Word(_, Exact(text)) | Value(_, Exact(text)):
            yield plan, text
        case Word(_, Stemmed(stem)):
            yield plan, stem
        case Phrase(field, words):
            for word in words:
                yield from _exact_texts(Word(field, word))
        case Near():
            for phrase in (*plan.left, *plan.right):
                yield from _exact_texts(phrase)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _exact_texts(part)
        case Without(base, _):
            yield from _exact_texts(base)
        case _:
            pass


def _lists_for(index: Index, list_: ScanList, table: IndexTable) -> Iterable[Index]:
    if list_ in index.scan:
        return (index,)
    names: Mapping[str, Index] = table.by_name
    return [other for name in STAND_INS if (other := names.get(name)) is not None and list_ in other.scan]


async def _like(catalogue: Catalogue, database: str, index: Index, list_: ScanList, text: str) -> list[NearMatch]:
    """Terms of one browse list within one or two edits of a word; of whole values, those that begin like it."""
    wanted = text if list_ == "words" else text[: max(len(text) // 2, SAME_BEGINNING)]
    start = text[:SAME_BEGINNING] if list_ == "words" else wanted
    fields = [field for field in index.fields if (field.kind == "text" if list_ == "words" else field.twin or field.kind == "key")]
    if not fields:
        return []
    page = await catalogue.scan(database, ScanPlan(index, tuple(one.name for one in fields), list_, start), 0, WORDS_LOOKED_AT)
    relation = "=" if list_ == "words" else "=="
    found = []
    for term in page.terms:
        if not term.value.startswith(start):
            break
        if list_ == "values" or within_distance(text, term.value, 1 if len(text) < 2 * SAME_BEGINNING else 2):
            found.append(NearMatch(term.shown, f"{index.name} {relation} {verbatim(term.value)}", term.count))
    found.sort(key=lambda one: -one.count)
    return found[:MOST_NEAR]
