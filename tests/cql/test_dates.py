"""Dates and numbers of queries."""

import re

import pytest

from cql.dates import Interval, Period, has_format, masked_numbers, masked_years, parse_number, parse_period


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("1999", Period(1999)),
        ("987", Period(987)),
        ("0987", Period(987)),
        ("0", Period(0)),
        ("1999-05", Period(1999, 5)),
        ("2024-02-29", Period(2024, 2, 29)),
        ("0000-02-29", Period(0, 2, 29)),
    ],
)
def test_dates_are_periods(text: str, period: Period):
    assert parse_period(text) == period


@pytest.mark.parametrize(
    "text", ["", "abc", "1999-", "1999-5", "1999-13", "1999-00", "2023-02-29", "1999-01-32", "19999", "1999-01-01T00", "٣٣٣٣", "-5"]
)
def test_other_forms_are_no_dates(text: str):
    assert parse_period(text) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [("1999", (19990000, 19999999)), ("1999-05", (19990500, 19990599)), ("1999-05-07", (19990507, 19990507)), ("5", (50000, 59999))],
)
def test_a_period_is_all_its_days(text: str, days: tuple[int, int]):
    period = parse_period(text)
    assert period is not None
    assert period.days() == Interval(*days)


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("-5", -5), ("007", 7)])
def test_whole_numbers(text: str, number: int):
    assert parse_number(text) == Interval(number, number)


@pytest.mark.parametrize("text", ["", "+3", "1.5", "1e3", "１２", "9" * 19, "--1"])
def test_other_forms_are_no_numbers(text: str):
    assert parse_number(text) is None


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("1999-05", "isodate", True),
        ("999", "isodate", False),
        ("1999-02-30", "isodate", False),
        ("-1,5", "number", True),
        ("x", "number", False),
        ("urn:x:1", "uri", True),
        ("x y:z", "uri", False),
        ("1.2.840", "oid", True),
        ("1", "oid", False),
    ],
)
def test_formats_of_modifiers(text: str, form: str, expected: bool):
    assert has_format(text, form) is expected


def test_masked_years_join_neighbours():
    assert masked_years(re.compile("199[0-9]")) == [Interval(1990, 1999)]
    assert masked_years(re.compile("19[0-9]5"))[:2] == [Interval(1905, 1905), Interval(1915, 1915)]


def test_masked_numbers_have_every_length():
    assert masked_numbers("12", 1, False) == [Interval(120, 129)]
    assert masked_numbers("12", 0, True, longest=4) == [Interval(12, 12), Interval(120, 129), Interval(1200, 1299)]
    assert masked_numbers("12", 2, True, longest=4) == [Interval(1200, 1299)]
