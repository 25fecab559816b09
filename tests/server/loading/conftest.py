"""MARC files of any kind made on the spot, and a small installation that loads them."""

import gzip
import json
import shutil
from collections.abc import Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from cql.plan import Everything, Exact, Word
from indexer.engine.port import Window
from indexer.fields import load_field_table
from indexer.marc import SourceProfile, to_iso2709, to_json, to_marcxml
from indexer.record import Record
from server.commands.load import LoadOptions, load
from server.commands.load_report import report
from server.engines import open_collection
from server.loading.outcome import Outcome, Quarantine

WAYS = {"iso2709": to_iso2709, "marcxml": to_marcxml, "json": lambda record: json.dumps(to_json(record)).encode()}


def _record(leader, number, *fields, kind="bibliographic", **more):
    return Record(leader, [("001", number), *((tag, body.replace("$", "\x1f")) for tag, body in fields), *more.values()], kind=kind)


def bib(number, title="The shelf", *more, status="n"):
    """A bibliographic record b1, b2, ... that is found by its title."""
    return _record(f"00000{status}am a2200000 i 4500", f"b{number}", ("008", "260102s2026    sw ||||| |||| 00| 0 swe d"),
                   ("245", f"10$a{title} {number}"), *more)  # fmt: skip


def aut(number, variant="Pseudonym", *, status="n"):
    """An authority record a1, a2, ... with one variant name."""
    return _record(f"00000{status}z  a2200000n  4500", f"a{number}", ("100", f"1 $aLindgren, Vera{number}"), ("400", f"1 $a{variant}"),
                   kind="authority")  # fmt: skip


def hold(number, parent, place="Main", *more, status="n", link="004"):
    """A holdings record h1, h2, ... of the record `parent`, found by its library."""
    parents = ("004", parent) if link == "004" else ("014", f"1 $a{parent}")
    return _record(f"00000{status}x  a2200000   4500", f"h{number}", parents, ("852", f"0 $b{place}$cStacks$hQA76$i.B{number}"), *more,
                   kind="holdings")  # fmt: skip


def write(path: Path, records: Iterable[Record | bytes], form="iso2709") -> Path:
    """A file of records in one of the three forms; bytes are taken as they are. A name that ends in .gz is compressed."""
    parts = [one if isinstance(one, bytes) else WAYS[form](one) for one in records]
    if form == "marcxml":
        content = b'<collection xmlns="http://www.loc.gov/MARC21/slim">' + b"".join(parts) + b"</collection>"
    else:
        content = (b"\n" if form == "json" else b"").join(parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@dataclass
class Loaded:
    """What a load did, and what it printed."""

    outcome: Outcome
    quarantine: Quarantine
    printed: str

    def counts(self) -> dict[str, int]:
        """Counts over all files that are not 0."""
        names = ("read", "new", "updated", "deleted", "unchanged", "superseded", "skipped", "quarantined", "warned")
        return {name: count for name in names if (count := self.outcome.total(name))}

    def lines(self) -> list[dict[str, object]]:
        """Lines of the quarantine."""
        return [json.loads(line) for line in Path(f"{self.quarantine.path}.jsonl").read_text().splitlines()]


class Desk:
    """One installation to load into."""

    def __init__(self, settings, pool, table, folder: Path) -> None:
        self.settings, self.pool, self.table, self.folder = settings, pool, table, folder

    async def load(self, *sources, delete=False, target="auto", settings=None, **profile) -> Loaded:
        """Loads files; a list of records is written to a file first."""
        names = [str(write(self.folder / f"{n}.mrc", one)) if isinstance(one, list) else str(one) for n, one in enumerate(sources)]
        told = StringIO()
        console = Console(file=told, width=200)
        options = LoadOptions(SourceProfile(**profile), target, delete)
        outcome, quarantine, seconds = await load(settings or self.settings, names, options, console)
        report(console, outcome, quarantine, seconds)
        return Loaded(outcome, quarantine, told.getvalue())

    async def rows(self, store="biblios"):
        """Record id -> its row, everything included."""
        rows = await self.pool.fetch(f"select * from {store}")
        return {row["record_id"]: SimpleNamespace(**row) for row in rows}

    async def stamps(self, store="biblios"):
        """Record id -> (datestamp, change number)."""
        return {row.record_id: (row.datestamp, row.change_number) for row in (await self.rows(store)).values()}

    async def yesterday(self):
        """Everything that is stored gets a day older, so that it shows which datestamps move."""
        for store in ("biblios", "authorities", "holdings"):
            names = ("datestamp", "oai_datestamp", "oai_items_datestamp") if store == "biblios" else ("datestamp",)
            aged = ", ".join(f"{name} = {name} - interval '1 day'" for name in names)
            await self.pool.execute(f"update {store} set {aged}")

    async def moved(self, before, store="biblios") -> set[str]:
        """Ids of records whose datestamps are not as they were in `stamps`."""
        now = await self.stamps(store)
        return {record_id for record_id, (stamp, _) in now.items() if before.get(record_id, (None,))[0] != stamp}

    @asynccontextmanager
    async def engine(self, store="biblios"):
        engine = open_collection(self.settings, self.table, store)
        try:
            yield engine
        finally:
            await engine.close()

    async def found(self, word=None, field="title", store="biblios") -> set[str]:
        """Ids of the records that have a word in a field, of all live records without one."""
        plan = Everything() if word is None else Word(field, Exact(word))
        async with self.engine(store) as engine:
            page = await engine.search(plan, Window(1, 1000), stored=())
            assert page.total == len(page.hits)
            return {hit.id for hit in page.hits}

    async def kept(self, store="biblios"):
        """(record id, hidden, datestamp, stored forms) of every document in the index, hidden ones too, sorted."""
        async with self.engine(store) as engine:
            inspection = await engine.inspect()
            ids = {one async for batch in inspection.ids() for one in batch}
            found = await inspection.find(sorted(ids), ["marcxml"])
            await inspection.close()
            return sorted((one.id, one.hidden, one.datestamp, one.stored.get("marcxml")) for one in found)

    def remove_index(self) -> None:
        """As an operator may do at any time."""
        shutil.rmtree(self.settings.data_dir / "engine")


@pytest.fixture(scope="session")
def table():
    return load_field_table()


@pytest.fixture
def marc():
    """Makes records and files of them: `marc.bib`, `marc.aut`, `marc.hold`, `marc.write`."""
    return SimpleNamespace(bib=bib, aut=aut, hold=hold, write=write, raw=to_iso2709)


@pytest.fixture
def desk(settings, pool, table, tmp_path) -> Desk:
    return Desk(settings, pool, table, tmp_path)
