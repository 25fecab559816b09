"""The parsed query: clauses joined by booleans, prefix assignments around them, sort keys beside them.

    Query
    +- root: Node
    |   +- Clause      index relation/modifiers term
    |   +- Boolean     left op/modifiers right
    |   +- Prefixed    > prefix = "uri" ... query
    +- sort: SortKey   index/modifiers

Names, relations and values stand here as they were written; nothing is looked up and letter case is kept (only boolean
operators are lower case). A thousand booleans make a tree a thousand levels deep, so everything here walks with a stack of
its own instead of recursion. Positions (`at`, `term_at`) are 0-based character offsets and take no part in comparison.

Source: CQL 1.2, query syntax; the dict form is that of the acceptance data.
"""

import re
from dataclasses import dataclass, field
from typing import Any, assert_never

SERVER_CHOICE = "cql.serverChoice"
RESERVED = frozenset({"and", "or", "not", "prox", "sortby"})
_MASKS = re.compile(r"[\\*?^]")
_NEEDS_QUOTES = re.compile(r'[ \t\r\n()=<>"/]')


@dataclass(frozen=True, slots=True)
class Modifier:
    """`/name` or `/name comparison value` behind a relation, a boolean or a sort index; the last two are None together."""

    name: str
    comparison: str | None = None
    value: str | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Clause:
    """One search clause.

    `term` keeps its backslashes except those that freed a double quote. `lone`: the query had only the term, and index and
    relation are the defaults. `at` is where the clause begins, `term_at` where the text of the term begins.
    """

    index: str
    relation: str
    modifiers: tuple[Modifier, ...]
    term: str
    at: int = field(default=0, compare=False)
    term_at: int = field(default=0, compare=False)
    lone: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Boolean:
    """Two operands and `op`: "and", "or", "not" (meaning and-not) or "prox". `at` is where the operator stands."""

    op: str
    modifiers: tuple[Modifier, ...]
    left: "Node"
    right: "Node"
    at: int = field(default=0, compare=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Boolean) and _flat(self) == _flat(other)

    def __hash__(self) -> int:
        return hash(_flat(self))


@dataclass(frozen=True, slots=True)
class PrefixAssignment:
    """`> name = "uri"`: within the query the prefix `name` (or, when None, no prefix) means the context set `uri`."""

    name: str | None
    uri: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Prefixed:
    """A query under one or more prefix assignments that follow each other."""

    prefixes: tuple[PrefixAssignment, ...]
    query: "Node"
    at: int = field(default=0, compare=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prefixed) and _flat(self) == _flat(other)

    def __hash__(self) -> int:
        return hash(_flat(self))


Node = Clause | Boolean | Prefixed


@dataclass(frozen=True, slots=True)
class SortKey:
    """One index of `sortBy` with its modifiers."""

    index: str
    modifiers: tuple[Modifier, ...] = ()
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Query:
    """A whole query; `sort` has the major key first and is empty without `sortBy`."""

    root: Node
    sort: tuple[SortKey, ...] = ()


def postorder(root: Node) -> list[Node]:
    """All nodes in the order of the text, operands before the node that joins them."""
    order: list[Node] = []
    todo: list[Node] = [root]
    while todo:
        node = todo.pop()
        order.append(node)
        match node:
            case Boolean():
                todo += (node.left, node.right)
            case Prefixed():
                todo.append(node.query)
            case Clause():
                pass
            case _:
                assert_never(node)
    order.reverse()
    return order


def _flat(root: Node) -> tuple[object, ...]:
    """The tree without its shape in memory: nodes in postorder say all, because every kind has a fixed number of operands."""
    parts: list[object] = []
    for node in postorder(root):
        match node:
            case Clause():
                parts.append(node)
            case Boolean():
                parts.append((node.op, node.modifiers))
            case Prefixed():
                parts.append(node.prefixes)
    return tuple(parts)


def distribute(root: Node, index: str, relation: str, modifiers: tuple[Modifier, ...], at: int) -> Node:
    """The tree with index, relation and modifiers handed to every lone term in it (`title = (a or b)`, lenient mode only)."""
    done: list[Node] = []
    for node in postorder(root):
        match node:
            case Clause(lone=True):
                done.append(Clause(index, relation, modifiers, node.term, at, node.term_at))
            case Clause():
                done.append(node)
            case Boolean():
                right, left = done.pop(), done.pop()
                done.append(Boolean(node.op, node.modifiers, left, right, node.at))
            case Prefixed():
                done.append(Prefixed(node.prefixes, done.pop(), node.at))
    return done.pop()


def to_dict(query: Query) -> dict[str, Any]:
    """`{"ast": node, "sort": [key]}` of plain dicts and lists.

    Clause: type, index, relation, modifiers, term. Boolean: type, op, modifiers, left, right. Prefix: type, prefixes (name or
    None, uri), query. A modifier is name, comparison, value. The dicts nest as deeply as the booleans do.
    """
    done: list[dict[str, Any]] = []
    for node in postorder(query.root):
        match node:
            case Clause():
                done.append({"type": "clause", "index": node.index, "relation": node.relation,
                             "modifiers": _modifier_dicts(node.modifiers), "term": node.term})  # fmt: skip
            case Boolean():
                right, left = done.pop(), done.pop()
                done.append({"type": "boolean", "op": node.op, "modifiers": _modifier_dicts(node.modifiers),
                             "left": left, "right": right})  # fmt: skip
            case Prefixed():
                prefixes = [{"name": prefix.name, "uri": prefix.uri} for prefix in node.prefixes]
                done.append({"type": "prefix", "prefixes": prefixes, "query": done.pop()})
    sort = [{"index": key.index, "modifiers": _modifier_dicts(key.modifiers)} for key in query.sort]
    return {"ast": done.pop(), "sort": sort}


def _modifier_dicts(modifiers: tuple[Modifier, ...]) -> list[dict[str, str | None]]:
    return [{"name": each.name, "comparison": each.comparison, "value": each.value} for each in modifiers]


def to_cql(query: Query) -> str:
    """The query written out in one line; strict parsing gives the same tree again.

    Quotes stand only where they are needed, parentheses only around right-hand booleans and inner prefix assignments. Every
    backslash in terms and names must stand before `*`, `?`, `^` or another backslash, as it does in every parsed tree.
    """
    out: list[str] = []
    todo: list[Node | str] = [query.root]
    while todo:
        item = todo.pop()
        match item:
            case str():
                out.append(item)
            case Clause():
                out.append(_clause_text(item))
            case Boolean():
                operator = f" {item.op}{_modifier_text(item.modifiers)} "
                todo += reversed([*_enclosed(item.left, Prefixed), operator, *_enclosed(item.right, Boolean | Prefixed)])
            case Prefixed():
                out.append("".join(_prefix_text(prefix) for prefix in item.prefixes))
                todo += reversed(_enclosed(item.query, Prefixed))
            case _:
                assert_never(item)
    if query.sort:
        keys = (quoted(key.index) + _modifier_text(key.modifiers) for key in query.sort)
        out.append(f" sortBy {' '.join(keys)}")
    return "".join(out)


def _enclosed(node: Node, kinds: Any) -> list[Node | str]:
    """The node, in parentheses when it is of one of the `kinds` that would read differently without."""
    return ["(", node, ")"] if isinstance(node, kinds) else [node]


def _clause_text(clause: Clause) -> str:
    if clause.lone:
        return quoted(clause.term)
    return f"{quoted(clause.index)} {clause.relation}{_modifier_text(clause.modifiers)} {quoted(clause.term)}"


def _modifier_text(modifiers: tuple[Modifier, ...]) -> str:
    return "".join(
        f"/{quoted(each.name)}" if each.comparison is None else f"/{quoted(each.name)}{each.comparison}{quoted(each.value or '')}"
        for each in modifiers
    )


def _prefix_text(prefix: PrefixAssignment) -> str:
    name = "" if prefix.name is None else f"{quoted(prefix.name)} = "
    return f"> {name}{_in_quotes(prefix.uri)} "


def quoted(word: str) -> str:
    """The word as it must stand in a query: in double quotes if it is empty, reserved or has a character of the syntax."""
    if word and not _NEEDS_QUOTES.search(word) and word.lower() not in RESERVED:
        return word
    return _in_quotes(word)


def verbatim(text: str) -> str:
    """A term that means just these characters: without masks and anchors, and quoted where that is needed."""
    return quoted(_MASKS.sub(r"\\\g<0>", text))


def _in_quotes(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'
