"""Rates with intervals, against their own integrals done slowly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, gamma

from trucewatch.errors import BadInput
from trucewatch.measure.rates.exposure import Detection, Exposure, Watch, exposure
from trucewatch.measure.rates.poisson import chance_below, quantile, rate
from trucewatch.measure.rates.sensitivity import what_if


def one_day(count: int, hours: float) -> Watch:
    row = np.zeros(1, np.int64)
    return Watch(count=row + count, hours=np.array([hours]), estimate=row, step=row)


@settings(deadline=None)  # the first call compiles
@given(st.integers(0, 400), st.floats(1.0, 1e4), st.floats(0.01, 0.99))
def test_with_known_exposure_it_is_the_gamma_of_jeffreys(
    count: int, hours: float, chance: float
) -> None:
    found = quantile(count, Exposure(hours, 0.0, hours), chance_p=chance)[0]

    assert found == pytest.approx(gamma.ppf(chance, count + 0.5, scale=1 / hours), rel=1e-7)


def test_an_uncertain_chance_is_averaged_over() -> None:
    estimate = Detection(means=np.array([0.25]), trials=np.array([24.0]))
    at = np.array([0.02, 0.05, 0.1])

    found = chance_below(
        at, 10, exposure(np.array([1_000.0]), estimate)._replace(mean_h=np.full(3, 250.0))
    )

    p = np.linspace(0.0005, 0.9995, 4_000)
    density = beta.pdf(p, 6, 18)
    slow = [np.average(gamma.cdf(x, 10.5, scale=1 / (1_000 * p)), weights=density) for x in at]
    np.testing.assert_allclose(found, slow, atol=2e-3)


def test_the_interval_is_where_the_chance_is() -> None:
    estimate = Detection.tested([8], [20])
    total = exposure(np.array([100.0]), estimate)

    found = rate(one_day(12, 100.0), estimate)

    for interval in found.intervals:
        tail = (1 - interval.level_p) / 2
        assert chance_below(interval.low_per_h, 12, total)[0] == pytest.approx(tail, abs=1e-9)
        assert chance_below(interval.high_per_h, 12, total)[0] == pytest.approx(1 - tail, abs=1e-9)


def test_zero_seen_is_not_zero() -> None:
    found = rate(one_day(0, 10.0), Detection.known([0.5]))

    assert found.middle_per_h is not None
    assert found.middle_per_h > 0
    assert found.intervals[0].high_per_h > 0.3


def test_without_exposure_there_is_no_rate() -> None:
    found = rate(one_day(0, 0.0), Detection.known([0.5]))

    assert found.middle_per_h is None
    assert found.intervals == ()
    assert found.coverage_share == 0


def test_less_sure_detection_widens_the_interval_and_nothing_narrows_it() -> None:
    sure = rate(one_day(30, 100.0), Detection(means=np.array([0.5]), trials=np.array([1e6])))
    unsure = rate(one_day(30, 100.0), Detection(means=np.array([0.5]), trials=np.array([10.0])))

    assert unsure.intervals[0].low_per_h < sure.intervals[0].low_per_h
    assert unsure.intervals[0].high_per_h > sure.intervals[0].high_per_h


def test_clustered_days_widen_the_interval() -> None:
    day, estimate = np.arange(10), np.zeros(10, np.int64)
    even = Watch(count=np.full(10, 4), hours=np.full(10, 24.0), estimate=estimate, step=day)
    wild = Watch(count=np.array([20, 0, 0, 0, 20, 0, 0, 0, 0, 0]), hours=even.hours,
                 estimate=estimate, step=day)  # fmt: skip

    one, other = (rate(rows, Detection.known([0.5])) for rows in (even, wild))

    assert one.spread.dispersion_ratio == 1
    assert other.spread.dispersion_ratio > 5
    assert other.intervals[0].high_per_h > 1.5 * one.intervals[0].high_per_h


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_refuses_a_quantile_beyond_all(chance: float) -> None:
    with pytest.raises(BadInput, match="must be between 0 and 1"):
        quantile(1, Exposure(1.0, 0.0, 1.0), chance_p=chance)


def test_refuses_a_quantile_without_exposure() -> None:
    with pytest.raises(BadInput, match="exposure is 0"):
        quantile(1, Exposure(0.0, 0.0, 1.0), chance_p=0.5)


def test_half_the_chance_of_detection_is_twice_the_rate() -> None:
    sides = {"BRAVO": one_day(6, 100.0), "ALPHA": one_day(3, 100.0)}

    found = what_if(sides, Detection.known([0.4]), factors=(0.5, 1.0, 4.0))

    assert [one.side for one in found] == ["BRAVO"] * 3 + ["ALPHA"] * 3
    half, as_is, cut = (one.rate.middle_per_h for one in found[:3])
    assert half == pytest.approx(2 * as_is)
    assert cut == pytest.approx(as_is * 0.4)  # the chance is cut at 1
    assert [one.cut_share for one in found[:3]] == [0.0, 0.0, 1.0]


def test_refuses_a_factor_of_nothing() -> None:
    with pytest.raises(BadInput, match="is 0, must be above 0"):
        what_if({}, Detection.known([0.5]), factors=(0,))
