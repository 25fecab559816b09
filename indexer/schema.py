"""The shape of one collection as the engine adapters need it; made by `indexer.fields` from the field table."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

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


class OtherLayout(ValueError):
    """What is saved with a collection was written by other rules. Its text is empty, or says in parentheses what is wrong."""


@dataclass(frozen=True, slots=True)
class CollectionSchema:
    """All fields of one collection.

    `name`: "biblios" or "authorities". `sorts`: names of the sort keys in `Document.sorts`, each of which has one value at most in a
    document. `version`: hash of the effective field table; documents of another version want a reindex.
    """

    name: str
    fields: tuple[EngineField, ...]
    sorts: tuple[str, ...]
    version: str

    def signature(self, layout: int) -> str:
        """Hash of what a collection kept by an engine's rules number `layout` depends on; boosts and `version` are not part of it."""
        shape = [[asdict(field) | {"boost": None} for field in self.fields], self.sorts]
        return hashlib.sha256(json.dumps([layout, shape]).encode()).hexdigest()[:16]

    def to_json(self, layout: int) -> dict[str, Any]:
        """What `from_json` reads, to be kept with a collection."""
        return {"layout": layout, "signature": self.signature(layout)} | asdict(self)

    @classmethod
    def from_json(cls, saved: Mapping[str, Any], layout: int) -> "CollectionSchema":
        """The schema that a collection was made with. Raises: OtherLayout."""
        try:
            fields = tuple(EngineField(**field) for field in saved["fields"])
            schema = cls(saved["name"], fields, tuple(saved["sorts"]), saved["version"])
            same = saved["layout"] == layout and saved["signature"] == schema.signature(layout)
        except (KeyError, TypeError) as error:
            raise OtherLayout(f" ({error})") from None
        if not same:
            raise OtherLayout("")
        return schema
