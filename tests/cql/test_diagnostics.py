"""The family of diagnostics."""

import re

import pytest

from cql import diagnostics
from cql.diagnostics import CqlError, did_you_mean, near_matches


def _family(base: type[CqlError]) -> list[type[CqlError]]:
    return [base, *(member for child in base.__subclasses__() for member in _family(child))]


def test_every_leaf_has_a_number_of_its_own_and_stands_in_the_drawn_tree():
    leaves = {each.__name__: each.number for each in _family(CqlError) if not each.__subclasses__()}
    drawn = {name: int(number) for name, number in re.findall(r"(\w+) (\d+)\b", (diagnostics.__doc__ or "").partition("Numbers")[0])}
    assert leaves == drawn
    assert len(set(leaves.values())) == len(leaves)


@pytest.mark.parametrize(("name", "expected"), [("dc.titel", ("dc.title",)), ("DC.TITEL", ("dc.title",)), ("zzz", ()), ("x" * 100_000, ())])
def test_near_matches_ignore_case_and_survive_long_names(name: str, expected: tuple[str, ...]):
    assert near_matches(name, ["dc.title", "dc.creator"]) == expected


def test_the_question_names_all_proposals_or_is_not_asked():
    assert did_you_mean(["a", "b"]) == " Did you mean `a` or `b`?"
    assert did_you_mean([]) == ""


def test_an_error_is_json_for_programs():
    error = CqlError("Nobody knows.", details="x", offset=3)
    assert error.to_dict() == {"diag": 47, "details": "x", "message": "Nobody knows.", "offset": 3}
    assert str(error) == "Nobody knows."
