"""A folder as target: each run writes the records it gets into one MARCXML file, and the identifiers of deleted items beside it.

NAME-N.xml is complete; it was NAME-N.xml.part while it was being written (N counts lists). After a run that was killed a few records
may stand in it twice, the last one counts, as it does for `hylla load`. Deletions stand in NAME-N.deleted.txt, one identifier a line.
"""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from indexer.marc import Read, Rejected, SourceProfile, to_marcxml
from indexer.marc.marcxml import NAMESPACE
from server.harvesting.items import LeftOut, read_item
from server.harvesting.outcome import HarvestOutcome
from server.harvesting.reading import Item
from server.harvesting.taking import Tally
from server.source_settings import SourceSettings

_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{NAMESPACE}">\n'.encode()
_END = b"</collection>\n"


class FileTarget:
    """The file of one run. `number`: of its list; a list that is resumed goes on in the same file. Raises: OSError everywhere."""

    def __init__(self, source: SourceSettings, profile: SourceProfile, own: HarvestOutcome, tally: Tally) -> None:
        self._source, self._profile = source, profile
        self._own, self._tally = own, tally
        self._folder = Path(source.target)
        self._stem = "-".join(part for part in (source.name, own.set_spec.replace(":", "_")) if part)
        self._number: int | None = None

    async def take(self, items: Sequence[Item], number: int, *, is_full: bool) -> None:
        """See `Target.take`. What the list has is not remembered here, whether `is_full` or not."""
        del is_full
        self._number = number
        await asyncio.to_thread(self._write, items)

    async def finish(self) -> None:
        """See `Target.finish`."""
        if self._number is not None and not self._own.is_dry:
            await asyncio.to_thread(self._close)

    def _part(self) -> Path:
        return self._folder / f"{self._stem}-{self._number}.xml.part"

    def _write(self, items: Sequence[Item]) -> None:
        file, parts, gone = self._own.file, [], []
        for item in items:
            file.read += 1
            if item.deleted:
                file.deleted += 1
                gone.append(f"{item.identifier}\n".encode())
                continue
            found = read_item(item, file.read, self._own.label, self._source, self._profile)
            match found:
                case Read():
                    file.new += 1
                    parts.append(to_marcxml(found.record) + b"\n")
                case Rejected():
                    self._tally.set_aside(found, self._own)
                case LeftOut():
                    file.skipped += 1
        if self._own.is_dry:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._part()
        _append(part, parts if part.exists() else [_HEAD, *parts])
        if gone:
            _append(self._folder / f"{self._stem}-{self._number}.deleted.txt", gone)

    def _close(self) -> None:
        part = self._part()
        if part.exists():
            _append(part, [_END])
            part.rename(self._free_name(part.with_suffix("")))

    def _free_name(self, wanted: Path) -> Path:
        """The name, with a number behind it when there is such a file already: a run with --limit does not count as a list."""
        number, free = 1, wanted
        while free.exists():
            number += 1
            free = wanted.with_stem(f"{wanted.stem}-{number}")
        return free


def _append(path: Path, parts: Sequence[bytes]) -> None:
    with path.open("ab") as file:
        file.write(b"".join(parts))
        file.flush()
        os.fsync(file.fileno())
