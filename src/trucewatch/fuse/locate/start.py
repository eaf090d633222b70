"""Where to start: the best local minima of a coarse grid, each moved by a few short steps.

The grid knows neither wind nor the error of speed; `second_look` makes up for it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.locate.travel import B, T, X, Y, turned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.locate.travel import Model

CELLS = 16  # along a side; every clean trial was held to theory with it
NODES = CELLS * CELLS
STARTS = 8
"""Local minima that are kept."""
SHORT_STEPS = 4
FAR = 1e29  # no minimum: above any sum of squares
_RIDGE = 1.02  # damping of the short steps
_STEP_CELLS = 1.5
_SETTLED_CELLS = 0.05
_HOPELESS = 40.0  # a node so much worse than the best, in chi squared, is no start
_CELL_SHARE = 0.3  # standard deviation of a place within its cell


SUMS = np.dtype([
    ("sum", np.float32, (NODES,)),  # s
    ("sum_square", np.float32, (NODES,)),  # s2, bearings added
    ("misfit", np.float32, (NODES,)),  # s2, time of the shot profiled out
    ("value", np.float64, (STARTS,)),  # misfits of the best minima, rising
    ("node", np.int64, (STARTS,)),  # where they are, -1 when there is none
    ("without", np.int64, (STARTS, 2)),  # arrivals left out for it, -1 for none
])  # fmt: skip
"""One event's sums over its arrivals, and the minima: one record, one pointer to pass."""


class Grid(NamedTuple):
    """The coarse grid over the searched square, and one event's sums on it."""

    travel: NDArray[np.float32]  # [station, node] s, without wind
    node_m: NDArray[np.float64]  # [node, 2]
    residual: NDArray[np.float32]  # [arrival, node] s, with outliers only
    square: NDArray[np.float32]  # [arrival, node] its square, bearing added
    sums: np.void  # of SUMS
    cell_m: float
    loose_s: float  # one-sigma of a time at a node: cell, wind and speed included
    tight_s: float  # the same without the cell


def grid(stations_m: NDArray[np.float64], model: Model, arrivals: int) -> Grid:
    """Return the grid for stations given from the centre of the searched square."""
    axis = np.linspace(-model.half_m, model.half_m, CELLS)
    node = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    away = node[None] - stations_m[:, None]
    distance = np.hypot(away[..., 0], away[..., 1])
    cell = float(axis[1] - axis[0])
    slow = model.step_m / model.speed_m_s**2
    tight = model.time_sigma_s**2
    if model.unknowns > 2:  # noqa: PLR2004 - beyond the place
        tight += slow**2 * (1 / model.precision[2] + 1 / model.precision[4])
    return Grid(
        (distance / model.speed_m_s).astype(np.float32),
        node,
        np.empty((arrivals, NODES), np.float32),
        np.empty((arrivals, NODES), np.float32),
        np.zeros(1, SUMS)[0],
        cell,
        math.sqrt(tight + (_CELL_SHARE * cell / model.speed_m_s) ** 2),
        math.sqrt(tight),
    )


@njit(cache=True, error_model="numpy")
def add_up(grid, station, picks, n, model):  # type: ignore[no-untyped-def]
    """Fill the misfit of every node with all arrivals taken in."""
    total = grid.sums.sum
    square = grid.sums.sum_square
    total[:] = np.float32(0.0)
    square[:] = np.float32(0.0)
    for k in range(n):
        time = np.float32(picks[k, T])
        row = grid.travel[station[k]]
        for i in range(NODES):
            v = time - row[i]
            total[i] += v
            square[i] += v * v
    if model.bearings:
        add_bearing_misfit(grid, picks, n, model)
    part = np.float32(1.0 / n)
    misfit = grid.sums.misfit
    for i in range(NODES):
        misfit[i] = square[i] - total[i] * total[i] * part


@njit(cache=True, error_model="numpy")
def bearing_misfit(grid, picks, k, i, model):  # type: ignore[no-untyped-def]
    """Return what the bearing of arrival `k` adds at a node, in s2."""
    if math.isnan(picks[k, B]):
        return 0.0
    east = grid.node_m[i, 0] - picks[k, X]
    north = grid.node_m[i, 1] - picks[k, Y]
    off = turned(picks[k, B] - math.atan2(east, north))
    cell2 = (_CELL_SHARE * grid.cell_m) ** 2 / (east * east + north * north + grid.cell_m**2)
    return grid.loose_s**2 * off * off / (model.bearing_sigma_rad**2 + cell2)


@njit(cache=True, error_model="numpy")
def add_bearing_misfit(grid, picks, n, model):  # type: ignore[no-untyped-def]
    """Add the misfit of all bearings to the sum of squares of every node."""
    for k in range(n):
        for i in range(NODES):
            grid.sums.sum_square[i] += np.float32(bearing_misfit(grid, picks, k, i, model))


@njit(cache=True, error_model="numpy")
def forget(grid):  # type: ignore[no-untyped-def]
    """Empty the list of minima."""
    grid.sums.value[:] = FAR
    grid.sums.node[:] = -1
    grid.sums.without[:] = -1


@njit(cache=True, error_model="numpy")
def enlist(grid, kept, value, node, first, second):  # type: ignore[no-untyped-def]
    """Put a minimum into the rising list of `kept`; the last one falls off."""
    p = kept - 1
    while p > 0 and grid.sums.value[p - 1] > value:
        grid.sums.value[p] = grid.sums.value[p - 1]
        grid.sums.node[p] = grid.sums.node[p - 1]
        grid.sums.without[p, 0] = grid.sums.without[p - 1, 0]
        grid.sums.without[p, 1] = grid.sums.without[p - 1, 1]
        p -= 1
    grid.sums.value[p] = value
    grid.sums.node[p] = node
    grid.sums.without[p, 0] = first
    grid.sums.without[p, 1] = second


@njit(cache=True, error_model="numpy")
def lowest(grid, kept):  # type: ignore[no-untyped-def]
    """List the `kept` best local minima of the misfit; equal neighbours count once."""
    forget(grid)
    misfit = grid.sums.misfit
    bar = misfit[0]
    for here in range(NODES):
        bar = min(bar, misfit[here])
    bar += _HOPELESS * grid.loose_s**2
    for i in range(CELLS):
        for j in range(CELLS):
            here = i * CELLS + j
            v = misfit[here]
            if v > bar or v >= grid.sums.value[kept - 1]:
                continue
            if (i > 0 and misfit[here - CELLS] < v) or (j > 0 and misfit[here - 1] < v):
                continue
            if i < CELLS - 1 and misfit[here + CELLS] <= v:
                continue
            if j < CELLS - 1 and misfit[here + 1] <= v:
                continue
            enlist(grid, kept, float(v), here, -1, -1)


@njit(cache=True, error_model="numpy")
def short_steps(x, y, picks, weight, model, grid):  # type: ignore[no-untyped-def]
    """Take a few Gauss-Newton steps without wind; return the place and its misfit, scaled.

    The misfit is that which the last step expects, so that it costs no further look.
    """
    misfit = FAR
    for _ in range(SHORT_STEPS):
        sums = sums_at((x, y), picks, weight, model, grid)
        misfit = sums[0]
        xx = sums[1] * _RIDGE
        xy = sums[2]
        yy = sums[3] * _RIDGE
        det = xx * yy - xy * xy
        if not det > 0:
            break
        dx = (yy * sums[4] - xy * sums[5]) / det
        dy = (xx * sums[5] - xy * sums[4]) / det
        length = math.sqrt(dx * dx + dy * dy)
        if length > _STEP_CELLS * grid.cell_m:
            dx *= _STEP_CELLS * grid.cell_m / length
            dy *= _STEP_CELLS * grid.cell_m / length
        misfit -= dx * (2.0 * sums[4] - xx * dx - 2.0 * xy * dy) + dy * (2.0 * sums[5] - yy * dy)
        x = min(model.half_m, max(-model.half_m, x + dx))
        y = min(model.half_m, max(-model.half_m, y + dy))
        if length < _SETTLED_CELLS * grid.cell_m:
            break
    return x, y, max(misfit, 0.0) / grid.tight_s**2


@njit(cache=True, error_model="numpy")
def sums_at(place, picks, weight, model, grid):  # type: ignore[no-untyped-def]
    """Return misfit (s2) and the 2 x 2 normal equations xx, xy, yy, x, y at a place, no wind."""
    soft = 1e-9 * model.side_m
    slow = 1.0 / model.speed_m_s
    g = mx = my = mr = xx = xy = yy = xr = yr = rr = 0.0
    for k in range(len(weight)):
        w = weight[k]
        dx = place[0] - picks[k, X]
        dy = place[1] - picks[k, Y]
        d = math.sqrt(dx * dx + dy * dy) + soft
        part = slow / d
        ux = dx * part
        uy = dy * part
        r = picks[k, T] - d * slow
        g += w
        mx += w * ux
        my += w * uy
        mr += w * r
        xx += w * ux * ux
        xy += w * ux * uy
        yy += w * uy * uy
        xr += w * ux * r
        yr += w * uy * r
        rr += w * r * r
    rr -= mr * mr / g
    xx -= mx * mx / g
    xy -= mx * my / g
    yy -= my * my / g
    xr -= mx * mr / g
    yr -= my * mr / g
    if model.bearings:
        add = bearing_sums_at(place, picks, weight, model, grid)
        return rr + add[0], xx + add[1], xy + add[2], yy + add[3], xr + add[4], yr + add[5]
    return rr, xx, xy, yy, xr, yr


@njit(cache=True, error_model="numpy")
def bearing_sums_at(place, picks, weight, model, grid):  # type: ignore[no-untyped-def]
    """Return what the bearings add to `sums_at`, scaled to the loose variance of a time."""
    scale = grid.tight_s**2 / model.bearing_sigma_rad**2
    soft = 1e-9 * model.side_m
    rr = xx = xy = yy = xr = yr = 0.0
    for k in range(len(weight)):
        if math.isnan(picks[k, B]):
            continue
        east = place[0] - picks[k, X]
        north = place[1] - picks[k, Y]
        d2 = east * east + north * north + soft * soft
        off = turned(picks[k, B] - math.atan2(east, north))
        bx = north / d2
        by = -east / d2
        w = weight[k] * scale
        xx += w * bx * bx
        xy += w * bx * by
        yy += w * by * by
        xr += w * bx * off
        yr += w * by * off
        rr += w * off * off
    return rr, xx, xy, yy, xr, yr
