"""Fixtures for tests of the server: a throw-away PostgreSQL per run, a fresh migrated database per test."""

import asyncio
import itertools
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from server.db.migrate import migrate
from server.db.pool import Pool
from server.db.private import private_server
from server.settings import Settings

TEMPLATE = "template_migrated"
KEY = "k" * 32
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Cluster:
    """The run's PostgreSQL. `url(name)` is the address of one of its databases."""

    base: str

    def url(self, name: str) -> str:
        head, _, options = self.base.partition("?")
        return f"{head.rpartition('/')[0]}/{name}?{options}"


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that PostgreSQL's account can enter even when the tests are run by root (pytest's own folders are closed)."""
    folder = Path(tempfile.mkdtemp(prefix="hylla-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cluster(open_folder: Path) -> Iterator[Cluster]:
    """A PostgreSQL of its own, with one database to which all migrations have been applied."""
    settings = Settings(data_dir=open_folder / "cluster")
    with private_server(settings) as url:
        made = Cluster(url)
        asyncio.run(_make_template(made))
        yield made


async def _make_template(cluster: Cluster) -> None:
    connection = await asyncpg.connect(cluster.base)
    await connection.execute("alter system set fsync = off")
    await connection.execute("alter system set synchronous_commit = off")
    await connection.execute("select pg_reload_conf()")
    await connection.execute(f"create database {TEMPLATE}")
    await connection.close()
    async with asyncpg.create_pool(cluster.url(TEMPLATE), min_size=1, max_size=1) as pool:
        await migrate(pool)


@pytest.fixture
async def empty_database(cluster: Cluster) -> AsyncIterator[str]:
    """Address of a database without any table, only for this test."""
    async for url in _new_database(cluster, "template1"):
        yield url


@pytest.fixture
async def database(cluster: Cluster) -> AsyncIterator[str]:
    """Address of a migrated database, only for this test."""
    async for url in _new_database(cluster, TEMPLATE):
        yield url


async def _new_database(cluster: Cluster, template: str) -> AsyncIterator[str]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    connection = await asyncpg.connect(cluster.base)
    try:
        await connection.execute(f"create database {name} template {template} strategy file_copy")
        yield cluster.url(name)
        await connection.execute(f"drop database {name} with (force)")
    finally:
        await connection.close()


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Pool]:
    """A pool on this test's database."""
    async with asyncpg.create_pool(database, min_size=1, max_size=5, server_settings={"jit": "off"}) as made:
        yield made


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Settings of a whole small installation: this test's database, an embedded engine under `tmp_path`, no fixed ports."""
    return Settings.model_validate(
        {"data_dir": tmp_path / "data", "port": 0, "secret_key": KEY, "database": {"url": database, "pool_size": 4}, "metrics": {"port": 0}}
    )


@pytest.fixture
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the settings of the developer's own shell away."""
    for name in list(os.environ):
        if name.startswith("HYLLA_") and not name.startswith(("HYLLA_TEST_", "HYLLA_SHARED_")):
            monkeypatch.delenv(name)


@pytest.fixture
def log_as_before() -> Iterator[None]:
    """Gives the root logger back its handlers after a test that configures logging."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
