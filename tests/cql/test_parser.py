"""CQL text to tree (sru-cql.md 13.1 to 13.3): the acceptance data, and what it leaves open."""

import json
from pathlib import Path

import pytest

from cql.diagnostics import CqlError, ParenthesesError, QueryTooLong, TermTooLong, TooManyBooleans, TooManyMasks
from cql.limits import Limits
from cql.parser import parse, parse_to_dict
from cql.tree import Boolean, Clause, Modifier, PrefixAssignment, Prefixed, Query, SortKey


def _cases(shared_data: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (shared_data / "cql" / name).read_text(encoding="utf-8").splitlines()]


def _text(case: dict) -> str:
    repeat = case.get("query_repeat")
    return repeat["unit"] * repeat["count"] + repeat["tail"] if repeat else case["query"]


def test_every_valid_query_of_the_acceptance_data_gives_its_tree(shared_data: Path):
    wrong = [
        case["id"]
        for case in _cases(shared_data, "valid.jsonl")
        if parse_to_dict(case["query"]) != {"ast": case["ast"], "sort": case["sort"]}
    ]
    assert not wrong


def test_every_invalid_query_of_the_acceptance_data_gets_its_preferred_number(shared_data: Path):
    cases = [case for case in _cases(shared_data, "invalid.jsonl") if case["level"] != "semantic"]
    wrong = [(case["id"], found) for case in cases if (found := parse_to_dict(_text(case)).get("diag")) != case["diag"]]
    assert len(cases) == 88
    assert not wrong


def test_semantically_invalid_queries_of_the_acceptance_data_parse(shared_data: Path):
    cases = [case for case in _cases(shared_data, "invalid.jsonl") if case["level"] == "semantic"]
    assert not [case["id"] for case in cases if "diag" in parse_to_dict(case["query"])]


def test_syntax_errors_are_noticed_where_the_acceptance_data_says(shared_data: Path):
    cases = [case for case in _cases(shared_data, "invalid.jsonl") if case["level"] == "syntax"]
    elsewhere = [case["id"] for case in cases if parse_to_dict(case["query"])["offset"] != case["offset_hint"]]
    # "(" alone: we point at the parenthesis that was never closed, the data at the end.
    assert elsewhere == ["syntax-036"]


def test_sloppy_queries_of_the_acceptance_data_give_their_trees(shared_data: Path):
    wrong = []
    for case in _cases(shared_data, "lenient.jsonl"):
        lenient, strict = parse_to_dict(case["query"], "lenient"), parse_to_dict(case["query"])
        is_right = lenient.get("diag") == case["diag"] if "diag" in case else lenient == {"ast": case["ast"], "sort": case["sort"]}
        if not is_right or strict.get("diag") != case.get("strict_diag"):
            wrong.append((case["id"], lenient, strict))
    assert not wrong


def test_the_tree_knows_where_everything_stands_in_the_text():
    query = parse('> x = "urn:x"  x.t any/stem "sea wind" and fish sortBy dc.date/descending')
    assert isinstance(query.root, Prefixed)
    assert query.root.prefixes[0].at == 0
    boolean = query.root.query
    assert isinstance(boolean, Boolean)
    assert boolean.at == 39
    assert isinstance(boolean.left, Clause)
    assert isinstance(boolean.right, Clause)
    assert (boolean.left.at, boolean.left.term_at, boolean.left.modifiers[0].at) == (15, 29, 23)
    assert (boolean.right.at, boolean.right.term_at, boolean.right.lone) == (43, 43, True)
    assert (query.sort[0].at, query.sort[0].modifiers[0].at) == (55, 63)


A, B = Clause("cql.serverChoice", "=", (), "a"), Clause("cql.serverChoice", "=", (), "b")


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("not", Clause("cql.serverChoice", "=", (), "not")),
        ("a\u00a0b", Clause("cql.serverChoice", "=", (), "a\u00a0b")),
        ('"a\\"b\\\\"', Clause("cql.serverChoice", "=", (), 'a"b\\\\')),
        ('and any/and=or "prox"', Clause("and", "any", (Modifier("and", "=", "or"),), "prox")),
        ('> "urn:d" x', Prefixed((PrefixAssignment(None, "urn:d"),), Clause("cql.serverChoice", "=", (), "x"))),
        ("a PROX/unordered b", Boolean("prox", (Modifier("unordered"),), A, B)),
    ],
    ids=["reserved-alone", "no-break-space-is-no-blank", "freed-quote", "reserved-everywhere", "default-set", "operator-lower-case"],
)  # fmt: skip
def test_words_and_strings_become_nodes(text: str, root: object):
    assert parse(text).root == root


def test_sort_keys_keep_their_order_and_modifiers():
    assert parse("a sortBy b/c=d/e and").sort == (SortKey("b", (Modifier("c", "=", "d"), Modifier("e"))), SortKey("and"))


@pytest.mark.parametrize(
    ("text", "limits", "error", "details"),
    [
        ("a" * 11, Limits(query_characters=10), QueryTooLong, "10"),
        ("a " + "b" * 6, Limits(term_characters=5), TermTooLong, "5"),
        ('"' + "b" * 6 + '"', Limits(term_characters=5), TermTooLong, "5"),
        ("a or b or c", Limits(booleans=1), TooManyBooleans, "1"),
        ("((a))", Limits(nesting=1), ParenthesesError, "1"),
        ("a*b?c*", Limits(masks=2), TooManyMasks, "2"),
    ],
    ids=["query", "word", "string", "booleans", "nesting", "masks"],
)
def test_one_more_than_the_limit_is_refused(text: str, limits: Limits, error: type[CqlError], details: str):
    with pytest.raises(error) as caught:
        parse(text, limits=limits)
    assert caught.value.details == details


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("a" * 10, Limits(query_characters=10)),
        ('"' + "b" * 5 + '"', Limits(term_characters=5)),
        ("a or b and and", Limits(booleans=2)),
        ("((a)) or ((b))", Limits(nesting=2)),
        ("a*b?c\\*", Limits(masks=2)),
        ("a =/unmasked b*b*b*", Limits(masks=2)),
    ],
    ids=["query", "string", "booleans", "nesting", "masks", "unmasked"],
)
def test_exactly_the_limit_is_allowed(text: str, limits: Limits):
    assert isinstance(parse(text, limits=limits), Query)


def test_lenient_joining_cannot_go_around_the_limit_of_a_term():
    with pytest.raises(TermTooLong):
        parse("ab cd ef", "lenient", Limits(term_characters=7))


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("to be or not to be", '"to be" or "not to be"'),
        ("dc.title ANY sea wind", 'dc.title ANY "sea wind"'),
        ("dc.title any or", "dc.title any or"),
        ("coral any and fish", '"coral any" and fish'),
        ("title = (a or creator = b)", "title = a or creator = b"),
        ("title = ((a or b) and c d)", '(title = a or title = b) and title = "c d"'),
        ("title = (a or author = (b or c))", "title = a or (author = b or author = c)"),
        ("title any/relevant (a b) and c", 'title any/relevant "a b" and c'),
        ('> x = "urn:x" x.t = b c sortBy x.d', '> x = "urn:x" x.t = "b c" sortBy x.d'),
        ("(sea wind)", '"sea wind"'),
        ("sea wind prox/distance<=3 the lake", '"sea wind" prox/distance<=3 "the lake"'),
        ('"dc.title" any fish frog', '"dc.title" any "fish frog"'),
        ("title cql.all fish frog", 'title cql.all "fish frog"'),
    ],
)
def test_lenient_reading_is_the_strict_reading_of_the_careful_query(text: str, same_as: str):
    assert parse(text, "lenient") == parse(same_as)


@pytest.mark.parametrize(
    "text", ["title within = x", "coral reefs title = x", 'coral reefs "x"', "sea wind/x", "a and", "(sea wind", "title ="]
)
def test_lenient_mode_still_refuses_what_has_no_reading(text: str):
    assert parse_to_dict(text, "lenient")["diag"] in {10, 13}


@pytest.mark.parametrize("count", [100, 1000])
def test_deep_trees_parse_compare_and_turn_to_dicts_without_recursion(count: int):
    text = "a or b and " * (count // 2) + "c"
    query = parse(text)
    assert query == parse(text)
    assert hash(query.root) == hash(parse(text).root)
    node = parse_to_dict(text)["ast"]
    depth = 0
    while node["type"] == "boolean":
        node, depth = node["left"], depth + 1
    assert depth == 2 * (count // 2)
