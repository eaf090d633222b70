"""Describe one event's posterior: its best place, and a mixture of normals for its region.

Every mode within reach gives one component for each choice of its doubtful arrivals, and one for
each single certain arrival left out; their weights are their evidences.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from trucewatch.fuse.locate.outlier import OPEN, evidence, is_fixed
from trucewatch.fuse.locate.search import MODES
from trucewatch.fuse.locate.solve import SINGULAR, factor, normal, place_covariance, solve
from trucewatch.fuse.locate.start import FAR
from trucewatch.fuse.locate.travel import BX, BY, linearise

COMPONENTS = 256
"""At most so many per event."""
COMPONENT_COLUMNS = 7
"""x, y, xx, xy, yy (m, m2), log evidence and then weight, and which arrivals are in as bits."""
SUMMARY_COLUMNS = 13
PX, PY, TIME, TIME_SIGMA, XX, XY, YY, COST, SX, SY, RISE, GDOP, EDGE = range(SUMMARY_COLUMNS)
_DOUBTFUL = 6  # arrivals whose every choice is tried
_SURELY_OUT, _SURELY_IN = 1e-5, 0.997
_WEIGHT_LEAST = 1e-4  # of the greatest component
_BITS = 52  # that a float holds exactly
_SAME = 0.25  # squared standard deviations between two components that are one
_EDGE = 1e-6
_OUTSIDE = 1.2  # of the half side: a component centred farther out is none


@njit(cache=True, error_model="numpy")
def summarise(desk, picks, model, out):  # type: ignore[no-untyped-def]
    """Fill one row of the summary from the modes; the time counts from the first arrival."""
    n = len(picks)
    modes = desk.modes
    slate = desk.slate
    at = modes.at[0]
    weight = desk.member[0, :n]
    out[:] = np.nan
    out[PX] = at[0]
    out[PY] = at[1]
    out[COST] = modes.cost[0]
    out[RISE] = np.inf
    if modes.cost[1] < FAR:
        out[SX] = modes.at[1, 0]
        out[SY] = modes.at[1, 1]
        out[RISE] = modes.cost[1] - modes.cost[0]
    linearise(at, picks, n, model, slate.rows)
    total, mean = normal(slate.rows, weight, n, at, model, slate)
    out[TIME] = mean * model.time_sigma_s
    out[GDOP] = dilution(slate.rows, weight, model)
    edge = model.half_m * (1.0 - _EDGE)
    out[EDGE] = 1.0 if max(abs(at[0]), abs(at[1])) >= edge else 0.0
    if factor(slate, model.unknowns, 0.0) == SINGULAR:
        return
    out[XX], out[XY], out[YY] = place_covariance(slate, model.unknowns)
    slate.small.right[:] = slate.small.mean
    solve(slate, model.unknowns)
    variance = 1.0 / total
    for a in range(model.unknowns):
        variance += slate.small.mean[a] * slate.small.step[a]
    out[TIME_SIGMA] = model.time_sigma_s * math.sqrt(variance)


@njit(cache=True, error_model="numpy")
def dilution(rows, weight, model):  # type: ignore[no-untyped-def]
    """Return the geometric dilution of precision from centred rows."""
    xx = xy = yy = 0.0
    for k in range(len(weight)):
        xx += weight[k] * rows[k, 0] ** 2
        xy += weight[k] * rows[k, 0] * rows[k, 1]
        yy += weight[k] * rows[k, 1] ** 2
        if model.bearings:
            xx += weight[k] * rows[k, BX] ** 2
            xy += weight[k] * rows[k, BX] * rows[k, BY]
            yy += weight[k] * rows[k, BY] ** 2
    det = xx * yy - xy * xy
    if not det > 0:
        return np.inf
    return math.sqrt((xx + yy) / det) / (model.speed_m_s * model.time_sigma_s)


@njit(cache=True, error_model="numpy")
def components(desk, picks, model, table, summary):  # type: ignore[no-untyped-def]
    """Fill the table of components and return how many there are; at least one."""
    n = len(picks)
    modes = desk.modes
    count = 0
    alone = model.outlier_p <= 0 and modes.cost[1] >= modes.cost[0] + OPEN
    if alone and is_fixed(summary[XX], summary[XY], summary[YY], model):
        for q, column in enumerate((PX, PY, XX, XY, YY)):
            table[0, q] = summary[column]
        table[0, 5] = 1.0
        return 1
    for m in range(MODES):
        if modes.cost[m] >= modes.cost[0] + OPEN:
            break
        linearise(modes.at[m], picks, n, model, desk.slate.kept)
        count = add_choices(desk, m, picks, model, table, count)
    count = weigh(table, count, model)
    if count == 0:
        unknown(modes.at[0], model, table)
        count = 1
    return count


@njit(cache=True, error_model="numpy")
def add_choices(desk, m, picks, model, table, count):  # type: ignore[no-untyped-def]
    """Add the components of one mode and return the new count."""
    n = len(picks)
    member = desk.member[m, :n]
    weight = desk.weight[:n]
    doubtful = 0
    for k in range(n):
        if is_doubtful(member[k]) and doubtful < _DOUBTFUL:
            doubtful += 1
    choices = 1 << doubtful
    singles = n if model.outlier_p > 0 else 0
    for choice in range(choices + singles):
        if not choose(member, choice, choices, weight):
            continue
        if count < len(table) and evidence(desk.modes.at[m], picks, weight, model, desk.slate):
            count = add_component(table, count, weight, desk.slate.small.found)
    return count


@njit(cache=True, error_model="numpy")
def is_doubtful(member):  # type: ignore[no-untyped-def]
    """Whether an arrival is neither surely in nor surely out."""
    return _SURELY_OUT < member < _SURELY_IN


@njit(cache=True, error_model="numpy")
def choose(member, choice, choices, weight):  # type: ignore[no-untyped-def]
    """Set the weights of one choice; False when it was made before.

    The bits of a choice below `choices` are the doubtful arrivals; the choices above leave one
    arrival out of the most probable choice.
    """
    bit = 0
    for k in range(len(member)):
        weight[k] = 1.0 if member[k] >= 0.5 else 0.0  # noqa: PLR2004 - more likely in
        if is_doubtful(member[k]) and bit < _DOUBTFUL:
            if choice < choices:
                weight[k] = 1.0 if (choice >> bit) & 1 else 0.0
            elif choice - choices == k:
                return False
            bit += 1
    if choice < choices:
        return True
    fresh = weight[choice - choices] > 0
    weight[choice - choices] = 0.0
    return fresh


@njit(cache=True, error_model="numpy")
def add_component(table, count, weight, found):  # type: ignore[no-untyped-def]
    """Add one component unless another mode gave it; return the new count."""
    mask = 0
    for k in range(min(len(weight), _BITS)):
        if weight[k] > 0:
            mask += 1 << k
    for c in range(count):
        if table[c, 6] == mask and apart(table[c], found[0], found[1]) < _SAME:
            return count
    for q in range(6):
        table[count, q] = found[q]
    table[count, 6] = mask
    return count + 1


@njit(cache=True, error_model="numpy")
def apart(row, x, y):  # type: ignore[no-untyped-def]
    """Return the squared Mahalanobis distance of a point from a component."""
    dx = x - row[0]
    dy = y - row[1]
    det = row[2] * row[4] - row[3] * row[3]
    return (dx * dx * row[4] - 2.0 * dx * dy * row[3] + dy * dy * row[2]) / det


@njit(cache=True, error_model="numpy")
def weigh(table, count, model):  # type: ignore[no-untyped-def]
    """Turn log evidences into weights, drop what weighs nothing, and return what is left."""
    best = -np.inf
    for c in range(count):
        best = max(best, table[c, 5])
    kept = 0
    total = 0.0
    edge = _OUTSIDE * model.half_m
    for c in range(count):
        weight = math.exp(table[c, 5] - best)
        if weight < _WEIGHT_LEAST or max(abs(table[c, 0]), abs(table[c, 1])) > edge:
            continue
        for q in range(5):
            table[kept, q] = table[c, q]
        table[kept, 5] = weight
        total += weight
        kept += 1
    for c in range(kept):
        table[c, 5] /= total
    return kept


@njit(cache=True, error_model="numpy")
def unknown(at, model, table):  # type: ignore[no-untyped-def]
    """Make one component as wide as the search: nothing narrower can be said."""
    table[0, 0] = at[0]
    table[0, 1] = at[1]
    table[0, 2] = model.half_m**2 / 3.0
    table[0, 3] = 0.0
    table[0, 4] = table[0, 2]
    table[0, 5] = 1.0
