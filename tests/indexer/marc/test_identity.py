"""Format, kind and identity of a record (indexing.md 1.4)."""

import pytest

from indexer.marc import BadRecord, Identity, SourceProfile, classify, id_hash, identify
from indexer.record import Record

TITLE_21 = ("245", "10\x1faTitle")
TITLE_UNI = ("200", "1 \x1faTitre")
CODED = ("100", "  \x1fa20010101d2001    m  y0frey50      ba")


def record(*fields: tuple[str, str], leader: str = "00000nam a2200000 i 4500") -> Record:
    return Record(leader, list(fields))


@pytest.mark.parametrize(
    ("fields", "leader", "source", "form"),
    [
        ([TITLE_21], "00000nam a2200000 i 4500", "auto", "marc21"),
        ([TITLE_21, CODED], "00000nam  2200000   450 ", "auto", "marc21"),
        ([TITLE_UNI, TITLE_21, CODED], "00000nam  2200000   450 ", "auto", "marc21"),
        ([TITLE_UNI, CODED], "00000nam a2200000   4500", "auto", "unimarc"),
        ([TITLE_UNI], "00000nam  2200000   450 ", "auto", "unimarc"),
        ([TITLE_UNI], "00000nam a2200000   4500", "auto", "marc21"),
        ([TITLE_UNI, ("100", "1 \x1faSmith, J.")], "00000nam a2200000   4500", "auto", "marc21"),
        ([("200", " 1\x1faDupont")], "00000nz  a2200000   4500", "auto", "marc21"),
        ([TITLE_21], "00000nam a2200000 i 4500", "unimarc", "unimarc"),
        ([TITLE_UNI, CODED], "00000nam  2200000   450 ", "marc21", "marc21"),
    ],
)
def test_the_format_is_told_from_title_and_coded_field(fields: list[tuple[str, str]], leader: str, source: str, form: str):
    one = record(*fields, leader=leader)
    classify(one, SourceProfile(format=source))  # type: ignore[arg-type]
    assert one.format == form


@pytest.mark.parametrize(
    ("type_", "source", "kind"),
    [("a", "auto", "bibliographic"), ("z", "auto", "authority"), (" ", "auto", "bibliographic"), ("4", "auto", "bibliographic")]
    + [(letter, "auto", "holdings") for letter in "uvxy"]
    + [(letter, "unimarc", "authority") for letter in "xyz"]
    + [("u", "unimarc", "bibliographic"), ("a", "unimarc", "bibliographic")],
)
def test_the_kind_is_leader_6(type_: str, source: str, kind: str):
    one = record(leader=f"00000n{type_}m a2200000 i 4500")
    classify(one, SourceProfile(format=source))  # type: ignore[arg-type]
    assert one.kind == kind


def test_the_leader_says_what_is_true_in_memory():
    one, two = record(TITLE_21, leader="00000nam  3100000 i 4500"), record(TITLE_UNI, leader="00000nam  1100000   450 ")
    for each in (one, two):
        classify(each, SourceProfile())
    assert one.leader == "00000nam a2200000 i 4500"
    assert two.leader == "00000nam  2200000   450 "


@pytest.mark.parametrize(
    ("fields", "identity"),
    [
        ([("001", "  85012345 "), ("003", "DLC ")], Identity("85012345", "85012345", "DLC")),
        ([("003", "SE-LIBR"), ("001", "7149593")], Identity("7149593", "7149593", "SE-LIBR")),
        ([("001", "a b")], Identity("a b", "a b", "")),
        ([("001", "1"), ("001", "2")], Identity("1", "1", "")),
        ([("001", "123"), ("035", "  \x1fa(OCoLC)9"), ("035", "  \x1fa(DE-101)123")], Identity("123", "123", "DE-101")),
        ([("001", ""), ("999", "  \x1fc17\x1fd17")], Identity("17", "", "")),
        ([("999", "  \x1fc"), ("999", "  \x1fc18"), ("035", "  \x1fa(X)1")], Identity("18", "", "")),
        ([("035", "  \x1fz1"), ("035", "  \x1fa (X)1 ")], Identity("(X)1", "", "")),
        ([("001", "  \x1faa00001508\x1ffa")], Identity("a00001508", "a00001508", "")),
    ],
)
def test_the_id_is_001_or_what_stands_in_for_it(fields: list[tuple[str, str]], identity: Identity):
    assert identify(record(*fields, TITLE_21), SourceProfile()) == identity


def test_unimarc_takes_801_and_090():
    one = record(("003", "http://example.org/x"), ("090", "  \x1fa12\x1f999"), ("801", " 0\x1faFR\x1fbABES"), TITLE_UNI, CODED)
    classify(one, SourceProfile())
    assert identify(one, SourceProfile()) == Identity("12", "", "ABES")


def test_the_source_and_its_own_places_are_obeyed():
    one = record(("907", "  \x1fa.b1"), ("035", "  \x1fa2"), TITLE_21)
    assert identify(one, SourceProfile(name="x", id_from=("907$a", "035$a"))).record_id == "x:.b1"
    assert identify(record(("009", " 44 "), TITLE_21), SourceProfile(id_from=("009",))).record_id == "44"


@pytest.mark.parametrize("fields", [[], [("001", "  ")], [("035", "  \x1fzno")], [("001", "x" * 500)]])
def test_a_record_without_usable_number_is_refused(fields: list[tuple[str, str]]):
    with pytest.raises(BadRecord) as caught:
        identify(record(*fields), SourceProfile())
    assert caught.value.reason == "no-id"


def test_id_hashes_are_64_bits_and_never_0():
    hashes = {id_hash(f"source:{n}") for n in range(1000)}
    assert len(hashes) == 1000
    assert all(0 < one < 1 << 64 for one in hashes)


def test_the_same_number_in_two_kinds_is_two_records():
    assert len({id_hash("1", "bibliographic"), id_hash("1", "authority"), id_hash("1", "holdings")}) == 3
