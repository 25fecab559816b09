"""Facets over HTTP: exact counts, queries that lead where they say, in every version."""

import pytest
from lxml import etree


def facets(answer):
    """Index -> [(term, count, query)]."""
    return {
        facet.findtext("{*}index"): [
            (term.findtext("{*}actualTerm"), int(term.findtext("{*}count")), term.findtext("{*}query")) for term in facet.iter("{*}term")
        ]
        for facet in answer.root.iter("{http://docs.oasis-open.org/ns/search-ws/facetedResults}facet")
    }


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
@pytest.mark.parametrize(
    "query", ["cql.allRecords=1", "reefs or sea", "dc.title=sea sortBy dc.title", '> d = "info:srw/cql-context-set/1/dc-v1.1" d.title=sea']
)
async def test_counts_are_the_hits_of_the_queries(ask, version, query):
    answer = await ask(query=query, facetLimit=20, maximumRecords=0, version=version)
    found = facets(answer)
    assert found
    for index, terms in found.items():
        assert terms, index
        for term, count, narrowed in terms:
            told = await ask(query=narrowed, maximumRecords=0)
            assert (told.diagnostics, told.text("numberOfRecords")) == ([], str(count)), (index, term, narrowed)


async def test_addresses_are_searches_in_the_same_version(ask):
    for version in ("1.1", "2.0"):
        answer = await ask("/biblios", query="reefs", facetLimit=2, version=version, recordSchema="dc")
        for address, count in zip(answer.texts("requestUrl"), [int(one) for one in answer.texts("count")], strict=True):
            told = await ask(address[address.index("/biblios") :])
            assert told.text("numberOfRecords") == str(count)
            assert told.root.nsmap == answer.root.nsmap
            assert told.text("recordSchema") == "info:srw/schema/1/dc-v1.1"


async def test_facets_have_their_places(ask):
    new = await ask(query="reefs", facetLimit=2)
    assert new.root.find("{http://docs.oasis-open.org/ns/search-ws/sruResponse}facetedResults") is not None
    old = await ask(query="reefs", facetLimit=2, version="1.2")
    extra = old.root.find("{http://www.loc.gov/zing/srw/}extraResponseData")
    assert [etree.QName(one).localname for one in extra] == ["facetedResults"]


async def test_named_facets_only(ask):
    answer = await ask(query="cql.allRecords=1", facetLimit="2:dc.subject,1:dc.date")
    assert {index: len(terms) for index, terms in facets(answer).items()} == {"dc.subject": 2, "dc.date": 1}


async def test_unknown_and_uncountable_facets_are_diagnostic_16_and_the_rest_comes(ask):
    answer = await ask(query="reefs", facetLimit="2:dc.nothing,2:dc.subject,2:dc.note,2:nope.x")
    assert answer.diagnostics == [(16, "dc.nothing"), (16, "dc.note"), (16, "nope.x")]
    assert list(facets(answer)) == ["dc.subject"]
    assert answer.text("numberOfRecords") == "3"


async def test_order_start_and_limit(ask):
    async def terms(**sent):
        return [term for term, _, _ in facets(await ask(query="cql.allRecords=1", **sent))["dc.date"]]

    every = await terms(facetLimit="50:dc.date", facetSort="alphanumeric")
    assert every == sorted(every)
    assert await terms(facetLimit="50:dc.date", facetSort="alphanumeric,descending") == every[::-1]
    assert await terms(facetLimit="2:dc.date", facetStart="3", facetSort="alphanumeric") == every[2:4]
    rarest = [
        count
        for _, count, _ in facets(await ask(query="cql.allRecords=1", facetLimit="50:dc.subject", facetSort="recordCount,ascending"))[
            "dc.subject"
        ]
    ]
    assert rarest == sorted(rarest)
    common = [count for _, count, _ in facets(await ask(query="cql.allRecords=1", facetLimit="50:dc.subject"))["dc.subject"]]
    assert common == sorted(common, reverse=True)


async def test_a_range_of_values(ask):
    answer = await ask(
        more={"query": "cql.allRecords=1", "facetLimit": "50:dc.date", "facetLowValue:dc.date": "1990", "facetHighValue:dc.date": "2005"}
    )
    assert {int(term) for term, _, _ in facets(answer)["dc.date"]} <= set(range(1990, 2006))
    assert facets(answer)["dc.date"]


async def test_given_terms_are_counted(ask):
    answer = await ask(
        more={"query": "cql.allRecords=1", "facetCount": "Finn, Anna, 1971-:dc.creator", "facetCount:dc.subject": "no such thing"}
    )
    found = facets(answer)
    assert found["dc.creator"][0][:2] == ("Finn, Anna, 1971-", 2)
    assert found["dc.subject"][0][:2] == ("no such thing", 0)


@pytest.mark.parametrize("term", ["Reef* fishes", "Reef fi?hes", "^Reef fishes", "Reef \\ fishes", 'Reef "fishes"', "Reef fishes"])
async def test_given_terms_are_taken_as_they_are_written(ask, term):
    """Section 8.2: the count of a term is that of its query, whatever characters it has."""
    answer = await ask(more={"query": "cql.allRecords=1", "maximumRecords": "0", "facetCount": f"{term}:dc.subject"})
    assert answer.numbers == []
    ((told, count, query),) = facets(answer)["dc.subject"]
    assert told == term
    assert (await ask(query=query, maximumRecords=0)).text("numberOfRecords") == str(count)


async def test_values_left_out_of_an_alphabet_are_told(ask, monkeypatch):
    monkeypatch.setattr("server.sru.faceting.EVERY_VALUE", 3)
    answer = await ask(query="cql.allRecords=1", facetLimit="2:dc.subject", facetSort="alphanumeric")
    assert answer.diagnostics == [(59, "dc.subject")]
    assert len(facets(answer)["dc.subject"]) == 2


async def test_no_facets_for_nothing(ask):
    for sent in ({"facetLimit": "0"}, {"query": "zzzzz", "facetLimit": "5"}):
        answer = await ask(more={"query": "reefs"} | sent)
        assert not answer.root.xpath("//*[local-name()='facetedResults']")


async def test_authorities_have_facets_only_if_they_can_be_counted(ask):
    answer = await ask("/sru/authorities", query="cql.allRecords=1", facetLimit=5)
    assert answer.diagnostics == []
