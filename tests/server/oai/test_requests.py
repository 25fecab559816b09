"""Arguments and errors: oai-pmh.md 1 to 4."""

import io
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.oai.request import SECONDS as GRANULARITY
from server.oai.request import OaiError, read
from server.params import read_parameters

LIST = "verb=ListRecords&metadataPrefix=oai_dc"
GET = "verb=GetRecord&metadataPrefix=oai_dc"

BAD_VERBS = """
    junk verb= verb verb=identify verb=Identify&verb=Identify verb=Identify%00 verb=%FF verb=Identify%20 verb=+Identify
    VERB=Identify verb=Nothing&metadataPrefix=oai_dc verb=Identify%ED%A0%80 %FF=1
""".split()  # noqa: SIM905

BAD_ARGUMENTS = r"""
    verb=Identify&foo=1 verb=Identify&=x verb=Identify&foo verb=Identify&resumptionToken=x
    verb=Identify&metadataPrefix=oai_dc verb=ListSets&metadataPrefix=oai_dc GET&identifier=KOHA-OAI-TEST:1&set=x
    verb=GetRecord GET verb=GetRecord&identifier=a:1 GET&identifier=a:1&identifier=a:2 GET&identifier=invalid"id
    GET&identifier=invalid%22id GET&identifier=a:%2520%00 GET&identifier=a:b%20c GET&identifier=a:%25zz GET&identifier=
    GET&identifier=noscheme GET&identifier=a:%3Cb%3E verb=ListRecords verb=ListRecords&until=junk LIST&metadataPrefix=oai_dc
    verb=ListRecords&metadataPrefix=oai%20dc verb=ListRecords&metadataPrefix= LIST%0A LIST&set=a::b LIST&set=a%20b LIST&set=
    LIST&set=:a LIST&set=%C3%A5 LIST&from=2002-02-30 LIST&from=2002-02-05T05:35:00.5Z LIST&from=2002-02-05T05:35:00%2B00:00
    LIST&from= LIST&from=2002-02-05T05:35:00z LIST&from=2002-02-05t05:35:00Z LIST&from=2002-02-05T24:00:00Z
    LIST&from=2002-02-05T00:60:00Z LIST&from=2002-02-05T00:00:60Z LIST&from=+2002-02-05 LIST&from=2002-02-05%0A
    LIST&from=2002-2-5 LIST&from=20020205 LIST&from=%D9%A2002-02-05 LIST&from=2001-02-29 LIST&from=0000-01-01
    LIST&until=2002-13-01 LIST&until=2002-00-01 LIST&from=2002-02-05&until=2002-02-06T05:35:00Z
    LIST&from=2002-02-06&until=2002-02-05 LIST&from=2002-02-05T00:00:01Z&until=2002-02-05T00:00:00Z
    verb=ListRecords&resumptionToken=T&metadataPrefix=oai_dc verb=ListRecords&resumptionToken=T&from=2002-02-05
    verb=ListRecords&resumptionToken=T&resumptionToken=T verb=ListRecords&resumptionToken=
    verb=ListSets&resumptionToken=T&foo=1 verb=ListMetadataFormats&metadataPrefix=oai_dc verb=Identify&%FF=1
    LIST&from=%ED%A0%80 LIST&set=%00
""".split()  # noqa: SIM905


def spelled(query: str) -> str:
    return query.replace("LIST", LIST, 1) if query.startswith("LIST") else query.replace("GET", GET, 1)


@pytest.mark.parametrize("query", ["", *BAD_VERBS])
async def test_badverb_carries_no_attributes(repository, query):
    answer = await repository.ask_raw(query)
    assert (answer.status, answer.errors, answer.texts("o:request/@*")) == (200, ["badVerb"], [])
    assert answer.texts("o:request") == ["https://library.example/oai"]


@pytest.mark.parametrize("query", [spelled(each) for each in BAD_ARGUMENTS])
async def test_badargument_carries_no_attributes(repository, query):
    answer = await repository.ask_raw(query)
    assert (answer.status, set(answer.errors), answer.texts("o:request/@*")) == (200, {"badArgument"}, [])


async def test_every_offending_argument_gets_an_error_of_its_own(repository):
    answer = await repository.ask_raw("verb=ListRecords&foo=1&bar=2&set=a&set=b")
    assert answer.errors == ["badArgument"] * 4
    for name in ("'foo'", "'bar'", "set", "metadataPrefix"):
        assert any(name in text for text in answer.texts("o:error"))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("verb=ListRecords&resumptionToken=junk", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=junk", "badResumptionToken"),
        ("verb=ListRecords&metadataPrefix=no_such", "cannotDisseminateFormat"),
        ("verb=ListIdentifiers&metadataPrefix=OAI_DC", "cannotDisseminateFormat"),
        ("verb=GetRecord&identifier=KOHA-OAI-TEST:b1&metadataPrefix=no_such", "cannotDisseminateFormat"),
        (f"{GET}&identifier=KOHA-OAI-TEST:999999", "idDoesNotExist"),
        (f"{GET}&identifier=koha-oai-test:b1", "idDoesNotExist"),
        (f"{GET}&identifier=KOHA-OAI-TEST:B1", "idDoesNotExist"),
        (f"{GET}&identifier=KOHA-OAI-TEST:b1x", "idDoesNotExist"),
        (f"{GET}&identifier=KOHA-OAI-TEST:b%2531", "idDoesNotExist"),
        (f"{GET}&identifier=KOHA-OAI-TEST:", "idDoesNotExist"),
        (f"{GET}&identifier=oai:other:b1", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=KOHA-OAI-TEST:none", "idDoesNotExist"),
        (f"{LIST}&set=no-such", "noSetHierarchy"),
        ("verb=ListSets", "noSetHierarchy"),
        (f"{LIST}&until=2001-01-01", "noRecordsMatch"),
        (f"{LIST}&from=2199-01-01", "noRecordsMatch"),
        (f"{LIST}&from=9999-12-31T23:59:59Z", "noRecordsMatch"),
        (f"{LIST}&from=2026-03-02&until=2026-03-03", "noRecordsMatch"),
        (f"{LIST}&from=2026-03-01T12:00:01Z&until=2026-03-01T12:00:01Z", "noRecordsMatch"),
    ],
)  # fmt: skip
async def test_other_errors_carry_all_arguments(repository, query, code):
    answer = await repository.ask_raw(query)
    assert (answer.status, answer.errors) == (200, [code])
    sent = read_parameters(query)
    assert {key: str(value) for key, value in answer.root.find("o:request", {"o": answer.root.nsmap[None]}).attrib.items()} == dict(sent)


async def test_an_unknown_set_of_a_repository_with_sets_matches_nothing(open_repository, make_bib):
    made = await open_repository(sets=[{"setSpec": "a", "setName": "A", "cql": "dc.title = x"}])
    await made.store(make_bib("1"))
    assert (await made.ask("ListRecords", metadataPrefix="oai_dc", set="no-such")).errors == ["noRecordsMatch"]
    assert (await made.ask("ListRecords", metadataPrefix="oai_dc", set="a")).errors == ["noRecordsMatch"]


@pytest.mark.parametrize(
    "query",
    [
        "verb=Identify&&", "&verb=Identify", "verb=Identify&", f"{LIST}&from=1900-01-01", f"{LIST}&until=2199-01-01",
        f"{LIST}&from=2026-03-01&until=2026-03-01", f"{LIST}&from=2026-03-01T12:00:00Z&until=2026-03-01T12:00:00Z",
        f"{GET}&identifier=KOHA-OAI-TEST%3Ab1", "%76erb=Identify",
    ],
)  # fmt: skip
async def test_what_is_legal_is_answered(repository, query):
    answer = await repository.ask_raw(query)
    assert (answer.status, answer.errors) == (200, [])


async def test_post_is_get_and_may_mix_body_and_address(repository):
    for query in (LIST, "verb=Identify", f"{GET}&identifier=KOHA-OAI-TEST:b1"):
        get, post = await repository.ask_raw(query), await repository.ask_raw(query, method="POST")
        path = "/*/*[3]//*[not(self::o:resumptionToken)]/text()"  # a token holds the second of its expiry
        assert post.texts(path) == get.texts(path) != []
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    assert (await repository.ask_raw("verb=Identify", method="POST", headers=kind)).errors == []
    response = await repository.client.post("/oai?verb=Identify", data="verb=Identify", headers=kind)
    assert b'code="badVerb"' in await response.read()
    response = await repository.client.post("/oai?verb=ListRecords", data="metadataPrefix=marcxml", headers=kind)
    assert b"<ListRecords>" in await response.read()


@pytest.mark.parametrize("body", [b"{}", b"x" * 1_060_000])
async def test_a_body_that_is_no_form_or_too_long_is_a_bad_argument(repository, body):
    response = await repository.client.post("/oai", data=io.BytesIO(body), headers={"Content-Type": "application/json"})
    assert (response.status, b'code="badArgument"' in await response.read()) == (200, True)


async def test_head_is_get_without_a_body_and_other_methods_are_refused(repository):
    head = await repository.client.head(f"/oai?{LIST}")
    assert (head.status, await head.read()) == (200, b"")
    for path in ("/oai", "/cgi-bin/koha/oai.pl"):
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            refused = await repository.client.request(method, f"{path}?{LIST}")
            assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD, POST"), method


async def test_kohas_address_answers_the_same(repository):
    response = await repository.client.get("/cgi-bin/koha/oai.pl?verb=Identify", headers={"Host": "elsewhere.example"})
    assert b"<baseURL>https://library.example/oai</baseURL>" in await response.read()


async def test_a_service_that_is_off_says_so(open_repository):
    made = await open_repository(enabled=False)
    response = await made.client.get("/oai?verb=Identify")
    assert (response.status, response.headers["Content-Type"], await response.text()) == (
        404, "text/plain; charset=utf-8", "OAI-PMH service is disabled\n",
    )  # fmt: skip


async def test_day_granularity_refuses_seconds(open_repository, make_bib):
    made = await open_repository(granularity="YYYY-MM-DD")
    await made.store(make_bib("1"))
    assert (await made.ask_raw(f"{LIST}&from=2002-02-05T05:35:00Z")).errors == ["badArgument"]
    found = await made.ask_raw(f"{LIST}&from=2026-03-01&until=2026-03-01")
    assert (found.texts("//o:datestamp"), len(found.texts("o:responseDate")[0])) == (["2026-03-01"], 20)


async def test_long_values_are_echoed_short(repository):
    answer = await repository.ask_raw(f"verb=ListRecords&metadataPrefix={'x' * 4000}")
    assert max(map(len, answer.texts("o:error"))) < 400


ODD = st.text(alphabet=st.sampled_from(list("verb=ListRecords&;%+\"'<>/:?#metadataPrefix=oai_dc0123\x00\x7fåΩ\u2028")), max_size=60)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ODD)
def test_any_text_is_read_or_refused_in_the_protocol_s_words(query):
    with suppress(OaiError):
        assert read(read_parameters(query), GRANULARITY)


@pytest.mark.parametrize(("verb", "argument"), list(product(["Identify", "ListSets"], ["from", "until", "identifier", "metadataPrefix"])))
def test_arguments_of_other_verbs_are_refused(verb, argument):
    with pytest.raises(OaiError):
        read(read_parameters(f"verb={verb}&{argument}=2020-01-01"), GRANULARITY)
