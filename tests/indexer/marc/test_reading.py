"""Files to outcomes: forms, compression, rejections, merging, memory."""

import gzip
import io
import logging
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.marc import Outcome, Read, Rejected, Skipped, SourceProfile, UnusableSource, preview, read_file, to_json, to_marcxml
from indexer.record import Record

Raw = Callable[..., bytes]
AUTO = SourceProfile()


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "records"
    path.write_bytes(content)
    return path


def told(outcomes: list[Outcome]) -> list[str]:
    """Ids of what was read, reasons of what was rejected, in brackets what was skipped."""
    shown = []
    for outcome in outcomes:
        match outcome:
            case Read(identity=identity):
                shown.append(identity.record_id)
            case Rejected(reason=reason):
                shown.append(reason)
            case Skipped(record_id=record_id):
                shown.append(f"({record_id})")
    return shown


def xml_of(*numbers: int) -> bytes:
    return (
        b"<collection>" + b"".join(to_marcxml(Record("00000nam a2200000 i 4500", [("001", f"n{n}")])) for n in numbers) + b"</collection>"
    )


def json_of(*numbers: int) -> bytes:
    import orjson

    return orjson.dumps([to_json(Record("00000nam a2200000 i 4500", [("001", f"n{n}")])) for n in numbers])


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize("form", ["iso2709", "marcxml", "json"])
@pytest.mark.parametrize("is_stdin", [False, True])
def test_every_form_is_read_from_file_and_standard_input(
    form: str, is_compressed: bool, is_stdin: bool, tmp_path: Path, numbered: Raw, monkeypatch: pytest.MonkeyPatch
):
    content = {"iso2709": numbered(1) + numbered(2), "marcxml": xml_of(1, 2), "json": json_of(1, 2)}[form]
    content = gzip.compress(content[:30]) + gzip.compress(content[30:]) if is_compressed else content
    if is_stdin:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        outcomes = list(read_file("-", AUTO))
    else:
        outcomes = list(read_file(written(tmp_path, content), AUTO))
    assert told(outcomes) == ["n1", "n2"]
    assert [outcome.ordinal for outcome in outcomes] == [1, 2]


def test_a_read_record_has_its_place_and_bytes(tmp_path: Path, numbered: Raw):
    one, two = numbered(1), numbered(2)
    path = written(tmp_path, one + b"\n" + two)
    (_, outcome) = read_file(path, SourceProfile(name="lib"))
    assert isinstance(outcome, Read)
    assert (outcome.identity.record_id, outcome.identity.control_number) == ("lib:n2", "n2")
    assert (outcome.offset, outcome.raw) == (len(one) + 1, two)


def test_every_record_has_one_outcome_and_one_ordinal(tmp_path: Path, numbered: Raw, raw_record: Raw, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    bad = b"00060nam a2299999 i 4500" + b"x" * 40 + b"\x1d"
    nameless = raw_record([("245", b"10\x1faNo number")])
    classes = raw_record([("001", b"c1"), ("153", b"  \x1faQA76")], b"00000nw  a2200000n  4500")
    community = raw_record([("245", b"10\x1faClub")], b"00000nq  a2200000n  4500")
    content = numbered(1) + bad + nameless + classes + community + numbered(2) + numbered(3)[:-5]
    outcomes = list(read_file(written(tmp_path, content), AUTO))
    assert told(outcomes) == ["n1", "base-address", "no-id", "(c1)", "()", "n2", "truncated"]
    assert [outcome.ordinal for outcome in outcomes] == [1, 2, 3, 4, 5, 6, 7]
    rejected = outcomes[1]
    assert isinstance(rejected, Rejected)
    assert (rejected.raw, rejected.offset, rejected.record_id) == (bad, len(numbered(1)), "")
    assert isinstance(outcomes[2], Rejected)
    assert outcomes[2].record is not None
    assert outcomes[2].record.fields == [("245", "10\x1faNo number")]
    assert isinstance(outcomes[6], Rejected)
    assert outcomes[6].record_id == "n3"
    assert "classification record" in caplog.text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"just text", "holds no MARC records"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b'{"a": 1}', "holds no MARC records"),
    ],
)
def test_a_file_that_is_no_marc_is_unusable(content: bytes, sentence: str, tmp_path: Path):
    with pytest.raises(UnusableSource, match=sentence):
        list(read_file(written(tmp_path, content), AUTO))


def test_a_file_that_is_missing_or_a_directory_is_unusable(tmp_path: Path):
    for path in (tmp_path / "no-such", tmp_path):
        with pytest.raises(UnusableSource, match="cannot be read"):
            list(read_file(path, AUTO))


def test_xml_without_records_has_none_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    assert list(read_file(written(tmp_path, b"<collection/>"), AUTO)) == []
    assert "there are no records" in caplog.text


@pytest.mark.parametrize(("share", "sentence"), [(0.5, "breaks off"), (0.99, "breaks off"), (-0.7, "is damaged")])
def test_a_damaged_gzip_file_gives_what_came_before_the_damage(share: float, sentence: str, tmp_path: Path, numbered: Raw):
    packed = gzip.compress(b"".join(numbered(n) for n in range(20_000)))
    place = int(len(packed) * abs(share))
    damaged = packed[:place] if share > 0 else packed[:place] + b"\xff" * 300 + packed[place + 300 :]
    outcomes = list(read_file(written(tmp_path, damaged), AUTO))
    assert len(outcomes) > 5000
    assert all(isinstance(outcome, Read) for outcome in outcomes[:-3])
    last = outcomes[-1]
    assert isinstance(last, Rejected)
    assert (last.reason, last.ordinal) == ("truncated", len(outcomes))
    assert sentence in last.detail


def test_garbage_behind_a_gzip_file_costs_nothing(tmp_path: Path, numbered: Raw):
    content = gzip.compress(b"".join(numbered(n) for n in range(3000))) + b"garbage"
    assert len([o for o in read_file(written(tmp_path, content), AUTO) if isinstance(o, Read)]) == 3000


class TestMerging:
    """Consecutive records of one 001 as one."""

    PROFILE = SourceProfile(merge_same_id=True)

    def part(self, raw_record: Raw, number: bytes, *fields: tuple[str, bytes], leader: bytes = b"00000nas a2200000 i 4500") -> bytes:
        return raw_record([("001", number), ("100", b"1 \x1faName"), ("245", b"10\x1faTitle"), *fields], leader)

    def test_parts_become_one_record(self, tmp_path: Path, raw_record: Raw):
        item, note = ("999", b"  \x1fa1"), ("500", b"  \x1faNote")
        content = (
            self.part(raw_record, b"1", note, item)
            + self.part(raw_record, b"1", note, item, ("999", b"  \x1fa2"), ("501", b"  \x1faNew"), ("240", b"10\x1faU"))
            + self.part(raw_record, b"1", ("100", b"1 \x1faOther"), ("866", b" 0\x1fav.1"), leader=b"00000cas a2200000 i 4500")
            + self.part(raw_record, b"2")
            + self.part(raw_record, b"1")
        )
        outcomes = list(read_file(written(tmp_path, content), self.PROFILE))
        assert told(outcomes) == ["1", "2", "1"]
        assert [outcome.ordinal for outcome in outcomes] == [1, 4, 5]
        merged = outcomes[0]
        assert isinstance(merged, Read)
        assert merged.record.leader[5] == "n"
        assert [f"{tag} {body[4:]}" for tag, body in merged.record.fields[3:]] == [
            "500 Note", "999 1", "999 1", "999 2", "501 New", "240 U", "866 v.1",
        ]  # fmt: skip
        assert merged.raw == content[: merged.raw.rindex(b"\x1d") + 1]

    def test_without_the_setting_parts_stay_apart(self, tmp_path: Path, raw_record: Raw):
        content = self.part(raw_record, b"1") * 2
        assert told(list(read_file(written(tmp_path, content), AUTO))) == ["1", "1"]

    def test_a_damaged_part_does_not_break_the_run(self, tmp_path: Path, raw_record: Raw):
        bad = b"00060nam a2299999 i 4500" + b"x" * 40 + b"\x1d"
        content = self.part(raw_record, b"1") + bad + self.part(raw_record, b"1", ("999", b"  \x1fa2"))
        assert sorted(told(list(read_file(written(tmp_path, content), self.PROFILE)))) == ["1", "base-address"]

    def test_a_record_without_001_is_never_merged(self, tmp_path: Path, raw_record: Raw):
        content = raw_record([("035", b"  \x1fa1"), ("245", b"10\x1faT")]) * 2
        assert told(list(read_file(written(tmp_path, content), self.PROFILE))) == ["1", "1"]

    def test_merging_ends_at_the_limit(self, tmp_path: Path, raw_record: Raw):
        part = self.part(raw_record, b"1", ("999", b"  \x1fa" + b"x" * 400))
        profile = SourceProfile(merge_same_id=True, max_record_bytes=1200)
        outcomes = list(read_file(written(tmp_path, part * 4), profile))
        assert sorted(told(outcomes)) == ["1", "too-large", "too-large"]
        assert {outcome.path for outcome in outcomes if isinstance(outcome, Rejected)} == {str(tmp_path / "records")}


@pytest.mark.parametrize("form", ["iso2709", "marcxml", "json"])
def test_memory_does_not_depend_on_the_size_of_the_file(form: str, tmp_path: Path, raw_record: Raw):
    fields = [("001", "1"), *[("500", "  \x1fa" + "x" * 4000)] * 10]
    record = Record("00000nam a2200000 i 4500", fields)
    one = {
        "iso2709": raw_record([(tag, body.encode()) for tag, body in fields]),
        "marcxml": to_marcxml(record) + b"\n",
        "json": b'{"leader": "00000nam a2200000 i 4500", "fields": [{"001": "1"}, {"500": "' + b"x" * 40_000 + b'"}]}\n',
    }[form]
    path = written(tmp_path, one * 800)
    assert path.stat().st_size > 30_000_000
    tracemalloc.start()
    try:
        count = sum(1 for outcome in read_file(path, AUTO) if isinstance(outcome, Read))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 800
    assert peak < 8_000_000


@pytest.mark.parametrize(
    "content",
    [
        b"00000nam a2200000 i 4500" + b"999999999999" * 60_000 + b"\x1e\x1d",
        b"00000nam a2200000 i 4500" + b"245000000000" * 3000 + b"\x1e" + b"x\x1e" * 3010 + b"\x1d",
        b"00000nam a2200037 i 4500245999900000\x1e" + b" " * 1_500_000 + b"\x1e\x1d",
        b"00000nam a2200037 i 4500245999900000\x1e10\x1fa" + b" " * 1_500_000 + b"\n\x1e\x1d",
        b'<record><leader>x</leader><controlfield tag="001">' + b" " * 1_500_000 + b"\n.</controlfield></record>",
        b"<record>" * 20_000,
        b'{"leader": ' * 20_000,
        b'{"leader": "' * 20_000,
        b'{"leader": ["' + b"\\" * 1_500_000,
        b'{"fields": ' + b"[" * 1_000_000,
        gzip.compress(b"00000nam a2200000 i 4500245000000000" * 200_000),
    ],
    ids=[
        "digits", "many-entries", "blanks-only", "blanks-before-line-end", "xml-blanks", "xml-nesting", "json-unclosed", "json-strings",
        "json-backslashes", "json-nesting", "gzip",
    ],
)  # fmt: skip
def test_hostile_files_are_read_in_linear_time(content: bytes, tmp_path: Path):
    path = written(tmp_path, content)
    for outcome in read_file(path, AUTO):
        assert isinstance(outcome, Read | Rejected)
    preview(path, AUTO)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_damage_to_a_file_never_raises(tmp_path: Path, raw_record: Raw, data: st.DataObject):
    record = raw_record([("001", b"n1"), ("008", b"x" * 40), ("245", "10\x1faÖ\x1fb一".encode()), ("650", b" 0\x1faDogs\x1fxTraining")])
    content = bytearray(data.draw(st.sampled_from([record * 4, xml_of(1, 2, 3), json_of(1, 2, 3)])))
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        outcomes = list(read_file(written(tmp_path, bytes(content)), AUTO))
    except UnusableSource:
        return
    assert [outcome.ordinal for outcome in outcomes] == list(range(1, len(outcomes) + 1))


def test_a_list_of_ids_is_deleted_records_where_that_is_wanted(tmp_path: Path):
    """indexing.md 4.10: a list of ids deletes like a file with `--delete`."""
    path = tmp_path / "ids.txt"
    path.write_bytes(b"\xef\xbb\xbf1\r\n\n  b 2\n".replace(b" 2", b"2") + "å\n".encode() + b"last")
    found = list(read_file(path, SourceProfile(name="s", ids_of="authority")))
    assert [one.identity.record_id for one in found if isinstance(one, Read)] == ["s:1", "s:b2", "s:å", "s:last"]
    assert {(one.record.kind, one.record.leader[5]) for one in found if isinstance(one, Read)} == {("authority", "d")}
    assert preview(path, SourceProfile(name="s", ids_of="authority")).record_count == 4
    with pytest.raises(UnusableSource):
        list(read_file(path, SourceProfile()))


@pytest.mark.parametrize("text", ["these are words\n1\n", "<a/>", "{}", "\x00\n", "\n\n", "x" * 300])
def test_a_text_with_more_than_a_word_a_line_is_no_list_of_ids(text: str, tmp_path: Path):
    path = tmp_path / "text.txt"
    path.write_text(text)
    try:
        found = list(read_file(path, SourceProfile(ids_of="bibliographic")))
    except UnusableSource:
        return
    assert not [one for one in found if isinstance(one, Read)]
