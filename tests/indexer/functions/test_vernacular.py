"""Fields in original script and their partners."""

import pytest

from indexer.functions.vernacular import Linked, linked, marc21_linked
from indexer.record import Record


@pytest.mark.parametrize(
    ("link", "target", "occurrence", "script"),
    [
        ("100-01", "100", "01", ""),
        ("100-01/r", "100", "01", "r"),
        ("100-01/(3/r", "100", "01", "arab"),
        ("100-01/$1", "100", "01", "hani"),
        ("245-01 /", "245", "01", ""),
        ("505-12\u200f/r", "505", "12", ""),
        ("700-07(3/r", "700", "07", ""),
        ("245-00", "245", "00", ""),
        ("500-06/(N/", "500", "06", "cyrl"),
        ("245-01/Cyrl", "245", "01", "cyrl"),
        ("880-01", "", "", ""),
        ("24501", "", "", ""),
        ("", "", "", ""),
    ],
)
def test_the_link_names_the_partner(link, target, occurrence, script):
    body = f"10\x1f6{link}\x1faعنوان"
    assert marc21_linked([body]) == [Linked(target, occurrence, body, script)]


def test_a_field_without_link_goes_nowhere():
    assert marc21_linked(["10\x1faعنوان"]) == [Linked("", "", "10\x1faعنوان")]


def test_records_of_both_formats():
    marc = Record(" " * 24, [("245", "10\x1f6880-01\x1faA"), ("880", "10\x1f6245-01/(2\x1faB"), ("880", "1 \x1f6100-02\x1faC")])
    assert [(one.target, one.occurrence) for one in linked(marc)] == [("245", "01"), ("100", "02")]
    fields = [("200", "1 \x1f6a01\x1f7ba\x1faA"), ("200", "1 \x1f6a01\x1f7ca\x1faБ"), ("700", " 1\x1f7ba0yfa0y\x1faC"), ("701", " 1\x1faD")]
    unimarc = Record(" " * 24, fields, "unimarc")
    assert [(one.target, one.occurrence, one.script) for one in linked(unimarc)] == [("200", "01", "ca"), ("700", "00", "fa")]
