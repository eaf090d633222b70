"""Climb to the most probable place from a start: Levenberg-Marquardt, alone or with a mixture.

With `robust` the weight of an arrival is the probability that it belongs to the shot (a few rounds
of expectation-maximisation at every step); without, the weights given are kept.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from trucewatch.fuse.locate.solve import SINGULAR, factor, normal, solve
from trucewatch.fuse.locate.travel import LOG_IN, LOG_OUT, RB, R, linearise

GIVEN, MIXTURE = False, True
"""What `robust` may be: keep the weights as given, or weigh by the mixture."""
WEIGHT_LEAST = 1e-9  # of an arrival left out: keeps a sum of weights above 0, moves nothing
_ROUNDS = 25
_TRIES = 6
_DAMPING_START, _DAMPING_LEAST = 1e-4, 1e-7
_CONVERGED = 1e-5  # rise of the objective; at a minimum it is a step of .003 standard deviations
_EM_ROUNDS = 3
_LOG_RATIO_LEAST = -40.0


@njit(cache=True, error_model="numpy")
def prior_cost(at, model):  # type: ignore[no-untyped-def]
    """Return minus twice the log prior of wind and speed, without its constant."""
    q = 0.0
    for a in range(2, model.unknowns):
        q += model.precision[a] * at[a] * at[a]
    return q


@njit(cache=True, error_model="numpy")
def plain_cost(rows, weight, n, at, model):  # type: ignore[no-untyped-def]
    """Return weighted chi squared with the time of the shot profiled out, and the prior."""
    total = 0.0
    mean = 0.0
    square = 0.0
    for k in range(n):
        total += weight[k]
        mean += weight[k] * rows[k, R]
    mean /= total
    for k in range(n):
        square += weight[k] * (rows[k, R] - mean) ** 2
    if model.bearings:
        for k in range(n):
            square += weight[k] * rows[k, RB] ** 2
    return square + prior_cost(at, model)


@njit(cache=True, error_model="numpy")
def robust_cost(rows, picks, weight, at, model):  # type: ignore[no-untyped-def]
    """Return minus twice the log posterior under the mixture; leaves the memberships in `weight`.

    `weight` holds as many arrivals as the shot has.
    """
    n = len(weight)
    mean = 0.0
    for _ in range(_EM_ROUNDS):
        total = 0.0
        mean = 0.0
        for k in range(n):
            total += weight[k]
            mean += weight[k] * rows[k, R]
        mean /= total
        for k in range(n):
            ratio = log_ratio(rows, picks, k, mean, model)
            weight[k] = WEIGHT_LEAST
            if ratio > _LOG_RATIO_LEAST:
                weight[k] = max(WEIGHT_LEAST, 1.0 / (1.0 + math.exp(-ratio)))
    cost = prior_cost(at, model)
    for k in range(n):
        ratio = log_ratio(rows, picks, k, mean, model)
        more = max(ratio, 0.0) + math.log1p(math.exp(-abs(ratio)))
        cost -= 2.0 * (picks[k, LOG_OUT] + more)
    return cost


@njit(cache=True, error_model="numpy")
def log_ratio(rows, picks, k, mean, model):  # type: ignore[no-untyped-def]
    """Return the log of how much better an arrival fits the shot than the window."""
    z = (rows[k, R] - mean) ** 2
    if model.bearings:
        z += rows[k, RB] ** 2
    return picks[k, LOG_IN] - 0.5 * z - picks[k, LOG_OUT]


@njit(cache=True, error_model="numpy")
def cost_at(at, picks, weight, model, slate, robust):  # type: ignore[no-untyped-def]
    """Linearise at a place and return the objective there."""
    n = len(weight)
    linearise(at, picks, n, model, slate.rows)
    if robust:
        return robust_cost(slate.rows, picks, weight, at, model)
    return plain_cost(slate.rows, weight, n, at, model)


@njit(cache=True, error_model="numpy")
def try_step(at, damping, model, slate):  # type: ignore[no-untyped-def]
    """Put the damped, limited step from `at` into `trial`; False when the matrix is singular."""
    if factor(slate, model.unknowns, damping) == SINGULAR:
        return False
    solve(slate, model.unknowns)
    length = math.sqrt(slate.small.step[0] ** 2 + slate.small.step[1] ** 2)
    share = 1.0
    if length > model.step_m:
        share = model.step_m / length
    for a in range(model.unknowns):
        slate.small.trial[a] = at[a] + share * slate.small.step[a]
    for a in range(2):
        slate.small.trial[a] = min(model.half_m, max(-model.half_m, slate.small.trial[a]))
    return True


@njit(cache=True, error_model="numpy")
def expected_gain(slate, unknowns):  # type: ignore[no-untyped-def]
    """Return by how much the objective should fall with the step just solved for."""
    gain = 0.0
    for a in range(unknowns):
        gain += slate.small.right[a] * slate.small.step[a]
    return gain


@njit(cache=True, error_model="numpy")
def climb(at, picks, weight, model, slate, robust):  # type: ignore[no-untyped-def]
    """Move `at` (and with `robust` the weights) to the nearest minimum; return the objective.

    The last step, too small to matter, is taken unseen.
    """
    n = len(weight)
    damping = _DAMPING_START
    cost = cost_at(at, picks, weight, model, slate, robust)
    for _ in range(_ROUNDS):
        normal(slate.rows, weight, n, at, model, slate)
        better = np.inf
        for _try in range(_TRIES):
            if try_step(at, damping, model, slate):
                gain = expected_gain(slate, model.unknowns)
                if gain < _CONVERGED:
                    at[:] = slate.small.trial
                    return cost - gain
                slate.trial_weight[:n] = weight
                seen = slate.trial_weight[:n]
                better = cost_at(slate.small.trial, picks, seen, model, slate, robust)
                if better <= cost:
                    break
            damping *= 10.0
        if not better <= cost:
            break
        at[:] = slate.small.trial
        weight[:] = slate.trial_weight[:n]
        cost = better
        damping = max(0.1 * damping, _DAMPING_LEAST)
    return cost
