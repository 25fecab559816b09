"""A record as special functions see it: its fields by tag, what is known about it from outside, and shared results."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from indexer.analysis import Analyser
from indexer.coded import Codes, coded_data, coded_years, codes_of, languages_of, years_of
from indexer.functions.formats import marc21_formats, unimarc_formats
from indexer.functions.items import ITEM_ATTRIBUTES, ITEM_MAPS, Item, ItemMap, attributes_of, read_items
from indexer.functions.languages import Languages
from indexer.functions.shapes import Fields, by_tag
from indexer.functions.titles import title_sort
from indexer.functions.years import Years
from indexer.record import SUBFIELD, Record

ITEMS = "items"
SEE_FROM = "see from"
"""What special functions may need besides tags: copies of the record, variant headings of its authorities."""


class Keyed(NamedTuple):
    """A whole value: its normalised form and what is shown for it."""

    key: str
    shown: str


class Circumstances(NamedTuple):
    """What a record does not say itself; see `Extractor.document`."""

    record_id: str = ""
    control_number: str = ""
    control_org: str = ""
    source: str = ""
    datestamp: datetime | None = None
    items: Sequence[Item] | None = None
    see_from: Mapping[str, Sequence[str]] = MappingProxyType({})


class RecordView:
    """One record for the time of its extraction. What several special functions need is worked out once, when first asked for."""

    __slots__ = (
        "_codes", "_formats", "_item_values", "_items", "_languages", "_main_heading", "_title_key", "_years", "analyser",
        "circumstances", "coded", "database", "fields", "has_coded_year", "is_unimarc", "item_maps", "leader", "record", "this_year",
    )  # fmt: skip

    def __init__(
        self,
        record: Record,
        circumstances: Circumstances,
        database: str,
        analyser: Analyser,
        this_year: int,
        item_maps: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.record = record
        self.leader = record.leader
        self.circumstances = circumstances
        self.database = database
        self.analyser = analyser
        self.this_year = this_year
        self.item_maps = item_maps
        self.is_unimarc = record.format == "unimarc"
        self.fields: Fields = by_tag(record)
        self.coded = coded_data(self.fields, is_unimarc=self.is_unimarc)
        self.has_coded_year = False
        self._years: Years | None = None
        self._codes: Codes | None = None
        self._languages: Languages | None = None
        self._formats: list[str] | None = None
        self._items: Sequence[Item] | None = circumstances.items
        self._item_values: dict[str, list[str]] | None = None
        self._title_key: str | None = None
        self._main_heading: str | None = None

    @property
    def years(self) -> Years:
        """Year of publication and its range; the imprint is looked at only when the fixed field gives no year."""
        if self._years is None:
            self._years = coded_years(self.coded, self.this_year, is_unimarc=self.is_unimarc)
            self.has_coded_year = self._years.year is not None
            if not self.has_coded_year:
                self._years = years_of(self.coded, self.fields, self.this_year, is_unimarc=self.is_unimarc)
        return self._years

    @property
    def languages(self) -> Languages:
        """Languages of the text, of its original and of its summaries."""
        if self._languages is None:
            self._languages = languages_of(self.coded, self.fields, is_unimarc=self.is_unimarc)
        return self._languages

    @property
    def codes(self) -> Codes:
        """What leader and fixed fields say of content."""
        if self._codes is None:
            self._codes = codes_of(self.record, self.coded, self.fields)
        return self._codes

    @property
    def language(self) -> str:
        """The first language of the record, or an empty string."""
        return next(iter(self.languages.language), "")

    @property
    def formats(self) -> list[str]:
        """Kinds of material in our vocabulary."""
        if self._formats is None:
            self._formats = (unimarc_formats if self.is_unimarc else marc21_formats)(self.leader, self.fields)
        return self._formats

    @property
    def items(self) -> Sequence[Item]:
        """The copies: those given from outside, else those in the record's item fields."""
        if self._items is None:
            layout = self.item_maps.get(self.record.format)
            if layout is None or layout["tag"] not in self.fields:
                self._items = ()
            else:
                own = layout["map"]
                item_map = ITEM_MAPS[own] if isinstance(own, str) else ItemMap(**own)
                self._items = read_items(item_map, self.fields, layout["tag"])
        return self._items

    @property
    def item_values(self) -> Mapping[str, Sequence[str]]:
        """Attribute -> its values in all copies where it is set; attributes that no copy has are left out."""
        if self._item_values is None:
            found: dict[str, list[str]] = {}
            for item in self.items:
                for name, value in zip(ITEM_ATTRIBUTES, attributes_of(item), strict=True):
                    if value:
                        found.setdefault(name, []).append(value)
            self._item_values = found
        return self._item_values

    @property
    def main_heading(self) -> str:
        """The main entry: first of MARC 21 100, 110, 111, or UNIMARC 700, 710, 720; empty when there is none."""
        if self._main_heading is None:
            self._main_heading = ""
            for tag, codes in _MAIN_HEADINGS[self.record.format]:
                bodies = self.fields.get(tag)
                if bodies:
                    self._main_heading = joined(bodies[0], codes)
                    break
        return self._main_heading

    @property
    def title_key(self) -> str:
        """Sort key of the title, without what does not count in filing; empty when there is none."""
        if self._title_key is None:
            self._title_key = self._make_title_key()
        return self._title_key

    def _make_title_key(self) -> str:
        bodies = self.fields.get("200" if self.is_unimarc else "245")
        if not bodies:
            return ""
        body = bodies[0]
        if self.is_unimarc:
            return title_sort(self.analyser, texts(body, "ahi"), "0", self.language)
        codes = "abnp" if f"{SUBFIELD}a" in body else "kbnp"
        return title_sort(self.analyser, texts(body, codes), body[1:2], self.language)


_MAIN_HEADINGS = {
    "marc21": (("100", "abcdq"), ("110", "abcdn"), ("111", "acdnq")),
    "unimarc": (("700", "abcdf"), ("710", "abcdef"), ("720", "acdf")),
}


def texts(body: str, codes: str) -> list[str]:
    """Texts of the subfields with these codes, in order; no empty ones."""
    return [piece[1:] for piece in body.split(SUBFIELD)[1:] if len(piece) > 1 and piece[0] in codes]


def joined(body: str, codes: str) -> str:
    """The subfields with these codes, joined by blanks."""
    return " ".join(texts(body, codes))


Needs = frozenset[str]
KeyOf = Callable[[RecordView], Hashable]


@dataclass(frozen=True, slots=True)
class Texts:
    """A special function whose values go through the normalisation of their field.

    `needs`: it is asked only when the record has one of these tags, or what `ITEMS` or `SEE_FROM` stand for; empty means always.
    `key`: what the values depend on alone, so that they are worked out once for many records; it may give None when that cannot
    be said of a record.
    """

    values: Callable[[RecordView], Sequence[str]]
    needs: Needs = frozenset()
    key: KeyOf | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """A special function that gives integers, dates as yyyymmdd. `needs` and `key` as in `Texts`."""

    values: Callable[[RecordView], Sequence[int]]
    needs: Needs = frozenset()
    key: KeyOf | None = None


@dataclass(frozen=True, slots=True)
class KeyedValues:
    """A special function that gives whole values in normalised form. `needs` and `key` as in `Texts`."""

    values: Callable[[RecordView], Sequence[Keyed]]
    needs: Needs = frozenset()
    key: KeyOf | None = None


Source = Texts | Numbers | KeyedValues


_EMBEDDED = {("001", ""): "0", ("010", "a"): "y", ("011", "a"): "x", ("200", "a"): "t", ("210", "c"): "n", ("210", "d"): "d"}
"""(tag, code) of an embedded field -> code of the standard subfields technique."""


def standard_links(body: str) -> str:
    """A UNIMARC linking field (4XX) with embedded fields ($1) in the form with standard subfields ($t, $a, $x ...).

    Source: UNIMARC manual, 4-- block, embedded fields technique and standard subfields technique.
    """
    if f"{SUBFIELD}1" not in body:
        return body
    pieces = body.split(SUBFIELD)
    made = [pieces[0]]
    tag = ""
    for piece in pieces[1:]:
        if piece[:1] == "1":
            tag = piece[1:4]
            if tag == "001":
                made.append(f"0{piece[4:].strip()}")
        elif not tag:
            made.append(piece)
        elif tag[:2] in {"70", "71", "72"}:
            if piece[:1] == "a":
                made.append(piece)
        elif (tag, piece[:1]) in _EMBEDDED:
            made.append(f"{_EMBEDDED[tag, piece[:1]]}{piece[1:]}")
    return SUBFIELD.join(made)
