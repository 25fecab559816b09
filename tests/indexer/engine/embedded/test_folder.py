"""Files and locks of the embedded engine: two writers, killed writers, damaged folders, rebuilding."""

import asyncio
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cql.plan import Everything, Exact, Word
from indexer.document import Document
from indexer.engine import open_engine, open_rebuild
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.engine.port import Engine, EngineError, EngineUnavailable, Window
from indexer.schema import CollectionSchema

WRITER = """
import asyncio, sys, pickle
from pathlib import Path
from indexer.engine import open_engine

async def main():
    schema, documents = pickle.loads(Path(sys.argv[2]).read_bytes())
    engine = open_engine("embedded", sys.argv[1], schema, writable=True)
    change = await engine.confirmed()
    while True:
        for one in documents:
            change += 1
            one.id, one.change = f"r{change}", change
            await engine.write([one])
            if change % 20 == 0:
                await engine.commit(change)
                print(change, flush=True)

asyncio.run(main())
"""


@pytest.fixture
def location(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def start_writer(location: Path, tmp_path: Path, schema: CollectionSchema, document: Callable[..., Document]) -> Any:
    """Starts a process that writes r1, r2, r3 ... and prints the change number of every commit."""
    import pickle

    (tmp_path / "documents").write_bytes(pickle.dumps((schema, [document("", title=["a b"], subject=["c"], year=[1999])] * 7)))

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, str(location), str(tmp_path / "documents")]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[4])

    return start


async def test_a_killed_writer_leaves_every_commit_and_nothing_else(location: Path, start_writer: Any, schema: CollectionSchema) -> None:
    confirmed = 0
    for moment in range(4):
        process = start_writer()
        assert process.stdout is not None
        for _ in range(2 + moment):
            told = int(process.stdout.readline())
        time.sleep(0.013 * moment)
        process.send_signal(signal.SIGKILL)
        told = max([told, *(int(line) for line in process.stdout.read().split() if line.isdecimal())])
        process.wait()
        process.stdout.close()
        engine = open_engine("embedded", location, schema)
        confirmed = await engine.confirmed()
        # At most one commit was under way when the process died.
        assert told <= confirmed <= told + 20
        count = await engine.count(Everything())
        assert confirmed <= count <= confirmed + 20
        page = await engine.search(Word("title", Exact("a")), Window(1, count), stored=())
        assert {hit.id for hit in page.hits} == {f"r{number}" for number in range(1, count + 1)}
        assert (await engine.scan(["title"], "words", "", 0, 5)).terms[0].count == count
        await engine.close()


async def test_a_second_writer_is_told_who_writes(location: Path, schema: CollectionSchema, document: Any, start_writer: Any) -> None:
    process = start_writer()
    assert process.stdout is not None
    process.stdout.readline()
    # The writer holds its lock while it writes; stopped in the middle, it keeps it.
    process.send_signal(signal.SIGSTOP)
    second = EmbeddedEngine(location, schema, writable=True, lock_wait_s=0.3)
    try:
        with pytest.raises(EngineUnavailable, match=f"process {process.pid} "):
            await second.write([document("x")])
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    await second.write([document("x")])
    await second.commit(1)
    assert await second.get("x") is not None
    await second.close()


async def test_two_engines_take_turns(location: Path, schema: CollectionSchema, document: Any) -> None:
    engines = [open_engine("embedded", location, schema, writable=True) for _ in range(2)]
    for change in range(1, 7):
        engine = engines[change % 2]
        await engine.write([document(str(change), change)])
        await engine.commit(change)
    for engine in engines:
        assert await engine.count(Everything()) == 6
        await engine.close()


async def fill(engine: Engine, *documents: Document) -> None:
    await engine.write(documents)
    await engine.commit(len(documents))


async def test_a_searching_engine_serves_many_at_once(location: Path, schema: CollectionSchema, random_collection: Any) -> None:
    engine = open_engine("embedded", location, schema, writable=True)
    await fill(engine, *random_collection(3, 150))
    plans = [Everything(), *(Word("title", Exact(word)) for word in ("a", "b", "ab"))]
    alone = [await engine.search(plan, Window(1, 50), stored=()) for plan in plans]
    together = await asyncio.gather(*(engine.search(plan, Window(1, 50), stored=()) for plan in plans * 10))
    assert together == alone * 10
    await engine.close()


DAMAGE: dict[str, Callable[[Path, Path], Any]] = {
    "meta.json cut": lambda root, index: (index / "meta.json").write_bytes(b'{"segm'),
    "meta.json gone": lambda root, index: (index / "meta.json").unlink(),
    "segment gone": lambda root, index: [path.unlink() for path in index.glob("*.term")],
    "collection.json cut": lambda root, index: (index / "collection.json").write_bytes(b"{}"),
    "collection.json of another layout": lambda root, index: (index / "collection.json").write_text(
        (index / "collection.json").read_text().replace('"layout": ', '"layout": 9')
    ),
    "lists gone": lambda root, index: [path.unlink() for path in index.glob("terms.sqlite*")],
    "lists no database": lambda root, index: [path.write_bytes(b"x" * 5000) for path in index.glob("terms.sqlite")],
    "confirmed.json cut": lambda root, index: (index / "confirmed.json").write_bytes(b"7"),
    "current names nothing": lambda root, index: (root / "current").write_bytes(b"nowhere\n"),
    "current is odd": lambda root, index: (root / "current").write_bytes(b"../../\xff"),
    "folder gone": lambda root, index: shutil.rmtree(index),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
async def test_a_damaged_folder_wants_a_reindex(location: Path, schema: CollectionSchema, document: Any, damage: Any) -> None:
    engine = open_engine("embedded", location, schema, writable=True)
    await fill(engine, document("1", title=["a"]))
    await engine.close()
    root = location / schema.name
    damage(root, root / (root / "current").read_text().strip())
    engine = open_engine("embedded", location, schema, writable=True)
    with pytest.raises(EngineError, match="hylla reindex"):
        await engine.scan(["title"], "words", "", 0, 3)
    await engine.close()


async def test_a_foreign_folder_is_no_index(location: Path, schema: CollectionSchema) -> None:
    (location / schema.name).mkdir(parents=True)
    (location / schema.name / "current").mkdir()
    engine = open_engine("embedded", location, schema)
    ready = await engine.ready()
    assert not ready.ready
    assert "hylla reindex" in ready.detail
    await engine.close()


async def test_a_rebuilt_index_takes_the_place_of_the_old_one(location: Path, schema: CollectionSchema, document: Any) -> None:
    live, reader = open_engine("embedded", location, schema, writable=True), open_engine("embedded", location, schema)
    await fill(live, document("old", title=["a"]))
    rebuilt = open_rebuild("embedded", location, schema)
    await rebuilt.write([document("new", title=["a"])])
    await rebuilt.commit(5)
    assert await rebuilt.confirmed() == 5
    assert (await reader.search(Everything(), Window())).hits[0].id == "old"
    await rebuilt.switch()
    for engine in (reader, live, rebuilt):
        assert [hit.id for hit in (await engine.search(Word("title", Exact("a")), Window())).hits] == ["new"]
    await live.write([document("later")])
    await live.commit(6)
    assert await reader.count(Everything()) == 2
    for engine in (reader, live, rebuilt):
        await engine.close()
    assert len([path for path in (location / schema.name).iterdir() if path.is_dir()]) == 1


async def test_a_rebuild_that_was_given_up_changes_nothing(location: Path, schema: CollectionSchema, document: Any) -> None:
    live = open_engine("embedded", location, schema, writable=True)
    await fill(live, document("old"))
    given_up = open_rebuild("embedded", location, schema)
    await fill(given_up, document("new"))
    with pytest.raises(EngineUnavailable, match="being written"):
        await EmbeddedEngine(location, schema, beside=True, lock_wait_s=0.1).write([document("x")])
    await given_up.close()
    again = open_rebuild("embedded", location, schema)
    with pytest.raises(EngineError, match="no finished index"):
        await again.switch()
    await again.write([document("newest")])
    await again.commit(2)
    await again.switch()
    assert [hit.id for hit in (await live.search(Everything(), Window())).hits] == ["newest"]
    for engine in (again, live):
        await engine.close()


async def test_a_search_that_takes_too_long_is_given_up(location: Path, schema: CollectionSchema, document: Any) -> None:
    engine = EmbeddedEngine(location, schema, writable=True, timeout_s=0.05)
    await fill(engine, document("1"))
    with pytest.raises(EngineUnavailable, match=r"0\.05 seconds"):
        await engine._run(lambda: time.sleep(0.3))
    await engine.close()
