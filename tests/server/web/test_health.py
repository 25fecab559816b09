import asyncio

import asyncpg
import pytest
from prometheus_client import REGISTRY

from indexer.engine.port import EngineUnavailable, Readiness
from server.web import health


class Engine:
    def __init__(self, answer):
        self.answer = answer

    async def ready(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is None:
            await asyncio.sleep(60)
        return self.answer


class Pool:
    def __init__(self, error=None):
        self.error = error

    async def fetchval(self, _):
        if self.error:
            raise self.error
        return 1


GOOD = Readiness(True, 12, 12)


async def test_everything_works_when_every_part_does():
    told = await health.report(Pool(), {"biblios": Engine(GOOD), "authorities": Engine(Readiness(True, 3, 9))})
    assert told.ready
    assert {name: part.record_count for name, part in told.collections.items()} == {"biblios": 12, "authorities": 3}


@pytest.mark.parametrize(
    "answer", [EngineUnavailable("down"), Readiness(False, 0, 0, "no shard"), None], ids=["error", "not ready", "silent"]
)
async def test_one_part_that_does_not_work_is_enough(answer, monkeypatch):
    monkeypatch.setattr(health, "ANSWER_S", 0.05)
    told = await health.report(Pool(), {"biblios": Engine(GOOD), "authorities": Engine(answer)})
    assert not told.ready
    assert (told.database.works, told.collections["biblios"].works, told.collections["authorities"].works) == (True, True, False)


@pytest.mark.parametrize("error", [ConnectionRefusedError(), asyncpg.TooManyConnectionsError("x"), TimeoutError()])
async def test_without_a_database_nothing_is_ready(error):
    told = await health.report(Pool(error), {"biblios": Engine(GOOD)})
    assert not told.ready
    assert not told.database.works


async def test_a_mistake_of_ours_is_not_taken_for_an_outage():
    with pytest.raises(ZeroDivisionError):
        await health.report(Pool(), {"biblios": Engine(ZeroDivisionError())})


async def test_gauges_tell_records_and_the_age_of_what_waits(pool, caplog):
    engines = {"biblios": Engine(GOOD), "authorities": Engine(EngineUnavailable("down"))}
    await health.observe(pool, engines)
    assert REGISTRY.get_sample_value("hylla_records", {"database": "biblios"}) == 12
    assert REGISTRY.get_sample_value("hylla_index_age_seconds", {"database": "biblios"}) == 0
    assert "no figures of authorities: down" in caplog.text
