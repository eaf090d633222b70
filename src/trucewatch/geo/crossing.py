"""Exact answers about points, lines and outlines in longitude and latitude; kernels.

`side` says on which side of a line a point lies. Its float filter decides nearly always; where it
cannot, the determinant is summed without rounding, so the sign is that of the numbers as written.

One convention everywhere: an area is closed. A point on an edge or a corner is inside.

Source: J. R. Shewchuk 1997, "Adaptive precision floating-point arithmetic and fast robust geometric
predicates", for the error bound, the exact product and the growing expansion.
"""

from __future__ import annotations

import numpy as np
from numba import njit

TINY_DEG = 1e-100
"""A coordinate nearer to 0 than this, and not 0, is refused: its products would underflow."""

_HALF_ULP = 2.0**-53
_UNSURE = (3.0 + 16.0 * _HALF_ULP) * _HALF_ULP  # of the sum of both products' sizes; Shewchuk
_UNDERFLOW = 1e-300  # far above what underflow can take away, far below any product that counts
_SPLITTER = 2.0**27 + 1.0
_TERMS = 12


@njit(cache=True)
def sure_side(ax, ay, bx, by, px, py):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917, RUF100
    """Return 1 when p is surely left of the way from a to b, -1 surely right, else 0."""
    left, right = (ax - px) * (by - py), (ay - py) * (bx - px)
    turn = left - right
    unsure = _UNSURE * (abs(left) + abs(right)) + _UNDERFLOW
    if turn > unsure:
        return 1
    if turn < -unsure:
        return -1
    return 0


@njit(cache=True)
def side(ax, ay, bx, by, px, py):  # type: ignore[no-untyped-def]  # noqa: PLR0913, PLR0917, RUF100
    """Return 1 when p is left of the way from a to b, -1 when right, 0 when on its line. Exact."""
    sure = sure_side(ax, ay, bx, by, px, py)
    if sure != 0:
        return sure
    total = np.zeros(_TERMS)
    _add(total, 0, ax, by)
    _add(total, 2, -ay, bx)
    _add(total, 4, bx, py)
    _add(total, 6, -ax, py)
    _add(total, 8, ay, px)
    _add(total, 10, -by, px)
    for term in range(_TERMS - 1, -1, -1):  # the largest that is not 0 has the sign of the sum
        if total[term] != 0.0:
            return 1 if total[term] > 0.0 else -1
    return 0


@njit(cache=True)
def _add(total, length, a, b):  # type: ignore[no-untyped-def]
    """Add the product of a and b to an expansion of so many terms, without rounding."""
    high = a * b
    a_high, b_high = _upper(a), _upper(b)
    a_low, b_low = a - a_high, b - b_high
    low = a_low * b_low - (((high - a_high * b_high) - a_low * b_high) - a_high * b_low)
    _grow(total, length, low)
    _grow(total, length + 1, high)


@njit(cache=True)
def _upper(a):  # type: ignore[no-untyped-def]
    """Return the upper half of a number's bits."""
    c = _SPLITTER * a
    return c - (c - a)


@njit(cache=True)
def _grow(total, length, b):  # type: ignore[no-untyped-def]
    """Add one number to an expansion; each step keeps the rounding error of its sum."""
    for term in range(length):
        a = total[term]
        b_sum = a + b
        virtual = b_sum - a
        total[term] = (a - (b_sum - virtual)) + (b - virtual)
        b = b_sum
    total[length] = b


@njit(cache=True)
def covers(edges, span, x, y):  # type: ignore[no-untyped-def]
    """Return whether edges [span[0], span[1]) enclose a point, or it is on one of them. Exact.

    Args:
        edges: Shape (m, 4): longitude and latitude of both ends, degrees; closed rings.
        span: Those that count, two places.
        x: Longitude, degrees.
        y: Latitude, degrees.
    """
    inside = False
    for e in range(span[0], span[1]):
        ax, ay, bx, by = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
        if (ay > y) != (by > y):
            if ax < x and bx < x:
                continue  # the ray to the east starts beyond it
            turn = side(ax, ay, bx, by, x, y)
            if turn == 0:
                return True
            if (turn > 0) == (by > ay):
                inside = not inside
        elif y in (ay, by) and _on_level(edges, e, x, y):
            return True
    return inside


@njit(cache=True)
def _on_level(edges, e, x, y):  # type: ignore[no-untyped-def]
    """Return whether a point is on an edge that meets its latitude with an end, or lies on it."""
    ax, bx = edges[e, 0], edges[e, 2]
    if edges[e, 1] == edges[e, 3]:
        return min(ax, bx) <= x <= max(ax, bx)
    return x == (ax if edges[e, 1] == y else bx)
