"""Whole loads by the command, killed, stopped and disturbed in ways that only a process of its own can be.

How many records the load that is killed five times has is set by HYLLA_TEST_KILLED (50,000 take about ten minutes):

    HYLLA_TEST_KILLED=50000 pytest --timeout 3000 -k killed_completes tests/server/loading/test_whole_loads.py
"""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
import pytest

from server.db.private import private_server
from server.settings import Settings

KILLED = int(os.environ.get("HYLLA_TEST_KILLED", "6000"))


async def start(settings: Settings, *arguments, options=()) -> asyncio.subprocess.Process:
    """The command with everything it prints on one pipe, in a process group of its own as a terminal would have it."""
    own = ["--data-dir", str(settings.data_dir)]
    own += ["--set", f"database.url={settings.database.url}"] if settings.database.url else []
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", *own, *options, "load", *map(str, arguments),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


async def end(process: asyncio.subprocess.Process, stdin: bytes | None = None) -> tuple[int, str]:
    said, _ = await process.communicate(stdin)
    return process.returncode, said.decode()


async def run(settings: Settings, *arguments, options=(), stdin: bytes | None = None) -> tuple[int, str]:
    return await end(await start(settings, *arguments, options=options), stdin)


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():
            await asyncio.sleep(0.02)


def numbered(marc, path: Path, count: int) -> Path:
    return marc.write(path, [marc.bib(number, f"Title of {number % 97} words") for number in range(1, count + 1)])


async def stored(desk) -> int:
    return await desk.pool.fetchval("select count(*) from biblios")


async def test_a_load_and_a_second_load(settings, desk, marc, tmp_path):
    file = numbered(marc, tmp_path / "a.mrc", 20)
    code, said = await run(settings, file)
    assert (code, await desk.found()) == (0, {f"b{number}" for number in range(1, 21)})
    assert "20 records in" in said
    before = await desk.stamps()
    code, said = await run(settings, file)
    assert (code, await desk.stamps()) == (0, before)
    assert "unchanged" in said


async def test_standard_input(settings, desk, marc):
    code, said = await run(settings, "-", stdin=marc.raw(marc.bib(1)) + marc.raw(marc.bib(2)))
    assert (code, await desk.found()) == (0, {"b1", "b2"})
    assert "standard input" in said


async def test_ctrl_c_is_quiet_and_what_was_stored_stays(settings, desk, marc, tmp_path):
    file = numbered(marc, tmp_path / "a.mrc", 3000)
    options = ("--set", "load.batch_size=50")
    process = await start(settings, file, options=options)
    await until(lambda: stored(desk))
    os.killpg(process.pid, signal.SIGINT)
    code, said = await end(process)
    assert code == 130
    assert "Traceback" not in said
    assert said.splitlines()[-1].endswith("records were done and stay; the same command goes on from there.")
    before = await desk.stamps()
    assert 0 < len(before) < 3000
    assert (await run(settings, file))[0] == 0
    after = await desk.stamps()
    assert len(after) == 3000
    assert {record_id: after[record_id] for record_id in before} == before


async def test_ctrl_c_while_standard_input_is_silent(settings, desk, marc):
    process = await start(settings, "-")
    process.stdin.write(marc.raw(marc.bib(1)))
    line = b""
    while not line.startswith(b"Loading"):
        line = await process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    code, said = await end(process)
    assert (code, said) == (130, "Stopped. Nothing of these files was stored.\n")


async def test_two_loads_at_once_both_complete(settings, desk, marc, tmp_path):
    files = [marc.write(tmp_path / f"{n}.mrc", [marc.bib(number) for number in range(n * 500, n * 500 + 700)]) for n in range(2)]
    ends = await asyncio.gather(*(run(settings, file, options=("--set", "load.batch_size=100")) for file in files))
    assert [code for code, _ in ends] == [0, 0]
    assert len(await desk.rows()) == len(await desk.kept()) == 1200


@pytest.fixture
def own_database(open_folder):
    """Settings of an installation with a PostgreSQL of its own, which may be ill-treated."""
    folder = open_folder / f"own-{random.getrandbits(40):x}"
    return Settings(data_dir=folder)


async def rows_of(settings: Settings) -> dict[str, tuple[object, ...]]:
    with private_server(settings) as url:
        connection = await asyncpg.connect(url)
        found = await connection.fetch("select record_id, datestamp, change_number from biblios")
        await connection.close()
    return {row[0]: tuple(row)[1:] for row in found}


@pytest.mark.slow
async def test_a_database_that_is_killed_stops_the_load_in_one_sentence(own_database, marc, tmp_path):
    file = numbered(marc, tmp_path / "a.mrc", 3000)
    process = await start(own_database, file, options=("--set", "load.batch_size=50"))
    seen = b""
    while b"Loading" not in seen:
        seen = await process.stdout.readline()
    await asyncio.sleep(1)
    (pid_file,) = own_database.data_dir.glob("postgres*/**/postmaster.pid")
    os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGKILL)
    code, said = await end(process)
    assert code == 1
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("PostgreSQL went away (")
    before = await rows_of(own_database)
    assert (await run(own_database, file))[0] == 0
    after = await rows_of(own_database)
    assert len(after) == 3000
    assert {record_id: after[record_id] for record_id in before} == before


def descendants(pid: int) -> set[int]:
    """Processes that a process has started, by what the kernel tells."""
    found = set()
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found |= {int(child)} | descendants(int(child))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
async def test_a_load_that_is_killed_completes_at_the_next_run(settings, desk, marc, tmp_path, workers):
    file = numbered(marc, tmp_path / "a.mrc", KILLED)
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    options = ("--set", "load.batch_size=200", "--set", "load.commit_every=1000", "--set", f"load.workers={workers}")
    for moment in range(5):
        process = await start(settings, file, options=options)
        goal = chance.randrange(KILLED * (moment + 1) // 5)
        await until(lambda process=process, goal=goal: ended_or_stored(process, desk, goal))
        await asyncio.sleep(chance.uniform(0, 1))
        children = descendants(process.pid)
        before = await desk.stamps()
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
        await process.communicate()
        after = await desk.stamps()
        assert {record_id: after[record_id] for record_id in before} == before
        await until(lambda children=children: all_gone(children))
    before = await desk.stamps()
    assert (await run(settings, file, options=options))[0] == 0
    after = await desk.stamps()
    assert {record_id: after[record_id] for record_id in before} == before
    assert sorted(change for _, change in after.values()) == list(range(1, KILLED + 1))
    async with desk.engine() as engine:
        assert (await engine.ready()).record_count == KILLED
        inspection = await engine.inspect()
        assert await inspection.counts() == {"live": KILLED, "suppressed": 0, "deleted": 0}
        await inspection.close()
    code, said = await run(settings, file)
    assert code == 0
    assert "0 documents indexed" in said
    assert await desk.stamps() == after


async def ended_or_stored(process, desk, goal) -> bool:
    return process.returncode is not None or await stored(desk) >= goal


async def all_gone(pids: set[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)
