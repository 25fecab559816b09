"""The pool of PostgreSQL connections, to the server of `database.url` or to a private one."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from server.db.migrate import migrate
from server.db.private import private_server
from server.errors import CannotStart, DatabaseUnavailable
from server.settings import PROGRAM, Settings, masked

log = logging.getLogger(__name__)

Pool = asyncpg.Pool
Connection = asyncpg.Connection

OLDEST_VERSION = 15


@asynccontextmanager
async def open_database(settings: Settings, *, statement_timeout_s: float = 0, migrated: bool = True) -> "AsyncIterator[Pool]":
    """A pool on the database of the settings, with migrations applied; a private server is started for it if needed.

    `statement_timeout_s`: 0 means no limit, as offline commands want it. Connections have JIT off (our statements are
    short). Raises: DatabaseUnavailable, CannotStart with one sentence each.
    """
    async with database_url(settings) as url:
        pool = await _connect(settings, url, statement_timeout_s)
        try:
            if migrated:
                await migrate(pool)
            yield pool
        finally:
            try:
                await asyncio.wait_for(pool.close(), timeout=10)
            except TimeoutError:
                log.warning("connections were still busy at the end; they are cut")
                pool.terminate()


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """The address of the database, and its server running (a private one is kept running until the block ends)."""
    if settings.database.url:
        yield settings.database.url
        return
    server = private_server(settings)
    starting = asyncio.ensure_future(asyncio.to_thread(server.__enter__))
    try:
        url = await asyncio.shield(starting)
    except asyncio.CancelledError:
        await starting  # a start cannot be stopped half-way
        await asyncio.to_thread(server.__exit__, None, None, None)
        raise
    try:
        yield url
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


async def _connect(settings: Settings, url: str, statement_timeout_s: float) -> "Pool":
    try:
        pool = await asyncpg.create_pool(
            url,
            min_size=0,  # the pool would log a traceback for each attempt to keep a minimum while the server is down
            max_size=settings.database.pool_size,
            timeout=settings.database.connect_timeout_s,
            server_settings={
                "application_name": PROGRAM,
                "jit": "off",
                "statement_timeout": str(round(statement_timeout_s * 1000)),
                "timezone": "UTC",
            },
        )
        async with pool.acquire() as connection:
            version = connection.get_server_version()
    except asyncpg.InvalidCatalogNameError:
        raise CannotStart(f"There is no such database as {masked(url)} names; make it with createdb, or correct database.url.") from None
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError) as error:
        raise CannotStart(f"PostgreSQL does not let us in at {masked(url)}: {error}.") from None
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise DatabaseUnavailable(f"PostgreSQL does not answer at {masked(url)}: {reason}.") from error
    if version.major < OLDEST_VERSION:
        await pool.close()
        raise CannotStart(f"PostgreSQL at {masked(url)} has version {version.major}; {OLDEST_VERSION} or newer is needed.")
    return pool


def is_unavailable(error: BaseException) -> bool:
    """Whether an error means that PostgreSQL is down, full or too slow, and not that we asked something wrong."""
    return isinstance(
        error,
        asyncpg.PostgresConnectionError
        | asyncpg.InsufficientResourcesError
        | asyncpg.OperatorInterventionError
        | asyncpg.LockNotAvailableError
        | asyncpg.InterfaceError
        | asyncpg.InternalClientError  # what ending a transaction says when the connection was lost within it
        | OSError,
    )
