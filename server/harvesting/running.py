"""One run over one list of a source: which requests, what is remembered when, and what a failure leaves behind (oai-pmh.md 23).

The place in a list is saved only behind what is stored. `last_from` moves only when a list is complete, to the response date of its
first answer: the source's clock decides, never ours.
"""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from server.db import harvests
from server.db.harvests import NEVER, Harvest, Place
from server.harvesting.checking import CannotHarvest
from server.harvesting.client import SourceUnavailable
from server.harvesting.comparing import compare, remove_missing
from server.harvesting.kit import Kit
from server.harvesting.listing import Endless, Part
from server.harvesting.outcome import HarvestOutcome
from server.harvesting.planning import Plan, is_comparison_due, plan_records
from server.harvesting.reading import Item
from server.harvesting.taking import IndexTarget

log = logging.getLogger(__name__)

HELD_S = 30.0
HELD_BLOCKS = 5
HELD_BYTES = 32_000_000
"""How long, how many and how much is held back before it is handed on: every load opens and closes the index (0.2 s of CPU time), so
there should not be too many of them; a run that is killed repeats no more than this."""


async def harvest_list(kit: Kit, set_spec: str) -> HarvestOutcome:
    """Harvests one list and says what came of it. Trouble of ours (DiscoveryError, EngineError, OSError) is raised; theirs is told."""
    own = HarvestOutcome(kit.source.name, set_spec, is_dry=kit.options.dry_run)
    started = time.monotonic()
    try:
        async with _opened(kit, set_spec) as harvest:
            await _Run(kit, harvest, own).run()
    except (CannotHarvest, SourceUnavailable) as error:
        own.failure = str(error)
    own.took_s = time.monotonic() - started
    return own


@asynccontextmanager
async def _opened(kit: Kit, set_spec: str) -> AsyncIterator[Harvest]:
    """What is remembered of a list, which is ours alone within the block; a dry run neither makes nor locks anything."""
    names = (kit.source.base_url, kit.source.metadata_prefix, set_spec)
    if kit.options.dry_run:
        yield await harvests.find_harvest(kit.pool, *names) or NEVER
        return
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(kit.pool.acquire())
        harvest = await harvests.open_harvest(connection, *names)
        if not await harvests.lock_harvest(connection, harvest.harvest_id):
            raise CannotHarvest(f"Another process is harvesting {kit.source.name} at this moment.")
        yield await harvests.open_harvest(connection, *names)  # as the other one left it, if there was one


class _Run:
    """The run itself."""

    def __init__(self, kit: Kit, harvest: Harvest, own: HarvestOutcome) -> None:
        self._kit, self._harvest, self._own = kit, harvest, own
        self._id = harvest.harvest_id
        self._target = kit.target(self._id, own)
        self._held: list[Item] = []
        self._held_bytes = 0
        self._held_since = time.monotonic()
        self._place: Place | None = None
        self._first_answer: datetime | None = None
        self._come = 0

    async def run(self) -> None:
        """The comparison that was interrupted, if one was; then the records; then a comparison, if it is time for one."""
        now = datetime.now(UTC)
        options = self._kit.options
        plan = plan_records(self._harvest, self._kit.source, self._kit.repository, options, now)
        is_narrow = bool(options.dry_run or options.limit or options.since)
        goes_on = self._harvest.verb == "ListIdentifiers" and not is_narrow and not (plan is not None and plan.is_full)
        if plan is None and not goes_on:
            self._own.how = "nothing"
            return
        if not options.dry_run:
            await harvests.begin_run(self._kit.pool, self._id, self._kit.repository.namespace)
        try:
            if goes_on and isinstance(self._target, IndexTarget):
                await compare(self._kit, self._harvest, self._own, self._target, is_resumed=True)
            if plan is not None:
                await self._records(plan)
                if plan.is_saved and not goes_on:
                    await self._remove_missing(plan, now)
        except (CannotHarvest, SourceUnavailable) as error:
            if isinstance(error, Endless) and not options.dry_run:
                await harvests.forget_place(self._kit.pool, self._id)
            await self._end(str(error))
            raise
        await self._end(" ".join(self._own.refusals))

    async def _end(self, sentence: str) -> None:
        if not self._kit.options.dry_run:
            await harvests.save_counts(self._kit.pool, self._id, self._own.counts())
            await harvests.end_run(self._kit.pool, self._id, sentence)

    async def _remove_missing(self, plan: Plan, now: datetime) -> None:
        """What a complete list did not have is gone; where none was read, and deletions are not told, the identifiers are."""
        if not isinstance(self._target, IndexTarget):
            return
        if plan.is_full:
            await remove_missing(self._kit, self._harvest, self._own, self._target)
        elif is_comparison_due(self._harvest, self._kit.source, self._kit.repository, now):
            await compare(self._kit, self._harvest, self._own, self._target, is_resumed=False)

    async def _records(self, plan: Plan) -> None:
        self._own.how = "resumed" if plan.is_resumed else "full" if plan.is_full else "incremental"
        if plan.is_resumed:
            self._first_answer = self._harvest.response_date
        elif plan.is_saved:
            number = await harvests.begin_list(self._kit.pool, self._id, "ListRecords", *plan.intervals[0], is_full=plan.is_full)
            self._harvest = replace(self._harvest, run_number=number)
        size = plan.complete_list_size
        self._kit.watch.begin(f"Harvesting {self._own.label}", None if size is None else max(0, size - plan.cursor))
        for position, interval in enumerate(plan.intervals):
            try:
                await self._list(plan, interval, is_first=position == 0)
            except (CannotHarvest, SourceUnavailable):
                await self._flush(plan)
                raise
            if position + 1 < len(plan.intervals):
                self._place = Place(*plan.intervals[position + 1], "", self._first_answer, 0, None)
            if self._is_enough():
                break
        await self._flush(plan)
        await self._target.finish()
        if plan.is_saved:
            if self._first_answer is None:
                log.warning("%s: no answer has a readable responseDate; the next run begins where this one did", self._own.label)
            await harvests.end_records(self._kit.pool, self._id, self._first_answer, is_full=plan.is_full)

    async def _list(self, plan: Plan, interval: tuple[str, str], *, is_first: bool) -> None:
        listing = self._kit.listing(
            "ListRecords", self._own.set_spec, *interval,
            token=plan.token if is_first else "", cursor=plan.cursor if is_first else 0, size=plan.complete_list_size if is_first else None,
        )  # fmt: skip
        async with aclosing(listing.parts()) as parts:
            async for part in parts:
                self._first_answer = self._first_answer or part.response_date
                self._hold(part)
                if part.is_restart:
                    self._place = Place(*interval, "", self._first_answer, 0, None)
                elif part.token:
                    self._place = Place(*interval, part.token, self._first_answer, part.cursor, part.complete_list_size)
                if part.is_page_end:
                    self._note_page(part, plan)
                if self._is_enough():
                    return
                if self._is_time(is_page_end=part.is_page_end):
                    await self._flush(plan)

    def _hold(self, part: Part) -> None:
        limit = self._kit.options.limit
        items = part.items[: limit - self._come] if limit else part.items
        self._come += len(items)
        self._own.repaired += [item.identifier for item in items if item.is_repaired]
        self._held += items
        self._held_bytes += sum(len(item.metadata or b"") for item in items)
        if items:
            self._kit.watch.advance(len(items))

    def _note_page(self, part: Part, plan: Plan) -> None:
        """Counts a page; the first one tells how many items the whole list has."""
        self._own.pages += 1
        is_whole = len(plan.intervals) == 1 and not plan.is_resumed
        if self._own.pages == 1 and is_whole and part.complete_list_size is not None and part.token:
            self._kit.watch.begin(f"Harvesting {self._own.label}", part.complete_list_size)
            self._kit.watch.advance(self._come)

    def _is_enough(self) -> bool:
        return 0 < self._kit.options.limit <= self._come

    def _is_time(self, *, is_page_end: bool) -> bool:
        """Whether what is held is to be handed on."""
        if len(self._held) >= HELD_BLOCKS * self._kit.block or self._held_bytes >= HELD_BYTES:
            return True
        return is_page_end and time.monotonic() - self._held_since >= HELD_S

    async def _flush(self, plan: Plan) -> None:
        """Hands on what is held; when that is safe, saves the place behind it."""
        held, self._held, self._held_bytes, self._held_since = self._held, [], 0, time.monotonic()
        if held:
            await self._target.take(held, self._harvest.run_number, is_full=plan.is_full)
        if self._kit.options.dry_run:
            return
        if plan.is_saved and self._place is not None:
            await harvests.save_place(self._kit.pool, self._id, self._place)
        await harvests.save_counts(self._kit.pool, self._id, self._own.counts())
