"""The browse lists: which terms were ever written, in order, and how they are shown.

tantivy has no call that walks a term dictionary from a given term, so the terms stand in a small SQLite file beside the
index. It knows no counts: those are asked of the index when a list is shown, and what has none is left out. So deletions
cost nothing here, and a file that is ahead of the index (after a crash) does no harm.

One table: number of the list (`Layout.list_number`), term, display form where it differs. SQLite compares UTF-8 bytes, which
is the order of code points.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

from indexer.document import Document
from indexer.engine.embedded.layout import Layout
from indexer.engine.port import EngineError

FILE = "terms.sqlite"
_REMEMBERED = 400_000
"""Terms that a writer remembers as written, over all lists; about 40 MB. Beyond, it forgets and asks the file again."""

_TABLE = "create table if not exists term (list integer, term text, shown text, primary key (list, term)) without rowid"
_ADD = "insert or ignore into term values (?, ?, ?)"
_FROM = "select term, shown from term where list = ? and term >= ? order by term limit ?"
_BELOW = "select term, shown from term where list = ? and term < ? order by term desc limit ?"
_SHOWN = "select shown from term where list = ? and term = ?"


def number_term(number: int) -> str:
    """A number as a term: years sort right with four digits."""
    return f"{number:04d}"


class TermWriter:
    """Adds the terms of documents; to be used by one thread of the process that holds the writer's lock."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self._words = [(name, layout.list_number(name, "words")) for name in layout.word_lists]
        self._values = [(name, layout.list_number(name, "values")) for name in layout.value_lists if name in layout.keyed]
        self._numbers = [(name, layout.list_number(name, "values")) for name in layout.value_lists if name in layout.numbers]
        self._known: dict[int, set[str]] = {number: set() for _, number in (*self._words, *self._values, *self._numbers)}
        self._known_count = 0
        self._new: list[tuple[int, str, str | None]] = []
        # The statements run in the writer's thread, whichever that is; never in two at a time.
        self._file = sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)
        self._file.execute("pragma journal_mode = wal")
        self._file.execute("pragma synchronous = full")
        self._file.execute(_TABLE)

    def add(self, document: Document) -> None:
        """Notes the terms of a live document."""
        known = self._known
        text, keys, before = document.text, document.keys, len(self._new)
        for name, number in self._words:
            occurrences = text.get(name)
            if occurrences:
                words = set(" ".join(occurrences).split(" "))
                words.update(form for form in document.variants.get(name, ()) if not form.isalnum())
                words -= known[number]
                if words:
                    known[number] |= words
                    self._new += [(number, word, None) for word in words]
        for name, number in self._values:
            own = keys.get(name)
            if own:
                seen = known[number]
                shown = document.shown.get(name, {})
                for key in own:
                    if key not in seen:
                        seen.add(key)
                        form = shown.get(key)
                        self._new.append((number, key, None if form == key else form))
        for name, number in self._numbers:
            for value in document.numbers.get(name, ()):
                term = number_term(value)
                if term not in known[number]:
                    known[number].add(term)
                    self._new.append((number, term, None))
        self._known_count += len(self._new) - before

    def flush(self) -> None:
        """Writes what is new, in key order (which spares the file most of its page changes); durable after `commit`."""
        if not self._new:
            return
        if not self._file.in_transaction:
            self._file.execute("begin immediate")
        self._new.sort(key=lambda new: new[:2])
        self._file.executemany(_ADD, self._new)
        self._new.clear()
        if self._known_count > _REMEMBERED:
            for seen in self._known.values():
                seen.clear()
            self._known_count = 0

    def commit(self) -> None:
        """Makes everything noted durable."""
        self.flush()
        if self._file.in_transaction:
            self._file.execute("commit")

    def close(self) -> None:
        """Forgets what was not committed."""
        self._file.close()


class TermReader:
    """Reads the lists; may be used by several threads."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        if not path.exists():
            raise EngineError("The browse lists of the index are missing; run `hylla reindex`.")
        self._lock = Lock()
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def from_term(self, lists: Sequence[int], start: str, count: int) -> list[tuple[str, str]]:
        """The next `count` terms of the merged lists that are not lower than `start`, ascending, with their display forms."""
        return self._merged(_FROM, lists, start, count, descending=False)

    def below(self, lists: Sequence[int], end: str, count: int) -> list[tuple[str, str]]:
        """The nearest `count` terms lower than `end`, descending, with their display forms."""
        return self._merged(_BELOW, lists, end, count, descending=True)

    def shown(self, number: int, terms: Iterable[str]) -> list[str]:
        """Display forms of terms of one list, in the order given; a term without one is shown as it is."""
        with self._lock:
            rows = [(term, self._file.execute(_SHOWN, (number, term)).fetchone()) for term in terms]
        return [row[0] if row is not None and row[0] is not None else term for term, row in rows]

    def _merged(self, statement: str, lists: Sequence[int], bound: str, count: int, descending: bool) -> list[tuple[str, str]]:
        merged: dict[str, str | None] = {}
        with self._lock:
            for number in lists:
                for term, shown in self._file.execute(statement, (number, bound, count)):
                    merged[term] = merged.get(term) or shown
        return [(term, merged[term] or term) for term in sorted(merged, reverse=descending)[:count]]

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._file.close()
