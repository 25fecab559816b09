"""The embedded engine: the port over one collection's folder.

Where the work is done: a search whose effort is known to be small (a few thousand postings, a handful of records) runs at
once on the event loop, because handing it to a thread and back costs as much again (measured: 0.1 ms of CPU beside 0.2 ms);
everything else runs in a small pool. Writing has one thread of its own. A search that takes too long is given up by the
caller; tantivy cannot be stopped, so its thread is busy until it ends, and a pool that is full makes others wait and fail in time.

A writing session begins with the first write and takes the collection's lock; it ends a moment after the commit of a small
change, a little later after that of a load, and with `close`. So a server and a load share an index. A session that ends waits
for tantivy to finish merging; meanwhile commits are visible, but the next write has to wait.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, TypeVar

from cql.plan import Plan, SortBy
from indexer.document import Document
from indexer.engine import WRITER_MEMORY_MB
from indexer.engine.embedded.complaints import told_in_words
from indexer.engine.embedded.facets import facet
from indexer.engine.embedded.folder import REBUILD_LOCK, Folder, WriterLock, confirmed_change, is_committed
from indexer.engine.embedded.inspection import EmbeddedInspection, inspect_collection
from indexer.engine.embedded.leftovers import make_room, remove_leftovers
from indexer.engine.embedded.nearness import Nearness
from indexer.engine.embedded.preparing import EmbeddedBatch
from indexer.engine.embedded.searching import Browser, effort, fetch_hits, get_hit, search_page
from indexer.engine.embedded.snapshot import Reader, Snapshot
from indexer.engine.embedded.translate import Looking, Translator
from indexer.engine.embedded.writer import IndexWriter
from indexer.engine.port import (
    Deletion,
    EngineError,
    EngineUnavailable,
    ExtractField,
    FacetCount,
    Fetched,
    Hit,
    Leftover,
    Page,
    Readiness,
    ReadyBatch,
    ScanPage,
    Window,
)
from indexer.schema import CollectionSchema

TIMEOUT_S = 10.0
LOCK_WAIT_S = 10.0
SEARCH_THREADS = 4
QUICK_EFFORT = 10_000
QUICK_COUNT = 20
SMALL_CHANGE = 1000
IDLE_SMALL_S = 0.3
IDLE_S = 5.0
"""How long a session waits for more after a commit of up to `SMALL_CHANGE` documents, and after a larger one."""

_Answer = TypeVar("_Answer")


class EmbeddedEngine:
    """One collection in a folder: LOCATION/NAME. Implements `indexer.engine.port.Engine`.

    `extract_field` reads the words of a text field out of a stored record; without it, the few searches that must look into
    records are refused. `beside` writes into a new index that `switch` puts in the place of the current one.
    """

    def __init__(
        self, location: Path, schema: CollectionSchema, *, writable: bool = False, extract_field: ExtractField | None = None,
        timeout_s: float = TIMEOUT_S, lock_wait_s: float = LOCK_WAIT_S, beside: bool = False,
        writer_memory_mb: int = WRITER_MEMORY_MB,
    ) -> None:  # fmt: skip
        self._schema = schema
        self._folder = Folder(location / schema.name)
        self._writable = writable or beside
        self._extract_field = extract_field
        self._timeout_s = timeout_s
        self._lock_wait_s = lock_wait_s
        self._beside = beside
        self._writer_memory_mb = writer_memory_mb
        self._built: Path | None = None
        self._reader = Reader(self._folder)
        self._searchers = ThreadPoolExecutor(SEARCH_THREADS, f"search-{schema.name}")
        self._scribe = ThreadPoolExecutor(1, f"write-{schema.name}")
        self._session: tuple[IndexWriter, WriterLock] | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._closed = False

    # -- reading --------------------------------------------------------------------------------------

    async def search(self, plan: Plan, window: Window, sort: Sequence[SortBy] = (), stored: Sequence[str] = ("marcxml",)) -> Page:
        """See `Engine.search`."""
        snapshot = await self._newest()
        if snapshot is None:
            return Page(0, ())

        def search() -> Page:
            return search_page(snapshot, self._looking(snapshot), plan, window, sort, stored)

        if window.count <= QUICK_COUNT and window.start <= QUICK_EFFORT and effort(snapshot, plan) <= QUICK_EFFORT:
            with told_in_words():
                return search()
        return await self._run(search)

    async def count(self, plan: Plan) -> int:
        """See `Engine.count`."""
        return (await self.search(plan, Window(1, 0))).total

    async def scan(self, fields: Sequence[str], list_: Literal["words", "values"], start: str, before: int, count: int) -> ScanPage:
        """See `Engine.scan`."""
        snapshot = await self._newest()
        if snapshot is None:
            return ScanPage((), True, True)
        return await self._run(lambda: Browser(snapshot, self._looking(snapshot), fields, list_).page(start, before, count))

    async def facets(self, plan: Plan, fields: Sequence[str], size: int) -> dict[str, list[FacetCount]]:
        """See `Engine.facets`."""
        snapshot = await self._newest()
        if snapshot is None:
            return {field: [] for field in fields}

        def count() -> dict[str, list[FacetCount]]:
            query = Translator(snapshot, self._looking(snapshot)).query(plan)
            return {field: facet(snapshot, query, field, size) for field in fields}

        return await self._run(count)

    async def spelled(self, plan: Plan) -> str:
        """See `Engine.spelled`."""
        snapshot = await self._newest()
        if snapshot is None:
            return ""
        return await self._run(lambda: str(Translator(snapshot, self._looking(snapshot)).query(plan)))

    async def get(self, record_id: str, stored: Sequence[str] = ("marcxml",)) -> Hit | None:
        """See `Engine.get`."""
        snapshot = await self._newest()
        if snapshot is None:
            return None
        with told_in_words():
            return get_hit(snapshot, record_id, stored)

    async def fetch(self, record_ids: Sequence[str], stored: Sequence[str] = ("marcxml",)) -> Fetched:
        """See `Engine.fetch`."""
        snapshot = await self._newest()
        if snapshot is None or not record_ids:
            return Fetched(0 if snapshot is None else snapshot.change, {})
        return await self._run(lambda: Fetched(snapshot.change, fetch_hits(snapshot, record_ids, stored)))

    async def ready(self) -> Readiness:
        """See `Engine.ready`."""
        try:
            snapshot = await self._newest()
        except EngineError as error:
            return Readiness(False, 0, 0, str(error))
        if snapshot is None:
            return Readiness(True, 0, 0, "Nothing has been indexed yet.")
        same = snapshot.layout.schema.version == self._schema.version
        detail = "" if same else "The index was made with another field table; run `hylla reindex`."
        return Readiness(True, snapshot.live_count, snapshot.change, detail)

    async def confirmed(self) -> int:
        """See `Engine.confirmed`."""
        return await self._in_scribe(self._confirmed)

    async def inspect(self) -> EmbeddedInspection:
        """See `Engine.inspect`; of an engine opened `beside`, the new index."""
        return await self._in_scribe(lambda: inspect_collection(self._folder, self._built, self._schema.version))

    # -- writing --------------------------------------------------------------------------------------

    async def write(self, batch: Sequence[Document | Deletion]) -> None:
        """See `Engine.write`. After an error, nothing since the last commit is kept."""
        self._stay()
        await self._in_scribe(lambda: self._take(batch))

    async def write_ready(self, batch: ReadyBatch) -> None:
        """See `PreparingEngine.write_ready`. Errors as those of `write`."""
        if not isinstance(batch, EmbeddedBatch):
            raise EngineError("These documents were prepared for another engine.")
        self._stay()
        await self._in_scribe(lambda: self._take(batch))

    async def commit(self, change: int) -> Mapping[str, str]:
        """See `Engine.commit`. tantivy takes any document."""
        self._stay()
        small = await self._in_scribe(lambda: self._commit(change))
        loop = asyncio.get_running_loop()
        self._ending = loop.call_later(IDLE_SMALL_S if small else IDLE_S, self._end_soon)
        return {}

    async def switch(self) -> None:
        """Puts an index built beside the current one in its place, in one step, and removes the old one.

        Raises: EngineError when nothing was committed, EngineUnavailable when somebody else goes on writing the old one.
        """
        self._stay()
        await self._in_scribe(self._switch)

    async def remove_leftovers(self) -> list[Leftover]:
        """See `Engine.remove_leftovers`."""
        return await self._in_scribe(lambda: remove_leftovers(self._folder))

    async def close(self) -> None:
        """See `Engine.close`. What was written and not committed is lost."""
        if self._closed:
            return
        self._closed = True
        self._stay()
        await asyncio.get_running_loop().run_in_executor(self._scribe, self._end)
        self._reader.close()
        self._scribe.shutdown(wait=False)
        self._searchers.shutdown(wait=False, cancel_futures=True)

    # -- in the writer's thread -----------------------------------------------------------------------

    def _take(self, batch: Sequence[Document | Deletion] | EmbeddedBatch) -> None:
        writer = self._begin()
        try:
            with told_in_words():
                if isinstance(batch, EmbeddedBatch):
                    writer.take(batch)
                else:
                    writer.write(batch)
        except EngineError:
            self._end()
            raise

    def _commit(self, change: int) -> bool:
        writer = self._begin()
        try:
            with told_in_words():
                writer.commit(change)
        except EngineError:
            self._end()
            raise
        small = writer.written <= SMALL_CHANGE
        return small and not self._beside

    def _begin(self) -> IndexWriter:
        if not self._writable:
            raise EngineError(f"The index {self._schema.name} was opened for reading only.")
        if self._session is None:
            lock = self._folder.lock(self._lock_wait_s, REBUILD_LOCK) if self._beside else self._folder.lock(self._lock_wait_s)
            try:
                with told_in_words():
                    self._session = IndexWriter(self._target(), self._schema, self._writer_memory_mb), lock
            except BaseException:
                lock.release()
                raise
        return self._session[0]

    def _target(self) -> Path:
        """The index folder to write in, made if need be; the lock is held."""
        if self._beside:
            if self._built is None:
                make_room(self._folder)
                self._built = self._folder.create(self._schema)
            return self._built
        path = self._folder.current()
        if path is None:
            path = self._folder.create(self._schema)
            self._folder.make_current(path)
        return path

    def _confirmed(self) -> int:
        path = self._built if self._beside else self._folder.current()
        return 0 if path is None else confirmed_change(path)

    def _switch(self) -> None:
        if self._built is None or self._session is None or not is_committed(self._built):
            raise EngineError(f"There is no finished index of {self._schema.name} to switch to.")
        self._session[0].close()
        lock = self._folder.lock(self._lock_wait_s)
        try:
            self._folder.make_current(self._built)
            self._folder.remove_others()
        finally:
            lock.release()
            self._session[1].release()
            self._session = None
            self._built = None
            self._beside = False

    def _end(self) -> None:
        if self._session is not None:
            writer, lock = self._session
            self._session = None
            try:
                with told_in_words():
                    writer.close()
            finally:
                lock.release()

    # -- waiting --------------------------------------------------------------------------------------

    def _stay(self) -> None:
        """A session goes on that was about to end."""
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _end_soon(self) -> None:
        self._ending = None
        if not self._beside and not self._closed:
            self._scribe.submit(self._end)

    def _looking(self, snapshot: Snapshot) -> Looking:
        return Nearness(snapshot, self._extract_field, time.monotonic() + self._timeout_s).query

    async def _newest(self) -> Snapshot | None:
        if self._closed:
            raise EngineUnavailable(f"The index {self._schema.name} has been closed.")
        return self._reader.fresh() or await self._run(self._reader.load)

    async def _run(self, work: Callable[[], _Answer]) -> _Answer:
        def guarded() -> _Answer:
            with told_in_words():
                return work()

        try:
            async with asyncio.timeout(self._timeout_s):
                return await asyncio.get_running_loop().run_in_executor(self._searchers, guarded)
        except TimeoutError:
            raise EngineUnavailable(f"The search took more than {self._timeout_s:g} seconds and was given up.") from None

    async def _in_scribe(self, work: Callable[[], _Answer]) -> _Answer:
        if self._closed:
            raise EngineUnavailable(f"The index {self._schema.name} has been closed.")
        return await asyncio.get_running_loop().run_in_executor(self._scribe, work)
