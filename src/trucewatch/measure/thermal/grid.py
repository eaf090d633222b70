"""The cells that fire pixels are counted in: a regular grid in degrees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP_DEG = 0.1
"""About 11 km north, 7 km east at 50 N: wider than any pixel, and the step of the land tables."""
_EDGE = 1e-9
"""In cells. 44.3 - 44 is a little less than 0.3 in binary; a point on an edge is north-east."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FireGrid:
    """A grid whose cell (0, 0) has its south-west corner at `south_deg`, `west_deg`.

    Rows run north, columns east. Cell edges are at whole steps from the corner.
    """

    south_deg: float
    west_deg: float
    step_deg: float
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    def cell_of(
        self, lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row and column of each point, (n,) each; both are -1 outside the grid."""
        row = np.floor((lat_deg - self.south_deg) / self.step_deg + _EDGE)
        column = np.floor((lon_deg - self.west_deg) / self.step_deg + _EDGE)
        inside = (row >= 0) & (row < self.rows) & (column >= 0) & (column < self.columns)
        return (
            np.where(inside, row, -1).astype(np.int64),
            np.where(inside, column, -1).astype(np.int64),
        )

    def centre_of(
        self, row: NDArray[np.int64], column: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return latitude and longitude of the middle of cells, (n,) each, in degrees."""
        north = self.south_deg + (row.astype(np.float64) + 0.5) * self.step_deg
        east = self.west_deg + (column.astype(np.float64) + 0.5) * self.step_deg
        return north, east


def grid_over(
    *,
    south_deg: float,
    west_deg: float,
    north_deg: float,
    east_deg: float,
    step_deg: float = STEP_DEG,
) -> FireGrid:
    """Return the least grid that covers a box, from its south-west corner on.

    Raises:
        BadInput: The box is empty, or a number is not finite.
    """
    box = (south_deg, west_deg, north_deg, east_deg, step_deg)
    if not all(map(math.isfinite, box)) or step_deg <= 0:
        raise BadInput("grid", f"box and step are {box}, expected finite degrees, step above 0")
    rows = math.ceil((north_deg - south_deg) / step_deg - _EDGE)
    columns = math.ceil((east_deg - west_deg) / step_deg - _EDGE)
    if rows < 1 or columns < 1:
        raise BadInput("grid", f"box {box[:4]} is empty, expected north above south, east of west")
    return FireGrid(
        south_deg=south_deg, west_deg=west_deg, step_deg=step_deg, rows=rows, columns=columns
    )
