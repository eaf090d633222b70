"""How ordinary the fires of a cell-day are, for such a place, season, weather and neighbourhood.

The p-value is the chance that an ordinary cell-day has at least as many fire pixels. It is no score
of conflict: a strike in a dry week among burning stubble is as ordinary as the stubble, and one on
a steel plant is as ordinary as the plant. In the first half of 2022 it ranks cell-days near a known
incident below others of the time (AUC .43). What it says is that something is unusual, not what;
see `score` for the other question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.climatology import climatology
from trucewatch.measure.thermal.dispersion import fit_spread, outcomes_of, tails
from trucewatch.measure.thermal.features import expected_of, features_of
from trucewatch.measure.thermal.fire_days import DAYS
from trucewatch.measure.thermal.mean import expected_counts, fit_mean, sampled
from trucewatch.measure.thermal.recalibrate import BUSY, fit_maps, raw_level, right_p

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from trucewatch.measure.thermal.climatology import Climatology
    from trucewatch.measure.thermal.dispersion import Spread
    from trucewatch.measure.thermal.features import Expected, Features
    from trucewatch.measure.thermal.layers import Layers
    from trucewatch.measure.thermal.mean import Mean
    from trucewatch.measure.thermal.recalibrate import Map

    Cube = NDArray[np.float32]  # days, rows, columns
    Floats = NDArray[np.float64]

YEARS_MIN = 3
"""Two years to fit a mean to and one that it has not seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """A fitted background.

    Attributes:
        climate: Of all years given.
        fitted: Years that the mean was fitted to; without their weather others could not be.
        layers: What it was fitted with; years to judge need weather in it if these had.
        expected: From `climate`.
        mean: Fitted to all of `fitted`.
        spread: Of years left out of the mean in turn.
        maps: Of the same.
    """

    climate: Climatology
    fitted: tuple[int, ...]
    layers: Layers
    expected: Expected
    mean: Mean
    spread: Spread
    maps: tuple[Map, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A year against a background; not a number off the land and where weather is not known.

    Attributes:
        expected: Fire pixels expected, (365, rows, columns).
        tail_p: Chance of at least as many as counted; 1 where none were.
        carries: Whether an alarm may rest on it alone, (365, rows, columns): not where much fire is
            expected, for few years show how much an exceptional season brings, and not at static
            sources, where it is not known to be a probability.
    """

    expected: Cube
    tail_p: Cube
    carries: NDArray[np.bool_]


def fit(
    cubes: Mapping[int, Cube], layers: Layers, *, years: Collection[int], rng: np.random.Generator
) -> Background:
    """Return the background that ordinary years make.

    Each year is told by the climatology of the others; spread and maps come from means fitted
    without the year in question.

    Args:
        cubes: Fire pixels by year, (365, rows, columns), whole years.
        layers: What else is known of the cells.
        years: Those of ordinary fire, at least 3 with weather if any has.
        rng: Draws the cell-days without fire that the mean is fitted to.

    Raises:
        BadInput: There are too few years, years without counts, or counts of another grid.
    """
    absent = sorted(set(years) - set(cubes))
    if absent:
        raise BadInput("background", f"years {absent} have no counts, expected all")
    for year in years:
        _refuse_other_grid(cubes[year], layers)
    fitted = tuple(sorted(y for y in set(years) if not layers.weather or y in layers.weather))
    if len(fitted) < YEARS_MIN:
        problem = f"{len(fitted)} years can be fitted to, expected at least {YEARS_MIN}"
        raise BadInput("background", problem)
    told = {year: _told(cubes, year, set(years) - {year}, layers) for year in fitted}
    seen = {year: cubes[year][:, layers.land] for year in fitted}
    samples = {year: sampled(told[year], seen[year], rng) for year in fitted}
    outcomes = outcomes_of(
        (
            expected_counts(
                fit_mean([samples[other] for other in fitted if other != year]), told[year]
            ),
            seen[year],
        )
        for year in fitted
    )
    spread = fit_spread(outcomes)
    climate = climatology(cubes, years)
    return Background(
        climate=climate,
        fitted=fitted,
        layers=layers,
        expected=expected_of(climate, layers),
        mean=fit_mean(list(samples.values())),
        spread=spread,
        maps=fit_maps(spread, outcomes),
    )


def _told(
    cubes: Mapping[int, Cube], year: int, others: Collection[int], layers: Layers
) -> Features:
    climate = climatology(cubes, others)
    return features_of(cubes[year], year, expected_of(climate, layers), layers)


def _refuse_other_grid(cube: Cube, layers: Layers) -> None:
    wanted = (DAYS, *layers.grid.shape)
    if cube.shape != wanted:
        raise BadInput("fires", f"counts are {cube.shape}, expected {wanted} as the layers are")


def expected_pixels(background: Background, cube: Cube, year: int) -> NDArray[np.float32]:
    """Return the pixels expected of the cells that are judged, (365, cells), before spread."""
    features = features_of(cube, year, background.expected, background.layers)
    return expected_counts(background.mean, features)


def p_values(background: Background, cube: Cube, year: int) -> Judged:
    """Return how ordinary the fires of one year's counts, (365, rows, columns), are.

    Days that were not recorded must be cut by the caller; here they are days without fire.
    """
    _refuse_other_grid(cube, background.layers)
    land = background.layers.land
    expected = expected_pixels(background, cube, year)
    count = cube[:, land]
    tail = np.where(np.isfinite(expected), np.float32(1), np.float32(np.nan))
    fire = (count > 0) & np.isfinite(expected)
    mean, pixels = expected[fire].astype(np.float64), count[fire].astype(np.float64)
    _, least = tails(background.spread, mean, pixels)
    tail[fire] = right_p(background.maps, mean, least)
    sheets = []
    for values in (expected, tail):
        sheet = np.full(cube.shape, np.nan, np.float32)
        sheet[:, land] = values
        sheets.append(sheet)
    known = np.isfinite(sheets[0]) & ~background.climate.is_static
    return Judged(expected=sheets[0], tail_p=sheets[1], carries=known & (sheets[0] < BUSY))


def shares_below(background: Background, expected: Floats, count: Floats, level_p: float) -> Floats:
    """Return the share of each cell-day's p-value that is below a level, (n,).

    Counts are whole numbers: the p-value is spread evenly between the chances of more and of at
    least as much, as in `recalibrate`. Over ordinary cell-days the mean share is the level.
    """
    more, least = tails(background.spread, expected, count)
    level = raw_level(background.maps, expected, level_p)
    share: Floats = np.clip((level - more) / np.maximum(least - more, 1e-300), 0, 1)
    return share
