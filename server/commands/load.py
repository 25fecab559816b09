"""`hylla load`: MARC files into the store and the index, with progress, a summary and an exit code.

Exit code 0: everything was taken in. 1: something was set aside (unless `--allow-errors`), a file was unusable, or the load had to
stop. 130: stopped by Ctrl-C. What was stored stays in each case, and the next load goes on from there.
"""

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast, get_args

from rich.console import Console

from indexer.engine.port import EngineError
from indexer.extract import Extractor
from indexer.fields import FieldTable, load_field_table
from indexer.marc import SourceProfile, UnusableSource, expand
from indexer.marc.profile import SourceFormat
from server.commands.load_report import report, tell_quarantine
from server.commands.progress import Steps
from server.commands.running import run
from server.db import records
from server.db.pool import is_unavailable, open_database
from server.engines import open_collection
from server.errors import CannotStart, DatabaseUnavailable, EngineUnavailable
from server.loading.documents import Searchable
from server.loading.duplicates import Source, first_pass
from server.loading.indexing import Indexing
from server.loading.loader import INDEXING_ORDER, Loader, catch_up
from server.loading.making import Maker, ProcessMaker, ThreadMaker
from server.loading.memory import thrifty
from server.loading.outcome import Fate, Outcome, Quarantine
from server.loading.reading import Reading, Target
from server.sets.rules import read_sets
from server.settings import Settings

log = logging.getLogger(__name__)

CONNECTIONS = 4
"""Of the pool, at least: one holds the index locks, one stores, one reads what documents are linked with, one is spare."""

LOG_WIDTH = 160


_KIND_OF_IDS = {"authorities": "authority", "holdings": "holdings", "biblios": "bibliographic", "auto": "bibliographic"}
"""What a list of ids to delete names, by the database that it is for."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the command line asked for. `delete` turns the records of the files into tombstones."""

    profile: SourceProfile
    target: Target = "auto"
    delete: bool = False
    allow_errors: bool = False


def source_profile(settings: Settings, **given: Any) -> SourceProfile:
    """The profile of a source as the command line describes it. Raises: CannotStart, UnusableSource."""
    form = given.pop("format_", "auto")
    if form not in get_args(SourceFormat):
        raise CannotStart(f"There is no format {form!r}; it must be one of {', '.join(get_args(SourceFormat))}.")
    return SourceProfile(format=form, max_record_bytes=settings.load.max_record_bytes, oai_from=settings.oai.record_id, **given)


def load_options(
    settings: Settings,
    source: str,
    format_: str,
    charset: str,
    charset_fallback: str,
    id_from: tuple[str, ...],
    database: str,
    *,
    merge_same_id: bool,
    delete: bool,
    allow_errors: bool,
) -> LoadOptions:
    """The options of `hylla load`, checked. Raises: CannotStart, UnusableSource with one sentence each."""
    if not source.isprintable():
        raise CannotStart("The name of the source has characters that cannot stand in a record id.")
    if database not in get_args(Target):
        raise CannotStart(f"There is no database {database!r}; it must be one of {', '.join(get_args(Target))}.")
    profile = source_profile(
        settings, name=source, format_=format_, charset=charset, charset_fallback=charset_fallback, id_from=id_from,
        merge_same_id=merge_same_id, ids_of=_KIND_OF_IDS[database] if delete else None,
    )  # fmt: skip
    return LoadOptions(profile, cast("Target", database), delete, allow_errors)


def screen() -> Console:
    """Standard error as a person or a log file reads it: the terminal's width, or wide enough for a table."""
    console = Console(stderr=True)
    return console if console.is_terminal else Console(stderr=True, width=LOG_WIDTH)


def run_load(settings: Settings, names: Sequence[str], options: LoadOptions) -> int:
    """Loads and reports; returns the exit code. Raises: DiscoveryError, EngineError, UnusableSource with one sentence each."""
    console = screen()
    with thrifty():
        outcome, quarantine, seconds = run(load(settings, names, options, console))
    report(console, outcome, quarantine, seconds)
    failed = bool(outcome.problems or outcome.unindexed) or (quarantine.count > 0 and not options.allow_errors)
    return 1 if failed else 0


async def load(settings: Settings, names: Sequence[str], options: LoadOptions, console: Console) -> tuple[Outcome, Quarantine, float]:
    """The whole load against the stores that the settings name; the last value is the time it took, in seconds.

    Raises: UnusableSource when a path is not there or a folder has no records; DiscoveryError or EngineError when it had to stop.
    """
    started = time.monotonic()
    sources = sources_of(names)
    table = load_field_table(settings.fields_file)
    outcome = Outcome()
    quarantine = Quarantine(lambda: settings.folder("quarantine"), f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.raw")
    try:
        async with AsyncExitStack() as stack:
            stack.callback(quarantine.close)
            pool = await stack.enter_async_context(open_database(_with_connections(settings)))
            steps = stack.enter_context(Steps(console, lambda: f"{quarantine.count:,} set aside" if quarantine.count else ""))
            steps.begin("Looking for records", None)
            first = await asyncio.to_thread(first_pass, sources, options.profile)
            reading = Reading(
                sources, first, options.profile, outcome, quarantine,
                target=options.target, delete=options.delete, block=settings.load.batch_size,
            )  # fmt: skip
            maker = await stack.enter_async_context(open_maker(settings, table))
            await _load(settings, table, pool, maker, reading, first.expected, outcome, quarantine, steps, console)
    except asyncio.CancelledError:
        tell_quarantine(console, outcome, quarantine)
        console.print(f"Stopped. {_what_stays(outcome)}", highlight=False, soft_wrap=True)
        raise
    except Exception as error:
        tell_quarantine(console, outcome, quarantine)
        told = _told(error, outcome)
        if told is error:
            raise
        raise told from error
    return outcome, quarantine, time.monotonic() - started


async def _load(
    settings: Settings, table: FieldTable, pool: Any, maker: Maker, reading: Reading, expected: int | None, outcome: Outcome,
    quarantine: Quarantine, steps: Steps, console: Console,
) -> None:  # fmt: skip
    """Loads with the index locks if they are free; else stores first, and indexes when they are."""
    async with indexings(settings, table, pool, wait=False, maker=maker) as (own, busy):
        for store, one in own.items():
            state = await one.engine.ready()
            if state.change and state.detail:
                console.print(f"{store}: {state.detail}", soft_wrap=True, highlight=False)
        with reading:
            await Loader(pool, own, steps, settings.oai.visibility_delay).run(reading, expected)
        _count_indexed(own, outcome, quarantine)
    if busy:
        outcome.waited = True
        steps.begin("Everything is stored; waiting for another process that is indexing", None)
        async with indexings(settings, table, pool, wait=True, maker=maker) as (own, _):
            await catch_up(own, steps)
            _count_indexed(own, outcome, quarantine)


def _count_indexed(own: Mapping[Searchable, Indexing], outcome: Outcome, quarantine: Quarantine) -> None:
    for store, one in own.items():
        outcome.indexed += one.indexed
        outcome.unindexed += one.failed
        quarantine.add_refused(store, one.refused, outcome.reasons)


def sources_of(names: Sequence[str]) -> list[Source]:
    """The files that the command line names. Raises: UnusableSource for one that is not there and for a folder without records."""
    sources: list[Source] = []
    for name in names:
        found = expand([name])
        if not found:
            raise UnusableSource(f"There is no file with MARC records in the folder {name}.")
        sources += found
    return sources


def _with_connections(settings: Settings) -> Settings:
    """The settings with a pool that is large enough for a load."""
    database = settings.database.model_copy(update={"pool_size": max(CONNECTIONS, settings.database.pool_size)})
    return settings.model_copy(update={"database": database})


def _what_stays(outcome: Outcome) -> str:
    done = sum(outcome.total(fate) for fate in get_args(Fate))
    if not done:
        return "Nothing of these files was stored."
    return f"{done:,} records were done and stay; the same command goes on from there."


def _told(error: Exception, outcome: Outcome) -> Exception:
    """The error that ended a load, with what has been reached; what is unknown stays as it is."""
    lost = isinstance(error, ConnectionError) or (isinstance(error, FileNotFoundError) and not error.filename)  # a socket's
    if lost or (is_unavailable(error) and not isinstance(error, OSError)):
        return DatabaseUnavailable(f"PostgreSQL went away ({error}). {_what_stays(outcome)}")
    if isinstance(error, EngineError) and outcome.files:
        return EngineUnavailable(f"{error} {_what_stays(outcome)}")
    return error


@asynccontextmanager
async def open_maker(settings: Settings, table: FieldTable) -> AsyncIterator[Maker]:
    """Who makes documents, as `load.workers` says."""
    count = settings.load.workers or os.cpu_count() or 1
    thread = ThreadMaker(Extractor(table), read_sets(settings.oai.sets_at_load, table.index_table("biblios")))
    if count == 1:
        yield thread
        return
    async with ProcessMaker(count, settings.fields_file, table, thread, settings.engine.kind, settings.oai.sets_at_load) as maker:
        yield maker


@asynccontextmanager
async def indexings(
    settings: Settings, table: FieldTable, pool: Any, *, wait: bool, only: Sequence[Searchable] = INDEXING_ORDER, maker: Maker | None = None
) -> AsyncIterator[tuple[dict[Searchable, Indexing], list[Searchable]]]:
    """Opens the collections for writing, if the index locks of all of them can be had; with `wait` they are waited for.

    Gives ({store: Indexing}, []), or ({}, [stores]) when another process has one of the locks. They are to be started in their order:
    authorities first, because the bibliographic records that name them are indexed after them. A pool takes the locks away from
    a connection that is given back.
    """
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(pool.acquire())
        for store in only:
            if not await records.lock_index(connection, store, wait):
                yield {}, list(only)
                return
        extractor = Extractor(table)
        own: dict[Searchable, Indexing] = {}
        for store in only:
            engine = open_collection(settings, table, store, writable=True)
            stack.push_async_callback(engine.close)
            own[store] = Indexing(
                store, engine, extractor, pool, maker=maker, commit_every=settings.load.commit_every,
                lead_s=settings.oai.visibility_delay, sets_touch=settings.oai.sets_touch,
            )  # fmt: skip
            stack.push_async_callback(own[store].abandon)
        if "authorities" in own and "biblios" in own:
            own["authorities"].queue_followers_in(own["biblios"])
        yield own, []
