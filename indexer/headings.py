"""Headings as wholes: main entries, names with titles, and what authority records are about."""

from collections.abc import Iterable

from indexer.functions.shapes import control, values
from indexer.record import SUBFIELD, first
from indexer.record_view import RecordView, joined

_NAME_TITLE = {"700": "abcdfgklmnopqrst", "710": "abcdfgklmnoprst", "711": "acdefgklnpqst", "800": "abcdfgklmnopqrst",
               "810": "abcdfgklmnoprst", "811": "acdefgklnpqst"}  # fmt: skip

_SCHEMES_OF_008 = {"a": "lcsh", "b": "lcshac", "c": "mesh", "d": "nal", "k": "cash", "r": "aat", "s": "sears", "v": "rvm"}
_KINDS = {
    "marc21": {"100": "person", "110": "corporate", "111": "conference", "130": "uniform_title", "148": "chronological", "150": "topic",
               "151": "place", "155": "genre", "162": "medium", "147": "event", "180": "subdivision", "181": "subdivision",
               "182": "subdivision", "185": "subdivision"},
    "unimarc": {"200": "person", "215": "place", "216": "trademark", "220": "family", "230": "uniform_title", "235": "uniform_title",
                "240": "name_title", "250": "topic", "260": "place", "280": "genre"},
}  # fmt: skip
_ALPHABETIC = "abcdefghijklmnopqrstvxyz"


def author_titles(view: RecordView) -> list[str]:
    """Names with titles as one phrase: main entry with uniform title or title, and added entries that have a title."""
    found: list[str] = []
    name = view.main_heading
    if name:
        title = _unimarc_title(view) if view.is_unimarc else _marc21_title(view)
        found += [f"{name} {one}" for one in title]
    if view.is_unimarc:
        found += [joined(body, "at") for body in view.fields.get("604", ())]
    else:
        found += [joined(body, codes) for tag, codes in _NAME_TITLE.items() for body in view.fields.get(tag, ()) if first(body, "t")]
    return [one for one in found if one]


def _marc21_title(view: RecordView) -> Iterable[str]:
    for tag, codes in (("240", "adfgklmnoprs"), ("245", "abnp")):
        bodies = view.fields.get(tag)
        if bodies and (title := joined(bodies[0], codes)):
            return (title,)
    return ()


def _unimarc_title(view: RecordView) -> Iterable[str]:
    return values(view.fields, "200", "a")[:1]


def _heading_tags(view: RecordView) -> dict[str, str]:
    return _KINDS[view.record.format]


def heading_text(view: RecordView) -> str:
    """The authorised heading of an authority record; empty when there is none."""
    for tag, body in view.record.fields:
        if (tag in _heading_tags(view) or (view.is_unimarc and tag == "210")) and SUBFIELD in body:
            return joined(body, _ALPHABETIC)
    return ""


def authority_kind(view: RecordView) -> str:
    """What an authority record is about: person, corporate, conference, uniform_title, topic, place ..."""
    kinds = _heading_tags(view)
    for tag, body in view.record.fields:
        if SUBFIELD not in body:
            continue
        if tag in kinds:
            return kinds[tag]
        if view.is_unimarc and tag == "210":
            return "conference" if body[:1] == "1" else "corporate"
    return ""


def authority_scheme(view: RecordView) -> list[str]:
    """The heading list: MARC 21 008/11, 040 $f when that says "other"; UNIMARC 152 $a or 106 and $2 of the heading."""
    if view.is_unimarc:
        return [value.strip() for value in values(view.fields, "152", "a")[:1]]
    code = control(view.fields, "008")[11:12]
    if code in _SCHEMES_OF_008:
        return [_SCHEMES_OF_008[code]]
    return [value.strip() for value in values(view.fields, "040", "f")[:1]]
