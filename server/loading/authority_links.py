"""How authority records reach the bibliographic documents that name them (indexing.md 4.8, "ids").

A document takes in the variant headings (4XX) of every authority whose id its headings carry, so a search for a variant
finds it. When an authority changes, the records that name it are indexed again; their datestamps stay, because what an
OAI harvester gets of them is the same.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from cql.plan import AnyOf, Exact, Value
from indexer.engine.port import Engine, Window
from indexer.marc import unpack
from indexer.record import Record, subfields
from server.db import records

CHUNK = 500
PAGE = 1000
_HEADING_CODES = frozenset("abcdfghjklmnopqrstvxyz")


def variant_headings(authority: Record) -> list[str]:
    """The see-from headings (4XX) of an authority record, subfields joined by blanks, in record order."""
    found = []
    for tag, body in authority.fields:
        if tag[0] == "4" and len(tag) == 3:
            heading = " ".join(text for code, text in subfields(body) if code in _HEADING_CODES)
            if heading:
                found.append(heading)
    return found


async def see_from(connection: Any, ids: Iterable[str]) -> dict[str, list[str]]:
    """Variant headings by authority id, for those of the ids that the store knows."""
    found: dict[str, list[str]] = {}
    for authority_id, (form, stored_format, raw) in (await records.authorities_named(connection, sorted(set(ids)))).items():
        headings = variant_headings(unpack(raw, stored_format, form, "authority"))
        if headings:
            found[authority_id] = headings
    return found


def names_of(record_id: str, control_number: str, control_org: str) -> tuple[str, ...]:
    """The forms in which a bibliographic record may name an authority."""
    bare = (record_id, control_number)
    return tuple(dict.fromkeys(name for name in (*bare, f"({control_org}){control_number}" if control_org else "") if name))


async def records_naming(engine: Engine, names: Sequence[str]) -> list[str]:
    """Ids of the bibliographic records whose headings carry one of these authority ids."""
    found: dict[str, None] = {}
    for at in range(0, len(names), CHUNK):
        plan = AnyOf(tuple(Value("authority_id", Exact(name)) for name in names[at : at + CHUNK]))
        start = 1
        while True:
            page = await engine.search(plan, Window(start, PAGE), stored=())
            found.update(dict.fromkeys(hit.id for hit in page.hits))
            start += PAGE
            if start > page.total:
                break
    return list(found)
