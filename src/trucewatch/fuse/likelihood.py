"""What a set of reports weighs: the exact terms of the association model, for compiled code.

Incidents are Poisson in space and time with density lambda. A sensor reports an incident with
probability P_D and then 1 + Poisson(repeats) times, each time displaced by a normal error; its
false alarms are Poisson. The posterior of a grouping is then a product of weights,

    W(C) = lambda * prod_k P_k(n_k) n_k! * integral of prod_i N(z_i; z, S_i) dz
           (+ the density of false alarms when C is one report),

and joining A and B is worth log W(AB) - log W(A) - log W(B). A sensor with no repeats has
P_k(n) = 0 beyond one report, so two of its reports never join (unless an analyst says so, see
`links`). Lengths are km, times days.

Source: conjugate normal algebra; the slow twin in the tests integrates each weight from scratch.

Compiled callers in other modules keep what they compiled from here, and numba looks only at a
module's own file: after an edit here remove `__pycache__` beside it, or the old terms still run.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trucewatch.records.sensor import SensorModel

X, Y, T, S2, U2, LAMBDA, SINGLE = range(7)
"""Columns of a report for the kernels: x, y (km), time (d), position variance per axis (km2), time
variance (d2), log local density of incidents (per km2 and day), log weight of it alone."""
COLUMNS = 7
LOG_NORMAL_3D = -1.5 * math.log(2 * math.pi)


class Terms(NamedTuple):
    """The sensors' part of every weight.

    Attributes:
        log_count: log(P_k(n) n!), one row per sensor, one column per n from 0.
        silent_log_p: Sum of log_count[:, 0]: no sensor reported.
        false_alarm_log: Log density of false alarms per km2 and day, one per sensor.
    """

    log_count: NDArray[np.float64]
    silent_log_p: float
    false_alarm_log: NDArray[np.float64]


def terms(models: Mapping[str, SensorModel], sensors: Sequence[str], *, members_max: int) -> Terms:
    """Return the terms of these sensors, in this order, for groups of up to `members_max`.

    Raises:
        BadInput: A detection chance is not inside 0 to 1, or another figure is negative.
    """
    log_count = np.full((len(sensors), members_max + 1), -math.inf)
    alarms_log = np.full(len(sensors), -math.inf)
    for k, name in enumerate(sensors):
        model = models[name]
        if not 0 < model.detection_p < 1:
            problem = f"detection_p is {model.detection_p}, must be above 0 and below 1"
            raise BadInput(f"sensor {name}", problem)  # noqa: EM102
        if not (model.repeats_mean >= 0 and model.false_alarms_per_km2_day >= 0):
            problem = "repeats_mean or false_alarms_per_km2_day is negative, must be 0 or more"
            raise BadInput(f"sensor {name}", problem)  # noqa: EM102
        log_count[k] = _log_count(model.detection_p, model.repeats_mean, members_max)
        if model.false_alarms_per_km2_day > 0:
            alarms_log[k] = math.log(model.false_alarms_per_km2_day)
    return Terms(log_count, math.fsum(log_count[:, 0]), alarms_log)


def _log_count(detection_p: float, repeats_mean: float, members_max: int) -> NDArray[np.float64]:
    row = np.full(members_max + 1, -math.inf)
    row[0] = math.log1p(-detection_p)
    row[1] = math.log(detection_p) - repeats_mean
    if repeats_mean > 0:
        for n in range(2, members_max + 1):
            row[n] = row[1] + (n - 1) * math.log(repeats_mean) + math.log(n)
    return row


@njit(cache=True)
def log_sum(a, b):  # type: ignore[no-untyped-def]
    """Return log(exp(a) + exp(b)); b may be -inf."""
    return max(a, b) + math.log1p(math.exp(-abs(a - b)))


@njit(cache=True)
def incident_alone(log_density, sensor, terms):  # type: ignore[no-untyped-def]
    """Return the log weight of one report as an incident that only it saw."""
    return (
        log_density + terms.silent_log_p + (terms.log_count[sensor, 1] - terms.log_count[sensor, 0])
    )


@njit(cache=True)
def prior(log_density_sum, size, count, terms):  # type: ignore[no-untyped-def]
    """Return log W of a group without its integral; density is the members' geometric mean.

    Only an analyst can put two reports of an at-most-once sensor into one group; there they count
    once, see `number_odds`.
    """
    total = log_density_sum / size + terms.silent_log_p
    for k in range(count.shape[0]):
        total += number_odds(terms.log_count, k, count[k])
    return total


@njit(cache=True)
def number_odds(log_count, k, number):  # type: ignore[no-untyped-def]
    """Return the log odds of that many reports of sensor k against none.

    More than the sensor can give of one incident count as one: a group of the model's own making
    never holds them, and one of an analyst's stays as real as the other reports make it.
    """
    counted = log_count[k, number]
    return (counted if counted > -math.inf else log_count[k, 1]) - log_count[k, 0]


@njit(cache=True)
def agreement(d2, dt2, s2, u2):  # type: ignore[no-untyped-def]
    """Return log N(dx, dy; s2) N(dt; u2): how well two means with summed variances agree."""
    return LOG_NORMAL_3D - 0.5 * (d2 / s2 + dt2 / u2 + math.log(s2 * s2 * u2))


@njit(cache=True)
def weigh_alone(reports, sensor, terms):  # type: ignore[no-untyped-def]
    """Fill the SINGLE column: log weight of each report alone, incident or false alarm."""
    for i in range(len(reports)):
        alone = incident_alone(reports[i, LAMBDA], sensor[i], terms)
        reports[i, SINGLE] = log_sum(alone, terms.false_alarm_log[sensor[i]])
