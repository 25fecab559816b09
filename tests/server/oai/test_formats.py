"""Formats, Koha's conf file, items and the description: oai-pmh.md 5, 10 to 12, 18."""

from datetime import UTC, datetime, timedelta

import pytest

from server.errors import CannotStart
from server.oai.formats import read_formats

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
XSL = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:m="http://www.loc.gov/MARC21/slim"
    exclude-result-prefixes="m"><xsl:import href="parts.xsl"/><xsl:param name="OPACBaseURL"/>
  <xsl:template match="/"><t xmlns="urn:t" base="{$OPACBaseURL}"><xsl:call-template name="title"/></t></xsl:template></xsl:stylesheet>"""
PARTS = """<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:m="http://www.loc.gov/MARC21/slim">
  <xsl:template name="title"><xsl:if test="//m:datafield[@tag = '500']"><xsl:message terminate="yes">no</xsl:message></xsl:if>
    <xsl:value-of select="//m:datafield[@tag = '245']"/></xsl:template></xsl:stylesheet>"""
ITEM = ("952", "  \x1faCPL\x1fbCPL\x1fp3001\x1fg12.50\x1fxsecret <note>\x1fzpublic & plain")


def conf(folder, text):
    (folder / "mine.xsl").write_text(XSL)
    (folder / "parts.xsl").write_text(PARTS)
    path = folder / "oai.yaml"
    path.write_text(text)
    return path


MINE = "{xsl_file: mine.xsl, metadataNamespace: urn:t, schema: http://t/t.xsd}"


async def test_identify_has_its_parts_in_order(open_repository, make_bib):
    made = await open_repository(
        archive_id="oai:library.example", rights="https://creativecommons.org/publicdomain/zero/1.0/", friends=["https://a.example/oai"],
        admin_emails="one@library.example, two@library.example", repository_name="Bibliotek & Co", metadata_policy="Free <for> all",
        branding={"url": "https://library.example/icon.png"}, descriptions='<x xmlns="urn:x"/>',
    )  # fmt: skip
    await made.store(make_bib("1"), at=DAY)
    answer = await made.ask_raw("verb=Identify", valid=False)
    names = [one.tag.partition("}")[2] for one in answer.root[2]]
    assert names == [
        "repositoryName", "baseURL", "protocolVersion", "adminEmail", "adminEmail", "earliestDatestamp", "deletedRecord", "granularity",
        "compression", *["description"] * 6,
    ]  # fmt: skip
    assert answer.texts("//o:earliestDatestamp") == ["2026-03-01T12:00:00Z"]
    told = answer.body.decode()
    assert "Bibliotek &amp; Co" in told
    assert "Free &lt;for&gt; all" in told
    query = "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:library.example:1"
    record = await made.ask_raw(query, valid=False)  # the schema of `rights` is not among the test data
    assert record.texts("//o:about/*/*/@ref") == ["https://creativecommons.org/publicdomain/zero/1.0/"]


async def test_the_earliest_datestamp_counts_deletions_unless_there_are_none(open_repository, make_bib):
    made = await open_repository()
    await made.store(make_bib("1"), at=DAY)
    await made.delete("1", at=DAY + timedelta(days=1))
    await made.store(make_bib("2"), at=DAY + timedelta(days=2))
    assert (await made.ask("Identify")).texts("//o:earliestDatestamp") == ["2026-03-02T12:00:00Z"]
    without = await open_repository(deleted_record="no")
    assert (await without.ask("Identify")).texts("//o:earliestDatestamp") == ["2026-03-03T12:00:00Z"]


async def test_an_empty_repository_describes_itself(open_repository):
    made = await open_repository()
    assert (await made.ask("Identify")).errors == []
    assert (await made.ask("ListRecords", metadataPrefix="oai_dc")).errors == ["noRecordsMatch"]


async def test_items_are_left_out_without_include_items(open_repository, make_bib):
    made = await open_repository()
    await made.store(make_bib("1", "T", ITEM))
    for prefix in ("marcxml", "marc21", "mods"):
        answer = await made.ask("GetRecord", metadataPrefix=prefix, identifier="KOHA-OAI-TEST:1")
        assert b"CPL" not in answer.body


async def test_items_are_kept_without_what_is_private(open_repository, make_bib, tmp_path):
    path = conf(tmp_path, f"format: {{marcxml: {{include_items: 1}}, mine: {MINE}}}")
    values = {"952a": {"CPL": "Centerville & Co"}}
    made = await open_repository(conf_file=path, authorised_values=values, items={"hidden": {"952b": ["STAFF"]}})
    await made.store(make_bib("1", "T", ITEM, ("952", "  \x1fbSTAFF\x1fp3002")))
    answer = await made.ask("GetRecord", metadataPrefix="marcxml", identifier="KOHA-OAI-TEST:1")
    assert answer.texts("//m:datafield[@tag='952']/m:subfield") == ["CPL", "CPL", "3001", "public & plain"]


async def test_coded_values_become_texts_with_expanded_avs(open_repository, make_bib, tmp_path):
    path = conf(tmp_path, "format: {marcxml: {include_items: 1, expanded_avs: 1}}")
    made = await open_repository(conf_file=path, authorised_values={"952a": {"CPL": "Centerville & Co"}})
    await made.store(make_bib("1", "T", ITEM))
    answer = await made.ask("GetRecord", metadataPrefix="marcxml", identifier="KOHA-OAI-TEST:1")
    assert answer.texts("//m:datafield[@tag='952']/m:subfield")[:2] == ["Centerville & Co", "CPL"]


async def test_an_item_moves_only_the_datestamps_of_formats_that_have_it(open_repository, make_bib, tmp_path):
    path = conf(tmp_path, f"format: {{marcxml: {{include_items: 1}}, marc21: {{}}, mine: {MINE}}}")
    made = await open_repository(conf_file=path)
    await made.store(make_bib("1", "T", ITEM), at=DAY)
    await made.store(make_bib("1", "T", ITEM, ITEM), at=DAY + timedelta(hours=1))
    stamps = {}
    for prefix in ("marcxml", "marc21", "oai_dc"):
        stamps[prefix] = (await made.ask("ListRecords", metadataPrefix=prefix)).texts("//o:datestamp")
    assert stamps == {"marcxml": ["2026-03-01T13:00:00Z"], "marc21": ["2026-03-01T12:00:00Z"], "oai_dc": ["2026-03-01T12:00:00Z"]}
    assert (await made.ask("ListRecords", metadataPrefix="marc21", from_="2026-03-01T12:30:00Z")).errors == ["noRecordsMatch"]


async def test_a_conf_file_says_exactly_which_formats_there_are(open_repository, make_bib, tmp_path):
    text = f"""format:
  marcxml: {{metadataPrefix: marxml, metadataNamespace: http://www.loc.gov/MARC21/slim http://www.loc.gov/x, unknown: 1,
             schema: 'http://www.loc.gov/MARC21/slim http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd'}}
  mine: {MINE}
"""
    made = await open_repository(conf_file=conf(tmp_path, text), opac_base_url="https://opac.example")
    await made.store(make_bib("1", "A & B"), make_bib("2", "x", ("500", "  \x1fabreaks")), make_bib("3", "C"))
    answer = await made.ask("ListMetadataFormats")
    assert answer.texts("//o:metadataPrefix") == ["marxml", "mine", "oai_dc"]
    assert answer.texts("//o:metadataNamespace")[0] == "http://www.loc.gov/MARC21/slim"
    assert answer.texts("//o:schema")[0] == "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd"
    for prefix in ("marcxml", "marxml"):
        assert (await made.ask("ListRecords", metadataPrefix=prefix)).errors == []
    listed = await made.ask_raw("verb=ListRecords&metadataPrefix=mine", valid=False)
    assert listed.identifiers == ["KOHA-OAI-TEST:1", "KOHA-OAI-TEST:3"]
    located = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:t http://t/t.xsd"'
    assert f'<t xmlns="urn:t" base="https://opac.example" {located}>A &amp; B</t>' in listed.body.decode()
    broken = await made.ask("GetRecord", metadataPrefix="mine", identifier="KOHA-OAI-TEST:2")
    assert broken.errors == ["cannotDisseminateFormat"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing: 1", "one key `format`"), ("format: {}", "one key `format`"), ("format: [", "cannot be read"),
        ("format: {mods: {}}", "needs an xsl_file"), ("format: {mods: {xsl_file: none.xsl}}", "is not there"),
        ("format: {mine: {xsl_file: mine.xsl}}", "metadataNamespace"), ("format: {'a b': {xsl_file: mine.xsl}}", "must be made of letters"),
        ("format: {a: {metadataPrefix: marcxml, xsl_file: mine.xsl}, marcxml: {}}", "twice"), ("format: {a: 1}", "must be a map"),
    ],
)  # fmt: skip
def test_a_conf_file_that_cannot_be_used_stops_the_start(tmp_path, text, said):
    text = text.replace("metadataPrefix: marcxml,", "metadataPrefix: marcxml, metadataNamespace: n, schema: s,")
    with pytest.raises(CannotStart, match=said):
        read_formats(conf(tmp_path, text))


async def test_a_stylesheet_that_is_none_stops_the_start_and_none_reads_files(open_repository, tmp_path):
    path = conf(tmp_path, f"format: {{mine: {MINE}}}")
    (tmp_path / "mine.xsl").write_text("<broken")
    with pytest.raises(CannotStart, match=r"mine\.xsl"):
        await open_repository(conf_file=path)
    (tmp_path / "mine.xsl").write_text(XSL.replace('href="parts.xsl"', 'href="/etc/passwd"'))
    with pytest.raises(CannotStart, match=r"mine\.xsl|lie in"):
        await open_repository(conf_file=path)


async def test_numbers_that_no_address_carries_are_encoded(open_repository, make_bib):
    made = await open_repository()
    await made.store(make_bib("ocm 1/å(x)"), make_bib("(DE)2"))
    identifiers = (await made.ask("ListIdentifiers", metadataPrefix="oai_dc")).identifiers
    assert "KOHA-OAI-TEST:ocm%201/%C3%A5(x)" in identifiers
    for one in identifiers:
        found = await made.ask("GetRecord", metadataPrefix="oai_dc", identifier=one)
        assert found.identifiers == [one]


async def test_a_record_address_becomes_the_first_identifier(open_repository, make_bib):
    made = await open_repository(record_url="https://opac.example/record/{id}")
    await made.store(make_bib("1", "T", ("020", "  \x1fa9780306406157"), ("999", "  \x1fc77")))
    answer = await made.ask("GetRecord", metadataPrefix="oai_dc", identifier="KOHA-OAI-TEST:77")
    assert answer.texts("//*[local-name() = 'identifier' and not(self::o:identifier)]")[0] == "https://opac.example/record/77"


@pytest.mark.slow
async def test_every_character_goes_through_every_format(open_repository, make_bib):
    made = await open_repository(max_count=300)
    points = [code for code in range(0x20, 0x10000) if code not in range(0xD800, 0xE000) and code not in range(0x1D, 0x20)]
    for at in range(0, len(points), 256):
        text = "".join(map(chr, points[at : at + 256]))
        await made.store(make_bib(f"c{at:05}", f"x{text}y", ("500", f"  \x1fa{text}")), index=False)
    await made.index()
    for prefix in ("oai_dc", "marcxml", "mods", "rdf"):
        pages = await made.walk("ListRecords", metadataPrefix=prefix)
        assert sum(len(page.identifiers) for page in pages) == -(-len(points) // 256)


@pytest.mark.parametrize("prefix", ["oai_dc", "marcxml", "marc21", "mods", "rdf"])
async def test_every_record_says_at_its_root_where_its_schema_is(prefix, open_repository, make_bib):
    """oai-pmh.md 5: the root element inside metadata carries its own xsi:schemaLocation."""
    made = await open_repository()
    await made.store(make_bib("1"))
    formats = await made.ask("ListMetadataFormats")
    place = f"//o:metadataFormat[o:metadataPrefix = '{prefix}']"
    announced = formats.texts(f"{place}/o:metadataNamespace") + formats.texts(f"{place}/o:schema")
    answer = await made.ask("GetRecord", metadataPrefix=prefix, identifier="KOHA-OAI-TEST:1")
    (root,) = answer.root.iterfind(".//{*}metadata/*")
    assert root.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation", "").split() == announced
