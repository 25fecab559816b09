"""`hylla harvest` copies whole repositories of real records, our own and one of another make, and follows what changes in them.

The other one is the server of the package `oaipmh` (`pip install oaipmh`, the successor of pyoai), used when it is at hand and
skipped loudly when it is not: in the Python named by HYLLA_TEST_CLIENTS_PYTHON, else in our own.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import pytest
from lxml import etree

from indexer.marc import Read, SourceProfile, read_file, to_iso2709, to_marcxml
from indexer.record import Record

ROOT = Path(__file__).resolve().parents[3]
OAI = "{http://www.openarchives.org/OAI/2.0/}"
WAIT_S = 120

PEER = """
import datetime, json, sys
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, make_server
from lxml import etree
from oaipmh import common, error, metadata, server

file, moment = sys.argv[1], lambda text: datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")

class Repository:
    def rows(self, since=None, until=None):
        rows = sorted(json.load(open(file)), key=lambda row: (row[1], row[0]))
        return [row for row in rows if (since is None or moment(row[1]) >= since) and (until is None or moment(row[1]) <= until)]

    def record(self, row):
        return common.Header(None, row[0], moment(row[1]), [], row[2] is None), common.Metadata(None, row[2]) if row[2] else None, None

    def identify(self):
        return common.Identify(repositoryName="Peer", baseURL=base, protocolVersion="2.0", adminEmails=["peer@library.example"],
            earliestDatestamp=datetime.datetime(2020, 1, 1), deletedRecord="persistent", granularity="YYYY-MM-DDThh:mm:ssZ",
            compression=["identity"])

    def listMetadataFormats(self, identifier=None):
        return [("marcxml", "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd", "http://www.loc.gov/MARC21/slim")]

    def listRecords(self, metadataPrefix, set=None, from_=None, until=None, cursor=0, batch_size=10):
        return [self.record(row) for row in self.rows(from_, until)[cursor:cursor + batch_size]]

    def listIdentifiers(self, **given):
        return [record[0] for record in self.listRecords(**given)]

class Quiet(WSGIRequestHandler):
    def log_message(self, *given): pass

def application(environ, start):
    body = serving.handleRequest(dict(parse_qsl(environ["QUERY_STRING"])))
    start("200 OK", [("Content-Type", "text/xml")])
    return [body]

writers = metadata.MetadataRegistry()
writers.registerWriter("marcxml", lambda element, found: element.append(etree.fromstring(found.getMap())))
listening = make_server("127.0.0.1", 0, application, handler_class=Quiet)
base = f"http://127.0.0.1:{listening.server_port}/oai"
serving = server.BatchingServer(Repository(), metadata_registry=writers, resumption_batch_size=100)
print(base, flush=True)
listening.serve_forever()
"""


def until(condition, what):
    """Waits for something that other processes, or the clock, bring about."""
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.2)


@dataclass
class Library:
    """One installation, used by commands alone. `base`: address of its server."""

    folder: Path
    database: str
    values: tuple = ()
    base: str = ""
    started: list = field(default_factory=list)

    def start(self, *arguments):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HYLLA_")} | {"COLUMNS": "200"}
        values = ["metrics.enabled=false", "load.workers=1", "log.level=warning", "oai.max_count=100", "oai.visibility_delay=1"]
        values += [f"database.url={self.database}", *self.values]
        command = [sys.executable, "-m", "server", "--data-dir", str(self.folder / "data"), "--port", "0"]
        command += [f"--set={one}" for one in values]
        with (self.folder / "log").open("a") as log:
            process = subprocess.Popen(
                [*command, *map(str, arguments)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.started.append(process)
        return process

    def run(self, *arguments):
        """Runs a command that succeeds; what it said."""
        log = self.folder / "log"
        before = log.stat().st_size if log.exists() else 0
        process = self.start(*arguments)
        process.communicate(timeout=WAIT_S)
        said = log.read_bytes()[before:].decode()
        assert process.returncode == 0, said
        return said

    def serve(self):
        found = re.search(r"http://\S+:\d+", self.start("serve").stdout.readline())
        assert found, (self.folder / "log").read_text()
        self.base = found[0]

    def load(self, records, *options):
        path = self.folder / "records.mrc"
        path.write_bytes(b"".join(map(to_iso2709, records)))
        self.run("load", *options, path)

    def shown(self):
        """What the own repository shows: control number -> (datestamp, MARCXML, provenance), and identifiers of deleted ones."""
        live, deleted = {}, set()
        asked = "verb=ListRecords&metadataPrefix=marcxml"
        while asked:
            with urllib.request.urlopen(f"{self.base}/oai?{asked}", timeout=60) as answer:
                root = etree.fromstring(answer.read())
            for record in root.iter(f"{OAI}record"):
                header, *rest = record
                if header.get("status") == "deleted":
                    deleted.add(header.findtext(f"{OAI}identifier"))
                    continue
                number = rest[0].xpath("string(.//*[@tag = '001'])")
                assert number not in live, number
                about = [one.text for part in rest[1:] for one in part.iter("{*}baseURL", "{*}identifier")]
                live[number] = header.findtext(f"{OAI}datestamp"), etree.tostring(rest[0][0]), about
            token = root.findtext(f".//{OAI}resumptionToken")
            asked = f"verb=ListRecords&resumptionToken={quote(token)}" if token else ""
        return live, deleted

    def stop(self):
        for process in reversed(self.started):
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=60)


@pytest.fixture
def library(database, tmp_path):
    made = Library(tmp_path / "first", database)
    made.folder.mkdir()
    yield made
    made.stop()


@pytest.fixture
def copy(empty_database, tmp_path):
    """An installation that has nothing yet; `copy(base URL)` names what it is to harvest."""
    made = Library(tmp_path / "copy", empty_database)
    made.folder.mkdir()

    def of(base_url):
        made.values = (f'sources=[{{name: other, base_url: "{base_url}", delay: 0}}]', "oai.archive_id=copy")
        return made

    yield of
    made.stop()


def contents(shown):
    return {number: marcxml for number, (_, marcxml, _) in shown[0].items()}


def figures(printed):
    """The result table of a harvest: name of a column -> number."""
    head, row = (next(line for line in printed.splitlines() if line.startswith((f" {word} ", word))) for word in ("source", "other"))
    values = dict(zip(*(re.split(r"\s{2,}", line.strip()) for line in (head, row)), strict=False))
    return {name: value for name, value in values.items() if name not in {"source", "time", "run", "pages"}}


def real_records(shared_data, *names, most=150):
    """Records with a control number of their own, and not suppressed, out of some files."""
    found = {}
    for name in names:
        for outcome in islice(read_file(shared_data / "marc" / name, SourceProfile()), most):
            if isinstance(outcome, Read) and outcome.record.control("001").strip():
                found.setdefault(outcome.record.control("001"), outcome.record)
    return [one for one in found.values() if ("942", "n", "1") not in values(one)]


def values(record):
    return [(tag, piece[:1], piece[1:]) for tag, body in record.fields for piece in body.split("\x1f")[1:]]


def retitled(record, word):
    """The record with another title, in the fields of its own format."""
    tag = "200" if record.format == "unimarc" else "245"
    fields = [(own, body if own != tag else f"{body[:2]}\x1fa{word}") for own, body in record.fields]
    return Record(record.leader, fields, format=record.format)


@pytest.mark.slow
def test_our_own_provider_is_copied_twice_and_followed(shared_data, library, copy):
    real = real_records(shared_data, "marc21/koha_misc4dev_biblio.mrc.gz", "unimarc/bnf_1000_utf8.mrc.gz", "marc21/bu_catmandu.mrc.gz")
    first, later = real[:-10], real[-10:]
    library.load(first)
    library.serve()
    until(lambda: len(library.shown()[0]) == len(first), "everything was listed")
    other = copy(f"{library.base}/oai")
    assert figures(other.run("harvest", "other")) == {"read": f"{len(first):,}", "added": f"{len(first):,}"}
    other.serve()
    until(lambda: contents(other.shown()) == contents(library.shown()), "the copy was listed, and is equal")
    copied = other.shown()
    assert all(about[0] == f"{library.base}/oai" for _, _, about in copied[0].values())
    other.run("harvest", "other")
    assert other.shown() == copied
    library.load([retitled(one, "Changed") for one in first[:7]] + later)
    library.load(first[20:25], "--delete")
    until(lambda: len(library.shown()[0]) == len(real) - 5 and len(library.shown()[1]) == 5, "the changes were listed")
    assert figures(other.run("harvest", "other")) == {"read": "22", "added": "10", "updated": "7", "deleted": "5"}
    until(lambda: contents(other.shown()) == contents(library.shown()), "the changes came through")
    live, deleted = other.shown()
    assert len(deleted) == 5
    changed = {one.control("001") for one in (*first[:7], *later)}
    assert {number: found for number, found in live.items() if number not in changed} == {
        number: found for number, found in copied[0].items() if number in live and number not in changed
    }  # with their datestamps


def peer_python():
    """The Python that has the package `oaipmh`."""
    python = os.environ.get("HYLLA_TEST_CLIENTS_PYTHON", sys.executable)
    if subprocess.run([python, "-W", "ignore", "-c", "import oaipmh.server"], capture_output=True, check=False).returncode:
        pytest.skip(f"SKIPPED LOUDLY: the package oaipmh is not installed for {python}")
    return python


@pytest.mark.slow
def test_the_server_of_another_package_is_copied_twice_and_followed(shared_data, copy, tmp_path):
    python = peer_python()
    real = real_records(shared_data, "marc21/koha_misc4dev_biblio.mrc.gz", "marc21/normarc_hamsun.mrc.gz", "unimarc/bnf_1000_utf8.mrc.gz")
    first, later = real[:-10], real[-10:]
    rows = {
        one.control("001"): [f"oai:peer:{one.control('001').strip()}", "2026-01-01T00:00:00Z", to_marcxml(one).decode()] for one in first
    }
    file = tmp_path / "peer.json"
    file.write_text(json.dumps(list(rows.values())))
    with ExitStack() as stack:
        peer = stack.enter_context(subprocess.Popen([python, "-W", "ignore", "-c", PEER, str(file)], stdout=subprocess.PIPE, text=True))
        stack.callback(peer.kill)
        other = copy(peer.stdout.readline().strip())
        assert figures(other.run("harvest", "other")) == {"read": f"{len(first):,}", "added": f"{len(first):,}"}
        other.serve()
        until(lambda: len(other.shown()[0]) == len(first), "the copy was listed")
        copied = other.shown()
        other.run("harvest", "other")
        assert other.shown() == copied
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
        for one in [*(retitled(one, "Changed") for one in first[:7]), *later]:
            rows[one.control("001")] = [f"oai:peer:{one.control('001').strip()}", now, to_marcxml(one).decode()]
        for one in first[20:25]:
            rows[one.control("001")][1:] = [now, None]
        file.write_text(json.dumps(list(rows.values())))
        assert figures(other.run("harvest", "other")) == {"read": "22", "added": "10", "updated": "7", "deleted": "5"}
        until(lambda: len(other.shown()[1]) == 5, "the changes were listed")
        live = other.shown()[0]
        assert len(live) == len(real) - 5
        titles = {number: etree.fromstring(live[number][1]).xpath("string(.//*[@tag = '245' or @tag = '200'][1]/*)") for number in live}
        assert sorted(number for number, title in titles.items() if title == "Changed") == sorted(one.control("001") for one in first[:7])
        assert not {one.control("001") for one in first[20:25]} & set(live)
