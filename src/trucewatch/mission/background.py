"""`tw background`: which cells of a day burned more than in ordinary years, and what nobody knows.

Nothing is sealed and no incident comes of it: what is unusual is a reason to look, and no act.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.background import p_values
from trucewatch.measure.thermal.cell_days import CellDays
from trucewatch.measure.thermal.fire_days import DAYS, fire_days
from trucewatch.measure.thermal.layers import DERIVED
from trucewatch.measure.thermal.score import score, seen_past, usual_past
from trucewatch.measure.thermal.told import Answer, Fires, Sky, told
from trucewatch.mission.background_fit import fitted
from trucewatch.mission.opened import reading
from trucewatch.records.watch import watch_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from numpy.typing import NDArray

    from trucewatch.measure.thermal.background import Background
    from trucewatch.measure.thermal.grid import FireGrid
    from trucewatch.measure.thermal.told import Told
    from trucewatch.mission.background_fit import Baseline
    from trucewatch.mission.home import Home

    Cube = NDArray[np.float32]
    Floats = NDArray[np.float64]

SENSOR = "firms"
THERMAL = "thermal"
_WATCH = "watch"
_PERCENT = 100.0
_M_PER_DEG = 111_195.0  # of a great circle on the mean sphere
_LEAST_P = 1e-30  # a smaller chance is told as this
_FADED_D = 60  # after so many days past fires change the expected number no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell above the background.

    Attributes:
        lat_deg: Latitude of its middle, WGS 84.
        lon_deg: Longitude.
        pixels: Fire pixels.
        expected_mean: Pixels of an ordinary day there, given season and neighbourhood.
        tail_p: Chance of at least as many on an ordinary day, told down to 1e-30; no score.
        score: How much it burns as places at war do; orders cells of one day, no probability.
    """

    lat_deg: float
    lon_deg: float
    pixels: int
    expected_mean: float
    tail_p: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What the fires of a day say.

    Attributes:
        day: The day, UTC.
        years: Ordinary years that it was held against.
        above: Cells above the background, the least p first.
        not_above: How many cells are not above it.
        cannot_tell: How many cannot be told, by reason.
        by_chance_mean: How many cells would be above on an ordinary day.
        pixels: Fire pixels of the day on the grid.
        outside: Fire pixels of the day outside it.
        recorded_from: First day of the year that the mission has fires of; before it an ordinary
            year stands in.
        notes: What a reader must know besides.
    """

    day: date
    years: tuple[int, ...]
    above: tuple[Cell, ...]
    not_above: int
    cannot_tell: dict[str, int]
    by_chance_mean: float
    pixels: int
    outside: int
    recorded_from: date
    notes: tuple[str, ...]


def background(
    home: Home, baseline: Baseline, *, day: date | None, say: Callable[[str], None]
) -> Day:
    """Return what the fires of a day say beside ordinary years.

    Args:
        home: The mission.
        baseline: Files of ordinary years.
        day: The day, UTC; the last one with fires by default.
        say: Told what takes long.

    Raises:
        BadInput: The mission has no fires.
    """
    with reading(home) as (_, there):
        fires = _fires(there.archive.family(THERMAL))
        watch = watch_table(there.archive.family(_WATCH))
    if fires.is_empty():
        raise BadInput(str(home.path), f"has no fires, expected files of the sensor {SENSOR}")
    dates = fires["date"].to_list()
    day = day or max(dates)
    made = fitted(home, baseline, without=day.year, say=say)
    grid = made.background.layers.grid
    known = fires.filter(pl.col("date").dt.year() == day.year, pl.col("date") <= day)
    first = min(known["date"].to_list(), default=day)
    counted = fire_days(known, grid).get(day.year, np.zeros((DAYS, *grid.shape), np.float32))
    cube = _stood_in(counted, made.background, _place(first))
    found = _against(made.background, cube, counted, day)
    cloud_share = _cloud(made.background, day, watch)
    answers = told(found, Sky(cloud_share, recorded=day in set(dates)), made.background.layers.land)
    above = _above(answers, found, made.background, cube, day)
    today = int((fires["date"] == day).sum())
    return Day(
        day=day,
        years=tuple(sorted(made.cubes)),
        above=above,
        not_above=answers.number(Answer.NOT_ABOVE),
        cannot_tell=answers.reasons(),
        by_chance_mean=answers.by_chance_mean,
        pixels=int(found.pixels.sum()),
        outside=today - int(found.pixels.sum()),
        recorded_from=first,
        notes=_notes(first, day, made.background),
    )


def _fires(observations: pl.DataFrame) -> pl.DataFrame:
    """Return each fire pixel once, as `fire_days.counted` takes them; the day is that of UTC."""
    if not len(observations):
        return pl.DataFrame(schema={"date": pl.Date, "lat_deg": pl.Float64, "lon_deg": pl.Float64})
    mine = observations.filter(pl.col("sensor") == SENSOR).unique(
        "dedup_key", keep="first", maintain_order=True
    )
    feature = pl.col("features").struct.field
    return mine.select(
        pl.col("time_start").dt.date().alias("date"),
        "lat_deg",
        "lon_deg",
        feature("confidence").alias("confidence"),
        feature("scan_km").alias("scan_km"),
        feature("daynight").alias("daynight"),
    ).sort("date", "lat_deg", "lon_deg")


def _place(day: date) -> int:
    """Return the 0-based day of a year of 365, as `fire_days` counts them."""
    return min(day.timetuple().tm_yday, DAYS) - 1


def _stood_in(cube: Cube, background: Background, first: int) -> Cube:
    """Return a year whose days before the first recorded one are ordinary ones."""
    filled = cube.copy()
    filled[:first] = background.climate.loc[:first]
    return filled


def _against(background: Background, cube: Cube, counted: Cube, day: date) -> Fires:
    judged, at = p_values(background, cube, day.year), _place(day)
    return Fires(
        pixels=counted[at].astype(np.float64),
        expected=judged.expected[at].astype(np.float64),
        tail_p=judged.tail_p[at].astype(np.float64),
        static=background.climate.is_static,
        carries=judged.carries[at],
    )


def _above(
    answers: Told, found: Fires, background: Background, cube: Cube, day: date
) -> tuple[Cell, ...]:
    row, column = np.nonzero(answers.answer == Answer.ABOVE)
    if not len(row):
        return ()
    grid = background.layers.grid
    lat_deg, lon_deg = _middles(grid)
    at = CellDays(
        np.full(len(row), _place(day)), row, column, found.pixels[row, column].astype(np.int64),
        lat_deg[row, column], lon_deg[row, column],
    )  # fmt: skip
    scores = score(seen_past(cube, background.climate), usual_past(background.climate), at)
    cells = [
        Cell(
            lat_deg=round(float(lat_deg[r, c]), 4),
            lon_deg=round(float(lon_deg[r, c]), 4),
            pixels=int(found.pixels[r, c]),
            expected_mean=float(found.expected[r, c]),
            tail_p=max(float(found.tail_p[r, c]), _LEAST_P),
            score=float(value),
        )
        for r, c, value in zip(row.tolist(), column.tolist(), scores, strict=True)
    ]
    return tuple(sorted(cells, key=lambda each: (each.tail_p, each.lat_deg, each.lon_deg)))


def _middles(grid: FireGrid) -> tuple[Floats, Floats]:
    rows, columns = np.indices(grid.shape)
    return (
        np.asarray(grid.south_deg + (rows + 0.5) * grid.step_deg, np.float64),
        np.asarray(grid.west_deg + (columns + 0.5) * grid.step_deg, np.float64),
    )


def _cloud(background: Background, day: date, watch: pl.DataFrame) -> Floats:
    """Return the cloud of each cell: what watch reports of the day say, else the weather's.

    Of several reports the cloudiest counts; one without a place speaks of the whole ground.
    """
    layers = background.layers
    cloud_share = np.full(layers.grid.shape, np.nan)
    if day.year in layers.weather:
        pct = layers.weather[day.year][DERIVED.index("cloud_pct")][_place(day)]
        known = layers.region >= 0
        cloud_share[known] = np.clip(pct[layers.region[known]] / _PERCENT, 0, 1)
    said = watch.filter(
        pl.col("cloud_share").is_not_null(),
        pl.col("start").dt.date() <= day,
        (pl.col("end") - timedelta(microseconds=1)).dt.date() >= day,
    )
    lat_deg, lon_deg = _middles(layers.grid)
    spoken = np.full(layers.grid.shape, np.nan)
    for report in said.iter_rows(named=True):
        here = np.ones(layers.grid.shape, np.bool_)
        if report["radius_m"] is not None:
            north_deg = lat_deg - report["lat_deg"]
            east_deg = (lon_deg - report["lon_deg"]) * np.cos(np.radians(report["lat_deg"]))
            here = np.hypot(north_deg, east_deg) * _M_PER_DEG <= report["radius_m"]
        spoken[here] = np.fmax(spoken[here], report["cloud_share"])
    return np.where(np.isfinite(spoken), spoken, cloud_share)


def _notes(first: date, day: date, background: Background) -> tuple[str, ...]:
    notes = ["the p-value is no score: what is unusual need not be of war, nor the usual of peace"]
    if (day - first).days < _FADED_D and first.timetuple().tm_yday > 1:
        notes.append(f"fires are recorded from {first}: before it an ordinary year stands in")
    if day.year not in background.layers.weather:
        notes.append("without weather of the day, expected numbers rest on fires and season alone")
    return tuple(notes)
