"""Which lists a run asks for, without asking anybody."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.db.harvests import NEVER
from server.harvesting.checking import Repository
from server.harvesting.planning import RunOptions, is_comparison_due, plan_records
from server.source_settings import SourceSettings

NOW = datetime(2026, 3, 15, 8, 30, 20, tzinfo=UTC)
LAST = datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC)
DONE = replace(NEVER, last_from=LAST, last_full=LAST, last_compared=LAST)
SECONDS = Repository("R", True, datetime(2026, 1, 20, tzinfo=UTC), "persistent", "", NOW)
DAYS = replace(SECONDS, has_seconds=False)


def source(**more):
    return SourceSettings.model_validate({"name": "s", "base_url": "http://h/oai", **more})


def planned(harvest=DONE, repository=SECONDS, own=None, **asked):
    return plan_records(harvest, own or source(), repository, RunOptions(**asked), NOW)


CASES = {
    "never": (planned(NEVER), [("", "")], True, True),
    "incremental": (planned(), [("2026-03-01T12:00:01Z", "")], False, True),
    "by days": (planned(repository=DAYS), [("2026-03-01", "")], False, True),
    "full": (planned(full=True), [("", "")], True, True),
    "full with a beginning": (planned(full=True, own=source(**{"from": "2020-02-03"})), [("2020-02-03T00:00:00Z", "")], True, True),
    "since before": (planned(since="2026-02-01"), [("2026-02-01T00:00:00Z", "")], False, True),
    "since after": (planned(since="2026-03-02"), [("2026-03-02T00:00:00Z", "")], False, False),
    "since by days": (planned(since="2026-03-02T10:00:00Z", repository=DAYS), [("2026-03-02", "")], False, False),
    "limit": (planned(limit=5), [("2026-03-01T12:00:01Z", "")], False, False),
    "full with a limit": (planned(limit=5, full=True), [("", "")], False, False),
    "dry": (planned(dry_run=True), [("2026-03-01T12:00:01Z", "")], False, False),
    "old": (planned(own=source(max_age=14)), [("2026-03-01T12:00:01Z", "")], False, True),
    "older": (planned(own=source(max_age=13)), [("", "")], True, True),
}


@pytest.mark.parametrize("name", CASES)
def test_where_a_list_starts_and_what_it_is_good_for(name):
    plan, intervals, is_full, is_saved = CASES[name]
    assert (list(plan.intervals), plan.is_full, plan.is_saved, plan.is_resumed) == (intervals, is_full, is_saved, False)


@pytest.mark.parametrize(
    ("repository", "start", "asked"),
    [
        (SECONDS, "", [("", "2026-01-31T23:59:59Z"), ("2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z"), ("2026-03-01T00:00:00Z", "")]),
        (DAYS, "2026-02-10", [("2026-02-10", "2026-02-28"), ("2026-03-01", "")]),
        (SECONDS, "2026-03-10", [("2026-03-10T00:00:00Z", "")]),
    ],
)
def test_windows_of_a_month_leave_no_gap(repository, start, asked):
    assert list(planned(NEVER, repository, source(window="month", **{"from": start})).intervals) == asked


def test_a_source_that_claims_to_be_ancient_does_not_get_a_request_for_each_month():
    plan = planned(NEVER, replace(SECONDS, earliest=datetime(1, 1, 1, tzinfo=UTC)), source(window="month"))
    assert plan.intervals[0] == ("", "1970-01-31T23:59:59Z")


INTERRUPTED = replace(DONE, verb="ListRecords", list_from="2026-02-01T00:00:00Z", list_until="2026-02-28T23:59:59Z", token="t", cursor=7)


def test_what_was_interrupted_goes_on_with_its_token_and_the_months_behind_it():
    plan = planned(INTERRUPTED, own=source(window="month"))
    assert plan.intervals == (("2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z"), ("2026-03-01T00:00:00Z", ""))
    assert (plan.token, plan.cursor, plan.is_resumed, plan.is_saved) == ("t", 7, True, True)


@pytest.mark.parametrize("asked", [{"full": True}, {"since": "2026-01-01"}, {"limit": 1}, {"dry_run": True}], ids=str)
def test_a_run_of_another_kind_does_not_resume(asked):
    assert not planned(INTERRUPTED, **asked).is_resumed


def test_only_resuming_without_anything_to_resume_is_nothing():
    assert planned(resume=True) is None


@pytest.mark.parametrize(
    ("keeps", "max_age", "days", "is_due"),
    [("persistent", 1, 999, False), ("no", None, 29, False), ("no", None, 30, True), ("transient", 2, 2, True), ("no", 2, 1, False)],
)
def test_identifiers_are_compared_where_deletions_are_not_kept(keeps, max_age, days, is_due):
    harvest = replace(DONE, last_compared=NOW - timedelta(days=days))
    assert is_comparison_due(harvest, source(max_age=max_age), replace(SECONDS, deleted_record=keeps), NOW) is is_due
    assert is_comparison_due(NEVER, source(), replace(SECONDS, deleted_record=keeps), NOW) is (keeps != "persistent")
