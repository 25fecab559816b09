"""The first pass: as many records and the same ids as reading gives."""

from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.marc import Read, SourceProfile, UnusableSource, id_hash, preview, read_file, to_marcxml
from indexer.record import Record

Raw = Callable[..., bytes]


def agrees_with_reading(path: Path, profile: SourceProfile) -> int:
    """Compares; gives the number of records. A record that is rejected may have any hash."""
    seen = preview(path, profile)
    outcomes = list(read_file(path, profile))
    assert seen.record_count == len(seen.ids)
    if not profile.merge_same_id:
        assert seen.record_count == len(outcomes)
    for outcome in outcomes:
        if isinstance(outcome, Read):
            assert seen.ids[outcome.ordinal - 1] == id_hash(outcome.identity.record_id, outcome.record.kind)
    return seen.record_count


@pytest.mark.parametrize("profile", [SourceProfile(), SourceProfile(name="lib"), SourceProfile(id_from=("245$a",))])
def test_ids_are_those_of_reading(profile: SourceProfile, tmp_path: Path, raw_record: Raw):
    path = tmp_path / "records.mrc"
    title = ("245", b"10\x1faTitle")
    path.write_bytes(
        b"\n".join(
            [
                raw_record([("001", b"1"), title]),
                raw_record([("001", b"  85 12 "), title]),
                raw_record([("001", "å1".encode()), title]),
                raw_record([("001", b"&#x41;"), title]),
                raw_record([("001", b"A&B"), title]),
                raw_record([("001", b""), ("999", b"  \x1fc7"), title]),
                raw_record([("003", b"X"), ("001", b"2"), title]),
                raw_record([("035", b"  \x1fa9"), title]),
                raw_record([title]),
                raw_record([("001", b"x\x07y"), title]),
                b"00060nam a2299999 i 4500" + b"x" * 40 + b"\x1d",
                raw_record([("001", b"end"), title])[:-4],
            ]
        )
    )
    assert agrees_with_reading(path, profile) == 12


def test_later_parts_of_a_merged_record_have_no_id(tmp_path: Path, numbered: Raw):
    path = tmp_path / "records.mrc"
    path.write_bytes(numbered(1) * 3 + numbered(2) + numbered(1))
    one, two = id_hash("n1"), id_hash("n2")
    assert preview(path, SourceProfile(merge_same_id=True)).ids == array("Q", [one, 0, 0, two, one])
    assert preview(path, SourceProfile()).ids == array("Q", [one, one, one, two, one])


def element(number: str, tag: str = "001") -> str:
    return f'<record>\n<leader>00000nam a2200000 i 4500</leader><controlfield tag="{tag}">{number}</controlfield></record>'


@pytest.mark.parametrize(
    ("xml", "count"),
    [
        (element("1") + element("2"), 2),
        ("<c>" + element(" 1 ") + element("a &amp; b") + element("&#xe5;") + "</c>", 3),
        ("<c>" + element("1", "003") + element("2") + element("3", "005") + "</c>", 3),
        ("<o><record><header/><metadata>" + element("1") + "</metadata></record><record>" + element("2") + "</record></o>", 2),
        (element("1").replace("</", "</m:").replace("<r", "<m:r").replace("<l", "<m:l").replace("<c", "<m:c"), 1),
        (element("1").replace('"001"', "'001' id = 'x'"), 1),
        ("<c>" + "".join(element(str(n)) + " " * 97 for n in range(9000)) + "</c>", 9000),
    ],
    ids=["bare", "entities", "without-001", "oai", "prefix", "attributes", "long"],
)
def test_xml_is_scanned(xml: str, count: int, tmp_path: Path):
    path = tmp_path / "records.xml"
    path.write_text(xml, encoding="utf-8")
    assert agrees_with_reading(path, SourceProfile(name="x")) == count


def test_what_we_write_is_scanned(tmp_path: Path):
    path = tmp_path / "records.xml"
    path.write_bytes(b"".join(to_marcxml(Record("00000nam a2200000 i 4500", [("001", f"n{n}")])) for n in range(5)))
    assert agrees_with_reading(path, SourceProfile()) == 5


def test_json_is_counted(tmp_path: Path):
    path = tmp_path / "records.json"
    path.write_text('[{"leader": "", "fields": [{"001": "1"}]}, {"leader": "", "fields": []}, {"leader": "", "fields": [{"001": "2"}]}]')
    assert agrees_with_reading(path, SourceProfile()) == 3


def test_unusable_sources_are_refused(tmp_path: Path):
    with pytest.raises(UnusableSource):
        preview(tmp_path / "no-such", SourceProfile())


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_ordinals_agree_on_damaged_files(tmp_path: Path, numbered: Raw, data: st.DataObject):
    content = bytearray(b"\n".join(numbered(n) for n in range(6)))
    for _ in range(data.draw(st.integers(0, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "records.mrc"
    path.write_bytes(content)
    try:
        seen = preview(path, SourceProfile())
    except UnusableSource:
        return
    outcomes = list(read_file(path, SourceProfile()))
    assert seen.record_count == len(outcomes)
