"""Fire cell-days of the tested year and of peace years, each with its scores and its label.

Every year is scored against an ordinary year made of the baseline years without itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.ndimage import uniform_filter, uniform_filter1d
from scipy.stats import poisson

from trucewatch.errors import BadInput
from trucewatch.evaluate.fires_near import Spots, near
from trucewatch.measure.thermal.cell_days import CellDays, cell_days, joined
from trucewatch.measure.thermal.climatology import climatology
from trucewatch.measure.thermal.fire_days import DAYS, fire_days
from trucewatch.measure.thermal.grid import FireGrid, grid_over
from trucewatch.measure.thermal.score import people_term, score, seen_past, usual_past

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    Cube = NDArray[np.float32]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LABEL_KM, LABEL_DAYS = 5.0, 1
"""How near to a geolocated incident a fire cell-day counts as labelled. Source: the task set."""
SHIFTS = (-10, -5, 5, 10)
"""Days by which incidents are moved, to see what only being at such a place is worth."""
_SHIFT_CLEAR_DAYS = 2  # a shifted row that is this near to a true incident is left out
_NAIVE_DAYS, _NAIVE_CELLS, _NAIVE_FLOOR = 31, 3, 0.005
_SURPRISE_MAX = 300.0  # beyond it, doubles have no smaller chance


class Compared(NamedTuple):
    """Which years are held against which.

    Attributes:
        tested: The year under test.
        baseline: Years that the ordinary year is made of.
        peace: Those among them that are compared.
        first_day: 0-based day of the year from which rows are compared, in every year.
        last_day: The last such day.
    """

    tested: int
    baseline: tuple[int, ...]
    peace: tuple[int, ...]
    first_day: int
    last_day: int

    @property
    def days(self) -> int:
        """How many days of a year are compared."""
        return self.last_day - self.first_day + 1


class Rows(NamedTuple):
    """Fire cell-days that are compared, (n,) each.

    Attributes:
        year: Of the fire.
        at: Cell, day and mean place.
        score: The thermal conflict score, with people where they are known.
        plain: The same without people.
        naive: Surprise of the count under a Poisson law with the season's mean of the same cells.
        static: Whether the cell burns on 30 days or more in the median baseline year.
        labelled: Near a geolocated incident of the tested year, by day of the year.
        shifted: Near an incident moved by 5 or 10 days, and not near any that was not moved.
    """

    year: NDArray[np.int64]
    at: CellDays
    score: Floats
    plain: Floats
    naive: Floats
    static: Flags
    labelled: Flags
    shifted: Flags


def grid_of(fires: pl.DataFrame) -> FireGrid:
    """Return the grid of 0.1 degree over all fires, its box at whole degrees.

    Raises:
        BadInput: The fires are spread over more than 60 degrees.
    """
    low = [float(np.floor(fires[c].to_numpy().min())) for c in ("lat_deg", "lon_deg")]
    high = [float(np.floor(fires[c].to_numpy().max())) + 1 for c in ("lat_deg", "lon_deg")]
    wide_deg = max(high[0] - low[0], high[1] - low[1])
    if wide_deg > 60:  # noqa: PLR2004 - a country; the cubes of more would fill the memory
        raise BadInput("--fires", f"spread over {wide_deg:g} degrees, expected at most 60")
    return grid_over(south_deg=low[0], west_deg=low[1], north_deg=high[0], east_deg=high[1])


def incident_spots(incidents: pl.DataFrame, year: int) -> Spots:
    """Return the incidents of a year by day of the year, counted as fire days are."""
    mine = incidents.filter(incidents["date"].dt.year() == year)
    day = np.minimum(mine["date"].dt.ordinal_day().to_numpy().astype(np.int64) - 1, DAYS - 1)
    return Spots(day, mine["lat_deg"].to_numpy(), mine["lon_deg"].to_numpy())


def rows_of(
    fires: pl.DataFrame,
    grid: FireGrid,
    compared: Compared,
    incidents: Spots,
    persons_per_km2: Floats | None,
) -> Rows:
    """Return every fire cell-day of the compared days and years, scored and labelled.

    Args:
        fires: Fire pixels of all years.
        grid: The cells.
        compared: The years.
        incidents: Of the tested year.
        persons_per_km2: Of each cell, (rows, columns); without them `score` is `plain`.
    """
    cubes = fire_days(fires, grid)
    people = None if persons_per_km2 is None else people_term(persons_per_km2)
    parts = []
    for year in (*compared.peace, compared.tested):
        at = cell_days(fires, grid, year)
        at = at.only((at.day >= compared.first_day) & (at.day <= compared.last_day))
        parts.append(_scored(cubes, compared.baseline, year, at, people))
    whole = joined([part.at for part in parts])
    spots = Spots(whole.day, whole.lat_deg, whole.lon_deg)
    return Rows(
        np.concatenate([np.full(len(part.at.day), part.year) for part in parts]),
        whole,
        np.concatenate([part.score for part in parts]),
        np.concatenate([part.plain for part in parts]),
        np.concatenate([part.naive for part in parts]),
        np.concatenate([part.static for part in parts]),
        near(spots, incidents, within_km=LABEL_KM, within_days=LABEL_DAYS),
        _shifted(spots, incidents),
    )


class _Part(NamedTuple):
    year: int
    at: CellDays
    score: Floats
    plain: Floats
    naive: Floats
    static: Flags


def _scored(
    cubes: Mapping[int, Cube],
    baseline: Sequence[int],
    year: int,
    at: CellDays,
    people: NDArray[np.float32] | None,
) -> _Part:
    others = [one for one in baseline if one != year]
    climate = climatology(cubes, others)
    usual, seen = usual_past(climate), seen_past(cubes[year], climate, cubes.get(year - 1))
    plain = score(seen, usual, at)
    whole = plain if people is None else score(seen, usual, at, people)
    expected = _naive_mean(cubes, others)[at.day, at.row, at.column]
    naive = np.clip(-poisson.logsf(at.pixels - 1, expected), 0, _SURPRISE_MAX)
    return _Part(year, at, whole, plain, naive, climate.is_static[at.row, at.column])


def _naive_mean(cubes: Mapping[int, Cube], years: Sequence[int]) -> Cube:
    """Return the mean count of 31 days and 3 x 3 cells around each cell-day of other years."""
    mean = np.sum([cubes[year] for year in years], axis=0, dtype=np.float32) / len(years)
    season = uniform_filter1d(mean, _NAIVE_DAYS, axis=0, mode="wrap")
    smooth = uniform_filter(season, (1, _NAIVE_CELLS, _NAIVE_CELLS), mode="constant")
    return np.asarray(smooth + _NAIVE_FLOOR, dtype=np.float32)


def _shifted(spots: Spots, incidents: Spots) -> Flags:
    moved = np.zeros(len(spots.day), dtype=np.bool_)
    for days in SHIFTS:
        later = incidents.shifted(days)
        moved |= near(spots, later, within_km=LABEL_KM, within_days=LABEL_DAYS)
    true = near(spots, incidents, within_km=LABEL_KM, within_days=_SHIFT_CLEAR_DAYS)
    return moved & ~true
