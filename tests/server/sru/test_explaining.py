"""Explanations of queries (sru-cql.md 11.2 and 20): clauses, fields, hits, the engine's words, and near matches."""

import json

import pytest

X = {"x": "urn:x-discovery:sru:1"}


async def explained(ask, query, **parameters):
    answer = await ask(more={"query": query, "x-explain-query": "1"}, **parameters)
    return answer.root.xpath("//x:queryExplanation", namespaces=X)[0]


def near(explanation):
    return explanation.xpath(".//x:nearMatch/@query", namespaces=X)


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
async def test_every_clause_is_told_with_its_index_fields_and_hits(ask, version):
    explanation = await explained(ask, "title = sea and (reefs not dc.date > 1990)", version=version)
    clauses = explanation.xpath("x:clause", namespaces=X)
    assert [one.xpath("string(x:query)", namespaces=X) for one in clauses] == ["title = sea", "reefs", "dc.date > 1990"]
    assert [one.xpath("string(x:index)", namespaces=X) for one in clauses] == ["dc.title", "cql.anywhere", "dc.date"]
    assert clauses[2].xpath("x:field/text()", namespaces=X) == ["year"]
    for one in clauses:
        found = await ask(query=one.xpath("string(x:query)", namespaces=X), maximumRecords=0)
        assert one.xpath("string(x:count)", namespaces=X) == found.text("numberOfRecords") != "0"
    assert explanation.xpath("string(x:engineQuery)", namespaces=X).startswith("in memory: Without(base=AllOf(")
    assert 'title: word "sea"' in explanation.xpath("string(x:plan)", namespaces=X)


@pytest.mark.parametrize(
    ("query", "proposed"),
    [
        ("dc.title = refs", "dc.title = reefs"),
        ('dc.title = "coral refs"', "dc.title = reefs"),
        ("refs", "cql.anywhere = reefs"),
        ("dc.creator any lagerlof2", "dc.creator = lagerlof"),
        ('dc.title == "coral reefs and more"', 'dc.title == "coral reefs fish frogs friends"'),
        ("sea and dc.title = frgo", "dc.title = frog"),
        ("dc.title any/stem refs", "dc.title = reefs"),
        ('dc.title =/stem "coral frgo"', "dc.title = frog"),
    ],
)
async def test_a_word_that_is_nowhere_has_near_matches_that_find_something(ask, query, proposed):
    found = near(await explained(ask, query))
    assert proposed in found
    for one in found:
        assert (await ask(query=one)).text("numberOfRecords") != "0"


@pytest.mark.parametrize("query", ["sea", "zzzzz", "dc.title = zz*", "cql.allRecords = 1", "dc.date = 1555", "dc.language = xxx"])
async def test_what_finds_something_or_is_like_nothing_has_no_near_matches(ask, query):
    assert near(await explained(ask, query)) == []


async def test_a_stem_is_told_as_such_and_in_the_words_of_the_engine_with_the_words_that_have_it(ask):
    explanation = await explained(ask, "dc.title =/stem reefing")
    assert 'title: word stem "reef" (en, "ree"...)' in explanation.xpath("string(x:plan)", namespaces=X)
    words = explanation.xpath("string(x:engineQuery)", namespaces=X)
    assert "Exact(text='reefs')" in words
    assert "Stemmed" not in words
    assert explanation.xpath("string(x:clause/x:count)", namespaces=X) != "0"
    assert "title" in explanation.xpath("x:clause/x:field/text()", namespaces=X)


async def test_json_has_the_explanation_too(ask):
    answer = await ask(httpAccept="application/json", more={"query": "dc.title = refs", "x-explain-query": "1"})
    told = json.loads(answer.body)["queryExplanation"]
    assert "dc.title = reefs" in [one["query"] for one in told["clauses"][0]["near"]]


async def test_the_page_shows_near_matches(ask):
    answer = await ask(httpAccept="text/html", more={"query": "dc.title = refs", "x-explain-query": "1"})
    assert "dc.title = reefs" in answer.body.decode()
