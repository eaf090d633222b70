"""Which precise incident an imprecise report (a settlement, a day) speaks of, if of any.

An incident j known from precise reports draws the report at rate m * P(j is one) * N(z; j, S): m is
the mean number of reports of its sensor per incident, S the sum of both variances. The other
sources are incidents that no precise sensor saw, further incidents hidden in a wrongly joined
group, and false alarms; they make up "none of the known ones". Reports of one incident are judged
apart from each other.

The support is finite, in standard deviations of the report and the incident; sums run over cells of
a fixed origin and by row inside each, so the order of reports does not matter.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.likelihood import S2, U2, T, X, Y, agreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

REACH = 4.5  # standard deviations; a known incident further off weighs less than e-10 of the best
# The next four were chosen on seeds 503-508 and 519-530 of the first trial, at 1e-3, 4e-3 and 2e-2
# incidents per km2 and day: of the settings tried, errors of calibration stay lowest everywhere.
WIDEN = 1.4  # width of the density kernel over the report's own error
SHRINK_KM2_DAY = 20.0  # weight of the configured mean density, as an observed volume
NEAREST = 0.5  # weight taken off the nearest incident: reports lie where one is known
HIDDEN = 0.9  # hidden incidents per member without one; by the truth of those trials .78 to .86
CELL_KM, CELL_D = 16.0, 2.0  # speed only, never the result
_SHIFT_X, _SHIFT_Y = 48, 32  # bits of a cell's key: 14 of x, 16 of y, 32 of time
_HALF = 1 << 13
_HALF_TIME = 1 << 31


class Known(NamedTuple):
    """The precise incidents.

    Attributes:
        place: Columns X, Y, T, S2, U2 of the mean of each, as in `likelihood`.
        stands_p: Chance that it stands for a true incident.
        hidden_mean: Expected number of its members whose incident no group stands for.
    """

    place: NDArray[np.float64]
    stands_p: NDArray[np.float64]
    hidden_mean: NDArray[np.float64]


class Source(NamedTuple):
    """What an imprecise report may come of, apart from the known incidents.

    Attributes:
        reports_mean: Mean number of reports of its sensor per incident, one per report.
        false_per_km2_day: Density of its sensor's false alarms, one per report.
        seen_p: Chance that a precise sensor reports an incident, by who watched at that time; one
            per report.
        usual_p: The same when all watch.
        incidents_per_km2_day: The configured mean.
    """

    reports_mean: NDArray[np.float64]
    false_per_km2_day: NDArray[np.float64]
    seen_p: NDArray[np.float64]
    usual_p: float
    incidents_per_km2_day: float


class Soft(NamedTuple):
    """Chances of each imprecise report.

    Attributes:
        row: Report of each pair, ascending.
        incident: Known incident of each pair.
        pair_p: Chance that the report is of it.
        own_p: Per report: it is of an incident that no known one stands for.
        false_p: Per report: it is a false alarm.
    """

    row: NDArray[np.int64]
    incident: NDArray[np.int64]
    pair_p: NDArray[np.float64]
    own_p: NDArray[np.float64]
    false_p: NDArray[np.float64]


def soften(reports: NDArray[np.float64], source: Source, known: Known, *, floor_p: float) -> Soft:
    """Return the chances of imprecise reports.

    Args:
        reports: Columns of `likelihood`; X, Y, T, S2, U2 are read.
        source: See there.
        known: The precise incidents, in canonical order.
        floor_p: Pairs below it are left out.
    """
    keys = cell_keys(known.place)
    order = np.argsort(keys, kind="stable")
    cells = (keys[order], Known(*(column[order] for column in known)), order)
    n = len(reports)
    own_p, false_p = np.empty(n), np.empty(n)
    room = 4 * n + 64
    while True:
        pairs = (np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room))
        found = fill(reports, source, cells, floor_p, pairs, (own_p, false_p))
        if found <= room:
            row, incident, pair_p = pairs
            return Soft(row[:found], incident[:found], pair_p[:found], own_p, false_p)
        room = found


@njit(cache=True)
def _key(ix, iy, it):  # type: ignore[no-untyped-def]
    return ((ix + _HALF) << _SHIFT_X) | ((iy + _HALF) << _SHIFT_Y) | (it + _HALF_TIME)


@njit(cache=True)
def cell_keys(place):  # type: ignore[no-untyped-def]
    """Return one key per incident; neighbours in time have neighbouring keys."""
    keys = np.empty(len(place), np.int64)
    for j in range(len(place)):
        ix, iy = math.floor(place[j, X] / CELL_KM), math.floor(place[j, Y] / CELL_KM)
        keys[j] = _key(ix, iy, math.floor(place[j, T] / CELL_D))
    return keys


@njit(cache=True)
def _note_near(report, spread, cells, near):  # type: ignore[no-untyped-def]
    """List the places of the incidents in the cells around a report; return how many."""
    keys = cells[0]
    reach = REACH * math.sqrt(report[S2] + spread[0])
    window = REACH * math.sqrt(report[U2] + spread[1])
    t0 = math.floor((report[T] - window) / CELL_D)
    t1 = math.floor((report[T] + window) / CELL_D)
    n = 0
    for ix in range(
        math.floor((report[X] - reach) / CELL_KM), math.floor((report[X] + reach) / CELL_KM) + 1
    ):
        for iy in range(
            math.floor((report[Y] - reach) / CELL_KM), math.floor((report[Y] + reach) / CELL_KM) + 1
        ):
            at = np.searchsorted(keys, _key(ix, iy, t0))
            last = _key(ix, iy, t1)
            while at < len(keys) and keys[at] <= last:
                near[n] = at
                n += 1
                at += 1
    return n


@njit(cache=True)
def _draw(report, known, j):  # type: ignore[no-untyped-def]
    """Return the normal density of the report around incident j, and the kernel of its density."""
    s2, u2 = report[S2] + known.place[j, S2], report[U2] + known.place[j, U2]
    d2 = (report[X] - known.place[j, X]) ** 2 + (report[Y] - known.place[j, Y]) ** 2
    dt2 = (report[T] - known.place[j, T]) ** 2
    if d2 / s2 + dt2 / u2 > REACH * REACH:
        return 0.0, 0.0
    kernel = math.exp(-0.5 * (d2 / report[S2] + dt2 / report[U2]) / (WIDEN * WIDEN))
    return math.exp(agreement(d2, dt2, s2, u2)), kernel


@njit(cache=True)
def _unseen(report, kernels, seen_p, source):  # type: ignore[no-untyped-def]
    """Return the density of incidents that no precise sensor saw, per km2 and day.

    What was not watched is no evidence of calm: the volume counts by the chance of being seen.
    """
    volume = math.sqrt(2 * math.pi) ** 3 * WIDEN**3 * report[S2] * math.sqrt(report[U2])
    shrink = SHRINK_KM2_DAY * source.usual_p
    if shrink == 0:
        return source.incidents_per_km2_day
    happened = kernels + shrink * source.incidents_per_km2_day
    return (1 - seen_p) * happened / (volume * seen_p + shrink)


@njit(cache=True)
def _weigh(report, known, near, drawn):  # type: ignore[no-untyped-def]
    """Fill `drawn` for the incidents near; return its sum, that of hidden ones, and of kernels."""
    total, hidden, kernels, nearest = 0.0, 0.0, 0.0, 0.0
    for a in range(len(near)):
        j = near[a]
        density, kernel = _draw(report, known, j)
        drawn[a] = density * known.stands_p[j]
        total += drawn[a]
        hidden += density * HIDDEN * known.hidden_mean[j]
        kernels += kernel * (known.stands_p[j] + HIDDEN * known.hidden_mean[j])
        nearest = max(nearest, kernel * known.stands_p[j])
    return total, hidden, kernels - NEAREST * nearest


@njit(cache=True)
def fill(reports, source, cells, floor_p, pairs, totals):  # type: ignore[no-untyped-def]
    """Fill the pairs and both totals; return how many pairs there are, room or not."""
    _, known, order = cells
    row, incident, pair_p = pairs
    own_p, false_p = totals
    near, drawn = np.empty(len(order), np.int64), np.empty(len(order))
    spread = (0.0, 0.0)
    if len(order):
        spread = (known.place[:, S2].max(), known.place[:, U2].max())
    found = 0
    for i in range(len(reports)):
        n = _note_near(reports[i], spread, cells, near)
        known_sum, hidden, kernels = _weigh(reports[i], known, near[:n], drawn)
        own = source.reports_mean[i] * (
            _unseen(reports[i], kernels, source.seen_p[i], source) + hidden
        )
        false = source.false_per_km2_day[i]
        total = source.reports_mean[i] * known_sum + own + false
        if total <= 0:  # nothing explains it: every sensor sees all and none errs
            own_p[i], false_p[i] = 1.0, 0.0
            continue
        own_p[i], false_p[i] = own / total, false / total
        for a in range(n):
            p = source.reports_mean[i] * drawn[a] / total
            if p >= floor_p:
                if found < len(row):
                    row[found], incident[found], pair_p[found] = i, order[near[a]], p
                found += 1
    return found
