"""SRU under load: requests/s, latency and CPU per request, beside another SRU server on the same records when one is named.

    python tests/perf/bench_sru.py FILE.mrc URL [--peer URL] [--connections 1,8] [--requests 2000] [--pid PID]

URL is the SRU address of a running `hylla serve` over FILE.mrc, the peer's for example Zebra's. Requests to the two alternate in
blocks, so that both meet the same weather. Only loopback addresses. `--pid` (repeatable: ours, the peer's) adds CPU per request.
"""

import argparse
import asyncio
import os
import re
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sru_queries import BenchQuery, draw, queries

HITS = re.compile(rb"numberOfRecords>(\d+)<")
BLOCK = 200


@dataclass
class Measured:
    """Latencies in ms by class, and what went wrong."""

    by_kind: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)
    hits: dict[str, int] = field(default_factory=dict)
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def all(self) -> list[float]:
        return sorted(value for values in self.by_kind.values() for value in values)


def request_bytes(url: str, query: BenchQuery) -> bytes:
    parts = urlsplit(url)
    return f"GET {parts.path}?{urlencode(query.parameters)} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: */*\r\n\r\n".encode()


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    if b"transfer-encoding: chunked" not in head:
        return status, await reader.readexactly(int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]))
    body = []
    while size := int((await reader.readline()).strip(), 16):
        body.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readline()
    return status, b"".join(body)


async def client(url: str, jobs: list[BenchQuery], into: Measured) -> None:
    parts = urlsplit(url)
    assert parts.hostname in {"127.0.0.1", "localhost", "::1"}, "only loopback addresses"
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**24)
    while jobs:
        query = jobs.pop()
        started = time.perf_counter()
        writer.write(request_bytes(url, query))
        status, body = await read_answer(reader)
        into.by_kind[query.kind].append((time.perf_counter() - started) * 1000)
        if status != 200 or b"diagnostic>" in body:
            into.failures.append(f"{status} {query.parameters} {body[:200]!r}")
        elif found := HITS.search(body):
            into.hits.setdefault(query.parameters.get("query", ""), int(found[1]))
    writer.close()


def cpu_of(pid: int | None) -> float:
    if pid is None:
        return 0.0
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if pid in {int(stat.parent.name), int(fields[1])}:
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


async def run(url: str, jobs: list[BenchQuery], connections: int, into: Measured, pid: int | None) -> None:
    left = list(reversed(jobs))
    cpu, started = cpu_of(pid), time.monotonic()
    await asyncio.gather(*(client(url, left, into) for _ in range(connections)))
    into.wall_s += time.monotonic() - started
    into.cpu_s += cpu_of(pid) - cpu


def percentile(values: list[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)]


def show(name: str, connections: int, measured: Measured) -> None:
    values = measured.all()
    cpu = f"{measured.cpu_s / len(values) * 1000:.2f}" if measured.cpu_s else "-"
    print(
        f"| {name} | {connections} | {len(values) / measured.wall_s:,.0f} | {statistics.median(values):.2f} | "
        f"{percentile(values, 0.95):.2f} | {percentile(values, 0.99):.2f} | {cpu} | {len(measured.failures)} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("url")
    parser.add_argument("--peer")
    parser.add_argument("--connections", default="1,8")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--pid", type=int, action="append", default=[])
    given = parser.parse_args()
    drawn = queries(draw(given.file))
    servers = [("hylla", given.url)] + ([("peer", given.peer)] if given.peer else [])
    pids = {name: pid for (name, _), pid in zip(servers, given.pid, strict=False)}
    print(
        "| server | connections | requests/s | p50 ms | p95 ms | p99 ms | CPU ms a request | failures |\n|---|---|---|---|---|---|---|---|"
    )
    last: dict[str, Measured] = {}
    for connections in (int(part) for part in given.connections.split(",")):
        jobs = [drawn[i % len(drawn)] for i in range(given.requests)]
        results = {name: Measured() for name, _ in servers}
        for _, url in servers:
            asyncio.run(run(url, drawn[:BLOCK], connections, Measured(), None))  # warm both up
        for at in range(0, len(jobs), BLOCK):
            for name, url in servers:
                asyncio.run(run(url, jobs[at : at + BLOCK], connections, results[name], pids.get(name)))
        for name, measured in results.items():
            show(name, connections, measured)
        if connections == 1:
            last = results
    print("\n| class | " + " | ".join(f"{name} p50 / p95 ms" for name in last) + " |\n|---" * 1 + "|---" * len(last) + "|")
    for kind in sorted({kind for measured in last.values() for kind in measured.by_kind}):
        cells = [sorted(measured.by_kind[kind]) for measured in last.values()]
        print(f"| {kind} | " + " | ".join(f"{statistics.median(one):.2f} / {percentile(one, 0.95):.2f}" for one in cells) + " |")
    for name, measured in last.items():
        for failure in measured.failures[:3]:
            print(f"failure of {name}: {failure}")


if __name__ == "__main__":
    main()
