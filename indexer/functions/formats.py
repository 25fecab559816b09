"""The format of a record in our own small vocabulary, for facets and `dc.type`.

One record has one or more: what it is (Book, Map, Article), how it is carried (Print, Online, Microform, Braille) and what
else it is (Thesis, Conference, Manuscript, Archive). They are given in this order.

Source: indexing.md section 4.6.
"""

import re

from indexer.functions.codes import bib_level, record_type
from indexer.functions.shapes import Fields, coded, control, values
from indexer.record import SUBFIELD, first, subfields

FORMATS = (
    "Book", "Article", "Chapter", "Journal", "Newspaper", "Series", "Database", "Website", "Loose-leaf", "IntegratingResource",
    "Score", "MusicRecording", "AudioBook", "Video", "Image", "Map", "Software/Data", "Kit", "Object", "Manuscript", "Archive",
    "Thesis", "Conference", "Microform", "Online", "Print", "Braille", "Other",
)  # fmt: skip
"""The whole vocabulary."""

_SIMPLE = {
    "c": "Score", "d": "Score", "e": "Map", "f": "Map", "i": "AudioBook", "j": "MusicRecording", "k": "Image",
    "o": "Kit", "p": "Archive", "r": "Object",
}  # fmt: skip
_CONTINUING = {"n": "Newspaper", "d": "Database", "w": "Website", "l": "Loose-leaf"}
_UNIMARC_CONTINUING = {"a": "Journal", "b": "Series", "c": "Newspaper", "e": "Loose-leaf", "f": "Database", "g": "Website"}
_VOLUME = re.compile(r"(?i)(?:\b(?:vol|v|bd|band|årg|jg|jahrg|t|tome|no|nr|num|h|heft|iss|issue|n[°º])\.?\s*\d|\d\s*[:(]\s*(?:\d|nr|no|n))")
_CONGRESSES = re.compile(r"(?i)^(?:congresses|conference papers|actes de congr)")
_ON_PAPER = frozenset("acek")
_PRINTED_CARRIERS = frozenset({"nc", "no", "nb"})
_NO_PRINT = frozenset({"MusicRecording", "AudioBook", "Video", "Online", "Microform", "Braille"})


def marc21_formats(leader: str, fields: Fields) -> list[str]:
    """Formats of a MARC 21 record; `["Other"]` when nothing is known."""
    kind, level = record_type(leader), bib_level(leader)
    f008 = control(fields, "008")
    found = [_marc21_kind(kind, level, f008, fields)]
    if "502" in fields:
        found = ["Thesis"] if found == ["Book"] else [*found, "Thesis"]
    if kind in {"t", "d", "f"}:
        found.append("Manuscript")
    if leader[8:9] == "a":
        found.append("Archive")
    if _is_conference(kind, f008, fields):
        found.append("Conference")
    found += _marc21_carriers(kind, f008, fields)
    if _is_printed(kind, found, fields):
        found.append("Print")
    known = [name for name in dict.fromkeys(found) if name]
    return known or ["Other"]


def _marc21_kind(kind: str, level: str, f008: str, fields: Fields) -> str:
    """What the record describes; empty when leader/06 is none of the standard's."""
    match kind:
        case "a" | "t" if level in {"a", "b"}:
            return "Article" if level == "b" or any(map(_in_a_serial, fields.get("773", ()))) else "Chapter"
        case "a" | "t" if level == "s":
            return _CONTINUING.get(f008[21:22], "Journal")
        case "a" | "t" if level == "i":
            return _CONTINUING.get(f008[21:22], "IntegratingResource")
        case "a" | "t":
            return "Book"
        case "g":
            return _projected(f008, fields)
        case "m":
            return "Book" if f008[26:27] == "e" and _is_online("m", f008, fields) else "Software/Data"
        case _:
            return _SIMPLE.get(kind, "")


def _in_a_serial(host: str) -> bool:
    """Whether the host of a 773 is a serial: by its coded level, or because a volume is named."""
    return first(host, "7")[3:4] == "s" or _VOLUME.search(first(host, "g")) is not None


def _projected(f008: str, fields: Fields) -> str:
    carriers = {text[:1] for text in fields.get("007", ())}
    if carriers & {"v", "m"}:
        return "Video"
    return "Image" if "g" in carriers or f008[33:34] in {"f", "s", "t"} else "Video"


def _is_conference(kind: str, f008: str, fields: Fields) -> bool:
    if (kind in {"a", "t"} and f008[29:30] == "1") or "111" in fields:
        return True
    return any(
        f"{SUBFIELD}v" in body and any(_CONGRESSES.match(text) for code, text in subfields(body) if code == "v")
        for tag in ("600", "610", "611", "630", "650", "651", "655")
        for body in fields.get(tag, ())
    )


def _marc21_carriers(kind: str, f008: str, fields: Fields) -> list[str]:
    form = _form_of_item(kind, f008)
    physical = [text[:2].lower() for text in fields.get("007", ())]
    carriers = []
    if form in {"a", "b", "c"} or any(text[:1] == "h" for text in physical) or "microform" in _gmd(fields):
        carriers.append("Microform")
    if form == "f" or "tc" in physical or "fb" in physical:
        carriers.append("Braille")
    if _is_online(kind, f008, fields):
        carriers.append("Online")
    return carriers


def _form_of_item(kind: str, f008: str) -> str:
    """008/23, or 008/29 for maps and visual materials."""
    return f008[29:30] if kind in {"e", "f", "g", "k", "o", "r"} else f008[23:24]


def _gmd(fields: Fields) -> str:
    return " ".join(values(fields, "245", "h")).lower() if "245" in fields else ""


def _is_online(kind: str, f008: str, fields: Fields) -> bool:
    computer = [text[:2].lower() for text in fields.get("007", ()) if text[:1] in {"c", "C"}]
    if "cr" in computer or _form_of_item(kind, f008) == "o" or "cr" in values(fields, "338", "b"):
        return True
    if computer:
        return False
    if any(body[1:2] in {"0", "1"} and first(body, "u") for body in fields.get("856", ())):
        return True
    return "electronic res" in _gmd(fields)


def _is_printed(kind: str, found: list[str], fields: Fields) -> bool:
    if not _NO_PRINT.isdisjoint(found):
        return False
    carriers = values(fields, "338", "b")
    if carriers:
        return not _PRINTED_CARRIERS.isdisjoint(carriers)
    return "338" not in fields and kind in _ON_PAPER and not _gmd(fields)


def unimarc_formats(leader: str, fields: Fields) -> list[str]:
    """Formats of a UNIMARC record; `["Other"]` when nothing is known."""
    kind, level = record_type(leader), bib_level(leader)
    found = [_unimarc_kind(kind, level, fields)]
    f105 = coded(fields, "105")
    if "328" in fields or "m" in f105[4:8]:
        found = ["Thesis"] if found == ["Book"] else [*found, "Thesis"]
    if kind in {"b", "d", "f"} or coded(fields, "106")[:1] == "h":
        found.append("Manuscript")
    if (
        f105[8:9] == "1"
        or any(body[:1] == "1" for body in fields.get("710", ()))
        or any(map(_CONGRESSES.match, values(fields, "606", "jx")))
    ):
        found.append("Conference")
    found += _unimarc_carriers(fields)
    if _NO_PRINT.isdisjoint(found) and _unimarc_on_paper(kind, fields):
        found.append("Print")
    known = [name for name in dict.fromkeys(found) if name]
    return known or ["Other"]


def _unimarc_kind(kind: str, level: str, fields: Fields) -> str:
    match kind:
        case "a" | "b" if level == "a":
            hosts = [body for tag in ("461", "463", "464") for body in fields.get(tag, ())]
            return "Article" if any(first(body, "x") or _VOLUME.search(first(body, "v")) for body in hosts) else "Chapter"
        case "a" | "b" if level in {"s", "i"}:
            return _UNIMARC_CONTINUING.get(coded(fields, "110")[:1], "Journal" if level == "s" else "IntegratingResource")
        case "a" | "b":
            return "Book"
        case "g":
            return "Image" if coded(fields, "115")[:1] == "b" else "Video"
        case "l":
            return "Software/Data"
        case "m":
            return "Kit"
        case _:
            return _SIMPLE.get(kind, "")


def _unimarc_carriers(fields: Fields) -> list[str]:
    form = coded(fields, "106")[:1]
    carriers = []
    if "130" in fields or form in {"g", "t"}:
        carriers.append("Microform")
    if form == "f":
        carriers.append("Braille")
    if coded(fields, "135")[1:2] == "r" or "ceb" in values(fields, "183", "a") or any(first(body, "u") for body in fields.get("856", ())):
        carriers.append("Online")
    return carriers


def _unimarc_on_paper(kind: str, fields: Fields) -> bool:
    form = coded(fields, "106")[:1]
    return form in {"d", "j", "r"} if form in set("dghijrst") else kind in _ON_PAPER and kind != "k"
