"""DC terms in RDF/XML: golden files of whole records, and the rules one by one.

`tests/golden/rdf/NAME.txt` holds a record in lines (first the MARC format), `NAME.xml` what becomes of it. After a wanted change:
`HYLLA_WRITE_GOLDEN=1 pytest tests/stylesheets/test_rdf.py`, and read the difference.
"""

import os
from pathlib import Path

import pytest
from lxml import etree

from indexer.marc import Read, SourceProfile, read_file, to_marcxml
from server.xmlio import pretty, transform

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "rdf"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
TERMS = {
    "title", "alternative", "creator", "contributor", "subject", "abstract", "tableOfContents", "description", "publisher", "issued",
    "type", "format", "extent", "identifier", "language", "isPartOf", "relation", "source", "spatial", "temporal", "rights",
    "accessRights", "isbn13", "isbn10", "issn",
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_golden_records(written, path):
    form, *lines = path.read_text("utf-8").splitlines()
    made = pretty(transform(to_marcxml(written(form, *lines)), f"{form}-to-rdf.xsl"))
    expected = path.with_suffix(".xml")
    if os.environ.get("HYLLA_WRITE_GOLDEN"):
        expected.write_bytes(made)
    assert made == expected.read_bytes()


@pytest.mark.parametrize(
    ("parameters", "about"),
    [
        ({"record_url": "https://x.org/1", "identifier": "oai:x.org:1"}, "https://x.org/1"),
        ({"identifier": "oai:x.org:1"}, "oai:x.org:1"),
        ({}, "urn:x-discovery:record:a%20b%2F1"),
    ],
)
def test_what_is_described_has_an_address(found_in, parameters, about):
    assert found_in("rdf", "rdf:Description/@rdf:about", "marc21", "001 a b/1", **parameters) == [about]


@pytest.mark.parametrize(
    ("form", "lines", "path", "expected"),
    [
        ("marc21", ["650 #0 $aReefs$0(DLC)sh1$0http://id.loc.gov/authorities/subjects/sh1"], "dct:subject/@rdf:resource",
         ["http://id.loc.gov/authorities/subjects/sh1"]),
        ("marc21", ["650 #0 $aReefs$0http://id.loc.gov/authorities/subjects/sh1"], "dct:subject", ["Reefs", ""]),
        ("marc21", ["100 1# $aFinn$1https://x.org/p/1"], "dct:creator/@rdf:resource", ["https://x.org/p/1"]),
        ("marc21", ["100 1# $aFinn$9123$0(DE-588)1"], "dct:creator/@rdf:resource", []),
        ("unimarc", ["700 #1 $aDelmer$3http://data.example.org/ark:/1"], "dct:creator/@rdf:resource", ["http://data.example.org/ark:/1"]),
        ("marc21", ["041 0# $aswe"], "dct:language/@rdf:resource", ["http://id.loc.gov/vocabulary/iso639-2/swe"]),
        ("marc21", [], "dct:type/@rdf:resource", ["http://purl.org/dc/dcmitype/Text"]),
        ("marc21", ["655 #7 $aMaps"], "dct:type[not(@*)]", ["Maps"]),
        ("marc21", ["300 ## $a312 p. :$bill."], "dct:extent", ["312 p."]),
        ("unimarc", ["215 ## $a312 p.$d25 cm"], "dct:extent", ["312 p."]),
        ("marc21", ["648 #7 $aMedeltiden"], "dct:temporal", ["Medeltiden"]),
        ("unimarc", ["661 ## $av9v9", "660 ## $ae-fr"], "dct:temporal | dct:spatial", ["v9v9", "e-fr"]),
        ("marc21", ["773 0# $tHost", "490 0# $aSeries", "780 00 $tBefore"], "dct:isPartOf", ["Host", "Series"]),
        ("marc21", ["773 0# $tHost", "780 00 $tBefore"], "dct:relation", ["Before"]),
        ("unimarc", ["461 #0 $tHost", "225 0# $aSeries", "430 #0 $tBefore"], "dct:isPartOf", ["Series", "Host"]),
        ("marc21", ["856 42 $uhttps://x.org/2", "856 40 $uhttps://x.org/1"], "dct:relation/@rdf:resource", ["https://x.org/2"]),
        ("marc21", ["856 40 $uhttps://x.org/1"], "dct:identifier", ["https://x.org/1"]),
        ("marc21", ["506 ## $aIndoors", "540 ## $aFree"], "dct:accessRights", ["Indoors"]),
        ("marc21", ["020 ## $a9789173310000", "020 ## $a910000000X", "022 ## $a0123-4567"], "bibo:*",
         ["9789173310000", "910000000X", "0123-4567"]),
        ("marc21", ["650 #0 $aReefs$0http://x.org/reefs", "650 #7 $aReefs$0http://x.org/reefs"], "dct:subject", ["Reefs", ""]),
    ],
)  # fmt: skip
def test_a_field_becomes_terms(found_in, form, lines, path, expected):
    path = " | ".join(f"rdf:Description/{one}" for one in path.split(" | "))
    assert sorted(found_in("rdf", path, form, *lines)) == sorted(expected)


@pytest.mark.parametrize("folder", ["marc21", "unimarc", "marc8", "edge"])
def test_real_records_give_one_description_of_known_terms(shared_data, folder):
    for path in sorted(one for one in (shared_data / "marc" / folder).iterdir() if one.suffix != ".txt"):
        record = next((one.record for one in read_file(path, SourceProfile()) if isinstance(one, Read)), None)
        if record is None:
            continue
        made = etree.fromstring(transform(to_marcxml(record), f"{record.format}-to-rdf.xsl"))
        (description,) = made
        assert (made.tag, description.tag) == (f"{RDF}RDF", f"{RDF}Description"), path.name
        assert {etree.QName(one).localname for one in description} <= TERMS, path.name
        assert all(bool(one.text) != bool(one.get(f"{RDF}resource")) for one in description), path.name
