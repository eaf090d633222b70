"""Search one event: starts, climbs, and the list of the most probable places found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.locate.fit import GIVEN, climb
from trucewatch.fuse.locate.solve import Slate, slate
from trucewatch.fuse.locate.start import (
    FAR,
    STARTS,
    Grid,
    add_up,
    grid,
    lowest,
    short_steps,
)
from trucewatch.fuse.locate.travel import UNKNOWNS, B, T, X, Y

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.locate.travel import Model

MODES = 4
"""Places kept for the region; coverage was held with so many."""
CLEAN_STARTS = 6
CLIMBS = 3
NEAR = 0.005  # of the side: places closer than this are one
FINE = 2
"""A second look starts on so many finer offsets each way around a minimum."""
_GIVE_UP = 60.0  # a start so much worse than the best, in chi squared, is not climbed
_FIRST_CELLS = 0.25  # how far from the station that heard first


MODES_TYPE = np.dtype([
    ("cost", np.float64, (MODES,)),  # FAR when there is none
    ("at", np.float64, (MODES, UNKNOWNS)),
])  # fmt: skip
"""The most probable places found, best first."""


class Pool(NamedTuple):
    """Starts of one event."""

    place: NDArray[np.float64]  # [start, 2]
    score: NDArray[np.float64]  # [start] scaled misfit; FAR when used up
    weight: NDArray[np.float64]  # [start, arrival]
    order: NDArray[np.int64]  # [1] how many there are


class Desk(NamedTuple):
    """Everything that one event needs while it is searched."""

    grid: Grid
    slate: Slate
    pool: Pool
    modes: np.void  # of MODES_TYPE
    member: NDArray[np.float64]  # [MODES, arrival] membership of each arrival
    weight: NDArray[np.float64]  # [arrival]
    at: NDArray[np.float64]  # [UNKNOWNS]


def desk(stations_m: NDArray[np.float64], model: Model, arrivals: int) -> Desk:
    """Return working memory for events of at most so many arrivals."""
    starts = STARTS * (2 * FINE + 1) ** 2 + 8 * arrivals + 2
    return Desk(
        grid(stations_m, model, arrivals),
        slate(arrivals),
        Pool(
            np.empty((starts, 2)),
            np.empty(starts),
            np.empty((starts, arrivals)),
            np.zeros(1, np.int64),
        ),
        np.zeros(1, MODES_TYPE)[0],
        np.zeros((MODES, arrivals)),
        np.empty(arrivals),
        np.zeros(UNKNOWNS),
    )


@njit(cache=True, error_model="numpy")
def freedom(picks):  # type: ignore[no-untyped-def]
    """Return how many measurements there are beyond the three that fix place and time."""
    n = 0
    for k in range(len(picks)):
        n += 1
        if not math.isnan(picks[k, B]):
            n += 1
    return n - 3


@njit(cache=True, error_model="numpy")
def plausible(cost, free, spread, margin):  # type: ignore[no-untyped-def]
    """Whether chi squared is within so many standard deviations and a margin of its mean."""
    return cost < free + spread * math.sqrt(2.0 * max(free, 0)) + margin


@njit(cache=True, error_model="numpy")
def remember(desk, cost, at, weight, near_m):  # type: ignore[no-untyped-def]
    """Put a place into the list of modes; of two that are near only the better one stays."""
    modes = desk.modes
    p = MODES - 1
    for q in range(MODES):
        dx = modes.at[q, 0] - at[0]
        dy = modes.at[q, 1] - at[1]
        if modes.cost[q] < FAR and dx * dx + dy * dy < near_m * near_m:
            p = q
            break
    if modes.cost[p] <= cost:
        return
    while p > 0 and modes.cost[p - 1] > cost:
        modes.cost[p] = modes.cost[p - 1]
        copy_mode(desk, p, modes.at[p - 1], desk.member[p - 1, : len(weight)])
        p -= 1
    modes.cost[p] = cost
    copy_mode(desk, p, at, weight)


@njit(cache=True, error_model="numpy")
def copy_mode(desk, p, at, weight):  # type: ignore[no-untyped-def]
    """Write unknowns and memberships of one mode."""
    for a in range(UNKNOWNS):
        desk.modes.at[p, a] = at[a]
    for k in range(len(weight)):
        desk.member[p, k] = weight[k]


@njit(cache=True, error_model="numpy")
def add_start(pool, x, y):  # type: ignore[no-untyped-def]
    """Add one start with every arrival taken in."""
    p = pool.order[0]
    pool.place[p, 0] = x
    pool.place[p, 1] = y
    pool.weight[p, :] = 1.0
    pool.order[0] = p + 1


@njit(cache=True, error_model="numpy")
def add_minima(desk):  # type: ignore[no-untyped-def]
    """Start at the minima of the grid."""
    grid = desk.grid
    desk.pool.order[0] = 0
    for p in range(len(grid.sums.node)):
        if grid.sums.node[p] >= 0:
            add_start(
                desk.pool, grid.node_m[grid.sums.node[p], 0], grid.node_m[grid.sums.node[p], 1]
            )


@njit(cache=True, error_model="numpy")
def add_first_heard(desk, picks):  # type: ignore[no-untyped-def]
    """Start on either side of the station that heard first, in line with the one that heard second.

    A source near a station has a basin narrower than a cell, which unknown wind widens to fit.
    """
    if len(picks) < 2:  # noqa: PLR2004 - no second station
        return
    first = 0
    for k in range(len(picks)):
        if picks[k, T] < picks[first, T]:
            first = k
    second = 1 if first == 0 else 0
    for k in range(len(picks)):
        if k != first and picks[k, T] < picks[second, T]:
            second = k
    dx = picks[second, X] - picks[first, X]
    dy = picks[second, Y] - picks[first, Y]
    length = math.sqrt(dx * dx + dy * dy)
    if length > 0:
        for way in (-_FIRST_CELLS, _FIRST_CELLS):
            share = way * desk.grid.cell_m / length
            add_start(desk.pool, picks[first, X] + share * dx, picks[first, Y] + share * dy)


@njit(cache=True, error_model="numpy")
def shorten(desk, picks, model):  # type: ignore[no-untyped-def]
    """Move every start by short steps and score it."""
    n = len(picks)
    for p in range(desk.pool.order[0]):
        x = desk.pool.place[p, 0]
        y = desk.pool.place[p, 1]
        x, y, score = short_steps(x, y, picks, desk.pool.weight[p, :n], model, desk.grid)
        desk.pool.place[p, 0] = x
        desk.pool.place[p, 1] = y
        desk.pool.score[p] = score


@njit(cache=True, error_model="numpy")
def next_start(pool):  # type: ignore[no-untyped-def]
    """Return the best start left, or -1."""
    best = -1
    for p in range(pool.order[0]):
        if pool.score[p] < FAR and (best < 0 or pool.score[p] < pool.score[best]):
            best = p
    return best


@njit(cache=True, error_model="numpy")
def use_up(pool, start, near_m):  # type: ignore[no-untyped-def]
    """Take a start and its near neighbours off the list."""
    for p in range(pool.order[0]):
        dx = pool.place[p, 0] - pool.place[start, 0]
        dy = pool.place[p, 1] - pool.place[start, 1]
        if dx * dx + dy * dy < near_m * near_m:
            pool.score[p] = FAR
    pool.score[start] = FAR


@njit(cache=True, error_model="numpy")
def climb_best(desk, picks, model, climbs):  # type: ignore[no-untyped-def]
    """Climb from the best starts, all arrivals taken in; the impatient skip hopeless ones."""
    n = len(picks)
    pool = desk.pool
    near = NEAR * model.side_m
    bar = FAR
    for done in range(climbs):
        start = next_start(pool)
        if start < 0 or pool.score[start] > bar:
            break
        if done == 0:
            bar = 1.5 * pool.score[start] + _GIVE_UP
        desk.at[:] = 0.0
        desk.at[0] = pool.place[start, 0]
        desk.at[1] = pool.place[start, 1]
        desk.weight[:n] = 1.0
        use_up(pool, start, near)
        cost = climb(desk.at, picks, desk.weight[:n], model, desk.slate, GIVEN)
        remember(desk, cost, desk.at, desk.weight[:n], near)


@njit(cache=True, error_model="numpy")
def search_clean(desk, station, picks, model):  # type: ignore[no-untyped-def]
    """Fill the modes under the assumption that every arrival belongs to the shot."""
    desk.modes.cost[:] = FAR
    add_up(desk.grid, station, picks, len(picks), model)
    lowest(desk.grid, CLEAN_STARTS)
    add_minima(desk)
    if model.unknowns > 2:  # noqa: PLR2004 - wind or speed unknown
        add_first_heard(desk, picks)
    shorten(desk, picks, model)
    climb_best(desk, picks, model, CLIMBS)
