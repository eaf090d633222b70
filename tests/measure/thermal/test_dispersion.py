"""Spread: tails of the negative binomial, and sizes that are found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nbinom

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.dispersion import (
    Spread,
    fit_spread,
    outcomes_of,
    quiet_expected,
    tails,
)


@given(st.integers(0, 40), st.floats(1e-4, 30), st.floats(0.01, 20))
def test_tails_are_those_of_the_negative_binomial(count: int, mean: float, r: float) -> None:
    spread = Spread(np.array([]), np.array([2.0]), np.array([r]))

    more, least = tails(spread, np.array([mean / 2]), np.array([float(count)]))

    assert more[0] == pytest.approx(nbinom.sf(count, r, r / (r + mean)), rel=1e-6, abs=1e-290)
    assert least[0] == pytest.approx(nbinom.sf(count - 1, r, r / (r + mean)), rel=1e-6, abs=1e-290)


def test_each_cell_day_has_the_size_and_factor_of_its_bin() -> None:
    spread = Spread(np.log([0.1, 1.0]), np.array([1.0, 2.0, 3.0]), np.array([0.2, 0.5, 4.0]))

    _, least = tails(spread, np.array([0.05, 0.5, 2.0]), np.full(3, 2.0))

    bins = [(0.05, 0.2), (1.0, 0.5), (6.0, 4.0)]
    assert least == pytest.approx([nbinom.sf(1, r, r / (r + mean)) for mean, r in bins])


def test_finds_size_and_factor_again_in_each_bin() -> None:
    rng = np.random.default_rng(7)
    mean = np.exp(rng.uniform(-5, 1, (365, 800)))
    r = np.where(mean < 0.1, 0.2, 1.0)
    seen = rng.negative_binomial(r, r / (r + 1.5 * mean))

    spread = fit_spread(outcomes_of([(mean.astype("f4"), seen.astype("f4"))]))

    assert len(spread.size) == 25
    at = np.exp(np.concatenate([[-4.9], spread.edge + 0.02]))
    assert spread.factor == pytest.approx(np.full(25, 1.5), rel=0.15)
    # a bin below .1, and those above it; the one across it holds both
    clear = (at > 0.11) | (at < 0.05)
    truth = np.where(at < 0.1, 0.2, 1.0)
    assert spread.size[clear] == pytest.approx(truth[clear], rel=0.35)


def test_outcomes_keep_every_known_cell_day() -> None:
    mean = np.array([[0.01, 0.02, 1.0, np.nan, np.nan]], np.float32)
    seen = np.array([[0, 3, 0, 2, 0]], np.float32)

    found = outcomes_of([(mean, seen), (mean, seen)])

    assert found.pixels.tolist() == [3, 3]
    assert found.expected == pytest.approx([0.02, 0.02])
    assert found.quiet.sum() == 4
    assert quiet_expected()[found.quiet > 0] == pytest.approx([0.01, 1.0], rel=0.006)


def test_refuses_a_spread_of_too_few_fires() -> None:
    mean = np.full((1, 300), 0.1, np.float32)
    seen = (np.arange(300) < 199).astype(np.float32)[None]

    with pytest.raises(BadInput, match="199 cell-days with fire, expected at least 200"):
        fit_spread(outcomes_of([(mean, seen)]))
