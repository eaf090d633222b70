"""Where and when: square cells over the mission's ground, its sectors, and steps of time.

Cells are squares of the local plane, so their areas are true to 0.1 % within 500 km of its centre.
A sector takes of each cell the area that lies in it, and so does a disc that an asset sees, so a
narrow one is neither lost nor too wide; what is known of a cell is taken to hold all over it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.geo.sun import UP_DEG, altitude_deg, days_since

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import shapely
    from numpy.typing import NDArray

    from trucewatch.geo.area import Area
    from trucewatch.geo.plane import Plane

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

WHOLE = ""
"""Names the whole grid where a sector is asked for."""
CELLS_MAX = 100_000
_EDGE_DEG = 0.05  # edges are cut to it before they are drawn on the plane; each then strays < 2 m
_M_PER_KM = 1_000.0
_H_PER_DAY = 24.0
_US_PER_H = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of the local plane, in km from its centre."""

    west_km: float
    south_km: float
    east_km: float
    north_km: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cells:
    """The grid; cells go row by row from the south-west.

    Attributes:
        plane: Its plane.
        size_km: Side of a cell.
        columns: Cells in a row.
        lon_deg: Longitudes of the middles, (n,), WGS 84.
        lat_deg: Latitudes, (n,).
        x_km: East of the plane's centre, (n,).
        y_km: North of it, (n,).
        area_km2: Of each cell, (n,).
        sectors: Area of each cell that lies in each sector, (n,), km2, by the sector's name.
    """

    plane: Plane
    size_km: float
    columns: int
    lon_deg: Floats
    lat_deg: Floats
    x_km: Floats
    y_km: Floats
    area_km2: Floats
    sectors: Mapping[str, Floats]

    def __len__(self) -> int:
        """Return the number of cells."""
        return len(self.area_km2)

    def names(self) -> tuple[str, ...]:
        """Return the whole grid's name and those of the sectors."""
        return (WHOLE, *self.sectors)

    def weight_km2(self, sector: str) -> Floats:
        """Return the area of each cell that lies in a sector, (n,), km2.

        Raises:
            BadInput: There is no such sector.
        """
        if sector == WHOLE:
            return self.area_km2
        if sector not in self.sectors:
            known = ", ".join(self.sectors) or "none"
            raise BadInput("sector", f"{sector!r} is not known, expected one of {known}")
        return self.sectors[sector]

    def at(self, lon_deg: Floats, lat_deg: Floats) -> NDArray[np.int64]:
        """Return the cell of each point, (k,); -1 for one off the grid."""
        x_m, y_m = self.plane.project(lon_deg, lat_deg)
        across, up = (
            np.floor((at_m / _M_PER_KM - first_km) / self.size_km + 0.5).astype(np.int64)
            for at_m, first_km in ((x_m, self.x_km[0]), (y_m, self.y_km[0]))
        )
        rows = len(self) // self.columns
        inside = (across >= 0) & (across < self.columns) & (up >= 0) & (up < rows)
        return np.where(inside, up * self.columns + across, -1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Equal steps of time.

    Attributes:
        start: Beginning of the first, aware.
        count: How many there are.
        step_h: Length of each.
    """

    start: datetime
    count: int
    step_h: float = 1.0

    def __post_init__(self) -> None:
        """Refuse steps that cannot be.

        Raises:
            BadInput: A naive start, no step, or a length that is none.
        """
        if self.start.tzinfo is None:
            raise BadInput("steps", f"start is {self.start}, must have an offset")
        if self.count < 1:
            raise BadInput("steps", f"{self.count} steps, must be at least 1")
        if not (self.step_h > 0 and math.isfinite(self.step_h)):
            raise BadInput("steps", f"each has {self.step_h} hours, must be above 0")

    @property
    def hours_h(self) -> float:
        """Length of all."""
        return self.count * self.step_h

    @property
    def end(self) -> datetime:
        """End of the last."""
        return self.start + timedelta(hours=self.hours_h)

    def edges_us(self) -> NDArray[np.int64]:
        """Return where steps begin and the last one ends, microseconds since 1970, (count + 1,)."""
        after_us = np.rint(np.arange(self.count + 1) * (self.step_h * _US_PER_H))
        return round(self.start.timestamp() * 1e6) + np.asarray(after_us, np.int64)

    def by_day(self, cells: Cells) -> Flags:
        """Return whether the sun is up in the middle of each step at each cell, (count, n)."""
        middle_h = (np.arange(self.count, dtype=np.float64) + 0.5) * self.step_h
        days = days_since(self.start) + np.asarray(middle_h / _H_PER_DAY, np.float64)
        high_deg = altitude_deg(days[:, None], cells.lat_deg[None, :], cells.lon_deg[None, :])
        return np.asarray(high_deg > UP_DEG)


def box_of(areas: Mapping[str, Area], plane: Plane) -> Box:
    """Return the smallest box of the plane around some areas.

    Raises:
        BadInput: There is none.
    """
    if not areas:
        raise BadInput("cells", "no sector to cover, must have at least 1")
    bounds = np.array([_on_plane(area, plane).bounds for area in areas.values()])
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    return Box(west_km=low[0], south_km=low[1], east_km=high[0], north_km=high[1])


def grid(box: Box, *, plane: Plane, size_km: float, sectors: Mapping[str, Area]) -> Cells:
    """Return square cells that cover a box, row by row from the south-west.

    Args:
        box: What to cover; cells are centred on it and reach over its edge alike.
        plane: Its plane.
        size_km: Side of a cell.
        sectors: Zones by id; they may overlap, and reach out of the box.

    Raises:
        BadInput: A size or a box that is none, more than `CELLS_MAX` cells, or a sector outside.
    """
    import shapely

    wide_km, high_km = box.east_km - box.west_km, box.north_km - box.south_km
    if not (size_km > 0 and wide_km > 0 and high_km > 0):
        problem = f"size is {size_km} km, box {wide_km} by {high_km} km, must be above 0"
        raise BadInput("cells", problem)
    columns, rows = (max(1, math.ceil(each / size_km - 1e-9)) for each in (wide_km, high_km))
    if columns * rows > CELLS_MAX:
        problem = f"{columns * rows} cells of {size_km} km, must be at most {CELLS_MAX}"
        raise BadInput("cells", problem)
    across, up = (np.arange(count) - (count - 1) / 2 for count in (columns, rows))
    x_km = np.tile((box.west_km + box.east_km) / 2 + across * size_km, rows)
    y_km = np.repeat((box.south_km + box.north_km) / 2 + up * size_km, columns)
    lon_deg, lat_deg = plane.unproject(x_km * _M_PER_KM, y_km * _M_PER_KM)
    half_km = size_km / 2
    squares = shapely.box(x_km - half_km, y_km - half_km, x_km + half_km, y_km + half_km)
    parts = {
        name: _part_km2(squares, _on_plane(area, plane), name) for name, area in sectors.items()
    }
    return Cells(
        plane=plane,
        size_km=size_km,
        columns=columns,
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        x_km=x_km,
        y_km=y_km,
        area_km2=np.full(len(x_km), size_km**2),
        sectors=parts,
    )


def _part_km2(squares: NDArray[np.object_], sector: shapely.Geometry, name: str) -> Floats:
    import shapely

    found = np.zeros(len(squares))
    touched = shapely.intersects(squares, sector)
    found[touched] = shapely.area(shapely.intersection(squares[touched], sector))
    if not found.sum() > 0:
        where = f"sector {name}"
        raise BadInput(where, "lies off the grid, expected a part of it inside")
    return found


def _on_plane(area: Area, plane: Plane) -> shapely.Geometry:
    """Return an area in km of the plane."""
    import shapely

    def drawn(points: Floats) -> Floats:
        return np.column_stack(plane.project(points[:, 0], points[:, 1])) / _M_PER_KM

    return shapely.transform(shapely.segmentize(area.shape(), _EDGE_DEG), drawn)
