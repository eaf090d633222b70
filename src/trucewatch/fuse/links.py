"""What analysts say of pairs of reports: these are of one incident, those are not.

A link outweighs all evidence. Reports put together are one cluster before any merging; they also
join the components that they lie in, by edges of infinite evidence, which no bound on the size of
a component cuts. Two reports put apart share no edge, and clusters that hold one of them each never
merge. Both are sets of pairs: neither their order nor the order inside a pair matters. A component
that holds no linked report keeps every bit.

That a sensor reports an incident at most once yields to an analyst who puts two of its reports
together; they then count as one, and a third still joins only by another link.

A locked set is closed: no edge leads into it or out of it, so nothing else joins it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.fuse.edges import Edges
from trucewatch.fuse.groups import connect

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WHERE = "links"


class Links(NamedTuple):
    """Pairs of rows of the canonical order, each of shape (k, 2).

    Attributes:
        together: Those of one incident. A row with itself says nothing.
        apart: Those not of one incident.
        closed: Number of the locked set of every row, -1 for none; empty where no set is locked.
    """

    together: NDArray[np.int64]
    apart: NDArray[np.int64]
    closed: NDArray[np.int64] = np.empty(0, np.int64)


NO_LINKS = Links(np.empty((0, 2), np.int64), np.empty((0, 2), np.int64))


def checked(links: Links, n: int, *, members_max: int) -> Links:
    """Return the same links, each pair once and its least row first.

    Args:
        links: Of any order.
        n: Number of rows that may be linked; imprecise reports come after them.
        members_max: Largest allowed component.

    Raises:
        BadInput: A row does not exist; a pair is both together, perhaps through others, and apart;
            or more reports than `members_max` are put together.
    """
    if not any(map(len, links)):
        return NO_LINKS
    together, apart = (_pairs(pairs, n) for pairs in links[:2])
    together = together[together[:, 0] < together[:, 1]]
    least = np.arange(n)
    connect(least, *np.ascontiguousarray(together.T))
    both = apart[least[apart[:, 0]] == least[apart[:, 1]]]
    if len(both):
        low, high = both[0]
        problem = f"rows {low} and {high} are put both together and apart, expected one of the two"
        raise BadInput(_WHERE, problem)
    size = np.bincount(least, minlength=1)
    if size.max() > members_max:
        problem = (
            f"{size.max()} reports are put together with row {size.argmax()},"
            f" expected at most {members_max}"
        )
        raise BadInput(_WHERE, problem)
    return Links(together, apart, links.closed)


def _pairs(pairs: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    if pairs.ndim != 2 or pairs.shape[1] != 2 or pairs.dtype.kind not in "iu":  # noqa: PLR2004
        problem = f"pairs are {pairs.dtype} of shape {pairs.shape}, expected integers (k, 2)"
        raise BadInput(_WHERE, problem)
    outside = pairs[(pairs < 0) | (pairs >= n)]
    if len(outside):
        problem = f"row {outside[0]} is linked, expected one of the {n} precise reports, from 0"
        raise BadInput(_WHERE, problem)
    return np.unique(np.sort(pairs.astype(np.int64), axis=1), axis=0)


def linked(edges: Edges, links: Links, n: int) -> Edges:
    """Return the edges with the analysts' ones: infinite where together, none where apart.

    Args:
        edges: Those of `edges.find_edges`.
        links: As `checked` returns them.
        n: Number of rows.
    """
    if len(links.closed):
        inside = links.closed[edges.low] == links.closed[edges.high]
        edges = Edges(*(column[inside] for column in edges))
    if not len(links.together) and not len(links.apart):
        return edges
    said = np.concatenate((links.together, links.apart))
    silent = ~np.isin(edges.low * n + edges.high, said[:, 0] * n + said[:, 1])
    certain = np.full(len(links.together), math.inf)
    return Edges(
        np.concatenate((edges.low[silent], links.together[:, 0])),
        np.concatenate((edges.high[silent], links.together[:, 1])),
        np.concatenate((edges.evidence[silent], certain)),
    )
