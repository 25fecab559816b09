"""`harvest` as a person meets it: exit codes, what is refused, what is told."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from server.cli import run
from server.commands.harvest import run_options
from server.harvesting.outcome import HarvestOutcome, exit_code

RECORD = (
    '<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 i 4500</leader><controlfield tag="001">{0}</controlfield>'
    '<datafield tag="245" ind1="0" ind2="0"><subfield code="a">Shelf {0}</subfield></datafield></record>'
)
ANSWERS = {
    "Identify": "<Identify><repositoryName>T</repositoryName><protocolVersion>2.0</protocolVersion>"
    "<earliestDatestamp>2026-01-01</earliestDatestamp><deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DD</granularity></Identify>",
    "ListMetadataFormats": "<ListMetadataFormats><metadataFormat><metadataPrefix>marcxml</metadataPrefix><metadataNamespace>n"
    "</metadataNamespace></metadataFormat><metadataFormat><metadataPrefix>oai_dc</metadataPrefix><metadataNamespace>n"
    "</metadataNamespace></metadataFormat></ListMetadataFormats>",
}


@pytest.fixture
def source():
    """A repository in a thread; `ids` are the control numbers of its records, "" for one without; `identify` replaces Identify."""

    class Repository(BaseHTTPRequestHandler):
        ids = ("1", "2")
        identify = ANSWERS["Identify"]

        def do_GET(self):
            verb = parse_qs(urlsplit(self.path).query)["verb"][0]
            items = "".join(
                f"<record><header><identifier>i:{n}</identifier><datestamp>2026-01-01</datestamp></header>"
                f"<metadata>{RECORD.format(one)}</metadata></record>"
                for n, one in enumerate(type(self).ids)
            )
            body = type(self).identify if verb == "Identify" else ANSWERS.get(verb, f"<ListRecords>{items}</ListRecords>")
            content = f"<OAI-PMH><responseDate>2026-01-31T12:00:00Z</responseDate>{body}</OAI-PMH>".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Repository)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Repository.url = f"http://127.0.0.1:{server.server_port}/oai"
    yield Repository
    server.shutdown()
    server.server_close()


@pytest.fixture
def hylla(settings, capsys, no_environment, monkeypatch):
    """Runs a command with these sources: exit code, standard output, standard error in one line."""

    def command(sources, *arguments):
        monkeypatch.setenv("HYLLA_SOURCES", json.dumps([{"delay": 0, **one} for one in sources]))
        start = ["--data-dir", str(settings.data_dir), "--set", f"database.url={settings.database.url}", "--set", "load.workers=1"]
        code = run([*start, *arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, captured.out, re.sub(r"\s+", " ", captured.err)

    return command


def test_a_harvest_ends_with_0_and_a_table(hylla, source):
    code, out, said = hylla([{"name": "own", "base_url": source.url}], "harvest", "own")
    assert (code, out) == (0, "")
    assert "Harvesting own" in said
    assert re.search(r"source read added pages time run .* own 2 2 1 [\d.]+ s full", said)


def test_what_is_set_aside_makes_it_1(hylla, source):
    source.ids = ("1", "")
    code, _, said = hylla([{"name": "own", "base_url": source.url}], "harvest", "--all")
    assert code == 1
    assert "1 record was set aside (no-id 1)." in said


def test_one_of_two_that_fails_makes_it_1_and_all_that_fail_make_it_2(hylla, source):
    good, bad = {"name": "good", "base_url": source.url}, {"name": "bad", "base_url": f"{source.url}", "metadata_prefix": "marc21"}
    code, _, said = hylla([good, bad], "harvest", "good", "bad")
    assert code == 1
    assert f"bad: {source.url} has no format 'marc21'; it has marcxml, oai_dc. marcxml looks like MARC." in said
    assert hylla([good, bad], "harvest", "bad")[0] == 2


@pytest.mark.parametrize(
    ("change", "more", "sentence"),
    [
        (("2.0", "1.1"), {}, "speaks OAI-PMH 1.1; only 2.0 is known here."),
        (("<protocolVersion>2.0</protocolVersion>", ""), {}, "speaks OAI-PMH of no version"),
        ((ANSWERS["Identify"], '<error code="badVerb">Illegal verb</error>'), {}, "answers Identify with badVerb: Illegal verb."),
        (("", ""), {"metadata_prefix": "oai_dc"}, "oai_dc is no MARC; give own another metadata_prefix, or an xslt"),
        (("", ""), {"xslt": "/nowhere/x.xsl"}, "The stylesheet of own cannot be used: /nowhere/x.xsl cannot be read"),
        (("", ""), {"xslt": __file__}, "is no XSLT stylesheet"),
    ],
)
def test_a_source_that_cannot_be_harvested_is_told_in_a_sentence(hylla, source, change, more, sentence):
    source.identify = source.identify.replace(*change) if change[0] else source.identify
    code, _, said = hylla([{"name": "own", "base_url": source.url, **more}], "harvest", "own")
    assert code == 2
    assert sentence in said


OWN = [{"name": "own", "base_url": "http://127.0.0.1:9/oai"}]


@pytest.mark.parametrize(
    ("sources", "arguments", "sentence"),
    [
        ([], ["--all"], "no source is configured"),
        (OWN, [], "name the sources, or say --all"),
        (OWN, ["own", "--all"], "name the sources, or say --all"),
        (OWN, ["libris"], "there is no source libris; configured are own"),
        (OWN, ["own", "--since", "yesterday"], "--since is 'yesterday', but it must be a date such as 2026-01-31"),
        (OWN, ["own", "--since", "2026-01-31", "--full"], "--since, --full and --resume exclude each other"),
        (OWN, ["own", "--resume", "--dry-run"], "--resume goes on with the saved place"),
        (OWN, ["own", "--limit", "0"], "--limit"),
    ],
    ids=str,
)
def test_a_wrong_command_line_is_2(hylla, sources, arguments, sentence):
    code, _, said = hylla(sources, "harvest", *arguments)
    assert code == 2
    assert sentence in said


def test_the_list_shows_what_is_remembered(hylla, source):
    own, never = {"name": "own", "base_url": source.url}, {"name": "never", "base_url": "http://127.0.0.1:9/oai"}
    hylla([own, never], "harvest", "own")
    code, out, _ = hylla([own, never], "harvest", "--list")
    assert code == 0
    assert re.search(r"own +20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ +2 added +2026-01-31 12:00:00Z", out)
    assert re.search(r"never +never +the beginning", out)
    assert "(not configured)" in hylla([never], "harvest", "--list")[1]


def test_a_database_that_is_away_is_2(hylla, source, settings):
    code, _, said = hylla([{"name": "own", "base_url": source.url}], "--set", "database.url=postgresql://127.0.0.1:9/x", "harvest", "own")
    assert code == 2
    assert "PostgreSQL does not answer" in said


def test_exit_codes():
    good, partial, bad = HarvestOutcome("a"), HarvestOutcome("b", refusals=["."]), HarvestOutcome("c", failure=".")
    assert [exit_code(one) for one in ([good], [partial], [bad], [good, bad], [bad, bad])] == [0, 1, 2, 1, 2]


def test_options_are_taken_over():
    options = run_options(limit=5, force=True, yes=True)
    assert (options.limit, options.force, options.yes, options.full) == (5, True, True, False)
