"""Best-first merging inside each component: the grouping with (locally) the greatest weight.

Start with every report alone; join the two neighbours whose joining gains most; stop when nothing
gains. Sufficient statistics make a gain O(sensors). Ties go to the least rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.groups import grouped
from trucewatch.fuse.likelihood import LAMBDA, S2, SINGLE, U2, T, X, Y, agreement, prior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.edges import Edges
    from trucewatch.fuse.likelihood import Terms

WX, WT, SUM, ALONE, SIZE = 3, 4, 5, 6, 7
"""Columns of a cluster after X, Y, T: position precision (1/km2), time precision (1/d2), sum of log
densities, log weight without its integral, number of reports."""
_STATISTICS = 8


class Bench(NamedTuple):
    """Working memory for one component; row i stands for the cluster whose least report is i."""

    cluster: NDArray[np.float64]  # [cluster, statistics]
    by_sensor: NDArray[np.int64]  # [cluster, sensor]
    gain: NDArray[np.float64]  # [cluster, cluster], where `near`
    near: NDArray[np.bool_]  # [cluster, cluster]
    best: NDArray[np.int64]  # the neighbour that gains most, or -1
    into: NDArray[np.int64]  # the cluster that took it over; itself while alive


def merge(
    reports: NDArray[np.float64],
    sensor: NDArray[np.int64],
    edges: Edges,
    component: NDArray[np.int64],
    terms: Terms,
) -> NDArray[np.int64]:
    """Return, for each report, the least row of its incident.

    Args:
        reports: Columns of `likelihood`, canonical order.
        sensor: Row of each report's sensor in `terms`.
        edges: All edges; those between components are left out.
        component: Least row of each report's component.
        terms: The sensors' terms.
    """
    inside = component[edges.low] == component[edges.high]
    low, high, evidence = (column[inside] for column in edges)
    order = np.argsort(component[low], kind="stable")
    links = (component[low[order]], low[order], high[order], evidence[order])
    groups = grouped(component)
    largest = int(np.diff(groups.start).max(initial=0))
    bench = _bench(largest, len(terms.log_count))
    label = np.arange(len(reports))
    merge_components((reports, sensor), groups, links, terms, bench, label)
    return label


def _bench(size: int, sensors: int) -> Bench:
    return Bench(
        np.zeros((size, _STATISTICS)),
        np.zeros((size, sensors), np.int64),
        np.zeros((size, size)),
        np.zeros((size, size), np.bool_),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
    )


@njit(cache=True)
def merge_components(table, groups, links, terms, bench, label):  # type: ignore[no-untyped-def]
    """Solve each component in turn; links are sorted by component."""
    owner, low, high, evidence = links
    local = np.zeros(len(label), np.int64)
    e = 0
    for g in range(len(groups.start) - 1):
        rows = groups.row[groups.start[g] : groups.start[g + 1]]
        if len(rows) == 1:
            continue
        for q in range(len(rows)):
            local[rows[q]] = q
        _lay_out(table, rows, bench)
        while e < len(owner) and owner[e] == rows[0]:
            i, j = local[low[e]], local[high[e]]
            bench.gain[i, j] = evidence[e]
            bench.gain[j, i] = evidence[e]
            bench.near[i, j] = True
            bench.near[j, i] = True
            e += 1
        _merge_one(bench, len(rows), terms)
        for q in range(len(rows)):
            r = q
            while bench.into[r] != r:
                r = bench.into[r]
            label[rows[q]] = rows[r]


@njit(cache=True)
def _lay_out(table, rows, bench):  # type: ignore[no-untyped-def]
    """Put each report of a component on the bench, alone."""
    reports, sensor = table
    m = len(rows)
    for q in range(m):
        r = reports[rows[q]]
        c = bench.cluster[q]
        c[X], c[Y], c[T] = r[X], r[Y], r[T]
        c[WX], c[WT] = 1 / r[S2], 1 / r[U2]
        c[SUM], c[ALONE], c[SIZE] = r[LAMBDA], r[SINGLE], 1
        bench.by_sensor[q, :] = 0
        bench.by_sensor[q, sensor[rows[q]]] = 1
        bench.into[q] = q
        bench.near[q, :m] = False


@njit(cache=True)
def _choose(bench, i, m):  # type: ignore[no-untyped-def]
    """Return the neighbour with which i gains most; the least one when several do."""
    best = -1
    for j in range(m):
        if bench.near[i, j] and (best < 0 or bench.gain[i, j] > bench.gain[i, best]):
            best = j
    return best


@njit(cache=True)
def _merge_one(bench, m, terms):  # type: ignore[no-untyped-def]
    for i in range(m):
        bench.best[i] = _choose(bench, i, m)
    while True:
        a = -1
        for i in range(m):
            j = bench.best[i]
            if j >= 0 and (a < 0 or bench.gain[i, j] > bench.gain[a, bench.best[a]]):
                a = i
        if a < 0 or not bench.gain[a, bench.best[a]] > 0:
            return
        b = bench.best[a]
        if b < a:
            a, b = b, a
        _join(bench, a, b, terms)
        _renew(bench, a, b, m, terms)


@njit(cache=True)
def _join(bench, a, b, terms):  # type: ignore[no-untyped-def]
    """Let cluster a take over cluster b."""
    p, q = bench.cluster[a], bench.cluster[b]
    weight, pace = p[WX] + q[WX], p[WT] + q[WT]
    p[X] = (p[X] * p[WX] + q[X] * q[WX]) / weight
    p[Y] = (p[Y] * p[WX] + q[Y] * q[WX]) / weight
    p[T] = (p[T] * p[WT] + q[T] * q[WT]) / pace
    p[WX], p[WT] = weight, pace
    p[SUM] += q[SUM]
    p[SIZE] += q[SIZE]
    bench.by_sensor[a] += bench.by_sensor[b]
    p[ALONE] = prior(p[SUM], p[SIZE], bench.by_sensor[a], terms)
    bench.into[b] = a
    bench.best[b] = -1


@njit(cache=True)
def _gain(bench, a, j, terms):  # type: ignore[no-untyped-def]
    p, q = bench.cluster[a], bench.cluster[j]
    d2 = (p[X] - q[X]) ** 2 + (p[Y] - q[Y]) ** 2
    dt2 = (p[T] - q[T]) ** 2
    agreed = agreement(d2, dt2, 1 / p[WX] + 1 / q[WX], 1 / p[WT] + 1 / q[WT])
    both = prior(p[SUM] + q[SUM], p[SIZE] + q[SIZE], bench.by_sensor[a] + bench.by_sensor[j], terms)
    return both - (p[ALONE] + q[ALONE]) + agreed


@njit(cache=True)
def _renew(bench, a, b, m, terms):  # type: ignore[no-untyped-def]
    """After a took over b: new gains of a, and new best neighbours where they may have changed."""
    for j in range(m):
        if j != a and bench.into[j] == j and (bench.near[a, j] or bench.near[b, j]):
            bench.gain[a, j] = _gain(bench, a, j, terms)
            bench.gain[j, a] = bench.gain[a, j]
            bench.near[a, j] = True
            bench.near[j, a] = True
        bench.near[b, j] = False
        bench.near[j, b] = False
    for i in range(m):
        if bench.into[i] != i:
            continue
        old = bench.best[i]
        if i == a or old in (a, b):
            bench.best[i] = _choose(bench, i, m)
        elif bench.near[i, a] and _beats(bench, i, a, old):
            bench.best[i] = a


@njit(cache=True)
def _beats(bench, i, a, old):  # type: ignore[no-untyped-def]
    """Whether i gains more with a than with its best neighbour so far; ties go to the least."""
    if old < 0 or bench.gain[i, a] > bench.gain[i, old]:
        return True
    return bench.gain[i, a] == bench.gain[i, old] and a < old
