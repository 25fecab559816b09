"""Records written in lines, and what the stylesheets make of them."""

import re
from collections.abc import Callable

import pytest
from lxml import etree

from indexer.marc import to_marcxml
from indexer.record import SUBFIELD, Format, Record
from server.xmlio import transform

LEADER: dict[Format, str] = {"marc21": "00000nam a2200000   4500", "unimarc": "00000nam  2200000   450 "}


def record(form: Format, *lines: str, leader: str = "") -> Record:
    """A record of lines such as `245 10 $aTitle`; # is a blank indicator, fields 00X are text."""
    fields = []
    for line in lines:
        tag, rest = line[:3], line[4:]
        subfields = re.split(r"\$(?=[a-z0-9])", rest[3:])
        fields.append((tag, rest if tag.startswith("00") else SUBFIELD.join([rest[:2].replace("#", " "), *subfields[1:]])))
    return Record(leader or LEADER[form], fields, form)


@pytest.fixture(scope="session")
def written() -> Callable[..., Record]:
    """See `record`."""
    return record


@pytest.fixture(scope="session")
def dublin_core() -> Callable[..., list[tuple[str, str]]]:
    """(element, text) of a record's Dublin Core in order."""

    def made(form: Format, *lines: str, leader: str = "", **parameters: str) -> list[tuple[str, str]]:
        tree = etree.fromstring(transform(to_marcxml(record(form, *lines, leader=leader)), f"{form}-to-dc.xsl", parameters))
        return [(etree.QName(one).localname, one.text) for one in tree]

    return made


@pytest.fixture(scope="session")
def found_in() -> Callable[..., list[str]]:
    """Texts of what an XPath finds in what a stylesheet makes of a record."""
    prefixes = {
        "m": "http://www.loc.gov/mods/v3", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "dct": "http://purl.org/dc/terms/",
        "bibo": "http://purl.org/ontology/bibo/",
    }  # fmt: skip

    def found(target: str, path: str, form: Format, *lines: str, leader: str = "", **parameters: str) -> list[str]:
        made = etree.fromstring(transform(to_marcxml(record(form, *lines, leader=leader)), f"{form}-to-{target}.xsl", parameters))
        return [str(one if isinstance(one, str) else one.xpath("string()")) for one in made.xpath(path, namespaces=prefixes)]

    return found
