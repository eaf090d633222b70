"""Layers from tables of corners, regions and weather."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.grid import FireGrid
from trucewatch.measure.thermal.layers import DERIVED, bare, regions_of, sheet_of, weather_of

GRID = FireGrid(south_deg=48.0, west_deg=30.0, step_deg=0.1, rows=2, columns=3)


def points(*places: tuple[float, float], **columns: list[object]) -> pl.DataFrame:
    return pl.DataFrame({"lat_deg": [p[0] for p in places], "lon_deg": [p[1] for p in places]}
                        | columns)  # fmt: skip


def weather(days: int, region: str = "A", **columns: list[object]) -> pl.DataFrame:
    calm = {name: [1.0] * days for name in ("tmax_c", "tmean_c", "rain_mm", "snow_cm", "cloud_pct")}
    dates = [date(2020, 1, 1) + timedelta(days=i) for i in range(days)]
    return pl.DataFrame({"region": [region] * days, "date": dates} | calm | columns)


def of(found: np.ndarray, name: str) -> list[float]:
    return found[DERIVED.index(name), :, 0].tolist()


def test_a_corner_touches_four_cells_and_a_middle_one() -> None:
    table = points((48.1, 30.1), (48.05, 30.25), kind=[4.0, 8.0])

    sheet = sheet_of(table, GRID, "kind")

    assert np.array_equal(sheet, [[4, 4, 8], [4, 4, np.nan]], equal_nan=True)


def test_a_cell_is_the_mean_of_its_corners_and_the_unknown_is_left_out() -> None:
    table = points((48.0, 30.0), (48.1, 30.1), (48.0, 30.1), kind=[2.0, 4.0, None])

    assert sheet_of(table, GRID, "kind")[0, 0] == 3.0


def test_a_cell_is_in_the_region_of_most_of_its_corners() -> None:
    table = points((48.0, 30.0), (48.0, 30.1), (48.1, 30.0), (48.1, 30.1), region=list("BABB"))

    found = regions_of(table, GRID, ["A", "B"])

    # the cell to the east has a corner of each, and a tie goes to the first name
    assert found.tolist() == [[1, 0, -1], [1, 1, -1]]


def test_refuses_a_region_that_nobody_named() -> None:
    with pytest.raises(BadInput, match="'C' is not among the 2 regions"):
        regions_of(points((48.0, 30.0), region=["C"]), GRID, ["A", "B"])


def test_rain_adds_up_and_dry_days_count_from_the_last_rain() -> None:
    rain = [5.0, 0.0, 0.5, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0]

    found = weather_of(weather(9, rain_mm=rain), ["A"])[2020]

    assert of(found, "dry_d")[:9] == [0, 1, 2, 3, 0, 1, 2, 3, 4]
    assert of(found, "rain_7_mm")[:9] == [5, 5, 5.5, 5.5, 7.5, 7.5, 7.5, 2.5, 2.5]
    assert of(found, "rain_30_mm")[8] == 7.5


def test_a_dry_spell_counts_at_most_thirty_days() -> None:
    found = weather_of(weather(50, rain_mm=[0.0] * 50), ["A"])[2020]

    assert of(found, "dry_d")[:50] == [min(day + 1, 30) for day in range(50)]


def test_the_cloud_of_the_day_before_is_that_of_the_same_region() -> None:
    both = pl.concat([weather(2, "B", cloud_pct=[80.0, 90.0]), weather(2, cloud_pct=[10.0, 20.0])])

    found = weather_of(both, ["A", "B"])[2020]

    at = DERIVED.index("cloud_before_pct")
    assert found[at, :2].tolist() == [[50.0, 50.0], [10.0, 80.0]]


def test_days_without_a_row_are_not_known() -> None:
    found = weather_of(weather(3), ["A"])[2020]

    assert np.isfinite(found[:, :3]).all()
    assert np.isnan(found[:, 3:]).all()


def test_refuses_two_rows_for_one_day() -> None:
    with pytest.raises(BadInput, match="two rows for one day"):
        weather_of(pl.concat([weather(2), weather(1)]), ["A"])


def test_refuses_weather_without_a_column() -> None:
    with pytest.raises(BadInput, match="no column cloud_pct"):
        weather_of(weather(2).drop("cloud_pct"), ["A"])


def test_without_layers_every_cell_is_judged() -> None:
    layers = bare(GRID)

    assert layers.land.all()
    assert (layers.region == -1).all()
    assert not layers.cover
    assert not layers.weather
