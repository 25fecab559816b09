"""Which tantivy fields and which browse lists one collection has: the single place that gives them names.

| tantivy field | filled with |
|---|---|
| `id`, `head`, `stored` | record id; what a hit needs besides (`Stored`); the ready bytes |
| `hidden` | "suppressed" or "deleted"; such documents have no other field but `id`, `head` and `stored` |
| `t_FIELD` | text: all occurrences in one value, a boundary token before, between and after them, with positions |
| `terms` | everything that is looked up as a whole, with a code of six characters (`Codes`) in front |
| `n_FIELD` | numbers, a fast column |
| `f_FIELD` | facet keys, a fast column |
| `s0_NAME` `s1_NAME` `s2_NAME` `s_NAME` | sort key: three columns of eight bytes as integers, and the whole key if it is longer |

One shared field for variants, keys and whole occurrences costs much less to write than a field for each (measured: 80
fewer fields make a document a quarter cheaper), and a prefix in the term dictionary finds the same range.
"""

import struct
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from tantivy import Filter, Index, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from indexer.engine.port import EngineError
from indexer.schema import CollectionSchema, EngineField, OtherLayout

LAYOUT = 2
"""Number of the rules on this page and in `terms`; a folder of another number is refused."""

EVERYTHING = "anywhere"
"""The text field of queries that name no index (`indexer.extraction_plan.ANYWHERE`); its hits are ranked by all boosted fields."""

BOUNDARY = "\x01"
"""Token at the ends of an occurrence. A control character is no letter, mark or digit, so it is in no token of ours."""

LONGEST_WHOLE = 2000
"""Characters of an occurrence that is also kept as a whole. tantivy drops terms beyond 65,530 bytes."""

SORT_BYTES = 8
SORT_COLUMNS = 3
LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1
"""What a number column holds."""

_THREE = struct.Struct(">QQQ")
_SYMBOLS = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Codes:
    """Prefixes in `terms` for one field: two symbols, each written three times.

    So two codes are three edits apart, and a search for terms within two edits of `code + text` stays within the code. They
    are ASCII, for Python joins and hands over plain ASCII several times as fast as anything else.

    `key`: a value of `Document.keys` alone. `both`: a value that is a whole occurrence of the text field too. `whole`: an
    occurrence alone (text fields with a twin). `variant`: a variant. `present`: the field has keys (followed by nothing).
    `single`: the text field has exactly one occurrence (followed by nothing).
    """

    key: str
    both: str
    whole: str
    variant: str
    present: str
    single: str


class Layout:
    """Names and codes for a schema. `signature` changes when an index written by one layout cannot be used by another."""

    def __init__(self, schema: CollectionSchema) -> None:
        self.schema = schema
        self.fields: dict[str, EngineField] = {field.name: field for field in schema.fields}
        self.codes: dict[str, Codes] = {name: _codes(place) for place, name in enumerate(self.fields)}
        self.texts = tuple(field.name for field in schema.fields if field.kind == "text")
        self.numbers = tuple(field.name for field in schema.fields if field.kind in {"number", "date"})
        self.keyed = frozenset(field.name for field in schema.fields if field.kind == "key" or field.twin)
        self.twins = frozenset(field.name for field in schema.fields if field.twin)
        self.facets = frozenset(field.name for field in schema.fields if field.facet and field.name in self.keyed)
        self.word_lists = tuple(field.name for field in schema.fields if field.kind == "text" and field.scan_words)
        self.value_lists = tuple(field.name for field in schema.fields if field.scan_values or field.name in self.facets)
        self.boosts = tuple((field.name, field.boost) for field in schema.fields if field.kind == "text" and field.boost != 1.0)

    @cached_property
    def signature(self) -> str:
        """Hash of everything that the index on disk depends on; labels, boosts and extraction rules are not part of it."""
        return self.schema.signature(LAYOUT)

    def is_text(self, field: str) -> bool:
        """Whether there is a text field of this name."""
        known = self.fields.get(field)
        return known is not None and known.kind == "text"

    def list_number(self, field: str, list_: str) -> int:
        """Number of a browse list in the side file."""
        return 2 * list(self.fields).index(field) + (list_ == "values")

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return self.schema.to_json(LAYOUT)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "Layout":
        """The layout that a folder was written with. Raises: EngineError for another kind of layout."""
        try:
            return cls(CollectionSchema.from_json(saved, LAYOUT))
        except OtherLayout as other:
            raise EngineError(f"The index was written by another version of this program{other}; run `hylla reindex`.") from None

    def tantivy_schema(self) -> Schema:
        """The schema of the index."""
        builder = SchemaBuilder()
        builder.add_text_field("id", fast=True, tokenizer_name="raw", index_option="basic")
        for column in column_names(ID_SORT)[:-1]:
            builder.add_integer_field(column, fast=True)
        builder.add_text_field("hidden", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("head", stored=True, tokenizer_name="column", index_option="basic")
        builder.add_bytes_field("stored", stored=True)
        builder.add_text_field("terms", tokenizer_name="raw", index_option="basic")
        for name in self.texts:
            builder.add_text_field(f"t_{name}", tokenizer_name="words", index_option="position")
        for name in self.numbers:
            builder.add_integer_field(f"n_{name}", fast=True)
        for name in sorted(self.facets):
            builder.add_text_field(f"f_{name}", fast=True, tokenizer_name="column", index_option="basic")
        for name in self.schema.sorts:
            *numbers, text = column_names(name)
            for column in numbers:
                builder.add_integer_field(column, fast=True)
            builder.add_text_field(text, fast=True, tokenizer_name="column", index_option="basic")
        return builder.build()


ID_SORT = "\u00b7id"
"""Name of the sort columns of the record id, which no sort key of a field table can have."""


def register_tokenizers(index: Index) -> None:
    """Makes the tokenizers known to an index; to be done after every opening.

    tantivy-py can make a fast text column only together with an inverted index. `column` keeps that empty: its analyser
    drops every token, while the analyser of the column (a separate table) keeps the value whole.
    """
    index.register_tokenizer("words", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    index.register_tokenizer("column", TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.remove_long(1)).build())
    index.register_fast_field_tokenizer("column", TextAnalyzerBuilder(Tokenizer.raw()).build())


@cache
def column_names(name: str) -> tuple[str, ...]:
    """Names of the columns of one sort key: the numbers, and the text."""
    return (*(f"s{column}_{name}" for column in range(SORT_COLUMNS)), f"s_{name}")


def sort_columns(fields: dict[str, Any], names: tuple[str, ...], key: str) -> None:
    """Sets the columns of one sort key: as many as it is long, so one is missing only where an earlier one ends in a zero byte."""
    raw = key.encode()
    first, second, third = _THREE.unpack(raw[: _THREE.size].ljust(_THREE.size, b"\0"))
    length = len(raw)
    fields[names[0]] = first + LOWEST
    if length >= SORT_BYTES:
        fields[names[1]] = second + LOWEST
        if length >= 2 * SORT_BYTES:
            fields[names[2]] = third + LOWEST
            if length >= 3 * SORT_BYTES:
                fields[names[3]] = key


def _codes(place: int) -> Codes:
    numbers = (divmod(6 * place + kind, len(_SYMBOLS)) for kind in range(6))
    return Codes(*(_SYMBOLS[high] * 3 + _SYMBOLS[low] * 3 for high, low in numbers))
