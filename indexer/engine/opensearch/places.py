"""Phrases and proximity as interval queries: where in a text field words stand, and how far from each other.

Lucene looks at intervals that contain no smaller one. That is exact for two sources of fixed length and an upper bound of the
gap between them. Alternatives of different lengths are therefore paired one by one, and a lower bound is put into the second
source: words that come before it and match anything (`SPACE`) make it begin earlier. What lies in one occurrence has no
boundary inside, which a filter checks.

A lower bound before a word with masks cannot be said so; `is_expressible` tells.
"""

from itertools import product
from typing import Any

from cql.plan import Exact, Mask, Near, Pattern, Phrase
from indexer.engine.opensearch import patterns
from indexer.engine.opensearch.layout import BOUNDARY, SPACE, VARIANT

Rule = dict[str, Any]

_BOUNDARY: Rule = {"match": {"query": BOUNDARY}}
_VARIANT: Rule = {"match": {"query": VARIANT}}
_ANY_BOUNDARY: Rule = {"any_of": {"intervals": [_BOUNDARY, _VARIANT]}}


def is_possible(words: tuple[Pattern, ...]) -> bool:
    """Whether a phrase can be anywhere: it has words, and none that no text can hold."""
    return bool(words) and all(not isinstance(word, Exact) or patterns.is_searchable(word.text, True) for word in words)


def phrase_rule(phrase: Phrase) -> Rule:
    """Places of a possible phrase, anchors included; the interval is that of the words alone.

    A single word must not be a variant, which is known by the token before it.
    """
    words = _words_rule(phrase)
    if phrase.starts or phrase.ends:
        rules = [*([_BOUNDARY] if phrase.starts else []), words, *([_BOUNDARY] if phrase.ends else [])]
        return _filtered(words, "contained_by", _together(rules, max_gaps=0))
    if len(phrase.words) == 1:
        return _filtered(words, "not_contained_by", _together([_VARIANT, words], max_gaps=0))
    return words


def phrase_query(name: str, phrase: Phrase) -> dict[str, Any]:
    """Documents with a possible phrase in the field `name`."""
    words = phrase.words
    exact = " ".join(word.text for word in words if isinstance(word, Exact))
    spelled = f"{f'{BOUNDARY} ' if phrase.starts else ''}{exact}{f' {BOUNDARY}' if phrase.ends else ''}"
    if all(isinstance(word, Exact) for word in words) and (len(words) > 1 or phrase.starts or phrase.ends):
        return {"match_phrase": {name: {"query": spelled}}}
    prefix = _prefix_of(words[-1])
    if prefix and not phrase.ends and (len(words) > 1 or phrase.starts) and all(isinstance(word, Exact) for word in words[:-1]):
        # The one form of mask for which Lucene has no limit of words.
        before = f"{spelled} " if spelled else ""
        return {"match_phrase_prefix": {name: {"query": f"{before}{prefix}".strip(), "max_expansions": 2**31 - 1}}}
    return _query(name, phrase_rule(phrase))


def near_query(name: str, near: Near) -> dict[str, Any] | None:
    """Documents with two groups of possible phrases at a distance, None when there can be none; see `is_expressible`."""
    if (near.minimum, near.maximum, near.ordered) == (0, None, False):
        sides = product(map(phrase_rule, near.left), map(phrase_rule, near.right))
        # Of one source twice Lucene wants two places, but here one will do.
        rules = [left if left == right else _together([left, right], mode="unordered") for left, right in sides]
    elif near.maximum is not None and near.maximum < max(near.minimum, 1):
        return None
    else:
        rules = [_at_distance(near, first, second) for first, second in _pairs(near)]
    return _query(name, _any_of([_filtered(rule, "not_containing", _ANY_BOUNDARY) for rule in rules])) if rules else None


def is_expressible(plan: Near | Phrase) -> bool:
    """Whether intervals can say it: with a lower bound, the phrases that come second must begin with exact words."""
    if isinstance(plan, Phrase) or plan.minimum <= 1:
        return True
    return all(isinstance(second.words[0], Exact) for _, second in _pairs(plan))


def has_masks(plan: Near | Phrase) -> bool:
    """Whether some word is not exact."""
    phrases = (plan,) if isinstance(plan, Phrase) else (*plan.left, *plan.right)
    return any(not isinstance(word, Exact) for phrase in phrases for word in phrase.words)


def _pairs(near: Near) -> list[tuple[Phrase, Phrase]]:
    """First and second phrase in text order; nothing stands before the start of an occurrence or behind its end."""
    pairs = list(product(near.left, near.right))
    if not near.ordered:
        pairs += [(right, left) for left, right in pairs]
    return [(first, second) for first, second in pairs if not first.ends and not second.starts]


def _at_distance(near: Near, first: Phrase, second: Phrase) -> Rule:
    """Both phrases and what is between them. A variant has a boundary before it, so none can be the second."""
    nearest = max(near.minimum, 1)
    before = _words_rule(first)
    if first.starts:
        before = _filtered(before, "contained_by", _together([_BOUNDARY, before], max_gaps=0))
    after = _words_rule(second, spaces=nearest - 1)
    if second.ends:
        after = _filtered(after, "contained_by", _together([after, _BOUNDARY], max_gaps=0))
    return _together([before, after], max_gaps=None if near.maximum is None else near.maximum - nearest)


def _words_rule(phrase: Phrase, spaces: int = 0) -> Rule:
    """Neighbouring words; `spaces`: so many words before them, whatever they are, belong to the place."""
    first, rest = phrase.words[0], phrase.words[1:]
    if spaces and isinstance(first, Exact):
        text = f"{f'{SPACE} ' * spaces}{first.text}"
        begun: Rule = {"match": {"query": text, "analyzer": "spaced", "max_gaps": 0, "mode": "ordered"}}
        return _side_by_side([begun, *map(patterns.rule, rest)])
    if all(isinstance(word, Exact) for word in phrase.words) and rest:
        text = " ".join(word.text for word in phrase.words if isinstance(word, Exact))
        return {"match": {"query": text, "max_gaps": 0, "mode": "ordered"}}
    return _side_by_side(list(map(patterns.rule, phrase.words)))


def _query(name: str, rule: Rule) -> dict[str, Any]:
    return {"intervals": {name: rule}}


def _prefix_of(pattern: Pattern) -> str:
    """The letters before the star when that is all the pattern says, else nothing."""
    if isinstance(pattern, Mask) and len(pattern.parts) == 2:
        letters, star = pattern.parts
        if not letters.is_mask and star.is_mask and star.text == "*" and patterns.is_searchable(letters.text, True):
            return letters.text
    return ""


def _side_by_side(rules: list[Rule]) -> Rule:
    return rules[0] if len(rules) == 1 else _together(rules, max_gaps=0)


def _together(rules: list[Rule], max_gaps: int | None = None, mode: str = "ordered") -> Rule:
    combined: Rule = {"mode": mode, "intervals": rules}
    if max_gaps is not None:
        combined["max_gaps"] = max_gaps
    return {"all_of": combined}


def _any_of(rules: list[Rule]) -> Rule:
    return rules[0] if len(rules) == 1 else {"any_of": {"intervals": rules}}


def _filtered(rule: Rule, kind: str, by: Rule) -> Rule:
    """The places of `rule` that stand in that relation to a place of `by`."""
    return {"any_of": {"intervals": [rule], "filter": {kind: by}}}
