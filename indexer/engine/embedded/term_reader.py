"""Reads the browse lists of an index folder (`term_file`)."""

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from indexer.engine.embedded.term_file import FILE, SHOWN, open_file, unpacked
from indexer.engine.port import EngineError

_CACHED_BLOCKS = 512

_FIRSTS = "select first from block where list = ? and run = ? order by first"
_BLOCK = "select data from block where list = ? and run = ? and first = ?"

_Placed = tuple[str, int, str, int]
"""Term, place of its list and run, display form, list."""


class Listed(NamedTuple):
    """A term, how it is shown, and the lists that have it."""

    term: str
    shown: str
    lists: tuple[int, ...]


class TermReader:
    """Reads the lists; may be used by several threads."""

    def __init__(self, folder: Path) -> None:
        if not (folder / FILE).exists():
            raise EngineError("the browse lists are missing")
        self._lock = Lock()
        self._file = open_file(folder)
        # SQLite opens its files with the first statement, which may come when a rebuilt index has taken the place of this one.
        try:
            self._file.execute("select id from run limit 1").fetchone()
        except sqlite3.Error as error:
            self._file.close()
            raise EngineError(f"the browse lists cannot be read ({error})") from None
        self._known_runs: list[int] = []
        self._firsts: dict[tuple[int, int], list[str]] = {}
        self._cache: dict[tuple[int, int, str], list[str]] = {}

    def from_term(self, lists: Sequence[int], start: str, count: int) -> list[Listed]:
        """The next `count` terms of the merged lists that are not lower than `start`, ascending."""
        return self._merged(lists, start, count, descending=False)

    def below(self, lists: Sequence[int], end: str, count: int) -> list[Listed]:
        """The nearest `count` terms lower than `end`, descending."""
        return self._merged(lists, end, count, descending=True)

    def shown(self, number: int, terms: Iterable[str]) -> list[str]:
        """Display forms of terms of one list, in the order given; a term without one is shown as it is."""
        forms = []
        for term in terms:
            found = self.from_term([number], term, 1)
            forms.append(found[0].shown if found and found[0].term == term else term)
        return forms

    def _merged(self, lists: Sequence[int], bound: str, count: int, descending: bool) -> list[Listed]:
        walk, sign = (self._lower, -1) if descending else (self._higher, 1)
        with self._lock:
            # One transaction, so that no run is joined with another while it is read.
            self._file.execute("begin")
            try:
                runs = self._runs()
                places = ((number, run) for number in lists for run in runs)
                streams = [_placed(walk(*place, bound), sign * rank, place[0]) for rank, place in enumerate(places)]
                return _distinct(merge(*streams, reverse=descending), count)
            finally:
                self._file.execute("commit")

    def _runs(self) -> list[int]:
        """The runs there are. What is remembered of others is forgotten: their numbers do not come again."""
        runs = [run for (run,) in self._file.execute("select id from run order by id")]
        if runs != self._known_runs:
            self._firsts = {key: firsts for key, firsts in self._firsts.items() if key[1] in runs}
            self._cache = {key: lines for key, lines in self._cache.items() if key[1] in runs}
            self._known_runs = runs
        return runs

    def _higher(self, number: int, run: int, start: str) -> Iterator[str]:
        """Lines of one run from a term on."""
        firsts = self._firsts_of(number, run)
        beginning = max(bisect_right(firsts, start) - 1, 0)
        for place in range(beginning, len(firsts)):
            lines = self._block(number, run, firsts[place])
            yield from lines[bisect_left(lines, start) :] if place == beginning else lines

    def _lower(self, number: int, run: int, end: str) -> Iterator[str]:
        """Lines of one run below a term, descending."""
        firsts = self._firsts_of(number, run)
        beginning = bisect_left(firsts, end) - 1
        for place in range(beginning, -1, -1):
            lines = self._block(number, run, firsts[place])
            yield from reversed(lines[: bisect_left(lines, end)] if place == beginning else lines)

    def _firsts_of(self, number: int, run: int) -> list[str]:
        """First terms of the blocks of one list in one run (one in `BLOCK_TERMS` of all terms)."""
        firsts = self._firsts.get((number, run))
        if firsts is None:
            firsts = self._firsts[number, run] = [first for (first,) in self._file.execute(_FIRSTS, (number, run))]
        return firsts

    def _block(self, number: int, run: int, first: str) -> list[str]:
        key = number, run, first
        lines = self._cache.get(key)
        if lines is None:
            while len(self._cache) >= _CACHED_BLOCKS:
                del self._cache[next(iter(self._cache))]
            lines = self._cache[key] = unpacked(self._file.execute(_BLOCK, key).fetchone()[0])
        return lines

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._file.close()


def _placed(lines: Iterable[str], rank: int, number: int) -> Iterator[_Placed]:
    for line in lines:
        term, _, form = line.partition(SHOWN)
        yield term, rank, form, number


def _distinct(ordered: Iterable[_Placed], count: int) -> list[Listed]:
    """The first `count` terms, each with the form of the first list that has one."""
    listed: list[Listed] = []
    last: str | None = None
    form, numbers = "", dict[int, None]()
    for term, _, shown, number in ordered:
        if term != last:
            if last is not None:
                listed.append(Listed(last, form or last, tuple(numbers)))
                if len(listed) == count:
                    return listed
            last, form, numbers = term, shown, {number: None}
        else:
            form = form or shown
            numbers[number] = None
    if last is not None:
        listed.append(Listed(last, form or last, tuple(numbers)))
    return listed
