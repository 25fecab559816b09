"""Copies (items) of a record, from the fields in which library systems put them, and whether they are available.

Four layouts are known by name, others are given as an `ItemMap` of their own:

| map | fields | system |
|---|---|---|
| `koha952` | 952 | Koha, MARC 21 |
| `marc852` | 852 with 876-878 | MARC 21 Holdings |
| `unimarc995` | 995 | Koha, UNIMARC |
| `alma_itm` | ITM | Alma publishing profile |

Prices and nonpublic notes are never read. Source: indexing.md section 4.11.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from operator import attrgetter
from types import MappingProxyType

from indexer.functions.callnumbers import scheme_of, shelf_key
from indexer.functions.shapes import Fields
from indexer.record import SUBFIELD, first

MOST_ITEMS = 5000
"""Items kept in a document; of a record with more only the sums are whole."""

_UNAVAILABLE = re.compile(
    r"(?i)\b(?:lost|missing|withdrawn|discarded|damaged|not for loan|non-?circulating|reference|library use|checked out|on loan|charged|"
    r"in transit|on order|in process|at bindery|unavailable|not available)\b"
)


@dataclass(frozen=True, slots=True)
class ItemAttributes:
    """What is known about a copy. In an `Item` each holds the text of the system, in an `ItemMap` the subfield codes it comes from."""

    id: str = ""
    barcode: str = ""
    home: str = ""
    holding: str = ""
    location: str = ""
    collection: str = ""
    callnumber: str = ""
    callnumber_sort: str = ""
    callnumber_source: str = ""
    item_type: str = ""
    lost: str = ""
    withdrawn: str = ""
    damaged: str = ""
    not_for_loan: str = ""
    restricted: str = ""
    status: str = ""
    due: str = ""
    acquired: str = ""
    enumeration: str = ""
    copy: str = ""
    public_note: str = ""
    url: str = ""
    stock_number: str = ""
    checkouts: str = ""
    renewals: str = ""
    holds: str = ""
    last_seen: str = ""


@dataclass(frozen=True, slots=True)
class Item(ItemAttributes):
    """One physical copy. Attributes are empty when the system says nothing.

    `home`, `holding`: library that owns it, and where it is now. `lost`, `withdrawn`, `damaged`, `not_for_loan`, `restricted`: values
    other than empty and `0` mean yes; `not_for_loan` below 0 is "on order". `due`: set while the copy is on loan. `status`: words of
    MARC 21 876 $j. `callnumber_source`: scheme of the call number (`lcc`, `ddc` ...).
    """

    @property
    def shelf_key(self) -> str:
        """Where the copy stands: the key of its call number by its scheme."""
        return shelf_key(self.callnumber, self.callnumber_source)

    @property
    def available(self) -> bool:
        """Whether the copy can be lent now, by the default rule."""
        return is_available(self)


ITEM_ATTRIBUTES = tuple(attribute.name for attribute in dataclass_fields(ItemAttributes))
"""Names of all attributes, which are also the names that a map of a library's own may have."""

attributes_of: Callable[[ItemAttributes], tuple[str, ...]] = attrgetter(*ITEM_ATTRIBUTES)
"""The attributes of an item, or the codes of a map, in the order of `ITEM_ATTRIBUTES`."""

_CALLNUMBER, _CALLNUMBER_SOURCE = ITEM_ATTRIBUTES.index("callnumber"), ITEM_ATTRIBUTES.index("callnumber_source")


def is_available(item: Item, *, damaged_counts: bool = True, restricted_counts: bool = True) -> bool:
    """Whether a copy is neither lost, withdrawn, on order, not for loan nor on loan.

    `damaged_counts`, `restricted_counts`: whether a damaged or restricted copy counts as not available.
    """
    hindrances = [item.lost, item.withdrawn, item.not_for_loan]
    if damaged_counts:
        hindrances.append(item.damaged)
    if restricted_counts:
        hindrances.append(item.restricted)
    return not item.due.strip() and not any(map(_is_set, hindrances)) and _UNAVAILABLE.search(item.status) is None


def _is_set(value: str) -> bool:
    return value.strip() not in {"", "0"}


@dataclass(frozen=True, slots=True)
class ItemMap(ItemAttributes):
    """Which subfields of a field make which attribute of an item: the first of the codes that has a value.

    The codes of `callnumber` are joined by a blank instead. `tag` is the field; `schemes` (852) takes the scheme of the call number
    from the first indicator.
    """

    tag: str = ""
    schemes: bool = False


_HOLDING_FIELD = ItemMap(
    tag="852", schemes=True, barcode="p", home="ab", holding="ba", location="c", callnumber="khijm", copy="t", public_note="z", url="u",
)  # fmt: skip
_PIECE_FIELD = ItemMap(
    tag="876", id="a", barcode="p", location="l", status="j", acquired="d", enumeration="3", copy="t", public_note="z",
)  # fmt: skip
_PIECE_TAGS = ("876", "877", "878")

ITEM_MAPS: Mapping[str, ItemMap] = MappingProxyType(
    {
        "koha952": ItemMap(
            tag="952", id="9", barcode="p", home="a", holding="b", location="c", collection="8", callnumber="o",
            callnumber_sort="6", callnumber_source="2", item_type="y", lost="1", withdrawn="0", damaged="4", not_for_loan="7",
            restricted="5", due="q", acquired="d", enumeration="h", copy="t", public_note="z", url="u", stock_number="i",
            checkouts="l", renewals="m", holds="n", last_seen="r",
        ),
        "marc852": _HOLDING_FIELD,
        "unimarc995": ItemMap(
            tag="995", id="9", barcode="f", home="b", holding="c", location="e", collection="8h", callnumber="k", item_type="r",
            not_for_loan="o", due="n", acquired="5", enumeration="v", public_note="u",
        ),
        "alma_itm": ItemMap(
            tag="ITM", id="8", barcode="9", home="f", holding="d", location="e", callnumber="i", acquired="q",
        ),
    }
)  # fmt: skip


def read_items(item_map: ItemMap, fields: Fields, tag: str = "") -> list[Item]:
    """The items of a record in record order; a field without any known subfield gives none.

    `tag` takes the place of the map's own. 876-878 are read beside 852: each is one item, which lies where the 852 with the
    same link number ($8) says, else where the 852 in the same place of the order says, else where the first one says.
    """
    tag = tag or item_map.tag
    codes = attributes_of(item_map)
    found = [_read(item_map, codes, body, tag) for body in fields.get(tag, ())]
    if tag == "852" and any(piece in fields for piece in _PIECE_TAGS):
        return _pieces(fields, found)
    return [item for item in found if item != _NOTHING]


_NOTHING = Item()


def _read(item_map: ItemMap, codes: Sequence[str], body: str, tag: str) -> Item:
    subfields: dict[str, str] = {}
    for piece in body.split(SUBFIELD)[1:]:
        if len(piece) > 1 and piece[0] not in subfields:
            subfields[piece[0]] = piece[1:].strip()
    given = [subfields.get(code, "") if len(code) < 2 else _text_of(subfields, code, place) for place, code in enumerate(codes)]
    if item_map.schemes and given[_CALLNUMBER] and not given[_CALLNUMBER_SOURCE]:
        given[_CALLNUMBER_SOURCE] = scheme_of(tag, body)
    return Item(*given)


def _text_of(subfields: Mapping[str, str], codes: str, place: int) -> str:
    """The text of an attribute that has several codes."""
    texts = [text for code in codes if (text := subfields.get(code))]
    return " ".join(texts) if place == _CALLNUMBER else next(iter(texts), "")


def _pieces(fields: Fields, places: Sequence[Item]) -> list[Item]:
    """Items of 876-878, each completed by the holding of its 852."""
    links = [_link(body) for body in fields.get("852", ())]
    items = []
    for tag in _PIECE_TAGS:
        bodies = fields.get(tag, ())
        for place, body in enumerate(bodies):
            own = _read(_PIECE_FIELD, attributes_of(_PIECE_FIELD), body, tag)
            link = _link(body)
            if link and link in links:
                home = places[links.index(link)]
            else:
                home = places[place] if len(places) == len(bodies) else places[0] if places else _NOTHING
            items.append(_completed(own, home))
    return items


def _link(body: str) -> str:
    """The link number of $8, without its sequence number."""
    return first(body, "8").partition("\\")[0].partition(".")[0].strip()


def _completed(own: Item, place: Item) -> Item:
    return Item(**{name: getattr(own, name) or getattr(place, name) for name in ITEM_ATTRIBUTES})


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the items of a record amount to.

    `items`: at most `MOST_ITEMS`, `truncated` when there are more; `total`, `available` count all. The lists hold each value once.
    """

    items: tuple[Item, ...] = ()
    total: int = 0
    available: int = 0
    truncated: bool = False
    homes: tuple[str, ...] = ()
    holdings: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    item_types: tuple[str, ...] = ()


def aggregate(items: Sequence[Item], limit: int = MOST_ITEMS) -> Holdings:
    """Sums and lists over all items; the items themselves up to `limit`."""
    if not items:
        return Holdings()
    return Holdings(
        items=tuple(items[:limit]),
        total=len(items),
        available=sum(item.available for item in items),
        truncated=len(items) > limit,
        homes=_distinct(item.home for item in items),
        holdings=_distinct(item.holding for item in items),
        locations=_distinct(item.location for item in items),
        collections=_distinct(item.collection for item in items),
        item_types=_distinct(item.item_type for item in items),
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
