"""Finding and opening files by their content."""

import gzip
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.marc import UnusableSource, expand
from indexer.marc.sources import sniff

XML = b'<record><controlfield tag="001">1</controlfield></record>'
JSON = b'[{"leader": "", "fields": []}]'
Raw = Callable[[int], bytes]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", None),
        (b"# A heading\n\nSome text with numbers 245001 and 0123456789.", None),
        (b"import os\n", None),
        (b"\x89PNG\r\n\x1a\n\x00\x1d\x1e\x1f", None),
        (b'{"name": "package", "version": 1}', None),
        (b"[1, 2, 3]", None),
        (XML, "marcxml"),
        (b"\xef\xbb\xbf\n <?xml version='1.0'?>", "marcxml"),
        ("\ufeff<c>".encode("utf-16"), "marcxml"),
        (JSON, "json"),
        (b'\xef\xbb\xbf \n{"fields": []}', "json"),
        (b"\x0000049nam", None),
    ],
)
def test_content_tells_what_a_file_is(head: bytes, kind: str | None):
    assert sniff(head) == kind


def test_iso_2709_is_known_by_leader_or_directory(numbered: Raw):
    raw = numbered(1)
    for head in (raw, b"\n\x00" + raw, b"     " + raw[5:], b"garbage " * 3 + raw, b"xxxxx" + raw[5:]):
        assert sniff(head) == "iso2709"
    assert sniff(b"99999nam a2200061 i 4500" + b"500123400000" * 6000) == "iso2709"


@pytest.fixture
def library(tmp_path: Path, numbered: Raw) -> Path:
    """A directory as libraries have them."""
    for name, content in {
        "b.mrc": numbered(1),
        "a.dat": gzip.compress(numbered(2)),
        "sub/deep/c.xml": XML,
        "sub/d": JSON,
        "readme.md": b"# Records\n",
        "style.xsl": b'<xsl:stylesheet xmlns:xsl="x"><xsl:template match="record"/></xsl:stylesheet>',
        "package.json": b'{"name": "x"}',
        "empty.mrc": b"",
        ".hidden.mrc": numbered(3),
        ".git/e.mrc": numbered(4),
        "damaged.gz": b"\x1f\x8b\x08nonsense",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def test_a_directory_gives_its_marc_files_sorted_and_tells_what_it_left_out(library: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    assert expand([str(library)]) == [library / "a.dat", library / "b.mrc", library / "sub/d", library / "sub/deep/c.xml"]
    for name in ("readme.md", "style.xsl", "package.json", "empty.mrc", "damaged.gz"):
        assert name in caplog.text
    assert ".hidden" not in caplog.text


def test_files_named_and_standard_input_are_taken_as_they_are(library: Path):
    readme = library / "readme.md"
    assert expand(["-", str(readme), str(library / "sub")]) == ["-", readme, library / "sub/d", library / "sub/deep/c.xml"]


def test_a_path_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(UnusableSource, match="no file or directory"):
        expand([str(tmp_path / "no-such.mrc")])
