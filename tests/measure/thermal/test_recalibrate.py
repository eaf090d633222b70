"""Maps of tail chances: monotone, and right for the cell-days that they were made of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.measure.thermal.dispersion import Outcomes, Spread, outcomes_of, tails
from trucewatch.measure.thermal.recalibrate import (
    CLASSES,
    Map,
    fit_maps,
    raw_level,
    right_p,
    share_below,
)

WRONG = Spread(np.array([]), np.array([1.0]), np.array([3.0]))
TRUE_R = 0.3


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    mean = np.exp(rng.uniform(-6, 0.5, (365, 1_200)))
    seen = rng.negative_binomial(TRUE_R, TRUE_R / (TRUE_R + mean))
    return mean.astype(np.float32), seen.astype(np.float32)


@pytest.fixture(scope="module")
def maps(world: tuple[np.ndarray, np.ndarray]) -> tuple[Map, ...]:
    return fit_maps(WRONG, outcomes_of([world]))


def below(world: tuple[np.ndarray, np.ndarray], maps: tuple[Map, ...], level: float) -> np.ndarray:
    mean, seen = (a.ravel().astype(float) for a in world)
    more, least = tails(WRONG, mean, seen)
    return np.clip((raw_level(maps, mean, level) - more) / (least - more), 0, 1)


@pytest.mark.parametrize(("level", "near"), [(0.2, 0.01), (0.05, 0.02), (1e-2, 0.03), (1e-3, 0.1)])
def test_a_wrong_spread_is_set_right_in_each_class(
    world: tuple[np.ndarray, np.ndarray], maps: tuple[Map, ...], level: float, near: float
) -> None:
    share = below(world, maps, level)

    of = np.digitize(world[0].ravel(), CLASSES)
    for one in range(len(CLASSES) + 1):
        assert share[of == one].mean() == pytest.approx(level, rel=near)


def test_shares_are_those_of_drawing_within_the_ends(
    world: tuple[np.ndarray, np.ndarray], maps: tuple[Map, ...]
) -> None:
    mean, seen = (a.ravel().astype(float) for a in world)
    more, least = tails(WRONG, mean, seen)
    drawn = more + np.random.default_rng(1).random(len(more)) * (least - more)

    exact = below(world, maps, 0.01).mean()

    assert (right_p(maps, mean, drawn) < 0.01).mean() == pytest.approx(exact, rel=0.02)


@given(st.floats(1e-4, 5), st.floats(0, 600), st.floats(0, 600))
def test_a_smaller_chance_stays_smaller(
    maps: tuple[Map, ...], mean: float, one: float, other: float
) -> None:
    chances = np.exp(-np.array(sorted((one, other))))

    right = right_p(maps, np.full(2, mean), chances)

    assert right[0] >= right[1]
    assert ((right > 0) & (right <= 1)).all()


@given(st.floats(1e-4, 5), st.floats(1e-7, 0.9))
def test_a_level_goes_back_to_where_it_came_from(
    maps: tuple[Map, ...], mean: float, level: float
) -> None:
    at = np.array([mean])

    raw = raw_level(maps, at, level)

    assert right_p(maps, at, raw)[0] == pytest.approx(level, rel=1e-6)


def test_a_class_with_too_few_cell_days_is_left_as_it_is() -> None:
    few = Outcomes(np.array([0.1, 0.2]), np.array([1.0, 2.0]), np.zeros(1600))

    maps = fit_maps(WRONG, few)

    chances = np.array([1.0, 0.3, 1e-5])
    assert right_p(maps, np.full(3, 0.1), chances) == pytest.approx(chances)


def test_a_p_value_is_spread_evenly_between_its_ends() -> None:
    share = share_below(0.05, np.array([0.06, 0.04, 0.01]), np.array([0.2, 0.08, 0.03]))

    assert share == pytest.approx([0, 0.25, 1])
