"""Other explanations of many picks at once: restless stations, or a pulse over the network.

A wave gives a station one pick of each phase; a restless station goes on picking. A wave comes to
one station after the other; a pulse comes to all at once. So either is held against a source by all
picks there and then, not only by those that the source took. A pick that another source has claimed
is explained and counts for neither.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from trucewatch.fuse.arrivals.picks import PHASES
from trucewatch.fuse.arrivals.refine import GATE, REACH, T

WIDTHS_S = np.array([5.0, 10.0, 20.0, 40.0])  # how long stations are restless, each as likely
BEFORE = 0.3  # share of that time before the first wave comes; the rest is after the last one
SWARM_P = 0.01  # probability of a swarm where and when a candidate is
RESTLESS_P = 0.8  # probability that a swarm takes in a station within the candidate's reach
PER_S = 0.5  # mean rate of a restless station above its clutter; each has its own, exponential
"""The five were chosen on swarms that decay as 1 / t (17 days of 36,000 picks, seeds 5 and 100 to
115: 68 false sources before, 4 after) and on sources (seeds 5 and 6: none lost in plain worlds of
up to 2,000 a day, one of 240 in a hard one of 500 a day)."""

PULSE_S = 2.0  # how long a pulse lasts
PULSE_P = 0.001  # probability of one in any such time
PULSE_PER_S = 20.0  # mean rate of a pulse over the network, exponential
"""The three are for power failures and clock errors that all stations pick within about a second
(12 days of 36,000 picks, seeds 301 to 312: 8 false sources before, none after). Pulses of a region
are not looked for: at this probability they would also explain away one in a hundred sources where
there is little clutter, and at a hundredth of it they would no longer explain the pulses."""


@njit(cache=True)
def otherwise(fit, picks, rates, heard):  # type: ignore[no-untyped-def]
    """Return how much of the log likelihood ratio of a source swarms and pulses can explain.

    Args:
        fit: As `refine.refine` left it: a source, its picks, and the clutter at its stations.
        picks: `refine.Free`; those of the source are free.
        rates: `rates.Clutter` of its stretch.
        heard: `hearing.Hearing`.
    """
    return swarm(fit, picks, heard) + pulses(fit, picks, rates, heard)


@njit(cache=True)
def pulses(fit, picks, rates, heard):  # type: ignore[no-untyped-def]
    """Return the same as `swarm` of pulses, one of which may be in any `PULSE_S` of the source."""
    lead_s = GATE * heard.sigma_s
    begin_s = fit.at[T] - lead_s
    long_s = 2 * lead_s + heard.cutoff_km / heard.speed_km_s[1]
    count = np.zeros((int(long_s / PULSE_S) + 1, 2), np.int64)
    p = np.searchsorted(picks.time_s, begin_s)
    while p < len(picks.time_s) and picks.time_s[p] < begin_s + long_s:
        if picks.free[p]:
            own = fit.who[picks.channel[p] // PHASES, picks.channel[p] % PHASES] == p
            count[int((picks.time_s[p] - begin_s) / PULSE_S), int(own)] += 1
        p += 1
    b = min(max(int((fit.at[T] - rates.from_s) / rates.bin_s), 0), len(rates.network_per_s) - 1)
    none, step = _rest(rates.network_per_s[b], PULSE_PER_S, PULSE_S)
    gain = 0.0
    for others, own in count:
        if own:
            gain += restless(others + own, none, step, PULSE_P)
            gain -= restless(others, none, step, PULSE_P)
    return gain


@njit(cache=True)
def swarm(fit, picks, heard):  # type: ignore[no-untyped-def]
    """Return by how much a swarm may have raised the log likelihood ratio of a source.

    With and without the source there is a swarm with probability `SWARM_P`, and what it says of the
    stations' other picks is the same; so this is the log of the mean odds of a swarm given all
    picks over those given the other picks alone.

    Args:
        fit: As `refine.refine` left it: a source, its picks, and the clutter at its stations.
        picks: `refine.Free`; those of the source are free.
        heard: `hearing.Hearing`.
    """
    count = _count(fit, picks, heard)
    every, others = np.zeros(len(WIDTHS_S)), np.zeros(len(WIDTHS_S))
    for s in range(len(fit.away_km)):
        if fit.away_km[s] > fit.at[REACH]:
            continue
        own = (fit.who[s, 0] >= 0) + (fit.who[s, 1] >= 0)
        usual_per_s = fit.per_s[s, 0] + fit.per_s[s, 1]
        for w in range(len(WIDTHS_S)):
            begin_s, end_s = _window(fit.away_km[s], w, heard)
            none, step = _rest(usual_per_s, PER_S, end_s - begin_s)
            with_own = restless(count[s, w], none, step, RESTLESS_P)
            every[w] += with_own
            others[w] += restless(count[s, w] - own, none, step, RESTLESS_P) if own else with_own
    return _mixed(every) - _mixed(others)


@njit(cache=True)
def restless(count, none, step, p):  # type: ignore[no-untyped-def]
    """Return the log odds that possible restlessness gives to a count of picks.

    Args:
        count: n.
        none: See `_rest`.
        step: See `_rest`.
        p: Probability of restlessness.
    """
    factorial = math.lgamma(count + 1.0) if count > 1 else 0.0
    return _log_mean(none + count * step + factorial, p)


@njit(cache=True)
def _rest(usual_per_s, more_per_s, long_s):  # type: ignore[no-untyped-def]
    """Return the log odds of restlessness for no pick, and what a pick adds beside the factorial.

    With a rate that is exponential of mean 1 / b, n picks in a time W have the density
    n! b / (b + W)^(n + 1); with the usual rate u it is u^n exp(-u W).
    """
    b_s = 1.0 / (more_per_s + usual_per_s)
    none = usual_per_s * long_s - math.log1p(long_s / b_s)
    return none, -math.log((b_s + long_s) * usual_per_s)


@njit(cache=True)
def _mixed(log_odds):  # type: ignore[no-untyped-def]
    """Return the log mean odds over all widths, and over whether there is a swarm at all."""
    top = log_odds.max()
    return _log_mean(top + math.log(np.exp(log_odds - top).mean()), SWARM_P)


@njit(cache=True)
def _log_mean(log_odds, p):  # type: ignore[no-untyped-def]
    """Return log(1 - p + p exp(log_odds)) without overflow."""
    if log_odds > 0:
        return log_odds + math.log(p + (1.0 - p) * math.exp(-log_odds))
    return math.log1p(p * math.expm1(log_odds))


@njit(cache=True)
def _window(away_km, w, heard):  # type: ignore[no-untyped-def]
    """Return when a station is restless, in seconds since the source; its picks lie inside."""
    least_s = GATE * heard.sigma_s
    begin_s = away_km / heard.speed_km_s[0] - max(BEFORE * WIDTHS_S[w], least_s)
    end_s = away_km / heard.speed_km_s[1] + max((1 - BEFORE) * WIDTHS_S[w], least_s)
    return begin_s, end_s


@njit(cache=True)
def _count(fit, picks, heard):  # type: ignore[no-untyped-def]
    """Return (station, width) free picks of both phases in the window of each station in reach."""
    widest = len(WIDTHS_S) - 1
    count = np.zeros((len(fit.away_km), widest + 1), np.int64)
    p = np.searchsorted(picks.time_s, fit.at[T] + _window(0.0, widest, heard)[0])
    last_s = fit.at[T] + _window(fit.at[REACH], widest, heard)[1]
    while p < len(picks.time_s) and picks.time_s[p] <= last_s:
        s = picks.channel[p] // PHASES
        if picks.free[p] and fit.away_km[s] <= fit.at[REACH]:
            after_s = picks.time_s[p] - fit.at[T]
            for w in range(widest, -1, -1):
                begin_s, end_s = _window(fit.away_km[s], w, heard)
                if not begin_s <= after_s <= end_s:  # windows lie one in another
                    break
                count[s, w] += 1
        p += 1
    return count
