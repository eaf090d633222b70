"""The evaluation of the thermal p-value: on a simulated world, and on a corner of a real one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from tests.measure.thermal.worlds import GRID, YEARS, layered, ordinary

from trucewatch.evaluate import fires_files
from trucewatch.evaluate.fires_background import background, layers_of, under_cloud
from trucewatch.evaluate.fires_near import Spots
from trucewatch.measure.thermal.grid import grid_over
from trucewatch.measure.thermal.layers import DERIVED, bare

if TYPE_CHECKING:
    from pathlib import Path

ORDINARY = (2018, 2019, 2020, 2021)


def pixels(cubes: dict[int, np.ndarray]) -> pl.DataFrame:
    rows = []
    for year, cube in cubes.items():
        day, row, column = np.nonzero(cube)
        lat_deg, lon_deg = GRID.centre_of(row, column)
        first = date(year, 1, 1)
        table = pl.DataFrame(
            {
                "date": [first + timedelta(days=int(d)) for d in day],
                "lat_deg": lat_deg,
                "lon_deg": lon_deg,
            }
        )
        rows.append(table[np.repeat(np.arange(len(day)), cube[day, row, column].astype(int))])
    return pl.concat(rows)


def test_a_year_like_the_others_meets_its_bounds() -> None:
    fires = pixels(ordinary(11))
    said: list[str] = []

    metrics, musts = background(fires, bare(GRID), years=YEARS, seed=1, quick=True, say=said.append)

    assert said == ["Holding 2005 against the background of the other years ..."]
    assert {m["metric"].split("_")[1] for m in musts} == {"2005"}  # type: ignore[union-attr]
    assert len(musts) == 8 + 2 * 8
    at = {m["metric"]: m["holds"] for m in musts if m["metric"].endswith(("_05", "_01"))}  # type: ignore[union-attr]
    assert all(at.values())
    whole = metrics["background_2005_at_01"]
    assert whole["low"] < whole["value"] < whole["high"]  # type: ignore[operator]


def test_a_year_with_three_times_the_fires_in_one_corner_misses_its_bounds() -> None:
    cubes = ordinary(11)
    rng = np.random.default_rng(2)
    cubes[2005][:, :6, :7] += rng.poisson(0.4, (365, 6, 7)) * (rng.random((365, 6, 7)) < 0.1)

    _, musts = background(pixels(cubes), bare(GRID), years=YEARS, seed=1, quick=True)

    missed = {m["metric"] for m in musts if not m["holds"]}
    assert "background_2005_at_01" in missed


def test_measures_nothing_of_too_few_years() -> None:
    fires = pixels(ordinary(11, YEARS[:3]))

    assert background(fires, bare(GRID), years=YEARS[:3], seed=1) == ({}, [])


def test_more_is_seen_under_a_clear_sky_than_under_cloud() -> None:
    layers = layered(3)
    layers.weather[2001][DERIVED.index("cloud_pct")] = 10.0
    layers.weather[2001][DERIVED.index("cloud_pct"), 100:] = 95.0
    rng = np.random.default_rng(4)
    day = np.arange(300) % 200
    incidents = Spots(day, rng.uniform(48, 49.2, 300), rng.uniform(30, 31.2, 300))
    seen = rng.random(300) < np.where(day < 100, 0.5, 0.02)
    fires = Spots(day[seen], incidents.lat_deg[seen], incidents.lon_deg[seen])

    found = under_cloud(incidents, fires, layers, 2001)

    clear, overcast = found["detected_clear"], found["detected_overcast"]
    assert clear["low"] < 0.5 < clear["high"]  # type: ignore[operator]
    assert overcast["high"] < 0.1 < clear["low"]  # type: ignore[operator]
    assert found["detected_broken"]["high"] > 0.9  # type: ignore[operator]


def test_without_weather_nothing_is_said_of_cloud() -> None:
    nothing = Spots(np.zeros(1, np.int64), np.zeros(1), np.zeros(1))

    assert under_cloud(nothing, nothing, bare(GRID), 2001) == {}


@pytest.mark.shared
def test_real_years_of_one_corner_are_ordinary_to_one_another(shared: Path) -> None:
    files = {
        "regions": "ukr_oblasts_10km.csv",
        "land": "ukr_land_use_2022_10km.csv",
        "population": "ukr_pop_density_2020_10km.csv",
        "weather": "weather_oblast_day_2015_2024.csv.gz",
    }
    grid = grid_over(south_deg=47.0, west_deg=33.0, north_deg=50.0, east_deg=39.0)
    layers = layers_of(
        {kind: (name, (shared / "data" / name).read_bytes()) for kind, name in files.items()}, grid
    )
    names = [f"fires_{year}.csv.gz" for year in ORDINARY]
    fires = fires_files.fires({name: (shared / "data" / name).read_bytes() for name in names})

    metrics, _ = background(fires, layers, years=ORDINARY, seed=1, quick=True)

    assert layers.land.sum() > 1_000
    assert set(layers.weather) >= set(ORDINARY)
    # three years tell less of a corner than six of the country: wider than what is asked of that
    assert metrics["background_2021_at_05"]["value"] == pytest.approx(1, abs=0.1)
    assert metrics["background_2021_at_01"]["value"] == pytest.approx(1, abs=0.2)
    assert metrics["background_2021_at_001"]["value"] == pytest.approx(1, abs=0.5)
