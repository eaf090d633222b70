"""Whether a fire was seen at a geolocated incident on its day, against days before and after.

If fires told the day of an incident, many more would lie beside it on that day than on others. They
do so by less than a factor of two: a fire says where, other sensors say when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.evaluate.fires_near import Spots, near
from trucewatch.evaluate.fires_ranks import blocks_of, with_interval
from trucewatch.measure.thermal.fire_days import ALL, DAYS, counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from trucewatch.evaluate.figures import Figure
    from trucewatch.evaluate.fires_rows import Rows
    from trucewatch.measure.thermal.grid import FireGrid

    Floats = NDArray[np.float64]

HIT_KM = 1.0
DAYS_APART = (-10, -5, -2, -1, 0, 1, 2, 5, 10)
FAR = (-10, -5, 5, 10)
"""Shifts that the day itself is held against; nearer ones share fires that burn for days."""


class Pixels(NamedTuple):
    """Fire pixels of the tested year, and whether their cell-day is flagged, (n,) each."""

    spots: Spots
    flagged: NDArray[np.bool_]


def pixels_of(fires: pl.DataFrame, grid: FireGrid, rows: Rows, tested: int, gate: float) -> Pixels:
    """Return the pixels of the compared cell-days of a year.

    Args:
        fires: Fire pixels of all years.
        grid: The cells.
        rows: The compared cell-days.
        tested: The tested year.
        gate: Cell-days with a higher score are flagged.
    """
    mine = counted(fires, ALL).filter(pl.col("date").dt.year() == tested)
    lat_deg, lon_deg = mine["lat_deg"].to_numpy(), mine["lon_deg"].to_numpy()
    day = np.minimum(mine["date"].dt.ordinal_day().to_numpy().astype(np.int64) - 1, DAYS - 1)
    row, column = grid.cell_of(lat_deg, lon_deg)
    this = rows.year == tested
    sheet = np.full((DAYS, *grid.shape), np.nan)
    sheet[rows.at.day[this], rows.at.row[this], rows.at.column[this]] = rows.score[this]
    flagged = (row >= 0) & (sheet[day, row, column] > gate)
    return Pixels(Spots(day, lat_deg, lon_deg), flagged)


def hits(
    incidents: Spots, pixels: Pixels, *, seed: int, repeats: int
) -> Iterator[tuple[str, Figure]]:
    """Yield the share of incidents with a pixel within 1 km by shift, and day 0 against the far.

    Args:
        incidents: Of the tested year, those of compared days.
        pixels: Of the tested year.
        seed: Of the bootstrap, over blocks of incidents.
        repeats: How often blocks are drawn.
    """
    blocks = blocks_of(
        incidents.day, incidents.lat_deg, incidents.lon_deg, seed=seed, repeats=repeats
    )
    for name, kept in (("all", pixels.flagged | True), ("flagged", pixels.flagged)):
        hit = hit_by_shift(incidents, pixels, kept)
        for shift, found in hit.items():
            yield f"hit_{name}_day_{shift:+d}", with_interval(blocks, _mean(found))
        yield f"hit_ratio_{name}", with_interval(blocks, _ratio(hit[0], by_chance(hit)))


def hit_by_shift(
    incidents: Spots, pixels: Pixels, kept: NDArray[np.bool_]
) -> dict[int, NDArray[np.bool_]]:
    """Return whether each incident has one of the pixels kept within 1 km, by shift in days."""
    day, lat_deg, lon_deg = pixels.spots
    spots = Spots(day[kept], lat_deg[kept], lon_deg[kept])
    return {
        shift: near(incidents.shifted(shift), spots, within_km=HIT_KM, within_days=0)
        for shift in DAYS_APART
    }


def by_chance(hit: Mapping[int, NDArray[np.bool_]]) -> Floats:
    """Return the share of days 5 and 10 before and after with a pixel at the place, (n,)."""
    return np.asarray(np.mean([hit[shift] for shift in FAR], axis=0))


def _mean(found: NDArray[np.bool_]) -> Callable[[Floats], float]:
    def of(weight: Floats) -> float:
        whole = float(weight.sum())
        return float(weight @ found) / whole if whole > 0 else float("nan")

    return of


def _ratio(day: NDArray[np.bool_], far: Floats) -> Callable[[Floats], float]:
    def of(weight: Floats) -> float:
        there = float(weight @ far)
        return float(weight @ day) / there if there > 0 else float("nan")

    return of
