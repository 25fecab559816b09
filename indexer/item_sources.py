"""What the field table takes from the copies of a record."""

from collections.abc import Mapping

from indexer.functions.dates import date8
from indexer.functions.shapes import values
from indexer.record_view import ITEMS, Keyed, KeyedValues, Numbers, RecordView, Source, Texts

_NEEDS = frozenset({ITEMS})


def _each(name: str) -> Source:
    """One attribute of all items, where it is set."""
    return Texts(lambda view: view.item_values.get(name, ()), _NEEDS)


def _dates(name: str) -> Source:
    """One date of all items as yyyymmdd."""
    return Numbers(lambda view: [day for value in view.item_values.get(name, ()) if (day := date8(value)) is not None], _NEEDS)


def _checkouts(view: RecordView) -> list[int]:
    """Loans of all copies together."""
    counts = [int(item.checkouts) for item in view.items if item.checkouts.isascii() and item.checkouts.isdecimal()]
    return [sum(counts)] if counts else []


def _shelf_keys(view: RecordView) -> list[Keyed]:
    return [Keyed(key, item.callnumber) for item in view.items if (key := item.shelf_key)]


def _record_item_types(view: RecordView) -> list[str]:
    """The item type that the record gives for its copies (MARC 21 942 $c as Koha has it)."""
    return [value.strip() for value in values(view.fields, "942", "c")]


ITEM_SOURCES: Mapping[str, Source] = {
    "item_home": _each("home"),
    "item_holding": _each("holding"),
    "item_location": _each("location"),
    "item_collection": _each("collection"),
    "item_callnumber": KeyedValues(_shelf_keys, _NEEDS),
    "item_callnumber_sort": _each("callnumber_sort"),
    "item_barcode": _each("barcode"),
    "item_number": _each("id"),
    "item_stocknumber": _each("stock_number"),
    "item_types": _each("item_type"),
    "record_item_types": Texts(_record_item_types, frozenset({"942"})),
    "item_not_for_loan": _each("not_for_loan"),
    "item_withdrawn": _each("withdrawn"),
    "item_lost": _each("lost"),
    "item_damaged": _each("damaged"),
    "item_restricted": _each("restricted"),
    "item_due": _dates("due"),
    "item_acquired": _dates("acquired"),
    "item_last_seen": _dates("last_seen"),
    "item_checkouts": Numbers(_checkouts, _NEEDS),
    "items_total": Numbers(lambda view: [len(view.items)], _NEEDS),
    "items_available": Numbers(lambda view: [sum(item.available for item in view.items)], _NEEDS),
    "available": Texts(lambda view: ["true" if any(item.available for item in view.items) else "false"], _NEEDS),
}
