"""sortBy and sortKeys (sru-cql.md 9.1 and 9.2)."""

from itertools import combinations

import pytest

from cql.diagnostics import CqlError
from cql.indexes import IndexTable
from cql.limits import Limits
from cql.parser import parse
from cql.plan import Everything, Present, SortBy, Without
from cql.planner import plan_query
from cql.sorting import Sorting, plan_sort_keys

TITLE, YEAR = SortBy("title"), SortBy("year")


def _sort_by(text: str, table: IndexTable) -> tuple[SortBy, ...]:
    return plan_query(parse(f"cql.allRecords = 1 sortBy {text}"), table).sort


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("dc.title", (TITLE,)),
        ("title", (TITLE,)),
        ("dc.title dc.date/sort.descending", (TITLE, SortBy("year", descending=True))),
        ("DC.DATE/SORT.Descending/sort.ignoreCase/locale=sv", (SortBy("year", descending=True),)),
        ("dc.title/respectCase/respectAccents/unicodeCodepoint/cql.string", (TITLE,)),
        ("dc.date/number/missingHigh", (YEAR,)),
        ("dc.date/missingLow", (SortBy("year", missing="first"),)),
        ("dc.date/descending/missingLow", (SortBy("year", True, "last"),)),
        ("dc.date/descending/missingHigh", (SortBy("year", True, "first"),)),
        ("dc.date/sort.missingValue=1900", (SortBy("year", missing_value="1900"),)),
        ('dc.creator/descending/MISSINGVALUE="Aa Bb"', (SortBy("author", True, missing_value="aa bb"),)),
        ("dc.title bath.title/descending dc.date", (TITLE, YEAR)),
    ],
)
def test_sort_by_names_fields_of_the_engine(text: str, keys: tuple[SortBy, ...], table: IndexTable):
    assert _sort_by(text, table) == keys


@pytest.mark.parametrize(
    ("text", "number", "details"),
    [
        ("dc.nosuch", 16, "dc.nosuch"),
        ("nosuch.title", 15, "nosuch"),
        ("dc.description", 82, "dc.description"),
        ("cql.allRecords", 82, "cql.allRecords"),
        ("dc.title/sort.nosuch", 82, "sort.nosuch"),
        ("dc.title/dc.descending", 82, "dc.descending"),
        ("dc.title/ascending/descending", 82, "ascending/descending"),
        ("dc.title/missingLow/missingOmit", 82, "missingLow/missingOmit"),
        ("dc.title/descending=1", 82, "descending"),
        ("dc.title/missingValue=x", 82, "missingValue=x"),
        ("dc.date/missingValue", 82, "missingValue"),
        ("dc.date/missingValue<1", 82, "missingValue"),
        ("dc.date/missingValue=old", 82, "missingValue=old"),
        ('dc.date/missingValue=""', 82, "missingValue="),
        ("dc.date/missingValue=1/missingLow", 82, "missingValue/missingLow"),
        ('dc.creator/missingValue="a name of more than 23 b"', 82, "missingValue=a name of more than 23 b"),
        ("a b c d e f", 84, "5"),
    ],
)
def test_sort_by_refuses_what_it_cannot_do(text: str, number: int, details: str, table: IndexTable):
    with pytest.raises(CqlError) as caught:
        _sort_by(text, table)
    assert (caught.value.number, caught.value.details) == (number, details)


@pytest.mark.parametrize(
    ("modifier", "key"),
    [
        ("ascending", YEAR), ("descending", SortBy("year", descending=True)), ("ignoreCase", YEAR), ("respectCase", YEAR),
        ("ignoreAccents", YEAR), ("respectAccents", YEAR), ("locale=sv", YEAR), ("unicodeCodepoint", YEAR),
        ("missingLow", SortBy("year", missing="first")), ("missingHigh", YEAR), ("missingOmit", YEAR), ("missingFail", YEAR),
        ("missingValue=1900", SortBy("year", missing_value="1900")), ("number", YEAR), ("isoDate", YEAR), ("string", YEAR),
    ],
)  # fmt: skip
def test_every_sort_modifier_is_known_with_and_without_prefix_in_any_case(modifier: str, key: SortBy, table: IndexTable):
    """Section 9.1, the list of modifiers; the three formats belong to the set cql."""
    prefix = "cql" if modifier in {"number", "isoDate", "string"} else "sort"
    for written in (modifier, f"{prefix}.{modifier}", modifier.upper(), f"{prefix.upper()}.{modifier.lower()}"):
        assert _sort_by(f"dc.date/{written}", table) == (key,)


@pytest.mark.parametrize(
    ("keys", "number"),
    [("dc.date/ascending/sort.descending", 82), *((f"dc.date/{one}/{other}", 82) for one, other in combinations(
        ("missingLow", "missingHigh", "missingOmit", "missingFail", "missingValue=1"), 2))],
)  # fmt: skip
def test_two_directions_or_two_rules_for_missing_values_exclude_each_other(keys: str, number: int, table: IndexTable):
    """Section 9.1."""
    with pytest.raises(CqlError) as caught:
        _sort_by(keys, table)
    assert caught.value.number == number


def test_records_without_a_value_are_left_out_or_make_it_fail(table: IndexTable):
    omitted = plan_query(parse("cql.allRecords = 1 sortBy dc.date/missingOmit"), table)
    assert omitted.plan == Present("year")
    failing = plan_query(parse("cql.allRecords = 1 sortBy dc.date/missingFail"), table)
    assert failing.plan == Everything()
    assert failing.fails_on == Without(Everything(), Present("year"))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("", ()),
        ("year,,0", None),
        ("dc.date,,0", (SortBy("year", descending=True),)),
        ("title", (TITLE,)),
        ("title,,1,0,highValue  dc.date,,false,true,lowValue", (TITLE, SortBy("year", True, "last"))),
        ("dc.title,,0,1,highValue", (SortBy("title", True, "first"),)),
        ("/record/title", (TITLE,)),
        ("dc:title,marcxml,1", (TITLE,)),
        ("//dc:date,DC", (YEAR,)),
        ("title,,,,", (TITLE,)),
        ("title,,TRUE", (TITLE,)),
    ],
)
def test_sort_keys_parameter(text: str, keys: tuple[SortBy, ...] | None, table: IndexTable):
    if keys is None:
        with pytest.raises(CqlError) as caught:
            plan_sort_keys(text, table, Limits(), ("dc", "marcxml"))
        assert caught.value.number == 88
    else:
        assert plan_sort_keys(text, table, Limits(), ("dc", "marcxml")).keys == keys


@pytest.mark.parametrize(
    ("text", "number", "details"),
    [
        ("nosuch", 88, "nosuch"),
        (",,1", 88, ""),
        ('/record[@x="1"]/title', 88, '/record[@x="1"]/title'),
        ("count(//title)/title", 88, "count(//title)/title"),
        ("@title/title", 88, "@title/title"),
        ("title,,1,0,highValue,more", 82, "title,,1,0,highValue,more"),
        ("dc.description", 88, "dc.description"),
        ("title,nosuch", 87, "nosuch"),
        ("title,,2", 90, "2"),
        ("title,,1,maybe", 91, "maybe"),
        ("title,,1,0,sometimes", 92, "sometimes"),
        ('title,,1,0,"no, title"', 92, '"no, title"'),
        ("title " * 6, 84, "5"),
    ],
)
def test_sort_keys_parameter_refuses_what_it_cannot_do(text: str, number: int, details: str, table: IndexTable):
    with pytest.raises(CqlError) as caught:
        plan_sort_keys(text, table, Limits())
    assert (caught.value.number, caught.value.details) == (number, details)


def test_sort_keys_parameter_takes_a_quoted_stand_in(table: IndexTable):
    assert plan_sort_keys('dc.date,,0,0,"1900"', table, Limits()).keys == (SortBy("year", True, missing_value="1900"),)
    assert plan_sort_keys('dc.creator,,,,"Aa, bb" dc.date', table, Limits()).keys == (SortBy("author", missing_value="aa, bb"), YEAR)
    with pytest.raises(CqlError) as caught:
        plan_sort_keys('dc.date,,,,"long ago"', table, Limits())
    assert (caught.value.number, caught.value.details) == (92, '"long ago"')


def test_sort_keys_parameter_knows_abort_and_omit(table: IndexTable):
    assert plan_sort_keys("dc.date,,,,omit", table, Limits()) == Sorting((YEAR,), Present("year"))
    assert plan_sort_keys("dc.date,,,,abort", table, Limits()).fails_on == Without(Everything(), Present("year"))
