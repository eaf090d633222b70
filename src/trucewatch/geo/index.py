"""Which zones hold a point: millions of points a second, and exact.

The answer is that of the numbers as written, edges straight in longitude and latitude. A point on
an edge or a corner is inside, as an agreement's "within" has it.

A point in a cell that an edge touches is joined to the cell's middle, for which the answer is
known, and crossings with the edges there are counted. Where a float cannot decide one of the signs,
as on an edge, the point is put to all edges of the zone with exact arithmetic, see `crossing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.errors import BadInput
from trucewatch.geo.crossing import TINY_DEG, covers, sure_side
from trucewatch.geo.grid import Grid, Zones, grid_of, middle_of
from trucewatch.geo.raster import Raster, raster_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trucewatch.geo.area import Area

    Floats = NDArray[np.float64]
    Rows = NDArray[np.int32]

_WHERE = "points in zones"
_POINTS_MAX = 2**31 - 1  # rows are 32-bit numbers, to halve what is written
_BATCH = 1024  # points at once; their codes stay in the first cache
_LON_MAX_DEG, _LAT_MAX_DEG = 180.0, 90.0


class _Box(NamedTuple):
    """West, south, east and north ends of all zones, degrees: beyond them nothing is inside."""

    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ZoneIndex:
    """Zones that are asked about many points; build it with `build`.

    Attributes:
        zones: Their edges.
        grid: The cells.
        raster: What holds in each.
        box: The smallest box around all zones.
    """

    zones: Zones
    grid: Grid
    raster: Raster
    box: _Box

    @classmethod
    def build(cls, polygons: Sequence[Area]) -> ZoneIndex:
        """Return the index of some areas; zone k is the k-th of them. They may overlap.

        Raises:
            BadInput: There is none.
        """
        if not polygons:
            raise BadInput("index of zones", "has no zone, must have at least 1")
        edges = [area.edges() for area in polygons]
        first = np.concatenate([[0], np.cumsum([len(each) for each in edges])])
        zones = Zones(np.ascontiguousarray(np.concatenate(edges)), first.astype(np.int64))
        grid = grid_of(zones)
        corners = zones.edges[:, :2]
        box = _Box(*corners.min(axis=0).tolist(), *corners.max(axis=0).tolist())
        return cls(zones=zones, grid=grid, raster=raster_of(zones, grid), box=box)

    def __len__(self) -> int:
        """Return the number of zones."""
        return len(self.zones.first) - 1

    def zones_of(self, lon_deg: Floats, lat_deg: Floats) -> tuple[Rows, Rows]:
        """Return all pairs of a point and a zone that holds it.

        Args:
            lon_deg: Longitudes, shape (n,), WGS 84 degrees.
            lat_deg: Latitudes, the same.

        Returns:
            Rows of points and numbers of zones, both of shape (k,), sorted by row and then zone.

        Raises `BadInput` when the shapes differ, a coordinate is no number or off the globe, or is
        not 0 but nearer to 0 than 1e-100 degrees.
        """
        lon_deg, lat_deg = _points(lon_deg, lat_deg)
        room = len(lon_deg) + _BATCH * len(self)  # a batch is never cut
        row, zone = (np.empty(room, np.int32) for _ in range(2))
        here = (self.zones, self.grid, self.raster, self.box)
        place, n = 0, 0
        while True:
            place, n = _pairs(here, (lon_deg, lat_deg), place, row, zone, n)
            if place < 0:
                _refuse(lon_deg, lat_deg, -1 - place)
            if place == len(lon_deg):
                if 4 * n < len(row):  # do not hold on to far more memory than is used
                    return row[:n].copy(), zone[:n].copy()
                return row[:n], zone[:n]
            row, zone = (np.concatenate([a, np.empty_like(a)]) for a in (row, zone))

    def inside(self, lon_deg: Floats, lat_deg: Floats, zone: int) -> NDArray[np.bool_]:
        """Return whether each point lies in one zone, shape (n,).

        Args:
            lon_deg: Longitudes, shape (n,), WGS 84 degrees.
            lat_deg: Latitudes, the same.
            zone: Number of the zone, in the order in which they were given.

        Raises:
            BadInput: There is no such zone, or see `zones_of`.
        """
        if not 0 <= zone < len(self):
            raise BadInput(_WHERE, f"zone is {zone}, must be 0 to {len(self) - 1}")
        lon_deg, lat_deg = _points(lon_deg, lat_deg)
        found = np.zeros(len(lon_deg), np.bool_)
        here = (self.zones, self.grid, self.raster, self.box)
        bad = _inside(here, (lon_deg, lat_deg), zone, found)
        if bad >= 0:
            _refuse(lon_deg, lat_deg, bad)
        return found


def _points(lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
    """Return coordinates as the kernels take them.

    Raises:
        BadInput: See `ZoneIndex.zones_of`.
    """
    if lon_deg.ndim != 1 or lon_deg.shape != lat_deg.shape:
        problem = f"longitudes have shape {lon_deg.shape} and latitudes {lat_deg.shape}"
        raise BadInput(_WHERE, f"{problem}, must be (n,) both")
    if len(lon_deg) > _POINTS_MAX:
        raise BadInput(_WHERE, f"{len(lon_deg)} points, must be at most {_POINTS_MAX}")
    return (
        np.ascontiguousarray(lon_deg, dtype=np.float64),
        np.ascontiguousarray(lat_deg, dtype=np.float64),
    )


def _refuse(lon_deg: Floats, lat_deg: Floats, row: int) -> None:
    """Say what is wrong with a point.

    Raises:
        BadInput: Always.
    """
    problem = f"point {row} is at longitude {lon_deg[row]}, latitude {lat_deg[row]}"
    expected = "must be on the globe, and 0 or at least 1e-100 degrees from 0"
    raise BadInput(_WHERE, f"{problem}, {expected}")


@njit(cache=True)
def _tiny(x):  # type: ignore[no-untyped-def]
    return x != 0.0 and abs(x) < TINY_DEG


@njit(cache=True)
def _codes(here, points, begin, end, code):  # type: ignore[no-untyped-def]
    """Write the codes of the cells of some points; return one that is refused, or -1.

    In a loop of its own, so that look-ups in memory overlap.
    """
    _, grid, raster, box = here
    lon_deg, lat_deg = points
    cell, fine = raster.cell, raster.fine
    bits, coarse, mask = grid.bits, grid.coarse, (1 << grid.bits) - 1
    left, bottom, across, up = (
        grid.left_deg,
        grid.bottom_deg,
        1.0 / grid.width_deg,
        1.0 / grid.height_deg,
    )
    bad = -1
    for p in range(begin, end):
        x, y = lon_deg[p], lat_deg[p]
        found = 0
        if box.west_deg <= x <= box.east_deg and box.south_deg <= y <= box.north_deg:
            i, j = int((x - left) * across), int((y - bottom) * up)
            found = cell[(j >> bits) * coarse + (i >> bits)]
            if found < 0:
                found = fine[((((-1 - found) << bits) | (j & mask)) << bits) | (i & mask)]
            if (abs(x) < TINY_DEG or abs(y) < TINY_DEG) and (_tiny(x) or _tiny(y)):
                bad = p
        elif not (abs(x) <= _LON_MAX_DEG and abs(y) <= _LAT_MAX_DEG):
            bad = p
        code[p - begin] = found
    return bad


@njit(cache=True)
def _pairs(here, points, place, row, zone, n):  # type: ignore[no-untyped-def]
    """Write pairs from a place on; return where it stopped for want of room, and how many.

    A point that is refused gives -1 - place.
    """
    zones, grid, raster, _ = here
    lon_deg, lat_deg = points
    leaf, local, owner, near = raster.leaf, raster.local, raster.zone, raster.near
    middle = raster.middle
    left, bottom, width, height = grid.left_deg, grid.bottom_deg, grid.width_deg, grid.height_deg
    across, up = 1.0 / width, 1.0 / height
    count, code = len(zones.first) - 1, np.empty(_BATCH, np.int32)
    room = len(row) - _BATCH * count
    while place < len(lon_deg) and n <= room:
        end = min(place + _BATCH, len(lon_deg))
        bad = _codes(here, points, place, end, code)
        if bad >= 0:
            return -1 - bad, n
        for p in range(place, end):
            found = code[p - place]
            if found <= count:  # no zone or one; written without asking, kept if it counts
                row[n], zone[n] = p, found - 1
                n += found > 0
                continue
            x, y = lon_deg[p], lat_deg[p]
            cx = middle_of(int((x - left) * across), left, width)
            cy = middle_of(int((y - bottom) * up), bottom, height)
            for s in range(leaf[found - count - 1], leaf[found - count]):
                row[n], zone[n] = p, owner[s]
                if local[s] == local[s + 1]:
                    n += 1
                    continue
                odd = _crossed(near, local[s], local[s + 1], (x, y, cx, cy))
                n += middle[s] != odd if odd >= 0 else _holds(here, s, x, y)
        place = end
    return place, n


@njit(cache=True)
def _holds(here, s, x, y):  # type: ignore[no-untyped-def]
    """Return whether the zone of an item that edges touch holds a point of its cell."""
    zones, grid, raster, _ = here
    i = int((x - grid.left_deg) * (1.0 / grid.width_deg))
    j = int((y - grid.bottom_deg) * (1.0 / grid.height_deg))
    cx = middle_of(i, grid.left_deg, grid.width_deg)
    cy = middle_of(j, grid.bottom_deg, grid.height_deg)
    crossed = _crossed(raster.near, raster.local[s], raster.local[s + 1], (x, y, cx, cy))
    if crossed >= 0:
        return raster.middle[s] == (crossed == 0)
    z = raster.zone[s]
    return covers(zones.edges, (zones.first[z], zones.first[z + 1]), x, y)


@njit(cache=True, forceinline=True)
def _crossed(near, first, end, way):  # type: ignore[no-untyped-def]
    """Return 1 when the way from a point to its cell's middle crosses an odd number of edges.

    0 for an even number, -1 where a float cannot tell.
    """
    x, y, cx, cy = way
    odd, sure = 0, True
    for e in range(first, end):
        ax, ay, bx, by = near[e, 0], near[e, 1], near[e, 2], near[e, 3]
        of_a, of_b = sure_side(x, y, cx, cy, ax, ay), sure_side(x, y, cx, cy, bx, by)
        if of_a == of_b and of_a != 0:
            continue
        of_p, of_c = sure_side(ax, ay, bx, by, x, y), sure_side(ax, ay, bx, by, cx, cy)
        sure = sure and of_a * of_b * of_p * of_c != 0
        odd ^= of_p != of_c
    return odd if sure else -1


@njit(cache=True)
def _inside(here, points, zone, found):  # type: ignore[no-untyped-def]
    """Mark the points that one zone holds; return one that is refused, or -1."""
    zones, _, raster, _ = here
    lon_deg, lat_deg = points
    count, code = len(zones.first) - 1, np.empty(_BATCH, np.int32)
    for place in range(0, len(lon_deg), _BATCH):
        end = min(place + _BATCH, len(lon_deg))
        bad = _codes(here, points, place, end, code)
        if bad >= 0:
            return bad
        for p in range(place, end):
            has = code[p - place]
            if has <= count:
                found[p] = has == zone + 1
                continue
            for s in range(raster.leaf[has - count - 1], raster.leaf[has - count]):
                if raster.zone[s] == zone:
                    sure = raster.local[s] == raster.local[s + 1]
                    found[p] = sure or _holds(here, s, lon_deg[p], lat_deg[p])
    return -1
