"""The celerity priors against densities written out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trucewatch.errors import BadInput
from trucewatch.fuse.locate.celerity import (
    CANON,
    FLAT,
    MIX3,
    SEASON,
    CelerityPrior,
    Path,
    arrival_density,
    tabulate,
)

PRIORS = [MIX3, FLAT, CANON, SEASON]


def _normal_between(low: float, high: float, mean: float, sd: float) -> float:
    root = sd * math.sqrt(2)
    return (math.erf((high - mean) / root) - math.erf((low - mean) / root)) / 2


def _truncated(x: float, low: float, high: float, mean: float, sd: float) -> float:
    top = math.exp(-(((x - mean) / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi))
    return top / _normal_between(low, high, mean, sd)


def slow_density(name: str, c: float, west: float) -> float:
    """The density of each shipped prior, from its published description alone."""
    if name == "flat":
        return 1 / 0.12 if 0.22 < c < 0.34 else 0.0
    if not 0.20 < c < 0.36:
        return 0.0
    if name == "canon":
        reciprocal = [(0.0539, 0.327, 0.066), (0.0899, 0.293, 0.08), (0.8562, 0.26, 0.33)]
        return sum(
            w * _truncated(1 / c, 1 / 0.36, 1 / 0.20, 1 / mean, sd) / c**2
            for w, mean, sd in reciprocal
        )
    weights = (1 / 3, 1 / 3, 1 / 3)
    if name == "season":
        strat = 0.15 + 0.5 * west
        weights = (0.15, strat, 0.85 - strat)
    ways = [(0.335, 0.010), (0.295, 0.012), (0.250, 0.025)]
    return sum(w * _truncated(c, 0.20, 0.36, *way) for w, way in zip(weights, ways, strict=True))


@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: p.name)
@pytest.mark.parametrize("west", [0.0, 0.3, 1.0])
def test_arrival_density_agrees_with_the_formula_averaged_over_ranges(
    prior: CelerityPrior, west: float
) -> None:
    near, far = 480.0, 486.0
    for travel in np.linspace(1300.0, 2450.0, 60):
        ranges = near + (far - near) * (np.arange(400) + 0.5) / 400

        fast = arrival_density(tabulate(prior), (near, far), travel, west)

        slow = np.mean([slow_density(prior.name, r / travel, west) * r / travel**2 for r in ranges])
        assert fast == pytest.approx(slow, rel=0.01, abs=1e-7)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: p.name)
def test_arrivals_of_a_source_come_at_some_time_with_probability_one(prior: CelerityPrior) -> None:
    travel = 400 / np.linspace(0.15, 0.5, 20001)
    density = [arrival_density(tabulate(prior), (399.5, 400.5), t, 0.5) for t in travel]

    total = -np.trapezoid(density, travel)

    assert total == pytest.approx(1.0, abs=1e-3)


def test_summer_prefers_the_stratosphere_to_the_west_only() -> None:
    table = tabulate(SEASON)
    travel = 500 / 0.295

    east, west = (arrival_density(table, (499.0, 501.0), travel, w) for w in (0.0, 1.0))

    assert west > 2 * east


def test_what_is_published_is_located_with_three_equal_ways() -> None:
    assert MIX3.name == "mix3"
    assert [(p.east_p, p.west_p) for p in MIX3.paths] == [(1 / 3, 1 / 3)] * 3


@pytest.mark.parametrize(
    ("shares", "spread", "low", "problem"),
    [
        ((0.5, 0.5), 0.01, 0.2, r"shares east_p are \[0.5\], must be 0 or more and sum to 1"),
        ((1.0, -1.0), 0.01, 0.2, r"shares west_p are \[-1.0\]"),
        ((1.0, 1.0), 0.0, 0.2, "mean and spread must be positive and finite"),
        ((1.0, 1.0), math.nan, 0.2, "mean and spread must be positive and finite"),
        ((1.0, 1.0), 0.01, 0.4, "bounds are 0.4 and 0.36 km/s, must be 0 < low < high"),
    ],
)
def test_refuses_a_prior_that_is_no_distribution(
    shares: tuple[float, float], spread: float, low: float, problem: str
) -> None:
    path = Path(east_p=shares[0], west_p=shares[1], mean_km_s=0.3, sd_km_s=spread)

    with pytest.raises(BadInput, match=f"celerity prior odd: .*{problem}"):
        CelerityPrior(name="odd", source="none", paths=(path,), low_km_s=low)
