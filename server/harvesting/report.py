"""What a person is told: the result of a run, and the state of all sources."""

from collections.abc import Sequence
from datetime import datetime

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.db.harvests import Harvest
from server.harvesting.outcome import HarvestOutcome
from server.source_settings import SourceSettings

COLUMNS = ("read", "added", "updated", "deleted", "unchanged", "skipped", "in error", "pages")
IDS_TOLD = 5


def report(console: Console, outcomes: Sequence[HarvestOutcome]) -> None:
    """One row for each list, and everything that somebody should look at. Columns in which there is nothing are left out."""
    worked = [one for one in outcomes if one.pages or one.file.read]
    if worked:
        console.print(_result_table(worked))
    for one in outcomes:
        if one.is_dry:
            _say(console, f"{one.label}: nothing was stored (--dry-run).")
        if one.how == "nothing":
            _say(console, f"{one.label}: there was nothing to resume.")
        if one.repaired:
            ids = ", ".join(one.repaired[:IDS_TOLD]) + (f" and {len(one.repaired) - IDS_TOLD:,} more" if one.repaired[IDS_TOLD:] else "")
            _say(console, f"{one.label}: characters that XML forbids were repaired in {ids}.")
        for refusal in one.refusals:
            _say(console, refusal, style="red")
        if one.failure:
            _say(console, f"{one.label}: {one.failure}", style="red")


def _result_table(outcomes: Sequence[HarvestOutcome]) -> Table:
    rows = [(one, _figures(one)) for one in outcomes]
    shown = [name for name in COLUMNS if name == "read" or any(figures[name] for _, figures in rows)]
    table = Table(show_footer=len(rows) > 1, box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("source", footer="total", overflow="fold")
    for name in shown:
        table.add_column(name, justify="right", footer=f"{sum(figures[name] for _, figures in rows):,}", no_wrap=True)
    table.add_column("time", justify="right", footer=f"{sum(one.took_s for one in outcomes):,.1f} s", no_wrap=True)
    table.add_column("run", no_wrap=True)
    for one, figures in rows:
        counts = (f"{figures[name]:,}" if figures[name] or name == "read" else "" for name in shown)
        table.add_row(Text(one.label), *counts, f"{one.took_s:,.1f} s", one.how)
    return table


def _figures(one: HarvestOutcome) -> dict[str, int]:
    counts = one.counts()
    return {"read": one.file.read, "in error": counts.pop("in_error"), **counts}


def state_table(sources: Sequence[SourceSettings], harvests: Sequence[Harvest]) -> Table:
    """All configured lists with what is remembered of them, and what is remembered of lists that are not configured any more."""
    known = {(one.base_url, one.metadata_prefix, one.set_spec): one for one in harvests}
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("source", "last run", "result", "next from", "now"):
        table.add_column(name, overflow="fold")
    for source in sources:
        for set_spec in source.sets or ("",):
            harvest = known.pop((source.base_url, source.metadata_prefix, set_spec), None)
            table.add_row(Text(f"{source.name} {set_spec}".strip()), *_state(harvest))
    for harvest in known.values():
        label = f"{harvest.base_url} {harvest.metadata_prefix} {harvest.set_spec}".strip()
        table.add_row(Text(f"{label} (not configured)"), *_state(harvest))
    return table


def _state(harvest: Harvest | None) -> tuple[str | Text, ...]:
    if harvest is None or harvest.started is None:
        return "never", "", "the beginning", ""
    counts = [(name, getattr(harvest, name)) for name in ("added", "updated", "deleted", "unchanged", "skipped", "in_error")]
    result = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts if count) or "nothing new"
    return _moment(harvest.started), Text(result), _moment(harvest.last_from) or "the beginning", Text(_now(harvest))


def _now(harvest: Harvest) -> str:
    """What is going on, or went wrong."""
    place = ""
    if harvest.verb:
        of = f" of {harvest.complete_list_size:,}" if harvest.complete_list_size is not None else ""
        place = f"{harvest.verb} at item {harvest.cursor:,}{of}, to be resumed. "
    if harvest.finished is None:
        return f"{place}Running, or was stopped." if not harvest.last_error else f"{place}{harvest.last_error}"
    return f"{place}{harvest.last_error}".strip()


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z" if moment is not None else ""


def _say(console: Console, sentence: str, style: str | None = None) -> None:
    console.print(sentence, style=style, soft_wrap=True, highlight=False, markup=False)
