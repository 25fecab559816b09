"""Authority and holdings records reach the bibliographic documents that they belong to."""

import pytest

from cql.plan import Exact, Fuzzy, Near, Phrase
from indexer.engine.port import Window

NAMED = ("700", "1 $aLindgren, Vera1$9a1")


async def test_variant_headings_find_the_records_that_name_the_authority(desk, marc):
    await desk.load([marc.aut(1, "Pseudonym"), marc.aut(2, "Nobody"), marc.bib(1, "x", NAMED), marc.bib(2)])
    assert await desk.found("pseudonym", "author_see") == {"b1"}
    assert await desk.found("pseudonym", "anywhere") == {"b1"}


@pytest.mark.parametrize(
    ("number", "org", "named"),
    [("a1", "", "$0a1"), ("a1", "X", "$0(X)a1"), ("sh 85", "DLC", "$0(DLC)sh 85"), ("a1", "", "$9a1")],
)
async def test_an_authority_is_known_by_number_or_by_number_with_organisation(desk, marc, number, org, named):
    authority = marc.aut(1)
    authority.fields[:1] = [("001", number), *([("003", org)] if org else [])]
    await desk.load([authority, marc.bib(1, "x", ("650", f" 0$aShelves{named}"))])
    assert await desk.found("pseudonym", "subject_see") == {"b1"}


@pytest.mark.parametrize("order", ["together", "authority first", "authority last"])
async def test_the_order_of_loading_does_not_matter(desk, marc, order):
    bibs, auts = [marc.bib(1, "x", NAMED), marc.bib(2)], [marc.aut(1)]
    match order:
        case "together":
            await desk.load([*bibs, *auts])
        case "authority first":
            await desk.load(auts)
            await desk.load(bibs)
        case _:
            await desk.load(bibs)
            await desk.load(auts)
    assert await desk.found("pseudonym", "author_see") == {"b1"}


async def test_a_changed_authority_has_its_records_indexed_again_without_a_new_datestamp(desk, marc):
    await desk.load([marc.aut(1, "Firstname"), marc.bib(1, "x", NAMED), marc.bib(2)])
    await desk.yesterday()
    before = await desk.stamps()
    loaded = await desk.load([marc.aut(1, "Secondname")])
    assert loaded.outcome.indexed == 2
    assert (await desk.found("firstname", "author_see"), await desk.found("secondname", "author_see")) == (set(), {"b1"})
    assert await desk.moved(before) == set()
    assert [record_id for record_id, (_, change) in (await desk.stamps()).items() if change != before[record_id][1]] == ["b1"]


async def test_a_deleted_authority_takes_its_variant_headings_away(desk, marc):
    await desk.load([marc.aut(1), marc.bib(1, "x", NAMED)])
    await desk.load([marc.aut(1)], delete=True)
    assert await desk.found("pseudonym", "author_see") == set()
    assert await desk.found("vera1", "author") == {"b1"}


async def test_records_that_know_the_authority_already_are_not_indexed_again(desk, marc):
    loaded = await desk.load([marc.aut(1)], [marc.bib(number, "x", NAMED) for number in range(1, 31)])
    assert loaded.outcome.indexed == 31
    assert {change for _, change in (await desk.stamps()).values()} == set(range(1, 31))


async def test_records_are_followed_even_when_the_load_ends_before_they_are_indexed(desk, marc, monkeypatch):
    """The authority is not confirmed before those that name it are queued, so nothing is forgotten."""
    await desk.load([marc.aut(1, "Firstname"), marc.bib(1, "x", NAMED)])

    async def stop(*_, **__):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("server.db.records.requeue", stop)
        with pytest.raises(OSError, match="No space"):
            await desk.load([marc.aut(1, "Secondname")])
    assert await desk.found("firstname", "author_see") == {"b1"}
    await desk.load([marc.bib(2)])
    assert await desk.found("secondname", "author_see") == {"b1"}


async def test_holdings_make_items_and_statements_of_their_record(desk, marc):
    await desk.load([marc.bib(1), marc.bib(2), marc.hold(1, "b1", "Annex", ("866", "  $av.1-24 (1970-1993)"))])
    assert await desk.found("annex", "anywhere") == set()  # codes are not words
    for field, word in (("holdings", "1970"), ("holdings", "24")):
        assert await desk.found(word, field) == {"b1"}
    async with desk.engine() as engine:
        page = await engine.get("b1")
    assert b"Annex" not in page.stored["marcxml"]


async def values(desk, field):
    """Value -> number of records, of one field of the index."""
    async with desk.engine() as engine:
        page = await engine.scan([field], "values", "", 0, 100)
        return {term.shown: term.count for term in page.terms}


async def test_items_of_several_holdings_stand_beside_those_of_the_record(desk, marc):
    own = ("952", "  $aCity$p39001")
    await desk.load([marc.bib(1, "x", own), marc.hold(1, "b1", "Annex"), marc.hold(2, "b1", "Main"), marc.bib(2)])
    assert await values(desk, "item_home") == {"Annex": 1, "City": 1, "Main": 1}


async def test_captions_of_one_holdings_record_do_not_meet_values_of_another(desk, marc):
    volumes = [("853", "  $81$av."), ("863", "  $81.1$a7")]
    parts = [("853", "  $81$apt."), ("863", "  $81.1$a9")]
    await desk.load([marc.bib(1), marc.hold(1, "b1", "Main", *volumes), marc.hold(2, "b1", "Main", *parts)])
    assert await desk.found("v.7", "holdings") | await desk.found("v7", "holdings") == {"b1"}
    assert await desk.found("pt.9", "holdings") | await desk.found("pt9", "holdings") == {"b1"}


@pytest.mark.parametrize("link", ["004", "014"])
async def test_holdings_may_come_before_or_after_their_record(desk, marc, link):
    await desk.load([marc.hold(1, "b1", "Annex", link=link)])
    await desk.load([marc.bib(1), marc.bib(2)])
    await desk.load([marc.hold(2, "b2", "Main", link=link)])
    assert await values(desk, "item_home") == {"Annex": 1, "Main": 1}


async def test_changed_holdings_move_the_datestamp_of_their_record_and_no_other(desk, marc):
    await desk.load([marc.bib(1), marc.bib(2), marc.hold(1, "b1", "Annex")])
    await desk.yesterday()
    before = await desk.stamps()
    assert (await desk.load([marc.hold(1, "b1", "Annex")])).counts() == {"read": 1, "unchanged": 1}
    assert await desk.moved(before) == set()
    assert (await desk.load([marc.hold(1, "b1", "Main")])).counts() == {"read": 1, "updated": 1}
    assert await desk.moved(before) == {"b1"}
    assert await values(desk, "item_home") == {"Main": 1}


async def test_holdings_that_move_change_both_records(desk, marc):
    await desk.load([marc.bib(1), marc.bib(2), marc.bib(3), marc.hold(1, "b1")])
    await desk.yesterday()
    before = await desk.stamps()
    await desk.load([marc.hold(1, "b2")])
    assert await desk.moved(before) == {"b1", "b2"}


async def test_deleted_holdings_are_gone_from_their_record(desk, marc):
    await desk.load([marc.bib(1), marc.hold(1, "b1", "Annex")])
    await desk.load([marc.hold(1, "b1", "Annex", status="d")])
    assert await values(desk, "item_home") == {}
    assert await desk.found() == {"b1"}


async def test_new_records_with_their_holdings_are_indexed_once(desk, marc):
    pairs = [record for number in range(1, 21) for record in (marc.bib(number), marc.hold(number, f"b{number}"))]
    loaded = await desk.load(pairs)
    assert loaded.counts() == {"read": 40, "new": 40}
    assert loaded.outcome.indexed == 20


async def test_holdings_belong_to_a_record_of_their_own_source(desk, marc):
    await desk.load([marc.bib(1)], name="libris")
    await desk.load([marc.bib(1)], name="lund")
    await desk.load([marc.hold(1, "b1", "Annex")], name="lund")
    async with desk.engine() as engine:
        assert [term.count for term in (await engine.scan(["item_home"], "values", "", 0, 10)).terms] == [1]
    assert {row.parent_id for row in (await desk.rows("holdings")).values()} == {"lund:b1"}


async def test_an_index_made_again_is_the_same_as_before(desk, marc):
    """Records with everything that documents are linked with; the index is made once of what was read, once of what is stored."""
    await desk.load([
        marc.aut(1), marc.bib(1, "x", NAMED), marc.hold(1, "b1", "Annex", ("866", "  $av.1-24")), marc.bib(2, status="d"),
        marc.bib(3, "x", ("942", "  $n1")), marc.bib(4, "e\u0301 東京 العربية"),
    ])  # fmt: skip
    before = await desk.kept(), await desk.kept("authorities"), await values(desk, "item_home")
    desk.remove_index()
    assert (await desk.load([marc.bib(4, "e\u0301 東京 العربية")])).outcome.indexed == 5
    assert (await desk.kept(), await desk.kept("authorities"), await values(desk, "item_home")) == before
    assert await desk.found("pseudonym", "author_see") == {"b1"}


@pytest.mark.parametrize(
    "plan",
    [
        Phrase("author_see", (Exact("winter"), Fuzzy("jonna", 1))),
        Phrase("anywhere", (Fuzzy("wintr", 1), Exact("jonna"))),
        Near("author_see", (Phrase("author_see", (Exact("eva"),)),), (Phrase("author_see", (Exact("winter"),)),), 2, 20, False),
        Near("anywhere", (Phrase("anywhere", (Exact("winter"),)),), (Phrase("anywhere", (Exact("sofia"),)),), 9, 12, True),
        Near("author_see", (Phrase("author_see", (Exact("winter"),)),), (Phrase("author_see", (Exact("sofia"),)),), 0, None, False),
    ],
    ids=lambda plan: f"{type(plan).__name__}-{plan.field}",
)
async def test_places_of_words_in_variant_headings_are_found_too(desk, marc, plan):
    """Such searches look into records, and these words stand in none."""
    variant = "Winter Jonna Eva a b c d e f g h Sofia"
    await desk.load([marc.aut(1, variant), marc.aut(2, "Winter"), marc.bib(1, "x", NAMED), marc.bib(2, "Jonna", ("700", "1 $aL$9a2"))])
    async with desk.engine() as engine:
        assert [hit.id for hit in (await engine.search(plan, Window(), stored=())).hits] == ["b1"]
