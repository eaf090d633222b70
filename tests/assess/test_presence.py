"""What may not be in a zone: an interval of which the part in force counts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from assess_samples import load, logbook
from scipy.stats import norm

from trucewatch.assess._known import Known
from trucewatch.assess.presence import check
from trucewatch.records.facts import Facts
from trucewatch.records.instant import instant_text

SAMPLE = load("presence")
RULE = SAMPLE.agreement.rules[0]
BEGIN = datetime(2030, 9, 1, tzinfo=UTC)  # the agreement takes effect
NORTH_DEG = 45.1  # the zone's northern edge
DEGREE_M = 111_141.0  # of latitude, near 45 degrees, WGS 84


def step(entry: int, act: str, hours: int, **more: Any) -> dict[str, Any]:
    detail: dict[str, Any] = {"asset": more.pop("asset", "patrol 1")}
    if act != "gone":
        detail |= {"number_max": more.pop("most", None), "number_min": more.pop("least", 1)}
        detail["place"] = {
            "error_m": more.pop("error_m", 100),
            "lat_deg": more.pop("lat_deg", 45.0),
            "lon_deg": -30.0,
        }
    if act == "seen":
        detail |= {"matter": more.pop("matter", "weapon"), "name": None}
        detail["weapons"] = more.pop("weapons", {"TANK": 1})
    at = instant_text(BEGIN + timedelta(hours=hours))
    told = {"act": act, "at": at, "by": "A", "detail": detail, "entry": entry, "logged_at": at}
    return told | {"kind": "sighting", "of": None if act == "seen" else 1}


def judged(*steps: dict[str, Any], **changed: Any) -> dict[str, Any]:
    facts = Facts(as_of=BEGIN + timedelta(days=30), logbook=logbook(list(steps)))
    rule = replace(RULE, exemptions=(), **changed)
    return check(Known(facts), rule=rule, version=SAMPLE.version).to_dicts()[0]


def said(row: dict[str, Any]) -> tuple[str, str]:
    return row["outcome"], row["why"]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((-48, -24, "gone"), ("no_rule", "")),
        ((-48, 24, "gone"), ("indeterminate", "time")),
        ((-48, 24, "seen_again"), ("potential_breach", "")),
        ((24, 48, "gone"), ("potential_breach", "")),
        ((-48, -24, "seen_again"), ("indeterminate", "time")),
    ],
)
def test_only_what_was_seen_in_force_counts(
    hours: tuple[int, int, str], expected: tuple[str, str]
) -> None:
    first, later, act = hours

    row = judged(step(1, "seen", first), step(2, act, later))

    assert said(row) == expected
    assert (row["time_end"] is None) == (act == "seen_again")
    assert row["time_start"] == BEGIN + timedelta(hours=first)


def test_an_instant_of_force_is_enough_and_the_instant_of_its_end_is_not() -> None:
    end = SAMPLE.agreement.expires
    assert end is not None
    hours = int((end - BEGIN).total_seconds() // 3600)

    at_first = judged(step(1, "seen", 0), step(2, "gone", 0))
    at_end = judged(step(1, "seen", hours), step(2, "gone", hours))

    assert said(at_first) == ("potential_breach", "")
    assert said(at_end) == ("no_rule", "")


@pytest.mark.parametrize(
    ("beyond_sigma", "expected"),
    [
        (-1.7, "potential_breach"),
        (-1.6, "indeterminate"),
        (0.0, "indeterminate"),
        (1.6, "indeterminate"),
        (1.7, "consistent"),
    ],
)
def test_the_place_decides_at_its_bounds(beyond_sigma: float, expected: str) -> None:
    lat_deg = NORTH_DEG + beyond_sigma * 500 / DEGREE_M

    row = judged(step(1, "seen", 1, lat_deg=lat_deg, error_m=500))

    assert row["outcome"] == expected
    assert row["inside_p"] == pytest.approx(norm.cdf(-beyond_sigma), abs=0.002)


def test_several_places_must_each_be_surer_than_one() -> None:
    edge = NORTH_DEG - 1.7 * 500 / DEGREE_M  # P(inside) = .955
    one = step(1, "seen", 1, lat_deg=edge, error_m=500)
    other = step(2, "seen_again", 2, lat_deg=edge + 0.001, error_m=500)
    same = step(2, "seen_again", 2, lat_deg=edge, error_m=500)

    assert said(judged(one)) == ("potential_breach", "")
    assert said(judged(one, same)) == ("potential_breach", "")
    assert said(judged(one, other)) == ("indeterminate", "location")


@pytest.mark.parametrize(
    ("weapons", "expected"),
    [
        ({"TANK": 0.3, "MORTAR": 0.2}, ("potential_breach", "")),
        ({"TANK": 0.49}, ("indeterminate", "weapon")),
        ({}, ("indeterminate", "weapon")),
        ({"TRUCK": 0.95}, ("indeterminate", "weapon")),
        ({"TRUCK": 0.96}, ("consistent", "")),
    ],
)
def test_the_category_decides(weapons: dict[str, float], expected: tuple[str, str]) -> None:
    assert said(judged(step(1, "seen", 1, weapons=weapons))) == expected


def test_a_rule_without_categories_means_every_weapon() -> None:
    row = judged(step(1, "seen", 1, weapons={}), weapons=())

    assert said(row) == ("potential_breach", "")


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        (0, 3, ("indeterminate", "observation")),
        (0, None, ("indeterminate", "observation")),
        (1, 3, ("potential_breach", "")),
    ],
)
def test_at_least_one_must_have_been_there(
    least: int, most: int | None, expected: tuple[str, str]
) -> None:
    assert said(judged(step(1, "seen", 1, least=least, most=most))) == expected


@pytest.mark.parametrize(
    ("asset", "weapons", "expected"),
    [
        ("uav 1", {"TANK": 0.95}, "breach_on_its_face"),
        ("patrol 1", {"TANK": 0.95}, "potential_breach"),
        ("uav 1", {"TANK": 0.94}, "potential_breach"),
    ],
)
def test_on_its_face_needs_two_assets_and_a_sure_category(
    asset: str, weapons: dict[str, float], expected: str
) -> None:
    row = judged(step(1, "seen", 1, weapons=weapons), step(2, "seen_again", 2, asset=asset))

    assert row["outcome"] == expected


def test_a_restricted_zone_shows_no_chance() -> None:
    zones = tuple(replace(zone, restricted=True) for zone in SAMPLE.agreement.zones)
    agreement = replace(SAMPLE.agreement, zones=zones)
    version = replace(SAMPLE.version, agreement=agreement)
    facts = Facts(as_of=BEGIN + timedelta(days=30), logbook=logbook([step(1, "seen", 1)]))

    row = check(Known(facts), rule=RULE, version=version).to_dicts()[0]

    assert row["inside_p"] is None
    assert json.loads(row["trace"])[1]["value"] == "restricted"


def test_other_matters_get_no_row() -> None:
    facts = Facts(as_of=BEGIN, logbook=logbook([step(1, "seen", -1, matter="post")]))

    assert check(Known(facts), rule=RULE, version=SAMPLE.version).is_empty()


def test_who_holds_the_ground_and_how_a_thing_is_called_are_not_told() -> None:
    seen = step(1, "seen", 1)
    seen["detail"]["name"] = "tank of BRAVO"

    assert "BRAVO" not in judged(seen)["trace"]
