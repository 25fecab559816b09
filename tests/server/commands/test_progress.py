"""Steps of a long command: a bar on a terminal, plain lines elsewhere."""

import io

import pytest
from rich.console import Console

from server.commands import progress
from server.commands.progress import Steps


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass when the test says so."""
    now = [1000.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    def passes(seconds):
        now[0] += seconds

    return passes


def test_plain_lines_come_at_each_step_and_every_few_seconds(clock):
    console = Console(file=io.StringIO(), width=160)
    with Steps(console, lambda: "2 set aside") as steps:
        steps.begin("Building biblios", 4_000)
        for _ in range(4):
            clock(2)
            steps.advance(500)
        steps.begin("Replaying", None)
        clock(6)
        steps.advance(3)
    assert console.file.getvalue().splitlines() == [
        "Building biblios: 4,000 records",
        "Building biblios: 1,500 of 4,000 records, 250 records/s, 2 set aside, 10 s left",
        "Replaying",
        "Replaying: 3 records, 0 records/s, 2 set aside",
    ]


def test_more_than_expected_leaves_no_time(clock):
    console = Console(file=io.StringIO(), width=160)
    with Steps(console) as steps:
        steps.begin("Building biblios", 10)
        clock(5)
        steps.advance(20)
    assert console.file.getvalue().splitlines()[1] == "Building biblios: 20 of 10 records, 4 records/s, 0 s left"


def test_a_terminal_gets_a_bar_that_goes_away():
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    with Steps(console) as steps:
        steps.begin("Building biblios", 100)
        steps.advance(40)
        steps._bar.refresh()
        steps.begin("Comparing biblios", None)
        steps._bar.refresh()
    told = console.file.getvalue()
    assert "40 of 100 records" in told
    assert "Comparing biblios" in told
