"""Messages of syntax errors: what a person reads when a query is wrong."""

import pytest

from cql.diagnostics import CqlError, SyntaxProblem
from cql.parser import parse


@pytest.mark.parametrize(
    ("text", "number", "offset", "phrase", "suggestion"),
    [
        ("cat and not dog", 10, 15, "Position 8: 'not' needs a clause on its left; write  A not B.", "cat not dog"),
        ("not dog", 10, 7, "Position 0: 'not' needs a clause on its left", '"not dog"'),
        ("sea wind", 10, 8, "only inside quotes", '"sea wind"'),
        ("title = sea wind", 10, 12, "Position 8: several words", 'title = "sea wind"'),
        ("title any sea wind", 10, 14, "Position 10: several words", 'title any "sea wind"'),
        ("title = sea creator = x", 10, 12, "is missing before 'creator'", "title = sea and creator = x"),
        ('sea "wind"', 10, 4, 'missing before "wind"', 'sea and "wind"'),
        ("(a)b", 10, 3, "missing before 'b'", "(a) and b"),
        ("(a) (b)", 13, 4, "boolean operator", "(a) and (b)"),
        ("title =< 5", 10, 7, "CQL writes `<=`", "title <= 5"),
        ("title != 5", 10, 7, "CQL writes `<>`", "title <> 5"),
        ("title === 5", 10, 8, "CQL writes `==`", "title == 5"),
        ("= fish", 10, 0, "needs an index on its left", None),
        ("a = b = c", 10, 6, "must stand in quotes", None),
        ("title = = fish", 10, 8, "one relation is there already", None),
        ("title any", 10, 9, "relation 'any' needs a term on its right", '"title any"'),
        ("title any/x", 10, 11, "a search term is missing", None),
        ("cat and", 10, 7, "'and' needs a clause on its right", "cat"),
        ("cat and/x", 10, 9, "'and' needs a clause on its right", "cat"),
        ("urn:a/b or c", 10, 5, "must stand in quotes", '"urn:a/b" or c'),
        ("/x", 10, 0, "a modifier needs", None),
        ("a =/x=b", 10, 7, "a search term is missing", None),
        ("a =/x=", 10, 6, "value of the modifier", None),
        ("a =/", 10, 4, "name of a modifier is missing", None),
        ("> x = u", 10, 7, "must be followed by a query", None),
        (">", 10, 1, "prefix assignment reads", None),
        ("a and > x = u b", 10, 6, "only at the beginning", None),
        ("cat sortBy", 10, 10, "at least one index", "cat"),
        ("sortBy dc.date", 10, 14, "needs a query on its left", '"sortBy dc.date"'),
        ("(cat sortBy dc.date)", 10, 5, "at the very end", None),
        ("cat sortBy (dc.date)", 13, 11, "without parentheses", None),
        ("cat sortBy dc.date (x)", 13, 19, "sort keys stand without parentheses", None),
        ("(a", 13, 0, "never closed", "(a)"),
        ("((a)", 13, 0, "never closed", "((a))"),
        ("a)", 13, 1, "no parenthesis is open", "a"),
        ("()", 13, 1, "nothing between", None),
        ("(a and)", 13, 6, "search clause is missing before", None),
        ("title = (a or b)", 13, 8, "one term, not a parenthesis", "title = a or title = b"),
        ("a and/ (b)", 10, 7, "modifier name is missing", None),
        ('"cat', 14, 0, "never closed", '"cat"'),
        ('cat"', 14, 3, "never closed", "cat"),
        ("te\\rm", 26, 2, "not before 'r'", None),
        ("term\\", 26, 4, "at the end of a word", None),
        ("   ", 10, 3, "the query is empty", None),
    ],
)  # fmt: skip
def test_the_message_says_what_is_wrong_and_how_to_write_it(text: str, number: int, offset: int, phrase: str, suggestion: str | None):
    with pytest.raises(SyntaxProblem) as caught:
        parse(text)
    error = caught.value
    assert (error.number, error.offset, error.suggestion) == (number, offset, suggestion)
    assert phrase in error.message
    assert (suggestion is None) == ("Did you mean:" not in error.message)
    assert error.message == error.message.strip()


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("a and", "position 5: search clause expected"),
        ("title =", "position 7: search term expected"),
        ("a b c d", "position 6: boolean operator or end of query expected"),
        ("a sortBy", "position 8: index to sort by expected"),
        ("a =/", "position 4: modifier name expected"),
        ("> = u a", "position 2: prefix or identifier expected"),
        ("a)", "1"),
        ('a or "b', "5"),
        ("a\\z", "z"),
    ],
)
def test_details_tell_programs_the_position_and_what_was_expected(text: str, details: str):
    with pytest.raises(CqlError) as caught:
        parse(text)
    assert caught.value.details == details


def test_a_repair_that_does_not_parse_is_not_proposed():
    with pytest.raises(SyntaxProblem) as caught:
        parse("cat and or dog)")
    assert caught.value.suggestion is None


def test_long_queries_get_no_proposal():
    with pytest.raises(SyntaxProblem) as caught:
        parse("word " * 200)
    assert caught.value.suggestion is None
