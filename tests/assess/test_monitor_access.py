"""Monitors hindered: what it was, what it cost to see, and who met it; never whose it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from assess_samples import assessed, load

FOUND = assessed(load("monitor_access")).to_dicts()


def row(subject: str, rule: str = "R01") -> dict[str, Any]:
    return next(each for each in FOUND if (each["subject"], each["rule"]) == (subject, rule))


def said(subject: str, rule: str = "R01") -> tuple[str, str]:
    found = row(subject, rule)
    return found["outcome"], found["why"]


def value(subject: str, number: int, rule: str = "R01") -> Any:
    return json.loads(row(subject, rule)["trace"])[number - 1]["value"]


def test_a_denial_at_10_55_keeps_the_reason_and_tells_what_it_cost() -> None:
    found = row("restriction-101")

    assert said("restriction-101") == ("potential_breach", "")
    assert found["time_start"].strftime("%H:%M") == "10:55"
    assert value("restriction-101", 3) == {
        "effect": {"ground_not_observed_within_m": 2000, "planned": "inspection of site S1"},
        "hindrance": "denial",
        "reason_given": "the road is closed today",
    }


def test_who_held_the_place_is_not_told() -> None:
    assert "men of" not in row("restriction-101")["trace"]


@pytest.mark.parametrize(
    ("subject", "rule", "expected"),
    [
        ("restriction-103", "R01", ("potential_breach", "")),  # 43 minutes
        ("restriction-105", "R01", ("consistent", "")),  # 10 minutes
        ("restriction-107", "R01", ("consistent", "")),  # mines, which nobody is held to
        ("restriction-114", "R01", ("no_rule", "")),
        ("restriction-116", "R02", ("indeterminate", "location")),
        ("restriction-117", "R02", ("consistent", "")),
    ],
)
def test_hindrance_minutes_and_place_decide(
    subject: str, rule: str, expected: tuple[str, str]
) -> None:
    assert said(subject, rule) == expected


def test_jamming_costs_hours_of_a_sensor_and_is_never_on_its_face_by_one_record() -> None:
    lost = value("restriction-108", 3)["effect"]["sensor_lost"]

    assert (lost["hours"], lost["sensor"]) == (2.5, "uav-1")
    assert said("restriction-108") == ("potential_breach", "")


def test_on_its_face_needs_two_assets_that_met_the_same() -> None:
    for subject in ("restriction-110", "restriction-112"):
        assert said(subject) == ("breach_on_its_face", "")
        assert value(subject, 4)["records"] == ["restriction-110", "restriction-112"]
