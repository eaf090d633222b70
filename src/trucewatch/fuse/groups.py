"""Connected groups of reports, and how a group that is too large is cut.

Rows are in canonical order, so "least row" means least (tier, time, dedup_key). The result is a
function of the set of edges: their order does not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.edges import Edges


class Groups(NamedTuple):
    """Rows by group: group g is `row[start[g]:start[g + 1]]`, rows ascending, groups by least row.

    Attributes:
        row: Every row once.
        start: First place of each group, and the end.
    """

    row: NDArray[np.int64]
    start: NDArray[np.int64]


def bounded(n: int, edges: Edges, members_max: int) -> NDArray[np.int64]:
    """Return the least row of each row's component, where none has more than `members_max`.

    A larger component is cut in Kruskal order: edges by falling evidence, ties by rows; an edge
    that would make a part too large is left out. What happens in one component does not hang on
    the others.
    """
    least = np.arange(n)
    connect(least, edges.low, edges.high)
    size = np.bincount(least, minlength=1)
    if size.max() > members_max:
        large = size[least] > members_max
        least[large] = np.flatnonzero(large)
        inside = large[edges.low]
        low, high, evidence = edges.low[inside], edges.high[inside], edges.evidence[inside]
        connect_bounded(least, low, high, np.lexsort((high, low, -evidence)), members_max)
    return least


def grouped(least: NDArray[np.int64]) -> Groups:
    """Return the rows by group, given the least row of each one's group."""
    row, place = by_label(least)
    return Groups(row, np.append(place[:-1][np.diff(place) > 0], len(least)))


def numbered(groups: Groups) -> NDArray[np.int64]:
    """Return the number of each row's group, groups counted by least row."""
    number = np.empty(len(groups.row), np.int64)
    number[groups.row] = np.repeat(np.arange(len(groups.start) - 1), np.diff(groups.start))
    return number


@njit(cache=True)
def by_label(label):  # type: ignore[no-untyped-def]
    """Return the rows by label, ascending inside one, and where each label's rows begin."""
    place = np.zeros(len(label) + 1, np.int64)
    for at in label:
        place[at + 1] += 1
    for at in range(len(label)):
        place[at + 1] += place[at]
    row = np.empty(len(label), np.int64)
    free = place[:-1].copy()
    for i in range(len(label)):
        row[free[label[i]]] = i
        free[label[i]] += 1
    return row, place


@njit(cache=True)
def find(parent, i):  # type: ignore[no-untyped-def]
    """Return the root of i; the path to it is halved on the way."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True)
def connect(parent, low, high):  # type: ignore[no-untyped-def]
    """Join along all edges; afterwards each row's parent is the least row of its component."""
    for e in range(len(low)):
        a, b = find(parent, low[e]), find(parent, high[e])
        if a < b:
            parent[b] = a
        else:
            parent[a] = b
    for i in range(len(parent)):
        parent[i] = parent[parent[i]]


@njit(cache=True)
def connect_bounded(parent, low, high, order, members_max):  # type: ignore[no-untyped-def]
    """Join along the edges in `order` while the parts stay small enough; parents as in `connect`.

    Rows that already have a parent other than themselves must be on no edge.
    """
    size = np.ones(len(parent), np.int64)
    for e in order:
        a, b = find(parent, low[e]), find(parent, high[e])
        if a == b or size[a] + size[b] > members_max:
            continue
        if b < a:
            a, b = b, a
        parent[b] = a
        size[a] += size[b]
    for i in range(len(parent)):
        parent[i] = parent[parent[i]]
