"""What lists and GetRecord show of items: their headers, and their records in a metadata format with where they came from.

Every record of every harvest passes here, so an item is looked at once and becomes tuples, not objects with more to them.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from indexer.engine.port import Engine
from server.db import oai as store
from server.db.oai import Item
from server.oai.formats import MetadataFormat
from server.oai.provenance import Origins, provenance
from server.oai.rendering import Renderer, Source
from server.oai_settings import OaiSettings
from server.sets.rules import SetRules

_IN_IDENTIFIERS = "-._~!$&'()*+,;=:@/"


class Header(NamedTuple):
    """One item as every list shows it. `stamp`: seconds since 1970."""

    identifier: str
    stamp: int
    sets: Sequence[str]
    deleted: bool


class ItemRecord(NamedTuple):
    """A header, and the record in the format asked for; None for a deleted one, and where only headers are wanted.

    `about`: the container that says where the record was harvested, or nothing.
    """

    header: Header
    metadata: bytes | None
    about: bytes = b""


class Contents:
    """Headers and records of items. What the engine has not confirmed yet is made from the stored record."""

    def __init__(self, pool: Any, engine: Engine, settings: OaiSettings, rules: SetRules, renderer: Renderer) -> None:
        self._pool, self._engine, self._renderer = pool, engine, renderer
        self._start = f"{settings.archive_id}:"
        self._names = rules.names
        self._origins = Origins(pool, settings.visibility_delay)

    def identifier(self, item: Item) -> str:
        """The identifier of an item."""
        return self._start + _number(item.oai_id)

    def headers(self, items: Sequence[Item]) -> list[ItemRecord]:
        """The headers alone."""
        return [ItemRecord(self._header(item), None) for item in items]

    async def records(self, items: Sequence[Item], form: MetadataFormat) -> list[ItemRecord]:
        """The records in a format, in the order of the items. Raises: EngineError."""
        live = [item for item in items if not item.hidden]
        sources = await self._sources(live, self._renderer.need(form))
        numbers = [_number(item.oai_id) for item in live]
        if self._renderer.is_quick(form) and all(source.raw is None for source in sources):
            made = self._renderer.render(sources, form, numbers)
        else:
            made = await asyncio.to_thread(self._renderer.render, sources, form, numbers)
        abouts = await self._abouts(sources, form, made)
        by_id = dict(zip([item.record_id for item in live], made, strict=True))
        return [ItemRecord(self._header(item), by_id.get(item.record_id), abouts.get(item.record_id, b"")) for item in items]

    async def _sources(self, items: Sequence[Item], need: str) -> list[Source]:
        fetched = await self._engine.fetch([item.record_id for item in items], (need,))
        hits, confirmed = fetched.hits, fetched.change
        sources, missing = [], []
        for item in items:
            hit = hits.get(item.record_id)
            if hit is None or item.change > confirmed or need not in hit.stored:
                hit = None
                missing.append(item.record_id)
            sources.append(Source(item, hit))
        if missing:
            raws = await store.raw_records(self._pool, missing)
            sources = [one if one.hit is not None else Source(one.item, None, raws.get(one.item.record_id)) for one in sources]
        return sources

    async def _abouts(self, sources: Sequence[Source], form: MetadataFormat, made: Sequence[bytes | None]) -> dict[str, bytes]:
        origins = await self._origins.of([source.item.record_id for source in sources])
        abouts = {}
        for source, record in zip(sources, made, strict=True) if origins else ():
            origin = origins.get(source.item.record_id)
            if origin is not None and record is not None:
                is_same = origin.namespace == form.namespace and self._renderer.is_whole(source, form, record)
                abouts[source.item.record_id] = provenance(origin, altered=origin.altered or not is_same)
        return abouts

    def _header(self, item: Item) -> Header:
        _, oai_id, _, stamp, hidden, sets, _ = item
        if sets:
            names = self._names
            sets = tuple([spec for spec in sets if spec in names])
        return Header(self._start + _number(oai_id), stamp, sets, hidden)


def record_number(text: str) -> str:
    """The OAI id in an identifier; what cannot be one of ours becomes a text that no record has."""
    return unquote(text, errors="replace").replace("\x00", "")


def _number(oai_id: str) -> str:
    """An OAI id as it stands in identifiers and addresses."""
    return oai_id if oai_id.isascii() and oai_id.isalnum() else quote(oai_id, safe=_IN_IDENTIFIERS)
