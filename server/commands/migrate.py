"""`migrate`: brings the database up to date."""

import asyncio
from collections.abc import Callable

from server.db.migrate import Migration
from server.db.migrate import migrate as apply
from server.db.pool import open_database
from server.settings import Settings


def run_migrate(settings: Settings, say: Callable[[str], None]) -> None:
    """Applies what is missing, and says what it was. Raises: CannotStart, DatabaseUnavailable."""
    applied = asyncio.run(_migrate(settings))
    for one in applied:
        say(f"{one.version:04} {one.name.replace('_', ' ')}: applied")
    if not applied:
        say("The database is up to date.")


async def _migrate(settings: Settings) -> list[Migration]:
    async with open_database(settings, migrated=False) as pool:
        return await apply(pool)
