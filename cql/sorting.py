"""`sortBy` of a query and the `sortKeys` parameter as sort keys of the engine.

Sort keys are folded strings or numbers, one per record and sort field; an index whose records may have several values has a field
with the smallest for ascending and one with the largest for descending order. So ignoreCase and ignoreAccents are what always
happens; respectCase and respectAccents are taken without effect, because clients of the YAZ toolkit send them unasked (our
decision). A value for records that have none (`missingValue`) becomes a sort key by the rule of its index.

Source: CQL 1.2, context set sort; SRU 1.1, sortKeys; the SRU page, section 9.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from cql.clauses import has_index
from cql.diagnostics import (
    CqlError,
    TooManySortKeys,
    UnsupportedMissingValue,
    UnsupportedSortCase,
    UnsupportedSortDirection,
    UnsupportedSortPath,
    UnsupportedSortSchema,
    UnsupportedSortSequence,
    did_you_mean,
    near_matches,
)
from cql.indexes import Index, IndexTable
from cql.limits import Limits
from cql.names import Scope, find_index, local_name
from cql.plan import Plan, SortBy
from cql.simplify import EVERYTHING, all_of, any_of, without
from cql.tree import Modifier, SortKey

_DIRECTIONS = frozenset({"ascending", "descending"})
_MISSING = frozenset({"missinglow", "missinghigh", "missingomit", "missingfail", "missingvalue"})
_WITHOUT_EFFECT = frozenset(
    {"ignorecase", "respectcase", "ignoreaccents", "respectaccents", "locale", "unicodecodepoint", "number", "isodate", "string"}
)
LONGEST_MISSING_VALUE = 23
"""Bytes of the sort key that stands in for a missing value: what engines keep as numbers (our decision; words are shorter)."""
_TYPE_HINTS = frozenset({"number", "isodate", "string"})
_KEY = re.compile(r'((?:"[^"]*"|[^\s"])+)')
_PARTS = ("path", "schema", "ascending", "caseSensitive", "missingValue")
_NO_PLAIN_STEP = re.compile(r"[\[\]()@*|]")
_TRUTH = {"": None, "1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class Sorting:
    """How to sort.

    `keys`: major key first, each field once. `condition`: only these records are kept (missingOmit); `Everything` when all.
    `fails_on`: when any hit is among these records, the answer is SortEndedOnMissingValue (93); None when that cannot happen.
    """

    keys: tuple[SortBy, ...] = ()
    condition: Plan = field(default=EVERYTHING)
    fails_on: Plan | None = None


def plan_sort(keys: tuple[SortKey, ...], scope: Scope, table: IndexTable, limits: Limits) -> Sorting:
    """Sort keys of `sortBy`.

    Raises: UnsupportedIndex (16), UnsupportedContextSet (15), UnsupportedSortSequence (82) for an index that cannot be
    sorted on and for unknown or contradictory modifiers, TooManySortKeys (84).
    """
    _check_count(len(keys), limits)
    collected = _Collected()
    for key in keys:
        index = find_index(key.index, scope, table, key.at)
        if not index.sort:
            raise _sequence(f"index `{index.name}` cannot be sorted on.{_sortable(table)}", key.index, key.at)
        descending, action, missing = _read_modifiers(key, scope, table)
        value = None
        if action == "missingvalue" and missing is not None and missing.value is not None:
            value = _stand_in(index, missing.value)
            if value is None:
                raise _sequence(_no_stand_in(index, missing.value), f"{missing.name}={missing.value}", missing.at)
        collected.add(index, descending, action, value)
    return collected.sorting()


def plan_sort_keys(text: str, table: IndexTable, limits: Limits, schemas: Collection[str] = ()) -> Sorting:
    """Sort keys of the parameter `sortKeys` (SRU 1.1 and 2.0): `path,schema,ascending,caseSensitive,missingValue ...`.

    A path is the name of an index, or an XPath whose last step is one (`/record/title`, `dc:title`). `schemas`: short names
    of the record schemas that may stand as second part. Trailing parts may be missing.

    Raises: UnsupportedSortSequence (82) for a key with too many parts, TooManySortKeys (84), UnsupportedSortSchema (87),
    UnsupportedSortPath (88), UnsupportedSortDirection (90), UnsupportedSortCase (91), UnsupportedMissingValue (92).
    """
    keys = _KEY.findall(text)
    _check_count(len(keys), limits)
    collected = _Collected()
    for key in keys:
        parts = _parts_of(key)
        if len(parts) > len(_PARTS):
            raise UnsupportedSortSequence(f"Sort key `{key}` has too many parts; there are {','.join(_PARTS)}.", details=key)
        path, schema, ascending, case, missing = (*parts, *[""] * (len(_PARTS) - len(parts)))
        if schema and schema.lower() not in {known.lower() for known in schemas}:
            raise UnsupportedSortSchema(f"Sort key `{key}`: no schema `{schema}` to sort by.", details=schema)
        index = _index_of_path(path, key, table)
        direction = _truth(ascending)
        if ascending and direction is None:
            raise UnsupportedSortDirection(f"Sort key `{key}`: ascending is 1 or 0, not `{ascending}`.", details=ascending)
        if case and _truth(case) is None:
            raise UnsupportedSortCase(f"Sort key `{key}`: caseSensitive is 1 or 0, not `{case}`.", details=case)
        action = _missing_action(missing, key)
        value = _stand_in(index, missing[1:-1]) if action == "missingvalue" else None
        if action == "missingvalue" and value is None:
            raise UnsupportedMissingValue(f"Sort key `{key}`: {_no_stand_in(index, missing[1:-1])}", details=missing)
        collected.add(index, direction is False, action, value)
    return collected.sorting()


class _Collected:
    """Sort keys and the conditions that come with them."""

    def __init__(self) -> None:
        self.keys: dict[str, SortBy] = {}
        self.before: dict[str, str] = {}
        self.kept: list[Plan] = []
        self.failing: list[Plan] = []

    def add(self, index: Index, descending: bool, missing: str, missing_value: str | None) -> None:
        """Takes one key; a field that is sorted on already adds nothing."""
        if index.sort in self.keys:
            return
        # Low and high are ends of the alphabet; `missing` is an end of the list as it is sent.
        place = "first" if missing == ("missinghigh" if descending else "missinglow") else "last"
        self.keys[index.sort] = SortBy(index.sort_field(descending=descending), descending, place, missing_value)
        if index.sort_before:
            self.before[index.sort] = index.sort_before
        if missing == "missingomit":
            self.kept.append(has_index(index))
        elif missing == "missingfail":
            self.failing.append(without(EVERYTHING, has_index(index)))

    def sorting(self) -> Sorting:
        """All keys together."""
        condition = all_of(self.kept)
        fails_on = any_of(self.failing) if self.failing else None
        last = next(reversed(self.keys), "")
        keys = [replace(key, field=self.before[name]) if name in self.before and name != last else key for name, key in self.keys.items()]
        return Sorting(tuple(keys), condition, fails_on)


def _check_count(count: int, limits: Limits) -> None:
    if count > limits.sort_keys:
        raise TooManySortKeys(f"{count} sort keys; at most {limits.sort_keys} are allowed.", details=str(limits.sort_keys))


def _stand_in(index: Index, text: str) -> str | None:
    """The sort key of a text that stands in for a missing value; None when it cannot be one."""
    key = index.sort_key(text) if index.sort_key is not None else ""
    return key if key and len(key.encode()) <= LONGEST_MISSING_VALUE else None


def _no_stand_in(index: Index, text: str) -> str:
    return f"missingValue needs a short value of `{index.name}`, not `{text[:60]}`."


def _read_modifiers(key: SortKey, scope: Scope, table: IndexTable) -> tuple[bool, str, Modifier | None]:
    """Whether the key is descending, its action for missing values (empty: default), and the modifier that says so."""
    direction: Modifier | None = None
    missing: Modifier | None = None
    action = ""
    descending = False
    for modifier in key.modifiers:
        name = _local_modifier(modifier, scope, table)
        if name in _DIRECTIONS:
            direction = _only(direction, modifier)
            descending = name == "descending"
        elif name in _MISSING:
            missing = _only(missing, modifier)
            action = name
        elif name not in _WITHOUT_EFFECT:
            close = near_matches(modifier.name, (*sorted(_DIRECTIONS), *sorted(_MISSING), *sorted(_WITHOUT_EFFECT)))
            raise _sequence(f"no sort modifier `{modifier.name}`.{did_you_mean(close)}", modifier.name, modifier.at)
        if name == "missingvalue" and modifier.comparison not in {"=", "=="}:
            raise _sequence("missingValue needs a value: missingValue=VALUE.", modifier.name, modifier.at)
        if modifier.comparison is not None and name not in {"locale", "missingvalue"}:
            raise _sequence(f"sort modifier `{modifier.name}` takes no value.", modifier.name, modifier.at)
    return descending, action, missing


def _local_modifier(modifier: Modifier, scope: Scope, table: IndexTable) -> str:
    """Lower-case name in the set sort, or of a type hint of the set cql; the full name when it is neither."""
    name = local_name(modifier.name, "sort", scope, table)
    if name is None:
        hint = local_name(modifier.name, "cql", scope, table)
        name = hint if hint in _TYPE_HINTS else None
    return name if name is not None else modifier.name.lower()


def _only(earlier: Modifier | None, modifier: Modifier) -> Modifier:
    if earlier is not None:
        raise _sequence(
            f"sort modifiers `{earlier.name}` and `{modifier.name}` exclude each other.", f"{earlier.name}/{modifier.name}", modifier.at
        )
    return modifier


def _sequence(sentence: str, details: str, at: int) -> UnsupportedSortSequence:
    return UnsupportedSortSequence(f"Position {at}: {sentence}", details=details, offset=at)


def _sortable(table: IndexTable) -> str:
    names = [index.name for index in table.indexes() if index.sort]
    return f" There are {', '.join(names[:12])}." if names else ""


def _parts_of(key: str) -> list[str]:
    """Comma-separated parts; commas in double quotes do not count."""
    parts = [""]
    in_quotes = False
    for character in key:
        in_quotes ^= character == '"'
        if character == "," and not in_quotes:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _truth(text: str) -> bool | None:
    return _TRUTH.get(text.lower())


def _missing_action(text: str, key: str) -> str:
    if len(text) > 2 and text[0] == text[-1] == '"':
        return "missingvalue"
    actions = {"": "", "abort": "missingfail", "highvalue": "missinghigh", "lowvalue": "missinglow", "omit": "missingomit"}
    action = actions.get(text.lower())
    if action is None:
        raise UnsupportedMissingValue(
            f"Sort key `{key}`: missingValue is abort, highValue, lowValue, omit or a value in quotes, not `{text}`.", details=text
        )
    return action


def _index_of_path(path: str, key: str, table: IndexTable) -> Index:
    if _NO_PLAIN_STEP.search(path):
        raise UnsupportedSortPath(f"Sort key `{key}`: of a path only plain steps are read, as in /record/title.", details=path)
    step = path.rpartition("/")[2].replace(":", ".")
    try:
        index = find_index(step, Scope(), table, 0)
    except CqlError as error:
        close = error.message.partition(" Did you mean")
        raise UnsupportedSortPath(f"Sort key `{key}`: no index `{path}`.{close[1]}{close[2]}", details=path) from None
    if not index.sort:
        raise UnsupportedSortPath(f"Sort key `{key}`: index `{index.name}` cannot be sorted on.{_sortable(table)}", details=path)
    return index
