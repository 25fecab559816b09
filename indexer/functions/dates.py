"""Dates of the record itself, as yyyymmdd integers.

Source: indexing.md section 4.10; MARC 21 005 and 008/0-5; UNIMARC 005 and 100$a/0-7.
"""

import re
from datetime import UTC, date, datetime

_CENTURY_TURN = 60
"""Two-digit years from 60 on are of the 20th century: the first MARC records were made in the 1960s."""

_DATE = re.compile(r"\D*?([0-9]{4})(?:-?([0-9]{2})(?:-?([0-9]{2}))?)?(?![0-9])")


def modified_at(f005: str) -> datetime | None:
    """The moment of field 005 (`yyyymmddhhmmss.f`), taken as UTC; None when it is missing or no date."""
    digits = f005.strip()[:14]
    if len(digits) < 8 or not (digits.isascii() and digits.isdigit()):
        return None
    padded = digits.ljust(14, "0")
    month, day, hour, minute, second = (int(padded[at : at + 2]) for at in range(4, 14, 2))
    try:
        return datetime(int(padded[:4]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def date_modified(f005: str) -> int | None:
    """The day of field 005."""
    return _day(f005.strip()[:8])


def marc21_date_entered(f008: str) -> int | None:
    """The day of 008/0-5 (`yymmdd`); years from 60 on belong to the 20th century."""
    digits = f008[:6]
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    century = 19 if int(digits[:2]) >= _CENTURY_TURN else 20
    return _day(f"{century}{digits}")


def unimarc_date_entered(f100a: str) -> int | None:
    """The day of 100$a/0-7 (`yyyymmdd`)."""
    return _day(f100a[:8])


def date8(text: str) -> int | None:
    """The first date of a text such as `2013-07-16`, `20130716`, `2013-07` or `2013`; missing parts are 01."""
    found = _DATE.match(text)
    if found is None:
        return None
    year, month, day = found.groups()
    return _day(f"{year}{month or '01'}{day or '01'}")


def _day(digits: str) -> int | None:
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        return None
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return int(digits)
