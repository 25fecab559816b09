"""`load` as a person meets it: exit codes, one sentence for what is wrong, and a summary that says it all."""

import asyncio
import re
from io import StringIO

import pytest
from rich.console import Console

from indexer.fields import load_field_table
from indexer.marc import SourceProfile, to_iso2709
from indexer.record import Record
from server.cli import run
from server.commands.load import LoadOptions, load, open_maker
from server.commands.load_report import report
from server.loading.making import ProcessMaker, ThreadMaker
from server.loading.outcome import FileOutcome, Outcome, Quarantine


def book(number):
    fields = [("001", number)] if number else []
    return to_iso2709(Record("00000nam a2200000 i 4500", [*fields, ("245", "10\x1faThe shelf")]))


@pytest.fixture
def file(tmp_path):
    """Writes a file of records with these numbers; "" is one without."""

    def write(*numbers, name="a.mrc"):
        (tmp_path / name).write_bytes(b"".join(map(book, numbers)))
        return str(tmp_path / name)

    return write


@pytest.fixture
def hylla(settings, capsys, no_environment):
    """Runs a command against this test's installation: exit code and what was printed to standard error."""

    def command(*arguments):
        code = run(["--data-dir", str(settings.data_dir), "--set", f"database.url={settings.database.url}", *arguments])
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "Traceback" not in captured.err
        return code, captured.err

    return command


def test_a_load_ends_with_0(hylla, file):
    code, said = hylla("load", file("1", "2"))
    assert code == 0
    assert re.search(r"2 records in \d+\.\d s \([\d,]+ records/s\); 2 documents indexed\.", said)


def test_what_is_set_aside_makes_it_1_unless_it_is_allowed(hylla, file):
    code, said = hylla("load", file("1", ""))
    assert code == 1
    assert "1 record was set aside (no-id 1)." in said
    assert hylla("load", "--allow-errors", file("1", ""))[0] == 0


def test_an_unusable_file_makes_it_1_although_errors_are_allowed(hylla, file):
    code, said = hylla("load", "--allow-errors", file("1"), file(name="empty.mrc"))
    assert code == 1
    assert said.rstrip().endswith("empty.mrc is empty. Give a file with MARC records.")


def test_a_single_unusable_file_is_one_sentence_and_no_table(hylla, file):
    code, said = hylla("load", file(name="empty.mrc"))
    assert code == 1
    assert "records/s" not in said
    assert said.rstrip().endswith("empty.mrc is empty. Give a file with MARC records.")


REFUSED = {
    "missing file": (["nowhere.mrc"], "There is no file or directory nowhere.mrc. Check the path."),
    "folder without MARC": (["FOLDER"], "There is no file with MARC records in the folder FOLDER."),
    "format": (["FILE", "--format", "danmarc"], "There is no format 'danmarc'; it must be one of marc21, unimarc, auto."),
    "charset": (["FILE", "--charset", "runes"], "There is no character set 'runes'."),
    "fallback": (["FILE", "--charset-fallback", "runes"], "There is no character set 'runes'."),
    "id": (["FILE", "--id-from", "9999c"], "The record id cannot be taken from '9999c': write tag$code, such as 999$c."),
    "database": (["FILE", "--database", "patrons"], "There is no database 'patrons'; it must be one of auto, biblios, authorities."),
    "source": (["FILE", "--source", "a\tb"], "The name of the source has characters that cannot stand in a record id."),
    "workers": (["FILE", "--workers", "999"], "load.workers is 999 (in the command line), but it must be less than or equal to 256."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_refused_in_one_sentence(hylla, file, tmp_path, name):
    arguments, sentence = REFUSED[name]
    (tmp_path / "empty").mkdir()
    places = {"FILE": file("1"), "FOLDER": str(tmp_path / "empty")}
    code, said = hylla("load", *(places.get(argument, argument) for argument in arguments))
    assert code == (2 if name == "workers" else 1)
    assert said.startswith(sentence.replace("FOLDER", places["FOLDER"]))
    assert len(said.splitlines()) == 1


def test_no_file_at_all_is_a_matter_of_usage(hylla):
    code, said = hylla("load")
    assert code == 2
    assert "FILE..." in said


def test_without_a_terminal_there_are_plain_lines(hylla, file):
    code, said = hylla("load", file("1"))
    assert code == 0
    assert "\x1b" not in said
    assert said.splitlines()[:2] == ["Looking for records", "Loading: 1 records"]


async def test_on_a_terminal_a_bar_comes_and_goes(settings, file):
    told = StringIO()
    console = Console(file=told, force_terminal=True, width=100, color_system=None)
    outcome, quarantine, seconds = await load(settings, [file("1", "", "3")], LoadOptions(SourceProfile()), console)
    bar = told.getvalue()
    assert "Loading" in bar
    report(console, outcome, quarantine, seconds)
    summary = told.getvalue()[len(bar) :]
    assert "Loading" not in summary
    assert "3 records in" in summary


def said_of(outcome, count=0):
    told = StringIO()
    quarantine = Quarantine(lambda: None, "q.raw")
    quarantine.count = count
    report(Console(file=told, width=120), outcome, quarantine, 2.0)
    return told.getvalue()


def test_the_summary_has_a_row_for_each_file_and_leaves_empty_columns_out():
    outcome = Outcome([FileOutcome("a.mrc", read=1200, new=1000, quarantined=200), FileOutcome("b.mrc", read=1, unchanged=1)], indexed=1000)
    lines = [line.split() for line in said_of(outcome, 200).splitlines() if line.strip()]
    assert lines[0] == ["file", "read", "new", "unchanged", "quarantined"]
    assert ["a.mrc", "1,200", "1,000", "200"] in lines
    assert ["b.mrc", "1", "1"] in lines
    assert ["total", "1,201", "1,000", "1", "200"] in lines


def test_everything_to_look_at_is_told():
    outcome = Outcome(
        [FileOutcome("a.mrc", read=9)], left_to_later=[f"b{n}" for n in range(7)], unindexed=["b9"], problems=["c.mrc is empty."]
    )
    outcome.warnings.update({"charset": 1200, "tag": 3})
    outcome.reasons.update({"no-id": 2})
    said = said_of(outcome, 2)
    for sentence in (
        "Warnings: charset 1,200, tag 3.",
        "2 records were set aside (no-id 2).",
        "so an earlier one stays as it is stored: b0, b1, b2, b3, b4 and 2 more.",
        "Stored, but not searchable because of a mistake of ours: b9.",
        "c.mrc is empty.",
    ):
        assert sentence in said


@pytest.mark.parametrize(("workers", "kind"), [(1, ThreadMaker), (2, ProcessMaker), (5, ProcessMaker)])
def test_workers_are_as_many_as_are_asked_for(settings, workers, kind):
    async def made():
        own = settings.model_copy(update={"load": settings.load.model_copy(update={"workers": workers})})
        async with open_maker(own, load_field_table()) as maker:
            return maker

    assert type(asyncio.run(made())) is kind
