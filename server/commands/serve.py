"""`serve`: everything ready, then the server until it is told to stop."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from server.settings import Settings, share_metrics


def run_serve(settings: Settings, say: Callable[[str], None]) -> int:
    """Serves; returns the exit code. `say` gets one line per address once they answer. Raises: as `server.serve.serve`."""
    if settings.workers > 1 and settings.metrics.enabled:
        share_metrics(_metrics_folder(settings))  # before anything that counts is imported

    from server.serve import serve
    from server.telemetry import configure_logging

    configure_logging(settings.log)

    def announce(addresses: list[str]) -> None:
        start, *others = addresses
        say(f"{settings.library_name} is open: {start}")
        for address in others:
            say(f"  {address}")
        say("Ctrl-C stops.")

    return serve(settings, announce)


def _metrics_folder(settings: Settings) -> Path:
    """An empty folder in which the workers of this process count together; those of processes that are gone are removed."""
    folder = settings.folder("metrics")
    for old in folder.iterdir():
        if old.name.isdigit() and not _is_alive(int(old.name)):
            shutil.rmtree(old, ignore_errors=True)
    own = folder / str(os.getpid())
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    return own


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
