"""Real records of every source, in every XML record schema, against the published schemas."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from lxml import etree

from indexer.marc import Read, SourceProfile, read_file, to_marcxml
from indexer.record import Record
from server.records.registry import shipped_registry
from server.xmlio import transform

XSD = {"marcxml": "MARC21slim.xsd", "dc": "srw-dc.xsd", "oai_dc": "oai_dc.xsd", "mods": "mods-3-7.xsd"}
FOLDERS = ("marc21", "unimarc", "marc8", "edge", "large", "broken")


@pytest.fixture(scope="session")
def xsd(shared_data: Path) -> dict[str, etree.XMLSchema]:
    folder = shared_data / "xsd" / "sru" / "records"
    return {name: etree.XMLSchema(etree.parse(folder / file)) for name, file in XSD.items()}


def records(folder: Path, most: int) -> Iterator[tuple[str, Record]]:
    """(file and number, record) of up to `most` bibliographic records of each file."""
    for path in sorted(one for one in folder.iterdir() if one.suffix != ".txt"):
        found = (outcome for outcome in read_file(path, SourceProfile()) if isinstance(outcome, Read))
        for outcome in islice((one for one in found if one.record.kind == "bibliographic"), most):
            yield f"{path.name} {outcome.ordinal}", outcome.record


def check(place: str, record: Record, xsd: dict[str, etree.XMLSchema]) -> None:
    marcxml = to_marcxml(record)
    for name, schema in xsd.items():
        recipe = shipped_registry().find(name).recipes[record.format]
        made = marcxml if recipe.maker == "stored" else transform(marcxml, recipe.stylesheet, dict(recipe.parameters))
        tree = etree.fromstring(made)
        assert schema.validate(tree), f"{place} as {name}: {schema.error_log}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_few_records_of_every_file_are_valid_in_every_schema(shared_data, xsd, folder):
    for place, record in records(shared_data / "marc" / folder, 4):
        check(place, record, xsd)


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_hundreds_of_records_of_every_file_are_valid_in_every_schema(shared_data, xsd, folder):
    for place, record in records(shared_data / "marc" / folder, 60):
        check(place, record, xsd)
