"""How fast lists are browsed: 20 terms from random places, over SRU, beside other ways to get them (indexing.md 6.3).

    python tests/perf/bench_scan.py FILE.mrc SRU_URL [--folder DATA_DIR/engine/biblios] [--opensearch URL/ALIAS]

`--folder` (embedded engine) adds: our lists read in this process, a browse table with a row for every term, and all headings
aggregated from the facet column. `--opensearch` adds the composite aggregation over the column of a facet. All of them give
subject headings with their counts; over SRU words of titles (five fields merged) and names come too.
"""

import argparse
import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

import orjson
from sru_queries import SEED, draw

from indexer.engine.embedded.folder import Folder
from indexer.engine.embedded.searching import Browser
from indexer.engine.embedded.snapshot import Reader, Snapshot

TERMS = 20
STARTS = 300
LISTS = {"subject headings": 'dc.subject == "{}"', "words of titles": "dc.title = {}", "names": 'dc.creator == "{}"'}


def timed(ask: Callable[[str], object], starts: list[str]) -> str:
    """p50 and p95 in ms."""
    spent = []
    for start in starts:
        began = time.perf_counter()
        ask(start)
        spent.append((time.perf_counter() - began) * 1000)
    return f"{median(spent):.2f} | {quantiles(spent, n=20)[-1]:.2f}"


def over_sru(address: str, clause: str) -> Callable[[str], object]:
    import http.client

    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)

    def ask(start: str) -> bytes:
        asked = {"version": "1.1", "operation": "scan", "scanClause": clause.format(start), "maximumTerms": TERMS}
        connection.request("GET", f"{parts.path}?{urlencode(asked)}")
        body = connection.getresponse().read()
        if b"info:srw/diagnostic/" in body:
            raise SystemExit(body.decode())
        return body

    return ask


def browse_table(snapshot: Snapshot, number: int) -> tuple[sqlite3.Connection, float]:
    """A table with one row for every heading, and the microseconds that a row took to write."""
    rows = [(listed.term, listed.shown) for listed in snapshot.terms.from_term([number], "", 10_000_000)]
    table = sqlite3.connect(":memory:")
    table.execute("create table term (term text primary key, shown text) without rowid")
    began = time.perf_counter()
    table.executemany("insert into term values (?, ?)", rows)
    return table, (time.perf_counter() - began) / max(len(rows), 1) * 1e6


def embedded(folder: Path, starts: list[str]) -> None:
    """The ways of the embedded engine, in this process."""
    snapshot = Reader(Folder(folder)).load()
    if snapshot is None:
        raise SystemExit(f"There is no index in {folder}.")
    browser = Browser(snapshot, lambda _: snapshot.everything(), ["subject"], "values")
    print(f"| our lists, in this process | {timed(lambda start: browser.page(start, 1, TERMS - 1), starts)} |")
    table, write_us = browse_table(snapshot, snapshot.layout.list_number("subject", "values"))
    codes = snapshot.layout.codes["subject"]

    def from_table(start: str) -> list[tuple[str, int]]:
        rows = table.execute("select term, shown from term where term >= ? order by term limit ?", (start, TERMS)).fetchall()
        return [(term, snapshot.frequency("terms", codes.both + term) + snapshot.frequency("terms", codes.key + term)) for term, _ in rows]

    print(f"| browse table in memory, {write_us:.1f} us to write a row | {timed(from_table, starts)} |")
    whole = {"all": {"terms": {"field": "f_subject", "size": 65_000, "order": {"_key": "asc"}}}}
    print(f"| all headings by an aggregation | {timed(lambda _: snapshot.searcher.aggregate(snapshot.everything(), whole), starts[:5])} |")


def opensearch(address: str, starts: list[str]) -> None:
    """The composite aggregation of OpenSearch."""

    def ask(start: str) -> bytes:
        sources = [{"term": {"terms": {"field": "k_subject"}}}]
        asked = {
            "size": 0,
            "query": {"term": {"live": "1"}},
            "aggs": {"list": {"composite": {"size": TERMS, "sources": sources, "after": {"term": start}}}},
        }
        request = Request(f"{address}/_search?request_cache=false", orjson.dumps(asked), {"Content-Type": "application/json"})
        with urlopen(request) as answer:
            return bytes(answer.read())

    print(f"| composite aggregation | {timed(ask, starts[:50])} |")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("file", type=Path)
    arguments.add_argument("address")
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--opensearch")
    given = arguments.parse_args()
    chance = random.Random(SEED)
    drawn = draw(given.file)
    starts = [chance.choice(one.words)[:4] for one in chance.sample(drawn, min(STARTS, len(drawn)))]
    print(f"| way, {TERMS} terms | p50 ms | p95 ms |\n|---|---|---|")
    for name, clause in LISTS.items():
        print(f"| SRU, {name} | {timed(over_sru(given.address, clause), starts)} |")
    if given.folder:
        embedded(given.folder, starts)
    if given.opensearch:
        opensearch(given.opensearch, starts)


if __name__ == "__main__":
    main()
