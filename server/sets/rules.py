"""Reads set definitions, and decides of one record which sets it belongs to."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from cql.diagnostics import CqlError
from cql.indexes import IndexTable
from cql.matcher import compile_plan
from cql.parser import parse
from cql.planner import plan_query
from cql.regexp_syntax import RegexpError
from cql.regexps import matcher
from indexer.document import Document
from indexer.record import Record, subfields
from server import xmlio
from server.errors import CannotStart
from server.oai_settings import OaiMapping, OaiSet

SPEC = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(?::[A-Za-z0-9\-_.!~*'()]+)*")
_LETTER_CLASSES = {"\\d": "[0-9]", "\\w": "[A-Za-z0-9_]", "\\s": "[ \t]"}

Decision = Callable[[Document, Record], bool]


@dataclass(frozen=True, slots=True)
class SetInfo:
    """A set as harvesters see it. `descriptions`: texts, or raw XML elements (they begin with `<`)."""

    spec: str
    name: str
    descriptions: tuple[str, ...] = ()


class SetRules:
    """All sets of an installation. `infos`: sorted by spec, with every parent; `fingerprint`: changes with what a record may be in."""

    def __init__(self, infos: Sequence[SetInfo], decisions: Sequence[tuple[str, Decision]], fingerprint: str) -> None:
        self.infos = tuple(sorted(infos, key=lambda info: info.spec))
        self.names = frozenset(info.spec for info in infos)
        self.fingerprint = fingerprint
        self._decisions = [(_with_ancestors(spec), decide) for spec, decide in decisions]

    def __bool__(self) -> bool:
        return bool(self._decisions)

    def of(self, document: Document, record: Record) -> list[str]:
        """The sets of one live record, ancestors included, sorted."""
        found: set[str] = set()
        for specs, decide in self._decisions:
            if decide(document, record):
                found.update(specs)
        return sorted(found)


NO_SETS = SetRules((), (), "")


def read_sets(defined: Sequence[OaiSet], table: IndexTable) -> SetRules:
    """Checks definitions and makes them ready. `table`: indexes of the bibliographic database.

    Raises: CannotStart naming the set and what is wrong with it.
    """
    infos: dict[str, SetInfo] = {}
    decisions: list[tuple[str, Decision]] = []
    for one in defined:
        if not SPEC.fullmatch(one.spec):
            raise CannotStart(f"The set {one.spec!r} cannot have this setSpec: letters, digits and -_.!~*'() in parts joined by colons.")
        if one.spec in infos:
            raise CannotStart(f"There are two sets {one.spec!r}; each setSpec can be there once.")
        infos[one.spec] = SetInfo(one.spec, xmlio.without_forbidden(one.name), _descriptions(one))
        decisions.append((one.spec, _decision(one, table)))
    for spec in list(infos):
        for parent in _with_ancestors(spec):
            infos.setdefault(parent, SetInfo(parent, parent))
    told = [(one.spec, one.cql, [rule.model_dump() for rule in one.mappings], *_unseen(one)) for one in defined]
    fingerprint = blake2b(repr(sorted(told)).encode(), digest_size=12).hexdigest() if told else ""
    return SetRules(tuple(infos.values()), decisions, fingerprint)


def cql_decision(query: str, table: IndexTable) -> Decision:
    """Whether a record is found with a query. Raises: CqlError."""
    matches = compile_plan(plan_query(parse(query), table).plan)
    return lambda document, _: matches(document)


def _with_ancestors(spec: str) -> tuple[str, ...]:
    parts = spec.split(":")
    return tuple(":".join(parts[:length]) for length in range(1, len(parts) + 1))


def _descriptions(one: OaiSet) -> tuple[str, ...]:
    for text in one.description:
        if text.lstrip().startswith("<"):
            try:
                xmlio.parse(text.encode())
            except xmlio.NotXml as problem:
                raise CannotStart(f"The setDescription of the set {one.spec!r} is no XML: {problem}") from None
    return tuple(text.strip() for text in one.description if text.strip())


def _decision(one: OaiSet, table: IndexTable) -> Decision:
    if bool(one.cql.strip()) == bool(one.mappings):
        raise CannotStart(f"The set {one.spec!r} needs either cql or mappings.")
    if one.mappings:
        return _mapped(one)
    try:
        return cql_decision(one.cql, table)
    except CqlError as error:
        raise CannotStart(f"The query of the set {one.spec!r} cannot be used: {error}.") from None


def _mapped(one: OaiSet) -> Decision:
    """Koha's rules: alternatives of conditions, because `and` binds tighter than `or`."""
    alternatives: list[list[Callable[[Record], bool]]] = []
    for rule in one.mappings:
        condition = _condition(one, rule)
        if rule.rule_operator == "and" and alternatives:
            alternatives[-1].append(condition)
        else:
            alternatives.append([condition])
    return lambda _, record: any(all(condition(record) for condition in each) for each in alternatives)


def _unseen(one: OaiSet) -> list[str]:
    """The item fields that a rule of this set asks for and does not see, by format."""
    asked = {rule.marcfield for rule in one.mappings}
    return sorted(f"{form} {tag}" for form, tag in one.unseen.items() if tag in asked)


def _condition(one: OaiSet, rule: OaiMapping) -> Callable[[Record], bool]:
    expression = _our_expression(rule.marcvalue)
    try:
        matches = matcher(expression) if expression else _is_empty
    except RegexpError as error:
        raise CannotStart(f"The value {rule.marcvalue!r} of a rule of the set {one.spec!r} cannot be used: {error}") from None
    tag, code, unseen = rule.marcfield, rule.marcsubfield, one.unseen
    wanted = rule.operator != "notequal"

    def condition(record: Record) -> bool:
        values = () if unseen.get(record.format) == tag else _values(record, tag, code)
        return any(map(matches, values)) is wanted

    return condition


def _is_empty(text: str) -> bool:
    return not text


def _values(record: Record, tag: str, code: str) -> Iterable[str]:
    for own, body in record.fields:
        if own == tag:
            if not code:
                yield body
            else:
                yield from (text for each, text in subfields(body) if each == code)


def _our_expression(perl: str) -> str:
    """Koha's expression in the words of `cql.regexps`: it is anchored at both ends anyway."""
    text = perl.removeprefix("^")
    if text.endswith("$") and not text.endswith("\\$"):
        text = text[:-1]
    return re.sub(r"\\[dws]", lambda found: _LETTER_CLASSES[found[0]], text)
