"""What is known of a cell besides its fires: land or not, region, land use, people, weather.

All of it is optional: a background without a layer rests on the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.fire_days import DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trucewatch.measure.thermal.grid import FireGrid

    Sheet = NDArray[np.float32]  # rows, columns

_EDGE = 1e-6  # in cells: a point nearer than this to an edge touches both sides
_DRY_MM = 1.0  # a day with less rain is dry
_DRY_LONGEST_D = 30
_CLOUD_UNKNOWN_PCT = 50.0  # of the day before the first
WEATHER = ("tmax_c", "tmean_c", "rain_mm", "snow_cm", "cloud_pct")
"""Columns of a weather table, by region and date."""
DERIVED = (*WEATHER, "rain_7_mm", "rain_30_mm", "dry_d", "cloud_before_pct")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Layers:
    """What is known of the cells of one grid.

    Attributes:
        grid: The cells.
        land: Cells that are judged, (rows, columns).
        region: Place of each cell's region among those that weather is given for, or -1.
        cover: Quantities that do not change, such as shares of land use, (rows, columns) each.
        weather: By year (quantities of `DERIVED`, 365, regions), not a number where not known.
    """

    grid: FireGrid
    land: NDArray[np.bool_]
    region: NDArray[np.int64]
    cover: Mapping[str, Sheet] = field(default_factory=lambda: MappingProxyType({}))
    weather: Mapping[int, NDArray[np.float32]] = field(default_factory=lambda: MappingProxyType({}))


def bare(grid: FireGrid) -> Layers:
    """Return layers that know nothing: every cell is judged."""
    return Layers(
        grid=grid, land=np.ones(grid.shape, np.bool_), region=np.full(grid.shape, -1, np.int64)
    )


def sheet_of(points: pl.DataFrame, grid: FireGrid, column: str) -> Sheet:
    """Return the mean of the points that lie in each cell or on its edge, not a number if none.

    Tables of this kind give a value at each corner of the grid, so most cells have four.

    Args:
        points: Columns lat_deg, lon_deg and the one named; rows without a value are left out.
        grid: The cells.
        column: What to take the mean of.
    """
    known = points.filter(pl.col(column).is_not_null() & pl.col(column).is_not_nan())
    total = np.zeros(grid.shape)
    number = np.zeros(grid.shape)
    value = known[column].cast(pl.Float64).to_numpy()
    for row, at, point in _touched(known, grid):
        np.add.at(total, (row, at), value[point])
        np.add.at(number, (row, at), 1)
    mean = np.where(number > 0, total / np.maximum(number, 1), np.nan)
    return mean.astype(np.float32)


def regions_of(points: pl.DataFrame, grid: FireGrid, names: Sequence[str]) -> NDArray[np.int64]:
    """Return the place in `names` of the region that most points of a cell are in, -1 if none.

    Ties go to the region named first.

    Args:
        points: Columns lat_deg, lon_deg, region.
        grid: The cells.
        names: Of the regions.

    Raises:
        BadInput: A region is not among the names.
    """
    place = {name: i for i, name in enumerate(names)}
    strange = sorted(set(points["region"].to_list()) - set(names))
    if strange:
        raise BadInput("regions", f"{strange[0]!r} is not among the {len(names)} regions expected")
    votes = np.zeros((len(names), *grid.shape))
    which = np.array([place[name] for name in points["region"].to_list()], np.int64)
    for row, at, point in _touched(points, grid):
        np.add.at(votes, (which[point], row, at), 1)
    return np.where(votes.any(axis=0), votes.argmax(axis=0), -1).astype(np.int64)


def weather_of(table: pl.DataFrame, names: Sequence[str]) -> dict[int, NDArray[np.float32]]:
    """Return weather by year as (quantities of `DERIVED`, 365, regions).

    The last day of a leap year takes the place of the day before it, as in `fire_days`.

    Args:
        table: Columns region, date (Date) and those of `WEATHER`; one row a region and day.
        names: Of the regions, in the order wanted; others are left out.

    Raises:
        BadInput: A column is missing, or a region has two rows for a day.
    """
    missing = sorted({"region", "date", *WEATHER} - set(table.columns))
    if missing:
        raise BadInput("weather", f"no column {missing[0]}, expected region, date, {WEATHER}")
    mine = table.filter(pl.col("region").is_in(list(names))).sort("region", "date")
    if mine.select("region", "date").is_duplicated().any():
        raise BadInput("weather", "a region has two rows for one day, expected one")
    full = mine.with_columns(
        _rained(7).alias("rain_7_mm"),
        _rained(30).alias("rain_30_mm"),
        _dry().alias("dry_d"),
        pl.col("cloud_pct").shift(1).over("region").fill_null(_CLOUD_UNKNOWN_PCT)
        .alias("cloud_before_pct"),
    )  # fmt: skip
    place = {name: i for i, name in enumerate(names)}
    region = np.array([place[name] for name in full["region"].to_list()], np.int64)
    year = full["date"].dt.year().to_numpy()
    day = np.minimum(full["date"].dt.ordinal_day().to_numpy().astype(np.int64) - 1, DAYS - 1)
    values = full.select(pl.col(DERIVED).cast(pl.Float32).fill_null(np.nan)).to_numpy()
    found = {}
    for one in np.unique(year).tolist():
        sheet = np.full((len(DERIVED), DAYS, len(names)), np.nan, np.float32)
        at = year == one
        sheet[:, day[at], region[at]] = values[at].T
        found[int(one)] = sheet
    return found


def _touched(
    points: pl.DataFrame, grid: FireGrid
) -> list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Return rows, columns and point numbers: a point on an edge is in the cells on both sides."""
    north = (points["lat_deg"].cast(pl.Float64).to_numpy() - grid.south_deg) / grid.step_deg
    east = (points["lon_deg"].cast(pl.Float64).to_numpy() - grid.west_deg) / grid.step_deg
    low_row, high_row = np.floor(north - _EDGE), np.floor(north + _EDGE)
    low_column, high_column = np.floor(east - _EDGE), np.floor(east + _EDGE)
    touched = []
    for up in (False, True):
        for right in (False, True):
            row = (high_row if up else low_row).astype(np.int64)
            column = (high_column if right else low_column).astype(np.int64)
            new = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
            # a point inside a cell has its low and high in one, and counts once
            new &= ((high_row > low_row) | (not up)) & ((high_column > low_column) | (not right))
            touched.append((row[new], column[new], np.flatnonzero(new)))
    return touched


def _rained(days: int) -> pl.Expr:
    """Return the rain of so many rows of a region up to the day, itself included."""
    return pl.col("rain_mm").rolling_sum(days, min_samples=1).over("region")


def _dry() -> pl.Expr:
    """Return days without rain up to the day, at most 30."""
    wet = pl.col("rain_mm") >= _DRY_MM
    spell = wet.fill_null(value=False).cum_sum().over("region")
    dry = (~wet).fill_null(value=False).cast(pl.Int32)
    return dry.cum_sum().over("region", spell).clip(0, _DRY_LONGEST_D)
