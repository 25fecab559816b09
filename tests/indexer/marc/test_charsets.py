"""Which character set a record is in, and what its text may hold (indexing.md 1.2)."""

import unicodedata
from collections.abc import Callable

import pytest

from indexer.marc import SourceProfile, UnusableSource, decode
from indexer.marc.charsets import cleaned, composed

Raw = Callable[..., bytes]

BLANK = b"00000nam  2200000 i 4500"
SAYS_UTF8 = b"00000nam a2200000 i 4500"
OTHER = b"00000nam ^2200000 i 4500"


def read(raw: bytes, **profile: str) -> tuple[str, list[str]]:
    record = decode(raw, SourceProfile(**profile))  # type: ignore[arg-type]
    return record.bodies("500")[0][4:], record.warnings


@pytest.mark.parametrize(
    ("leader", "data", "text", "warnings"),
    [
        (SAYS_UTF8, b"plain", "plain", []),
        (BLANK, b"plain", "plain", []),
        (SAYS_UTF8, "Öland".encode(), "Öland", []),
        (BLANK, "Öland".encode(), "Öland", ["charset-flag"]),
        (BLANK, b"\xe8Oland", "Öland", []),
        (OTHER, b"\xe8Oland", "Öland", []),
        (SAYS_UTF8, b"\xd6land", "\ufffdland", ["charset"]),
        (SAYS_UTF8, "O\u0308land".encode(), "Öland", []),
        (BLANK, b"\x1b(NaBW\x1b(B", "Абв", []),
        (BLANK, b"H\x1bb2\x1bsO", "H₂O", []),
        (SAYS_UTF8, b"H\x1bb2\x1bsO", "H₂O", ["charset-flag"]),
        (SAYS_UTF8, "å\x1b(B\x1bp2\x1bsz".encode(), "å2z", []),
        (BLANK, b"\xe2", "\u0301", []),
        (BLANK, b"\xff\xffx", "\ufffd\ufffdx", ["charset"]),
        (BLANK, b"\x88The \x89end", "\x98The \x9cend", []),
        (BLANK, b"\xa1", "Ł", []),
        (BLANK, b"e&#x0301;t", "ét", []),
        (SAYS_UTF8, b"&#x26;#x41;", "A", []),
        (SAYS_UTF8, b"&#x1F;&#x1e;&#x0;&#x85;x", "x", []),
        (SAYS_UTF8, b"&#xD800;&#x110000;", "&#xD800;&#x110000;", []),
        (SAYS_UTF8, b"&#65;", "&#65;", []),
        (SAYS_UTF8, b"a\x00\x07b\x7f\xef\xbf\xbec\xef\xbf\xbf", "abc", []),
        (SAYS_UTF8, b"a\tb", "a\tb", []),
        (SAYS_UTF8, b"one \r\n two\n\nthree", "one two three", []),
        (SAYS_UTF8, "quote\x92s \x98The \x9cend".encode(), "quotes \x98The \x9cend", ["control-character"]),
        (SAYS_UTF8, "\x88The \x89end".encode(), "\x88The \x89end", []),
        (SAYS_UTF8, "quote\x92s \x88Der \x89Bär".encode(), "quotes \x88Der \x89Bär", ["control-character"]),
        (SAYS_UTF8, b"&#x88;The &#x89;end, &#x98;a &#x9C;b", "\x88The \x89end, \x98a \x9cb", []),
        (SAYS_UTF8, b"\x1bbThe \x1bcend", "\x98The \x9cend", ["charset-flag"]),
        (BLANK, b"\x1bbThe \x1bcend \xb2", "\x98The \x9cend ø", []),
        (SAYS_UTF8, "\ufe20i\ufe21a".encode(), "\ufe20i\ufe21a", []),
    ],
)
def test_auto_decides_per_record(leader: bytes, data: bytes, text: str, warnings: list[str], raw_record: Raw):
    raw = raw_record([("001", b"1"), ("500", b"  \x1fa" + data)], leader)
    assert read(raw) == (text, warnings)


@pytest.mark.parametrize(
    ("profile", "data", "text"),
    [
        ({"charset": "latin-1"}, b"\xd6land", "Öland"),
        ({"charset_fallback": "latin-1"}, b"\xd6land", "Öland"),
        ({"charset_fallback": "latin-1"}, "Öland".encode(), "Öland"),
        ({"charset_fallback": "windows-1251"}, b"\xc0\xe1\xe2", "Абв"),
        ({"charset_fallback": "big5"}, "東京".encode("big5"), "東京"),
        ({"charset": "koi8-r"}, "Абв".encode("koi8-r"), "Абв"),
        ({"charset": "marc-8"}, b"\xe8O", "Ö"),
        ({"charset": "MARC8"}, b"\xe8O", "Ö"),
        ({"charset": "iso-5426"}, b"\xc8O", "Ö"),
        ({"charset": "utf-8"}, b"\xd6", "\ufffd"),
    ],
)
def test_a_charset_that_is_given_is_used(profile: dict[str, str], data: bytes, text: str, raw_record: Raw):
    assert read(raw_record([("001", b"1"), ("500", b"  \x1fa" + data)], BLANK), **profile)[0] == text


def test_a_broken_multibyte_character_does_not_eat_the_delimiter_behind_it(raw_record: Raw):
    raw = raw_record([("001", b"1"), ("500", b"  \x1fa\xa4\x1fb\xa4"), ("501", b"  \x1faend")], BLANK)
    record = decode(raw, SourceProfile(charset="big5"))
    assert record.fields[1:] == [("500", "  \x1fa\ufffd\x1fb\ufffd"), ("501", "  \x1faend")]
    assert record.warnings == ["charset"]


def test_shift_states_end_with_the_subfield(raw_record: Raw):
    raw = raw_record([("001", b"1"), ("500", b"  \x1fa\x1b(NaBW\x1fbabw")], BLANK)
    assert decode(raw, SourceProfile()).fields[1][1] == "  \x1faАбв\x1fbabw"


@pytest.mark.parametrize("name", ["no-such-charset", "rot13", "hex", "a\0b"])
def test_an_unknown_charset_is_refused_with_a_sentence(name: str):
    with pytest.raises(UnusableSource, match="There is no character set"):
        SourceProfile(charset=name)


@pytest.mark.parametrize(
    ("sets", "data", "text", "warnings"),
    [
        (b"50  ", "Öland".encode(), "Öland", []),
        (b"50  ", b"\xc8Oland \xc2e", "Öland é", ["charset-flag"]),
        (b"0103", b"\xc8Oland", "Öland", []),
        (b"    ", b"\xc8Oland", "Öland", []),
        (b"0102", b"\xe1\xc2\xd7", "Абв", []),
        (b"0105", b"\xe1\xe2", "αβ", []),
        (b"50  ", b"\x88Le \x89chat \xc2e", "\x98Le \x9cchat é", ["charset-flag"]),
        (b"50  ", "\x88Le \x89bébé".encode(), "\x88Le \x89bébé", []),
        (b"50  ", b"\x1bbLe \x1bcchat", "\x98Le \x9cchat", []),
        (b"    ", b"\x1bbLe \x1bcchat \xc2e", "\x98Le \x9cchat é", []),
        (b"0102", b"\x1bb\xe1\x1bc\xc2", "\x98А\x9cб", []),
    ],
)
def test_unimarc_is_iso_5426_or_what_field_100_says(sets: bytes, data: bytes, text: str, warnings: list[str], raw_record: Raw):
    coded = b"  \x1fa20010101d2001    m  y0frey" + sets + b"  "
    raw = raw_record([("001", b"1"), ("100", coded), ("200", b"1 \x1faTitre"), ("500", b"  \x1fa" + data)], b"00000nam  2200000   450 ")
    assert read(raw) == (text, warnings)


def test_a_fallback_that_is_given_goes_before_field_100(raw_record: Raw):
    coded = b"  \x1fa20010101d2001    m  y0frey0102  "
    raw = raw_record([("001", b"1"), ("100", coded), ("200", b"1 \x1faTitre"), ("500", b"  \x1fa\xe9")], b"00000nam  2200000   450 ")
    assert read(raw, charset_fallback="latin-1")[0] == "é"


def test_a_mark_at_the_start_of_a_subfield_does_not_melt_into_its_code(raw_record: Raw):
    raw = raw_record([("001", b"1"), ("500", "  \x1fa\u0301x e\u0301".encode())])
    assert decode(raw, SourceProfile()).fields[1] == ("500", "  \x1fa\u0301x é")


def test_nothing_is_left_to_clean_in_what_was_cleaned():
    text = "a\x1b(Bb&#x26;#x0041; \n c\x85\ufffe\ud800&#xZZ;"
    once, had_c1 = cleaned(text)
    assert (once, had_c1) == ("abA c&#xZZ;", True)
    assert cleaned(once) == (once, False)


def test_composing_is_nfc_of_every_body():
    text = "A\u030angstro\u0308m\x1eplain\x1e\u1112\u1161\u11ab"
    assert composed(text) == unicodedata.normalize("NFC", text)
