import re

import pytest
import yaml
from lxml import html
from typer.main import get_command

from cql.parser import parse
from cql.planner import plan_query
from indexer.fields import load_field_table
from server.app import ROOMS, build_app
from server.cli import app as commands
from server.settings import Settings
from server.web.docs import GUIDES, Chapter, guides, index_chapter, room_chapters

CODE = re.compile(r"(?<!`)`([^`\n]+)`")


@pytest.fixture
async def client(settings, aiohttp_client):
    return await aiohttp_client(build_app(settings))


@pytest.fixture(scope="module")
def table():
    return load_field_table()


async def test_every_chapter_of_the_manual_can_be_read(client):
    page = html.fromstring(await (await client.get("/docs")).text())
    addresses = page.xpath("//ul[@class='chapters']//a/@href")
    assert len(addresses) == len(GUIDES) + 2 + len(ROOMS)
    for address in addresses:
        answer = await client.get(address)
        chapter = html.fromstring(await answer.text())
        assert answer.status == 200, address
        assert len(chapter.findall(".//h1")) == 1, address
        assert chapter.xpath("//article/@lang") == ["en"]
        assert "|---" not in chapter.text_content(), address


async def test_links_within_the_manual_lead_somewhere(client):
    for guide in guides():
        chapter = html.fromstring(await (await client.get(f"/docs/{guide.name}")).text())
        for link in chapter.xpath("//article//a/@href"):
            answer = await client.get(link if link.startswith("/") else f"/docs/{link}")
            assert answer.status == 200, (guide.name, link)


async def test_a_chapter_that_is_not_there_is_an_ordinary_404(client):
    assert (await client.get("/docs/..%2Fsecret")).status == 404


async def test_labels_of_indexes_are_in_the_readers_language(client):
    for language, label in (("en", "Main title"), ("sv", "Huvudtitel")):
        chapter = html.fromstring(await (await client.get(f"/docs/indexes?lang={language}")).text())
        assert label in chapter.text_content()


def test_html_in_a_chapter_stays_text():
    assert "<script>" not in Chapter("x", "# T\n\n<script>alert(1)</script> [a](javascript:alert)").html
    assert "javascript:" not in re.findall('href="([^"]*)"', Chapter("x", "# T\n\n[a](javascript:alert)").html)


def test_every_query_of_the_guide_can_be_planned(table):
    (guide,) = (one for one in guides() if one.name == "searching")
    rows = [line.split("|")[1] for line in guide.text.splitlines() if line.startswith("| `")]
    queries = [query for row in rows for query in CODE.findall(row)]
    assert len(queries) >= 16
    for query in queries:
        plan_query(parse(query), table.index_table("biblios"))


def test_every_command_of_the_guides_exists():
    known = get_command(commands).commands
    named = {found for guide in guides() for found in re.findall(r"\bhylla ([a-z]+(?:-[a-z]+)*)", guide.text)}
    assert {"load", "serve", "harvest", "explain-query", "verify"} <= named
    assert named <= set(known)


def test_settings_in_the_guides_exist():
    (guide,) = (one for one in guides() if one.name == "harvesting")
    blocks = re.findall(r"(?m)(?:^    .+\n)+", guide.text)
    shown = [yaml.safe_load(block) for block in blocks if "curl" not in block]
    assert len(shown) == 2
    for one in shown:
        Settings.model_validate(one)


def test_every_index_has_a_row(table):
    text = index_chapter([("Biblios", table.index_table("biblios"))], "en").text
    for index in table.index_table("biblios").by_name.values():
        assert f"| `{index.name}` |" in text


def test_every_room_has_a_chapter_with_a_title():
    chapters = room_chapters(ROOMS)
    assert {chapter.name for chapter in chapters} == {room.name for room in ROOMS}
    assert all(chapter.title and not chapter.title.endswith(".") for chapter in chapters)
