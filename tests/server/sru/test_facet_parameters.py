"""What facet parameters ask for, in both spellings."""

from urllib.parse import urlencode

import pytest

from server.params import read_parameters
from server.sru.facets import FacetOrder, FacetsAsked, read_facets


def facets(*pairs: tuple[str, str]) -> FacetsAsked | None:
    return read_facets(read_parameters(urlencode(pairs)), also_counts=True)


@pytest.mark.parametrize(
    ("pairs", "default", "limits"),
    [
        ([("facetLimit", "10")], 10, {}),
        ([("facetLimit", "10:dc.subject,5:dc.creator")], None, {"dc.subject": 10, "dc.creator": 5}),
        ([("facetLimit", "10,100:dc.subject")], 10, {"dc.subject": 100}),
        ([("facetLimit:dc.subject", "100")], None, {"dc.subject": 100}),
        ([("facetLimit", "99999999999")], 1000, {}),
        ([("facetLimit", "0")], 0, {}),
    ],
)
def test_limits(pairs, default, limits):
    asked = facets(*pairs)
    assert asked is not None
    assert (asked.default_limit, asked.limits) == (default, limits)


def test_starts_for_all_and_for_one():
    asked = facets(("facetLimit", "5"), ("facetStart", "11"), ("facetStart:dc.subject", "3"))
    assert asked is not None
    assert (asked.first("dc.creator"), asked.first("dc.subject")) == (11, 3)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("recordCount", FacetOrder()),
        ("recordCount,ascending", FacetOrder("recordCount", False)),
        ("alphanumeric", FacetOrder("alphanumeric", False)),
        ("alphanumeric, descending, caseSensitive", FacetOrder("alphanumeric", True, True)),
    ],
)
def test_orders(text, order):
    asked = facets(("facetLimit", "5"), ("facetSort", text))
    assert asked is not None
    assert asked.order == order


def test_counts_of_given_terms():
    asked = facets(("facetCount", "History: a view:dc.subject"), ("facetCount:dc.creator", "Finn"))
    assert asked is not None
    assert asked.counted == (("History: a view", "dc.subject"), ("Finn", "dc.creator"))


def test_ranges_name_their_facet():
    asked = facets(("facetRangeField", "dc.date"), ("facetLowValue:dc.date", "1990"), ("facetHighValue:dc.date", "1999"))
    assert asked is not None
    assert (asked.limits, asked.ranges) == ({"dc.date": 10}, {"dc.date": ("1990", "1999")})


def test_nothing_asked_is_nothing():
    assert facets(("facetStart", "3")) is None
    assert read_facets(read_parameters("facetCount=a:dc.subject"), also_counts=False) is None
