"""The shape of one collection as the engine adapters need it; made by `indexer.fields` from the field table."""

from dataclasses import dataclass
from typing import Literal

FieldKind = Literal["text", "key", "number", "date"]


@dataclass(frozen=True, slots=True)
class EngineField:
    """One searchable field.

    `kind`: "text" is filled from `Document.text` (and `.variants`), "key" from `.keys`, "number" and "date" from `.numbers`.
    `twin`: a text field that also has whole values in `Document.keys` under its own name (for facets and value scan).
    `scan_words`, `scan_values`: which browse lists are kept. `facet`: counts over `keys` or `numbers` may be asked.
    `boost`: weight of the field when hits of a query over everything are ranked (1.0 is neutral).
    """

    name: str
    kind: FieldKind
    twin: bool = False
    scan_words: bool = False
    scan_values: bool = False
    facet: bool = False
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class CollectionSchema:
    """All fields of one collection.

    `name`: "biblios" or "authorities". `sorts`: names of the sort keys in `Document.sorts`. `version`: hash of the effective
    field table; documents of another version want a reindex.
    """

    name: str
    fields: tuple[EngineField, ...]
    sorts: tuple[str, ...]
    version: str
