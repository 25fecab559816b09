"""A record in a few words, for feeds and lists: what it is called, by whom, when."""

from dataclasses import dataclass

from indexer.marc import parse_own_marcxml
from indexer.record import Format, first, subfields

_ENDS = " /:;=,"


@dataclass(frozen=True, slots=True)
class Brief:
    """Title or heading (never empty: the record id when the record has neither), creator and year, empty when not known."""

    title: str
    creator: str = ""
    year: str = ""


def brief_of(record_id: str, marcxml: bytes, form: Format) -> Brief:
    """What to call a record, out of stored MARCXML."""
    fields, where = parse_own_marcxml(marcxml), _WHERE[form]
    title = _joined(fields, where.titles, where.title_codes)
    if not title:
        return Brief(_joined(fields, where.headings, "abcdfgklmnpqtvxyz") or record_id)
    return Brief(title, _joined(fields, where.names, where.name_codes), _year(fields, where.imprints, where.date_code))


@dataclass(frozen=True, slots=True)
class _Where:
    """Tags and subfield codes of one MARC format; `headings` are those of authority records."""

    titles: tuple[str, ...]
    title_codes: str
    names: tuple[str, ...]
    name_codes: str
    imprints: tuple[str, ...]
    date_code: str
    headings: tuple[str, ...]


_WHERE: dict[Format, _Where] = {
    "marc21": _Where(
        ("245",), "abnp", ("100", "110", "111", "700", "710", "711"), "abcdq", ("264", "260"), "c",
        ("100", "110", "111", "130", "147", "148", "150", "151", "155"),
    ),
    "unimarc": _Where(
        ("200",), "aehi", ("700", "710", "720", "701", "711"), "ab", ("210", "214"), "d",
        ("200", "210", "215", "220", "230", "240", "250", "260", "280"),
    ),
}  # fmt: skip


def _joined(fields: list[tuple[str, str]], tags: tuple[str, ...], codes: str) -> str:
    """Subfields of the first field with one of the tags, in their order, without punctuation at the end."""
    for tag in tags:
        for own, body in fields:
            if own == tag:
                text = " ".join(text for code, text in subfields(body) if code in codes)
                return text.translate(_MARKS).strip(_ENDS)
    return ""


def _year(fields: list[tuple[str, str]], tags: tuple[str, ...], code: str) -> str:
    for tag in tags:
        for own, body in fields:
            if own == tag and first(body, code):
                return first(body, code).strip(_ENDS + ".")
    return ""


_MARKS = dict.fromkeys((0x88, 0x89, 0x98, 0x9C))
