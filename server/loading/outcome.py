"""What a load did: counts per file and the quarantine of what could not be taken in."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from indexer.marc import Rejected
from server.telemetry import REJECTED_RECORDS

Fate = Literal["new", "updated", "deleted", "unchanged", "superseded"]


@dataclass(slots=True)
class FileOutcome:
    """Counts of one file. `read` is the number of records found in it, whatever became of them."""

    path: str
    read: int = 0
    new: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    superseded: int = 0
    skipped: int = 0
    quarantined: int = 0
    warned: int = 0

    def count(self, fate: Fate) -> None:
        """Counts one record more under what became of it in the store."""
        setattr(self, fate, getattr(self, fate) + 1)


@dataclass(slots=True)
class Outcome:
    """Counts of a whole load, per file in the order of loading, with the reasons of quarantine and the kinds of warnings.

    `indexed`: documents handed over to the engine, those of earlier loads and of linked records too. `problems`: sources that could
    not be used, one sentence each. `left_to_later`: ids of records that were left to a later one which then could not be taken in.
    `unindexed`: ids of records that are stored, but could not be made searchable. `waited`: another process held the index locks, and
    may have indexed some of these records.
    """

    files: list[FileOutcome] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    indexed: int = 0
    problems: list[str] = field(default_factory=list)
    left_to_later: list[str] = field(default_factory=list)
    unindexed: list[str] = field(default_factory=list)
    waited: bool = False

    def total(self, name: str) -> int:
        """Sum of one count (`read`, `new`, ...) over all files."""
        return sum(getattr(one, name) for one in self.files)


class Quarantine:
    """Keeps what was rejected: the raw bytes in one file, one JSON line each in another beside it. Counts it in the metrics.

    Nothing is created until the first rejection, then `folder()` gives the place. `path` is the raw file; the lines stand in `path` +
    ".jsonl" and give file, ordinal, byte offset, record id, reason, detail, and where the bytes stand in the raw file. Text that is not
    UTF-8 (of file names) is written as JSON's own escapes.
    """

    def __init__(self, folder: Callable[[], Path], name: str) -> None:
        self.count = 0
        self.path = Path(name)
        self._folder = folder
        self._raw: IO[bytes] | None = None
        self._lines: IO[str] | None = None

    def add(self, rejected: Rejected) -> None:
        """Sets one rejected record aside; written out when this returns. Raises: OSError."""
        if self._raw is None or self._lines is None:
            self.path = self._folder() / self.path.name
            self._raw = self.path.open("xb")
            self._lines = Path(f"{self.path}.jsonl").open("x", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115 - see close()
        line = {
            "file": str(rejected.path), "ordinal": rejected.ordinal, "offset": rejected.offset, "id": rejected.record_id,
            "reason": rejected.reason, "detail": rejected.detail, "quarantine_offset": self._raw.tell(), "bytes": len(rejected.raw),
        }  # fmt: skip
        self._raw.write(rejected.raw)
        self._raw.flush()
        self._lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._lines.flush()
        self.count += 1
        REJECTED_RECORDS.labels(rejected.reason).inc()

    def add_refused(self, store: str, refused: Mapping[str, str], reasons: Counter[str]) -> None:
        """Notes records (id -> reason) that are stored and that the search engine did not take in, without their bytes."""
        for record_id, reason in refused.items():
            detail = f"The record is stored, but cannot be searched: {reason}."
            self.add(Rejected(f"index of {store}", 0, -1, record_id, "refused", detail, b""))
            reasons["refused"] += 1

    def close(self) -> None:
        """Closes both files."""
        for handle in (self._raw, self._lines):
            if handle is not None:
                handle.close()
