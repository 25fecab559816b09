"""Pipe functions of the field table."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.functions.pipes import PIPES, UnknownPipe, parse_pipe, parse_pipes

MAPS = {"shelf": {"CHILD": "Children", "GONE": ""}}


@pytest.mark.parametrize(
    ("spec", "text", "values"),
    [
        ("trim_punct", "Paris :", ["Paris"]),
        ("trim", "  a ", ["a"]),
        ("trim", "  ", []),
        ("strip_brackets", "[Paris] [France]", ["Paris France"]),
        ("lower", "ÅSA", ["åsa"]),
        ("fold", "Åsa, É.", ["asa e"]),
        ("isbn", "0-306-40615-2", ["9780306406157", "0306406152"]),
        ("isbn", "none", []),
        ("issn", "0364538x", ["0364-538X", "0364538X"]),
        ("lccn", "64-8198", ["64008198"]),
        ("oclc", "(OCoLC)00123", ["123"]),
        ("oclc", "123", []),
        ("digits", "v. 12, no 3", ["123"]),
        ("year", "[1984?]", ["1984"]),
        ("year", "[n.d.]", []),
        ("date8", "2013-07", ["20130701"]),
        ("date8", "x", []),
        ("nonfiling", "\x98The \x9ccat", ["cat"]),
        ("split_lang3", "engfre", ["eng", "fre"]),
        ("split_lang3", "engf", ["engf"]),
        ("split_lang3", " ", []),
        ("strip_paren_prefix", "(DLC) 123", ["123"]),
        ("strip_paren_prefix", "a(b)", ["a(b)"]),
        ("lc_sort", "QA76", ["QA 0076"]),
        ("dewey_sort", "813/.54", ["813.54"]),
        ("generic_sort", "Hcf 1", ["HCF 00000001"]),
        ("first_char_upper", "åsa berg", ["Åsa berg"]),
        ("map:shelf", "CHILD", ["Children"]),
        ("map:shelf", "REF", ["REF"]),
        ("map:shelf", "GONE", []),
        (r"regex:/(\w+), (\w+)/\2 \1/", "Berg, Åsa", ["Åsa Berg"]),
        (r"regex:/a\/b/x/", "a/b", ["x"]),
        ("regex:/ABC//i", "abcd", ["d"]),
        ("regex:/^.*$//", "all", []),
        ("max:3", "long", ["long"]),
        ("unique", "a", ["a"]),
    ],
)
def test_pipe(spec, text, values):
    assert parse_pipe(spec, MAPS)(text) == values


@pytest.mark.parametrize(
    "spec",
    ["trim_punkt", "", "trim:3", "max", "max:0", "max:x", "max:-1", "map:none", "map", "unique:2", "regex", "regex:/a/", "regex:/(/x/",
     r"regex:/a/\2/", "regex:a/b", "regex:/" + "a" * 600 + "//"],
)  # fmt: skip
def test_unknown_pipes_are_refused_with_a_sentence(spec):
    with pytest.raises(UnknownPipe, match=r"\.$"):
        parse_pipe(spec, MAPS)
    with pytest.raises(ValueError, match=r"\.$"):
        parse_pipes([spec], MAPS)


@pytest.mark.parametrize(
    ("specs", "given_", "values"),
    [
        (["trim_punct", "unique", "max:2"], ["a /", "a", "b", "c"], ["a", "b"]),
        (["split_lang3", "map:shelf"], ["engfre", "CHILD"], ["eng", "fre", "Children"]),
        (["lower", "first_char_upper"], ["ABC"], ["Abc"]),
        ([], ["a"], ["a"]),
        (["trim"], [], []),
    ],
)
def test_pipes_follow_each_other(specs, given_, values):
    assert parse_pipes(specs, MAPS)(given_) == values


@settings(max_examples=150)
@given(st.sampled_from(sorted(PIPES)), st.text(max_size=40))
def test_no_pipe_breaks_on_any_text_or_gives_empty_values(name, text):
    assert all(PIPES[name](text))
