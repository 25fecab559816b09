"""From settings to engines."""

from datetime import UTC, datetime
from importlib.resources import files
from itertools import islice
from pathlib import Path

import pytest
from pydantic import ValidationError

from indexer.engine.opensearch import ClusterSettings
from indexer.engine.port import Hit
from indexer.extract import Extractor
from indexer.fields import load_field_table
from indexer.marc import Read, SourceProfile, read_file, to_marcxml
from server import engines
from server.settings import Settings


@pytest.fixture
def located(monkeypatch):
    """Where the engines of these settings are looked for: (kind, place) of a collection, of a rebuilt one."""
    found = []
    monkeypatch.setattr(engines, "open_engine", lambda kind, place, schema, **_: found.append((kind, place)))
    monkeypatch.setattr(engines, "open_rebuild", lambda kind, place, schema, **_: found.append((kind, place)))

    def locate(**settings):
        made, table = Settings.model_validate(settings), load_field_table()
        engines.open_collection(made, table, "biblios", writable=True)
        engines.open_rebuilt(made, table, "biblios")
        return found

    return locate


def test_the_embedded_engine_is_under_data_dir(located, tmp_path):
    assert located(data_dir=tmp_path) == [("embedded", tmp_path / "engine")] * 2


def test_opensearch_gets_all_its_settings(located):
    given = {
        "kind": "opensearch", "url": "https://one:9200, https://two:9200/", "user": "hylla", "password": "secret", "prefix": "own",
        "shards": 3, "replicas": 2, "timeout_s": 4,
    }  # fmt: skip
    place = ClusterSettings("https://one:9200, https://two:9200/", "hylla", "secret", "own", 3, 2, 4.0)
    assert located(engine=given) == [("opensearch", place)] * 2
    assert place.nodes == ["https://one:9200", "https://two:9200"]
    assert "secret" not in repr(place)


def test_opensearch_needs_no_setting_but_its_kind(located):
    assert located(engine={"kind": "opensearch"}) == [("opensearch", ClusterSettings())] * 2


@pytest.mark.parametrize("url", ["", " , ", "127.0.0.1:9200", "http://", "http://one:9200,ftp://two"])
def test_an_address_that_is_none_is_told_at_once(url):
    with pytest.raises(ValidationError, match=r"engine\.url"):
        Settings.model_validate({"engine": {"url": url}})


def test_a_stored_record_gives_the_words_of_its_document(monkeypatch, tmp_path):
    """Searches that must look into records (near words, near spellings in phrases) decide by what this reads."""
    table, given = load_field_table(), {}
    monkeypatch.setattr(engines, "open_engine", lambda kind, place, schema, **others: given.update(others))
    engines.open_collection(Settings(data_dir=tmp_path), table, "biblios")
    extractor, now = Extractor(table), datetime.now(UTC)
    file = Path(str(files("schemas").joinpath("demo", "biblios-marc21.xml")))
    records = [one for one in islice(read_file(file, SourceProfile()), 60) if isinstance(one, Read)]
    assert records
    for read in records:
        number = read.record.control("001").strip()
        document = extractor.document(read.record, f"demo:{number}", 1, now, control_number=number)
        hit = Hit(document.id, document.format, now, {"marcxml": to_marcxml(read.record)})
        for name, occurrences in document.text.items():
            assert given["extract_field"](hit, name) == occurrences, (document.id, name)
