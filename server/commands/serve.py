"""`serve`: everything ready, then the server until it is told to stop."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from server.settings import PROGRAM, Settings, share_metrics


def run_serve(settings: Settings, say: Callable[[str], None]) -> int:
    """Serves; returns the exit code. `say` gets one line per address once they answer. Raises: as `server.serve.serve`."""
    shared = Path(tempfile.mkdtemp(prefix=f"{PROGRAM}-metrics-")) if settings.workers > 1 and settings.metrics.enabled else None
    if shared is not None:
        share_metrics(shared)  # before anything that counts is imported

    from server.serve import serve
    from server.telemetry import configure_logging

    configure_logging(settings.log)

    def announce(addresses: list[str]) -> None:
        start, *others = addresses
        say(f"{settings.library_name} is open: {start}")
        for address in others:
            say(f"  {address}")
        say("Ctrl-C stops.")

    try:
        return serve(settings, announce)
    finally:
        if shared is not None:
            shutil.rmtree(shared, ignore_errors=True)
