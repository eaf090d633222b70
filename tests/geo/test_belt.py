"""Belts hold what is near enough on their side, discs what is near enough, by the ellipsoid."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from pyproj import Geod
from scipy.stats import norm

from trucewatch.errors import BadInput
from trucewatch.geo.belt import below_p, belt, disc, distance_to_line, line
from trucewatch.geo.index import ZoneIndex
from trucewatch.geo.plane import Covariances

FRONT = [(30.0, 48.0), (30.4, 48.2), (30.6, 47.9), (31.0, 48.0), (31.1, 48.4), (31.6, 48.3)]
ROUND = Covariances(xx_m2=np.full(1, 1e6), xy_m2=np.zeros(1), yy_m2=np.full(1, 1e6))
EARTH = Geod(ellps="WGS84")


def errors(n: int) -> Covariances:
    return Covariances(xx_m2=np.full(n, 1e6), xy_m2=np.zeros(n), yy_m2=np.full(n, 4e6))


@pytest.mark.parametrize(("left_m", "right_m"), [(9e3, 9e3), (9e3, 0.0), (0.0, 9e3), (4e3, 9e3)])
def test_a_belt_holds_what_is_within_its_widths(left_m: float, right_m: float) -> None:
    rng = np.random.default_rng(1)
    lon_deg, lat_deg = rng.uniform(30.1, 31.5, 4_000), rng.uniform(47.7, 48.6, 4_000)
    area = belt(FRONT, left_m=left_m, right_m=right_m)

    held = ZoneIndex.build([area]).inside(lon_deg, lat_deg, 0)

    distance_m, _ = distance_to_line(lon_deg, lat_deg, errors(4_000), line(FRONT))
    sure = np.minimum(np.abs(distance_m - left_m), np.abs(distance_m + right_m)) > 3.0
    middle = (lon_deg > 30.3) & (lon_deg < 31.3)  # ends are flat
    expected = (distance_m <= left_m) & (distance_m >= -right_m)
    assert (held == expected)[sure & middle].all()


def test_distance_agrees_with_the_ellipsoid_and_left_is_left() -> None:
    rng = np.random.default_rng(2)
    lon_deg, lat_deg = rng.uniform(30.1, 31.5, 60), rng.uniform(47.7, 48.6, 60)
    legs = [np.linspace(a, b, 400) for a, b in pairwise(FRONT)]
    dense = np.concatenate(legs)

    found_m, sigma_m = distance_to_line(lon_deg, lat_deg, errors(60), line(FRONT))

    for x, y, ours_m in zip(lon_deg, lat_deg, found_m, strict=True):
        away_m = EARTH.inv(np.full(len(dense), x), np.full(len(dense), y), *dense.T)[2]
        assert abs(ours_m) == pytest.approx(away_m.min(), abs=3.0, rel=2e-3)
    assert ((sigma_m >= 1e3 - 1) & (sigma_m <= 2e3 + 1)).all()
    north, _ = distance_to_line(
        np.array([30.2, 30.2]), np.array([48.4, 47.8]), errors(2), line(FRONT)
    )
    assert north[0] > 0 > north[1]


def test_the_side_at_a_sharp_bend_is_that_of_the_whole_line() -> None:
    spike = [(30.0, 48.0), (30.5, 48.4), (30.52, 48.0)]
    above = (np.array([30.5, 30.49, 30.53]), np.array([48.5, 48.41, 48.45]))

    found_m, _ = distance_to_line(*above, errors(3), line(spike))

    assert (found_m > 0).all()


def test_the_error_counts_along_the_way_to_the_line() -> None:
    straight = line([(29.0, 48.0), (31.0, 48.0)])
    spot = (np.array([30.0]), np.array([48.1]))

    distance_m, sigma_m = distance_to_line(*spot, errors(1), straight)

    assert sigma_m[0] == pytest.approx(2_000.0, rel=1e-4)
    assert distance_m[0] == pytest.approx(EARTH.inv(30.0, 48.0, 30.0, 48.1)[2], rel=1e-3)


def test_a_mortar_at_14_6_km_is_inside_15_km_with_chance_two_thirds() -> None:
    found_p = below_p(np.array([14_600.0]), np.array([1_000.0]), 15_000.0)

    assert found_p[0] == pytest.approx(norm.cdf(0.4))
    assert round(float(found_p[0]), 3) == 0.655


def test_a_straight_belt_has_the_chance_of_its_distance() -> None:
    points = [(29.0, 48.0), (31.0, 48.0)]
    along, area = line(points), belt(points, left_m=15_000.0, right_m=0.0)
    spot = (np.array([30.0]), np.array([48.13]))
    distance_m, sigma_m = distance_to_line(*spot, ROUND, along)

    found_p = area.inside_p(*along.plane.project(*spot), np.array([[1e6, 0.0, 1e6]]), along.plane)

    assert found_p[0] == pytest.approx(below_p(distance_m, sigma_m, 15_000.0)[0], abs=2e-3)


def test_a_disc_is_round_on_the_ellipsoid() -> None:
    area = disc(36.0, 49.0, 15_000.0)

    lon_deg, lat_deg = area.parts[0][0].T
    away_m = EARTH.inv(np.full(len(lon_deg), 36.0), np.full(len(lon_deg), 49.0), lon_deg, lat_deg)[
        2
    ]
    assert np.abs(away_m - 15_000.0).max() < 0.6


@pytest.mark.parametrize(
    ("points", "widths", "text"),
    [
        (FRONT[:1], (1e3, 1e3), "1 points, must be at least 2"),
        ([FRONT[0], FRONT[0]], (1e3, 1e3), "a point is repeated"),
        ([FRONT[0], (30.0, 95.0)], (1e3, 1e3), "a point is off the globe"),
        ([(0.0, 48.0), (60.0, 48.0)], (1e3, 1e3), "must be at most 1000 km"),
        ([(30.0, 48.0), (31.0, 48.0), (31.0, 49.0), (30.5, 47.5)], (1e3, 1e3), "meets itself"),
        (FRONT, (0.0, 0.0), "must be 0 or more, one above"),
        (FRONT, (-1.0, 5.0), "must be 0 or more, one above"),
        (FRONT, (np.nan, 5.0), "must be 0 or more, one above"),
        (
            [(30.0, 48.0), (31.0, 48.0), (31.0, 48.1), (30.5, 48.1), (30.5, 48.05)],
            (15e3, 0.0),
            "line ends within 15000 m of another part of itself",
        ),
    ],
)
def test_refuses_a_line_with_no_belt(points: list, widths: tuple, text: str) -> None:
    with pytest.raises(BadInput, match=text):
        belt(points, left_m=widths[0], right_m=widths[1])


def test_refuses_a_disc_of_no_size() -> None:
    with pytest.raises(BadInput, match=r"radius is 0\.0 m, must be above 0"):
        disc(30.0, 48.0, 0.0)
