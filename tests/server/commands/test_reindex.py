"""`reindex`, `verify`, `cleanup` and what `check` and `load` say of an index made with another field table."""

import re
from importlib.resources import as_file, files

import pytest

from server import cli
from server.commands.verify import report
from server.reindexing.verifying import Found, Verified

pytestmark = pytest.mark.usefixtures("no_environment", "log_as_before")

RECORD = """<record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000nam a2200000 i 4500</leader>
<controlfield tag="001">b{number}</controlfield>
<datafield tag="245" ind1="1" ind2="0"><subfield code="a">The shelf {number}</subfield></datafield></record>"""


@pytest.fixture
def hylla(database, tmp_path, capsys):
    """Runs a command over this test's database and folder; gives (exit code, standard output, standard error)."""

    def command(*arguments, **settings):
        given = {"database.url": database, "load.workers": "1"} | {key.replace("__", "."): value for key, value in settings.items()}
        values = [f"--set={key}={value}" for key, value in given.items()]
        code = cli.run(["--data-dir", str(tmp_path / "data"), *values, *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def marc(tmp_path):
    """A file with the records that have these numbers."""

    def write(numbers):
        path = tmp_path / f"{min(numbers)}-{max(numbers)}.xml"
        path.write_text(f"<collection>{''.join(RECORD.format(number=number) for number in numbers)}</collection>")
        return path

    return write


@pytest.fixture
def other_table(tmp_path):
    """A field table that differs from the shipped one in a label only."""
    path = tmp_path / "fields.yaml"
    path.write_text("version: 1\nfields: {title: {label: {en: Name}}}\n")
    return path


def test_a_loaded_index_agrees_before_and_after_a_rebuild(hylla, marc):
    assert hylla("load", "--source", "lib", marc(range(1, 8)))[0] == 0
    for _ in range(2):
        code, out, err = hylla("verify", "--sample", "5")
        assert code == 0, out + err
        lines = out.splitlines()
        assert lines[0] == "biblios: 7 records in the store, 7 documents in the index"
        assert re.fullmatch(r" +lib +live +7 +7", lines[2])
        assert "ok      sample: 5 records: XML the same, and found by all their words" in lines
        assert "authorities: 0 records in the store, 0 documents in the index" in lines
        assert lines[-1] == "Everything agrees."
        assert not [line for line in lines if line.startswith(("wrong", "do"))]
        code, out, err = hylla("reindex")
        assert (code, out) == (0, "")
        told = err.splitlines()
        assert told[0] == "Building biblios: 7 records"
        assert re.fullmatch(
            r"biblios: a new index is in use\. 7 live, 0 suppressed, 0 deleted; 7 documents in [\d.]+ s \([\d,]+ records/s\), "
            r"0 changes replayed, 7 records compared\.",
            told[3],
        )
        assert told[-1].startswith("authorities: a new index is in use. 0 live")
    assert hylla("cleanup")[:2] == (0, "There was nothing to remove; `hylla reindex` leaves something only when it is killed or fails.\n")


def test_the_sample_records_are_found_by_every_word_after_a_rebuild(hylla):
    with as_file(files("schemas").joinpath("demo")) as folder:
        hylla("load", *(folder / name for name in ("biblios-unimarc.xml", "authorities.xml", "biblios-marc21.xml")))
    assert hylla("reindex")[0] == 0
    code, out, err = hylla("verify", "--sample", "150")
    assert (code, out.splitlines()[-1]) == (0, "Everything agrees."), out + err


def test_one_database_can_be_chosen(hylla):
    assert "biblios" not in hylla("reindex", "--database", "authorities")[2]
    assert "biblios" not in hylla("verify", "--database", "authorities")[1]


@pytest.mark.parametrize("command", ["reindex", "verify"])
def test_an_unknown_database_is_told_in_one_sentence(hylla, command):
    assert hylla(command, "--database", "books") == (
        1, "", "There is no database 'books'; it must be one of biblios, authorities, all.\n",
    )  # fmt: skip


def test_an_index_that_cannot_be_read_is_a_difference(hylla, marc, tmp_path):
    hylla("load", marc(range(1, 4)))
    (tmp_path / "data" / "engine" / "biblios" / "current").write_text("gone\n")
    code, out, _ = hylla("verify", "--database", "biblios")
    assert code == 1
    assert out.startswith("biblios\nwrong   index: ")
    assert "hylla reindex" in out
    assert hylla("reindex", "--database", "biblios")[0] == 0
    assert hylla("verify")[0] == 0


def test_an_index_of_another_field_table_is_told_everywhere_until_it_is_rebuilt(hylla, marc, other_table):
    advice = "The index was made with another field table; run `hylla reindex`."
    hylla("load", marc(range(1, 4)))
    code, out, _ = hylla("check", fields_file=other_table)
    assert (code, f"engine, biblios: embedded, 3 records; {advice}" in out) == (0, True)
    code, _, err = hylla("load", marc(range(4, 6)), fields_file=other_table)
    assert (code, f"biblios: {advice}" in err) == (0, True)
    code, out, _ = hylla("verify", "--database", "biblios", fields_file=other_table)
    assert (code, "wrong   field table: all 5 documents were made with another one" in out) == (1, True)
    assert "do      `hylla reindex --database biblios` builds the index anew while searches go on" in out
    assert hylla("reindex", fields_file=other_table)[0] == 0
    assert hylla("verify", fields_file=other_table)[0] == 0
    assert advice not in hylla("check", fields_file=other_table)[1]
    assert advice not in hylla("load", marc(range(4, 6)), fields_file=other_table)[2]


def found(**changes):
    one = Verified("biblios", "1", "1", 5, 5, sampled=3, document_count=5)
    for name, value in changes.items():
        setattr(one, name, value)
    return one


@pytest.mark.parametrize(
    ("one", "line"),
    [
        (found(confirmed=9), "wrong   change numbers: the index has confirmed 9, but the store has given out no more than 5: "
         "the database is older than the index"),
        (found(waiting=2), "wrong   waiting: 2 records wait to be indexed, and no process is at it"),
        (found(missing=Found(2, ["a (live)", "b (deleted)"])), "wrong   missing: 2 are not in the index: a (live); b (deleted)"),
        (found(strange=Found(12, ["x"])), "wrong   strange: 12 of the index are not in the store: x; and 11 more"),
        (found(twice=Found(1, ["a"])), "wrong   twice: 1 are in the index more than once: a"),
        (found(unlike=Found(1, ["a has another marcxml"])),
         "wrong   sample: 1 of 3 compared are not as the store gives them: a has another marcxml"),
    ],
    ids=["ahead", "waiting", "missing", "strange", "twice", "unlike"],
)  # fmt: skip
def test_each_difference_has_its_line_and_what_to_do(one, line):
    told = list(report(one))
    assert line in told
    assert [each for each in told if each.startswith("wrong")] == [line]
    assert told[-1].startswith("do      ")
    assert told[-1].endswith("`hylla reindex --database biblios` builds the index anew while searches go on")
    assert ("the next `hylla load` takes in what waits" in told[-1]) == bool(one.waiting)
    assert not one.agrees


def test_waiting_is_no_difference_while_somebody_is_at_it():
    one = found(waiting=2, is_being_indexed=True)
    assert "ok      waiting: 2 records wait to be indexed, and a process is at it" in list(report(one))
    assert one.agrees
