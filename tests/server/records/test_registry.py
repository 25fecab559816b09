import pytest

from server import xmlio
from server.records.registry import BadRegistry, read_registry, shipped_registry

TABLE = b"""
schemas:
  one: {label: {en: One}, identifiers: ["urn:one", "urn:one:2"], aliases: [uno], namespace: "urn:ns", from: {marc21: stored}}
  two:
    {label: {en: Two}, identifiers: ["urn:two"], from: {unimarc: {stylesheet: marc21-to-dc.xsl, parameters: {a: 1}}}, databases: [biblios]}
"""


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("marcxml", "marcxml"), ("MARCXML", "marcxml"), ("marc21", "marcxml"), ("MARC21-xml", "marcxml"),
        ("info:srw/schema/1/marcxml-v1.1", "marcxml"),
        ("unimarcxml", "unimarcxml"), ("info:srw/schema/8/unimarcxml-v0.1", "unimarcxml"),
        ("marcxchange", "marcxchange"), ("unimarcxchange", "marcxchange"), ("info:lc/xmlns/marcxchange-v1", "marcxchange"),
        ("dc", "dc"), ("info:srw/schema/1/dc-v1.1", "dc"), ("oai_dc", "oai_dc"), ("http://www.openarchives.org/OAI/2.0/oai_dc/", "oai_dc"),
        ("mods", "mods"), ("info:srw/schema/1/mods-v3.7", "mods"), ("info:srw/schema/1/mods-v3.0", "mods"), ("mods36", "mods"),
        ("index", "index"), ("http://indexdata.dk/zebra/xslt/1", "index"), ("urn:x-discovery:index", "index"),
        ("urn:x-discovery:json", "json"),
    ],
)  # fmt: skip
def test_short_names_and_identifiers_are_understood(name, found):
    schema = shipped_registry().find(name)
    assert schema is not None
    assert schema.name == found


def test_every_stylesheet_of_the_table_is_shipped_and_compiles():
    for schema in shipped_registry().schemas:
        for recipe in schema.recipes.values():
            if recipe.stylesheet:
                xmlio.compiled(recipe.stylesheet)


def test_the_first_schema_is_the_default():
    assert shipped_registry().default.name == "marcxml"


def test_unknown_names_find_nothing_but_a_near_one():
    assert shipped_registry().find("marcxmll") is None
    assert shipped_registry().nearest("marcxmll") == "marcxml"
    assert shipped_registry().nearest("zzzzz") == ""


def test_a_table_is_read():
    registry = read_registry(TABLE)
    two = registry.find("urn:two")
    assert two is not None
    assert two.recipes["unimarc"].parameters == (("a", "1"),)
    assert not two.is_xml
    assert not two.is_offered_in("authorities")
    assert registry.find("UNO") is registry.default


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (TABLE.replace(b"[uno]", b'["urn:two"]'), "Both"),
        (TABLE.replace(b"{marc21: stored}", b"{marc21: magic}"), "magic"),
        (b"schemas: {one: {identifiers: [a]}}", "not complete"),
        (b"[]", "not complete"),
    ],
)
def test_a_bad_table_is_refused(source, word):
    with pytest.raises(BadRegistry, match=word):
        read_registry(source)
