"""Settings of item fields in records (`items.`): where copies stand, and what of them nobody outside may see (oai-pmh.md 12)."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from indexer.record import Format
from server.setting_types import Section, structured

DEFAULT_TAGS: Mapping[Format, str] = {"marc21": "952", "unimarc": "995"}
"""Fields in which Koha writes copies."""

PRIVATE: Mapping[Format, str] = {"marc21": "xgvwelmns", "unimarc": "xpsm"}
"""Nonpublic notes, prices, vendor, counts of loans and holds, last borrowed."""

COLUMNS: Mapping[str, tuple[str, str]] = {
    "withdrawn": ("0", "0"), "itemlost": ("1", "2"), "cn_source": ("2", "4"), "materials": ("3", "l"), "damaged": ("4", "1"),
    "restricted": ("5", "3"), "cn_sort": ("6", ""), "notforloan": ("7", "o"), "ccode": ("8", "h"), "itemnumber": ("9", "9"),
    "homebranch": ("a", "b"), "holdingbranch": ("b", "c"), "location": ("c", "e"), "dateaccessioned": ("d", "5"),
    "booksellerid": ("e", "s"), "coded_location_qualifier": ("f", ""), "price": ("g", "p"), "itemcallnumber": ("o", "k"),
    "barcode": ("p", "f"), "onloan": ("q", "n"), "datelastseen": ("r", "i"), "datelastborrowed": ("s", "m"), "copynumber": ("t", "6"),
    "uri": ("u", "7"), "replacementprice": ("v", ""), "replacementpricedate": ("w", ""), "itemnotes_nonpublic": ("x", "x"),
    "itype": ("y", "r"), "itemnotes": ("z", "u"), "stocknumber": ("i", "j"), "enumchron": ("h", "v"), "issues": ("l", ""),
    "renewals": ("m", ""), "reserves": ("n", ""), "stack": ("j", ""),
}  # fmt: skip
"""Koha's column of an item -> subfield code in 952 and in 995 (oai-pmh.md 12)."""

_TAG = re.compile("[0-9A-Za-z]{3}")
_PLACE = re.compile("[0-9A-Za-z]{3}[0-9a-z]")
_CODES = re.compile("[0-9a-z]*")
_FORMATS: tuple[Format, ...] = ("marc21", "unimarc")


def _for_both(value: Any) -> Any:
    """What is said without a format (or tag) holds for all of them, under the empty name."""
    if isinstance(value, int):
        return {"": str(value)}
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return {"": value}
    return structured(value)


def _tags(values: dict[str, str]) -> dict[str, str]:
    for form, tag in values.items():
        if form not in {"", *_FORMATS} or not (_TAG.fullmatch(tag) or not tag):
            raise ValueError("it must be a tag such as 952, or one for each format: {marc21: '952', unimarc: '995'}")
    return values


def _private(values: dict[str, str]) -> dict[str, str]:
    for name, codes in values.items():
        if not (name in {"", *_FORMATS} or _TAG.fullmatch(name)) or not _CODES.fullmatch(codes):
            raise ValueError("it must be subfield codes such as xgv, or some for each tag: {'952': xgv, '995': xp}")
    return values


def _hidden(values: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for place in values:
        if place not in COLUMNS and not _PLACE.fullmatch(place):
            raise ValueError(f"{place!r} is neither a tag with a subfield, such as 952c, nor one of Koha's columns, such as location")
    return values


class ItemSettings(Section):
    """Item fields in records."""

    tag: Annotated[dict[str, str], BeforeValidator(_for_both), AfterValidator(_tags)] = Field(
        default={}, description="field of the items, for all formats or by format; empty: as the field table says (952, UNIMARC 995)"
    )
    private_subfields: Annotated[dict[str, str], BeforeValidator(_for_both), AfterValidator(_private)] = Field(
        default={}, description="codes of item fields that are never sent, for all or by tag; empty: xgvwelmns of 952, xpsm of 995"
    )
    hidden: Annotated[dict[str, tuple[str, ...]], BeforeValidator(structured), AfterValidator(_hidden)] = Field(
        default={}, description="items that are never sent: {location: [STAFF]} or {952c: [STAFF]}, column or tag and subfield to values"
    )

    def tags(self, table: Mapping[Format, str] = DEFAULT_TAGS) -> dict[Format, str]:
        """Tag of the item fields by format; `table`: what the field table says."""
        return {form: self.tag.get(form) or self.tag.get("") or table.get(form) or DEFAULT_TAGS[form] for form in _FORMATS}

    def private_codes(self, tags: Mapping[Format, str]) -> dict[str, str]:
        """Subfield codes that are never sent, by tag."""
        told = self.private_subfields
        return {tag: told.get(tag, told.get(form, told.get("", PRIVATE[form]))) for form, tag in tags.items()}

    def hidden_places(self, tags: Mapping[Format, str]) -> dict[str, tuple[str, ...]]:
        """Tag and subfield code -> values that hide an item."""
        places: dict[str, tuple[str, ...]] = {}
        for name, values in self.hidden.items():
            if name in COLUMNS:
                for code, form in zip(COLUMNS[name], _FORMATS, strict=True):
                    if code and form in tags:
                        places[tags[form] + code] = values
            else:
                places[name] = values
        return places
