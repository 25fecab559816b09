"""Who turns stored records into documents: a thread of this process, or processes of their own.

Making a document is the dearest step of a load. One process does it in a thread beside reading and storing; with `load.workers` of
two or more it is spread over that many processes, each of which gets a slice of every batch, so the order stays and no more than one
batch is on its way. Sending documents from one process to another is dear (0.3 ms of CPU each), so they are prepared for the
engine where they are made (`indexer.engine.open_preparer`), if it has a preparer.

A worker process has nothing but one end of a pipe. It ends when the other end is closed, which also happens when the loader is
killed; it leaves Ctrl-C to the loader.
"""

import asyncio
import gc
import signal
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Protocol

from indexer.document import Document
from indexer.engine import open_preparer
from indexer.engine.port import ReadyBatch
from indexer.extract import Extractor
from indexer.fields import FieldTable, load_field_table
from server.db.sets import Membership
from server.errors import CannotStart, Unavailable
from server.loading.documents import KIND, Links, Made, ToIndex, authority_ids, make_documents
from server.loading.memory import thrifty
from server.oai_settings import OaiSet
from server.sets.rules import NO_SETS, SetRules, read_sets

SLICE = 100
FEW = 3_000
"""Documents that are made sooner than processes are started."""

END_S = 5.0
"""How long a worker may take to end before it is killed."""

Part = list[Document] | ReadyBatch
"""Documents, or what the engine's preparer made of them."""


class MadeParts(NamedTuple):
    """As `server.loading.documents.Made`, with the documents in parts."""

    parts: list[Part]
    failed: list[str]
    memberships: list[Membership]


class Beginning(NamedTuple):
    """What a worker process is told when it begins."""

    fields_file: Path | None
    engine: str
    sets: tuple[OaiSet, ...]


class Maker(Protocol):
    """Makes the documents of batches, one batch at a time."""

    async def authority_ids(self, changes: Sequence[ToIndex]) -> set[str]:
        """Ids of all authority records that the headings of a batch name."""
        ...

    async def documents(self, changes: Sequence[ToIndex], links: Links) -> MadeParts:
        """As `server.loading.documents.make_documents`, for changes of one store; the documents in one or several parts, in order."""
        ...


class ThreadMaker:
    """Makes documents in a thread of this process, a few at a time, so that Ctrl-C need not wait for a whole batch."""

    def __init__(self, extractor: Extractor, rules: SetRules = NO_SETS) -> None:
        self._extractor = extractor
        self._rules = rules

    async def authority_ids(self, changes: Sequence[ToIndex]) -> set[str]:
        """See `Maker.authority_ids`."""
        return await asyncio.to_thread(authority_ids, self._extractor, changes)

    async def documents(self, changes: Sequence[ToIndex], links: Links) -> MadeParts:
        """See `Maker.documents`."""
        made = Made([], [], [])
        for at in range(0, len(changes), SLICE):
            own = await asyncio.to_thread(make_documents, self._extractor, changes[at : at + SLICE], links, self._rules)
            made.documents.extend(own.documents)
            made.failed.extend(own.failed)
            made.memberships.extend(own.memberships)
        return MadeParts([made.documents], made.failed, made.memberships)


class ProcessMaker:
    """Makes documents in `count` processes, which run as long as the `async with` block.

    They are started when `FEW` documents have been made, and until they are ready `meanwhile` goes on. `fields_file`: where they find
    the field table, as `load_field_table` takes it. `engine`: the kind of engine that the documents are for. `sets`: definitions of the
    sets whose memberships are decided with the documents.
    """

    def __init__(
        self, count: int, fields_file: Path | None, table: FieldTable, meanwhile: Maker, engine: str = "embedded",
        sets: Sequence[OaiSet] = (),
    ) -> None:  # fmt: skip
        self._count = count
        self._beginning = Beginning(fields_file, engine, tuple(sets))
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
            self._workers.append(await asyncio.to_thread(_Worker, self._beginning))
        return all(worker.is_ready() for worker in self._workers)

    async def authority_ids(self, changes: Sequence[ToIndex]) -> set[str]:
        """See `Maker.authority_ids`."""
        if not await self._are_ready():
            return await self._meanwhile.authority_ids(changes)
        answers = await self._ask([(part, None) for part in self._slices(changes)])
        return set().union(*answers)

    async def documents(self, changes: Sequence[ToIndex], links: Links) -> MadeParts:
        """See `Maker.documents`."""
        self._made += len(changes)
        if not await self._are_ready():
            return await self._meanwhile.documents(changes, links)
        answers = await self._ask([(part, _own(links, part)) for part in self._slices(changes)])
        return MadeParts(
            [part for part, _, _ in answers],
            [record_id for _, failed, _ in answers for record_id in failed],
            [one for _, _, memberships in answers for one in memberships],
        )

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

    def __init__(self, beginning: Beginning) -> None:
        context = get_context("spawn")
        self._connection, its_own = context.Pipe()
        self._process = context.Process(target=work, args=(its_own, beginning), name="documents", daemon=True)
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


def work(connection: Connection, beginning: Beginning) -> None:
    """What a worker process does: says which field table it has, then answers requests until the pipe is closed.

    A request is (batch, links), answered by a part, the ids that failed and the memberships; or (batch, None), answered by the
    authority ids.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with ExitStack() as stack, suppress(EOFError, OSError):
        table = load_field_table(beginning.fields_file)
        extractor = Extractor(table)
        rules = read_sets(beginning.sets, table.index_table("biblios"))
        preparers = {kind: open_preparer(beginning.engine, table.collection(store)) for store, kind in KIND.items()}
        gc.freeze()
        stack.enter_context(thrifty())
        connection.send(table.version)
        while True:
            changes, links = connection.recv()
            if links is None:
                connection.send(authority_ids(extractor, changes))
            else:
                documents, failed, memberships = make_documents(extractor, changes, links, rules)
                prepare = preparers[changes[0].packed.kind]
                connection.send((prepare(documents) if prepare else documents, failed, memberships))
