"""Candidates: cells of the stack that no neighbour in place and time beats."""

from __future__ import annotations

from numba import njit

NEAR_NODES = 2  # a source lifts the nodes this far around it
NEAR_BINS = 2  # and the origin times


@njit(cache=True)
def peaks(field, hits, north, lone):  # type: ignore[no-untyped-def]
    """Mark the local maxima among the cells that pass the gate; return how many there are.

    Ties go to the lower node, then the earlier bin. Bins within `NEAR_BINS` of either end of the
    chunk are left to the neighbouring chunk.

    Args:
        field: See `stack.Field`.
        hits: How many of its cells pass the gate.
        north: Nodes of one column of the grid.
        lone: (cell,) bool, filled for the first `hits`.
    """
    count = 0
    last = field.score.shape[1] - NEAR_BINS
    for h in range(hits):
        n, b = field.node[h], field.bin[h]
        lone[h] = NEAR_BINS <= b < last and _unbeaten(field.score, n, b, north)
        count += lone[h]
    return count


@njit(cache=True)
def _unbeaten(score, n, b, north):  # type: ignore[no-untyped-def]
    own = score[n, b]
    i, j = n // north, n % north
    east = score.shape[0] // north
    for a in range(max(0, i - NEAR_NODES), min(east, i + NEAR_NODES + 1)):
        for c in range(max(0, j - NEAR_NODES), min(north, j + NEAR_NODES + 1)):
            q = a * north + c
            for e in range(b - NEAR_BINS, b + NEAR_BINS + 1):
                other = score[q, e]
                if other > own or (other == own and (q < n or (q == n and e < b))):
                    return False
    return True
