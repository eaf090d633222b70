"""The background that ordinary years make, fitted once and kept beside the mission.

What is kept is a copy of what the same files and the same code give again: it is not sealed, no
statement rests on it, and whoever deletes the folder loses nothing but minutes. Its name holds the
SHA-256 of every file and the version of the code.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.evaluate import fires_files
from trucewatch.evaluate.fires_background import layers_of
from trucewatch.evaluate.fires_rows import grid_of
from trucewatch.measure.thermal.background import YEARS_MIN, Background, fit
from trucewatch.measure.thermal.climatology import climatology
from trucewatch.measure.thermal.dispersion import Spread
from trucewatch.measure.thermal.features import expected_of
from trucewatch.measure.thermal.fire_days import fire_days
from trucewatch.measure.thermal.mean import Mean
from trucewatch.measure.thermal.recalibrate import Map
from trucewatch.mission.provenance import code_version
from trucewatch.records.canonical import canonical, sha256_hex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from trucewatch.measure.thermal.layers import Layers
    from trucewatch.mission.home import Home

    Named = tuple[str, bytes]
    Cube = NDArray[np.float32]

FOLDER = "fits"
"""Inside the mission's folder; can be deleted."""
_SEED = 1  # of the quiet cell-days that a mean is fitted to: the same files, the same background
_FIRST_BY, _LAST_FROM = 75, 290  # days of the year that a whole year of a country has fires beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """Files that ordinary fire is learnt from.

    Attributes:
        fires: Fire pixels of whole years of peace, by name.
        layers: Name and bytes by what they hold: regions, weather, land, population.
    """

    fires: Mapping[str, bytes]
    layers: Mapping[str, Named]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A background with what it was made of.

    Attributes:
        background: The same.
        cubes: Fire pixels by year.
        kept: Whether it was fitted before and only read.
    """

    background: Background
    cubes: Mapping[int, Cube]
    kept: bool


def fitted(home: Home, baseline: Baseline, *, without: int, say: Callable[[str], None]) -> Fitted:
    """Return the background of a baseline, from the folder of fits where it is there.

    Args:
        home: The mission.
        baseline: Files of ordinary years.
        without: A year that is judged, and so is left out of what is ordinary.
        say: Told what takes long.

    Raises:
        BadInput: A file cannot be read, a year is no whole one, or there are too few.
    """
    fires = fires_files.fires(baseline.fires).filter(pl.col("date").dt.year() != without)
    if fires.is_empty():
        raise BadInput("--baseline", f"has no year but {without}, expected years of peace")
    _expect_whole_years(fires)
    layers = layers_of(baseline.layers, grid_of(fires))
    cubes = fire_days(fires, layers.grid)
    if len(cubes) < YEARS_MIN:
        problem = f"has {len(cubes)} whole years without {without}, expected at least {YEARS_MIN}"
        raise BadInput("--baseline", problem)
    path = home.path / FOLDER / f"background-{_key(baseline, without)}.json"
    found = _read(path, cubes, layers)
    if found is not None:
        return Fitted(background=found, cubes=cubes, kept=True)
    say(f"Fitting the background of {len(cubes)} years; once, in a minute or several ...")
    made = fit(cubes, layers, years=list(cubes), rng=np.random.default_rng(_SEED))
    _write(path, made)
    say(f"Kept in {path}; it can be deleted")
    return Fitted(background=made, cubes=cubes, kept=False)


def _expect_whole_years(fires: pl.DataFrame) -> None:
    """Refuse a year of which a part was not recorded: it would pass for one without fire.

    Raises:
        BadInput: One has no fire near its beginning or its end.
    """
    days = pl.col("date").dt.ordinal_day()
    years = fires.group_by(pl.col("date").dt.year().alias("year")).agg(
        days.min().alias("first"), days.max().alias("last")
    )
    for year, first, last in years.sort("year").iter_rows():
        if first > _FIRST_BY or last < _LAST_FROM:
            problem = f"year {year} has fires from day {first} to day {last} alone"
            raise BadInput("--baseline", f"{problem}, expected whole years")


def _key(baseline: Baseline, without: int) -> str:
    files = {kind: sha256_hex(raw) for kind, (_, raw) in baseline.layers.items()}
    said = {
        "code": code_version(),
        "fires": sorted(sha256_hex(raw) for raw in baseline.fires.values()),
        "layers": files,
        "without": without,
    }
    return sha256_hex(canonical(said))[:32]


def _write(path: Path, made: Background) -> None:
    """Write a fit; floats as JSON keeps every bit of them."""
    told = {
        "fitted": list(made.fitted),
        "mean": [each.astype(np.float64).tolist() for each in made.mean],
        "spread": [each.tolist() for each in made.spread],
        "maps": [[each.raw.tolist(), each.right.tolist(), float(each.slope)] for each in made.maps],
    }
    path.parent.mkdir(exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(told), encoding="utf-8")
    part.replace(path)


def _read(path: Path, cubes: Mapping[int, Cube], layers: Layers) -> Background | None:
    """Return a fit as it was kept; None when it is not there or was cut short, to be made again."""
    told: Any = None
    with suppress(OSError, ValueError):
        told = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(told, dict) or sorted(told) != ["fitted", "maps", "mean", "spread"]:
        return None
    climate = climatology(cubes, list(cubes))
    centre, scale, coefficient = (np.array(each) for each in told["mean"])
    return Background(
        climate=climate,
        fitted=tuple(told["fitted"]),
        layers=layers,
        expected=expected_of(climate, layers),
        mean=Mean(centre.astype(np.float32), scale.astype(np.float32), coefficient),
        spread=Spread(*(np.array(each) for each in told["spread"])),
        maps=tuple(
            Map(np.array(raw), np.array(right), np.float64(slope))
            for raw, right, slope in told["maps"]
        ),
    )
