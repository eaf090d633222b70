"""Two rates compared: exact tails against sums, intervals that cover, and what cancels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import betabinom, binom, binomtest

from trucewatch.errors import BadInput
from trucewatch.measure.rates.compare import Pair, compare, of_pair
from trucewatch.measure.rates.exposure import Detection, Watch

EVEN = np.array([1.0])


def watch(count: list[int], hours: list[float], estimate: int = 0) -> Watch:
    rows = len(count)
    return Watch(
        count=np.array(count),
        hours=np.array(hours),
        estimate=np.full(rows, estimate),
        step=np.arange(rows),
    )


@pytest.mark.parametrize(("first", "second"), [(30, 10), (0, 7), (3, 0), (12, 12)])
def test_the_interval_is_that_of_clopper_and_pearson(first: int, second: int) -> None:
    found = of_pair(Pair(first, second, EVEN), level_p=0.9)

    exact = binomtest(first, first + second).proportion_ci(0.9, method="exact")
    assert found.low_ratio == pytest.approx(exact.low / (1 - exact.low), rel=1e-6)
    if second > 0:
        assert found.high_ratio == pytest.approx(exact.high / (1 - exact.high), rel=1e-6)
    else:
        assert found.high_ratio == math.inf
        assert found.value_ratio is None


def test_the_tail_is_twice_the_smaller_sum() -> None:
    found = of_pair(Pair(30, 10, np.array([2.0])))

    slow = sum(binom.pmf(k, 40, 2 / 3) for k in range(30, 41))
    assert found.tail_p == pytest.approx(2 * slow)
    assert found.value_ratio == pytest.approx(1.5)


def test_over_dispersed_tails_are_beta_binomial() -> None:
    found = of_pair(Pair(30, 10, EVEN), dispersion_ratio=3.0)

    slow = betabinom.sf(29, 40, 10.0, 10.0)
    assert found.tail_p == pytest.approx(2 * slow)
    assert found.low_ratio < of_pair(Pair(30, 10, EVEN)).low_ratio


def test_intervals_of_poisson_counts_cover_at_least_what_they_say() -> None:
    rng = np.random.default_rng(12)
    counts = rng.poisson([8.0, 6.0], (600, 2))  # a ratio of 4 at a third of the exposure
    found = [of_pair(Pair(a, b, np.array([1 / 3]))) for a, b in counts.tolist()]

    held = np.mean([one.low_ratio <= 4.0 <= one.high_ratio for one in found])

    assert held + 0.015 >= 0.9
    assert held < 0.99


def test_a_chance_of_detection_that_both_rest_on_cancels() -> None:
    unsure = Detection(means=np.array([0.3]), trials=np.array([10.0]))
    sure = Detection.known([0.3])
    one, other = watch([4, 3], [24.0, 24.0]), watch([2, 1], [24.0, 24.0])

    assert compare(one, other, unsure) == compare(one, other, sure)


def test_chances_that_differ_widen_the_interval() -> None:
    unsure = Detection(means=np.array([0.3, 0.3]), trials=np.array([10.0, 10.0]))
    one, other = watch([14, 13], [24.0, 24.0]), watch([12, 11], [24.0, 24.0], estimate=1)

    found, sure = (compare(one, other, d) for d in (unsure, Detection.known([0.3, 0.3])))

    assert found.low_ratio < 0.7 * sure.low_ratio
    assert found.high_ratio > 1.4 * sure.high_ratio
    assert found.value_ratio == pytest.approx(sure.value_ratio)


def test_swapped_sides_give_the_mirrored_answer() -> None:
    detection = Detection(means=np.array([0.3, 0.6]), trials=np.array([20.0, 10.0]))
    one, other = watch([9, 2, 7], [24.0, 9.0, 5.0]), watch([2, 1], [24.0, 24.0], estimate=1)

    there, back = compare(one, other, detection), compare(other, one, detection)

    assert there.low_ratio == pytest.approx(1 / back.high_ratio)
    assert there.high_ratio == pytest.approx(1 / back.low_ratio)
    assert there.tail_p == pytest.approx(back.tail_p)


def test_nothing_on_either_side_says_nothing() -> None:
    found = of_pair(Pair(0, 0, EVEN))

    assert (found.low_ratio, found.high_ratio, found.tail_p) == (0.0, math.inf, 1.0)


def test_refuses_a_side_that_nobody_watched() -> None:
    with pytest.raises(BadInput, match="one side has no exposure"):
        compare(watch([0], [0.0]), watch([1], [2.0]), Detection.known([0.5]))
