"""Logarithms of incomplete gamma functions, against scipy and against series of exact fractions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammainc, gammaincc

from trucewatch.measure.rates.gammas import log_above, log_below


@settings(deadline=None)  # the first call compiles
@given(st.floats(0.05, 2_000), st.floats(1e-3, 4_000))
def test_tails_are_those_of_scipy_where_scipy_can_say(shape: float, at: float) -> None:
    low, high = gammainc(shape, at), gammaincc(shape, at)

    if low > 1e-280:
        assert log_below(shape, at) == pytest.approx(math.log(low), rel=1e-9, abs=1e-11)
    if high > 1e-280:
        assert log_above(shape, at) == pytest.approx(math.log(high), rel=1e-9, abs=1e-11)


def test_a_tail_far_below_the_least_double_is_the_sum_of_its_terms() -> None:
    # for a whole shape the upper tail is exp(-x) (1 + x + x^2 / 2)
    found = log_above(3.0, 2_000.0)

    assert gammaincc(3.0, 2_000.0) == 0
    assert found == pytest.approx(-2_000 + math.log(1 + 2_000 + 2_000**2 / 2), rel=1e-13)


def test_a_lower_tail_far_below_the_least_double_is_finite() -> None:
    # the first term alone: x^a exp(-x) / Gamma(a + 1), times 1 + x / (a + 1) + ...
    found = log_below(3_000.0, 1.0)

    first = -1.0 - math.lgamma(3_001.0)
    assert found == pytest.approx(first + math.log1p(1 / 3_001), rel=1e-10)


def test_all_lies_above_zero_and_nothing_below() -> None:
    assert log_above(2.0, 0.0) == 0.0
    assert log_below(2.0, 0.0) == -np.inf
