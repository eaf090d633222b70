"""Edges stay where the agreement put them, to a metre."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from trucewatch.errors import BadInput
from trucewatch.geo.outline import TOLERANCE_M, centre_deg, outline_m
from trucewatch.geo.plane import Plane

BOX = ((22.0, 44.0), (41.0, 44.0), (41.0, 53.0), (22.0, 53.0))
PLANE = Plane(centre_lat_deg=48.5, centre_lon_deg=31.5)


def test_a_parallel_stays_a_parallel() -> None:
    edge = shapely.LinearRing(outline_m(BOX, plane=PLANE))
    lon_deg = np.linspace(22, 41, 4_001)

    for lat_deg in (44.0, 53.0):
        on_edge = np.column_stack(PLANE.project(lon_deg, np.full_like(lon_deg, lat_deg)))
        assert shapely.distance(edge, shapely.points(on_edge)).max() <= 1.05 * TOLERANCE_M


def test_a_geodesic_edge_is_the_shortest_way() -> None:
    edge = shapely.LinearRing(outline_m(BOX, plane=PLANE, geodesic=True))
    lons_deg, lats_deg = np.array(Geod(ellps="WGS84").npts(22, 53, 41, 53, 999)).T

    on_edge = shapely.points(np.column_stack(PLANE.project(lons_deg, lats_deg)))

    assert shapely.distance(edge, on_edge).max() <= 1.05 * TOLERANCE_M
    assert lats_deg.max() > 53.3  # a straight edge would be over 40 km away from it


def test_corners_keep_their_order_and_short_edges_are_left_alone() -> None:
    small = ((31.50, 48.50), (31.51, 48.50), (31.51, 48.51))

    found = outline_m(small, plane=PLANE)

    lons_deg, lats_deg = np.array(small).T
    np.testing.assert_allclose(found, np.column_stack(PLANE.project(lons_deg, lats_deg)))


def test_the_centre_is_that_of_the_smallest_box() -> None:
    assert centre_deg(BOX) == (31.5, 48.5)


def test_refuses_fewer_than_three_corners() -> None:
    with pytest.raises(BadInput, match="zone outline: 2 corners, must be at least 3"):
        outline_m(BOX[:2], plane=PLANE)


def test_refuses_an_edge_that_cannot_be_drawn() -> None:
    around = ((-120.0, 89.0), (50.0, -89.0), (50.0, 89.0))

    with pytest.raises(BadInput, match="an edge needs over 4096 pieces, must be shorter"):
        outline_m(around, plane=PLANE)
