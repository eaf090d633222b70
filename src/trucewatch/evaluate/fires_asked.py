"""What the evaluation of fires is asked for, and the world that its files make."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.evaluate import fires_files
from trucewatch.evaluate.fires_rows import Compared, grid_of, incident_spots
from trucewatch.measure.thermal.layers import regions_of, sheet_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trucewatch.evaluate.fires_near import Spots
    from trucewatch.measure.thermal.grid import FireGrid

    Named = tuple[str, bytes]

CONTROL = ("UA05", "UA07", "UA21", "UA26", "UA46", "UA56", "UA61", "UA68", "UA77")
"""Regions far from the fighting of 2022: Vinnytsia, Volyn, Zakarpattia, Ivano-Frankivsk, Lviv,
Rivne, Ternopil, Khmelnytskyi, Chernivtsi."""
SINCE = date(2022, 2, 24)
"""First day of incidents that counts unless another is named: that of the full-scale invasion."""
PEACE_YEARS = 4
"""Baseline years nearest to the tested one that are compared; the mix of sensors drifts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to evaluate on.

    Attributes:
        fires: Files of fire pixels by name, several years in all.
        events: Name and bytes of a file of geolocated incidents.
        layers: Name and bytes of further files by what they hold: population, regions, weather,
            land.
        baseline_years: Years of peace; when empty every year of fires before the tested one and
            before that of `since`.
        peace_years: Those of them that are compared; the last four when empty.
        tested_year: The only other year with incidents and fires when None.
        since: First day of incidents that counts.
        placebo: Whether the same places and days of peace years are compared.
        control: Regions where nothing should be told.
        background: Whether the p-value is measured as well; it takes a minute or two.
    """

    fires: Mapping[str, bytes]
    events: Named
    layers: Mapping[str, Named] = field(default_factory=dict)
    baseline_years: tuple[int, ...] = ()
    peace_years: tuple[int, ...] = ()
    tested_year: int | None = None
    since: date | None = SINCE
    placebo: bool = True
    control: tuple[str, ...] = CONTROL
    background: bool = True


class World(NamedTuple):
    """Everything read: fires, cells, years, incidents of the compared days."""

    fires: pl.DataFrame
    grid: FireGrid
    compared: Compared
    incidents: Spots


def world_of(asked: Asked) -> World:
    """Return what the files hold, and which years and days are compared.

    Raises:
        BadInput: A file cannot be read, or years do not go together.
    """
    fires = fires_files.fires(asked.fires)
    name, raw = asked.events
    incidents = fires_files.incidents(raw, name, since=asked.since)
    years = sorted(fires["date"].dt.year().unique().to_list())
    tested = _tested(asked, years, incidents)
    spots = incident_spots(incidents, tested)
    seen = fires.filter(pl.col("date").dt.year() == tested)["date"].dt.ordinal_day()
    last = min(int(spots.day.max()), int(seen.max()) - 1)  # type: ignore[arg-type]
    baseline = asked.baseline_years or _peaceful(asked, years, tested)
    absent = sorted({*baseline, *asked.peace_years} - set(years))
    if absent or len(baseline) < 2:  # noqa: PLR2004 - a year of peace is held against the others
        problem = f"{absent or list(baseline)} of the fires' years {years}, expected two or more"
        raise BadInput("--baseline-years", problem)
    peace = asked.peace_years or tuple(baseline)[-PEACE_YEARS:]
    strange = sorted(set(peace) - set(baseline))
    if strange or tested in baseline:
        problem = f"{strange or tested} is out of place, expected years among {list(baseline)}"
        raise BadInput("--peace-years", problem)
    compared = Compared(tested, tuple(baseline), tuple(peace), int(spots.day.min()), last)
    return World(fires, grid_of(fires), compared, spots)


def _peaceful(asked: Asked, years: list[int], tested: int) -> tuple[int, ...]:
    first = tested if asked.since is None else min(tested, asked.since.year)
    return tuple(year for year in years if year < first)


def _tested(asked: Asked, years: list[int], incidents: pl.DataFrame) -> int:
    """Return the year under test.

    Raises:
        BadInput: No year or several could be meant.
    """
    known = set(incidents["date"].dt.year().unique().to_list()) & set(years)
    could = sorted(known - set(asked.baseline_years))
    if asked.tested_year is not None:
        could = [year for year in could if year == asked.tested_year]
    if len(could) != 1:
        problem = f"{could} have both fires and incidents and are no baseline, expected one year"
        raise BadInput("--tested-year", problem)
    return int(could[0])


def people_of(asked: Asked, grid: FireGrid) -> NDArray[np.float64] | None:
    """Return persons per square kilometre of each cell, 0 where nobody knows."""
    if "population" not in asked.layers:
        return None
    name, raw = asked.layers["population"]
    points = fires_files.table(raw, name, ("LATITUDE", "LONGITUDE", "POP_DENSITY")).rename(
        {"LATITUDE": "lat_deg", "LONGITUDE": "lon_deg"}
    )
    return np.nan_to_num(sheet_of(points, grid, "POP_DENSITY").astype(np.float64))


def control_of(asked: Asked, grid: FireGrid) -> NDArray[np.bool_] | None:
    """Return the cells of the control regions, None where regions are not known.

    Raises:
        BadInput: None of them is among the regions.
    """
    if "regions" not in asked.layers:
        return None
    name, raw = asked.layers["regions"]
    points = fires_files.table(raw, name, ("LATITUDE", "LONGITUDE")).rename(
        {"LATITUDE": "lat_deg", "LONGITUDE": "lon_deg", "OBLAST_ID": "region"}
    )
    names = sorted(points["region"].unique().to_list())
    wanted = [number for number, one in enumerate(names) if one in asked.control]
    if not wanted:
        problem = f"none of {list(asked.control)} is among the regions of {name}, expected one"
        raise BadInput("--control", problem)
    return np.isin(regions_of(points, grid, names), wanted)
