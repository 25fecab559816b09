"""The fast way to Dublin Core gives the bytes of the stylesheets, for real records of every source and for made-up ones."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from indexer.dublin_core import in_srw_container, oai_dc, with_record_url
from indexer.dublin_core_text import MOST_REMEMBERED, Remembered
from indexer.marc import Read, SourceProfile, UnusableSource, read_file, to_marcxml
from indexer.record import SUBFIELD, Record
from server.xmlio import transform

FOLDERS = ("marc21", "unimarc", "marc8", "edge", "large", "broken", "marcjson", "authorities", "holdings")


def by_stylesheet(record: Record, url: str = "", container: str = "oai_dc") -> bytes:
    return transform(to_marcxml(record), f"{record.format}-to-dc.xsl", {"container": container, "record_url": url})


def records(folder: Path, first: int, step: int) -> Iterator[tuple[str, Record]]:
    """(file and number, record): of the first so many records of each file, every so manieth."""
    for path in sorted(one for one in folder.iterdir() if one.suffix not in {".txt", ".md"}):
        try:
            for outcome in islice(read_file(path, SourceProfile()), 0, first, step):
                if isinstance(outcome, Read):
                    yield f"{path.name} {outcome.ordinal}", outcome.record
        except UnusableSource:
            continue


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_few_records_of_every_file_are_as_the_stylesheets_make_them(shared_data, folder):
    seen = 0
    for place, record in records(shared_data / "marc" / folder, 160, 8):
        assert oai_dc(record) == by_stylesheet(record), place
        seen += 1
    assert seen


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_hundreds_of_records_of_every_file_are_as_the_stylesheets_make_them(shared_data, folder):
    for place, record in records(shared_data / "marc" / folder, 6000, 11):
        assert oai_dc(record) == by_stylesheet(record), place


TEXTS = st.text(st.sampled_from(" abcdeABC.,:;=/-([)]?!\"'0129&<>é”’–—\u0088\u0089\u0098\u009c\u200f\t|–س"), max_size=24)
CODES = st.sampled_from("aaabcdeghijklnpqrtuvxyz01234568")
INDICATORS = st.text(st.sampled_from("01247 a#"), min_size=2, max_size=2)
LINKS = st.sampled_from(["880-01", "880-02/r", "245-01", "490-01", "100-00", "830-02", "700-", "6"])
SUBFIELDS = st.tuples(CODES, TEXTS) | st.tuples(st.just("6"), LINKS) | st.tuples(st.just("1"), st.sampled_from(["2001 ", "011  ", "010  "]))
TAGS = {
    "marc21": "020 022 024 041 100 110 130 240 245 246 260 264 300 336 490 500 505 520 542 600 651 655 700 711 720 740 751 752 773 "
    "786 830 856 880 880 952 9XX 4aa",
    "unimarc": "010 011 016 100 101 123 181 200 210 214 215 225 327 330 410 455 461 4XX 500 517 600 601 604 607 608 661 700 701 702 "
    "711 856 995",
}
DATA_TAGS = {form: tags.split() for form, tags in TAGS.items()}


def fields(form: str) -> st.SearchStrategy[tuple[str, str]]:
    """Data fields of the tags that a crosswalk reads, and fixed fields."""
    data = st.builds(
        lambda tag, indicators, subfields: (tag, SUBFIELD.join([indicators, *(code + text for code, text in subfields)])),
        st.sampled_from(DATA_TAGS[form]), INDICATORS, st.lists(SUBFIELDS, max_size=5),
    )  # fmt: skip
    fixed = st.text(st.sampled_from("0129u| abeng"), max_size=40).map(lambda text: ("008", text))
    return data | fixed


RECORDS = st.sampled_from(["marc21", "unimarc"]).flatmap(
    lambda form: st.builds(
        lambda kind, level, own: Record(f"00000n{kind}{level} a2200000   4500", own, form),
        st.sampled_from("abcdefgijklmoprtx ?é"), st.sampled_from("mcsb "), st.lists(fields(form), max_size=9),
    )
)  # fmt: skip


@given(RECORDS, st.sampled_from(["", "https://library.example/?id=1&x=<2>", "0"]))
@settings(max_examples=250, deadline=None)
def test_made_up_records_are_as_the_stylesheets_make_them(record, url):
    made = with_record_url(oai_dc(record), url)
    assert made == by_stylesheet(record, url)
    assert in_srw_container(made) == by_stylesheet(record, url, "srw")


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ([], ["identifier"]),
        ([("245", "10\x1faSea")], ["title", "identifier"]),
        ([("020", "  \x1fa9789173310000")], ["identifier", "identifier"]),
        ([("856", "40\x1fuhttps://x.org/1")], ["identifier"]),
        ([("041", "  \x1faswe"), ("506", "  \x1faOpen")], ["identifier", "language", "rights"]),
        ([("245", "10\x1fa<dc:identifier>"), ("651", " 0\x1faOslo")], ["title", "subject", "identifier", "coverage"]),
    ],
)
def test_the_address_stands_before_all_other_identifiers_and_once(fields, names):
    made = etree.fromstring(with_record_url(oai_dc(Record("00000nxm a2200000   4500", fields)), "https://x.org/1"))
    assert [etree.QName(one).localname for one in made] == names
    assert made.xpath("string(*[local-name() = 'identifier'])") == "https://x.org/1"


def test_without_an_address_nothing_is_added():
    made = oai_dc(Record("00000nam a2200000   4500", [("245", "10\x1faSea")]))
    assert with_record_url(made, "") is made


def test_items_do_not_matter():
    plain = Record("00000nam a2200000   4500", [("245", "10\x1faSea")])
    with_items = Record(plain.leader, [*plain.fields, ("952", "  \x1faCPL\x1fuhttps://x.org/"), ("995", "  \x1fbCPL")])
    assert oai_dc(plain) == oai_dc(with_items)
    assert oai_dc(Record(plain.leader, plain.fields, "unimarc")) == oai_dc(Record(plain.leader, with_items.fields, "unimarc"))


def test_the_record_is_left_as_it_was():
    fields = [("245", "10\x1f6880-01\x1faMore"), ("880", "10\x1f6245-01\x1faМоре")]
    record = Record("00000nam a2200000   4500", list(fields))
    assert oai_dc(record) == oai_dc(record)
    assert record.fields == fields


def test_what_is_remembered_stays_small():
    asked = []
    known = Remembered(lambda key: asked.append(key) or key.upper())
    for number in range(2 * MOST_REMEMBERED + 1):
        assert known[f"k{number}"] == f"K{number}"
    assert len(known) <= MOST_REMEMBERED
    count = len(asked)
    assert known[f"k{2 * MOST_REMEMBERED}"]
    assert len(asked) == count
