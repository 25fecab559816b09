"""How long stored changes have been waiting for the search engine."""

from datetime import UTC, datetime
from importlib.resources import files

import aiosql

from server.db.pool import Pool
from server.settings import Database

_queries = aiosql.from_str(files("server.db").joinpath("queries/waiting.sql").read_text("utf-8"), "asyncpg")
_OLDEST = {"biblios": _queries.oldest_waiting_biblios, "authorities": _queries.oldest_waiting_authorities}


async def waiting_s(pool: Pool, database: Database, confirmed: int) -> float:
    """Seconds since the oldest change was stored that the engine has not confirmed; 0.0 when it has confirmed all.

    `confirmed`: change number up to which the engine has everything.
    """
    stored_at = await _OLDEST[database](pool, change=confirmed)
    return 0.0 if stored_at is None else max(0.0, (datetime.now(UTC) - stored_at).total_seconds())
