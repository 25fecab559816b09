"""MARC 21 authority records from facts, and the table by which bibliographic headings find them."""

from demo_catalogue.fixed_fields import changed_at, entered_on
from demo_catalogue.headings import corporate, key, person, topic
from demo_catalogue.marc21 import ORGANISATION, AuthorityIds
from demo_catalogue.marcxml import FactError, MarcRecord, Subfields, coded

KEYS = frozenset({"id", "type", "scheme", "heading", "see", "also", "same", "source", "note", "work", "field", "place", "language"})
# type -> last two digits of the tags of heading, see-from and see-also
TAGS = {"person": "00", "body": "10", "title": "30", "topic": "50", "place": "51", "genre": "55"}
# Authority numbers follow those of the bibliographic records in the arithmetic that spreads dates.
NUMBER_OFFSET = 7000


def authority_id(row: dict[str, str]) -> str:
    """001 of an authority record."""
    return f"hya{int(row['id']):05d}"


def checked(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows, when each has only known keys and ids are unique; raises FactError otherwise."""
    for row in rows:
        unknown = sorted(set(row) - KEYS)
        if unknown or row["type"] not in TAGS:
            raise FactError(f"authority {row['id']} ({row['heading']}): unknown keys or type {unknown or row['type']}")
    if len({row["id"] for row in rows}) != len(rows):
        raise FactError("an authority id is used twice")
    return rows


def authority_ids(rows: list[dict[str, str]]) -> AuthorityIds:
    """Where each heading's authority record is, by kind (`name`, or the scheme of a subject) and heading key."""
    return {(_kind(row), key(_heading(row["type"], row["heading"])[1])): authority_id(row) for row in rows}


def authority_record(row: dict[str, str], ids: AuthorityIds) -> MarcRecord:
    """The authority record: heading 1XX, variants 4XX, related headings 5XX with their ids, notes, equivalents 7XX."""
    number = NUMBER_OFFSET + int(row["id"])
    record = MarcRecord("00000nz  a2200000n  4500")
    record.control = [("001", authority_id(row)), ("003", ORGANISATION), ("005", changed_at(number)), ("008", _fixed_008(row, number))]
    thesaurus = row.get("scheme", "") if row.get("scheme") != "lcsh" else ""
    language = "swe" if row.get("scheme") in ("sao", "saogf", "barn") else "eng"
    rules = "" if _kind(row) != "name" else "rda"
    record.add("040", "  ", [("a", ORGANISATION), ("b", language), ("e", rules), ("c", ORGANISATION), ("f", thesaurus)])
    tail = TAGS[row["type"]]
    indicators, heading = _heading(row["type"], row["heading"])
    _add_dates(record, heading)
    record.add(f"1{tail}", indicators, heading)
    _add_facts(record, row)
    for text in _texts(row, "see"):
        record.add(f"4{tail}", *_heading(row["type"], text))
    for text in _texts(row, "also"):
        _add_related(record, row, text, ids)
    record.add("670", "  ", coded(row.get("source", "")))
    record.add("680" if tail in ("50", "51", "55") else "678", "  ", [("i" if tail in ("50", "51", "55") else "a", row.get("note", ""))])
    for text in _texts(row, "same"):
        scheme, _, other = text.partition("/")
        second = "0" if scheme == "lcsh" else "7"
        linked = ids.get((scheme, key(topic(other))))
        source = "" if scheme == "lcsh" else scheme
        record.add(f"7{tail}", f" {second}", [*topic(other), ("2", source), ("0", f"({ORGANISATION}){linked}" if linked else "")])
    record.sort()
    return record


def _texts(row: dict[str, str], name: str) -> list[str]:
    return [text.strip() for text in row.get(name, "").split(" ; ") if text.strip()]


def _kind(row: dict[str, str]) -> str:
    return row.get("scheme", "name")


def _heading(kind: str, text: str) -> tuple[str, Subfields]:
    if kind == "person":
        name = person(text)
        return f"{name.first_indicator} ", list(name.subfields)
    if kind == "body":
        name = corporate(text)
        return f"{name.first_indicator} ", list(name.subfields)
    return (" 0" if kind == "title" else "  "), coded(text) if kind == "title" else topic(text)


def _add_dates(record: MarcRecord, heading: Subfields) -> None:
    lived = next((text for code, text in heading if code == "d"), "").split("-")
    if all(year.isdigit() for year in lived if year) and any(lived):
        record.add("046", "  ", [("f", lived[0]), ("g", lived[1] if len(lived) > 1 else ""), ("2", "edtf")])


def _add_facts(record: MarcRecord, row: dict[str, str]) -> None:
    record.add("370", "  ", [("a", row.get("place", ""))])
    record.add("374", "  ", [("a", text) for text in _texts(row, "work")])
    record.add("372", "  ", [("a", text) for text in _texts(row, "field")])
    record.add("377", "  ", [("a", text) for text in _texts(row, "language")])


def _add_related(record: MarcRecord, row: dict[str, str], text: str, ids: AuthorityIds) -> None:
    """See-also: `g:Oceans` is a broader, `h:Atolls` a narrower, `r:...` a related heading with its own relation."""
    relation, _, other = text.partition(":") if text[1:2] == ":" else ("", "", text)
    indicators, subfields = _heading(row["type"], other)
    linked = ids.get((_kind(row), key(subfields)))
    own: Subfields = [("w", relation)] if relation else []
    record.add(f"5{TAGS[row['type']]}", indicators, [*own, *subfields, ("0", f"({ORGANISATION}){linked}" if linked else "")])


def _fixed_008(row: dict[str, str], number: int) -> str:
    """008 of an authority record (MARC 21 Format for Authority Data), 40 characters."""
    name = _kind(row) == "name"
    geographic = "i" if row["type"] == "topic" else "n"
    system = "n" if name else "a" if row.get("scheme") == "lcsh" else "z"
    uses = "aab" if name else "bbb" if row["type"] == "genre" else "bab"
    person_flag = "a" if row["type"] == "person" else "n"
    references = "a" if row.get("see") or row.get("also") else "n"
    rules = "z" if name else "n"
    head = f"{entered_on(number):%y%m%d}{geographic}||a{rules}{system}nn{uses}n"
    return f"{head}{' ' * 10} {references} a{person_flag}a{' ' * 4} c"
