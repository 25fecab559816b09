from datetime import UTC, datetime, timedelta

import pytest

from server.db import records
from server.db.waiting import waiting_s


def incoming(number):
    return records.Incoming(
        record_id=str(number), source="", control_number=str(number), control_org="", format="marc21", stored_format="iso2709",
        raw=b"x", hash=number.to_bytes(16, "big"), deleted=False, suppressed=False,
    )  # fmt: skip


@pytest.mark.parametrize("store", ["biblios", "authorities"])
async def test_the_oldest_change_that_is_not_confirmed_counts(pool, store):
    assert await waiting_s(pool, store, 0) == 0.0
    now = datetime.now(UTC).replace(microsecond=0)
    async with pool.acquire() as connection:
        await records.store_batch(connection, store, [incoming(1)], now - timedelta(hours=2))
        await records.store_batch(connection, store, [incoming(2)], now - timedelta(hours=1))
    assert await waiting_s(pool, store, 0) == pytest.approx(7200, abs=60)
    assert await waiting_s(pool, store, 1) == pytest.approx(3600, abs=60)
    assert await waiting_s(pool, store, 2) == 0.0
