"""Weapons counted at declared sites: what is missing, and what nobody could verify."""

from __future__ import annotations

import json
from typing import Any

import pytest
from assess_samples import assessed, load

FOUND = assessed(load("storage_inventory")).to_dicts()


def row(subject: str, rule: str = "R01") -> dict[str, Any]:
    return next(each for each in FOUND if (each["subject"], each["rule"]) == (subject, rule))


def said(subject: str, rule: str = "R01") -> tuple[str, str]:
    found = row(subject, rule)
    return found["outcome"], found["why"]


def value(subject: str, number: int, rule: str = "R01") -> Any:
    return json.loads(row(subject, rule)["trace"])[number - 1]["value"]


def test_nine_of_twelve_with_a_hall_denied_is_missing_0_to_3_and_not_verified() -> None:
    count = value("inventory-101", 4)

    assert said("inventory-101") == ("indeterminate", "observation")
    assert count["categories"]["TANK"]["says"] == "missing 0-3, not verified"
    assert (count["obligation"], count["follow_up"]) == ("not verified", "visit planned: visit-104")
    assert count["closed_parts"] == ["hall 2"]


def test_without_an_inventory_verification_is_impossible() -> None:
    assert said("visit-120") == ("indeterminate", "baseline")
    assert value("visit-120", 2) == "verification impossible: no inventory"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("inventory-105", ("potential_breach", "")),  # nine of twelve, all open
        ("inventory-108", ("consistent", "")),
        ("inventory-111", ("potential_breach", "")),  # two too many
        ("inventory-114", ("indeterminate", "observation")),  # denied
        ("inventory-117", ("indeterminate", "observation")),  # abandoned
        ("inventory-122", ("indeterminate", "observation")),  # whole, then out of reach
        ("inventory-127", ("indeterminate", "observation")),  # never visited
        ("inventory-132", ("no_rule", "")),  # withdrawn before the effect
    ],
)
def test_what_was_counted_decides(subject: str, expected: tuple[str, str]) -> None:
    assert said(subject) == expected


def test_a_correction_after_the_visit_is_no_baseline_of_it() -> None:
    assert said("inventory-128") == ("potential_breach", "")
    assert value("inventory-128", 2)["amended_since"] is True
    assert value("inventory-128", 2)["weapons"] == {"TANK": 12}


def test_serials_that_were_not_read_or_not_declared_are_listed() -> None:
    assert value("inventory-105", 4)["serials"] == {
        "declared_not_read": ["t-2", "t-3"],
        "read_not_declared": ["x-9"],
    }


def test_an_overdue_visit_is_told_and_held_against_nobody() -> None:
    assert value("inventory-127", 4)["visits"]["overdue"] is True
    assert value("inventory-108", 4)["visits"]["overdue"] is False
