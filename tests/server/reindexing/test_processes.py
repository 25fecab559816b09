"""Real processes: a rebuild that is killed, one under a server that is being searched, and one beside a load."""

import asyncio
import os
import re
import signal
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from cql.plan import Everything
from indexer.marc import to_marcxml, unpack
from server.db import records

ROOT = Path(__file__).resolve().parents[3]
SHELF = "/sru?version=1.1&operation=searchRetrieve&query=shelf&maximumRecords=3"
SCAN = "/sru?version=1.1&operation=scan&scanClause=dc.title%3Dshelf&maximumTerms=2"


@pytest.fixture
async def hylla(settings):
    """Starts commands in processes of their own; what is still running at the end is killed."""
    started = []

    async def start(*arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HYLLA_")}
        values = [f"database.url={settings.database.url}", "metrics.enabled=false", "load.workers=1", "log.level=warning"]
        values += [f"engine.{name}={getattr(settings.engine, name)}" for name in ("kind", "url", "prefix")]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "--data-dir", str(settings.data_dir), "--port", "0", *(f"--set={one}" for one in values),
            *map(str, arguments), cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(process):
    """(exit code, standard output, standard error)"""
    out, err = await asyncio.wait_for(process.communicate(), 50)
    return process.returncode, out.decode(), err.decode()


async def while_building(installation, process, until, loader):
    await until(lambda: len(installation.indexes()) == 2)


async def before_the_switch(installation, process, until, loader):
    while b"Following another process" not in (line := await asyncio.wait_for(process.stderr.readline(), 30)):
        assert line, "it ended by itself"


@pytest.mark.parametrize("moment", [while_building, before_the_switch])
async def test_a_killed_rebuild_changes_nothing_and_is_cleaned_up(installation, bibs, hylla, until, moment):
    await installation.fill(*bibs(1, 301))
    old = installation.current()
    async with installation.pool.acquire() as loader:
        await records.lock_index(loader, "biblios", wait=True)
        process = await hylla("reindex", "--database", "biblios")
        await moment(installation, process, until, loader)
        process.kill()
        assert (await ended(process))[0] == -signal.SIGKILL
    assert installation.current() == old
    assert len(installation.indexes()) == 2
    assert (await installation.verify()).agrees
    code, out, err = await ended(await hylla("cleanup"))
    assert (code, err) == (0, "")
    assert re.fullmatch(r"removed \S*biblios\S+ \([\d.,]+ (MB|bytes)\)\n", out)
    assert installation.indexes() == {old}
    assert (await installation.rebuild()).counts["live"] == 300
    assert installation.indexes() == {installation.current()} != {old}


async def test_a_server_that_is_being_searched_never_fails_and_has_no_gap(installation, bibs, hylla, later):
    await installation.fill(*bibs(1, 301))
    server = await hylla("serve")
    said = (await asyncio.wait_for(server.stdout.readline(), 30)).decode()
    base = re.search(r"http://\S+:\d+", said)[0]
    stop, answers = False, []

    def search(path):
        with urllib.request.urlopen(base + path, timeout=10) as answer:
            return answer.status, answer.read().decode()

    def search_on(path, expected):
        while not stop:
            status, body = search(path)
            answers.append((status, expected in body))
            time.sleep(0.01)  # the rebuild shall have a processor too

    searching = [
        asyncio.create_task(asyncio.to_thread(search_on, path, expected))
        for path, expected in ((SHELF, "numberOfRecords>300<"), (SCAN, "numberOfRecords>300<"))
    ]
    try:
        await installation.rebuild()
        code, _, err = await ended(await hylla("reindex"))
        assert code == 0, err
    finally:
        stop = True
        await asyncio.gather(*searching)
    assert set(answers) == {(200, True)}
    assert len(answers) > 50
    await installation.store(*bibs(301, 303), at=later)
    await installation.rebuild()
    assert "numberOfRecords>302<" in search(SHELF)[1]


async def test_a_load_beside_a_rebuild_loses_nothing(installation, bibs, hylla, tmp_path, until):
    await installation.fill(*bibs(1, 401))
    marcxml = b"".join(to_marcxml(unpack(one.raw, one.stored_format, "marc21", "bibliographic")) for one in bibs(301, 901, "Loaded"))
    (tmp_path / "more.xml").write_bytes(b"<collection>" + marcxml + b"</collection>")
    reindex = await hylla("reindex", "--database", "biblios")
    load = await hylla("load", tmp_path / "more.xml")
    (code, _, err), (load_code, _, load_err) = await asyncio.gather(ended(reindex), ended(load))
    assert (code, load_code) == (0, 0), err + load_err
    found = await installation.verify()
    assert found.agrees
    assert found.in_index == {"": {"live": 900}}
    async with installation.engine() as engine:
        assert await engine.count(Everything()) == 900


async def test_of_two_rebuilds_one_is_refused_at_once_and_ctrl_c_ends_the_other(installation, bibs, hylla, until):
    await installation.fill(*bibs(1, 21))
    old = installation.current()
    async with installation.pool.acquire() as loader:
        await records.lock_index(loader, "biblios", wait=True)
        first = await hylla("reindex", "--database", "biblios")
        await before_the_switch(installation, first, until, loader)
        code, out, err = await ended(await hylla("reindex", "--database", "biblios"))
        assert (code, out, err) == (1, "", "The index of biblios is being rebuilt by another process; try again when it is done.\n")
        code, out, _ = await ended(await hylla("cleanup"))
        assert (code, out) == (1, "The index of biblios is being rebuilt right now; nothing of it was removed.\n")
        first.send_signal(signal.SIGINT)
        code, _, err = await ended(first)
    assert (code, err) == (130, "Stopped. What was not in place yet is given up; the index in use answers as before.\n")
    assert installation.current() == old
