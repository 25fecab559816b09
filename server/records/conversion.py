"""Makes records of a record schema from stored MARCXML, and remembers what it made.

A stylesheet takes about half a millisecond, so conversions run in a thread and their results are kept: by content, so that
a changed record is simply another one, and up to a number of bytes, least recently used ones going first.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from indexer.dublin_core import in_srw_container, oai_dc, with_record_url
from indexer.engine.port import Hit
from indexer.extract import Extractor
from indexer.marc import to_json
from indexer.record import Format
from server.records.entries import index_entries
from server.records.holdings import iso20775, opac_record
from server.records.registry import Recipe, RecordSchema
from server.records.stored import MARCXML, record_of
from server.xmlio import NotXml, TransformFailed, transform

log = logging.getLogger(__name__)

LARGEST_MEMORY_BYTES = 64 * 1024 * 1024
"""Our decision: about 30,000 converted records of ordinary size."""


DUBLIN_CORE = frozenset({"marc21-to-dc.xsl", "unimarc-to-dc.xsl"})
"""Stylesheets whose work `indexer.dublin_core` does in a tenth of the time, byte for byte, of whole records; they say what is wrong
with others."""


@dataclass(frozen=True, slots=True)
class NotAvailable:
    """A record that cannot be had in a schema; `reason` is a sentence for people."""

    reason: str


class Memory:
    """Converted records by key, at most `largest_bytes` of them; the least recently used ones go first."""

    def __init__(self, largest_bytes: int = LARGEST_MEMORY_BYTES) -> None:
        self._largest = largest_bytes
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self.size_bytes = 0

    def get(self, key: bytes) -> bytes | None:
        """What is kept under a key; None when nothing is."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: bytes, record: bytes) -> None:
        """Remembers a record, unless it alone is larger than an eighth of the memory."""
        if key in self._kept or len(record) > self._largest // 8:
            return
        self._kept[key] = record
        self.size_bytes += len(record)
        while self.size_bytes > self._largest:
            self.size_bytes -= len(self._kept.popitem(last=False)[1])


class Converter:
    """Turns hits into records of a schema.

    `extractor` makes the index entries of the schema `index`. `record_url`: address of a record for people with {id} in it, or
    empty; it becomes an identifier in Dublin Core.
    """

    def __init__(self, extractor: Extractor, record_url: str = "", memory_bytes: int = LARGEST_MEMORY_BYTES) -> None:
        self._extractor = extractor
        self._record_url = record_url
        self._memory = Memory(memory_bytes)

    async def convert(self, database: str, hits: Sequence[Hit], schema: RecordSchema) -> list[bytes | NotAvailable]:
        """The hits in this schema, in their order; one that cannot be turned into it does not spoil the others."""
        records: list[bytes | NotAvailable] = []
        waiting: list[tuple[int, bytes, Hit, Recipe]] = []
        for place, hit in enumerate(hits):
            recipe = schema.recipes.get(hit.format)
            if recipe is None:
                records.append(NotAvailable(f"Record {hit.id} is {_NAMES[hit.format]} and cannot be had as {schema.name}."))
            elif recipe.maker == "stored":
                records.append(hit.stored[MARCXML])
            else:
                key = self._key(database, hit, schema)
                known = self._memory.get(key)
                records.append(known if known is not None else NotAvailable(""))
                if known is None:
                    waiting.append((place, key, hit, recipe))
        if waiting:
            made = await asyncio.to_thread(self._make_all, database, [(hit, recipe) for _, _, hit, recipe in waiting], schema)
            for (place, key, _, _), record in zip(waiting, made, strict=True):
                records[place] = record
                if isinstance(record, bytes):
                    self._memory.keep(key, record)
        return records

    def _key(self, database: str, hit: Hit, schema: RecordSchema) -> bytes:
        digest = blake2b(hit.stored[MARCXML], digest_size=16, key=f"{database}/{schema.name}/{hit.format}".encode())
        digest.update(hit.id.encode())
        return digest.digest()

    def _make_all(self, database: str, wanted: Sequence[tuple[Hit, Recipe]], schema: RecordSchema) -> list[bytes | NotAvailable]:
        return [self._make(database, hit, recipe, schema) for hit, recipe in wanted]

    def _make(self, database: str, hit: Hit, recipe: Recipe, schema: RecordSchema) -> bytes | NotAvailable:
        marcxml = hit.stored[MARCXML]
        try:
            match recipe.maker:
                case "stored":
                    return marcxml
                case "marc-in-json":
                    return orjson.dumps(to_json(record_of(hit)))
                case "index-entries":
                    return index_entries(self._extractor, database, hit)
                case "opac":
                    return opac_record(self._extractor, record_of(hit), marcxml)
                case "iso20775":
                    return iso20775(self._extractor, record_of(hit)) or NotAvailable(f"Record {hit.id} tells of no copies.")
                case "stylesheet":
                    address = self._record_url.replace("{id}", hit.id)
                    parameters = dict(recipe.parameters)
                    if recipe.stylesheet in DUBLIN_CORE and marcxml.endswith(b"</record>"):
                        made = with_record_url(oai_dc(record_of(hit)), address)
                        return made if parameters.get("container") == "oai_dc" else in_srw_container(made)
                    if address:
                        parameters["record_url"] = address
                    return transform(marcxml, recipe.stylesheet, parameters)
        except (NotXml, TransformFailed) as problem:
            log.warning("record %s cannot be turned into %s: %s", hit.id, schema.name, problem)
            return NotAvailable(f"Record {hit.id} cannot be turned into {schema.name}.")


_NAMES: dict[Format, str] = {"marc21": "MARC 21", "unimarc": "UNIMARC"}
