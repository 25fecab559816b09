"""The `sources` section: what is understood, and what is refused with a clear sentence."""

import pytest

from server.settings import Settings, SettingsError, load_settings

pytestmark = pytest.mark.usefixtures("no_environment")
LEAST = {"name": "libris", "base_url": "https://example.org/oai"}


def load(tmp_path, text):
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    return load_settings(file)


def test_a_source_as_people_write_it(tmp_path):
    settings = load(
        tmp_path,
        """
sources:
  - name: libris
    base_url: https://example.org/oai?
    from: 2026-01-31
    sets: a, b:c
    headers: {Authorization: Bearer sesame}
  - {name: other, base_url: "http://example.org/x", from: 2026-01-31T12:00:00Z, max_age: 30}
""",
    )
    first, second = settings.sources
    assert (first.base_url, first.from_, first.sets, first.metadata_prefix) == (
        "https://example.org/oai",
        "2026-01-31",
        ("a", "b:c"),
        "marcxml",
    )
    assert second.from_ == "2026-01-31T12:00:00Z"
    assert "sesame" not in repr(settings)


def test_the_environment_variable_is_yaml(monkeypatch):
    monkeypatch.setenv("HYLLA_SOURCES", "[{name: x, base_url: 'http://h/oai'}]")
    assert load_settings().sources[0].name == "x"


REFUSED = {
    "no name": ({"name": ""}, "sources.0.name is ''"),
    "address": ({"base_url": "ftp://example.org"}, "sources.0.base_url is 'ftp://example.org' (in the command line), but it must"),
    "password": ({"base_url": "http://user:sesame@example.org/oai"}, "give it as header Authorization"),
    "set": ({"sets": ["a::b"]}, "'a::b' is no setSpec"),
    "from": ({"from": "31.1.2026"}, "must be a date such as 2026-01-31"),
    "from with fractions": ({"from": "2026-01-31T12:00:00.5Z"}, "must be a date such as 2026-01-31"),
    "method": ({"method": "PUT"}, "must be 'GET' or 'POST'"),
    "header": ({"headers": {"a b": "c"}}, "is no name of a header"),
    "header with a line break": ({"headers": {"a": "sesame\nb: d"}}, "characters that no header can have"),
    "unknown key": ({"prefix": "x"}, "There is no setting sources.0.prefix (in the command line)."),
    "delay": ({"delay": -1}, "must be greater than or equal to 0"),
    "max_age": ({"max_age": 0}, "must be greater than or equal to 1"),
    "target": ({"target": ""}, "it must be index, or name a folder"),
    "prefix": ({"id_prefix": "a:b"}, "sources.0.id_prefix is 'a:b'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_mistakes_are_told_in_a_sentence(name):
    wrong, sentence = REFUSED[name]
    with pytest.raises(SettingsError) as caught:
        load_settings(overrides={"sources": [LEAST | wrong]})
    (told,) = caught.value.problems
    assert sentence in told
    assert "sesame" not in told


def test_names_are_different():
    with pytest.raises(ValueError, match="libris comes more than once"):
        Settings.model_validate({"sources": [LEAST, LEAST]})


def test_what_is_no_yaml_is_told(monkeypatch):
    monkeypatch.setenv("HYLLA_SOURCES", "[{")
    with pytest.raises(SettingsError, match="it must be YAML"):
        load_settings()
