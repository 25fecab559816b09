"""Bounding boxes of maps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.functions.coordinates import Box, marc21_boxes, unimarc_boxes


def f034(west, east, north, south):
    return f"1 \x1faa\x1fd{west}\x1fe{east}\x1ff{north}\x1fg{south}"


@pytest.mark.parametrize(
    ("places", "box"),
    [
        (("W1170000", "W1142230", "N0470730", "N0460730"), Box(-117, -114.375, 47.125, 46.125)),
        (("W 1114500", "W 1111500", "N 0454500", "N 0451500"), Box(-111.75, -111.25, 45.75, 45.25)),
        (("e0120800", "e0130000", "n0600000", "n0590000"), Box(12.133333, 13, 60, 59)),
        (("1050000", "1060000", "0450000", "0440000"), Box(105, 106, 45, 44)),
        (("-116.05", "-115.5", "049.00", "48"), Box(-116.05, -115.5, 49, 48)),
        (("E01230.5", "E01330", "N05915", "N05900"), Box(12.508333, 13.5, 59.25, 59)),
        (("W0950200.5", "W0945443.7", "N0294402.8", "N0293935.8"), Box(-95.033472, -94.912139, 29.734111, 29.659944)),
        (("E0180000", "", "S0330000", ""), Box(18, 18, -33, -33)),
        (("W083252d", "W0830000", "N0410000", "N0400000"), None),
        (("W1000000", "W1100000", "N0410000", "N0400000"), None),
        (("E1000000", "E1100000", "N0400000", "N0410000"), None),
        (("E1900000", "E1950000", "N0410000", "N0400000"), None),
        (("E1007000", "E1100000", "N0410000", "N0400000"), None),
        (("N1000000", "E1100000", "N0410000", "N0400000"), None),
        (("W1244500 /f N0484500", "W1000000", "N0410000", "N0400000"), None),
        (("", "", "", ""), None),
    ],
)
def test_coded_boxes(places, box):
    expected = [] if box is None else [box]
    assert marc21_boxes([f034(*places)]) == expected
    assert unimarc_boxes([f034(*places)]) == expected


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("(W 117⁰00ʹ00ʺ--W 114⁰22ʹ30ʺ/N 47⁰07ʹ30ʺ--N 46⁰07ʹ30ʺ).", Box(-117, -114.375, 47.125, 46.125)),
        ("(W 116⁰--W 114⁰/N 48⁰--N 47⁰).", Box(-116, -114, 48, 47)),
        ("(E 144°25ʹ--E 145°05ʹ/N 13°50ʹ--N 12°50ʹ).", Box(144.416667, 145.083333, 13.833333, 12.833333)),
        ("(W 115⁰40'--W 113⁰20'/N 48⁰00'--N 46⁰20').", Box(-115.666667, -113.333333, 48, 46.333333)),
        ("(W 107°10'07\"--W 107°09'57\"/N 47°42'04\"--N 47°41'55\")", Box(-107.168611, -107.165833, 47.701111, 47.698611)),
        ("(W 98⁰07ʹ30ʺ-W 98⁰00ʹ00ʺ/N 32⁰37ʹ30ʺ-N 32⁰30ʹ00ʺ)", Box(-98.125, -98, 32.625, 32.5)),
        ("(W 95°02ʹ00.0ʺ--W 94°54ʹ43.7ʺ/N 29°44ʹ02.8ʺ--N 29°39ʹ35.8ʺ).", Box(-95.033333, -94.912139, 29.734111, 29.659944)),
        ("(Ö 18°--Ö 19°/N 60°--N 59°)", Box(18, 19, 60, 59)),
        ("(E 146⁰01ʹ22ʺ--E 144⁰55ʹ12ʺ/N 20⁰34ʹ50ʺ--N 15⁰58ʹ24ʺ)", None),
        ("Scale 1:50 000", None),
        ("", None),
    ],
)
def test_written_boxes(text, box):
    assert marc21_boxes([], [f"  \x1faScale\x1fc{text}"]) == ([] if box is None else [box])
    assert unimarc_boxes([], [f"  \x1fa{text}"]) == ([] if box is None else [box])


def test_coded_boxes_come_before_written_ones_and_stand_once():
    coded = f034("E0100000", "E0110000", "N0600000", "N0590000")
    assert marc21_boxes([coded, coded], ["  \x1fc(W 116⁰--W 114⁰/N 48⁰--N 47⁰)"]) == [Box(10, 11, 60, 59)]


@settings(max_examples=200)
@given(st.text(st.sampled_from("EWNS0123456789 .-°ʹʺ/dö\x1fdefgc"), max_size=60))
def test_boxes_are_within_the_earth(text):
    for box in marc21_boxes([text], [f"  \x1fc{text}"]):
        assert -180 <= box.west <= box.east <= 180
        assert -90 <= box.south <= box.north <= 90
