"""MARCXML as it is written: legal, equal to what an XML library writes, and read back."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from indexer.marc import SourceProfile, decode_marcxml, leader_of_own_marcxml, parse_own_marcxml, to_marcxml
from indexer.record import Record, is_control, subfields

SLIM = "{http://www.loc.gov/MARC21/slim}"
LEADER = "00000cam a2200000 i 4500"


def with_lxml(record: Record) -> bytes:
    """The same element made with lxml, for records that are legal as they are."""
    root = etree.Element(f"{SLIM}record", nsmap={None: SLIM[1:-1]})
    etree.SubElement(root, f"{SLIM}leader").text = record.leader
    for tag, body in record.fields:
        if is_control(tag, body):
            etree.SubElement(root, f"{SLIM}controlfield", tag=tag).text = body
            continue
        field = etree.SubElement(root, f"{SLIM}datafield", {"tag": tag, "ind1": body[0], "ind2": body[1]})
        for code, text in subfields(body):
            etree.SubElement(field, f"{SLIM}subfield", code=code).text = text
    return etree.tostring(root, encoding="utf-8")


@pytest.fixture(scope="module")
def schema(shared_data: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(shared_data / "xsd/sru/records/MARC21slim.xsd"))


def test_a_record_is_one_element_without_white_space():
    record = Record(LEADER, [("001", "1"), ("245", "10\x1faA & <B>\x1fc\"C\" 'D'")])
    assert to_marcxml(record) == (
        b'<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000cam a2200000 i 4500</leader>'
        b'<controlfield tag="001">1</controlfield><datafield tag="245" ind1="1" ind2="0"><subfield code="a">A &amp; &lt;B&gt;</subfield>'
        b'<subfield code="c">"C" \'D\'</subfield></datafield></record>'
    )


@pytest.mark.parametrize(
    ("fields", "xml"),
    [
        ([("245", "10\x1faA"), ("008", "x")], '008">x</controlfield><datafield tag="245"'),
        ([("245", "#|\x1faA")], 'tag="245" ind1=" " ind2=" "'),
        ([("245", "Aé\x1faA")], 'tag="245" ind1=" " ind2=" "'),
        ([("001", "  \x1faA")], 'datafield tag="Z01"'),
        ([("000", "text")], 'controlfield tag="00Z"'),
        ([("Ab1", "  \x1faA")], 'tag="AB1"'),
        ([("2?5", "  \x1faA")], 'tag="2Z5"'),
        ([("9xy", "  \x1faA")], 'tag="9xy"'),
        ([("245", "10\x1f@A")], '<subfield code="?">A<'),
        ([("245", '10\x1f"A\x1f&B\x1f<C')], '"&quot;">A</subfield><subfield code="&amp;">B</subfield><subfield code="&lt;">C<'),
        ([("245", "10\x1f&A & B")], '"&amp;">A &amp; B<'),
        ([("245", "10\x1f\x1faA")], 'ind2="0"><subfield code="a">A<'),
        ([("245", "10\x1fa\x98The \x9cend")], ">\x98The \x9cend<"),
        ([("245", "10\x1faa\x00\x0bb\ufffec\x1e\r\ud800")], ">abc <"),
    ],
)
def test_what_the_schema_forbids_is_written_as_the_nearest_legal_thing(fields: list[tuple[str, str]], xml: str, schema: etree.XMLSchema):
    written = to_marcxml(Record(LEADER, fields))
    assert xml in written.decode()
    schema.assertValid(etree.fromstring(written))


@pytest.mark.parametrize("body", ["  ", "", "  \x1f", "12\x1f\x1f"])
def test_a_data_field_without_subfields_is_left_out(body: str):
    assert b"datafield" not in to_marcxml(Record(LEADER, [("245", body)]))


@pytest.mark.parametrize(
    ("leader", "kind", "written"),
    [
        ("01234cam a2200301 i 4500", "bibliographic", "00000cam a2200000 i 4500"),
        ("     nam  22     uu 450 ", "bibliographic", "00000nam  2200000uu 4500"),
        ("00000na| ^2200000|#^4500", "bibliographic", "00000na   2200000   4500"),
        ("00000n   a2200000   4500", "bibliographic", "00000na  a2200000   4500"),
        ("00000n|  a2200000   4500", "authority", "00000nz  a2200000   4500"),
        (" " * 24, "holdings", "00000 x   2200000   4500"),
        ("0" * 24, "bibliographic", "00000000002200000" + "000" + "4500"),
    ],
)
def test_every_leader_becomes_legal(leader: str, kind: str, written: str, schema: etree.XMLSchema):
    xml = to_marcxml(Record(leader, [("001", "1")], kind=kind))  # type: ignore[arg-type]
    assert leader_of_own_marcxml(xml) == written
    schema.assertValid(etree.fromstring(xml))


def test_a_flood_of_odd_fields_does_not_fill_the_memory():
    from indexer.marc import marcxml

    for number in range(0, 25_000, 5):
        to_marcxml(Record(LEADER, [(f"{n:05x}"[-3:], f"{n:05x}"[:2] + "\x1faA") for n in range(number, number + 5)]))
    assert len(marcxml._DATA_STARTS) <= 20_000


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_legal_records_are_written_as_lxml_writes_them_and_read_back(legal_records: st.SearchStrategy[Record], data: st.DataObject):
    record = data.draw(legal_records)
    written = to_marcxml(record)
    assert written == with_lxml(record)
    assert parse_own_marcxml(written) == record.fields
    assert decode_marcxml(written, SourceProfile(format="marc21")).fields == record.fields


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_record_is_written_legally(any_records: st.SearchStrategy[Record], schema: etree.XMLSchema, data: st.DataObject):
    written = to_marcxml(data.draw(any_records))
    root = etree.fromstring(written)
    schema.assertValid(root)
    parsed = parse_own_marcxml(written)
    assert [text for _, body in parsed for _, text in subfields(body)] == [node.text or "" for node in root.iter(f"{SLIM}subfield")]
    assert leader_of_own_marcxml(written) == root[0].text


@pytest.mark.parametrize(
    "text",
    ['</subfield><subfield code="b">', '<datafield tag="', '" ind1="', '">', '&lt;datafield tag="', "&amp;lt;", "</controlfield>", "]]>"],
)
def test_markup_in_text_is_text(text: str):
    record = Record(LEADER, [("001", text), ("245", f"10\x1fa{text}\x1fb{text}"), ("500", "  \x1fax")])
    assert parse_own_marcxml(to_marcxml(record)) == record.fields
    assert decode_marcxml(to_marcxml(record), SourceProfile()).fields == record.fields
