"""How sure a finished group is: that something happened at all, and that each report belongs.

Both are ratios of the model's own weights, so they are as good as the model. `real_p` sets the
group as one incident against the same reports as so many false alarms. Evidence sets the group
against the same group without the report and the report alone; other groups that the report might
belong to are not weighed, so `membership_p`, which is evidence as a chance, is a score and not a
calibrated probability. `membership` has those.

Where an analyst put together more reports of a sensor than it can make of one incident, the surplus
says nothing about either.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from trucewatch.fuse.likelihood import (
    LAMBDA,
    S2,
    SINGLE,
    U2,
    T,
    X,
    Y,
    agreement,
    incident_alone,
    prior,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.groups import Groups
    from trucewatch.fuse.likelihood import Terms

MEMBERSHIP_P_MIN = 1e-6  # a member is never said to be impossible
REAL_P_MAX = 1 - 1e-6  # nor anything certain: two reports already give log odds of 20 and more


def weigh(
    reports: NDArray[np.float64], sensor: NDArray[np.int64], groups: Groups, terms: Terms
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return `real_p` of each group and `membership_p` of each report (1 in a group of one)."""
    real_p, evidence = _weighed(reports, sensor, groups, terms)
    return np.minimum(real_p, REAL_P_MAX), np.maximum(_chances(evidence), MEMBERSHIP_P_MIN)


def evidence_of(
    reports: NDArray[np.float64], sensor: NDArray[np.int64], groups: Groups, terms: Terms
) -> NDArray[np.float64]:
    """Return the log Bayes factor of each report's joining the rest of its group.

    In natural-log units; NaN for a report that is alone.
    """
    return _weighed(reports, sensor, groups, terms)[1]


def _weighed(
    reports: NDArray[np.float64], sensor: NDArray[np.int64], groups: Groups, terms: Terms
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    real_p, evidence = np.empty(len(groups.start) - 1), np.full(len(reports), math.nan)
    weigh_groups((reports, sensor), groups, terms, real_p, evidence)
    return real_p, evidence


@njit(cache=True)
def logistic(log_odds):  # type: ignore[no-untyped-def]
    """Return 1 / (1 + exp(-log_odds)) without overflow."""
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    e = math.exp(log_odds)
    return e / (1 + e)


@njit(cache=True)
def _chances(evidence):  # type: ignore[no-untyped-def]
    """Return evidence as chances; 1 where there is none."""
    out = np.ones(len(evidence))
    for i in range(len(evidence)):
        if not math.isnan(evidence[i]):
            out[i] = logistic(evidence[i])
    return out


@njit(cache=True)
def _possible(count, terms):  # type: ignore[no-untyped-def]
    """Take off what a sensor cannot make of one incident."""
    for k in range(len(count)):
        while count[k] > 1 and terms.log_count[k, count[k]] == -math.inf:
            count[k] -= 1


@njit(cache=True)
def gather(reports, sensor, rows, left_out, sums, count):  # type: ignore[no-untyped-def]
    """Fill the mean (X, Y, T), variances (S2, U2) and log-density sum of some rows; return log I.

    I is the integral of the product of their normal densities: 1 for one report. `left_out` is the
    place of a row that does not count, or -1.
    """
    integral_log = 0.0
    size = 0
    count[:] = 0
    for q in range(len(rows)):
        if q == left_out:
            continue
        r = reports[rows[q]]
        count[sensor[rows[q]]] += 1
        size += 1
        if size == 1:
            sums[:] = r
            continue
        s2, u2 = sums[S2] + r[S2], sums[U2] + r[U2]
        d2 = (r[X] - sums[X]) ** 2 + (r[Y] - sums[Y]) ** 2
        integral_log += agreement(d2, (r[T] - sums[T]) ** 2, s2, u2)
        sums[X] += (r[X] - sums[X]) * sums[S2] / s2
        sums[Y] += (r[Y] - sums[Y]) * sums[S2] / s2
        sums[T] += (r[T] - sums[T]) * sums[U2] / u2
        sums[S2] *= r[S2] / s2
        sums[U2] *= r[U2] / u2
        sums[LAMBDA] += r[LAMBDA]
    return integral_log


@njit(cache=True)
def weigh_groups(table, groups, terms, real_p, evidence):  # type: ignore[no-untyped-def]
    """Fill both results, group by group."""
    reports, sensor = table
    sums = np.empty(reports.shape[1])
    count = np.empty(len(terms.log_count), np.int64)
    for g in range(len(groups.start) - 1):
        rows = groups.row[groups.start[g] : groups.start[g + 1]]
        m = len(rows)
        alarms_log = 0.0
        for i in rows:
            alarms_log += terms.false_alarm_log[sensor[i]]
        if m == 1:
            alone = incident_alone(reports[rows[0], LAMBDA], sensor[rows[0]], terms)
            real_p[g] = logistic(alone - alarms_log)
            continue
        integral_log = gather(reports, sensor, rows, -1, sums, count)
        _possible(count, terms)
        whole = prior(sums[LAMBDA], m, count, terms)
        real_p[g] = logistic(whole + integral_log - alarms_log)
        for q in range(m):
            gather(reports, sensor, rows, q, sums, count)
            _possible(count, terms)
            r = reports[rows[q]]
            rest = sums[SINGLE] if m == 2 else prior(sums[LAMBDA], m - 1, count, terms)  # noqa: PLR2004
            d2 = (r[X] - sums[X]) ** 2 + (r[Y] - sums[Y]) ** 2
            agreed = agreement(d2, (r[T] - sums[T]) ** 2, sums[S2] + r[S2], sums[U2] + r[U2])
            evidence[rows[q]] = whole - (rest + r[SINGLE]) + agreed
