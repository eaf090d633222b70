"""The grouping that is expected to score best by B-cubed, given how likely each pair belongs.

The likeliest grouping is not the one of the best expected score. With P[i, j] the chance that i and
j are of one incident (P[i, i] = 1) and E[i] its sum over j, the expected size of i's incident, a
grouping is worth

    sum over i, and over j in the group of i, of P[i, j] / size of the group + P[i, j] / E[i],

which stands for expected precision plus expected recall; exact expectations would need the whole
distribution of groupings. Single reports move, in order of row, while a move gains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.groups import grouped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.edges import Edges

SWEEPS_MAX = 20  # each sweep only gains; in trials none needed more than a few
GAIN_MIN = 1e-9  # a smaller gain is rounding


class Desk(NamedTuple):
    """Working memory for one component; places are local, groups are named by a place.

    Attributes:
        chance: P, [place, place].
        expected: E, [place].
        group: Group of each place.
        size: Members of each group.
        inner: Sum of P over the ordered pairs of a group, each with itself included.
        joined: For the place at hand: sum of P to each group.
        recalled: For the place at hand: what each group would gain in recall with it.
    """

    chance: NDArray[np.float64]
    expected: NDArray[np.float64]
    group: NDArray[np.int64]
    size: NDArray[np.int64]
    inner: NDArray[np.float64]
    joined: NDArray[np.float64]
    recalled: NDArray[np.float64]


def consensus(
    label: NDArray[np.int64],
    edges: Edges,
    component: NDArray[np.int64],
    pair_p: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Return, for each report, the least row of its group in the grouping sought.

    Args:
        label: Where to start from: the least row of each report's group, inside its component.
        edges: Pairs inside components; other pairs are taken never to belong together.
        component: Least row of each report's component.
        pair_p: Chance that the two ends of each edge are of one incident.
    """
    order = np.lexsort((edges.high, edges.low, component[edges.low]))
    pairs = (component[edges.low][order], edges.low[order], edges.high[order], pair_p[order])
    groups = grouped(component)
    found = label.copy()
    solve(groups, pairs, _desk(int(np.diff(groups.start).max(initial=1))), found)
    return found


def _desk(most: int) -> Desk:
    square, line, whole = np.zeros((most, most)), np.zeros((4, most)), np.zeros((2, most), np.int64)
    return Desk(square, line[0], whole[0], whole[1], line[1], line[2], line[3])


@njit(cache=True)
def solve(groups, pairs, desk, label):  # type: ignore[no-untyped-def]
    """Improve `label` in each component in turn; pairs are sorted by component."""
    owner, low, high, pair_p = pairs
    local = np.zeros(len(label), np.int64)
    e = 0
    for g in range(len(groups.start) - 1):
        start, m = groups.start[g], groups.start[g + 1] - groups.start[g]
        if m == 1:
            continue
        desk.chance[:m, :m] = 0.0
        for q in range(m):
            local[groups.row[start + q]] = q
            desk.chance[q, q] = 1.0
        while e < len(owner) and owner[e] == groups.row[start]:
            i, j = local[low[e]], local[high[e]]
            desk.chance[i, j] = pair_p[e]
            desk.chance[j, i] = pair_p[e]
            e += 1
        for q in range(m):
            desk.group[q] = local[label[groups.row[start + q]]]
        improve(desk, m)
        _name(groups.row, start, m, desk, label)


@njit(cache=True)
def _name(row, start, m, desk, label):  # type: ignore[no-untyped-def]
    """Name each group of a component by its least row."""
    for q in range(m):
        least = q
        for other in range(q):
            if desk.group[other] == desk.group[q]:
                least = other
                break
        label[row[start + q]] = row[start + least]


@njit(cache=True)
def improve(desk, m):  # type: ignore[no-untyped-def]
    """Move single places between groups, or out of them, while that gains."""
    desk.size[:m] = 0
    desk.inner[:m] = 0.0
    for i in range(m):
        desk.expected[i] = desk.chance[i, :m].sum()
        desk.size[desk.group[i]] += 1
        for j in range(m):
            if desk.group[i] == desk.group[j]:
                desk.inner[desk.group[i]] += desk.chance[i, j]
    for _ in range(SWEEPS_MAX):
        moved = False
        for i in range(m):
            moved |= _move(desk, i, m)
        if not moved:
            return


@njit(cache=True)
def _look_around(desk, i, m):  # type: ignore[no-untyped-def]
    desk.joined[:m] = 0.0
    desk.recalled[:m] = 0.0
    for j in range(m):
        if j != i and desk.chance[i, j] > 0:
            chance_p = desk.chance[i, j]
            desk.joined[desk.group[j]] += chance_p
            desk.recalled[desk.group[j]] += chance_p * (1 / desk.expected[i] + 1 / desk.expected[j])


@njit(cache=True)
def _move(desk, i, m):  # type: ignore[no-untyped-def]
    """Move place i where it gains most; return whether it moved."""
    _look_around(desk, i, m)
    old = desk.group[i]
    desk.size[old] -= 1
    desk.inner[old] -= 2 * desk.joined[old] + 1
    best, most = -1, 1.0  # alone: precision 1, and no recall but its own, which is its everywhere
    if desk.size[old] > 0 and _gain(desk, old) >= most - GAIN_MIN:
        best, most = old, _gain(desk, old)
    for g in range(m):
        if g != old and desk.joined[g] > 0 and _gain(desk, g) > most + GAIN_MIN:
            best, most = g, _gain(desk, g)
    if best < 0:
        best = old
        for g in range(m):
            if desk.size[old] > 0 and desk.size[g] == 0:
                best = g
                break
    if desk.size[best] == 0:
        desk.inner[best] = 0.0  # what is left after the last member is rounding
    desk.size[best] += 1
    desk.inner[best] += 2 * desk.joined[best] + 1
    desk.group[i] = best
    return best != old


@njit(cache=True)
def _gain(desk, g):  # type: ignore[no-untyped-def]
    """Return what the place at hand adds to a group that is not empty and does not hold it."""
    size, inner = desk.size[g], desk.inner[g]
    precision = (inner + 2 * desk.joined[g] + 1) / (size + 1) - inner / size
    return precision + desk.recalled[g]
