"""Finding out what a source has deleted without telling (oai-pmh.md 23.7).

Everything that a complete list has is marked with the number of that list; what is not marked afterwards is gone. A source that is
half broken must not empty the catalogue: when more than a tenth would go, nothing does, and a person is asked.
"""

from contextlib import aclosing
from dataclasses import replace

from server.db import harvests
from server.db.harvests import Harvest, Place
from server.harvesting.kit import Kit
from server.harvesting.outcome import HarvestOutcome
from server.harvesting.planning import first_moment
from server.harvesting.taking import IndexTarget
from server.settings import PROGRAM

MOST_MISSING = 0.1
"""Part of the live items that may go at once without a person looking at it."""


async def compare(kit: Kit, harvest: Harvest, own: HarvestOutcome, target: IndexTarget, *, is_resumed: bool) -> None:
    """Lists all identifiers, or the rest of them when it was interrupted, and removes what is not among them.

    Raises: CannotHarvest, SourceUnavailable.
    """
    since = harvest.list_from if is_resumed else first_moment(kit.source, kit.repository)
    if not is_resumed:
        number = await harvests.begin_list(kit.pool, harvest.harvest_id, "ListIdentifiers", since, "", is_full=True)
        harvest = replace(harvest, run_number=number, token="", cursor=0, complete_list_size=None)
    listing = kit.listing(
        "ListIdentifiers", own.set_spec, since, "", token=harvest.token, cursor=harvest.cursor, size=harvest.complete_list_size
    )
    kit.watch.begin(f"Comparing the identifiers of {own.label}", None)
    async with aclosing(listing.parts()) as parts:
        async for part in parts:
            live = [item.identifier for item in part.items if not item.deleted]
            if live:
                await harvests.mark_seen(kit.pool, harvest.harvest_id, live, harvest.run_number)
            kit.watch.advance(len(part.items))
            if part.is_page_end or part.is_restart:
                own.pages += part.is_page_end
                place = Place(since, "", part.token, part.response_date, part.cursor, part.complete_list_size)
                await harvests.save_place(kit.pool, harvest.harvest_id, place)
    await remove_missing(kit, harvest, own, target)


async def remove_missing(kit: Kit, harvest: Harvest, own: HarvestOutcome, target: IndexTarget) -> None:
    """Removes what the list `harvest.run_number` did not have, unless that is too much to be believed."""
    live, missing = await harvests.count_missing(kit.pool, harvest.harvest_id, harvest.run_number)
    if missing > live * MOST_MISSING and not kit.options.yes:
        again = f"{PROGRAM} harvest {own.source}{' --full' if kit.repository.deleted_record == 'persistent' else ''} --yes"
        own.refusals.append(
            f"{own.label} does not list {missing:,} of {live:,} records any more, which is more than a tenth, so none was removed. "
            f"Look at the source; if it is right, run `{again}`."
        )
        await harvests.forget_place(kit.pool, harvest.harvest_id)
        return
    await target.remove_missing(harvest.run_number)
    await harvests.end_comparison(kit.pool, harvest.harvest_id)
