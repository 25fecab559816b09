r"""Words with masks, edit distances and regular expressions, as OpenSearch spells them in queries and in interval rules.

A regular expression is written anew from its tree for Lucene's reader, with all optional operators switched off. In text
fields nothing matches a boundary: every "any character" leaves those two out, and only what is all masks can come near.

Lucene's fuzzy search leaves out words that are not longer than the distance, so short texts become the expression of all
their neighbours.
"""

from collections.abc import Iterator
from typing import Any, assert_never

from cql.plan import Exact, Fuzzy, Mask, Pattern, Regexp, Stemmed
from cql.regexp_syntax import AnyCharacter, CharacterClass, Choice, Expression, Literal, Repeat, Sequence, parse_regexp
from indexer.engine.opensearch.layout import BOUNDARY, VARIANT
from indexer.engine.port import EngineError

MOST_WORDS = 1024
"""Words that may stand behind one pattern of a phrase; OpenSearch allows no more by default."""

_STATES = 100_000
_RESERVED = frozenset('.?+*|{}[]()"\\#@&<>~^$-')
_WORD_CHARACTER = f"[^{BOUNDARY}{VARIANT}]"


def query(name: str, pattern: Pattern, *, is_text: bool) -> dict[str, Any]:
    """Documents with a term of the field `name` that matches."""
    match pattern:
        case Exact(text):
            return {"term": {name: text}} if is_searchable(text, is_text) else {"match_none": {}}
        case Mask(parts) if not is_text or any(not part.is_mask for part in parts):
            return {"wildcard": {name: {"value": wildcard(pattern)}}}
        case Fuzzy(text, distance) if len(text) > 2 * distance:
            fuzzy = {"value": text, "fuzziness": distance, "transpositions": False, "rewrite": "constant_score"}
            return {"fuzzy": {name: fuzzy}} if is_searchable(text, is_text) else {"match_none": {}}
        case _:
            return {"regexp": {name: {"value": expression(pattern, is_text), "flags": "NONE", "max_determinized_states": _STATES}}}


def rule(pattern: Pattern) -> dict[str, Any]:
    """Places in a text field where a word matches, as an interval rule. The text of an `Exact` is searchable."""
    match pattern:
        case Exact(text):
            return {"match": {"query": text}}
        case Mask(parts) if any(not part.is_mask for part in parts):
            return {"wildcard": {"pattern": wildcard(pattern), "max_expansions": MOST_WORDS}}
        case _:
            return {"regexp": {"pattern": expression(pattern, True), "flags": "NONE", "max_expansions": MOST_WORDS}}


def is_searchable(text: str, is_text: bool) -> bool:
    """Whether a term may be in the index: one that is no Unicode never is; a word has no blank and is no boundary."""
    if is_text and (not text or text in (BOUNDARY, VARIANT) or any(map(str.isspace, text))):
        return False
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def wildcard(mask: Mask) -> str:
    r"""A mask in the syntax of wildcard queries: `*`, `?`, and a backslash before plain ones."""
    return "".join(part.text if part.is_mask else _escaped(part.text, "*?\\") for part in mask.parts)


def expression(pattern: Pattern, is_text: bool) -> str:
    """A pattern as a regular expression of Lucene."""
    anything = _WORD_CHARACTER if is_text else "."
    match pattern:
        case Exact(text):
            return _literal(text)
        case Mask(parts):
            return "".join((anything if part.text == "?" else f"{anything}*") if part.is_mask else _literal(part.text) for part in parts)
        case Fuzzy(text, distance):
            return "|".join(sorted(_neighbours(text, distance, anything)))
        case Regexp(source):
            return _lucene(parse_regexp(source), is_text)
        case Stemmed():
            raise EngineError("Stems must be replaced by words before the collection is asked.")
        case _:
            assert_never(pattern)


def _escaped(text: str, reserved: str | frozenset[str]) -> str:
    return "".join(f"\\{character}" if character in reserved else character for character in text)


def _literal(text: str) -> str:
    return _escaped(text, _RESERVED)


def _neighbours(text: str, distance: int, anything: str) -> set[str]:
    """Expressions for everything within the distance: each inserts, drops or replaces that many characters at most."""
    found: set[tuple[str, ...]] = {tuple(map(_literal, text))}
    for _ in range(distance):
        found |= {near for word in found for near in _one_edit(word, anything)}
    return {"".join(word) for word in found if word}


def _one_edit(word: tuple[str, ...], anything: str) -> Iterator[tuple[str, ...]]:
    for place in range(len(word) + 1):
        yield (*word[:place], anything, *word[place:])
        if place < len(word):
            yield (*word[:place], *word[place + 1 :])
            yield (*word[:place], anything, *word[place + 1 :])


def _lucene(tree: Expression, is_text: bool) -> str:
    match tree:
        case AnyCharacter():
            return _WORD_CHARACTER if is_text else "."
        case Literal(text):
            return _literal(text)
        case CharacterClass(negated, ranges):
            members = "".join(_member(first) if first == last else f"{_member(first)}-{_member(last)}" for first, last in ranges)
            if not negated:
                return f"[{members}]"
            return f"[^{members}{BOUNDARY}{VARIANT}]" if is_text else f"[^{members}]"
        case Sequence(parts):
            return "".join(f"({_lucene(part, is_text)})" if isinstance(part, Choice) else _lucene(part, is_text) for part in parts)
        case Choice(options):
            return "|".join(_lucene(option, is_text) for option in options)
        case Repeat(body, least, most):
            return f"({_lucene(body, is_text)}){{{least},{'' if most is None else most}}}"
        case _:
            assert_never(tree)


def _member(character: str) -> str:
    return f"\\{character}" if character in _RESERVED else character
