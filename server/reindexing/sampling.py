"""Some records of the store, and whether the index has them as the store gives them."""

import asyncio
import random
from collections.abc import Sequence
from typing import Any

from indexer.document import Document
from indexer.engine.port import Inspection
from indexer.extract import Extractor
from server.db import records
from server.loading.documents import NO_LINKS, Searchable, ToIndex, authority_ids, from_row, make_documents
from server.loading.indexing import links_of

AT_A_TIME = 500
DRAWS = 4


async def some_records(connection: Any, store: Searchable, last: int, count: int) -> list[ToIndex]:
    """At most `count` records with change numbers up to `last`, chosen at random, tombstones included.

    Numbers are drawn, and the next record of each is taken; where many were given a new number since, several meet in one.
    """
    found: dict[str, ToIndex] = {}
    for number in random.sample(range(1, last + 1), min(DRAWS * count, last)):
        for row in await records.changes_after(connection, store, number - 1, 1):
            if row.change <= last and row.record_id not in found:
                found[row.record_id] = from_row(store, row)
        if len(found) == count:
            break
    return list(found.values())


async def documents_of(connection: Any, store: Searchable, extractor: Extractor, chosen: Sequence[ToIndex]) -> list[Document]:
    """The documents that these records give now, in the same order."""
    links = NO_LINKS
    if store == "biblios":
        names = await asyncio.to_thread(authority_ids, extractor, chosen)
        links = await links_of(connection, names, [one.record_id for one in chosen])
    return (await asyncio.to_thread(make_documents, extractor, chosen, links)).documents


async def kept_otherwise(inspection: Inspection, documents: Sequence[Document]) -> dict[str, str]:
    """Record id -> what the index keeps otherwise than the documents say, in words; agreeing ones are left out."""
    found: dict[str, str] = {}
    for at in range(0, len(documents), AT_A_TIME):
        part = documents[at : at + AT_A_TIME]
        names = sorted({name for one in part for name in one.stored})
        kept = {one.id: one for one in await inspection.find([one.id for one in part], names)}
        for one in part:
            own = kept.get(one.id)
            if own is None:
                found[one.id] = "is missing"
                continue
            differing = [name for name in names if own.stored.get(name) != one.stored.get(name)]
            differing += [name for name in ("hidden", "datestamp", "format") if getattr(own, name) != getattr(one, name)]
            if differing:
                found[one.id] = f"has another {', '.join(differing)}"
    return found
