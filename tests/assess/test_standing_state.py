"""A post that stands is one interval, however often it is seen and under how many records."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from assess_samples import load, logbook
from hypothesis import assume, given, settings
from hypothesis import strategies as st

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
        detail["place"] = {"error_m": 100, "lat_deg": more.pop("lat", 45.0), "lon_deg": -30.0}
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


@pytest.mark.parametrize("name", ["MILL", "Mill", "mIlL"])
def test_another_spelling_of_a_name_is_the_same_name(name: str) -> None:
    rows = judged(seen(1, 2, name="mill"), seen(2, 3, name=name))

    assert [row["subject"] for row in rows] == ["sighting-1"]


def test_a_capital_with_an_accent_and_more_blanks_is_the_same_name() -> None:
    rows = judged(seen(1, 2, name="Caf\u00e9  7"), seen(2, 3, name="CAF\u00c9 7"))

    assert len(rows) == 1


def test_whoever_sees_a_far_post_of_the_same_name_gone_does_not_end_the_near_one() -> None:
    rows = judged(
        seen(1, 2, name="Post 1"),
        seen(2, 4, name="Post 1", lat=46.9, asset="patrol 2"),
        seen(3, 5, act="gone", of=2, asset="patrol 2"),
    )
    first, second = (json.loads(row["trace"])[0]["value"] for row in rows)

    assert [(row["subject"], row["time_end"] is None) for row in rows] == [
        ("sighting-1", True),
        ("sighting-2", False),
    ]
    assert first["same_name_elsewhere"] == [{"distance_km": 211.19, "record": "sighting-2"}]
    assert second["same_name_elsewhere"] == [{"distance_km": 211.19, "record": "sighting-1"}]
    assert first["records"] == ["sighting-1"]


def test_a_vague_place_does_not_join_two_things_that_lie_apart() -> None:
    far = {"error_m": 100_000, "lat_deg": 45.9, "lon_deg": -30.0}
    vague = seen(1, 2, name="Post 1")
    vague["detail"]["place"] = far

    near, again = seen(2, 3, name="Post 1"), seen(4, 5, name="Post 1", asset="uav 1")

    rows = judged(vague, near, seen(3, 4, name="Post 1", lat=46.9), again)

    told = [json.loads(row["trace"])[0]["value"]["records"] for row in rows]
    assert told == [["sighting-1"], ["sighting-2", "sighting-4"], ["sighting-3"]]


def test_what_moved_is_one_thing_only_when_its_own_record_says_so() -> None:
    truck = (seen(1, 2, name="truck"), seen(2, 6, of=1, lat=45.5))

    followed = judged(*truck, seen(3, 8, name="truck", lat=45.5))
    lost = judged(*truck, seen(3, 8, name="truck", lat=45.0))

    assert [row["subject"] for row in followed] == ["sighting-1"]
    assert [row["subject"] for row in lost] == ["sighting-1", "sighting-3"]
    [other] = json.loads(lost[0]["trace"])[0]["value"]["same_name_elsewhere"]
    assert other == {"distance_km": 55.57, "record": "sighting-3"}


@settings(deadline=None)
@given(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02), st.booleans())
def test_two_records_are_one_thing_when_their_places_agree_and_only_then(
    one: float, other: float, swapped: bool
) -> None:
    days = (3, 2) if swapped else (2, 3)
    apart_m = 6_367_500.0 * math.radians(abs(one - other))  # along a meridian at 45 degrees
    assume(abs(apart_m - 3 * 100 * math.sqrt(2) - 100) > 5)

    rows = judged(
        seen(1, days[0], name="hill", lat=45 + one), seen(2, days[1], name="hill", lat=45 + other)
    )

    assert (len(rows) == 1) == (apart_m <= 3 * 100 * math.sqrt(2) + 100)


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_what_agrees_in_a_chain_but_not_each_with_each_stays_apart(order: tuple[int, ...]) -> None:
    lats = (45.0, 45.0035, 45.007)  # 389 m from each to the next, as far as 524 m agrees

    rows = judged(*(seen(n, 2, name="post", lat=lats[k]) for n, k in enumerate(order, start=1)))

    assert [row["subject"] for row in rows] == [f"sighting-{n}" for n in (1, 2, 3)]


SIGHTED = st.tuples(st.integers(2, 4), st.integers(0, 4), st.integers(0, 2))


@settings(deadline=None)
@given(st.lists(SIGHTED, min_size=2, max_size=5), st.data())
def test_what_is_one_thing_does_not_hang_on_the_order_of_entry(
    sightings: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    def one_thing(order: list[int]) -> set[frozenset[int]]:
        """Who is with whom; each was seen on a day at a step, and again a day later elsewhere."""
        steps = []
        for n, k in enumerate(order):
            day, place, on = sightings[k]
            steps.append(seen(2 * n + 1, day, name="post", lat=45 + place * 0.0035))
            again = 45 + (place + on) * 0.0035
            steps.append(seen(2 * n + 2, day + on // 2, of=2 * n + 1, lat=again))
        told = [json.loads(row["trace"])[0]["value"]["records"] for row in judged(*steps)]
        entries = [[int(name.removeprefix("sighting-")) for name in names] for names in told]
        return {frozenset(order[(entry - 1) // 2] for entry in each) for each in entries}

    first = [*range(len(sightings))]
    other = data.draw(st.permutations(first))

    assert one_thing(other) == one_thing(first)


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
