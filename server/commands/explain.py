"""`explain-record` and `explain-query`: what becomes of a record, and of a query."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from cql.limits import Limits
from cql.outline import outline
from cql.tree import to_cql
from indexer.extract import Extractor
from indexer.fields import load_field_table
from indexer.marc import Read, Rejected, Skipped, SourceProfile, read_file
from server.catalogue import Catalogue, Database
from server.engines import open_collection
from server.errors import CannotStart
from server.settings import Settings

VALUE_WIDTH = 60


def run_explain_record(settings: Settings, file: Path, number: int, profile: SourceProfile, say: Callable[[str], None]) -> int:
    """Shows which rule put which value where, for the record with this ordinal; returns the exit code."""
    for item in read_file(file, profile):
        if item.ordinal != number:
            continue
        match item:
            case Rejected():
                say(f"Record {number} was set aside ({item.reason}): {item.detail}")
                return 1
            case Skipped():
                say(f"Record {number} ({item.record_id}) is not indexed: {item.why}")
                return 0
            case Read():
                _say_record(settings, item, say)
                return 0
    raise CannotStart(f"{file} has no record {number}.")


def _say_record(settings: Settings, read: Read, say: Callable[[str], None]) -> None:
    record = read.record
    say(f"id {read.identity.record_id}   {record.kind}, {record.format}   leader {record.leader!r}")
    if record.warnings:
        say(f"warnings: {', '.join(record.warnings)}")
    explained = Extractor(load_field_table(settings.fields_file)).explain(record)
    width = max((len(one.field) for one in explained), default=0)
    rules = max((len(one.rule) for one in explained), default=0)
    for one in explained:
        value = one.value if len(one.value) <= VALUE_WIDTH else one.value[: VALUE_WIDTH - 1] + "…"
        kept = "" if one.key == one.value else f"  ->  {one.key}"
        say(f"{one.field:<{width}}  {one.rule:<{rules}}  {value}{kept}")


def run_explain_query(settings: Settings, database: str, text: str, say: Callable[[str], None]) -> int:
    """Shows tree, plan and hits of a query and of each of its clauses; returns the exit code. Raises: CqlError."""
    asyncio.run(_explain_query(settings, database, text, say))
    return 0


async def _explain_query(settings: Settings, database: str, text: str, say: Callable[[str], None]) -> None:
    table = load_field_table(settings.fields_file)
    name: Literal["biblios", "authorities"] = "authorities" if database == "authorities" else "biblios"
    engine = open_collection(settings, table, name)
    try:
        limits = settings.sru.limits
        bounds = Limits(**limits.model_dump(exclude={"time_s"}))
        catalogue = Catalogue({name: Database(name, engine, table.index_table(name))}, bounds, limits.time_s, settings.engine.kind)
        understood = catalogue.understand(name, text)
        say(f"query   {to_cql(understood.tree)}")
        say("plan")
        for line in outline(understood.planned.plan).splitlines():
            say(f"    {line}")
        say(f"hits    {await catalogue.count(name, understood.planned.plan):,}")
        if len(understood.planned.clauses) > 1:
            for one in understood.planned.clauses:
                say(f"    {await catalogue.count(name, one.plan):>12,}  {one.clause.index} {one.clause.relation} {one.clause.term}")
    finally:
        await engine.close()
