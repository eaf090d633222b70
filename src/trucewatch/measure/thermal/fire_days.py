"""Fire pixels counted by year, day and cell.

A year has 365 days here: the last day of a leap year is counted with the day before it, so that
years lie on one another by day of the year; after 28 February of a leap year they are a day apart,
which does not matter to a season smoothed over 10 days.

What the three-column archive lacks is used where it is there: pixels of low confidence are left
out, over-wide pixels at the edge of a swath may be, and counts may be taken of day or night alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.measure.thermal.grid import FireGrid

    Cube = NDArray[np.float32]  # days, rows, columns

DAYS = 365
CAP = 8.0
"""Fire pixels of a cell-day beyond which more say nothing of how often it burns there. One large
fire has hundreds, and would make a place of its own in the climatology. Chosen on 2012-2021."""
CONFIDENCE_MIN = 30
"""In percent, for the sensors that give a number; FIRMS calls less than this low."""
_LOW = ("l", "low")
_DEG_PER_H = 15.0
_RISE_H, _SET_H = 6.0, 18.0
_NEEDED = {"date", "lat_deg", "lon_deg"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Which pixels are counted; a row without the column or value in question is.

    Attributes:
        scan_max_km: Wider pixels are left out; None leaves out none.
        part: Pixels of the night burn through smoke and haze and are seldom stubble; those of the
            day are most of all fires.
    """

    scan_max_km: float | None = None
    part: Literal["all", "day", "night"] = "all"


ALL = Counted()


def counted(fires: pl.DataFrame, which: Counted = ALL) -> pl.DataFrame:
    """Return the rows that are counted, in their order.

    Args:
        fires: Columns date (Date), lat_deg, lon_deg; if there, confidence (l, n, h or percent, as
            text), scan_km, daynight (D or N) or else acq_time (UTC, HHMM).
        which: Which are.

    Raises:
        BadInput: A column is missing.
    """
    missing = sorted(_NEEDED - set(fires.columns))
    if missing:
        raise BadInput("fires", f"no column {missing[0]}, expected date, lat_deg, lon_deg")
    kept = fires
    if "confidence" in fires.columns:
        confidence = pl.col("confidence").cast(pl.String).str.to_lowercase()
        low = confidence.is_in(_LOW) | (confidence.cast(pl.Float64, strict=False) < CONFIDENCE_MIN)
        kept = kept.filter(~low.fill_null(value=False))
    if "scan_km" in fires.columns and which.scan_max_km is not None:
        kept = kept.filter(~(pl.col("scan_km") > which.scan_max_km).fill_null(value=False))
    night = _night(fires)
    if night is not None and which.part != "all":
        kept = kept.filter((night == (which.part == "night")).fill_null(value=True))
    return kept


def _night(fires: pl.DataFrame) -> pl.Expr | None:
    """Return whether a pixel is of the night, by its flag or else by the sun's hour at its place.

    Overpasses are hours away from sunrise and sunset, so that six and six will do.
    """
    if "daynight" in fires.columns:
        return pl.col("daynight") == "N"
    if "acq_time" not in fires.columns:
        return None
    clock = pl.col("acq_time").cast(pl.String).str.zfill(4)
    hours, minutes = (clock.str.slice(at, 2).cast(pl.Float64, strict=False) for at in (0, 2))
    sun_h = (hours + minutes / 60 + pl.col("lon_deg").cast(pl.Float64) / _DEG_PER_H).mod(24)
    return (sun_h < _RISE_H) | (sun_h >= _SET_H)


def fire_days(
    fires: pl.DataFrame, grid: FireGrid, which: Counted = ALL, *, of: str | None = None
) -> dict[int, Cube]:
    """Return fire pixels by year as (365, rows, columns), years ascending.

    Pixels outside the grid are left out. A year without a row has no entry, so a year of which
    only a part was recorded looks like one with no fire in the rest: cut it before use.

    Args:
        fires: As of `counted`, any order, any years.
        grid: The cells.
        which: Which pixels are counted.
        of: A column to sum in the place of counting, such as frp_mw; nulls add nothing.

    Raises:
        BadInput: A column is missing, or a date or place is null.
    """
    kept = counted(fires, which)
    empty = kept.select(sorted(_NEEDED)).null_count().row(0)
    if any(empty):
        raise BadInput("fires", f"{sum(empty)} dates or places are empty, expected none")
    if of is not None and of not in kept.columns:
        raise BadInput("fires", f"no column {of} to sum, expected one of {kept.columns}")
    row, column = grid.cell_of(
        kept["lat_deg"].cast(pl.Float64).to_numpy(), kept["lon_deg"].cast(pl.Float64).to_numpy()
    )
    year = kept["date"].dt.year().to_numpy()
    day = np.minimum(kept["date"].dt.ordinal_day().to_numpy().astype(np.int64) - 1, DAYS - 1)
    weight = None if of is None else kept[of].cast(pl.Float64).fill_null(0.0).to_numpy()
    inside = row >= 0
    place = (day * grid.rows + row) * grid.columns + column
    cubes = {}
    for one in np.unique(year).tolist():
        mine = inside & (year == one)
        total = np.bincount(
            place[mine],
            weights=None if weight is None else weight[mine],
            minlength=DAYS * grid.rows * grid.columns,
        )
        cubes[int(one)] = total.astype(np.float32).reshape(DAYS, *grid.shape)
    return cubes


def winsorised(cube: Cube) -> Cube:
    """Return counts of which none is above `CAP`."""
    return np.minimum(cube, np.float32(CAP))
