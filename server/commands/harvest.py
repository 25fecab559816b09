"""`hylla harvest`: records from OAI-PMH repositories into the store and the index, with progress, a report and an exit code.

Exit code 0: every list was harvested to its end. 1: something was set aside, left for a person to decide, or some lists failed.
2: nothing could be harvested, or the command line is wrong. 130: stopped by Ctrl-C; the next run goes on from there.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any

from rich.console import Console

from indexer.engine.port import EngineError
from indexer.fields import FieldTable, load_field_table
from indexer.marc import UnusableSource
from server.commands.load import indexings, open_maker, screen
from server.commands.load_report import tell_quarantine
from server.commands.progress import Steps
from server.commands.running import run
from server.db import harvests
from server.db.pool import is_unavailable, open_database
from server.errors import DatabaseUnavailable, DiscoveryError
from server.harvesting.checking import CannotHarvest, check
from server.harvesting.client import SourceUnavailable, open_client
from server.harvesting.files import FileTarget
from server.harvesting.items import profile_of
from server.harvesting.kit import Kit
from server.harvesting.outcome import HarvestOutcome, exit_code
from server.harvesting.planning import RunOptions
from server.harvesting.report import report, state_table
from server.harvesting.running import harvest_list
from server.harvesting.taking import IndexTarget, Tally, Target
from server.loading.documents import Searchable
from server.loading.indexing import Indexing
from server.loading.loader import Loader, catch_up
from server.loading.making import Maker
from server.loading.memory import thrifty
from server.loading.outcome import Outcome, Quarantine
from server.loading.reading import Block
from server.settings import Settings
from server.source_settings import SourceSettings, read_moment

CONNECTIONS = 6
"""Of the pool, at least: what a load needs, one that holds the lock of the list, and one that remembers."""


def chosen_sources(settings: Settings, names: Sequence[str], *, everything: bool) -> list[SourceSettings]:
    """The sources that the command line names. Raises: ValueError with one sentence."""
    if not settings.sources:
        raise ValueError("no source is configured; put one under `sources` in the settings file")
    if everything == bool(names):
        raise ValueError("name the sources, or say --all")
    known = {one.name: one for one in settings.sources}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"there is no source {', '.join(unknown)}; configured are {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names)] if names else list(settings.sources)


def run_options(
    *, dry_run: bool = False, limit: int = 0, since: str = "", full: bool = False, resume: bool = False, force: bool = False,
    yes: bool = False,
) -> RunOptions:  # fmt: skip
    """The options, checked. Raises: ValueError with one sentence."""
    if since:
        try:
            read_moment(since)
        except ValueError as error:
            raise ValueError(f"--since is {since!r}, but {error}") from None
    if [bool(since), full, resume].count(True) > 1:
        raise ValueError("--since, --full and --resume exclude each other")
    if resume and (limit or dry_run):
        raise ValueError("--resume goes on with the saved place, which --limit and --dry-run leave alone")
    return RunOptions(dry_run=dry_run, limit=limit, since=since, full=full, resume=resume, force=force, yes=yes)


def run_list(settings: Settings) -> int:
    """Prints what is remembered of all sources to standard output."""
    found = asyncio.run(_states(settings))
    screen_out = Console()
    console = screen_out if screen_out.is_terminal else Console(width=160)
    console.print(state_table(settings.sources, found))
    return 0


async def _states(settings: Settings) -> list[harvests.Harvest]:
    async with open_database(settings) as pool:
        return await harvests.all_harvests(pool)


def run_harvest(settings: Settings, sources: Sequence[SourceSettings], options: RunOptions) -> int:
    """Harvests and reports; returns the exit code."""
    console = screen()
    try:
        with thrifty():
            outcomes = run(harvest(settings, sources, options, console))
    except (DiscoveryError, EngineError, UnusableSource) as error:
        console.print(str(error), style="red", soft_wrap=True, highlight=False, markup=False)
        return 2
    return exit_code(outcomes)


async def harvest(settings: Settings, sources: Sequence[SourceSettings], options: RunOptions, console: Console) -> list[HarvestOutcome]:
    """One source after another. Raises: DiscoveryError, EngineError, UnusableSource when we cannot go on ourselves."""
    table = load_field_table(settings.fields_file)
    tally = Tally(Outcome(), Quarantine(lambda: settings.folder("quarantine"), f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.raw"))
    outcomes: list[HarvestOutcome] = []
    try:
        async with AsyncExitStack() as stack:
            stack.callback(tally.quarantine.close)
            pool = await stack.enter_async_context(open_database(_with_connections(settings)))
            steps = stack.enter_context(Steps(console, lambda: f"{tally.quarantine.count:,} set aside" if tally.quarantine.count else ""))
            maker = await stack.enter_async_context(open_maker(settings, table))
            loading = Loading(settings, table, pool, maker, tally)
            for source in sources:
                outcomes += await _harvest_source(settings, source, options, pool, loading, tally, steps)
            await loading.finish(steps)
    except asyncio.CancelledError:
        _tell(console, outcomes, tally)
        console.print("Stopped. What was stored stays; the same command goes on from there.", highlight=False, soft_wrap=True)
        raise
    except Exception as error:
        _tell(console, outcomes, tally)
        if is_unavailable(error) and not isinstance(error, OSError):
            raise DatabaseUnavailable(f"PostgreSQL went away ({error}). The same command goes on from where it was.") from error
        raise
    _tell(console, outcomes, tally)
    return outcomes


def _tell(console: Console, outcomes: list[HarvestOutcome], tally: Tally) -> None:
    report(console, outcomes)
    tell_quarantine(console, tally.outcome, tally.quarantine)


async def _harvest_source(
    settings: Settings, source: SourceSettings, options: RunOptions, pool: Any, loading: "Loading", tally: Tally, steps: Steps
) -> list[HarvestOutcome]:
    """All lists of one source. One that cannot be asked at all has one outcome."""
    profile = profile_of(source, settings.load.max_record_bytes, settings.oai.record_id)

    def target(harvest_id: int, own: HarvestOutcome) -> Target:
        if source.target != "index":
            return FileTarget(source, profile, own, tally)
        return IndexTarget(pool, harvest_id, source, profile, loading.load, own, tally, force=options.force, block=settings.load.batch_size)

    steps.begin(f"Asking {source.name}", None)
    async with open_client(source, _contact(settings)) as client:
        try:
            repository = await check(client, source)
        except (CannotHarvest, SourceUnavailable) as error:
            return [HarvestOutcome(source.name, failure=str(error))]
        kit = Kit(pool, client, source, repository, options, steps, target, settings.load.batch_size)
        return [await harvest_list(kit, set_spec) for set_spec in source.sets or ("",)]


def _contact(settings: Settings) -> str:
    """How a source reaches those who harvest it."""
    return next(iter(settings.oai.admin_emails), settings.public_url)


def _with_connections(settings: Settings) -> Settings:
    database = settings.database.model_copy(update={"pool_size": max(CONNECTIONS, settings.database.pool_size)})
    return settings.model_copy(update={"database": database})


class Loading:
    """The normal load, for some blocks at a time: the index locks are held no longer than that.

    While another process has them, records are stored only; `finish` waits for the locks and indexes.
    """

    def __init__(self, settings: Settings, table: FieldTable, pool: Any, maker: Maker, tally: Tally) -> None:
        self._settings, self._table, self._pool = settings, table, pool
        self._tally = tally
        self._open = partial(indexings, settings, table, pool, maker=maker)
        self._is_behind = False

    async def load(self, blocks: Sequence[Block]) -> None:
        """Stores the blocks, and indexes them if it may. Raises: DiscoveryError, EngineError."""
        async with self._open(wait=False) as (own, busy):
            await Loader(self._pool, own, _Unwatched(), self._settings.oai.visibility_delay).run(_Given(blocks))
            self._note_refused(own)
        self._is_behind = bool(busy)

    async def finish(self, steps: Steps) -> None:
        """Indexes what could not be indexed yet."""
        if self._is_behind:
            steps.begin("Everything is stored; waiting for another process that is indexing", None)
            async with self._open(wait=True) as (own, _):
                await catch_up(own, steps)
                self._note_refused(own)

    def _note_refused(self, own: Mapping[Searchable, Indexing]) -> None:
        for store, one in own.items():
            self._tally.quarantine.add_refused(store, one.refused, self._tally.outcome.reasons)


class _Given:
    """Blocks that are there already."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = iter(blocks)

    async def next(self) -> Block | None:
        return next(self._blocks, None)


class _Unwatched:
    """The progress bar shows the harvest, and not its many small loads."""

    def begin(self, what: str, expected: int | None) -> None:
        pass

    def advance(self, count: int) -> None:
        pass
