"""Dates of the record."""

from datetime import UTC, datetime

import pytest

from indexer.functions.dates import date8, date_modified, marc21_date_entered, modified_at, unimarc_date_entered


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20090604115400.0", datetime(2009, 6, 4, 11, 54, tzinfo=UTC)),
        ("20090604", datetime(2009, 6, 4, tzinfo=UTC)),
        ("20091304115400.0", None),
        ("20090230115400.0", None),
        ("", None),
        ("uuuuuuuu", None),
        ("2009", None),
    ],
)
def test_field_005_is_a_moment_in_utc(text, moment):
    assert modified_at(text) == moment


@pytest.mark.parametrize(
    ("read", "text", "day"),
    [
        (date_modified, "20090604115400.0", 20090604),
        (date_modified, "20090604999999.0", 20090604),
        (date_modified, "00000000000000.0", None),
        (date_modified, "", None),
        (marc21_date_entered, "891108s1989", 19891108),
        (marc21_date_entered, "600101", 19600101),
        (marc21_date_entered, "591231", 20591231),
        (marc21_date_entered, "030228s2003", 20030228),
        (marc21_date_entered, "030229s2003", None),
        (marc21_date_entered, "|||||||", None),
        (marc21_date_entered, "٠٣٠٢٢٨", None),
        (unimarc_date_entered, "19970312d1997", 19970312),
        (unimarc_date_entered, "1997", None),
        (date8, "2013-07-16", 20130716),
        (date8, "20130716", 20130716),
        (date8, "2013-07", 20130701),
        (date8, "2013", 20130101),
        (date8, "2013-13-01", None),
        (date8, "td12 2013-7-16", None),
        (date8, "no date", None),
        (date8, "", None),
    ],
)
def test_days_are_integers(read, text, day):
    assert read(text) == day
