"""How many incidents per km2 and day there are near a report, from the precise reports around it.

Counts in cells of a fixed origin, weighted 1-2-1 along x, y and time over 3 x 3 x 3 cells, shrunk
to the configured mean. The sums are of whole numbers, so their order cannot matter; the support is
finite, so a far report changes nothing; and the report's own count is left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.likelihood import T, X, Y

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL_KM = 4.0  # measured on simulated worlds: 3 km x 0.4 d to 5 km x 0.6 d score the same
CELL_D = 0.6
EQUIVALENT_CELLS = 8  # the 1-2-1 weights sum to 64 and peak at 8
SHRINK_KM2_DAY = 40.0  # weight of the configured mean, as an observed volume
_SHIFT_TIME = 34  # bits: a cell's key holds 14 bits of x, 14 of y, 34 of time
_SHIFT_X = 48
_HALF_SPACE = 1 << 13  # 8192 cells of 4 km: more than half way round the globe
_HALF_TIME = 1 << 33


class Cells(NamedTuple):
    """Occupied cells in order of key, and how many precise reports each holds."""

    key: NDArray[np.int64]
    number: NDArray[np.int64]


def count_cells(precise: NDArray[np.float64]) -> Cells:
    """Return the occupied cells of some precise reports (columns X, Y, T used)."""
    return Cells(*np.unique(cell_keys(precise), return_counts=True))


@njit(cache=True)
def _key(ix, iy, it):  # type: ignore[no-untyped-def]
    return (
        ((ix + _HALF_SPACE) << _SHIFT_X) | ((iy + _HALF_SPACE) << _SHIFT_TIME) | (it + _HALF_TIME)
    )


@njit(cache=True)
def cell_keys(reports):  # type: ignore[no-untyped-def]
    """Return one key per report; neighbours in time have neighbouring keys."""
    keys = np.empty(len(reports), np.int64)
    for i in range(len(reports)):
        keys[i] = _key(
            math.floor(reports[i, X] / CELL_KM),
            math.floor(reports[i, Y] / CELL_KM),
            math.floor(reports[i, T] / CELL_D),
        )
    return keys


@njit(cache=True)
def _column(cells, middle):  # type: ignore[no-untyped-def]
    """Return the 1-2-1 sum along time around one key."""
    total = 0
    at = np.searchsorted(cells.key, middle - 1)
    while at < len(cells.key) and cells.key[at] <= middle + 1:
        total += cells.number[at] * (2 - abs(cells.key[at] - middle))
        at += 1
    return total


@njit(cache=True)
def _around(cells, middle):  # type: ignore[no-untyped-def]
    total = 0
    for dx in range(-1, 2):
        for dy in range(-1, 2):
            shifted = middle + dx * (1 << _SHIFT_X) + dy * (1 << _SHIFT_TIME)
            total += (2 - abs(dx)) * (2 - abs(dy)) * _column(cells, shifted)
    return total


@njit(cache=True)
def log_density(keys, own, cells, reports_mean, incidents_per_km2_day):  # type: ignore[no-untyped-def]
    """Return the log density of incidents per km2 and day at each report.

    Args:
        keys: `cell_keys` of the reports, any order.
        own: Whether each is itself among the counted ones, so that it must be left out.
        cells: The counted reports.
        reports_mean: Mean number of precise reports that one incident causes, over all sensors.
        incidents_per_km2_day: The configured mean.
    """
    volume = EQUIVALENT_CELLS * CELL_KM * CELL_KM * CELL_D
    out = np.empty(len(keys))
    for i in range(len(keys)):
        others = _around(cells, keys[i]) - (EQUIVALENT_CELLS if own[i] else 0)
        seen = others / EQUIVALENT_CELLS / reports_mean
        out[i] = math.log(
            (SHRINK_KM2_DAY * incidents_per_km2_day + seen) / (SHRINK_KM2_DAY + volume)
        )
    return out
