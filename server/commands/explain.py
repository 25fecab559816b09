"""`explain-record` and `explain-query`: what becomes of a record, and of a query."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import Literal, assert_never

from cql.limits import Limits
from cql.tree import Boolean, Clause, Node, Prefixed, Query, to_cql
from indexer.extract import Extractor
from indexer.fields import load_field_table
from indexer.marc import Read, Rejected, Skipped, SourceProfile, read_file
from server.catalogue import Catalogue, Database
from server.engines import open_collection
from server.errors import CannotStart
from server.settings import Settings
from server.sru.explaining import explain_query

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
    """Shows a query as it was understood, its hits and those of each clause; returns the exit code. Raises: CqlError."""
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
        explained = await explain_query(catalogue, name, understood)
        say(f"query   {explained.query}")
        say("tree")
        say(indent(outline_tree(understood.tree), "    "))
        say("plan")
        say(indent(explained.plan, "    "))
        say(f"{settings.engine.kind}")
        say(indent(explained.engine_query, "    "))
        say(f"hits    {await catalogue.count(name, understood.planned.plan):,}")
        for one in explained.clauses:
            say(f"    {one.count:>12,}  {one.query}   ({one.index}: {', '.join(one.fields) or 'all records'})")
            for near in one.near:
                say(f"    {near.count:>12,}    perhaps  {near.query}")
    finally:
        await engine.close()


def outline_tree(query: Query) -> str:
    """The tree of a query, one node a line, two blanks deeper for each level; sort keys at the end."""
    lines: list[str] = []
    todo: list[tuple[Node, int]] = [(query.root, 0)]
    while todo:
        node, level = todo.pop()
        match node:
            case Clause():
                line = to_cql(Query(node))
            case Boolean():
                line = " ".join((node.op, *(f"/{one.name}{one.comparison or ''}{one.value or ''}" for one in node.modifiers)))
                todo += ((node.right, level + 1), (node.left, level + 1))
            case Prefixed():
                line = " ".join(f"> {one.name + ' = ' if one.name else ''}{one.uri}" for one in node.prefixes)
                todo.append((node.query, level + 1))
            case _:
                assert_never(node)
        lines.append("  " * level + line)
    if query.sort:
        lines.append("sortBy " + " ".join(key.index for key in query.sort))
    return "\n".join(lines)
