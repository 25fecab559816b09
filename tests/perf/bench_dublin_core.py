"""How long a record takes to become ready-made Dublin Core, beside what pymarc takes to read it.

    python tests/perf/bench_dublin_core.py FILE.mrc [COUNT]

Rounds alternate between the two and are timed by CPU of this process; each round of ours starts with nothing remembered. The least
and the middle round are told, because other work on the machine only ever adds time.

Last figures (2,500 to 5,000 records of 2,000 bytes made from real ones, Python 3.11 without profile-guided optimisation, two shared
cores with a load of 4 to 9): 88-109 us in the least round where pymarc reads in 239-272 us; the ratio is 0.29-0.40. Never measured idle.
"""

import argparse
import gc
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median

import pymarc

from indexer.dublin_core import oai_dc
from indexer.dublin_core_text import Remembered
from indexer.marc import Read, SourceProfile, read_file

ROUNDS = 9


def cpu_us(work: Callable[[], int]) -> float:
    """CPU microseconds per record of work that tells how many it did."""
    started = time.process_time()
    count = work()
    return (time.process_time() - started) / count * 1e6


def main() -> None:
    """Prints one line."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("file", type=Path)
    asked.add_argument("count", type=int, nargs="?", default=2500)
    options = asked.parse_args()
    records = [one.record for one in islice(read_file(options.file, SourceProfile()), options.count) if isinstance(one, Read)]
    remembered = [one for one in gc.get_objects() if isinstance(one, Remembered)]
    gc.freeze()

    def ours() -> int:
        for one in records:
            oai_dc(one)
        return len(records)

    def theirs() -> int:
        with options.file.open("rb") as file:
            return sum(1 for _ in islice(pymarc.MARCReader(file), 500))

    own, peer = [], []
    for _ in range(ROUNDS):
        peer.append(cpu_us(theirs))
        for one in remembered:
            one.clear()
        own.append(cpu_us(ours))
    ratio = median(mine / other for mine, other in zip(own, peer, strict=True))
    print(f"oai_dc {min(own):.0f} us (middle {median(own):.0f}); pymarc reads in {min(peer):.0f} us (middle {median(peer):.0f})")
    print(f"oai_dc : pymarc = {ratio:.2f}")


if __name__ == "__main__":
    main()
