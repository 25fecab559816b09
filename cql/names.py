"""Looks up context sets and indexes by the names of a query, under its prefix assignments.

Names and prefixes compare without regard to case, identifiers of context sets too. A prefix belongs to the innermost
assignment, else to the set of that name or alias. Source: CQL 1.2, context sets and prefix assignment; default sets: the SRU
page, 16.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cql.diagnostics import PrefixAssignedTwice, UnsupportedContextSet, UnsupportedIndex, did_you_mean, near_matches
from cql.indexes import ContextSet, Index, IndexTable
from cql.tree import SERVER_CHOICE, Clause, PrefixAssignment

BIB1 = "bib1"


@dataclass(frozen=True, slots=True)
class Scope:
    """The prefix assignments in force: lower-case prefix -> set, and the set of names without prefix if one was assigned."""

    sets: Mapping[str, ContextSet] = field(default_factory=dict)
    default: ContextSet | None = None


def assign(scope: Scope, prefixes: tuple[PrefixAssignment, ...], table: IndexTable) -> Scope:
    """The scope within these assignments, which all stand on one level.

    Raises: UnsupportedContextSet (15) for an unknown identifier, PrefixAssignedTwice (45).
    """
    level: dict[str | None, PrefixAssignment] = {}
    sets = dict(scope.sets)
    default = scope.default
    for prefix in prefixes:
        key = None if prefix.name is None else prefix.name.lower()
        earlier = level.setdefault(key, prefix)
        if earlier.uri.lower() != prefix.uri.lower():
            what = "the default set" if prefix.name is None else f"prefix `{prefix.name}`"
            raise PrefixAssignedTwice(
                f"Position {prefix.at}: {what} is assigned to both `{earlier.uri}` and `{prefix.uri}`.",
                details=prefix.name or "",
                offset=prefix.at,
            )
        chosen = _set_by_identifier(prefix, table)
        if key is None:
            default = chosen
        else:
            sets[key] = chosen
    return Scope(sets, default)


def _set_by_identifier(prefix: PrefixAssignment, table: IndexTable) -> ContextSet:
    wanted = prefix.uri.lower()
    for context_set in table.sets:
        if any(identifier.lower() == wanted for identifier in context_set.identifiers):
            return context_set
    known = near_matches(prefix.uri, (identifier for each in table.sets for identifier in each.identifiers))
    raise UnsupportedContextSet(
        f"Position {prefix.at}: no context set has the identifier `{prefix.uri}`.{did_you_mean(known)}",
        details=prefix.uri,
        offset=prefix.at,
    )


def set_of_prefix(prefix: str, scope: Scope, table: IndexTable) -> ContextSet | None:
    """The context set that a prefix means here, or None."""
    key = prefix.lower()
    assigned = scope.sets.get(key)
    if assigned is not None:
        return assigned
    for context_set in table.sets:
        if context_set.name.lower() == key or key in (alias.lower() for alias in context_set.aliases):
            return context_set
    return None


def local_name(name: str, home: str, scope: Scope, table: IndexTable) -> str | None:
    """Lower-case name of a relation or modifier of the context set `home`; None when its prefix means another set or nothing.

    Without a prefix the name belongs to `home`.
    """
    prefix, dot, local = name.partition(".")
    if not dot:
        return name.lower()
    chosen = set_of_prefix(prefix, scope, table)
    return local.lower() if chosen is not None and chosen.name.lower() == home else None


def index_of(clause: Clause, scope: Scope, table: IndexTable) -> Index:
    """The index of a clause. Raises: UnsupportedContextSet (15), UnsupportedIndex (16)."""
    if clause.lone:
        # A lone term means the server's choice even where the prefix `cql` has been assigned to something else.
        chosen = table.by_name.get(SERVER_CHOICE.lower())
        return chosen if chosen is not None else find_index(clause.index, Scope(), table, clause.at)
    return find_index(clause.index, scope, table, clause.at)


def find_index(name: str, scope: Scope, table: IndexTable, at: int) -> Index:
    """The index of that name. `at`: its character offset, for messages.

    Raises: UnsupportedContextSet (15) for an unknown prefix, UnsupportedIndex (16) for an unknown name in a known set or,
    without prefix, in all default sets.
    """
    lower = name.lower()
    prefix, dot, local = lower.partition(".")
    if not dot:
        return _unprefixed(name, scope, table, at)
    if prefix not in scope.sets:
        found = table.by_name.get(lower)
        if found is not None:
            return found
    chosen = set_of_prefix(prefix, scope, table)
    if chosen is None:
        raise _unknown_set(name, table, at)
    found = _in_set(chosen, local, table)
    if found is None:
        raise _unknown_index(name, table, at)
    return found


def _in_set(context_set: ContextSet, local: str, table: IndexTable) -> Index | None:
    set_name = context_set.name.lower()
    found = table.by_name.get(f"{set_name}.{local}")
    if found is None and set_name == BIB1 and local.isdecimal():
        number = int(local[:9])
        found = next((index for index in table.indexes() if number in index.bib1), None)
    return found


def _unprefixed(name: str, scope: Scope, table: IndexTable, at: int) -> Index:
    lower = name.lower()
    if scope.default is not None:
        found = _in_set(scope.default, lower, table)
    else:
        found = next((index for each in table.default_sets if (index := table.by_name.get(f"{each}.{lower}")) is not None), None)
    if found is None:
        raise _unknown_index(name, table, at)
    return found


def _unknown_set(name: str, table: IndexTable, at: int) -> UnsupportedContextSet:
    prefix = name.partition(".")[0]
    known = near_matches(prefix, (each.name for each in table.sets)) or _closest_indexes(name, table)
    return UnsupportedContextSet(f"Position {at}: no context set `{prefix}`.{did_you_mean(known)}", details=prefix, offset=at)


def _unknown_index(name: str, table: IndexTable, at: int) -> UnsupportedIndex:
    return UnsupportedIndex(f"Position {at}: no index `{name}`.{did_you_mean(_closest_indexes(name, table))}", details=name, offset=at)


def _closest_indexes(name: str, table: IndexTable) -> tuple[str, ...]:
    """Names that look alike; the same name in another set comes first."""
    names = [each for index in table.indexes() for each in (index.name, *index.aliases)]
    local = name.lower().rpartition(".")[2]
    elsewhere = tuple(each for each in names if each.lower().partition(".")[2] == local)
    if elsewhere:
        return tuple(dict.fromkeys(elsewhere))[:3]
    if "." in name:
        return near_matches(name, names)
    by_local = {each.lower().partition(".")[2]: each for each in reversed(names)}
    return tuple(by_local[match] for match in near_matches(local, by_local))
