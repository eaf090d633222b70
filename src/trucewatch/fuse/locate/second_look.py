"""Look at a shot again from more starts, when its first answer may be one of several.

Two answers are suspect. One whose chi squared is too great: the search missed the source. And one
that is uncertain by a fair share of its distance to the nearest station: over that share the wave
front bends, the fit is far from linear, and a second place may explain the arrivals as well or
better, above all with unknown wind. Short steps without wind merge the two; a climb from where the
steps began tells them apart.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from trucewatch.fuse.locate.posterior import COST, PX, PY, XX, XY, YY
from trucewatch.fuse.locate.search import (
    FINE,
    add_first_heard,
    add_minima,
    add_start,
    climb_best,
    freedom,
    plausible,
    shorten,
)
from trucewatch.fuse.locate.travel import X, Y

CLIMBS = 8
_STRAINED = 0.06  # deviation over distance; above it lay 95 % of missed places, seeds 51 to 54
_SUSPECT, _HOPELESS = 2.0, 6.0  # standard deviations of chi squared above its mean
_MARGIN = 1.5  # added to both, because chi squared of few arrivals is skewed
_FINE_CELLS = 0.6  # between finer starts
_AROUND_CELLS = 0.35  # and one offset each way around every station
_LATTICE = 4  # starts along a side


@njit(cache=True, error_model="numpy")
def look_again(desk, picks, model, summary):  # type: ignore[no-untyped-def]
    """Climb from more starts if the answer in `summary` is suspect, and return whether it was."""
    free = freedom(picks)
    suspect = is_strained(picks, summary) or not plausible(summary[COST], free, _SUSPECT, _MARGIN)
    if not suspect:
        return False
    add_minima(desk)
    add_first_heard(desk, picks)
    climb_all(desk, picks, model)
    if plausible(desk.modes.cost[0], free, _HOPELESS, _MARGIN):
        return True
    if model.unknowns > 2:  # noqa: PLR2004 - wind or speed unknown
        add_lattice(desk, model)
        climb_all(desk, picks, model)
    else:
        add_finer(desk, picks)
        shorten(desk, picks, model)
        climb_best(desk, picks, model, CLIMBS)
    return True


@njit(cache=True, error_model="numpy")
def climb_all(desk, picks, model):  # type: ignore[no-untyped-def]
    """Climb from every start, unmoved: with wind, short steps without it lead astray."""
    starts = desk.pool.order[0]
    desk.pool.score[:starts] = 0.0
    climb_best(desk, picks, model, starts)


@njit(cache=True, error_model="numpy")
def is_strained(picks, summary):  # type: ignore[no-untyped-def]
    """Whether the place is uncertain by a fair share of its distance to the nearest station."""
    nearest2 = np.inf
    for k in range(len(picks)):
        dx = picks[k, X] - summary[PX]
        dy = picks[k, Y] - summary[PY]
        nearest2 = min(nearest2, dx * dx + dy * dy)
    half = 0.5 * (summary[XX] - summary[YY])
    greatest = 0.5 * (summary[XX] + summary[YY])
    greatest += math.sqrt(half * half + summary[XY] * summary[XY])
    return not greatest < _STRAINED * _STRAINED * nearest2


@njit(cache=True, error_model="numpy")
def add_finer(desk, picks):  # type: ignore[no-untyped-def]
    """Start on finer offsets around the minima of the grid and around every station."""
    grid = desk.grid
    desk.pool.order[0] = 0
    for p in range(len(grid.sums.node)):
        if grid.sums.node[p] < 0:
            continue
        around(desk.pool, grid.node_m[grid.sums.node[p]], FINE, _FINE_CELLS * grid.cell_m)
    for k in range(len(picks)):
        around(desk.pool, picks[k, X : Y + 1], 1, _AROUND_CELLS * grid.cell_m)


@njit(cache=True, error_model="numpy")
def around(pool, middle, each_way, step_m):  # type: ignore[no-untyped-def]
    """Add starts on a square lattice around a point; a station itself is no start."""
    for i in range(-each_way, each_way + 1):
        for j in range(-each_way, each_way + 1):
            if each_way > 1 or i != 0 or j != 0:
                add_start(pool, middle[0] + i * step_m, middle[1] + j * step_m)


@njit(cache=True, error_model="numpy")
def add_lattice(desk, model):  # type: ignore[no-untyped-def]
    """Add starts all over the square: with wind, the basin may be none without it."""
    desk.pool.order[0] = 0
    for i in range(_LATTICE):
        for j in range(_LATTICE):
            x = model.half_m * ((2 * i + 1) / _LATTICE - 1.0)
            y = model.half_m * ((2 * j + 1) / _LATTICE - 1.0)
            add_start(desk.pool, x, y)
