"""Where copies stand in records, and what of them is never sent: oai-pmh.md 12 and 21 (`items.`)."""

import pytest
from pydantic import ValidationError

from server.item_settings import ItemSettings

TAGS = {"marc21": "952", "unimarc": "995"}


@pytest.mark.parametrize(
    ("told", "tags"),
    [
        (None, TAGS),
        ("949", {"marc21": "949", "unimarc": "949"}),
        ({"marc21": "949"}, {"marc21": "949", "unimarc": "995"}),
        ("{unimarc: '996'}", {"marc21": "952", "unimarc": "996"}),
    ],
)
def test_the_tag_is_for_all_formats_or_by_format(told, tags):
    assert (ItemSettings() if told is None else ItemSettings(tag=told)).tags() == tags


def test_what_the_field_table_says_holds_where_the_settings_say_nothing():
    assert ItemSettings(tag={"unimarc": "996"}).tags({"marc21": "949", "unimarc": "995"}) == {"marc21": "949", "unimarc": "996"}


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        (None, {"952": "xgvwelmns", "995": "xpsm"}),
        ("x", {"952": "x", "995": "x"}),
        ("", {"952": "", "995": ""}),
        ({"952": "xg"}, {"952": "xg", "995": "xpsm"}),
        ({"unimarc": "x"}, {"952": "xgvwelmns", "995": "x"}),
    ],
)
def test_private_subfields_are_for_all_or_by_tag(told, codes):
    assert (ItemSettings() if told is None else ItemSettings(private_subfields=told)).private_codes(TAGS) == codes


def test_items_are_hidden_by_column_or_by_place():
    places = ItemSettings(hidden={"location": ["STAFF"], "952y": ["REF", "STAFF"], "cn_sort": ["X"]}).hidden_places(TAGS)
    assert places == {"952c": ("STAFF",), "995e": ("STAFF",), "952y": ("REF", "STAFF"), "9526": ("X",)}


@pytest.mark.parametrize(
    "values",
    [{"tag": "95"}, {"tag": {"mab": "952"}}, {"private_subfields": "x!"}, {"private_subfields": {"95": "x"}}, {"hidden": {"shelf": ["A"]}}],
)
def test_what_makes_no_sense_is_refused(values):
    with pytest.raises(ValidationError, match="952"):
        ItemSettings(**values)
