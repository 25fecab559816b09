"""What a load did: counts per file and the quarantine of what could not be taken in."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from indexer.marc import Rejected


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


@dataclass(slots=True)
class Outcome:
    """Counts of a whole load, per file in the order of loading, with the reasons of quarantine and the kinds of warnings."""

    files: list[FileOutcome] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    indexed: int = 0
    problems: list[str] = field(default_factory=list)

    def total(self, name: str) -> int:
        """Sum of one count (`read`, `new`, ...) over all files."""
        return sum(getattr(one, name) for one in self.files)


class Quarantine:
    """Keeps what was rejected: the raw bytes in one file, one JSON line each in another beside it.

    Nothing is created until the first rejection. `path` is the raw file; the lines stand in `path` + ".jsonl" and give file,
    ordinal, byte offset, record id, reason, detail, and where the bytes stand in the raw file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._raw: IO[bytes] | None = None
        self._lines: IO[str] | None = None

    def add(self, rejected: Rejected) -> None:
        """Sets one rejected record aside; on disk when this returns."""
        if self._raw is None or self._lines is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._raw = self.path.open("ab")
            self._lines = Path(f"{self.path}.jsonl").open("a", encoding="utf-8")  # noqa: SIM115 - closed by close()
        at = self._raw.tell()
        self._raw.write(rejected.raw)
        self._raw.flush()
        line = {
            "file": str(rejected.path), "ordinal": rejected.ordinal, "offset": rejected.offset, "id": rejected.record_id,
            "reason": rejected.reason, "detail": rejected.detail, "quarantine_offset": at, "bytes": len(rejected.raw),
        }  # fmt: skip
        self._lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._lines.flush()
        self.count += 1

    def close(self) -> None:
        """Closes both files."""
        for handle in (self._raw, self._lines):
            if handle is not None:
                handle.close()
