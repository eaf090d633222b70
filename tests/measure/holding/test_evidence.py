"""Evidence and the bounds that are its reverse, against integrals done slowly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma, poisson

from trucewatch.measure.holding.evidence import ABOVE, BELOW, Prior, above, below
from trucewatch.measure.holding.sequence import expected_high, expected_low, sequence

if TYPE_CHECKING:
    from collections.abc import Callable


def slow(count: float, tolerated: float, prior: Prior, ends: tuple[float, float]) -> float:
    """Return the log of the likelihood ratio averaged over the cut prior, by quadrature."""
    shape = 1 / prior.spread_ratio**2
    belief = gamma(shape, scale=prior.mean_ratio / shape)
    inside = belief.cdf(ends[1]) - belief.cdf(ends[0])
    best = min(max(count / tolerated, ends[0] + 1e-9), ends[1])
    top = count * math.log(best) - (best - 1) * tolerated

    def weighed(ratio: float) -> float:
        return belief.pdf(ratio) * math.exp(count * math.log(ratio) - (ratio - 1) * tolerated - top)

    value = quad(weighed, *ends, points=[best], limit=400)[0]
    return math.log(value / inside) + top


def mean(
    kind: Callable[..., np.ndarray], tolerated: float, expected: float, *, start: int = 0
) -> float:
    """Return the mean of the evidence, over Poisson counts on top of `start`."""
    more = np.arange(500)
    logs = poisson.logpmf(more, expected) + kind(start + more, tolerated)
    return float(np.exp(logs[np.isfinite(logs)]).sum())


@pytest.mark.parametrize(
    ("count", "tolerated"), [(0, 2.0), (1, 0.3), (7, 3.0), (40, 55.0), (90, 60.0), (12.7, 9.1)]
)
def test_evidence_is_the_average_likelihood_ratio(count: float, tolerated: float) -> None:
    up, down = above(count, tolerated)[0], below(count, tolerated)[0]

    assert up == pytest.approx(slow(count, tolerated, ABOVE, (1.0, 20.0)), abs=1e-5)
    assert down == pytest.approx(slow(count, tolerated, BELOW, (1e-12, 1.0)), abs=1e-5)


@settings(deadline=None, max_examples=40)
@given(st.floats(0.05, 30.0), st.floats(0.0, 1.0))
def test_its_mean_is_at_most_one_wherever_the_rate_is_tolerated(
    tolerated: float, ratio: float
) -> None:
    assert mean(above, tolerated, tolerated * ratio) <= 1 + 1e-9
    assert mean(below, tolerated, tolerated * (2.0 - ratio)) <= 1 + 1e-9


def test_at_the_tolerated_rate_itself_it_is_a_fair_bet() -> None:
    assert mean(above, 12.0, 12.0) == pytest.approx(1.0, abs=1e-9)
    assert mean(below, 12.0, 12.0) == pytest.approx(1.0, abs=1e-9)


def test_one_step_later_it_is_still_a_fair_bet() -> None:
    # a martingale: from any count, the mean after a further exposure is what it was
    for kind in (above, below):
        for start in (0, 4, 11):
            after = mean(kind, 7.5, 2.5, start=start)
            assert after == pytest.approx(math.exp(kind(start, 5.0)[0]), rel=1e-9)


def test_it_stays_a_number_after_years_of_quiet_and_of_war() -> None:
    quiet, war = above(0, 50_000.0)[0], below(200_000, 1_000.0)[0]

    # a little of the bet lies next to 1, so that peace can never ruin it quite
    assert np.isfinite([quiet, war]).all()
    assert quiet < -5
    assert war < -5


def test_bounds_are_where_evidence_reaches_one_over_alpha() -> None:
    count = np.array([0.0, 3.0, 5.0, 60.0, 4_000.0])

    low, high = expected_low(count, alpha_p=0.05), expected_high(count, alpha_p=0.05)

    some = low > 0
    assert some.tolist() == [False, False, True, True, True]
    np.testing.assert_allclose(above(count[some], low[some]), math.log(20), atol=1e-6)
    np.testing.assert_allclose(below(count, high), math.log(20), atol=1e-6)
    assert high[0] == pytest.approx(4.177, abs=0.001)


def test_bounds_narrow_on_the_rate() -> None:
    bounds = sequence(
        np.array([0.0, 0.0, 50.0, 5_000.0]),
        np.array([0.0, 10.0, 100.0, 10_000.0]),
        np.array([0.0, 12.0, 120.0, 12_000.0]),
        alpha_p=0.05,
    )

    assert bounds.high_per_h[0] == np.inf
    assert (bounds.low_per_h[:2] == 0).all()
    assert bounds.low_per_h[3] == pytest.approx(5_000 / 12_000, rel=0.06)
    assert bounds.high_per_h[3] == pytest.approx(0.5, rel=0.06)


def test_bounds_that_hold_at_all_times_are_wider_than_those_of_one_look() -> None:
    count = np.arange(0.0, 200.0, 7.0)

    assert (expected_low(count, alpha_p=0.05) <= gamma.ppf(0.05, np.maximum(count, 1e-9))).all()
    assert (expected_high(count, alpha_p=0.05) >= gamma.ppf(0.95, count + 1)).all()
