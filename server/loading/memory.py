"""How memory is dealt with while many documents are made."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_SELDOM = (50_000, 20, 100)
"""Thresholds of the garbage collector, higher than Python's own, which have it run all the time while documents are made."""

_M_ARENA_MAX = -8
_ARENAS = 2


@contextmanager
def thrifty() -> Iterator[None]:
    """For work that makes many objects and hardly a cycle: lets the garbage collector run seldom, and threads share memory.

    glibc gives every thread an arena of its own, from which memory that was freed does not go back: with a thread that reads, one
    that packs, and those of the engine, a load grew by some 100 MiB. Other C libraries have no arenas and no `mallopt`.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)
