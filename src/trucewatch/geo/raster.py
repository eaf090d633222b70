"""The raster behind `ZoneIndex`: which zones surely hold a cell, and which edges cross it; kernels.

A uniform raster in two levels. A coarse cell that no edge touches has one answer; every other is
cut into fine cells, of which most have one answer too. The rest carry the edges that touch them
and, for each zone, whether the middle of the cell is inside.

A code says what holds for a cell: 0 nothing, z + 1 surely zone z alone, above that a leaf: a list
of items, each a zone that is sure (no edges) or to be looked at (edges).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.geo.grid import rows_crossed, touched

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.geo.grid import Grid, Zones


class Raster(NamedTuple):
    """Codes of cells and their leaves.

    Attributes:
        cell: Code of each coarse cell, or -1 - block.
        fine: Codes of the fine cells, block by block.
        leaf: Items of leaf k are [leaf[k], leaf[k + 1]).
        zone: Zone of each item.
        middle: Whether the middle of the fine cell is inside that zone.
        local: Edges of item s are [local[s], local[s + 1]); none when it is sure.
        near: Shape (k, 4): the edges, as in `Zones`.
    """

    cell: NDArray[np.int32]
    fine: NDArray[np.int32]
    leaf: NDArray[np.int32]
    zone: NDArray[np.int32]
    middle: NDArray[np.bool_]
    local: NDArray[np.int32]
    near: NDArray[np.float64]


class Levels(NamedTuple):
    """What the raster is put together from.

    Attributes:
        row: Sorted keys (zone, fine row, first column whose middle is east of the edge), one for
            each edge that crosses the latitude of a row's middle.
        place: Sorted fine cells (coarse cell, then fine row and column in it) of each edge's touch.
        edge: The edge that touches there.
        sure: Zones that hold whole coarse cells, by coarse cell.
        sure_first: Those of coarse cell c are [sure_first[c], sure_first[c + 1]).
        blocks: Coarse cells that an edge touches, rising.
    """

    row: NDArray[np.int64]
    place: NDArray[np.int64]
    edge: NDArray[np.int64]
    sure: NDArray[np.int64]
    sure_first: NDArray[np.int64]
    blocks: NDArray[np.int64]


def raster_of(zones: Zones, grid: Grid) -> Raster:
    """Return the raster of zones; as many steps as edges, touched cells and coarse cells."""
    place, edge = touched(zones.edges, grid)
    order = np.argsort(place, kind="stable")  # edges stay in order, so zones do
    place, edge = place[order], edge[order]
    row = np.sort(rows_crossed(zones, grid))
    blocks = np.unique(place >> (2 * grid.bits))
    zone_of = np.repeat(np.arange(len(zones.first) - 1), np.diff(zones.first))
    both = np.unique(zone_of[edge] * grid.coarse**2 + (place >> (2 * grid.bits)))
    cell, sure = _sure_cells(zones, grid, row, both)
    by_cell = np.argsort(cell, kind="stable")
    counts = np.bincount(cell, minlength=grid.coarse**2)
    sure_first = np.concatenate([[0], np.cumsum(counts)])
    levels = Levels(row, place, edge, sure[by_cell], sure_first, blocks)
    empty = _raster(grid, len(blocks), 0, 0, 0)
    leaves, items, near = _lay(zones, grid, levels, zone_of, empty, 0)
    made = _raster(grid, len(blocks), leaves, items, near)
    _lay(zones, grid, levels, zone_of, made, 1)
    _share(made, len(zones.first) - 1)
    return made


def _raster(grid: Grid, blocks: int, leaves: int, items: int, near: int) -> Raster:
    return Raster(
        cell=np.zeros(grid.coarse**2, np.int32),
        fine=np.zeros(blocks << (2 * grid.bits), np.int32),
        leaf=np.zeros(leaves + 1, np.int32),
        zone=np.zeros(items, np.int32),
        middle=np.zeros(items, np.bool_),
        local=np.zeros(items + 1, np.int32),
        near=np.zeros((near, 4)),
    )


@njit(cache=True)
def _sure_cells(zones, grid, row, met):  # type: ignore[no-untyped-def]
    """Return coarse cells that lie in a zone whole, and the zone, by zone."""
    coarse, side_cells, half = grid.coarse, grid.coarse << grid.bits, (1 << grid.bits) >> 1
    room = len(met) + 1
    cell, zone = np.empty(room, np.int64), np.empty(room, np.int64)
    n, t = 0, 0
    for z in range(len(zones.first) - 1):
        for big in range(coarse):
            base = (z * side_cells + (big << grid.bits) + half) * (side_cells + 1)
            r = np.searchsorted(row, base)
            inside = False
            for c in range(big * coarse, (big + 1) * coarse):
                middle = ((c - big * coarse) << grid.bits) + half
                while r < len(row) and row[r] <= base + middle:
                    inside = not inside
                    r += 1
                if t < len(met) and met[t] == z * coarse * coarse + c:
                    t += 1
                elif inside:
                    if n == room:
                        room *= 2
                        cell, zone = _longer(cell, room), _longer(zone, room)
                    cell[n], zone[n] = c, z
                    n += 1
    return cell[:n], zone[:n]


@njit(cache=True)
def _longer(values, room):  # type: ignore[no-untyped-def]
    longer = np.empty(room, values.dtype)
    longer[: len(values)] = values
    return longer


@njit(cache=True)
def _lay(zones, grid, levels, zone_of, out, fill):  # type: ignore[no-untyped-def]
    """Write all codes and leaves; return the numbers of leaves, items and edges in them.

    Without `fill` it only counts, to know how much room they take.
    """
    n, count, shift = np.zeros(3, np.int64), len(zones.first) - 1, 2 * grid.bits
    write = (out, n, fill, count)
    block, begin = 0, 0
    for c in range(grid.coarse * grid.coarse):
        sure = levels.sure[levels.sure_first[c] : levels.sure_first[c + 1]]
        if block == len(levels.blocks) or levels.blocks[block] != c:
            out.cell[c] = _sure_code(sure, write)
            continue
        out.cell[c] = -1 - block
        end = begin
        while end < len(levels.place) and levels.place[end] >> shift == c:
            end += 1
        here = np.unique(np.concatenate((sure, zone_of[levels.edge[begin:end]])))
        middle = _middles(here, sure, c, grid, levels.row)
        _lay_block((block, begin, end), (zones.edges, levels, zone_of), here, middle, write)
        block, begin = block + 1, end
    return n[0], n[1], n[2]


@njit(cache=True)
def _sure_code(sure, write):  # type: ignore[no-untyped-def]
    """Return the code of the zones that hold a coarse cell whole."""
    if len(sure) <= 1:
        return 0 if len(sure) == 0 else sure[0] + 1
    for zone in sure:
        _item(write, zone, 1)
    return _close(write)


@njit(cache=True)
def _middles(here, sure, c, grid, row):  # type: ignore[no-untyped-def]
    """Return whether zones hold the middles of a block's fine cells, (zones, fine cells)."""
    side_cells, across = grid.coarse << grid.bits, 1 << grid.bits
    left, bottom = (c % grid.coarse) << grid.bits, (c // grid.coarse) << grid.bits
    middle = np.zeros((len(here), across * across), np.bool_)
    s = 0
    for k in range(len(here)):
        if s < len(sure) and sure[s] == here[k]:
            middle[k, :] = True
            s += 1
            continue
        for j in range(across):
            base = (here[k] * side_cells + bottom + j) * (side_cells + 1)
            r = np.searchsorted(row, base + left)
            inside = (r - np.searchsorted(row, base)) % 2 == 1
            for i in range(across):
                while r < len(row) and row[r] <= base + left + i:
                    inside = not inside
                    r += 1
                middle[k, j * across + i] = inside
    return middle


@njit(cache=True)
def _lay_block(block, touches, here, middle, write):  # type: ignore[no-untyped-def]
    """Write the fine cells of one block."""
    number, p, end = block
    levels, out = touches[1], write[0]
    cells = middle.shape[1]
    before = -1  # the last fine cell with a leaf of sure zones alone
    for f in range(cells):
        at = number * cells + f
        held = 0
        for k in range(len(here)):
            held += int(middle[k, f])
        if p < end and levels.place[p] & (cells - 1) == f:
            p = _look_items(touches, (p, end), here, middle[:, f], write)
            out.fine[at] = _close(write)
        elif held <= 1:
            out.fine[at] = here[np.argmax(middle[:, f])] + 1 if held else 0
        elif before >= 0 and (middle[:, f] == middle[:, before]).all():
            out.fine[at] = out.fine[number * cells + before]
        else:
            for held_by in here[middle[:, f]]:
                _item(write, held_by, 1)
            out.fine[at], before = _close(write), f


@njit(cache=True)
def _look_items(touches, span, here, middle, write):  # type: ignore[no-untyped-def]
    """Write the items of a fine cell that edges touch; return the first touch of the next."""
    edges, levels, zone_of = touches
    out, n, fill, _ = write
    p, end = span
    f = levels.place[p]
    for k in range(len(here)):
        looked = False
        while p < end and levels.place[p] == f and zone_of[levels.edge[p]] == here[k]:
            if fill:
                out.near[n[2]] = edges[levels.edge[p]]
            n[2] += 1
            p += 1
            looked = True
        if looked or middle[k]:
            _item(write, here[k], middle[k])
    return p


@njit(cache=True)
def _item(write, zone, middle):  # type: ignore[no-untyped-def]
    """Write one item of the leaf that is open; its edges are written before."""
    out, n, fill, _ = write
    n[1] += 1
    if fill:
        out.zone[n[1] - 1], out.middle[n[1] - 1], out.local[n[1]] = zone, middle, n[2]


@njit(cache=True)
def _close(write):  # type: ignore[no-untyped-def]
    """Close the leaf that is open and return its code."""
    out, n, fill, count = write
    n[0] += 1
    if fill:
        out.leaf[n[0]] = n[1]
    return count + n[0]


@njit(cache=True)
def _share(raster, count):  # type: ignore[no-untyped-def]
    """Let cells with the same sure zones have the same leaf, so that few leaves stay in a cache."""
    leaves = len(raster.leaf) - 1
    size = 16
    while size < 2 * leaves:
        size *= 2
    table, same = np.full(size, -1), np.arange(leaves)
    for k in range(leaves):
        first, end = raster.leaf[k], raster.leaf[k + 1]
        if raster.local[first] != raster.local[end]:
            continue
        slot = 0
        for s in range(first, end):
            slot = (slot * 31 + raster.zone[s] + 1) & (size - 1)
        while table[slot] >= 0 and not _alike(raster, table[slot], k):
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot] = k
        same[k] = table[slot]
    for codes in (raster.cell, raster.fine):
        for at in range(len(codes)):
            if codes[at] > count:
                codes[at] = same[codes[at] - count - 1] + count + 1


@njit(cache=True)
def _alike(raster, one, other):  # type: ignore[no-untyped-def]
    """Return whether two leaves of sure zones have the same zones."""
    a, b = raster.leaf[one], raster.leaf[other]
    length = raster.leaf[one + 1] - a
    if length != raster.leaf[other + 1] - b:
        return False
    alike = True
    for s in range(length):
        alike = alike and raster.zone[a + s] == raster.zone[b + s]
    return alike
