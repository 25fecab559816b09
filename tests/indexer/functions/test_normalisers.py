"""Normalisers of key fields."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.functions.normalisers import NORMALISERS


@pytest.mark.parametrize(
    ("name", "text", "forms"),
    [
        ("isbn", "0-306-40615-2", ("9780306406157", "0306406152")),
        ("issn", "0364538x", ("0364-538X", "0364538X")),
        ("lccn", "64-8198", ("64008198",)),
        ("oclc", "ocm00123", ("123",)),
        ("control_number", "(OCoLC)123", ("(OCoLC)123", "123")),
        ("doi", "https://doi.org/10.1000/X", ("10.1000/x",)),
        ("ean", "042282258427", ("0042282258427", "042282258427")),
        ("ismn", "M-2306-7118-7", ("9790230671187",)),
        ("uri", "URN:X", ("urn:x",)),
        ("other_number", "A 1", ("A 1", "A1")),
        ("standard_number", "0-306-40615-2", ("9780306406157", "0306406152", "0-306-40615-2", "0306406152")),
        ("language", "svenska", ("swe",)),
        ("relator", "editor", ("edt",)),
        ("code", " BK  Ref ", ("bk ref",)),
        ("lower", "ÅSA", ("åsa",)),
        ("fold", "Åsa.", ("asa",)),
        ("verbatim", " AbC ", ("AbC",)),
        ("verbatim", " ", ()),
        ("lc", "QA76", ("QA 0076",)),
        ("dewey", "813/.54", ("813.54",)),
        ("sudoc", "A 1.9:2", ("A 000001 000009:000002",)),
        ("callnumber_generic", "Hcf 1", ("HCF 00000001",)),
        ("callnumber", "QA76", ("QA 0076", "QA00000076")),
    ],
)
def test_normaliser(name, text, forms):
    assert NORMALISERS[name](text) == tuple(dict.fromkeys(forms))


@settings(max_examples=300)
@given(st.sampled_from(sorted(NORMALISERS)), st.text(max_size=60))
def test_normalisers_give_distinct_forms_that_are_not_empty(name, text):
    forms = NORMALISERS[name](text)
    assert all(forms)
    assert len(set(forms)) == len(forms)
    assert all(len(form) <= 512 for form in forms)
