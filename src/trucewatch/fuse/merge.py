"""Best-first merging inside each component: the grouping with (locally) the greatest weight.

Start with every report alone; join the two neighbours whose joining gains most; stop when nothing
gains. Sufficient statistics make a gain O(sensors). Ties go to the least rows. What an analyst put
together is together from the start, and what one put apart never joins, see `links`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.groups import find, grouped
from trucewatch.fuse.likelihood import LAMBDA, S2, SINGLE, U2, T, X, Y, agreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.edges import Edges
    from trucewatch.fuse.likelihood import Terms

WX, WT, SUM, ALONE, SIZE, VX, VT = 3, 4, 5, 6, 7, 8, 9
"""Columns of a cluster after X, Y, T: position precision (1/km2), time precision (1/d2), sum of log
densities, log weight without its integral, number of reports, and one over both precisions."""
_STATISTICS = 10
_NO_PAIRS = np.empty((0, 2), np.int64)
APART, FAR = math.nan, -math.inf
"""Gains of two clusters that may never join, and of two that no edge joins (yet). Neither is above
anything, so neither is ever chosen."""


class Bench(NamedTuple):
    """Working memory for one component; row i stands for the cluster whose least report is i."""

    cluster: NDArray[np.float64]  # [cluster, statistics]
    by_sensor: NDArray[np.int64]  # [cluster, sensor]
    gain: NDArray[np.float64]  # [cluster * m + cluster], m reports in the component
    best: NDArray[np.int64]  # the neighbour that gains most, or -1
    most: NDArray[np.float64]  # what it gains
    into: NDArray[np.int64]  # the cluster that took it over; itself while alive
    alive: NDArray[np.int64]  # those alive, ascending


class Odds(NamedTuple):
    """What the numbers of reports by sensor add to a weight.

    Attributes:
        by_number: Log odds of n reports of a sensor against none, [sensor, n]; APART where it
            cannot give so many.
        silent_log_p: As in `likelihood.Terms`.
    """

    by_number: NDArray[np.float64]
    silent_log_p: float


class Inside(NamedTuple):
    """Pairs of reports by component: those of the one with least row r lie from start[r] on.

    A report is known by its place among those of its component.
    """

    low: NDArray[np.int32]
    high: NDArray[np.int32]
    evidence: NDArray[np.float64]
    start: NDArray[np.int64]


def merge(
    reports: NDArray[np.float64],
    sensor: NDArray[np.int64],
    edges: Edges,
    component: NDArray[np.int64],
    terms: Terms,
    apart: NDArray[np.int64] = _NO_PAIRS,
) -> NDArray[np.int64]:
    """Return, for each report, the least row of its incident.

    Args:
        reports: Columns of `likelihood`, canonical order.
        sensor: Row of each report's sensor in `terms`.
        edges: All edges; those between components are left out. The ends of an edge of infinite
            evidence are of one incident whatever else is known.
        component: Least row of each report's component.
        terms: The sensors' terms.
        apart: Pairs of rows that are not of one incident, shape (k, 2).
    """
    groups = grouped(component)
    largest = int(np.diff(groups.start).max(initial=0))
    bench = _bench(largest, len(terms.log_count))
    place = places(groups)
    linked = _inside(component, place, edges.low, edges.high, edges.evidence)
    one, other = np.ascontiguousarray(apart.T)
    kept_apart = _inside(component, place, one, other, np.zeros(len(apart)))
    label = np.arange(len(reports))
    merge_components((reports, sensor), groups, (linked, kept_apart), _odds(terms), bench, label)
    return label


def _odds(terms: Terms) -> Odds:
    by_number = terms.log_count - terms.log_count[:, :1]
    by_number[np.isneginf(by_number)] = APART
    return Odds(by_number, terms.silent_log_p)


def _bench(size: int, sensors: int) -> Bench:
    return Bench(
        np.zeros((size, _STATISTICS)),
        np.zeros((size, sensors), np.int64),
        np.zeros(size * size),
        np.zeros(size, np.int64),
        np.zeros(size),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
    )


@njit(cache=True)
def places(groups):  # type: ignore[no-untyped-def]
    """Return the place of each row among those of its group."""
    row, start = groups.row, groups.start
    place = np.empty(len(row), np.int32)
    for g in range(len(start) - 1):
        for q in range(start[g], start[g + 1]):
            place[row[q]] = q - start[g]
    return place


@njit(cache=True)
def _inside(component, place, low, high, evidence):  # type: ignore[no-untyped-def]
    """Return the pairs that lie inside components, by component."""
    start = np.zeros(len(component) + 1, np.int64)
    for e in range(len(low)):
        start[component[low[e]] + 1] += component[low[e]] == component[high[e]]
    for r in range(len(component)):
        start[r + 1] += start[r]
    n, free = start[-1], start[:-1].copy()
    kept = Inside(np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n), start)
    for e in range(len(low)):
        r = component[low[e]]
        if r == component[high[e]]:
            kept.low[free[r]], kept.high[free[r]] = place[low[e]], place[high[e]]
            kept.evidence[free[r]] = evidence[e]
            free[r] += 1
    return kept


@njit(cache=True)
def merge_components(table, groups, pairs, odds, bench, label):  # type: ignore[no-untyped-def]
    """Solve each component in turn."""
    linked, apart = pairs
    row, begin, linked_from, apart_from = groups.row, groups.start, linked.start, apart.start
    evidence, into = linked.evidence, bench.into
    for g in range(len(begin) - 1):
        first, m = begin[g], begin[g + 1] - begin[g]
        least = row[first]
        if m == 1:
            continue
        if m == 2 and apart_from[least] == apart_from[least + 1]:  # noqa: PLR2004
            at = linked_from[least]  # their edge says it all
            if at < linked_from[least + 1] and evidence[at] > 0:
                label[row[first + 1]] = least
            continue
        _lay_out(table, row, first, m, bench)
        _link(bench, m, least, linked, odds)
        if apart_from[least] < apart_from[least + 1]:
            _hold_apart(bench, m, least, apart)
        _merge_one(bench, m, odds)
        for q in range(m):
            label[row[first + q]] = row[first + find(into, q)]


@njit(cache=True, forceinline=True)
def _lay_out(table, row, first, m, bench):  # type: ignore[no-untyped-def]
    """Put each report of a component on the bench, alone."""
    reports, sensor = table
    cluster, by_sensor, gain, into = bench.cluster, bench.by_sensor, bench.gain, bench.into
    for q in range(m):
        i = row[first + q]
        cluster[q, X], cluster[q, Y], cluster[q, T] = reports[i, X], reports[i, Y], reports[i, T]
        cluster[q, WX], cluster[q, WT] = 1 / reports[i, S2], 1 / reports[i, U2]
        cluster[q, VX], cluster[q, VT] = 1 / cluster[q, WX], 1 / cluster[q, WT]
        cluster[q, SUM], cluster[q, ALONE] = reports[i, LAMBDA], reports[i, SINGLE]
        cluster[q, SIZE] = 1
        for k in range(by_sensor.shape[1]):
            by_sensor[q, k] = 0
        by_sensor[q, sensor[i]] = 1
        into[q] = q
    for pair in range(m * m):
        gain[pair] = FAR


@njit(cache=True, forceinline=True)
def _link(bench, m, least, linked, odds):  # type: ignore[no-untyped-def]
    """Set the gains along all edges, and join what an analyst put together."""
    into, gain, together = bench.into, bench.gain, False
    low, high, evidence = linked.low, linked.high, linked.evidence
    for e in range(linked.start[least], linked.start[least + 1]):
        gain[low[e] * m + high[e]] = evidence[e]
        gain[high[e] * m + low[e]] = evidence[e]
        if evidence[e] == math.inf:
            a, b = find(into, low[e]), find(into, high[e])
            into[max(a, b)] = min(a, b)
            together = True
    if together:
        _gather(bench, m, odds)
        _link_gathered(bench, m, least, linked, odds)


@njit(cache=True)
def _link_gathered(bench, m, least, linked, odds):  # type: ignore[no-untyped-def]
    """Set the gains along the edges of clusters that hold more than one report already."""
    into, gain, cluster = bench.into, bench.gain, bench.cluster
    for e in range(linked.start[least], linked.start[least + 1]):
        a, b = into[linked.low[e]], into[linked.high[e]]
        if a != b and cluster[a, SIZE] + cluster[b, SIZE] > 2:  # noqa: PLR2004 - not two reports
            gained = _gain(cluster, bench.by_sensor, odds.by_number, odds.silent_log_p, a, b)
            gain[a * m + b] = gained
            gain[b * m + a] = gained


@njit(cache=True)
def _gather(bench, m, odds):  # type: ignore[no-untyped-def]
    """Join each report to the least one that it must be with, in order of row."""
    for q in range(m):
        if bench.into[q] != q:
            bench.into[q] = find(bench.into, q)
            _join(
                bench.cluster,
                bench.by_sensor,
                odds.by_number,
                odds.silent_log_p,
                bench.into[q],
                q,
            )


@njit(cache=True)
def _hold_apart(bench, m, least, apart):  # type: ignore[no-untyped-def]
    """Forbid what an analyst put apart."""
    for e in range(apart.start[least], apart.start[least + 1]):
        a, b = bench.into[apart.low[e]], bench.into[apart.high[e]]
        bench.gain[a * m + b] = APART
        bench.gain[b * m + a] = APART


@njit(cache=True, forceinline=True)
def _choose(gain, m, alive, n, i):  # type: ignore[no-untyped-def]
    """Return with whom i gains most, and what; the least one when several do, -1 for none."""
    best, most = -1, FAR
    for at in range(n):
        j = alive[at]
        if gain[i * m + j] > most:
            best, most = j, gain[i * m + j]
    return best, most


@njit(cache=True, forceinline=True)
def _prepare(bench, m):  # type: ignore[no-untyped-def]
    """List those alive and choose each one's best neighbour; return how many are alive."""
    gain, alive, n = bench.gain, bench.alive, 0
    for i in range(m):
        if bench.into[i] == i:
            alive[n] = i
            n += 1
    for at in range(n):
        i = alive[at]
        bench.best[i], bench.most[i] = _choose(gain, m, alive, n, i)
    return n


@njit(cache=True, forceinline=True)
def _merge_one(bench, m, odds):  # type: ignore[no-untyped-def]
    gain, best, most, alive = bench.gain, bench.best, bench.most, bench.alive
    cluster, by_sensor = bench.cluster, bench.by_sensor
    by_number, silent = odds.by_number, odds.silent_log_p
    n = _prepare(bench, m)
    while True:
        a = _leader(most, alive, n)
        if a < 0:
            return
        b = best[a]  # a < b: of two that gain the same from each other, the least was found first
        _join(cluster, by_sensor, by_number, silent, a, b)
        bench.into[b] = a
        n = _bury(alive, n, b)
        best[a], most[a] = -1, FAR
        for at in range(n):
            j = alive[at]
            gained, other = gain[a * m + j], gain[b * m + j]
            if (gained == FAR and other == FAR) or j == a:
                continue
            gained = _worse(gained, other)
            if gained > FAR:
                gained = _gain(cluster, by_sensor, by_number, silent, a, j)
            gain[a * m + j] = gained
            gain[j * m + a] = gained
            if best[j] in (a, b):
                best[j], most[j] = _choose(gain, m, alive, n, j)
            elif gained > most[j] or (gained == most[j] and a < best[j]):
                best[j], most[j] = a, gained
            if gained > most[a]:
                best[a], most[a] = j, gained


@njit(cache=True, forceinline=True)
def _worse(one, other):  # type: ignore[no-untyped-def]
    """Return APART if either gain is that, else the greater: FAR if both are."""
    return one + other if math.isnan(one + other) else max(one, other)


@njit(cache=True, forceinline=True)
def _leader(most, alive, n):  # type: ignore[no-untyped-def]
    """Return the cluster that gains most from its best neighbour; -1 when none gains."""
    leader, top = -1, 0.0
    for at in range(n):
        if most[alive[at]] > top:
            leader, top = alive[at], most[alive[at]]
    return leader


@njit(cache=True, forceinline=True)
def _bury(alive, n, b):  # type: ignore[no-untyped-def]
    """Take b off the list of those alive, which stays in order; return how many are left."""
    at = 0
    while alive[at] != b:
        at += 1
    for q in range(at, n - 1):
        alive[q] = alive[q + 1]
    return n - 1


@njit(cache=True, forceinline=True)
def _join(cluster, by_sensor, by_number, silent, a, b):  # type: ignore[no-untyped-def]
    """Let cluster a take over cluster b."""
    wx, wt = cluster[a, WX], cluster[a, WT]
    weight, pace = wx + cluster[b, WX], wt + cluster[b, WT]
    cluster[a, X] = (cluster[a, X] * wx + cluster[b, X] * cluster[b, WX]) / weight
    cluster[a, Y] = (cluster[a, Y] * wx + cluster[b, Y] * cluster[b, WX]) / weight
    cluster[a, T] = (cluster[a, T] * wt + cluster[b, T] * cluster[b, WT]) / pace
    cluster[a, WX], cluster[a, WT] = weight, pace
    cluster[a, VX], cluster[a, VT] = 1 / weight, 1 / pace
    cluster[a, SUM] += cluster[b, SUM]
    cluster[a, SIZE] += cluster[b, SIZE]
    alone = cluster[a, SUM] / cluster[a, SIZE] + silent
    for k in range(by_sensor.shape[1]):
        number = by_sensor[a, k] + by_sensor[b, k]
        if math.isnan(by_number[k, number]):
            number = 1  # only an analyst joins such; they count once, see `likelihood.prior`
        by_sensor[a, k] = number
        alone += by_number[k, number]
    cluster[a, ALONE] = alone


@njit(cache=True, forceinline=True)
def _gain(cluster, by_sensor, by_number, silent, a, j):  # type: ignore[no-untyped-def]
    """Return what joining two clusters gains; APART where a sensor reports at most once."""
    size = cluster[a, SIZE] + cluster[j, SIZE]
    both = (cluster[a, SUM] + cluster[j, SUM]) / size + silent
    for k in range(by_sensor.shape[1]):
        both += by_number[k, by_sensor[a, k] + by_sensor[j, k]]
    if math.isnan(both):
        return APART
    d2 = (cluster[a, X] - cluster[j, X]) ** 2 + (cluster[a, Y] - cluster[j, Y]) ** 2
    dt2 = (cluster[a, T] - cluster[j, T]) ** 2
    s2, u2 = cluster[a, VX] + cluster[j, VX], cluster[a, VT] + cluster[j, VT]
    return both - (cluster[a, ALONE] + cluster[j, ALONE]) + agreement(d2, dt2, s2, u2)
