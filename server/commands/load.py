"""`hylla load`: MARC files into the store and the index, with progress, a summary and an exit code.

Exit code 0: everything was taken in. 1: something was set aside (unless `--allow-errors`) or a file was unusable.
130: stopped by Ctrl-C; what was stored stays, and the next load goes on from there.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast, get_args

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from indexer.extract import Extractor
from indexer.fields import FieldTable, load_field_table
from indexer.marc import SourceProfile, expand
from indexer.marc.profile import SourceFormat
from server.db import records
from server.db.pool import open_database
from server.engines import open_collection
from server.errors import CannotStart
from server.loading.indexing import Indexing, Searchable
from server.loading.loader import Loader, Reading, Source, Target, superseded_places
from server.loading.outcome import Outcome, Quarantine
from server.settings import Settings

log = logging.getLogger(__name__)

PLAIN_EVERY_SECONDS = 5.0
LOG_WIDTH = 160
SEARCHABLE: tuple[Searchable, ...] = ("biblios", "authorities")


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
    return SourceProfile(format=form, max_record_bytes=settings.load.max_record_bytes, **given)


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
    if database not in get_args(Target):
        raise CannotStart(f"There is no database {database!r}; it must be one of {', '.join(get_args(Target))}.")
    profile = source_profile(
        settings, name=source, format_=format_, charset=charset, charset_fallback=charset_fallback, id_from=id_from,
        merge_same_id=merge_same_id,
    )  # fmt: skip
    return LoadOptions(profile, cast("Target", database), delete, allow_errors)


def screen() -> Console:
    """Standard error as a person or a log file reads it: the terminal's width, or wide enough for a table."""
    console = Console(stderr=True)
    return console if console.is_terminal else Console(stderr=True, width=LOG_WIDTH)


def run_load(settings: Settings, names: Sequence[str], options: LoadOptions) -> int:
    """Loads and reports; returns the exit code."""
    console = screen()
    outcome, quarantine, seconds = asyncio.run(load(settings, names, options, console))
    report(console, outcome, quarantine, seconds)
    failed = bool(outcome.problems) or (quarantine.count > 0 and not options.allow_errors)
    return 1 if failed else 0


async def load(settings: Settings, names: Sequence[str], options: LoadOptions, console: Console) -> tuple[Outcome, Quarantine, float]:
    """The whole load against the stores that the settings name; the last value is the time it took, in seconds."""
    started = time.monotonic()
    paths: list[Source] = list(expand(names))
    table = load_field_table(settings.fields_file)
    outcome = Outcome()
    quarantine = Quarantine(Path(settings.data_dir) / "quarantine" / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.raw")
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(open_database(settings))
        stack.callback(quarantine.close)
        with _saying(console, "Looking for records"):
            superseded, counts = await asyncio.to_thread(superseded_places, paths, options.profile)
        expected = sum(count for count in counts if count is not None) if None not in counts else None
        reading = Reading(paths, options.profile, options.target, superseded, outcome, quarantine, delete=options.delete)
        async with indexings(settings, table, pool, wait=False) as (now, later):
            with progress_bar(console, expected, outcome) as on_progress, reading:
                await Loader(pool, dict(now), on_progress).run(reading)
            outcome.indexed = sum(one.indexed for one in now.values())
        if later:
            console.print(f"Another process is indexing {' and '.join(later)}; waiting for it to finish.")
            async with indexings(settings, table, pool, wait=True, only=later) as (rest, _):
                for one in rest.values():
                    await one.start()
                outcome.indexed += sum(one.indexed for one in rest.values())
    return outcome, quarantine, time.monotonic() - started


class indexings:
    """Opens the engines of every store whose index lock can be had.

    Enters to ({store: Indexing}, [stores whose lock another process holds]). With `wait` the locks are waited for.
    """

    def __init__(self, settings: Settings, table: FieldTable, pool: Any, *, wait: bool, only: Sequence[Searchable] = SEARCHABLE) -> None:
        self._settings, self._table, self._pool, self._wait, self._only = settings, table, pool, wait, only
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> tuple[dict[records.Store, Indexing], list[Searchable]]:
        extractor = Extractor(self._table)
        connection = await self._stack.enter_async_context(self._pool.acquire())
        found: dict[records.Store, Indexing] = {}
        busy: list[Searchable] = []
        for store in self._only:
            if not await records.lock_index(connection, store, self._wait):
                busy.append(store)
                continue
            self._stack.push_async_callback(records.unlock_index, connection, store)
            engine = open_collection(self._settings, self._table, store, writable=True)
            self._stack.push_async_callback(engine.close)
            found[store] = Indexing(store, engine, extractor, self._pool)
        return found, busy

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()


@contextmanager
def _saying(console: Console, what: str) -> Iterator[None]:
    if console.is_terminal:
        with console.status(f"{what} ..."):
            yield
    else:
        yield


@contextmanager
def progress_bar(console: Console, expected: int | None, outcome: Outcome) -> Iterator[Callable[[int], None]]:
    """A bar with records/s, rejected and time left on a terminal; a plain line every few seconds otherwise."""
    started = time.monotonic()
    done = 0

    def speed() -> float:
        return done / max(time.monotonic() - started, 0.001)

    if console.is_terminal:
        columns = (
            TextColumn("[bold]Loading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[speed]:,.0f} records/s"),
            TextColumn("{task.fields[rejected]} set aside"), TimeRemainingColumn(),
        )  # fmt: skip
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("load", total=expected, speed=0.0, rejected=0)

            def advance(count: int) -> None:
                nonlocal done
                done += count
                progress.update(task, completed=done, speed=speed(), rejected=outcome.total("quarantined"))

            yield advance
        return
    last = started

    def say(count: int) -> None:
        nonlocal done, last
        done += count
        if time.monotonic() - last >= PLAIN_EVERY_SECONDS:
            last = time.monotonic()
            of = f" of {expected}" if expected is not None else ""
            left = f", {max(expected - done, 0) / max(speed(), 0.001):.0f} s left" if expected is not None else ""
            console.print(f"{done}{of} records, {speed():.0f} records/s, {outcome.total('quarantined')} set aside{left}", highlight=False)

    yield say


COLUMNS = ("read", "new", "updated", "deleted", "unchanged", "superseded", "skipped", "quarantined", "warned")


def report(console: Console, outcome: Outcome, quarantine: Quarantine, seconds: float) -> None:
    """The summary table: one row per file (when there are several) and the total."""
    shown = [name for name in COLUMNS if name == "read" or outcome.total(name)]
    table = Table(show_footer=len(outcome.files) > 1, box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("file", footer="total", overflow="fold")
    for name in shown:
        table.add_column(name, justify="right", footer=f"{outcome.total(name):,}", no_wrap=True)
    for file in outcome.files:
        table.add_row(file.path, *(f"{getattr(file, name):,}" for name in shown))
    console.print(table)
    total = outcome.total("read")
    console.print(
        f"{total:,} records in {seconds:.1f} s ({total / max(seconds, 0.001):,.0f} records/s); {outcome.indexed:,} documents indexed.",
        highlight=False,
    )
    if outcome.warnings:
        console.print("Warnings: " + ", ".join(f"{name} {count:,}" for name, count in outcome.warnings.most_common()), highlight=False)
    if quarantine.count:
        reasons = ", ".join(f"{name} {count:,}" for name, count in outcome.reasons.most_common())
        console.print(
            f"{quarantine.count:,} records were set aside ({reasons}). Their bytes: {quarantine.path}  reasons: {quarantine.path}.jsonl",
            soft_wrap=True,
            highlight=False,
        )
    for problem in outcome.problems:
        console.print(problem, style="red", soft_wrap=True, highlight=False)
