import asyncio
import socket

import asyncpg
import pytest

from server.db import pool as module
from server.db.pool import is_unavailable, open_database
from server.errors import CannotStart, DatabaseUnavailable
from server.settings import Settings


def settings_for(url, **own):
    return Settings.model_validate({"database": {"url": url, "connect_timeout_s": 2} | own})


async def refusal(settings, kind):
    with pytest.raises(kind) as caught:
        async with open_database(settings):
            pass
    return str(caught.value)


async def test_an_empty_database_is_migrated_when_it_is_opened(empty_database):
    async with open_database(settings_for(empty_database)) as pool:
        assert await pool.fetchval("select count(*) from schema_migration") > 0


async def test_connections_have_jit_off_utc_and_the_time_limit_asked_for(database):
    async with open_database(settings_for(database), statement_timeout_s=1.5) as pool:
        shown = [await pool.fetchval(f"show {name}") for name in ("jit", "timezone", "statement_timeout", "application_name")]
    assert shown == ["off", "UTC", "1500ms", "hylla"]


async def test_offline_commands_have_no_time_limit(database):
    async with open_database(settings_for(database)) as pool:
        assert await pool.fetchval("show statement_timeout") == "0"


async def test_a_statement_over_the_limit_is_unavailability(database):
    async with open_database(settings_for(database), statement_timeout_s=0.05) as pool:
        with pytest.raises(asyncpg.QueryCanceledError) as caught:
            await pool.execute("select pg_sleep(5)")
    assert is_unavailable(caught.value)


async def test_no_more_connections_than_the_setting_allows(database):
    async with open_database(settings_for(database, pool_size=2)) as pool, pool.acquire(), pool.acquire():
        with pytest.raises(TimeoutError):
            await pool.acquire(timeout=0.1)


async def test_a_server_that_is_down_is_told_with_its_address(unused_tcp_port):
    told = await refusal(settings_for(f"postgresql://u:sesame@127.0.0.1:{unused_tcp_port}/d"), DatabaseUnavailable)
    assert told.startswith(f"PostgreSQL does not answer at postgresql://u:***@127.0.0.1:{unused_tcp_port}/d: ")
    assert "\n" not in told


async def test_a_server_that_does_not_speak_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        told = await refusal(settings_for(f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable", connect_timeout_s=0.2), DatabaseUnavailable)
    assert "does not answer" in told


async def test_a_missing_database_is_told(cluster):
    assert "There is no such database" in await refusal(settings_for(cluster.url("missing")), CannotStart)


async def test_a_user_who_is_not_let_in_is_told(database):
    told = await refusal(settings_for(database.replace("//hylla@", "//stranger:sesame@")), CannotStart)
    assert told.startswith("PostgreSQL does not let us in at postgresql://stranger:***@")


async def test_an_old_server_is_refused(database, monkeypatch):
    monkeypatch.setattr(module, "OLDEST_VERSION", 99)
    assert "99 or newer is needed" in await refusal(settings_for(database), CannotStart)


async def test_no_connection_is_left_behind(cluster, database):
    async with open_database(settings_for(database)) as pool:
        await asyncio.gather(*(pool.fetchval("select 1") for _ in range(20)))
    connection = await asyncpg.connect(cluster.base)
    name = database.partition("?")[0].rpartition("/")[2]
    try:
        left = await connection.fetchval("select count(*) from pg_stat_activity where application_name = 'hylla' and datname = $1", name)
    finally:
        await connection.close()
    assert left == 0


@pytest.mark.parametrize(
    ("error", "is_down"),
    [
        (asyncpg.CannotConnectNowError("starting up"), True),
        (asyncpg.DiskFullError("no space"), True),
        (asyncpg.AdminShutdownError("bye"), True),
        (ConnectionResetError(), True),
        (asyncpg.UndefinedColumnError("x"), False),
        (asyncpg.UniqueViolationError("x"), False),
        (ValueError(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_counts_as_unavailable(error, is_down):
    assert is_unavailable(error) is is_down
