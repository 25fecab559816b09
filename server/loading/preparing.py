"""From a record as it was read to what the store takes: packed, hashed, with its state and where it belongs."""

import re
from dataclasses import dataclass

from indexer.functions.status import is_deleted, is_suppressed
from indexer.marc import Read, SourceProfile, content_hash, pack
from indexer.record import Format, Record, first
from server.db.records import Change, Incoming, Store
from server.loading.documents import Packed, ToIndex, hidden_state
from server.loading.holdings_links import parent_number
from server.loading.outcome import FileOutcome

STORE_OF_KIND: dict[str, Store] = {"bibliographic": "biblios", "authority": "authorities", "holdings": "holdings"}

ITEM_TAGS: dict[Format, str] = {"marc21": "952", "unimarc": "995"}
"""Fields that hold items as Koha writes them into records."""

_OWN_KEY = re.compile("[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """One record ready to be stored, and the file that it counts for."""

    store: Store
    incoming: Incoming
    record: Record
    file: FileOutcome

    def to_index(self, change: Change) -> ToIndex:
        """The record for the index, once the store has given it a change number."""
        incoming, record = self.incoming, self.record
        return ToIndex(
            Packed(incoming.raw, incoming.stored_format, record.format, record.kind),
            incoming.record_id,
            incoming.source,
            incoming.control_number,
            incoming.control_org,
            change.change,
            change.datestamp,
            hidden_state(deleted=incoming.deleted, suppressed=incoming.suppressed),
            unpacked=record,
        )


def prepare(read: Read, profile: SourceProfile, *, delete: bool, superseded: bool, file: FileOutcome) -> Prepared:
    """Packs and hashes one record and reads its state (leader/05, suppression), its own key (999$c) and its parent (004)."""
    record, identity = read.record, read.identity
    raw, stored_format = pack(record)
    store = STORE_OF_KIND[record.kind]
    incoming = Incoming(
        record_id=identity.record_id,
        source=profile.name,
        control_number=identity.control_number,
        control_org=identity.control_org,
        format=record.format,
        stored_format=stored_format,
        raw=raw,
        hash=content_hash(record),
        deleted=delete or is_deleted(record.leader, authority=store == "authorities"),
        suppressed=is_suppressed(record),
        preferred_key=_preferred_key(record) if store == "biblios" else None,
        parent_id=_parent(record, profile) if store == "holdings" else "",
        only_if_new=superseded,
        oai_id=identity.oai_number or _oai_id(record) or identity.control_number if store == "biblios" else "",
        bib_hash=_bib_hash(record) if store == "biblios" else b"",
    )
    return Prepared(store, incoming, record, file)


def _oai_id(record: Record) -> str:
    """The number by which Koha's OAI-PMH knows a record: MARC 21 999$c, else 001; UNIMARC 001, else 090$9 and 090$a."""
    if record.format == "marc21":
        return _first_of(record, "999", "c")
    return record.control("001").strip() or _first_of(record, "090", "9") or _first_of(record, "090", "a")


def _first_of(record: Record, tag: str, code: str) -> str:
    return next((text for body in record.bodies(tag) if (text := first(body, code).strip())), "")


def _bib_hash(record: Record) -> bytes:
    """The content hash without the items; empty when there are none, because it is then that of the whole record."""
    tag = ITEM_TAGS[record.format]
    return content_hash(record, without=tag) if any(own == tag for own, _ in record.fields) else b""


def _preferred_key(record: Record) -> int | None:
    tag, code = ("999", "c") if record.format == "marc21" else ("090", "9")
    for body in record.bodies(tag):
        text = first(body, code)
        if text.isascii() and _OWN_KEY.fullmatch(text):
            return int(text)
    return None


def _parent(record: Record, profile: SourceProfile) -> str:
    """Record id of the bibliographic record, which is of the same source."""
    number = parent_number(record)
    return f"{profile.name}:{number}" if profile.name and number else number
