r"""Masks, edit distances, regular expressions and intervals as regular expressions over tantivy's term dictionary.

The reader is that of tantivy-fst: Rust's syntax without look-around, always anchored at both ends, and an automaton of at most
1,000 states, of which "any character" takes about twenty. Literals are written as `\x{...}` unless they are
plain letters and digits, so no text of a caller can become syntax. Nothing written here matches a boundary token: it is the
only token that contains its character, and every "any character" leaves that out.
"""

from collections.abc import Iterator
from typing import assert_never

from cql.plan import Exact, Fuzzy, Mask, Pattern, Regexp, Stemmed
from cql.regexp_syntax import AnyCharacter, CharacterClass, Choice, Expression, Literal, Repeat, Sequence, parse_regexp
from indexer.engine.embedded.layout import BOUNDARY
from indexer.engine.port import EngineError

_BOUNDARY_CODE = f"\\x{{{ord(BOUNDARY):X}}}"
ANY = f"[^{_BOUNDARY_CODE}]"
"""One character of a word or value."""

_ANY_AT_ALL = "[\\x{0}-\\x{10FFFF}]"
_LAST = 0x10FFFF
_STEPS = 10
"""Characters of a bound that one expression of an interval spells out; beyond, another expression takes over."""


def literal(text: str) -> str:
    """A text as an expression that matches just it."""
    if text.isascii() and text.isalnum():
        return text
    return "".join(char if char.isascii() and char.isalnum() else f"\\x{{{ord(char):X}}}" for char in text)


def beginning(pattern: Pattern) -> str | None:
    """What a pattern spells out that has one mask for anything at all, at its end (`fish*`); None for other patterns."""
    match pattern:
        case Mask((start, end)) if end.is_mask and end.text == "*" and not start.is_mask and start.text:
            return start.text
        case _:
            return None


def expression(pattern: Pattern) -> str:
    """The pattern as an expression, to be used alone or behind a literal prefix."""
    match pattern:
        case Exact(text):
            return literal(text)
        case Mask(parts):
            return "".join(_mask(part.text) if part.is_mask else literal(part.text) for part in parts)
        case Fuzzy(text, distance):
            return "(?:" + "|".join(sorted(_neighbours(text, distance))) + ")"
        case Regexp(source):
            return f"(?:{_rust(parse_regexp(source))})"
        case Stemmed():
            raise EngineError("Stems must be replaced by words before the index is asked.")
        case _:
            assert_never(pattern)


def _mask(mask: str) -> str:
    return ANY if mask == "?" else f"{ANY}*"


def _neighbours(text: str, distance: int) -> set[str]:
    """Expressions for everything within the distance: each inserts, drops or replaces that many characters at most."""
    found: set[tuple[str, ...]] = {tuple(literal(char) for char in text)}
    for _ in range(distance):
        found |= {near for word in found for near in _one_edit(word)}
    return {"".join(word) for word in found}


def _one_edit(word: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for place in range(len(word) + 1):
        yield (*word[:place], ANY, *word[place:])
        if place < len(word):
            yield (*word[:place], *word[place + 1 :])
            yield (*word[:place], ANY, *word[place + 1 :])


def _rust(tree: Expression) -> str:
    match tree:
        case AnyCharacter():
            return ANY
        case Literal(text):
            return literal(text)
        case CharacterClass(negated, ranges):
            members = "".join(f"\\x{{{ord(first):X}}}-\\x{{{ord(last):X}}}" for first, last in ranges)
            return f"[^{members}{_BOUNDARY_CODE}]" if negated else f"[{members}]"
        case Sequence(parts):
            return "".join(f"(?:{_rust(part)})" if isinstance(part, Choice) else _rust(part) for part in parts)
        case Choice(options):
            return "|".join(_rust(option) for option in options)
        case Repeat(body, least, most):
            return f"(?:{_rust(body)}){{{least},{'' if most is None else most}}}"
        case _:
            assert_never(tree)


def interval(low: str | None, high: str | None, include_low: bool, include_high: bool) -> list[str]:
    """Expressions that together match every text between two bounds, compared by code point; empty when there is none."""
    if low is not None and high is not None and low >= high:
        return [literal(low)] if low == high and include_low and include_high else []
    if low is None and high is None:
        return [f"{_ANY_AT_ALL}*"]
    if high is None:
        return list(_above("", low or "", include_low))
    if low is None:
        return list(_below("", high, include_high, with_prefix=True))
    return list(_between(low, high, include_low, include_high))


def _between(low: str, high: str, include_low: bool, include_high: bool) -> Iterator[str]:
    same = next(place for place in range(len(high)) if low[place : place + 1] != high[place])
    shared = high[:same]
    if same == len(low):
        if include_low:
            yield literal(low)
        yield from _below(shared, high[same:], include_high, with_prefix=False)
        return
    between = _characters(ord(low[same]) + 1, ord(high[same]) - 1)
    if between:
        yield f"{literal(shared)}{between}{_ANY_AT_ALL}*"
    yield from _above(low[: same + 1], low[same + 1 :], include_low)
    yield from _below(high[: same + 1], high[same + 1 :], include_high, with_prefix=True)


def _above(prefix: str, bound: str, include: bool) -> Iterator[str]:
    """Texts that begin with the prefix and go on above the bound."""
    yield f"{literal(prefix + bound)}{_ANY_AT_ALL}{'*' if include else '+'}"
    for start in range(0, len(bound), _STEPS):
        choices = [
            f"{literal(bound[start:place])}{_characters(ord(bound[place]) + 1, _LAST)}"
            for place in range(start, min(start + _STEPS, len(bound)))
            if ord(bound[place]) < _LAST
        ]
        if choices:
            yield f"{literal(prefix + bound[:start])}(?:{'|'.join(choices)}){_ANY_AT_ALL}*"


def _below(prefix: str, bound: str, include: bool, with_prefix: bool) -> Iterator[str]:
    """Texts that begin with the prefix and go on below the bound; the prefix alone is one of them if `with_prefix`."""
    if include:
        yield literal(prefix + bound)
    for start in range(0, len(bound), _STEPS):
        choices = []
        for place in range(start, min(start + _STEPS, len(bound))):
            if place or with_prefix:
                choices.append(literal(bound[start:place]))
            if ord(bound[place]) > 0:
                choices.append(f"{literal(bound[start:place])}{_characters(0, ord(bound[place]) - 1)}{_ANY_AT_ALL}*")
        if choices:
            yield f"{literal(prefix + bound[:start])}(?:{'|'.join(choices)})"


def _characters(first: int, last: int) -> str:
    """A class of code points without surrogates, which UTF-8 cannot hold; empty when there is none."""
    ranges = [(max(first, low), min(last, high)) for low, high in ((0, 0xD7FF), (0xE000, _LAST))]
    members = "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in ranges if low <= high)
    return f"[{members}]" if members else ""
