"""OPAC records and ISO 20775 holdings (sru-cql.md 5 and 21.6)."""

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
from lxml import etree

from indexer.engine.port import Hit
from indexer.extract import Extractor
from indexer.fields import load_field_table
from indexer.marc import Read, SourceProfile, read_file, to_marcxml
from indexer.record import SUBFIELD, Record
from server.records.conversion import Converter, NotAvailable
from server.records.holdings import ISO20775, OPAC
from server.records.registry import shipped_registry

NAMES = {"o": OPAC, "i": ISO20775, "m": "http://www.loc.gov/MARC21/slim"}
TITLE = ("245", f"10{SUBFIELD}aSea")


def copy(**subfields: str) -> tuple[str, str]:
    return "952", "  " + "".join(f"{SUBFIELD}{code.lstrip('_')}{text}" for code, text in subfields.items())


COPIES = Record(
    "00000nam a2200000   4500",
    [
        ("001", "b1"),
        TITLE,
        copy(a="MAIN", b="MAIN", c="GEN", o="QA 1 & 2", p="39001", t="1"),
        copy(a="MAIN", b="NORTH", c="GEN", o="QA 1 & 2", p="39002", q="2026-03-04", h="v.2", n="1"),
        copy(a="SOUTH", c="REF", o="QA 1", p="39003", _7="1"),
    ],
)
SERIAL = Record("00000nas a2200000   4500", [TITLE, ("866", f" 0{SUBFIELD}8{0}{SUBFIELD}av.1-20 (1990-2010)")])
BARE = Record("00000nam a2200000   4500", [TITLE])


@pytest.fixture(scope="module")
def converter() -> Converter:
    return Converter(Extractor(load_field_table(), 2026))


async def converted(converter: Converter, record: Record, name: str) -> etree._Element | NotAvailable:
    hit = Hit("b1", record.format, datetime(2026, 1, 1, tzinfo=UTC), {"marcxml": to_marcxml(record)})
    schema = shipped_registry().find(name)
    assert schema is not None
    (made,) = await converter.convert("biblios", [hit], schema)
    return made if isinstance(made, NotAvailable) else etree.fromstring(made)


async def test_copies_of_a_place_are_one_holding_of_the_opac_record(converter: Converter) -> None:
    tree = await converted(converter, COPIES, "opacxml")
    assert tree.tag == f"{{{OPAC}}}opacRecord"
    assert tree.xpath("count(o:bibliographicRecord/m:record)", namespaces=NAMES) == 1
    holdings = tree.xpath("o:holdings/o:holding", namespaces=NAMES)
    assert [one.xpath("string(o:localLocation)", namespaces=NAMES) for one in holdings] == ["MAIN", "SOUTH"]
    assert holdings[0].xpath("string(o:callNumber)", namespaces=NAMES) == "QA 1 & 2"
    loans = tree.xpath("//o:circulation", namespaces=NAMES)
    assert [one.xpath("string(o:availableNow/@value)", namespaces=NAMES) for one in loans] == ["1", "0", "0"]
    assert [one.xpath("string(o:itemId)", namespaces=NAMES) for one in loans] == ["39001", "39002", "39003"]
    assert loans[1].xpath("string(o:availabilityDate)", namespaces=NAMES) == "2026-03-04"
    assert loans[1].xpath("string(o:temporaryLocation)", namespaces=NAMES) == "NORTH"
    assert [one.get("value") for one in tree.xpath("//o:onHold", namespaces=NAMES)] == ["0", "1", "0"]


async def test_iso_holdings_sum_up_the_copies_of_each_library(converter: Converter) -> None:
    tree = await converted(converter, COPIES, "http://www.loc.gov/standards/iso20775/")
    assert tree.tag == f"{{{ISO20775}}}holdings"
    libraries = tree.xpath("i:holding", namespaces=NAMES)
    assert [one.xpath("string(i:institutionIdentifier/i:value)", namespaces=NAMES) for one in libraries] == ["MAIN", "SOUTH"]
    assert [one.xpath("string(.//i:copiesCount)", namespaces=NAMES) for one in libraries] == ["2", "1"]
    assert [one.xpath("string(.//i:availableCount)", namespaces=NAMES) for one in libraries] == ["1", "0"]
    assert tree.xpath("//i:availabilityStatus/text()", namespaces=NAMES) == ["1", "2", "2"]
    assert tree.xpath("string(//i:dateTimeAvailable)", namespaces=NAMES) == "2026-03-04"


async def test_what_a_library_has_of_a_serial_is_told_without_copies(converter: Converter) -> None:
    opac = await converted(converter, SERIAL, "opac")
    assert opac.xpath("string(//o:enumAndChron)", namespaces=NAMES) == "v.1-20 (1990-2010)"
    iso = await converted(converter, SERIAL, "isohold")
    assert iso.xpath("string(//i:startingEnumAndChronology/i:text)", namespaces=NAMES) == "v.1-20 (1990-2010)"


async def test_a_record_without_copies_has_no_iso_holdings(converter: Converter) -> None:
    assert isinstance(await converted(converter, BARE, "isohold"), NotAvailable)
    assert (await converted(converter, BARE, "opacxml")).xpath("count(o:holdings/*)", namespaces=NAMES) == 0


@pytest.mark.parametrize("folder", ["marc21", "unimarc", "edge", "holdings"])
async def test_opac_records_of_real_records_are_valid(converter: Converter, shared_data: Path, folder: str) -> None:
    schema = etree.XMLSchema(etree.parse(shared_data / "xsd" / "sru" / "records" / "opacxml.xsd"))
    for path in sorted(one for one in (shared_data / "marc" / folder).iterdir() if one.suffix in {".mrc", ".xml"}):
        read = (one.record for one in read_file(path, SourceProfile()) if isinstance(one, Read))
        for record in islice((one for one in read if one.kind == "bibliographic"), 3):
            tree = await converted(converter, record, "opacxml")
            for one in tree.iter(f"{{{OPAC}}}*"):
                one.tag = etree.QName(one).localname  # the published schema has no namespace
            assert schema.validate(tree), f"{path.name}: {schema.error_log}"
            assert isinstance(await converted(converter, record, "isohold"), NotAvailable | etree._Element)
