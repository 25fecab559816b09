"""Trees written back as CQL."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cql.diagnostics import CqlError
from cql.parser import parse
from cql.tree import Boolean, Clause, Modifier, Node, PrefixAssignment, Prefixed, Query, SortKey, postorder, quoted, to_cql, to_dict

# Words as the parser hands them out: any characters, backslashes only before what they protect.
_PIECES = st.sampled_from(
    ["a", "Öl", "and", "sortBy", " ", "(", ")", "/", "=", "<", '"', "\\*", "\\?", "\\^", "\\\\", "*", "?", "^", "\t", "日"]
)
WORDS = st.one_of(st.sampled_from(["dc.title", "x", "AND", "any", ""]), st.lists(_PIECES, max_size=5).map("".join))
RELATIONS = st.sampled_from(["=", "==", "<>", "<=", "any", "cql.all", "near"])
MODIFIERS = st.lists(
    st.one_of(st.builds(Modifier, WORDS), st.builds(Modifier, WORDS, st.sampled_from(["=", "<", "<>", "=="]), WORDS)), max_size=2
).map(tuple)
CLAUSES = st.one_of(
    st.builds(Clause, WORDS, RELATIONS, MODIFIERS, WORDS),
    st.builds(lambda term: Clause("cql.serverChoice", "=", (), term, lone=True), WORDS),
)
PREFIXES = st.lists(st.builds(PrefixAssignment, st.one_of(st.none(), WORDS), WORDS), min_size=1, max_size=2).map(tuple)
NODES = st.recursive(
    CLAUSES,
    lambda inner: st.one_of(
        st.builds(Boolean, st.sampled_from(["and", "or", "not", "prox"]), MODIFIERS, inner, inner), st.builds(Prefixed, PREFIXES, inner)
    ),
    max_leaves=8,
)
QUERIES = st.builds(Query, NODES, st.lists(st.builds(SortKey, WORDS, MODIFIERS), max_size=2).map(tuple))


@given(QUERIES)
@settings(max_examples=300, deadline=None)
def test_a_tree_written_out_parses_to_the_same_tree(query: Query):
    again = parse(to_cql(query))
    assert again == query
    assert to_cql(again) == to_cql(query)


@given(st.text(alphabet='ab "()=<>/\\*?^.andorsyt\n', max_size=60), st.sampled_from(["strict", "lenient"]))
@settings(max_examples=400, deadline=None)
def test_any_text_parses_or_is_refused_with_a_number_and_a_place(text: str, mode: str):
    refusal = None
    try:
        query = parse(text, mode)
    except CqlError as error:
        refusal = error
    if refusal is None:
        assert parse(to_cql(query)) == query
        return
    assert refusal.number in {10, 13, 14, 26}
    assert refusal.offset is not None
    assert 0 <= refusal.offset <= len(text)
    if refusal.suggestion is not None:
        parse(refusal.suggestion)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("fish", "fish"),
        ('"fish"', "fish"),
        ("cql.serverChoice = fish", "cql.serverChoice = fish"),
        ("a or(b AND c)", "a or (b and c)"),
        ("((a) or b) and c", "a or b and c"),
        ("(a and b) or (c)", "a and b or c"),
        ('dc.title any / stem "sea  wind"', 'dc.title any/stem "sea  wind"'),
        ("> x = urn:x x.t = b", '> x = "urn:x" x.t = b'),
        ("a and (> x = u b)", 'a and (> x = "u" b)'),
        ('> "u" (> x = v b) ', '> "u" (> x = "v" b)'),
        ("and and and", '"and" and "and"'),
        ('x = "say \\"no\\""', 'x = "say \\"no\\""'),
        ("cat sortBy dc.date / descending  dc.title", "cat sortBy dc.date/descending dc.title"),
        ("a prox/distance <= 3/unordered b", "a prox/distance<=3/unordered b"),
    ],
)
def test_written_queries_have_one_normal_form(text: str, written: str):
    assert to_cql(parse(text)) == written


@pytest.mark.parametrize(
    ("word", "written"), [("fish", "fish"), ("", '""'), ("Not", '"Not"'), ("a b", '"a b"'), ('"', '"\\""'), ("a*", "a*"), ("a/b", '"a/b"')]
)
def test_only_words_that_need_quotes_get_them(word: str, written: str):
    assert quoted(word) == written


def test_positions_and_loneness_take_no_part_in_comparison():
    assert parse("  fish") == parse('cql.serverChoice = "fish"')


@pytest.mark.parametrize("other", ["a and (b and c)", "a and b or c", "a and b", "a and b and d", "a and b and/x c"])
def test_different_trees_are_not_equal(other: str):
    assert parse("a and b and c") != parse(other)


def test_nodes_come_in_the_order_of_the_text():
    query = parse("a or (b not c) and d")
    shown = [node.term if isinstance(node, Clause) else node.op for node in postorder(query.root) if not isinstance(node, Prefixed)]
    assert shown == ["a", "b", "c", "not", "or", "d", "and"]


@given(NODES)
@settings(max_examples=50, deadline=None)
def test_the_dict_form_is_plain_json(node: Node):
    as_dict = to_dict(Query(node))
    assert json.loads(json.dumps(as_dict)) == as_dict
