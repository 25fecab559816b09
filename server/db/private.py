"""The private PostgreSQL under `data_dir`, for installations that name no server of their own.

It listens on a socket in a closed folder only, never on TCP. Any number of our processes share it: whoever comes first starts it,
whoever leaves last stops it. That is decided by file locks, which the system takes back from a process that is killed; a
server left behind by `kill -9` is simply found again, and one that was killed itself recovers at the next start.

    data_dir/postgres/           owned by the account that runs the server; a link when that account cannot get in there
        cluster/                 PostgreSQL's data directory
        run/                     the socket (in a short runtime folder instead when the path would be too long)
        server.log, own.conf     its log; settings of your own, if you want any
    data_dir/postgres.lock       held while it is being started or stopped
    data_dir/postgres.users      held (shared) by every process that uses it
"""

import fcntl
import hashlib
import logging
import os
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from server.db.postmaster import START_SECONDS, Running, running_server, wait_until_ready
from server.db.programs import SYSTEM_FOLDER, Account, find_programs, own_account
from server.errors import CannotStart, DatabaseUnavailable
from server.settings import PROGRAM, Settings

log = logging.getLogger(__name__)

PORT = 5432  # only part of the socket's name
LONGEST_SOCKET_PATH = 100  # bytes; Linux takes 107, macOS 103
LOG_BYTES = 5 * 1024 * 1024
LEFTOVER_SECONDS = 10

# For a small machine that takes in records in bulk and may lose power: everything is on disk before we are told so.
CONFIGURATION = """\
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = {connections}
shared_buffers = 128MB
work_mem = 16MB
maintenance_work_mem = 64MB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 1GB
checkpoint_timeout = 15min
fsync = on
synchronous_commit = on
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
include_if_exists '../own.conf'
"""


def private_place(settings: Settings) -> Path:
    """Where the private server lives, whether it exists yet or not; links resolved."""
    return (settings.data_dir.absolute() / "postgres").resolve()


def private_url(settings: Settings) -> tuple[str, Path, bool]:
    """(address, socket folder, whether it runs now) of the private server, without starting it."""
    place = private_place(settings)
    running = running_server(place / "cluster")
    folder = running.socket_folder if running else _socket_folder(place)
    return _url(folder), folder, running is not None


def _url(socket_folder: Path) -> str:
    return f"postgresql://{PROGRAM}@/{PROGRAM}?host={quote(str(socket_folder))}&port={PORT}"


@contextmanager
def private_server(settings: Settings) -> Iterator[str]:
    """Keeps the private server running while the block lasts; gives its address.

    Raises: CannotStart when the machine lacks something, DatabaseUnavailable when the server does not come up.
    """
    try:
        data_dir = settings.folder("")
        users = os.open(data_dir / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CannotStart(f"data_dir {settings.data_dir} cannot be used: {error.strerror}.") from None
    try:
        with _turn(data_dir):
            place, account = _settle(settings)
            running = _started(settings, place, account)
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            yield _url(running.socket_folder)
        finally:
            with _turn(data_dir):
                fcntl.flock(users, fcntl.LOCK_UN)
                _stop_if_last(settings, place, account, users)
    finally:
        os.close(users)


@contextmanager
def _turn(data_dir: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    lock = os.open(data_dir / "postgres.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _settle(settings: Settings) -> tuple[Path, Account]:
    """The server's place and account; made when there is none yet."""
    place = private_place(settings)
    account = own_account(place)
    if not place.exists():
        if not account.can_enter(place.parent):
            place = _outside(settings, account)
        _make(settings, place, account)
    elif os.geteuid() == 0 and place.stat().st_uid == 0:
        log.warning("%s belongs to root, under whom PostgreSQL does not run; it is given to %s", place, account.name)
        _give(place, account)
    elif not os.access(place, os.W_OK):
        raise CannotStart(f"{place} belongs to {_name_of(place)}; run this command as {_name_of(place)} or as root.")
    if not account.can_enter(place):
        raise CannotStart(f"The account {account.name}, which runs PostgreSQL, cannot enter {place}; choose another data_dir.")
    return place, account


def _name_of(place: Path) -> str:
    try:
        return place.owner()
    except KeyError:
        return f"user number {place.stat().st_uid}"


def _outside(settings: Settings, account: Account) -> Path:
    """A place in a system folder, with a link to it in data_dir: for root's own folders, which we do not open to others."""
    link = settings.data_dir.absolute() / "postgres"
    place = SYSTEM_FOLDER / f"postgres-{secrets.token_hex(6)}"
    log.warning("the account %s cannot enter %s; the private PostgreSQL is kept in %s", account.name, link.parent, place)
    try:
        SYSTEM_FOLDER.mkdir(mode=0o755, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(place)
    except OSError as error:
        raise CannotStart(
            f"{place} cannot be made ({error.strerror}); choose another data_dir, or name a server in database.url."
        ) from None
    return place


def _make(settings: Settings, place: Path, account: Account) -> None:
    """Makes the cluster and its database, complete or not at all."""
    programs = find_programs(account, settings.database.binaries, None)
    log.info("making a private PostgreSQL in %s", place)
    fresh = place.with_name(f"{place.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(fresh, account.uid, account.gid)
    cluster = fresh / "cluster"
    made = account.run(
        [
            programs / "initdb",
            "-D",
            cluster,
            "-U",
            PROGRAM,
            "-E",
            "UTF8",
            "--locale=C",
            "--no-instructions",
            "--auth-local=peer",
            "--auth-host=reject",
        ]
    )
    if made.returncode != 0:
        raise CannotStart(f"PostgreSQL's initdb failed: {_last_line(made.stderr)}.")
    named = account.run([programs / "postgres", "--single", "-D", cluster, "postgres"], text=f"create database {PROGRAM}\n")
    if named.returncode != 0:
        raise CannotStart(f"PostgreSQL could not make its database: {_last_line(named.stderr)}.")
    with (cluster / "postgresql.conf").open("a") as configuration:
        configuration.write(f"include '{PROGRAM}.conf'\n")
    (cluster / "pg_hba.conf").write_text("local all all peer map=own\n")
    fresh.rename(place)


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "it said nothing"


def _give(place: Path, account: Account) -> None:
    for folder, _, names in os.walk(place):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _started(settings: Settings, place: Path, account: Account) -> Running:
    """The running server; started if it is not."""
    cluster = place / "cluster"
    running = wait_until_ready(cluster)
    if running is not None:
        return running
    programs = find_programs(account, settings.database.binaries, int((cluster / "PG_VERSION").read_text()))
    folder = _socket_folder(place)
    _make_socket_folder(folder, account)
    _configure(settings, cluster, folder, account)
    log_file = place / "server.log"
    if log_file.exists() and log_file.stat().st_size > LOG_BYTES:
        log_file.replace(place / "server.log.1")
    command: list[str | Path] = [programs / "pg_ctl", "start", "-D", cluster, "-w", "-t", str(START_SECONDS), "-s", "-l", log_file]
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while True:
        before = log_file.stat().st_size if log_file.exists() else 0
        started = account.run(command)
        running = running_server(cluster)
        if started.returncode == 0 and running is not None:
            return running
        said = log_file.read_bytes()[before:].decode(errors="replace").splitlines() if log_file.exists() else []
        fatal = next((line.partition("FATAL:")[2].strip() for line in said if "FATAL:" in line), _last_line(started.stderr))
        if "still in use" not in fatal or time.monotonic() > deadline:
            raise DatabaseUnavailable(f"The private PostgreSQL did not start: {fatal}. Its log is {log_file}.")
        time.sleep(0.2)  # children of a server that was killed end by themselves


def _configure(settings: Settings, cluster: Path, socket_folder: Path, account: Account) -> None:
    """Writes our settings and who may connect: root and the account, each under our one role."""
    connections = max(100, settings.workers * settings.database.pool_size + 20)
    text = (
        CONFIGURATION.format(connections=connections) + f"unix_socket_directories = '{str(socket_folder).replace(chr(39), 2 * chr(39))}'\n"
    )
    people = "".join(f"own {name} {PROGRAM}\n" for name in sorted({"root", account.name}))
    for name, content in ((f"{PROGRAM}.conf", text), ("pg_ident.conf", people)):
        path = cluster / name
        path.write_text(content)
        path.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(path, account.uid, account.gid)


def _socket_folder(place: Path) -> Path:
    folder = place / "run"
    if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
        return folder
    mark = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
    base = Path(tempfile.gettempdir())
    return (base if len(os.fsencode(base)) < 40 else Path("/tmp")) / f"{PROGRAM}-{mark}"


def _make_socket_folder(folder: Path, account: Account) -> None:
    """Makes the folder, or makes sure that the one that is there is ours alone (it may lie in a folder open to everybody).

    What a killed server left in it is removed: its process may look alive (another program, or a child that nobody waits for).
    """
    try:
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, account.uid, account.gid)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) != 0o700:
            raise CannotStart(f"{folder} is needed for PostgreSQL's socket but belongs to somebody else; remove it.") from None
        for left in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
            (folder / left).unlink(missing_ok=True)


def _stop_if_last(settings: Settings, place: Path, account: Account, users: int) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    cluster = place / "cluster"
    if running_server(cluster) is None:
        return
    programs = find_programs(account, settings.database.binaries, int((cluster / "PG_VERSION").read_text()))
    stopped = account.run([programs / "pg_ctl", "stop", "-D", cluster, "-m", "fast", "-w", "-s", "-t", str(START_SECONDS)])
    if stopped.returncode != 0:
        log.warning("the private PostgreSQL did not stop: %s", _last_line(stopped.stderr))
