"""Scan clauses (sru-cql.md 7)."""

import pytest

from cql.diagnostics import CqlError
from cql.indexes import IndexTable
from cql.parser import parse
from cql.scanning import plan_scan
from cql.tree import Clause


@pytest.mark.parametrize(
    ("text", "fields", "list_", "start"),
    [
        ("dc.title = Récif", ("title",), "words", "recif"),
        ("dc.title any C++", ("title",), "words", "c++"),
        ('dc.title = "Sea wind"', ("title",), "words", "sea wind"),
        ('dc.title = ""', ("title",), "words", ""),
        ('dc.title == "Sea: Wind"', ("title",), "values", "sea wind"),
        ('dc.title exact ""', ("title",), "values", ""),
        ("dc.title =/string Sea", ("title",), "values", "sea"),
        ("dc.creator = a", ("author", "author_words"), "words", "a"),
        ("dc.creator == a", ("author",), "values", "a"),
        ("dc.subject all fish", ("subject", "subject_see"), "words", "fish"),
        ("dc.title =/unmasked a*", ("title",), "words", "a"),
        ("dc.title = \\*", ("title",), "words", ""),
        # The list has both forms of the number, so browsing goes on from the one that was given (section 7).
        ("bath.isbn = 0-306-40615-2", ("isbn",), "values", "0306406152"),
        ("bath.isbn = 978-0-306-40615-7", ("isbn",), "values", "9780306406157"),
        ("bath.isbn = 978", ("isbn",), "values", "978"),
        ("dc.language = SW", ("language",), "values", "sw"),
        ("dc.date = 987", ("year",), "values", "0987"),
        ("rec.lastModificationDate = 1999-05", ("modified",), "values", "199905"),
        ("koha.issues = 12", ("issues",), "values", "12"),
        ('> b = "info:srw/cql-context-set/1/dc-v1.1" b.title = x', ("title",), "words", "x"),
    ],
)
def test_relation_and_index_choose_list_and_start(text: str, fields: tuple[str, ...], list_: str, start: str, table: IndexTable):
    plan = plan_scan(parse(text), table)
    assert (plan.fields, plan.list_, plan.start) == (fields, list_, start)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("a and b", 10),
        ("dc.title = a sortBy dc.date", 10),
        ("fish", 4),
        ("cql.allRecords = 1", 4),
        ("cql.resultSetId = x", 4),
        ("rec.id = x", 4),
        ("dc.description == x", 4),
        ("dc.nosuch = x", 16),
        ("nosuch.title = x", 15),
        ("dc.title < x", 19),
        ("dc.title <> x", 19),
        ("dc.date within x", 19),
        ("dc.title near x", 19),
        ("dc.title =/stem x", 20),
        ("dc.title =/word/string x", 21),
        ("dc.title = x*", 28),
        ("dc.title == x?", 28),
        ("dc.title = ^x", 31),
        ("dc.date = abc", 36),
        ("koha.issues = abc", 36),
    ],
)
def test_what_cannot_be_browsed_is_refused(text: str, number: int, table: IndexTable):
    with pytest.raises(CqlError) as caught:
        plan_scan(parse(text), table)
    assert caught.value.number == number


def test_a_clause_alone_is_taken_too(table: IndexTable):
    assert plan_scan(Clause("dc.title", "=", (), "sea"), table).start == "sea"
