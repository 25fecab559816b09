"""A demo server with its own sample records, and Debian's Chromium to look at it.

Screenshots of every page that is looked at go to the folder that HYLLA_TEST_SCREENSHOTS names (default: pytest's temporary folder).
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
STARTS_S = 120
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync", "--disable-dev-shm-usage"]


def free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return own.getsockname()[1]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server that `hylla demo` has started."""
    port, log = free_port(), tmp_path_factory.mktemp("browser") / "demo.log"
    options = ["--data-dir", str(log.parent / "data"), "--port", str(port), "--set", "metrics.enabled=false"]
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "server", *options, "demo"], stdout=output, stderr=output)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/health/ready", process, log)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + STARTS_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"The demo does not start:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="module")
def chromium():
    """The browser. Skipped, loudly, where there is none.

    Not kept beyond its module: Playwright's event loop runs in this thread, and other tests could not start one of their own.
    """
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed (extra `browser`)")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", tempfile.gettempdir())  # Playwright itself knows /tmp only, which not everybody may write to
        with sync_api.sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield browser
            browser.close()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("HYLLA_TEST_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def browse(chromium, base):
    """Opens a page: `browse(path, width, dark, language)`. A script error, or anything asked of another host, fails the test."""
    contexts, troubles = [], []

    def opened(path: str, width: int = 1100, dark: bool = False, language: str = "en"):
        scheme, locale = "dark" if dark else "light", "sv-SE" if language == "sv" else "en-GB"
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith((base, "data:")) else troubles.append(request.url))
        answer = page.goto(base + path)
        page.status = answer.status
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []
