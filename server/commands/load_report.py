"""What a load tells at its end: one row per file, the total, and everything that somebody should look at."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.loading.outcome import Outcome, Quarantine

COLUMNS = ("read", "new", "updated", "deleted", "unchanged", "superseded", "skipped", "quarantined", "warned")
IDS_TOLD = 5


def report(console: Console, outcome: Outcome, quarantine: Quarantine, seconds: float) -> None:
    """Prints it. Columns in which there is nothing are left out; names of files are printed as they are."""
    if outcome.files:
        console.print(_table(outcome))
        total = outcome.total("read")
        speed = f"{total / max(seconds, 0.001):,.0f} records/s"
        others = ", the others by the process that was waited for" if outcome.waited else ""
        _say(console, f"{_counted(total, 'record')} in {seconds:.1f} s ({speed}); {_counted(outcome.indexed, 'document')} indexed{others}.")
    if outcome.warnings:
        _say(console, "Warnings: " + _list(outcome.warnings.most_common()) + ".")
    if outcome.total("superseded"):
        _say(console, "Superseded: the same id comes again later in these files, and the last one counts.")
    tell_quarantine(console, outcome, quarantine)
    if outcome.left_to_later:
        _say(console, f"The last of several records was set aside, so an earlier one stays as it is stored: {_ids(outcome.left_to_later)}.")
    if outcome.unindexed:
        _say(console, f"Stored, but not searchable because of a mistake of ours: {_ids(outcome.unindexed)}.", style="red")
    for problem in outcome.problems:
        _say(console, problem, style="red")


def tell_quarantine(console: Console, outcome: Outcome, quarantine: Quarantine) -> None:
    """Says how many records were set aside, why, and where they are; nothing when there are none."""
    if not quarantine.count:
        return
    were = "was" if quarantine.count == 1 else "were"
    _say(console, f"{_counted(quarantine.count, 'record')} {were} set aside ({_list(outcome.reasons.most_common())}).")
    _say(console, f"  bytes    {quarantine.path}")
    _say(console, f"  reasons  {quarantine.path}.jsonl")


def _table(outcome: Outcome) -> Table:
    shown = [name for name in COLUMNS if name == "read" or outcome.total(name)]
    table = Table(show_footer=len(outcome.files) > 1, box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("file", footer="total", overflow="fold")
    for name in shown:
        table.add_column(name, justify="right", footer=f"{outcome.total(name):,}", no_wrap=True)
    for file in outcome.files:
        table.add_row(Text(file.path), *(f"{count:,}" if (count := getattr(file, name)) or name == "read" else "" for name in shown))
    return table


def _say(console: Console, sentence: str, style: str | None = None) -> None:
    console.print(sentence, style=style, soft_wrap=True, highlight=False, markup=False)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _list(counts: list[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts)


def _ids(ids: list[str]) -> str:
    more = len(ids) - IDS_TOLD
    return ", ".join(ids[:IDS_TOLD]) + (f" and {more:,} more" if more > 0 else "")
