"""How fast records become searchable: `hylla load` into an empty installation, beside Zebra on the same file when it is there.

    python tests/perf/bench_load.py FILE.mrc [--zebra WORKDIR] [--set KEY=VALUE ...]

WORKDIR is a folder laid out for zebraidx (conf/zebra.cfg with a group iso2709). Prints records/s by wall clock, CPU seconds of our
processes (PostgreSQL's are not among them: about 0.4 s per 10,000 records), the peak of their memory together, and the sizes of index,
database and source. Memory is what belongs to the processes alone: pages of files (the index is mapped) are the system's to take back.
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

MIB = 2**20


@dataclass(frozen=True)
class Figures:
    """One load. Sizes in bytes, times in seconds."""

    records: int
    wall_s: float
    cpu_s: float
    peak_bytes: int
    index_bytes: int
    source_bytes: int
    store_bytes: int = 0

    def row(self, name: str) -> str:
        speed, cpu = self.records / self.wall_s, self.cpu_s / self.records * 10_000
        index = f"{self.index_bytes / MIB:.0f} ({self.index_bytes / self.source_bytes:.2f} x)"
        cells = (name, f"{self.records:,}", f"{speed:,.0f}", f"{cpu:.1f}", f"{self.peak_bytes / MIB:.0f}", index)
        return f"| {' | '.join(cells)} | {self.store_bytes / MIB:.0f} |"


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def own_bytes(pid: int) -> int:
    """Memory of a process and its descendants, without pages of files."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = [one for task in Path(f"/proc/{pid}/task").iterdir() for one in (task / "children").read_text().split()]
    except OSError:
        return 0
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    own = int(found[1]) * 1024 if found else 0
    return own + sum(own_bytes(int(child)) for child in children)


def watched(command: list[str]) -> tuple[str, int]:
    """What a command says on standard error, and the peak of its memory, looked at four times a second."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    peak, done = 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.25):
            peak = max(peak, own_bytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, said = process.communicate()
    done.set()
    watcher.join()
    if process.returncode:
        raise SystemExit(said)
    return said, peak


def load_hylla(file: Path, work: Path, settings: list[str]) -> Figures:
    before, started = children_cpu(), time.monotonic()
    command = [sys.executable, "-m", "server", "--data-dir", str(work), *(part for one in settings for part in ("--set", one))]
    said, peak = watched([*command, "load", "--allow-errors", str(file)])
    wall = time.monotonic() - started
    found = re.search(r"([\d,]+) records in", said)
    assert found, said
    index = work / "engine"
    store = sum(size_of(path) for path in work.glob("postgres*"))
    count = int(found[1].replace(",", ""))
    return Figures(count, wall, children_cpu() - before, peak, size_of(index), file.stat().st_size, store)


def load_zebra(file: Path, work: Path) -> Figures:
    subprocess.run(["zebraidx", "-c", "conf/zebra.cfg", "init"], cwd=work, check=True, capture_output=True)
    before, started = children_cpu(), time.monotonic()
    command = ["zebraidx", "-c", "conf/zebra.cfg", "-d", "biblios", "-g", "iso2709", "-n", "update", str(file)]
    done = subprocess.run(command, cwd=work, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wall = time.monotonic() - started
    count = int(re.findall(r"Records:\s+(\d+)", done.stdout)[-1])
    return Figures(count, wall, children_cpu() - before, 0, size_of(work / "data" / "register"), file.stat().st_size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--zebra", type=Path)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--keep", type=Path, help="leave the installation here, for the SRU benchmark")
    given = parser.parse_args()
    work = given.keep or Path(tempfile.mkdtemp(prefix="hylla-perf-"))
    os.chmod(work.parent, 0o755) if given.keep is None and os.geteuid() == 0 else None
    print("| engine | records | records/s | CPU s per 10k | peak MiB | index MiB | store MiB |\n|---|---|---|---|---|---|---|")
    own = load_hylla(given.file.resolve(), work, given.set)
    print(own.row("hylla, PostgreSQL and embedded engine"))
    if given.zebra:
        peer = load_zebra(given.file.resolve(), given.zebra)
        print(peer.row("zebra"))
        print(f"ratio of records/s: {own.records / own.wall_s / (peer.records / peer.wall_s):.2f}")
    if given.keep is None:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
