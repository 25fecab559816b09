"""Harvesters of others get every record of every format, page by page (oai-pmh.md 26.2).

Each is used when it is at hand, and skipped loudly when it is not: sickle, oaipmh-scythe and oaipmh, the successor of pyoai
(`pip install sickle oaipmh-scythe oaipmh`, in the Python named by HYLLA_TEST_CLIENTS_PYTHON, else in our own), HTTP::OAI (Debian:
libhttp-oai-perl) and Catmandu (Debian: libcatmandu-oai-perl). They run as programs of their own, so that nothing of theirs is mixed
up with ours. HTTP::OAI is asked with `onRecord`: without it, it gives the last page alone (oai-pmh.md 22).
"""

import asyncio
import os
import shutil
import subprocess
import sys

import pytest

FORMATS = ["oai_dc", "marcxml", "marc21", "mods", "rdf", "items"]
"""The built-in ones, and one of a Koha conf file."""

CONF = """
format:
  items: {metadataPrefix: items, metadataNamespace: "http://www.loc.gov/MARC21/slim", include_items: 1, xsl_file: same.xsl,
    schema: "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"}
"""
SAME = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="/"><xsl:copy-of select="."/></xsl:template></xsl:stylesheet>"""

IDENTIFIERS = [f"KOHA-OAI-TEST:b{number}" for number in range(6)]

SICKLE = """
import sys
from sickle import Sickle
for method in ("GET", "POST"):
    client = Sickle(sys.argv[1], http_method=method)
    assert client.Identify().granularity == "YYYY-MM-DDThh:mm:ssZ"
    assert sys.argv[2] in [one.metadataPrefix for one in client.ListMetadataFormats()]
    for record in client.ListRecords(metadataPrefix=sys.argv[2]):
        print(record.header.identifier, record.deleted, record.deleted or len(record.raw) > 500)
    print(len(list(client.ListIdentifiers(metadataPrefix=sys.argv[2], ignore_deleted=True))))
    print(client.GetRecord(identifier="KOHA-OAI-TEST:b0", metadataPrefix=sys.argv[2]).header.datestamp)
"""
SCYTHE = """
import sys
from oaipmh_scythe import Scythe
with Scythe(sys.argv[1]) as client:
    for record in client.list_records(metadata_prefix=sys.argv[2]):
        print(record.header.identifier, record.header.deleted)
    print(len(list(client.list_identifiers(metadata_prefix=sys.argv[2]))))
"""
PYOAI = """
import sys
from oaipmh.client import Client
from oaipmh.metadata import MetadataRegistry
from lxml import etree
registry = MetadataRegistry()
registry.registerReader(sys.argv[2], lambda element: etree.tostring(element))
client = Client(sys.argv[1], registry)
assert client.identify().protocolVersion() == "2.0"
for header, metadata, about in client.listRecords(metadataPrefix=sys.argv[2]):
    print(header.identifier(), header.isDeleted(), bool(metadata) != header.isDeleted())
print(len(list(client.listIdentifiers(metadataPrefix=sys.argv[2]))))
"""
PERL = """
use HTTP::OAI;
my $client = HTTP::OAI::Harvester->new(baseURL => $ARGV[0]);
my $answer = $client->ListRecords(metadataPrefix => $ARGV[1], onRecord => sub {
    my $record = shift;
    print $record->identifier, ($record->is_deleted ? ' True' : ' False'), "\\n";
});
print $answer->is_error ? $answer->message : 'done', "\\n";
"""


async def run(*command):
    """What a program prints."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    return printed.decode("utf-8", "replace")


async def python_with(module):
    """The Python that has a client."""
    python = os.environ.get("HYLLA_TEST_CLIENTS_PYTHON", sys.executable)
    if "yes" not in await run(python, "-W", "ignore", "-c", f"import {module}; print('yes')"):
        pytest.skip(f"SKIPPED LOUDLY: {module} is not installed for {python}")
    return python


def perl_with(module, package):
    """Perl, when it has a module."""
    perl = shutil.which("perl")
    if perl is None or subprocess.run([perl, f"-M{module}", "-e", "1"], capture_output=True, check=False).returncode:
        pytest.skip(f"SKIPPED LOUDLY: perl has no {module} (Debian: {package})")
    return perl


@pytest.fixture(params=FORMATS)
def prefix(request):
    return request.param


@pytest.fixture
async def address(repository, open_repository, prefix, tmp_path):
    """Address of six live records and a deleted one in pages of three."""
    if prefix != "items":
        return str(repository.client.make_url("/oai"))
    (tmp_path / "conf.yaml").write_text(CONF)
    (tmp_path / "same.xsl").write_text(SAME)
    other = await open_repository(max_count=3, conf_file=tmp_path / "conf.yaml")
    return str(other.client.make_url("/oai"))


LIVE = [f"{identifier} False" for identifier in IDENTIFIERS]
ALL = [*LIVE, "KOHA-OAI-TEST:gone True"]


async def test_sickle_gets_every_record_by_get_and_by_post(address, prefix):
    printed = await run(await python_with("sickle"), "-W", "ignore", "-c", SICKLE, address, prefix)
    assert printed.splitlines() == [*(f"{line} True" for line in ALL), "6", "2026-03-01T12:00:00Z"] * 2


async def test_oaipmh_scythe_gets_every_record(address, prefix):
    printed = await run(await python_with("oaipmh_scythe"), "-W", "ignore", "-c", SCYTHE, address, prefix)
    assert printed.splitlines() == [*ALL, "7"]


async def test_oaipmh_gets_every_record(address, prefix):
    printed = await run(await python_with("oaipmh.client"), "-W", "ignore", "-c", PYOAI, address, prefix)
    assert printed.splitlines() == [*(f"{line} True" for line in ALL), "7"]


async def test_http_oai_gets_every_record(address, prefix):
    printed = await run(perl_with("HTTP::OAI", "libhttp-oai-perl"), "-e", PERL, address, prefix)
    assert printed.splitlines() == [*ALL, "done"]


async def test_catmandu_gets_every_record(address, prefix):
    perl_with("Catmandu::Importer::OAI", "libcatmandu-oai-perl")
    command = (shutil.which("catmandu") or "catmandu", "convert", "OAI", "--url", address, "--metadataPrefix", prefix, "--handler", "raw")
    printed = await run(*command, "--fix", "retain(_id,_status)", "to", "JSON", "--line_delimited", "1")
    found = [line for line in printed.splitlines() if line.startswith("{")]
    assert [identifier for identifier in [*IDENTIFIERS, "KOHA-OAI-TEST:gone"] if any(f'"{identifier}"' in line for line in found)] == [
        *IDENTIFIERS, "KOHA-OAI-TEST:gone",
    ], printed  # fmt: skip
    assert len(found) == len(ALL)
