"""Writes the browse lists of an index folder (`term_file`)."""

import logging
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from indexer.engine.embedded.term_file import BLOCK_TERMS, SHOWN, TABLES, open_file, packed, unpacked
from indexer.engine.embedded.terms import BatchTerms

log = logging.getLogger(__name__)

MOST_RUNS = 12
_JOINED_RUNS = 8
_RATIO = 4
"""At the end of a session a run stays by itself if it is that many times as large as all the smaller ones together."""

_WAITING = 60_000
"""Terms that wait in memory for the commit (about 8 MB); beyond, they become a run at once."""

_REMEMBERED = 100_000
"""Terms that a writer remembers as written, over all lists (about 10 MB). When it forgets them, some get into a run again."""

_STRETCH = 512
"""Blocks that are joined at a time."""

_RUNS = "select id, terms from run order by terms"
_PLACES = "select run, first from block where list = ? and run in ({}) order by first"
_BLOCK = "select data from block where list = ? and run = ? and first = ?"

_Terms = dict[str, str | None]
"""Term -> display form, None where it is the term itself."""

_Part = tuple[int, list[str]]
"""Number of a run, and some of its lines."""


class TermWriter:
    """Adds the terms of documents; to be used by one thread of the process that holds the writer's lock."""

    def __init__(self, folder: Path) -> None:
        self._known: defaultdict[int, set[str]] = defaultdict(set)
        self._waiting: defaultdict[int, _Terms] = defaultdict(dict)
        self._file = open_file(folder)
        self._file.execute("pragma journal_mode = wal")
        self._file.execute("pragma synchronous = full")
        self._file.executescript(TABLES)

    def add(self, batch: BatchTerms) -> None:
        """Notes the terms that were not written before, as far as that is remembered."""
        for number, terms in batch.terms.items():
            known = self._known[number]
            new = terms - known
            if not new:
                continue
            known |= new
            forms = batch.forms.get(number)
            self._waiting[number].update(dict.fromkeys(new) if not forms else {term: forms.get(term) for term in new})
        forgets = sum(map(len, self._known.values())) > _REMEMBERED
        if forgets or sum(map(len, self._waiting.values())) > _WAITING:
            self._write_waiting()
        if forgets:
            self._known.clear()

    def commit(self) -> None:
        """Makes everything noted durable."""
        self._write_waiting()
        if self._file.in_transaction:
            while len(runs := self._runs()) > MOST_RUNS:
                self._join(runs[:_JOINED_RUNS])
            self._file.execute("commit")

    def close(self) -> None:
        """Forgets what was not committed, and joins runs of similar size, so that lists are quick to read."""
        try:
            if self._file.in_transaction:
                self._file.execute("rollback")
            runs = self._runs()
            similar = runs[: _similar([terms for _, terms in runs])]
            if similar:
                self._file.execute("begin immediate")
                self._join(similar)
                self._file.execute("commit")
        except sqlite3.Error as error:  # a full disk, perhaps; the lists are as they were
            log.warning("the browse lists were not put together: %s", error)
        finally:
            self._file.close()

    def _runs(self) -> list[tuple[int, int]]:
        """Number and size of every run, the smallest first."""
        return self._file.execute(_RUNS).fetchall()

    def _write_waiting(self) -> None:
        lists = {number: terms for number, terms in self._waiting.items() if terms}
        if lists:
            if not self._file.in_transaction:
                self._file.execute("begin immediate")
            run = self._new_run()
            for number, terms in lists.items():
                self._write(number, run, _lines_of(terms))
            self._set_size(run, sum(map(len, lists.values())))
        self._waiting.clear()

    def _join(self, runs: Sequence[tuple[int, int]]) -> None:
        """Puts one run in the place of some."""
        old = [run for run, _ in runs]
        marks = ",".join("?" * len(old))
        numbers = [number for (number,) in self._file.execute(f"select distinct list from block where run in ({marks})", old)]
        joined, size = self._new_run(), 0
        for number in numbers:
            places = self._file.execute(_PLACES.format(marks), (number, *old)).fetchall()
            for lines in self._joined(number, places):
                self._write(number, joined, lines)
                size += len(lines)
        self._file.execute(f"delete from block where run in ({marks})", old)
        self._file.execute(f"delete from run where id in ({marks})", old)
        self._set_size(joined, size)

    def _joined(self, number: int, places: Sequence[tuple[int, str]]) -> Iterator[list[str]]:
        """The lines of one list in order, every term once, some blocks at a time. `places`: run and first term of its blocks, in order."""
        parts: list[_Part] = []
        for start in range(0, len(places), _STRETCH):
            stretch = places[start : start + _STRETCH]
            parts += [(run, unpacked(self._file.execute(_BLOCK, (number, run, first)).fetchone()[0])) for run, first in stretch]
            if start + _STRETCH >= len(places):
                yield _put_together(parts)
                return
            # What is not below the next block may be in it too.
            end = places[start + _STRETCH][1]
            cuts = [bisect_left(lines, end) for _, lines in parts]
            yield _put_together((run, lines[:cut]) for (run, lines), cut in zip(parts, cuts, strict=True))
            parts = [(run, lines[cut:]) for (run, lines), cut in zip(parts, cuts, strict=True) if cut < len(lines)]

    def _new_run(self) -> int:
        run = self._file.execute("insert into run (terms) values (0)").lastrowid
        assert run is not None
        return run

    def _set_size(self, run: int, terms: int) -> None:
        self._file.execute("update run set terms = ? where id = ?", (terms, run))

    def _write(self, number: int, run: int, lines: Sequence[str]) -> None:
        """Adds blocks to a run."""
        blocks = (lines[start : start + BLOCK_TERMS] for start in range(0, len(lines), BLOCK_TERMS))
        rows = ((number, run, block[0].partition(SHOWN)[0], packed(block)) for block in blocks)
        self._file.executemany("insert into block values (?, ?, ?, ?)", rows)


def _similar(sizes: Sequence[int]) -> int:
    """How many of the smallest runs (sizes ascending) should become one: what is left is much larger than all below it."""
    similar = together = 0
    for place, size in enumerate(sizes):
        if size <= _RATIO * together:
            similar = place + 1
        together += size
    return similar


def _put_together(parts: Iterable[_Part]) -> list[str]:
    """Lines in order, every term once, with the display form of the oldest run that has one, which is what readers show."""
    terms: dict[str, str] = {}
    formed: dict[str, str] = {}
    for _, lines in sorted(parts, key=lambda part: part[0], reverse=True):
        own = {line.partition(SHOWN)[0]: line for line in lines}
        terms.update(own)
        formed.update({term: line for term, line in own.items() if term != line})
    terms.update(formed)
    return sorted(terms.values())


def _lines_of(terms: _Terms) -> list[str]:
    return [term if (form := terms[term]) is None else f"{term}{SHOWN}{form}" for term in sorted(terms)]
