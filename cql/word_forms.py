"""Plans with stems in them, and the same plans with the words of an index in their place.

Engines know words and no stems. So whoever asks one finds out first which words of the fields have a stem (`stems_of` says what to
look up, `cql.stems.is_form` what to keep), and `with_words` says the same in those words. The result finds what the plan finds in an
index whose words they are, and must not be kept longer than they are. Words that one field does not have do no harm there.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import assert_never

from cql.plan import (
    AllOf,
    AnyOf,
    Everything,
    Exact,
    KeyRange,
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
from cql.regexps import escaped
from cql.simplify import all_of, any_of, without

MOST_PHRASES = 16
MOST_IN_NEAR = 4
"""Phrases of exact words that stand for one of stems; more of them become one phrase with expressions, which has no relevance.
Among the operands of proximity, where every one of the left is paired with every one of the right, they have to be few.
"""

Words = Mapping[Stemmed, Sequence[str]]
"""What was asked -> the words that are forms of it, in any of the fields that `stems_of` gives for it."""


def stems_of(plan: Plan) -> Iterator[tuple[str, Stemmed]]:
    """What has to be looked up, with the field that it is asked of; the same may come again."""
    todo: list[Plan] = [plan]
    while todo:
        match todo.pop():
            case Word(field, Stemmed() as pattern):
                yield field, pattern
            case Phrase(field, words):
                yield from ((field, word) for word in words if isinstance(word, Stemmed))
            case Near(_, left, right):
                todo += (*right, *left)
            case AllOf(parts) | AnyOf(parts):
                todo += reversed(parts)
            case Without(base, minus):
                todo += (minus, base)
            case _:
                pass


def with_words(plan: Plan, words: Words) -> Plan:
    """The plan with the words that were found for everything in `stems_of`, simplified."""
    match plan:
        case Word(field, Stemmed() as pattern):
            # Phrases of one word, because a `Word` would be found among variants too.
            return any_of([Phrase(field, (Exact(word),)) for word in words[pattern]])
        case Phrase():
            return any_of(_phrases(plan, words, MOST_PHRASES))
        case Near(field, left, right):
            before, after = (tuple(one for phrase in side for one in _phrases(phrase, words, MOST_IN_NEAR)) for side in (left, right))
            is_possible = bool(before and after)
            return Near(field, before, after, plan.minimum, plan.maximum, plan.ordered) if is_possible else Nothing()
        case AllOf(parts):
            return all_of([with_words(part, words) for part in parts])
        case AnyOf(parts):
            return any_of([with_words(part, words) for part in parts])
        case Without(base, minus):
            return without(with_words(base, words), with_words(minus, words))
        case Everything() | Nothing() | Word() | Value() | KeyRange() | Range() | Present():
            return plan
        case _:
            assert_never(plan)


def _phrases(phrase: Phrase, words: Words, most: int) -> list[Phrase]:
    """Phrases that together match what the phrase matches; none when it can match nothing."""
    if not any(isinstance(word, Stemmed) for word in phrase.words):
        return [phrase]
    options = [words[word] if isinstance(word, Stemmed) else (word,) for word in phrase.words]
    is_many = prod(map(len, options)) > most
    places = [[_any_of_words(own)] if is_many and len(own) > 1 else list(map(_exact, own)) for own in options]
    return [Phrase(phrase.field, choice, phrase.starts, phrase.ends) for choice in product(*places)]


def _exact(word: str | Pattern) -> Pattern:
    return Exact(word) if isinstance(word, str) else word


def _any_of_words(options: Sequence[str | Pattern]) -> Pattern:
    """An expression for several words; what they begin with stands once, so that it stays small."""
    texts = sorted({word for word in options if isinstance(word, str)})
    # The first and the last in order have no more in common than all of them.
    length = next((place for place, (one, other) in enumerate(zip(texts[0], texts[-1], strict=False)) if one != other), len(texts[0]))
    endings = [escaped(text[length:]) for text in texts if len(text) > length]
    return Regexp(f"{escaped(texts[0][:length])}({'|'.join(endings)}){'' if len(endings) == len(texts) else '?'}")
