"""scan over HTTP (sru-cql.md 7): positions, ends of the list, counts."""

import pytest

from cql.scanning import plan_scan


def values(answer):
    """The terms of an answer, as they must be searched."""
    return answer.root.xpath("/*/*[local-name()='terms']/*/*[local-name()='value']/text()")


@pytest.fixture
async def titles(ask):
    """All words of the title index with their counts, as one long answer gives them."""
    answer = await ask(scanClause='dc.title = ""', maximumTerms=1000)
    return list(zip(values(answer), answer.texts("numberOfRecords"), strict=True))


async def test_the_whole_list_is_in_order_and_has_no_empty_terms(titles):
    words = [word for word, _ in titles]
    assert words == sorted(set(words))
    assert all(int(count) > 0 for _, count in titles)
    assert "havets" in words


@pytest.mark.parametrize("start", ["fish", "fishz", "a", "zzzz", "0"])
@pytest.mark.parametrize("position", [0, 1, 2, 3, 4, 5])
async def test_the_term_or_the_next_one_takes_the_position_asked_for(ask, titles, start, position):
    answer = await ask(scanClause=f"dc.title = {start}", responsePosition=position, maximumTerms=4)
    words = [word for word, _ in titles]
    place = next((at for at, word in enumerate(words) if word >= start), len(words))
    first = place - (position - 1)
    assert values(answer) == words[max(first, 0) : max(first + 4, 0)]


@pytest.mark.parametrize(
    "clause",
    ["dc.title = {}", "dc.title == {}", "dc.subject == {}", "dc.creator = {}", "dc.date = {}", "bath.isbn = {}", "dc.language = {}"],
)
async def test_counts_are_those_of_the_search_that_each_term_leads_to(ask, clause):
    answer = await ask(scanClause=clause.format('""'), maximumTerms=30)
    assert values(answer)
    for address, count in zip(answer.texts("requestURL"), answer.texts("numberOfRecords"), strict=True):
        found = await ask(address[address.index("/sru") :])
        assert (found.diagnostics, found.text("numberOfRecords")) == ([], count), address


async def test_ends_of_the_list_are_told(ask, titles):
    answer = await ask(scanClause='dc.title = ""', maximumTerms=3)
    assert answer.texts("whereInList") == ["first", "inner", "inner"]
    last = titles[-1][0]
    answer = await ask(scanClause=f"dc.title = {last}", maximumTerms=3, responsePosition=3)
    assert answer.texts("whereInList") == ["inner", "inner", "last"]
    answer = await ask(scanClause='dc.title = ""', maximumTerms=1000)
    assert answer.texts("whereInList") == ["first", *["inner"] * (len(titles) - 2), "last"]


async def test_behind_the_end_there_are_no_terms_and_no_mistake(ask):
    answer = await ask(scanClause="dc.title = яяяя")
    assert (values(answer), answer.diagnostics) == ([], [])


async def test_terms_are_shown_as_they_stand_in_records(ask):
    answer = await ask(scanClause='dc.subject == "oar"', maximumTerms=1)
    assert (values(answer)[0], answer.text("displayTerm")) == ("oar", "Öar")


@pytest.mark.parametrize(
    ("clause", "number"),
    [
        ("dc.title = a and b", 10), ("dc.title = a sortBy dc.date", 10), ("dc.title", None), ("dc.nothing = a", 16),
        ("nope.x = a", 15), ("dc.title > a", 19),
        ("dc.title <> a", 19), ("dc.date within 1", 19), ("cql.allRecords = 1", 4), ("cql.resultSetId = 1", 4),
        ("dc.note = a", 4), ("dc.title = a*", 28),
        ("dc.title = ^a", 31), ("", 10),
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
async def test_bad_scan_clauses_have_their_numbers(ask, version, clause, number):
    answer = await ask(scanClause=clause, version=version)
    assert answer.numbers == ([] if number is None else [number])


async def test_every_index_that_explain_calls_scannable_can_be_browsed(ask, indexes, catalogue):
    for index in indexes.indexes():
        if index.scan:
            relation = "==" if "values" in index.scan else "="
            plan = plan_scan(catalogue.parse(f'{index.name} {relation} ""'), indexes)
            assert plan.fields


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
async def test_the_scan_request_is_echoed(ask, version):
    answer = await ask(scanClause='dc.title any "fish"', responsePosition=1, maximumTerms=2, version=version)
    assert answer.text("scanClause") == 'dc.title any "fish"'
    assert answer.root.xpath("string(//*[local-name()='xScanClause']/*[local-name()='relation']/*)") == "any"
    assert answer.text("maximumTerms") == "2"


async def test_more_terms_than_the_server_gives_are_cut(ask, room_settings):
    answer = await ask(scanClause='dc.title = ""', maximumTerms=999999)
    assert answer.diagnostics == []


async def test_a_lone_term_browses_the_default_index(ask):
    answer = await ask(scanClause="fish", maximumTerms=1)
    assert values(answer) == ["fish"]
    assert "cql.serverChoice" in answer.text("requestURL")
