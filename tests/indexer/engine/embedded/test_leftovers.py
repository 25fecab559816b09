"""What lies beside the live index is removed, and nothing that anybody may still need."""

import pytest

from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.engine.embedded.folder import REBUILD_LOCK, Folder
from indexer.engine.embedded.leftovers import make_room, remove_leftovers
from indexer.engine.port import EngineError, EngineUnavailable


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "biblios")


def names(folder):
    return {one.name for one in folder.root.iterdir() if not one.name.endswith(".lock")}


def test_a_collection_that_was_never_made_has_none(folder):
    assert remove_leftovers(folder) == []
    assert not folder.root.exists()


def test_everything_but_the_live_index_goes(folder, schema):
    live, other = folder.create(schema), folder.create(schema)
    folder.make_current(live)
    (folder.root / ".current.new").write_text("half\n")
    removed = remove_leftovers(folder)
    assert {one.name for one in removed} == {f"biblios/{other.name}", "biblios/.current.new"}
    assert all(one.size_bytes > 0 for one in removed)
    assert names(folder) == {"current", live.name}


async def test_the_first_index_is_left_alone_while_it_is_made(folder, schema, document):
    remains = folder.create(schema)
    writer = EmbeddedEngine(folder.root.parent, schema, writable=True)
    lock = folder.lock(0)
    with pytest.raises(EngineUnavailable, match="nothing of it was removed"):
        remove_leftovers(folder)
    lock.release()
    await writer.write([document("1")])
    await writer.commit(1)
    assert [one.name for one in remove_leftovers(folder)] == [f"biblios/{remains.name}"]
    await writer.close()


def test_nothing_is_removed_when_the_live_index_cannot_be_told(folder, schema):
    made = folder.create(schema)
    (folder.root / "current").write_text("../elsewhere\n")
    with pytest.raises(EngineError, match="hylla reindex"):
        remove_leftovers(folder)
    lock = folder.lock(0, REBUILD_LOCK)
    make_room(folder)
    lock.release()
    assert made.name in names(folder)
