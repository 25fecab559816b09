"""Display forms of headings."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.functions.punctuation import display_form, trim_punct, without_nonsorting


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Reefs /", "Reefs"),
        ("Reefs, 1999-", "Reefs, 1999-"),
        ("Ocean Institute.", "Ocean Institute"),
        ("Smith, J. R.", "Smith, J. R."),
        ("Nets, boats, etc.", "Nets, boats, etc."),
        ("[Lisbon] :", "Lisbon"),
        ("\x98The \x9creef", "The reef"),
        ("Two  blanks\tand a tab", "Two blanks and a tab"),
    ],
)
def test_closing_punctuation_and_marks_are_not_shown(value: str, shown: str):
    assert display_form(value) == shown


@given(st.text(st.sampled_from("abcetE1é한 ٣.,:;/=[]()\t\u00a0\u0301\x98\x9c"), min_size=1, max_size=10))
@settings(max_examples=500, deadline=None)
@example("etc.")
@example("abc. ")
def test_the_short_way_to_a_display_form_leads_where_the_long_one_does(value: str):
    assert display_form(value) == trim_punct(without_nonsorting(value))
