"""A whole installation over an OpenSearch that may fail: real commands in processes of their own, and a storm of requests."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from indexer.marc import to_iso2709
from indexer.record import Record

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 120
ASKED = "/sru?version=1.1&maximumRecords=1&operation="


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Waits for something that other processes bring about."""
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.05)


def write_records(path: Path, numbers: range, word: str) -> Path:
    """A file of records that all have `word` in their titles."""
    records = (
        Record(
            "00000nam a2200000 i 4500", [("001", f"b{number:06d}"), ("245", f"10\x1faThe {word} shelf{number}"), ("650", " 4\x1faShelves")]
        )
        for number in numbers
    )
    path.write_bytes(b"".join(map(to_iso2709, records)))
    return path


@dataclass(frozen=True)
class Answer:
    """One answer of the server. `total`: hits of a search, or records of the first term of a scan; -1 when it has none."""

    asked: str
    status: int
    total: int
    diagnostic: str
    retry_after: str
    took_s: float


@dataclass
class Installation:
    """One installation in a folder of its own, with a private PostgreSQL."""

    folder: Path
    values: dict[str, str]
    base: str = ""
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Starts a command."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HYLLA_")}
        fixed = {"metrics.enabled": "false", "load.workers": "1", "log.level": "warning", "engine.kind": "opensearch"}
        values = [f"--set={name}={value}" for name, value in (fixed | self.values).items()]
        command = [sys.executable, "-m", "server", "--data-dir", str(self.folder / "data"), "--port", "0", *values, *map(str, arguments)]
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        self.started.append(process)
        return process

    def run(self, *arguments: object) -> str:
        """Runs a command that succeeds; what it printed on standard output."""
        return self.ended(self.start(*arguments))

    def ended(self, process: subprocess.Popen[str]) -> str:
        """Waits until a command has succeeded; what it printed."""
        out, _ = process.communicate(timeout=WAIT_S)
        assert process.returncode == 0, out + self.log()
        return out

    def log(self) -> str:
        return (self.folder / "log").read_text()

    def serve(self) -> None:
        """Starts the server and waits until it is open."""
        server = self.start("serve")
        assert server.stdout is not None
        found = re.search(r"http://\S+:\d+", server.stdout.readline())
        assert found, self.log()
        self.base = found[0]

    def ask(self, asked: str) -> Answer:
        """`asked`: parameters of a search or scan, from the operation's name on."""
        began = time.monotonic()
        try:
            with urllib.request.urlopen(self.base + ASKED + asked, timeout=60) as answer:
                status, retry_after, body = answer.status, "", answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                status, retry_after, body = error.code, error.headers.get("Retry-After", ""), error.read().decode()
        total = re.search(r"numberOfRecords>(\d+)<", body)
        diagnostic = re.search(r"info:srw/diagnostic/1/(\d+)", body)
        return Answer(
            asked, status, int(total[1]) if total else -1, diagnostic[1] if diagnostic else "", retry_after, time.monotonic() - began
        )

    def stop(self) -> None:
        """Ends what still runs, the server last started first."""
        for process in reversed(self.started):
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=60)


@dataclass
class Storm:
    """Asks the same things again and again, in some threads, until it is told to end."""

    installation: Installation
    asked: tuple[str, ...]
    answers: list[Answer] = field(default_factory=list)
    problems: list[BaseException] = field(default_factory=list)
    _end: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Storm":
        self._threads = [threading.Thread(target=self._go_on, args=(one,)) for one in self.asked]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()
        if self.problems:
            raise self.problems[0]

    def _go_on(self, asked: str) -> None:
        try:
            while not self._end.wait(0.02):
                self.answers.append(self.installation.ask(asked))
        except BaseException as problem:  # told to the test at the end
            self.problems.append(problem)

    def until(self, what: str, condition: Callable[[list[Answer]], bool]) -> list[Answer]:
        """Waits until the answers from now on are such; gives them."""
        begin = len(self.answers)
        wait_until(lambda: bool(self.problems) or condition(self.answers[begin:]), what)
        return self.answers[begin:]

    def until_all_are(self, status: int, count: int = 5) -> None:
        """Waits until the last answers to everything that is asked have this status."""

        def last_ones(answers: list[Answer]) -> bool:
            own = [[one for one in answers if one.asked == asked][-count:] for asked in self.asked]
            return all(len(part) == count and all(one.status == status for one in part) for part in own)

        self.until(f"answers with status {status}", last_ones)


@pytest.fixture
def installation() -> Iterator[Callable[..., Installation]]:
    """Makes an installation over the OpenSearch at an address: `installation(url, engine__replicas=1)`."""
    # Not pytest's own folders, which PostgreSQL's account could not enter when the tests are run by root.
    folder = Path(tempfile.mkdtemp(prefix="hylla-outage-"))
    folder.chmod(0o755)
    made: list[Installation] = []

    def make(url: str, **values: object) -> Installation:
        given = {name.replace("__", "."): str(value) for name, value in values.items()}
        made.append(Installation(folder, {"engine.url": url} | given))
        return made[-1]

    yield make
    for one in made:
        one.stop()
    shutil.rmtree(folder)


@pytest.fixture
def records() -> Callable[[Path, range, str], Path]:
    return write_records


@pytest.fixture
def storm() -> type[Storm]:
    return Storm


@pytest.fixture
def until() -> Callable[[Callable[[], bool], str], None]:
    return wait_until
