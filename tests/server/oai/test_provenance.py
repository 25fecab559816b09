"""Records that were harvested elsewhere and are offered again say so (oai-pmh.md 18; the schema of the guidelines on provenance)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from server.db import harvests
from server.db.harvests import Origin, TakenItem
from server.oai.provenance import MOST_HOPS, provenance

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARCXML = "http://www.loc.gov/MARC21/slim"
SOURCE = "https://other.example/oai"
NAMES = {"p": "http://www.openarchives.org/OAI/2.0/provenance", "o": "http://www.openarchives.org/OAI/2.0/"}
HOP = (
    '<originDescription harvestDate="2020-02-02T14:10:02Z" altered="true"><baseURL>http://first.example</baseURL>'
    "<identifier>oai:first.example:1</identifier><datestamp>2019-08-17</datestamp>"
    "<metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</metadataNamespace>{}</originDescription>"
)


def container(inside):
    return f'<provenance xmlns="{NAMES["p"]}">{inside}</provenance>'


@pytest.fixture
def harvested(pool):
    """Notes that a record came from another repository: `await harvested("b1", datestamp=..., altered=..., about=...)`."""

    async def note(record_id, *, namespace=MARCXML, base_url=SOURCE, identifier=None, **more):
        harvest = await harvests.open_harvest(pool, base_url, "marcxml", "")
        await harvests.begin_run(pool, harvest.harvest_id, namespace)
        given = {"datestamp": "2026-02-01T00:00:00Z", "deleted": False} | more
        item = TakenItem(identifier or f"oai:other.example:{record_id}", "biblios", record_id, **given)
        await harvests.remember_items(pool, harvest.harvest_id, [item], 1)

    return note


def told(answer):
    """(identifier, altered, parts of the description) of each record; None for those without a container."""
    found = []
    for record in answer.root.iter("{*}record"):
        if record.tag != f"{{{NAMES['o']}}}record":
            continue
        described = record.xpath("o:about/p:provenance/p:originDescription", namespaces=NAMES)
        parts = [(one.get("altered"), *(part.text for part in one)) for one in described]
        found.append((record.findtext("o:header/o:identifier", namespaces=NAMES).rpartition(":")[2], parts[0] if parts else None))
    return found


async def test_harvested_records_say_where_they_came_from_and_others_nothing(open_repository, make_bib, harvested):
    made = await open_repository()
    await made.store(make_bib("b1"), make_bib("b2"))
    await harvested("b1", datestamp="2026-02-01")
    parts = (SOURCE, "oai:other.example:b1", "2026-02-01", MARCXML)
    listed = await made.ask("ListRecords", metadataPrefix="marcxml")
    assert told(listed) == [("b1", ("false", *parts)), ("b2", None)]
    alone = await made.ask("GetRecord", metadataPrefix="marcxml", identifier="KOHA-OAI-TEST:b1")
    assert told(alone) == [("b1", ("false", *parts))]
    assert listed.texts("//*[local-name() = 'originDescription']/@harvestDate")[0].endswith("Z")
    headers = await made.ask("ListIdentifiers", metadataPrefix="marcxml")
    assert b"provenance" not in headers.body


@pytest.mark.parametrize(
    ("prefix", "fields", "more", "altered"),
    [
        ("marcxml", [], {}, "false"),
        ("marc21", [], {}, "false"),
        ("oai_dc", [], {}, "true"),
        ("mods", [], {}, "true"),
        ("marcxml", [], {"altered": True}, "true"),
        ("marcxml", [("952", "  \x1faCPL")], {}, "true"),
        ("marcxml", [("995", "  \x1faLocal, and no item in MARC 21")], {}, "false"),
        ("marcxml", [], {"namespace": "info:lc/xmlns/marcxchange-v2"}, "true"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("index", [True, False], ids=["from the engine", "from the store"])
async def test_what_is_not_what_came_in_is_altered(open_repository, make_bib, harvested, prefix, fields, more, altered, index):
    made = await open_repository()
    await made.store(make_bib("b1", "A title", *fields), index=index)
    await harvested("b1", **more)
    assert [parts[0] for _, parts in told(await made.ask("ListRecords", metadataPrefix=prefix))] == [altered]


async def test_rights_and_provenance_stand_in_containers_of_their_own(open_repository, make_bib, harvested):
    made = await open_repository(rights="https://creativecommons.org/publicdomain/zero/1.0/")
    await made.store(make_bib("b1"))
    await harvested("b1")
    answer = await made.ask("ListRecords", metadataPrefix="oai_dc", valid=False)  # there is no schema of rights among the test data
    assert [one[0].tag.rpartition("}")[2] for one in answer.root.iter(f"{{{NAMES['o']}}}about")] == ["rights", "provenance"]


async def test_deleted_records_and_those_that_the_source_deleted_carry_nothing(open_repository, make_bib, harvested):
    made = await open_repository()
    await made.store(make_bib("b1"), make_bib("b2"))
    await harvested("b1")
    await harvested("b2", deleted=True)
    await made.delete("b1", at=DAY + timedelta(seconds=1))
    assert told(await made.ask("ListRecords", metadataPrefix="marcxml")) == [("b2", None), ("b1", None)]


async def test_of_several_sources_the_last_one_is_told(open_repository, make_bib, harvested):
    made = await open_repository()
    await made.store(make_bib("b1"))
    await harvested("b1")
    await harvested("b1", base_url="https://third.example/oai")
    assert [parts[1] for _, parts in told(await made.ask("ListRecords", metadataPrefix="marcxml"))] == ["https://third.example/oai"]


async def test_the_hop_before_stands_inside(open_repository, make_bib, harvested):
    made = await open_repository()
    await made.store(make_bib("b1"))
    await harvested("b1", about=container(HOP.format("")))
    answer = await made.ask("ListRecords", metadataPrefix="marcxml")
    inner = answer.root.xpath("//p:originDescription/p:originDescription", namespaces=NAMES)
    assert [(one.get("altered"), one.get("harvestDate"), *(part.text for part in one)) for one in inner] == [
        ("true", "2020-02-02T14:10:02Z", "http://first.example", "oai:first.example:1", "2019-08-17",
         "http://www.openarchives.org/OAI/2.0/oai_dc/"),
    ]  # fmt: skip


async def test_one_question_a_page_and_none_where_nothing_is_harvested(open_repository, make_bib, harvested, monkeypatch):
    made = await open_repository(max_count=2, visibility_delay=0)
    await made.store(*(make_bib(f"b{number}") for number in range(5)))
    asked = []
    ask = harvests.origins

    async def noted(connection, store, record_ids):
        asked.append(len(record_ids))
        return await ask(connection, store, record_ids)

    monkeypatch.setattr(harvests, "origins", noted)
    await made.walk("ListRecords", metadataPrefix="oai_dc")
    assert asked == []
    await harvested("b3")
    await made.walk("ListRecords", metadataPrefix="oai_dc")
    await made.walk("ListIdentifiers", metadataPrefix="oai_dc")
    assert asked == [2, 2, 1]


def origin(**more):
    given = {
        "record_id": "b1", "base_url": SOURCE, "identifier": "oai:other.example:1", "datestamp": "2026-02-01", "namespace": MARCXML,
        "harvested_at": DAY, "altered": False, "about": "",
    }  # fmt: skip
    return Origin(**(given | more))


@pytest.fixture(scope="module")
def schema(shared_data):
    return etree.XMLSchema(etree.parse(shared_data / "xsd/oai/provenance.xsd"))


def described(schema, **more):
    """The descriptions of a container, outermost first; checked against the schema."""
    about = etree.fromstring(provenance(origin(**more), altered=False))
    schema.assertValid(etree.fromstring(etree.tostring(about[0])))
    return about.xpath("//p:originDescription", namespaces=NAMES)


@pytest.mark.parametrize(
    ("written", "told_as"),
    [
        ("2026-02-01", "2026-02-01"), ("2026-02-01T10:00:00Z", "2026-02-01T10:00:00Z"), ("2026-02-01T10:00:00.5Z", "2026-02-01T10:00:00Z"),
        ("2026-02-01T10:00:00+02:00", "2026-02-01T08:00:00Z"), ("2026-02-30", "2026-03-01T12:00:00Z"), ("", "2026-03-01T12:00:00Z"),
        ("yesterday", "2026-03-01T12:00:00Z"), ("0001-01-01T00:00:00+05:00", "2026-03-01T12:00:00Z"),
    ],
)  # fmt: skip
def test_datestamps_are_told_as_the_protocol_writes_them(schema, written, told_as):
    assert [one[2].text for one in described(schema, datestamp=written)] == [told_as]


@pytest.mark.parametrize(
    ("about", "depth"),
    [
        (container(HOP.format("")), 2),
        (container(HOP.format(HOP.format(""))), 3),
        (container(f"<!-- first -->{HOP.format('')}{HOP.format('')}"), 2),
        (container(HOP.format("<extra/>")), 2),
        ("<provenance>" + HOP.format("") + "</provenance>", 2),
        (container(HOP.format("")).replace('"true"', '"perhaps"'), 1),
        (container(HOP.format("")).replace("2019-08-17", "long ago"), 1),
        (container(HOP.format("")).replace("<baseURL>http://first.example</baseURL>", ""), 1),
        (container(HOP.format(HOP.format("").replace("harvestDate", "date"))), 2),
        (container(""), 1),
        (container("<other/>"), 1),
        ("<provenance>", 1),
        ("not XML", 1),
        ('<!DOCTYPE p [<!ENTITY a "b">]><provenance>&a;</provenance>', 1),
    ],
)
def test_only_what_is_as_it_must_be_is_taken_over(schema, about, depth):
    assert len(described(schema, about=about)) == depth


def test_a_chain_without_end_is_cut(schema):
    chain = ""
    for _ in range(60):
        chain = HOP.format(chain)
    assert len(described(schema, about=container(chain))) == MOST_HOPS + 1


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "identifier": st.text(st.sampled_from("oai:x.org/1?#[]%<>&\"' åя\x00\x0b\ufffe2F"), max_size=20) | st.text(max_size=10),
            "base_url": st.sampled_from(["https://a.example/oai?x=1&y=2", "http://a.example/ö"]),
            "datestamp": st.text(st.sampled_from("0123456789-T:Z+. "), max_size=22),
            "about": st.text(max_size=20) | st.text(st.sampled_from("0<>/&; xy"), max_size=9).map(lambda text: container(HOP.format(text))),
        }
    )
)
def test_whatever_a_source_writes_the_container_fits_the_schema(schema, given_values):
    assert described(schema, **given_values)
