"""An area of several parts and holes: what it holds, how sure, how far."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod

from trucewatch.errors import BadInput
from trucewatch.geo.area import Area, union
from trucewatch.geo.index import ZoneIndex
from trucewatch.geo.inside import inside_p
from trucewatch.geo.outline import outline_m
from trucewatch.geo.plane import Plane

OUTER = [(30.0, 48.0), (31.0, 48.0), (31.0, 49.0), (30.0, 49.0)]
HOLE = [(30.25, 48.25), (30.75, 48.25), (30.75, 48.75), (30.25, 48.75)]
OTHER = [(32.0, 48.0), (32.5, 48.0), (32.5, 48.5)]
PLANE = Plane(centre_lon_deg=31.0, centre_lat_deg=48.5)


def test_a_chance_is_the_sum_of_parts_less_their_holes() -> None:
    rng = np.random.default_rng(1)
    x_m, y_m = rng.uniform(-1e5, 1e5, (2, 200))
    covariance = np.tile([4e8, 1e8, 2e8], (200, 1))

    found = Area.of([OUTER, HOLE], [OTHER]).inside_p(x_m, y_m, covariance, PLANE)

    parts = [
        inside_p(x_m, y_m, covariance, outline_m(r, plane=PLANE)) for r in (OUTER, HOLE, OTHER)
    ]
    np.testing.assert_allclose(found, parts[0] - parts[1] + parts[2], atol=1e-12)


def test_a_chance_agrees_with_drawn_errors() -> None:
    area = Area.of([OUTER, HOLE], [OTHER])
    lon_deg, lat_deg = np.array([30.3]), np.array([48.3])
    x_m, y_m = PLANE.project(lon_deg, lat_deg)
    rng = np.random.default_rng(2)
    drawn = rng.multivariate_normal([x_m[0], y_m[0]], [[4e7, 1e7], [1e7, 9e7]], 100_000)

    found = area.inside_p(x_m, y_m, np.array([[4e7, 1e7, 9e7]]), PLANE)

    held = ZoneIndex.build([area]).inside(*PLANE.unproject(*drawn.T.copy()), 0)
    assert found[0] == pytest.approx(held.mean(), abs=4.5 * np.sqrt(0.25 / 100_000))


def test_distance_is_to_the_nearest_ring_and_negative_inside() -> None:
    area = Area.of([OUTER, HOLE], [OTHER])
    spots = np.array([(30.5, 48.5), (30.1, 48.5), (29.9, 48.5), (32.4, 48.2)])

    found = area.signed_distance_m(*PLANE.project(*spots.T.copy()), PLANE)

    shape = shapely.transform(area.shape(), lambda c: np.column_stack(PLANE.project(*c.T.copy())))
    points = shapely.points(np.column_stack(PLANE.project(*spots.T.copy())))
    np.testing.assert_allclose(np.abs(found), shapely.distance(shape.boundary, points), rtol=2e-3)
    assert (np.sign(found) == [1, -1, 1, -1]).all()


def test_is_the_same_from_a_shape_and_back() -> None:
    area = Area.of([OUTER, HOLE], [OTHER])

    again = Area.of_shape(area.shape())

    assert again.shape().equals(area.shape())
    assert again.edges().tolist() == area.edges().tolist()


def test_a_union_holds_what_either_holds() -> None:
    other = [(30.5, 48.5), (31.5, 48.5), (31.5, 49.5), (30.5, 49.5)]
    rng = np.random.default_rng(3)
    lon_deg, lat_deg = rng.uniform(29.5, 32, 2_000), rng.uniform(47.5, 50, 2_000)
    areas = [Area.of([OUTER]), Area.of([other])]

    whole = ZoneIndex.build([union(areas)]).inside(lon_deg, lat_deg, 0)

    index = ZoneIndex.build(areas)
    each = [index.inside(lon_deg, lat_deg, z) for z in (0, 1)]
    assert (whole == (each[0] | each[1])).all()
    assert len(union(areas).parts) == 1


def test_geodesic_edges_are_cut_until_they_keep_to_the_geodesic() -> None:
    corners = [(20.0, 50.0), (40.0, 50.0), (30.0, 55.0)]

    area = Area.of_geodesics(corners)

    lon_deg, lat_deg = Geod(ellps="WGS84").npts(20.0, 50.0, 40.0, 50.0, 1)[0]
    nearest_deg = np.abs(area.parts[0][0][:, 0] - lon_deg).argmin()
    assert lat_deg > 50.2
    assert area.parts[0][0][nearest_deg, 1] == pytest.approx(lat_deg, abs=0.01)


@pytest.mark.parametrize(
    ("ring", "text"),
    [
        (OUTER[:2], r"ring has shape \(2, 2\)"),
        ([*OUTER[:3], (30.0, 91.0)], r"corner 4 is \[30.0, 91.0\]"),
        ([*OUTER[:3], (np.nan, 48.0)], "corner 4 is"),
        ([*OUTER[:3], (1e-200, 48.5)], "at least 1e-100 degrees from 0"),
        ([(-170.0, 0.0), (170.0, 0.0), (0.0, 10.0)], "edge spans 340 degrees"),
        ([OUTER[0], OUTER[2], OUTER[1], OUTER[3]], "is not simple"),
    ],
)
def test_refuses_a_ring_that_encloses_no_certain_area(ring: list, text: str) -> None:
    with pytest.raises(BadInput, match=text):
        Area.of([ring])


def test_refuses_no_part_overlapping_parts_and_other_shapes() -> None:
    with pytest.raises(BadInput, match="has no part"):
        Area.of()
    with pytest.raises(BadInput, match="rings must not cross or overlap"):
        Area.of([OUTER], [HOLE])
    with pytest.raises(BadInput, match="shape is Point, must be Polygon"):
        Area.of_shape(shapely.Point(1, 2))
    with pytest.raises(BadInput, match="shape is empty Polygon"):
        Area.of_shape(shapely.Polygon())
    with pytest.raises(BadInput, match="no area is given"):
        union([])
