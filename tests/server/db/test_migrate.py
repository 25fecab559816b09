import asyncio

import asyncpg
import pytest

from server.db.migrate import migrate, pending, shipped
from server.errors import CannotStart


async def test_an_empty_database_gets_all_migrations_once(empty_database):
    async with asyncpg.create_pool(empty_database, min_size=1, max_size=1) as pool:
        waiting = await pending(pool)
        assert [one.version for one in waiting] == [one.version for one in shipped()]
        applied = await migrate(pool)
        assert applied == waiting
        assert await migrate(pool) == []
        assert await pending(pool) == []
        rows = await pool.fetch("select version, checksum from schema_migration order by version")
        assert [(row["version"], row["checksum"]) for row in rows] == [(one.version, one.checksum) for one in shipped()]


async def test_two_processes_at_once_apply_each_migration_once(empty_database):
    async with (
        asyncpg.create_pool(empty_database, min_size=1, max_size=1) as one,
        asyncpg.create_pool(empty_database, min_size=1, max_size=1) as other,
    ):
        first, second = await asyncio.gather(migrate(one), migrate(other))
        assert sorted(step.version for step in [*first, *second]) == [step.version for step in shipped()]


async def test_a_changed_file_is_refused(pool):
    await pool.execute("update schema_migration set checksum = 'other' where version = 0")
    with pytest.raises(CannotStart, match=r"0000 schema_migration has changed"):
        await migrate(pool)


async def test_a_newer_database_is_refused(pool):
    await pool.execute("insert into schema_migration (version, name, checksum) values (9999, 'from_the_future', '')")
    with pytest.raises(CannotStart, match=r"9999 from_the_future, which is unknown here"):
        await migrate(pool)


async def test_a_failed_migration_leaves_nothing_behind(empty_database, monkeypatch):
    from server.db import migrate as module

    good, bad = shipped()[0], module.Migration(1, "bad", "create table half_made (id int); select 1/0", "x")
    monkeypatch.setattr(module, "shipped", lambda: [good, bad])
    async with asyncpg.create_pool(empty_database, min_size=1, max_size=1) as pool:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await migrate(pool)
        assert await pool.fetchval("select to_regclass('half_made')") is None
        assert [row["version"] for row in await pool.fetch("select version from schema_migration")] == [0]
        assert await pool.fetchval("select count(*) from pg_locks where locktype = 'advisory'") == 0
