"""From an item of a list to a record ready to be stored: conversion, reading, identity. Nothing here asks a database."""

import logging
from dataclasses import dataclass
from pathlib import Path

from indexer.marc import BadRecord, Read, Rejected, SourceProfile, decode_marcxml, identify
from indexer.marc.identity import not_indexed
from server import xmlio
from server.db.harvests import KnownItem
from server.db.records import Store
from server.harvesting.reading import Item, read_response_date
from server.loading.preparing import STORE_OF_KIND
from server.source_settings import SourceSettings

log = logging.getLogger(__name__)

STORES_OF_TYPE: dict[str, frozenset[Store]] = {
    "auto": frozenset({"biblios", "authorities", "holdings"}),
    "biblio": frozenset({"biblios", "holdings"}),
    "authority": frozenset({"authorities"}),
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A sound record that is not wanted; `why` as a clause."""

    why: str


def profile_of(source: SourceSettings, max_record_bytes: int, oai_from: tuple[str, ...] = ()) -> SourceProfile:
    """How the records of a source are to be understood. Raises: UnusableSource."""
    return SourceProfile(
        name=source.id_prefix, format=source.format, id_from=source.id_from, oai_from=oai_from, max_record_bytes=max_record_bytes
    )


def read_item(item: Item, ordinal: int, path: str, source: SourceSettings, profile: SourceProfile) -> Read | Rejected | LeftOut:
    """The record of a live item. Never raises: what is wrong with one record must not stop a run."""
    raw = item.metadata or b""
    try:
        return _read(item, ordinal, source, profile)
    except BadRecord as bad:
        return Rejected(path, ordinal, -1, item.identifier, bad.reason, bad.detail, raw)
    except Exception as error:
        log.debug("an item cannot be read", exc_info=error)
        detail = f"The item cannot be read ({type(error).__name__}: {error})."
        return Rejected(path, ordinal, -1, item.identifier, "unexpected", detail, raw)


def _read(item: Item, ordinal: int, source: SourceSettings, profile: SourceProfile) -> Read | LeftOut:
    if not item.identifier:
        raise BadRecord("no-id", "The header has no identifier.")
    if item.metadata is None:
        raise BadRecord("xml", "The item has no metadata and is not deleted.")
    data = item.metadata if source.xslt is None else _converted(item.metadata, source.xslt)
    record = decode_marcxml(data, profile)
    if why := not_indexed(record):
        return LeftOut(why)
    if STORE_OF_KIND[record.kind] not in STORES_OF_TYPE[source.record_type]:
        return LeftOut(f"it is of another type ({record.kind})")
    return Read(record, identify(record, profile), ordinal, -1, data)


def _converted(metadata: bytes, stylesheet: Path) -> bytes:
    try:
        return xmlio.transform(metadata, stylesheet)
    except (xmlio.NotXml, xmlio.TransformFailed) as error:
        raise BadRecord("xml", f"The stylesheet made no record: {error}") from None


def is_no_newer(item: Item, known: KnownItem | None) -> bool:
    """Whether what is stored of an item is as new as this.

    A day is coarse: the same day may mean a later change of that day, so only an earlier one counts. The same second counts, unless
    the item has been deleted or came back in it. A datestamp that cannot be read is taken for a newer one.
    """
    if known is None:
        return False
    own, stored = read_response_date(item.datestamp), read_response_date(known.datestamp)
    if own is None or stored is None:
        return False
    has_seconds = len(item.datestamp) > 10 and len(known.datestamp) > 10
    return own < stored or (own == stored and has_seconds and item.deleted == known.deleted)
