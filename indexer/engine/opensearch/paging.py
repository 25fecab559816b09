"""Windows of a sorted result, also far behind the first 10,000 hits, where OpenSearch's own counting ends.

Behind `NEAR` hits a page begins after the sort values of the hit before it. Where these are not known, the way there is walked
in long steps of sort values only; they are remembered for some minutes, so that going on page by page costs one request each.
Who does so goes on behind the last record seen also when the collection changed meanwhile, and neither misses nor repeats one.
"""

import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

NEAR = 1000
"""Hits that are counted off by OpenSearch: sorting 9,000 hits only to skip them took 156 ms, going on after one 4 ms."""

STEP = 10_000
"""Longest stretch that one search may give (`index.max_result_window`)."""

KEPT_S = 300.0
_RESULTS = 256
_CURSORS = 1000


@dataclass(slots=True)
class _Known:
    """Positions in one result (number of hits before) and the sort values of the hit before each."""

    until: float
    cursors: dict[int, list[Any]] = field(default_factory=dict)


class Cursors:
    """Remembers where in which result which sort values stand."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, _Known] = OrderedDict()

    def nearest(self, result: Hashable, position: int) -> tuple[int, list[Any] | None]:
        """The last known position that is not behind `position`, and its sort values; the beginning when none is known."""
        known = self._known.get(result)
        if known is None or known.until < time.monotonic():
            return 0, None
        best = max((place for place in known.cursors if place <= position), default=0)
        return best, known.cursors.get(best)

    def remember(self, result: Hashable, position: int, values: list[Any]) -> None:
        """Notes the sort values of the hit before `position`."""
        now = time.monotonic()
        known = self._known.get(result)
        if known is None or known.until < now:
            known = self._known[result] = _Known(now)
        known.until = now + KEPT_S
        self._known.move_to_end(result)
        if len(known.cursors) >= _CURSORS:
            known.cursors.pop(next(iter(known.cursors)))
        known.cursors[position] = values
        if len(self._known) > _RESULTS:
            self._known.popitem(last=False)

    def clear(self) -> None:
        """Forgets everything, because the results have changed."""
        self._known.clear()
