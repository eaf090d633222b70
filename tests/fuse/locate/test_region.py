"""Regions against dense grids, and their level against chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.fuse.locate.conftest import draw_volley

from trucewatch.errors import BadInput
from trucewatch.fuse.locate.locate import locate
from trucewatch.fuse.locate.records import Fixes
from trucewatch.fuse.locate.region import area_m2, credibility, inside


def mixture(weight: list[float], mean: list[list[float]], cov: list[list[float]]) -> Fixes:
    one = np.zeros(1)
    return Fixes(
        place_m=np.array(mean[:1]), time_s=one, time_sigma_s=one, cov_m2=np.array(cov[:1]),
        objective=one, second_m=np.array(mean[-1:]), second_rise=one, gdop=one,
        bimodal=one > 0, poor_geometry=one > 0, start=np.array([0, len(weight)]),
        weight=np.array(weight), mean_m=np.array(mean), component_cov_m2=np.array(cov),
        box_m=(0.0, 0.0, 100.0),
    )  # fmt: skip


def density_slow(fixes: Fixes, place: np.ndarray) -> np.ndarray:
    total = np.zeros(len(place))
    parts = zip(fixes.weight, fixes.mean_m, fixes.component_cov_m2, strict=True)
    for weight, mean, (xx, xy, yy) in parts:
        inverse = np.linalg.inv([[xx, xy], [xy, yy]])
        off = place - mean
        z = np.einsum("na,ab,nb->n", off, inverse, off)
        total += weight * np.exp(-z / 2) * math.sqrt(np.linalg.det(inverse)) / (2 * math.pi)
    return total


THREE = mixture(
    [0.5, 0.3, 0.2],
    [[0.0, 0.0], [20.0, 5.0], [-30.0, 40.0]],
    [[16.0, 5.0, 9.0], [9.0, 0.0, 25.0], [100.0, -30.0, 50.0]],
)


@pytest.mark.parametrize("level_p", [0.5, 0.9, 0.95])
def test_area_and_level_of_a_mixture_agree_with_a_dense_grid(level_p: float) -> None:
    axis = np.arange(-100, 100, 0.5)
    place = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    density = density_slow(THREE, place)
    falling = np.sort(density)[::-1]
    needed = np.searchsorted(np.cumsum(falling) * 0.25, level_p)
    on_edge = place[np.argmin(abs(density - falling[needed]))][None]

    area, level = area_m2(THREE, level_p)[0], credibility(THREE, on_edge)[0]

    assert area == pytest.approx(needed * 0.25, rel=0.05)
    assert level == pytest.approx(level_p, abs=0.02)


def test_one_component_gives_the_exact_ellipse() -> None:
    one = mixture([1.0], [[3.0, 4.0]], [[4.0, 0.0, 9.0]])
    edge = np.array([[3.0 + 2.0 * math.sqrt(-2 * math.log(0.1)), 4.0]])

    area = area_m2(one, 0.9)[0]

    assert area == pytest.approx(-2 * math.log(0.1) * math.pi * 6.0)
    assert credibility(one, edge)[0] == pytest.approx(0.9)
    assert not inside(one, edge + 0.01, 0.9)[0]
    assert inside(one, edge - 0.01, 0.9)[0]


def test_a_region_is_no_wider_than_the_search() -> None:
    wide = mixture([1.0], [[0.0, 0.0]], [[1e6, 0.0, 1e6]])

    area = area_m2(wide, 0.9)[0]

    assert area == 200.0**2


@pytest.mark.parametrize(
    "weather",
    [{}, {"wind_sigma_m_s": 5.0, "speed_sigma_m_s": 1.8},
     {"wind_sigma_m_s": 5.0, "outlier_p": 0.1}],
    ids=["still", "wind", "outliers"],
)  # fmt: skip
def test_ninety_percent_regions_hold_about_ninety_percent(weather: dict[str, float]) -> None:
    stations, volley, shots, settings = draw_volley(2000, 8, **weather)
    fixes = locate(shots, stations, settings)

    share = inside(fixes, volley.place_m, 0.9)[~fixes.poor_geometry].mean()

    assert 0.87 < share < 0.93


def test_refuses_a_level_that_is_no_probability_and_places_of_other_shots() -> None:
    with pytest.raises(BadInput, match=r"level is 1\.0"):
        area_m2(THREE, 1.0)
    with pytest.raises(BadInput, match=r"shape is \(2, 2\), must be \(1, 2\)"):
        inside(THREE, np.zeros((2, 2)), 0.9)


def test_a_shot_without_a_place_has_no_region() -> None:
    none = mixture([1.0], [[0.0, 0.0]], [[1.0, 0.0, 1.0]])
    none = Fixes(**{f: getattr(none, f) for f in none.__slots__} | {"start": np.array([0, 0])})

    assert np.isnan(area_m2(none, 0.9)[0])
    assert not inside(none, np.zeros((1, 2)), 0.9)[0]
