"""The application: the only place that knows every room."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

from aiohttp import web

from cql.limits import Limits
from indexer.engine.port import Engine, EngineError
from indexer.extract import Extractor
from indexer.fields import FieldTable, FieldTableError, load_field_table
from server.auth.secrets import open_secrets
from server.catalogue import Catalogue, Database
from server.db.pool import is_unavailable, open_database
from server.engines import open_collection
from server.errors import CannotStart, DiscoveryError
from server.harvesting.metrics import observe_harvests
from server.loading.set_evaluation import evaluate, needs_evaluation
from server.middleware import compress, dress
from server.oai import routes as oai_room
from server.records.conversion import Converter
from server.rooms import ENGINES, POOL, SECRETS, SETTINGS, Room, guarded, open_room
from server.sets.rules import SetRules, read_sets
from server.settings import DATABASES, Settings
from server.settings import Database as DatabaseName
from server.sru import routes as sru_room
from server.telemetry import metrics_page
from server.web import health
from server.web import routes as web_room

ROOMS: Sequence[Room] = (web_room.ROOM, oai_room.ROOM, sru_room.ROOM)

log = logging.getLogger(__name__)

STATE_S = 2.0
SETS_AGAIN_S = 30.0
CATALOGUE = web.AppKey("catalogue", Catalogue)


def build_app(settings: Settings) -> web.Application:
    """The application with its rooms. Database and engine are opened when it starts and closed when it ends.

    Raises: CannotStart for secrets that cannot be used; when it starts also for database and field table.
    """
    app = web.Application(middlewares=[compress], client_max_size=settings.max_body_bytes)
    app[SETTINGS] = settings
    app[SECRETS] = open_secrets(settings)
    app.on_response_prepare.append(dress)
    app.cleanup_ctx.extend([_database, _catalogue])
    for room in ROOMS:
        open_room(app, room)
    app.router.add_route("*", "/{rest:.*}", guarded(web_room.ROOM, web_room.nowhere))
    return app


async def _database(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    async with open_database(settings, statement_timeout_s=settings.database.statement_timeout_s) as pool:
        app[POOL] = pool
        yield


async def _catalogue(app: web.Application) -> AsyncIterator[None]:
    """Field table, engines and what is built on them."""
    settings = app[SETTINGS]
    try:
        table = await asyncio.to_thread(load_field_table, settings.fields_file)
    except (FieldTableError, OSError) as error:
        raise CannotStart(f"{error}") from None
    limits = settings.sru.limits
    async with AsyncExitStack() as stack:
        engines: dict[DatabaseName, Engine] = {}
        databases: dict[str, Database] = {}
        for name in DATABASES:
            engines[name] = open_collection(settings, table, name)
            stack.push_async_callback(engines[name].close)
            await _tell_state(name, engines[name])
            databases[name] = Database(name, engines[name], table.index_table(name))
        app[ENGINES] = engines
        app[CATALOGUE] = Catalogue(databases, Limits(**limits.model_dump(exclude={"time_s"})), limits.time_s, settings.engine.kind)
        web_room.open_desk(app, ROOMS, {name: database.indexes for name, database in databases.items()})
        sru_room.open_desk(app, app[CATALOGUE], Converter(Extractor(table)), settings)
        rules = read_sets(settings.oai.sets, table.index_table("biblios"))
        oai_room.open_desk(app, app[POOL], engines["biblios"], settings, rules, app[SECRETS], table.item_tags)
        deciding = [asyncio.create_task(_keep_sets(app[POOL], rules, table, settings))] if settings.oai.auto_update_sets else []
        yield
        for task in deciding:
            task.cancel()
        await asyncio.gather(*deciding, return_exceptions=True)


async def _keep_sets(pool: Any, rules: SetRules, table: FieldTable, settings: Settings) -> None:
    """Decides set memberships again, beside everything else, when the definitions have changed since the last time."""
    while True:
        try:
            waiting = await needs_evaluation(pool, rules)
            if not waiting:
                return
            log.info("set definitions have changed; %d records are decided again", waiting)
            await evaluate(pool, rules, Extractor(table), settings.oai.visibility_delay, touch=settings.oai.sets_touch)
        except (DiscoveryError, OSError, EngineError) as error:
            log.warning("set memberships cannot be decided at the moment: %s", error)
        except Exception as error:
            if not is_unavailable(error):
                log.exception("set memberships cannot be decided")
                return
        await asyncio.sleep(SETS_AGAIN_S)


async def _tell_state(name: str, engine: Engine) -> None:
    """Logs what should be done about a collection: it was made with another field table, or cannot be read."""
    try:
        async with asyncio.timeout(STATE_S):
            state = await engine.ready()
    except (EngineError, TimeoutError) as error:
        log.warning("%s: the engine does not answer yet: %s", name, error or "it takes too long")
        return
    if state.detail and (state.change or not state.ready):
        log.warning("%s: %s", name, state.detail)


def build_metrics_app(app: web.Application) -> web.Application:
    """The application behind the metrics address; its gauges are asked from the parts of `app` each time."""

    async def metrics(_: web.Request) -> web.Response:
        await health.observe(app[POOL], app[ENGINES])
        await observe_harvests(app[POOL])
        body, content_type = await asyncio.to_thread(metrics_page)
        return web.Response(body=body, headers={"Content-Type": content_type})

    own = web.Application()
    own.router.add_get("/metrics", metrics)
    return own
