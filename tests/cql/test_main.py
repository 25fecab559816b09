"""`python -m cql` (sru-cql.md 13.4)."""

import json
import subprocess
import sys
from typing import Literal

import pytest

import cql


def _run(lines: bytes, *options: str) -> list[dict]:
    done = subprocess.run([sys.executable, "-m", "cql", *options], input=lines, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stderr == b""
    sys.setrecursionlimit(max(20_000, sys.getrecursionlimit()))
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line_gets_an_answer_in_order():
    asked = [{"query": "fish"}, {"query": "sea wind", "mode": "lenient"}, {"query": "sea wind", "mode": "strict"}, {"query": "blåbär"}]
    answers = _run(b"\n".join(json.dumps(each).encode() for each in asked) + b"\n\n")
    assert [answer.get("ast", {}).get("term") for answer in answers] == ["fish", "sea wind", None, "blåbär"]
    assert answers[0] == {
        "ast": {"type": "clause", "index": "cql.serverChoice", "relation": "=", "modifiers": [], "term": "fish"},
        "sort": [],
    }
    assert answers[2]["diag"] == 10
    assert answers[2]["offset"] == 8
    assert set(answers[2]) == {"diag", "details", "message", "offset"}


@pytest.mark.parametrize(
    ("line", "number"),
    [
        (b"{", 6),
        (b"\xff\xfe", 6),
        (b"[]", 7),
        (b'"fish"', 7),
        (b"{}", 7),
        (b'{"query": 5}', 7),
        (b'{"query": "a", "mode": "sloppy"}', 6),
        (b'{"query": "a", "mode": ["strict"]}', 6),
        (b"[" * 100_000, 6),
    ],
    ids=["half", "bytes", "list", "string", "empty", "number", "mode", "mode-list", "deep"],
)
def test_a_bad_line_gets_an_answer_and_the_next_line_too(line: bytes, number: int):
    answers = _run(line + b'\n{"query": "fish"}\n')
    assert answers[0]["diag"] == number
    assert answers[1]["ast"]["term"] == "fish"


def test_options_add_the_other_forms():
    (answer,) = _run(b'{"query": "a or(b and c)"}', "--xcql", "--xcql2", "--cql")
    assert answer["cql"] == "a or (b and c)"
    assert answer["xcql"].startswith('<triple xmlns="http://www.loc.gov/zing/cql/xcql/">')
    assert answer["xcql2"].startswith('<xcql xmlns="http://docs.oasis-open.org/ns/search-ws/xcql">')


def test_a_query_that_the_new_form_cannot_hold_has_null_for_it():
    (answer,) = _run(b'{"query": "a and (> x = u b)"}', "--xcql2")
    assert answer["xcql2"] is None


@pytest.mark.parametrize("mode", ["strict", "lenient"])
@pytest.mark.parametrize("query", ["a or(b and c)", "coral reefs", "a sortBy dc.date/descending", "a and", '"a', "(" * 5000, ""])
def test_the_function_says_what_the_command_says(query: str, mode: Literal["strict", "lenient"]):
    """Section 13.4."""
    assert _run(json.dumps({"query": query, "mode": mode}).encode()) == [cql.parse(query, mode)]


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\ud800", "\ufffe"])
def test_what_xml_cannot_hold_has_no_xml_form(character: str):
    (answer,) = _run(json.dumps({"query": f"a{character}b"}).encode(), "--xcql", "--xcql2")
    assert (answer["ast"]["term"], answer["xcql"], answer["xcql2"]) == (f"a{character}b", None, None)


def test_lone_surrogates_do_not_break_the_output():
    (answer,) = _run(b'{"query": "\\ud800"}')
    assert answer["ast"]["term"] == "\ud800"


def test_the_deepest_tree_is_written():
    (answer,) = _run(json.dumps({"query": "a or " * 1000 + "a"}).encode(), "--xcql", "--xcql2", "--cql")
    assert answer["cql"].count(" or ") == 1000
