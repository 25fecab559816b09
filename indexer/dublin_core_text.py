"""Text rules and building blocks of Dublin Core out of MARC, for `indexer.dublin_core`.

The rules are those of `stylesheets/marc-text.xsl`, to the letter. What a field gives are *pairs*: (slot, serialised element). A
slot is a place in the finished record; elements come out in the order of their slots, those of one slot in the order of fields.

This is the busiest code of a load beside extraction. So each function reads a field once, and looks first whether a text is of
the usual kind (printable, single blanks, a full stop behind a long word) before it does anything to it. A body has its first
subfield behind two indicators and U+001F (`indexer.record`), so `body[3:].split(SUBFIELD)` are its subfields.
"""

import re
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from indexer.record import SUBFIELD, Kind, Record

Pairs = Sequence[tuple[int, str]]
Make = Callable[[str], Pairs]
"""Body of a field -> what it gives."""

MOST_REMEMBERED = 4000
"""Per tag. Content types repeat in most records and headings in many; a million records must not stay in memory for that."""

(
    TITLE, OTHER_TITLE, UNIFORM_TITLE, ADDED_TITLE,
    CREATOR, CREATOR_ALONE, ADDED_CREATOR, CONTRIBUTOR_ALONE, CONTRIBUTOR, OTHER_CONTRIBUTOR,
    SUBJECT, ABSTRACT, CONTENTS, NOTE, PUBLISHER, DATE, CODED_DATE, TYPE, DESIGNATION, CONTENT_TYPE, GENRE,
    EXTENT, CARRIER, MEDIA_TYPE, ISBN, ISSN, OTHER_NUMBER, ADDRESS, SOURCE, ORIGINAL, CODED_LANGUAGE, LANGUAGE,
    LINK, SERIES, UNTRACED_SERIES, WORK, OTHER_FORM, RELATED_ADDRESS, PLACE, PLACE_HIERARCHY, SUBJECT_PLACE, COVERAGE_NOTE,
    ACCESS, USE, COPYRIGHT, LAST_SOURCE, LAST_ORIGINAL,
) = range(47)  # fmt: skip
"""Slots. `_ALONE` holds what is said when there is no main entry, `ADDED_CREATOR` and `CONTRIBUTOR` what is said when there is one.
`SERIES` holds what is said when there is a traced series (830), `UNTRACED_SERIES` what is said when there is none, and
`CODED_DATE` what is said when no imprint has a date."""

HAS_MAIN_ENTRY, HAS_TRACED_SERIES, HAS_DATE = (-1, ""), (-2, ""), (-4, "")
"""Pairs that say something of the record: sorted by slots they come first, and their slots are bits with a minus sign."""

_MARKS = "\x88\x89\x98\x9c"
_NEVER_IN_XML = [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)]
_UNWANTED = dict.fromkeys([*_NEVER_IN_XML, *map(ord, _MARKS)]) | dict.fromkeys(map(ord, "\t\n\r"), " ")

_ENDS = frozenset("/:;=,.")
_BETWEEN_WORDS = ' .,-(["'
_SHORT_WORD = re.compile(r'(?:.*[ .,\-(\["])?[^ .,\-(\["0-9)\]?!”’]{1,4}')


Known = TypeVar("Known")


class Remembered(dict[str, Known]):
    """What a key gives, worked out once while it is remembered. Ask with `[key]`."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[str], Known]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: str) -> Known:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        found = self[key] = self._make(key)
        return found


def remembered(make: Make) -> Make:
    """The same function for fields that are likely to come again."""
    return Remembered(make).__getitem__


def plain(text: str) -> str:
    """The text without non-sorting marks, with single blanks and none at its ends."""
    if not text.isprintable():
        text = text.translate(_UNWANTED)
    if "  " in text:
        text = " ".join([word for word in text.split(" ") if word])
    return text.strip(" ")


def chopped(text: str) -> str:
    """Plain text without / : ; = , at its end, and without a full stop unless it ends an initial or a word of up to four letters."""
    while text and text[-1] in _ENDS:
        if text[-1] == "." and _ends_abbreviated(text[:-1]):
            return text
        text = text[:-1].rstrip(" ")
    return text


def value(text: str) -> str:
    """A text as it comes out: plain and chopped."""
    text = text.strip(" ") if text.isprintable() and "  " not in text else plain(text)
    if text[-1:] not in _ENDS:
        return text
    word = text[-6:-1]
    if text[-1] == "." and len(word) == 5 and word.isalpha():
        return text[:-1]
    return chopped(text)


def _ends_abbreviated(text: str) -> bool:
    end = text[-1:]
    if end in {".", " ", ""}:
        return end == "."
    return _SHORT_WORD.fullmatch(text.rstrip(_BETWEEN_WORDS)[-5:]) is not None


def joined(body: str, codes: Collection[str]) -> str:
    """The subfields with these codes in record order, joined by blanks, as plain text."""
    return plain(" ".join([piece[1:] for piece in body[3:].split(SUBFIELD) if piece[:1] in codes]))


def text_of(body: str, codes: Collection[str]) -> str:
    """The same without punctuation at its end."""
    return value(" ".join([piece[1:] for piece in body[3:].split(SUBFIELD) if piece[:1] in codes]))


def pieces_of(body: str, codes: Collection[str]) -> list[str]:
    """The texts of the subfields with these codes as they stand there."""
    return [piece[1:] for piece in body[3:].split(SUBFIELD) if piece[:1] in codes]


def first_of(body: str, code: str) -> str:
    """The first subfield with this code as plain text, or an empty string."""
    return next((plain(piece[1:]) for piece in body[3:].split(SUBFIELD) if piece[:1] == code), "")


def has_subfields(body: str) -> bool:
    """Whether a data field is one: without any subfield it is nothing in MARCXML."""
    return bool(body[3:].strip(SUBFIELD))


def element(name: str, text: str) -> str:
    """A serialised element of a text that is not empty."""
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<dc:{name}>{text}</dc:{name}>"


def texts_as(slot: int, name: str, codes: str) -> Make:
    """Makes one element of a field: its `text_of`."""
    wanted, start, end = frozenset(codes), f"<dc:{name}>", f"</dc:{name}>"

    def make(body: str) -> Pairs:
        text = value(" ".join([piece[1:] for piece in body[3:].split(SUBFIELD) if piece[:1] in wanted]))
        if not text:
            return ()
        if "&" in text or "<" in text or ">" in text:
            return ((slot, element(name, text)),)
        return ((slot, f"{start}{text}{end}"),)

    return make


def as_element(slot: int, name: str, text: str) -> Pairs:
    """The element of a text, or nothing for an empty one."""
    return ((slot, element(name, text)),) if text else ()


def several(*makes: Make) -> Make:
    """Makes what all of them make of a field."""

    def make(body: str) -> Pairs:
        return [one for single in makes for one in single(body)]

    return make


def with_subdivisions(head: str, subdivisions: Sequence[str]) -> str:
    """A heading, its subdivisions (as they stand in the field) joined to it by two hyphens between blanks."""
    return " -- ".join([part for part in (head, *map(_SUBDIVISION, subdivisions)) if part])


_SUBDIVISION = Remembered(value).__getitem__


def isbn(text: str) -> str:
    """10 or 13 characters without hyphens and qualifier, or an empty string."""
    given = plain(text)
    for number in (given.partition("(")[0].translate(_ISBN_PUNCTUATION), _first_word(given).translate(_HYPHENS)):
        if _ISBN.fullmatch(number):
            return number.upper()
    return ""


def _first_word(text: str) -> str:
    return next((word for word in _WORD_ENDS.split(text) if word), "")


_ISBN = re.compile("[0-9]{13}|[0-9]{9}[0-9Xx]")
_ISBN_PUNCTUATION = dict.fromkeys(map(ord, "- ‐‑:;,."))
_HYPHENS = dict.fromkeys(map(ord, "-‐‑"))
_WORD_ENDS = re.compile("[ (:;]")


def issn(text: str) -> str:
    """1234-567X, or an empty string."""
    number = plain(text)[:9].replace("-", "").replace("x", "X")
    return f"{number[:4]}-{number[4:8]}" if _ISSN.match(number) else ""


_ISSN = re.compile("[0-9]{7}[0-9X]")


def numbered(slot: int, name: str, prefix: str, code: str, number_of: Callable[[str], str]) -> Make:
    """Makes elements of the good numbers in the subfields with this code."""

    def make(body: str) -> Pairs:
        numbers = [number_of(text) for text in pieces_of(body, {code})]
        return [(slot, element(name, prefix + number)) for number in numbers if number]

    return make


def years(text: str) -> str:
    """The first year, or "1990-1995" when a year follows it directly; empty when there is none."""
    found = _YEARS.search(text)
    if found is None:
        return ""
    return f"{found[1]}-{found[2]}" if found[2] else found[1]


_YEARS = re.compile("([0-9]{4})(?:[-–]([0-9]{4}))?")


def _date(text: str) -> Pairs:
    date = years(plain(text))
    return (HAS_DATE, (DATE, f"<dc:date>{date}</dc:date>")) if date else ()


DATES = Remembered(_date)
"""What the date of an imprint gives."""


def coded_year(text: str) -> Pairs:
    """The date of four digits; nothing for anything else."""
    return ((CODED_DATE, f"<dc:date>{text}</dc:date>"),) if _YEAR.fullmatch(text) else ()


_YEAR = re.compile("[0-9]{4}")


def _publisher(text: str) -> Pairs:
    name = value(text)
    return as_element(PUBLISHER, "publisher", name) if _is_known(name) else ()


PUBLISHERS = Remembered(_publisher)
"""What a publisher's subfield gives; nothing when it only says that nobody is known."""


def _is_known(name: str) -> bool:
    said = plain(name.lower().translate(_BRACKETS))
    if said in _NOT_KNOWN:
        return False
    return "not identified" not in said or not any(phrase in said for phrase in _NOT_IDENTIFIED)


_BRACKETS = dict.fromkeys(map(ord, "[]().,;:?"))
_NOT_KNOWN = frozenset({
    "", "sl", "sn", "s l", "s n", "np", "n p", "sine loco", "sine nomine", "place not identified", "publisher not identified",
})  # fmt: skip
_NOT_IDENTIFIED = (
    "of publication not identified", "of production not identified", "of distribution not identified", "publisher not identified",
    "date not identified",
)  # fmt: skip


def electronic_location(body: str) -> Pairs:
    """856: its address is the record's own, or with second indicator 2 that of another resource; $q is its format."""
    slot, name = (RELATED_ADDRESS, "relation") if body[1:2] == "2" else (ADDRESS, "identifier")
    found: list[tuple[int, str]] = []
    formats = False
    for piece in body[3:].split(SUBFIELD):
        code = piece[:1]
        if code == "u":
            if text := plain(piece[1:]):
                found.append((slot, element(name, text)))
        elif code == "q":
            formats = True
    return [*found, *_MEDIA_TYPE(body)] if formats else found


_MEDIA_TYPE = texts_as(MEDIA_TYPE, "format", "q")


_LANGUAGE = re.compile("[a-z]{3}")


def is_language(text: str) -> bool:
    """Whether a text is three small letters, as all MARC language codes are."""
    return _LANGUAGE.fullmatch(text) is not None


def kind_and_level(record: Record) -> str:
    """Leader/06 and leader/07; where the leader has no type, the one that MARCXML then gets."""
    leader = record.leader
    kind = leader[6]
    return leader[6:8] if kind.isascii() and kind.isalnum() else _USUAL_KIND[record.kind] + leader[7]


_USUAL_KIND: dict[Kind, str] = {"bibliographic": "a", "authority": "z", "holdings": "x"}
