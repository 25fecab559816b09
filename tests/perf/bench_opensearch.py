"""What our handler adds to OpenSearch's own answer: the same searches over SRU, and asked of OpenSearch directly.

    python tests/perf/bench_opensearch.py FILE.mrc SRU_URL OPENSEARCH_URL [--requests 1000] [--pid PID]

OPENSEARCH_URL holds the collection that `hylla serve` at SRU_URL searches. Each search is prepared first (the requests that our
adapter would send are caught on their way), then asked three times in turn: over SRU, directly with the answer left unread beyond its
bytes, and over SRU again; the second SRU answer counts, so that both find OpenSearch's caches alike. `--pid`: of our server, for its
CPU time. Only searches of one request are counted (a far page needs several).
"""

import argparse
import asyncio
import http.client
import os
import time
from collections import defaultdict
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit

from sru_queries import BenchQuery, draw, queries

from cql.limits import Limits
from indexer.engine import open_engine
from indexer.engine.opensearch import ClusterSettings
from indexer.engine.opensearch.cluster import Cluster
from indexer.engine.port import Window
from indexer.fields import load_field_table
from server.catalogue import Catalogue, Database

Sent = tuple[str, str, bytes]
"""Method, path with parameters, body."""


async def caught(url: str, asked: list[BenchQuery]) -> list[list[Sent]]:
    """What the adapter sends for each search."""
    table = load_field_table()
    engine = open_engine("opensearch", ClusterSettings(url=url), table.collection("biblios"))
    catalogue = Catalogue({"biblios": Database("biblios", engine, table.index_table("biblios"))}, Limits(), 30.0)
    sent: list[Sent] = []
    request = Cluster.request

    async def noted(self: Cluster, method: str, path: str, body: bytes | None = None, **given: object) -> object:
        if path.endswith("/_search"):
            params = given.get("params")
            assert isinstance(params, dict)
            sent.append((method, f"{path}?{urlencode(params)}", body or b""))
        return await request(self, method, path, body, **given)  # type: ignore[arg-type]

    Cluster.request = noted  # type: ignore[method-assign,assignment]
    found: list[list[Sent]] = []
    for one in asked:
        sent.clear()
        understood = catalogue.understand("biblios", one.parameters["query"])
        sorting = catalogue.sort_keys("biblios", keys, ()) if (keys := one.parameters.get("sortKeys")) else None
        window = Window(int(one.parameters.get("startRecord", 1)), int(one.parameters.get("maximumRecords", 10)))
        await catalogue.search("biblios", understood.planned, window, sorting)
        found.append(list(sent))
    await engine.close()
    return found


class Line:
    """A connection that is kept."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname in {"127.0.0.1", "localhost", "::1"}, "only loopback addresses"
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)

    def took_ms(self, method: str, path: str, body: bytes | None = None) -> float:
        """Time until the whole answer is there."""
        started = time.perf_counter()
        self._connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = self._connection.getresponse()
        content = answer.read()
        took = (time.perf_counter() - started) * 1000
        if answer.status != 200 or b"info:srw/diagnostic/" in content:
            raise SystemExit(f"{answer.status} {path}\n{content[:500].decode(errors='replace')}")
        return took


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("sru")
    parser.add_argument("opensearch")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--pid", type=int)
    given = parser.parse_args()
    asked = [one for one in queries(draw(given.file)) if one.parameters.get("operation") == "searchRetrieve"][: given.requests]
    prepared = asyncio.run(caught(given.opensearch, asked))
    ours, engine = Line(given.sru), Line(given.opensearch)
    root = urlsplit(given.sru).path
    taken: dict[str, list[tuple[float, float]]] = defaultdict(list)
    before = cpu_s(given.pid) if given.pid else 0.0
    count = 0
    for one, sent in zip(asked, prepared, strict=True):
        if len(sent) != 1:
            continue
        path = f"{root}?{urlencode(one.parameters)}"
        ours.took_ms("GET", path)
        direct = engine.took_ms(*sent[0])
        taken[one.kind].append((ours.took_ms("GET", path), direct))
        count += 1
    print("| class | SRU p50 / p95 ms | OpenSearch alone p50 / p95 ms | added p50 ms |\n|---|---|---|---|")
    for kind, pairs in [*sorted(taken.items()), ("all", [pair for own in taken.values() for pair in own])]:
        sru, alone = zip(*pairs, strict=True)
        added = median(mine - its for mine, its in pairs)
        cells = [f"{median(own):.2f} / {quantiles(own, n=20)[-1]:.2f}" for own in (sru, alone)]
        print(f"| {kind} | {' | '.join(cells)} | {added:.2f} |")
    if given.pid:
        print(f"\n{(cpu_s(given.pid) - before) / (2 * count) * 1000:.2f} ms of CPU a request in our process")


if __name__ == "__main__":
    main()
