"""All steps for the records of one database and one MARC format, and the order in which a document lists its fields."""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from indexer.field_spec import FieldSpec
from indexer.functions.normalisers import NORMALISERS
from indexer.gathering import Gathered, Known, KnownFields
from indexer.record import Format
from indexer.record_view import KeyedValues, KeyOf, Numbers, RecordView, Source, Texts
from indexer.rules import ALL_CODES, Rule, Take
from indexer.specials import SOURCES
from indexer.steps import Bound, NarrowShapes, Normalise, Shapes, Step, Steps, one_step

ANYWHERE = "anywhere"
"""The field that gets the words of all others."""

LEADER = "leader"


class SortRule(NamedTuple):
    """How the sort keys of one field are made.

    `lowest`, `highest`: names of the keys for ascending and descending order; `highest` is empty where one key does for both. `how`:
    "words" from the field's values as written, "keys" from its normalised values (`normalise` makes them), "number" from its integers,
    "ready" by a special function. `joined`: all values together are the one key.
    """

    lowest: str
    highest: str
    field: str
    how: Literal["words", "keys", "number", "ready"]
    joined: bool
    normalise: Normalise | None


SourceCall = tuple[Callable[[RecordView], Sequence[Any]], Callable[[Gathered, Step, Any], None], Step]


def _call(source: Source, step: Step) -> SourceCall:
    match source:
        case Texts():
            return source.values, Gathered.add, step
        case Numbers():
            return source.values, Gathered.add_numbers, step
        case KeyedValues():
            return source.values, Gathered.add_keyed, step


@dataclass(frozen=True, slots=True, eq=False)
class SourceGroup:
    """Special functions that are asked when one of `needs` is there (always, when it is empty), and where their values go.

    `calls`: for each of `members` the function, and the method of `Gathered` that takes its values in, with the step.
    With `key`, what they give together is remembered in `known` by the value of that function.
    """

    needs: frozenset[str]
    key: KeyOf | None
    members: tuple[tuple[Source, Step], ...]
    calls: tuple[SourceCall, ...] = field(init=False)
    known: dict[Hashable, Known] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "calls", tuple(_call(source, step) for source, step in self.members))


@dataclass(frozen=True, slots=True, eq=False)
class ExtractionPlan:
    """What is done with one record.

    `fields`: steps of the record's own fields; `linked`: of fields in original script, by the shape of the field they belong to;
    `stray`: of a field in original script that belongs to no other; `leader`: of the leader. `defaults`: (field, step, value)
    for rules whose value stands in when the field has none. `sorts`: how sort keys are made. `texts`: names of the text fields;
    `displayed`: fields whose whole values have a display form of their own; `order`: place in the table.
    `has_firsts`: some rule wants its first value only, so what a field gives depends on the fields before it. `known`: fields
    that came before.
    """

    fields: Shapes
    linked: Shapes
    stray: Shapes
    leader: Steps
    sources: tuple[SourceGroup, ...]
    defaults: tuple[tuple[str, Step, str], ...]
    sorts: tuple[SortRule, ...]
    texts: frozenset[str]
    displayed: frozenset[str]
    order: Mapping[str, int]
    has_firsts: bool
    known: KnownFields = field(default_factory=dict)


def make_plan(specs: Sequence[FieldSpec], form: Format, *, vernacular_facets: bool) -> ExtractionPlan:
    """The plan of a database's fields for one format."""
    fields = {spec.name: spec for spec in specs}
    bounds = [
        _bound(fields[rule.to or spec.name], rule, form, has_anywhere=ANYWHERE in fields)
        for spec in fields.values()
        for rule in spec.rules[form]
    ]
    return ExtractionPlan(
        fields=Shapes(RulesByTag(bounds, lambda rule: "" if rule.link else rule.tag)),
        linked=Shapes(_for_linked(bounds, vernacular_facets=vernacular_facets)),
        stray=Shapes(lambda _: [_STRAY] if ANYWHERE in fields else []),
        leader=Shapes(lambda _: [bound for bound in bounds if bound.rule.tag == LEADER])[LEADER[:3]],
        sources=_source_groups(bound for bound in bounds if bound.rule.source),
        defaults=tuple((bound.field, one_step(bound), bound.rule.default) for bound in bounds if bound.rule.default),
        sorts=tuple(_sort_rule(spec) for spec in fields.values() if spec.sort == spec.name),
        texts=frozenset(spec.name for spec in fields.values() if spec.kind == "text"),
        displayed=frozenset(spec.name for spec in fields.values() if spec.twin or spec.type == "keyword"),
        order={name: place for place, name in enumerate(fields)},
        has_firsts=any(bound.rule.first for bound in bounds),
    )


def plain_steps(specs: Sequence[FieldSpec]) -> dict[str, Step]:
    """For each field the step of a value that needs no rule."""
    has_anywhere = any(spec.name == ANYWHERE for spec in specs)
    return {spec.name: one_step(_bound(spec, _PLAIN, "marc21", has_anywhere=has_anywhere)) for spec in specs}


def _source_groups(bounds: Iterable[Bound]) -> tuple[SourceGroup, ...]:
    groups: dict[tuple[frozenset[str], KeyOf | None], list[tuple[Source, Step]]] = {}
    for bound in bounds:
        source = SOURCES[bound.rule.source]
        groups.setdefault((source.needs, source.key), []).append((source, one_step(bound)))
    return tuple(SourceGroup(needs, key, tuple(members)) for (needs, key), members in groups.items())


def _bound(spec: FieldSpec, rule: Rule, form: Format, *, has_anywhere: bool) -> Bound:
    is_keyword = spec.type == "keyword"
    anywhere = spec.anywhere if rule.anywhere is None else rule.anywhere
    words = spec.kind == "text" and rule.words
    return Bound(
        field=spec.name,
        rule=rule,
        words=((spec.name,) if words else ()) + ((ANYWHERE,) if anywhere and has_anywhere and (words or spec.kind == "key") else ()),
        twin=(spec.twin or is_keyword) and rule.values,
        key=_normaliser(spec, rule) if spec.kind == "key" and not is_keyword else None,
        displayed=spec.displayed,
        findable=spec.findable,
        number=spec.kind in {"number", "date"},
        sort=spec.sort == spec.name and rule.sort and spec.kind in {"text", "key", "sort"},
        facet=spec.facet,
        pipe=spec.pipe,
        translate=spec.translate,
        dashes=spec.subdivisions.get(form, ""),
    )


def _normaliser(spec: FieldSpec, rule: Rule) -> Normalise | None:
    return NORMALISERS[rule.normalise] if rule.normalise else spec.normalise


class RulesByTag:
    """The rules of a plan, found by tag: those for just this tag and those with wildcards, in the order of the table."""

    def __init__(self, bounds: Sequence[Bound], tag_of: Callable[[Rule], str]) -> None:
        self._exact: dict[str, list[tuple[int, Bound]]] = {}
        self._wild: list[tuple[re.Pattern[str], tuple[int, Bound]]] = []
        for place, bound in enumerate(bounds):
            tag = tag_of(bound.rule)
            if "." in tag:
                self._wild.append((re.compile(tag), (place, bound)))
            elif tag:
                self._exact.setdefault(tag, []).append((place, bound))

    def __call__(self, tag: str) -> list[Bound]:
        """The rules for a tag."""
        found = [*self._exact.get(tag, ()), *(one for pattern, one in self._wild if pattern.fullmatch(tag))]
        return [bound for _, bound in sorted(found, key=lambda one: one[0])]


def _for_linked(bounds: Sequence[Bound], *, vernacular_facets: bool) -> RulesByTag:
    """The rules of a tag for fields in original script: no sort keys, no numbers, no facets; and rules for such fields only."""
    linked = []
    for bound in bounds:
        kept = bound
        if not bound.rule.link:
            listed = vernacular_facets or not bound.facet
            kept = replace(bound, sort=False, number=False, twin=bound.twin and listed, key=bound.key if listed else None)
        if kept.words or kept.twin or kept.key:
            linked.append(kept)
    return RulesByTag(linked, lambda rule: rule.link or rule.tag)


_PLAIN = Rule(text="plain value")
_STRAY = Bound(field=ANYWHERE, rule=Rule(text="880 without a field", tag="880", takes=(Take(ALL_CODES, joined=True),)), words=(ANYWHERE,))


_HOW: Mapping[str, Literal["words", "number", "ready"]] = {
    "sort": "ready", "number": "number", "date": "number", "text": "words", "keyword": "words",
}  # fmt: skip


def _sort_rule(spec: FieldSpec) -> SortRule:
    return SortRule(spec.name, spec.sort_highest, spec.name, _HOW.get(spec.type, "keys"), spec.sort_joined, spec.normalise)


def narrowed(plan: ExtractionPlan, name: str) -> ExtractionPlan:
    """The plan with only those steps that give words to one text field, in the same order."""

    def one(step: Step) -> Step:
        return replace(step, words=(name,), twins=(), keys=(), numbers=(), sorts=(), wants_raw=False, rules=())

    def narrow(steps: Steps) -> Steps:
        return tuple(one(step) for step in steps if name in step.words)

    groups = (
        SourceGroup(group.needs, group.key, tuple((source, one(step)) for source, step in group.members if name in step.words))
        for group in plan.sources
    )
    return replace(
        plan,
        fields=NarrowShapes(plan.fields, narrow), linked=NarrowShapes(plan.linked, narrow), stray=NarrowShapes(plan.stray, narrow),
        leader=narrow(plan.leader), sources=tuple(group for group in groups if group.members),
        defaults=tuple((own, one(step), value) for own, step, value in plan.defaults if name in step.words),
        sorts=(), texts=frozenset({name}), known={},
    )  # fmt: skip
