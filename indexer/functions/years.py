"""The year of publication: one number for sorting and searching, and the range a date covers.

The coded dates of the fixed field decide; the imprint's text is asked only when they give no year.

Source: indexing.md section 4.4; MARC 21 Bibliographic 008/06-14; UNIMARC Bibliographic 100$a/8-16.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

EARLIEST = 500
YEARS_AHEAD = 6
WIDEST_SINGLE = 15
"""Years before 500 or more than six years ahead are no years; a span of more than 15 years gives no single year."""


class Years(NamedTuple):
    """`year`: the single year, None when unknown. `year_from`, `year_to`: the range, both None or neither."""

    year: int | None = None
    year_from: int | None = None
    year_to: int | None = None


_Span = tuple[int, int]
_UNKNOWN_DIGITS = frozenset("uUxX?- |#^*")

_UNIMARC_TYPES = {"a": "c", "b": "d", "c": "u", "d": "s", "e": "r", "f": "q", "g": "m", "h": "t", "i": "p", "j": "e", "k": "t", "u": "n"}
"""UNIMARC type of date -> the MARC 21 type that is read alike."""

_HIJRI = r"(?:h(?:ij\w*)?\.?(?![^\W\d_])|a\.\s?h\.?|ah(?![^\W\d_])|هـ|ه(?!\w)|ھ)"
_GROUP = re.compile(rf"(?<![0-9])([0-9lI][0-9]{{3}})(?![0-9])(\s*[\[\]?.]*\s*{_HIJRI})?", re.IGNORECASE)
_ROMAN_RUN = re.compile(r"(?<![A-Za-z])M[MDCLXVI. ]{3,}(?![A-Za-z])")
_ROMAN = re.compile(r"(?=.{4})M{1,2}(?:CM|CD|D?C{0,4})(?:XC|XL|L?X{0,4})(?:IX|IV|V?I{0,4})")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def marc21_years(f008: str, imprints: Sequence[str], this_year: int) -> Years:
    """Years of a MARC 21 record.

    `f008` is the text of the fixed field; `imprints` are texts that hold a date, best first: 264[.1]$c, 260$c, 264[.4]$c, 046.
    `this_year` stands for an open end.
    """
    return _years(f008[6:7], f008[7:11], f008[11:15], imprints, this_year)


def unimarc_years(f100a: str, imprints: Sequence[str], this_year: int) -> Years:
    """Years of a UNIMARC record; `imprints` are 214$d, then 210$d."""
    return _years(_UNIMARC_TYPES.get(f100a[8:9], "s"), f100a[9:13], f100a[13:17], imprints, this_year)


def _years(kind: str, date1: str, date2: str, imprints: Sequence[str], this_year: int) -> Years:
    coded = _coded_years(kind, date1, date2, this_year)
    if coded.year is not None or (kind == "q" and coded.year_from is not None):
        return coded
    for imprint in imprints:
        year = year_in_text(imprint, this_year)
        if year is not None:
            return Years(year, year, year) if coded.year_from is None else coded._replace(year=year)
    return coded


@lru_cache(2048)
def _coded_years(kind: str, date1: str, date2: str, this_year: int) -> Years:
    """What the fixed field alone says."""
    if kind in {"n", "b"}:
        return Years()
    first, second = _span(date1, this_year), _span(date2, this_year)
    whole = _coded(kind, first, second, this_year)
    return Years() if whole is None else Years(_single(kind, whole, first, second), *whole)


def _coded(kind: str, first: _Span | None, second: _Span | None, this_year: int) -> _Span | None:
    """The range that two coded dates of this type cover."""
    match kind:
        case "c":
            return None if first is None else (first[0], max(first[1], this_year))
        case "d" | "m" | "i" | "k" | "q":
            return _from_to(first, second)
        case "r" | "p":
            return _from_to(second, first)
        case _:
            return first


def _from_to(start: _Span | None, end: _Span | None) -> _Span | None:
    """From the earliest start to the latest end, whichever of them is known; dates in the wrong order are turned round."""
    if start is None or end is None:
        return start or end
    return (start[0], end[1]) if start[0] <= end[1] else (end[0], start[1])


def _single(kind: str, whole: _Span, first: _Span | None, second: _Span | None) -> int | None:
    """The one year of a coded date: of the original for reprints, the middle of a questionable range."""
    if kind == "q":
        return _middle(whole)
    if kind in {"r", "p"}:
        return _middle(second) or _middle(first)
    return _middle(first)


def _middle(span: _Span | None) -> int | None:
    return (span[0] + span[1] + 1) // 2 if span is not None and span[1] - span[0] <= WIDEST_SINGLE else None


def _span(date: str, this_year: int) -> _Span | None:
    """First and last year that four characters with unknown digits may mean; None when they say nothing plausible."""
    if date == "9999":
        return this_year, this_year
    if len(date) != 4 or not (date[0].isascii() and date[0].isdigit()):
        return None
    if not all((char.isascii() and char.isdigit()) or char in _UNKNOWN_DIGITS for char in date):
        return None
    low = int("".join(char if char.isdigit() else "0" for char in date))
    high = int("".join(char if char.isdigit() else "9" for char in date))
    if low != high:
        low, high = max(low, EARLIEST), min(high, this_year)
    return (low, high) if EARLIEST <= low <= high <= this_year + YEARS_AHEAD else None


@lru_cache(2048)
def year_in_text(text: str, this_year: int) -> int | None:
    """The first plausible year of a date statement such as `[1984?]`, `c1984`, `1984-85`, `MCMLXXXIV`.

    A Hijri year is read only through the Gregorian year beside it: `1404 [1983 or 1984]` is 1983, `1350 هـ` alone is none.
    """
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    groups = [(_number(found.group(1)), found.group(2) is not None) for found in _GROUP.finditer(text)]
    plausible = [(year, hijri) for year, hijri in groups if EARLIEST <= year <= this_year + YEARS_AHEAD]
    for place, (year, hijri) in enumerate(plausible):
        gregorian = _gregorian(year, [other for other, _ in plausible[place + 1 :]])
        if gregorian is not None:
            return gregorian
        if not hijri:
            return year
    return _roman_year(text, this_year)


def _number(group: str) -> int:
    """A four-character group as a number; an l or I at its beginning is a badly read 1."""
    return int(group if group[0].isdigit() else "1" + group[1:])


def _gregorian(hijri: int, others: Sequence[int]) -> int | None:
    """The first of the other years that is this Hijri year, lunar (354.37 days, counted from 622) or solar."""
    lunar = hijri * 0.970229 + 621.5643
    return next((other for other in others if abs(other - lunar) <= 2 or other - hijri in {621, 622}), None)


def _roman_year(text: str, this_year: int) -> int | None:
    for run in _ROMAN_RUN.findall(text):
        letters = run.replace(".", "").replace(" ", "")
        if _ROMAN.fullmatch(letters) and EARLIEST <= (year := _roman(letters)) <= this_year + YEARS_AHEAD:
            return year
    return None


def _roman(letters: str) -> int:
    total, highest = 0, 0
    for letter in reversed(letters):
        value = _ROMAN_DIGITS[letter]
        total += -value if value < highest else value
        highest = max(highest, value)
    return total
