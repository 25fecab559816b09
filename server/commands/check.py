"""`check`: whether everything is ready to serve; one line per thing, and what to do about what is not."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indexer.engine.port import EngineError
from indexer.fields import FieldTable, FieldTableError, load_field_table
from server.auth.secrets import open_secrets
from server.db.migrate import pending
from server.db.pool import open_database
from server.engines import open_collection
from server.errors import CannotStart, DiscoveryError
from server.oai.formats import read_formats
from server.oai.routes import base_url, check_settings, check_stylesheets
from server.sets.rules import read_sets
from server.settings import DATABASES, PROGRAM, Settings, SettingsError, load_settings

Say = Callable[[str], None]


class Checks:
    """Tells the outcome of one check after the other, and remembers whether any failed."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.failed = False

    @contextmanager
    def check(self, what: str) -> Iterator[list[str]]:
        """One check; the block puts what it found into the list. An expected error in it is a failure, told in its own words."""
        found: list[str] = []
        try:
            yield found
        except (DiscoveryError, EngineError) as error:
            self.fail(what, str(error))
        except OSError as error:
            self.fail(what, f"{error.filename or ''}: {error.strerror or error}".removeprefix(": "))
        else:
            self._say(f"ok      {what}{': ' if found else ''}{'; '.join(found)}")

    def fail(self, what: str, why: str) -> None:
        """A check that failed."""
        self.failed = True
        self._say(f"failed  {what}: {why}")


def run_check(config: Path | None, values: Mapping[str, Any], say: Say) -> int:
    """Checks everything that can be checked; returns the exit code: 0 when all is well, 1 otherwise."""
    checks = Checks(say)
    try:
        settings = load_settings(config, values)
    except SettingsError as error:
        for problem in error.problems:
            checks.fail("settings", problem)
        return 1
    with checks.check("settings"):
        pass
    with checks.check("data_dir") as found:
        found.append(_check_data_dir(settings))
    with checks.check("secret_key") as found:
        open_secrets(settings)
        found.append("from the settings" if settings.secret_key else "kept under data_dir")
    table = None
    with checks.check("field table") as found:
        table = _field_table(settings)
        found.append(str(settings.fields_file or "as shipped"))
    if table is not None:
        _check_oai(settings, table, checks)
    asyncio.run(_check_stores(settings, table, checks))
    return 1 if checks.failed else 0


def _check_data_dir(settings: Settings) -> str:
    folder = settings.folder("")
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")
        file.flush()
    return str(folder)


def _field_table(settings: Settings) -> FieldTable:
    try:
        return load_field_table(settings.fields_file)
    except FieldTableError as error:
        line, problem = error.problems[0]
        raise CannotStart(f"{error.name}, line {line}: {problem} (`{PROGRAM} fields check` tells them all)") from None


def _check_oai(settings: Settings, table: FieldTable, checks: Checks) -> None:
    """The formats and sets that harvesters will see (oai-pmh.md 21)."""
    if not settings.oai.enabled:
        with checks.check("OAI-PMH") as found:
            found.append("switched off")
        return
    with checks.check("OAI-PMH") as found:
        check_settings(settings)
        found.append(base_url(settings))
    with checks.check("OAI-PMH formats") as found:
        formats = read_formats(settings.oai.conf_file)
        check_stylesheets(formats)
        found.append(", ".join(f"{one.prefix}{' (with items)' if one.include_items else ''}" for one in formats.formats))
    with checks.check("OAI-PMH sets") as found:
        infos = read_sets(settings.oai.sets, table.index_table("biblios")).infos
        found.append(", ".join(f"{one.spec} ({one.name})" for one in infos) or "none")


async def _check_stores(settings: Settings, table: FieldTable | None, checks: Checks) -> None:
    with checks.check("database") as found:
        async with open_database(settings, migrated=False) as pool:
            async with pool.acquire() as connection:
                version = connection.get_server_version()
            found.append(f"PostgreSQL {version.major}.{version.micro}, {'a private one' if not settings.database.url else 'as named'}")
            waiting = len(await pending(pool))
            found.append(f"{waiting} migrations will be applied by serve or migrate" if waiting else "all migrations applied")
    if table is None:
        return
    for name in DATABASES:
        with checks.check(f"engine, {name}") as found:
            engine = open_collection(settings, table, name)
            try:
                state = await engine.ready()
            finally:
                await engine.close()
            if not state.ready:
                raise CannotStart(state.detail or f"not ready; `{PROGRAM} load` or `{PROGRAM} reindex` fills it")
            found.append(f"{settings.engine.kind}, {state.record_count:,} records")
            if state.detail:
                found.append(state.detail)
