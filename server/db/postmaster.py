"""The process of a PostgreSQL server, as its data directory tells: whether it runs, where its socket is."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from server.errors import DatabaseUnavailable

START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Running:
    """What postmaster.pid tells about a server that runs. `is_ready`: it takes connections."""

    pid: int
    socket_folder: Path
    is_ready: bool


def running_server(cluster: Path) -> Running | None:
    """Reads postmaster.pid (PostgreSQL, src/include/utils/pidfile.h); None when no server runs on this cluster."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    if not _is_postmaster(pid, cluster):
        return None
    if len(lines) < 8:
        return Running(pid, Path(), is_ready=False)
    return Running(pid, Path(lines[4]), is_ready=lines[7].strip() == "ready")


def wait_until_ready(cluster: Path) -> Running | None:
    """The running server once it takes connections; None when there is none, and then nothing stands in the way of a start.

    Raises: DatabaseUnavailable after a minute.
    """
    deadline = time.monotonic() + START_SECONDS
    while (running := running_server(cluster)) is not None and not running.is_ready:
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(f"The private PostgreSQL (process {running.pid}) does not become ready.")
        time.sleep(0.05)
    if running is None:
        _remove_foreign_pid_file(cluster)
    return running


def _is_postmaster(pid: int, cluster: Path) -> bool:
    """Whether this process is the server of this cluster; after a restart of the machine its number may be anybody's.

    A server works in its data directory. In a container root may not look at that of another account; then the command
    line tells.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", cluster)
    except OSError:
        pass
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return True  # nothing can be found out here: PostgreSQL's own check decides
    return b"postgres" in command[0] and os.fsencode(cluster) in command


def _remove_foreign_pid_file(cluster: Path) -> None:
    """PostgreSQL refuses to start while the process of a stale pid file exists, even if it is another program by now."""
    path = cluster / "postmaster.pid"
    try:
        os.kill(int(path.read_text().split()[0]), 0)
    except (OSError, ValueError, IndexError):
        return  # no such process: PostgreSQL sees that by itself, and looks for leftover children, too
    path.unlink(missing_ok=True)
