"""Plans with stems, spelled out in the words of an index before an engine is asked.

The forms of a word stand next to each other in the word list of a field, so they are found by browsing it. That depends on the
records of the moment and is done anew for every question. How much is browsed for one question is limited.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from cql.plan import Plan, Stemmed
from cql.stems import is_form
from cql.word_forms import stems_of, with_words
from indexer.engine.port import ScanPage
from server.errors import QueryTooExpensive

FIRST_STEP = 50
STEP = 500
"""Words that are read at a time: few are enough where the beginning is long."""

MOST_WORDS = 10_000
LEAST_COST = 50
"""Our decisions: words that are looked through for one question, and those that every reading counts as at least."""

Browse = Callable[[Sequence[str], str, int], Awaitable[ScanPage]]
"""From text fields, a word and a number to so many words of the fields' merged list that are not lower."""


async def spelled_out(plan: Plan, browse: Browse) -> Plan:
    """The plan as it was, or, if it has stems, with the words that have them in their place.

    Raises: QueryTooExpensive, and what `browse` raises.
    """
    fields: dict[Stemmed, dict[str, None]] = {}
    for field, pattern in stems_of(plan):
        fields.setdefault(pattern, {})[field] = None
    if not fields:
        return plan
    found: dict[Stemmed, list[str]] = {}
    looked_at = 0
    for pattern, own in fields.items():
        found[pattern], cost = await _forms(tuple(own), pattern, browse, MOST_WORDS - looked_at)
        looked_at += cost
    return with_words(plan, found)


async def _forms(fields: Sequence[str], pattern: Stemmed, browse: Browse, allowed: int) -> tuple[list[str], int]:
    """The words of some fields that are forms of a word, and how many were looked at for it."""
    forms: list[str] = []
    start, cost, step = pattern.beginning, 0, FIRST_STEP
    while True:
        page = await browse(fields, start, step)
        words = [term.value for term in page.terms if term.value.startswith(pattern.beginning)]
        cost += max(len(words), LEAST_COST)
        if cost > allowed:
            raise QueryTooExpensive(
                f"Too many words begin with `{pattern.beginning}` to look for those with the stem `{pattern.stem}`, or the query has "
                "too many words with stems. Use longer words or fewer of them, or leave out the modifier stem."
            )
        forms += await asyncio.to_thread(_kept, words, pattern)
        if page.at_end or len(words) < len(page.terms) or not words:
            return forms, cost
        start, step = f"{words[-1]}\0", STEP


def _kept(words: list[str], pattern: Stemmed) -> list[str]:
    return [word for word in words if is_form(word, pattern)]
