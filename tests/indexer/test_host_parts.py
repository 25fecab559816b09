"""Volume, issue and pages out of citations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.host_parts import HostPart, read_host_part


@pytest.mark.parametrize(
    ("citation", "enumeration", "part"),
    [
        ("Vol. 24, no. 3 (May 1999), p. 12-34", "", ("24", "3", "12", "34")),
        ("Vol. 24, pt. B no. 9 (Sept. 1993), p. 235-48", "", ("24", "9", "235", "248")),
        ("24(1999):3, s. 12-34", "", ("24", "3", "12", "34")),
        ("24 (1999): 3, s. 12", "", ("24", "3", "12", "")),
        ("12:4, p. 5", "", ("12", "4", "5", "")),
        ("Bd. 7, H. 2, S. 101-110", "", ("7", "2", "101", "110")),
        ("T. 3, n° 12, pp. 7–9", "", ("3", "12", "7", "9")),
        ("Årg. 55, nr 1/2", "", ("55", "1/2", "", "")),
        ("1998, pages 77-81", "", ("", "", "77", "81")),
        ("Jan. 2001", "", ("", "", "", "")),
        ("", "24:3<12", ("24", "3", "12", "")),
        ("", "24<12", ("24", "", "12", "")),
        ("Vol. 1, no. 1, p. 1-20", "24:3<12", ("24", "3", "12", "20")),
        ("", "", ("", "", "", "")),
        ("p. 98-7", "", ("", "", "98", "97")),
    ],
)
def test_a_citation_is_read(citation: str, enumeration: str, part: tuple[str, str, str, str]):
    assert read_host_part(citation, enumeration) == HostPart(*part)


@given(st.text(max_size=40), st.text(max_size=20))
def test_no_citation_is_too_odd(citation: str, enumeration: str):
    assert isinstance(read_host_part(citation, enumeration), HostPart)
