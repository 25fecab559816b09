"""Shelf keys of call numbers, and the classes that facets show.

A key is an ASCII string that sorts bytewise as the books stand: parts are separated by a blank, the lowest printable
character, so that nothing comes before something.

    QA76.73.P98 B43 2009 v.10    QA 0076.73 P98 B43 002009 V 000010     LC, NLM
    813/.54 B5                   813.54 B5                              Dewey
    A 1.9:2327/2                 A 000001 000009:002327/000002          SuDoc
    Hist. 12 b                   HIST 00000012 B                        everything else

Source: indexing.md section 4.7.
"""

import re
import unicodedata
from functools import lru_cache

from indexer.record import Format, first

_LONGEST = 255
_PART_WIDTH = 6
_GENERIC_WIDTH = 8

_LC = re.compile(r"([A-Z]{1,3}) *([0-9]{1,4})(?![0-9])(\.[0-9]+)?")
_LC_CLASS = re.compile(r"([A-Z]{1,3})(?= *[0-9]| *$)")
_LC_PART = re.compile(r"(?<![A-Z])([A-Z])([0-9]+)|([0-9]+)|([A-Z]+)")
_DEWEY = re.compile(r"((?:[A-Z]+[. ]+)*(?:[A-Z](?=[0-9]))?)[ \[(]*([0-9]{1,3})(?![0-9])(\.[0-9]+)?")
_DEWEY_MARKS = str.maketrans("", "", "/'\u2019\u2032`\u00b4")
_HEX_LETTERS = str.maketrans("0123456789ABCDEF", "ABCDEFGHIJKLMNOP")
_RUN = re.compile(r"([0-9]+)|([A-Z]+)|([:/])|[^0-9A-Z:/]+")
_NUMBER = re.compile("[0-9]+")
_BLANKED = bytes(code if chr(code).isalnum() or code == ord("~") else 32 for code in range(128)).ljust(256)
_REMEMBERED = 2048
"""Keys kept of each kind: a call number is asked for by several fields of a record, and again by its copies."""

_SCHEMES = {
    "050": "lcc", "055": "lcc", "070": "lcc", "090": "lcc", "060": "nlm", "096": "nlm",
    "080": "udc", "082": "ddc", "083": "ddc", "092": "ddc",
}  # fmt: skip
_UNIMARC_SCHEMES = {"675": "udc", "676": "ddc", "680": "lcc"}
_SHELVING_SCHEMES = {"0": "lcc", "1": "ddc", "2": "nlm", "3": "sudoc"}
_SOURCES = {"lcc": "lcc", "ddc": "ddc", "nlm": "nlm", "udc": "udc", "sudoc": "sudoc", "sudocs": "sudoc"}


@lru_cache(_REMEMBERED)
def lc_key(text: str) -> str:
    """Key of a Library of Congress or NLM call number; the generic key when it does not begin as one."""
    plain = _plain(text)
    found = _LC.match(plain)
    if found is None:
        return generic_key(text)
    letters, number, decimals = found.groups("")
    return f"{letters:3}{number:0>4}{decimals}{_parts(plain[found.end() :])}"[:_LONGEST].rstrip()


@lru_cache(_REMEMBERED)
def dewey_key(text: str) -> str:
    """Key of a Dewey number; prefixes such as J or REF follow the number. The generic key when it does not begin as one."""
    plain = _plain(text.translate(_DEWEY_MARKS))
    found = _DEWEY.match(plain)
    if found is None:
        return generic_key(text)
    prefix, number, decimals = found.groups("")
    return f"{number:0>3}{decimals}{_parts(prefix)}{_parts(plain[found.end() :])}"[:_LONGEST].rstrip()


@lru_cache(_REMEMBERED)
def sudoc_key(text: str) -> str:
    """Key of a Superintendent of Documents number: runs of letters and numbers, with `:` and `/` between them."""
    key = ""
    for number, letters, separator in _RUN.findall(_plain(text)):
        part = number.lstrip("0").rjust(_PART_WIDTH, "0") if number else letters
        if separator:
            key = key.rstrip() + separator
        elif part:
            key += part if not key or key[-1] in ":/" else f" {part}"
    return key[:_LONGEST].rstrip()


@lru_cache(_REMEMBERED)
def generic_key(text: str) -> str:
    """Key of any other call number: upper case, runs of digits padded to eight, punctuation as one blank."""
    words = _plain(text).encode().translate(_BLANKED).decode().split()
    return _NUMBER.sub(_padded, " ".join(words))[:_LONGEST].rstrip()


def _padded(number: re.Match[str]) -> str:
    return number.group().lstrip("0").rjust(_GENERIC_WIDTH, "0")


def shelf_key(text: str, scheme: str = "") -> str:
    """Key by scheme: `lcc`, `nlm`, `ddc`, `sudoc`; generic for `udc` and everything else. Empty for an empty text."""
    match _SOURCES.get(scheme.strip().lower(), ""):
        case "lcc" | "nlm":
            return lc_key(text)
        case "ddc":
            return dewey_key(text)
        case "sudoc":
            return sudoc_key(text)
        case _:
            return generic_key(text)


def scheme_of(tag: str, body: str, format_: Format = "marc21") -> str:
    """The scheme of a call number by its field: tag, indicators of 852 and 086, or the source in $2; empty when local."""
    if format_ == "unimarc":
        return _UNIMARC_SCHEMES.get(tag, "") or _SOURCES.get(first(body, "2").strip().lower(), "")
    if tag == "852":
        return _SHELVING_SCHEMES.get(body[:1], "") or _SOURCES.get(first(body, "2").strip().lower(), "")
    if tag == "086":
        return "sudoc" if body[:1] == "0" else ""
    return _SCHEMES.get(tag, "") or _SOURCES.get(first(body, "2").strip().lower(), "")


def dewey_class(text: str) -> str:
    """The three digits of a Dewey number; empty when it has none."""
    found = _DEWEY.match(_plain(text.translate(_DEWEY_MARKS)))
    return found.group(2).zfill(3) if found else ""


def lc_class(text: str) -> str:
    """The class letters of an LC call number; empty when it does not begin as one."""
    found = _LC_CLASS.match(_plain(text))
    return found.group(1) if found else ""


def callnumber_forms(text: str) -> tuple[str, ...]:
    """Keys under which a call number of unknown scheme may be stored: as LC, Dewey, SuDoc and generic."""
    if not generic_key(text):
        return ()
    plain = _plain(text)
    keys = [lc_key(text)] if _LC.match(plain) else []
    if _DEWEY.match(_plain(text.translate(_DEWEY_MARKS))):
        keys.append(dewey_key(text))
    if ":" in plain:
        keys.append(sudoc_key(text))
    return tuple(dict.fromkeys([*keys, generic_key(text)]))


def _parts(rest: str) -> str:
    """What follows a class number: cutters as they are, words, numbers padded to six, each after a blank."""
    return "".join(
        f" {letter}{digits}" if letter else f" {number.lstrip('0').rjust(_PART_WIDTH, '0')}" if number else f" {word}"
        for letter, digits, number, word in _LC_PART.findall(rest)
    )


def _plain(text: str) -> str:
    """Upper-case ASCII without marks; a letter of another script becomes `~` and its code point, A to P for 0 to F."""
    text = text.strip()
    if not text.isascii():
        marked = unicodedata.normalize("NFKD", text)
        bare = "".join(char for char in marked if not unicodedata.combining(char))
        text = "".join(
            char if char.isascii() else f"~{ord(char):05X}".translate(_HEX_LETTERS) if char.isalpha() else " " for char in bare.upper()
        )
    return text.upper()
