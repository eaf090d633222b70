"""Flights and vessels: passages, darkness, jumps and many looks."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from assess_samples import Sample, assessed, load

from trucewatch.agreement.rule import Conduct
from trucewatch.assess._known import Known
from trucewatch.assess._tracks import PASSAGE_GAP_H, passages, sure


@pytest.fixture
def air() -> Sample:
    return load("prohibited_flight")


@pytest.fixture
def sea() -> Sample:
    return load("vessel_conduct")


def outcome(sample: Sample, track: str, rule: str = "R01") -> tuple[str, str]:
    found = assessed(sample).filter(
        pl.col("subject").str.starts_with(f"track-{track}-2030"), rule=rule
    )
    return found.select("outcome", "why").row(0)


def with_tracks(sample: Sample, tracks: pl.DataFrame) -> Sample:
    return replace(sample, facts=replace(sample.facts, tracks=tracks))


def test_fixes_more_than_an_hour_apart_are_two_passages(air: Sample) -> None:
    one = air.facts.tracks.filter(track="U-in")
    gap = timedelta(hours=PASSAGE_GAP_H)
    last = one["time"].max()
    shifted = [
        one.with_columns(time=pl.col("time") - one["time"].min() + last + gap + extra)
        for extra in (timedelta(0), timedelta(seconds=1))
    ]

    found = [
        [
            passage.id
            for passage in passages(Known(replace(air.facts, tracks=pl.concat([one, later]))))
        ]
        for later in shifted
    ]

    assert found == [
        ["track-U-in-20300910T040000Z"],
        ["track-U-in-20300910T040000Z", "track-U-in-20300910T050201Z"],
    ]


def test_a_craft_that_two_sensors_saw_is_one_passage_and_may_read_on_its_face(air: Sample) -> None:
    assert outcome(air, "U-both") == ("breach_on_its_face", "")
    assert outcome(air, "U-in") == ("potential_breach", "")


def test_height_from_another_level_is_not_compared(air: Sample) -> None:
    assert outcome(air, "U-level") == ("indeterminate", "altitude")
    assert outcome(air, "U-level", "R02") == ("potential_breach", "")  # all heights are forbidden


@pytest.mark.parametrize(
    ("height_m", "sigma_m", "expected"),
    [
        (2990.0, 5.0, ("potential_breach", "")),
        (3010.0, 5.0, ("consistent", "")),
        (3000.0, 50.0, ("indeterminate", "location")),
    ],
)
def test_the_top_of_a_zone_is_asked_with_the_error_of_the_height(
    air: Sample, height_m: float, sigma_m: float, expected: tuple[str, str]
) -> None:
    tracks = air.facts.tracks.with_columns(
        pl.lit(height_m).alias("altitude_m"), pl.lit(sigma_m).alias("altitude_sigma_m")
    )

    assert outcome(with_tracks(air, tracks), "U-in") == expected


def test_a_way_in_the_dark_across_the_zone_is_not_called_outside(air: Sample) -> None:
    lit = pl.col("time").min() + (pl.col("time") - pl.col("time").min()) / 5  # 5 minutes, not 25

    assert outcome(air, "U-dark") == ("indeterminate", "location")
    bright = air.facts.tracks.filter(track="U-dark").with_columns(time=lit)
    assert outcome(with_tracks(air, bright), "U-dark") == ("consistent", "")


def test_only_the_craft_that_a_notice_names_is_exempt(air: Sample) -> None:
    other = air.facts.tracks.with_columns(pl.col("track").str.replace("M-1", "M-2", literal=True))

    assert outcome(air, "M-1") == ("exempt", "E_MONITOR")
    assert outcome(with_tracks(air, other), "M-2") == ("potential_breach", "")


def test_a_position_that_no_vessel_can_reach_is_held_against_nobody(sea: Sample) -> None:
    [row] = assessed(sea).filter(pl.col("subject").str.contains("V-jump"), rule="R01").to_dicts()

    assert (row["outcome"], row["why"]) == ("indeterminate", "location")
    assert json.loads(row["trace"])[4]["value"]["jumps"] == 2  # there and back


def test_what_was_kept_in_the_light_is_open_after_the_dark(sea: Sample) -> None:
    assert outcome(sea, "V-dark") == ("indeterminate", "location")
    assert outcome(sea, "V-good") == ("consistent", "")


def test_a_breach_in_the_light_is_one_whatever_the_dark_hides(sea: Sample) -> None:
    slow = Conduct(speed_min_m_s=8.0, speed_max_m_s=None, stay=False, dark_max_min=30.0)
    rules = (replace(sea.agreement.rules[0], conduct=slow),)
    version = replace(sea.version, agreement=replace(sea.agreement, rules=rules))

    assert outcome(replace(sea, version=version), "V-dark") == ("potential_breach", "")


def test_many_looks_ask_for_more_than_one(sea: Sample) -> None:
    rule = sea.agreement.rules[0]

    assert sure([0.96], rule) is True
    assert sure([0.96] + [0.0] * 9, rule) is None
    assert sure([0.996] + [0.0] * 9, rule) is True
    assert sure([0.04] * 10, rule) is False
    assert sure([], rule) is False


def test_a_vessel_that_keeps_to_the_rule_is_rarely_flagged_whatever_its_errors(
    sea: Sample,
) -> None:
    one = sea.facts.tracks.filter(track="V-good").with_columns(sigma_m=pl.lit(300.0))
    rng = np.random.default_rng(7)
    flagged = 0
    for _ in range(200):
        noisy = one.with_columns(
            lat_deg=pl.col("lat_deg") + pl.Series(rng.normal(0, 300 / 111_320, len(one))),
            lon_deg=pl.col("lon_deg") + pl.Series(rng.normal(0, 300 / 78_700, len(one))),
        )
        flagged += outcome(with_tracks(sea, noisy), "V-good")[0] == "potential_breach"

    assert flagged <= 10  # the rule allows 5 % of doubt
