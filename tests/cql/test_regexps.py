"""The subset of regular expressions that every engine reads alike."""

import contextlib
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cql.regexp_syntax import RegexpError
from cql.regexps import escaped, matcher, rewrite

ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "[a-c]", "\\.", "ab"])
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{1,}", ""])),
        st.builds("({}|{})".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=6,
)


@given(EXPRESSIONS, st.text(alphabet="abc.", max_size=8))
@settings(max_examples=500, deadline=None)
def test_our_matcher_and_python_agree_before_and_after_rewriting(source: str, text: str):
    expected = re.fullmatch(source, text) is not None
    rewritten = rewrite(source, str)
    assert matcher(source)(text) is expected
    assert matcher(rewritten)(text) is expected
    assert (re.fullmatch(rewritten, text) is not None) is expected
    assert rewrite(rewritten, str) == rewritten


@given(st.text(max_size=20))
@settings(max_examples=300, deadline=None)
def test_any_text_is_rewritten_or_refused(source: str):
    with contextlib.suppress(RegexpError):
        re.compile(rewrite(source, str.lower))


@given(st.text(max_size=20))
@settings(max_examples=200, deadline=None)
def test_an_escaped_text_matches_itself_and_nothing_longer(text: str):
    if text:
        assert matcher(escaped(text))(text)
        assert not matcher(escaped(text))(text + "x")
        assert re.fullmatch(escaped(text), text)


@pytest.mark.parametrize(
    ("source", "rewritten"),
    [
        ("Colou?r", "colou?r"),
        ("(AB)*|[C-F]", "(ab)*|[c-f]"),
        ("a|(b|c)d", "a|(b|c)d"),
        ("(a+){2,3}", "(a+){2,3}"),
        ("a{2}{", None),
        ("((a))", "a"),
        ("\\(\\)", "\\(\\)"),
        ("a~b&c@d#e<f>g\"", 'a[\\~]b[\\&]c[@]d[#]e[<]f[>]g["]'),
        ("[\\]\\-^&]", "[\\]\\-\\^\\&]"),
        ("[é]", "[é]"),
    ],
)  # fmt: skip
def test_rewriting_folds_and_spells_for_all_engines(source: str, rewritten: str | None):
    if rewritten is None:
        with pytest.raises(RegexpError):
            rewrite(source, str.lower)
    else:
        assert rewrite(source, str.lower) == rewritten


@pytest.mark.parametrize(
    "source",
    ["", "a|", "|a", "(", "(a", "a)", "()", "[", "[]", "[a", "[b-a]", "[[a]", "a**", "a+?", "a*+", "*a", "?", "{2}", "a{", "a{x}", "a{2",
     "a{,2}", "a{3,2}", "a{101}", "(a{100}){100}", "(?:a)", "(?=a)", "^a", "a$", "\\d", "\\1", "a\\", "]", "}", "(" * 21 + "a" + ")" * 21],
)  # fmt: skip
def test_everything_outside_the_subset_is_refused(source: str):
    with pytest.raises(RegexpError):
        rewrite(source, str)


@pytest.mark.parametrize("source", ["(a+)+b", "(a|a)*b", "(.*)*(.*)*b", "a?" * 60 + "a" * 60 + "b", "(((a*)*)*)*b", ".*a.*a.*a.*a.*a.*b"])
def test_no_expression_can_make_matching_slow(source: str):
    started = time.perf_counter()
    assert not matcher(source)("a" * 120)
    assert time.perf_counter() - started < 1
