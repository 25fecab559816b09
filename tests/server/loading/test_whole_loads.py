"""Whole loads by the command, as a person runs them: counts, exit codes, and what the store and the index hold afterwards."""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from cql.plan import Everything, Exact, Word
from indexer.fields import load_field_table
from indexer.marc import to_iso2709, to_marcxml
from indexer.record import Record
from server.db.pool import Pool
from server.engines import open_collection
from server.settings import Settings

LEADER = "00000nam a2200000 i 4500"


def record(number: str, title: str = "Skerries", status: str = "n", kind: str = "a", extra: Sequence[tuple[str, str]] = ()) -> Record:
    fields = [("001", number)] if number else []
    fields += [("245", f"10\x1fa{title}") if kind != "z" else ("150", f"  \x1fa{title}"), *extra]
    return Record(f"{LEADER[:5]}{status}{kind}{LEADER[7:]}", fields)


def write(path: Path, *given: Record) -> Path:
    path.write_bytes(b"".join(to_iso2709(one) for one in given))
    return path


async def start(settings: Settings, *arguments: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "server", "--data-dir", str(settings.data_dir), "--set", f"database.url={settings.database.url}"]
    return await asyncio.create_subprocess_exec(
        *command, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )


async def load(settings: Settings, *arguments: str, stdin: bytes = b"") -> tuple[int, str]:
    process = await start(settings, "load", *arguments)
    said, _ = await process.communicate(stdin)
    assert process.returncode is not None
    return process.returncode, said.decode()


async def hits(settings: Settings, word: str | None = None, database: str = "biblios") -> int:
    engine = open_collection(settings, load_field_table(), "authorities" if database == "authorities" else "biblios")
    try:
        return await engine.count(Everything() if word is None else Word("anywhere", Exact(word)))
    finally:
        await engine.close()


async def rows(pool: Pool) -> dict[str, tuple[object, ...]]:
    found = await pool.fetch("select record_id, datestamp, change_number, deleted, suppressed from biblios")
    return {row[0]: tuple(row)[1:] for row in found}


async def test_a_second_load_of_the_same_file_changes_nothing(settings: Settings, pool: Pool, tmp_path: Path) -> None:
    file = write(tmp_path / "a.mrc", record("1"), record("2", "Reefs"))
    assert (await load(settings, str(file)))[0] == 0
    before = await rows(pool)
    code, said = await load(settings, str(file))
    assert code == 0
    assert "unchanged" in said
    assert await rows(pool) == before
    assert (await hits(settings), await hits(settings, "reefs")) == (2, 1)


async def test_the_same_record_as_marcxml_is_unchanged(settings: Settings, pool: Pool, tmp_path: Path) -> None:
    await load(settings, str(write(tmp_path / "a.mrc", record("1"))))
    before = await rows(pool)
    (tmp_path / "a.xml").write_bytes(to_marcxml(record("1")))
    await load(settings, str(tmp_path / "a.xml"))
    assert await rows(pool) == before


async def test_changes_and_deletions_reach_store_and_index(settings: Settings, pool: Pool, tmp_path: Path) -> None:
    await load(settings, str(write(tmp_path / "a.mrc", record("1"), record("2"), record("3"))))
    changed = write(tmp_path / "b.mrc", record("1", "Lagoons"), record("2", status="d"))
    assert (await load(settings, str(changed)))[0] == 0
    assert [await hits(settings, word) for word in ("lagoons", "skerries")] == [1, 1]
    assert (await load(settings, "--delete", str(write(tmp_path / "c.mrc", record("3")))))[0] == 0
    assert await hits(settings, "skerries") == 0
    assert {number: state[2] for number, state in (await rows(pool)).items()} == {"1": False, "2": True, "3": True}


async def test_a_deleted_record_that_comes_again_is_live(settings: Settings, tmp_path: Path) -> None:
    await load(settings, str(write(tmp_path / "a.mrc", record("1", status="d"))))
    assert await hits(settings) == 0
    await load(settings, str(write(tmp_path / "a.mrc", record("1"))))
    assert await hits(settings) == 1


async def test_suppressed_records_are_stored_and_not_found(settings: Settings, pool: Pool, tmp_path: Path) -> None:
    await load(settings, str(write(tmp_path / "a.mrc", record("1", extra=[("942", "  \x1fn1")]))))
    assert await hits(settings) == 0
    assert (await rows(pool))["1"][3] is True


@pytest.mark.parametrize("apart", [1, 1500], ids=["side by side", "in another block"])
async def test_of_several_records_with_one_id_the_last_wins_every_time(settings: Settings, pool: Pool, tmp_path: Path, apart: int) -> None:
    between = [record(f"x{n}", "Filling") for n in range(apart)]
    file = write(tmp_path / "a.mrc", record("1", "First"), *between, record("1", "Second"))
    await load(settings, str(file))
    before = await rows(pool)
    assert (await hits(settings, "first"), await hits(settings, "second")) == (0, 1)
    await load(settings, str(file))
    assert await rows(pool) == before


async def test_the_same_number_in_two_databases_is_two_records(settings: Settings, tmp_path: Path) -> None:
    bibs, names = write(tmp_path / "a.mrc", record("1")), write(tmp_path / "b.mrc", record("1", "Name", kind="z"))
    await load(settings, str(bibs), str(names))
    assert (await hits(settings), await hits(settings, database="authorities")) == (1, 1)
    await load(settings, str(write(bibs, record("1", "Lagoons"))), str(names))
    assert await hits(settings, "lagoons") == 1


async def test_what_cannot_be_read_is_set_aside_and_the_rest_goes_on(settings: Settings, tmp_path: Path) -> None:
    bad = b"00041nam a2200037 i 4500garbage garbage\x1e\x1d"
    file = tmp_path / "a.mrc"
    file.write_bytes(to_iso2709(record("1")) + bad + to_iso2709(record("2")) + to_iso2709(record("")))
    code, said = await load(settings, str(file))
    assert code == 1
    assert "set aside" in said
    assert await hits(settings) == 2
    (lines,) = (settings.data_dir / "quarantine").glob("*.jsonl")
    told = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert [(one["ordinal"], one["offset"]) for one in told] == [
        (2, len(to_iso2709(record("1")))),
        (4, file.stat().st_size - len(to_iso2709(record("")))),
    ]
    assert told[1]["reason"] == "no-id"
    assert (await load(settings, "--allow-errors", str(file)))[0] == 0


async def test_standard_input_is_a_file(settings: Settings) -> None:
    code, _ = await load(settings, "-", stdin=to_iso2709(record("1")) + to_iso2709(record("2")))
    assert (code, await hits(settings)) == (0, 2)


async def test_a_file_that_is_not_there_is_told_in_one_sentence(settings: Settings, tmp_path: Path) -> None:
    code, said = await load(settings, str(tmp_path / "nowhere.mrc"))
    assert code != 0
    assert "Traceback" not in said
    assert "nowhere.mrc" in said


async def test_an_index_that_was_deleted_is_made_again_by_the_next_load(settings: Settings, tmp_path: Path) -> None:
    file = write(tmp_path / "a.mrc", *(record(str(n)) for n in range(50)))
    await load(settings, str(file))
    for path in sorted((settings.data_dir / "engine").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    await load(settings, str(file))
    assert await hits(settings) == 50


async def test_two_loads_at_once_both_complete(settings: Settings, tmp_path: Path) -> None:
    files = [write(tmp_path / f"{name}.mrc", *(record(f"{name}{n}") for n in range(1200))) for name in "ab"]
    ends = await asyncio.gather(*(load(settings, str(file)) for file in files))
    assert [code for code, _ in ends] == [0, 0]
    assert await hits(settings) == 2400


async def test_a_variant_heading_finds_the_records_that_name_the_authority(settings: Settings, pool: Pool, tmp_path: Path) -> None:
    book = record("1", extra=[("100", "1 \x1faBlixen, Karen\x1f0(X)n1")])
    name = Record(
        LEADER.replace("nam", "nz "), [("001", "n1"), ("003", "X"), ("100", "1 \x1faBlixen, Karen"), ("400", "1 \x1faDinesen, Isak")]
    )
    await load(settings, str(write(tmp_path / "a.mrc", book)))
    stamp = (await rows(pool))["1"][0]
    await load(settings, str(write(tmp_path / "b.mrc", name)))
    engine = open_collection(settings, load_field_table(), "biblios")
    assert await engine.count(Word("author_see", Exact("dinesen"))) == 1
    await engine.close()
    assert (await rows(pool))["1"][0] == stamp


@pytest.mark.slow
async def test_a_load_that_is_killed_completes_at_the_next_run(settings: Settings, pool: Pool, tmp_path: Path) -> None:
    count = 6000
    file = write(tmp_path / "a.mrc", *(record(str(n), f"Title {n}") for n in range(count)))
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for _ in range(5):
        process = await start(settings, "load", str(file))
        await asyncio.sleep(chance.uniform(0.8, 5))
        stored = await rows(pool)
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
        await process.communicate()
        later = await rows(pool)
        assert {number: later[number] for number in stored} == stored
    before = await rows(pool)
    code, _ = await load(settings, str(file))
    after = await rows(pool)
    assert code == 0
    assert (len(after), await hits(settings)) == (count, count)
    assert {number: after[number] for number in before} == before
    assert sorted(state[1] for state in after.values()) == list(range(1, count + 1))
