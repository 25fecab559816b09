"""What is known of a stored record when it becomes a document, and that document.

Nothing here asks a database or an engine, so documents can be made in any thread and in any process (`server.loading.making`).
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

import orjson

from indexer.document import Document
from indexer.dublin_core import oai_dc
from indexer.engine.port import LINKED
from indexer.extract import Extractor
from indexer.marc import to_marcxml, unpack
from indexer.record import Format, Kind, Record
from server.db import records
from server.db.sets import Membership
from server.loading.holdings_links import joined
from server.sets.rules import NO_SETS, SetRules

log = logging.getLogger(__name__)

Searchable = Literal["biblios", "authorities"]

KIND: dict[Searchable, Kind] = {"biblios": "bibliographic", "authorities": "authority"}


class Packed(NamedTuple):
    """A record as it is stored (`indexer.marc.pack`), with what is needed to read it."""

    raw: bytes
    stored_format: str
    format: Format
    kind: Kind


@dataclass(slots=True)
class ToIndex:
    """A stored record with the facts of its row that the document carries.

    `unpacked` is the record where it is at hand; else it is unpacked when it is first asked for. It is not sent to other processes.
    """

    packed: Packed
    record_id: str
    source: str
    control_number: str
    control_org: str
    change: int
    datestamp: datetime
    hidden: str
    sets: tuple[str, ...] = ()
    unpacked: Record | None = None

    @property
    def record(self) -> Record:
        """The record itself."""
        if self.unpacked is None:
            self.unpacked = unpack(*self.packed)
        return self.unpacked

    def __reduce__(self) -> tuple[type["ToIndex"], tuple[object, ...]]:
        return ToIndex, (
            self.packed, self.record_id, self.source, self.control_number, self.control_org, self.change, self.datestamp, self.hidden,
            self.sets,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Links:
    """What other records add to the documents of a batch.

    `variants`: authority id -> see-from headings. `holdings`: record id -> its holdings records, oldest first.
    """

    variants: Mapping[str, Sequence[str]] = field(default_factory=dict)
    holdings: Mapping[str, Sequence[Packed]] = field(default_factory=dict)


NO_LINKS = Links()


def from_row(store: Searchable, row: records.StoredRecord) -> ToIndex:
    """A row of a store."""
    return ToIndex(
        Packed(row.raw, row.stored_format, row.format, KIND[store]),
        row.record_id,
        row.source,
        row.control_number,
        row.control_org,
        row.change,
        row.datestamp,
        hidden_state(deleted=row.deleted, suppressed=row.suppressed),
        row.sets,
    )


def hidden_state(*, deleted: bool, suppressed: bool) -> str:
    """`Document.hidden` of a row."""
    return "deleted" if deleted else "suppressed" if suppressed else ""


def make_document(extractor: Extractor, one: ToIndex, links: Links = NO_LINKS) -> Document:
    """The complete document of one record, ready record XML included. A tombstone has no search fields."""
    record, items = one.record, None
    holdings = links.holdings.get(one.record_id)
    if holdings and one.hidden != "deleted":
        record, items = joined(record, [unpack(*each) for each in holdings], extractor.table.config["items"])
    document = extractor.document(
        record,
        record_id=one.record_id,
        change=one.change,
        datestamp=one.datestamp,
        hidden=one.hidden,
        control_number=one.control_number,
        control_org=one.control_org,
        source=one.source,
        items=items,
        see_from=links.variants,
    )
    if one.hidden != "deleted":
        document.stored = {"marcxml": to_marcxml(one.record)}
        if one.packed.kind == "bibliographic":
            document.stored["oai_dc"] = oai_dc(one.record)
        if links.variants:
            linked = {name: document.text[name] for name in extractor.table.linked_fields if name in document.text}
            document.stored |= {LINKED: orjson.dumps(linked)} if linked else {}
    return document


class Made(NamedTuple):
    """What was made of a batch: its documents in its order, the ids of records of which no complete one could be made, and, where
    there are sets, the memberships of the live records.
    """

    documents: list[Document]
    failed: list[str]
    memberships: list[Membership]


def make_documents(extractor: Extractor, changes: Sequence[ToIndex], links: Links, rules: SetRules = NO_SETS) -> Made:
    """Documents and set memberships of a batch.

    A record that cannot be made searchable (a mistake of ours: extraction takes any data) gets a hidden document without search
    fields, and an error in the log, so that one record never stops a load; `verify` finds it too, because it is live in the store.
    """
    made = Made([], [], [])
    for one in changes:
        try:
            document = make_document(extractor, one, links)
            belongs = tuple(rules.of(document, one.record)) if rules and not one.hidden else None
        except Exception:
            log.exception("record %s is stored, but cannot be made searchable", one.record_id)
            made.failed.append(one.record_id)
            made.documents.append(Document(one.record_id, one.change, one.datestamp, one.packed.format, one.hidden or "suppressed"))
            continue
        made.documents.append(document)
        if belongs is not None and one.packed.kind == "bibliographic":
            made.memberships.append(Membership(one.record_id, one.change, belongs))
    return made


def authority_ids(extractor: Extractor, changes: Sequence[ToIndex]) -> set[str]:
    """Ids of all authority records that the headings of a batch name. A record that cannot be read names none here."""
    names: set[str] = set()
    for one in changes:
        if one.hidden != "deleted":
            with suppress(Exception):  # `make_documents` meets the same record next, and tells
                names.update(extractor.authority_ids(one.record))
    return names
