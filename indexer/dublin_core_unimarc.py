"""What the fields of a UNIMARC record give in simple Dublin Core (`stylesheets/unimarc-to-dc.xsl`, to the letter)."""

from collections.abc import Collection

from indexer import dublin_core_text as dc
from indexer.dublin_core_text import Pairs, as_element, chopped, element, plain, remembered, texts_as
from indexer.record import SUBFIELD, Record

_SUBDIVISIONS = frozenset("xyz")
_TITLE_REST = {"e": " : ", "h": ". ", "i": ". "}

_AUTHORS = frozenset({"070", "230", "040", "205", "100", "600"})
"""Relator codes: author, composer, artist, collaborator, antecedent author, photographer."""


def _titles(body: str) -> Pairs:
    """200: every $a begins a title of its own, $e, $h and $i that follow it belong to it. $b is a type."""
    titles: list[list[tuple[str, str]]] = []
    for piece in body[3:].split(SUBFIELD):
        code = piece[:1]
        if code == "a":
            titles.append([("", dc.value(piece[1:]))])
        elif code in _TITLE_REST and titles:
            titles[-1].append((_TITLE_REST[code], dc.value(piece[1:])))
    texts = [_without_start("".join([between + text for between, text in title if text])) for title in titles]
    found = [(dc.TITLE, element("title", text)) for text in texts if text]
    if kind := plain(dc.text_of(body, {"b"}).translate(_BRACKETS)):
        found.append((dc.DESIGNATION, element("type", kind)))
    return found


_BRACKETS = dict.fromkeys(map(ord, "[]"))


def _without_start(text: str) -> str:
    return text.removeprefix(" : ").removeprefix(". ")


def _other_title(body: str) -> Pairs:
    title, rest = dc.text_of(body, {"a"}), dc.text_of(body, {"e"})
    text = " : ".join([part for part in (title, rest) if part])
    return as_element(dc.UNIFORM_TITLE, "title", text)


def _person(body: str, codes: Collection[str]) -> str:
    """The parts of a name joined by commas, $d after a blank, dates ($f) in parentheses."""
    name = ""
    for piece in body[3:].split(SUBFIELD):
        if piece[:1] in codes and (text := dc.value(piece[1:])):
            name += f"{' ' if piece[0] == 'd' else ', '}{text}"
    dates = chopped(dc.first_of(body, "f")).translate(_PARENTHESES)
    if dates:
        name += f" ({dates})"
    return plain(name.removeprefix(", "))


_PARENTHESES = dict.fromkeys(map(ord, "()"))
_NAME = frozenset("abd")
_SUBJECT_NAME = frozenset("abcd")


def _creator(body: str) -> Pairs:
    name = _person(body, _NAME)
    return as_element(dc.CREATOR, "creator", name)


def _contributor(body: str) -> Pairs:
    name = _person(body, _NAME)
    return as_element(dc.OTHER_CONTRIBUTOR, "contributor", name)


def _shared(body: str) -> Pairs:
    """701 and 711: a creator unless $4 says something else."""
    roles = dc.pieces_of(body, {"4"})
    return _creator(body) if not roles or any(plain(role) in _AUTHORS for role in roles) else _contributor(body)


def _name_subject(body: str) -> Pairs:
    text = dc.with_subdivisions(_person(body, _SUBJECT_NAME), dc.pieces_of(body, _SUBDIVISIONS))
    return as_element(dc.SUBJECT, "subject", text)


_SUBJECT_CODES = frozenset("abcdft")


def _subject(body: str) -> Pairs:
    text = dc.with_subdivisions(dc.text_of(body, _SUBJECT_CODES), dc.pieces_of(body, _SUBDIVISIONS))
    return as_element(dc.SUBJECT, "subject", text)


def _imprint(body: str) -> Pairs:
    found = [one for text in dc.pieces_of(body, {"c"}) for one in dc.PUBLISHERS[text]]
    return [*found, *dc.DATES[" ".join(dc.pieces_of(body, {"d"}))]]


def _production(body: str) -> Pairs:
    """214: only publications."""
    return _imprint(body) if body[1:2] == "0" else ()


def _number(body: str) -> Pairs:
    text = dc.joined(body, {"a"})
    return as_element(dc.OTHER_NUMBER, "identifier", text)


def _languages(body: str) -> Pairs:
    codes = [plain(piece) for piece in dc.pieces_of(body, {"a"})]
    return [(dc.LANGUAGE, element("language", code)) for code in codes if dc.is_language(code)]


_EMBEDDED = {"t": "200", "x": "011", "y": "010"}
"""Standard subfield of a linking field -> the embedded field whose $a says the same."""


def _linked(body: str, code: str) -> str:
    """A subfield of a linking field, also where the linked record is embedded behind $1."""
    pieces = [piece for piece in body[3:].split(SUBFIELD) if piece]
    if not any(piece[0] == "1" for piece in pieces):
        return chopped(dc.first_of(body, code))
    embedded = ""
    for piece in pieces:
        if piece[0] == "1":
            embedded = piece[1:4]
        elif piece[0] == "a" and embedded == _EMBEDDED[code]:
            return dc.value(piece[1:])
    return ""


def _linked_record(body: str) -> Pairs:
    title, issn, isbn = _linked(body, "t"), dc.issn(_linked(body, "x")), dc.isbn(_linked(body, "y"))
    texts = (title, issn and f"URN:ISSN:{issn}", isbn and f"URN:ISBN:{isbn}")
    return [(dc.LINK, element("relation", text)) for text in texts if text]


def _original(body: str) -> Pairs:
    text = _linked(body, "t")
    return as_element(dc.LAST_ORIGINAL, "source", text)


MAKES: dict[str, dc.Make] = {
    "010": dc.numbered(dc.ISBN, "identifier", "URN:ISBN:", "a", dc.isbn),
    "011": dc.numbered(dc.ISSN, "identifier", "URN:ISSN:", "a", dc.issn),
    **dict.fromkeys(("013", "014", "015", "016", "017"), _number),
    "101": remembered(_languages),
    "123": texts_as(dc.COVERAGE_NOTE, "coverage", "defg"),
    "181": remembered(texts_as(dc.GENRE, "type", "c")),
    "200": _titles,
    "210": _imprint,
    "214": _production,
    "215": texts_as(dc.EXTENT, "format", "acde"),
    "225": remembered(texts_as(dc.LINK, "relation", "av")),
    "230": remembered(texts_as(dc.CARRIER, "format", "a")),
    "324": texts_as(dc.LAST_SOURCE, "source", "a"),
    "327": texts_as(dc.CONTENTS, "description", "ab"),
    "330": texts_as(dc.ABSTRACT, "description", "a"),
    "371": remembered(texts_as(dc.ACCESS, "rights", "a")),
    **{f"4{number:02}": _linked_record for number in range(100)},
    "455": _original,
    "500": texts_as(dc.OTHER_TITLE, "title", "a"),
    **dict.fromkeys(("510", "512", "517", "540", "541"), _other_title),
    **{tag: remembered(_name_subject) for tag in ("600", "601", "602")},
    **{tag: remembered(_subject) for tag in ("604", "605", "606", "610", "616")},
    "607": remembered(dc.several(_subject, texts_as(dc.PLACE, "coverage", "a"))),
    "608": remembered(dc.several(_subject, texts_as(dc.CONTENT_TYPE, "type", "a"))),
    **{tag: remembered(texts_as(dc.SUBJECT_PLACE, "coverage", "a")) for tag in ("660", "661")},
    **{tag: remembered(_creator) for tag in ("700", "710", "720", "721")},
    **{tag: remembered(_shared) for tag in ("701", "711")},
    **{tag: remembered(_contributor) for tag in ("702", "712", "722")},
    "856": dc.electronic_location,
    **{
        tag: remembered(texts_as(dc.NOTE, "description", "a"))
        for tag in (
            "300", "301", "302", "303", "305", "307", "308", "310", "311", "313", "314", "316", "318", "320", "323", "325", "328",
            "336", "337",
        )
    },
}  # fmt: skip
"""Tag -> what its fields give."""

_DCMI = {
    "a": "Text", "b": "Text", "c": "Text", "d": "Text", "e": "Image", "f": "Image", "g": "MovingImage", "i": "Sound", "j": "Sound",
    "k": "StillImage", "l": "Software", "m": "InteractiveResource", "r": "PhysicalObject",
}  # fmt: skip
"""UNIMARC's own codes of leader/06: b is a text, l is electronic, m is multimedia."""


def _types(key: str) -> Pairs:
    kind, level = key[0], key[1]
    texts = [*([_DCMI[kind]] if kind in _DCMI else ()), *(("Collection",) if level == "c" else ())]
    return [(dc.TYPE, element("type", text)) for text in texts]


_TYPES = dc.Remembered(_types)


def pairs_of(record: Record) -> list[tuple[int, str]]:
    """What the leader and all fields of a record give, in the order of the fields."""
    fields = record.fields
    coded = next((text for tag, body in fields if tag == "100" for text in dc.pieces_of(body, {"a"})), "")
    found = [*_TYPES[dc.kind_and_level(record)], *dc.coded_year(coded[9:13])]
    make_of = MAKES.get
    for tag, body in fields:
        make = make_of(tag)
        if make is not None:
            found += make(body)
    return found
