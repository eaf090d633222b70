"""Which alleged act may be which incident: at most one to one, as many as can be, then the nearest.

A pair may be one act when it lies within the gate: the Mahalanobis distance of place and time,
errors of both combined, is at most 3. In place it is that of the two covariances together; in time
that of the incident's time from the span that is alleged, 0 within it. Classes are not looked at:
parties differ about what it was more than about where.

Of all one-to-one sets of such pairs the largest is taken, and of these the one whose squared
distances sum to least, so no claim is helped at the cost of another. Equal sums go by id. A match
says that both may speak of one act, and not that the claim is right; a pair that lies within the
gate by chance is matched as well, see `by_chance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

GATE_SIGMA = 3.0
"""Of place and time together; the pairs of one act lie within it with chance .97 at least (three
normal errors: chi-square with 3 degrees of freedom up to 9)."""
MOVES = 12
"""Places round the period to which claims are moved to see how many match by chance; a choice."""
_TIME_LEAST_S = 1.0  # no clock is better


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claimed:
    """Alleged acts by id, (k,) each; times in seconds, places in metres of the mission's plane."""

    start_s: Floats
    end_s: Floats
    x_m: Floats
    y_m: Floats
    sigma_m: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """Incidents by id, (n,) each: times in seconds, places and covariances on the same plane."""

    time_s: Floats
    sigma_s: Floats
    x_m: Floats
    y_m: Floats
    xx_m2: Floats
    xy_m2: Floats
    yy_m2: Floats


def matched(claims: Claimed, incidents: Known) -> tuple[Whole, Floats]:
    """Return the incident of each claim and their distance in sigma, (k,); -1 and NaN for none."""
    found, apart = np.full(len(claims.x_m), -1, np.int64), np.full(len(claims.x_m), np.nan)
    claim, incident, square = _pairs(claims, incidents)
    if not len(claim):
        return found, apart
    k, n = len(claims.x_m), len(incidents.x_m)
    joined = coo_array((np.ones(len(claim)), (claim, k + incident)), shape=(k + n, k + n))
    _, part = connected_components(joined, directed=False)
    of = part[claim]
    order = np.argsort(of, kind="stable")
    ends = np.flatnonzero(np.diff(of[order], append=-1)) + 1
    for rows in np.split(order, ends[:-1]):
        for one, other, apart_sq in _best(claim[rows], incident[rows], square[rows]):
            found[one], apart[one] = other, np.sqrt(apart_sq)
    return found, apart


def by_chance(
    claims: Claimed, incidents: Known, period_s: tuple[float, float]
) -> tuple[float, int, int]:
    """Return how many claims match when all are moved in time: mean, fewest and most.

    They are moved round the period by 1/13 to 12/13 of it, together, each at its place. Where there
    was as much fire at one time as at another, so many of the matches are chance.

    Args:
        claims: Those of the period.
        incidents: Of the period at least.
        period_s: Its beginning and end.
    """
    start_s, long_s = period_s[0], max(period_s[1] - period_s[0], _TIME_LEAST_S)
    numbers = []
    for move in range(1, MOVES + 1):
        into_s = (claims.start_s - start_s + long_s * move / (MOVES + 1)) % long_s
        moved = Claimed(
            start_s=start_s + into_s,
            end_s=start_s + into_s + (claims.end_s - claims.start_s),
            x_m=claims.x_m,
            y_m=claims.y_m,
            sigma_m=claims.sigma_m,
        )
        numbers.append(int((matched(moved, incidents)[0] >= 0).sum()))
    return sum(numbers) / len(numbers), min(numbers), max(numbers)


def _pairs(claims: Claimed, incidents: Known) -> tuple[Whole, Whole, Floats]:
    """Return the pairs within the gate, by claim and incident, with their squared distances."""
    nothing = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    if not len(claims.x_m) or not len(incidents.x_m):
        return nothing
    widest_m2 = float((incidents.xx_m2 + incidents.yy_m2).max())
    reach_m = GATE_SIGMA * np.sqrt(claims.sigma_m**2 + widest_m2)
    tree = cKDTree(np.column_stack((incidents.x_m, incidents.y_m)))
    near = tree.query_ball_point(np.column_stack((claims.x_m, claims.y_m)), reach_m)
    lengths = [len(row) for row in near]
    if not sum(lengths):
        return nothing
    claim = np.repeat(np.arange(len(near)), lengths)
    incident = np.concatenate([np.sort(np.array(row, np.int64)) for row in near])
    square = _square(claims, incidents, claim, incident)
    inside = square <= GATE_SIGMA**2
    return claim[inside], incident[inside], square[inside]


def _square(claims: Claimed, incidents: Known, claim: Whole, incident: Whole) -> Floats:
    own_m2 = claims.sigma_m[claim] ** 2
    xx, yy = incidents.xx_m2[incident] + own_m2, incidents.yy_m2[incident] + own_m2
    xy = incidents.xy_m2[incident]
    dx = incidents.x_m[incident] - claims.x_m[claim]
    dy = incidents.y_m[incident] - claims.y_m[claim]
    place = (yy * dx**2 - 2 * xy * dx * dy + xx * dy**2) / (xx * yy - xy**2)
    time_s = incidents.time_s[incident]
    off_s = np.maximum(claims.start_s[claim] - time_s, time_s - claims.end_s[claim])
    sigma_s = np.maximum(incidents.sigma_s[incident], _TIME_LEAST_S)
    return np.asarray(place + (np.maximum(off_s, 0.0) / sigma_s) ** 2)


def _best(claim: Whole, incident: Whole, square: Floats) -> list[tuple[int, int, float]]:
    """Return the largest one-to-one set of some pairs that join, nearest of these."""
    rows, row = np.unique(claim, return_inverse=True)
    columns, column = np.unique(incident, return_inverse=True)
    more = 2 * (GATE_SIGMA**2) * (min(len(rows), len(columns)) + 1)  # one pair outweighs all sums
    worth = np.zeros((len(rows), len(columns)))
    worth[row, column] = more - square
    chosen = linear_sum_assignment(worth, maximize=True)
    return [
        (int(rows[i]), int(columns[j]), more - float(worth[i, j]))
        for i, j in zip(*chosen, strict=True)
        if worth[i, j] > 0
    ]
