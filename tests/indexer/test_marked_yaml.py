"""YAML that knows its lines."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.marked_yaml import YamlError, read_yaml


def test_keys_and_list_elements_have_their_lines():
    read = read_yaml("a: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n")
    assert read.value == {"a": 1, "b": ["x", {"c": 2, "d": 3}]}
    assert [read.line(path) for path in (("a",), ("b",), ("b", 0), ("b", 1, "d"))] == [1, 2, 3, 5]


def test_the_line_of_an_unknown_path_is_that_of_its_known_part():
    read = read_yaml("a:\n  b: 1\n")
    assert read.line(("a", "x", "y")) == 1
    assert read.line(("z",)) == 1


def test_a_key_given_twice_is_noticed():
    assert read_yaml("a: {b: 1, b: 2}\n").repeated == (("a", "b"),)


def test_anchors_and_merged_mappings_are_read():
    assert read_yaml("a: &x {k: 1}\nb: {<<: *x, l: 2}\n").value["b"] == {"k": 1, "l": 2}


def test_an_empty_text_is_an_empty_mapping():
    assert read_yaml("# nothing\n").value == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [("- a\n", 1), ("a: b: c\n", 1), ("a: 1\nb: [\n", 3), ("a: *x\n", 1), ("a: !!python/name:os.system\n", 1), ("a: \x07\n", 1)],
)
def test_what_is_no_mapping_is_told_with_its_line(text: str, line: int):
    with pytest.raises(YamlError) as told:
        read_yaml(text)
    assert told.value.line == line


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str):
    with suppress(YamlError):
        assert isinstance(read_yaml(text).value, dict)
