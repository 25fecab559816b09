"""A real OpenSearch for the tests: the one named by HYLLA_TEST_OPENSEARCH, else nodes started here from Maven Central's jars.

A pytest plugin (named in `tests/conftest.py`). `opensearch_url` is one node for the whole run; `opensearch_cluster` three nodes
in three processes of which one may be killed. The jars of a version are fetched once and kept under ~/.cache/hylla-test.
HYLLA_TEST_OPENSEARCH_VERSION chooses a version; without it, the newest that some installed JDK can run: 3.8.0 needs 21, and
2.19.1, the oldest that we support, 17.

Where there is neither a server nor Maven with a JDK, what needs one is skipped and the summary says so in one line; with
CI=true it fails instead.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CACHE = Path.home() / ".cache" / "hylla-test"
NEWEST, OLDEST = "3.8.0", "2.19.1"
START_S = 180
FETCH_S = 900
OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-Dfile.encoding=UTF-8")
"""The quick compiler is enough for tests and halves the time to start."""

_said: dict[str, str] = {}


@dataclass(frozen=True)
class Tools:
    """What a node is started with: the java program, and a class path."""

    java: Path
    class_path: str


def jdk_for(version: str) -> Path | None:
    """Home of a JDK that can run this version: JAVA_HOME, else the newest of the installed ones."""
    lowest, highest = (17, 23) if version.startswith("2.") else (21, 99)
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    homes += [path for path in Path("/usr/lib/jvm").glob("*") if path.is_dir()]
    found = [(number, home) for home in homes if (number := _java_version(home)) and lowest <= number <= highest]
    if found and homes[0] == found[0][1]:
        return found[0][1]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def version_for_tests() -> str:
    """The version that the tests run on."""
    return os.environ.get("HYLLA_TEST_OPENSEARCH_VERSION") or (NEWEST if jdk_for(NEWEST) or not jdk_for(OLDEST) else OLDEST)


def _java_version(home: Path) -> int:
    with contextlib.suppress(OSError):
        said = re.search(r'^JAVA_VERSION="(\d+)', (home / "release").read_text(), re.MULTILINE)
        if said and (home / "bin" / "javac").exists():
            return int(said[1])
    return 0


def find_tools() -> Tools | str:
    """The tools for the version of the tests, fetched if need be, or a sentence that says what is missing."""
    version = version_for_tests()
    home = jdk_for(version)
    if home is None:
        return f"there is no JDK that OpenSearch {version} runs on"
    place = CACHE / f"opensearch-{version}"
    source = hashlib.sha256((HERE / "SearchNode.java").read_bytes()).hexdigest()[:12]
    libraries, classes = place / "lib", place / f"classes-{source}"
    if not libraries.is_dir():
        maven = shutil.which("mvn")
        if maven is None:
            return "there is no Maven to fetch OpenSearch with"
        problem = _fetch(maven, version, home, libraries)
        if problem:
            return problem
    if not classes.is_dir():
        made = Path(tempfile.mkdtemp(dir=place))
        command = [str(home / "bin" / "javac"), "-cp", f"{libraries}/*", "-d", str(made), str(HERE / "SearchNode.java")]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        _put(made, classes)
    return Tools(home / "bin" / "java", f"{libraries}/*{os.pathsep}{classes}")


def _fetch(maven: str, version: str, home: Path, libraries: Path) -> str:
    """Copies the jars of a version to `libraries`; says what went wrong, if something did."""
    libraries.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=libraries.parent))
    command = [
        maven, "-q", "-B", "-f", str(HERE / "pom.xml"), f"-Dopensearch.version={version}", "dependency:copy-dependencies",
        f"-DoutputDirectory={made}",
    ]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=FETCH_S, env={**os.environ, "JAVA_HOME": str(home)})
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        shutil.rmtree(made)
        return f"Maven could not fetch OpenSearch {version} ({error})"
    _put(made, libraries)
    return ""


def _put(made: Path, place: Path) -> None:
    """Gives a complete folder its name; another run may have been quicker."""
    try:
        made.rename(place)
    except OSError:
        shutil.rmtree(made)


def free_port() -> int:
    """A TCP port on loopback that nobody uses at the moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Node:
    """One node in a process of its own. `settings`: lines of opensearch.yml besides name and ports."""

    tools: Tools
    folder: Path
    name: str
    settings: tuple[str, ...]
    heap: str = "512m"
    http_port: int = field(default_factory=free_port)
    transport_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def start(self) -> None:
        """Starts the process; `until_ready` waits for it."""
        config = self.folder / "config"
        config.mkdir(parents=True, exist_ok=True)
        own = (
            f"node.name: {self.name}", f"http.port: {self.http_port}", f"transport.port: {self.transport_port}", "network.host: 127.0.0.1",
            "cluster.routing.allocation.disk.threshold_enabled: false",
            # The serial collector frees memory late; what is free is not what the breaker would see.
            "indices.breaker.total.use_real_memory: false",
        )  # fmt: skip
        (config / "opensearch.yml").write_text("\n".join((*own, *self.settings, "")))
        command = [str(self.tools.java), f"-Xms{self.heap}", f"-Xmx{self.heap}", *OPTIONS, "-cp", self.tools.class_path, "SearchNode"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([*command, str(self.folder)], stdin=subprocess.PIPE, stdout=log, stderr=log)

    def until_ready(self, wanted: str = "") -> None:
        """Waits until the node answers; with `wanted`, until the health of the cluster is that."""
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                break
            with contextlib.suppress(urllib.error.URLError, OSError, ValueError):
                with urllib.request.urlopen(f"{self.url}/_cluster/health", timeout=5) as answer:
                    health = json.load(answer)
                if health["status"] != "red" and (not wanted or health["status"] == wanted):
                    return
            time.sleep(0.1)
        told = (self.folder / "log").read_text(errors="replace")[-3000:]
        self.stop()
        raise RuntimeError(f"OpenSearch node {self.name} did not become ready:\n{told}")

    def kill(self) -> None:
        """Ends the process as a crash does."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ends the process in good order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            process, self.process = self.process, None
            process.send_signal(how)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()


@dataclass
class ThreeNodes:
    """A cluster of three nodes."""

    nodes: list[Node]

    @property
    def url(self) -> str:
        """All addresses, separated by commas."""
        return ",".join(node.url for node in self.nodes)


@contextlib.contextmanager
def own_prefix(url: str) -> Iterator[str]:
    """A start for names of collections that nobody else uses; what has such a name is removed in the end."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    yield prefix
    request = urllib.request.Request(f"{url.partition(',')[0]}/{prefix}-*", method="DELETE")
    with urllib.request.urlopen(request, timeout=60):
        pass


def _or_skip() -> Tools:
    tools = find_tools()
    if isinstance(tools, str):
        _said["skipped"] = f"SKIPPED LOUDLY: everything that needs OpenSearch, because {tools} (or set HYLLA_TEST_OPENSEARCH)."
        if os.environ.get("CI") == "true":
            pytest.fail(f"No OpenSearch for the tests: {tools}.")
        pytest.skip(_said["skipped"])
    return tools


@pytest.fixture(scope="session")
def opensearch_url() -> Iterator[str]:
    """Address of one OpenSearch node that any test may put collections into, under names of its own."""
    given = os.environ.get("HYLLA_TEST_OPENSEARCH")
    if given:
        _said["ran"] = f"The tests of the OpenSearch engine ran on {given}."
        yield given
        return
    tools = _or_skip()
    folder = Path(tempfile.mkdtemp(prefix="hylla-opensearch-"))
    node = Node(tools, folder, "one", ("cluster.name: hylla-test", "discovery.type: single-node"))
    try:
        node.start()
        node.until_ready()
        _said["ran"] = f"The tests of the OpenSearch engine ran on OpenSearch {version_for_tests()}."
        yield node.url
    finally:
        node.stop()
        shutil.rmtree(folder)


@pytest.fixture
def opensearch_node() -> Iterator[Node]:
    """One node of the test's own, to be stopped and started at will."""
    tools = _or_skip()
    folder = Path(tempfile.mkdtemp(prefix="hylla-opensearch-"))
    node = Node(tools, folder, "own", ("cluster.name: hylla-test-own", "discovery.type: single-node"), heap="256m")
    try:
        node.start()
        node.until_ready()
        yield node
    finally:
        node.stop()
        shutil.rmtree(folder)


@pytest.fixture
def opensearch_cluster() -> Iterator[ThreeNodes]:
    """Three nodes in three processes, complete when the test begins."""
    tools = _or_skip()
    folder = Path(tempfile.mkdtemp(prefix="hylla-opensearch-"))
    names = ("one", "two", "three")
    nodes = [Node(tools, folder / name, name, (), heap="256m") for name in names]
    seeds = ",".join(f"127.0.0.1:{node.transport_port}" for node in nodes)
    common = (
        "cluster.name: hylla-test-cluster",
        f"discovery.seed_hosts: [{seeds}]",
        f"cluster.initial_cluster_manager_nodes: [{','.join(names)}]",
    )
    try:
        for node in nodes:
            node.settings = common
            node.start()
        for node in nodes:
            node.until_ready("green")
        _until_three(nodes[0])
        yield ThreeNodes(nodes)
    finally:
        for node in nodes:
            node.stop()
        shutil.rmtree(folder)


def _until_three(node: Node) -> None:
    with urllib.request.urlopen(f"{node.url}/_cluster/health?wait_for_nodes=3&timeout=60s", timeout=70) as answer:
        if json.load(answer)["timed_out"]:
            raise RuntimeError("The three OpenSearch nodes did not find each other.")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says on what the OpenSearch half ran, or that it did not."""
    for line in _said.values():
        terminalreporter.write_line(line)
