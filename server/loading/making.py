"""Who turns stored records into documents: a thread of this process, or processes of their own.

Making a document is the dearest step of a load (two thirds of its CPU time in plain Python). One process does it in a thread
beside reading and storing; with `load.workers` of two or more it is spread over that many processes, each of which gets a slice of
every batch, so the order stays and no more than one batch is on its way.

A worker process has nothing but one end of a pipe. It ends when the other end is closed, which also happens when the loader is
killed; it leaves Ctrl-C to the loader.
"""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

from indexer.document import Document
from indexer.extract import Extractor
from indexer.fields import FieldTable, load_field_table
from server.errors import CannotStart, Unavailable
from server.loading.documents import Links, ToIndex, authority_ids, make_documents

FEW = 3_000
"""Documents that are made sooner than processes are started."""

END_S = 5.0
"""How long a worker may take to end before it is killed."""


class Maker(Protocol):
    """Makes the documents of batches, one batch at a time."""

    async def authority_ids(self, changes: Sequence[ToIndex]) -> set[str]:
        """Ids of all authority records that the headings of a batch name."""
        ...

    async def documents(self, changes: Sequence[ToIndex], links: Links) -> tuple[list[Document], list[str]]:
        """As `server.loading.documents.make_documents`."""
        ...


class ThreadMaker:
    """Makes documents in a thread of this process."""

    def __init__(self, extractor: Extractor) -> None:
        self._extractor = extractor

    async def authority_ids(self, changes: Sequence[ToIndex]) -> set[str]:
        """See `Maker.authority_ids`."""
        return await asyncio.to_thread(authority_ids, self._extractor, changes)

    async def documents(self, changes: Sequence[ToIndex], links: Links) -> tuple[list[Document], list[str]]:
        """See `Maker.documents`."""
        return await asyncio.to_thread(make_documents, self._extractor, changes, links)


class ProcessMaker:
    """Makes documents in `count` processes, which run as long as the `async with` block.

    They are started when `FEW` documents have been made, and until they are ready `meanwhile` goes on. `fields_file`: where they find
    the field table, as `load_field_table` takes it.
    """

    def __init__(self, count: int, fields_file: Path | None, table: FieldTable, meanwhile: Maker) -> None:
        self._count = count
        self._fields_file = fields_file
        self._version = table.version
        self._meanwhile = meanwhile
        self._made = 0
        self._workers: list[_Worker] = []

    async def __aenter__(self) -> "ProcessMaker":
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(asyncio.to_thread(worker.end) for worker in self._workers))

    async def _are_ready(self) -> bool:
        if self._made < FEW:
            return False
        while len(self._workers) < self._count:
            self._workers.append(await asyncio.to_thread(_Worker, self._fields_file))
        return all(worker.is_ready() for worker in self._workers)

    async def authority_ids(self, changes: Sequence[ToIndex]) -> set[str]:
        """See `Maker.authority_ids`."""
        if not await self._are_ready():
            return await self._meanwhile.authority_ids(changes)
        answers = await self._ask([(part, None) for part in self._slices(changes)])
        return set().union(*answers)

    async def documents(self, changes: Sequence[ToIndex], links: Links) -> tuple[list[Document], list[str]]:
        """See `Maker.documents`."""
        self._made += len(changes)
        if not await self._are_ready():
            return await self._meanwhile.documents(changes, links)
        answers = await self._ask([(part, _own(links, part)) for part in self._slices(changes)])
        return [document for made, _ in answers for document in made], [record_id for _, failed in answers for record_id in failed]

    def _slices(self, changes: Sequence[ToIndex]) -> list[Sequence[ToIndex]]:
        size = -(-len(changes) // self._count)
        return [changes[at : at + size] for at in range(0, len(changes), size)]

    async def _ask(self, requests: Sequence[Any]) -> list[Any]:
        """The answers in the order of the requests. Raises: Unavailable, CannotStart (see `_Worker.ask`)."""
        pairs = zip(self._workers, requests, strict=False)  # a small batch may have fewer slices than there are workers
        return await asyncio.gather(*(asyncio.to_thread(worker.ask, self._version, request) for worker, request in pairs))


def _own(links: Links, part: Sequence[ToIndex]) -> Links:
    """The links that a slice needs; holdings records of others are not sent along."""
    return Links(links.variants, {one.record_id: links.holdings[one.record_id] for one in part if one.record_id in links.holdings})


class _Worker:
    """One process and our end of its pipe."""

    def __init__(self, fields_file: Path | None) -> None:
        context = get_context("spawn")
        self._connection, its_own = context.Pipe()
        self._process = context.Process(target=work, args=(its_own, fields_file), name="documents", daemon=True)
        self._busy = Lock()
        self._version = ""
        # Inherited by the process, so that Ctrl-C cannot meet it while it starts.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        its_own.close()

    def is_ready(self) -> bool:
        """Whether the process has said that it can begin, or has ended."""
        return bool(self._version) or self._connection.poll()

    def ask(self, version: str, request: Any) -> Any:
        """Sends one request and waits for the answer.

        Raises: Unavailable when the process is gone, CannotStart when it has another field table.
        """
        with self._busy:
            try:
                self._version = self._version or self._connection.recv()
                if self._version != version:
                    raise CannotStart("The field table was changed while the load was starting; run the load again.")
                self._connection.send(request)
                return self._connection.recv()
            except (EOFError, OSError):
                raise Unavailable("A process that makes documents ended; run the load again, perhaps with fewer --workers.") from None

    def end(self) -> None:
        """Lets the process end; one that is at work (the load was stopped) is killed, its work is of no use."""
        if not self._busy.acquire(blocking=False):
            self._process.kill()
            self._busy.acquire()
        self._connection.close()
        self._process.join(END_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


def work(connection: Connection, fields_file: Path | None) -> None:
    """What a worker process does: says which field table it has, then answers requests until the pipe is closed.

    A request is (batch, links), answered as `make_documents` does, or (batch, None), answered by the authority ids.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        table = load_field_table(fields_file)
        extractor = Extractor(table)
        connection.send(table.version)
        while True:
            changes, links = connection.recv()
            if links is None:
                connection.send(authority_ids(extractor, changes))
            else:
                connection.send(make_documents(extractor, changes, links))
