"""Groups of one component while reports change places: enter a group, leave it, weigh each one.

Callers in other modules keep what they compiled from here: see `likelihood` on stale caches.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.likelihood import (
    COLUMNS,
    LAMBDA,
    S2,
    SINGLE,
    U2,
    T,
    X,
    Y,
    agreement,
    incident_alone,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUM, ALONE, SIZE = 5, 6, 7
"""Columns of a group after X, Y, T, S2, U2 of its mean: sum of log densities, what joining takes
away from its weight (see `gain`), number of reports."""
_STATISTICS = 8
FAR2 = 100.0  # squared standard deviations; beyond, a join weighs e-50 and evidence is below e30


class Walk(NamedTuple):
    """Working memory for one component of m reports; a group is in one of m slots."""

    report: NDArray[np.float64]  # [report, column of `likelihood`]
    sensor: NDArray[np.int64]
    slot: NDArray[np.int64]  # of each report
    head: NDArray[np.int64]  # [slot]: its first report, or -1
    tail: NDArray[np.int64]  # [report]: the next one in the same slot, or -1
    group: NDArray[np.float64]  # [slot, statistic]
    by_sensor: NDArray[np.int64]  # [slot, sensor]
    gain: NDArray[np.float64]  # [slot]: log weight of the report in hand there
    chance: NDArray[np.float64]  # [slot]: its chance there
    best: NDArray[np.int64]  # slot of each report in the best grouping
    state: NDArray[np.uint64]  # of the random numbers


def empty_walk(m: int, sensors: int) -> Walk:
    """Return room for components of up to m reports."""

    def whole() -> NDArray[np.int64]:
        return np.zeros(m, np.int64)

    return Walk(
        report=np.zeros((m, COLUMNS)),
        sensor=whole(),
        slot=whole(),
        head=whole(),
        tail=whole(),
        group=np.zeros((m, _STATISTICS)),
        by_sensor=np.zeros((m, sensors), np.int64),
        gain=np.zeros(m),
        chance=np.zeros(m),
        best=whole(),
        state=np.zeros(1, np.uint64),
    )


@njit(cache=True)
def random_p(state):  # type: ignore[no-untyped-def]
    """Return the next number from 0 to 1, without 1 (xorshift; Marsaglia 2003)."""
    z = state[0]
    z ^= z << np.uint64(13)
    z ^= z >> np.uint64(7)
    z ^= z << np.uint64(17)
    state[0] = z
    return (z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@njit(cache=True)
def seed_state(state, seed):  # type: ignore[no-untyped-def]
    """Start the random numbers; neighbouring seeds give unlike numbers (splitmix64)."""
    z = seed + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    state[0] = z if z != np.uint64(0) else np.uint64(1)


@njit(cache=True)
def enter(walk, q, s, terms):  # type: ignore[no-untyped-def]
    """Put report q into slot s."""
    r, g = walk.report, walk.group
    walk.slot[q] = s
    walk.tail[q] = walk.head[s]
    walk.head[s] = q
    walk.by_sensor[s, walk.sensor[q]] += 1
    if g[s, SIZE] == 0:
        for column in range(U2 + 1):
            g[s, column] = r[q, column]
        g[s, SUM], g[s, SIZE] = r[q, LAMBDA], 1
        seen = incident_alone(0.0, walk.sensor[q], terms)
        g[s, ALONE] = r[q, SINGLE] - seen
        return
    s2, u2 = g[s, S2] + r[q, S2], g[s, U2] + r[q, U2]
    g[s, X] += (r[q, X] - g[s, X]) * g[s, S2] / s2
    g[s, Y] += (r[q, Y] - g[s, Y]) * g[s, S2] / s2
    g[s, T] += (r[q, T] - g[s, T]) * g[s, U2] / u2
    g[s, S2] *= r[q, S2] / s2
    g[s, U2] *= r[q, U2] / u2
    g[s, SUM] += r[q, LAMBDA]
    g[s, SIZE] += 1
    g[s, ALONE] = g[s, SUM] / g[s, SIZE]


@njit(cache=True)
def seat(table, rows, local, label, terms, walk):  # type: ignore[no-untyped-def]
    """Lay out a component in the groups that it has so far."""
    reports, sensor = table
    m = len(rows)
    for q in range(m):
        for column in range(reports.shape[1]):
            walk.report[q, column] = reports[rows[q], column]
        walk.sensor[q] = sensor[rows[q]]
        walk.head[q] = -1
        walk.group[q, SIZE] = 0
        walk.by_sensor[q, :] = 0
    for q in range(m):
        enter(walk, q, local[label[rows[q]]], terms)


@njit(cache=True)
def leave(walk, q, terms):  # type: ignore[no-untyped-def]
    """Take report q out of its slot; the rest is summed afresh, so that nothing drifts."""
    s = walk.slot[q]
    left = walk.head[s]
    walk.head[s] = -1
    walk.group[s, SIZE] = 0
    walk.by_sensor[s, :] = 0
    while left >= 0:
        after = walk.tail[left]
        if left != q:
            enter(walk, left, s, terms)
        left = after


@njit(cache=True)
def gain(walk, q, s, terms):  # type: ignore[no-untyped-def]
    """Return log W(slot with q) - log W(slot): the weight of q there, -inf where it is too far.

    What does not change cancels: the slot keeps, in ALONE, only that part of its own weight which
    the joint one replaces (the mean log density; for one report also what false alarms add).
    """
    r, g = walk.report, walk.group
    u2 = g[s, U2] + r[q, U2]
    dt2 = (g[s, T] - r[q, T]) ** 2
    if dt2 > FAR2 * u2:
        return -math.inf
    s2 = g[s, S2] + r[q, S2]
    d2 = (g[s, X] - r[q, X]) ** 2 + (g[s, Y] - r[q, Y]) ** 2
    if d2 > FAR2 * s2:
        return -math.inf
    k = walk.sensor[q]
    n = walk.by_sensor[s, k]
    if terms.log_count[k, n + 1] == -math.inf:
        return -math.inf
    step = terms.log_count[k, n + 1] - terms.log_count[k, n]
    density = (g[s, SUM] + r[q, LAMBDA]) / (g[s, SIZE] + 1) - g[s, ALONE]
    return density + step + agreement(d2, dt2, s2, u2)


@njit(cache=True)
def weigh_slots(walk, q, m, terms):  # type: ignore[no-untyped-def]
    """Fill `gain` for report q, which is in no slot now; return the free slot that is its own."""
    free = -1
    for s in range(m):
        if walk.group[s, SIZE] > 0:
            walk.gain[s] = gain(walk, q, s, terms)
        else:
            walk.gain[s] = -math.inf
            if free < 0:
                free = s
    walk.gain[free] = walk.report[q, SINGLE]
    return free


@njit(cache=True)
def heaviest(walk, m):  # type: ignore[no-untyped-def]
    """Return the slot of greatest gain, the least one of several."""
    best = 0
    for s in range(1, m):
        if walk.gain[s] > walk.gain[best]:
            best = s
    return best


@njit(cache=True)
def fill_chances(walk, m, heat):  # type: ignore[no-untyped-def]
    """Fill `chance` from `gain` at that temperature."""
    top = walk.gain[heaviest(walk, m)]
    total = 0.0
    for s in range(m):
        walk.chance[s] = 0.0
        if walk.gain[s] > -math.inf:
            walk.chance[s] = math.exp((walk.gain[s] - top) / heat)
            total += walk.chance[s]
    for s in range(m):
        walk.chance[s] /= total


@njit(cache=True)
def pick(walk, m):  # type: ignore[no-untyped-def]
    """Return a slot drawn with its chance."""
    left = random_p(walk.state)
    last = 0
    for s in range(m):
        if walk.chance[s] > 0:
            last = s
            left -= walk.chance[s]
            if left < 0:
                return s
    return last
