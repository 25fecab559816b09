"""`oai`: sets to try and to bring up to date, and a walk through the own endpoint."""

import asyncio
from collections.abc import Callable

import aiohttp
from rich.console import Console
from rich.table import Table

from cql.limits import Limits
from indexer.engine.port import Window
from indexer.extract import Extractor
from indexer.fields import load_field_table
from server.catalogue import Catalogue, Database
from server.commands.load import screen
from server.commands.progress import Steps
from server.db import sets
from server.db.pool import open_database
from server.engines import open_collection
from server.errors import CannotStart, Unavailable
from server.loading.set_evaluation import evaluate, needs_evaluation
from server.oai.routes import base_url
from server.oai.verifying import Checked, verify_endpoint
from server.records.brief import brief_of
from server.records.stored import MARCXML
from server.sets.rules import read_sets
from server.settings import Settings
from server.xmlio import NotXml

SAMPLES = 10
ANSWER_S = 120


def run_try_set(settings: Settings, query: str, say: Callable[[str], None]) -> int:
    """Shows how many records a set by this query would have, and some of them. Raises: CqlError, EngineUnavailable."""
    asyncio.run(_try_set(settings, query, say))
    return 0


async def _try_set(settings: Settings, query: str, say: Callable[[str], None]) -> None:
    table = load_field_table(settings.fields_file)
    engine = open_collection(settings, table, "biblios")
    try:
        limits = settings.sru.limits
        bounds = Limits(**limits.model_dump(exclude={"time_s"}))
        catalogue = Catalogue({"biblios": Database("biblios", engine, table.index_table("biblios"))}, bounds, limits.time_s)
        planned = catalogue.understand("biblios", query).planned
        page = await catalogue.search("biblios", planned, Window(1, SAMPLES))
        say(f"{page.total:,} records would be in this set" + (":" if page.total else "."))
        for hit in page.hits:
            say(f"    {hit.id}  {brief_of(hit.id, hit.stored[MARCXML], hit.format).title}")
        if page.total > len(page.hits):
            say(f"    and {page.total - len(page.hits):,} more")
    finally:
        await engine.close()


def run_update_sets(settings: Settings) -> int:
    """Decides memberships again where the definitions have changed, or all of them where loads do not (`oai.auto_update_sets`).

    Raises: CannotStart, DatabaseUnavailable.
    """
    asyncio.run(_update_sets(settings, screen()))
    return 0


async def _update_sets(settings: Settings, console: Console) -> None:
    table = load_field_table(settings.fields_file)
    rules = read_sets(settings.oai.sets, table.index_table("biblios"))
    async with open_database(settings) as pool:
        if not settings.oai.auto_update_sets:
            async with pool.acquire() as connection:
                await sets.begin(connection, "")
        with Steps(console) as steps:
            steps.begin("Deciding set memberships", await needs_evaluation(pool, rules))
            lead_s, touch = settings.oai.visibility_delay, settings.oai.sets_touch
            changed = await evaluate(pool, rules, Extractor(table), lead_s, steps.advance, touch=touch)
    console.print(f"Memberships follow the definitions; {changed:,} records changed theirs.", highlight=False)


def run_verify(settings: Settings, address: str | None) -> int:
    """Walks an endpoint, the own one by default; returns 1 when something is wrong. Raises: Unavailable, CannotStart."""
    found = asyncio.run(_verify(address or base_url(settings), screen()))
    return 1 if any(one.problem_count for one in found) else 0


async def _verify(address: str, console: Console) -> list[Checked]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_S)) as session:

        async def fetch(query: str) -> bytes:
            async with session.get(f"{address}?{query}") as response:
                body = await response.read()
                if response.status != 200:
                    raise Unavailable(f"{address} answers HTTP {response.status}: {body[:200].decode(errors='replace').strip()}")
                return body

        try:
            found = await verify_endpoint(fetch, lambda prefix: console.print(f"Walking through {prefix} ...", highlight=False))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{address} does not answer ({error or 'it takes too long'}); is `serve` running?") from None
        except NotXml as error:
            raise CannotStart(f"{address} does not speak OAI-PMH: {error}") from None
    _tell(found, console)
    return found


def _tell(found: list[Checked], console: Console) -> None:
    table = Table(box=None)
    for name in ("format", "records", "deleted", "pages", "records/s", "wrong"):
        table.add_column(name, justify="left" if name == "format" else "right")
    for one in found:
        speed = f"{one.records / max(one.seconds, 0.001):,.0f}"
        table.add_row(one.prefix, f"{one.records:,}", f"{one.deleted:,}", str(one.pages), speed, str(one.problem_count))
    console.print(table)
    for one in found:
        for problem in one.problems:
            console.print(f"{one.prefix}: {problem}", highlight=False, soft_wrap=True)
    if not any(one.problem_count for one in found):
        console.print("Everything is as it should be.", highlight=False)
