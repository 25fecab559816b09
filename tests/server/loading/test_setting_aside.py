"""What cannot be taken in is set aside with everything a person needs; sources of every kind, and those that are none."""

import gzip
import io
import logging
import os
import re
import sys
from collections import Counter

import pytest
from prometheus_client import REGISTRY

import server.loading.reading
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.marc import UnusableSource
from server.loading.outcome import Quarantine

NO_ID = ("001", "")


def nameless(marc, number):
    record = marc.bib(number)
    record.fields = record.fields[1:]
    return record


async def test_every_record_set_aside_has_its_bytes_and_one_line(desk, marc, tmp_path):
    garbage = b"00041nam a2200037 i 4500garbage garbage\x1e\x1d"
    parts = [marc.raw(marc.bib(1)), garbage, marc.raw(marc.bib(2)), marc.raw(nameless(marc, 3)), marc.raw(marc.bib(4))[:-20]]
    loaded = await desk.load(parts)
    assert loaded.counts() == {"read": 5, "new": 2, "quarantined": 3}
    lines = loaded.lines()
    assert [line.keys() for line in lines] == [{"file", "ordinal", "offset", "id", "reason", "detail", "quarantine_offset", "bytes"}] * 3
    assert [(line["ordinal"], line["reason"], line["id"]) for line in lines] == [
        (2, "directory", ""),
        (4, "no-id", ""),
        (5, "truncated", "b4"),
    ]
    assert [line["offset"] for line in lines] == [sum(map(len, parts[:n])) for n in (1, 3, 4)]
    assert {line["file"] for line in lines} == {str(tmp_path / "0.mrc")}
    assert all(line["detail"].endswith(".") for line in lines)
    kept = loaded.quarantine.path.read_bytes()
    assert [kept[line["quarantine_offset"] :][: line["bytes"]] for line in lines] == [parts[1], parts[3], parts[4]]
    assert loaded.outcome.reasons == {"directory": 1, "no-id": 1, "truncated": 1}
    assert "3 records were set aside (directory 1, no-id 1, truncated 1)." in loaded.printed
    assert str(loaded.quarantine.path) in loaded.printed
    assert await desk.found() == {"b1", "b2"}


async def test_each_is_told_in_the_log(desk, marc, caplog):
    await desk.load([marc.bib(1), nameless(marc, 2)])
    told = [record.getMessage() for record in caplog.records if record.name.startswith("server.loading")]
    assert len(told) == 1
    assert re.search(r"0\.mrc record 2 at byte \d+ was set aside \(no-id\): The record has no control number", told[0])


async def test_very_many_are_not_told_one_by_one(desk, marc, caplog):
    loaded = await desk.load([nameless(marc, number) for number in range(30)])
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(told) == 21
    assert told[-1] == f"further records that are set aside are told in {loaded.quarantine.path}.jsonl only"
    assert len(loaded.lines()) == 30


async def test_nothing_is_made_when_nothing_is_set_aside(desk, marc):
    await desk.load([marc.bib(1)])
    assert not (desk.settings.data_dir / "quarantine").exists()


async def test_two_loads_have_two_quarantines(desk, marc):
    one, two = [await desk.load([nameless(marc, 1)]) for _ in range(2)]
    assert one.quarantine.path != two.quarantine.path
    assert len(one.lines()) == len(two.lines()) == 1


async def test_a_mistake_of_ours_costs_one_record(desk, marc, monkeypatch):
    prepare = server.loading.reading.prepare

    def fail(read, *arguments, **more):
        if read.identity.record_id == "b2":
            raise KeyError("x")
        return prepare(read, *arguments, **more)

    monkeypatch.setattr(server.loading.reading, "prepare", fail)
    loaded = await desk.load([marc.bib(1), marc.bib(2), marc.bib(3)])
    assert loaded.counts() == {"read": 3, "new": 2, "quarantined": 1}
    assert [(line["id"], line["reason"]) for line in loaded.lines()] == [("b2", "unexpected")]


async def test_a_record_that_cannot_be_made_searchable_costs_no_other(desk, marc, monkeypatch, caplog):
    document = server.loading.documents.Extractor.document

    def fail(self, record, **more):
        if more["record_id"] == "b2":
            raise ZeroDivisionError
        return document(self, record, **more)

    monkeypatch.setattr(server.loading.documents.Extractor, "document", fail)
    loaded = await desk.load([marc.bib(1), marc.bib(2), marc.bib(3)])
    assert loaded.counts() == {"read": 3, "new": 3}
    assert loaded.outcome.unindexed == ["b2"]
    assert "not searchable because of a mistake of ours: b2." in loaded.printed
    assert "record b2 is stored, but cannot be made searchable" in caplog.text
    assert await desk.found() == {"b1", "b3"}


@pytest.mark.parametrize("name", ["a.mrc", "a.mrc.gz", "no suffix", "a.xml", "a.json"])
async def test_a_file_is_told_by_its_content(desk, marc, tmp_path, name):
    form = {"a.xml": "marcxml", "a.json": "json"}.get(name, "iso2709")
    loaded = await desk.load(marc.write(tmp_path / name, [marc.bib(1), marc.bib(2)], form))
    assert loaded.counts() == {"read": 2, "new": 2}


async def test_a_folder_is_searched_in_full(desk, marc, tmp_path):
    folder = tmp_path / "folder"
    marc.write(folder / "b.mrc", [marc.bib(2)])
    marc.write(folder / "a" / "deep.mrc.gz", [marc.bib(1)])
    marc.write(folder / ".hidden.mrc", [marc.bib(3)])
    (folder / "notes.txt").write_text("nothing of ours")
    loaded = await desk.load(folder)
    assert [os.path.basename(file.path) for file in loaded.outcome.files] == ["b.mrc", "deep.mrc.gz"]
    assert await desk.found() == {"b1", "b2"}


async def test_standard_input_is_a_source(desk, marc, monkeypatch):
    records = [marc.bib(1, "First"), marc.bib(2), marc.bib(1, "Last")]
    stream = io.BytesIO(gzip.compress(b"".join(map(marc.raw, records))))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    loaded = await desk.load("-")
    assert loaded.counts() == {"read": 3, "new": 2, "superseded": 1}
    assert loaded.outcome.files[0].path == "standard input"
    assert await desk.found("last") == {"b1"}


async def test_a_folder_without_records_is_one_sentence(desk, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnusableSource, match=r"^There is no file with MARC records in the folder .*empty\.$"):
        await desk.load(tmp_path / "empty")


async def test_a_missing_file_is_told_before_anything_is_stored(desk, marc, tmp_path):
    with pytest.raises(UnusableSource, match=r"^There is no file or directory .*missing\.mrc\. Check the path\.$"):
        await desk.load([marc.bib(1)], tmp_path / "missing.mrc")
    assert await desk.rows() == {}


async def test_an_unusable_file_among_others_costs_only_itself(desk, marc, tmp_path):
    (tmp_path / "empty.mrc").touch()
    (tmp_path / "letter.mrc").write_text("Dear all")
    loaded = await desk.load([marc.bib(1)], tmp_path / "empty.mrc", tmp_path / "letter.mrc", [marc.bib(2)])
    assert loaded.counts() == {"read": 2, "new": 2}
    assert len(loaded.outcome.files) == 2
    assert [problem.partition(" ")[0] for problem in loaded.outcome.problems] == [str(tmp_path / "empty.mrc"), str(tmp_path / "letter.mrc")]
    assert all(problem in loaded.printed for problem in loaded.outcome.problems)


async def test_a_source_that_breaks_off_is_told_and_the_rest_is_loaded(desk, marc, tmp_path):
    whole = marc.write(tmp_path / "whole.mrc.gz", [marc.bib(number, os.urandom(500).hex()) for number in range(20)]).read_bytes()
    (tmp_path / "half.mrc.gz").write_bytes(whole[: len(whole) // 2])
    loaded = await desk.load(tmp_path / "half.mrc.gz", [marc.bib(99)])
    counts = loaded.counts()
    assert counts["new"] > 5
    assert set(loaded.outcome.reasons) == {"truncated"}
    assert "b99" in await desk.found()


NAMES = {
    "glob": "records [1].mrc", "markup": "[red]x[/red].mrc", "end-tag": "[/].mrc", "backslash": "tom\\[1].mrc",
    "not-utf8": os.fsdecode(b"latin-\xe5.mrc"),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_names_of_files_are_shown_as_they_are(desk, marc, tmp_path, name, caplog):
    caplog.set_level(logging.CRITICAL, "server")  # what is captured must be UTF-8 when tests run in several processes
    loaded = await desk.load(marc.write(tmp_path / name, [marc.bib(1), nameless(marc, 2)]))
    assert loaded.lines()[0]["file"] == str(tmp_path / name)
    assert name in loaded.printed.replace("\n", "")


async def test_large_records_make_small_blocks(desk, marc, monkeypatch):
    monkeypatch.setattr(server.loading.reading, "BLOCK_BYTES", 20_000)
    sizes = []
    put = server.loading.reading.Reading._put
    monkeypatch.setattr(
        server.loading.reading.Reading, "_put", lambda self, block: (sizes.append(block and block.seen), put(self, block))[1]
    )
    await desk.load([marc.bib(number, "x", ("500", f"  $a{'wide ' * 1900}")) for number in range(10)])
    assert sizes == [3, 3, 3, 1, None]


def test_a_quarantine_never_writes_into_an_old_one(tmp_path):
    (tmp_path / "a.raw").touch()
    with pytest.raises(FileExistsError):
        Quarantine(lambda: tmp_path, "a.raw").add(None)


async def test_what_the_search_engine_refuses_is_set_aside_with_its_reason(desk, marc, monkeypatch):
    commit = EmbeddedEngine.commit

    async def refusing(self, change):
        await commit(self, change)
        return {"b2": "immense term"} if self._schema.name == "biblios" else {}

    monkeypatch.setattr(EmbeddedEngine, "commit", refusing)
    loaded = await desk.load([marc.bib(1), marc.bib(2)])
    (line,) = loaded.lines()
    assert (line["file"], line["id"], line["reason"]) == ("index of biblios", "b2", "refused")
    assert line["detail"] == "The record is stored, but cannot be searched: immense term."
    assert "1 record was set aside (refused 1)." in loaded.printed
    assert set(await desk.rows()) == {"b1", "b2"}


async def test_records_set_aside_are_counted_in_the_metrics(desk, marc, tmp_path):
    def counted(reason):
        return REGISTRY.get_sample_value("hylla_rejected_records_total", {"reason": reason}) or 0

    before = {reason: counted(reason) for reason in ("no-id", "refused")}
    await desk.load([nameless(marc, 1), nameless(marc, 2), marc.bib(3)])
    quarantine, reasons = Quarantine(lambda: tmp_path, "harvest.raw"), Counter()
    quarantine.add_refused("biblios", {"b3": "why"}, reasons)
    quarantine.close()
    assert reasons == {"refused": 1}
    assert {reason: counted(reason) - number for reason, number in before.items()} == {"no-id": 2, "refused": 1}
