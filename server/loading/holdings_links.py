"""How holdings records (MARC 21 leader/06 u, v, x, y) become part of the bibliographic document (indexing.md 4.11).

They join the record that their 004 (or 014) names: each 852, or each piece in 876-878, is an item of that record, and what the
library has (866-868, or 853-855 with 863-865) is one of its holdings statements. The record as it is delivered stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from indexer.functions.holdings import holding_statements
from indexer.functions.items import ITEM_MAPS, Item, ItemMap, read_items
from indexer.functions.shapes import by_tag
from indexer.record import SUBFIELD, Record, first

STATEMENT_TAGS = frozenset({"853", "854", "855", "863", "864", "865", "866", "867", "868"})


def parent_number(record: Record) -> str:
    """Control number of the bibliographic record that a holdings record belongs to, or an empty string."""
    number = record.control("004").strip()
    if number:
        return number
    return next((number for body in record.bodies("014") if (number := first(body, "a").strip())), "")


def joined(record: Record, holdings: Sequence[Record], layouts: Mapping[str, Mapping[str, Any]]) -> tuple[Record, list[Item]]:
    """A bibliographic record with the statements of its holdings records as fields 866, and the items of all of them.

    `layouts`: where the records of each format have their own items (`items` of the field table). Statements are written out
    record by record, because the link numbers of several holdings records mean different things. A UNIMARC record, in which 866
    would mean something else, takes in the items only.
    """
    fields = by_tag(record)
    layout = layouts.get(record.format)
    items: list[Item] = []
    if layout is not None:
        own = layout["map"]
        items += read_items(ITEM_MAPS[own] if isinstance(own, str) else ItemMap(**own), fields, layout["tag"])
    statements = holding_statements(fields)
    for one in holdings:
        its_fields = by_tag(one)
        items += read_items(ITEM_MAPS["marc852"], its_fields)
        statements += holding_statements(its_fields)
    if record.format == "unimarc":
        return record, items
    kept = [field for field in record.fields if field[0] not in STATEMENT_TAGS]
    return replace(record, fields=[*kept, *(("866", f"  {SUBFIELD}a{statement}") for statement in statements)]), items
