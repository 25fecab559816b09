"""The special functions of the field table by name: what `source:` may say.

Each takes a `RecordView`; what kind of values it gives is said by `Texts`, `Numbers` and `KeyedValues`.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence

from indexer.coded import Codes
from indexer.functions.callnumbers import dewey_class, lc_class, scheme_of, shelf_key
from indexer.functions.coordinates import Box, marc21_boxes, unimarc_boxes
from indexer.functions.dates import date_modified, marc21_date_entered, unimarc_date_entered
from indexer.functions.holdings import holding_statements
from indexer.functions.languages import Languages
from indexer.functions.numbers import control_number_forms
from indexer.functions.shapes import control, values
from indexer.functions.titles import author_sort
from indexer.functions.years import Years
from indexer.headings import author_titles, authority_kind, authority_scheme, heading_text
from indexer.host_parts import HostPart, read_host_part
from indexer.item_sources import ITEM_SOURCES
from indexer.record import first
from indexer.record_view import ITEMS, SEE_FROM, Numbers, RecordView, Source, Texts, texts

TextsOf = Callable[[RecordView], Sequence[str]]

AUTHOR_TAGS = {
    "marc21": ("100", "110", "111", "700", "710", "711", "720"),
    "unimarc": tuple(f"7{block}{last}" for block in "012" for last in "0123"),
}
SUBJECT_TAGS = {
    "marc21": ("600", "610", "611", "630", "647", "648", "650", "651", "655", "656", "657"),
    "unimarc": ("600", "601", "602", "604", "605", "606", "607", "608", "616", "617"),
}
CALL_NUMBER_TAGS = {
    "marc21": {"050": "ab", "055": "ab", "060": "ab", "070": "ab", "080": "ab", "082": "ab", "084": "ab", "086": "a", "090": "ab",
               "092": "ab", "096": "ab", "099": "a"},
    "unimarc": {"675": "a", "676": "a", "680": "ab", "686": "ab"},
}  # fmt: skip

TYPE_WORDS = {
    "Book": "monograph", "Journal": "serial periodical", "Newspaper": "serial", "Score": "music notated music",
    "MusicRecording": "music sound sound recording", "AudioBook": "sound sound recording", "Video": "visual film moving image",
    "Image": "visual picture", "Map": "cartographic", "Software/Data": "computer file software data", "Article": "article part",
    "Chapter": "part", "Online": "electronic", "Thesis": "dissertation", "Object": "realia", "Archive": "archival material",
}  # fmt: skip
"""Format -> further words under which people look for it; those of sru-cql.md 16.3 (book, serial, map, sound, video) among them."""


def _title_sort(view: RecordView) -> list[str]:
    return [view.title_key] if view.title_key else []


def _author_sort(view: RecordView) -> list[str]:
    key = author_sort(view.analyser, view.main_heading, view.title_key) if view.main_heading else ""
    return [key] if key else []


def _author_name_sort(view: RecordView) -> list[str]:
    """The name alone, so that a second sort key decides between the works of one author."""
    key = view.analyser.sort_key(view.main_heading) if view.main_heading else ""
    return [key] if key else []


def _heading_sort(view: RecordView) -> list[str]:
    key = view.analyser.sort_key(heading_text(view))
    return [key] if key else []


def _years_key(view: RecordView) -> str | None:
    """MARC 21 008/06-14 decides the years, unless it gives no single one and the imprint is asked."""
    return view.coded[6:15] if view.years and view.has_coded_year and not view.is_unimarc else None


def _languages_key(view: RecordView) -> Hashable:
    return tuple(view.fields.get("101", ())) if view.is_unimarc else (view.coded[35:38], *view.fields.get("041", ()))


def _codes_key(view: RecordView) -> str | None:
    """Codes of MARC 21 depend on some places of leader and 008 alone."""
    return None if view.is_unimarc else f"{view.leader[6:9]}{view.leader[19:20]}{view.coded[15:35]}"


def _formats_key(view: RecordView) -> Hashable:
    return tuple(view.formats)


def _collection_key(view: RecordView) -> tuple[str, str]:
    return view.database, view.circumstances.source


def _by_years(read: Callable[[Years], int | None]) -> Numbers:
    return Numbers(lambda view: _present(read(view.years)), key=_years_key)


def _by_languages(read: Callable[[Languages], Sequence[str]]) -> Texts:
    return Texts(lambda view: read(view.languages), key=_languages_key)


def _by_codes(read: Callable[[Codes], Sequence[str]]) -> Texts:
    return Texts(lambda view: read(view.codes), key=_codes_key)


def _present(number: int | None) -> list[int]:
    return [] if number is None else [number]


def _date_entered(view: RecordView) -> list[int]:
    return _present(unimarc_date_entered(view.coded) if view.is_unimarc else marc21_date_entered(view.coded))


def _datestamp(view: RecordView) -> list[int]:
    stamp = view.circumstances.datestamp
    return [] if stamp is None else [stamp.year * 10_000 + stamp.month * 100 + stamp.day]


def _type_words(view: RecordView) -> list[str]:
    return [TYPE_WORDS[one] for one in view.formats if one in TYPE_WORDS]


def _oclc_numbers(view: RecordView) -> list[str]:
    """035 $a $z that are OCLC's, and 001 when 003 says so."""
    found = [value for value in values(view.fields, "035", "az") if value.strip().lower().startswith(("(ocolc)", "ocm", "ocn", "on"))]
    if control(view.fields, "003").strip() == "OCoLC":
        found.insert(0, f"(OCoLC){control(view.fields, '001').strip()}")
    if view.is_unimarc:
        found += [value for value in values(view.fields, "033", "a") if value.strip().lower().startswith(("(ocolc)", "ocm", "ocn"))]
    return found


def _call_number_sort(view: RecordView) -> list[str]:
    """The first item's call number, else the record's first."""
    for item in view.items:
        if item.shelf_key:
            return [item.shelf_key]
    for tag, codes in CALL_NUMBER_TAGS[view.record.format].items():
        for body in view.fields.get(tag, ()):
            key = shelf_key(" ".join(texts(body, codes)), scheme_of(tag, body, view.record.format))
            if key:
                return [key]
    return []


def _dewey_classes(view: RecordView) -> list[str]:
    tags = ("676",) if view.is_unimarc else ("082", "083", "092")
    return [found for tag in tags for value in values(view.fields, tag, "a") if (found := dewey_class(value))]


def _lc_classes(view: RecordView) -> list[str]:
    tags = ("680",) if view.is_unimarc else ("050", "090")
    return [found for tag in tags for value in values(view.fields, tag, "a") if (found := lc_class(value))]


def _coordinates(view: RecordView) -> list[str]:
    """Bounding boxes in decimal degrees: west, east, south, north."""
    fields = view.fields
    boxes = (
        unimarc_boxes(fields.get("123", ()), fields.get("206", ()))
        if view.is_unimarc
        else marc21_boxes(fields.get("034", ()), fields.get("255", ()))
    )
    return [_box(one) for one in boxes]


def _box(box: Box) -> str:
    return " ".join(f"{degrees:.5f}".rstrip("0").rstrip(".") for degrees in (box.west, box.east, box.south, box.north))


def _see(tags: Mapping[str, Sequence[str]]) -> TextsOf:
    """Variant headings of the authorities that fields with these tags name, by id or by their words."""

    def variants(view: RecordView) -> list[str]:
        see_from = view.circumstances.see_from
        codes = "39" if view.is_unimarc else "09"
        found: list[str] = []
        for tag in tags[view.record.format]:
            for body in view.fields.get(tag, ()):
                ids = (form for value in texts(body, codes) for form in control_number_forms(value))
                words = view.analyser.heading(" ".join(texts(body, "abcdfghjklmnopqrstvxyz")))
                found += [variant for key in (*ids, words) for variant in see_from.get(key, ())]
        return found

    return variants


def _host_part(view: RecordView) -> HostPart:
    if view.is_unimarc:
        citation = next((text for tag in ("461", "462", "463") for text in values(view.fields, tag, "v")), "")
        return read_host_part(citation)
    for body in view.fields.get("773", ()):
        citation, enumeration = first(body, "g"), first(body, "q")
        if citation or enumeration:
            return read_host_part(citation, enumeration)
    return HostPart()


def _part(read: Callable[[HostPart], str]) -> TextsOf:
    return lambda view: [text] if (text := read(_host_part(view))) else []


def _tags(*tags: str) -> frozenset[str]:
    return frozenset(tags)


_SEE_FROM = _tags(SEE_FROM)
_CALL_NUMBERS = frozenset({ITEMS, *CALL_NUMBER_TAGS["marc21"], *CALL_NUMBER_TAGS["unimarc"]})
_HOLDINGS_TAGS = _tags("853", "854", "855", "863", "864", "865", "866", "867", "868")
_HOST_TAGS = _tags("461", "462", "463", "773")


def _given(read: Callable[[RecordView], str]) -> TextsOf:
    return lambda view: [text] if (text := read(view)) else []


LINKED = frozenset({"author_see", "subject_see"})
"""Functions that give what other records say, so it cannot be read out of the record again."""

SINGLE_VALUED = frozenset({
    "title_sort", "author_sort", "author_name_sort", "heading_sort", "callnumber_sort",
    "publication_year", "publication_year_from", "publication_year_to", "date_entered", "date_modified", "datestamp",
    "record_id", "control_number", "control_org", "record_source", "authority_kind",
})  # fmt: skip
"""Functions that give a record one value at most; all others may give several."""

SOURCES: Mapping[str, Source] = {
    "title_sort": Texts(_title_sort),
    "author_sort": Texts(_author_sort),
    "author_name_sort": Texts(_author_name_sort),
    "heading_sort": Texts(_heading_sort),
    "callnumber_sort": Texts(_call_number_sort, _CALL_NUMBERS),
    "publication_year": _by_years(lambda years: years.year),
    "publication_year_from": _by_years(lambda years: years.year_from),
    "publication_year_to": _by_years(lambda years: years.year_to),
    "date_entered": Numbers(_date_entered),
    "date_modified": Numbers(lambda view: _present(date_modified(control(view.fields, "005")))),
    "datestamp": Numbers(_datestamp),
    "languages": _by_languages(lambda languages: languages.language),
    "languages_original": _by_languages(lambda languages: languages.original),
    "languages_summary": _by_languages(lambda languages: languages.summary),
    "formats": Texts(lambda view: view.formats, key=_formats_key),
    "type_words": Texts(_type_words, key=_formats_key),
    "form_of_item": _by_codes(lambda codes: codes.form_of_item),
    "biography": _by_codes(lambda codes: codes.biography),
    "audience_codes": _by_codes(lambda codes: codes.audience),
    "literary_form": _by_codes(lambda codes: codes.literary_form),
    "contents_codes": _by_codes(lambda codes: codes.contents),
    "genre_form_codes": _by_codes(lambda codes: codes.genre_form),
    "issuance": _by_codes(lambda codes: codes.issuance),
    "country": _by_codes(lambda codes: codes.country),
    "record_id": Texts(_given(lambda view: view.circumstances.record_id)),
    "control_number": Texts(_given(lambda view: view.circumstances.control_number)),
    "control_org": Texts(_given(lambda view: view.circumstances.control_org)),
    "record_source": Texts(_given(lambda view: view.circumstances.source), key=_collection_key),
    "collection_names": Texts(lambda view: [name for name in _collection_key(view) if name], key=_collection_key),
    "oclc_numbers": Texts(_oclc_numbers, _tags("003", "033", "035")),
    "dewey_classes": Texts(_dewey_classes, _tags("082", "083", "092", "676")),
    "lc_classes": Texts(_lc_classes, _tags("050", "090", "680")),
    "coordinates": Texts(_coordinates, _tags("034", "123", "206", "255")),
    "author_titles": Texts(author_titles),
    "authority_kind": Texts(_given(authority_kind)),
    "authority_scheme": Texts(authority_scheme),
    "author_see": Texts(_see(AUTHOR_TAGS), _SEE_FROM),
    "subject_see": Texts(_see(SUBJECT_TAGS), _SEE_FROM),
    "host_volume": Texts(_part(lambda part: part.volume), _HOST_TAGS),
    "host_issue": Texts(_part(lambda part: part.issue), _HOST_TAGS),
    "host_start_page": Texts(_part(lambda part: part.start_page), _HOST_TAGS),
    "host_end_page": Texts(_part(lambda part: part.end_page), _HOST_TAGS),
    "holding_statements": Texts(lambda view: holding_statements(view.fields), _HOLDINGS_TAGS),
    **ITEM_SOURCES,
}
