"""A change of an authority reaches the records that name it, also when a rebuild comes between storing and indexing it."""

import pytest

from cql.plan import Exact, Word
from server.commands.load import screen
from server.commands.reindex import reindex

STORES = {"authorities": ("authorities",), "all": ("biblios", "authorities")}


async def naming(installation, word):
    """Number of bibliographic records that are found by a variant name of an authority."""
    async with installation.engine() as engine:
        return await engine.count(Word("author_see", Exact(word)))


@pytest.fixture
async def linked(installation, bibs, auts):
    """Twenty records of which three name the authority a00001."""
    await installation.store(*auts(1, 3, "Firstname"), into="authorities")
    await installation.fill(*bibs(1, 18), *bibs(18, 21, authority="a00001"))
    assert await naming(installation, "firstname") == 3
    return installation


@pytest.mark.parametrize("stores", STORES.values(), ids=STORES)
async def test_an_authority_that_was_stored_but_not_indexed_is_followed(linked, auts, later, stores):
    await linked.store(*auts(1, 2, "Secondname"), into="authorities", at=later)  # and the load is killed here
    await reindex(linked.settings, stores, screen())
    assert (await naming(linked, "firstname"), await naming(linked, "secondname")) == (0, 3)
    for store in ("biblios", "authorities"):
        assert (await linked.verify(store)).agrees


async def test_records_are_not_indexed_again_without_need(linked):
    before = await linked.pool.fetch("select record_id, change_number, datestamp from biblios order by 1")
    await reindex(linked.settings, STORES["all"], screen())
    assert await linked.pool.fetch("select record_id, change_number, datestamp from biblios order by 1") == before


async def test_what_another_process_must_index_is_left_to_it(linked, auts, later, capsys):
    await linked.store(*auts(1, 2, "Secondname"), into="authorities", at=later)
    async with linked.pool.acquire() as loader:
        await loader.execute("select pg_advisory_lock($1, 0)", 0x48594C4C)
        await reindex(linked.settings, STORES["authorities"], screen())
    told = capsys.readouterr().err
    assert "3 bibliographic records name authorities that were changed and are indexed again" in told
    assert "The process that is indexing biblios takes them in." in told
    await linked.index()
    assert await naming(linked, "secondname") == 3


async def test_a_damaged_bibliographic_index_does_not_spoil_the_other_one(linked, auts, later, caplog):
    await linked.store(*auts(1, 2, "Secondname"), into="authorities", at=later)
    linked.kept_in.damage()
    await reindex(linked.settings, STORES["authorities"], screen())
    assert "biblios may not have the last changes of authorities before it is built anew" in caplog.text
    assert (await linked.verify("authorities")).agrees
    await reindex(linked.settings, ("biblios",), screen())
    assert await naming(linked, "secondname") == 3
