"""Weights of 1/p as a check, and the bound on what was never seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import hyp1f1

from trucewatch.errors import BadInput
from trucewatch.measure.rates.exposure import Detection, Exposure, Watch, exposure
from trucewatch.measure.rates.poisson import rate
from trucewatch.measure.rates.weighed import weighed
from trucewatch.measure.rates.zero import bound_of_zero


def rows(count: list[int], hours: list[float]) -> Watch:
    number = np.arange(len(count))
    return Watch(
        count=np.array(count), hours=np.array(hours), estimate=number, step=np.zeros_like(number)
    )


def test_an_incident_stands_for_those_missed_beside_it() -> None:
    found = weighed(rows([3, 2], [10.0, 30.0]), Detection.known([0.5, 0.25]))

    assert found.value_per_h == pytest.approx((3 / 0.5 + 2 / 0.25) / 40)
    half = 1.6448536 * math.sqrt(3 / 0.25 + 2 / 0.0625) / 40
    assert found.high_per_h - found.value_per_h == pytest.approx(half, rel=1e-6)


def test_an_uncertain_chance_widens_it_by_its_own_variance() -> None:
    unsure = Detection(means=np.array([0.5, 0.25]), trials=np.array([19.0, 39.0]))

    found = weighed(rows([30, 20], [10.0, 30.0]), unsure)

    of_counts = 30 / 0.25 + 20 / 0.0625
    # the total moves by count / p^2 for each change of p, whose variance is p (1 - p) / (n + 1)
    of_p = (30 / 0.25) ** 2 * 0.25 / 20 + (20 / 0.0625) ** 2 * 0.1875 / 40
    assert found.value_per_h is not None
    half = 1.6448536 * math.sqrt(of_counts + of_p) / 40
    assert found.high_per_h - found.value_per_h == pytest.approx(half, rel=1e-6)


def test_its_intervals_cover_and_its_mean_is_the_truth() -> None:
    rng = np.random.default_rng(14)
    detection, hours, truth = Detection.known([0.8, 0.3]), [100.0, 200.0], 0.4
    drawn = rng.poisson([100 * 0.8 * truth, 200 * 0.3 * truth], (2_000, 2))

    found = [weighed(rows(one, hours), detection) for one in drawn.tolist()]

    assert np.mean([one.value_per_h for one in found]) == pytest.approx(truth, rel=0.01)
    held = np.mean([one.low_per_h <= truth <= one.high_per_h for one in found])
    assert 0.88 < held < 0.92


def test_it_agrees_with_the_model_where_rates_are_equal_and_not_where_they_differ() -> None:
    detection = Detection.known([0.9, 0.1])
    equal, unequal = rows([90, 10], [100.0, 100.0]), rows([9, 100], [100.0, 100.0])

    for watch, agree in ((equal, True), (unequal, False)):
        check, model = weighed(watch, detection), rate(watch, detection)
        interval = model.intervals[0]
        overlap = check.low_per_h <= interval.high_per_h and interval.low_per_h <= check.high_per_h
        assert overlap is agree


def test_rows_that_nobody_could_see_are_left_out_and_told() -> None:
    found = weighed(rows([3, 0], [10.0, 30.0]), Detection.known([0.5, 0.0]))
    nothing = weighed(rows([0], [30.0]), Detection.known([0.0]))

    assert found.left_out_share == 0.75
    assert nothing.value_per_h is None
    assert nothing.high_per_h == math.inf


def test_the_bound_of_known_exposure_is_the_rule_of_three() -> None:
    assert bound_of_zero(Exposure(60.0, 0.0, 100.0)) == pytest.approx(-math.log(0.05) / 60)


def test_an_uncertain_chance_raises_the_bound_to_where_zero_has_one_in_twenty() -> None:
    estimate = Detection(means=np.array([0.4]), trials=np.array([30.0]))

    found = bound_of_zero(exposure(np.array([100.0]), estimate))

    assert found is not None
    assert found > -math.log(0.05) / 40
    # the chance of zero is a moment of the beta distribution: 1F1(12; 30; -rate hours)
    assert hyp1f1(12, 30, -found * 100) == pytest.approx(0.05, abs=0.001)


def test_clusters_raise_the_bound() -> None:
    given = Exposure(60.0, 0.0, 100.0)

    assert bound_of_zero(given, dispersion_ratio=3.0) == pytest.approx(
        3 * bound_of_zero(given)  # type: ignore[operator]
    )


def test_without_exposure_there_is_no_bound() -> None:
    assert bound_of_zero(Exposure(0.0, 0.0, 10.0)) is None


def test_refuses_a_level_that_is_no_chance() -> None:
    with pytest.raises(BadInput, match="is 1, must be between 0 and 1"):
        bound_of_zero(Exposure(1.0, 0.0, 1.0), level_p=1)
