"""Dates and numbers of queries as intervals of integers.

A date is written YYYY, YYYY-MM or YYYY-MM-DD; the shorter forms mean the whole period. Years before 1000 may go without
leading zeros. Source: the SRU page, 14.2.
"""

import re
from calendar import monthrange
from dataclasses import dataclass

_DATE = re.compile(r"([0-9]{1,4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_OID = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_ISO_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")


@dataclass(frozen=True, slots=True)
class Interval:
    """First and last integer of what a term means; equal for a single value."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Period:
    """A year, a month of it, or a day of that."""

    year: int
    month: int | None = None
    day: int | None = None

    def years(self) -> Interval:
        """For fields that hold only years."""
        return Interval(self.year, self.year)

    def days(self) -> Interval:
        """For fields of yyyymmdd integers.

        Bounds are those of the digits (19990500-19990599), so that a stored date without day or month, written with
        zeros, belongs to its month and year.
        """
        if self.month is None:
            return Interval(self.year * 10_000, self.year * 10_000 + 9_999)
        start = self.year * 10_000 + self.month * 100
        return Interval(start, start + 99) if self.day is None else Interval(start + self.day, start + self.day)


def parse_period(text: str) -> Period | None:
    """The period of a date term, or None when it is no date (wrong form, month 13, 30 February)."""
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year = int(match[1])
    month = int(match[2]) if match[2] else None
    day = int(match[3]) if match[3] else None
    if month is not None and not 1 <= month <= 12:
        return None
    # The calendar of Python begins with the year 1; the year 0 of ISO 8601 is a leap year like 400.
    if month is not None and day is not None and not 1 <= day <= monthrange(year or 400, month)[1]:
        return None
    return Period(year, month, day)


def parse_number(text: str) -> Interval | None:
    """An integer of at most 18 digits as an interval, or None."""
    return Interval(int(text), int(text)) if _NUMBER.fullmatch(text) else None


def has_format(text: str, form: str) -> bool:
    """Whether a value has the format of a relation modifier: isodate, number, uri or oid."""
    match form:
        case "isodate":
            return bool(_ISO_DATE.fullmatch(text)) and parse_period(text) is not None
        case "number":
            return bool(_DECIMAL.fullmatch(text))
        case "uri":
            return bool(_URI.fullmatch(text))
        case _:
            return bool(_OID.fullmatch(text))


def masked_years(pattern: re.Pattern[str]) -> list[Interval]:
    """Intervals of the years 0000 to 9999 whose four printed digits match."""
    intervals: list[Interval] = []
    for year in range(10_000):
        if pattern.fullmatch(f"{year:04d}"):
            if intervals and intervals[-1].high == year - 1:
                intervals[-1] = Interval(intervals[-1].low, year)
            else:
                intervals.append(Interval(year, year))
    return intervals


def masked_numbers(digits: str, exact: int, star: bool, longest: int = 12) -> list[Interval]:
    """Intervals of the non-negative numbers whose printed form begins with `digits`.

    `exact` more digits follow; with `star` at least so many, up to `longest` digits in all.
    """
    start = int(digits)
    lengths = range(exact, max(exact, longest - len(digits)) + 1) if star else range(exact, exact + 1)
    return [Interval(start * 10**more, start * 10**more + 10**more - 1) for more in lengths]
