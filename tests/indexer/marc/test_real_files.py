"""Every real file: number of records, what is rejected and why, legal XML, and round trips without loss (indexing.md 8)."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
from lxml import etree

from indexer.marc import (
    Outcome,
    Read,
    Rejected,
    SourceProfile,
    UnusableSource,
    content_hash,
    decode,
    decode_marcxml,
    expand,
    id_hash,
    leader_of_own_marcxml,
    pack,
    parse_own_marcxml,
    preview,
    read_file,
    to_iso2709,
    to_json,
    to_marcxml,
    unpack,
)
from indexer.marc.iso2709 import MAX_FIELD, MAX_RECORD, DoesNotFit
from indexer.marc.marcjson import decode_json
from indexer.record import Record, is_control, subfields

AUTO = SourceProfile()

FEWER = {
    "broken/jorol_not-well-formed.xml": (0, "the only record is what is ill-formed"),
    "broken/marcthulhu_loc_illegal_subfield_code.xml": (
        1,
        "the second record has a character reference that XML forbids; pymarc reads none",
    ),
    "broken/perl_badldr.usmarc": (6, "seven terminators, one of them doubled, and one stray byte behind the last record"),
    "broken/perl_sample1eof.usmarc": (1, "the second 'record' is the DOS end-of-file byte"),
    "broken/pymarc_bad_records.mrc": (6, "one record has no fields at all, one a directory that is no directory"),
    "marc8/marc4j_008008027.mrc": (18, "the file ends in the middle of the nineteenth record"),
}
"""Records that are read where it is not the number in SOURCES.md, and why."""

NOT_MARC = {"marc8/pymarc_test_marc8.txt", "marc8/pymarc_test_utf8.txt"}

NAMELESS = {
    "broken/marc4j_pride-and-prejudice-fixed.mrc.gz": 19,
    "broken/marc4j_pride-and-prejudice-with-many-errors.mrc.gz": 19,
    "broken/perl_badind.usmarc": 1,
    "broken/perl_badldr.usmarc": 6,
    "broken/perl_sample1eof.usmarc": 1,
    "broken/pymarc_bad_records.mrc": 6,
    "broken/pymarc_bad_tag.xml": 1,
    "broken/traject_bad_utf_byte.utf8.marc": 1,
    "holdings/evergreen_serials_marc21.xml": 1,
    "marc21/emory_blacklight.xml": 7,
    "marc21/helmet_finland.xml": 7,
    "marc21/libris_fixtures.xml": 4,
    "marc21/pybibframe_fixtures.xml": 2,
    "marc21/stanford_solrmarc_core.mrc.gz": 1,
    "marc21/yaz_marc_files.mrc.gz": 1,
    "marc8/datapacks_MARC21_big5.mrc": 639,
    "marc8/evergreen_nepali.marc": 96,
    "marc8/evergreen_oss.marc": 10,
}
"""Records that are read but have no 001, 999$c or 035$a: they count as records of their file, and are rejected as "no-id"."""

SKIPPED = {"authorities/zebra_collection-clasmrc.xml": 20, "marc21/lc_bibframe_testsets.xml.gz": 3}
"""Classification records (leader/06 w)."""


def listed(shared_data: Path) -> dict[str, int]:
    """Records per file as the first table of SOURCES.md has them."""
    table = (shared_data / "marc/SOURCES.md").read_text(encoding="utf-8").partition("## broken/")[0]
    return {name: int(count.replace(",", "")) for name, count in re.findall(r"^\| (\S+/\S+) \| ([\d,]+) \|", table, re.MULTILINE)}


def pymarc_delivers(shared_data: Path) -> dict[str, int]:
    """Records that pymarc delivers of each broken file, as measured in SOURCES.md."""
    table = (shared_data / "marc/SOURCES.md").read_text(encoding="utf-8").partition("## broken/")[2]
    rows = re.findall(r"^\| (broken/\S+) \| (.*) \|", table, re.MULTILINE)
    counts = {name: re.search(r"pymarc ok (\d+)|pymarc XML: (\d+) records", told) for name, told in rows}
    return {name: int(found[1] or found[2]) if found else 0 for name, found in counts.items()}


def record_of(outcome: Outcome) -> Record | None:
    """The record of an outcome that has one, also when it is rejected for having no number."""
    return outcome.record if isinstance(outcome, Read | Rejected) else None


@pytest.fixture(scope="module")
def outcomes(shared_data: Path) -> dict[str, list[Outcome]]:
    """All outcomes of the smaller files; the big ones are read in `test_large_files`."""
    found: dict[str, list[Outcome]] = {}
    for name, count in listed(shared_data).items():
        if name not in NOT_MARC and count <= 1500:
            found[name] = list(read_file(shared_data / "marc" / name, AUTO))
    return found


def test_every_small_file_has_the_listed_number_of_records(outcomes: dict[str, list[Outcome]], shared_data: Path):
    counts = listed(shared_data)
    assert len(outcomes) > 100
    for name, found in outcomes.items():
        read = sum(record_of(outcome) is not None for outcome in found) + SKIPPED.get(name, 0)
        assert read == FEWER.get(name, (counts[name],))[0], name


def test_what_is_rejected_is_known(outcomes: dict[str, list[Outcome]]):
    nameless, reasons = {}, {}
    for name, found in outcomes.items():
        rejected = Counter(outcome.reason for outcome in found if isinstance(outcome, Rejected))
        if rejected.get("no-id"):
            nameless[name] = rejected.pop("no-id")
        if rejected:
            reasons[name] = dict(rejected)
    assert nameless == NAMELESS
    assert reasons == {
        "broken/jorol_not-well-formed.xml": {"xml": 1},
        "broken/marcthulhu_loc_illegal_subfield_code.xml": {"xml": 1},
        "broken/perl_badldr.usmarc": {"truncated": 1},
        "broken/pymarc_bad_records.mrc": {"directory": 1, "no-fields": 1},
        "marc8/marc4j_008008027.mrc": {"truncated": 1},
    }


def test_what_is_skipped_is_known(outcomes: dict[str, list[Outcome]]):
    skipped = {name: sum(not isinstance(one, Read | Rejected) for one in found) for name, found in outcomes.items()}
    assert {name: count for name, count in skipped.items() if count} == SKIPPED


def test_no_broken_file_gives_less_than_pymarc_reads(outcomes: dict[str, list[Outcome]], shared_data: Path):
    theirs = pymarc_delivers(shared_data)
    assert len(theirs) > 50
    for name, count in theirs.items():
        assert sum(record_of(outcome) is not None for outcome in outcomes[name]) >= count, name


def test_records_after_damage_are_read(outcomes: dict[str, list[Outcome]], shared_data: Path):
    for name, found in outcomes.items():
        if name.startswith("broken/") and not name.endswith((".xml", ".gz")) and name not in FEWER:
            terminators = (shared_data / "marc" / name).read_bytes().count(b"\x1d")
            assert len(found) == terminators, name
            assert record_of(found[-1]) is not None, name


@pytest.mark.parametrize("name", sorted(NOT_MARC))
def test_files_that_are_no_marc_are_refused(name: str, shared_data: Path):
    with pytest.raises(UnusableSource):
        list(read_file(shared_data / "marc" / name, AUTO))


def test_a_directory_search_finds_all_files_but_those(shared_data: Path):
    found = {str(path.relative_to(shared_data / "marc")) for path in expand([str(shared_data / "marc")]) if path != "-"}
    assert found == set(listed(shared_data)) - NOT_MARC - {"unimarc/bncf_unimarctest.xml"}


@pytest.fixture(scope="module")
def schema(shared_data: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared_data / "xsd/sru/records/MARC21slim.xsd"))


def check_round_trips(record: Record) -> bytes:
    """Asserts that nothing is lost on the way to any form and back; gives the MARCXML."""
    packed, form = pack(record)
    again = unpack(packed, form, record.format, record.kind)
    assert (again.fields, content_hash(again)) == (record.fields, content_hash(record))
    profile = SourceProfile(format=record.format)
    assert decode_json(to_json(record), profile).fields == record.fields
    try:
        raw = to_iso2709(record)
        assert form == "iso2709"
        assert decode(raw, profile).fields == record.fields
    except DoesNotFit:
        sizes = [len(body.encode()) + 1 for _, body in record.fields]
        assert max(sizes) > MAX_FIELD or sum(sizes) + 12 * len(sizes) + 26 > MAX_RECORD
    xml = to_marcxml(record)
    controls = [field for field in record.fields if is_control(*field)]
    data = [field for field in record.fields if not is_control(*field) and subfields(field[1])]
    own = parse_own_marcxml(xml)
    assert len(own) == len(controls) + len(data)
    for (tag, body), (own_tag, own_body) in zip([*controls, *data], own, strict=True):
        is_usual = re.fullmatch("0[1-9][0-9]|[1-9][0-9]{2}|00[1-9]", tag) and re.fullmatch("[0-9a-z ]{2}\x1f.*", body, re.DOTALL)
        assert [text for _, text in subfields(own_body)] == [text for _, text in subfields(body)]
        if is_usual and not re.search("\x1f[@|]", body) and not tag.startswith("00"):
            assert (own_tag, own_body) == (tag, body)
    return xml


def check_all(records: Iterator[Record], schema: etree.XMLSchema, every: int = 1) -> int:
    """Round trips of every n-th record; all MARCXML is legal. Gives the number of records."""
    count, waiting = 0, []
    for count, record in enumerate(records, 1):
        waiting.append(check_round_trips(record) if count % every == 0 else to_marcxml(record))
        if len(waiting) == 500:
            check_legal(waiting, schema)
            waiting.clear()
    check_legal(waiting, schema)
    return count


def check_legal(elements: list[bytes], schema: etree.XMLSchema) -> None:
    whole = b'<collection xmlns="http://www.loc.gov/MARC21/slim">' + b"".join(elements) + b"</collection>"
    root = etree.fromstring(whole, etree.XMLParser(huge_tree=True))
    schema.assertValid(root)
    for node, element in zip(root, elements, strict=True):
        assert node[0].text == leader_of_own_marcxml(element)


@pytest.mark.slow
def test_records_of_small_files_are_legal_xml_and_lose_nothing(outcomes: dict[str, list[Outcome]], schema: etree.XMLSchema):
    records = (record for name, found in outcomes.items() if not name.startswith("marc21/") for record in map(record_of, found) if record)
    assert check_all(records, schema, every=2) > 9000


@pytest.mark.slow
def test_large_files_have_the_listed_records_which_are_legal_xml_and_lose_nothing(shared_data: Path, schema: etree.XMLSchema):
    def read(path: Path, counts: Counter[str]) -> Iterator[Record]:
        for outcome in read_file(path, AUTO):
            record = record_of(outcome)
            counts["read" if isinstance(outcome, Read) else outcome.reason if isinstance(outcome, Rejected) else "skipped"] += 1
            if record:
                yield record

    for name, count in listed(shared_data).items():
        if count > 1500 or (name.startswith("marc21/") and count):
            counts: Counter[str] = Counter()
            read_count = check_all(read(shared_data / "marc" / name, counts), schema, every=20)
            assert read_count + SKIPPED.get(name, 0) == count, name
            assert counts["no-id"] == NAMELESS.get(name, 0), name
            assert not set(counts) - {"read", "no-id", "skipped"}, name


def test_the_first_pass_agrees_with_reading(shared_data: Path, outcomes: dict[str, list[Outcome]]):
    for name, found in outcomes.items():
        seen = preview(shared_data / "marc" / name, AUTO)
        if not name.endswith((".xml", ".xml.gz")) or not name.startswith("broken/"):
            assert seen.record_count == len(found), name
            for outcome in found:
                if isinstance(outcome, Read):
                    assert seen.ids[outcome.ordinal - 1] in {id_hash(outcome.identity.record_id, outcome.record.kind), 0}, name


@pytest.mark.parametrize(
    ("name", "count", "different"), [("nbs_report", 993, 0), ("nist_special_publication", 752, 5), ("nistir", 1447, 1)]
)
def test_marc8_exports_equal_the_utf8_exports_of_the_same_records(name: str, count: int, different: int, shared_data: Path):
    """The six known ones: five where the exporter made text of a broken escape sequence, one with other ligature marks."""
    marc8, utf8 = (read_file(shared_data / f"marc/marc8/gpo_{name}_{form}.mrc.gz", AUTO) for form in ("marc8", "utf8"))
    pairs = [(one.record, two.record) for one, two in zip_longest(marc8, utf8) if isinstance(one, Read) and isinstance(two, Read)]
    assert len(pairs) == count
    assert sum(one.fields != two.fields for one, two in pairs) == different
    assert sum(content_hash(one) != content_hash(two) for one, two in pairs) == different


def test_the_big5_file_is_readable_with_its_charset(shared_data: Path):
    path = shared_data / "marc/marc8/datapacks_MARC21_big5.mrc"
    clean = [record for record in map(record_of, read_file(path, SourceProfile(charset_fallback="big5"))) if record and not record.warnings]
    assert len(clean) > 500


def test_the_iso_5426_file_loses_nothing(shared_data: Path):
    records = [
        outcome.record for outcome in read_file(shared_data / "marc/unimarc/bnf_1000_iso5426.mrc.gz", AUTO) if isinstance(outcome, Read)
    ]
    assert len(records) == 1000
    assert {record.format for record in records} == {"unimarc"}
    assert {word for record in records for word in record.warnings} == {"charset-flag"}


@pytest.mark.parametrize(("name", "fields"), [("3195846.mrc", 2900), ("3195846.xml", 2900), ("4332640.xml", 1500), ("7621542.xml", 900)])
def test_a_record_that_was_split_becomes_one_again(name: str, fields: int, shared_data: Path):
    path = shared_data / f"marc/large/stanford_{name}.gz"
    (merged,) = read_file(path, SourceProfile(merge_same_id=True))
    assert isinstance(merged, Read)
    assert len(merged.record.bodies("245")) == 1
    assert len(merged.record.fields) > fields
    check_round_trips(merged.record)


def test_a_record_of_four_megabytes_is_one_record(shared_data: Path):
    (outcome,) = read_file(shared_data / "marc/large/lobid_990054089950206441.xml.gz", AUTO)
    assert isinstance(outcome, Read)
    assert len(outcome.record.fields) > 4600
    assert pack(outcome.record)[1] == "marcxml"
    assert decode_marcxml(outcome.raw, AUTO).fields == outcome.record.fields
    with pytest.raises(DoesNotFit):
        to_iso2709(outcome.record)


def test_the_same_records_as_json_and_iso_2709_are_equal(shared_data: Path):
    as_json = read_file(shared_data / "marc/marcjson/libris_bib.jsonl", AUTO)
    as_iso = read_file(shared_data / "marc/marc21/libris_bib.mrc", AUTO)
    pairs = list(zip(as_json, as_iso, strict=True))
    assert len(pairs) == 28
    for one, two in pairs:
        assert isinstance(one, Read)
        assert isinstance(two, Read)
        assert one.record.fields == two.record.fields
        assert content_hash(one.record) == content_hash(two.record)
