"""Marks of text that is not sorted: kept in the record, in no word, heading, display form or other format, obeyed when sorting.

They come as U+0098 and U+009C or as U+0088 and U+0089 (indexing.md 1.2.5, oai-pmh.md 17), and mean the same.
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from indexer.dublin_core import oai_dc
from indexer.extract import Extractor
from indexer.fields import load_field_table
from indexer.marc import Read, SourceProfile, pack, read_file, to_marcxml, unpack
from indexer.record import Record
from server.xmlio import transform

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
CONTROLS = re.compile("[\x80-\x9f]")
BARE = dict.fromkeys((0x88, 0x89, 0x98, 0x9C))
OTHER = str.maketrans("\x98\x9c\x88\x89", "\x88\x89\x98\x9c")
REAL = {
    "unimarc": ("bncf_data.mrc", "bnf_1000_utf8.mrc.gz", "bnf_1000_iso5426.mrc.gz", "pymarc_testunimarc.dat", "qa_serial.bnr.1993.mrc"),
    "marc21": ("bu_catmandu.mrc.gz", "metafacture_dnb.xml"),
}  # fmt: skip

MADE = {
    "marc21": [
        ("100", "1 $a<von >Ek, Per."), ("240", "10$a<Das >Haus"), ("245", "10$a<The >sea :$ba <x >y /$c<P>"),
        ("490", "1 $a<Die >Reihe ;$v1"), ("505", "0 $a<A >b"),
        ("650", " 0$a<Les >mers$x<le >fond"), ("700", "1 $a<Le >Bon, A.$t<La >mer"), ("773", "0 $t<The >Journal"),
        ("830", " 0$a<Die >Reihe"),
    ],
    "unimarc": [
        ("200", "1 $a<Les >récifs$e<le >guide$f<le >Bon"), ("225", "2 $a<La >série"), ("500", "10$a<Les >mers"),
        ("606", "  $a<Les >mers$x<le >fond"), ("700", " 1$a<Le >Bon$bA."), ("461", " 1$t<Le >tout"), ("517", "1 $a<L'>autre"),
    ],
}  # fmt: skip
"""Fields with $ for the delimiter and < > for the marks."""


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor(load_field_table(), 2024)


def changed(record: Record, table: dict) -> Record:
    return replace(record, fields=[(tag, body.translate(table)) for tag, body in record.fields])


def facts(extractor: Extractor, record: Record) -> dict:
    document = extractor.document(record, "t:1", 1, NOW, control_number="1", control_org="", source="t")
    return {name: value for name, value in asdict(document).items() if name != "stored"}


def check(extractor: Extractor, record: Record) -> None:
    """Everything that must hold of a record with marks."""
    found = facts(extractor, record)
    assert not CONTROLS.search("".join(_texts(found)))
    assert facts(extractor, changed(record, OTHER)) == found
    bare = facts(extractor, changed(record, BARE))
    assert {**bare, "sorts": None} == {**found, "sorts": None}
    assert oai_dc(record) == oai_dc(changed(record, OTHER)) == oai_dc(changed(record, BARE))
    kept = etree.fromstring(to_marcxml(record))
    assert CONTROLS.findall("".join(kept.itertext())) == CONTROLS.findall("".join(body for _, body in record.fields))
    stored = pack(record)
    assert unpack(*stored, record.format, record.kind).fields == record.fields


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


@pytest.mark.parametrize("kind", MADE)
def test_both_pairs_of_marks_mean_the_same_everywhere(extractor: Extractor, kind: str) -> None:
    signs = str.maketrans("$<>", "\x1f\x98\x9c")
    fields = [("001", "1"), *((tag, body.translate(signs)) for tag, body in MADE[kind])]
    record = Record("00000cam a2200000 a 4500", fields, format=kind)  # type: ignore[arg-type]
    check(extractor, record)
    for name in ("dc", "mods", "rdf"):
        made = [transform(to_marcxml(one), f"{kind}-to-{name}.xsl", {}) for one in (record, changed(record, OTHER))]
        assert made[0] == made[1]
        assert not CONTROLS.search(made[0].decode())
    assert facts(extractor, record)["sorts"]["title_sort"] == {"marc21": "sea a y", "unimarc": "recifs"}[kind]


@pytest.mark.parametrize(("folder", "name"), [(folder, name) for folder, names in REAL.items() for name in names])
def test_real_records_keep_their_marks_and_show_none(extractor: Extractor, shared_data: Path, folder: str, name: str) -> None:
    seen = 0
    for outcome in read_file(shared_data / "marc" / folder / name, SourceProfile()):
        if isinstance(outcome, Read) and CONTROLS.search("".join(body for _, body in outcome.record.fields)):
            check(extractor, outcome.record)
            seen += 1
    assert seen
