"""Whether the thermal p-value is one: each ordinary year held against what the others tell.

A year is left out of everything, of climatology, mean, spread and maps, and then of its land
cell-days a share p should have a p-value below p; observed over nominal should be 1. Over all
cell-days that is easily had while seasons or regions are wrong, so each is asked for by itself.
Busy cell-days and static sources are measured and not asked for: no alarm may rest on them alone.

Shares count each p-value as spread evenly between its ends, see `measure.thermal.recalibrate`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.evaluate import fires_files
from trucewatch.evaluate.figures import must
from trucewatch.evaluate.fires_hits import FAR, HIT_KM
from trucewatch.evaluate.fires_near import near
from trucewatch.measure.thermal.background import YEARS_MIN, expected_pixels, fit, shares_below
from trucewatch.measure.thermal.detect import detections
from trucewatch.measure.thermal.fire_days import fire_days
from trucewatch.measure.thermal.layers import (
    DERIVED,
    Layers,
    bare,
    regions_of,
    sheet_of,
    weather_of,
)
from trucewatch.measure.thermal.recalibrate import CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from trucewatch.evaluate.figures import Figure, Must
    from trucewatch.evaluate.fires_near import Spots
    from trucewatch.measure.thermal.background import Background
    from trucewatch.measure.thermal.grid import FireGrid

    Cube = NDArray[np.float32]
    Flags = NDArray[np.bool_]
    Named = tuple[str, bytes]

LEVELS_P: Mapping[str, float] = {"05": 0.05, "01": 0.01, "001": 1e-3, "0001": 1e-4}
"""Levels by the ending of their figures' names, digits after the point."""
BOUNDS: Mapping[str, tuple[float, float]] = {
    "05": (0.9, 1.1),
    "01": (0.9, 1.1),
    "001": (0.85, 1.15),
    "0001": (0.67, 1.5),
}
WITHIN = (0.67, 1.5)
"""Bounds of each season, of the east and of each class of expected count, at .001."""
EAST_DEG = 34.0
SEASONS: Mapping[str, tuple[int, int]] = {
    "winter": (334, 59),
    "spring": (59, 151),
    "summer": (151, 243),
    "autumn": (243, 334),
}
"""First 0-based day of the year, and the first day no longer in it."""
REPEATS, REPEATS_QUICK = 200, 20
_ENDS = (0.05, 0.95)
_BLOCK_CELLS, _BLOCK_D = 10, 7
_PER_CENT = 100.0
_LAND_USE = tuple(f"LAND_USE_CLASS_{one}" for one in range(5))
_PLACE: Mapping[str, str] = {"LATITUDE": "lat_deg", "LONGITUDE": "lon_deg", "OBLAST_ID": "region"}
_WEATHER: Mapping[str, str] = {
    "tmax": "tmax_c",
    "tmean": "tmean_c",
    "rain_mm": "rain_mm",
    "snow_cm": "snow_cm",
    "cloud_pct": "cloud_pct",
}


class _Year(NamedTuple):
    """A held year: shares of p-values below each level, and where they are.

    Attributes:
        below: (levels, 365, cells); 0 where nothing is known.
        known: Whether an expected count is known, (365, cells).
        strata: Cell-days by name, (365, cells) each.
        block: Of each cell-day, 1 degree by 7 days, (365, cells).
    """

    below: NDArray[np.float32]
    known: Flags
    strata: Mapping[str, Flags]
    block: NDArray[np.int64]


def layers_of(files: Mapping[str, Named], grid: FireGrid) -> Layers:
    """Return layers of files by what they hold: regions, land, population, weather; none is needed.

    Cells of no region are off the land; without regions all are judged, and weather is not used.
    """
    cover = {}
    if "land" in files:
        name, raw = files["land"]
        points = fires_files.table(raw, name, ("LATITUDE", "LONGITUDE", *_LAND_USE)).rename(
            {"LATITUDE": "lat_deg", "LONGITUDE": "lon_deg"}
        )
        cover = {one.lower(): np.nan_to_num(sheet_of(points, grid, one)) for one in _LAND_USE}
    if "population" in files:
        name, raw = files["population"]
        points = fires_files.table(raw, name, ("LATITUDE", "LONGITUDE", "POP_DENSITY")).rename(
            {"LATITUDE": "lat_deg", "LONGITUDE": "lon_deg"}
        )
        cover["people"] = np.log1p(np.nan_to_num(sheet_of(points, grid, "POP_DENSITY")))
    if "regions" not in files:
        empty = bare(grid)
        return Layers(grid=grid, land=empty.land, region=empty.region, cover=cover)
    name, raw = files["regions"]
    places = fires_files.table(raw, name, ("LATITUDE", "LONGITUDE")).rename(_PLACE)
    names = sorted(places["region"].unique().to_list())
    region = regions_of(places, grid, names)
    weather = _weather(files["weather"], names) if "weather" in files else {}
    return Layers(grid=grid, land=region >= 0, region=region, cover=cover, weather=weather)


def background(
    fires: pl.DataFrame,
    layers: Layers,
    *,
    years: Sequence[int],
    seed: int,
    quick: bool = False,
    say: Callable[[str], None] | None = None,
) -> tuple[dict[str, Figure], list[Must]]:
    """Return observed over nominal of each year left out, with 5 to 95 % ends, and the musts.

    Args:
        fires: As of `fire_days.counted`.
        layers: What is known of the cells; only years with weather are left out if any has.
        years: Whole years of ordinary fire.
        seed: Of the sample of quiet cell-days and of the bootstrap.
        quick: Only the last year is left out, 20 draws of blocks in place of 200.
        say: Told what is being done.

    Returns:
        Figures `background_YEAR_at_LEVEL` and `background_YEAR_STRATUM_at_LEVEL`; empty with too
        few years.
    """
    cubes = fire_days(fires.filter(pl.col("date").dt.year().is_in(list(years))), layers.grid)
    could = [year for year in sorted(years) if not layers.weather or year in layers.weather]
    metrics: dict[str, Figure] = {}
    if len(could) <= YEARS_MIN:
        return metrics, []
    held = could[-1:] if quick else could
    for year in held:
        if say is not None:
            say(f"Holding {year} against the background of the other years ...")
        rng = np.random.default_rng((seed, year))
        fitted = fit(cubes, layers, years=[one for one in years if one != year], rng=rng)
        measured = _measured(fitted, cubes[year], year)
        metrics |= dict(_figures(measured, year, rng, REPEATS_QUICK if quick else REPEATS))
    return metrics, [must(rule, metrics) for rule in _rules(held)]


def under_cloud(incidents: Spots, pixels: Spots, layers: Layers, year: int) -> dict[str, Figure]:
    """Return how likely an incident is seen as a fire within 1 km on its day, by cloud cover.

    Fires that lie there by chance are taken out by those of days 5 and 10 before and after. Cloud
    is the day's mean of a region, not that of the overpass.

    Args:
        incidents: Of one year.
        pixels: Of the same year.
        layers: With weather of it, else there is no figure.
        year: Theirs.

    Returns:
        `detected_clear`, `detected_broken`, `detected_overcast` with 5 to 95 % ends.
    """
    if year not in layers.weather:
        return {}
    near_on = partial(near, within_km=HIT_KM, within_days=0)
    chance = np.mean([near_on(incidents.shifted(days), pixels) for days in FAR], axis=0)
    row, column = layers.grid.cell_of(incidents.lat_deg, incidents.lon_deg)
    region = np.where(row >= 0, layers.region[row, column], -1)
    cloud_pct = layers.weather[year][DERIVED.index("cloud_pct")][incidents.day, region]
    share = np.where(region >= 0, cloud_pct / _PER_CENT, np.nan)
    found = detections(near_on(incidents, pixels), chance, share)
    return {
        f"detected_{name}": {"value": one.detected_p, "low": one.low_p, "high": one.high_p}
        for name, one in zip(("clear", "broken", "overcast"), found, strict=True)
    }


def _weather(file: Named, names: list[str]) -> dict[int, NDArray[np.float32]]:
    name, raw = file
    read = fires_files.table(raw, name, tuple(_WEATHER)).rename({**_WEATHER, "oblast_id": "region"})
    return weather_of(read.with_columns(pl.col("date").str.to_date()), names)


def _measured(fitted: Background, cube: Cube, year: int) -> _Year:
    land = fitted.layers.land
    expected = expected_pixels(fitted, cube, year)
    known = np.isfinite(expected)
    below = np.zeros((len(LEVELS_P), *expected.shape), np.float32)
    mean, pixels = (a[known].astype(np.float64) for a in (expected, cube[:, land]))
    for into, level in zip(below, LEVELS_P.values(), strict=True):
        into[known] = shares_below(fitted, mean, pixels, level)
    row, column = np.nonzero(land)
    day = np.arange(len(cube))[:, None]
    _, place = np.unique(
        np.stack([row // _BLOCK_CELLS, column // _BLOCK_CELLS]), axis=1, return_inverse=True
    )
    block = (day // _BLOCK_D) * (int(place.max()) + 1) + place.reshape(1, -1)
    return _Year(below, known, dict(_strata(fitted, expected, column)), block)


def _strata(
    fitted: Background, expected: NDArray[np.float32], column: NDArray[np.int64]
) -> Iterator[tuple[str, Flags]]:
    grid, whole = fitted.layers.grid, np.ones(expected.shape, np.bool_)
    yield "", whole
    day = np.arange(len(expected))[:, None]
    for name, (first, end) in SEASONS.items():
        inside = (day >= first) & (day < end) if first < end else (day >= first) | (day < end)
        yield f"{name}_", whole & inside
    west_deg = grid.west_deg + column * grid.step_deg
    yield "east_", whole & (west_deg >= EAST_DEG - grid.step_deg / 2)
    of = np.digitize(expected, CLASSES)
    for one, name in enumerate(("quiet_", "usual_", "lively_", "busy_")):
        yield name, of == one
    yield "static_", whole & fitted.climate.is_static[fitted.layers.land]


def _figures(
    measured: _Year, year: int, rng: np.random.Generator, repeats: int
) -> Iterator[tuple[str, Figure]]:
    """Yield observed over nominal with ends over blocks drawn again."""
    blocks = int(measured.block.max()) + 1
    drawn = rng.multinomial(blocks, np.full(blocks, 1 / blocks), repeats)
    for stratum, inside in measured.strata.items():
        mine = inside & measured.known
        block = measured.block[mine]
        cases = np.bincount(block, minlength=blocks)
        for below, (ending, level) in zip(measured.below, LEVELS_P.items(), strict=True):
            hits = np.bincount(block, weights=below[mine], minlength=blocks)
            name = f"background_{year}_{stratum}at_{ending}"
            if not len(block):
                yield name, {"value": None, "low": None, "high": None}
                continue
            again = (drawn @ hits) / np.maximum(drawn @ cases, 1) / level
            low, high = np.quantile(again, _ENDS)
            value = float(hits.sum() / cases.sum() / level)
            yield name, {"value": value, "low": float(low), "high": float(high)}


def _rules(held: Sequence[int]) -> Iterator[str]:
    for year in held:
        for ending, (low, high) in BOUNDS.items():
            yield f"background_{year}_at_{ending} >= {low}"
            yield f"background_{year}_at_{ending} <= {high}"
        for stratum in (*SEASONS, "east", "quiet", "usual", "lively"):
            yield f"background_{year}_{stratum}_at_001 >= {WITHIN[0]}"
            yield f"background_{year}_{stratum}_at_001 <= {WITHIN[1]}"
