"""Cells of the thermal grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.errors import BadInput
from trucewatch.measure.thermal.grid import FireGrid, grid_over

GRID = FireGrid(south_deg=44.0, west_deg=22.0, step_deg=0.1, rows=86, columns=185)


def test_covers_a_box_with_whole_cells() -> None:
    grid = grid_over(south_deg=44.0, west_deg=22.0, north_deg=52.6, east_deg=40.5)

    assert grid == GRID
    assert grid.shape == (86, 185)


@given(st.integers(0, 85), st.integers(0, 184))
def test_a_point_on_an_edge_belongs_north_east_of_it(row: int, column: int) -> None:
    # decimal degrees as a file gives them, of which 44.3 - 44 is less than 0.3
    lat, lon = float(f"{44 + row / 10:.1f}"), float(f"{22 + column / 10:.1f}")

    found = GRID.cell_of(np.array([lat]), np.array([lon]))

    assert (int(found[0][0]), int(found[1][0])) == (row, column)


@given(st.integers(0, 85), st.integers(0, 184))
def test_the_middle_of_a_cell_lies_in_it(row: int, column: int) -> None:
    found = GRID.cell_of(*GRID.centre_of(np.array([row]), np.array([column])))

    assert (int(found[0][0]), int(found[1][0])) == (row, column)


def test_points_outside_have_neither_row_nor_column() -> None:
    row, column = GRID.cell_of(np.array([43.9, 50.0, 52.61]), np.array([30.0, 41.0, 30.0]))

    assert row.tolist() == column.tolist() == [-1, -1, -1]


@pytest.mark.parametrize(
    ("north", "step", "problem"), [(44.0, 0.1, "is empty"), (50.0, 0.0, "step above 0")]
)
def test_refuses_a_box_that_is_none(north: float, step: float, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        grid_over(south_deg=44.0, west_deg=22.0, north_deg=north, east_deg=30.0, step_deg=step)
