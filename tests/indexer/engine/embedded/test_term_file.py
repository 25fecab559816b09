"""The file of the browse lists: whatever was written in whatever sessions, readers find every term once and in order."""

import logging
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.engine.embedded import term_writer
from indexer.engine.embedded.term_file import FILE
from indexer.engine.embedded.term_reader import TermReader
from indexer.engine.embedded.term_writer import TermWriter
from indexer.engine.embedded.terms import BatchTerms

LISTS = range(3)
SMALL = {"MOST_RUNS": 3, "_JOINED_RUNS": 2, "_WAITING": 5, "_REMEMBERED": 8, "_STRETCH": 2, "BLOCK_TERMS": 2}

terms = st.text(st.sampled_from("ab \u00e5\U0001f600"), min_size=1, max_size=4).map(str.strip).filter(bool)
batches = st.dictionaries(st.sampled_from(LISTS), st.dictionaries(terms, st.none() | st.sampled_from("XYZ"), min_size=1), min_size=1)
sessions = st.lists(st.lists(batches, min_size=1, max_size=6), min_size=1, max_size=5)
"""Sessions of batches, each committed: list -> term -> display form."""


def batch(lists):
    forms = {number: {term: form for term, form in own.items() if form} for number, own in lists.items()}
    return BatchTerms({number: set(own) for number, own in lists.items()}, {number: own for number, own in forms.items() if own})


def run_sizes(folder):
    with sqlite3.connect(folder / FILE) as file:
        sizes = [size for (size,) in file.execute("select terms from run order by terms")]
    file.close()
    return sizes


def write(folder, written):
    writer = TermWriter(folder)
    for one in written:
        writer.add(batch(one))
        writer.commit()
    return writer


@pytest.fixture
def folder(tmp_path_factory):
    """Makes folders."""
    return lambda: tmp_path_factory.mktemp("lists")


@pytest.fixture
def small(monkeypatch):
    """Limits that a few terms reach."""
    for name, value in SMALL.items():
        monkeypatch.setattr(term_writer, name, value)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sessions, st.sets(st.sampled_from(LISTS), min_size=1), terms)
def test_every_term_is_listed_once_and_in_order(small, folder, written, lists, start):
    place = folder()
    for session in written:
        write(place, session).close()
        sizes = run_sizes(place)
        assert all(size > 4 * sum(sizes[:rank]) for rank, size in enumerate(sizes) if rank)
    forms = {}
    for one in (one for session in written for one in session):
        for number in lists:
            for term, form in one.get(number, {}).items():
                forms.setdefault(term, set()).add(form or term)
    reader = TermReader(place)
    higher, lower = reader.from_term(sorted(lists), start, 1000), reader.below(sorted(lists), start, 1000)
    first = reader.from_term(sorted(lists), start, 2)
    reader.close()
    assert [one.term for one in (*reversed(lower), *higher)] == sorted(forms)
    assert all(one.term >= start for one in higher)
    assert all(one.term < start for one in lower)
    assert first == higher[:2]
    assert all(one.shown in forms[one.term] for one in (*lower, *higher))


def test_lists_look_the_same_before_and_after_they_are_put_together(small, folder):
    place = folder()
    words = [f"{letter}{number}" for number in range(9) for letter in "abc"]
    batches = [{0: {word: word.upper() if number % 2 else None}, 1: {word[:1]: None}} for number, word in enumerate(words)]
    writer = write(place, batches)
    readers = [TermReader(place)]
    before = readers[0].from_term([0, 1], "", 100)
    runs = len(run_sizes(place))
    writer.close()
    readers.append(TermReader(place))
    assert [reader.from_term([0, 1], "", 100) for reader in readers] == [before, before]
    assert len(before) == len(words) + 3
    assert runs > len(run_sizes(place)) == 1
    for reader in readers:
        reader.close()


def test_a_few_new_terms_leave_a_large_run_alone(folder):
    place = folder()
    write(place, [{0: {f"t{number:04d}": None for number in range(1000)}}]).close()
    for number in range(8):
        write(place, [{0: {f"new{number}": None}}]).close()
    assert run_sizes(place)[-1] == 1000
    assert len(run_sizes(place)) <= 3


def test_what_was_not_committed_is_forgotten(small, folder):
    place = folder()
    write(place, [{0: {"kept": None}}]).close()
    writer = TermWriter(place)
    writer.add(batch({0: {f"lost{number}": None for number in range(50)}}))
    writer.close()
    reader = TermReader(place)
    assert [one.term for one in reader.from_term([0], "", 100)] == ["kept"]
    reader.close()


def test_lists_that_cannot_be_put_together_stay_as_they_are(folder, caplog):
    place = folder()
    writer = write(place, [{0: {"a": None}}, {0: {"b": None}}])
    with sqlite3.connect(place / FILE) as other:
        other.execute("begin immediate")
        writer._file.execute("pragma busy_timeout = 10")
        with caplog.at_level(logging.WARNING):
            writer.close()
        other.execute("rollback")
    other.close()
    assert "were not put together: database is locked" in caplog.text
    reader = TermReader(place)
    assert [one.term for one in reader.from_term([0], "", 100)] == ["a", "b"]
    reader.close()
