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
VOLUME_KM2_DAY = EQUIVALENT_CELLS * CELL_KM * CELL_KM * CELL_D  # that a weighted count stands for
_SHIFT_TIME = 34  # bits: a cell's key holds 14 bits of x, 14 of y, 34 of time
_SHIFT_X = 48
_HALF_SPACE = 1 << 13  # 8192 cells of 4 km: more than half way round the globe
_HALF_TIME = 1 << 33
_TIME = (1 << _SHIFT_TIME) - 1
_STEP_X = 1 << (_SHIFT_X - _SHIFT_TIME)  # between the columns of ground that lie side by side
_SHORT = 64  # cells of three columns that are not worth a binary search; speed only


class Cells(NamedTuple):
    """Occupied cells in order of key, and how many precise reports each holds."""

    key: NDArray[np.int64]
    number: NDArray[np.int64]


class Prior(NamedTuple):
    """What turns a count into a density.

    Attributes:
        reports_mean: Mean number of precise reports that one incident causes, over all sensors.
        incidents_per_km2_day: The configured mean.
    """

    reports_mean: float
    incidents_per_km2_day: float


class Profile(NamedTuple):
    """Weighted counts by time of what lies around one column of ground.

    Attributes:
        number: One per cell of time that any key holds, and one more at both ends.
        begin: Time that the first stands for, as in a key.
    """

    number: NDArray[np.int64]
    begin: int


def count_cells(precise: NDArray[np.float64]) -> Cells:
    """Return the occupied cells of some precise reports (columns X, Y, T used)."""
    return tally(cell_keys(precise))


def tally(keys: NDArray[np.int64]) -> Cells:
    """Return the cells that some keys stand for, and how often each."""
    return Cells(*_runs(np.sort(keys)))


def log_density(
    keys: NDArray[np.int64],
    own: NDArray[np.bool_],
    cells: Cells,
    reports_mean: float,
    incidents_per_km2_day: float,
) -> NDArray[np.float64]:
    """Return the log density of incidents per km2 and day at each report.

    Args:
        keys: `cell_keys` of the reports, any order.
        own: Whether each is itself among the counted ones, so that it must be left out.
        cells: The counted reports.
        reports_mean: Mean number of precise reports that one incident causes, over all sensors.
        incidents_per_km2_day: The configured mean.
    """
    found = np.empty(len(keys))
    prior = Prior(reports_mean, incidents_per_km2_day)
    profile = _profile(keys, cells.key)
    fill_log_density((keys, np.argsort(keys), own), cells, prior, profile, found)
    return found


def _profile(*keys: NDArray[np.int64]) -> Profile:
    time = [some & _TIME for some in keys if len(some)]
    begin = min((int(some.min()) for some in time), default=0) - 1
    end = max((int(some.max()) for some in time), default=0) + 2
    return Profile(np.zeros(end - begin, np.int64), begin)


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
def _runs(ordered):  # type: ignore[no-untyped-def]
    """Return the different values of a sorted array, which they overwrite, and how often each."""
    number, n = np.empty_like(ordered), 0
    for each in ordered:
        if n == 0 or each != ordered[n - 1]:
            ordered[n], number[n] = each, 0
            n += 1
        number[n - 1] += 1
    return ordered[:n], number[:n]


@njit(cache=True)
def _forward(key, at, least):  # type: ignore[no-untyped-def]
    """Return the first place from `at` on whose key is at least `least`; quick when it is near."""
    if at >= len(key) or key[at] >= least:
        return at
    step = 1
    while at + step < len(key) and key[at + step] < least:
        at += step
        step *= 2
    return _between(key, at + 1, min(at + step, len(key)), least)


@njit(cache=True)
def _between(key, low, high, least):  # type: ignore[no-untyped-def]
    """Return the first place whose key is at least `least`."""
    while low < high:
        middle = (low + high) // 2
        if key[middle] < least:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _columns(key):  # type: ignore[no-untyped-def]
    """Return the occupied columns of ground, in order, and where the cells of each begin."""
    column, start = np.empty(len(key), np.int64), np.empty(len(key) + 1, np.int64)
    n = 0
    for at in range(len(key)):
        if n == 0 or key[at] >> _SHIFT_TIME != column[n - 1]:
            column[n], start[n] = key[at] >> _SHIFT_TIME, at
            n += 1
    start[n] = len(key)
    return column[:n], start[: n + 1]


@njit(cache=True)
def _neighbours(columns, key, middle, span, pointer, runs):  # type: ignore[no-untyped-def]
    """Fill `runs` with (begin, end, dx) of runs of cells in the nine columns around one.

    Returns how many. Each run is of one x, `dx` columns on; of long columns it holds only the times
    of a span. Pointers only move forward: a later call must be for a later column.
    """
    column, start = columns
    n = 0
    for dx in range(-1, 2):
        centre = middle + dx * _STEP_X
        at = _forward(column, pointer[dx + 1], centre - 1)
        pointer[dx + 1] = at
        end = at
        while end < len(column) and column[end] <= centre + 1:
            end += 1
        if start[end] - start[at] <= _SHORT:
            runs[n, 0], runs[n, 1], runs[n, 2] = start[at], start[end], dx
            n += 1
            continue
        for each in range(at, end):
            first = column[each] << _SHIFT_TIME
            low = _between(key, start[each], start[each + 1], first + span[0])
            high = _between(key, low, start[each + 1], first + span[1] + 1)
            runs[n, 0], runs[n, 1], runs[n, 2] = low, high, dx
            n += 1
    return n


@njit(cache=True)
def _column_end(keys, order, at):  # type: ignore[no-untyped-def]
    """Return the place after the last report of the column of ground of the one at a place."""
    column = keys[order[at]] >> _SHIFT_TIME
    while at < len(order) and keys[order[at]] >> _SHIFT_TIME == column:
        at += 1
    return at


@njit(cache=True)
def _log_of(others, prior):  # type: ignore[no-untyped-def]
    """Return the log density that a weighted count stands for."""
    seen = others / EQUIVALENT_CELLS / prior.reports_mean
    seen += SHRINK_KM2_DAY * prior.incidents_per_km2_day
    return math.log(seen / (SHRINK_KM2_DAY + VOLUME_KM2_DAY))


@njit(cache=True)
def fill_log_density(reports, cells, prior, profile, out):  # type: ignore[no-untyped-def]
    """Fill `out`, for reports of (keys, the order that sorts them, own), column by column.

    The nine columns around one are first added up by time, in `profile`, which is left empty. The
    weights are 1-2-1 along x and y there, and along time when it is read.
    """
    keys, order, own = reports
    key, number, total, begin = cells.key, cells.number, profile.number, profile.begin
    columns, pointer, runs = _columns(key), np.zeros(3, np.int64), np.empty((9, 3), np.int64)
    at, last, value = 0, -1, 0.0
    while at < len(order):
        end, column = _column_end(keys, order, at), keys[order[at]] >> _SHIFT_TIME
        span = (keys[order[at]] & _TIME) - 1, (keys[order[end - 1]] & _TIME) + 1
        n = _neighbours(columns, key, column, span, pointer, runs)
        for r in range(n):
            weight, centre = 2 - abs(runs[r, 2]), column + runs[r, 2] * _STEP_X
            for c in range(runs[r, 0], runs[r, 1]):
                dy = (key[c] >> _SHIFT_TIME) - centre
                total[(key[c] & _TIME) - begin] += weight * (2 - abs(dy)) * number[c]
        for q in range(at, end):
            t = (keys[order[q]] & _TIME) - begin
            others = total[t - 1] + 2 * total[t] + total[t + 1]
            others -= EQUIVALENT_CELLS if own[order[q]] else 0
            if others != last:
                last, value = others, _log_of(others, prior)
            out[order[q]] = value
        for r in range(n):
            for c in range(runs[r, 0], runs[r, 1]):
                total[(key[c] & _TIME) - begin] = 0
        at = end
