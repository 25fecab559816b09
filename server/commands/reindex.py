"""`reindex` and `cleanup`: the index built anew from the record store while it answers, and the remains of runs that ended early.

Exit code 0: done. 1: not done, one sentence says why; the index in use is then as it was. 130: stopped by Ctrl-C, likewise.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

from rich.console import Console

from indexer.engine.port import EngineError, EngineUnavailable, Leftover
from indexer.extract import Extractor
from indexer.fields import FieldTable, load_field_table
from server.commands.load import indexings, open_maker, screen
from server.commands.progress import Steps
from server.commands.running import run
from server.db import records
from server.db.pool import is_unavailable, open_database
from server.db.rebuilding import take_turn
from server.engines import open_collection, open_rebuilt
from server.errors import CannotStart, DatabaseUnavailable
from server.loading.documents import Searchable
from server.loading.making import Maker
from server.loading.memory import thrifty
from server.reindexing.rebuilding import Rebuild, Rebuilt
from server.settings import DATABASES, PROGRAM, Settings

CONNECTIONS = 5
ALL = "all"


def stores_of(database: str) -> tuple[Searchable, ...]:
    """The stores that `--database` names. Raises: CannotStart."""
    if database == ALL:
        return DATABASES
    for store in DATABASES:
        if database == store:
            return (store,)
    raise CannotStart(f"There is no database {database!r}; it must be one of {', '.join((*DATABASES, ALL))}.")


def with_connections(settings: Settings) -> Settings:
    """The settings with a pool that is large enough for locks, an unchanging view and what is read besides."""
    database = settings.database.model_copy(update={"pool_size": max(CONNECTIONS, settings.database.pool_size)})
    return settings.model_copy(update={"database": database})


def run_reindex(settings: Settings, database: str) -> int:
    """Rebuilds and reports; returns the exit code. Raises: EngineError, CannotStart, DatabaseUnavailable."""
    with thrifty():
        done = run(reindex(settings, stores_of(database), screen()))
    return 1 if any(one.unmade for one in done) else 0


async def reindex(settings: Settings, stores: Sequence[Searchable], console: Console) -> list[Rebuilt]:
    """Rebuilds the indexes of these stores one after the other.

    Bibliographic records come first: their documents take in the headings of authorities, and whoever changes an authority has
    them indexed again. So the only changes to be followed here are those that both indexes would otherwise miss.
    """
    table = load_field_table(settings.fields_file)
    done: list[Rebuilt] = []
    try:
        async with open_database(with_connections(settings)) as pool, open_maker(settings, table) as maker:
            known = 0
            for store in DATABASES:
                if store in stores:
                    last = await records.last_change(pool, "authorities")
                    done.append(await _rebuild(settings, table, pool, store, maker, known, console))
                    known = last
            if any(one.queued for one in done):
                await _index_queued(settings, table, pool, maker, console)
    except asyncio.CancelledError:
        console.print("Stopped. What was not in place yet is given up; the index in use answers as before.", highlight=False)
        raise
    except Exception as error:
        if is_unavailable(error) and not isinstance(error, OSError):
            raise DatabaseUnavailable(f"PostgreSQL went away ({error}); the index in use answers as before.") from error
        raise
    return done


async def _rebuild(
    settings: Settings, table: FieldTable, pool: Any, store: Searchable, maker: Maker, known: int, console: Console
) -> Rebuilt:
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        live, biblios = open_collection(settings, table, store), open_collection(settings, table, "biblios")
        stack.push_async_callback(live.close)
        stack.push_async_callback(biblios.close)
        built = open_rebuilt(settings, table, store)
        stack.push_async_callback(built.close)
        steps = stack.enter_context(Steps(console))
        done = await Rebuild(
            pool, store, live, built, Extractor(table), steps, maker=maker, biblios=biblios if store == "authorities" else None, known=known
        ).run()
    _tell(done, time.monotonic() - started, console)
    return done


def _tell(done: Rebuilt, seconds: float, console: Console) -> None:
    total = sum(done.counts.values())
    parts = ", ".join(f"{count:,} {state}" for state, count in done.counts.items())
    lines = [
        f"{done.store}: a new index is in use. {parts}; {total:,} documents in {seconds:.1f} s ({total / max(seconds, 0.001):,.0f} "
        f"records/s), {done.replayed:,} changes replayed, {done.sampled:,} records compared."
    ]
    if done.unmade:
        lines.append(f"{done.unmade:,} records could not be made searchable; they are hidden, and the log names them.")
    if done.queued:
        lines.append(f"{done.queued:,} bibliographic records name authorities that were changed and are indexed again.")
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)


async def _index_queued(settings: Settings, table: FieldTable, pool: Any, maker: Maker, console: Console) -> None:
    """Indexes the bibliographic records that were queued, unless another process is indexing, which then does it."""
    async with indexings(settings, table, pool, wait=False, only=("biblios",), maker=maker) as (own, _):
        try:
            for indexing in own.values():
                await indexing.start()
        except EngineError as error:
            console.print(f"They wait, because the index of biblios cannot be written: {error}", soft_wrap=True, highlight=False)
            return
    if not own:
        console.print("The process that is indexing biblios takes them in.", highlight=False)


def run_cleanup(settings: Settings, say: Callable[[str], None]) -> int:
    """Removes what unfinished rebuilds left behind, and says what; returns the exit code."""
    return asyncio.run(_cleanup(settings, say))


async def _cleanup(settings: Settings, say: Callable[[str], None]) -> int:
    table = load_field_table(settings.fields_file)
    removed: list[Leftover] = []
    refused = False
    async with open_database(settings) as pool:
        for store in DATABASES:
            engine = open_collection(settings, table, store)
            try:
                async with pool.acquire() as connection:
                    if not await take_turn(connection, store):
                        raise EngineUnavailable(f"The index of {store} is being rebuilt right now; nothing of it was removed.")
                    removed += await engine.remove_leftovers()
            except EngineError as error:
                refused = True
                say(str(error))
            finally:
                await engine.close()
    for one in removed:
        say(f"removed {one.name} ({_size(one.size_bytes)})")
    if not removed and not refused:
        say(f"There was nothing to remove; `{PROGRAM} reindex` leaves something only when it is killed or fails.")
    return 1 if refused else 0


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1_000_000:,.1f} MB" if size_bytes >= 100_000 else f"{size_bytes:,} bytes"
