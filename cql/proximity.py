"""`prox`: two groups of phrases at some distance in one occurrence of a field.

Operands are word or phrase clauses on one index, or or-lists of them. Units: word (default) and element (the same field
occurrence); sentences and paragraphs are not marked in records. Distance counts words from nearest end to nearest end,
neighbours have distance 1. Source: CQL 1.2, proximity modifiers; the SRU page, 14.5.
"""

import re
from dataclasses import dataclass

from cql.clauses import clause_phrases
from cql.diagnostics import (
    ContradictoryProximity,
    ProximityNotSupported,
    UnsupportedBooleanModifier,
    UnsupportedProximityDistance,
    UnsupportedProximityOrdering,
    UnsupportedProximityRelation,
    UnsupportedProximityUnit,
    did_you_mean,
    near_matches,
)
from cql.indexes import Index, IndexTable
from cql.limits import Limits
from cql.names import Scope, local_name
from cql.plan import Near, Phrase, Plan
from cql.simplify import any_of
from cql.terms import Piece, split_at_blanks
from cql.tree import Boolean, Clause, Modifier
from cql.wording import TextRules

_MODIFIERS = ("distance", "unit", "ordered", "unordered")
_COMPARISONS = frozenset({"=", "<", ">", "<=", ">=", "<>"})
_DISTANCE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class ProxClause:
    """A clause among the operands of `prox`, with its index found and its relation read."""

    clause: Clause
    index: Index
    rules: TextRules


@dataclass(frozen=True, slots=True)
class _Distances:
    """Allowed distances: pairs of least and greatest (None: any) and whether left must come first."""

    bounds: tuple[tuple[int, int | None], ...]
    ordered: bool


def check_no_modifiers(boolean: Boolean) -> None:
    """Raises UnsupportedBooleanModifier (46) for a modifier on `and`, `or` or `not`; they have none."""
    for modifier in boolean.modifiers:
        raise UnsupportedBooleanModifier(
            f"Position {modifier.at}: `{boolean.op}` takes no modifier `{modifier.name}`; only `prox` has modifiers.",
            details=modifier.name,
            offset=modifier.at,
        )


def plan_near(boolean: Boolean, left: list[ProxClause], right: list[ProxClause], scope: Scope, table: IndexTable, limits: Limits) -> Plan:
    """What `left prox right` asks of the index that all clauses share.

    Raises: ProximityNotSupported (39), the errors of proximity modifiers (40-44, 46), and those of terms.
    """
    distances = _read_modifiers(boolean, scope, table, limits)
    index = _shared_index(boolean, left, right)
    for each in (*left, *right):
        _check_operand(each)
    plans: list[Plan] = []
    for field in index.fields:
        if field.kind != "text":
            continue
        before = _phrases(left, field.name)
        after = _phrases(right, field.name)
        plans += [Near(field.name, before, after, low, high, distances.ordered) for low, high in distances.bounds]
    return any_of(plans)


def _phrases(operand: list[ProxClause], field_name: str) -> tuple[Phrase, ...]:
    found: dict[Phrase, None] = {}
    for each in operand:
        field = next(field for field in each.index.fields if field.name == field_name)
        found.update(dict.fromkeys(clause_phrases(each.clause, field, each.rules)))
    return tuple(found)


def _shared_index(boolean: Boolean, left: list[ProxClause], right: list[ProxClause]) -> Index:
    index = left[0].index
    for each in (*left, *right):
        if each.index.fields != index.fields:
            names = (left[0].clause.index, each.clause.index)
            raise ContradictoryProximity(
                f"Position {boolean.at}: words of two indexes, `{names[0]}` and `{names[1]}`, cannot be near each other; "
                "use one index on both sides of `prox`.",
                details="/".join(names),
                offset=boolean.at,
            )
    return index


def _check_operand(each: ProxClause) -> None:
    clause, relation = each.clause, each.rules.reading.relation
    reason = ""
    if each.index.kind != "text":
        reason = f"`{each.index.name}` has no words"
    elif relation not in {"=", "any"} and not (relation == "all" and len(split_at_blanks(Piece(clause.term, 0))) <= 1):
        reason = f"relation `{clause.relation}` asks for more than one word or phrase"
    if reason:
        raise ProximityNotSupported(
            f"Position {clause.at}: `prox` stands between words, phrases and or-lists of them; {reason}.", offset=clause.at
        )


def _read_modifiers(boolean: Boolean, scope: Scope, table: IndexTable, limits: Limits) -> _Distances:
    given: dict[str, Modifier] = {}
    for modifier in boolean.modifiers:
        name = local_name(modifier.name, "cql", scope, table)
        if name is None or name not in _MODIFIERS:
            raise UnsupportedBooleanModifier(
                f"Position {modifier.at}: no proximity modifier `{modifier.name}`.{did_you_mean(near_matches(modifier.name, _MODIFIERS))}",
                details=modifier.name,
                offset=modifier.at,
            )
        if name in given and given[name] != modifier:
            raise _contradiction(given[name], modifier)
        given[name] = modifier
    if "ordered" in given and "unordered" in given:
        raise _contradiction(given["ordered"], given["unordered"])
    for name in ("ordered", "unordered"):
        if name in given and given[name].comparison is not None:
            raise UnsupportedProximityOrdering(
                f"Position {given[name].at}: proximity modifier `{name}` takes no value.",
                details=given[name].value or "",
                offset=given[name].at,
            )
    unit = _unit(given.get("unit"))
    return _distances(unit, given.get("distance"), "ordered" in given, limits)


def _contradiction(one: Modifier, other: Modifier) -> ContradictoryProximity:
    return ContradictoryProximity(
        f"Position {other.at}: proximity modifiers `{one.name}` and `{other.name}` exclude each other.",
        details=f"{one.name}/{other.name}",
        offset=other.at,
    )


def _unit(modifier: Modifier | None) -> str:
    if modifier is None:
        return "word"
    unit = (modifier.value or "").lower()
    if modifier.comparison != "=" or unit not in {"word", "element"}:
        shown = modifier.value or ""
        raise UnsupportedProximityUnit(
            f"Position {modifier.at}: proximity unit `{shown}` cannot be used; there are  unit=word  and  unit=element  (the same field).",
            details=shown,
            offset=modifier.at,
        )
    return unit


def _distances(unit: str, modifier: Modifier | None, ordered: bool, limits: Limits) -> _Distances:
    comparison, value = ("<=", 1 if unit == "word" else 0) if modifier is None else _comparison(modifier, limits)
    if unit == "word":
        return _Distances(_word_bounds(comparison, value), ordered)
    is_same_element = (comparison, value) in {("=", 0), ("<=", 0), ("<", 1)}
    if not is_same_element:
        raise UnsupportedProximityDistance(
            f"Position {modifier.at if modifier else 0}: the distance between elements can only be 0, the same element.",
            details=(modifier.value if modifier else None) or "",
            offset=modifier.at if modifier else None,
        )
    # In order, words of one element are at any distance; without order, even one word may be on both sides.
    return _Distances(((1, None),) if ordered else ((0, None),), ordered)


def _comparison(modifier: Modifier, limits: Limits) -> tuple[str, int]:
    if modifier.comparison is not None and modifier.comparison not in _COMPARISONS:
        raise UnsupportedProximityRelation(
            f"Position {modifier.at}: `{modifier.comparison}` cannot be used with a distance; write  distance=3  or  distance<=3.",
            details=modifier.comparison,
            offset=modifier.at,
        )
    value = modifier.value or ""
    if modifier.comparison is None or not _DISTANCE.fullmatch(value) or int(value) > limits.prox_distance:
        raise UnsupportedProximityDistance(
            f"Position {modifier.at}: a distance is a whole number from 0 to {limits.prox_distance}, as in  distance<=3; "
            f"`{value[:40]}` is none.",
            details=value,
            offset=modifier.at,
        )
    return modifier.comparison, int(value)


def _word_bounds(comparison: str, value: int) -> tuple[tuple[int, int | None], ...]:
    """Least and greatest distances in words; none when no two words can be so near (distance 0 is the same word)."""
    bounds: list[tuple[int, int | None]]
    match comparison:
        case "=":
            bounds = [(value, value)]
        case "<":
            bounds = [(1, value - 1)]
        case "<=":
            bounds = [(1, value)]
        case ">":
            bounds = [(value + 1, None)]
        case ">=":
            bounds = [(max(1, value), None)]
        case _:
            bounds = [(1, value - 1), (value + 1, None)]
    return tuple((low, high) for low, high in bounds if low > 0 and (high is None or low <= high))
