"""Deleted and suppressed records."""

import pytest

from indexer.functions.status import is_deleted, is_known_status, is_suppressed
from indexer.record import Record


@pytest.mark.parametrize(
    ("status", "authority", "deleted", "known"),
    [
        ("d", False, True, True),
        ("n", False, False, True), ("c", False, False, True), ("a", False, False, True), ("p", False, False, True),
        ("m", False, False, False), (" ", False, False, False), ("s", False, False, False),
        ("s", True, True, True), ("x", True, True, True),
        ("o", True, False, True),
    ],
)  # fmt: skip
def test_leader_05(status, authority, deleted, known):
    leader = f"00000{status}am a2200000 a 4500"
    assert is_deleted(leader, authority=authority) is deleted
    assert is_known_status(leader, authority=authority) is known


@pytest.mark.parametrize(
    ("format_", "tag", "body", "suppressed"),
    [
        ("marc21", "942", "  \x1fn1", True),
        ("marc21", "942", "  \x1fn0", False),
        ("marc21", "942", "  \x1fnNo", False),
        ("marc21", "942", "  \x1fcBK", False),
        ("marc21", "942", "  \x1fn", False),
        ("marc21", "955", "  \x1fn1", False),
        ("unimarc", "955", "  \x1fn1", True),
        ("unimarc", "942", "  \x1fn1", False),
    ],
)
def test_suppression_by_format(format_, tag, body, suppressed):
    assert is_suppressed(Record(" " * 24, [(tag, body)], format_)) is suppressed


def test_suppression_rules_of_a_librarys_own():
    record = Record(" " * 24, [("998", "  \x1fen")])
    assert is_suppressed(Record(" " * 24, [("998", "  \x1feyes")]), ("998e",))
    assert not is_suppressed(record, ("998e",))
    assert not is_suppressed(Record("", []), ())
