"""Koha's mappings as an overlay of the field table."""

from pathlib import Path

import pytest
import yaml

from indexer.extract import Extractor
from indexer.fields import FieldTableError, import_koha, load_field_table
from indexer.record import Record

MAPPINGS = """
biblios:
  Title:
    facet_order: ~
    label: Title
    type: string
    opac: 1
    mappings:
      - {facet: '', marc_field: 245(ab)ch, marc_type: marc21, sort: ~, suggestible: 1, search: 1}
      - {facet: '', marc_field: 246a, marc_type: marc21, sort: 0, suggestible: '', search: 1}
      - {facet: '', marc_field: 200a, marc_type: unimarc, sort: ~}
  shelf-mark:
    label: Shelf mark
    type: ''
    mappings:
      - {facet: '1', marc_field: '952[01]o', marc_type: marc21, sort: 0}
      - {facet: '', marc_field: 099a, marc_type: marc21, sort: 0}
  pages:
    label: Pages
    type: number
    mappings:
      - {facet: '', marc_field: 900a_/0-3, marc_type: marc21, sort: ~}
  onorder:
    label: On order
    type: boolean
    mappings:
      - {facet: '', marc_field: 901x, marc_type: marc21, sort: 0}
  my-isbn:
    label: ISBN
    type: isbn
    mappings:
      - {facet: '', marc_field: 902a, marc_type: marc21, sort: 0}
  ln:
    label: Language
    type: string
    mappings:
      - {facet: '1', marc_field: 008_/35-37, marc_type: marc21, sort: 0}
authorities:
  Heading:
    label: Heading
    type: string
    mappings:
      - {facet: '', marc_field: 100a, marc_type: marc21, sort: ~}
"""


@pytest.fixture
def overlay(tmp_path: Path) -> str:
    path = tmp_path / "mappings.yaml"
    path.write_text(MAPPINGS, "utf-8")
    return import_koha(path)


def test_the_overlay_is_a_valid_one_and_names_what_it_left_alone(overlay: str):
    assert load_field_table(text=overlay).index_table("biblios").by_name["koha.shelf-mark"].fields[0].name == "shelf_mark"
    assert "# biblios: `ln` stays the built-in field `language`" in overlay


def test_null_asks_for_a_sort_key_and_zero_does_not(overlay: str):
    fields = yaml.safe_load(overlay)["fields"]
    assert fields["title"]["marc21"] == ["245(ab)ch", {"tag": "246", "take": "a", "sort": False}]
    assert "sort" not in fields["shelf_mark"]
    assert fields["pages"]["sort"] is True


def test_an_index_with_the_name_of_a_built_in_field_takes_its_place_but_keeps_its_names(overlay: str):
    title = load_field_table(text=overlay).spec("biblios", "title")
    assert [rule.text for rule in title.rules["marc21"]] == ["245(ab)ch", "246a"]
    assert "dc.title" in title.cql


def test_rules_that_feed_no_facet_feed_words_only(overlay: str):
    shelf = load_field_table(text=overlay).spec("biblios", "shelf_mark")
    assert shelf.facet
    assert [rule.values for rule in shelf.rules["marc21"]] == [True, False]
    assert shelf.rules["marc21"][0].when.ind2 == "1"


def test_documents_are_made_by_the_overlay(overlay: str):
    record = Record("0" * 24, [("245", "10\x1faSea :\x1fbwaves\x1fcMe"), ("900", "  \x1fa0123456"), ("902", "  \x1fa0306406152")])
    extractor = Extractor(load_field_table(text=overlay), 2024)
    from datetime import UTC, datetime

    document = extractor.document(record, "1", 1, datetime(2024, 1, 1, tzinfo=UTC))
    assert document.text["title"] == ["sea waves", "me"]
    assert document.numbers["pages"] == [123]
    assert document.sorts["pages"] == "000000000123"
    assert document.keys["onorder"] == ["false"]
    assert document.keys["my_isbn"] == ["9780306406157", "0306406152"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("biblios:\n  a:\n    type: colour\n    mappings: []\n", 3, "type `colour`"),
        ("biblios:\n  a:\n    mappings:\n      - {marc_field: '24'}\n", 4, "unknown format"),
        ("biblios:\n  a:\n    mappings:\n      - {marc_field: '24', marc_type: marc21}\n", 4, "cannot be read"),
        ("biblios:\n  a:\n    mappings:\n      - {marc_type: marc21}\n", 4, "no `marc_field`"),
        ("biblios:\n  a: 3\n", 2, "mapping with a list"),
        ("biblios: 3\n", 1, "mapping of index names"),
        ("other: {}\n", 1, "neither"),
        ("biblios: [\n", 2, "no YAML"),
    ],
)
def test_what_is_no_mapping_is_told_with_its_line(text: str, line: int, message: str, tmp_path: Path):
    path = tmp_path / "mappings.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(FieldTableError) as told:
        import_koha(path)
    assert [(number, message in sentence) for number, sentence in told.value.problems] == [(line, True)]
