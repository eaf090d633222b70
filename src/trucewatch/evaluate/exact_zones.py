"""Which zones hold a point, in whole numbers: the reference that `geo.index` is held against.

Coordinates become multiples of 2^-48 of a degree, which every double from 16 to 180 is, so the sign
of a determinant is a comparison of two products of whole numbers, done in two halves. Zones are cut
into slabs of latitude between corners, in which edges do not end. Nothing here is shared with the
index: no raster, no floats, no tolerance. A point on an edge or a corner is inside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trucewatch.geo.area import Area

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

_PER_DEG = 2.0**48
_HALF_BITS = 29  # factors stay below 2^57, so a half below 2^29, a sum of products below 2^59
_LOW = (1 << _HALF_BITS) - 1
_MOST_DEG = 180.0


class Slabs(NamedTuple):
    """Zones by slabs, in multiples of 2^-48 degrees.

    Attributes:
        edge: Ends of all edges, (m, 4).
        box: West, south, east, north of each zone, (zones, 4).
        level: Latitudes of corners, by zone, rising.
        of_zone: Levels of zone z are [of_zone[z], of_zone[z + 1]).
        first: Edges across the slab above level k are across[first[k]:first[k + 1]].
        across: Numbers of edges.
        first_at: Edges with an end on level k are ends[first_at[k]:first_at[k + 1]].
        ends: Numbers of edges.
    """

    edge: Whole
    box: Whole
    level: Whole
    of_zone: Whole
    first: Whole
    across: Whole
    first_at: Whole
    ends: Whole


def whole(values_deg: Floats) -> Whole:
    """Return degrees as multiples of 2^-48.

    Raises:
        BadInput: One is no such multiple, or beyond 180 degrees.
    """
    scaled = values_deg * _PER_DEG
    if not ((np.abs(values_deg) <= _MOST_DEG) & (scaled == np.rint(scaled))).all():
        problem = "a coordinate is no multiple of 2^-48 degrees"
        raise BadInput("exact reference", f"{problem}, must be one, up to 180 degrees")
    return scaled.astype(np.int64)


def slabs_of(areas: Sequence[Area]) -> Slabs:
    """Return areas as slabs; raises `BadInput` as `whole` does."""
    edges = [whole(area.edges()) for area in areas]
    box = np.array([[*e[:, :2].min(axis=0), *e[:, :2].max(axis=0)] for e in edges])
    levels, across, ends = [], [], []
    edge_from, level_from = 0, 0
    for edge in edges:
        level = np.unique(edge[:, 1])
        low = np.searchsorted(level, np.minimum(edge[:, 1], edge[:, 3]))
        high = np.searchsorted(level, np.maximum(edge[:, 1], edge[:, 3]))
        number = np.arange(len(edge)) + edge_from
        across.append(_spread(low + level_from, high - low, number))
        both = np.concatenate([low, high[low != high]]) + level_from
        ends.append(np.column_stack([both, np.concatenate([number, number[low != high]])]))
        levels.append(level)
        edge_from, level_from = edge_from + len(edge), level_from + len(level)
    of_zone = np.concatenate([[0], np.cumsum([len(level) for level in levels])])
    rows = (_sorted(np.concatenate(each), level_from) for each in (across, ends))
    (first, numbers), (first_at, at) = rows
    level = np.concatenate(levels)
    return Slabs(np.concatenate(edges), box, level, of_zone, first, numbers, first_at, at)


def _spread(low: Whole, count: Whole, number: Whole) -> Whole:
    """Return rows (slab, edge) of each edge in each slab that it crosses."""
    edge = np.repeat(number, count)
    begun = np.repeat(np.cumsum(count) - count, count)
    return np.column_stack([np.repeat(low, count) + np.arange(len(edge)) - begun, edge])


def _sorted(rows: Whole, levels: int) -> tuple[Whole, Whole]:
    """Return where each level's rows begin, and the second column by the first."""
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    return np.searchsorted(rows[:, 0], np.arange(levels + 1)), rows[:, 1].copy()


def pairs(slabs: Slabs, lon_deg: Floats, lat_deg: Floats) -> tuple[Whole, Whole]:
    """Return all pairs of a point and a zone that holds it, sorted; rows and zones, both (k,).

    Raises `BadInput` as `whole` does.
    """
    x, y = whole(lon_deg), whole(lat_deg)
    room = len(x)
    while True:
        row, zone = np.empty(room, np.int64), np.empty(room, np.int64)
        n = _pairs(slabs, x, y, row, zone)
        if n <= room:
            return row[:n], zone[:n]
        room = n


@njit(cache=True)
def _pairs(slabs, x, y, row, zone):  # type: ignore[no-untyped-def]
    """Write pairs as far as there is room; return how many there are."""
    n = 0
    for p in range(len(x)):
        for z in range(len(slabs.box)):
            box = slabs.box
            if x[p] < box[z, 0] or y[p] < box[z, 1] or x[p] > box[z, 2] or y[p] > box[z, 3]:
                continue
            if _holds(slabs, z, x[p], y[p]):
                if n < len(row):
                    row[n], zone[n] = p, z
                n += 1
    return n


@njit(cache=True)
def _holds(slabs, z, x, y):  # type: ignore[no-untyped-def]
    """Return whether a zone holds a point of its box."""
    edge = slabs.edge
    low, high = slabs.of_zone[z], slabs.of_zone[z + 1]
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if slabs.level[middle] <= y else (low, middle)
    if slabs.level[low] == y:
        for k in range(slabs.first_at[low], slabs.first_at[low + 1]):
            e = slabs.ends[k]
            if edge[e, 1] == y and edge[e, 3] == y:
                if min(edge[e, 0], edge[e, 2]) <= x <= max(edge[e, 0], edge[e, 2]):
                    return True
            elif x == (edge[e, 0] if edge[e, 1] == y else edge[e, 2]):
                return True
    inside = False
    for k in range(slabs.first[low], slabs.first[low + 1]):
        e = slabs.across[k]
        turn = _turn(edge, e, x, y)
        if turn == 0:
            return True
        if (turn > 0) == (edge[e, 3] > edge[e, 1]):
            inside = not inside
    return inside


@njit(cache=True)
def _turn(edge, e, x, y):  # type: ignore[no-untyped-def]
    """Return 1 when a point is left of an edge, -1 right, 0 on its line."""
    run, rise = edge[e, 2] - edge[e, 0], edge[e, 3] - edge[e, 1]
    off_x, off_y = x - edge[e, 0], y - edge[e, 1]
    one, one_high, one_low = _product(run, off_y)
    two, two_high, two_low = _product(rise, off_x)
    if one != two:
        return 1 if one > two else -1
    if one_high != two_high:
        return one if one_high > two_high else -one
    if one_low != two_low:
        return one if one_low > two_low else -one
    return 0


@njit(cache=True)
def _product(a, b):  # type: ignore[no-untyped-def]
    """Return the sign of a product, and its size as high * 2^58 + low."""
    if a == 0 or b == 0:
        return 0, 0, 0
    sign = 1 if (a > 0) == (b > 0) else -1
    a, b = abs(a), abs(b)
    a_high, a_low, b_high, b_low = a >> _HALF_BITS, a & _LOW, b >> _HALF_BITS, b & _LOW
    middle = a_high * b_low + a_low * b_high
    low = a_low * b_low + ((middle & _LOW) << _HALF_BITS)
    high = a_high * b_high + (middle >> _HALF_BITS) + (low >> (2 * _HALF_BITS))
    return sign, high, low & ((1 << (2 * _HALF_BITS)) - 1)
