"""What a CQL query asks of the index, without naming an engine.

A bare term goes to `cql.serverChoice`. Names are looked up under the prefix assignments around them, relations and modifiers
read, terms cut and folded by the rules of their index; `and`, `or`, `not` are the set operations over whole records. Whatever
cannot be honoured is refused with its diagnostic number, never searched in another way.

Source: SRU CQL 1.1 and 1.2; the SRU page, sections 9, 10 and 14.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import assert_never

from cql.clauses import plan_clause
from cql.diagnostics import (
    EmptyTerm,
    ProximityNotSupported,
    ResultSetDoesNotExist,
    ResultSetsNotSupported,
    TooManyBooleans,
    UnsupportedFeature,
    UnsupportedRelation,
)
from cql.indexes import Index, IndexTable
from cql.limits import Limits
from cql.names import Scope, assign, index_of
from cql.plan import Everything, Plan, SortBy
from cql.proximity import ProxClause, check_no_modifiers, plan_near
from cql.relations import check_index, read_relation
from cql.simplify import EVERYTHING, all_of, any_of, depth, leaf_count, simplify, without
from cql.sorting import Sorting, plan_sort
from cql.terms import check_masks
from cql.tree import Boolean, Clause, Node, Prefixed, Query
from cql.wording import TextRules

DEFAULT_LIMITS = Limits()
LEAVES_PER_BOOLEAN = 10
"""Most leaves of a plan with result sets in it, for each boolean that a query may have; more of them is diagnostic 38."""


@dataclass(frozen=True, slots=True)
class PlannedClause:
    """One search clause of the query and what it asks alone; for counts per clause and explanations."""

    clause: Clause
    index: Index
    plan: Plan


@dataclass(frozen=True, slots=True)
class Planned:
    """A query ready for an engine.

    `plan` is simplified and no deeper than `Limits.plan_depth`. `sort`: keys of sortBy, major first. `relevance`: some clause
    searches text or asks for it, so that relevance is a sensible order when `sort` is empty. `clauses`: in the order of the
    text. `result_set`: the id, when the query is nothing but that set; then `sort` and `relevance` are those of the set, unless
    the query has keys of its own. `fails_on`: when a hit is among these records, the answer is SortEndedOnMissingValue (93).
    `stems`: the plan may have `Stemmed` words in it, which no engine knows (`cql.word_forms`).
    """

    plan: Plan
    sort: tuple[SortBy, ...] = ()
    relevance: bool = False
    clauses: tuple[PlannedClause, ...] = ()
    result_set: str = ""
    fails_on: Plan | None = None
    stems: bool = False


ResultSets = Callable[[str], Planned | None]


def plan_query(query: Query, table: IndexTable, limits: Limits = DEFAULT_LIMITS, resolve_result_set: ResultSets | None = None) -> Planned:
    """Says what a query asks of one database.

    `resolve_result_set` gives what a kept result set asks, or None when there is no such set; without it result sets are
    off (50). A set may be made of other sets: what they grow to together is limited (38), and the function should remember what it
    gave, so that a set that is named in many places is read once.

    Raises: CqlError of any kind but the syntax errors: names (15, 16, 45), relations (19-22, 24), terms (27-32, 36),
    booleans and proximity (38-44, 46), result sets (50, 51), sorting (82, 84), too deep alternation of booleans (48).
    """
    planner = _Planner(table, limits, resolve_result_set)
    plan, relevance = planner.plan(query.root)
    sorting = plan_sort(query.sort, _outer_scope(query.root, table), table, limits) if query.sort else Sorting()
    if sorting.condition is not EVERYTHING:
        plan = all_of((plan, sorting.condition))
    if planner.kept is not None:
        _check_leaves(plan, limits)
    # A plan cannot be much deeper than the query has clauses; most are not worth measuring.
    if planner.kept is not None or len(planner.clauses) > limits.plan_depth // 2:
        _check_depth(plan, limits)
    clauses = tuple(planner.clauses)
    if planner.kept is None or len(clauses) > 1:
        return Planned(plan, sorting.keys, relevance, clauses, "", sorting.fails_on, planner.stems)
    alone = replace(planner.kept, plan=plan, clauses=clauses, result_set=clauses[0].clause.term)
    return alone if not sorting.keys else replace(alone, sort=sorting.keys, fails_on=sorting.fails_on)


def _outer_scope(root: Node, table: IndexTable) -> Scope:
    """Prefix assignments at the very beginning hold for the sort keys too."""
    return assign(Scope(), root.prefixes, table) if isinstance(root, Prefixed) else Scope()


def _check_leaves(plan: Plan, limits: Limits) -> None:
    most = limits.booleans * LEAVES_PER_BOOLEAN
    if leaf_count(plan) > most:
        raise TooManyBooleans(
            f"With all that its result sets are made of, the query has more than {most} parts.", details=str(limits.booleans)
        )


def _check_depth(plan: Plan, limits: Limits) -> None:
    if depth(plan) > limits.plan_depth:
        raise UnsupportedFeature(
            f"The query changes between `and`, `or` and `not` more than {limits.plan_depth} levels deep; "
            "put what belongs together into parentheses, or use `any` and `all`.",
            details=f"more than {limits.plan_depth} levels of booleans",
        )


@dataclass(slots=True)
class _Planner:
    """One walk over a tree; `clauses` fills up in the order of the text. `kept`: the last result set that was named. `stems`: some
    clause asks for stems.
    """

    table: IndexTable
    limits: Limits
    resolve_result_set: ResultSets | None
    clauses: list[PlannedClause] = field(default_factory=list)
    kept: Planned | None = None
    stems: bool = False

    def plan(self, root: Node) -> tuple[Plan, bool]:
        """Simplified plan of a tree, and whether its hits have a relevance."""
        todo: list[tuple[Node, Scope, int]] = [(root, Scope(), 0)]
        done: list[tuple[Plan, bool]] = []
        while todo:
            node, scope, count = todo.pop()
            match node:
                case Clause():
                    done.append(self.clause(node, scope))
                case Prefixed():
                    todo.append((node.query, assign(scope, node.prefixes, self.table), 0))
                case Boolean(op="prox"):
                    done.append((self.near(node, scope), True))
                case Boolean() if count:
                    operands = done[-count:]
                    del done[-count:]
                    done.append(_joined(node.op, operands))
                case Boolean():
                    chain = _chain(node)
                    todo.append((node, scope, len(chain)))
                    todo += ((operand, scope, 0) for operand in reversed(chain))
                case _:
                    assert_never(node)
        return done.pop()

    def clause(self, clause: Clause, scope: Scope) -> tuple[Plan, bool]:
        """Plan of a clause, and whether it searches text."""
        check_masks(clause, self.limits)
        index = index_of(clause, scope, self.table)
        match index.kind:
            case "all":
                plan: Plan = Everything()
                relevance = False
            case "resultset":
                self.kept = self.result_set(clause, scope)
                self.stems |= self.kept.stems
                plan = simplify(self.kept.plan)
                relevance = False
            case _:
                reading = read_relation(clause, scope, self.table)
                check_index(reading, index, clause)
                self.stems |= bool(reading.stem)
                plan = plan_clause(clause, index, TextRules(reading, self.table, self.limits))
                relevance = index.kind == "text" or reading.relevant
        self.clauses.append(PlannedClause(clause, index, plan))
        return plan, relevance

    def result_set(self, clause: Clause, scope: Scope) -> Planned:
        """`cql.resultSetId = id`.

        Raises: UnsupportedRelation (19), the errors of relation modifiers (20, 21), EmptyTerm (27), ResultSetsNotSupported (50),
        ResultSetDoesNotExist (51).
        """
        if clause.relation != "=" and clause.relation.lower().removeprefix("cql.") != "scr":
            raise UnsupportedRelation(
                f"Position {clause.at}: a result set is named with `=`, not with `{clause.relation}`.",
                details=clause.relation,
                offset=clause.at,
            )
        read_relation(clause, scope, self.table)
        if not clause.term.strip():
            raise EmptyTerm(f"Position {clause.term_at}: the id of a result set is missing.", offset=clause.term_at)
        if self.resolve_result_set is None:
            raise ResultSetsNotSupported(
                f"Position {clause.at}: no result sets are kept here; send the query itself again.", offset=clause.at
            )
        kept = self.resolve_result_set(clause.term)
        if kept is None:
            raise ResultSetDoesNotExist(
                f"Position {clause.at}: there is no result set `{clause.term}`; it may have expired.",
                details=clause.term,
                offset=clause.at,
            )
        return kept

    def near(self, boolean: Boolean, scope: Scope) -> Plan:
        """Plan of `left prox right`."""
        left = self.prox_clauses(boolean.left, scope)
        right = self.prox_clauses(boolean.right, scope)
        return plan_near(boolean, left, right, scope, self.table, self.limits)

    def prox_clauses(self, operand: Node, scope: Scope) -> list[ProxClause]:
        """The clauses of an or-list in the order of the text. Raises: ProximityNotSupported (39) for any other boolean."""
        found: list[ProxClause] = []
        todo: list[tuple[Node, Scope]] = [(operand, scope)]
        while todo:
            node, within = todo.pop()
            match node:
                case Clause():
                    index = index_of(node, within, self.table)
                    reading = read_relation(node, within, self.table)
                    found.append(ProxClause(node, index, TextRules(reading, self.table, self.limits)))
                    if index.kind == "text":
                        self.clause(node, within)
                case Prefixed():
                    todo.append((node.query, assign(within, node.prefixes, self.table)))
                case Boolean(op="or"):
                    check_no_modifiers(node)
                    todo += ((node.right, within), (node.left, within))
                case Boolean():
                    raise ProximityNotSupported(
                        f"Position {node.at}: `prox` stands between words, phrases and or-lists of them, not beside `{node.op}`.",
                        offset=node.at,
                    )
                case _:
                    assert_never(node)
        return found


def _chain(boolean: Boolean) -> list[Node]:
    """Operands of `a and b and c` from left to right, so that a long row of one operator is one step and not a thousand."""
    operands: list[Node] = []
    node: Node = boolean
    while isinstance(node, Boolean) and node.op == boolean.op:
        check_no_modifiers(node)
        operands.append(node.right)
        node = node.left
    operands.append(node)
    operands.reverse()
    return operands


def _joined(operator: str, operands: list[tuple[Plan, bool]]) -> tuple[Plan, bool]:
    """The set operation; what `not` takes away gives no relevance."""
    plans = [plan for plan, _ in operands]
    if operator == "not":
        return without(plans[0], any_of(plans[1:])), operands[0][1]
    return (all_of if operator == "and" else any_of)(plans), any(relevance for _, relevance in operands)
