"""Bytes of a record -> clean Unicode text: which character set, what is lost, what is not allowed in.

Works on the fields of one record at once, joined by field terminators, because one pass over two kilobytes costs less than
a hundred passes over twenty bytes. Source: indexing.md 1.2.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from indexer.marc.iso5426 import decode_iso5426
from indexer.marc.marc8 import ANSEL, BASIC_CYRILLIC, BASIC_GREEK, ESCAPE, ESCAPED_TEXT, EXTENDED_CYRILLIC, decode_marc8
from indexer.marc.outcomes import Warned
from indexer.marc.profile import SourceProfile, charset_name

_HARMLESS = bytes([0x09, 0x1E, 0x1F, *range(0x20, 0x7F), *range(0x80, 0x100)])
_DELIMITER = re.compile(rb"([\x1e\x1f])")
_DELIMITERS_IN_TEXT = re.compile("[\x1d-\x1f]")
_LINE_ENDS = re.compile("[\r\n][ \t\r\n]*")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1d\x7f\ufffe\uffff\ud800-\udfff]")
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1d\x7f-\x87\x8a-\x97\x99-\x9b\x9d-\x9f\ufffe\uffff\ud800-\udfff]")
_C1 = re.compile("[\x80-\x87\x8a-\x97\x99-\x9b\x9d-\x9f]")
_C1_BYTES = re.compile(rb"\xc2[\x80-\x87\x8a-\x97\x99-\x9b\x9d-\x9f]")
_NONCHARACTER_BYTES = re.compile(rb"\xef\xbf[\xbe\xbf]")
_REFERENCE = re.compile("&#x([0-9A-Fa-f]{1,6});")
_MARKS = frozenset({0x88, 0x89, 0x98, 0x9C})
_ESCAPED_MARKS = re.compile("\x1bb([^\x1b\x1e\x1f]*)\x1bc")
_ESCAPED_MARK_BYTES = re.compile(rb"\x1bb([^\x1b\x1e\x1f]*)\x1bc")
"""Non-sorting marks as old UNIMARC files have them. MARC-8 has ESC b too (subscript), but it never ends with ESC c."""
_CODE_GREW = re.compile("[\x1e\x1f][^\x00-\x7f]")

_UNIMARC_SETS: dict[str, Callable[[bytes], tuple[str, int]]] = {
    "iso-5426": decode_iso5426,
    "02": lambda data: _marc8(data, BASIC_CYRILLIC),
    "04": lambda data: _marc8(data, EXTENDED_CYRILLIC),
    "05": lambda data: _marc8(data, BASIC_GREEK),
}
"""UNIMARC 100$a/28-29 (second graphic set): ISO registration 37, ISO 5427 and ISO 5428 are the sets that MARC-8 has as well."""


def text_of(data: bytes, leader: bytes, tags: Sequence[str], profile: SourceProfile) -> tuple[str, list[Warned]]:
    """Clean NFC text of the fields of one record, and the warnings that belong to it.

    `data`: bodies of the fields in the order of `tags`, with a field terminator before the first and after every one. The text has the
    same delimiters in the same number, and none of the characters of indexing.md 1.2.5.
    """
    if profile.charset != "auto":
        text, lost = _decode_as(charset_name(profile.charset), data)
        return _finished(text, ["charset"] if lost else [])
    if data.isascii():
        if b"\x1b" not in data:
            text = data.decode("ascii")
            return (text, []) if _is_harmless(data) else _finished(text, [])
        if ESCAPE.search(data) and profile.charset_fallback in {"", "marc-8"} and not _is_unimarc(tags, profile):
            text, lost = _decode_as("marc-8", data)
            warnings: list[Warned] = ["charset"] if lost else []
            return _finished(text, [*warnings, "charset-flag"] if leader[9:10] == b"a" else warnings)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text, warnings = _not_utf8(data, leader, tags, profile)
        return _finished(text, warnings)
    warnings = [] if leader[9:10] == b"a" or data.isascii() or _is_unimarc(tags, profile) else ["charset-flag"]
    if _is_harmless(data):
        return composed(text), warnings
    return _finished(text, warnings)


def _not_utf8(data: bytes, leader: bytes, tags: Sequence[str], profile: SourceProfile) -> tuple[str, list[Warned]]:
    """Text of a record that has other bytes than ASCII and UTF-8."""
    if leader[9:10] == b"a":
        return data.decode("utf-8", "replace"), ["charset"]
    if not _is_unimarc(tags, profile):
        text, lost = _decode_as(charset_name(profile.charset_fallback or "marc-8"), data)
        return text, ["charset"] if lost else []
    says = _unimarc_sets(data, tags)
    if profile.charset_fallback:
        text, lost = _decode_as(charset_name(profile.charset_fallback), data)
    else:
        text, lost = _by_subfield(data, _UNIMARC_SETS.get(says[2:], decode_iso5426))
    warnings: list[Warned] = ["charset"] if lost else []
    return text, [*warnings, "charset-flag"] if says.startswith("50") else warnings


def _is_unimarc(tags: Sequence[str], profile: SourceProfile) -> bool:
    """Whether the record is UNIMARC, as far as that can be told before its text is known."""
    return profile.format == "unimarc" or (profile.format == "auto" and "200" in tags and "245" not in tags)


def _unimarc_sets(data: bytes, tags: Sequence[str]) -> str:
    """UNIMARC 100$a/26-29, or an empty string."""
    for tag, body in zip(tags, data.split(b"\x1e")[1:], strict=False):
        if tag == "100":
            _, _, coded = body.partition(b"\x1fa")
            return coded[26:30].decode("ascii", "replace").strip()
    return ""


def _decode_as(charset: str, data: bytes) -> tuple[str, int]:
    """(text in the character set named, number of places where something was lost)."""
    match charset:
        case "marc-8":
            return _by_subfield(data, _marc8)
        case "iso-5426":
            return _by_subfield(data, decode_iso5426)
        case "iso-5427":
            return _by_subfield(data, _UNIMARC_SETS["04"])
        case "iso-5428":
            return _by_subfield(data, _UNIMARC_SETS["05"])
        case "utf-8":
            text = data.decode("utf-8", "replace")
            return text, text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
        case codec:
            return _by_subfield(data, lambda piece: _python_codec(codec, piece))


def _marc8(data: bytes, g1: int = ANSEL) -> tuple[str, int]:
    return decode_marc8(_ESCAPED_MARK_BYTES.sub(b"\x88\\1\x89", data) if b"\x1bc" in data else data, g1)


def _python_codec(codec: str, data: bytes) -> tuple[str, int]:
    text = data.decode(codec, "replace")
    return _DELIMITERS_IN_TEXT.sub("", text), text.count("\ufffd")


def _by_subfield(data: bytes, decode: Callable[[bytes], tuple[str, int]]) -> tuple[str, int]:
    """Decodes every subfield by itself: shift states and broken characters must not eat the delimiters."""
    pieces: list[str] = []
    lost = 0
    for piece in _DELIMITER.split(data):
        if piece.isascii() and b"\x1b" not in piece:
            pieces.append(piece.decode("ascii"))
        else:
            text, count = decode(piece)
            pieces.append(text)
            lost += count
    return "".join(pieces), lost


def _is_harmless(data: bytes) -> bool:
    """Whether ASCII or UTF-8 bytes hold nothing that `cleaned` would change."""
    return (
        not data.translate(None, _HARMLESS)
        and b"&#x" not in data
        and not (b"\xc2" in data and _C1_BYTES.search(data))
        and not (b"\xef\xbf" in data and _NONCHARACTER_BYTES.search(data))
    )


def clean_text(text: str) -> tuple[str, list[Warned]]:
    """(clean NFC text, warnings) of values that came as Unicode; delimiters are kept as `text_of` keeps them."""
    if text.isascii() and _is_harmless(text.encode()):
        return text, []
    return _finished(text, [])


def _finished(text: str, warnings: list[Warned]) -> tuple[str, list[Warned]]:
    text, had_c1 = cleaned(text)
    return composed(text), [*warnings, "control-character"] if had_c1 else warnings


def cleaned(text: str) -> tuple[str, bool]:
    """(text without forbidden characters, whether C1 characters were among them).

    References &#xHHHH; become characters, line ends one blank, escape sequences and controls vanish. The marks of text that is not
    sorted stay as the source wrote them, U+0098 and U+009C or U+0088 and U+0089 (ESC b and ESC c become the former), and so do the
    delimiters U+001E and U+001F.
    """
    while "&#x" in text:
        resolved = _REFERENCE.sub(_character, text)
        if resolved == text:
            break
        text = resolved
    if "\x1b" in text:
        text = ESCAPED_TEXT.sub("", _ESCAPED_MARKS.sub("\x98\\1\x9c", text))
    if "\n" in text or "\r" in text:
        lines = _LINE_ENDS.split(text)
        text = " ".join([*(line.rstrip(" \t") for line in lines[:-1]), lines[-1]])
    if not _UNWANTED.search(text):
        return text, False
    without_c1 = _C1.sub("", text)
    return _FORBIDDEN.sub("", without_c1), len(without_c1) != len(text)


def _character(reference: re.Match[str]) -> str:
    """The character of a numeric reference; nothing for a control that is no mark, the reference itself when there is no such character."""
    code = int(reference[1], 16)
    if (code < 0x20 or 0x7F <= code < 0xA0) and code not in _MARKS:
        return ""
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else reference[0]


def composed(text: str) -> str:
    """NFC of every value by itself. A mark at the start of a subfield must not melt into the subfield code before it."""
    if text.isascii():
        return text
    # Most fields of a record with some diacritics have none, and normalising ASCII is not free.
    normalize = unicodedata.normalize
    whole = "\x1e".join([body if body.isascii() else normalize("NFC", body) for body in text.split("\x1e")])
    if whole == text or not _CODE_GREW.search(whole):
        return whole
    return "\x1e".join(_composed_field(body) for body in text.split("\x1e"))


def _composed_field(body: str) -> str:
    if "\x1f" not in body:
        return unicodedata.normalize("NFC", body)
    indicators, *pieces = body.split("\x1f")
    return "\x1f".join([indicators, *(piece[:1] + unicodedata.normalize("NFC", piece[1:]) for piece in pieces)])
