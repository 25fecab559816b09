"""Figures of the harvests for Prometheus, from what is remembered of them: the command itself ends before anybody could ask it."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

from server import telemetry
from server.db import harvests
from server.db.harvests import COUNTS, Harvest
from server.db.pool import is_unavailable

log = logging.getLogger(__name__)

ANSWER_S = 2.0


async def observe_harvests(pool: Any) -> None:
    """Brings the gauges up to date. A database that does not answer leaves them as they are; the log says so."""
    try:
        async with asyncio.timeout(ANSWER_S):
            found = await harvests.all_harvests(pool)
    except Exception as error:
        if not (is_unavailable(error) or isinstance(error, TimeoutError)):
            raise
        log.warning("no figures of harvests: %s", error or type(error).__name__)
        return
    now = datetime.now(UTC)
    for one in found:
        if one.started is not None:
            _tell(one, now)


def _tell(harvest: Harvest, now: datetime) -> None:
    """The labels are base URL and set: a closed list, because the settings name them."""
    labels = (harvest.base_url, harvest.set_spec)
    for name in COUNTS[:-1]:  # all but pages
        telemetry.HARVEST_RECORDS.labels(*labels, name).set(getattr(harvest, name))
    telemetry.HARVEST_FAILED.labels(*labels).set(bool(harvest.last_error))
    if harvest.last_from is not None:
        telemetry.HARVEST_AGE_SECONDS.labels(*labels).set(max(0.0, (now - harvest.last_from).total_seconds()))
