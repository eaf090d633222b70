"""The grid posterior against direct summation, and what must not change it."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from trucewatch.errors import BadInput
from trucewatch.fuse.locate.bearing import ArrayDetection, Sightlines, log_bearings
from trucewatch.fuse.locate.grid import GridPosterior, locate_by_celerity

EARTH = Geod(ellps="WGS84")
ORIGIN = datetime(2031, 5, 4, 3, 2, 1, tzinfo=UTC)
LAT, LON = 41.0, -113.0
WAYS = ((0.335, 0.010), (0.295, 0.012), (0.250, 0.025))
CELERITIES = (0.300, 0.328, 0.290, 0.255)
OFF_DEG = (2.0, -3.0, 1.0, 4.0)


def signals(ranges_km: tuple[float, ...], *, lon: float = LON) -> tuple[ArrayDetection, ...]:
    """Arrays all around one source, each hearing it with a small error."""
    heard = []
    for i, range_km in enumerate(ranges_km):
        there_lon, there_lat, back = EARTH.fwd(lon, LAT, 20 + 137 * i, range_km * 1e3)
        heard.append(
            ArrayDetection(
                time=ORIGIN + timedelta(seconds=range_km / CELERITIES[i % 4]),
                lat_deg=there_lat,
                lon_deg=there_lon,
                bearing_deg=(back + OFF_DEG[i % 4]) % 360,
            )
        )
    return tuple(heard)


def turned(detections: tuple[ArrayDetection, ...], by: float) -> tuple[ArrayDetection, ...]:
    return tuple(replace(d, lon_deg=(d.lon_deg + by + 180) % 360 - 180) for d in detections)


THREE = signals((330.0, 540.0, 850.0))


def slow_celerity(c: float) -> float:
    if not 0.20 < c < 0.36:
        return 0.0
    total = 0.0
    for mean, sd in WAYS:
        kept = math.erf((0.36 - mean) / sd / 2**0.5) - math.erf((0.20 - mean) / sd / 2**0.5)
        total += math.exp(-(((c - mean) / sd) ** 2) / 2) / sd / (2 * math.pi) ** 0.5 / (kept / 2)
    return total / 3


def slow_at(
    lat: float, lon: float, detections: tuple[ArrayDetection, ...], origins: list[float]
) -> list[float]:
    """Density at one point and each origin time in seconds after ORIGIN, point by point."""
    bearings = 1.0
    ranges = []
    for d in detections:
        to_place, _, metres = EARTH.inv(d.lon_deg, d.lat_deg, lon, lat)
        off = (d.bearing_deg - to_place + 180) % 360 - 180
        bearings *= 0.98 * math.exp(-((off / 5) ** 2) / 2) / (5 * (2 * math.pi) ** 0.5) + 0.02 / 360
        ranges.append(metres / 1e3)
    densities = []
    for origin in origins:
        density = bearings
        for d, r in zip(detections, ranges, strict=True):
            if density < 1e-30:
                break
            c = r / ((d.time - ORIGIN).total_seconds() - origin)
            density *= slow_celerity(c) * c**2 / r
        densities.append(density)
    return densities


def cell_km2(lat: float, side_deg: float) -> float:
    """Area of a small square of degrees on the ellipsoid."""
    e2 = 0.00669437999014
    w2 = 1 - e2 * math.sin(math.radians(lat)) ** 2
    north = 6378.137 * (1 - e2) / w2**1.5
    east = 6378.137 * math.cos(math.radians(lat)) / w2**0.5
    return north * east * math.radians(side_deg) ** 2


def test_agrees_with_direct_summation_in_plain_python() -> None:
    side, step = 0.12, 12.0
    origins = [step * k for k in range(-75, 26)]
    cells = []
    for i in range(-13, 14):
        for j in range(-17, 18):
            lat, lon = LAT + side * i, LON + side * j
            cells.append((cell_km2(lat, side), slow_at(lat, lon, THREE, origins), lat, lon))
    total = sum(area * sum(times) for area, times, _, _ in cells)
    cells.sort(key=lambda cell: -sum(cell[1]))
    held = area_slow = lat_slow = lon_slow = 0.0
    before = np.cumsum([sum(a * t[k] for a, t, _, _ in cells) / total for k in range(101)])
    for area, times, lat, lon in cells:
        part = area * sum(times) / total
        area_slow += area if held < 0.9 else 0.0
        held += part
        lat_slow += part * lat
        lon_slow += part * lon

    found = locate_by_celerity(THREE)

    assert found.area_km2() == pytest.approx(area_slow, rel=0.04)
    assert found.mean_lat_deg == pytest.approx(lat_slow, abs=0.02)
    assert found.mean_lon_deg == pytest.approx(lon_slow, abs=0.02)
    interval = found.origin_time()
    edges = [o + step / 2 for o in origins]
    early, late = np.interp([0.05, 0.95], before, edges)
    assert (interval.since - ORIGIN).total_seconds() == pytest.approx(early, abs=3)
    assert (interval.until - ORIGIN).total_seconds() == pytest.approx(late, abs=3)


@pytest.mark.parametrize(
    ("ranges", "step"), [((330.0, 540.0, 850.0), 4.0), ((10.0, 14.0, 25.0), 0.2)]
)
def test_density_of_squares_agrees_with_the_formula_at_their_centres(
    ranges: tuple[float, ...], step: float
) -> None:
    detections = signals(ranges)
    found = locate_by_celerity(detections, region_cells=4000)
    lat, lon, area = found.region(0.9)
    some = np.linspace(0, len(lat) - 1, 15).astype(int)
    origins = [step * k for k in range(-150, 150)]

    slow = np.array([sum(slow_at(lat[i], lon[i], detections, origins)) for i in some])

    fast = found.share[some] / area[some]
    assert fast / fast.sum() == pytest.approx(slow / slow.sum(), rel=0.02)


@pytest.mark.parametrize(
    "ranges",
    [
        (330.0, 540.0, 850.0),
        (10.0, 14.0, 25.0),
        (400.0, 500.0),
        (12.0, 2900.0),
        (1800.0, 2400.0, 2900.0),
        tuple(40.0 * 1.2**i for i in range(20)),
    ],
)
def test_a_grid_twice_as_fine_changes_the_area_by_less_than_3_percent(
    ranges: tuple[float, ...],
) -> None:
    detections = signals(ranges)

    coarse, fine = (locate_by_celerity(detections, region_cells=n) for n in (300, 1200))

    assert fine.half_km[0] == coarse.half_km[0] / 2
    assert coarse.area_km2() == pytest.approx(fine.area_km2(), rel=0.03)
    assert coarse.share.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(
    ("measured", "true", "off"),
    [(45.0, 45.0, 0.0), (50.0, 45.0, 5.0), (1.0, 357.0, 4.0), (200.0, 10.0, 170.0)],
)
@pytest.mark.parametrize("half_km", [0.0, 20.0])
def test_density_of_a_bearing_is_a_normal_and_two_in_a_hundred_strays(
    measured: float, true: float, off: float, half_km: float
) -> None:
    lines = Sightlines(np.array([[300.0]]), np.array([[true]]), np.array([[0.5]]))
    fast = np.empty(1)

    log_bearings(lines, np.array([half_km]), np.array([measured]), 5.0, fast)

    variance = 25 + math.degrees(half_km / 3**0.5 / 300) ** 2
    normal = math.exp(-(off**2) / variance / 2) / math.sqrt(2 * math.pi * variance)
    assert math.exp(fast[0]) == pytest.approx(0.98 * normal + 0.02 / 360, rel=0.002)


@pytest.mark.parametrize("ranges", [(330.0, 540.0, 850.0), (10.0, 14.0, 25.0), (400.0, 500.0)])
def test_region_and_interval_hold_a_source_that_was_heard_well(ranges: tuple[float, ...]) -> None:
    found = locate_by_celerity(signals(ranges))

    assert found.level_p(LAT, LON) < 0.9
    interval = found.origin_time()
    assert interval.since < ORIGIN < interval.until


@pytest.mark.parametrize("by", [170.0, -67.0, 113.0])
def test_turning_the_earth_changes_nothing_but_the_longitude(by: float) -> None:
    still, moved = locate_by_celerity(THREE), locate_by_celerity(turned(THREE, by))

    assert moved.area_km2() == pytest.approx(still.area_km2(), rel=1e-6)
    assert moved.mean_lat_deg == pytest.approx(still.mean_lat_deg, abs=1e-6)
    assert (moved.mean_lon_deg - still.mean_lon_deg - by) % 360 == pytest.approx(0, abs=1e-6) or (
        moved.mean_lon_deg - still.mean_lon_deg - by
    ) % 360 == pytest.approx(360, abs=1e-6)
    gap = moved.origin_time().since - still.origin_time().since
    assert abs(gap) < timedelta(milliseconds=1)


@settings(deadline=None, max_examples=5)
@given(st.permutations(THREE))
def test_order_and_repetition_of_detections_change_nothing(order: list[ArrayDetection]) -> None:
    once = locate_by_celerity(THREE, region_cells=100)

    again = locate_by_celerity([*order, order[0], order[0]], region_cells=100)

    assert np.array_equal(again.share, once.share)
    assert np.array_equal(again.x_km, once.x_km)
    assert again.origin_time() == once.origin_time()
    assert again.detections == once.detections


def test_region_and_level_say_the_same() -> None:
    found = locate_by_celerity(THREE, region_cells=200)
    lat, lon, area = found.region(0.5)
    outside_lat, outside_lon, _ = (axis[len(lat) :] for axis in found.region(0.9))

    assert area.sum() == pytest.approx(found.area_km2(0.5))
    assert found.area_km2(0.3) < found.area_km2(0.5) < found.area_km2(0.9) < found.area_km2(0.99)
    assert all(found.level_p(*at) < 0.5 for at in zip(lat[::20], lon[::20], strict=True))
    assert all(
        found.level_p(*at) >= 0.5 for at in zip(outside_lat[::20], outside_lon[::20], strict=True)
    )
    assert found.level_p(-LAT, LON) == 1.0


def test_shortest_interval_is_not_longer_than_the_one_with_equal_tails() -> None:
    found = locate_by_celerity(THREE)

    equal, shortest = found.origin_time(0.9), found.origin_time_shortest(0.9)

    assert shortest.until - shortest.since <= equal.until - equal.since
    held = np.interp(
        [(t - found.start).total_seconds() for t in (shortest.since, shortest.until)],
        found.time_s,
        found.time_share,
    )
    assert held[1] - held[0] == pytest.approx(0.9, abs=1e-4)


def test_wider_bearings_widen_the_region() -> None:
    areas = [locate_by_celerity(THREE, bearing_sigma_deg=s).area_km2() for s in (3.0, 5.0, 7.0)]

    assert areas == sorted(areas)
    assert areas[0] < 0.6 * areas[2]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"bearing_deg": 400.0}, "bearing is 400.0, must be 0 up to 360"),
        ({"bearing_deg": -1.0}, "bearing is -1.0, must be 0 up to 360"),
        ({"bearing_deg": math.nan}, "bearing is nan, must be 0 up to 360"),
        ({"lat_deg": math.nan}, "latitude is nan, must be -90 to 90"),
        ({"lat_deg": 95.2}, "latitude is 95.2, must be -90 to 90"),
        ({"lon_deg": math.inf}, "longitude is inf, must be -180 to 180"),
        ({"time": datetime(2031, 1, 1)}, "must have a zone"),  # noqa: DTZ001
    ],
)
def test_refuses_a_detection_that_cannot_be(change: dict[str, float], problem: str) -> None:
    with pytest.raises(BadInput, match=f"array detection: .*{problem}"):
        replace(THREE[0], **change)


def test_refuses_one_detection_even_when_said_twice() -> None:
    with pytest.raises(BadInput, match="array detections: 1 distinct ones, expected 2 to 20"):
        locate_by_celerity([THREE[0], THREE[0]])


def test_refuses_more_than_twenty() -> None:
    many = [replace(THREE[0], bearing_deg=float(i)) for i in range(21)]

    with pytest.raises(BadInput, match="21 distinct ones, expected 2 to 20"):
        locate_by_celerity(many)


def test_refuses_arrays_that_no_source_is_near() -> None:
    far = replace(THREE[0], lat_deg=-40.0)

    with pytest.raises(BadInput, match=r"are \d+ km apart, expected at most 6000 km"):
        locate_by_celerity([THREE[0], far])


def test_refuses_signals_that_have_no_common_source() -> None:
    late = replace(THREE[0], time=THREE[0].time + timedelta(days=1))

    with pytest.raises(BadInput, match="no place and time fits all under the prior"):
        locate_by_celerity([THREE[1], late])


@pytest.mark.parametrize(("sigma", "cells"), [(0.0, 10), (91.0, 10), (math.nan, 10), (5.0, 0)])
def test_refuses_a_setting_out_of_range(sigma: float, cells: int) -> None:
    with pytest.raises(BadInput, match="must be above 0 up to 90, and at least 1"):
        locate_by_celerity(THREE, bearing_sigma_deg=sigma, region_cells=cells)


@pytest.mark.parametrize("level", [0.0, 1.0, math.nan])
@pytest.mark.parametrize("ask", ["region", "area_km2", "origin_time", "origin_time_shortest"])
def test_refuses_a_level_that_is_no_share(ask: str, level: float) -> None:
    found: GridPosterior = locate_by_celerity(THREE, region_cells=10)

    with pytest.raises(BadInput, match=f"level: is {level}, must be between 0 and 1"):
        getattr(found, ask)(level)


def test_refuses_a_point_that_is_nowhere() -> None:
    found = locate_by_celerity(THREE, region_cells=10)

    with pytest.raises(BadInput, match=r"point: is nan, 3\.0, must be finite degrees"):
        found.level_p(math.nan, 3.0)
