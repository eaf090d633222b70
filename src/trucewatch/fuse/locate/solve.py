"""Weighted normal equations with the time of the shot profiled out, and their solution."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.locate.travel import BX, BY, RB, ROW_COLUMNS, UNKNOWNS, R

if TYPE_CHECKING:
    from numpy.typing import NDArray

SINGULAR = 1e300  # stands for the log determinant of a matrix that has no inverse
_PIVOT_LEAST = 1e-14  # of the diagonal; below it rounding decides


SMALL = np.dtype([
    ("matrix", np.float64, (UNKNOWNS, UNKNOWNS)),  # normal matrix
    ("lower", np.float64, (UNKNOWNS, UNKNOWNS)),  # its Cholesky factor
    ("right", np.float64, (UNKNOWNS,)),
    ("step", np.float64, (UNKNOWNS,)),  # the solution
    ("trial", np.float64, (UNKNOWNS,)),  # unknowns after a step
    ("mean", np.float64, (UNKNOWNS,)),  # weighted means that centring took away
    ("found", np.float64, (6,)),  # one configuration: x, y, xx, xy, yy, log evidence
])  # fmt: skip
"""All that does not grow with the arrivals: one record, so that kernels pass one pointer."""


class Slate(NamedTuple):
    """Working memory of one event's linear algebra."""

    rows: NDArray[np.float64]  # [arrival, ROW_COLUMNS], see `travel`
    kept: NDArray[np.float64]  # the same, uncentred, while configurations are tried
    trial_weight: NDArray[np.float64]  # [arrival]
    small: np.void  # of SMALL


def slate(arrivals: int) -> Slate:
    """Return working memory for events of at most so many arrivals."""
    return Slate(
        np.zeros((arrivals, ROW_COLUMNS)),
        np.zeros((arrivals, ROW_COLUMNS)),
        np.zeros(arrivals),
        np.zeros(1, SMALL)[0],
    )


@njit(cache=True, error_model="numpy")
def normal(rows, weight, n, at, model, slate):  # type: ignore[no-untyped-def]
    """Build the normal equations of whitened rows, priors included.

    The derivatives in `rows` are centred in place, which profiles out the time of the shot.

    Returns:
        Sum of the weights and the weighted mean of the time residuals.
    """
    unknowns = model.unknowns
    total = 0.0
    mean = 0.0
    for k in range(n):
        total += weight[k]
        mean += weight[k] * rows[k, R]
    mean /= total
    for a in range(unknowns):
        s = 0.0
        for k in range(n):
            s += weight[k] * rows[k, a]
        s /= total
        slate.small.mean[a] = s
        for k in range(n):
            rows[k, a] -= s
    for a in range(unknowns):
        s = 0.0
        for k in range(n):
            s += weight[k] * rows[k, a] * (rows[k, R] - mean)
        slate.small.right[a] = s - model.precision[a] * at[a]
        for c in range(a + 1):
            s = 0.0
            for k in range(n):
                s += weight[k] * rows[k, a] * rows[k, c]
            slate.small.matrix[a, c] = s
        slate.small.matrix[a, a] += model.precision[a]
    if model.bearings:
        add_bearings(rows, weight, n, slate)
    return total, mean


@njit(cache=True, error_model="numpy")
def add_bearings(rows, weight, n, slate):  # type: ignore[no-untyped-def]
    """Add the rows of the bearings, which know neither the time nor the wind."""
    for k in range(n):
        w = weight[k]
        slate.small.matrix[0, 0] += w * rows[k, BX] * rows[k, BX]
        slate.small.matrix[1, 0] += w * rows[k, BX] * rows[k, BY]
        slate.small.matrix[1, 1] += w * rows[k, BY] * rows[k, BY]
        slate.small.right[0] += w * rows[k, BX] * rows[k, RB]
        slate.small.right[1] += w * rows[k, BY] * rows[k, RB]


@njit(cache=True, error_model="numpy")
def factor(slate, unknowns, damping):  # type: ignore[no-untyped-def]
    """Factor the matrix with its diagonal raised by a share `damping`.

    Returns:
        The log determinant, or SINGULAR.
    """
    log_det = 0.0
    for i in range(unknowns):
        for j in range(i):
            s = slate.small.matrix[i, j]
            for k in range(j):
                s -= slate.small.lower[i, k] * slate.small.lower[j, k]
            slate.small.lower[i, j] = s / slate.small.lower[j, j]
        s = slate.small.matrix[i, i] * (1.0 + damping)
        for k in range(i):
            s -= slate.small.lower[i, k] * slate.small.lower[i, k]
        if not s > _PIVOT_LEAST * slate.small.matrix[i, i]:
            return SINGULAR
        slate.small.lower[i, i] = math.sqrt(s)
        log_det += math.log(s)
    return log_det


@njit(cache=True, error_model="numpy")
def solve(slate, unknowns):  # type: ignore[no-untyped-def]
    """Solve for `step` with the factor and the right side."""
    for i in range(unknowns):
        s = slate.small.right[i]
        for k in range(i):
            s -= slate.small.lower[i, k] * slate.small.step[k]
        slate.small.step[i] = s / slate.small.lower[i, i]
    for i in range(unknowns - 1, -1, -1):
        s = slate.small.step[i]
        for k in range(i + 1, unknowns):
            s -= slate.small.lower[k, i] * slate.small.step[k]
        slate.small.step[i] = s / slate.small.lower[i, i]


@njit(cache=True, error_model="numpy")
def place_covariance(slate, unknowns):  # type: ignore[no-untyped-def]
    """Return xx, xy, yy of the inverse of the factored matrix; overwrites the right side."""
    slate.small.right[:] = 0.0
    slate.small.right[0] = 1.0
    solve(slate, unknowns)
    xx = slate.small.step[0]
    xy = slate.small.step[1]
    slate.small.right[0] = 0.0
    slate.small.right[1] = 1.0
    solve(slate, unknowns)
    return xx, xy, slate.small.step[1]
