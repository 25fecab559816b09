"""Records in a metadata format: from what the engine has ready, or from the stored record."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import NamedTuple

from indexer.dublin_core import oai_dc, with_record_url
from indexer.engine.port import Hit
from indexer.marc import to_marcxml, unpack
from indexer.record import Format, Record
from server.db.oai import Item, Raw
from server.item_settings import ItemSettings
from server.oai import items
from server.oai.formats import MARC21_SLIM, MARC21_XSD, MetadataFormat
from server.oai_settings import OaiSettings
from server.records.conversion import Memory
from server.records.registry import shipped_registry
from server.records.stored import MARCXML, record_of
from server.xmlio import NotXml, TransformFailed, UnknownStylesheet, escape_attribute, transform

log = logging.getLogger(__name__)

OAI_DC = "oai_dc"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_ROOT = re.compile(rb"(<[^\s<>!?/]+[^<>]*?)/?>")
_OPEN = f'<record xmlns="{MARC21_SLIM}"'.encode()
_OPEN_LOCATED = f'<record xmlns="{MARC21_SLIM}" xmlns:xsi="{XSI}" xsi:schemaLocation="{MARC21_SLIM} {MARC21_XSD}"'.encode()


class Source(NamedTuple):
    """What a record is made from: ready-made bytes by name, or the record as stored."""

    item: Item
    hit: Hit | None
    raw: Raw | None = None

    @property
    def record(self) -> Record:
        """The record itself."""
        if self.raw is not None:
            return unpack(self.raw.raw, self.raw.stored_format, self.raw.format, "bibliographic")
        if self.hit is None:
            raise NotXml(f"There is nothing to make record {self.item.record_id} from.")
        return record_of(self.hit)

    @property
    def marcxml(self) -> bytes:
        """The record as MARCXML of ours."""
        return self.hit.stored[MARCXML] if self.hit is not None else to_marcxml(self.record)


class Renderer:
    """Makes records of all formats; in a thread unless the format `is_quick`.

    `item_tags`: the field that holds items, by format; in another format a field with that tag is no item.
    """

    def __init__(self, settings: OaiSettings, item_settings: ItemSettings, item_tags: Mapping[Format, str]) -> None:
        tags = sorted(set(item_tags.values()))
        self._without = {form: items.without_items(tag) for form, tag in item_tags.items()}
        self._with = items.with_public_items(tags, item_settings.private_codes(item_tags), item_settings.hidden_places(item_tags))
        self._expand = items.with_texts(settings.authorised_values)
        self._settings = settings
        self._memory = Memory()

    def need(self, form: MetadataFormat) -> str:
        """Name of the ready-made bytes that a format is made of."""
        return OAI_DC if self._is_ready(form) else MARCXML

    def is_quick(self, form: MetadataFormat) -> bool:
        """Whether a page takes less time than the way to a thread and back: nothing is converted, only cut."""
        return form.maker == "record" or self._is_ready(form)

    def render(self, sources: Sequence[Source], form: MetadataFormat, numbers: Sequence[str]) -> list[bytes | None]:
        """The records in a format, in their order; None for one that cannot be had in it. `numbers`: for record addresses."""
        make = self._maker(form)
        made: list[bytes | None] = []
        for source, number in zip(sources, numbers, strict=True):
            try:
                made.append(make(source, number))
            except (NotXml, TransformFailed, UnknownStylesheet) as problem:
                log.warning("record %s cannot be had as %s: %s", source.item.record_id, form.prefix, problem)
                made.append(None)
        return made

    def is_whole(self, source: Source, form: MetadataFormat, made: bytes) -> bool:
        """Whether what was made is the record itself, with nothing left out and nothing put in its place."""
        return form.maker == "record" and made == _located(source.marcxml)

    def _is_ready(self, form: MetadataFormat) -> bool:
        return form.maker == "registry" and form.schema_name == OAI_DC and not form.include_items and not form.expanded

    def _maker(self, form: MetadataFormat) -> Callable[[Source, str], bytes]:
        """What makes a record of this format from its source and number."""
        if self._is_ready(form):
            return self._dublin_core
        if form.maker == "record":
            return lambda source, _: _located(self._marcxml(source, form))
        return partial(self._converted, form)

    def _dublin_core(self, source: Source, number: str) -> bytes:
        ready = source.hit.stored.get(OAI_DC) if source.hit is not None else None
        made = ready if ready is not None else oai_dc(source.record)
        address = self._settings.record_url
        return with_record_url(made, address.replace("{id}", number)) if address else made

    def _marcxml(self, source: Source, form: MetadataFormat) -> bytes:
        marcxml = source.marcxml
        if form.include_items:
            marcxml = self._with(marcxml)
        elif (without := self._without.get(source.item.format)) is not None:
            marcxml = without(marcxml)
        return self._expand(marcxml) if form.expanded else marcxml

    def _converted(self, form: MetadataFormat, source: Source, number: str) -> bytes:
        marcxml, item = self._marcxml(source, form), source.item
        key = blake2b(marcxml, digest_size=16, key=f"{form.prefix}/{form.fingerprint}/{item.format}".encode()[:64])
        key.update(number.encode())
        known = self._memory.get(key.digest())
        if known is None:
            known = self._transformed(marcxml, item, form, number)
            self._memory.keep(key.digest(), known)
        return known

    def _transformed(self, marcxml: bytes, item: Item, form: MetadataFormat, number: str) -> bytes:
        parameters = {"OPACBaseURL": self._settings.opac_base_url}
        if self._settings.record_url:
            parameters["record_url"] = self._settings.record_url.replace("{id}", number)
        if form.stylesheet is not None:
            return _with_location(transform(marcxml, form.stylesheet, parameters), form)
        schema = shipped_registry().find(form.schema_name)
        recipe = schema.recipes.get(item.format) if schema is not None else None
        if recipe is None:
            raise TransformFailed(f"{form.schema_name} cannot be made of {item.format}.")
        return _with_location(transform(marcxml, recipe.stylesheet, parameters | dict(recipe.parameters)), form)


def _with_location(made: bytes, form: MetadataFormat) -> bytes:
    """A record with the address of its schema at its root, as the protocol wants it, where the stylesheet did not write one."""
    root = _ROOT.search(made)
    if root is None or b"schemaLocation=" in root[0] or form.namespace.encode() not in root[0]:
        return made
    declared = b"" if b"xmlns:xsi=" in root[0] else f' xmlns:xsi="{XSI}"'.encode()
    location = f' xsi:schemaLocation="{escape_attribute(form.namespace)} {escape_attribute(form.schema)}"'.encode()
    return made[: root.end(1)] + declared + location + made[root.end(1) :]


def _located(marcxml: bytes) -> bytes:
    """MARCXML of ours with the address of its schema."""
    return marcxml.replace(_OPEN, _OPEN_LOCATED, 1)
