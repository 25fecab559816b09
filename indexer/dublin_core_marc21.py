"""What the fields of a MARC 21 record give in simple Dublin Core (`stylesheets/marc21-to-dc.xsl`, to the letter)."""

import re
from collections.abc import Sequence
from operator import itemgetter

from indexer import dublin_core_text as dc
from indexer.dublin_core_text import Pairs, as_element, element, plain, remembered, texts_as
from indexer.other_scripts import arranged
from indexer.record import SUBFIELD, Record

_TITLE_CODES = frozenset("abnpfgks")
_NAME_CODES = {"00": frozenset("abcqdn"), "20": frozenset("abcqdn"), "10": frozenset("abndc"), "11": frozenset("abndc")}
_RELATOR_CODES = {"00": frozenset("4e"), "20": frozenset("4e"), "10": frozenset("4e"), "11": frozenset("4j")}
_HEADING_CODES = "abcdfgklmnopqrst"
_HEADING = frozenset(_HEADING_CODES)
_SUBDIVISIONS = frozenset("vxyz")

_MAKERS = frozenset(
    [
        "aut",
        "cmp",
        "art",
        "cre",
        "pht",
        "prg",
        "author",
        "composer",
        "artist",
        "creator",
        "photographer",
        "programmer",
        "joint author",
        "co-author",
    ]
)


def _title(body: str) -> Pairs:
    """245: title and subtitle separated by " : "."""
    parts: list[str] = []
    for piece in body[3:].split(SUBFIELD):
        if piece[:1] in _TITLE_CODES:
            if piece[0] == "b" and parts and (before := plain(parts[-1])) and before[-1] not in ":;=/":
                parts.append(":")
            parts.append(piece[1:])
    return as_element(dc.TITLE, "title", dc.value(" ".join(parts)))


def _main_entry(end: str) -> dc.Make:
    """1XX: an empty name still counts, because a main entry it is all the same."""

    def make(body: str) -> Pairs:
        if not dc.has_subfields(body):
            return ()
        name = dc.text_of(body, _NAME_CODES[end])
        return (dc.HAS_MAIN_ENTRY, *as_element(dc.CREATOR, "creator", name))

    return make


def _added_entry(end: str) -> dc.Make:
    """7XX: a person or body who made the work, or helped; with a title it is another work."""
    work = texts_as(dc.WORK, "relation", _HEADING_CODES) if end != "20" else None

    names, relators = _NAME_CODES[end], _RELATOR_CODES[end]

    def make(body: str) -> Pairs:
        parts: list[str] = []
        roles: list[str] = []
        for piece in body[3:].split(SUBFIELD):
            code = piece[:1]
            if code in names:
                parts.append(piece[1:])
            elif code in relators:
                roles.append(piece[1:])
            elif code == "t":
                return work(body) if work else ()
        name = dc.value(" ".join(parts))
        if not name:
            return ()
        if not roles:
            return (dc.CREATOR_ALONE, element("creator", name)), (dc.CONTRIBUTOR, element("contributor", name))
        if any(_is_maker(role) for role in roles):
            creator = element("creator", name)
            return (dc.CREATOR_ALONE, creator), (dc.ADDED_CREATOR, creator)
        contributor = element("contributor", name)
        return (dc.CONTRIBUTOR_ALONE, contributor), (dc.CONTRIBUTOR, contributor)

    return make


def _is_maker(relator: str) -> bool:
    """Whether "aut", "Author," or "http://id.loc.gov/vocabulary/relators/aut" says that someone made the work."""
    text = plain(relator)
    _, found, code = text.partition("/relators/")
    return (code[:3] if found else dc.chopped(text.replace(".", "")).lower()) in _MAKERS


def _subject(body: str) -> Pairs:
    head: list[str] = []
    subdivisions: list[str] = []
    for piece in body[3:].split(SUBFIELD):
        code = piece[:1]
        if code in _HEADING:
            head.append(piece[1:])
        elif code in _SUBDIVISIONS:
            subdivisions.append(piece[1:])
    text = dc.value(" ".join(head))
    return as_element(dc.SUBJECT, "subject", dc.with_subdivisions(text, subdivisions) if subdivisions else text)


def _imprint(body: str) -> Pairs:
    """260, and 264 for publications."""
    found: list[tuple[int, str]] = []
    dates = []
    for piece in body[3:].split(SUBFIELD):
        code = piece[:1]
        if code == "b":
            found += dc.PUBLISHERS[piece[1:]]
        elif code == "c":
            dates.append(piece[1:])
    if dates:
        found += dc.DATES[" ".join(dates)]
    return found


def _production(body: str) -> Pairs:
    """264: only with second indicator 1 or without any; a date only with 1."""
    if body[1:2] == "1":
        return _imprint(body)
    return () if body[1:2] in _INDICATORS else [one for one in _imprint(body) if one[0] == dc.PUBLISHER]


_INDICATORS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
"""What MARCXML takes as an indicator; anything else is blank there."""


def _standard_number(body: str) -> Pairs:
    """024 with first indicator 7: DOI, handle or URN as an address."""
    source = dc.first_of(body, "2").lower()
    if body[:1] != "7" or source not in _RESOLVERS:
        return ()
    texts = [_as_uri(plain(piece), source) for piece in dc.pieces_of(body, {"a"})]
    return [(dc.OTHER_NUMBER, element("identifier", text)) for text in texts if text]


_RESOLVERS = {"doi": "https://doi.org/", "hdl": "https://hdl.handle.net/", "urn": "urn:"}


def _as_uri(value: str, source: str) -> str:
    if source != "urn" and value.lower().startswith(f"{source}:"):
        value = value[4:].lstrip(" ")
    if not value or "://" in value or value.lower().startswith("urn:"):
        return value
    return _RESOLVERS[source] + value


def _languages(body: str) -> Pairs:
    """041: codes of MARC's list, also several in one subfield ("engfreger")."""
    if body[1:2] == "7":
        return ()
    runs = [_PACKED.match(plain(piece)) for piece in dc.pieces_of(body, {"a"})]
    codes = [run[0][at : at + 3] for run in runs if run for at in range(0, len(run[0]), 3)]
    return [(dc.LANGUAGE, element("language", code)) for code in codes]


_PACKED = re.compile("(?:[a-z]{3})+")


def _linked_record(body: str) -> Pairs:
    """76X-78X: title, ISSN and ISBN of another record, each by itself."""
    title: list[str] = []
    issns: list[str] = []
    isbns: list[str] = []
    for piece in body[3:].split(SUBFIELD):
        code = piece[:1]
        if code in _LINK_TITLE:
            title.append(piece[1:])
        elif code == "x":
            issns.append(dc.issn(piece[1:]))
        elif code == "z":
            isbns.append(dc.isbn(piece[1:]))
    texts = [dc.value(" ".join(title))]
    texts += [f"URN:ISSN:{number}" for number in issns if number]
    texts += [f"URN:ISBN:{number}" for number in isbns if number]
    return [(dc.LINK, element("relation", text)) for text in texts if text]


_LINK_TITLE = frozenset("at")


def _series(body: str) -> Pairs:
    """490: one that says it is traced counts only when there is no 830."""
    untraced = _UNTRACED_SERIES(body)
    return untraced if body[:1] == "1" else [*untraced, *_SERIES(body)]


_SERIES = texts_as(dc.SERIES, "relation", "av")
_UNTRACED_SERIES = texts_as(dc.UNTRACED_SERIES, "relation", "av")


def _traced_series(body: str) -> Pairs:
    if not dc.has_subfields(body):
        return ()
    return (dc.HAS_TRACED_SERIES, *_SERIES(body))


def _place_hierarchy(body: str) -> Pairs:
    return as_element(dc.PLACE_HIERARCHY, "coverage", dc.with_subdivisions("", dc.pieces_of(body, frozenset("abcd"))))


def _copyright(body: str) -> Pairs:
    """542: private with first indicator 0."""
    return () if body[:1] == "0" else _COPYRIGHT(body)


_COPYRIGHT = texts_as(dc.COPYRIGHT, "rights", "df")


MAKES: dict[str, dc.Make] = {
    "020": dc.numbered(dc.ISBN, "identifier", "URN:ISBN:", "a", dc.isbn),
    "022": dc.numbered(dc.ISSN, "identifier", "URN:ISSN:", "a", dc.issn),
    "024": _standard_number,
    "041": remembered(_languages),
    "245": _title,
    "246": texts_as(dc.OTHER_TITLE, "title", "abnp"),
    "740": texts_as(dc.ADDED_TITLE, "title", "anp"),
    "260": _imprint,
    "264": _production,
    "300": texts_as(dc.EXTENT, "format", "abce"),
    "336": remembered(texts_as(dc.CONTENT_TYPE, "type", "a")),
    "338": remembered(texts_as(dc.CARRIER, "format", "a")),
    "490": remembered(_series),
    "505": texts_as(dc.CONTENTS, "description", "agrt"),
    "506": remembered(texts_as(dc.ACCESS, "rights", "a")),
    "520": texts_as(dc.ABSTRACT, "description", "ab"),
    "522": texts_as(dc.COVERAGE_NOTE, "coverage", "a"),
    "530": remembered(texts_as(dc.OTHER_FORM, "relation", "a")),
    "534": texts_as(dc.ORIGINAL, "source", "t"),
    "540": remembered(texts_as(dc.USE, "rights", "au")),
    "542": _copyright,
    "651": remembered(dc.several(_subject, texts_as(dc.SUBJECT_PLACE, "coverage", "a"))),
    "655": remembered(texts_as(dc.GENRE, "type", "a")),
    "720": _added_entry("20"),
    "751": remembered(texts_as(dc.PLACE, "coverage", "a")),
    "752": remembered(_place_hierarchy),
    "786": dc.several(texts_as(dc.SOURCE, "source", "ot"), _linked_record),
    "830": remembered(_traced_series),
    "856": dc.electronic_location,
    **{tag: remembered(_main_entry(tag[1:])) for tag in ("100", "110", "111")},
    **{tag: remembered(_added_entry(tag[1:])) for tag in ("700", "710", "711")},
    **{tag: texts_as(dc.UNIFORM_TITLE, "title", "adfklmnoprs") for tag in ("130", "240")},
    **{tag: remembered(_subject) for tag in ("600", "610", "611", "630", "648", "650", "653", "654", "656", "657")},
    **{
        tag: remembered(texts_as(dc.NOTE, "description", "a"))
        for tag in ("500", "502", "504", "508", "511", "515", "518", "521", "525", "545", "550", "555", "586", "588")
    },
    **dict.fromkeys(("760", "762", "765", "767", "770", "772", "773", "774", "775", "776", "777", "780", "785", "787"), _linked_record),
}
"""Tag -> what its fields give."""

_DCMI = {
    "a": ("Text",), "t": ("Text",), "c": ("Text", "notated music"), "d": ("Text", "notated music"), "e": ("Image", "cartographic"),
    "f": ("Image", "cartographic"), "g": ("MovingImage",), "i": ("Sound",), "j": ("Sound",), "k": ("StillImage",), "m": ("Software",),
    "o": ("InteractiveResource",), "p": ("Collection",), "r": ("PhysicalObject",),
}  # fmt: skip


def _types(key: str) -> Pairs:
    kind, level = key[0], key[1]
    return [(dc.TYPE, element("type", text)) for text in (*_DCMI.get(kind, ()), *(("Collection",) if level == "c" else ()))]


_NO_LANGUAGE = frozenset({"zxx", "und", "mul"})


def _coded_data(key: str) -> Pairs:
    """Year and language of 008, which count when there is nothing better."""
    found = list(dc.coded_year(key[:4]))
    language = key[4:]
    if language not in _NO_LANGUAGE and dc.is_language(language):
        found.append((dc.CODED_LANGUAGE, element("language", language)))
    return found


_TYPES = dc.Remembered(_types)
_CODED_DATA = dc.Remembered(_coded_data)


_TAG = itemgetter(0)


def pairs_of(record: Record) -> list[tuple[int, str]]:
    """What the leader and all fields of a record give, in the order of the fields."""
    fields: Sequence[tuple[str, str]] = record.fields
    if "880" in map(_TAG, fields):
        fields = arranged(fields)
    fixed = ""
    for tag, body in fields:
        if tag == "008" and SUBFIELD not in body:
            fixed = body
            break
    coded = _CODED_DATA[fixed[7:11] + fixed[35:38]] if len(fixed) > 10 else ()
    found = [*_TYPES[dc.kind_and_level(record)], *coded]
    make_of = MAKES.get
    for tag, body in fields:
        make = make_of(tag)
        if make is not None:
            found += make(body)
    return found
