"""What HTTP itself sees: addresses, methods, statuses, headers, other forms, pages for browsers."""

import orjson
import pytest
from lxml import etree

from server import errors
from server.sru.diagnostics import NUMBER, TEXT, diagnostic_of
from server.sru.routes import ROOM

BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Sec-Fetch-Mode": "navigate",
    "Upgrade-Insecure-Requests": "1",
}


@pytest.mark.parametrize("path", ["/sru", "/sru/", "/sru/biblios", "/biblios"])
async def test_the_default_database_has_several_addresses(ask, path):
    assert (await ask(path, query="cql.allRecords=1")).text("numberOfRecords") == "9"


@pytest.mark.parametrize("path", ["/sru/authorities", "/authorities", "/sru/authorities/", "/authorities/"])
async def test_so_have_the_authorities(ask, path):
    assert (await ask(path, query="cql.allRecords=1")).text("numberOfRecords") == "2"


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_body_that_is_not_in_the_coding_that_it_names_is_415(client, coding):
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": coding}
    async with client.post("/sru", data=b"query=reefs", headers=headers) as response:
        assert response.status == 415
        assert etree.fromstring(await response.read()).xpath("count(//*[local-name()='diagnostic'])") == 1


@pytest.mark.parametrize("version", ["1.1", "2.0"])
async def test_an_unknown_database_is_404_and_235(ask, version):
    answer = await ask("/sru/n%3Cowhere", query="x", version=version)
    assert (answer.status, answer.diagnostics) == (404, [(235, "n<owhere")])


@pytest.mark.parametrize(
    "sent", [{"query": "reefs", "version": "1.1"}, {"query": "rêverie & <b>"}, {"scanClause": "sea"}, {}, {"query": "a and"}]
)
async def test_post_gives_exactly_the_answer_of_get(client, ask, sent):
    got = await ask(more=sent)
    async with client.post("/sru", data=sent) as response:
        assert (response.status, await response.read()) == (got.status, got.body)
        assert response.headers["Content-Type"] == got.headers["Content-Type"]


async def test_parameters_of_a_post_are_those_of_its_body_before_those_of_its_address(client):
    async with client.post("/sru?query=frog", data={"query": "sea", "maximumRecords": "0"}) as response:
        assert etree.fromstring(await response.read()).findtext("{*}numberOfRecords") != "1"


async def test_soap_is_415(client):
    async with client.post("/sru", data=b"<Envelope/>", headers={"Content-Type": "text/xml"}) as response:
        body = await response.read()
        assert response.status == 415
        assert etree.fromstring(body).xpath("string(//*[local-name()='uri'])") == "info:srw/diagnostic/1/6"


async def test_head_and_options(client):
    async with client.head("/sru?query=sea") as response:
        assert (response.status, await response.read()) == (200, b"")
        assert response.headers["Content-Type"] == "application/sru+xml; charset=utf-8"
    async with client.options("/sru") as response:
        assert response.status == 204
        assert {"GET", "HEAD", "POST", "OPTIONS"} <= set(response.headers["Allow"].split(", "))
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    async with client.put("/sru") as response:
        assert response.status == 405
        assert etree.fromstring(await response.read()).xpath("string(//*[local-name()='uri'])") == "info:srw/diagnostic/1/4"


async def test_scripts_of_other_sites_may_read(ask):
    assert (await ask(query="sea")).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("sent", [{"query": "sea"}, {"scanClause": "sea"}, {"query": "sea", "facetLimit": "3"}])
@pytest.mark.parametrize("version", ["1.1", "2.0"])
async def test_an_engine_that_is_down_is_503_and_2(ask, engines, version, sent):
    engines["biblios"].broken = True
    answer = await ask(more=sent | {"version": version})
    assert (answer.status, answer.numbers) == (503, [2])
    assert int(answer.headers["Retry-After"]) > 0
    assert b"10.1.2.3" not in answer.body


async def test_forms_that_are_not_offered_are_406(ask):
    assert (await ask(query="sea", headers={"Accept": "image/png"})).status == 406
    answer = await ask(query="sea", httpAccept="image/png")
    assert (answer.status, answer.diagnostics) == (406, [(6, "httpAccept")])
    assert (await ask(scanClause="sea", httpAccept="application/atom+xml")).status == 406


@pytest.mark.parametrize(
    "raw",
    ["query=%C5", "query=%01", "query=%00", "version=1.1&query=%ff&operation=searchRetrieve", "%ff=1", "scanClause=%C5", "stylesheet=%C5"],
)
async def test_bytes_that_are_no_text_are_refused_in_good_xml(ask, raw):
    answer = await ask(f"/sru?{raw}")
    assert answer.status == 200
    assert answer.numbers[0] == 6
    assert etree.fromstring(answer.body) is not None


async def test_too_many_parameters_are_refused(client):
    async with client.post("/sru", data={f"x-{number}": "1" for number in range(1200)}) as response:
        assert response.status == 200
        assert etree.fromstring(await response.read()).xpath("string(//*[local-name()='uri'])") == "info:srw/diagnostic/1/6"


async def test_a_query_of_many_nested_parentheses_is_refused_quickly(client):
    async with client.post("/sru", data={"query": "(" * 5000 + "a" + ")" * 5000}) as response:
        assert etree.fromstring(await response.read()).xpath("string(//*[local-name()='uri'])") == "info:srw/diagnostic/1/13"


async def test_an_unexpected_mistake_is_500_and_1_without_internals(ask, engines, monkeypatch):
    async def broken(*_, **__):
        raise RuntimeError("secret path /var/lib")

    monkeypatch.setattr(engines["biblios"], "search", broken)
    answer = await ask(query="sea")
    assert (answer.status, answer.numbers) == (500, [1])
    assert b"secret" not in answer.body


async def test_json_has_the_names_of_the_elements(ask):
    body = orjson.loads((await ask(query="sea", httpAccept="application/json", facetLimit=2, recordSchema="json")).body)
    assert body["numberOfRecords"] == len(body["records"]) == 3
    assert body["records"][0]["recordData"]["fields"][0].keys() == {"001"}
    assert body["facetedResults"][0]["terms"][0]["count"] > 0
    body = orjson.loads((await ask(query="sea", httpAccept="application/json")).body)
    assert body["records"][0]["recordData"].startswith("<record")
    body = orjson.loads((await ask(query="a and", httpAccept="application/json")).body)
    assert body["diagnostics"][0]["uri"] == "info:srw/diagnostic/1/10"
    body = orjson.loads((await ask(scanClause="dc.title=sea", httpAccept="application/json")).body)
    assert body["terms"][0]["value"] == "sea"
    body = orjson.loads((await ask(httpAccept="application/json")).body)
    assert {"dc.title"} < {one["name"] for one in body["indexes"]}
    body = orjson.loads(
        (await ask("/sru/authorities", query="cql.allRecords=1", recordSchema="unimarcxml", httpAccept="application/json")).body
    )
    assert body["records"][0]["diagnostic"]["uri"].endswith("/67")


async def test_json_of_a_broken_engine_is_json(ask, engines):
    engines["biblios"].broken = True
    answer = await ask(query="sea", httpAccept="application/json")
    assert answer.status == 503
    assert orjson.loads(answer.body)["diagnostics"][0]["uri"] == "info:srw/diagnostic/1/2"


async def test_atom_has_entries_with_records(ask):
    answer = await ask(query="sea & <b> or sea", httpAccept="application/atom+xml", maximumRecords=2)
    assert answer.numbers == [10]
    answer = await ask(query="dc.title=sea", httpAccept="application/atom+xml", maximumRecords=2)
    atom = "{http://www.w3.org/2005/Atom}"
    entries = answer.root.findall(f"{atom}entry")
    assert [one.findtext(f"{atom}title") for one in entries] == ["The frog who watched the sea.", "Fish of the coral sea."]
    assert entries[0].find(f"{atom}content")[0].tag == "{http://www.loc.gov/MARC21/slim}record"
    assert answer.text("totalResults") == "3"
    link = entries[0].find(f"{atom}link").get("href")
    assert (await ask(link[link.index("/sru") :])).text("numberOfRecords") == "1"


async def test_rss_has_items(ask):
    answer = await ask(query="dc.title=sea", httpAccept="application/rss+xml")
    assert [one.findtext("title") for one in answer.root.iter("item")] == [
        "The frog who watched the sea.",
        "Fish of the coral sea.",
        "Sea.",
    ]


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"query": "sea", "facetLimit": "5"}, {"query": "a and"}, {"query": "zzzz"}, {"scanClause": "dc.title = sea"},
        {"query": "sea", "recordSchema": "dc"},
        {"query": "sea", "recordSchema": "mods"}, {"query": "sea", "recordSchema": "index"},
        {"query": "sea", "recordXMLEscaping": "string"},
        {"version": "1.1", "query": "sea"}, {"query": "cql.allRecords=1", "recordSchema": "unimarcxml"},
        {"scanClause": "dc.nothing=1"}, {"operation": "x"},
        {"query": "sea", "x-explain-query": "1", "x-analyse": "1"}, {"version": "1.2", "scanClause": "dc.title == sea"},
        {"query": "sea", "startRecord": "2", "maximumRecords": "1"},
    ],
)  # fmt: skip
async def test_browsers_get_pages(ask, sent):
    answer = await ask(headers=BROWSER, more=sent)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.body.startswith(b"<!DOCTYPE html")
    assert b"Testbiblioteket" in answer.body
    page = etree.fromstring(answer.body, etree.HTMLParser())
    assert page.xpath("count(//main)") == 1
    assert page.get("lang") == "en"
    assert "Sec-Fetch-Mode" in answer.headers["Vary"]


async def test_the_description_has_a_page_for_every_client(client):
    async with client.get("/sru/explain.html", headers={"Accept": "*/*"}) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert "dc.title" in await response.text()


async def test_pages_are_in_the_readers_language(ask):
    swedish = await ask(headers=BROWSER | {"Accept-Language": "sv-SE,sv;q=0.9"}, query="sea")
    assert "poster" in swedish.body.decode()
    english = await ask(headers=BROWSER | {"Accept-Language": "sv"}, more={"query": "sea", "x-lang": "en"})
    assert "records" in english.body.decode()


async def test_links_of_a_page_lead_somewhere(ask):
    for sent in (
        {},
        {"query": "cql.allRecords=1", "facetLimit": "3", "maximumRecords": "2", "startRecord": "3"},
        {"scanClause": 'dc.title = "fish"', "maximumTerms": "3", "responsePosition": "2"},
    ):
        page = etree.fromstring((await ask(headers=BROWSER, more=sent)).body, etree.HTMLParser())
        for href in {str(one) for one in page.xpath("//main//a/@href | //footer//a/@href")}:
            path = href[href.index("/sru") :] if "/sru" in href else f"/sru{href}"
            answer = await ask(path)
            assert answer.status == 200, href
            if "json" not in answer.headers["Content-Type"]:
                assert not answer.root.xpath("/*/*[local-name()='diagnostics']"), (href, answer.body)


async def test_what_people_type_cannot_become_part_of_a_page(ask):
    answer = await ask(headers=BROWSER, query='"<script>alert(1)</script>"')
    assert b"<script>" not in answer.body
    answer = await ask(headers=BROWSER, more={"query": 'x" onfocus="alert(1)'})
    page = etree.fromstring(answer.body, etree.HTMLParser())
    assert not page.xpath("//@onfocus")


async def test_the_stylesheets_are_served(ask):
    answer = await ask("/stylesheets/sru.xsl")
    assert answer.headers["Content-Type"] == "application/xslt+xml; charset=utf-8"
    for imported in answer.root.xpath("//*[local-name()='import']/@href"):
        assert (await ask(f"/stylesheets/{imported}")).status == 200
    assert (await ask("/stylesheets/sru.css")).headers["Content-Type"] == "text/css; charset=utf-8"
    assert (await ask("/stylesheets/..%2F..%2Fsettings.py")).status == 404


def test_every_error_of_ours_has_a_number():
    def family(kind):
        return [kind, *(one for child in kind.__subclasses__() for one in family(child))]

    for kind in family(errors.DiscoveryError):
        error = kind.__new__(kind)
        error.sentence, error.details = "It went wrong.", {}
        assert diagnostic_of(error).number in TEXT, kind
    assert set(NUMBER.values()) <= set(TEXT)


def test_the_room_is_open_to_scripts():
    assert ROOM.open_to_scripts
