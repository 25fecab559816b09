"""Extraction: golden documents of small records, and what must hold for every record.

`tests/golden/extract/NAME.json` holds a record, named by what is odd about it, and its document. A field is written
`245 10 $aTitle`; in a document only what is there is listed. After a wanted change:
`HYLLA_WRITE_GOLDEN=1 pytest tests/indexer/test_extract.py`, and read the difference.
"""

import json
import os
import re
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.document import Document
from indexer.extract import Extractor
from indexer.fields import load_field_table
from indexer.functions.items import Item
from indexer.marc import Read, SourceProfile, UnusableSource, read_file
from indexer.record import Record

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "extract"
NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
YEAR = 2024


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor(load_field_table(), YEAR)


def field(written: str) -> tuple[str, str]:
    """`245 10 $aTitle` -> tag and body; fields without `$` are control fields."""
    tag, rest = written[:3], written[4:]
    if "$" not in rest:
        return tag, rest
    indicators, _, subfields = rest.partition("$")
    return tag, "\x1f".join([indicators[:2], *re.split(r"\$(?=[a-z0-9])", subfields)])


def record(*written: str, leader: str = "00000cam a2200000 a 4500", **more: str) -> Record:
    return Record(leader, [field(one) for one in written], **more)  # type: ignore[arg-type]


def made(extractor: Extractor, one: Record, **more: object) -> Document:
    number = one.control("001").strip()
    return extractor.document(one, f"tst:{number}", 7, NOW, control_number=number, control_org=one.control("003"), source="tst", **more)  # type: ignore[arg-type]


def as_plain(document: Document) -> dict[str, object]:
    plain = asdict(document) | {"datestamp": document.datestamp.isoformat()}
    return {name: value for name, value in plain.items() if value not in ({}, [], "")}


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_golden_document(path: Path, extractor: Extractor):
    golden = json.loads(path.read_text("utf-8"))
    one = record(*golden["fields"], leader=golden["leader"], format=golden["format"], kind=golden["kind"])
    document = as_plain(made(extractor, one))
    if os.environ.get("HYLLA_WRITE_GOLDEN"):
        golden["document"] = json.loads(json.dumps(document))
        path.write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert document == golden["document"]
    assert list(document) == list(golden["document"])
    for part in ("text", "variants", "keys", "numbers", "sorts", "shown"):
        assert list(document.get(part, {})) == list(golden["document"].get(part, {})), part


def real_records(folder: Path, count: int, every: int = 1) -> list[Record]:
    """Records of the files of a folder in turn, the same ones each time."""
    found: list[Record] = []
    for path in sorted(folder.iterdir()):
        form = "unimarc" if folder.name == "unimarc" else "auto"
        try:
            got = [
                one.record for one in islice(read_file(path, SourceProfile(format=form)), 0, count * every, every) if isinstance(one, Read)
            ]
        except UnusableSource:
            continue
        found += got
    return found


def test_the_same_record_gives_the_same_document_whatever_came_before(shared_data: Path):
    records = [*real_records(shared_data / "marc" / "marc21", 30), *real_records(shared_data / "marc" / "unimarc", 20)]
    assert len(records) >= 1000
    table = load_field_table()
    one, other = Extractor(table, YEAR), Extractor(table, YEAR)
    first = [as_plain(made(one, each)) for each in records]
    second = [as_plain(made(other, each)) for each in reversed(records)][::-1]
    assert [json.dumps(each) for each in first] == [json.dumps(each) for each in second]
    assert [as_plain(made(one, each)) for each in records] == first


@pytest.mark.parametrize("folder", ["authorities", "broken", "edge", "holdings", "large", "marc8", "marcjson", "unimarc", "marc21"])
def test_no_record_of_the_collection_is_too_odd(folder: str, shared_data: Path, extractor: Extractor):
    records = real_records(shared_data / "marc" / folder, 25, every=3)
    assert records
    for one in records:
        document = made(extractor, one)
        assert document.hidden == "deleted" or document.keys["id"]
        for name, occurrences in document.text.items():
            assert len(set(occurrences)) == len(occurrences)
            assert all(each == " ".join(each.split()) != "" for each in occurrences), name


def test_one_field_extracted_alone_is_that_of_the_document(shared_data: Path, extractor: Extractor):
    records = [*real_records(shared_data / "marc" / "marc21", 3), *real_records(shared_data / "marc" / "edge", 9)]
    for one in records:
        document = made(extractor, one)
        for name in extractor.table.collection("biblios").fields:
            if name.kind == "text":
                alone = extractor.extract_field(one, name.name, record_id=document.id, control_number=one.control("001").strip())
                assert [" ".join(tokens) for tokens in alone] == document.text.get(name.name, [])


def test_a_field_without_words_cannot_be_extracted_alone(extractor: Extractor):
    with pytest.raises(KeyError):
        extractor.extract_field(record("245 10 $aSea"), "isbn")


def test_explanation_names_a_rule_for_every_value(shared_data: Path, extractor: Extractor):
    for one in [*real_records(shared_data / "marc" / "marc21", 2), *real_records(shared_data / "marc" / "authorities", 5)]:
        document = made(extractor, one)
        told = {(each.field, each.key) for each in extractor.explain(one)}
        for name, occurrences in document.text.items():
            if name != "anywhere":
                assert {(name, each) for each in occurrences} <= told


def test_explanation_tells_field_rule_value_and_key(extractor: Extractor):
    told = extractor.explain(record("245 10 $aSea and wind /$cA. Ferrari."))
    assert ("title", "245(abnp)", "Sea and wind /", "sea and wind") in told
    assert ("author", "245(c)", "A. Ferrari.", "a ferrari") in told


pieces = st.text(st.sampled_from("abt06 -./'ÅłﬁЖ東\x98\x9c\x1f"), max_size=12)
bodies = st.one_of(pieces, st.lists(pieces, max_size=4).map(lambda texts: "10\x1f" + "\x1f".join(texts)))
tags = st.sampled_from(
    ["001", "005", "008", "020", "024", "035", "041", "100", "245", "264", "490", "505", "650", "700", "773", "856", "880", "952", "A1b"]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(tags, bodies), max_size=8), st.sampled_from(["marc21", "unimarc"]), st.text(max_size=30))
def test_no_sequence_of_fields_is_too_odd(fields, form, leader):
    extractor = ODD
    document = made(extractor, Record(leader, fields, form))
    again = made(extractor, Record(leader, fields, form))
    assert document == again


ODD = Extractor(load_field_table(), YEAR)


def test_variant_headings_of_an_authority_are_found_by_the_records_that_name_it(extractor: Extractor):
    one = record("001 1", "100 1  $aTwain, Mark$0(SE-LIBR)7", "245 10 $aX", "650  0 $aAlgae$9812")
    assert extractor.authority_ids(one) == ["(SE-LIBR)7", "7", "812"]
    variants = {"(SE-LIBR)7": ["Clemens, Samuel Langhorne"], "812": ["Seaweed"], "algae": ["Tång"], "99": ["Other"]}
    document = made(extractor, one, see_from=variants)
    assert document.text["author_see"] == ["clemens samuel langhorne"]
    assert document.text["subject_see"] == ["seaweed", "tang"]
    assert "clemens samuel langhorne" in document.text["anywhere"]
    assert "author_see" not in document.keys
    assert extractor.extract_field(one, "subject_see", see_from=variants) == [["seaweed"], ["tang"]]


def test_items_given_from_outside_take_the_place_of_those_in_the_record(extractor: Extractor):
    one = record("001 1", "245 10 $aX", "952    $aMAIN$p1")
    assert made(extractor, one).keys["item_barcode"] == ["1"]
    document = made(extractor, one, items=[Item(home="NORTH", barcode="2"), Item(home="SOUTH", barcode="3", due="2024-06-01")])
    assert document.keys["item_barcode"] == ["2", "3"]
    assert document.numbers["items_total"] == [2]
    assert document.numbers["items_available"] == [1]
    assert document.shown["item_home"] == {"north": "NORTH", "south": "SOUTH"}
    assert "items_total" not in made(extractor, one, items=[]).numbers


@pytest.mark.parametrize(
    ("leader", "given", "hidden"),
    [("00000nam", None, ""), ("00000dam", None, "deleted"), ("00000dam", "", ""), ("00000nam", "suppressed", "suppressed")],
)
def test_hidden_state_is_as_given_or_as_the_record_says(leader: str, given: str | None, hidden: str, extractor: Extractor):
    document = made(extractor, record("001 1", "245 10 $aX", leader=leader), hidden=given)
    assert document.hidden == hidden
    assert bool(document.text) == (hidden != "deleted")


def test_stored_forms_are_put_in_only_when_given(extractor: Extractor):
    assert made(extractor, record("001 1")).stored == {}
    assert made(extractor, record("001 1"), stored={"marcxml": b"<record/>"}).stored == {"marcxml": b"<record/>"}


def with_overlay(overlay: str) -> Extractor:
    return Extractor(load_field_table(text=overlay), YEAR)


LOCAL = """
fields:
  shelf: {type: keyword, facet: true, marc21: ["952(c)"], translate: {CHILD: Children, REF: Reference}}
  first_author: {type: text, marc21: [{tag: "700", take: (a), first: true}]}
  parts: {type: code, marc21: [{tag: "900", take: a, split: "[;,]", pipe: [trim, unique, "max:2"]}]}
  chunks: {type: code, marc21: [{tag: "901", take: a, split: 3}]}
  prefixed: {type: code, normalise: verbatim, marc21: [{tag: "902", take: a, prefix: "x-"}]}
  fallback: {type: code, marc21: [{tag: "903", take: a, default: none}]}
  level: {type: code, marc21: [leader_/17-18, {tag: "008", range: 35-37}]}
  vernacular: {type: text, marc21: [{tag: "880", link: "245", take: (a)}]}
  aside: {type: text}
  moved: {type: text, marc21: [{tag: "904", take: (a), to: aside}]}
  doors: {type: number, sort: true, marc21: [905a]}
  flagged: {type: code, marc21: [{tag: "906", value: yes-it-is, when: {has: a, not_has: z}}]}
  by_role: {type: text, marc21: [{tag: "700", take: (a), when: {relator: [ill]}}]}
  titles: {type: text, sort: true, marc21: ["245(a)", {tag: "246", take: (a), sort: false}]}
  all_titles: {type: text, sort: true, sort_joined: true, marc21: ["245(a)"]}
  themes: {type: keyword, sort: true, marc21: ["650(a)"]}
  numbers: {type: identifier, normalise: isbn, sort: true, marc21: [020a]}
  classes: {type: code, sort: true, sort_joined: true, marc21: [907a]}
"""


@pytest.mark.parametrize(
    ("fields", "name", "values"),
    [
        (["952    $cCHILD", "952    $cOther"], "shelf", ["children", "other"]),
        (["700 1  $aEk, Per", "700 1  $aAlm, Eva"], "first_author", ["ek per"]),
        (["900    $ab; c, b ,d"], "parts", ["b", "c"]),
        (["901    $aengfreg"], "chunks", ["eng", "fre", "g"]),
        (["902    $aQ"], "prefixed", ["x-Q"]),
        (["245 10 $aX"], "fallback", ["none"]),
        (["903    $aY"], "fallback", ["y"]),
        (["008 240115s2019    sw ab    b    001 0 swe d"], "level", ["a", "swe"]),
        (["245 10 $6880-01$aMore", "880 10 $6245-01$aМоре", "880 10 $6246-01$aНет"], "vernacular", ["море"]),
        (["904    $aOver here"], "aside", ["over here"]),
        (["904    $aOver here"], "moved", None),
        (["905    $a12", "905    $a-3", "905    $atwo"], "doors", [12, -3]),
        (["906    $a1"], "flagged", ["yes-it-is"]),
        (["906    $a1$z2"], "flagged", None),
        (["700 1  $aEk, Per$eillustrator", "700 1  $aAlm, Eva$4aut"], "by_role", ["ek per"]),
    ],
)
def test_long_rules(fields: list[str], name: str, values: list[object] | None):
    document = made(with_overlay(LOCAL), record("001 1", *fields, leader="00000cam a2200000 a 4500"))
    found = {**document.keys, **document.numbers, **document.text}
    assert found.get(name) == values


@pytest.mark.parametrize(
    ("fields", "name", "lowest", "highest"),
    [
        (["245 10 $aZ 9", "245 10 $aY", "246 1  $aLeft out"], "titles", "y", "z 00000009"),
        (["245 10 $a!", "245 10 $aY"], "titles", "y", "y"),
        (["245 10 $a!"], "titles", None, None),
        (["245 10 $aZ 9", "245 10 $aY"], "all_titles", "z 00000009 y", None),
        (["905    $a12", "905    $a-3", "905    $a105"], "doors", "-999999999997", "000000000105"),
        (["905    $a12"], "doors", "000000000012", "000000000012"),
        (["650  0 $aWinds", "650  0 $aÅska", "650  0 $aSea"], "themes", "aska", "winds"),
        (["020    $a9780306406157", "020    $a0195069978"], "numbers", "9780195069976", "9780306406157"),
        (["907    $ab", "907    $aa"], "classes", "b a", None),
        (["008 240115s2019    sw ab    b    001 0 swe d", "041 0  $aswe$aeng$afre"], "language", "eng", "swe"),
        (["008 240115m19901999sw ab    b    001 0 swe d"], "year", "000000001990", None),
        (["952    $d2020-01-02", "952    $d2019-12-31"], "item_acquired", "000020191231", "000020200102"),
    ],
)
def test_of_several_values_the_lowest_and_the_highest_are_sort_keys(fields: list[str], name: str, lowest: str | None, highest: str | None):
    document = made(with_overlay(LOCAL), record("001 1", *fields))
    assert (document.sorts.get(name), document.sorts.get(f"{name}-highest")) == (lowest, highest)


def test_fields_in_original_script_are_facets_only_when_the_table_says_so():
    one = record("100 1  $6880-01$aIvanov", "880 1  $6100-01$aИванов")
    assert made(with_overlay("{}"), one).keys["author"] == ["ivanov"]
    assert made(with_overlay("defaults: {vernacular_facets: true}"), one).keys["author"] == ["ivanov", "иванов"]


def test_marks_of_nonsorting_are_in_no_word_and_no_display_form(extractor: Extractor):
    document = made(extractor, record("245 10 $a\x98The\x9c sea /"))
    assert document.text["title"] == ["the sea"]
    assert document.shown["title"] == {"the sea": "The sea"}
    assert document.sorts["title_sort"] == "sea"


def test_a_long_heading_is_cut_as_a_value_and_whole_as_words(extractor: Extractor):
    long = "sea " * 300
    document = made(extractor, record(f"650  0 $a{long}"))
    assert len(document.keys["subject"][0]) <= 512
    assert len(document.text["subject"][0].split()) == 300
