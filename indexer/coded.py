"""Coded values of a record: years, languages, and what leader and fixed fields say of content."""

from typing import NamedTuple

from indexer.functions import codes
from indexer.functions.languages import Languages, marc21_languages, unimarc_languages
from indexer.functions.shapes import Fields, control, values
from indexer.functions.years import Years, marc21_years, unimarc_years
from indexer.record import SUBFIELD, Record, first


class Codes(NamedTuple):
    """Codes by the name of the field that takes them; each a list, empty when the record does not say."""

    audience: list[str]
    literary_form: list[str]
    contents: list[str]
    genre_form: list[str]
    issuance: list[str]
    country: list[str]
    form_of_item: list[str]
    biography: list[str]


def coded_data(fields: Fields, *, is_unimarc: bool) -> str:
    """The fixed-length general data: MARC 21 008, or UNIMARC 100 $a."""
    if not is_unimarc:
        return control(fields, "008")
    bodies = fields.get("100")
    return first(bodies[0], "a") if bodies else ""


def coded_years(coded: str, this_year: int, *, is_unimarc: bool) -> Years:
    """Year of publication and its range by the fixed field alone."""
    return (unimarc_years if is_unimarc else marc21_years)(coded, (), this_year)


def years_of(coded: str, fields: Fields, this_year: int, *, is_unimarc: bool) -> Years:
    """Year of publication and its range by the fixed field and the imprint."""
    if is_unimarc:
        return unimarc_years(coded, [*values(fields, "214", "d"), *values(fields, "210", "d")], this_year)
    imprints = _dates_of_264(fields, "1") + values(fields, "260", "c") + _dates_of_264(fields, "4")
    return marc21_years(coded, imprints + _coded_apart(fields), this_year)


def languages_of(coded: str, fields: Fields, *, is_unimarc: bool) -> Languages:
    """Languages of the text, of its original and of its summaries."""
    return unimarc_languages(fields.get("101", ())) if is_unimarc else marc21_languages(coded, fields.get("041", ()))


def _dates_of_264(fields: Fields, function: str) -> list[str]:
    return [piece[1:] for body in fields.get("264", ()) if body[1:2] == function for piece in body.split(SUBFIELD)[1:] if piece[:1] == "c"]


def _coded_apart(fields: Fields) -> list[str]:
    """Years of 046: date 1 ($c), created ($k), valid ($m). Months and days may follow the year without a hyphen."""
    dates = [values(fields, "046", code) for code in "ckm"] if "046" in fields else []
    return [date.strip()[:4] for found in dates for date in found]


def codes_of(record: Record, coded: str, fields: Fields) -> Codes:
    """What leader and fixed fields say of content."""
    form, leader = record.format, record.leader
    return Codes(
        audience=codes.audience(form, leader, fields),
        literary_form=codes.literary_form(form, leader, fields),
        contents=codes.contents_codes(form, leader, fields),
        genre_form=codes.genre_form_codes(form, leader, fields),
        issuance=codes.issuance(form, leader, fields),
        country=codes.country(form, leader, fields),
        form_of_item=_form_of_item(record, coded, fields),
        biography=_biography(record, coded, fields),
    )


def _form_of_item(record: Record, coded: str, fields: Fields) -> list[str]:
    """008/23, or 008/29 for maps and visual materials; UNIMARC 106 $a."""
    if record.format == "unimarc":
        return [value.strip() for value in values(fields, "106", "a")]
    place = 29 if record.leader[6:7] in {"e", "f", "g", "k", "o", "r"} else 23
    code = coded[place : place + 1]
    return [code] if code.isalpha() else []


def _biography(record: Record, coded: str, fields: Fields) -> list[str]:
    """008/34 of books; UNIMARC 105 $a/12."""
    if record.format == "unimarc":
        found = [value[12:13] for value in values(fields, "105", "a")]
    else:
        found = [coded[34:35]] if codes.material(record.leader) == "books" else []
    return [code for code in found if code.isalpha()]
