import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.commands.serve import _metrics_folder
from server.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


class Server:
    """A server in a process of its own. `port`: where it listens."""

    def __init__(self, process):
        self.process = process
        said = process.stdout.readline()
        if not said:
            raise AssertionError(process.stderr.read())
        self.said = said
        self.port = int(re.search(r":(\d+)/", said)[1])

    def get(self, path, port=None):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def workers(self):
        """Process ids of the workers, as the system tells."""
        return [int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()]

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        _, log = self.process.communicate(timeout=60)
        return self.process.returncode, log


@contextmanager
def serving(data_dir, *arguments, url=""):
    command = [sys.executable, "-m", "server", "--data-dir", str(data_dir), "--port", "0"]
    command += ["--set", "metrics.port=0", "--set", f"database.url={url}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HYLLA_")}
    process = subprocess.Popen(
        [*command, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield Server(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=60)


def refused(port):
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) != 0


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_told_to_stop(database, tmp_path, number):
    with serving(tmp_path, "serve", url=database) as server:
        assert server.get("/health/ready")[0] == 200
        code, log = server.stop(number)
        assert (code, refused(server.port)) == (0, True)
        assert "Traceback" not in log


def test_the_log_is_json_lines_when_nobody_looks(database, tmp_path):
    with serving(tmp_path, "serve", url=database) as server:
        server.get("/nowhere?password=sesame")
        _, log = server.stop()
    lines = [json.loads(line) for line in log.splitlines()]
    (request,) = [line for line in lines if line["message"] == "request"]
    assert (request["room"], request["status"], request["path"], request["parameters"]) == ("web", 404, "/nowhere", "password=***")


def test_with_a_private_database_everything_ends_together(open_folder):
    data_dir = open_folder / "serve"
    with serving(data_dir, "serve") as server:
        assert server.get("/health/ready")[0] == 200
        assert (data_dir / "postgres").resolve().joinpath("cluster/postmaster.pid").exists()
        assert server.stop()[0] == 0
    assert not (data_dir / "postgres").resolve().joinpath("cluster/postmaster.pid").exists()


def test_workers_share_the_work_and_stop_together(database, tmp_path):
    with serving(tmp_path, "serve", "--workers", "2", url=database) as server:
        workers = server.workers()
        assert len(workers) == 2
        assert {server.get("/health/live")[0] for _ in range(40)} == {200}
        code, log = server.stop()
        assert (code, refused(server.port)) == (0, True)
        assert "Traceback" not in log
        assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_metrics_count_the_requests_of_all_workers(database, tmp_path, unused_tcp_port):
    with serving(tmp_path, "--set", f"metrics.port={unused_tcp_port}", "serve", "--workers", "2", url=database) as server:
        for _ in range(30):
            server.get("/health/live")
        wait_for(lambda: server.get("/metrics", unused_tcp_port)[0] == 200)
        page = server.get("/metrics", unused_tcp_port)[1]
        assert 'hylla_request_seconds_count{operation="live",room="web",status="200"} 30.0' in page
        assert server.get("/metrics")[0] == 404
        assert server.stop()[0] == 0


def test_figures_of_processes_that_are_gone_are_not_counted_again(tmp_path):
    settings = Settings(data_dir=tmp_path)
    gone, living = settings.folder("metrics/4194305"), settings.folder(f"metrics/{os.getppid()}")
    (settings.folder(f"metrics/{os.getpid()}") / "counter_1.db").write_text("old")
    own = _metrics_folder(settings)
    assert (gone.exists(), living.exists(), list(own.iterdir())) == (False, True, [])


def test_a_worker_that_is_killed_is_replaced(database, tmp_path):
    with serving(tmp_path, "serve", "--workers", "2", url=database) as server:
        first, second = server.workers()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: len(set(server.workers()) - {first}) == 2)
        assert second in server.workers()
        assert all(server.get("/health/live")[0] == 200 for _ in range(10))
        assert server.stop()[0] == 0


def test_workers_end_when_the_parent_is_killed(database, tmp_path):
    with serving(tmp_path, "serve", "--workers", "2", url=database) as server:
        workers = server.workers()
        server.process.kill()
        server.process.wait()
        wait_for(lambda: not any(is_alive(pid) for pid in workers))
        assert refused(server.port)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_port_in_use_ends_in_one_sentence(database, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "server",
            "--data-dir",
            tmp_path,
            "--set",
            f"database.url={database}",
            "serve",
            "--port",
            str(port),
        ]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 1
    assert told.stderr == f"Port {port} of 127.0.0.1 is in use by another program; choose another one (--port, or the setting port).\n"


def test_a_very_long_address_is_taken_in_one_piece(database, tmp_path):
    with serving(tmp_path, "serve", url=database) as server:
        status, body = server.get("/sru?version=1.2&operation=searchRetrieve&query=" + "%C3%A5" * 66_000)
        assert status == 200
        assert "info:srw/diagnostic/1/12" in body
        assert server.stop()[0] == 0


async def test_a_stop_while_starting_is_clean(open_folder):
    """Stopped in the first second, when the private database is just being made."""
    data_dir = open_folder / "early"
    command = [sys.executable, "-m", "server", "--data-dir", str(data_dir), "--port", "0", "--set", "metrics.port=0", "serve"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while not data_dir.exists():
        await asyncio.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, log = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode in {0, 130}
    assert b"Traceback" not in log
    assert not list(data_dir.glob("postgres/cluster/postmaster.pid"))
