"""`verify`: whether the index has what the record store has; a readable report, and what to do when it has not.

Exit code 0: everything agrees. 1: something does not.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence

from indexer.engine.port import EngineError
from indexer.extract import Extractor
from indexer.fields import load_field_table
from server.commands.load import screen
from server.commands.progress import Steps
from server.commands.reindex import stores_of, with_connections
from server.db import records
from server.db.pool import open_database
from server.engines import open_collection
from server.loading.documents import Searchable
from server.reindexing.verifying import STATES, Found, Verified, verify
from server.settings import PROGRAM, Settings

Say = Callable[[str], None]


def run_verify(settings: Settings, database: str, sample: int, say: Say) -> int:
    """Compares and reports; returns the exit code. `sample`: records per database that are compared word by word."""
    return 0 if asyncio.run(_verify(settings, stores_of(database), sample, say)) else 1


async def _verify(settings: Settings, stores: Sequence[Searchable], sample: int, say: Say) -> bool:
    table = load_field_table(settings.fields_file)
    extractor = Extractor(table)
    agrees = True
    async with open_database(with_connections(settings)) as pool:
        for store in stores:
            engine = open_collection(settings, table, store)
            try:
                with Steps(screen()) as steps:
                    steps.begin(f"Comparing {store}", sum((await records.counts(pool, store)).values()))
                    found = await verify(pool, store, engine, table.collection(store), extractor, sample, steps.advance)
            except EngineError as error:
                agrees = False
                say(store)
                say(f"wrong   index: {error}")
            else:
                agrees = agrees and found.agrees
                for line in report(found):
                    say(line)
            finally:
                await engine.close()
    say("Everything agrees." if agrees else "Not everything agrees.")
    return agrees


def report(found: Verified) -> Iterator[str]:
    """The lines about one database: counts by source and state, one line for each thing looked at, and what to do."""
    total = sum(one.total() for one in found.in_store.values())
    yield f"{found.store}: {total:,} records in the store, {found.document_count:,} documents in the index"
    yield from _counts(found)
    yield _line(
        "field table", not found.is_outdated, "the one in force",
        f"all {found.document_count:,} documents were made with another one ({found.version}; in force: {found.expected_version})",
    )  # fmt: skip
    yield _line(
        "change numbers", not found.is_ahead, f"{found.confirmed:,} of {found.last_change:,} confirmed",
        f"the index has confirmed {found.confirmed:,}, but the store has given out no more than {found.last_change:,}: "
        "the database is older than the index",
    )  # fmt: skip
    waiting = f"{found.waiting:,} records wait to be indexed"
    if found.waiting and found.is_being_indexed:
        yield f"ok      waiting: {waiting}, and a process is at it"
    else:
        yield _line("waiting", not found.waiting, "nothing waits to be indexed", f"{waiting}, and no process is at it")
    yield _fault("missing", found.missing, "every record is in the index", "are not in the index")
    yield _fault("strange", found.strange, "every document belongs to a record", "of the index are not in the store")
    yield _fault("twice", found.twice, "no record is there twice", "are in the index more than once")
    yield _fault("states", found.different, "states and datestamps are the same", "have another state or datestamp")
    good = f"{found.sampled:,} records: XML the same, " + ("words not compared" if found.is_outdated else "and found by all their words")
    yield _fault("sample", found.unlike, good, f"of {found.sampled:,} compared are not as the store gives them")
    yield from _advice(found)


def _counts(found: Verified) -> Iterator[str]:
    rows = [
        (source or "(no source)", state, found.in_store[source][state], found.in_index[source][state])
        for source in sorted(found.in_store)
        for state in STATES
        if found.in_store[source][state] or found.in_index[source][state]
    ]
    width = max((len(row[0]) for row in rows), default=0)
    if rows:
        yield f"        {'source':<{width}}  state       {'store':>13} {'index':>13}"
    for source, state, in_store, in_index in rows:
        yield f"        {source:<{width}}  {state:<10}  {in_store:>13,} {in_index:>13,}{'' if in_store == in_index else '  <'}"


def _line(what: str, is_good: bool, good: str, bad: str) -> str:
    return f"ok      {what}: {good}" if is_good else f"wrong   {what}: {bad}"


def _fault(what: str, fault: Found, good: str, bad: str) -> str:
    more = fault.count - len(fault.examples)
    examples = "; ".join(fault.examples) + (f"; and {more:,} more" if more else "")
    return _line(what, not fault.count, good, f"{fault.count:,} {bad}: {examples}")


def _advice(found: Verified) -> Iterator[str]:
    if found.agrees:
        return
    first = f"the next `{PROGRAM} load` takes in what waits; " if found.only_waits else ""
    yield f"do      {first}`{PROGRAM} reindex --database {found.store}` builds the index anew while searches go on"
