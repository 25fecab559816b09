"""How far a long command is: a bar on a terminal, a plain line every few seconds otherwise."""

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

PLAIN_EVERY_SECONDS = 5.0


class Steps:
    """Shows one step after the other with records/s and time left, within a `with` block.

    `note`: what else is told beside them, asked each time; nothing when it is empty.
    """

    def __init__(self, console: Console, note: Callable[[], str] = str) -> None:
        self._console = console
        self._note = note
        self._bar: Progress | None = None
        if console.is_terminal:
            columns = TextColumn("[bold]{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeElapsedColumn()
            self._bar = Progress(*columns, console=console, transient=True)
        self._task: TaskID | None = None
        self._what = ""
        self._expected: int | None = None
        self._done = 0
        self._started = self._last = time.monotonic()

    def __enter__(self) -> "Steps":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, what: str, expected: int | None) -> None:
        """The next step; `expected`: number of records it will take, when it is known."""
        self._what, self._expected, self._done = what, expected, 0
        self._started = self._last = time.monotonic()
        if self._bar is None:
            self._console.print(f"{what}{'' if expected is None else f': {expected:,} records'}", highlight=False)
            return
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(what, total=expected, told="")

    def advance(self, count: int) -> None:
        """So many records more are done."""
        self._done += count
        now = time.monotonic()
        told = self._told(now)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=self._done, told=told)
        elif now - self._last >= PLAIN_EVERY_SECONDS:
            self._last = now
            self._console.print(f"{self._what}: {told}", highlight=False)

    def _told(self, now: float) -> str:
        speed = self._done / max(now - self._started, 0.001)
        note = self._note()
        note = f", {note}" if note else ""
        if self._expected is None:
            return f"{self._done:,} records, {speed:,.0f} records/s{note}"
        left = max(self._expected - self._done, 0) / max(speed, 0.001)
        return f"{self._done:,} of {self._expected:,} records, {speed:,.0f} records/s{note}, {_told_time(left)} left"


def _told_time(seconds: float) -> str:
    """A time to wait as people say it: "40 s", "12 min", "3 h 20 min"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
