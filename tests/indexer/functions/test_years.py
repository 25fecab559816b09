"""Years of publication from coded dates and from imprints."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.functions.years import Years, marc21_years, unimarc_years, year_in_text

NOW = 2026


@pytest.mark.parametrize(
    ("coded", "imprint", "expected"),
    [
        # coded dates with their imprint, as they stand in catalogues
        ("s1946    ", "1365 H [1946]", (1946, 1946, 1946)),
        ("m19201932", "[1920]-", (1920, 1920, 1932)),
        ("q19001990", "[19--]", (None, 1900, 1990)),
        ("q19401948", "[194-]", (1944, 1940, 1948)),
        ("m19179999", "1335 H, 1917 M-", (1917, 1917, NOW)),
        ("nuuuuuuuu", "[1935]", (1935, 1935, 1935)),
        ("n19501959", "195-?]", (None, None, None)),
        ("r19uu1893", "1893 [Reprint 19--?]", (1893, 1893, 1999)),
        ("ruuuu1898", "1898 [reprinted]", (1898, 1898, 1898)),
        ("q1962    ", "1962]", (1962, 1962, 1962)),
        ("s193u    ", "[193-?]", (1935, 1930, 1939)),
        ("m1953uuuu", "1953-", (1953, 1953, 1953)),
        ("r19681903", "1968?]", (1903, 1903, 1968)),
        ("s        ", "[198-?]", (None, None, None)),
        ("q19009999", "19--]", (None, 1900, NOW)),
        ("m1908    ", "1326-1327 [i.e. 1908-1909]", (1908, 1908, 1908)),
        ("r1940uuuu", "[1940]", (1940, 1940, 1940)),
        ("m    1980", "    -1980.", (1980, 1980, 1980)),
        ("t19511950", "[1951, ©1950]", (1951, 1951, 1951)),
        ("u1981    ", "1402 [1981]", (1981, 1981, 1981)),
        ("|19001999", "19--]", (1900, 1900, 1900)),
        ("m195u9999", "[195-?]", (1955, 1950, NOW)),
        ("m19uuuuuu", "[19--]-", (None, 1900, 1999)),
        ("m1933193u", "1933-", (1933, 1933, 1939)),
        ("d19uu1998", "-[1998]", (1998, 1900, 1998)),
        ("d19451955", "", (1945, 1945, 1955)),
        ("c18579999", "1857-", (1857, 1857, NOW)),
        ("cuuuu9999", "", (None, None, None)),
        ("c200u9999", "", (2005, 2000, NOW)),
        ("c####9999", "2018", (2018, 2018, 2018)),
        ("e20120522", "May 2012", (2012, 2012, 2012)),
        ("e200609uu", "Sept. 2006", (2006, 2006, 2006)),
        ("p20001999", "2000 [1999]", (1999, 1999, 2000)),
        ("i19911988", "1988-91", (1991, 1988, 1991)),
        ("duuuuuuuu", "", (None, None, None)),
        ("d19uu20uu", "", (None, 1900, NOW)),
        ("u1897uuuu", "", (1897, 1897, 1897)),
        ("s1906||||", "1324 H. [1906 M.]", (1906, 1906, 1906)),
        ("|||||||||", "2007.", (2007, 2007, 2007)),
        ("         ", "2013.", (2013, 2013, 2013)),
        ("s    1975", "[1975?]", (1975, 1975, 1975)),
        ("", "c2011.", (2011, 2011, 2011)),
        ("b2001    ", "2001.", (2001, 2001, 2001)),
        # rules that the files do not show
        ("s199u    ", "", (1995, 1990, 1999)),
        ("s1uuu    ", "", (None, 1000, 1999)),
        ("s20uu    ", "", (None, 2000, NOW)),
        ("k18501870", "", (1850, 1850, 1870)),
        ("q19801990", "", (1985, 1980, 1990)),
        ("q19751991", "", (None, 1975, 1991)),
        ("s9999    ", "", (NOW, NOW, NOW)),
        ("s0450    ", "", (None, None, None)),
        (f"s{NOW + 6}    ", "", (NOW + 6, NOW + 6, NOW + 6)),
        (f"s{NOW + 7}    ", "", (None, None, None)),
        ("s1١٨4    ", "", (None, None, None)),
    ],
)
def test_marc21_years(coded, imprint, expected):
    assert marc21_years(f"250101{coded}", [imprint], NOW) == Years(*expected)


@pytest.mark.parametrize(
    ("coded", "imprint", "expected"),
    [
        ("a19679999", "1967-", (1967, 1967, NOW)),
        ("b19501975", "", (1950, 1950, 1975)),
        ("c1950    ", "", (1950, 1950, 1950)),
        ("d1997    ", "1997", (1997, 1997, 1997)),
        ("e19821798", "", (1798, 1798, 1982)),
        ("f19101920", "", (1915, 1910, 1920)),
        ("f17001799", "[17..]", (None, 1700, 1799)),
        ("g19931995", "1993-1995.", (1993, 1993, 1995)),
        ("h19971996", "1997, cop. 1996", (1997, 1997, 1997)),
        ("i19911988", "", (1988, 1988, 1991)),
        ("j19991231", "", (1999, 1999, 1999)),
        ("u        ", "cop. 1997", (1997, 1997, 1997)),
        ("k19821985", "", (1982, 1982, 1982)),
        ("         ", "[ca 1995]", (1995, 1995, 1995)),
        ("", "[s.d.]", (None, None, None)),
    ],
)
def test_unimarc_years(coded, imprint, expected):
    assert unimarc_years(f"20000101{coded}", [imprint], NOW) == Years(*expected)


def test_imprints_are_asked_in_order():
    assert marc21_years("250101n        ", ["[s.a.]", "1984", "1985"], NOW).year == 1984
    assert marc21_years("250101s19uu    ", ["", "c1955"], NOW) == Years(1955, 1900, 1999)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2012.", 2012), ("[1984?]", 1984), ("c1984", 1984), ("©1985", 1985), ("℗2020.", 2020), ("cop. 1997", 1997), ("1984-85", 1984),
        ("1963-64", 1963), ("June 2012", 2012), ("[1369 [1949/50]", 1949), ("1985 [that is, 1986]", 1985),
        ("l975.", 1975), ("[l983]", 1983),
        ("MCMLXXXIV", 1984), ("M.DCC.LXXVI.", 1776), ("M. Dekker", None), ("MILD", None), ("١٩٨٤", 1984), ("1936م.", 1936),
        ("1363 [1984]", 1984), ("1404 [1983 or 1984]", 1983), ("1324 A.H. [1902 or 1906]", 1906), ("1385 h., 1965 m.", 1965),
        ("1369 H, 1950 M.", 1950), ("1374 [H.] = 1955 [M.]", 1955), ("1327 Hijrīyah [1909]", 1909), ("1350 هـ", None), ("1350 AH", None),
        ("1350 هـ = 1931 م", 1931), ("1484", 1484), ("[between 1900 and 1999]-", 1900), ("[198-]", None), ("19[--]-", None), ("[?]", None),
        ("12345", None), ("[49 i.e. 1974]", 1974), ("2536 [1977 or 1978]-", 1977), ("", None),
    ],
)  # fmt: skip
def test_year_in_text(text, year):
    assert year_in_text(text, NOW) == year


@settings(max_examples=300)
@given(st.text(max_size=12) | st.from_regex(r"[a-z |][0-9ux? |-]{8}", fullmatch=True), st.text(max_size=20))
def test_years_are_plausible_whatever_is_coded(coded, imprint):
    for years in (marc21_years(f"250101{coded}", [imprint], NOW), unimarc_years(f"20250101{coded}", [imprint], NOW)):
        assert (years.year_from is None) == (years.year_to is None)
        if years.year_from is not None:
            assert 500 <= years.year_from <= years.year_to <= NOW + 6
        assert years.year is None or 500 <= years.year <= NOW + 6
