"""The Poisson-binomial interval against enumeration and against scipy."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trucewatch.report.bulletin.interval import central, change, mass, tally

SHARES = st.lists(st.floats(0, 1, allow_subnormal=False), max_size=8)


def enumerated(shares: list[float]) -> list[float]:
    """Return P(k successes) by adding up all outcomes, the slow and obvious way."""
    found = [0.0] * (len(shares) + 1)
    for outcome in itertools.product((0, 1), repeat=len(shares)):
        chances = [p if hit else 1 - p for p, hit in zip(shares, outcome, strict=True)]
        found[sum(outcome)] += math.prod(chances)
    return found


@given(SHARES)
def test_mass_equals_the_sum_over_all_outcomes(shares: list[float]) -> None:
    assert mass(np.array(shares)) == pytest.approx(enumerated(shares), abs=1e-12)


@pytest.mark.parametrize(("n", "share"), [(1, 0.5), (7, 0.31), (200, 0.02), (1500, 0.66)])
def test_equal_shares_give_the_binomial(n: int, share: float) -> None:
    expected = stats.binom(n, share)

    found = mass(np.full(n, share))

    assert found == pytest.approx(expected.pmf(np.arange(n + 1)), abs=1e-12)
    low, high = central(np.full(n, share))
    assert (low, high) == (expected.ppf(0.05), expected.ppf(0.95))


@given(SHARES)
def test_interval_holds_at_least_nine_tenths_and_no_end_is_idle(shares: list[float]) -> None:
    low, high = central(np.array(shares))
    found = enumerated(shares)

    assert sum(found[low : high + 1]) >= 0.9 - 1e-8
    assert sum(found[:low]) <= 0.05
    assert sum(found[high + 1 :]) <= 0.05 + 1e-8


@given(SHARES, SHARES)
def test_change_equals_the_difference_of_two_counts(now: list[float], before: list[float]) -> None:
    chances: dict[int, float] = {}
    for (plus, p), (minus, q) in itertools.product(
        enumerate(enumerated(now)), enumerate(enumerated(before))
    ):
        chances[plus - minus] = chances.get(plus - minus, 0.0) + p * q

    found = change(now, before)

    inside = sum(p for gain, p in chances.items() if found.low <= gain <= found.high)
    below = sum(p for gain, p in chances.items() if gain < found.low)
    assert inside >= 0.9 - 1e-8
    assert below <= 0.05
    assert found.real_mean == pytest.approx(math.fsum(now) - math.fsum(before), abs=1e-6)


def test_nothing_counted_is_nothing_real() -> None:
    empty = tally([])

    assert (empty.n, empty.real_mean, empty.low, empty.high) == (0, 0.0, 0, 0)


def test_certainties_leave_no_width() -> None:
    sure = tally([1.0, 1.0, 0.0])

    assert (sure.low, sure.high) == (2, 2)


def test_a_tail_of_exactly_five_per_cent_reads_the_same_on_every_machine() -> None:
    assert central(np.array([0.95])) == (0, 1)
    assert central(np.array([0.05])) == (0, 0)
