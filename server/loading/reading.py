"""The reading thread: files in, blocks of prepared records out, and what cannot be taken in set aside on the way."""

import asyncio
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from typing import Literal

from indexer.marc import Outcome as Found
from indexer.marc import Read, Rejected, Skipped, SourceProfile, UnusableSource, read_file
from server.loading.duplicates import FirstPass, Source
from server.loading.outcome import FileOutcome, Outcome, Quarantine
from server.loading.preparing import STORE_OF_KIND, Prepared, prepare

log = logging.getLogger(__name__)

Target = Literal["auto", "biblios", "authorities"]

BLOCK = 500
BLOCK_BYTES = 4_000_000
QUEUE_BLOCKS = 2
TOLD = 20
"""Records set aside that are told one by one as warnings; a file that is wrong as a whole would fill the screen."""

END_S = 2.0
"""How long the end of a load waits for the thread; one that waits for a silent standard input is left alone."""


@dataclass(slots=True)
class Block:
    """Some records in the order of the files. `seen` counts everything read for it, rejected and skipped too."""

    prepared: list[Prepared] = field(default_factory=list)
    seen: int = 0
    size_bytes: int = 0


class Reading:
    """Reads ahead by a few blocks of at most `block` records and about `BLOCK_BYTES`, so memory stays flat."""

    def __init__(
        self,
        sources: Sequence[Source],
        first: FirstPass,
        profile: SourceProfile,
        outcome: Outcome,
        quarantine: Quarantine,
        *,
        target: Target = "auto",
        delete: bool = False,
        block: int = BLOCK,
    ) -> None:
        self._sources, self._first, self._profile = sources, first, profile
        self._outcome, self._quarantine = outcome, quarantine
        self._target, self._delete, self._block = target, delete, block
        self._left_to_later: dict[tuple[str, str], None] = {}
        self._blocks: Queue[Block | BaseException | None] = Queue(maxsize=QUEUE_BLOCKS)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reading", daemon=True)

    def __enter__(self) -> "Reading":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        with suppress(Empty):
            while True:
                self._blocks.get_nowait()
        self._thread.join(END_S)
        with suppress(Full):
            self._blocks.put_nowait(None)  # whoever still waits in `next` is let go

    async def next(self) -> Block | None:
        """The next block, or None at the end. What the thread raised is raised here."""
        got = await asyncio.to_thread(self._blocks.get)
        if isinstance(got, BaseException):
            raise got
        return got

    def _put(self, block: Block | BaseException | None) -> None:
        while not self._stop.is_set():
            with suppress(Full):
                self._blocks.put(block, timeout=0.2)
                return

    def _run(self) -> None:
        try:
            for block in self._make_blocks():
                self._put(block)
                if self._stop.is_set():
                    return
            self._outcome.left_to_later = [record_id for _, record_id in self._left_to_later]
            self._put(None)
        except Exception as error:
            self._put(error)

    def _make_blocks(self) -> Iterator[Block]:
        block = Block()
        for number, source in enumerate(self._sources):
            file = FileOutcome("standard input" if source == "-" else str(source))
            self._outcome.files.append(file)
            try:
                for found in read_file(source, self._profile):
                    self._sort_in(found, number, file, block)
                    if len(block.prepared) >= self._block or block.seen >= 2 * self._block or block.size_bytes >= BLOCK_BYTES:
                        yield block
                        block = Block()
            except UnusableSource as error:
                self._outcome.problems.append(str(error))
                if not file.read:
                    self._outcome.files.pop()
        if block.seen:
            yield block

    def _sort_in(self, found: Found, number: int, file: FileOutcome, block: Block) -> None:
        file.read += 1
        block.seen += 1
        match found:
            case Rejected():
                self._set_aside(found, file)
            case Skipped():
                file.skipped += 1
            case Read():
                self._take(found, number, file, block)

    def _take(self, read: Read, number: int, file: FileOutcome, block: Block) -> None:
        store, record_id = STORE_OF_KIND[read.record.kind], read.identity.record_id
        if self._target not in {"auto", store}:
            file.skipped += 1
            log.info("%s record %d (%s) belongs to %s", file.path, read.ordinal, record_id, store)
            return
        superseded = self._first.is_superseded(number, read.ordinal)
        try:
            prepared = prepare(read, self._profile, delete=self._delete, superseded=superseded, file=file)
        except Exception as error:
            log.debug("a record cannot be packed", exc_info=error)
            detail = f"The record was read, but cannot be stored ({type(error).__name__}: {error})."
            self._set_aside(Rejected(file.path, read.ordinal, read.offset, record_id, "unexpected", detail, read.raw), file)
            return
        if read.record.warnings:
            file.warned += 1
            self._outcome.warnings.update(read.record.warnings)
        if superseded:
            self._left_to_later[store, record_id] = None
        else:
            self._left_to_later.pop((store, record_id), None)
        block.prepared.append(prepared)
        block.size_bytes += len(read.raw)

    def _set_aside(self, rejected: Rejected, file: FileOutcome) -> None:
        file.quarantined += 1
        self._outcome.reasons[rejected.reason] += 1
        self._quarantine.add(rejected)
        told = self._quarantine.count
        log.log(
            logging.WARNING if told <= TOLD else logging.INFO,
            "%s record %d%s%s was set aside (%s): %s",
            file.path,
            rejected.ordinal,
            f" ({rejected.record_id})" if rejected.record_id else "",
            f" at byte {rejected.offset}" if rejected.offset >= 0 else "",
            rejected.reason,
            rejected.detail,
        )
        if told == TOLD + 1:
            log.warning("further records that are set aside are told in %s.jsonl only", self._quarantine.path)
