"""The search document: what the indexer makes of a record and an engine keeps.

Everything in it has been folded, cut and normalised by `indexer.analysis`; both engines and `cql.matcher` take it as it is.
"""

from dataclasses import dataclass, field
from datetime import datetime

from indexer.record import Format


@dataclass(slots=True)
class Document:
    """One live or hidden record of one database.

    `id`: record id, unique in the database; `change`: change number of the record store, grows with every change.
    `text`: field -> occurrences, each a blank-joined string of tokens (never empty). `variants`: field -> further single
    tokens without a position. `keys`: field -> normalised whole values. `numbers`: field -> integers (dates as yyyymmdd).
    `sorts`: sort key of the collection (`CollectionSchema.sorts`) -> its one value (folded string); numbers are zero-padded so that
    strings sort right. Where a field may have several values, one key has the lowest of them and another the highest.
    `shown`: field -> {key: display form} for facets and scan. `stored`: name -> ready bytes ("marcxml").
    `hidden`: "" for live, "suppressed" or "deleted"; hidden documents are found by no search plan.
    """

    id: str
    change: int
    datestamp: datetime
    format: Format = "marc21"
    hidden: str = ""
    text: dict[str, list[str]] = field(default_factory=dict)
    variants: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, list[int]] = field(default_factory=dict)
    sorts: dict[str, str] = field(default_factory=dict)
    shown: dict[str, dict[str, str]] = field(default_factory=dict)
    stored: dict[str, bytes] = field(default_factory=dict)
