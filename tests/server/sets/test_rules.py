"""Which sets a record belongs to: oai-pmh.md 8."""

import pickle
from datetime import UTC, datetime

import pytest

from indexer.extract import Extractor
from indexer.fields import load_field_table
from indexer.record import Record
from server.errors import CannotStart
from server.oai_settings import OaiMapping, OaiSet, OaiSettings
from server.sets.rules import SetRules, read_sets
from server.settings import Settings

TABLE = load_field_table()
EXTRACTOR = Extractor(TABLE)


def record(*fields: tuple[str, str]) -> Record:
    return Record("00000nam a2200000 a 4500", [("001", "1"), *fields])


def sets_of(rules: SetRules, one: Record) -> list[str]:
    document = EXTRACTOR.document(one, record_id="1", change=1, datestamp=datetime(2026, 1, 1, tzinfo=UTC))
    return rules.of(document, one)


def rules(*sets: OaiSet) -> SetRules:
    return read_sets(sets, TABLE.index_table("biblios"))


def mapped(*mappings: dict[str, str]) -> SetRules:
    return rules(OaiSet(spec="s", name="S", mappings=tuple(OaiMapping(**one) for one in mappings)))


def rule(value: str, tag: str = "942", code: str = "c", operator: str = "equal", joined: str = "or") -> dict[str, str]:
    return {"marcfield": tag, "marcsubfield": code, "operator": operator, "marcvalue": value, "rule_operator": joined}


@pytest.mark.parametrize(
    ("expression", "value", "belongs"),
    [
        ("RARE", "RARE", True), ("RARE", "RARER", False), ("RARE", "rare", False), ("RAR", "RARE", False),
        ("R.*", "RARE", True), ("^RARE$", "RARE", True), (r"19\d\d", "1984", True), (r"19\d\d", "19x4", False),
        ("A|B", "B", True), ("A|B", "AB", False), ("", "", True), ("[0-9]{2}", "42", True),
    ],
)  # fmt: skip
def test_a_mapping_value_is_an_expression_for_the_whole_value(expression, value, belongs):
    assert bool(sets_of(mapped(rule(expression)), record(("942", f"  \x1fc{value}")))) is belongs


@pytest.mark.parametrize(
    ("rules_", "fields", "belongs"),
    [
        ([rule("A", operator="notequal")], [], True),
        ([rule("A", operator="notequal")], [("942", "  \x1fcA")], False),
        ([rule("A", operator="notequal")], [("942", "  \x1fcB"), ("942", "  \x1fcA")], False),
        ([rule("A", operator="")], [("942", "  \x1fcB\x1fcA")], True),
        ([rule("A"), rule("B", joined="and")], [("942", "  \x1fcA")], False),
        ([rule("A"), rule("B", joined="and")], [("942", "  \x1fcA\x1fcB")], True),
        ([rule("C"), rule("A"), rule("B", joined="and")], [("942", "  \x1fcC")], True),
        ([rule("A"), rule("B", joined="and"), rule("C")], [("942", "  \x1fcC")], True),
        ([rule("1", tag="001", code="")], [], True),
        ([rule("2", tag="001", code="")], [], False),
    ],
)  # fmt: skip
def test_rules_are_joined_as_koha_joins_them(rules_, fields, belongs):
    assert bool(sets_of(mapped(*rules_), record(*fields))) is belongs


def test_a_set_by_cql_has_the_records_that_the_query_finds_and_its_ancestors_too():
    made = rules(OaiSet(spec="type:book:old", name="Old", cql="dc.title = sea"), OaiSet(spec="other", name="O", cql="dc.title = moon"))
    assert sets_of(made, record(("245", "00\x1faThe sea"))) == ["type", "type:book", "type:book:old"]
    assert [info.spec for info in made.infos] == ["other", "type", "type:book", "type:book:old"]
    assert sets_of(made, record(("245", "00\x1faSun"))) == []


@pytest.mark.parametrize(
    ("one", "said"),
    [
        ({"spec": "a b", "name": "A", "cql": "x"}, "setSpec"),
        ({"spec": "a::b", "name": "A", "cql": "x"}, "setSpec"),
        ({"spec": "a", "name": "A"}, "either cql or mappings"),
        ({"spec": "a", "name": "A", "cql": "dc.title ="}, "set 'a'"),
        ({"spec": "a", "name": "A", "cql": "dc.nosuch = 1"}, "set 'a'"),
        ({"spec": "a", "name": "A", "cql": "x", "description": "<a"}, "no XML"),
        ({"spec": "a", "name": "A", "mappings": [rule("(")]}, "'('"),
    ],
)
def test_a_definition_that_cannot_be_used_stops_the_start_and_names_the_set(one, said):
    with pytest.raises(CannotStart, match="'a") as stopped:
        rules(OaiSet(**one))
    assert said in stopped.value.sentence


def test_two_sets_of_one_spec_are_refused():
    with pytest.raises(CannotStart, match="two sets 'a'"):
        rules(OaiSet(spec="a", name="A", cql="x"), OaiSet(spec="a", name="B", cql="y"))


def test_the_fingerprint_follows_what_decides_and_not_names():
    one = rules(OaiSet(spec="a", name="A", cql="x")).fingerprint
    assert one == rules(OaiSet(spec="a", name="Another", cql="x")).fingerprint != ""
    assert one != rules(OaiSet(spec="a", name="A", cql="y")).fingerprint


def items_set(**oai: bool) -> OaiSet:
    one = OaiSet(spec="s", name="S", mappings=(OaiMapping(marcfield="952", marcsubfield="c", marcvalue="RARE"),))
    return Settings(oai=OaiSettings(sets=(one,), **oai)).oai.sets[0]


def test_rules_see_item_fields_only_where_items_are_embedded():
    """oai-pmh.md 8: mappings on item fields need items embedded (AutoUpdateSetsEmbedItemData)."""
    blind, seeing = rules(items_set()), rules(items_set(auto_update_sets_embed_items=True))
    one = record(("952", "  \x1fcRARE"))
    assert (sets_of(blind, one), sets_of(seeing, one)) == ([], ["s"])
    assert blind.fingerprint != seeing.fingerprint
    assert sets_of(rules(pickle.loads(pickle.dumps(items_set()))), one) == []  # as processes that make documents get it


def test_loads_decide_no_memberships_where_they_are_told_not_to():
    """oai-pmh.md 21: auto_update_sets."""
    settings = Settings(oai=OaiSettings(sets=(OaiSet(spec="s", name="S", cql="dc.title = x"),), auto_update_sets=False))
    assert (settings.oai.sets_at_load, [one.spec for one in settings.oai.sets]) == ((), ["s"])
