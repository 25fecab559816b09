"""Real files of every kind, the broken ones too: counts agree with their list, and a second load changes nothing."""

import re

import pytest

FOLDERS = ("authorities", "broken", "edge", "holdings", "large", "marc8", "marcjson", "unimarc")
"""All but marc21, which has 90,000 records of the same kinds."""

FEWER = {
    "broken/perl_badldr.usmarc": (8, 7, "one of its eight terminators is doubled"),
    "broken/perl_sample1eof.usmarc": (2, 1, "the second 'record' is the DOS end-of-file byte"),
}
"""Records found, where it is not the number in the list, and why."""

NOT_MARC = {"marc8/pymarc_test_marc8.txt", "marc8/pymarc_test_utf8.txt", "unimarc/bncf_unimarctest.xml"}


def listed(folder):
    """Records per file as the first table of SOURCES.md has them."""
    table = (folder / "SOURCES.md").read_text(encoding="utf-8").partition("## broken/")[0]
    found = re.findall(r"^\| ((\S+)/\S+) \| ([\d,]+) \|", table, re.MULTILINE)
    return {name: int(count.replace(",", "")) for name, place, count in found if place in FOLDERS and name not in NOT_MARC}


@pytest.mark.slow
async def test_every_file_is_loaded_with_the_listed_number_of_records_and_once(desk, shared_data):
    folder = shared_data / "marc"
    loaded = await desk.load(*(folder / name for name in FOLDERS))
    expected = listed(folder)
    for name, (before, found, _) in FEWER.items():
        assert expected[name] == before
        expected[name] = found
    files = {file.path.removeprefix(f"{folder}/"): file for file in loaded.outcome.files}
    assert {name: file.read for name, file in files.items()} == expected
    for name, file in files.items():
        fates = file.new, file.updated, file.deleted, file.unchanged, file.superseded, file.skipped, file.quarantined
        assert sum(fates) == file.read, name
    assert loaded.outcome.problems == loaded.outcome.unindexed == []
    rows = {store: await desk.rows(store) for store in ("biblios", "authorities", "holdings")}
    for store in ("biblios", "authorities"):
        live = sum(not row.deleted and not row.suppressed for row in rows[store].values())
        async with desk.engine(store) as engine:
            assert (await engine.ready()).record_count == live
    again = await desk.load(*(folder / name for name in FOLDERS))
    counts = again.counts()
    assert counts.keys() <= {"read", "unchanged", "superseded", "skipped", "quarantined", "warned"}
    assert (counts["read"], counts["quarantined"]) == (loaded.counts()["read"], loaded.counts()["quarantined"])
    assert again.outcome.indexed == 0
    assert {store: await desk.rows(store) for store in rows} == rows
