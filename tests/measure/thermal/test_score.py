"""The thermal conflict score: its form, against a slow twin, and what it may not look at."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import polars as pl
import pytest

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.cell_days import CellDays, cell_days, joined
from trucewatch.measure.thermal.climatology import climatology
from trucewatch.measure.thermal.grid import FireGrid
from trucewatch.measure.thermal.score import (
    BEFORE_DAYS,
    people_term,
    score,
    seen_past,
    usual_past,
)

SHAPE = (365, 9, 11)
GRID = FireGrid(south_deg=48.0, west_deg=30.0, step_deg=0.1, rows=9, columns=11)


def cubes(seed: int, years: tuple[int, ...] = (2001, 2002, 2003)) -> dict[int, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {year: rng.poisson(0.05, SHAPE).astype(np.float32) for year in years}


def at(day: int, row: int, column: int) -> CellDays:
    one = [np.array([value]) for value in (day, row, column, 1)]
    return CellDays(*one, np.array([48.0]), np.array([30.0]))


def slow_ring(sheet: np.ndarray, row: int, column: int, sigma: float) -> float:
    half = int(3 * sigma + 0.5)
    total = own = all_weight = 0.0
    for i in range(-half, half + 1):
        for j in range(-half, half + 1):
            weight = math.exp(-0.5 * (i * i + j * j) / sigma**2)
            all_weight += weight
            if i == j == 0:
                own = weight
            elif 0 <= row + i < sheet.shape[0] and 0 <= column + j < sheet.shape[1]:
                total += weight * float(sheet[row + i, column + j])
    return total / (all_weight - own)


def slow_score(
    fires: np.ndarray, before: np.ndarray | None, occ: np.ndarray, where: tuple[int, int, int]
) -> float:
    """The formula of the docstring, day by day and cell by cell."""
    day, row, column = where
    total = 0.0
    seen, usual = np.zeros(occ.shape[1:]), np.zeros(occ.shape[1:])
    for back in range(1, day + BEFORE_DAYS + 1):
        fade = math.exp(-(back - 1) / 60)
        then = day - back
        usual += fade * occ[then]  # below 0 it is the end of the year, as it should be
        if then >= 0:
            seen += fade * (fires[then] > 0)
        else:
            seen += fade * (occ[then] if before is None else before[then] > 0)
    total = math.log((seen[row, column] + 0.1) / (usual[row, column] + 0.1))
    for sigma, weight in ((1.5, 1.2), (15.0, -0.6)):
        near, far = (slow_ring(one, row, column, sigma) for one in (seen, usual))
        total += weight * math.log((near + 0.01) / (far + 0.01))
    return total


@pytest.mark.parametrize("with_before", [False, True])
def test_agrees_with_its_slow_twin(with_before: bool) -> None:
    counts = cubes(1)
    climate = climatology(counts, (2001, 2002))
    before = counts[2002] if with_before else None
    places = [(0, 4, 5), (40, 0, 0), (200, 8, 10), (364, 3, 7)]
    seen, usual = seen_past(counts[2003], climate, before), usual_past(climate)

    found = [score(seen, usual, at(*where))[0] for where in places]

    expected = [slow_score(counts[2003], before, climate.occ, where) for where in places]
    assert found == pytest.approx(expected, abs=2e-4)


def test_nothing_of_the_day_itself_or_of_later_days_counts() -> None:
    counts = cubes(2)
    climate = climatology(counts, (2001, 2002))
    where, other = at(100, 4, 5), counts[2003].copy()
    other[100:] = 7.0

    one = score(seen_past(counts[2003], climate), usual_past(climate), where)
    two = score(seen_past(other, climate), usual_past(climate), where)

    assert one == two


def test_a_year_that_is_wholly_ordinary_scores_nothing() -> None:
    climate = climatology(cubes(3), (2001, 2002))
    usual = usual_past(climate)

    found = score(usual, usual, at(150, 4, 5))

    assert found[0] == 0.0


def test_fires_again_and_again_in_the_cell_score_above_one_wide_burn_of_as_many_pixels() -> None:
    counts = cubes(4)
    climate = climatology(counts, (2001, 2002))
    spot, wide = np.zeros(SHAPE, np.float32), np.zeros(SHAPE, np.float32)
    spot[60:100:4, 4, 5] = 1
    wide[96, :, :] = 1

    again, once = (
        score(seen_past(one, climate), usual_past(climate), at(100, 4, 5))[0]
        for one in (spot, wide)
    )

    assert again > once


def test_people_add_their_logarithm_and_nothing_else() -> None:
    counts = cubes(5)
    climate = climatology(counts, (2001, 2002))
    people = people_term(np.full(SHAPE[1:], 100.0))
    seen, usual, where = seen_past(counts[2003], climate), usual_past(climate), at(90, 4, 5)

    more = score(seen, usual, where, people) - score(seen, usual, where)

    assert more[0] == pytest.approx(0.6 * math.log(101), rel=1e-2)


def test_refuses_a_year_before_on_another_grid() -> None:
    counts = cubes(6)
    climate = climatology(counts, (2001, 2002))

    with pytest.raises(BadInput, match=r"score: grid is \(9, 10\), that of the usual year"):
        seen_past(counts[2003], climate, counts[2002][:, :, :10])


def test_cell_days_have_the_mean_place_and_count_of_their_pixels() -> None:
    fires = pl.DataFrame(
        {
            "date": [date(2020, 12, 31), date(2020, 12, 30), date(2020, 3, 1), date(2021, 3, 1)],
            "lat_deg": [48.12, 48.14, 48.55, 48.55],
            "lon_deg": [30.31, 30.33, 30.75, 30.75],
        }
    )

    found = cell_days(fires, GRID, 2020)

    assert found.day.tolist() == [60, 364]  # 29 February counts; 30 and 31 December are one day
    assert (found.row.tolist(), found.column.tolist()) == ([5, 1], [7, 3])
    assert found.pixels.tolist() == [1, 2]
    assert found.lat_deg.tolist() == pytest.approx([48.55, 48.13])
    assert found.lon_deg.tolist() == pytest.approx([30.75, 30.32])


def test_cell_days_of_two_years_are_joined_in_order_and_can_be_chosen_from() -> None:
    two = joined([at(1, 2, 3), at(4, 5, 6)])

    last = two.only(np.array([False, True]))

    assert two.day.tolist() == [1, 4]
    assert (last.day[0], last.row[0], last.column[0]) == (4, 5, 6)


def test_pixels_outside_the_grid_have_no_cell_day() -> None:
    fires = pl.DataFrame({"date": [date(2020, 1, 1)], "lat_deg": [10.0], "lon_deg": [10.0]})

    assert len(cell_days(fires, GRID, 2020).day) == 0
