"""Over-dispersion: the test holds its level, and sees clusters."""

from __future__ import annotations

import numpy as np
import pytest

from trucewatch.measure.rates.spread import LEVEL_P, _pearson, pooled, spread_of, spreads


def test_poisson_counts_are_called_clustered_no_oftener_than_said() -> None:
    rng = np.random.default_rng(8)
    exposure_h = rng.uniform(1.0, 20.0, 40)
    count = rng.poisson(0.1 * exposure_h, (20_000, 40))

    tail, _ = spreads(count, exposure_h)

    assert 0.03 < (tail < LEVEL_P).mean() < 0.065


def test_the_statistic_is_the_textbook_one() -> None:
    found = spread_of(np.array([10, 0, 2]), np.array([1.0, 1.0, 2.0]))

    # expected 3, 3, 6
    square = 49 / 3 + 9 / 3 + 16 / 6
    assert found.dispersion_ratio == pytest.approx(square / 2)
    assert found.steps == 3


def test_its_moments_given_the_total_are_those_of_a_multinomial() -> None:
    rng = np.random.default_rng(9)
    share = np.array([0.05, 0.15, 0.3, 0.5])
    drawn = rng.multinomial(12, share, 200_000)
    square = ((drawn - 12 * share) ** 2 / (12 * share)).sum(axis=1)

    mine, mean, variance = _pearson(drawn[:1], share)

    assert mine[0] == pytest.approx(square[0])
    assert mean[0] == pytest.approx(square.mean(), rel=0.01)
    assert variance[0] == pytest.approx(square.var(), rel=0.03)


def test_clusters_are_seen_and_measured() -> None:
    rng = np.random.default_rng(10)
    count = rng.negative_binomial(5.0, 1 / 3, (300, 200))  # variance three times the mean

    tail, dispersion = spreads(count, np.ones(200))

    assert (tail < LEVEL_P).all()
    assert dispersion.mean() == pytest.approx(3.0, rel=0.03)


def test_two_periods_of_different_rates_are_not_taken_for_clusters() -> None:
    rng = np.random.default_rng(11)
    calm, hot = rng.poisson(1.0, 60), rng.poisson(9.0, 60)
    ones = np.ones(60)

    assert pooled([(calm, ones), (hot, ones)]) == 1.0
    assert spread_of(np.concatenate([calm, hot]), np.ones(120)).dispersion_ratio > 2


def test_nothing_seen_says_nothing_of_spread() -> None:
    nothing = spread_of(np.zeros(5, np.int64), np.ones(5))

    assert nothing.tail_p is None
    assert nothing.dispersion_ratio == 1
    assert pooled([(np.zeros(5, np.int64), np.ones(5))]) == 1
