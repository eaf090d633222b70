"""A post that stands is one interval, however often it is seen and under how many records."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from assess_samples import load, logbook

from trucewatch.assess._known import Known
from trucewatch.assess.standing_state import check
from trucewatch.records.facts import Facts
from trucewatch.records.instant import instant_text

SAMPLE = load("standing_state")
RULE = SAMPLE.agreement.rules[0]
BEGIN = datetime(2030, 9, 1, tzinfo=UTC)


def seen(entry: int, day: int, *, of: int | None = None, **more: Any) -> dict[str, Any]:
    act = more.pop("act", "seen" if of is None else "seen_again")
    detail: dict[str, Any] = {"asset": more.pop("asset", "patrol 1")}
    if act != "gone":
        detail |= {"number_max": 1, "number_min": 1}
        detail["place"] = {"error_m": 100, "lat_deg": 45.0, "lon_deg": -30.0}
    if of is None:
        detail |= {"matter": more.pop("matter", "post"), "name": more.pop("name", None)}
        detail["weapons"] = {}
    at = instant_text(BEGIN + timedelta(days=day))
    told = {"act": act, "at": at, "by": "A", "detail": detail, "entry": entry, "logged_at": at}
    return told | {"kind": "sighting", "of": of}


def judged(*steps: dict[str, Any]) -> list[dict[str, Any]]:
    facts = Facts(as_of=BEGIN + timedelta(days=30), logbook=logbook(list(steps)))
    return check(Known(facts), rule=RULE, version=SAMPLE.version).to_dicts()


def test_sightings_under_one_name_are_one_interval() -> None:
    rows = judged(seen(1, 2, name="post 7"), seen(2, 9, name="post 7", asset="uav 1"))

    first = json.loads(rows[0]["trace"])[0]["value"]

    assert [(row["subject"], row["time_end"]) for row in rows] == [("sighting-1", None)]
    assert rows[0]["time_start"] == BEGIN + timedelta(days=2)
    assert first["records"] == ["sighting-1", "sighting-2"]
    assert (first["assets"], first["looks"]) == (2, 2)
    assert first["first_seen"] == "2030-09-03T00:00:00.000000Z"
    assert first["last_seen"] == "2030-09-10T00:00:00.000000Z"


def test_things_without_a_name_and_of_another_matter_stay_apart() -> None:
    rows = judged(
        seen(1, 2),
        seen(2, 3),
        seen(3, 4, name="hill"),
        seen(4, 5, name="hill", matter="minefield"),
    )

    assert [row["subject"] for row in rows] == [f"sighting-{n}" for n in (1, 2, 3, 4)]


def test_a_thing_is_one_row_on_every_day_that_it_stands() -> None:
    steps = [seen(1, 1), *(seen(n, n, of=1) for n in range(2, 20))]

    rows = judged(*steps)

    assert len(rows) == 1
    assert json.loads(rows[0]["trace"])[0]["value"]["looks"] == 19


@pytest.mark.parametrize(
    ("gone", "expected"),
    [(-1, ("no_rule", "")), (1, ("indeterminate", "time"))],
)
def test_what_was_gone_before_the_effect_falls_under_no_rule(
    gone: int, expected: tuple[str, str]
) -> None:
    row = judged(seen(1, -9), seen(2, gone, of=1, act="gone"))[0]

    assert (row["outcome"], row["why"]) == expected
    assert row["time_end"] == BEGIN + timedelta(days=gone)


def test_what_is_seen_again_after_it_was_gone_stands_again() -> None:
    row = judged(seen(1, -9), seen(2, -5, of=1, act="gone"), seen(3, 5, of=1, asset="uav 1"))[0]

    assert row["outcome"] == "breach_on_its_face"
    assert row["time_end"] is None


def test_what_stood_before_and_after_stood_in_between() -> None:
    row = judged(seen(1, -9), seen(2, 200, of=1))[0]  # the agreement ends on day 121

    assert row["outcome"] == "potential_breach"
