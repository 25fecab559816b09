"""Serving: sockets, worker processes and signals.

One process by default. With several, the parent makes everything ready, forks, and from then on only watches: every worker
has a listening socket of its own on the same port (SO_REUSEPORT), and a worker that dies is replaced. Workers stop by
themselves when the parent is gone.
"""

import asyncio
import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, ExitStack, suppress

from aiohttp import web

from server.db.pool import open_database
from server.db.private import private_server
from server.errors import CannotStart, DiscoveryError
from server.listening import addresses, bind
from server.settings import Settings

log = logging.getLogger(__name__)

BACKLOG = 1024
LONGEST_LINE = 1024 * 1024  # an address may hold a query of 65,536 characters, each percent-encoded
STOP_S = 10.0  # how long requests in progress may go on after the signal to stop
METRICS_OFFSET = 1000
EARLY_DEATH_S = 5.0
WATCH_S = 0.2

Announce = Callable[[list[str]], None]


def serve(settings: Settings, announce: Announce) -> int:
    """Serves until SIGTERM or Ctrl-C; returns the exit code. `announce` gets the addresses once they answer.

    Raises: CannotStart, DatabaseUnavailable.
    """
    sockets = bind(settings.host, settings.port, settings.workers)
    if settings.workers == 1:
        own = sockets[0]
        asyncio.run(_serve_one(settings, own, lambda: announce(addresses(settings, own[0].getsockname()[1])), with_metrics=True))
        return 0
    return _serve_many(settings, sockets, announce)


async def _serve_one(settings: Settings, sockets: Sequence[socket.socket], ready: Callable[[], None], *, with_metrics: bool) -> None:
    """Serves in this process until a signal or, for a worker, the end of its parent; `ready` is called once it answers."""
    from server.app import build_app, build_metrics_app

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        app = build_app(settings)
        await _open_sites(stack, app, sockets)
        if with_metrics and settings.metrics.enabled:
            own = _metrics_sockets(settings, sockets[0].getsockname()[1])
            if own:
                await _open_sites(stack, build_metrics_app(app), own)
        ready()
        await stop.wait()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)  # a second Ctrl-C does not wait for anybody
        log.info("stopping")


async def _open_sites(stack: AsyncExitStack, app: web.Application, sockets: Sequence[socket.socket]) -> None:
    runner = web.AppRunner(
        app,
        handle_signals=False,
        access_log=None,
        handler_cancellation=True,
        shutdown_timeout=STOP_S,
        max_line_size=LONGEST_LINE,
        keepalive_timeout=75.0,
    )
    stack.push_async_callback(runner.cleanup)
    await runner.setup()
    for one in sockets:
        await web.SockSite(runner, one, backlog=BACKLOG).start()


def _metrics_sockets(settings: Settings, port: int) -> list[socket.socket]:
    """Sockets for the metrics address. Only one that was chosen by hand must be free."""
    own = settings.metrics
    if own.port is not None:
        return bind(own.host, own.port)[0]
    try:
        return bind(own.host, (port + METRICS_OFFSET) % 65_536)[0]
    except CannotStart as error:
        log.warning("no metrics: %s", error)
        return []


class _Stop(BaseException):
    """The parent was told to stop."""


def _raise_stop(*_: object) -> None:
    raise _Stop


def _serve_many(settings: Settings, sockets: list[list[socket.socket]], announce: Announce) -> int:
    """The parent: makes ready, forks, watches, forwards the signal to stop."""
    with ExitStack() as stack:
        if not settings.database.url:
            stack.enter_context(private_server(settings))
        asyncio.run(_make_ready(settings))
        import server.app  # noqa: F401 - once, before the fork, so that workers share the memory and start at once

        workers = Workers(settings, sockets)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _raise_stop)
        try:
            return workers.watch(lambda: announce(addresses(settings, sockets[0][0].getsockname()[1])))
        except _Stop:
            return 0
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            workers.end()


async def _make_ready(settings: Settings) -> None:
    async with open_database(settings):
        pass


class Workers:
    """The parent's side of the worker processes. They tell that they answer, and learn that the parent is gone, by a socket."""

    def __init__(self, settings: Settings, sockets: list[list[socket.socket]]) -> None:
        self._settings = settings
        self._sockets = sockets
        self._parent_end, self._worker_end = socket.socketpair()
        self._running: dict[int, tuple[int, float]] = {}  # process id -> place and time of start

    def watch(self, all_ready: Callable[[], None]) -> int:
        """Starts the workers and replaces those that die; returns an exit code when one cannot start at all."""
        for place in range(self._settings.workers):
            self._fork(place)
        ready_count = 0
        while True:
            if select.select([self._parent_end], [], [], WATCH_S)[0]:
                before, ready_count = ready_count, ready_count + len(self._parent_end.recv(1024))
                if before < self._settings.workers <= ready_count:
                    all_ready()
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                continue
            place, started = self._running.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            log.error("worker %d (process %d) ended with %d", place, pid, code)
            if time.monotonic() - started < EARLY_DEATH_S:
                if code > 0:
                    return 1  # it said why; another one would do the same
                time.sleep(1.0)  # killed: never in a hurry, whoever does that may go on
            self._fork(place)

    def _fork(self, place: int) -> None:
        pid = os.fork()
        if pid:
            self._running[pid] = (place, time.monotonic())
            return
        code = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            self._parent_end.close()
            asyncio.run(self._work(place))
            code = 0
        except DiscoveryError as error:
            log.error("worker %d cannot go on: %s", place, error)
        except Exception:
            log.exception("worker %d cannot go on", place)
        finally:
            os._exit(code)

    async def _work(self, place: int) -> None:
        loop = asyncio.get_running_loop()

        def parent_is_gone() -> None:
            loop.remove_reader(self._worker_end)
            os.kill(os.getpid(), signal.SIGTERM)

        loop.add_reader(self._worker_end, parent_is_gone)
        await _serve_one(self._settings, self._sockets[place], lambda: self._worker_end.sendall(b"."), with_metrics=place == 0)

    def end(self) -> None:
        """Tells the workers to stop, waits, and kills what is left."""
        waiting = set(self._running)
        for pid in waiting:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S + 5
        while waiting and time.monotonic() < deadline:
            waiting -= {pid for pid in waiting if os.waitpid(pid, os.WNOHANG)[0] == pid}
            time.sleep(0.02)
        for pid in waiting:
            log.warning("worker process %d does not stop and is killed", pid)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self._parent_end.close()
        self._worker_end.close()
