"""What burnt around a cell and before a day: Gaussian rings and exponentially fading pasts.

Filters along one axis are products with a band matrix; for grids of this size the machine's matrix
product beats sliding windows and fast Fourier transforms, and its cost does not grow with sigma.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cube = NDArray[np.float32]  # days, rows, columns

Cells: TypeAlias = float
"""A length in cells of the grid."""
Sigmas: TypeAlias = float
"""A length in standard deviations."""
REACH = 3.0
"""In sigma: where the Gaussian of a ring is cut off."""
_REACH_SEASON = 4.0


@lru_cache(maxsize=64)
def _band(cells: int, sigma_cells: Cells, reach: Sigmas, *, wraps: bool) -> Cube:
    """Return the symmetric filter matrix, (cells, cells).

    Outside the grid there is nothing unless the axis wraps.
    """
    half = int(reach * sigma_cells + 0.5)
    weights = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma_cells) ** 2)
    weights /= weights.sum()
    matrix = np.zeros((cells, cells))
    for offset, weight in zip(range(-half, half + 1), weights.tolist(), strict=True):
        if wraps:
            matrix += weight * np.roll(np.eye(cells), offset, axis=1)
        elif abs(offset) < cells:
            matrix += weight * np.eye(cells, k=offset)
    band = matrix.astype(np.float32)
    band.flags.writeable = False
    return band


def blurred(cube: Cube, sigma_cells: Cells, *, reach: Sigmas = REACH) -> Cube:
    """Return each day's Gaussian mean, the own cell included; beyond the grid nothing burns.

    Args:
        cube: (days, rows, columns) or (rows, columns).
        sigma_cells: Of the Gaussian.
        reach: Where it is cut off, in sigma.
    """
    rows, columns = cube.shape[-2:]
    east = _band(columns, sigma_cells, reach, wraps=False)
    north = _band(rows, sigma_cells, reach, wraps=False)
    along = (cube.reshape(-1, columns) @ east).reshape(cube.shape)
    around: Cube = np.matmul(north, along)
    return around


def ring(cube: Cube, sigma_cells: Cells) -> Cube:
    """Return the Gaussian mean of a cell's neighbours on the same day, the own cell left out.

    Weights of a ring inside the grid sum to 1. Tiny negative results of rounding become 0.
    """
    half = int(REACH * sigma_cells + 0.5)
    centre = 1 / np.exp(-0.5 * (np.arange(-half, half + 1) / sigma_cells) ** 2).sum() ** 2
    around = blurred(cube, sigma_cells)
    around -= np.float32(centre) * cube
    np.maximum(around, 0, out=around)
    around *= np.float32(1 / (1 - centre))
    return around


def decayed(cube: Cube, tau_d: float) -> Cube:
    """Return the sum over past days, each faded by exp(-1 / tau_d) a day; today is left out.

    Yesterday counts in full. Before the first day nothing burnt.
    """
    faded = np.zeros_like(cube)
    keep = np.float32(math.exp(-1 / tau_d))
    for day in range(1, len(cube)):
        np.multiply(faded[day - 1], keep, out=faded[day])
        faded[day] += cube[day - 1]
    return faded


def seasonal(cube: Cube, sigma_d: float) -> Cube:
    """Return counts smoothed over days of the year, December running on into January."""
    days = len(cube)
    season = _band(days, sigma_d, _REACH_SEASON, wraps=True)
    return (season @ cube.reshape(days, -1)).reshape(cube.shape)
