"""The browse lists: which terms were ever written, in order, and how they are shown.

tantivy has no call that walks a term dictionary from a given term, so the terms stand in a SQLite file beside the index. It
knows no counts: those are asked of the index when a list is shown, and what has none is left out. So deletions cost nothing
here, a term may be there twice, and a file that is ahead of the index (after a crash) does no harm.

A row for every term was too dear (280 us and 1,200 bytes a document). So every commit adds a *run*: its new terms in order,
64 to a block, each block compressed. A reader looks into all runs; when they are many, the writer joins the small ones.

| table | columns |
|---|---|
| run | id, number of terms |
| block | list (`Layout.list_number`), run, first term, lines `term` or `term U+001F display form` compressed by zlib |
"""

import sqlite3
import zlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from indexer.document import Document
from indexer.engine.embedded.layout import Layout
from indexer.engine.port import EngineError

FILE = "terms.sqlite"
BLOCK_TERMS = 64
MOST_RUNS = 12
_JOINED_RUNS = 8
_WAITING = 60_000
"""Terms that wait in memory for the commit (about 8 MB); beyond, they become a run at once."""

_REMEMBERED = 100_000
"""Terms that a writer remembers as written, over all lists (about 10 MB). When it forgets them, some get into a run again."""

_CACHED_BLOCKS = 512
_SHOWN = "\x1f"

_TABLES = """
create table if not exists run (id integer primary key autoincrement, terms integer);
create table if not exists block (list integer, run integer, first text, data blob);
create unique index if not exists block_place on block (list, run, first);
"""
_FIRSTS = "select first from block where list = ? and run = ? order by first"
_BLOCK = "select data from block where list = ? and run = ? and first = ?"

_Terms = dict[str, str | None]
"""Term -> display form, None where it is the term itself."""


_Placed = tuple[str, int, str, int]
"""Term, place of its list and run, display form, list."""


class Listed(NamedTuple):
    """A term, how it is shown, and the lists that have it."""

    term: str
    shown: str
    lists: tuple[int, ...]


def number_term(number: int) -> str:
    """A number as a term: years sort right with four digits."""
    return f"{number:04d}"


@dataclass(frozen=True, slots=True)
class BatchTerms:
    """Terms of some documents, each once, and the display forms of those that are shown otherwise, by number of their list."""

    terms: dict[int, list[str]]
    forms: dict[int, dict[str, str]]


class TermCollector:
    """Finds the terms of documents; it keeps nothing, so it can be used in any process."""

    def __init__(self, layout: Layout) -> None:
        self._words = [(name, layout.list_number(name, "words")) for name in layout.word_lists]
        self._values = [(name, layout.list_number(name, "values")) for name in layout.value_lists if name in layout.keyed]
        self._numbers = [(name, layout.list_number(name, "values")) for name in layout.value_lists if name in layout.numbers]

    def terms(self, documents: Sequence[Document]) -> BatchTerms:
        """The terms of live documents."""
        found: dict[int, list[str]] = {}
        forms: dict[int, dict[str, str]] = {}
        texts = [document.text for document in documents]
        variants = [document.variants for document in documents]
        for name, number in self._words:
            # One split for all documents of the batch.
            words = set(" ".join([one for text in texts if name in text for one in text[name]]).split(" "))
            # Names that keep their punctuation (c++) are words of the list; joined forms are not.
            words.update([form for own in variants if name in own for form in own[name] if not form.isalnum()])
            words.discard("")
            if words:
                found[number] = list(words)
        keys = [document.keys for document in documents]
        shown = [document.shown for document in documents]
        for name, number in self._values:
            values = {one for own in keys if name in own for one in own[name]}
            if values:
                found[number] = list(values)
                forms[number] = _first_forms([own[name] for own in shown if name in own])
        for name, number in self._numbers:
            numbers = {one for document in documents if name in document.numbers for one in document.numbers[name]}
            if numbers:
                found[number] = list(map(number_term, numbers))
        return BatchTerms(found, forms)


def _first_forms(shown: Sequence[dict[str, str]]) -> dict[str, str]:
    """The first display form of every key, without those that are the key itself."""
    forms: dict[str, str] = {}
    for own in shown:
        for key, form in own.items():
            if key != form and key not in forms:
                forms[key] = form
    return forms


class TermWriter:
    """Adds the terms of documents; to be used by one thread of the process that holds the writer's lock."""

    def __init__(self, folder: Path) -> None:
        self._known: defaultdict[int, set[str]] = defaultdict(set)
        self._waiting: defaultdict[int, _Terms] = defaultdict(dict)
        # The statements run in the writer's thread, whichever that is; never in two at a time.
        self._file = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
        self._file.execute("pragma journal_mode = wal")
        self._file.execute("pragma synchronous = full")
        self._file.executescript(_TABLES)

    def add(self, batch: BatchTerms) -> None:
        """Notes the terms that were not written before, as far as that is remembered."""
        for number, terms in batch.terms.items():
            known = self._known[number]
            new = [term for term in terms if term not in known]
            if not new:
                continue
            known.update(new)
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
            self._join_runs()
            self._file.execute("commit")

    def _write_waiting(self) -> None:
        lists = {number: terms for number, terms in self._waiting.items() if terms}
        if lists:
            self._write_run(lists)
        self._waiting.clear()

    def _write_run(self, lists: dict[int, _Terms]) -> None:
        if not self._file.in_transaction:
            self._file.execute("begin immediate")
        count = sum(map(len, lists.values()))
        run = self._file.execute("insert into run (terms) values (?)", (count,)).lastrowid
        for number, terms in lists.items():
            blocks = ((number, run, first, data) for first, data in _blocks(terms))
            self._file.executemany("insert into block values (?, ?, ?, ?)", blocks)

    def _join_runs(self) -> None:
        """Makes one run of the smallest ones when there are too many to look into."""
        while len(runs := self._file.execute("select id from run order by terms").fetchall()) > MOST_RUNS:
            small = sorted((run for (run,) in runs[:_JOINED_RUNS]), reverse=True)
            marks = ",".join("?" * len(small))
            numbers = [number for (number,) in self._file.execute(f"select distinct list from block where run in ({marks})", small)]
            joined: dict[int, _Terms] = {}
            for number in numbers:
                terms = joined[number] = {}
                # From the newest to the oldest, so that the first display form ever seen stays.
                for run in small:
                    for (data,) in self._file.execute("select data from block where list = ? and run = ?", (number, run)):
                        terms.update(_split(line) for line in _lines(data))
            self._file.execute(f"delete from block where run in ({marks})", small)
            self._file.execute(f"delete from run where id in ({marks})", small)
            self._write_run(joined)

    def close(self) -> None:
        """Forgets what was not committed."""
        self._file.close()


class TermReader:
    """Reads the lists; may be used by several threads."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        if not path.exists():
            raise EngineError("the browse lists are missing")
        self._lock = Lock()
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
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
            lines = self._cache[key] = _lines(self._file.execute(_BLOCK, key).fetchone()[0])
        return lines

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._file.close()


def _blocks(terms: _Terms) -> Iterator[tuple[str, bytes]]:
    """First term and compressed lines of every block."""
    ordered = sorted(terms)
    for start in range(0, len(ordered), BLOCK_TERMS):
        block = ordered[start : start + BLOCK_TERMS]
        lines = "\n".join([term if (form := terms[term]) is None else f"{term}{_SHOWN}{form}" for term in block])
        yield block[0], zlib.compress(lines.encode(), 1)


def _lines(data: bytes) -> list[str]:
    return zlib.decompress(data).decode().split("\n")


def _split(line: str) -> tuple[str, str | None]:
    term, _, form = line.partition(_SHOWN)
    return term, form or None


def _placed(lines: Iterable[str], rank: int, number: int) -> Iterator[_Placed]:
    for line in lines:
        term, _, form = line.partition(_SHOWN)
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
