"""Expressions over the term dictionary: Python reads them as tantivy does, so most can be tried without an index."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tantivy import Index, Query, SchemaBuilder

from cql.matcher import pattern_test
from cql.plan import Exact, Fuzzy, Mask, MaskPart, Pattern, Regexp
from indexer.engine.embedded.layout import BOUNDARY, Codes, Layout
from indexer.engine.embedded.patterns import expression, interval, literal
from indexer.schema import CollectionSchema, EngineField

HOSTILE = [
    *("a.b", "a*", "[x", "x]", "(", ")", "{2}", "a|b", "\\d", "\\", "^a$", "a&&b", "-", "~", "#", " ", "c++", "/"),
    *("\u00e5", "\U0001f40d", "\x7f", "a\nb", "\u2028"),
]


def read(spelled: str) -> re.Pattern[str]:
    """Rust's `\\x{41}` as Python writes it."""
    return re.compile(re.sub(r"\\x\{([0-9A-F]+)\}", lambda code: re.escape(chr(int(code[1], 16))), spelled), re.DOTALL)


@pytest.fixture(scope="module")
def dictionary() -> Any:
    """Whether tantivy finds a term by an expression."""
    schema = SchemaBuilder().add_text_field("term", tokenizer_name="raw", index_option="basic").build()
    index = Index(schema)
    writer = index.writer(15_000_000, 1)
    from tantivy import Document

    for term in (*HOSTILE, "a", BOUNDARY):
        writer.add_document(Document(term=term))
    writer.commit()
    index.reload()
    searcher = index.searcher()
    return lambda spelled: searcher.search(Query.regex_query(schema, "term", spelled), 1).count


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_literal_finds_itself_alone(dictionary: Any, text: str) -> None:
    assert dictionary(literal(text)) == 1
    assert dictionary(expression(Mask((MaskPart(text), MaskPart("*", True))))) >= 1


@pytest.mark.parametrize(
    "pattern",
    [Mask((MaskPart("?", True),)), Mask((MaskPart("*", True),)), Regexp("."), Regexp("[^a]"), Regexp(".*"), Fuzzy("a", 1), Fuzzy("ab", 2)],
    ids=str,
)
def test_the_boundary_is_never_found(dictionary: Any, pattern: Pattern) -> None:
    spelled = expression(pattern)
    assert read(spelled).fullmatch(BOUNDARY) is None
    everything = len(HOSTILE) + 2
    assert dictionary(spelled) < everything


bounds = st.one_of(st.none(), st.text("ab\x02\ud7ff\ue000\U0010ffff ", max_size=14))


@settings(deadline=None)
@given(bounds, bounds, st.booleans(), st.booleans(), st.lists(st.text("ab\x02\ud7ff\ue000\U0010ffff ", max_size=15), max_size=12))
def test_an_interval_is_what_comparing_says(low: str | None, high: str | None, with_low: bool, with_high: bool, values: list[str]) -> None:
    readers = [read(spelled) for spelled in interval(low, high, with_low, with_high)]
    for value in (*values, low or "", high or "", f"{low}a", f"{high}a", (low or "")[:-1], (high or "")[:-1]):
        above = low is None or value > low or (with_low and value == low)
        below = high is None or value < high or (with_high and value == high)
        assert any(reader.fullmatch(value) for reader in readers) == (above and below), value


@given(st.text("ab", min_size=1, max_size=3), st.sampled_from((1, 2)), st.text("abc", max_size=5))
def test_spelled_out_neighbours_are_those_of_the_matcher(text: str, distance: int, word: str) -> None:
    fuzzy = Fuzzy(text, distance)
    assert (read(expression(fuzzy)).fullmatch(word) is not None) == pattern_test(fuzzy)(word)


@given(
    st.sampled_from(("a.", "[ab]+", "[^a]b", "(a|b)c?", "a{1,2}b*", "a{2,}", "(ab){2}", ".*b", "\\.a", "[\\-a]b", "x|y|ab")),
    st.text("abcx.-", max_size=4),
)
def test_regular_expressions_mean_the_same(source: str, word: str) -> None:
    assert (read(expression(Regexp(source))).fullmatch(word) is not None) == pattern_test(Regexp(source))(word)


def test_an_exact_pattern_is_a_literal() -> None:
    assert expression(Exact("abc9")) == "abc9"
    assert expression(Exact("a*")) == "a\\x{2A}"


def test_codes_of_different_lists_are_three_edits_apart() -> None:
    fields = tuple(EngineField(f"f{number}", "key") for number in range(200))
    layout = Layout(CollectionSchema("biblios", fields, (), "1"))
    codes = [getattr(one, name) for one in layout.codes.values() for name in Codes.__slots__]
    assert len(set(codes)) == len(codes) == 1200
    near = pattern_test(Fuzzy(f"{codes[7]}abc", 2))
    assert [code for code in codes if near(f"{code}abc")] == [codes[7]]
