"""The file of the browse lists: which terms were ever written, in order, and how they are shown.

tantivy has no call that walks a term dictionary from a given term, so the terms stand in a SQLite file beside the index. It
knows no counts: those are asked of the index when a list is shown, and what has none is left out. So deletions cost nothing
here, a term may be there twice, and a file that is ahead of the index (after a crash) does no harm.

A row for every term was too dear (280 us and 1,200 bytes a document). So every commit adds a *run*: its new terms in order,
`BLOCK_TERMS` to a block, each block compressed. A reader looks into all runs, so a writer joins runs: some of the smallest when
there are many, and at the end of its session all those that are not much smaller than the next larger one. A load thus leaves one
run, and a few changes never have a large one written again.

| table | columns |
|---|---|
| run | id, number of terms |
| block | list (`Layout.list_number`), run, first term, lines `term` or `term U+001F display form` compressed by zlib |
"""

import sqlite3
import zlib
from collections.abc import Sequence
from pathlib import Path

FILE = "terms.sqlite"
BLOCK_TERMS = 128
"""To pack half as many takes twice as long for each; to unpack a block takes 15 us."""

SHOWN = "\x1f"
"""Stands between a term and its display form; lower than any character of a term, so lines sort as their terms do."""

TABLES = """
create table if not exists run (id integer primary key autoincrement, terms integer);
create table if not exists block (list integer, run integer, first text, data blob);
create unique index if not exists block_place on block (list, run, first);
"""


def open_file(folder: Path) -> sqlite3.Connection:
    """A connection that any thread may use, though never two at a time. Transactions are up to the caller."""
    return sqlite3.connect(folder / FILE, isolation_level=None, check_same_thread=False)


def packed(lines: Sequence[str]) -> bytes:
    """The content of a block."""
    return zlib.compress("\n".join(lines).encode(), 1)


def unpacked(data: bytes) -> list[str]:
    """The lines of a block."""
    return zlib.decompress(data).decode().split("\n")
