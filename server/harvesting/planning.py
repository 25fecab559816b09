"""What a run asks for: which lists from which moment on, and whether it goes on with one that was interrupted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from server.db.harvests import Harvest
from server.harvesting.checking import Repository
from server.source_settings import SourceSettings, read_moment

COMPARE_DAYS = 30
"""Days after which the identifiers of a source that forgets its deletions are compared, when `max_age` does not say; our decision."""

FIRST_MONTH = datetime(1970, 1, 1, tzinfo=UTC)
"""Windows of a month begin here at the earliest: there are sources that claim to be two thousand years old."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line asked for. `since`: a date as OAI-PMH writes it; `limit`: number of items, 0 for all."""

    dry_run: bool = False
    limit: int = 0
    since: str = ""
    full: bool = False
    resume: bool = False
    force: bool = False
    yes: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A list of records. `intervals`: (from, until) as they are sent, one list each; empty texts are left out.

    `token`, `cursor` and `complete_list_size`: where the first list goes on, when `is_resumed`. `is_full`: everything is listed, so
    what is not listed is gone. `is_saved`: the next run may start where this one ends.
    """

    intervals: tuple[tuple[str, str], ...]
    is_full: bool
    is_saved: bool
    is_resumed: bool = False
    token: str = ""
    cursor: int = 0
    complete_list_size: int | None = None


def plan_records(harvest: Harvest, source: SourceSettings, repository: Repository, options: RunOptions, now: datetime) -> Plan | None:
    """The list of records of a run; None when only interrupted ones are wanted and there is none."""
    if harvest.verb == "ListRecords" and not (options.full or options.since or options.limit or options.dry_run):
        return _resumed(harvest, source, repository)
    if options.resume:
        return None
    is_old = source.max_age is not None and repository.deleted_record == "persistent" and _is_older(harvest.last_full, source.max_age, now)
    is_full = not options.since and (options.full or harvest.last_from is None or is_old)
    if options.since:
        start = repository.moment(read_moment(options.since))
    elif is_full or harvest.last_from is None:
        start = first_moment(source, repository)
    else:
        start = repository.moment(harvest.last_from)
    reaches_back = not options.since or (harvest.last_from is not None and read_moment(options.since) <= harvest.last_from)
    return Plan(
        tuple(_intervals(source, repository, start)),
        is_full=is_full and not options.limit,
        is_saved=reaches_back and not options.limit and not options.dry_run,
    )


def first_moment(source: SourceSettings, repository: Repository) -> str:
    """Where a complete list starts, as it is sent; empty: at the beginning."""
    return repository.moment(read_moment(source.from_)) if source.from_ else ""


def _resumed(harvest: Harvest, source: SourceSettings, repository: Repository) -> Plan:
    intervals = [(harvest.list_from, harvest.list_until)]
    if harvest.list_until:
        intervals += _intervals(source, repository, repository.moment(_next_after(harvest.list_until)))
    return Plan(
        tuple(intervals), harvest.is_full, is_saved=True, is_resumed=True, token=harvest.token, cursor=harvest.cursor,
        complete_list_size=harvest.complete_list_size,
    )  # fmt: skip


def _next_after(until: str) -> datetime:
    return read_moment(until) + (timedelta(days=1) if len(until) == 10 else timedelta(seconds=1))


def _intervals(source: SourceSettings, repository: Repository, start: str) -> Iterator[tuple[str, str]]:
    """One list without end, or one for each month since `start`, the last one without end; both ends belong to a list."""
    now = repository.answered_at
    if source.window == "none" or now is None:
        yield start, ""
        return
    first = max(read_moment(start) if start else repository.earliest or FIRST_MONTH, FIRST_MONTH)
    step = timedelta(seconds=1) if repository.has_seconds else timedelta(days=1)
    while True:
        following = (first.replace(day=1, hour=0, minute=0, second=0) + timedelta(days=32)).replace(day=1)
        if following > now:
            yield start, ""
            return
        yield start, repository.moment(following - step)
        first, start = following, repository.moment(following)


def is_comparison_due(harvest: Harvest, source: SourceSettings, repository: Repository, now: datetime) -> bool:
    """Whether it is time to look for what a source has deleted without telling."""
    return repository.deleted_record != "persistent" and _is_older(harvest.last_compared, source.max_age or COMPARE_DAYS, now)


def _is_older(moment: datetime | None, days: int, now: datetime) -> bool:
    return moment is None or now - moment >= timedelta(days=days)
