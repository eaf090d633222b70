"""Search one event of which some arrivals may belong to something else.

First as if none did; when chi squared refuses that, the grid minimum of every set with one or two
arrivals left out is a start, from which arrivals go in and out one at a time while the evidence
grows; the mixture has the last word.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from trucewatch.fuse.locate.fit import GIVEN, MIXTURE, WEIGHT_LEAST, climb, plain_cost
from trucewatch.fuse.locate.search import (
    MODES,
    NEAR,
    add_start,
    freedom,
    next_start,
    plausible,
    remember,
    search_clean,
    shorten,
)
from trucewatch.fuse.locate.solve import SINGULAR, factor, normal, place_covariance, solve
from trucewatch.fuse.locate.start import FAR, NODES, STARTS, bearing_misfit, enlist, forget
from trucewatch.fuse.locate.travel import (
    LOG_IN,
    LOG_OUT,
    ROW_COLUMNS,
    B,
    T,
    linearise,
)

CLIMBS = 5
OPEN = 14.0  # rise of the objective up to which a place still matters to the region
_MOVES = 8
_GAIN_LEAST = 0.5
_LEAST_IN = 4  # arrivals of a start; fewer fit any place
_IN = 0.5
_ROUND = 1e-7  # least share of a correlation matrix's determinant


@njit(cache=True, error_model="numpy")
def search(desk, station, picks, model):  # type: ignore[no-untyped-def]
    """Fill the modes of one event."""
    search_clean(desk, station, picks, model)
    if plausible(desk.modes.cost[0], freedom(picks), 2.0, 1.0):
        polish(desk, picks, model)
        return
    desk.modes.cost[:] = FAR
    forget(desk.grid)
    list_subsets(desk, station, picks, model)
    add_subsets(desk, len(picks))
    shorten(desk, picks, model)
    add_penalty(desk, len(picks), model)
    climb_sets(desk, picks, model, CLIMBS)


@njit(cache=True, error_model="numpy")
def polish(desk, picks, model):  # type: ignore[no-untyped-def]
    """Climb again from every mode with the mixture."""
    n = len(picks)
    count = 0
    for p in range(MODES):
        if desk.modes.cost[p] < desk.modes.cost[0] + OPEN:
            desk.pool.place[count] = desk.modes.at[p, :2]
            count += 1
    desk.modes.cost[:] = FAR
    for p in range(count):
        desk.at[:] = 0.0
        desk.at[:2] = desk.pool.place[p]
        desk.weight[:n] = 1.0
        climb(desk.at, picks, desk.weight[:n], model, desk.slate, GIVEN)
        cost = climb(desk.at, picks, desk.weight[:n], model, desk.slate, MIXTURE)
        remember(desk, cost, desk.at, desk.weight[:n], NEAR * model.side_m)


@njit(cache=True, error_model="numpy")
def penalty(model, loose_s2):  # type: ignore[no-untyped-def]
    """Return what leaving an arrival out costs, in chi squared of the grid."""
    log_window = math.log((1.0 - model.outlier_p) / model.outlier_p)
    return 2.0 * (log_window + math.log(model.window_s / math.sqrt(2 * math.pi * loose_s2)))


@njit(cache=True, error_model="numpy")
def list_subsets(desk, station, picks, model):  # type: ignore[no-untyped-def]
    """List the best grid node of every set with none, one or two arrivals left out."""
    n = len(picks)
    grid = desk.grid
    spread(grid, station, picks, model)
    cost = penalty(model, grid.loose_s**2)
    list_one(grid, n, -1, -1, 0.0)
    for first in range(n):
        if n - 1 < _LEAST_IN:
            break
        list_one(grid, n, first, -1, cost)
        for second in range(first + 1, n):
            if n - 2 >= _LEAST_IN:
                list_one(grid, n, first, second, 2.0 * cost)


@njit(cache=True, error_model="numpy")
def spread(grid, station, picks, model):  # type: ignore[no-untyped-def]
    """Keep each arrival's residual and square on the grid, so that sets cost subtractions only."""
    for k in range(len(picks)):
        time = np.float32(picks[k, T])
        row = grid.travel[station[k]]
        for i in range(NODES):
            v = time - row[i]
            grid.residual[k, i] = v
            grid.square[k, i] = v * v
        if model.bearings:
            for i in range(NODES):
                grid.square[k, i] += np.float32(bearing_misfit(grid, picks, k, i, model))


@njit(cache=True, error_model="numpy")
def list_one(grid, n, first, second, cost):  # type: ignore[no-untyped-def]
    """List the best node of one set; a node is listed once, for the set that fits it best."""
    least = subset_misfit(grid, n, first, second)
    value = least / grid.loose_s**2 + cost
    if value >= grid.sums.value[STARTS - 1]:
        return
    node = 0
    while node < NODES - 1 and grid.sums.misfit[node] > least:
        node += 1
    for p in range(STARTS):
        if grid.sums.node[p] == node:
            if grid.sums.value[p] <= value:
                return
            unlist(grid, p)
            break
    enlist(grid, STARTS, value, node, first, second)


@njit(cache=True, error_model="numpy")
def unlist(grid, place):  # type: ignore[no-untyped-def]
    """Take one entry off the rising list."""
    for p in range(place, STARTS - 1):
        grid.sums.value[p] = grid.sums.value[p + 1]
        grid.sums.node[p] = grid.sums.node[p + 1]
        grid.sums.without[p, 0] = grid.sums.without[p + 1, 0]
        grid.sums.without[p, 1] = grid.sums.without[p + 1, 1]
    grid.sums.value[STARTS - 1] = FAR
    grid.sums.node[STARTS - 1] = -1


@njit(cache=True, error_model="numpy")
def subset_misfit(grid, n, first, second):  # type: ignore[no-untyped-def]
    """Fill the misfit with up to two arrivals left out and return its least value."""
    left = n - (first >= 0) - (second >= 0)
    part = np.float32(1.0 / left)
    out = grid.sums.misfit
    least = np.float32(FAR)
    zero = np.float32(0.0)
    keep_first = np.float32(1.0) if first >= 0 else zero
    keep_second = np.float32(1.0) if second >= 0 else zero
    one = max(first, 0)
    two = max(second, 0)
    residual_one = grid.residual[one]
    residual_two = grid.residual[two]
    square_one = grid.square[one]
    square_two = grid.square[two]
    for i in range(NODES):
        s = grid.sums.sum[i] - keep_first * residual_one[i] - keep_second * residual_two[i]
        q = grid.sums.sum_square[i] - keep_first * square_one[i] - keep_second * square_two[i]
        out[i] = q - s * s * part
    for i in range(NODES):
        least = min(least, out[i])
    return least


@njit(cache=True, error_model="numpy")
def add_subsets(desk, n):  # type: ignore[no-untyped-def]
    """Start at the listed nodes with the listed arrivals left out."""
    grid = desk.grid
    pool = desk.pool
    pool.order[0] = 0
    for p in range(STARTS):
        if grid.sums.node[p] < 0:
            continue
        add_start(pool, grid.node_m[grid.sums.node[p], 0], grid.node_m[grid.sums.node[p], 1])
        for side in range(2):
            k = grid.sums.without[p, side]
            if k >= 0:
                pool.weight[pool.order[0] - 1, k] = WEIGHT_LEAST


@njit(cache=True, error_model="numpy")
def add_penalty(desk, n, model):  # type: ignore[no-untyped-def]
    """Charge every start for the arrivals that it leaves out."""
    cost = penalty(model, desk.grid.loose_s**2)
    for p in range(desk.pool.order[0]):
        for k in range(n):
            if desk.pool.weight[p, k] < _IN:
                desk.pool.score[p] += cost


@njit(cache=True, error_model="numpy")
def climb_sets(desk, picks, model, climbs):  # type: ignore[no-untyped-def]
    """Climb from the best starts, arrivals going in and out on the way."""
    n = len(picks)
    for _ in range(climbs):
        start = next_start(desk.pool)
        if start < 0:
            break
        desk.pool.score[start] = FAR
        desk.at[:] = 0.0
        desk.at[0] = desk.pool.place[start, 0]
        desk.at[1] = desk.pool.place[start, 1]
        weight = desk.weight[:n]
        weight[:] = desk.pool.weight[start, :n]
        in_and_out(desk.at, picks, weight, model, desk.slate)
        cost = climb(desk.at, picks, weight, model, desk.slate, MIXTURE)
        remember(desk, cost, desk.at, desk.weight[:n], NEAR * model.side_m)


@njit(cache=True, error_model="numpy")
def in_and_out(at, picks, weight, model, slate):  # type: ignore[no-untyped-def]
    """Let the arrival whose change adds most evidence in or out, until none adds any."""
    n = len(weight)
    for _ in range(_MOVES):
        climb(at, picks, weight, model, slate, GIVEN)
        linearise(at, picks, n, model, slate.kept)
        if not evidence(at, picks, weight, model, slate):
            break
        best = slate.small.found[5] + _GAIN_LEAST
        change = -1
        for k in range(n):
            old = weight[k]
            weight[k] = 1.0 if old < _IN else WEIGHT_LEAST
            if evidence(at, picks, weight, model, slate) and slate.small.found[5] > best:
                best = slate.small.found[5]
                change = k
            weight[k] = old
        if change < 0:
            break
        weight[change] = 1.0 if weight[change] < _IN else WEIGHT_LEAST


@njit(cache=True, error_model="numpy")
def evidence(at, picks, weight, model, slate):  # type: ignore[no-untyped-def]
    """Fit one choice of arrivals linearly around `kept` and put it into `found`.

    Returns:
        False when the choice does not fix the place.
    """
    n = len(weight)
    counted = 0
    log_density = 0.0
    measured = 0
    for k in range(n):
        if weight[k] > _IN:
            counted += 1
            measured += 1 if math.isnan(picks[k, B]) else 2
            log_density += picks[k, LOG_IN]
        else:
            log_density += picks[k, LOG_OUT]
        for c in range(ROW_COLUMNS):
            slate.rows[k, c] = slate.kept[k, c]
    if measured < 3 or counted < 1:  # noqa: PLR2004 - place and time are three
        return False
    cost = plain_cost(slate.kept, weight, n, at, model)
    normal(slate.rows, weight, n, at, model, slate)
    log_det = factor(slate, model.unknowns, 0.0)
    if log_det == SINGULAR:
        return False
    solve(slate, model.unknowns)
    for a in range(model.unknowns):
        cost -= slate.small.right[a] * slate.small.step[a]
    found = slate.small.found
    found[0] = at[0] + slate.small.step[0]
    found[1] = at[1] + slate.small.step[1]
    found[2], found[3], found[4] = place_covariance(slate, model.unknowns)
    found[5] = log_density - 0.5 * (cost + log_det + math.log(counted))
    return is_fixed(found[2], found[3], found[4], model)


@njit(cache=True, error_model="numpy")
def is_fixed(xx, xy, yy, model):  # type: ignore[no-untyped-def]
    """Whether a covariance is one: neither degenerate nor wider than what was searched."""
    return xx * yy - xy * xy > _ROUND * xx * yy and xx + yy < (2.5 * model.side_m) ** 2
