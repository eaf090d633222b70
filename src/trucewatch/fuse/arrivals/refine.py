"""From a candidate to a source: place, time, reach and picks by maximum likelihood.

Each step takes the nearest free pick of every channel in reach, sets the reach by likelihood with
silence counted, and moves place and time by Gauss-Newton with each pick weighted by the probability
that it is of the source. The time error starts wide and narrows (annealing), because a candidate is
a node and a bin away from the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.arrivals.picks import PHASES

if TYPE_CHECKING:
    from numpy.typing import NDArray

X, Y, T, REACH, RATIO, COUNT = range(6)
"""Columns of a source: place (km), origin time (s), reach (km), log ratio, number of picks."""
COLUMNS = 6
WIDE_S = np.array([1.3, 0.9, 0.6])  # time error of the first steps of a new candidate
NEW_STEPS = 9  # of a candidate
OLD_STEPS = 6  # of a source that is fitted again
GATE = 3.2  # a pick farther from its predicted time than this many sigma is not of the source
HOPELESS = -1e9  # log ratio of a candidate that lost its picks
LEAST = 4.0  # expected picks under which place and time are not determined
SETTLED_KM = 0.01  # a step shorter than this ends the search; far under any error of a source
STEP_MAX_KM = 6.0  # longest move in one step
DAMPING = 1e-4  # s2/km2, keeps the solution finite where all stations lie in one direction
HUGE = 1e200  # a product of likelihoods is taken to its logarithm above this, or under 1 / this
ROOT_2_PI = np.sqrt(2 * np.pi)
NEVER_0_KM = 1e-6  # added to a distance, which divides


class Fit(NamedTuple):
    """Working memory for one source; rows are stations, columns phases."""

    near: NDArray[np.int64]  # (station,) those in reach come first
    away_km: NDArray[np.float64]  # (station,)
    steep: NDArray[np.float64]  # (station,) exp(distance / edge)
    per_s: NDArray[np.float64]  # (station, phase) clutter rate at the predicted time
    who: NDArray[np.int64]  # (station, phase) pick or -1
    late_s: NDArray[np.float64]  # (station, phase) its residual
    excess: NDArray[np.float64]  # (station, phase) density of source over clutter; 0 without a pick
    at: NDArray[np.float64]  # the source, columns as above


class Free(NamedTuple):
    """All picks by time, and which of them no source has claimed."""

    channel: NDArray[np.int64]
    time_s: NDArray[np.float64]
    free: NDArray[np.bool_]


def fit(stations: int) -> Fit:
    """Return working memory."""
    both = (stations, PHASES)
    return Fit(
        np.zeros(stations, np.int64),
        np.zeros(stations),
        np.zeros(stations),
        np.zeros(both),
        np.zeros(both, np.int64),
        np.zeros(both),
        np.zeros(both),
        np.zeros(COLUMNS),
    )


@njit(cache=True)
def refine(fit, steps, place_km, picks, rates, heard):  # type: ignore[no-untyped-def]
    """Fit the source in `fit.at`, which holds a first place and time.

    Args:
        fit: Working memory; on return `at` is the source and `who` its picks.
        steps: `NEW_STEPS` for a candidate from the stack, whose first steps are wide; `OLD_STEPS`
            for a source that is fitted again.
        place_km: (station, 2).
        picks: `Free`.
        rates: `rates.Clutter` of its stretch.
        heard: `hearing.Hearing`.
    """
    moved_km = np.inf
    for step in range(steps):
        wide = steps == NEW_STEPS and step < len(WIDE_S)
        sigma_s = max(heard.sigma_s, WIDE_S[step]) if wide else heard.sigma_s
        m = _predict(fit, place_km, rates, heard)
        _match(fit, picks, heard, sigma_s)
        _compare(fit, m, sigma_s)
        _reach(fit, m, heard)
        if not wide and (moved_km < SETTLED_KM or step == steps - 1):
            _settle(fit, m, heard)
            return
        moved_km = _move(fit, m, place_km, heard)
        if moved_km < 0:
            break
    fit.at[RATIO], fit.at[COUNT] = HOPELESS, 0


@njit(cache=True)
def _predict(fit, place_km, rates, heard):  # type: ignore[no-untyped-def]
    """Look up the stations in reach and the clutter when the waves pass; return how many."""
    m = 0
    bins = rates.local_per_s.shape[1]
    for s in range(len(place_km)):
        east_km, north_km = fit.at[X] - place_km[s, 0], fit.at[Y] - place_km[s, 1]
        fit.away_km[s] = np.sqrt(east_km * east_km + north_km * north_km) + NEVER_0_KM
        for k in range(PHASES):
            fit.who[s, k] = -1
            fit.late_s[s, k] = np.inf
        if fit.away_km[s] > heard.cutoff_km:
            continue
        fit.near[m] = s
        m += 1
        fit.steep[s] = np.exp(fit.away_km[s] / heard.edge_km)
        for k in range(PHASES):
            due_s = fit.at[T] + fit.away_km[s] / heard.speed_km_s[k]
            b = min(max(int((due_s - rates.from_s) / rates.bin_s), 0), bins - 1)
            fit.per_s[s, k] = rates.local_per_s[PHASES * s + k, b]
    return m


@njit(cache=True)
def _match(fit, picks, heard, sigma_s):  # type: ignore[no-untyped-def]
    """Give each channel in reach its free pick nearest to the predicted time; ties go first."""
    last_s = fit.at[T] + heard.cutoff_km / heard.speed_km_s[1] + GATE * sigma_s
    p = np.searchsorted(picks.time_s, fit.at[T] - GATE * sigma_s)
    while p < len(picks.time_s) and picks.time_s[p] <= last_s:
        s, k = picks.channel[p] // PHASES, picks.channel[p] % PHASES
        if picks.free[p] and fit.away_km[s] <= heard.cutoff_km:
            late_s = picks.time_s[p] - fit.at[T] - fit.away_km[s] / heard.speed_km_s[k]
            if abs(late_s) < min(GATE * sigma_s, abs(fit.late_s[s, k])):
                fit.late_s[s, k] = late_s
                fit.who[s, k] = p
        p += 1


@njit(cache=True)
def _compare(fit, m, sigma_s):  # type: ignore[no-untyped-def]
    """Say of each channel how much likelier its pick's time is of the source than of clutter."""
    for i in range(m):
        s = fit.near[i]
        for k in range(PHASES):
            fit.excess[s, k] = 0.0
            if fit.who[s, k] >= 0:
                z = fit.late_s[s, k] / sigma_s
                fit.excess[s, k] = np.exp(-0.5 * z * z) / (ROOT_2_PI * sigma_s * fit.per_s[s, k])


@njit(cache=True)
def _reach(fit, m, heard):  # type: ignore[no-untyped-def]
    """Set the reach of greatest likelihood; ties go to the shortest."""
    fit.at[RATIO] = -np.inf
    for reach_km in heard.reach_km:
        ratio = _log_ratio(fit, m, heard, reach_km)
        if ratio > fit.at[RATIO]:
            fit.at[REACH], fit.at[RATIO] = reach_km, ratio


@njit(cache=True)
def _log_ratio(fit, m, heard, reach_km):  # type: ignore[no-untyped-def]
    """Return the log likelihood ratio of the source against clutter alone.

    Channels multiply: 1 - p where silent, 1 - p + p * excess where picked. Products are taken to
    their logarithm now and then, which is much cheaper than a logarithm per channel.
    """
    fade = np.exp(-reach_km / heard.edge_km)
    total, product = 0.0, 1.0
    for i in range(m):
        s = fit.near[i]
        steep = fit.steep[s] * fade
        rest = 1.0 - heard.detect_p + steep
        silent, odds = rest / (1.0 + steep), heard.detect_p / rest
        for k in range(PHASES):
            product *= silent * (1.0 + odds * fit.excess[s, k])
        if not 1 / HUGE < product < HUGE:
            total += np.log(product)
            product = 1.0
    return total + np.log(product)


@njit(cache=True)
def _of_source(fit, s, k, heard):  # type: ignore[no-untyped-def]
    """Return the probability that the channel's pick is of the source; 0 without one."""
    steep = fit.steep[s] * np.exp(-fit.at[REACH] / heard.edge_km)
    odds = heard.detect_p / (1.0 - heard.detect_p + steep) * fit.excess[s, k]
    return odds / (1.0 + odds)


@njit(cache=True)
def _move(fit, m, place_km, heard):  # type: ignore[no-untyped-def]
    """Take one Gauss-Newton step; return its length in km, or -1 where too few picks are left."""
    xx, xy, yy, xt, yt, tt, x, y, t = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(m):
        s = fit.near[i]
        for k in range(PHASES):
            if fit.who[s, k] < 0:
                continue
            w, late_s = _of_source(fit, s, k, heard), fit.late_s[s, k]
            slow = 1.0 / (fit.away_km[s] * heard.speed_km_s[k])
            gx, gy = (fit.at[X] - place_km[s, 0]) * slow, (fit.at[Y] - place_km[s, 1]) * slow
            xx, xy, yy = xx + w * gx * gx, xy + w * gx * gy, yy + w * gy * gy
            xt, yt, tt = xt + w * gx, yt + w * gy, tt + w
            x, y, t = x + w * gx * late_s, y + w * gy * late_s, t + w * late_s
    if tt < LEAST:
        return -1.0
    a, b, c = xx - xt * xt / tt + DAMPING, xy - xt * yt / tt, yy - yt * yt / tt + DAMPING
    x, y = x - xt * t / tt, y - yt * t / tt
    det = a * c - b * b
    east_km, north_km = (c * x - b * y) / det, (a * y - b * x) / det
    far_km = np.sqrt(east_km * east_km + north_km * north_km)
    if far_km > STEP_MAX_KM:  # the time follows the shortened step
        east_km, north_km = east_km * STEP_MAX_KM / far_km, north_km * STEP_MAX_KM / far_km
    fit.at[X] += east_km
    fit.at[Y] += north_km
    fit.at[T] += (t - xt * east_km - yt * north_km) / tt
    return far_km


@njit(cache=True)
def _settle(fit, m, heard):  # type: ignore[no-untyped-def]
    """Keep the picks that are more likely of the source than clutter, and count them."""
    fit.at[COUNT] = 0
    for i in range(m):
        s = fit.near[i]
        for k in range(PHASES):
            if _of_source(fit, s, k, heard) > 0.5:  # noqa: PLR2004 - one half
                fit.at[COUNT] += 1
            else:
                fit.who[s, k] = -1
