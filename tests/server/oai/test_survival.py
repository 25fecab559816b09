"""A harvest survives what happens to the server: restarts, other processes, rebuilt indexes, outages, changes between its pages.

Real commands in processes of their own, and a harvester that knows nothing but the protocol. Each time it must hold exactly what
the library has, and no list may have shown an item twice.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree
from opensearch_nodes import own_prefix

from indexer.marc import to_iso2709
from indexer.record import Record

ROOT = Path(__file__).resolve().parents[3]
OAI = "{http://www.openarchives.org/OAI/2.0/}"
PAGE = 25
WAIT_S = 120


def until(condition, what):
    """Waits for something that other processes, or the clock, bring about."""
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.1)


@dataclass
class Server:
    """One `hylla serve`."""

    process: subprocess.Popen
    base: str

    def ask(self, query):
        """(status, Retry-After, body) of a request."""
        try:
            with urllib.request.urlopen(f"{self.base}/oai?{query}", timeout=60) as answer:
                return answer.status, "", answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get("Retry-After", ""), error.read()

    def end(self, how):
        self.process.send_signal(how)
        self.process.communicate(timeout=60)

    def die_answering(self, query):
        """Is killed while a request is on its way, so that nobody gets the answer."""
        host, _, port = self.base.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as line:
            line.sendall(f"GET /oai?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            self.end(signal.SIGKILL)


@dataclass
class Library:
    """An installation of real commands. `titles`: what it must show, by identifier; None for what was deleted."""

    folder: Path
    values: dict
    titles: dict = field(default_factory=dict)
    started: list = field(default_factory=list)

    def start(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HYLLA_")}
        fixed = {"metrics.enabled": "false", "load.workers": 1, "log.level": "warning", "oai.max_count": PAGE, "oai.visibility_delay": 1}
        values = [f"--set={name}={value}" for name, value in (fixed | self.values).items()]
        command = [sys.executable, "-m", "server", "--data-dir", str(self.folder / "data"), "--port", "0", *values, *map(str, arguments)]
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        self.started.append(process)
        return process

    def run(self, *arguments):
        process = self.start(*arguments)
        out, _ = process.communicate(timeout=WAIT_S)
        assert process.returncode == 0, out + (self.folder / "log").read_text()

    def serve(self):
        process = self.start("serve")
        found = re.search(r"http://\S+:\d+", process.stdout.readline())
        assert found, (self.folder / "log").read_text()
        return Server(process, found[0])

    def load(self, numbers, word, *, delete=False):
        """Takes records with `word` in their titles in, or deletes those with these numbers."""
        made = [
            Record("00000nam a2200000 i 4500", [("001", f"n{number:04d}"), ("245", f"00\x1fa{word} {number}"), ("650", " 4\x1faReefs")])
            for number in numbers
        ]
        path = self.folder / "records.mrc"
        path.write_bytes(b"".join(map(to_iso2709, made)))
        self.run("load", *(["--delete"] if delete else []), path)
        self.titles |= {f"KOHA-OAI-TEST:n{number:04d}": None if delete else f"{word} {number}" for number in numbers}

    def until_listed(self, server):
        """Waits until the change made last is shown (lists end at the present second) and its second is over: a harvest that begins in
        the second of a change is followed by one that lists it again, for `from` includes its second.
        """
        until(lambda: Harvester(server).whole().held == self.titles, "everything was listed")
        time.sleep(1 - time.time() % 1)

    def stop(self):
        for process in reversed(self.started):
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=60)


class Unavailable(Exception):
    """The server asks for patience."""


@dataclass
class Harvester:
    """Asks page by page. `held`: identifier -> title, None for deleted; "" where only headers were asked for. `listed`: this run's."""

    server: Server
    verb: str = "ListRecords"
    prefix: str = "oai_dc"
    held: dict = field(default_factory=dict)
    listed: list = field(default_factory=list)
    since: str = ""
    token: str = ""
    more: bool = True

    @property
    def query(self):
        if self.token:
            return f"verb={self.verb}&resumptionToken={quote(self.token)}"
        since = f"&from={self.since}" if self.since else ""
        return f"verb={self.verb}&metadataPrefix={self.prefix}{since}"

    def page(self):
        """Takes the next page in. Raises Unavailable for 503 with Retry-After."""
        status, retry_after, body = self.server.ask(self.query)
        if status == 503:
            assert retry_after.isdecimal(), retry_after
            raise Unavailable
        assert status == 200, body
        root = etree.fromstring(body)
        assert [one.get("code") for one in root.iter(f"{OAI}error")] in ([], ["noRecordsMatch"]), body
        if not self.token:
            self.first = root.findtext(f"{OAI}responseDate")
        for header in root.iter(f"{OAI}header"):
            identifier = header.findtext(f"{OAI}identifier")
            self.listed.append(identifier)
            told = _title(header.getnext()) if self.verb == "ListRecords" and not header.get("status") else ""
            self.held[identifier] = None if header.get("status") else told
        self.token = root.findtext(f".//{OAI}resumptionToken") or ""
        self.more = bool(self.token)
        return self

    def whole(self):
        """The rest of the list."""
        while self.more:
            self.page()
        assert len(set(self.listed)) == len(self.listed), "an item was listed twice"
        return self

    def again(self):
        """The next harvest: what has a datestamp from the first answer of this one on."""
        return Harvester(self.server, self.verb, self.prefix, dict(self.held), since=self.first)


def _title(metadata):
    """The first title in Dublin Core, MODS or MARCXML."""
    return str(metadata.xpath("(.//*[local-name() = 'title'] | .//*[@tag = '245']/*[@code = 'a'])[1]/text()")[0])


@pytest.fixture
def new_library(database, tmp_path):
    made = []

    def new(**values):
        given = {name.replace("__", "."): value for name, value in values.items()}
        made.append(Library(tmp_path, {"database.url": database} | given))
        return made[-1]

    yield new
    for one in made:
        one.stop()


@pytest.fixture(params=["embedded", "opensearch"])
def library(request, new_library):
    """An installation over each engine."""
    if request.param == "embedded":
        yield new_library()
        return
    url = request.getfixturevalue("opensearch_url")
    with own_prefix(url) as prefix:
        yield new_library(engine__kind="opensearch", engine__url=url, engine__prefix=prefix)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "verb", "prefix"),
    [(signal.SIGTERM, "ListRecords", "oai_dc"), (signal.SIGKILL, "ListRecords", "marcxml"), (signal.SIGKILL, "ListIdentifiers", "oai_dc")],
)
def test_a_restart_between_pages_changes_nothing(new_library, how, verb, prefix):
    library = new_library()
    library.load(range(60), "Shelf")
    harvester = Harvester(library.serve(), verb, prefix)
    library.until_listed(harvester.server)
    while harvester.page().more:
        if how is signal.SIGKILL:
            harvester.server.die_answering(harvester.query)
        else:
            harvester.server.end(how)
        harvester.server = library.serve()
    assert harvester.listed == sorted(library.titles)
    assert harvester.held == (library.titles if verb == "ListRecords" else dict.fromkeys(library.titles, ""))


def test_pages_from_two_processes_make_one_list(new_library):
    library = new_library()
    library.load(range(110), "Shelf")
    servers = [library.serve(), library.serve()]
    library.until_listed(servers[0])
    harvester = Harvester(servers[0])
    while harvester.page().more:
        harvester.server = servers[(servers.index(harvester.server) + 1) % 2]
    assert (harvester.listed, harvester.held) == (sorted(library.titles), library.titles)


@pytest.mark.slow
def test_an_index_that_is_rebuilt_and_switched_in_mid_harvest_changes_nothing(library):
    library.load(range(90), "Shelf")
    server = library.serve()
    library.until_listed(server)
    begun = Harvester(server, prefix="marcxml").page()
    library.run("reindex")
    begun.page()
    rebuilding = library.start("reindex")
    walks = []
    while rebuilding.poll() is None:
        walks.append(Harvester(server).whole())
    rebuilding.communicate(timeout=WAIT_S)
    assert rebuilding.returncode == 0
    walks.append(begun.whole())
    assert len(walks) > 1
    for walk in walks:
        assert (walk.listed, walk.held) == (sorted(library.titles), library.titles)


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_changes_between_pages_and_a_killed_server_lose_nothing(new_library, verb):
    library = new_library()
    library.load(range(100), "Shelf")
    library.load(range(90, 100), "Shelf", delete=True)
    server = library.serve()
    library.until_listed(server)
    harvester = Harvester(server, verb).page()
    library.load([3, 30, 60, 99], "Changed")  # 99 is made again
    library.load([5, 40, 41, 70], "Gone", delete=True)
    harvester.page()
    server.end(signal.SIGKILL)
    harvester.server = library.serve()
    library.load([41, 200, 201], "Made again")
    library.load([60, 200], "Gone again", delete=True)
    harvester.whole()
    changed = {f"KOHA-OAI-TEST:n{number:04d}" for number in (3, 30, 60, 99, 5, 40, 41, 70, 200, 201)}
    library.until_listed(harvester.server)
    following = harvester.again().whole()
    assert set(following.listed) == changed
    wanted = library.titles if verb == "ListRecords" else {name: title and "" for name, title in library.titles.items()}
    assert following.held == wanted


@pytest.mark.slow
@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_harvest_goes_on_with_the_same_token_when_opensearch_is_back(new_library, opensearch_node, how):
    library = new_library(engine__kind="opensearch", engine__url=opensearch_node.url, engine__timeout_s=2)
    library.load(range(90), "Shelf")
    server = library.serve()
    library.until_listed(server)
    walks = [Harvester(server, prefix=prefix).page() for prefix in ("oai_dc", "marcxml", "mods")]
    headers = Harvester(server, "ListIdentifiers").page()
    opensearch_node.stop() if how == "stopped" else opensearch_node.kill()
    for walk in walks:
        with pytest.raises(Unavailable):
            walk.page()
    assert server.ask("verb=GetRecord&metadataPrefix=oai_dc&identifier=KOHA-OAI-TEST:n0001")[0] == 503
    assert headers.whole().listed == sorted(library.titles)  # no contents are needed for it
    opensearch_node.start()
    refused = 0
    for walk in walks:
        while walk.more:  # while the node comes back an answer is right or 503
            try:
                walk.page()
            except Unavailable:
                refused += 1
                assert refused < WAIT_S * 10
                time.sleep(0.1)
        assert (walk.listed, walk.held) == (sorted(library.titles), library.titles)
    assert refused > 0
