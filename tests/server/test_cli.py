import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from indexer.engine.port import EngineUnavailable
from server import cli
from server.errors import CannotStart
from server.settings import Settings, leaves, load_settings

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.usefixtures("no_environment", "log_as_before")


@pytest.fixture
def run(capsys):
    """Runs a command in this process; gives (exit code, standard output, standard error)."""

    def command(*arguments):
        code = cli.run([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def test_help_needs_none_of_the_heavy_packages():
    code = (
        "import sys, server.cli as c; c.run(['--help']); "
        "print(*[m for m in ('aiohttp', 'asyncpg', 'lxml', 'pydantic', 'tantivy', 'yaml', 'jinja2', 'rich') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "Commands:" in told
    assert told.splitlines()[-1] == ""


def test_python_m_server_is_the_same(run):
    told = subprocess.run([sys.executable, "-m", "server", "--version"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == run("--version")[1]
    assert told.stdout.startswith("hylla ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["serve", "--port", "x"],
        ["serve", "--workers", "0"],
        ["config"],
        ["config", "--sample", "--show"],
        ["--set", "novalue", "config", "--show"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_told_in_a_sentence(run, arguments):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert "Error: " in err
    assert "Traceback" not in err


def test_wrong_settings_are_told_all_at_once(run):
    code, out, err = run("--port", "x", "--set", "engine.kidn=a", "config", "--show")
    assert (code, out, len(err.splitlines())) == (2, "", 2)
    assert "port is 'x'" in err
    assert "Did you mean engine.kind?" in err


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (CannotStart("The shelf is full."), 1, "The shelf is full.\n"),
        (EngineUnavailable("The index is locked."), 1, "The index is locked.\n"),
        (ExceptionGroup("several", [CannotStart("One of many.")]), 1, "One of many.\n"),
        (PermissionError(13, "Permission denied", "/data"), 1, "Permission denied: /data.\n"),
        (KeyboardInterrupt(), 130, ""),
        (ZeroDivisionError("inside"), 1, "Something unexpected happened (ZeroDivisionError: inside). --set log.level=debug tells more.\n"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_nothing_ends_in_a_traceback(run, monkeypatch, raised, code, said):
    def settings_of(*_, **__):
        raise raised

    monkeypatch.setattr(cli, "settings_of", settings_of)
    assert run("config", "--show") == (code, "", said)


def test_the_traceback_is_there_for_those_who_ask(tmp_path):
    command = [sys.executable, "-m", "server", "--data-dir", tmp_path / "file", "--set", "log.level=debug", "migrate"]
    (tmp_path / "file").write_text("")
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert told.stderr.startswith(f"data_dir {tmp_path / 'file'} cannot be used") or "\ndata_dir" in told.stderr
    assert "Traceback" in told.stderr


def test_a_reader_who_leaves_early_is_no_error():
    command = f"{sys.executable} -m server config --sample | head -n 1"
    told = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.stdout.startswith("#")
    assert told.stderr == ""


def test_the_sample_holds_every_setting_and_changes_nothing(run, tmp_path):
    code, text, _ = run("config", "--sample")
    (tmp_path / "sample.yaml").write_text(text)
    assert code == 0
    assert load_settings(tmp_path / "sample.yaml") == Settings()
    told = yaml.safe_load(text)
    for path, field in leaves():
        own = told
        for name in path:
            own = own[name]
        assert f"# {field.description}\n" in text


def test_show_tells_what_is_in_force_without_secrets(run, tmp_path, monkeypatch):
    monkeypatch.setenv("HYLLA_SECRET_KEY", "s" * 32)
    monkeypatch.setenv("HYLLA_DATABASE__URL", "postgresql://u:sesame@h/d")
    monkeypatch.setenv("HYLLA_ENGINE__PASSWORD", "sesame")
    monkeypatch.setenv("HYLLA_TRUSTED_PROXIES", "10.0.0.0/8,::1")
    code, text, _ = run("--port", 8123, "--data-dir", tmp_path, "config", "--show")
    told = yaml.safe_load(text)
    assert code == 0
    assert "sesame" not in text
    assert "ssss" not in text
    assert (told["port"], told["data_dir"], told["secret_key"]) == (8123, str(tmp_path), ["***"])
    assert told["trusted_proxies"] == ["10.0.0.0/8", "::1/128"]
    assert told["database"]["effective_url"] == told["database"]["url"] == "postgresql://u:***@h/d"
    assert told["database"]["socket"] == ""
    assert told["engine"]["password"] == "***"


def test_show_tells_a_program_where_the_private_database_is(run, tmp_path):
    told = yaml.safe_load(run("--data-dir", tmp_path, "config", "--show")[1])
    assert told["database"]["socket"].startswith("/")
    assert told["database"]["effective_url"] == f"postgresql://hylla@/hylla?host={told['database']['socket']}&port=5432"
    assert list(tmp_path.iterdir()) == []


def test_migrate_says_what_it_did(run, empty_database, tmp_path):
    arguments = ("--data-dir", tmp_path, "--set", f"database.url={empty_database}", "migrate")
    code, first, _ = run(*arguments)
    assert code == 0
    assert first.splitlines()[0] == "0000 schema migration: applied"
    assert run(*arguments)[1] == "The database is up to date.\n"


def test_a_database_that_is_down_is_one_sentence(run, unused_tcp_port):
    code, out, err = run("--set", f"database.url=postgresql://u@127.0.0.1:{unused_tcp_port}/d", "migrate")
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert "does not answer" in err


@pytest.fixture
def good(database, tmp_path):
    return ("--data-dir", tmp_path / "data", "--set", f"database.url={database}")


def test_check_tells_every_part_on_a_line(run, good):
    code, out, _ = run(*good, "check")
    assert code == 0
    told = [line.split(":")[0].split(maxsplit=1) for line in out.splitlines()]
    assert [word for word, _ in told] == ["ok"] * 10
    assert [part for _, part in told] == [
        "settings",
        "data_dir",
        "secret_key",
        "field table",
        "OAI-PMH",
        "OAI-PMH formats",
        "OAI-PMH sets",
        "database",
        "engine, biblios",
        "engine, authorities",
    ]


def test_check_tells_the_formats_and_sets_that_harvesters_will_see(run, good):
    """oai-pmh.md 21: `check` prints the resulting formats and sets."""
    code, out, _ = run(*good, "--set", "oai.sets=[{setSpec: 'a:b', setName: Both, cql: 'dc.title = x'}]", "check")
    assert code == 0
    assert "OAI-PMH formats: oai_dc, marcxml, marc21, mods, rdf\n" in out
    assert "OAI-PMH sets: a (a), a:b (Both)\n" in out


@pytest.mark.parametrize(
    ("values", "part"),
    [
        (["oai.sets=[{setSpec: s1, setName: S, cql: 'dc.title = ('}]"], "sets: The query of the set 's1'"),
        (["oai.conf_file=/nowhere/conf.yaml"], "formats: oai.conf_file /nowhere/conf.yaml"),
        (["oai.descriptions=<a>"], "OAI-PMH: One of oai.descriptions"),
        (["production=true", f"secret_key={'k' * 32}", "oai.base_url=https://h.example/oai"], "OAI-PMH: production needs oai.admin_emails"),
    ],
)
def test_check_tells_what_harvesters_could_not_use(run, good, values, part):
    code, out, _ = run(*good, *[word for value in values for word in ("--set", value)], "check")
    assert code == 1
    assert any(line.startswith("failed") and part in line for line in out.splitlines()), out


def test_check_tells_all_that_is_wrong_and_goes_on(run, good, tmp_path, unused_tcp_port):
    (tmp_path / "fields.yaml").write_text("version: 1\nfields: {title: {typ: text}}\n")
    wrong = ("--set", f"fields_file={tmp_path / 'fields.yaml'}", "--set", "production=true")
    code, out, _ = run(*good, *wrong, "--set", f"database.url=postgresql://u@127.0.0.1:{unused_tcp_port}/d", "check")
    assert code == 1
    failed = [line for line in out.splitlines() if line.startswith("failed")]
    assert [line.split(":")[0] for line in failed] == ["failed  secret_key", "failed  field table", "failed  database"]
    assert "fields.yaml, line 2" in out


def test_check_tells_wrong_settings(run):
    code, out, _ = run("--set", "prot=1", "check")
    assert (code, out) == (1, "failed  settings: There is no setting prot (in the command line). Did you mean port?\n")


def test_check_tells_a_data_dir_that_cannot_be_used(run, good, tmp_path):
    (tmp_path / "file").write_text("")
    code, out, _ = run(*good, "--data-dir", tmp_path / "file", "check")
    assert code == 1
    assert "failed  data_dir: " in out


def test_the_shipped_field_table_is_good_and_can_be_shown(run):
    assert run("fields", "check")[0] == 0
    code, text, _ = run("fields", "show")
    assert code == 0
    assert {"fields", "authority_fields"} <= yaml.safe_load(text).keys()


def test_a_wrong_field_table_is_told_by_line(run, tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text("version: 1\nfields:\n  title:\n    typ: text\n")
    code, out, _ = run("fields", "check", file)
    assert code == 1
    assert out.startswith(f"{file}:4: ")
    code, out, err = run("fields", "show", file)
    assert (code, out) == (1, "")
    assert f"{file}, line 4" in err


def test_a_missing_field_table_is_one_sentence(run, tmp_path):
    assert run("fields", "check", tmp_path / "missing.yaml") == (1, "", f"No such file or directory: {tmp_path / 'missing.yaml'}.\n")


def test_a_koha_mapping_becomes_a_field_table(run, tmp_path):
    mapping = {"facet": "", "marc_field": "245a", "marc_type": "marc21", "sort": 1}
    koha = {"biblios": {"title": {"label": "title", "type": "", "mappings": [mapping]}}}
    (tmp_path / "mappings.yaml").write_text(yaml.safe_dump(koha))
    code, text, _ = run("fields", "import-koha", tmp_path / "mappings.yaml")
    assert code == 0
    (tmp_path / "fields.yaml").write_text(text)
    assert run("fields", "check", tmp_path / "fields.yaml")[0] == 0


def test_what_is_no_koha_mapping_is_told(run, tmp_path):
    (tmp_path / "x.yaml").write_text("[1, 2")
    code, out, err = run("fields", "import-koha", tmp_path / "x.yaml")
    assert (code, out) == (1, "")
    assert "x.yaml" in err
