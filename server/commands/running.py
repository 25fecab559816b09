"""Runs what a command does, so that Ctrl-C is never lost."""

import asyncio
import signal
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """As `asyncio.run`. A signal that arrives just before the loop falls asleep, or in another thread, wakes it.

    asyncio notes Ctrl-C by a handler alone, which runs only when the main thread does; a load that waits for a silent standard
    input would go on waiting. A descriptor to which the interpreter writes on every signal ends the sleep.
    """
    return asyncio.run(_awake(work))


async def _awake(work: Coroutine[Any, Any, T]) -> T:
    loop = asyncio.get_running_loop()
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        there.setblocking(False)
        loop.add_reader(here, here.recv, 4096)
        before = signal.set_wakeup_fd(there.fileno(), warn_on_full_buffer=False)
        try:
            return await work
        finally:
            signal.set_wakeup_fd(before)
            loop.remove_reader(here)
