"""Fire cell-days: a cell and a day on which it burned, which is what a score is given for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.measure.thermal.fire_days import ALL, DAYS, Counted, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trucewatch.measure.thermal.grid import FireGrid

    Floats = NDArray[np.float64]
    Wholes = NDArray[np.int64]


class CellDays(NamedTuple):
    """Fire cell-days of one year by day, row and column, (n,) each.

    Attributes:
        day: 0-based day of the year; the last day of a leap year is counted with the one before.
        row: Of the grid, northwards.
        column: Eastwards.
        pixels: How many were seen in the cell that day.
        lat_deg: Mean latitude of the pixels.
        lon_deg: Mean longitude.
    """

    day: Wholes
    row: Wholes
    column: Wholes
    pixels: Wholes
    lat_deg: Floats
    lon_deg: Floats

    def only(self, chosen: NDArray[np.bool_]) -> CellDays:
        """Return those that are chosen, (n,)."""
        return CellDays(
            self.day[chosen],
            self.row[chosen],
            self.column[chosen],
            self.pixels[chosen],
            self.lat_deg[chosen],
            self.lon_deg[chosen],
        )


def joined(parts: Sequence[CellDays]) -> CellDays:
    """Return the fire cell-days of several years one after the other."""
    return CellDays(
        np.concatenate([part.day for part in parts]),
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.pixels for part in parts]),
        np.concatenate([part.lat_deg for part in parts]),
        np.concatenate([part.lon_deg for part in parts]),
    )


def cell_days(fires: pl.DataFrame, grid: FireGrid, year: int, which: Counted = ALL) -> CellDays:
    """Return the fire cell-days of a year; pixels outside the grid are left out.

    Args:
        fires: As of `fire_days.counted`, any order, any years.
        grid: The cells.
        year: The year.
        which: Which pixels are counted.
    """
    kept = counted(fires, which).filter(pl.col("date").dt.year() == year)
    lat_deg, lon_deg = (kept[c].cast(pl.Float64).to_numpy() for c in ("lat_deg", "lon_deg"))
    row, column = grid.cell_of(lat_deg, lon_deg)
    day = np.minimum(kept["date"].dt.ordinal_day().to_numpy().astype(np.int64) - 1, DAYS - 1)
    inside = row >= 0
    place = ((day * grid.rows + row) * grid.columns + column)[inside]
    found, which_one, pixels = np.unique(place, return_inverse=True, return_counts=True)
    return CellDays(
        found // (grid.rows * grid.columns),
        found // grid.columns % grid.rows,
        found % grid.columns,
        pixels.astype(np.int64),
        np.bincount(which_one, lat_deg[inside], len(found)) / pixels,
        np.bincount(which_one, lon_deg[inside], len(found)) / pixels,
    )
