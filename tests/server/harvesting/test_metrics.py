"""What Prometheus is told of harvests."""

from prometheus_client import REGISTRY

from server.db.harvests import begin_run, end_records, end_run, open_harvest, save_counts
from server.harvesting.metrics import observe_harvests
from server.harvesting.outcome import HarvestOutcome


async def test_gauges_tell_what_the_last_run_did(pool):
    harvest = await open_harvest(pool, "http://h/oai", "marcxml", "books")
    await observe_harvests(pool)
    labels = {"source": "http://h/oai", "set": "books"}
    assert REGISTRY.get_sample_value("hylla_harvest_failed", labels) is None
    outcome = HarvestOutcome("x")
    outcome.file.new = 7
    await begin_run(pool, harvest.harvest_id, "")
    await save_counts(pool, harvest.harvest_id, outcome.counts())
    await end_run(pool, harvest.harvest_id, "The source is away.")
    await observe_harvests(pool)
    assert REGISTRY.get_sample_value("hylla_harvest_records", labels | {"outcome": "added"}) == 7
    assert REGISTRY.get_sample_value("hylla_harvest_failed", labels) == 1
    assert REGISTRY.get_sample_value("hylla_harvest_age_seconds", labels) is None
    await end_records(pool, harvest.harvest_id, await pool.fetchval("select now() - interval '1 hour'"), is_full=True)
    await end_run(pool, harvest.harvest_id, "")
    await observe_harvests(pool)
    assert REGISTRY.get_sample_value("hylla_harvest_failed", labels) == 0
    assert 3599 <= REGISTRY.get_sample_value("hylla_harvest_age_seconds", labels) < 3700


class Away:
    async def fetch(self, *_):
        raise ConnectionRefusedError("nobody there")


async def test_a_database_that_is_away_is_told_in_the_log(caplog):
    await observe_harvests(Away())
    assert "no figures of harvests: nobody there" in caplog.text
