"""Coded values of both formats in one vocabulary."""

import pytest

from indexer.functions import codes

BOOK, SERIAL, MAP, MUSIC = "00000nam a22", "00000nas a22", "00000nem a22", "00000njm a22"


def f008(**positions):
    text = [" "] * 40
    for place, value in positions.items():
        at = int(place[1:])
        text[at : at + len(value)] = value
    return {"008": ["".join(text)]}


@pytest.mark.parametrize(
    ("read", "leader", "fields", "expected"),
    [
        (codes.audience, BOOK, f008(p22="j"), ["j"]),
        (codes.audience, MUSIC, f008(p22="c"), ["c"]),
        (codes.audience, BOOK, f008(p22="|"), []),
        (codes.audience, BOOK, f008(p22="9"), []),
        (codes.audience, SERIAL, f008(p22="a"), []),
        (codes.audience, MAP, f008(p22="a"), []),
        (codes.literary_form, BOOK, f008(p33="1"), ["1"]),
        (codes.literary_form, BOOK, f008(p33="|"), []),
        (codes.literary_form, MUSIC, f008(p33="1"), []),
        (codes.literary_form, BOOK, {}, []),
        (codes.contents_codes, BOOK, f008(p24="bi  "), ["b", "i"]),
        (codes.contents_codes, BOOK, f008(p24="bbbb"), ["b"]),
        (codes.contents_codes, SERIAL, f008(p24="s^^^"), ["s"]),
        (codes.contents_codes, MAP, f008(p24="b"), []),
        (codes.genre_form_codes, BOOK, f008(p33="p", p24="d"), ["poetry", "dictionaries"]),
        (codes.country, BOOK, f008(p15="sw "), ["sw"]),
        (codes.country, BOOK, f008(p15="nyu"), ["nyu"]),
        (codes.country, BOOK, f008(p15="|||"), []),
        (codes.country, BOOK, f008(p15="xx "), []),
        (codes.country, BOOK, f008(p15="   "), []),
        (codes.country, BOOK, f008(p15="1=="), []),
        (codes.issuance, BOOK, {}, ["monographic", "single unit"]),
        (codes.issuance, "00000nam a2200000 aa", {}, ["monographic", "multipart monograph"]),
        (codes.issuance, SERIAL, {}, ["continuing", "serial"]),
        (codes.issuance, "00000nai a22", {}, ["continuing", "integrating resource"]),
        (codes.issuance, "00000naa a22", {}, ["monographic"]),
        (codes.issuance, "", {}, []),
    ],
)
def test_marc21_codes(read, leader, fields, expected):
    assert read("marc21", leader, fields) == expected


@pytest.mark.parametrize(
    ("read", "fields", "expected"),
    [
        (codes.audience, {"100": ["  \x1fa19970312d1997    m  y0frey50      ba"]}, ["e"]),
        (codes.audience, {"100": ["  \x1fa19970312d1997    bce"]}, ["a", "b", "d"]),
        (codes.audience, {}, []),
        (codes.literary_form, {"105": ["  \x1faa   z   00 a "]}, ["1"]),
        (codes.literary_form, {"105": ["  \x1faa   z   00 y "]}, ["0"]),
        (codes.contents_codes, {"105": ["  \x1fa    ae  00 y "]}, ["b", "d"]),
        (codes.genre_form_codes, {"105": ["  \x1fa    e   00 g "]}, ["poetry", "dictionaries"]),
        (codes.country, {"102": ["  \x1faFR\x1faBE"]}, ["fr", "be"]),
    ],
)
def test_unimarc_codes_are_those_of_marc21(read, fields, expected):
    assert read("unimarc", "00000nam1 22", fields) == expected


def test_unimarc_issuance_sees_updating_serials():
    assert codes.issuance("unimarc", "00000nas0 22", {"110": ["  \x1fae"]}) == ["continuing", "integrating resource"]
    assert codes.issuance("unimarc", "00000nas0 22", {"110": ["  \x1faa"]}) == ["continuing", "serial"]


def test_leader_codes():
    assert (codes.record_type("00000nAM a2200000 7"), codes.bib_level("00000nAM a22")) == ("a", "m")
    assert codes.encoding_level("00000nam a22000007a 4500") == "7"
    assert codes.record_type("") == codes.bib_level("") == codes.encoding_level("") == ""
