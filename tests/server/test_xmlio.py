import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from server import xmlio


@given(st.text())
def test_escaped_text_reads_back_as_it_was_once_forbidden_characters_are_gone(text):
    clean = xmlio.without_forbidden(text)
    assert not xmlio.has_forbidden(clean)
    root = etree.fromstring(f'<a b="{xmlio.escape_attribute(clean)}">{xmlio.escape(clean)}</a>'.encode())
    assert (root.text or "") == clean
    assert root.get("b") == clean


@pytest.mark.parametrize("character", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_characters_that_xml_cannot_carry_are_seen(character):
    assert xmlio.has_forbidden(f"a{character}b")
    assert xmlio.without_forbidden(f"a{character}b") == "ab"


def test_escaped_bytes_read_back_as_they_were():
    record = b'<record a="1">R&amp;B \xc3\xa5\r</record>'
    assert etree.fromstring(b"<x>" + xmlio.escape_bytes(record) + b"</x>").text.encode() == record


def test_entities_are_not_resolved_and_files_are_not_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden")
    root = xmlio.parse(f'<!DOCTYPE a [<!ENTITY b SYSTEM "file://{secret}">]><a>&b;</a>'.encode())
    assert "hidden" not in etree.tostring(root, encoding="unicode")


def test_a_bomb_of_entities_does_not_go_off():
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    try:
        root = xmlio.parse(f'<!DOCTYPE a [<!ENTITY e0 "x">{entities}]><a>&e29;</a>'.encode())
    except xmlio.NotXml:
        return
    assert len(etree.tostring(root)) < 10_000


def test_what_is_not_xml_is_told():
    with pytest.raises(xmlio.NotXml, match="Not well-formed"):
        xmlio.parse(b"<a>")


def test_too_large_a_document_is_not_parsed(monkeypatch):
    monkeypatch.setattr(xmlio, "LARGEST_DOCUMENT_BYTES", 10)
    with pytest.raises(xmlio.NotXml, match="at most 10"):
        xmlio.parse(b"<a>0123456789</a>")


@pytest.mark.parametrize("name", ["../server/settings.py", "/etc/passwd", "no-such-thing.xsl", "", "sru.css"])
def test_only_shipped_stylesheets_are_found(name):
    with pytest.raises(xmlio.UnknownStylesheet):
        xmlio.stylesheet_bytes(name)


def test_a_stylesheet_cannot_read_files_or_write_them(tmp_path, monkeypatch):
    target = tmp_path / "written.txt"
    source = f"""<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:e="http://exslt.org/common"
        extension-element-prefixes="e"><xsl:template match="/"><r>
        <e:document href="{target}">x</e:document></r></xsl:template></xsl:stylesheet>"""
    monkeypatch.setattr(xmlio, "stylesheet_bytes", lambda name: source.encode())
    monkeypatch.setattr(xmlio, "_compiled", type(xmlio._compiled)())
    with pytest.raises(xmlio.TransformFailed):
        xmlio.transform(b"<a/>", "evil.xsl")
    assert not target.exists()


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40))
def test_parameters_of_a_stylesheet_are_plain_text(text):
    clean = xmlio.without_forbidden(text).replace("\r", "")
    made = xmlio.transform(
        b'<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000   4500</leader></record>',
        "marc21-to-dc.xsl",
        {"record_url": f"http://x/{clean}"},
    )
    assert etree.fromstring(made).findtext("{http://purl.org/dc/elements/1.1/}identifier") == f"http://x/{clean}"
