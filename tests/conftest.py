"""Fixtures that every part of the tests may use."""

import os
import signal
from pathlib import Path

import pytest

pytest_plugins = ["opensearch_nodes"]

# A shell that starts the tests in the background lets them, and every process that they start, ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with real MARC files, CQL cases and XSDs; it lies beside the checkout and is not part of the project."""
    path = Path(os.environ.get("HYLLA_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"SKIPPED LOUDLY: no shared test data at {path} (set HYLLA_SHARED_DATA)")
    return path
