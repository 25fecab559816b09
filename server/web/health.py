"""Whether searches can be served: the database and every collection of the engine, asked at the same time."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

from indexer.engine.port import Engine, EngineError
from server import telemetry
from server.db.pool import Pool, is_unavailable
from server.db.waiting import waiting_s
from server.settings import Database

log = logging.getLogger(__name__)

ANSWER_S = 3.0


@dataclass(frozen=True, slots=True)
class Part:
    """State of one part. `record_count` is None for the database."""

    works: bool
    took_ms: float
    record_count: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """State of everything a search needs. `collections`: database name -> its collection in the engine."""

    database: Part
    collections: Mapping[str, Part]

    @property
    def ready(self) -> bool:
        """Whether searches can be served."""
        return self.database.works and all(part.works for part in self.collections.values())


async def report(pool: Pool, engines: Mapping[Database, Engine]) -> Report:
    """Asks every part; one that does not answer within three seconds does not work."""
    database, *collections = await asyncio.gather(
        _measured("database", _ask_database(pool)), *(_measured(name, _ask_engine(engine)) for name, engine in engines.items())
    )
    return Report(database, dict(zip(engines, collections, strict=True)))


async def _ask_database(pool: Pool) -> tuple[bool, int | None]:
    await pool.fetchval("select 1 from schema_migration limit 1")
    return True, None


async def _ask_engine(engine: Engine) -> tuple[bool, int | None]:
    state = await engine.ready()
    return state.ready, state.record_count


async def _measured(name: str, answer: Awaitable[tuple[bool, int | None]]) -> Part:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(ANSWER_S):
            works, record_count = await answer
    except Exception as error:
        if not _is_outage(error):
            raise
        log.warning("%s does not answer: %s", name, error or type(error).__name__)
        works, record_count = False, None
    return Part(works, round((time.perf_counter() - started) * 1000, 1), record_count)


async def observe(pool: Pool, engines: Mapping[Database, Engine]) -> None:
    """Brings the gauges of the metrics up to date. What does not answer keeps its last value; the log says so."""
    for name, engine in engines.items():
        try:
            async with asyncio.timeout(ANSWER_S):
                state = await engine.ready()
                age_s = await waiting_s(pool, name, state.change)
        except Exception as error:
            if not _is_outage(error):
                raise
            log.warning("no figures of %s: %s", name, error or type(error).__name__)
            continue
        telemetry.RECORDS.labels(name).set(state.record_count)
        telemetry.INDEX_AGE_SECONDS.labels(name).set(age_s)


def _is_outage(error: Exception) -> bool:
    return isinstance(error, EngineError | TimeoutError) or is_unavailable(error)
