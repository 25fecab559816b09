"""ISO 5426 against the standard's own layout and against real words."""

import unicodedata

import pytest

from indexer.marc.iso5426 import decode_iso5426


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain $ text", "plain $ text"),
        (b"\xc2Etude fran\xd0caise", "Étude française"),
        (b"\xc9Uber", "Über"),
        (b"\xc8Uber", "Über"),
        (b"Dvo\xcfr\xc2ak", "Dvořák"),
        (b"\xe8\xc2od\xc2z", "Łódź"),
        (b"\xe9resund, \xf9l", "Øresund, øl"),
        (b"\xcangstr\xc8om", "n\u030agström"),
        (b"\xcaAngstr\xc8om", "Ångström"),
        (b"\xc3\xd6a", "ậ"),
        (b"\xfb \xe1 \xf1 \xfc \xec", "ß Æ æ þ Þ"),
        (b"\xabA\xbb \xaaB\xba", "«A» “B”"),
        (b"\xb0ayn \xb1alif", "ʻayn ʼalif"),
        (b"\x88Les \x89charniers", "\x98Les \x9ccharniers"),
        (b"1966 \xad \xaf", "1966 © ®"),
        (b"\xc2", "\u0301"),
    ],
)
def test_letters_marks_and_signs(data: bytes, text: str):
    decoded, lost = decode_iso5426(data)
    assert (unicodedata.normalize("NFC", decoded), lost) == (text, 0)


def test_bytes_without_character_are_counted():
    assert decode_iso5426(b"a\xffb\xb3c") == ("a\ufffdb\ufffdc", 2)


def test_every_byte_gives_text():
    for byte in range(256):
        text, lost = decode_iso5426(bytes([byte]))
        assert len(text) == 1
        assert (text == "\ufffd") == (lost == 1)
