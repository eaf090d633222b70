"""Neighbours joined closest first, without ever listing them.

Single linkage in Kruskal's order with a bound: a join that would make a group too wide or too long
is left out. What did not fit once never fits later, as groups only grow. Therefore each incident
need only remember its closest neighbour that still fits, and ask again when that one is taken. It
is searched in a tree of boxes in which all that is of one group is skipped at once: the number of
neighbours, which grows with the square of the density, is never met.

Groups that fit although no join is left out are made first; they need no order.
"""

from __future__ import annotations

import math
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.fuse.groups import find

if TYPE_CHECKING:
    from numpy.typing import NDArray

X, Y, T, S2, U2 = 0, 1, 2, 3, 4
"""Columns of the matrix: place in the plane (m), time (us since 1970, exact up to the year 2255),
variance per axis (m2) and of time (us2)."""
_AXES = 3
_SIGMAS = 2.0  # of the error of a difference, allowed on top of each limit; about 95 %
_LEAF_ROWS = 8  # incidents in a leaf at most; speed only
_FINE = 64  # steps of the tree's order per reach and gap; speed only
_STEPS_MAX = (1 << 21) - 1  # three such numbers fit in 63 bits
_SPREAD = (
    (32, 0x1F00000000FFFF),
    (16, 0x1F0000FF0000FF),
    (8, 0x100F00F00F00F00F),
    (4, 0x10C30C30C30C30C3),
    (2, 0x1249249249249249),
)
"""Shift and mask that, one after the other, put two zeros between the bits of a 21-bit number."""
MIXED = -1
"""No one group holds all of a node, as far as is known."""


class Limits(NamedTuple):
    """What neighbours (`reach_m`, `gap_us`) and groups (the others) may be at most."""

    reach_m: float
    gap_us: int
    extent_m: float
    span_us: int


class Tree(NamedTuple):
    """Boxes around boxes around incidents: node 1 is the root, 2k and 2k + 1 are the parts of k.

    The second half of the nodes are leaves; leaf k of n holds the k-th n-th of `row`.

    Attributes:
        row: Rows in an order that keeps neighbours together.
        low: (nodes, 3) least x, y, t.
        high: (nodes, 3) greatest.
        most: (nodes, 2) greatest variances.
        least: Least row in each node.
        owner: A row of the one group that holds all of the node, or `MIXED`.
    """

    row: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    most: NDArray[np.float64]
    least: NDArray[np.int64]
    owner: NDArray[np.int64]


class Grown(NamedTuple):
    """Groups while they grow.

    Attributes:
        parent: Towards the least row of each row's group, see `groups.find`.
        low: (rows, 3) least x, y, t of the group whose least row this is.
        high: (rows, 3) greatest.
    """

    parent: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


class Stack(NamedTuple):
    """Working memory of a search: nodes still to be looked into, and how close they may be."""

    node: NDArray[np.int64]
    closeness: NDArray[np.float64]


def joined(at: NDArray[np.float64], limits: Limits) -> NDArray[np.int64]:
    """Return the least row of each incident's group.

    Equally close pairs join in order of their lesser, then their greater row.

    Args:
        at: Columns X to U2, at least one row.
        limits: Of neighbours and groups.
    """
    n = len(at)
    leaves = 1 << max(0, math.ceil(math.log2(n / _LEAF_ROWS)))
    tree = Tree(
        row=_near_order(at, limits),
        low=np.empty((2 * leaves, _AXES)),
        high=np.empty((2 * leaves, _AXES)),
        most=np.empty((2 * leaves, 2)),
        least=np.empty(2 * leaves, np.int64),
        owner=np.full(2 * leaves, MIXED),
    )
    plant(at, tree)
    grown = Grown(np.arange(n), at[:, :_AXES].copy(), at[:, :_AXES].copy())
    deep = 2 * leaves.bit_length() + 2
    stack = Stack(np.empty(deep, np.int64), np.empty(deep))
    asking = join_whole(at, tree, grown, limits, stack)
    join_closest(at, asking, tree, grown, limits, stack)
    return grown.parent


def _near_order(at: NDArray[np.float64], limits: Limits) -> NDArray[np.int64]:
    """Return the rows along a Morton curve through space and time."""
    shares = (at[:, :_AXES] - at[:, :_AXES].min(axis=0)) / (
        limits.reach_m,
        limits.reach_m,
        limits.gap_us,
    )
    # A long record needs coarser steps in time than in space, so each axis has its own.
    fine = np.minimum(_FINE, _STEPS_MAX / np.maximum(shares.max(axis=0), 1.0))
    steps = (shares * fine).astype(np.int64)
    for shift, mask in _SPREAD:
        steps = (steps | steps << shift) & mask
    code = steps[:, X] | steps[:, Y] << 1 | steps[:, T] << 2
    return np.argsort(code, kind="stable")


@njit(cache=True)
def plant(at, tree):  # type: ignore[no-untyped-def]
    """Fill in the boxes, from the leaves up."""
    leaves, n = len(tree.least) // 2, len(at)
    for node in range(2 * leaves - 1, 0, -1):
        tree.low[node], tree.high[node] = math.inf, -math.inf
        tree.most[node], tree.least[node] = 0.0, n
        if node < leaves:
            for part in (2 * node, 2 * node + 1):
                _widen(tree, node, tree.low[part], tree.high[part], tree.most[part])
                tree.least[node] = min(tree.least[node], tree.least[part])
            continue
        for q in range((node - leaves) * n // leaves, (node - leaves + 1) * n // leaves):
            i = tree.row[q]
            _widen(tree, node, at[i], at[i], at[i, S2:])
            tree.least[node] = min(tree.least[node], i)


@njit(cache=True)
def _widen(tree, node, low, high, most):  # type: ignore[no-untyped-def]
    """Let a node hold what lies between `low` and `high`."""
    for c in range(_AXES):
        tree.low[node, c] = min(tree.low[node, c], low[c])
        tree.high[node, c] = max(tree.high[node, c], high[c])
    for c in range(2):
        tree.most[node, c] = max(tree.most[node, c], most[c])


@njit(cache=True)
def closeness(d2, dt2, s2, u2, limits):  # type: ignore[no-untyped-def]
    """Return the sum of the squared shares of what is allowed, or inf beyond it.

    Each step keeps its order under rounding, so that a nearer place with greater errors is never
    less close by a bit: the bound of a box is a bound, not nearly one.
    """
    far = limits.reach_m + _SIGMAS * math.sqrt(s2)
    long = limits.gap_us + _SIGMAS * math.sqrt(u2)
    if d2 > far * far or dt2 > long * long:
        return math.inf
    return d2 / (far * far) + dt2 / (long * long)


@njit(cache=True)
def _beyond(low, high, at):  # type: ignore[no-untyped-def]
    """Return how far a number lies outside an interval."""
    return max(low - at, at - high, 0.0)


@njit(cache=True)
def _bound(at, i, tree, node, limits):  # type: ignore[no-untyped-def]
    """Return how close the closest incident in a node may be."""
    dx = _beyond(tree.low[node, X], tree.high[node, X], at[i, X])
    dy = _beyond(tree.low[node, Y], tree.high[node, Y], at[i, Y])
    dt = _beyond(tree.low[node, T], tree.high[node, T], at[i, T])
    s2, u2 = at[i, S2] + tree.most[node, 0], at[i, U2] + tree.most[node, 1]
    return closeness(dx * dx + dy * dy, dt * dt, s2, u2, limits)


@njit(cache=True)
def _fits(grown, a, b, limits):  # type: ignore[no-untyped-def]
    """Return whether two different groups may join, given their least rows."""
    if a == b:
        return False
    low, high = grown.low, grown.high
    dx = max(high[a, X], high[b, X]) - min(low[a, X], low[b, X])
    dy = max(high[a, Y], high[b, Y]) - min(low[a, Y], low[b, Y])
    dt = max(high[a, T], high[b, T]) - min(low[a, T], low[b, T])
    return dx * dx + dy * dy <= limits.extent_m * limits.extent_m and dt <= limits.span_us


@njit(cache=True)
def _owned(grown, tree, node):  # type: ignore[no-untyped-def]
    """Return the least row of the group that holds all of a node, or `MIXED`."""
    owner, leaves, n = tree.owner, len(tree.least) // 2, len(grown.parent)
    if owner[node] != MIXED:
        return find(grown.parent, owner[node])
    if node < leaves:  # a part that was not looked into since it became one counts as mixed
        one, other = owner[2 * node], owner[2 * node + 1]
        if MIXED in (one, other):
            return MIXED
        first = find(grown.parent, one)
        if find(grown.parent, other) != first:
            return MIXED
    else:
        begin, end = (node - leaves) * n // leaves, (node - leaves + 1) * n // leaves
        first = find(grown.parent, tree.row[begin])
        for q in range(begin + 1, end):
            if find(grown.parent, tree.row[q]) != first:
                return MIXED
    owner[node] = first
    return first


@njit(cache=True)
def _look(at, i, rows, growing, best):  # type: ignore[no-untyped-def]
    """Return the best of `best` and the pairs of i with the incidents in a leaf."""
    grown, limits = growing
    own = find(grown.parent, i)
    for j in rows:
        pair = (_between(at, i, j, limits), min(i, j), max(i, j))
        if pair < best and _fits(grown, own, find(grown.parent, j), limits):
            best = pair
    return best


@njit(cache=True)
def closest(at, i, tree, grown, limits, stack):  # type: ignore[no-untyped-def]
    """Return the closest pair of i with an incident of another group that fits its own.

    A pair is its closeness, lesser and greater row, compared in that order; closeness is inf
    when there is none.
    """
    leaves, n, own = len(tree.least) // 2, len(at), find(grown.parent, i)
    best = (math.inf, 0, 0)
    stack.node[0], stack.closeness[0] = 1, 0.0
    top = 0
    while top >= 0:
        node, close = stack.node[top], stack.closeness[top]
        top -= 1
        least = tree.least[node]
        if (close, min(i, least), i if least < i else max(i + 1, least)) >= best:
            continue
        owner = _owned(grown, tree, node)
        if owner != MIXED and not _fits(grown, own, owner, limits):
            continue
        if node >= leaves:
            rows = tree.row[(node - leaves) * n // leaves : (node - leaves + 1) * n // leaves]
            best = _look(at, i, rows, (grown, limits), best)
            continue
        near, far = 2 * node, 2 * node + 1
        near_close, far_close = _bound(at, i, tree, near, limits), _bound(at, i, tree, far, limits)
        if far_close < near_close:
            near, far, near_close, far_close = far, near, far_close, near_close
        stack.node[top + 1], stack.closeness[top + 1] = far, far_close
        stack.node[top + 2], stack.closeness[top + 2] = near, near_close
        top += 2
    return best


@njit(cache=True)
def join_whole(at, tree, grown, limits, stack):  # type: ignore[no-untyped-def]
    """Join what holds together and fits as a whole; return the other rows.

    Of such a group no join is ever left out, so the order of its joins says nothing. In most
    records nearly all groups are such.
    """
    n = len(at)
    trial = Grown(np.arange(n), grown.low.copy(), grown.high.copy())
    for i in range(n):
        _join_all_near(at, i, tree, (trial, limits), stack)
    tree.owner[:] = MIXED
    whole = np.zeros(n, np.bool_)
    for i in range(n):
        least = find(trial.parent, i)
        whole[i] = _is_within(trial.low[least], trial.high[least], limits)
        if whole[i] and i != least:
            _unite(grown, least, i)
    return np.flatnonzero(~whole)


@njit(cache=True)
def _join_all_near(at, i, tree, growing, stack):  # type: ignore[no-untyped-def]
    """Join an incident with all its neighbours, whatever they make together."""
    trial, limits = growing
    leaves, n, parent = len(tree.least) // 2, len(at), trial.parent
    stack.node[0], top = 1, 0
    while top >= 0:
        node = stack.node[top]
        top -= 1
        if _bound(at, i, tree, node, limits) == math.inf:
            continue
        if _owned(trial, tree, node) == find(parent, i):
            continue
        if node < leaves:
            stack.node[top + 1], stack.node[top + 2] = 2 * node, 2 * node + 1
            top += 2
            continue
        for q in range((node - leaves) * n // leaves, (node - leaves + 1) * n // leaves):
            a, b = find(parent, i), find(parent, tree.row[q])
            if a != b and _between(at, i, tree.row[q], limits) < math.inf:
                _unite(trial, min(a, b), max(a, b))


@njit(cache=True)
def _is_within(low, high, limits):  # type: ignore[no-untyped-def]
    """Return whether a box is not too wide and not too long."""
    dx, dy = high[X] - low[X], high[Y] - low[Y]
    small = dx * dx + dy * dy <= limits.extent_m * limits.extent_m
    return small and high[T] - low[T] <= limits.span_us


@njit(cache=True)
def _between(at, i, j, limits):  # type: ignore[no-untyped-def]
    """Return how close two incidents are."""
    dx, dy, dt = at[i, X] - at[j, X], at[i, Y] - at[j, Y], at[i, T] - at[j, T]
    s2, u2 = at[i, S2] + at[j, S2], at[i, U2] + at[j, U2]
    return closeness(dx * dx + dy * dy, dt * dt, s2, u2, limits)


@njit(cache=True)
def join_closest(at, rows, tree, grown, limits, stack):  # type: ignore[no-untyped-def]
    """Join neighbours, closest first; afterwards each parent is the least row of the group.

    Each incident waits with its closest pair. A pair that comes first and still fits is the
    closest of all that fit; one that no longer fits makes its incident ask again.
    """
    parent, waiting = grown.parent, [(math.inf, 0, 0, 0)]
    for i in rows:
        close, low, high = closest(at, i, tree, grown, limits, stack)
        waiting.append((close, low, high, i))
    heapify(waiting)
    while waiting[0][0] < math.inf:
        _, low, high, asking = heappop(waiting)
        a, b = find(parent, low), find(parent, high)
        if _fits(grown, a, b, limits):
            _unite(grown, min(a, b), max(a, b))
        close, low, high = closest(at, asking, tree, grown, limits, stack)
        heappush(waiting, (close, low, high, asking))
    for i in range(len(parent)):
        parent[i] = find(parent, i)


@njit(cache=True)
def _unite(grown, a, b):  # type: ignore[no-untyped-def]
    """Let the group of a take over that of b."""
    grown.parent[b] = a
    for c in range(_AXES):
        grown.low[a, c] = min(grown.low[a, c], grown.low[b, c])
        grown.high[a, c] = max(grown.high[a, c], grown.high[b, c])
