"""Rules made ready to run: for each shape of a MARC field a short tuple of steps, which say what to do with its subfields.

The shape of a field is its tag, its indicators and the codes of its subfields in order. It settles nearly all that a rule asks,
so a step is no more than the positions of the subfields that make a value and the names of the fields that want it. Rules of
several fields that take the same subfields share one step: their value is joined and folded once. Steps are made when a shape
is first seen, and there are not many shapes.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from indexer.functions.pipes import parse_pipes
from indexer.functions.relators import relator_codes
from indexer.record import SUBFIELD
from indexer.rules import Rule, Take, When

Normalise = Callable[[str], tuple[str, ...]]
Pieces = Sequence[str]
"""A field taken apart: first its indicators, then its subfields, each with its code before its text. A control field (and the
leader) is an empty text and then its own text after a blank."""
Change = Callable[[list[str]], list[str]]
Condition = Callable[[Pieces], bool]

LINKED_TAG = "880"
"""MARC 21 fields in original script, which take the rules of the field they belong to."""

_WHOLE_TEXT = Take(frozenset(), joined=True)
_SHAPES_REMEMBERED = 5000
_RELATOR_CODES = "4ej"
DASH = " -- "
"""What stands before a subdivision in a heading as it is shown."""

_NO_CHANGES = (None, None, None, "", "", (), ())


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule with the field that its values go to, as that field wants them.

    `words`: text fields that get the tokens (the field itself, and `anywhere`). `twin`: whether the field keeps the folded
    whole value. `key`: normaliser of a field of other whole values; `displayed`: these are shown as they were written, not as
    they were normalised; `findable`: each of their forms is a word too. `number`: whether values are integers. `sort`: whether
    values make the sort key of the field. `facet`: whether whole values are shown as a facet. `pipe`, `translate`, `dashes`
    are those of the field.
    """

    field: str
    rule: Rule
    words: tuple[str, ...] = ()
    twin: bool = False
    key: Normalise | None = None
    displayed: bool = False
    findable: bool = False
    number: bool = False
    sort: bool = False
    facet: bool = False
    pipe: tuple[str, ...] = ()
    translate: tuple[tuple[str, str], ...] = ()
    dashes: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One value of a field and where it goes, by field names.

    `places`: positions of the pieces that are joined, with `separators` before them (None: a blank between them); `only`: the
    position when there is just one, else 0. `words` get tokens, `twins` whole folded values with their display form. `keys` get
    the forms of a normaliser; with it stand whether the value as written is shown for them, and whether they are words too.
    `numbers` get integers, `sorts` raw values for a sort key. `condition` and `change`: what could not be settled by the shape;
    `each`: the places are values of their own, changed together. `first`: names the rule when only its first value in a record
    counts. `is_plain`: none of these four. `rules`: (field, rule as written).
    """

    places: tuple[int, ...]
    separators: tuple[str, ...] | None
    only: int
    is_folded: bool
    words: tuple[str, ...]
    twins: tuple[str, ...]
    keys: tuple[tuple[str, Normalise, bool, bool], ...]
    numbers: tuple[str, ...]
    sorts: tuple[str, ...]
    wants_raw: bool
    condition: Condition | None
    change: Change | None
    each: bool
    first: str
    is_plain: bool
    rules: tuple[tuple[str, str], ...]

    def raw(self, pieces: Pieces) -> str:
        """The value as written, subfields joined."""
        if self.only:
            return pieces[self.only][1:]
        if self.separators is None:
            return " ".join([pieces[place][1:] for place in self.places])
        return "".join([separator + pieces[place][1:] for separator, place in zip(self.separators, self.places, strict=True)])

    def values(self, pieces: Pieces) -> list[str]:
        """The values that the step gives: one, or after a condition and a change any number."""
        if self.condition is not None and not self.condition(pieces):
            return []
        raw = [pieces[place][1:] for place in self.places] if self.each else [self.raw(pieces)]
        return raw if self.change is None else self.change(raw)


Steps = tuple[Step, ...]


class Shapes(dict[str, Steps]):
    """Shape (tag, two indicators, codes: `24510abc`) -> steps, in the order in which the values begin in the field.

    Control fields have their tag alone as their shape. `rules_of` gives the rules of a tag. `idle`: tags met that have none.
    """

    def __init__(self, rules_of: Callable[[str], Sequence[Bound]]) -> None:
        super().__init__()
        self.idle: set[str] = set()
        self._rules_of = rules_of
        self._rules: dict[str, list[tuple[Bound, tuple[Take, ...]]]] = {}

    def __missing__(self, shape: str) -> Steps:
        place, codes = shape[:5], shape[5:]
        rules = self._rules.get(place)
        if rules is None:
            indicators = place[3:]
            of_tag = self._rules_of(place[:3])
            if not of_tag and place[:3] != LINKED_TAG and len(self.idle) < _SHAPES_REMEMBERED:
                self.idle.add(place[:3])
            rules = [
                (bound, bound.rule.takes if indicators else (_WHOLE_TEXT,))
                for bound in of_tag
                if not indicators or _indicators_fit(bound.rule.when, indicators)
            ]
            self._rules[place] = rules
        # A data field without any subfield has indicators only and gives nothing.
        steps = make_steps(rules, codes) if codes or not place[3:] else ()
        if len(self) >= _SHAPES_REMEMBERED:
            self.clear()
            self._rules.clear()
        self[shape] = steps
        return steps


class NarrowShapes(Shapes):
    """The shapes of another plan with some of their steps left out."""

    def __init__(self, whole: Shapes, narrow: Callable[[Steps], Steps]) -> None:
        super().__init__(lambda _: ())
        self.idle = whole.idle
        self._whole = whole
        self._narrow = narrow

    def __missing__(self, shape: str) -> Steps:
        if len(self) >= _SHAPES_REMEMBERED:
            self.clear()
        steps = self[shape] = self._narrow(self._whole[shape])
        return steps


@dataclass(slots=True)
class _Group:
    """Rules that want the same value."""

    places: tuple[int, ...]
    separators: tuple[str, ...] | None
    condition: Condition | None
    change: Change | None
    each: bool
    first: str
    members: list[Bound]


def make_steps(rules: Iterable[tuple[Bound, tuple[Take, ...]]], codes: str) -> Steps:
    """The steps for one shape; `codes` is empty for a control field."""
    groups: dict[object, _Group] = {}
    for bound, takes in rules:
        rule = bound.rule
        when = rule.when
        if codes and ((when.has and not any(code in codes for code in when.has)) or any(code in codes for code in when.not_has)):
            continue
        asked = when.equals, when.matches, when.code, when.relator
        changes = rule.start, rule.end, rule.split, rule.prefix, rule.value, bound.pipe + rule.pipe, bound.translate + rule.translate
        first = f"{bound.field} {rule.text}" if rule.first else ""
        for take in takes:
            each = not take.joined and (changes != _NO_CHANGES or rule.first)
            for places in _places(take, codes, each=each or bool(rule.value)):
                separators = tuple(DASH if codes[place - 1] in bound.dashes else " " for place in places[1:])
                same = places, separators, asked, changes, each, first
                if same not in groups:
                    condition, possible = _condition(when, codes)
                    if not possible:
                        continue
                    groups[same] = _Group(
                        places, ("", *separators) if DASH in separators else None, condition, _change(bound), each, first, []
                    )
                groups[same].members.append(bound)
    return tuple(_step(group) for group in sorted(groups.values(), key=lambda group: group.places))


def _places(take: Take, codes: str, *, each: bool) -> list[tuple[int, ...]]:
    if not codes:
        return [(1,)]
    found = [place for place, code in enumerate(codes, 1) if code in take.codes]
    if take.joined or each:
        return [tuple(found)] if found else []
    return [(place,) for place in found]


def one_step(bound: Bound) -> Step:
    """The step for values that come from elsewhere than a field."""
    return _step(_Group((1,), None, None, _change(bound), False, "", [bound]))


def _indicators_fit(when: When, indicators: str) -> bool:
    return (not when.ind1 or indicators[0] in when.ind1) and (not when.ind2 or indicators[1] in when.ind2)


def _step(group: _Group) -> Step:
    members = group.members

    def names(wanted: Callable[[Bound], bool]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(bound.field for bound in members if wanted(bound)))

    keys = tuple(
        {bound.field: (bound.field, bound.key, bound.displayed, bound.findable) for bound in members if bound.key is not None}.values()
    )
    numbers, sorts = names(lambda bound: bound.number), names(lambda bound: bound.sort)
    words, twins = tuple(dict.fromkeys(name for bound in members for name in bound.words)), names(lambda bound: bound.twin)
    return Step(
        places=group.places,
        separators=group.separators,
        only=group.places[0] if len(group.places) == 1 and not group.each else 0,
        is_folded=bool(words or twins),
        words=words,
        twins=twins,
        keys=keys,
        numbers=numbers,
        sorts=sorts,
        wants_raw=bool(keys or numbers or sorts),
        condition=group.condition,
        change=group.change,
        each=group.each,
        first=group.first,
        is_plain=group.condition is None and group.change is None and not group.each and not group.first,
        rules=tuple(dict.fromkeys((bound.field, bound.rule.text) for bound in members)),
    )


def _change(bound: Bound) -> Change | None:
    """Range, split, pipes, translation and prefix of a rule, in this order, or its fixed value; None when it has none of them."""
    rule = bound.rule
    changes: list[Change] = []
    if rule.value:
        fixed = [rule.value]
        return lambda _: fixed
    if rule.start is not None:
        start, end = rule.start, (rule.start if rule.end is None else rule.end) + 1
        changes.append(lambda values: [piece for value in values if (piece := value[start:end])])
    if rule.split is not None:
        changes.append(_split(rule.split))
    pipes = bound.pipe + rule.pipe
    if pipes:
        changes.append(parse_pipes(pipes))
    if bound.translate or rule.translate:
        translation = dict(bound.translate + rule.translate)
        changes.append(lambda values: [translation.get(value, value) for value in values])
    if rule.prefix:
        prefix = rule.prefix
        changes.append(lambda values: [prefix + value for value in values])
    if not changes:
        return None
    if len(changes) == 1:
        return changes[0]

    def all_of_them(values: list[str]) -> list[str]:
        for change in changes:
            values = change(values)
        return values

    return all_of_them


def _split(split: str | int) -> Change:
    if isinstance(split, int):
        return lambda values: [value[at : at + split] for value in values for at in range(0, len(value), split)]
    parts = re.compile(split)
    return lambda values: [piece for value in values for piece in parts.split(value) if piece]


def _condition(when: When, codes: str) -> tuple[Condition | None, bool]:
    """What is left to ask of the texts of a field with these subfields; and whether the answer can be yes at all."""
    conditions: list[Condition] = []
    if when.equals or when.matches:
        places = [place for place, code in enumerate(codes, 1) if not when.code or code == when.code] if codes else [1]
        if not places:
            return None, False
        conditions.append(_text_condition(when, places))
    if when.relator:
        places = [place for place, code in enumerate(codes, 1) if code in _RELATOR_CODES]
        if not places:
            return None, False
        conditions.append(_relator_condition(frozenset(when.relator), places))
    if len(conditions) == 2:
        first, second = conditions
        return (lambda pieces: first(pieces) and second(pieces)), True
    return (conditions[0] if conditions else None), True


def _text_condition(when: When, places: Sequence[int]) -> Condition:
    equals = frozenset(when.equals)
    matches = re.compile(when.matches).match if when.matches else None

    def holds(pieces: Pieces) -> bool:
        return any((text := pieces[place][1:]) in equals or (matches is not None and matches(text) is not None) for place in places)

    return holds


def _relator_condition(wanted: frozenset[str], places: Sequence[int]) -> Condition:
    def holds(pieces: Pieces) -> bool:
        return not wanted.isdisjoint(relator_codes([SUBFIELD.join(["  ", *(pieces[place] for place in places)])]))

    return holds
