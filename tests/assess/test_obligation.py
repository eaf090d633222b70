"""Duties and notices: what is overdue as of the newest time of the log, and what is open."""

from __future__ import annotations

import json
from typing import Any

import pytest
from assess_samples import assessed, load

FOUND = assessed(load("obligation")).to_dicts()


def row(subject: str, rule: str = "R01") -> dict[str, Any]:
    return next(each for each in FOUND if (each["subject"], each["rule"]) == (subject, rule))


def said(subject: str, rule: str = "R01") -> tuple[str, str]:
    found = row(subject, rule)
    return found["outcome"], found["why"]


def value(subject: str, number: int, rule: str = "R01") -> Any:
    return json.loads(row(subject, rule)["trace"])[number - 1]["value"]


def test_a_blast_told_36_hours_ahead_of_48_breaks_the_duty_of_notice() -> None:
    assert said("notification-120", "R03") == ("potential_breach", "")
    assert value("notification-120", 4, "R03")["lead_h"] == 36


def test_exactly_48_hours_are_enough_and_the_later_of_both_times_decides() -> None:
    late = value("notification-122", 4, "R03")

    assert said("notification-121", "R03") == ("consistent", "")
    assert said("notification-122", "R03") == ("potential_breach", "")
    assert (late["claimed_h"], late["logged_h"], late["lead_h"]) == (48, 42, 42)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("duty-101", ("potential_breach", "")),  # overdue, no word of it
        ("duty-102", ("indeterminate", "observation")),  # reported alone
        ("duty-104", ("consistent", "")),  # verified
        ("duty-107", ("potential_breach", "")),  # reported, then seen not done
        ("duty-110", ("consistent", "")),  # not yet due
        ("duty-111", ("consistent", "")),  # paused for ten days
        ("duty-114", ("consistent", "")),  # cancelled
        ("duty-116", ("no_rule", "")),
    ],
)
def test_a_duty_is_judged_by_what_was_verified(subject: str, expected: tuple[str, str]) -> None:
    assert said(subject) == expected


def test_paused_time_does_not_run() -> None:
    assert value("duty-111", 5) == {
        "due": "2030-10-05T08:00:00.000000Z",
        "paused_h": 240,
        "paused_now": False,
        "says": "not yet due",
    }


def test_a_dated_rule_gets_a_row_and_counts_without_naming() -> None:
    assert said("rule-R02", "R02") == ("potential_breach", "")
    assert value("rule-R02", 5, "R02") == {"bound": 2, "reported": 0, "verified": 1}
    assert said("rule-R04", "R04") == ("indeterminate", "definition")
    assert said("rule-R05", "R05") == ("consistent", "")


def test_notices_of_other_activities_and_withdrawn_ones_are_no_breach() -> None:
    assert said("notification-123", "R03") == ("consistent", "")
    assert "notification-125" not in {each["subject"] for each in FOUND}
