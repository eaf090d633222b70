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
    that would make a part too large is left out.
    """
    order = np.arange(len(edges.low))
    least = connect(n, edges.low, edges.high, order, n)
    if n and np.bincount(least).max() > members_max:
        order = np.lexsort((edges.high, edges.low, -edges.evidence))
        least = connect(n, edges.low, edges.high, order, members_max)
    return np.asarray(least)


def grouped(least: NDArray[np.int64]) -> Groups:
    """Return the rows by group, given the least row of each one's group."""
    row = np.argsort(least, kind="stable")
    start = np.flatnonzero(np.diff(least[row], prepend=-1))
    return Groups(row, np.append(start, len(least)))


@njit(cache=True)
def _find(parent, i):  # type: ignore[no-untyped-def]
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True)
def connect(n, low, high, order, members_max):  # type: ignore[no-untyped-def]
    """Join along the edges in `order` while the parts stay small enough; return least rows."""
    parent = np.arange(n)
    size = np.ones(n, np.int64)
    for e in order:
        a, b = _find(parent, low[e]), _find(parent, high[e])
        if a == b or size[a] + size[b] > members_max:
            continue
        if b < a:
            a, b = b, a
        parent[b] = a
        size[a] += size[b]
    for i in range(n):
        parent[i] = _find(parent, i)
    return parent
