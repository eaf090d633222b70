"""Days of silence, begun again by a breach, and what follows the execution."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from assess_samples import assessed, load

from trucewatch.assess._steps import Breach, course

FOUND = assessed(load("disengagement")).to_dicts()


def row(subject: str, rule: str = "R01") -> dict[str, Any]:
    return next(each for each in FOUND if (each["subject"], each["rule"]) == (subject, rule))


def said(subject: str, rule: str = "R01") -> tuple[str, str]:
    found = row(subject, rule)
    return found["outcome"], found["why"]


def value(subject: str, number: int, rule: str = "R01") -> Any:
    return json.loads(row(subject, rule)["trace"])[number - 1]["value"]


SAMPLE = load("disengagement")
RESTARTS, GOES_ON = SAMPLE.agreement.provisions.sequences[:2]
BEGIN = datetime(2030, 9, 1, tzinfo=UTC)


def breach(day: float) -> Breach:
    at = BEGIN + timedelta(days=day)
    return Breach(f"i-{day:g}", at, at, 1.0, 1.0, 0.0, sure=True)


@pytest.mark.parametrize(
    ("days", "reached", "restarts"),
    [
        ((), 7, 0),
        ((2,), 9, 1),
        ((2, 4), 11, 2),
        ((6.9,), 13.9, 1),
        ((8,), 15, 1),  # during the execution
        ((10,), 7, 0),  # when that is over
        ((-1,), 7, 0),
    ],
)
def test_seven_days_of_silence_begin_again_with_a_breach(
    days: tuple[float, ...], reached: float, restarts: int
) -> None:
    found = course(RESTARTS, BEGIN, [breach(day) for day in reversed(days)])

    assert found.reached == BEGIN + timedelta(days=reached)
    assert found.end == BEGIN + timedelta(days=reached + 3)
    assert len(found.restarts) == restarts


def test_without_a_restart_a_breach_takes_its_day_once() -> None:
    found = course(GOES_ON, BEGIN, [breach(2.1), breach(2.9), breach(4)])

    assert found.reached == BEGIN + timedelta(days=9)


def test_days_are_whole_and_never_more_than_needed() -> None:
    found = course(RESTARTS, BEGIN, [breach(2)])

    days = [found.silent_days(BEGIN + timedelta(days=day)) for day in (1, 2.9, 3, 5.5, 9, 99)]

    assert days == [0, 0, 1, 3, 7, 7]


def test_the_trace_says_how_far_it_has_come_and_what_silence_is() -> None:
    told = value("sequence-S_1", 3)

    assert told["restarted_by"] == ["i-restart"]
    assert told["execution_from"] == "2030-09-10T10:00:00.000000Z"
    assert told["execution_until"] == "2030-09-13T10:00:00.000000Z"
    assert told["says"] == "silence is what was reported: coverage is not looked at"
    assert value("sequence-S_1", 4)["stands"] == ["sighting-104"]


@pytest.mark.parametrize(
    ("subject", "rule", "expected"),
    [
        ("i-late", "R01", ("potential_breach", "")),
        ("i-edge", "R01", ("indeterminate", "location")),
        ("i-vague", "R01", ("indeterminate", "weapon")),
        ("i-late", "R04", ("indeterminate", "definition")),
        ("sighting-104", "R01", ("potential_breach", "")),
        ("sighting-101", "R01", ("indeterminate", "time")),
        ("sequence-S_1", "R01", ("potential_breach", "")),
        ("sequence-S_2", "R02", ("consistent", "")),
        ("sequence-S_3", "R03", ("indeterminate", "observation")),
    ],
)
def test_what_comes_after_the_execution_is_judged(
    subject: str, rule: str, expected: tuple[str, str]
) -> None:
    assert said(subject, rule) == expected


def test_what_came_before_or_elsewhere_or_left_in_time_gets_no_row() -> None:
    subjects = {each["subject"] for each in FOUND}

    assert not subjects & {"i-before", "i-restart", "i-outside", "sighting-102", "sighting-105"}
