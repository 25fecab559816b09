"""The migrations: numbered SQL files, each applied once, in order, in a transaction of its own.

A file is called `NNNN_what_it_does.sql`. Once released it never changes: its checksum is kept, and a changed file is refused.
`0000` makes the table that remembers them.
"""

import hashlib
import logging
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from server.errors import CannotStart

log = logging.getLogger(__name__)

FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
LOCK = 0x48796C6C61  # any number of our own; it keeps two processes from migrating at once


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step. `checksum`: SHA-256 of the file, hex."""

    version: int
    name: str
    sql: str
    checksum: str


def shipped() -> list[Migration]:
    """All migrations of this release, by number."""
    found: dict[int, Migration] = {}
    for entry in files("server.db").joinpath("migrations").iterdir():
        named = FILE_NAME.fullmatch(entry.name)
        if named is None:
            continue
        sql = entry.read_text("utf-8")
        version = int(named[1])
        if version in found:
            raise CannotStart(f"Two migrations have the number {version:04}: {found[version].name} and {named[2]}.")
        found[version] = Migration(version, named[2], sql, hashlib.sha256(sql.encode()).hexdigest())
    return [found[version] for version in sorted(found)]


async def pending(pool: Any) -> list[Migration]:
    """Migrations that the database does not have yet. Raises: CannotStart as `migrate`."""
    async with pool.acquire() as connection:
        return await _pending(connection, shipped())


async def migrate(pool: Any) -> list[Migration]:
    """Brings the database up to date; safe to call at any time and by several processes at once.

    Returns what was applied. Raises: CannotStart when the database is newer than this release, or was made by a changed file.
    """
    migrations = shipped()
    async with pool.acquire() as connection:
        if not await _pending(connection, migrations):
            return []
        await connection.execute("set statement_timeout = 0")
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        try:
            missing = await _pending(connection, migrations)
            for one in missing:
                async with connection.transaction():
                    await connection.execute(one.sql)
                    await connection.execute(
                        "insert into schema_migration (version, name, checksum) values ($1, $2, $3)", one.version, one.name, one.checksum
                    )
                log.info("migration %04d %s applied", one.version, one.name)
        finally:
            await connection.execute("select pg_advisory_unlock($1)", LOCK)
            await connection.execute("reset statement_timeout")
        return missing


async def _pending(connection: Any, migrations: list[Migration]) -> list[Migration]:
    exists = await connection.fetchval("select to_regclass('schema_migration') is not null")
    rows = await connection.fetch("select version, name, checksum from schema_migration") if exists else []
    known = {one.version: one for one in migrations}
    for row in rows:
        own = known.get(row["version"])
        if own is None:
            raise CannotStart(
                f"The database has migration {row['version']:04} {row['name']}, which is unknown here; install the newer release."
            )
        if own.checksum != row["checksum"]:
            raise CannotStart(f"Migration {own.version:04} {own.name} has changed since it was applied; its file must be restored.")
    applied = {row["version"] for row in rows}
    return [one for one in migrations if one.version not in applied]
