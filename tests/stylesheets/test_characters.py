"""Every code point of the Basic Multilingual Plane, and some beyond, through every form of a record.

XML 1.0 section 2.2 says which characters there are; of the controls U+007F-U+009F only the non-sorting marks are kept, and only
in MARCXML.
"""

import re
import unicodedata

import pytest
from lxml import etree

from indexer.dublin_core import oai_dc
from indexer.marc import SourceProfile, decode_json, to_marcxml
from indexer.record import Format, Record
from server.xmlio import transform

BLOCK = 0x800
STARTS = [*range(0, 0x10000, BLOCK), 0x10000, 0x1D000, 0x1F300, 0xE0000, 0x10F800]
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CONTROLS = re.compile("[\x7f-\x9f]")
CONTROLS_BUT_MARKS = re.compile("[\x7f-\x87\x8a-\x97\x99-\x9b\x9d-\x9f]")
PLACES: dict[Format, list[str]] = {
    "marc21": ["100a", "245a", "245c", "260b", "500a", "650a", "6500", "700a", "7000", "773t", "852h", "856u", "856z", "024a", "0242"],
    "unimarc": ["200a", "200f", "210c", "300a", "606a", "6063", "700a", "7003", "461t", "856u", "856z", "017a", "0172", "995k"],
}


def record(form: Format, start: int) -> Record:
    """A record as a reader makes it, with each code point of a block between x and y in many fields, 64 of them in a subfield."""
    texts = ["".join(f"x{chr(code)}y" for code in range(at, at + 64)) for at in range(start, start + BLOCK, 64)]
    fields: list[dict[str, object]] = [{"001": "1"}, {"005": texts[0]}]
    for place in PLACES[form]:
        tag, code = place[:3], place[3]
        fields += [{tag: {"ind1": "7", "ind2": "0", "subfields": [{code: text}]}} for text in texts]
    made = decode_json({"leader": "00000nam a2200000   4500", "fields": fields}, SourceProfile(format=form))
    assert made.format == form
    return made


def texts_of(xml: bytes) -> str:
    """All text and attribute values of a document, which must be well-formed."""
    root = etree.fromstring(xml, etree.XMLParser(huge_tree=True, resolve_entities=False))
    return "\x20".join([*root.itertext(), *(value for one in root.iter() for value in one.attrib.values())])


@pytest.mark.parametrize("start", STARTS, ids=lambda start: f"U+{start:04X}")
@pytest.mark.parametrize("form", ["marc21", "unimarc"])
def test_no_form_of_a_record_holds_an_illegal_character(form, start):
    one = record(form, start)
    marcxml = to_marcxml(one)
    by_stylesheet = transform(marcxml, f"{form}-to-dc.xsl", {"container": "oai_dc"})
    made = {
        "marcxml": marcxml,
        "oai_dc": oai_dc(one),
        "mods": transform(marcxml, f"{form}-to-mods.xsl"),
        "rdf": transform(marcxml, f"{form}-to-rdf.xsl"),
    }
    assert made["oai_dc"] == by_stylesheet
    for name, xml in made.items():
        text = texts_of(xml)
        assert not ILLEGAL.search(text), name
        assert not (CONTROLS_BUT_MARKS if name == "marcxml" else CONTROLS).search(text), name
        assert "&#" not in xml.decode().replace("&#13;", ""), name


@pytest.mark.parametrize("start", STARTS, ids=lambda start: f"U+{start:04X}")
def test_every_legal_character_comes_through(start):
    text = texts_of(to_marcxml(record("marc21", start)))
    for code in [*({0x88, 0x89, 0x98, 0x9C} if start == 0 else ()), *range(max(start, 0xA0), start + BLOCK)]:
        within = f"x{chr(code)}y"
        if not ILLEGAL.search(within) and unicodedata.is_normalized("NFC", within):
            assert within in text, hex(code)


def test_a_lone_surrogate_and_markup_in_every_place_do_no_harm():
    for form in ("marc21", "unimarc"):
        for bad in ("\ud800", "\udfff\ud800", "]]>", "<!--", "&#x1a;", "&lt;", "&amp;#1;", "\"'", "\x1a", "\ufffe"):
            fields = [{place[:3]: {"ind1": "7", "ind2": "0", "subfields": [{place[3]: f"http://x.org/{bad}"}]}} for place in PLACES[form]]
            one = decode_json({"leader": "00000nam a2200000   4500", "fields": [{"001": bad or "1"}, *fields]}, SourceProfile(format=form))
            marcxml = to_marcxml(one)
            assert oai_dc(one) == transform(marcxml, f"{form}-to-dc.xsl", {"container": "oai_dc"})
            for target in ("mods", "rdf"):
                assert not ILLEGAL.search(texts_of(transform(marcxml, f"{form}-to-{target}.xsl")))
