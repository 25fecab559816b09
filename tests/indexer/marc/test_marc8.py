"""MARC-8 against pymarc, which the Library of Congress' tables in it prove right."""

import unicodedata
from pathlib import Path

import pymarc.marc8
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.marc.marc8 import decode_marc8


@pytest.mark.parametrize(
    ("data", "text", "lost"),
    [
        (b"", "", 0),
        (b"plain", "plain", 0),
        (b"\xe2e\xe3a", "e\u0301a\u0302", 0),
        (b"\xe2\xf2a", "a\u0301\u0323", 0),
        (b"\xe2", "\u0301", 0),
        (b"\x1b$1!0!\x1b(Bx", "一x", 0),
        (b"\x1b$1!0!!0!", "一一", 0),
        (b"\x1b$1!0! !0!\x1b(B", "一 一", 0),
        (b"\x1b$)1\xa1\xb0\xa1", "一", 0),
        (b"\x1b$1!0", "\ufffd", 1),
        (b"\x1bga\x1bs", "α", 0),
        (b"\x1bp2\x1bsx\x1bb2\x1bs", "²x₂", 0),
        (b"\x1b(Na\x1b(B", "А", 0),
        (b"\x1b)Q\xc0\x1b)Eq", "ґq", 0),
        (b"\x1b)!Eq\xa1", "qŁ", 0),
        (b"\x1b(2`\x1b(B", "א", 0),
        (b"\x1b(Xa", "a", 1),
        (b"\x1b", "", 0),
        (b"x\x1b?y", "x?y", 0),
        (b"a\xffb", "a\ufffdb", 1),
        (b"\x88T\x89\x8d\x8e", "\x98T\x9c\u200d\u200c", 0),
    ],
)
def test_code_sets_and_escape_sequences(data: bytes, text: str, lost: int):
    assert decode_marc8(data) == (text, lost)


def test_the_line_list_of_marc8_strings_gives_its_utf8_counterpart(shared_data: Path):
    marc8 = (shared_data / "marc/marc8/pymarc_test_marc8.txt").read_bytes().split(b"\n")
    utf8 = (shared_data / "marc/marc8/pymarc_test_utf8.txt").read_text(encoding="utf-8").split("\n")
    assert len(marc8) == len(utf8) > 1500
    for line, expected in zip(marc8, utf8, strict=True):
        assert unicodedata.normalize("NFC", decode_marc8(line)[0]) == unicodedata.normalize("NFC", expected)


@given(st.lists(st.sampled_from([bytes([code]) for code in (*range(0x20, 0x7F), *range(0xA1, 0xC9), *range(0xE0, 0xFF))]), max_size=30))
@settings(max_examples=150, deadline=None)
def test_ascii_and_ansel_are_read_as_pymarc_reads_them(codes: list[bytes]):
    data = b"".join(codes) + b"."
    text, lost = decode_marc8(data)
    if not lost:
        assert unicodedata.normalize("NFC", text) == pymarc.marc8.marc8_to_unicode(data, hide_utf8_warnings=True)


@given(st.binary(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_text(data: bytes):
    text, lost = decode_marc8(data)
    assert text.count("\ufffd") <= lost or b"\x1b" in data
