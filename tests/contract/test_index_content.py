"""What each index finds, over MARC (sru-cql.md 16.3 and 16.4): one record per field and subfield that the tables name."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cql.matcher import matches
from cql.parser import parse
from cql.planner import plan_query
from cql.tree import quoted
from indexer.extract import Extractor
from indexer.fields import FieldTable, load_field_table
from indexer.record import Format, Record

WORD = "Zyxwv"
NOW = datetime(2026, 1, 2, tzinfo=UTC)

# Index | fields of MARC 21 | fields of UNIMARC. `245abf`: each of these subfields on its own; `600-630t`: a range of tags that exist.
WORDS = """
dc.title | 130a 210a 222a 240a 242a 243a 245abfgknps 246a 247a 505t 600,610,611,630t 700,710,711t 730a 740a 780t 785t \
| 200acdei 500,501,503,510,512,513,514,515,516,517,518,520,530,531,532,540,541a 411,421,422,423,430,440,454,461,463,464,488t
bib.titleUniform | 130a 240a 730a 700,710,711t | 500a 501a 503a
bib.titleSeries | 440a 490a 800,810,811t 830a | 225adehi 410t
bib.titleAbbreviated | 210a 246a | 531a 532a
bath.keyTitle | 222a | 530a
bib.titleAlternative | 246a 247a 740a | 510,512,513,514,515,516,517,518,520a
dc.creator | 100,110,111,700,710,711,720a 245c | 700,701,702,710,711,712,716,720,721,722,730a 200fg
dc.contributor | 700,710,711,720a | 701,702,711,712a
bath.name | 100,110,111,700,710,711,720a 600,610,611,800,810,811a | 700,701,702,710,711,712a 600,602a 601a/0 601a/1
bath.personalName | 100,600,700,800a | 600,700,701,702a
bath.corporateName | 110,610,710,810a | 601,710,711,712a/0
bath.conferenceName | 111,611,711,811a | 601,710,711,712a/1
dc.subject | 600,610,611,630,647,648,650,651,653,654,655,656,657,658,662,690,691,695,696,697,698,699a 650avxyz \
| 600,601,602,604,605,606,607,608,610,615,616,617a
bath.topicalSubject | 650a 653a | 606a 610a
bath.geographicName | 651a 751a 650z | 607a
bath.genreForm | 655a 600,610,611,630,650,651v | 608a
bib.subjectName | 600a 610a 611a | 600a 601a 602a
bib.subjectTitle | 630a 600,610,611t | 605a
bib.subjectOccupation | 656a |
dc.description | 520a | 330a
dc.note | 500,501,502,504,505,510,511,515,518,521,530,533,530,532,534,538,545,546,586a | 300,301,302,303,304,305,327,334,336,337a
dc.publisher | 260b 264b/#1 | 210c 214c 071b
bib.originPlace | 260a 264a | 210a 214a
dc.type | | 200b
dc.format | 300a 338a | 215a
bib.edition | 250a | 205a
dc.source | 773at 786t 534t | 461,462,463,464t
dc.relation | 760,762,765,767,770,772,773,774,775,776,777,780,785,786,787t 530a | 410,421,423,430,440,451,452,454,461,463,488t
dc.coverage | 034a 522a 651a 255a 648a | 607a 206a
dc.rights | 506a 540a 542a | 310a 371a
koha.aud | 521a | 333a
cql.anywhere | 245a 100a 500a 650a 260b 035a | 200a 700a 300a 606a 210c
"""

# Index | value as it is written | what is asked, the same when left out | fields of MARC 21 | fields of UNIMARC
VALUES = """
bath.isbn | 0-306-40615-2 | 9780306406157 | 020az | 010az
bath.issn | 0317-8471 | 03178471 | 022alyz | 011afyz
dc.identifier | 0-306-40615-2 | 0306406152 | 020a | 010a
dc.identifier | 0317-8471 | | 022a | 011a
dc.identifier | abc123 | | 010a 015a 024a 027a 028a 030a 035a | 020b 035a 071a
dc.identifier | http://x.example/y | | 856u | 856u
koha.language-original | fre | | 041h | 101c
dc.language | fre | | 041ad | 101a
koha.lc-card | 2001627090 | | 010a |
bath.lccn | QA76.73 | | 050a | 680a
bath.dcc | 577.789 | | 082a | 676a
koha.udc | 621.39 | | 080a | 675a
koha.nlm | WD100 | | 060a |
koha.copydate | 1987 | | 260c 264c | 210d
dc.date | 1987 | | 260c 264c/#1 046c 046k | 210d 214d
bath.possessingInstitution | Xyz | | 850a 852a | 930b
koha.Control-number | ab12 | | 001 | 001
koha.an | 4711 | | 100,650,700,8309 | 700,606,7019
koha.biblionumber | 4711 | | 999c |
dc.itemtype | BOOK | | 942c 952y | 995r
koha.barcode | 39999000001 | | 952p | 995f
koha.homebranch | CPL | | 952a | 995b
koha.holdingbranch | FPL | | 952b | 995c
koha.location | CART | | 952c | 995e
koha.ccode | REF | | 9528 | 995h
koha.callnum | PT9876 | | 952o | 995k
koha.cn-sort | PT_09876 | | 9526 |
koha.notforloan | 1 | | 9527 | 995o
koha.withdrawn | 1 | | 9520 |
koha.lost | 1 | | 9521 |
koha.damaged | 1 | | 9524 |
koha.restricted | 1 | | 9525 |
koha.acqdate | 2020-01-02 | | 952d |
koha.datelastseen | 2020-01-02 | | 952r |
koha.issues | 17 | | 952l |
koha.itemnumber | 1001 | | 9529 |
koha.stocknumber | INV7 | | 952i |
bib.volume | 12 | | 773g=vol. 12, no. 3, p. 45-67 | 461,463v=vol. 12, no. 3, p. 45-67
bib.issue | 3 | | 773g=vol. 12, no. 3, p. 45-67 | 461,463v=vol. 12, no. 3, p. 45-67
bib.startPage | 45 | | 773g=vol. 12, no. 3, p. 45-67 | 461,463v=vol. 12, no. 3, p. 45-67
bib.endPage | 67 | | 773g=vol. 12, no. 3, p. 45-67 | 461,463v=vol. 12, no. 3, p. 45-67
bib.classification | 577.789 | | 082a | 676a
"""

# Index | what is asked | MARC 21 008 | UNIMARC 100 a
CODED = """
dc.date | 1987 | 240115s1987    sw ab    b    001 0 swe d | 20240115d1987    m  y0swey50      ba
dc.date | encloses 1990 | 240115m19871999sw ab    b    001 0 swe d | 20240115g19871999m  y0swey50      ba
dc.language | swe | 240115s1987    sw ab    b    001 0 swe d |
rec.creationDate | 2024-01-15 | 240115s1987    sw ab    b    001 0 swe d | 20240115d1987    m  y0swey50      ba
bib.originPlace | sw | 240115s1987    sw ab    b    001 0 swe d |
dc.type | book | 240115s1987    sw ab    b    001 0 swe d | 20240115d1987    m  y0swey50      ba
dc.format | o | 240115s1987    sw ab   ob    001 0 swe d |
koha.ctype | b | 240115s1987    sw ab    b    001 0 swe d |
koha.ta | j | 240115s1987    sw ab  j b    001 0 swe d | 20240115d1987    a  y0swey50      ba
koha.fic | 1 | 240115s1987    sw ab    b    001 1 swe d |
koha.bio | a | 240115s1987    sw ab    b    001 0aswe d |
bib.issuance | m | 240115s1987    sw ab    b    001 0 swe d | 20240115d1987    m  y0swey50      ba
koha.rtype | a | 240115s1987    sw ab    b    001 0 swe d | 20240115d1987    m  y0swey50      ba
rec.lastModificationDate | 2024-01-15 | 240115s1987    sw ab    b    001 0 swe d | 20240115d1987    m  y0swey50      ba
"""

AUTHORITIES = """
koha.Heading | 100,110,111,130,150,151,155a | 200,210,215,220,230,250,280a
koha.Match-heading | 100,110,150a | 200,210,250a
koha.See | 400,410,411,430,450,451,455a | 400,410,415,430,450,480a
koha.See-also | 500,510,511,530,550,551,555a | 500,510,515,530,550,580a
bath.personalName | 100a | 200a
bath.corporateName | 110a | 210a/0
bath.conferenceName | 111a | 210a/1
bath.uniformTitle | 130a | 230a
bath.topicalSubject | 150a | 250a
bath.geographicName | 151a | 215a
bath.genreForm | 155a | 280a
cql.anywhere | 100a 400a 500a | 200a 400a 500a
"""


def _places(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Tag, subfield code, indicators and, if given, content of each place in a cell: `700,710t`, `601a/0`, `264b/#1`, `773g=vol. 1`."""
    cell, _, content = text.partition("=")
    for part in cell.split():
        tags, codes, indicators = re.fullmatch(r"((?:...,)*...)([a-z0-9]*)(?:/(..?))?", part).groups()  # type: ignore[union-attr]
        for tag in tags.split(","):
            for code in codes or " ":
                yield tag, code, (indicators or "").replace("#", " ").ljust(2), content


def rows(text: str) -> Iterator[list[str]]:
    for line in text.strip().split("\n"):
        yield [cell.strip() for cell in line.split("|")]


def word_cases(text: str) -> Iterator[Any]:
    for index, *cells in rows(text):
        for form, cell in zip(("marc21", "unimarc"), cells, strict=True):
            for tag, code, indicators, _ in _places(cell):
                yield pytest.param(index, form, tag, code, indicators, id=f"{index}-{form}-{tag}{code.strip()}{indicators.strip()}")


def value_cases() -> Iterator[Any]:
    for index, written, asked, *cells in rows(VALUES):
        for form, cell in zip(("marc21", "unimarc"), cells, strict=True):
            for tag, code, indicators, content in _places(cell):
                field = _field(tag, code, indicators, content or written)
                yield pytest.param(index, form, field, asked or written, id=f"{index}-{form}-{tag}{code.strip()}")


@pytest.fixture(scope="module")
def table() -> FieldTable:
    return load_field_table()


def finds(table: FieldTable, database: Any, record: Record, query: str) -> bool:
    extractor = Extractor(table, current_year=2026)
    number = record.control("001").strip()
    document = extractor.document(record, "r1", 1, NOW, control_number=number, source="main")
    return matches(plan_query(parse(query), table.index_table(database)).plan, document)


def _field(tag: str, code: str, indicators: str, value: str) -> tuple[str, str]:
    return (tag, value) if tag < "010" else (tag, f"{indicators}\x1f{code}{value}")


@pytest.mark.parametrize(("index", "form", "tag", "code", "indicators"), [*word_cases(WORDS)])
def test_an_index_of_words_has_each_field_of_its_row(
    table: FieldTable, index: str, form: Format, tag: str, code: str, indicators: str
) -> None:
    record = Record("00000cam a2200000 a 4500", [("001", "1"), _field(tag, code, indicators, f"{WORD} and more")], form)
    assert finds(table, "biblios", record, f"{index} = {WORD}")
    assert not finds(table, "biblios", record, f"{index} = zyxwvu")


@pytest.mark.parametrize(("index", "form", "field", "asked"), [*value_cases()])
def test_an_index_of_values_has_each_field_of_its_row(
    table: FieldTable, index: str, form: Format, field: tuple[str, str], asked: str
) -> None:
    record = Record("00000cam a2200000 a 4500", [field], form)
    assert finds(table, "biblios", record, f"{index} = {quoted(asked)}")
    empty = Record("00000cam a2200000 a 4500", [("245", "00\x1faAnother")], form)
    assert not finds(table, "biblios", empty, f"{index} = {quoted(asked)}")


@pytest.mark.parametrize(("index", "asked", "old", "new"), [*rows(CODED)], ids=lambda value: value[:24])
def test_an_index_of_codes_reads_fixed_fields(table: FieldTable, index: str, asked: str, old: str, new: str) -> None:
    query = f"{index} {asked}" if asked.startswith("encloses") else f"{index} = {asked}"
    assert finds(table, "biblios", Record("00000cam a2200000 a 4500", [("008", old), ("005", "20240115120000.0")]), query)
    if new:
        unimarc = Record("00000cam0 2200000   450 ", [("005", "20240115120000.0"), ("100", f"  \x1fa{new}")], "unimarc")
        assert finds(table, "biblios", unimarc, query)


@pytest.mark.parametrize(("index", "form", "tag", "code", "indicators"), [*word_cases(AUTHORITIES)])
def test_an_index_of_authorities_has_each_field_of_its_row(
    table: FieldTable, index: str, form: Format, tag: str, code: str, indicators: str
) -> None:
    record = Record("00000nz  a2200000n  4500", [("001", "1"), _field(tag, code, indicators, f"{WORD} and more")], form, "authority")
    assert finds(table, "authorities", record, f"{index} = {WORD}")


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("koha.authtype = TOPIC_TERM", [("942", "  \x1faTOPIC_TERM")]),
        ("rec.id = r1", [("001", "x")]),
        ("koha.Authority-Number = r1", [("001", "x")]),
        ("koha.Subject-heading-thesaurus = lcsh", [("008", "900101n| azannaabn          |a aaa      "), ("150", "  \x1faSea")]),
        (
            "koha.Subject-heading-thesaurus = sao",
            [("008", "900101n| azznnaabn          |a aaa      "), ("040", "  \x1ffsao"), ("150", "  \x1faSea")],
        ),
        ("rec.lastModificationDate = 2024-01-15", [("005", "20240115120000.0")]),
        ("cql.allRecords = 1", [("001", "x")]),
    ],
)  # fmt: skip
def test_the_other_indexes_of_authorities(table: FieldTable, query: str, fields: list[tuple[str, str]]) -> None:
    assert finds(table, "authorities", Record("00000nz  a2200000n  4500", fields, "marc21", "authority"), query)
