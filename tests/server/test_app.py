import re

import pytest
from aiohttp import web
from lxml import html

from server.app import build_app
from server.errors import CannotStart
from server.rooms import ENGINES, POOL, SETTINGS
from server.settings import Settings

PAGE = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
async def app(settings):
    return build_app(settings)


@pytest.fixture
async def client(app, aiohttp_client):
    return await aiohttp_client(app)


@pytest.mark.parametrize(("language", "title"), [("en", "Search the catalogue"), ("sv", "Sök i katalogen")])
async def test_the_start_page_has_a_search_box_and_addresses_to_click(client, language, title):
    answer = await client.get("/", headers=PAGE | {"Accept-Language": language})
    page = html.fromstring(await answer.text())
    assert (answer.status, answer.headers["Content-Language"], page.get("lang")) == (200, language, language)
    assert page.findtext(".//h1") == title
    form = page.xpath("//form[@role='search']")[0]
    assert (form.action, form.method, form.fields["queryType"]) == ("/sru", "GET", "searchTerms")
    base = f"http://127.0.0.1:{client.port}"
    assert f"{base}/sru" in page.text_content()
    for address in page.xpath("//ul[@class='cards']//a/@href"):
        assert (await client.get(address)).status == 200, address


async def test_the_language_links_change_the_language(client):
    page = html.fromstring(await (await client.get("/status?lang=sv", headers={"Accept-Language": "en"})).text())
    assert page.findtext(".//h1") == "Driftläge"


async def test_a_chosen_language_goes_along_with_the_search(client):
    chosen, left_alone = [html.fromstring(await (await client.get(path)).text()) for path in ("/?lang=sv", "/")]
    assert chosen.xpath("//input[@name='x-lang']/@value") == ["sv", "sv"]
    assert left_alone.xpath("//input[@name='x-lang']") == []


async def test_the_address_on_the_page_is_escaped(client):
    text = await (await client.get("/", headers=PAGE | {"Host": 'a"><script>alert(1)</script>'})).text()
    assert "<script" not in text


@pytest.mark.parametrize("path", ["/", "/status", "/explain-query", "/explain-query?lang=sv", "/nowhere", "/?lang=sv"])
async def test_pages_are_sound(client, path):
    """One h1, a language, labels for every field, no script, nothing from elsewhere, no empty link."""
    page = html.fromstring(await (await client.get(path, headers=PAGE)).text())
    assert len(page.findall(".//h1")) == 1
    assert page.get("lang")
    assert page.findtext(".//title").strip()
    assert page.xpath("//script") == []
    assert page.xpath("//*[@style]") == []
    fields = page.xpath("//input[not(@type='hidden')]/@id")
    assert all(page.xpath(f"//label[@for='{name}']") for name in fields)
    assert all(field.get("aria-label") for field in page.iter("select"))
    described = [name for names in page.xpath("//@aria-describedby | //@aria-labelledby") for name in names.split()]
    assert all(page.xpath(f"//*[@id='{name}']") for name in described)
    assert all(link.text_content().strip() for link in page.xpath("//a"))
    assert all(address.startswith(("/", "?", "#")) for address in page.xpath("//@href | //@src | //@action"))
    for address in page.xpath("//link/@href | //img/@src"):
        assert (await client.get(address)).status == 200


async def test_status_and_readiness_tell_every_part(client):
    answer = await client.get("/health/ready")
    told = await answer.json()
    assert (answer.status, told["ready"], told["database"]["works"]) == (200, True, True)
    assert {name: part["record_count"] for name, part in told["engine"].items()} == {"biblios": 0, "authorities": 0}
    page = html.fromstring(await (await client.get("/status")).text())
    assert [cell.text for cell in page.xpath("//tbody//td[@class]")] == ["works"] * 3


async def test_without_database_the_server_lives_but_is_not_ready(client, app):
    app[POOL].terminate()
    ready, live, page = await client.get("/health/ready"), await client.get("/health/live"), await client.get("/status")
    assert (ready.status, live.status, page.status) == (503, 200, 200)
    assert (await ready.json())["database"]["works"] is False
    assert "does not work" in await page.text()


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [(PAGE["Accept"], "text/html"), ("application/json", "application/json"), ("*/*", "text/plain"), ("image/png", "text/plain")],
)
async def test_where_nobody_lives_the_answer_has_the_form_that_was_wanted(client, accept, content_type):
    answer = await client.get("/nowhere/at%20all?x=1", headers={"Accept": accept})
    assert (answer.status, answer.content_type) == (404, content_type)
    assert "/nowhere/at%20all" in await answer.text()


@pytest.mark.parametrize("path", ["/static/%2e%2e/routes.py", "/static/frame.html", "/%00", "/a%ff", "/static/", "/..%2f..%2fetc/passwd"])
async def test_odd_addresses_are_just_not_there(client, path):
    assert (await client.get(path)).status == 404


async def test_every_method_gets_an_answer_everywhere(client):
    for path in ("/", "/status", "/nowhere", "/health/ready"):
        for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "GET"):
            assert (await client.request(method, path)).status in {200, 204, 404, 405}


async def test_every_answer_has_a_number_of_its_own_and_guards_the_browser(client):
    answers = [await client.get(path) for path in ("/", "/nowhere", "/health/live", "/sru")]
    numbers = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(r"[0-9a-f]{16}", number) for number in numbers)
    assert all("default-src 'self'" in answer.headers["Content-Security-Policy"] for answer in answers)


@pytest.mark.parametrize("path", ["/sru", "/sru/authorities", "/biblios", "/authorities"])
async def test_the_sru_room_is_open(client, path):
    answer = await client.get(f"{path}?version=1.1&operation=searchRetrieve&query=cql.allRecords%3D1")
    assert answer.status == 200
    assert "<numberOfRecords>0</numberOfRecords>" in re.sub(r"\w+:(?=numberOfRecords)", "", await answer.text())


async def test_everything_is_closed_at_the_end(settings, aiohttp_client):
    app = build_app(settings)
    client = await aiohttp_client(app)
    await client.close()
    assert app[POOL].is_closing()
    assert set(app[ENGINES]) == {"biblios", "authorities"}
    assert app[SETTINGS] is settings


def test_production_needs_a_secret(tmp_path):
    with pytest.raises(CannotStart, match="secret_key"):
        build_app(Settings(data_dir=tmp_path, production=True))


async def test_a_spoilt_field_table_keeps_the_server_from_starting(settings, tmp_path):
    (tmp_path / "fields.yaml").write_text("version: 1\nfields: {title: {typ: text}}\n")
    app = build_app(settings.model_copy(update={"fields_file": tmp_path / "fields.yaml"}))
    runner = web.AppRunner(app)
    with pytest.raises(CannotStart, match=r"fields\.yaml, line 2"):
        await runner.setup()
    await runner.cleanup()
    assert app[POOL].is_closing()
