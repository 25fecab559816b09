from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from indexer.engine.port import Hit
from indexer.extract import Extractor
from indexer.fields import load_field_table
from indexer.marc import to_marcxml
from indexer.record import SUBFIELD, Record
from server.records.brief import Brief, brief_of
from server.records.conversion import Converter, Memory, NotAvailable
from server.records.registry import shipped_registry
from server.xmlio import transform

SEA = Record(
    "00000nam a2200000   4500",
    [
        ("001", "b1"),
        ("100", f"1 {SUBFIELD}aFinn, Anna,"),
        ("245", f"10{SUBFIELD}aSea & <sky> /{SUBFIELD}cA. F."),
        ("264", f" 1{SUBFIELD}c1998."),
    ],
)
MER = Record("00000nam  2200000   450 ", [("001", "u1"), ("200", f"1 {SUBFIELD}aMer")], "unimarc")


def hit(record: Record, record_id: str = "b1") -> Hit:
    return Hit(record_id, record.format, datetime(2026, 1, 1, tzinfo=UTC), {"marcxml": to_marcxml(record)})


@pytest.fixture(scope="module")
def converter() -> Converter:
    return Converter(Extractor(load_field_table(), 2026), record_url="https://example.org/record/{id}")


@pytest.mark.parametrize(
    ("name", "record", "root"),
    [
        ("marcxml", SEA, "{http://www.loc.gov/MARC21/slim}record"),
        ("marcxml", MER, "{http://www.loc.gov/MARC21/slim}record"),
        ("unimarcxml", MER, "{http://www.loc.gov/MARC21/slim}record"),
        ("marcxchange", SEA, "{info:lc/xmlns/marcxchange-v1}record"),
        ("marcxchange", MER, "{info:lc/xmlns/marcxchange-v1}record"),
        ("dc", SEA, "{info:srw/schema/1/dc-schema}dc"),
        ("dc", MER, "{info:srw/schema/1/dc-schema}dc"),
        ("oai_dc", SEA, "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"),
        ("mods", SEA, "{http://www.loc.gov/mods/v3}mods"),
        ("mods", MER, "{http://www.loc.gov/mods/v3}mods"),
        ("index", SEA, "{urn:x-discovery:index}index"),
        ("index", MER, "{urn:x-discovery:index}index"),
    ],
)
async def test_records_come_in_every_schema(converter, name, record, root):
    (made,) = await converter.convert("biblios", [hit(record)], shipped_registry().find(name))
    tree = etree.fromstring(made)
    assert tree.tag == root
    assert all(etree.QName(one).namespace for one in tree.iter(etree.Element)), "an element without namespace"
    assert not made.startswith(b"<?xml")


async def test_json_is_marc_in_json(converter):
    (made,) = await converter.convert("biblios", [hit(SEA)], shipped_registry().find("json"))
    assert orjson.loads(made)["fields"][0] == {"001": "b1"}


async def test_one_record_that_cannot_be_had_does_not_spoil_the_others(converter):
    made = await converter.convert("biblios", [hit(SEA), hit(MER, "u1"), hit(SEA, "b2")], shipped_registry().find("unimarcxml"))
    assert [isinstance(one, NotAvailable) for one in made] == [True, False, True]
    assert "MARC 21" in made[0].reason


@pytest.mark.parametrize("name", ["dc", "oai_dc"])
@pytest.mark.parametrize(
    "record", [SEA, MER, Record(SEA.leader[:6] + "x" + SEA.leader[7:], [("001", "b2")])], ids=["marc21", "unimarc", "empty"]
)
async def test_dublin_core_is_what_the_stylesheet_gives(converter, name, record):
    recipe = shipped_registry().find(name).recipes[record.format]
    (made,) = await converter.convert("biblios", [hit(record)], shipped_registry().find(name))
    parameters = dict(recipe.parameters) | {"record_url": "https://example.org/record/b1"}
    assert made == transform(to_marcxml(record), recipe.stylesheet, parameters)


async def test_a_record_that_breaks_a_stylesheet_is_not_available(converter):
    broken = Hit("b9", "marc21", datetime(2026, 1, 1, tzinfo=UTC), {"marcxml": b"<record"})
    (made,) = await converter.convert("biblios", [broken], shipped_registry().find("dc"))
    assert made == NotAvailable("Record b9 cannot be turned into dc.")


async def test_a_changed_record_is_converted_again_and_an_old_one_is_not(converter, monkeypatch):
    schema = shipped_registry().find("mods")
    first = await converter.convert("biblios", [hit(SEA)], schema)
    monkeypatch.setattr("server.records.conversion.transform", lambda *_: b"<new/>")
    changed = Record(SEA.leader, [*SEA.fields, ("250", f"  {SUBFIELD}a2nd ed.")])
    assert await converter.convert("biblios", [hit(SEA)], schema) == first
    assert await converter.convert("biblios", [hit(changed)], schema) == [b"<new/>"]


async def test_the_address_of_a_record_names_its_id(converter):
    (made,) = await converter.convert("biblios", [hit(SEA, "b77")], shipped_registry().find("oai_dc"))
    assert b"https://example.org/record/b77" in made


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=1), st.integers(0, 40))), st.integers(8, 120))
def test_memory_never_holds_more_than_its_limit(steps, limit):
    memory = Memory(limit)
    for key, size in steps:
        memory.keep(key, b"x" * size)
        assert memory.size_bytes <= limit
        assert memory.get(key) is None or len(memory.get(key)) <= limit


def test_memory_forgets_what_was_not_used_longest():
    memory = Memory(16)
    for key in (b"a", b"b", b"c", b"d", b"e", b"f", b"g", b"h"):
        memory.keep(key, b"xx")
    assert memory.get(b"a") == b"xx"
    memory.keep(b"i", b"yy")
    assert memory.get(b"a") == b"xx"
    assert memory.get(b"b") is None


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (SEA, Brief("Sea & <sky>", "Finn, Anna", "1998")),
        (MER, Brief("Mer")),
        (Record("00000nz  a2200000n  4500", [("150", f"  {SUBFIELD}aReefs{SUBFIELD}xEcology")]), Brief("Reefs Ecology")),
        (Record("00000nam a2200000   4500", [("001", "x")]), Brief("b1")),
    ],
)
def test_a_brief_says_what_a_record_is(record, expected):
    assert brief_of("b1", to_marcxml(record), record.format) == expected
