"""Cells, sectors, discs and steps: nothing of the ground is lost or counted twice."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from trucewatch.errors import BadInput
from trucewatch.geo.area import Area
from trucewatch.geo.plane import Plane
from trucewatch.measure.coverage.asset import Disc
from trucewatch.measure.coverage.cells import WHOLE, Box, Steps, box_of, grid
from trucewatch.measure.coverage.discs import parts

PLANE = Plane(centre_lat_deg=45.0, centre_lon_deg=-30.0)
BOX = Box(west_km=-20.0, south_km=-10.0, east_km=20.0, north_km=10.0)
WEST = Area.of([[(-30.2, 44.95), (-30.0, 44.95), (-30.0, 45.05), (-30.2, 45.05)]])
THIN = Area.of([[(-30.2, 45.0), (-30.0, 45.0), (-30.0, 45.001), (-30.2, 45.001)]])
FAR = Area.of([[(10, 45.0), (11, 45.0), (11, 46.0)]])


def test_a_sector_takes_the_part_of_each_cell_that_lies_in_it() -> None:
    cells = grid(BOX, plane=PLANE, size_km=5.0, sectors={"west": WEST, "thin": THIN})

    assert len(cells) == 8 * 4
    assert cells.names() == (WHOLE, "west", "thin")
    assert cells.weight_km2(WHOLE).sum() == pytest.approx(800)
    # 0.2 degrees of longitude at 45 N are 15.77 km, 0.1 of latitude 11.11 km, on WGS 84.
    assert cells.weight_km2("west").sum() == pytest.approx(15.77 * 11.11, rel=2e-3)
    assert cells.weight_km2("thin").sum() == pytest.approx(15.77 * 0.1111, rel=2e-3)
    assert (cells.weight_km2("west") <= 25.0 + 1e-9).all()


def test_cells_cover_the_box_around_all_sectors() -> None:
    box = box_of({"west": WEST, "thin": THIN}, PLANE)

    cells = grid(box, plane=PLANE, size_km=3.0, sectors={"west": WEST})

    assert cells.weight_km2("west").sum() == pytest.approx(15.77 * 11.11, rel=2e-3)
    assert box.east_km == pytest.approx(0.0, abs=0.01)
    assert box.west_km == pytest.approx(-15.78, abs=0.03)


def test_finds_the_cell_of_a_point() -> None:
    cells = grid(BOX, plane=PLANE, size_km=5.0, sectors={})
    beyond = np.array([-31.0, -30.0]), np.array([45.0, 46.0])

    assert cells.at(cells.lon_deg, cells.lat_deg).tolist() == list(range(32))
    assert cells.at(*beyond).tolist() == [-1, -1]


@pytest.mark.parametrize("radius_km", [0.5, 1.0, 3.0, 7.5, 40.0, 500.0])
def test_a_disc_covers_of_each_cell_what_geometry_says(radius_km: float) -> None:
    cells = grid(BOX, plane=PLANE, size_km=5.0, sectors={})
    disc = Disc(lat_deg=45.013, lon_deg=-30.05, radius_km=radius_km)
    x_m, y_m = PLANE.project(np.array([-30.05]), np.array([45.013]))
    middle = shapely.Point(x_m[0] / 1000, y_m[0] / 1000)
    round_km = middle.buffer(radius_km, quad_segs=512)
    squares = shapely.box(cells.x_km - 2.5, cells.y_km - 2.5, cells.x_km + 2.5, cells.y_km + 2.5)

    part, range_km = parts([disc], cells)

    expected = shapely.area(shapely.intersection(squares, round_km)) / 25.0
    np.testing.assert_allclose(part[0], expected, atol=2e-3)
    np.testing.assert_allclose(
        range_km[0], np.hypot(cells.x_km - middle.x, cells.y_km - middle.y), atol=1e-9
    )


def test_steps_begin_where_they_say_and_know_day_from_night() -> None:
    cells = grid(BOX, plane=PLANE, size_km=20.0, sectors={})
    steps = Steps(start=datetime(2030, 6, 21, tzinfo=UTC), count=24)

    day = steps.by_day(cells)

    assert steps.hours_h == 24
    assert steps.end == datetime(2030, 6, 22, tzinfo=UTC)
    assert np.diff(steps.edges_us()).tolist() == [3_600_000_000] * 24
    assert day.shape == (24, 2)
    # At 30 W noon is at 14 UTC; at 45 N the longest day has 15 hours 37 minutes.
    assert day[:, 0].sum() in {15, 16}
    assert day[14].all()
    assert not day[2].any()


@pytest.mark.parametrize(
    ("box", "size_km", "message"),
    [
        (BOX, 0.0, "size is 0.0 km"),
        (BOX, 0.01, "8000000 cells of 0.01 km, must be at most 100000"),
        (Box(west_km=5, south_km=0, east_km=5, north_km=9), 1.0, "box 0 by 9 km, must be above 0"),
    ],
)
def test_refuses_a_grid_that_cannot_be(box: Box, size_km: float, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        grid(box, plane=PLANE, size_km=size_km, sectors={})


def test_refuses_sectors_that_are_not_there() -> None:
    cells = grid(BOX, plane=PLANE, size_km=5.0, sectors={"west": WEST})

    with pytest.raises(BadInput, match="sector far: lies off the grid"):
        grid(BOX, plane=PLANE, size_km=5.0, sectors={"far": FAR})
    with pytest.raises(BadInput, match="sector: 'north' is not known, expected one of west"):
        cells.weight_km2("north")
    with pytest.raises(BadInput, match="no sector to cover"):
        box_of({}, PLANE)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"start": datetime(2030, 9, 1)}, "must have an offset"),  # noqa: DTZ001 - that is the point
        ({"count": 0}, "0 steps, must be at least 1"),
        ({"step_h": 0.0}, "each has 0.0 hours, must be above 0"),
    ],
)
def test_refuses_steps_that_cannot_be(more: dict[str, object], message: str) -> None:
    good: dict[str, object] = {"start": datetime(2030, 9, 1, tzinfo=UTC), "count": 1}

    with pytest.raises(BadInput, match=message):
        Steps(**(good | more))  # type: ignore[arg-type]
