"""Harvests an OAI-PMH endpoint from the first page to the last, one request at a time, and says how fast that was.

    python tests/perf/bench_oai.py http://127.0.0.1:8098/oai [--prefix marcxml --prefix oai_dc] [--pid SERVER] [--gzip]

The first and the last tenth of the pages are told apart: they should cost the same. The client reads tokens and counts headers by
byte search, so that it is not what is measured.
"""

import argparse
import http.client
import re
import time
import zlib
from pathlib import Path
from statistics import mean, median
from urllib.parse import quote, urlsplit

TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]*)</resumptionToken>")
TICKS_PER_S = 100


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def harvest(address: str, prefix: str, gzip: bool) -> tuple[int, list[float], int]:
    """Number of records, seconds of each page, and bytes received."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    headers = {"Accept-Encoding": "gzip"} if gzip else {}
    query, count, received = f"verb=ListRecords&metadataPrefix={prefix}", 0, 0
    pages: list[float] = []
    while True:
        began = time.perf_counter()
        connection.request("GET", f"{parts.path}?{query}", headers=headers)
        body = connection.getresponse().read()
        pages.append(time.perf_counter() - began)
        received += len(body)
        if gzip:
            body = zlib.decompress(body, 31)
        count += body.count(b"<header")
        found = TOKEN.search(body)
        if found is None or not found[1]:
            return count, pages, received
        query = f"verb=ListRecords&resumptionToken={quote(found[1])}"


def main() -> None:
    """Prints one line of a table for each format."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("address")
    arguments.add_argument("--prefix", action="append")
    arguments.add_argument("--pid", type=int)
    arguments.add_argument("--gzip", action="store_true")
    given = arguments.parse_args()
    print("| format | records | pages | records/s | p50 ms | first tenth ms | last tenth ms | CPU s of the server | MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for prefix in given.prefix or ["marcxml", "oai_dc"]:
        before = cpu_seconds(given.pid) if given.pid else 0.0
        count, pages, received = harvest(given.address, prefix, given.gzip)
        used = f"{cpu_seconds(given.pid) - before:.1f}" if given.pid else ""
        tenth = max(len(pages) // 10, 1)
        first, last = mean(pages[:tenth]) * 1000, mean(pages[-tenth - 1 : -1] or pages) * 1000
        speed = count / sum(pages)
        print(
            f"| {prefix} | {count:,} | {len(pages):,} | {speed:,.0f} | {median(pages) * 1000:.1f} | {first:.1f} | {last:.1f} "
            f"| {used} | {received / 1e6:.0f} |"
        )


if __name__ == "__main__":
    main()
