"""Fire pixels by year, day and cell."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.fire_days import Counted, counted, fire_days, winsorised
from trucewatch.measure.thermal.grid import FireGrid

GRID = FireGrid(south_deg=48.0, west_deg=30.0, step_deg=0.1, rows=4, columns=5)


def fires(*days: date, **more: list[object]) -> pl.DataFrame:
    return pl.DataFrame(
        {"date": days, "lat_deg": [48.05] * len(days), "lon_deg": [30.15] * len(days), **more}
    )


def test_counts_by_year_day_and_cell() -> None:
    table = fires(date(2019, 1, 1), date(2019, 1, 1), date(2019, 12, 31), date(2021, 3, 1))

    cubes = fire_days(table, GRID)

    assert list(cubes) == [2019, 2021]
    assert cubes[2019].shape == (365, 4, 5)
    assert cubes[2019].dtype == np.float32
    assert np.argwhere(cubes[2019]).tolist() == [[0, 0, 1], [364, 0, 1]]
    assert cubes[2019][0, 0, 1] == 2
    assert cubes[2021][59, 0, 1] == 1


def test_counts_the_last_day_of_a_leap_year_with_the_day_before() -> None:
    cubes = fire_days(fires(date(2020, 12, 30), date(2020, 12, 31)), GRID)

    assert cubes[2020][364, 0, 1] == 2


def test_leaves_out_pixels_outside_the_grid() -> None:
    table = fires(date(2019, 1, 1)).with_columns(lat_deg=pl.lit(60.0))

    assert not fire_days(table, GRID)[2019].any()


@pytest.mark.parametrize("words", [["l", "n", "h", None], ["29", "30", "95", None]])
def test_leaves_out_low_confidence_and_keeps_the_unknown(words: list[object]) -> None:
    table = fires(*[date(2019, 1, 1)] * 4, confidence=words)

    assert counted(table)["confidence"].to_list() == words[1:]


def test_leaves_out_wide_pixels_if_asked() -> None:
    table = fires(*[date(2019, 1, 1)] * 3, scan_km=[0.4, 0.8, None])

    assert counted(table)["scan_km"].to_list() == [0.4, 0.8, None]
    assert counted(table, Counted(scan_max_km=0.5))["scan_km"].to_list() == [0.4, None]


def test_counts_day_or_night_alone_by_the_flag() -> None:
    table = fires(*[date(2019, 1, 1)] * 3, daynight=["D", "N", None])

    assert counted(table, Counted(part="day"))["daynight"].to_list() == ["D", None]
    assert counted(table, Counted(part="night"))["daynight"].to_list() == ["N", None]


def test_counts_day_or_night_alone_by_the_hour_of_the_sun() -> None:
    # at 30.15 E the sun is 2 h 1 min ahead of UTC
    table = fires(*[date(2019, 1, 1)] * 4, acq_time=["0345", "0400", "1558", "1600"])

    assert counted(table, Counted(part="day"))["acq_time"].to_list() == ["0400", "1558"]
    assert counted(table, Counted(part="night"))["acq_time"].to_list() == ["0345", "1600"]


def test_sums_radiative_power_in_the_place_of_counting() -> None:
    table = fires(*[date(2019, 1, 1)] * 3, frp_mw=[1.5, 2.0, None])

    assert fire_days(table, GRID, of="frp_mw")[2019].sum() == 3.5


def test_refuses_a_table_without_a_place() -> None:
    with pytest.raises(BadInput, match="no column lat_deg"):
        fire_days(pl.DataFrame({"date": [date(2019, 1, 1)], "lon_deg": [30.0]}), GRID)


def test_refuses_empty_places_instead_of_dropping_them() -> None:
    table = fires(date(2019, 1, 1)).with_columns(lat_deg=pl.lit(None, pl.Float64))

    with pytest.raises(BadInput, match="1 dates or places are empty"):
        fire_days(table, GRID)


def test_refuses_a_column_to_sum_that_is_not_there() -> None:
    with pytest.raises(BadInput, match="no column frp_mw to sum"):
        fire_days(fires(date(2019, 1, 1)), GRID, of="frp_mw")


def test_one_large_fire_counts_no_more_than_the_cap() -> None:
    assert winsorised(np.array([0, 8, 300], np.float32)).tolist() == [0, 8, 8]
