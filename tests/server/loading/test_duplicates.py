"""One id several times in one load: the last record wins, and a second run of the same files changes nothing."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.marc import SourceProfile
from server.loading.duplicates import first_pass, superseded

HASHES = st.lists(st.one_of(st.none(), st.lists(st.integers(0, 40), max_size=30)), max_size=6)


@given(HASHES)
def test_a_record_is_superseded_when_its_id_comes_again_later(sources):
    flags = superseded([None if one is None else array("Q", one) for one in sources])
    everything = [(n, m, value) for n, one in enumerate(sources) if one is not None for m, value in enumerate(one)]
    for place, (n, m, value) in enumerate(everything):
        later = value != 0 and any(other == value for *_, other in everything[place + 1 :])
        assert flags[n][m] == later
    assert [one is None for one in flags] == [one is None for one in sources]


def test_hashes_that_only_meet_in_the_table_are_no_repetition():
    assert superseded([array("Q", [5, 5 + 1024, 5 + 2048, 2**63 + 5])]) == (bytearray(4),)


def test_what_cannot_be_passed_twice_is_unknown(marc, tmp_path):
    file = marc.write(tmp_path / "a.mrc", [marc.bib(1), marc.bib(1)])
    known = first_pass([file], SourceProfile())
    assert (known.counts, known.expected) == ((2,), 2)
    assert [known.is_superseded(0, ordinal) for ordinal in (1, 2, 3)] == [True, False, False]
    unknown = first_pass([file, "-"], SourceProfile())
    assert (unknown.counts, unknown.expected) == ((2, None), None)
    assert not unknown.is_superseded(1, 1)


def test_an_unusable_source_is_told_later(tmp_path):
    (tmp_path / "empty.mrc").touch()
    assert first_pass([tmp_path / "empty.mrc"], SourceProfile()).counts == (0,)


def places(marc, tmp_path):
    """Three versions of one record, the last one in different places."""
    first, second, last = (marc.bib(1, title) for title in ("First", "Second", "Last"))
    filling = [marc.bib(number) for number in range(2, 12)]
    write = lambda name, *records: marc.write(tmp_path / name, records)  # noqa: E731
    return {
        "side by side": [write("a.mrc", first, second, last, *filling)],
        "in other blocks": [write("b.mrc", first, *filling[:5], second, *filling[5:], last)],
        "in other files": [write("c.mrc", first, *filling), write("d.mrc", second), write("e.mrc.gz", last)],
        "one file twice": [write("f.mrc", last, *filling)] * 2,
    }


@pytest.mark.parametrize("place", ["side by side", "in other blocks", "in other files", "one file twice"])
async def test_the_last_one_wins_every_time(desk, marc, tmp_path, place):
    small = desk.settings.model_copy(update={"load": desk.settings.load.model_copy(update={"batch_size": 4})})
    files = places(marc, tmp_path)[place]
    loaded = await desk.load(*files, settings=small)
    twice = 11 if place == "one file twice" else 2
    assert loaded.counts()["read"] == 11 + twice
    assert await desk.found("last") == {"b1"}
    assert await desk.found() == {f"b{number}" for number in range(1, 12)}
    await desk.yesterday()
    rows = await desk.rows()
    again = await desk.load(*files, settings=small)
    assert again.counts() == {"read": 11 + twice, "superseded": twice, "unchanged": 11}
    assert "the last one counts" in again.printed
    assert await desk.rows() == rows


async def test_one_number_in_each_kind_is_three_records(desk, marc):
    same = [marc.bib(1), marc.aut(1), marc.hold(1, "b9")]
    for record in same:
        record.fields[0] = ("001", "1")
    assert (await desk.load(same)).counts() == {"read": 3, "new": 3}
    assert (await desk.load(same)).counts() == {"read": 3, "unchanged": 3}
    assert [list(await desk.rows(store)) for store in ("biblios", "authorities", "holdings")] == [["1"]] * 3


async def test_the_earlier_one_stays_when_the_last_one_is_set_aside(desk, marc):
    broken = marc.raw(marc.bib(1, "Last"))
    base = int(broken[12:17])
    number, *rest = broken[base:].split(b"\x1e")
    broken = broken[:36] + b"x" * 12 + broken[48:base] + number + b"\x1e" + b" ".join(rest[:-1]) + b"\x1e\x1d"
    await desk.load([marc.bib(1, "Stored")])
    loaded = await desk.load([marc.bib(1, "First"), broken, marc.bib(2)])
    assert loaded.counts() == {"read": 3, "new": 1, "superseded": 1, "quarantined": 1}
    assert "an earlier one stays as it is stored: b1." in loaded.printed
    assert await desk.found("stored") == {"b1"}
    assert loaded.outcome.problems == []
