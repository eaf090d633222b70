"""Rings and fading pasts, against scipy's filters and plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from trucewatch.measure.thermal.nearby import blurred, decayed, ring, seasonal


@pytest.fixture
def cube() -> np.ndarray:
    return np.random.default_rng(3).poisson(0.3, (40, 17, 23)).astype(np.float32)


@pytest.mark.parametrize("sigma", [0.6, 1.0, 3.0, 10.0])
def test_blurs_as_scipy_does_with_nothing_outside(cube: np.ndarray, sigma: float) -> None:
    slow = gaussian_filter(
        cube.astype(np.float64), (0, sigma, sigma), mode="constant", truncate=3.0
    )

    assert blurred(cube, sigma) == pytest.approx(slow, abs=1e-6)
    assert blurred(cube[0], sigma) == pytest.approx(slow[0], abs=1e-6)


def slow_ring(sheet: np.ndarray, sigma: float) -> np.ndarray:
    half = int(3 * sigma + 0.5)
    found = np.zeros(sheet.shape)
    offsets = [
        (i, j) for i in range(-half, half + 1) for j in range(-half, half + 1) if (i, j) != (0, 0)
    ]
    weights = [np.exp(-(i * i + j * j) / (2 * sigma**2)) for i, j in offsets]
    for row, column in np.ndindex(sheet.shape):
        for (i, j), weight in zip(offsets, weights, strict=True):
            if 0 <= row + i < sheet.shape[0] and 0 <= column + j < sheet.shape[1]:
                found[row, column] += weight * sheet[row + i, column + j]
    return found / sum(weights)


@pytest.mark.parametrize("sigma", [1.0, 2.0])
def test_a_ring_is_the_weighted_mean_of_neighbours(cube: np.ndarray, sigma: float) -> None:
    assert ring(cube[:1], sigma)[0] == pytest.approx(slow_ring(cube[0], sigma), abs=1e-6)


def test_a_ring_leaves_its_own_cell_out() -> None:
    alone = np.zeros((2, 15, 15), np.float32)
    alone[1, 7, 7] = 8.0

    around = ring(alone, 1.0)

    assert around[1, 7, 7] == pytest.approx(0, abs=1e-6)
    assert around[1].sum() == pytest.approx(8.0, rel=1e-5)
    assert not around[0].any()


def test_the_past_fades_and_today_is_no_past(cube: np.ndarray) -> None:
    faded = decayed(cube, 1.5)

    slow = np.zeros(cube.shape)
    for day in range(len(cube)):
        for before in range(day):
            slow[day] += np.exp(-(day - 1 - before) / 1.5) * cube[before]
    assert faded == pytest.approx(slow, rel=1e-5, abs=1e-6)


def test_seasons_run_on_from_december_into_january(cube: np.ndarray) -> None:
    slow = gaussian_filter1d(cube.astype(np.float64), 3.0, axis=0, mode="wrap")

    assert seasonal(cube, 3.0) == pytest.approx(slow, abs=1e-5)
