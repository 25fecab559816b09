"""One ISO 2709 record: what is read from sound and from broken ones, and what is written."""

import io
from collections.abc import Callable

import pymarc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.marc import BadRecord, DoesNotFit, SourceProfile, decode, to_iso2709
from indexer.marc.iso2709 import decode_own
from indexer.record import Record, first

Raw = Callable[..., bytes]
AUTO = SourceProfile()


def test_a_sound_record_is_read_whole(raw_record: Raw):
    raw = raw_record([("001", b"1"), ("008", b" x "), ("245", b"10\x1faA /\x1fcB."), ("650", b" 0\x1fa\x1fxC")])
    assert decode(raw, AUTO) == Record(
        raw[:24].decode(), [("001", "1"), ("008", " x "), ("245", "10\x1faA /\x1fcB."), ("650", " 0\x1fa\x1fxC")]
    )


@pytest.mark.parametrize(
    ("tag", "body", "field", "warnings"),
    [
        ("245", b"1\x1faA", ("245", "1 \x1faA"), []),
        ("245", b"\x1faA", ("245", "  \x1faA"), []),
        ("245", b"10data\x1fbB", ("245", "10\x1fadata\x1fbB"), ["no-subfield"]),
        ("245", b"10data", ("245", "10\x1fadata"), ["no-subfield"]),
        ("FMT", b"BK", ("FMT", "  \x1faBK"), ["no-subfield"]),
        ("245", b"", ("245", "  "), []),
        ("245", b"10", ("245", "10"), []),
        ("245", b"10\x1f\x1faA\x1f", ("245", "10\x1faA"), []),
        ("245", b"10\x1fAx\x1f=y", ("245", "10\x1fAx\x1f=y"), ["subfield-code"]),
        ("245", b"10\x1f x\x1f\xc3\xa9y", ("245", "10\x1f?x\x1f?y"), ["subfield-code"]),
        ("245", b"xy\x1faA", ("245", "xy\x1faA"), []),
        ("008", b"x\x1fby", ("008", "x \x1fby"), []),
        ("00Z", b"text", ("00Z", "text"), []),
        ("A*b", b"  \x1fax", ("A*b", "  \x1fax"), []),
        ("2 5", b"  \x1fax", ("2?5", "  \x1fax"), ["tag"]),
    ],
)
def test_odd_fields_are_made_regular(tag: str, body: bytes, field: tuple[str, str], warnings: list[str], raw_record: Raw):
    record = decode(raw_record([("001", b"1"), (tag, body), ("500", b"  \x1faend")]), AUTO)
    assert record.fields == [("001", "1"), field, ("500", "  \x1faend")]
    assert record.warnings == warnings


FIELDS = [("001", b"n1"), ("245", b"10\x1faTitle"), ("500", b"  \x1faNote")]
TEXTS = [("001", "n1"), ("245", "10\x1faTitle"), ("500", "  \x1faNote")]


@pytest.mark.parametrize(
    ("find", "put", "warnings"),
    [
        (b"00061 i", b"99999 i", ["directory"]),
        (b"00061 i", b"00000 i", ["directory"]),
        (b"00061 i", b"abcde i", ["directory"]),
        (b"245001000003", b"245009900003", []),
        (b"245001000003", b"2450010xxxxx", ["directory"]),
        (b"245001000003", b"245000000003", []),
        (b"\x1en1\x1e", b"\x1fn1\x1e", ["directory"]),
        (b" i 4500", b" i 450", ["leader"]),
        (b" i 4500", b" i 45000", ["leader"]),
        (b"a22", b"a\x0722", ["leader"]),
        (b" i 4500", b"\xff\xfe 4500", ["leader"]),
    ],
    ids=[
        "base-too-far", "base-zero", "base-letters", "length-too-long", "start-letters", "length-zero", "directory-unclosed",
        "leader-short", "leader-long", "control-in-leader", "bytes-in-leader",
    ],
)  # fmt: skip
def test_fields_are_found_again(find: bytes, put: bytes, warnings: list[str], raw_record: Raw):
    raw = raw_record(FIELDS)
    assert raw.count(find) == 1
    record = decode(raw.replace(find, put), AUTO)
    assert record.fields == TEXTS
    assert record.warnings == warnings
    assert len(record.leader) == 24
    assert record.leader.isascii()


def test_an_unordered_directory_is_the_authority(raw_record: Raw):
    raw = raw_record(FIELDS)
    mixed = raw[:24] + raw[48:60] + raw[24:36] + raw[36:48] + raw[60:]
    assert decode(mixed, AUTO).fields == [TEXTS[2], TEXTS[0], TEXTS[1]]
    assert decode(mixed, AUTO).warnings == []


def test_data_that_no_entry_names_is_left_out(raw_record: Raw):
    raw = raw_record(FIELDS)
    gone = raw[:12] + b"%05d" % (int(raw[12:17]) - 12) + raw[17:36] + raw[48:]
    assert decode(gone, AUTO).fields == [TEXTS[0], TEXTS[2]]


def test_a_stray_field_terminator_in_a_field_is_put_together_again(raw_record: Raw):
    raw = raw_record([*FIELDS[:2], ("500", b"  \x1faone\x1e  \x1fbtwo"), ("501", b"  \x1faend")])
    assert decode(raw, AUTO).fields[2:] == [("500", "  \x1faone\x1fbtwo"), ("501", "  \x1faend")]
    drifted = raw.replace(b"Title", b"Title\xc3\xa9")
    assert decode(drifted, AUTO).fields[2:] == [("500", "  \x1faone\x1fbtwo"), ("501", "  \x1faend")]


def test_a_field_over_9999_bytes_with_an_entry_of_13_characters_is_read(raw_record: Raw):
    raw = raw_record([("001", b"1"), ("520", b"  \x1fa" + b"x" * 12000), ("650", b" 0\x1faend")])
    assert b"520" + b"12005" + b"00002" in raw
    record = decode(raw, AUTO)
    assert [(tag, len(body)) for tag, body in record.fields] == [("001", 1), ("520", 12004), ("650", 7)]
    assert record.warnings == ["directory"]


def test_an_oversized_record_with_overflowing_starts_is_read(raw_record: Raw):
    fields = [("001", b"1")] + [("952", b"  \x1fa" + b"y" * 9000) for _ in range(20)]
    raw = raw_record(fields, length=99999)
    assert len(raw) > 180_000
    assert [tag for tag, _ in decode(raw, AUTO).fields] == ["001"] + ["952"] * 20


def test_cut_off_lengths_of_an_oversized_record_are_recovered_by_counting(raw_record: Raw):
    raw = raw_record(FIELDS)
    zeroed = raw.replace(b"500000900013", b"500000000000")
    assert zeroed != raw
    assert decode(zeroed, AUTO).fields == TEXTS


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\x1d", "no-leader"),
        (b"short\x1d", "no-leader"),
        (b"00026nam a2200025 i 4500\x1e\x1d", "no-fields"),
        (b"00060nam a2299999 i 4500" + b"x" * 40 + b"\x1d", "base-address"),
        (b"00060nam a2200037 i 4500" + b"x" * 40 + b"\x1d", "directory"),
        (b"00050nam a2200037 i 4500" + b"245?00900000" + b"\x1e10\x1faA\x1e10\x1faB\x1e\x1d", "directory"),
        (b"00050nam a2200061 i 4500" + b"245000600000246000600006500000600012" + b"\x1e10\x1faA\x1e\x1d", "directory"),
    ],
    ids=["terminator", "five-bytes", "empty", "base-outside", "no-terminator", "more-fields-than-entries", "fewer-fields"],
)
def test_hopeless_records_have_a_reason(raw: bytes, reason: str):
    with pytest.raises(BadRecord) as caught:
        decode(raw, AUTO)
    assert caught.value.reason == reason
    assert caught.value.detail.endswith(".")


def test_a_charset_that_makes_delimiters_of_letters_is_no_accident(raw_record: Raw):
    record = decode(raw_record(FIELDS), SourceProfile(charset="cp037"))
    assert [tag for tag, _ in record.fields] == ["001", "245", "500"]


def test_lengths_and_coding_are_written_right():
    record = Record("99999cas  22999992a 4500", [("001", "å"), ("245", "10\x1faÅ")])
    raw = to_iso2709(record)
    assert raw[:24] == b"00060cas a22000492a 4500"
    assert raw[24:48] == b"001000300000245000700003"
    assert len(raw) == 60
    assert raw[48:] == "\x1eå\x1e10\x1faÅ\x1e\x1d".encode()


def test_unimarc_keeps_its_leader_9():
    assert to_iso2709(Record("00000nam  2200000   450 ", [("001", "1")], "unimarc"))[9:10] == b" "


def test_a_record_without_fields_is_written_and_read():
    record = Record("00000nam a2200000 i 4500", [])
    assert decode_own(to_iso2709(record), "marc21", "bibliographic").fields == []


@pytest.mark.parametrize(
    ("size", "count", "fits"), [(9994, 1, True), (9995, 1, False), (4981, 20, True), (4982, 20, False)], ids=["f-1", "f", "r-1", "r"]
)
def test_what_does_not_fit_is_refused_and_never_cut(size: int, count: int, fits: bool):
    record = Record("00000nam a2200000 i 4500", [("500", "  \x1fa" + "x" * size)] * count)
    if fits:
        raw = to_iso2709(record)
        assert len(raw) <= 99_999
        assert decode(raw, AUTO).fields == record.fields
    else:
        with pytest.raises(DoesNotFit, match="ISO 2709 has room for"):
            to_iso2709(record)


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_record_survives_iso_2709(any_records: st.SearchStrategy[Record], data: st.DataObject):
    record = data.draw(any_records)
    raw = to_iso2709(record)
    again = decode(raw, SourceProfile(format="marc21"))
    assert again.fields == record.fields
    assert again.leader[5:12] + again.leader[17:] == record.leader[5:12] + record.leader[17:]
    assert decode_own(raw, "marc21", "bibliographic").fields == record.fields


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_pymarc_reads_what_we_write(legal_records: st.SearchStrategy[Record], data: st.DataObject):
    record = data.draw(legal_records)
    (theirs,) = pymarc.MARCReader(io.BytesIO(to_iso2709(record)))
    assert theirs is not None
    assert [field.tag for field in theirs.fields] == [tag for tag, _ in record.fields]
    for field, (_, body) in zip(theirs.fields, record.fields, strict=True):
        if not field.control_field:
            assert first(body, field.subfields[0].code) == field.subfields[0].value


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_random_damage_never_raises_anything_but_bad_record(raw_record: Raw, data: st.DataObject):
    raw = bytearray(raw_record([*FIELDS, ("880", "  \x1f6245-01\x1faÖ 一".encode())]))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                raw[place] = data.draw(st.integers(0, 255))
            case 1:
                del raw[place]
            case _:
                raw[place:place] = data.draw(st.binary(max_size=5))
    try:
        record = decode(bytes(raw), AUTO)
    except BadRecord:
        return
    assert record.fields
    assert all(len(tag) == 3 and tag.isascii() and tag.isprintable() for tag, _ in record.fields)
    assert len(record.leader) == 24
    assert decode(to_iso2709(record), SourceProfile(format=record.format)).fields == record.fields
