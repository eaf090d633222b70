"""Exposure: what was watched, how surely, and by which estimate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from trucewatch.errors import BadInput
from trucewatch.measure.rates.exposure import (
    NODES,
    Detection,
    Exposure,
    Watch,
    by_estimate,
    by_step,
    exposure,
    nodes,
)


def watch(**columns: object) -> Watch:
    rows = {"count": [3, 0, 2], "hours": [24.0, 24.0, 12.0], "estimate": [0, 1, 0], "step": [0] * 3}
    rows |= columns
    return Watch(**{name: np.array(column) for name, column in rows.items()})


def test_hours_that_rest_on_one_estimate_share_its_error() -> None:
    shared = Detection(means=np.array([0.5]), trials=np.array([9.0]))
    apart = Detection(means=np.array([0.5, 0.5]), trials=np.array([9.0, 9.0]))

    one = exposure(np.array([20.0]), shared)
    two = exposure(np.array([10.0, 10.0]), apart)

    assert one.mean_h == two.mean_h == 10.0
    # the variance of Beta(4.5, 4.5) is .25 / 10
    assert one.spread_h == pytest.approx(20 * np.sqrt(0.025))
    assert two.spread_h == pytest.approx(10 * np.sqrt(2 * 0.025))


def test_nodes_of_one_estimate_are_quantiles_of_its_own_beta() -> None:
    given = exposure(np.array([40.0]), Detection(means=np.array([0.3]), trials=np.array([20.0])))

    found = nodes(given)[0]

    at = (np.arange(NODES) + 0.5) / NODES
    np.testing.assert_allclose(found, 40 * beta.ppf(at, 6, 14), rtol=1e-9)


def test_nodes_of_lopsided_sums_are_near_their_quantiles() -> None:
    means, trials = np.array([0.1, 0.3, 0.8]), np.array([20.0, 40.0, 30.0])
    hours = np.array([100.0, 60.0, 20.0])
    rng = np.random.default_rng(5)
    drawn = rng.beta(means * trials, (1 - means) * trials, (200_000, 3)) @ hours

    found = nodes(exposure(hours, Detection(means=means, trials=trials)))[0]

    at = (np.arange(NODES) + 0.5) / NODES
    true_h = np.quantile(drawn, at)
    np.testing.assert_allclose(found[1:-1], true_h[1:-1], rtol=0.04)
    np.testing.assert_allclose(found, true_h, rtol=0.06)
    assert found.mean() == pytest.approx(drawn.mean(), rel=0.003)
    assert found.std() == pytest.approx(drawn.std(), rel=0.05)


def test_nodes_of_known_exposure_are_all_the_same() -> None:
    found = nodes(exposure(np.array([10.0, 5.0]), Detection.known([0.5, 1.0])))

    assert (found == 10.0).all()


def test_trials_without_a_success_leave_a_little_chance() -> None:
    found = Detection.tested([0, 20], [20, 20])

    assert found.means[0] == pytest.approx((1 / 3) / (20 + 2 / 3))
    assert found.means[1] == pytest.approx(1 - found.means[0])


def test_steps_add_up_and_those_unwatched_are_left_out() -> None:
    rows = watch(hours=[24.0, 0.0, 12.0], count=[3, 0, 2], step=[1, 2, 1])

    seen, mean_h = by_step(rows, Detection.known([0.5, 0.5]))

    assert seen.tolist() == [5]
    assert mean_h.tolist() == [18.0]


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"hours": [1.0, 2.0]}, "must be equal"),
        ({"count": [-1, 0, 0]}, "below 0"),
        ({"hours": [np.nan, 1.0, 1.0]}, "no number"),
        ({"hours": [0.0, 1.0, 1.0]}, "row 0: something was seen in no time"),
    ],
)
def test_refuses_rows_that_cannot_be(columns: dict[str, object], problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        watch(**columns)


@pytest.mark.parametrize(
    ("means", "trials", "problem"),
    [
        ([1.2], [3.0], "not from 0 to 1"),
        ([0.5], [0.0], "not above 0"),
        ([0.5, 0.5], [3.0], "must be equal"),
    ],
)
def test_refuses_a_chance_that_is_none(
    means: list[float], trials: list[float], problem: str
) -> None:
    with pytest.raises(BadInput, match=problem):
        Detection(means=np.array(means), trials=np.array(trials))


def test_refuses_a_row_whose_estimate_is_not_there() -> None:
    with pytest.raises(BadInput, match="names estimate 1, there are 1"):
        by_estimate(watch(), Detection.known([0.5]))


def test_no_exposure_has_nodes_of_nothing() -> None:
    assert (nodes(Exposure(0.0, 0.0, 0.0)) == 0).all()
