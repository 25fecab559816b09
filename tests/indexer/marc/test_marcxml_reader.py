"""MARCXML as it is found: wrappers, namespaces, damage, attacks."""

import re
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.marc import BadRecord, SourceProfile, decode_marcxml
from indexer.marc.marcxml_reader import Content, XmlRecord, xml_records

RECORD = '<record><leader>00000nam a2200000 i 4500</leader><controlfield tag="001">{}</controlfield></record>'
LIMIT = 1 << 20


def found(xml: str | bytes, limit: int = LIMIT) -> list[XmlRecord]:
    return list(xml_records(BytesIO(xml if isinstance(xml, bytes) else xml.encode()), limit))


def numbers(records: list[XmlRecord]) -> list[str]:
    """001 of each record; the reason of each that is none."""
    return [one.content.reason if isinstance(one.content, BadRecord) else dict(one.content.fields).get("001", "") for one in records]


def one(xml: str) -> Content:
    (record,) = found(xml)
    assert isinstance(record.content, Content)
    return record.content


ONE, TWO = RECORD.format(1), RECORD.format(2)
PREFIXED = re.sub(r"<(/?)", r"<\1m:", ONE + TWO)
OAI = "<OAI><record><header><identifier>x</identifier></header><metadata>{}</metadata></record></OAI>"


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(ONE + TWO, id="bare"),
        pytest.param(f"<collection>{ONE}\n{TWO}</collection>", id="collection"),
        pytest.param(f'<collection xmlns="http://www.loc.gov/MARC21/slim">{ONE}{TWO}</collection>', id="namespace"),
        pytest.param(f'<m:collection xmlns:m="x">{PREFIXED}</m:collection>', id="prefix"),
        pytest.param(f"<m:collection>{PREFIXED}</m:collection>", id="unbound-prefix"),
        pytest.param(OAI.format(ONE) + OAI.format(TWO), id="oai"),
        pytest.param(f"<OAI><record><header status='deleted'/></record>{ONE}{TWO}</OAI>", id="oai-deleted"),
        pytest.param(f"<s:r><s:record><s:recordData>{ONE}</s:recordData></s:record>{TWO}</s:r>", id="sru"),
        pytest.param(f"<bibs><bib><mms_id>9</mms_id>{ONE}</bib><bib>{TWO}</bib></bibs>", id="alma"),
        pytest.param(f'<?xml version="1.0"?>\n<c>{ONE}</c>\n<?xml version="1.0"?>\n<c>{TWO}</c>\n', id="documents"),
        pytest.param(f"\n <!-- one --> {ONE}<!-- two -->\n{TWO}\n\n", id="comments"),
        pytest.param(f"<!DOCTYPE collection><collection>{ONE}{TWO}</collection>", id="doctype"),
    ],
)
def test_records_are_found_in_every_wrapper(xml: str):
    assert numbers(found(xml)) == ["1", "2"]


def test_raw_bytes_are_the_element_and_offsets_are_its_place():
    xml = "<c>\n" + RECORD.format("å") + "\n<record ></record >\n" + RECORD.format(2) + "<record/></c>"
    for record in found(xml):
        assert xml.encode()[record.offset :].startswith(record.raw)
        assert record.raw.startswith(b"<record")
        assert record.raw.endswith(b">")
    assert numbers(found(xml)) == ["å", "", "2", ""]


@pytest.mark.parametrize("xml", ["<c><record/></c>", "<record> </record>"])
def test_a_record_without_content_has_no_fields(xml: str):
    with pytest.raises(BadRecord) as caught:
        one(xml).record(SourceProfile())
    assert caught.value.reason == "no-fields"


def test_missing_attributes_are_blank_or_cost_their_element():
    xml = """<record><leader>00000nam a2200000 i 4500</leader>
      <controlfield>no tag</controlfield><controlfield tag="008">  kept  inside </controlfield>
      <datafield ind1="1" ind2="0"><subfield code="a">no tag</subfield></datafield>
      <datafield tag="245"><subfield>no code</subfield><subfield code="">nor this</subfield><subfield code="a">A</subfield></datafield>
      <datafield tag="42" ind1="" ind2="12"><subfield code="xy">B</subfield><subfield code="b"/></datafield>
      <subfields code="c">ignored</subfields></record>"""
    record = one(xml).record(SourceProfile())
    assert record.fields == [("008", "  kept  inside "), ("245", "  \x1faA"), ("042", " 1\x1fxB\x1fb")]
    assert record.warnings == ["element", "tag"]


def test_a_missing_leader_is_the_usual_one():
    record = one('<record><controlfield tag="001">1</controlfield></record>').record(SourceProfile())
    assert record.leader == "00000nam a2200000uu 4500"
    assert record.warnings == ["leader"]


@pytest.mark.parametrize("leader", ["00000nam  22", "", "00000nam  2200000 i 45001234", "00000n\tm  2200000 i 4500", "é" * 24])
def test_every_leader_has_24_ascii_characters(leader: str):
    record = one(f'<record><leader>{leader}</leader><controlfield tag="001">1</controlfield></record>').record(SourceProfile())
    assert len(record.leader) == 24
    assert record.leader.isascii()
    assert record.leader.isprintable()
    assert record.warnings == ["leader"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("one\n      two", "one two"),
        ("\n   one  \n", "one"),
        (" kept ", " kept "),
        ("a&amp;b &#x41; &lt;c&gt;", "a&b A <c>"),
        ("<![CDATA[a<b]]>", "a<b"),
        ("e\u0301", "é"),
        ("a<!-- comment -->b", "ab"),
        ("quote\x92s \x98The \x9cend", "quotes \x98The \x9cend"),
        ("&amp;#x41;", "A"),
        ("tab\there", "tab\there"),
    ],
)
def test_text_of_a_subfield(text: str, value: str):
    field = f'<datafield tag="500" ind1=" " ind2=" "><subfield code="a">{text}</subfield></datafield>'
    xml = f"<record><leader>00000nam a2200000 i 4500</leader>{field}</record>"
    assert one(xml).record(SourceProfile()).fields == [("500", f"  \x1fa{value}")]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "windows-1252", "utf-16"])
def test_the_encoding_of_the_document_is_obeyed(encoding: str):
    xml = f'<?xml version="1.0" encoding="{encoding}"?><c>{RECORD.format("Öland")}</c>'
    assert numbers(found(xml.encode(encoding))) == ["Öland"]


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<c>" + RECORD.format(1) + "<record><leader></record>" + RECORD.format(3) + "</c>", ["1", "xml"]),
        ("<c>" + RECORD.format(1) + RECORD.format(2)[:60], ["1", "xml"]),
        ("<c>" + RECORD.format(1), ["1", "xml"]),
        ("<c>" + RECORD.format(1) + "&undefined;</c>", ["1", "xml"]),
        ("<c>" + RECORD.format(1) + "&#x1;" + RECORD.format(2) + "</c>", ["1", "xml"]),
        ("<c>" + RECORD.format(1) + "</c> trailing text", ["1", "xml"]),
        ("<c>" + RECORD.format(1) + "\x07</c>", ["1", "xml"]),
        ('<?xml version="1.0" encoding="no-such"?>' + RECORD.format(1), ["xml"]),
        ('<?xml version="1.0" encoding="big5"?>' + RECORD.format(1), ["xml"]),
        ("<", ["xml"]),
    ],
)
def test_an_ill_formed_document_gives_what_came_before_the_error(xml: str, expected: list[str]):
    records = found(xml)
    assert numbers(records) == expected
    assert isinstance(records[-1].content, BadRecord)
    assert records[-1].content.detail.endswith("Nothing after this place was read.")
    assert xml.encode().startswith(records[-1].raw, records[-1].offset)
    assert ONE.encode() not in records[-1].raw or expected == ["xml"]


@pytest.mark.parametrize(
    "declaration",
    [
        '[<!ENTITY a "b">]',
        '[<!ENTITY a SYSTEM "file:///etc/passwd">]',
        '[<!ENTITY % p SYSTEM "http://localhost/x"> %p;]',
        'SYSTEM "file:///no/such.dtd"',
    ],
    ids=["internal", "external", "parameter", "external dtd"],
)
def test_a_record_that_needs_an_entity_is_set_aside_and_its_neighbours_are_read(declaration: str):
    """indexing.md 1.3: entity expansion, DTD loading and network off; 1: one bad record never stops a load."""
    xml = f"<!DOCTYPE c {declaration}><c>{RECORD.format('1&amp;&#50;')}{RECORD.format('&a;')}{RECORD.format(3)}</c>"
    first, bad, last = [one.content for one in found(xml)]
    assert isinstance(first, Content)
    assert isinstance(bad, Content)
    assert isinstance(last, Content)
    assert (first.record(SourceProfile()).control("001"), last.record(SourceProfile()).control("001")) == ("1&2", "3")
    with pytest.raises(BadRecord, match="entity &a;") as refused:
        bad.record(SourceProfile())
    assert refused.value.reason == "xml"


def test_a_bomb_of_entities_ends_the_document_at_once():
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    xml = f'<!DOCTYPE c [<!ENTITY e0 "x">{levels}]><c>{RECORD.format("&e9;")}<record id="&e9;"/></c>'
    assert [isinstance(one.content, BadRecord) for one in found(xml)] == [False, True]


def test_an_external_dtd_is_not_loaded():
    assert numbers(found('<!DOCTYPE record SYSTEM "file:///no/such.dtd">' + RECORD.format(1))) == ["1"]


def test_a_record_over_the_limit_costs_only_itself():
    big = RECORD.format(2).replace(
        "</record>", '<datafield tag="500"><subfield code="a">' + "x" * 400_000 + "</subfield></datafield></record>"
    )
    records = found("<c>" + RECORD.format(1) + big + RECORD.format(3) + "</c>", limit=200_000)
    assert numbers(records) == ["1", "too-large", "3"]
    assert records[1].raw.startswith(b"<record>")


def test_a_text_node_of_megabytes_is_read():
    text = "x" * 3_000_000
    xml = f'<record><datafield tag="500" ind1=" " ind2=" "><subfield code="a">{text}</subfield></datafield></record>'
    assert one_body(found(xml, limit=1 << 23)) == "  \x1fa" + text


def one_body(records: list[XmlRecord]) -> str:
    (record,) = records
    assert isinstance(record.content, Content)
    return record.content.fields[0][1]


class Trickle:
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self.stream, self.step = BytesIO(data), step

    def read(self, size: int, /) -> bytes:
        return self.stream.read(min(size, self.step))


@pytest.mark.parametrize("step", [1, 3, 17, 1000])
def test_records_are_the_same_however_the_bytes_arrive(step: int):
    xml = ("\n".join(RECORD.format(f"ö{n}") for n in range(5)) + "<?xml version='1.0'?><c>" + RECORD.format(9) + "</c>").encode()
    records = list(xml_records(Trickle(xml, step), LIMIT))
    assert numbers(records) == ["ö0", "ö1", "ö2", "ö3", "ö4", "9"]
    assert all(xml[r.offset : r.offset + len(r.raw)] == r.raw and r.raw.endswith(b"</record>") for r in records)


def test_decode_marcxml_takes_one_record():
    assert decode_marcxml(RECORD.format(1).encode(), SourceProfile()).control("001") == "1"


@pytest.mark.parametrize(("xml", "reason"), [("<a/>", "xml"), ("", "xml"), ("<record>", "xml"), ("<record/>", "no-fields")])
def test_decode_marcxml_says_what_is_wrong(xml: str, reason: str):
    with pytest.raises(BadRecord) as caught:
        decode_marcxml(xml.encode(), SourceProfile())
    assert caught.value.reason == reason


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_random_damage_never_raises(data: st.DataObject):
    xml = bytearray(("<c>" + RECORD.format(1) + RECORD.format(2) + "</c>").encode())
    for _ in range(data.draw(st.integers(1, 5))):
        xml[data.draw(st.integers(0, len(xml) - 1))] = data.draw(st.integers(0, 255))
    for record in found(bytes(xml)):
        if isinstance(record.content, Content) and record.content.fields:
            assert record.content.record(SourceProfile()).fields
