"""Which OpenSearch fields and browse lists one collection has: the single place that gives them names.

| field | filled with |
|---|---|
| `id` | record id as a column, to end ties |
| `live` | "1" in documents that searches may find; hidden ones have no field but `id`, `hidden`, `head` and `stored` |
| `hidden` | "suppressed" or "deleted" |
| `head`, `stored.NAME` | stored, not indexed: what a hit needs besides (`stored`), and the ready bytes as text |
| `t_FIELD` | text in one value: occurrences with a boundary before, between and after them, then the variants |
| `k_FIELD` | keys; a column too when the field is a facet |
| `n_FIELD` | numbers |
| `s_NAME` | sort key, a column only |
| `state` | change number confirmed, in one document of its own |

The text `BOUNDARY a b BOUNDARY c BOUNDARY` followed by `VARIANT x VARIANT y VARIANT` makes anchors and whole occurrences
phrases like any other, keeps phrases from crossing, and lets one query find a word among occurrences and variants.

No field but those that rank hits has norms: in fields that many documents lack they cost two fifths of all indexing.
"""

from functools import cached_property
from typing import Any

from indexer.engine.opensearch.cluster import ClusterSettings
from indexer.engine.port import EngineError
from indexer.extraction_plan import ANYWHERE
from indexer.schema import CollectionSchema, EngineField, OtherLayout

LAYOUT = 1
"""Number of the rules on this page, in `documents` and in `terms`; a collection of another number is refused."""

BOUNDARY, VARIANT = "\ue000", "\ue001"
"""Tokens at the ends of occurrences and before each variant. Private use characters are no letters, marks or digits."""

SPACE = "\ue002"
"""Token of a query that stands for any one word; the analyser `spaced` leaves a hole in its place."""

LIVE = "1"
STATE_ID = "\x01state"
"""Id of the document with the change number; no record id has a control character."""

LONGEST_KEY = 8191
"""Characters; Lucene refuses terms beyond 32,766 bytes, and a character has four at most. Longer words fall into parts."""

MAX_REGEXP = 100_000
_LEASE = "soft_deletes.retention_lease.period"
LEASE_WHILE_FILLED = "10s"
"""How long OpenSearch keeps what a copy of a shard would need to catch up, while a new collection is filled; it looks every 30 s.

Beside what we store, it keeps the JSON of every document until then; merging drops it afterwards. With the default of twelve
hours a new collection would stay two and a half times as large as it need be (7.4 kB a document instead of 3.1).
"""

FILLED_SETTINGS = {"index": {_LEASE: None}}
"""Changes the settings of a collection that has been filled back to the defaults."""

MARK_LENGTH = 2
_SYMBOLS = "".join(map(chr, range(0x21, 0x7F)))


class Layout:
    """Names for a schema. `signature` changes when a collection written by one layout cannot be used by another."""

    def __init__(self, schema: CollectionSchema) -> None:
        self.schema = schema
        self.fields: dict[str, EngineField] = {field.name: field for field in schema.fields}
        self.texts = frozenset(field.name for field in schema.fields if field.kind == "text")
        self.numbers = frozenset(field.name for field in schema.fields if field.kind in {"number", "date"})
        self.keyed = frozenset(field.name for field in schema.fields if field.kind == "key" or field.twin)
        self.facets = frozenset(field.name for field in schema.fields if field.facet and field.name in self.keyed)
        self.sorts = frozenset(schema.sorts)
        self.word_lists = {
            field.name: self._list(field.name, "words") for field in schema.fields if field.kind == "text" and field.scan_words
        }
        kept = [field.name for field in schema.fields if field.scan_values or field.name in self.facets]
        self.value_lists = {name: self._list(name, "values") for name in kept if name in self.keyed or name in self.numbers}
        self.boosts = tuple((field.name, field.boost) for field in schema.fields if field.kind == "text" and field.boost != 1.0)

    def _list(self, field: str, list_: str) -> str:
        """The mark that stands before the terms of a browse list. It is ASCII, which Python joins and sorts much quicker."""
        high, low = divmod(2 * list(self.fields).index(field) + (list_ == "values"), len(_SYMBOLS))
        return _SYMBOLS[high] + _SYMBOLS[low]

    @cached_property
    def signature(self) -> str:
        """Hash of everything that the collection depends on; boosts and extraction rules are not part of it."""
        return self.schema.signature(LAYOUT)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads; it is kept in the mapping's `_meta`."""
        return self.schema.to_json(LAYOUT)

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "Layout":
        """The layout that a collection was made with. Raises: EngineError for another kind of layout."""
        try:
            return cls(CollectionSchema.from_json(saved, LAYOUT))
        except OtherLayout as other:
            raise EngineError(f"The collection was made by another version of this program{other}; run `hylla reindex`.") from None

    def mappings(self) -> dict[str, Any]:
        """Mappings of the documents' index."""
        lookup = {"type": "keyword", "doc_values": False}
        column = {"type": "keyword", "index": False}
        kept = {"type": "keyword", "index": False, "doc_values": False, "store": True}
        properties: dict[str, Any] = {
            "id": column,
            "live": lookup,
            "hidden": lookup,
            "head": kept,
            "state": kept | {"type": "long"},
            "stored": {"type": "object", "dynamic": True},
        }
        for name, field in self.fields.items():
            if name in self.texts:
                ranks = name == ANYWHERE or field.boost > 1
                properties[f"t_{name}"] = {"type": "text", "analyzer": "words", "norms": ranks}
            if name in self.keyed:
                properties[f"k_{name}"] = {"type": "keyword", "doc_values": name in self.facets, "ignore_above": LONGEST_KEY}
            if name in self.numbers:
                properties[f"n_{name}"] = {"type": "long"}
        for name in self.schema.sorts:
            properties[f"s_{name}"] = column
        return {
            "dynamic": "strict",
            "_source": {"enabled": False},
            "_meta": self.to_json(),
            "dynamic_templates": [{"stored": {"path_match": "stored.*", "mapping": kept}}],
            "properties": properties,
        }

    def settings(self, cluster: ClusterSettings, replicas: int) -> dict[str, Any]:
        """Settings of the documents' index. Nothing is seen before we say so, hence there is no refresh interval."""
        return {
            "number_of_shards": cluster.shards,
            "number_of_replicas": replicas,
            "refresh_interval": "-1",
            "max_regex_length": MAX_REGEXP,
            "mapping.total_fields.limit": 2 * len(self.fields) + 1000,
            _LEASE: LEASE_WHILE_FILLED,
            "analysis": {
                "filter": {"spaces": {"type": "stop", "stopwords": [SPACE]}},
                # By itself it would cut words after 255 characters, and addresses on the web may be longer.
                "tokenizer": {"blanks": {"type": "whitespace", "max_token_length": LONGEST_KEY}},
                "analyzer": {
                    "words": {"type": "custom", "tokenizer": "blanks"},
                    # Each word twice in its place: OpenSearch forgets the hole before a single word, but not before two.
                    "spaced": {"type": "custom", "tokenizer": "blanks", "filter": ["spaces", "keyword_repeat"]},
                },
            },
        }


TERM_MAPPINGS: dict[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "terms": {"type": "keyword", "doc_values": False, "ignore_above": LONGEST_KEY},
        "shown": {"type": "object", "enabled": False},
    },
}
"""Mappings of the browse lists' index (`terms`). Blocks are read back from `_source`."""


def term_settings(replicas: int) -> dict[str, Any]:
    """Settings of the browse lists' index: one shard, because its terms are read in order."""
    return {
        "number_of_shards": 1,
        "number_of_replicas": replicas,
        "refresh_interval": "-1",
        _LEASE: LEASE_WHILE_FILLED,
    }
