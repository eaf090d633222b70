"""Whether the corners of an area make a simple polygon, decided exactly.

What may enter the log is settled for ever, so no rounding and no library's version has a say: the
doubles are compared as the fractions that they are.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Corner = tuple[float, float]
"""Longitude and latitude, degrees."""

_Edge = tuple[Corner, Corner]

_CORNERS_MIN = 3


def is_simple(corners: Sequence[Corner]) -> bool:
    """Return whether corners in this order enclose an area without touching themselves.

    Edges are straight in longitude and latitude; none crosses the antimeridian. The first corner
    is not repeated at the end.

    Example:
        >>> is_simple([(0, 0), (1, 0), (0, 1)]), is_simple([(0, 0), (1, 1), (1, 0), (0, 1)])
        (True, False)
    """
    if len(corners) < _CORNERS_MIN or len(set(corners)) < len(corners):
        return False
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    if any(
        _folds_back(one, other) for one, other in zip(edges, [*edges[1:], edges[0]], strict=True)
    ):
        return False
    order = sorted(range(len(edges)), key=lambda i: min(edges[i][0][0], edges[i][1][0]))
    return not any(
        _touch(edges[i], edges[j]) for i, j in _near(edges, order) if not _meet(i, j, len(edges))
    )


def _near(edges: Sequence[_Edge], order: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs of edges whose boxes overlap."""
    found = []
    for place, i in enumerate(order):
        (x1, y1), (x2, y2) = edges[i]
        right, low, high = max(x1, x2), min(y1, y2), max(y1, y2)
        for j in order[place + 1 :]:
            (x3, y3), (x4, y4) = edges[j]
            if min(x3, x4) > right:
                break
            if max(y3, y4) >= low and min(y3, y4) <= high:
                found.append((i, j))
    return found


def _meet(i: int, j: int, count: int) -> bool:
    """Whether two edges follow each other, and so share a corner."""
    return (i - j) % count in {1, count - 1}


def _turn(a: Corner, b: Corner, c: Corner) -> int:
    """Return 1 when a, b, c turn left, -1 when right, 0 when they lie on one line; exact."""
    (ax, ay), (bx, by), (cx, cy) = (map(Fraction, each) for each in (a, b, c))
    cross = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    return (cross > 0) - (cross < 0)


def _folds_back(one: _Edge, other: _Edge) -> bool:
    """Whether the next edge returns along this one."""
    (a, b), (_, c) = one, other
    if _turn(a, b, c) != 0:
        return False
    (ax, ay), (bx, by), (cx, cy) = (map(Fraction, each) for each in (a, b, c))
    return (bx - ax) * (cx - bx) + (by - ay) * (cy - by) <= 0


def _touch(one: _Edge, other: _Edge) -> bool:
    """Whether two edges without a common corner have a point in common."""
    (a, b), (c, d) = one, other
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((c, one), (d, one), (a, other), (b, other))
    return any(
        turn == 0 and _within(point, edge) for turn, (point, edge) in zip(turns, ends, strict=True)
    )


def _within(point: Corner, edge: _Edge) -> bool:
    (x1, y1), (x2, y2) = edge
    x, y = point
    return min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2)
