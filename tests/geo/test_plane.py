"""The local plane against PROJ's own factors, geodesics and plain geometry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod, Proj

from trucewatch.errors import BadInput
from trucewatch.geo.plane import Covariances, Plane

PLANE = Plane(centre_lat_deg=48.0, centre_lon_deg=31.0)
GEOD = Geod(ellps="WGS84")


def points(seed: int, *, reach_deg: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    lat = 48 + rng.uniform(-reach_deg, reach_deg, 500)
    return 31 + rng.uniform(-reach_deg, reach_deg, 500) * 1.5, lat


def test_the_centre_is_the_origin() -> None:
    x_m, y_m = PLANE.project(np.array([31.0]), np.array([48.0]))

    assert (abs(x_m[0]), abs(y_m[0])) < (1e-6, 1e-6)


def test_there_and_back_is_the_same_place() -> None:
    lon_deg, lat_deg = points(1, reach_deg=5)

    back_lon_deg, back_lat_deg = PLANE.unproject(*PLANE.project(lon_deg, lat_deg))

    assert back_lon_deg == pytest.approx(lon_deg, abs=1e-9)
    assert back_lat_deg == pytest.approx(lat_deg, abs=1e-9)


def test_distances_from_the_centre_are_geodesic() -> None:
    lon_deg, lat_deg = points(2, reach_deg=5)

    x_m, y_m = PLANE.project(lon_deg, lat_deg)

    _, _, true_m = GEOD.inv(np.full(500, 31.0), np.full(500, 48.0), lon_deg, lat_deg)
    assert np.hypot(x_m, y_m) == pytest.approx(true_m, rel=1e-9)


def test_short_lengths_are_too_long_by_no_more_than_stated() -> None:
    lon_deg, lat_deg = points(3, reach_deg=4)
    near_lon_deg, near_lat_deg, _ = GEOD.fwd(
        lon_deg, lat_deg, np.linspace(0, 360, 500), np.full(500, 1000.0)
    )

    x_m, y_m = PLANE.project(lon_deg, lat_deg)
    near_x_m, near_y_m = PLANE.project(near_lon_deg, near_lat_deg)

    bound = 1 + np.hypot(x_m, y_m).max() ** 2 / (6 * 6.36e6**2)
    ratio = np.hypot(near_x_m - x_m, near_y_m - y_m) / 1000
    assert ratio.min() > 1 - 1e-6
    assert ratio.max() < bound + 1e-5


def test_convergence_is_that_of_proj_within_the_stated_error() -> None:
    lon_deg, lat_deg = points(4, reach_deg=4)

    ours_deg = np.degrees(PLANE.convergence_rad(lon_deg, lat_deg))

    proj = Proj(proj="aeqd", lat_0=48, lon_0=31, datum="WGS84")
    assert ours_deg == pytest.approx(
        proj.get_factors(lon_deg, lat_deg).meridian_convergence, abs=0.05
    )
    assert abs(ours_deg).max() > 3


def test_a_north_south_error_is_laid_along_the_meridian() -> None:
    lon_deg, lat_deg = np.array([37.0]), np.array([50.0])
    thin = Covariances(xx_m2=np.array([1.0]), xy_m2=np.array([0.0]), yy_m2=np.array([1e6]))

    turned = PLANE.to_plane(lon_deg, lat_deg, thin)

    x_m, y_m = PLANE.project(np.repeat(lon_deg, 2), lat_deg + np.array([0.0, 0.01]))
    meridian_rad = np.arctan2(np.diff(y_m), np.diff(x_m))
    axis_rad = 0.5 * np.arctan2(2 * turned.xy_m2, turned.xx_m2 - turned.yy_m2)
    assert axis_rad % np.pi == pytest.approx(meridian_rad % np.pi, abs=np.radians(0.05))


@given(
    lon_deg=st.floats(25, 37), lat_deg=st.floats(44, 52), ee=st.floats(1, 1e8), nn=st.floats(1, 1e8)
)
def test_turning_keeps_the_ellipse(lon_deg: float, lat_deg: float, ee: float, nn: float) -> None:
    where = (np.array([lon_deg]), np.array([lat_deg]))
    given_cov = Covariances(
        xx_m2=np.array([ee]), xy_m2=np.array([0.3 * (ee * nn) ** 0.5]), yy_m2=np.array([nn])
    )

    turned = PLANE.to_plane(*where, given_cov)
    back = PLANE.to_east_north(*where, turned)

    assert turned.xx_m2 + turned.yy_m2 == pytest.approx(ee + nn, rel=1e-12)
    scale = 1e-12 * (ee + nn)
    assert back.xx_m2 == pytest.approx(ee, abs=scale)
    assert back.xy_m2 == pytest.approx(given_cov.xy_m2, abs=scale)
    assert back.yy_m2 == pytest.approx(nn, abs=scale)


@pytest.mark.parametrize("lat_deg", [95.2, np.nan, np.inf])
def test_refuses_what_has_no_place(lat_deg: float) -> None:
    with pytest.raises(BadInput, match="local plane: 1 points have no place on it, expected"):
        PLANE.project(np.array([31.0, 31.0]), np.array([48.0, lat_deg]))


def test_refuses_metres_that_are_none() -> None:
    with pytest.raises(BadInput, match="expected finite metres"):
        PLANE.unproject(np.array([np.nan]), np.array([0.0]))


def test_a_plane_across_the_date_line_is_whole() -> None:
    plane = Plane(centre_lat_deg=-20.0, centre_lon_deg=179.5)

    x_m, _ = plane.project(np.array([179.0, -179.0]), np.array([-20.0, -20.0]))

    assert x_m[1] - x_m[0] == pytest.approx(209_000, rel=0.01)
    turn = plane.convergence_rad(np.array([179.0, -179.0]), np.array([-20.0, -20.0]))
    assert abs(np.degrees(turn)).max() < 1
