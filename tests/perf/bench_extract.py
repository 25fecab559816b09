"""How long a record takes to become a document, beside what pymarc takes to read it.

    python tests/perf/bench_extract.py FILE.mrc [COUNT]

Reading and extraction alternate in blocks of 50 records and are timed apart (CPU of this process); pymarc reads the same records
before and after, so the ratio means more than the microseconds. Garbage collection runs as it would in a load that has called
`gc.freeze()`.

Last figures: no quiet machine was to be had (load 4 to 9 on two cores), so only ratios count, and two runs of the same code differ.
Blocks of 200 records of 1,960 bytes made from real ones, 60 rounds in turn with the code before and with pymarc: documents of all
fields take 0.93 and 0.89 times what they took, 3.6 and 2.9 times pymarc's reading. By instructions counted (callgrind, one run, 200
records after 1,500): 3.28 million a record, before 3.60 million. The goal, 1.4 times pymarc's reading, is not met. By cProfile, which
makes small functions dearer than they are, a record's own fields take 49 hundredths, special functions 41, filling the document 6.
"""

import argparse
import gc
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pymarc

from indexer.extract import Extractor
from indexer.fields import load_field_table
from indexer.marc import Read, SourceProfile, read_file

BLOCK = 50


def pymarc_us(path: Path, count: int) -> float:
    """CPU microseconds that pymarc takes to read a record."""
    started, read = time.process_time(), 0
    with path.open("rb") as file:
        for _ in islice(pymarc.MARCReader(file), count):
            read += 1
    return (time.process_time() - started) / read * 1e6


def blocks(path: Path, count: int) -> Iterator[list[Read]]:
    """Records of the file in blocks."""
    records = (one for one in read_file(path, SourceProfile()) if isinstance(one, Read))
    records = islice(records, count)
    while block := list(islice(records, BLOCK)):
        yield block


def main() -> None:
    """Prints one line for each quarter of the records."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("file", type=Path)
    asked.add_argument("count", type=int, nargs="?", default=12_000)
    options = asked.parse_args()
    extractor = Extractor(load_field_table())
    gc.freeze()
    now, quarter = datetime.now(UTC), max(options.count // 4, BLOCK)
    before = pymarc_us(options.file, 3000)
    reading = making = done = 0.0
    clock = started = time.process_time()
    for block in blocks(options.file, options.count):
        clock = time.process_time()
        reading += clock - started
        for one in block:
            extractor.document(one.record, one.identity.record_id, 1, now, hidden="", control_number=one.identity.control_number)
        started = time.process_time()
        making += started - clock
        done += len(block)
        if done >= quarter:
            after = pymarc_us(options.file, 3000)
            reader, maker, peer = reading / done * 1e6, making / done * 1e6, (before + after) / 2
            print(f"read {reader:.0f} us, document {maker:.0f} us, pymarc reads in {peer:.0f} us; document : pymarc = {maker / peer:.2f}")
            before, reading, making, done = after, 0.0, 0.0, 0
            started = time.process_time()


if __name__ == "__main__":
    main()
