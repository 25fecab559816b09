from pathlib import Path

import pytest
import yaml

from server.settings import Settings, SettingsError, leaves, load_settings, masked, variable

pytestmark = pytest.mark.usefixtures("no_environment")


def problems(config=None, overrides=None):
    with pytest.raises(SettingsError) as caught:
        load_settings(config, overrides)
    return caught.value.problems


def test_without_anything_the_defaults_hold():
    settings = load_settings()
    assert settings == Settings()
    assert (settings.host, settings.port, settings.data_dir, settings.production) == ("127.0.0.1", 8080, Path("data"), False)
    assert (settings.database.url, settings.engine.kind, settings.z3950.port, settings.z3950.enabled) == ("", "embedded", 9999, False)


def test_command_line_wins_over_environment_over_file_over_default(tmp_path, monkeypatch):
    file = tmp_path / "settings.yaml"
    file.write_text("port: 1\nhost: file\nlibrary_name: File\nengine: {timeout_s: 1, prefix: file}\n")
    monkeypatch.setenv("HYLLA_PORT", "2")
    monkeypatch.setenv("HYLLA_HOST", "environment")
    monkeypatch.setenv("HYLLA_ENGINE__TIMEOUT_S", "2.5")
    settings = load_settings(file, {"port": "3"})
    assert (settings.port, settings.host, settings.library_name) == (3, "environment", "File")
    assert (settings.engine.timeout_s, settings.engine.prefix, settings.engine.kind) == (2.5, "file", "embedded")


def test_the_file_may_be_named_by_the_environment(tmp_path, monkeypatch):
    file = tmp_path / "settings.yaml"
    file.write_text("port: 77")
    monkeypatch.setenv("HYLLA_CONFIG", str(file))
    assert load_settings().port == 77


SPECIAL = {
    "sources": "[{name: x, base_url: 'http://h/oai'}]",
    "oai.base_url": "https://h.example/oai",
    "oai.admin_emails": "library@h.example",
    "oai.sets": "[{setSpec: a, setName: A, cql: x}]",
    "oai.record_url": "https://h.example/{id}",
    "oai.record_id": "999$c",
}
"""Settings whose values have a form of their own."""


@pytest.mark.parametrize("path", [path for path, _ in leaves()], ids=".".join)
def test_every_setting_has_a_description_and_an_environment_variable(path, monkeypatch):
    field = dict(leaves())[path]
    assert field.description
    value = field.get_default()
    texts = {str: "postgresql://h/d" if path == ("database", "url") else "http://h" if path == ("public_url",) else str(value) or "x"}
    text = texts.get(type(value), "" if value is None else str(value).lower())
    if isinstance(value, tuple) or path == ("engine", "password"):
        text = {"trusted_proxies": "10.0.0.1"}.get(path[0], "k" * 32)
    text = SPECIAL.get(".".join(path), text)
    monkeypatch.setenv(variable(path), text)
    settings = load_settings()
    for name in path:
        settings = getattr(settings, name)
    assert settings is None or settings != ()


@pytest.mark.parametrize(("written", "read"), [("10.0.0.1", ["10.0.0.1/32"]), ("10.0.0.0/8, ::1", ["10.0.0.0/8", "::1/128"]), ("", [])])
def test_lists_may_be_written_as_one_text(written, read, monkeypatch):
    monkeypatch.setenv("HYLLA_TRUSTED_PROXIES", written)
    assert [str(one) for one in load_settings().trusted_proxies] == read


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"port": "99999"}, "port is '99999' (in the command line), but it must be less than or equal to 65535."),
        ({"engine.kind": "elastic"}, "engine.kind is 'elastic' (in the command line), but it must be 'embedded' or 'opensearch'."),
        ({"engine.kidn": "x"}, "There is no setting engine.kidn (in the command line). Did you mean engine.kind?"),
        ({"prot": "1"}, "There is no setting prot (in the command line). Did you mean port?"),
        ({"public_url": "ftp://x"}, "public_url is 'ftp://x' (in the command line), but it must be an http or https address"),
        ({"trusted_proxies": "10.0.0.0/99"}, "trusted_proxies is '10.0.0.0/99' (in the command line), but '10.0.0.0/99' is no address"),
        ({"data_dir": ""}, "data_dir is '' (in the command line), but it must name a folder."),
        (
            {"database.url": "mysql://u:secret@h/d"},
            "database.url is 'mysql://u:***@h/d' (in the command line), but it must be a PostgreSQL address",
        ),
    ],
)
def test_a_mistake_is_told_with_key_value_place_and_rule(overrides, sentence):
    (told,) = problems(overrides=overrides)
    assert told.startswith(sentence)


def test_all_mistakes_of_all_sources_are_told_at_once(tmp_path, monkeypatch):
    file = tmp_path / "settings.yaml"
    file.write_text("prot: 1\nsru: {page_size: -1}\n")
    monkeypatch.setenv("HYLLA_DATABSE__URL", "x")
    monkeypatch.setenv("HYLLA_WORKERS", "none")
    told = problems(file, {"log.level": "loud"})
    assert len(told) == 5
    assert any("HYLLA_DATABSE__URL is no setting. Did you mean HYLLA_DATABASE__URL?" in one for one in told)
    assert any("HYLLA_WORKERS" in one for one in told)
    assert any(f"prot (in {file})" in one for one in told)


@pytest.mark.parametrize("text", ["a: [", "- 1", "just text"])
def test_a_file_that_is_no_mapping_is_told(text, tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    (told,) = problems(file)
    assert str(file) in told


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    assert "cannot be read: No such file" in problems(tmp_path / "missing.yaml")[0]


def test_a_short_secret_is_refused_and_never_shown():
    (told,) = problems(overrides={"secret_key": "far too short"})
    assert "secret_key is ***" in told
    assert "far too short" not in told
    assert "far too short" not in repr(Settings.model_construct(secret_key="x"))


def test_secrets_may_be_a_list_and_are_hidden_in_repr(tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text(yaml.safe_dump({"secret_key": ["a" * 32, "b" * 40], "engine": {"password": "sesame"}}))
    settings = load_settings(file)
    assert [one.get_secret_value()[0] for one in settings.secret_key] == ["a", "b"]
    assert "aaaa" not in repr(settings)
    assert "sesame" not in repr(settings)


def test_an_empty_section_changes_nothing(tmp_path):
    file = tmp_path / "settings.yaml"
    file.write_text("engine:\nport: 5\n")
    assert load_settings(file) == Settings(port=5)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://a:b@h/d", "postgresql://a:***@h/d"),
        ("postgresql://a@h/d", "postgresql://a@h/d"),
        ("postgresql:///d?host=/x", "postgresql:///d?host=/x"),
    ],
)
def test_passwords_in_addresses_are_starred(address, shown):
    assert masked(address) == shown


def test_a_data_folder_is_made_closed_to_others(tmp_path):
    settings = Settings(data_dir=tmp_path / "deep" / "data")
    assert settings.folder("engine").is_dir()
    assert settings.data_dir.stat().st_mode & 0o066 == 0
