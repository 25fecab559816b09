"""What plans mean, leaf by leaf."""

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cql.matcher import mask_regexp, matches, within_distance
from cql.plan import (
    AllOf,
    AnyOf,
    Everything,
    Exact,
    Fuzzy,
    KeyRange,
    Mask,
    MaskPart,
    Near,
    Nothing,
    Phrase,
    Plan,
    Present,
    Range,
    Regexp,
    Value,
    Without,
    Word,
)
from cql.simplify import simplify

CAT, HAT = Phrase("t", (Exact("cat"),)), Phrase("t", (Exact("hat"),))
BIG_CAT = Phrase("t", (Exact("big"), Exact("cat")))
STAR, ONE = MaskPart("*", True), MaskPart("?", True)


def _near(text_left: Phrase, text_right: Phrase, minimum: int, maximum: int | None, ordered: bool = False) -> Near:
    return Near("t", (text_left,), (text_right,), minimum, maximum, ordered)


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (Everything(), True),
        (Nothing(), False),
        (Word("t", Exact("cat")), True),
        (Word("t", Exact("ca")), False),
        (Word("t", Exact("oneill")), True),
        (Word("u", Exact("cat")), False),
        (Word("t", Fuzzy("hta", 1)), False),
        (Word("t", Fuzzy("hta", 2)), True),
        (Word("t", Fuzzy("xat", 1)), True),
        (Word("t", Regexp("c[ab]t")), True),
        (Word("t", Regexp("c")), False),
        (Word("t", Mask((MaskPart("c"), STAR))), True),
        (Word("t", Mask((MaskPart("on"), STAR))), True),
        (Word("t", Mask((ONE, ONE))), True),
        (Word("t", Mask((MaskPart("*"),))), False),
        (Phrase("t", (Exact("the"), Exact("cat"))), True),
        (Phrase("t", (Exact("cat"), Exact("the"))), False),
        (Phrase("t", (Exact("hat"), Exact("big"))), False),
        (Phrase("t", (Exact("the"),), starts=True), True),
        (Phrase("t", (Exact("cat"),), starts=True), False),
        (Phrase("t", (Exact("hat"),), ends=True), True),
        (Phrase("t", (Exact("hat"),), starts=True, ends=True), False),
        (Phrase("t", (Exact("big"), Exact("cat")), starts=True, ends=True), True),
        (Phrase("t", (Exact("oneill"),)), False),
        (Value("k", Exact("a b")), True),
        (Value("k", Exact("a")), False),
        (Value("k", Mask((MaskPart("a"), STAR))), True),
        (KeyRange("k", "a", "a c"), True),
        (KeyRange("k", "a b", None, include_low=False), False),
        (KeyRange("k", "a b", None), True),
        (KeyRange("k", None, "a b", include_high=False), False),
        (KeyRange("k", None, "a b"), True),
        (Range("n", 1989, 1990), True),
        (Range("n", None, 1989), False),
        (Range("n", 1991, None), False),
        (Range("n", None, None), True),
        (Range("m", None, None), False),
        (Present("t"), True),
        (Present("k"), True),
        (Present("n"), True),
        (Present("empty"), False),
        (Present("m"), False),
        (AllOf((Present("t"), Present("m"))), False),
        (AnyOf((Present("t"), Present("m"))), True),
        (Without(Present("t"), Present("m")), True),
        (Without(Present("t"), Present("k")), False),
        (_near(CAT, HAT, 1, 3), True),
        (_near(HAT, CAT, 1, 3), True),
        (_near(CAT, HAT, 1, 2), False),
        (_near(CAT, HAT, 3, 3, ordered=True), True),
        (_near(HAT, CAT, 1, None, ordered=True), False),
        (_near(CAT, CAT, 1, None), False),
        (_near(CAT, CAT, 0, None), True),
        (_near(CAT, CAT, 0, None, ordered=True), False),
        (_near(BIG_CAT, HAT, 0, None), False),
        (_near(BIG_CAT, CAT, 1, None), False),
        (_near(Phrase("t", (Exact("the"), Exact("cat"))), Phrase("t", (Exact("in"), Exact("the"))), 1, 1), True),
        (_near(Phrase("t", (Exact("the"),), starts=True), HAT, 4, 4), True),
    ],
)  # fmt: skip
def test_each_kind_of_leaf(plan: Plan, expected: bool, make_view: Callable):
    view = make_view({"t": ["the cat in the hat", "big cat", "O'Neill"], "empty": []}, keys={"k": ["a b"]}, numbers={"n": [1990]})
    assert matches(plan, view) is expected


MASK_PARTS = st.sampled_from([STAR, ONE, MaskPart("a"), MaskPart("ab"), MaskPart("."), MaskPart("*")])


@given(st.lists(MASK_PARTS, min_size=1, max_size=7), st.text(alphabet="ab.*", max_size=9))
@settings(max_examples=400, deadline=None)
def test_masks_match_as_the_naive_expression_does(parts: list[MaskPart], text: str):
    naive = "".join({"*": ".*", "?": "."}[part.text] if part.is_mask else re.escape(part.text) for part in parts)
    assert (re.fullmatch(mask_regexp(Mask(tuple(parts))), text) is not None) is (re.fullmatch(naive, text) is not None)


def test_many_masks_on_a_long_value_are_quick(make_view: Callable):
    mask = Mask((*[STAR, MaskPart("a")] * 20, MaskPart("b")))
    started = time.perf_counter()
    assert not matches(Value("k", mask), make_view(keys={"k": ["a" * 512] * 20}))
    assert time.perf_counter() - started < 1


def _edits(one: str, other: str) -> int:
    """Textbook recursion."""
    if not one or not other:
        return len(one) + len(other)
    return min(_edits(one[1:], other) + 1, _edits(one, other[1:]) + 1, _edits(one[1:], other[1:]) + (one[0] != other[0]))


@given(st.text(alphabet="abc", max_size=6), st.text(alphabet="abc", max_size=6), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_edit_distance_is_that_of_the_textbook(one: str, other: str, distance: int):
    assert within_distance(one, other, distance) is (_edits(one, other) <= distance)


LEAVES = st.sampled_from(
    [Everything(), Nothing(), Word("t", Exact("a")), Word("t", Exact("b")), Present("k"), Range("n", 2, 1), Range("n", 1, 2)]
)
PLANS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Without, inner, inner),
    ),
    max_leaves=12,
)


@given(PLANS)
@settings(max_examples=400, deadline=None)
def test_a_simplified_plan_finds_the_same_documents(make_view, plan: Plan):
    views = [
        make_view({"t": words}, keys={"k": keys}, numbers={"n": numbers})
        for words in ([], ["a"], ["b"], ["a b"])
        for keys in ([], ["k"])
        for numbers in ([], [1], [3])
    ]
    simple = simplify(plan)
    assert [matches(plan, view) for view in views] == [matches(simple, view) for view in views]
    assert simplify(simple) == simple
