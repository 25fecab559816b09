"""Programs of others fetch every record of a query page by page (sru-cql.md 19.3).

Each is used when it is at hand, and skipped loudly when it is not: yaz-client and zoomsh (Debian: yaz), Catmandu (Debian:
libcatmandu-sru-perl), sruthi and srupy (`pip install sruthi srupy`), @natlibfi/sru-client (`npm install`, with NODE_PATH naming
its node_modules). They run as programs of their own, so that nothing of theirs is mixed up with ours.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys

import pytest

QUERY = "cql.allRecords=1"
ALL = 9

SRUTHI = """
import sys, sruthi
found = sruthi.Client(sys.argv[1], maximum_records=3, sru_version=sys.argv[2]).searchretrieve("cql.allRecords=1")
print(found.count, len(list(found)))
"""
SRUPY = """
import sys
from srupy import SRUpy
for asked in ({}, {"maximumRecords": 1000}, {"maximumRecords": 4}):
    found = SRUpy(sys.argv[1]).get_records(query="cql.allRecords=1", **asked)
    print(found.number_of_records, len(list(found)))
"""
NATLIBFI = """
const made = require('@natlibfi/sru-client');
const records = [];
(made.default ?? made)({url: process.argv[1], recordSchema: 'marcxml', version: process.argv[2], maxRecordsPerRequest: +process.argv[3]})
  .searchRetrieve('cql.allRecords=1').on('record', record => records.push(record)).on('error', error => { throw error; })
  .on('end', () => console.log(records.length, new Set(records).size));
"""


async def run(*command: str, given: str = "") -> str:
    """What a program prints."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    async with asyncio.timeout(60):
        printed, _ = await process.communicate(given.encode())
    return printed.decode("utf-8", "replace")


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"SKIPPED LOUDLY: there is no {name} here")
    return found


@pytest.fixture
def address(client) -> str:
    return str(client.make_url("/biblios"))


async def python_with(module: str) -> str:
    """The Python that has a client: the one named by HYLLA_TEST_CLIENTS_PYTHON, else our own."""
    python = os.environ.get("HYLLA_TEST_CLIENTS_PYTHON", sys.executable)
    if "yes" not in await run(python, "-c", f"import {module}; print('yes')"):
        pytest.skip(f"SKIPPED LOUDLY: {module} is not installed for {python}")
    return python


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_sruthi_fetches_every_record(address: str, version: str) -> None:
    assert (await run(await python_with("sruthi"), "-W", "ignore", "-c", SRUTHI, address, version)).split() == [str(ALL), str(ALL)]


async def test_srupy_fetches_every_record_in_2_0(address: str) -> None:
    printed = await run(await python_with("srupy"), "-W", "ignore", "-c", SRUPY, address)
    assert printed.split() == [str(number) for number in (ALL, ALL, ALL, ALL, ALL, 4)]


@pytest.mark.parametrize(("version", "maximum"), [("2.0", 1000), ("2.0", 3), ("1.2", 4), ("1.1", 1)])
async def test_natlibfi_sru_client_fetches_every_record_once(address: str, version: str, maximum: int) -> None:
    node = program("node")
    if "yes" not in await run(node, "-e", "require('@natlibfi/sru-client'); console.log('yes')"):
        pytest.skip("SKIPPED LOUDLY: node does not find @natlibfi/sru-client (NODE_PATH)")
    assert (await run(node, "-e", NATLIBFI, address, version, str(maximum))).split() == [str(ALL), str(ALL)]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_catmandu_fetches_every_record(address: str, version: str) -> None:
    if subprocess.run([program("perl"), "-MCatmandu::Importer::SRU", "-e", "1"], capture_output=True, check=False).returncode:
        pytest.skip("SKIPPED LOUDLY: Catmandu is here, its SRU importer is not (Debian: libcatmandu-sru-perl)")
    command = (program("catmandu"), "convert", "SRU", "--base", address, "--version", version, "--recordSchema", "marcxml")
    printed = await run(*command, "--query", QUERY, "to", "JSON", "--line_delimited", "1")
    assert sum(line.startswith("{") for line in printed.splitlines()) == ALL


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
async def test_yaz_client_searches_scans_and_shows_diagnostics(address: str, version: str) -> None:
    commands = f"sru get {version}\nopen {address}\nfind {QUERY}\nshow 1+{ALL}\nfind dc.titel=x\nscan title=sea\nquit\n"
    printed = await run(program("yaz-client"), given=commands)
    assert f"Number of hits: {ALL}" in printed
    assert printed.count("<leader>") >= ALL
    assert "Did you mean `dc.title`?" in printed
    assert re.search(r"^\W*sea: \d+", printed, re.MULTILINE)


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
async def test_zoom_fetches_every_record(address: str, version: str) -> None:
    commands = f"set sru get\nset sru_version {version}\nset schema marcxml\nconnect {address}\nsearch cql:{QUERY}\nshow 0 {ALL}\nquit\n"
    printed = await run(program("zoomsh"), given=commands)
    assert f"{ALL} hits" in printed
    assert printed.count("<leader>") == ALL
