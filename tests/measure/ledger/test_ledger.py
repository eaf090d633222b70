"""Claims and incidents: at most one to one, as many as can be, and what follows from coverage."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, gamma

from trucewatch.errors import BadInput
from trucewatch.measure.ledger.compared import visible
from trucewatch.measure.ledger.estimated import estimated
from trucewatch.measure.ledger.matched import GATE_SIGMA, Claimed, Known, by_chance, matched


def world(seed: int, claims: int, incidents: int, wide_m: float = 3000.0) -> tuple[Claimed, Known]:
    rng = np.random.default_rng(seed)
    start_s = rng.uniform(0, 3600, claims)
    tilt = rng.uniform(-0.6, 0.6, incidents)
    xx, yy = rng.uniform(100, 600, incidents) ** 2, rng.uniform(100, 600, incidents) ** 2
    return (
        Claimed(
            start_s=start_s,
            end_s=start_s + rng.uniform(0, 1800, claims),
            x_m=rng.uniform(0, wide_m, claims),
            y_m=rng.uniform(0, wide_m, claims),
            sigma_m=rng.uniform(50, 500, claims),
        ),
        Known(
            time_s=rng.uniform(0, 5400, incidents),
            sigma_s=rng.uniform(5, 900, incidents),
            x_m=rng.uniform(0, wide_m, incidents),
            y_m=rng.uniform(0, wide_m, incidents),
            xx_m2=xx,
            xy_m2=tilt * np.sqrt(xx * yy),
            yy_m2=yy,
        ),
    )


def apart(claims: Claimed, incidents: Known, k: int, n: int) -> float:
    """Squared distance of one pair, by matrix algebra."""
    own = np.eye(2) * claims.sigma_m[k] ** 2
    theirs = np.array(
        [
            [incidents.xx_m2[n], incidents.xy_m2[n]],
            [incidents.xy_m2[n], incidents.yy_m2[n]],
        ]
    )
    off = np.array([incidents.x_m[n] - claims.x_m[k], incidents.y_m[n] - claims.y_m[k]])
    late_s = max(claims.start_s[k] - incidents.time_s[n], incidents.time_s[n] - claims.end_s[k], 0)
    return float(off @ np.linalg.inv(own + theirs) @ off + (late_s / incidents.sigma_s[n]) ** 2)


def best_slow(claims: Claimed, incidents: Known) -> tuple[int, float]:
    """Most pairs and their least sum, by trying every one-to-one set."""
    k, n = len(claims.x_m), len(incidents.x_m)
    square = np.array([[apart(claims, incidents, i, j) for j in range(n)] for i in range(k)])
    best = (0, 0.0)
    for order in permutations([*range(n), *[-1] * k], k):
        pairs = [square[i, j] for i, j in enumerate(order) if j >= 0]
        if all(each <= GATE_SIGMA**2 for each in pairs):
            best = max(best, (len(pairs), -sum(pairs)))
    return best[0], -best[1]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), claims=st.integers(0, 4), incidents=st.integers(0, 4))
def test_the_match_is_the_best_of_all(seed: int, claims: int, incidents: int) -> None:
    told, known = world(seed, claims, incidents)

    found, sigma = matched(told, known)

    number, total = best_slow(told, known)
    chosen = [int(j) for j in found if j >= 0]
    assert len(chosen) == len(set(chosen)) == number
    assert float(np.nansum(sigma**2)) == pytest.approx(total, abs=1e-6)


def test_order_does_not_matter() -> None:
    told, known = world(3, 200, 150, wide_m=20_000.0)
    turned = np.random.default_rng(4).permutation(150)

    found, _ = matched(told, known)
    again, _ = matched(told, Known(**{n: getattr(known, n)[turned] for n in known.__slots__}))

    assert (np.where(again >= 0, turned[again], -1) == found).all()


def test_as_many_match_by_chance_as_when_there_is_nothing_to_match() -> None:
    told, known = world(5, 300, 300, wide_m=8_000.0)

    own = int((matched(told, known)[0] >= 0).sum())
    mean, least, most = by_chance(told, known, (0.0, 5400.0))

    assert least <= mean <= most
    assert abs(own - mean) < 4 * np.sqrt(mean)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_what_would_have_been_seen_is_a_sum_of_coins(chances: list[float]) -> None:
    mean, low, high = visible(np.array(chances))

    assert mean == pytest.approx(sum(chances))
    assert 0 <= low <= high <= len(chances)


def test_equal_chances_give_the_binomial_distribution() -> None:
    _, low, high = visible(np.full(80, 0.35))

    assert (low, high) == (binom(80, 0.35).ppf(0.05), binom(80, 0.35).ppf(0.95))


def test_many_claims_are_told_by_the_normal_distribution() -> None:
    mean, low, high = visible(np.full(4000, 0.35))

    assert mean == pytest.approx(1400)
    assert (low, high) == pytest.approx(
        (binom(4000, 0.35).ppf(0.05), binom(4000, 0.35).ppf(0.95)), abs=2
    )


def test_the_number_is_that_of_the_rate_by_exposure() -> None:
    covered_h = np.array([12.0, 6.0, 0.0])

    found = estimated(np.array([4, 1, 2]), np.full(3, 24.0), covered_h, least_share=0.2)

    assert (found.count, found.uncovered) == (7, 2)
    assert found.coverage_share == pytest.approx(0.25)
    assert found.acts == pytest.approx(
        [72 * gamma(5.5, scale=1 / 18).ppf(p) for p in (0.05, 0.5, 0.95)]
    )
    assert found.weighed_mean == pytest.approx(72 * (4 / 0.5 + 1 / 0.25) / 48)


@pytest.mark.parametrize(
    ("covered_h", "least_share", "why"),
    [
        (None, 0.0, "nobody declared"),
        ([0.0, 0.0], 0.0, "nothing was covered"),
        ([2.4, 2.4], 0.3, "10 % of the hours were covered, 30 % are needed"),
    ],
)
def test_too_little_coverage_is_no_number(
    covered_h: list[float] | None, least_share: float, why: str
) -> None:
    covered = None if covered_h is None else np.array(covered_h)

    found = estimated(np.array([3, 0]), np.full(2, 24.0), covered, least_share=least_share)

    assert found.acts is None
    assert why in found.why
    assert found.count == 3


def test_refuses_more_covered_than_there_is() -> None:
    with pytest.raises(BadInput, match="covered longer than it is"):
        estimated(np.array([1]), np.array([24.0]), np.array([25.0]), least_share=0.3)


def test_intervals_cover_the_number_that_happened() -> None:
    rng = np.random.default_rng(77)  # not a seed that anything was chosen on
    held = 0
    for _ in range(400):
        covered_h = rng.uniform(4, 16, 10)
        happened = rng.poisson(12.0, 10)
        seen = rng.binomial(happened, covered_h / 24)
        found = estimated(seen, np.full(10, 24.0), covered_h, least_share=0.1)
        assert found.acts is not None
        held += found.acts[0] <= 120.0 <= found.acts[2]

    assert 0.86 <= held / 400 <= 0.94
