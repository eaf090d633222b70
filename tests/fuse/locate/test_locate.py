"""The public function: what must not change the answer, what it refuses, and dense twins."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as runs
from hypothesis import strategies as st
from scipy.optimize import least_squares
from tests.fuse.locate.conftest import draw_volley

from trucewatch.errors import BadInput
from trucewatch.evaluate.cramer_rao import bound
from trucewatch.fuse.locate.locate import locate, refit
from trucewatch.fuse.locate.records import Fixes, Shots, SoundSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIND = {"wind_sigma_m_s": 5.0, "speed_sigma_m_s": 1.8}


def same(a: Fixes, b: Fixes) -> bool:
    names = [f.name for f in fields(Fixes) if f.name != "box_m"]
    return all(np.array_equal(getattr(a, n), getattr(b, n), equal_nan=True) for n in names)


def rows_of(shots: Shots, rows: NDArray[np.int64]) -> Shots:
    bearing = None if shots.bearing_rad is None else shots.bearing_rad[rows]
    return Shots(station=shots.station[rows], time_s=shots.time_s[rows], bearing_rad=bearing)


@given(seed=st.integers(0, 99), outliers=st.booleans())
@runs(max_examples=10, deadline=None)
def test_the_order_of_arrivals_changes_no_bit(seed: int, outliers: bool) -> None:
    weather = {**WIND, "outlier_p": 0.1} if outliers else WIND
    stations, _, shots, settings = draw_volley(4, 8, seed=seed, **weather)
    order = np.random.default_rng(seed).permutation(8)
    turned = Shots(station=shots.station[:, order], time_s=shots.time_s[:, order])

    found = locate(turned, stations, settings)

    assert same(found, locate(shots, stations, settings))


@pytest.mark.parametrize("outlier_p", [0.0, 0.1])
def test_the_bits_of_a_shot_do_not_depend_on_the_others(outlier_p: float) -> None:
    stations, _, shots, settings = draw_volley(1100, 6, **WIND, outlier_p=outlier_p)
    rows = np.array([1090, 3, 512])

    few = locate(rows_of(shots, rows), stations, settings)
    many = locate(shots, stations, settings)

    np.testing.assert_array_equal(few.place_m, many.place_m[rows])
    np.testing.assert_array_equal(few.cov_m2, many.cov_m2[rows])
    first = slice(many.start[1090], many.start[1091])
    np.testing.assert_array_equal(few.weight[: few.start[1]], many.weight[first])


def test_shifting_all_times_shifts_only_the_time_of_the_shot() -> None:
    stations, _, shots, settings = draw_volley(50, 8, **WIND)
    later = replace(shots, time_s=shots.time_s + 4096.0)

    found, moved = locate(shots, stations, settings), locate(later, stations, settings)

    np.testing.assert_allclose(moved.time_s - found.time_s, 4096.0, atol=1e-6)
    np.testing.assert_allclose(moved.place_m, found.place_m, atol=0.05)


def test_a_turned_network_turns_the_answer() -> None:
    stations, _, shots, settings = draw_volley(100, 8, **WIND)
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])

    found = locate(shots, stations, settings)
    turned = locate(shots, stations @ turn.T, settings)

    inside = ~(found.poor_geometry | turned.poor_geometry)
    assert inside.sum() > 80
    gap_m = np.hypot(*(turned.place_m - found.place_m @ turn.T)[inside].T)
    deviation_m = np.sqrt(found.cov_m2[inside, 0] + found.cov_m2[inside, 2])
    assert (gap_m / deviation_m).max() < 0.02


@pytest.mark.parametrize("scale", [0.005, 1.0, 50.0])
def test_errors_keep_to_the_bound_at_every_aperture(scale: float) -> None:
    stations, volley, shots, settings = draw_volley(
        1500, 8, scale=scale, time_sigma_s=0.05 * scale, wind_sigma_m_s=2.0
    )

    found = locate(shots, stations, settings)

    least = bound(stations, volley.place_m, volley.station, settings)
    trace = np.trace(least, axis1=1, axis2=2)
    good = found.gdop < 5
    ratio2 = ((found.place_m - volley.place_m) ** 2).sum(axis=1)[good] / trace[good]
    assert 0.9 < ratio2.mean() < 1.1


def test_agrees_with_dense_least_squares_from_the_truth() -> None:
    stations, volley, shots, settings = draw_volley(25, 8, **WIND)

    found = locate(shots, stations, settings)

    for e in range(25):
        where, objective = dense(stations, volley.place_m[e], shots, settings, e)
        assert found.objective[e] < objective + 1e-3
        if abs(found.objective[e] - objective) < 1e-3:
            gap_m = np.hypot(*(found.place_m[e] - where))
            assert gap_m < 0.05 * np.sqrt(found.cov_m2[e, 0] + found.cov_m2[e, 2])


def dense(
    stations: NDArray[np.float64],
    start: NDArray[np.float64],
    shots: Shots,
    settings: SoundSettings,
    e: int,
) -> tuple[NDArray[np.float64], float]:
    heard = stations[shots.station[e]]
    time = shots.time_s[e]

    def residual(at: NDArray[np.float64]) -> NDArray[np.float64]:
        path = heard - at[:2]
        away = np.hypot(path[:, 0], path[:, 1])
        speed = settings.speed_m_s + at[5] + path @ at[3:5] / away
        wind = settings.wind_sigma_m_s
        prior = at[3:] / [wind, wind, settings.speed_sigma_m_s]
        return np.concatenate([(time - at[2] - away / speed) / settings.time_sigma_s, prior])

    scale = [1000.0, 1000.0, 3.0, 5.0, 5.0, 2.0]
    answer = least_squares(
        residual, np.concatenate([start, np.zeros(4)]), method="lm", x_scale=scale, xtol=1e-12
    )
    return answer.x[:2], 2 * answer.cost


def test_the_search_is_seldom_worse_than_a_climb_from_the_truth() -> None:
    stations, volley, shots, settings = draw_volley(3000, 6, **WIND)

    found = locate(shots, stations, settings)
    _, best = refit(shots, stations, settings, volley.place_m)

    assert (found.objective > best + 0.02).sum() <= 1


def test_bearings_alone_sharpen_three_arrivals() -> None:
    stations, volley, shots, settings = draw_volley(400, 3, bearing_sigma_rad=0.02)

    with_them = locate(shots, stations, settings)
    without = locate(replace(shots, bearing_rad=None), stations, settings)

    error_m = np.hypot(*(with_them.place_m - volley.place_m).T)
    plain_m = np.hypot(*(without.place_m - volley.place_m).T)
    assert np.median(error_m) < 0.7 * np.median(plain_m)
    assert np.quantile(error_m, 0.9) < 0.5 * np.quantile(plain_m, 0.9)


def test_one_time_and_two_bearings_are_enough_and_two_times_are_not() -> None:
    stations = np.array([[0.0, 0.0], [1000.0, 0.0], [0.0, 1000.0]])
    source = np.array([400.0, 300.0])
    away = source - stations
    bearing = np.arctan2(away[:, 0], away[:, 1])[None]
    shots = Shots(
        station=np.array([[0, 1, -1], [0, 1, -1]]),
        time_s=np.tile(np.hypot(*away.T) / 340.0, (2, 1)),
        bearing_rad=np.concatenate([bearing, np.full((1, 3), np.nan)]),
    )

    found = locate(shots, stations, SoundSettings(bearing_sigma_rad=0.001))

    np.testing.assert_allclose(found.place_m[0], source, atol=1.0)
    assert np.isnan(found.place_m[1]).all()
    assert found.poor_geometry[1]
    assert found.start.tolist()[1:] == [found.start[1], found.start[1]]


def test_shots_with_different_numbers_of_arrivals_share_a_call() -> None:
    stations, _, shots, settings = draw_volley(30, 8)
    station = shots.station.copy()
    station[::2, 5:] = -1
    mixed = replace(shots, station=station)
    alone = Shots(station=station[::2, :5], time_s=shots.time_s[::2, :5])

    found = locate(mixed, stations, settings)

    np.testing.assert_array_equal(found.place_m[::2], locate(alone, stations, settings).place_m)


def test_stations_on_a_line_are_called_poor_geometry() -> None:
    stations = np.stack([np.linspace(0, 9000, 10), np.zeros(10)], axis=1)
    source = np.array([4000.0, 2000.0])
    time = np.hypot(*(stations - source).T)[None] / 340.0

    found = locate(Shots(station=np.arange(10)[None], time_s=time), stations, SoundSettings())

    assert found.bimodal[0]
    np.testing.assert_allclose(abs(found.place_m[0, 1]), 2000.0, atol=5.0)
    np.testing.assert_allclose(found.second_m[0, 1], -found.place_m[0, 1], atol=5.0)


def test_no_shots_give_no_fixes() -> None:
    stations, _, _, settings = draw_volley(1, 5)

    found = locate(
        Shots(station=np.empty((0, 4), np.int64), time_s=np.empty((0, 4))), stations, settings
    )

    assert found.place_m.shape == (0, 2)
    assert found.start.tolist() == [0]


SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
GOOD = np.array([[0, 1, 2]])


@pytest.mark.parametrize(
    ("stations", "station", "time_s", "bearing", "match"),
    [
        (SQUARE, GOOD, np.zeros((1, 2)), None, "must be one"),
        (SQUARE, GOOD + 2, np.zeros((1, 3)), None, "stations are 2 to 4, must be -1 to 3"),
        (SQUARE, GOOD, np.array([[0.0, np.nan, 0.0]]), None, "time is not finite"),
        (SQUARE, np.array([[0, 1, 1]]), np.zeros((1, 3)), None, "shot 0: a station is named"),
        (SQUARE[:, :1], GOOD, np.zeros((1, 3)), None, "must be \\(n, 2\\)"),
        (SQUARE * np.nan, GOOD, np.zeros((1, 3)), None, "place is not finite"),
        (SQUARE * 0, GOOD, np.zeros((1, 3)), None, "one point"),
        (SQUARE, GOOD, np.zeros((1, 3)), np.zeros((1, 2)), "bearings have shape"),
        (SQUARE, GOOD, np.zeros((1, 3)), np.full((1, 3), np.inf), "bearing is infinite"),
    ],
)
def test_refuses_bad_input(
    stations: NDArray[np.float64],
    station: NDArray[np.int64],
    time_s: NDArray[np.float64],
    bearing: NDArray[np.float64] | None,
    match: str,
) -> None:
    shots = Shots(station=station, time_s=time_s, bearing_rad=bearing)

    with pytest.raises(BadInput, match=match):
        locate(shots, stations, SoundSettings())
