"""Decides in plain Python whether a plan matches one document.

It gives set membership while loading, and it is the oracle of the tests: both engines must agree with it on every plan. So it
says what a plan means as plainly as can be, and `compile_plan` turns a plan into nested functions once, because a set's plan
is asked of every record. Nothing here can become slow: masks and regular expressions never backtrack.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Protocol, assert_never

from cql.plan import (
    AllOf,
    AnyOf,
    Everything,
    Exact,
    Fuzzy,
    KeyRange,
    Mask,
    Near,
    Nothing,
    Pattern,
    Phrase,
    Plan,
    Present,
    Range,
    Regexp,
    Stemmed,
    Value,
    Without,
    Word,
)
from cql.regexps import matcher as regexp_matcher
from cql.stems import is_form


class DocumentView(Protocol):
    """What is asked of a document: the searchable part of `indexer.document.Document`."""

    @property
    def text(self) -> Mapping[str, Sequence[str]]:
        """Field -> occurrences, each a string of tokens joined by single blanks."""

    @property
    def variants(self) -> Mapping[str, Sequence[str]]:
        """Field -> further tokens without a position."""

    @property
    def keys(self) -> Mapping[str, Sequence[str]]:
        """Field -> normalised whole values."""

    @property
    def numbers(self) -> Mapping[str, Sequence[int]]:
        """Field -> integers."""


Decision = Callable[[DocumentView], bool]
Test = Callable[[str], bool]
_Span = tuple[int, int]


def matches(plan: Plan, document: DocumentView) -> bool:
    """Whether the document is among the records of the plan."""
    return compile_plan(plan)(document)


def compile_plan(plan: Plan) -> Decision:
    """The plan as a function of a document; make it once when many documents are asked."""
    match plan:
        case Everything():
            return lambda document: True
        case Nothing():
            return lambda document: False
        case Word():
            return _word(plan)
        case Phrase():
            return _phrase(plan)
        case Near():
            return _near(plan)
        case Value(field, pattern):
            test = pattern_test(pattern)
            return lambda document: any(test(value) for value in document.keys.get(field, ()))
        case KeyRange():
            return _key_range(plan)
        case Range(field, low, high):
            return lambda document: any(
                (low is None or low <= number) and (high is None or number <= high) for number in document.numbers.get(field, ())
            )
        case Present(field):
            return lambda document: bool(document.text.get(field) or document.keys.get(field) or document.numbers.get(field))
        case AllOf(parts):
            return _all_of(tuple(compile_plan(part) for part in parts))
        case AnyOf(parts):
            return _any_of(tuple(compile_plan(part) for part in parts))
        case Without():
            base, minus = compile_plan(plan.base), compile_plan(plan.minus)
            return lambda document: base(document) and not minus(document)
        case _:
            assert_never(plan)


def _all_of(decisions: tuple[Decision, ...]) -> Decision:
    # Plain loops here and below: a generator inside each level would double the depth of the call stack.
    def decide(document: DocumentView) -> bool:
        for decision in decisions:  # noqa: SIM110
            if not decision(document):
                return False
        return True

    return decide


def _any_of(decisions: tuple[Decision, ...]) -> Decision:
    def decide(document: DocumentView) -> bool:
        for decision in decisions:  # noqa: SIM110
            if decision(document):
                return True
        return False

    return decide


def _word(word: Word) -> Decision:
    field, pattern = word.field, word.pattern
    test = pattern_test(pattern)
    literal = pattern.text if isinstance(pattern, Exact) else pattern.beginning if isinstance(pattern, Stemmed) else ""
    has_variants = not isinstance(pattern, Stemmed)

    def decide(document: DocumentView) -> bool:
        for occurrence in document.text.get(field, ()):
            # Most occurrences do not even contain the letters; asking that first saves cutting them up.
            if literal in occurrence and any(test(token) for token in occurrence.split(" ")):
                return True
        return has_variants and any(test(variant) for variant in document.variants.get(field, ()))

    return decide


def _phrase(phrase: Phrase) -> Decision:
    field = phrase.field
    spans = _span_finder(phrase)
    return lambda document: any(spans(occurrence.split(" ")) for occurrence in document.text.get(field, ()))


def _span_finder(phrase: Phrase) -> Callable[[Sequence[str]], list[_Span]]:
    """A function that gives first and last position of every match of the phrase among the tokens of one occurrence."""
    tests = tuple(pattern_test(word) for word in phrase.words)
    length = len(tests)

    def find(tokens: Sequence[str]) -> list[_Span]:
        last_start = len(tokens) - length
        if last_start < 0:
            return []
        starts: Sequence[int] = range(last_start + 1)
        if phrase.starts:
            starts = [start for start in starts if start == 0]
        if phrase.ends:
            starts = [start for start in starts if start == last_start]
        return [(start, start + length - 1) for start in starts if all(test(tokens[start + place]) for place, test in enumerate(tests))]

    return find


def _near(near: Near) -> Decision:
    left = tuple(_span_finder(phrase) for phrase in near.left)
    right = tuple(_span_finder(phrase) for phrase in near.right)

    def decide(document: DocumentView) -> bool:
        for occurrence in document.text.get(near.field, ()):
            tokens = occurrence.split(" ")
            before = [span for find in left for span in find(tokens)]
            after = [span for find in right for span in find(tokens)]
            if any(_are_near(near, one, other) for one in before for other in after):
                return True
        return False

    return decide


def _are_near(near: Near, left: _Span, right: _Span) -> bool:
    if (near.minimum, near.maximum, near.ordered) == (0, None, False):
        return True
    if left[1] < right[0]:
        distance = right[0] - left[1]
    elif right[1] < left[0] and not near.ordered:
        distance = left[0] - right[1]
    else:
        return False
    return near.minimum <= distance and (near.maximum is None or distance <= near.maximum)


def _key_range(plan: KeyRange) -> Decision:
    def lies_within(value: str) -> bool:
        if plan.low is not None and not (value > plan.low or (plan.include_low and value == plan.low)):
            return False
        return plan.high is None or value < plan.high or (plan.include_high and value == plan.high)

    return lambda document: any(lies_within(value) for value in document.keys.get(plan.field, ()))


@lru_cache(maxsize=512)
def pattern_test(pattern: Pattern) -> Test:
    """A function that says whether one token or value matches."""
    match pattern:
        case Exact(text):
            return text.__eq__
        case Mask():
            fullmatch = re.compile(mask_regexp(pattern), re.DOTALL).fullmatch
            return lambda token: fullmatch(token) is not None
        case Fuzzy(text, distance):
            return lambda token: within_distance(text, token, distance)
        case Regexp(source):
            return regexp_matcher(source)
        case Stemmed():
            return lambda token: is_form(token, pattern)
        case _:
            assert_never(pattern)


def mask_regexp(mask: Mask) -> str:
    """The mask as a Python regular expression for `fullmatch`.

    What stands between two stars may be bound to the first place where it fits (an atomic group), so nothing is tried twice.
    """
    pieces = [""]
    for part in mask.parts:
        if not part.is_mask:
            pieces[-1] += re.escape(part.text)
        elif part.text == "?":
            pieces[-1] += "."
        else:
            pieces.append("")
    if len(pieces) == 1:
        return pieces[0]
    first, *inner, last = pieces
    return first + "".join(f"(?>.*?{piece})" for piece in inner if piece) + ".*" + last


def within_distance(one: str, other: str, distance: int) -> bool:
    """Whether `distance` insertions, deletions and substitutions of characters are enough to turn one word into the other."""
    if abs(len(one) - len(other)) > distance:
        return False
    costs = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        previous, costs[0] = costs[0], row
        for column, other_letter in enumerate(other, start=1):
            replaced = previous + (letter != other_letter)
            previous = costs[column]
            costs[column] = min(replaced, previous + 1, costs[column - 1] + 1)
        if min(costs) > distance:
            return False
    return costs[-1] <= distance
