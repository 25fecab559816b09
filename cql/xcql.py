"""XCQL, the XML form of a query, for echoes: vocabulary of SRU 1.1/1.2 and of SRU 2.0, as text.

Elements come without white space between them and declare their namespace on each outermost element, so that they can be put
anywhere. Characters that XML cannot hold must have been refused before. Source: XCQL 1.1, OASIS xcql; the SRU page, 15.
"""

from typing import assert_never

from cql.tree import Boolean, Clause, Modifier, Node, PrefixAssignment, Prefixed, Query, SortKey

NAMESPACE_1 = "http://www.loc.gov/zing/cql/xcql/"
NAMESPACE_2 = "http://docs.oasis-open.org/ns/search-ws/xcql"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def xcql1(query: Query, sort: bool = True) -> str:
    """Content of `xQuery` in SRU 1.1 and 1.2: optional `prefixes`, then `triple` or `searchClause`.

    `sort`: sort keys become the last child of the outermost element, as is the practice of 1.2; the schema of 1.1 has no
    place for them.
    """
    prefixes, root = _unwrapped(query.root)
    out = [_prefixes(prefixes, _declared(NAMESPACE_1))] if prefixes else []
    keys = _sort_keys(query.sort) if sort and query.sort else ""
    todo: list[Node | str] = [root]
    is_outermost = True
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            out.append(item)
            continue
        attributes, tail = (_declared(NAMESPACE_1), keys) if is_outermost else ("", "")
        is_outermost = False
        match item:
            case Clause():
                out.append(f"<searchClause{attributes}>{_clause_content(item)}{tail}</searchClause>")
            case Boolean():
                head = f"<triple{attributes}><boolean>{_boolean_content(item)}</boolean>"
                todo += reversed([head, *_operands(item), f"{tail}</triple>"])
            case Prefixed():
                inner, node = _unwrapped(item)
                todo += [node, _prefixes(inner, "")]
            case _:
                assert_never(item)
    return "".join(out)


def xcql2(query: Query) -> str | None:
    """The free-standing form of SRU 2.0, `xcql`; None when a prefix assignment below the top cannot be written in it."""
    content = _content2(query, "")
    return None if content is None else f"<xcql{_declared(NAMESPACE_2)}>{content}</xcql>"


def xcql2_content(query: Query) -> str | None:
    """Content of `xQuery` in SRU 2.0: optional `prefixes`, `triple`, optional `sortKeys`; None as for `xcql2`."""
    return _content2(query, _declared(NAMESPACE_2))


def scan_clause1(clause: Clause) -> str:
    """Content of `xScanClause` in SRU 1.1 and 1.2: index, relation, term."""
    return _clause_content(clause, _declared(NAMESPACE_1))


def scan_clause2(clause: Clause) -> str:
    """Content of `xScanClause` in SRU 2.0: index, relation, term."""
    return _clause_content(clause, _declared(NAMESPACE_2))


def _content2(query: Query, attributes: str) -> str | None:
    root = query.root
    out: list[str] = []
    if isinstance(root, Prefixed):
        out.append(_prefixes(root.prefixes, attributes))
        root = root.query
    todo: list[Node | str] = [root]
    is_outermost = True
    while todo:
        item = todo.pop()
        declared = attributes if is_outermost else ""
        match item:
            case str():
                out.append(item)
            case Clause():
                text = f"<searchClause>{_clause_content(item)}</searchClause>"
                # The top is always a triple, even around a single clause.
                out.append(f"<triple{declared}>{text}</triple>" if is_outermost else text)
            case Boolean():
                head = f"<triple{declared}><Boolean>{_boolean_content(item)}</Boolean>"
                todo += reversed([head, *_operands(item), "</triple>"])
            case Prefixed():
                return None
            case _:
                assert_never(item)
        is_outermost = False
    if query.sort:
        out.append(_sort_keys(query.sort, attributes))
    return "".join(out)


def _unwrapped(node: Node) -> tuple[tuple[PrefixAssignment, ...], Node]:
    """All assignments in force at the node, inner ones hiding outer ones of the same name, and the node within them."""
    found: dict[str | None, PrefixAssignment] = {}
    while isinstance(node, Prefixed):
        for prefix in node.prefixes:
            found[prefix.name.lower() if prefix.name is not None else None] = prefix
        node = node.query
    return tuple(found.values()), node


def _operands(boolean: Boolean) -> list[Node | str]:
    return ["<leftOperand>", boolean.left, "</leftOperand><rightOperand>", boolean.right, "</rightOperand>"]


def _declared(namespace: str) -> str:
    return f' xmlns="{namespace}"'


def _element(name: str, text: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{text.translate(_ESCAPES)}</{name}>"


def _clause_content(clause: Clause, attributes: str = "") -> str:
    relation = f"<relation{attributes}>{_element('value', clause.relation)}{_modifiers(clause.modifiers)}</relation>"
    return _element("index", clause.index, attributes) + relation + _element("term", clause.term, attributes)


def _boolean_content(boolean: Boolean) -> str:
    return _element("value", boolean.op) + _modifiers(boolean.modifiers)


def _modifiers(modifiers: tuple[Modifier, ...]) -> str:
    if not modifiers:
        return ""
    return f"<modifiers>{''.join(_modifier(modifier) for modifier in modifiers)}</modifiers>"


def _modifier(modifier: Modifier) -> str:
    compared = ""
    if modifier.comparison is not None:
        compared = _element("comparison", modifier.comparison) + _element("value", modifier.value or "")
    return f"<modifier>{_element('type', modifier.name)}{compared}</modifier>"


def _prefixes(prefixes: tuple[PrefixAssignment, ...], attributes: str) -> str:
    each = (f"<prefix>{_element('name', prefix.name or '')}{_element('identifier', prefix.uri)}</prefix>" for prefix in prefixes)
    return f"<prefixes{attributes}>{''.join(each)}</prefixes>"


def _sort_keys(keys: tuple[SortKey, ...], attributes: str = "") -> str:
    each = (f"<key>{_element('index', key.index)}{_modifiers(key.modifiers)}</key>" for key in keys)
    return f"<sortKeys{attributes}>{''.join(each)}</sortKeys>"
