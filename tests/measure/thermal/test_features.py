"""Features: what of a cell-day they may know, and what not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.measure.thermal.worlds import GRID, layered, ordinary

from trucewatch.measure.thermal.climatology import climatology
from trucewatch.measure.thermal.features import VARYING, Features, expected_of, features_of
from trucewatch.measure.thermal.layers import DERIVED, bare

OTHERS = (2002, 2003, 2004)
DAY, ROW, COLUMN = 200, 5, 6


@pytest.fixture(scope="module")
def cubes() -> dict[int, np.ndarray]:
    return ordinary(1)


def told(cubes: dict[int, np.ndarray], cube: np.ndarray) -> Features:
    layers = bare(GRID)
    return features_of(cube, 2001, expected_of(climatology(cubes, OTHERS), layers), layers)


def varying(found: Features) -> dict[str, np.ndarray]:
    return {
        name: values.reshape(365, *GRID.shape)
        for name, values in zip(VARYING, found.varying, strict=True)
    }


def test_a_fire_is_never_explained_by_itself(cubes: dict[int, np.ndarray]) -> None:
    lit = cubes[2001].copy()
    lit[DAY, ROW, COLUMN] += 3

    before, after = varying(told(cubes, cubes[2001])), varying(told(cubes, lit))

    for name in VARYING:
        at = (DAY, ROW, COLUMN)
        assert after[name][at] == pytest.approx(before[name][at], abs=1e-4), name


def test_no_day_knows_of_days_to_come(cubes: dict[int, np.ndarray]) -> None:
    lit = cubes[2001].copy()
    lit[DAY + 1 :] += 3

    before, after = told(cubes, cubes[2001]), told(cubes, lit)

    assert np.array_equal(before.varying[:, : DAY + 1], after.varying[:, : DAY + 1])


def test_neighbours_know_the_fire_today_and_the_cell_tomorrow(
    cubes: dict[int, np.ndarray],
) -> None:
    lit = cubes[2001].copy()
    lit[DAY, ROW, COLUMN] = 8

    before, after = varying(told(cubes, cubes[2001])), varying(told(cubes, lit))

    for name in ("today_1", "today_3", "today_10"):
        assert (after[name] > before[name])[DAY, ROW, COLUMN + 1], name
    for name in ("own_2", "own_10"):
        assert (after[name] > before[name])[DAY + 1, ROW, COLUMN], name
    for name in ("near_2", "near_10"):
        assert (after[name] > before[name])[DAY + 1, ROW, COLUMN + 1], name


def test_ratios_are_logs_of_seen_over_usual(cubes: dict[int, np.ndarray]) -> None:
    climate = climatology(cubes, OTHERS)
    large = cubes[2001].copy()
    large[DAY - 3, ROW, COLUMN] = 50

    found = varying(told(cubes, large))

    past = usual = 0.0
    for before in range(DAY):
        fade = np.exp(-(DAY - 1 - before) / 10)
        past += fade * min(large[before, ROW, COLUMN], 8)
        usual += fade * climate.loc[before, ROW, COLUMN]
    at = (DAY, ROW, COLUMN)
    assert found["own_10"][at] == pytest.approx(np.log((past + 0.2) / (usual + 0.2)), abs=1e-4)
    assert found["local"][at] == pytest.approx(np.log(climate.loc[at] + 1e-3), abs=1e-5)


def test_layers_enter_on_land_alone(cubes: dict[int, np.ndarray]) -> None:
    layers = layered(2)

    found = features_of(cubes[2001], 2001, expected_of(climatology(cubes, OTHERS), layers), layers)

    assert found.varying.shape == (len(VARYING), 365, 12 * 12)
    assert found.weather.shape == (len(DERIVED), 365, 2)
    assert found.fixed.shape == (4, 12 * 12)
    assert np.array_equal(found.fixed[3], layers.cover["forest"][:, :12].ravel())


def test_a_year_without_weather_is_not_known_if_others_have_it(
    cubes: dict[int, np.ndarray],
) -> None:
    layers = layered(2, years=OTHERS)

    found = features_of(cubes[2001], 2001, expected_of(climatology(cubes, OTHERS), layers), layers)

    assert np.isnan(found.weather).all()
