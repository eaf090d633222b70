"""Cells of a raster, and where edges meet them; kernels for `raster`.

Cells are widened by `_MARGIN` of a cell when edges are laid in, far above the rounding of a place
in the raster (1e-12 of a cell), so none that an edge touches is missed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.geo.crossing import side

if TYPE_CHECKING:
    from numpy.typing import NDArray

COARSE, BITS = 256, 3
"""Coarse cells a side, and fine cells in one as a power of two: 2,048 fine cells a side. Chosen on
60 zones of 2,000 corners: the coarse level stays in the second cache, the fine one nearly."""
CELL_MIN_DEG = 1e-7
"""Finest cell, some 1 cm: a double at 180 degrees is then 3e-7 of a cell, under the margin."""
_MARGIN = 1e-5
_OFFSET = 0.37  # of a cell, between the raster's edge and the zones'; round numbers miss middles
_PAIRS_MAX = 2_000_000.0  # places of edges in cells; above it cells are made larger
_COARSE_MIN = 16


class Grid(NamedTuple):
    """Where cells lie. Fine cell (i, j) begins at left + i * width, bottom + j * height.

    Attributes:
        left_deg: West end of the raster, degrees.
        bottom_deg: South end, degrees.
        width_deg: Of a fine cell, degrees of longitude.
        height_deg: Of a fine cell, degrees of latitude.
        coarse: Coarse cells a side.
        bits: Fine cells a side of a coarse one, as a power of two.
    """

    left_deg: float
    bottom_deg: float
    width_deg: float
    height_deg: float
    coarse: int
    bits: int


class Zones(NamedTuple):
    """All edges, by zone.

    Attributes:
        edges: Shape (m, 4): longitude and latitude of both ends, degrees.
        first: Shape (zones + 1,): the edges of zone z are [first[z], first[z + 1]).
    """

    edges: NDArray[np.float64]
    first: NDArray[np.int64]


def grid_of(zones: Zones) -> Grid:
    """Return a grid over all zones, with so many cells that edges touch few."""
    lon_deg, lat_deg = zones.edges[:, 0], zones.edges[:, 1]
    run, rise = np.abs(zones.edges[:, 2:] - zones.edges[:, :2]).sum(axis=0)
    wide, high = np.ptp(lon_deg), np.ptp(lat_deg)
    coarse, bits = COARSE, BITS
    while (coarse << bits) * (run / wide + rise / high) > _PAIRS_MAX and coarse > _COARSE_MIN:
        bits, coarse = (bits - 1, coarse) if bits > 1 else (bits, coarse // 2)
    cells = coarse << bits
    width, height = (max(size / (cells - 1), CELL_MIN_DEG) for size in (wide, high))
    left, bottom = lon_deg.min() - _OFFSET * width, lat_deg.min() - _OFFSET * height
    return Grid(float(left), float(bottom), float(width), float(height), coarse, bits)


@njit(cache=True)
def middle_of(cell, start, size):  # type: ignore[no-untyped-def]
    """Return the middle of a column or row of fine cells, degrees."""
    return start + (cell + 0.5) * size


@njit(cache=True)
def touched(edges, grid):  # type: ignore[no-untyped-def]
    """Return the fine cells that each edge may touch, and the edges, in the order of edges."""
    room = 0
    for e in range(len(edges)):
        columns = abs(edges[e, 2] - edges[e, 0]) / grid.width_deg
        rows = abs(edges[e, 3] - edges[e, 1]) / grid.height_deg
        room += 3 * (int(max(columns, rows)) + 3)
    place, edge = np.empty(room, np.int64), np.empty(room, np.int64)
    n = 0
    for e in range(len(edges)):
        au, bu = (
            (edges[e, 0] - grid.left_deg) / grid.width_deg,
            (edges[e, 2] - grid.left_deg) / grid.width_deg,
        )
        av = (edges[e, 1] - grid.bottom_deg) / grid.height_deg
        bv = (edges[e, 3] - grid.bottom_deg) / grid.height_deg
        begin = n
        if abs(bu - au) >= abs(bv - av):
            n = _walk((au, av, bu, bv), grid, place, n, 1)
        else:
            n = _walk((av, au, bv, bu), grid, place, n, 0)
        edge[begin:n] = e
    return place[:n], edge[:n]


@njit(cache=True)
def _walk(ends, grid, place, n, columns):  # type: ignore[no-untyped-def]
    """Write the cells of one edge, walking along the axis in which it is longer."""
    a, a_off, b, b_off = ends
    if a > b:
        a, a_off, b, b_off = b, b_off, a, a_off
    last = (grid.coarse << grid.bits) - 1
    slope = (b_off - a_off) / (b - a) if b > a else 0.0
    for step in range(max(0, math.floor(a - _MARGIN)), min(last, math.floor(b + _MARGIN)) + 1):
        low = a_off + slope * (min(max(a, step - _MARGIN), b) - a)
        high = a_off + slope * (max(min(b, step + 1 + _MARGIN), a) - a)
        if b == a:
            low, high = a_off, b_off
        first, end = math.floor(min(low, high) - _MARGIN), math.floor(max(low, high) + _MARGIN)
        for across in range(max(0, first), min(last, end) + 1):
            place[n] = _place(step, across, grid) if columns else _place(across, step, grid)
            n += 1
    return n


@njit(cache=True)
def _place(i, j, grid):  # type: ignore[no-untyped-def]
    """Return the number of a fine cell: coarse row, coarse column, then row and column within."""
    bits, mask = grid.bits, (1 << grid.bits) - 1
    block = (j >> bits) * grid.coarse + (i >> bits)
    return (((block << bits) | (j & mask)) << bits) | (i & mask)


@njit(cache=True)
def rows_crossed(zones, grid):  # type: ignore[no-untyped-def]
    """Return the keys of `Levels.row`, not sorted yet."""
    edges, side_cells = zones.edges, grid.coarse << grid.bits
    room = 0
    for e in range(len(edges)):
        room += int(abs(edges[e, 3] - edges[e, 1]) / grid.height_deg) + 3
    keys = np.empty(room, np.int64)
    n = 0
    for z in range(len(zones.first) - 1):
        for e in range(zones.first[z], zones.first[z + 1]):
            low, high = min(edges[e, 1], edges[e, 3]), max(edges[e, 1], edges[e, 3])
            first = max(0, math.floor((low - grid.bottom_deg) / grid.height_deg - 0.5) - 1)
            end = min(
                side_cells - 1, math.floor((high - grid.bottom_deg) / grid.height_deg - 0.5) + 1
            )
            for j in range(first, end + 1):
                y = middle_of(j, grid.bottom_deg, grid.height_deg)
                if (edges[e, 1] > y) != (edges[e, 3] > y):
                    column = _first_east(edges, e, y, grid)
                    keys[n] = (z * side_cells + j) * (side_cells + 1) + column
                    n += 1
    return keys[:n]


@njit(cache=True)
def _first_east(edges, e, y, grid):  # type: ignore[no-untyped-def]
    """Return the first column whose middle lies east of an edge at some latitude; exact."""
    side_cells = grid.coarse << grid.bits
    ax, ay, bx, by = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
    x = ax + (y - ay) * ((bx - ax) / (by - ay))
    column = min(max(0, math.ceil((x - grid.left_deg) / grid.width_deg - 0.5)), side_cells)
    up = 1 if by > ay else -1
    while column > 0:
        if side(ax, ay, bx, by, middle_of(column - 1, grid.left_deg, grid.width_deg), y) * up >= 0:
            break
        column -= 1
    while column < side_cells:
        if side(ax, ay, bx, by, middle_of(column, grid.left_deg, grid.width_deg), y) * up < 0:
            break
        column += 1
    return column
