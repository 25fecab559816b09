"""A scan clause: which list of terms to browse, and where to begin.

`=`, `any`, `all`, `adj` browse the single words of a text index, `==` and `exact` its whole values; other kinds of index have
only whole values. An empty term is the beginning of the list. Source: the SRU page, section 7.
"""

from dataclasses import dataclass
from typing import Literal

from cql.clauses import value_fields
from cql.dates import parse_period
from cql.diagnostics import (
    AnchorNotSupported,
    InvalidTerm,
    MaskNotSupported,
    QuerySyntaxError,
    UnsupportedRelation,
    UnsupportedRelationModifier,
    UnsupportedScan,
)
from cql.indexes import Field, Index, IndexTable
from cql.names import Scope, assign, index_of
from cql.relations import Reading, read_relation
from cql.terms import Piece, read_chunks
from cql.tree import Boolean, Clause, Prefixed, Query
from cql.values import is_date, normalised
from cql.wording import is_word, whole_values, words_of

ScanList = Literal["words", "values"]


@dataclass(frozen=True, slots=True)
class ScanPlan:
    """`fields` are merged into one list of `list_` ("words" or "values"); `start` is a normalised term, "" for the beginning."""

    index: Index
    fields: tuple[str, ...]
    list_: ScanList
    start: str


def plan_scan(clause: Query | Clause, table: IndexTable) -> ScanPlan:
    """What a scan clause asks for; a whole parsed query is taken too, if it is a single clause.

    Raises: QuerySyntaxError (10) for booleans and sort keys, UnsupportedScan (4) for an index without such a list,
    UnsupportedContextSet (15), UnsupportedIndex (16), UnsupportedRelation (19) for order relations and `<>`, the errors of
    relation modifiers (20, 21), MaskNotSupported (28), AnchorNotSupported (31), InvalidTerm (36).
    """
    single, scope = _single(clause, table)
    index = index_of(single, scope, table)
    reading = read_relation(single, scope, table)
    if reading.stem:
        raise UnsupportedRelationModifier(
            f"Position {single.at}: relation modifier `stem` cannot be used to browse: the lists have words, not stems.",
            details="stem",
            offset=single.at,
        )
    if reading.relation not in {"=", "any", "all"}:
        raise UnsupportedRelation(
            f"Position {single.at}: relation `{single.relation}` cannot be browsed; `=` lists words, `==` whole values.",
            details=single.relation,
            offset=single.at,
        )
    if not index.scan:
        raise UnsupportedScan(
            f"Position {single.at}: the terms of `{index.name}` cannot be browsed.{_scannable(table)}",
            details=single.index,
            offset=single.at,
        )
    list_ = _list(index, reading, single)
    fields = value_fields(index) if list_ == "values" else tuple(field for field in index.fields if field.kind == "text")
    return ScanPlan(index, tuple(field.name for field in fields), list_, _start(index, fields[0], single, reading, list_))


def _single(clause: Query | Clause, table: IndexTable) -> tuple[Clause, Scope]:
    scope = Scope()
    if isinstance(clause, Clause):
        return clause, scope
    if clause.sort:
        raise _not_single("sortBy", clause.sort[0].at)
    node = clause.root
    while isinstance(node, Prefixed):
        scope = assign(scope, node.prefixes, table)
        node = node.query
    if isinstance(node, Boolean):
        raise _not_single(f"`{node.op}`", node.at)
    return node, scope


def _not_single(what: str, at: int) -> QuerySyntaxError:
    return QuerySyntaxError(
        f"Position {at}: a scan clause is one index, relation and term; {what} cannot stand in it.",
        details=f"position {at}: end of scan clause expected",
        offset=at,
    )


def _list(index: Index, reading: Reading, clause: Clause) -> ScanList:
    wants_values = reading.whole or index.kind != "text"
    list_: ScanList = "values" if wants_values else "words"
    if list_ not in index.scan:
        other = "whole values" if wants_values else "single words"
        instead = "`=` lists its words" if wants_values else "`==` lists its whole values"
        raise UnsupportedScan(
            f"Position {clause.at}: the {other} of `{index.name}` cannot be browsed; {instead}.", details=clause.index, offset=clause.at
        )
    return list_


def _start(index: Index, field: Field, clause: Clause, reading: Reading, list_: ScanList) -> str:
    text = _plain_text(clause, reading).strip()
    if not text:
        return ""
    match field.kind:
        case "text":
            if list_ == "values":
                return next(iter(whole_values(field, text)), "")
            words = words_of(field, text)
            names = [variant for variant in words.variants if not is_word(variant)]
            # A name that keeps its punctuation (c++) is a term of the word list by itself.
            return names[0] if len(words.tokens) <= 1 and names else " ".join(words.tokens)
        case "key":
            return _as_written(normalised(field, text), text)
        case _:
            return _digits(index, field, text, clause)


def _as_written(forms: tuple[str, ...], text: str) -> str:
    """The form that the text itself has, else the best: the list holds every form (ISBN-10 and ISBN-13), each in its own place."""
    plain = _letters_and_digits(text)
    return next((form for form in forms if _letters_and_digits(form) == plain), forms[0] if forms else text)


def _letters_and_digits(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _plain_text(clause: Clause, reading: Reading) -> str:
    chunks = read_chunks(Piece(clause.term, clause.term_at), reading.masked)
    for chunk in chunks:
        if chunk.has_masks:
            mask = next(part.text for part in chunk.parts if part.is_mask)
            raise MaskNotSupported(
                f"Position {chunk.at}: browsing begins at a term and takes no masks; write \\{mask} for the character.",
                details=mask,
                offset=chunk.at,
            )
        if chunk.starts or chunk.ends:
            raise AnchorNotSupported(
                f"Position {chunk.at}: browsing begins at a term and takes no anchors; write \\^ for the character.", offset=chunk.at
            )
    return " ".join(chunk.text for chunk in chunks)


def _digits(index: Index, field: Field, text: str, clause: Clause) -> str:
    """Printed number, year of four digits, or yyyy, yyyymm, yyyymmdd as the field holds them."""
    period = parse_period(text) if is_date(field, index) else None
    if period is not None:
        if field.kind == "date":
            shorter = (f"{part:02d}" for part in (period.month, period.day) if part is not None)
            return f"{period.year:04d}{''.join(shorter)}"
        return f"{period.year:04d}"
    if is_date(field, index) or not text.removeprefix("-").isdecimal():
        raise InvalidTerm(
            f"Position {clause.term_at}: `{text[:40]}` is no {'date' if is_date(field, index) else 'whole number'}.", offset=clause.term_at
        )
    return text


def _scannable(table: IndexTable) -> str:
    names = [index.name for index in table.indexes() if index.scan]
    return f" There are {', '.join(names[:12])}." if names else ""
