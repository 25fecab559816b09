"""Coded values of leader and fixed fields, in one vocabulary for both formats: that of MARC 21.

Source: indexing.md section 3 (audience, genre_form, country, record_type); MARC 21 Bibliographic leader and 008; UNIMARC
Bibliographic 100, 102, 105, 110; MODS `issuance` (with `bib.issuance` of the CQL bibliographic context set).
"""

from types import MappingProxyType
from typing import Literal

from indexer.functions.shapes import Fields, coded, control, values
from indexer.record import Format

Material = Literal["books", "continuing", "music", "maps", "visual", "computer", "mixed"]
"""Which layout positions 18-34 of MARC 21 008 have."""

_FILL = " |#^-"
_AUDIENCES = frozenset("abcdefgj")

_MATERIALS: dict[str, Material] = {
    "a": "books", "t": "books", "c": "music", "d": "music", "i": "music", "j": "music", "e": "maps", "f": "maps",
    "g": "visual", "k": "visual", "o": "visual", "r": "visual", "m": "computer", "p": "mixed",
}  # fmt: skip

_UNIMARC_AUDIENCE = MappingProxyType({"a": "j", "b": "a", "c": "b", "d": "c", "e": "d", "k": "f", "m": "e"})
_UNIMARC_LITERARY_FORM = MappingProxyType(
    {"a": "1", "b": "d", "c": "e", "d": "h", "e": "i", "f": "j", "g": "p", "h": "s", "y": "0", "z": "m"}
)

LITERARY_FORMS = MappingProxyType(
    {
        "0": "nonfiction", "1": "fiction", "c": "comics", "d": "drama", "e": "essays", "f": "novels", "h": "humour", "i": "letters",
        "j": "short stories", "m": "mixed forms", "p": "poetry", "s": "speeches",
    }
)  # fmt: skip
"""Code of 008/33 of books -> word."""

CONTENTS = MappingProxyType(
    {
        "2": "offprints", "5": "calendars", "6": "comics", "a": "abstracts", "b": "bibliographies", "c": "catalogs", "d": "dictionaries",
        "e": "encyclopedias", "f": "handbooks", "g": "legal articles", "h": "biography", "i": "indexes", "j": "patents",
        "k": "discographies", "l": "legislation", "m": "theses", "n": "literature surveys", "o": "reviews", "p": "programmed texts",
        "q": "filmographies", "r": "directories", "s": "statistics", "t": "technical reports", "u": "standards", "v": "legal cases",
        "w": "law reports", "y": "yearbooks", "z": "treaties",
    }
)  # fmt: skip
"""Code of 008/24-27 of books and continuing resources -> word."""

_UNIMARC_CONTENTS = MappingProxyType(
    {
        "a": "b", "b": "c", "c": "i", "d": "a", "e": "d", "f": "e", "g": "r", "i": "s", "j": "p", "k": "j", "l": "u", "m": "m", "n": "l",
        "p": "t", "r": "n", "s": "z", "t": "6", "v": "m",
    }
)  # fmt: skip
"""Code of UNIMARC 105$a/4-7 -> code of MARC 21."""


def record_type(leader: str) -> str:
    """Leader/06, lower case; empty for a blank."""
    return leader[6:7].strip().lower()


def bib_level(leader: str) -> str:
    """Leader/07, lower case; empty for a blank."""
    return leader[7:8].strip().lower()


def encoding_level(leader: str) -> str:
    """Leader/17; a blank (full level) stays a blank."""
    return leader[17:18]


def material(leader: str) -> Material:
    """The layout of 008/18-34 that a MARC 21 leader asks for; books for unknown types."""
    found = _MATERIALS.get(leader[6:7], "books")
    return "continuing" if found == "books" and leader[7:8] in {"b", "i", "s"} else found


def audience(format_: Format, leader: str, fields: Fields) -> list[str]:
    """Codes of target audience (MARC 21 008/22): a-d and j for young readers, e adults, f specialised, g general."""
    if format_ == "unimarc":
        return _each(coded(fields, "100")[17:20], _UNIMARC_AUDIENCE)
    code = control(fields, "008")[22:23].lower()
    return [code] if code in _AUDIENCES and material(leader) not in {"continuing", "maps", "mixed"} else []


def literary_form(format_: Format, leader: str, fields: Fields) -> list[str]:
    """The code of literary form (MARC 21 008/33 of books), see `LITERARY_FORMS`."""
    if format_ == "unimarc":
        return _each(coded(fields, "105")[11:12], _UNIMARC_LITERARY_FORM)
    code = control(fields, "008")[33:34]
    return [code] if code in LITERARY_FORMS and material(leader) == "books" else []


def contents_codes(format_: Format, leader: str, fields: Fields) -> list[str]:
    """Codes of the nature of contents (MARC 21 008/24-27 of books and continuing resources), see `CONTENTS`."""
    if format_ == "unimarc":
        return _each(coded(fields, "105")[4:8], _UNIMARC_CONTENTS)
    if material(leader) not in {"books", "continuing"}:
        return []
    return [code for code in dict.fromkeys(control(fields, "008")[24:28].lower()) if code in CONTENTS]


def genre_form_codes(format_: Format, leader: str, fields: Fields) -> list[str]:
    """Literary form and nature of contents as words of `LITERARY_FORMS` and `CONTENTS`, for facets."""
    forms = [LITERARY_FORMS[code] for code in literary_form(format_, leader, fields)]
    contents = [CONTENTS[code] for code in contents_codes(format_, leader, fields)]
    return list(dict.fromkeys(forms + contents))


def issuance(format_: Format, leader: str, fields: Fields) -> list[str]:
    """How the resource is issued, in the words of MODS: `monographic` or `continuing`, and more closely."""
    level = bib_level(leader)
    if format_ == "unimarc":
        level = "i" if level == "s" and coded(fields, "110")[:1] in {"e", "f", "g"} else level
        multipart = leader[8:9] in {"1", "2"}
    else:
        multipart = leader[19:20] in {"a", "b", "c"}
    match level:
        case "s" | "b":
            return ["continuing", "serial"]
        case "i":
            return ["continuing", "integrating resource"]
        case "m":
            return ["monographic", "multipart monograph" if multipart else "single unit"]
        case "a" | "c" | "d":
            return ["monographic"]
        case _:
            return []


def country(format_: Format, _leader: str, fields: Fields) -> list[str]:
    """Codes of the country of publication: MARC's from 008/15-17, ISO 3166 from UNIMARC 102$a; lower case, unknown left out."""
    found = values(fields, "102", "a") if format_ == "unimarc" else [control(fields, "008")[15:18]]
    codes = [code.strip(_FILL).lower() for code in found]
    return [code for code in dict.fromkeys(codes) if code.isascii() and code.isalpha() and len(code) in {2, 3} and code != "xx"]


def _each(positions: str, meaning: MappingProxyType[str, str]) -> list[str]:
    return list(dict.fromkeys(meaning[code] for code in positions.lower() if code in meaning))
