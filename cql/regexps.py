r"""Regular expressions in the subset that Python, Lucene and Rust read alike.

Literals, `.`, classes, groups, alternation, and the repeats `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`. A backslash makes the next
character plain. No anchors (an expression always matches a whole word or value), no look-around, back references, lazy
repeats or letters behind a backslash. `rewrite` folds the literals and spells everything so that all three readers agree;
`matcher` decides in plain Python by sets of positions, which no expression can make slow.

In a CQL term a backslash for the expression is written twice before anything but `*`, `?` and `^`.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import assert_never

from cql.regexp_syntax import AnyCharacter, CharacterClass, Choice, Expression, Literal, Repeat, Sequence, parse_regexp

_OUTSIDE = frozenset("\\.[]{}()*+?|^$")
_LUCENE = frozenset('~&@#<>"')
_INSIDE = frozenset("\\[]^-&~")


def rewrite(source: str, fold: Callable[[str], str]) -> str:
    """The expression with folded literals, spelled for every reader. Raises: RegexpError."""
    return _written(_folded(parse_regexp(source), fold), inside=False)


def escaped(text: str) -> str:
    """An expression that matches the text itself."""
    return "".join(_plain(character) for character in text)


@lru_cache(maxsize=64)
def matcher(source: str) -> Callable[[str], bool]:
    """A function that says whether a whole text matches; its time grows with size of expression times square of the text.

    Raises: RegexpError.
    """
    expression = parse_regexp(source)
    return lambda text: len(text) in _ends(expression, text, frozenset({0}))


def _folded(expression: Expression, fold: Callable[[str], str]) -> Expression:
    match expression:
        case AnyCharacter():
            return expression
        case Literal(text):
            return Literal(fold(text) or text)
        case CharacterClass(negated, ranges):
            return CharacterClass(negated, tuple(_folded_range(first, last, fold) for first, last in ranges))
        case Sequence(parts):
            return Sequence(tuple(_folded(part, fold) for part in parts))
        case Choice(options):
            return Choice(tuple(_folded(option, fold) for option in options))
        case Repeat(body, least, most):
            return Repeat(_folded(body, fold), least, most)
        case _:
            assert_never(expression)


def _folded_range(first: str, last: str, fold: Callable[[str], str]) -> tuple[str, str]:
    """A range stays one when folding keeps its ends single characters in order; otherwise it is left as written."""
    low, high = fold(first), fold(last)
    return (low, high) if len(low) == len(high) == 1 and low <= high else (first, last)


def _written(expression: Expression, inside: bool) -> str:
    """`inside`: something binds closer outside, so that more than one atom needs a group."""
    match expression:
        case AnyCharacter():
            return "."
        case Literal(text):
            spelled = escaped(text)
            return f"({spelled})" if inside and len(text) > 1 else spelled
        case CharacterClass(negated, ranges):
            members = "".join(_member(first) if first == last else f"{_member(first)}-{_member(last)}" for first, last in ranges)
            return f"[{'^' if negated else ''}{members}]"
        case Sequence(parts):
            spelled = "".join(_written(part, isinstance(part, Choice)) for part in parts)
            return f"({spelled})" if inside else spelled
        case Choice(options):
            spelled = "|".join(_written(option, False) for option in options)
            return f"({spelled})" if inside else spelled
        case Repeat(body, least, most):
            spelled = f"{_written(body, True)}{_counts(least, most)}"
            return f"({spelled})" if inside else spelled
        case _:
            assert_never(expression)


def _plain(character: str) -> str:
    if character in _OUTSIDE:
        return f"\\{character}"
    # Operators of Lucene; Rust takes no backslash before some of them, a class suits everyone.
    return f"[{_member(character)}]" if character in _LUCENE else character


def _member(character: str) -> str:
    return f"\\{character}" if character in _INSIDE else character


def _counts(least: int, most: int | None) -> str:
    if most is None:
        return {0: "*", 1: "+"}.get(least, f"{{{least},}}")
    if (least, most) == (0, 1):
        return "?"
    return f"{{{least}}}" if least == most else f"{{{least},{most}}}"


def _ends(expression: Expression, text: str, starts: frozenset[int]) -> frozenset[int]:
    """Positions where a match may end that began at one of `starts`."""
    match expression:
        case AnyCharacter():
            return frozenset(start + 1 for start in starts if start < len(text))
        case Literal(literal):
            return frozenset(start + len(literal) for start in starts if text.startswith(literal, start))
        case CharacterClass(negated, ranges):
            return frozenset(
                start + 1
                for start in starts
                if start < len(text) and any(first <= text[start] <= last for first, last in ranges) is not negated
            )
        case Sequence(parts):
            for part in parts:
                starts = _ends(part, text, starts)
            return starts
        case Choice(options):
            return frozenset().union(*(_ends(option, text, starts) for option in options))
        case Repeat():
            return _repeat_ends(expression, text, starts)
        case _:
            assert_never(expression)


def _repeat_ends(repeat: Repeat, text: str, starts: frozenset[int]) -> frozenset[int]:
    for _ in range(repeat.least):
        starts = _ends(repeat.body, text, starts)
    reached, newest, rounds = starts, starts, repeat.least
    while newest and (repeat.most is None or rounds < repeat.most):
        newest = _ends(repeat.body, text, newest) - reached
        reached |= newest
        rounds += 1
    return reached
