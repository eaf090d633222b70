"""Calibration scores on cases worked out by hand, and the trial that they are taken on."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trucewatch.evaluate.membership import measure, representatives
from trucewatch.evaluate.reliability import (
    Decile,
    brier_skill,
    calibration_error,
    calibration_figure,
    deciles,
    sharpness,
    skill_figure,
    worst_decile,
)

P = np.array([0.05, 0.05, 0.95, 0.95, 0.95, 1.0])
HIT = np.array([False, True, True, True, False, True])


def test_deciles_are_means_and_shares_and_one_falls_in_the_last() -> None:
    assert deciles(P, HIT) == [
        Decile(0.05, 0.5, 2),
        Decile(pytest.approx(0.9625), 0.75, 4),
    ]


def test_the_calibration_error_weighs_deciles_by_cases() -> None:
    assert calibration_error(P, HIT) == pytest.approx((2 * 0.45 + 4 * 0.2125) / 6)


def test_a_thin_decile_is_not_judged() -> None:
    assert worst_decile(P, HIT, cases_min=3) == pytest.approx(0.2125)
    assert np.isnan(worst_decile(P, HIT, cases_min=5))


def test_skill_is_nothing_for_the_base_rate_and_one_for_the_truth() -> None:
    assert brier_skill(np.full(6, HIT.mean()), HIT) == pytest.approx(0)
    assert brier_skill(HIT.astype(float), HIT) == 1
    assert math.isnan(brier_skill(P, np.ones(6, bool)))


def test_sharpness_says_how_far_chances_are_from_the_mean() -> None:
    mean, sd, sure = sharpness(P)

    assert (mean, sd, sure) == pytest.approx((P.mean(), P.std(), 4 / 6))


def test_true_chances_are_called_calibrated_and_wrong_ones_are_not() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(20_000)
    hit = rng.random(20_000) < p

    right, wrong = (calibration_figure(q, hit, rng=rng) for q in (p, np.sqrt(p)))

    assert right["low"] <= right["value"] < 0.015
    assert wrong["low"] > 0.1
    assert wrong["low"] <= wrong["value"] <= wrong["high"]


def test_the_skill_interval_holds_the_skill() -> None:
    rng = np.random.default_rng(2)
    p = rng.random(2_000)

    found = skill_figure(p, rng.random(2_000) < p, rng=rng)

    assert found["low"] < 1 / 3 < found["high"]
    assert found["low"] < found["value"] < found["high"]


def test_nothing_measured_is_null() -> None:
    nothing = np.zeros(0)

    assert calibration_figure(nothing, nothing > 0, rng=np.random.default_rng(3))["value"] is None
    assert skill_figure(nothing, nothing > 0, rng=np.random.default_rng(3))["value"] is None
    assert all(math.isnan(v) for v in sharpness(nothing))


@pytest.mark.parametrize(
    ("fused", "true", "expected"),
    [
        ([0, 0, 0, 1], [5, 5, 6, 6], {5: 0, 6: 1}),  # a majority, and the rest elsewhere
        ([0, 0, 1], [5, 6, 6], {6: 1}),  # half is no majority
        ([0, 1, 1], [5, 5, 5], {5: 1}),  # the largest
        ([0, 1], [5, 5], {5: 0}),  # of equals the one of the least row
        ([0, 1], [-1, -2], {}),  # false alarms are of none
    ],
)
def test_an_incident_is_represented_by_its_largest_group(
    fused: list[int], true: list[int], expected: dict[int, int]
) -> None:
    assert representatives(np.array(fused), np.array(true)) == expected


def test_a_trial_is_measured_and_judged() -> None:
    found = measure(seeds=[700, 701], reports=1_500)

    names = {rule["metric"] for rule in found["must"]}
    assert {"ece_top", "ece_none", "ece_pairs", "skill_press", "skill_thermal"} <= names
    assert names <= found["metrics"].keys()
    assert found["metrics"]["ece_top"]["value"] < 0.1
    assert found["metrics"]["skill_acoustic"]["low"] > 0
    assert {d["n"] > 0 for panel in found["deciles"].values() for d in panel} == {True}
