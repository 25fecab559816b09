"""The pages as people see them: accessible (axe), readable on a phone, in both languages, by keyboard."""

import pytest

pytestmark = pytest.mark.browser

SEARCH = "/sru?query=sea&maximumRecords=10"
PAGES = {
    "start": "/",
    "status": "/status",
    "manual": "/docs",
    "manual-searching": "/docs/searching",
    "manual-indexes": "/docs/indexes",
    "manual-settings": "/docs/settings",
    "manual-sru": "/docs/sru",
    "explain-query": "/explain-query",
    "explained": "/explain-query?query=dc.creator%20%3D%20melvile%20or%20dc.title%20%3D%20whale",
    "record": "/record/hy00010",
    "results": SEARCH,
    "no-results": "/sru?query=qqqxyz",
    "facets": "/sru?query=sea&facetLimit=5:dc.subject,5:dc.language",
    "scan": "/sru?scanClause=dc.title%3D%3D%22%22",
    "explain": "/sru",
    "diagnostic": "/sru?query=dc.title%20%3D",
    "authorities": "/sru/authorities?query=cql.allRecords%3D1",
    "oai-identify": "/oai?verb=Identify",
    "oai-records": "/oai?verb=ListRecords&metadataPrefix=oai_dc",
    "oai-formats": "/oai?verb=ListMetadataFormats",
    "oai-error": "/oai?verb=Nonsense",
    "nowhere": "/nowhere",
}
NARROW, WIDE = 360, 1100


@pytest.fixture(scope="module")
def axe():
    return pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed").Axe()


def told(results) -> list[str]:
    return [f"{one['id']}: {one['help']}: {[node['html'][:150] for node in one['nodes'][:3]]}" for one in results.response["violations"]]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barrier(browse, axe, screenshots, name, dark):
    page = browse(PAGES[name], dark=dark)
    page.screenshot(path=screenshots / f"{name}-{'dark' if dark else 'light'}.png", full_page=True)
    assert told(axe.run(page)) == []


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(browse, screenshots, name, language):
    page = browse(PAGES[name], width=NARROW, language=language)
    page.screenshot(path=screenshots / f"{name}-phone-{language}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
    assert page.evaluate("document.documentElement.lang") == language


def test_words_typed_into_the_search_box_find_records(browse):
    page = browse("/")
    page.wait_for_selector("input:focus")  # the browser gives the focus some time after the page was loaded
    page.keyboard.type("coral reefs")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sru?**")
    assert "reefs" in page.inner_text("h2").lower()


def test_a_query_in_cql_finds_records(browse):
    page = browse("/")
    page.click("summary")
    page.fill("#cql", "dc.title = sea sortBy dc.date")
    page.press("#cql", "Enter")
    page.wait_for_url("**/sru?**")
    assert "sea" in page.inner_text("main").lower()


def test_a_query_is_explained_from_the_start_page(browse):
    page = browse("/")
    page.click("summary")
    page.fill("#cql", "dc.creator = melvile")
    page.click("button[formaction='/explain-query']")
    page.wait_for_url("**/sru?**")
    assert "dc.creator = melville" in page.inner_text(".explanation")


def test_pages_of_a_result_follow_each_other(browse):
    page = browse("/sru?query=cql.allRecords%3D1&maximumRecords=10")
    first = page.inner_text("main")
    page.click("a[rel=next]")
    page.wait_for_selector("a[rel=prev]")
    assert page.inner_text("main") != first
    page.click("a[rel=prev]")
    page.wait_for_selector("a[rel=prev]", state="detached")
    assert page.inner_text("main") == first


def test_the_keyboard_reaches_the_content_first(browse):
    page = browse("/status")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_manual_speaks_to_readers_of_both_languages(browse):
    page = browse("/docs", language="sv")
    assert page.inner_text("h1") == "Handbok"
    page.click("text=Searching")
    assert page.get_attribute("article", "lang") == "en"
