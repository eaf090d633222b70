"""The trials of shots say what they promise."""

from __future__ import annotations

import numpy as np

from trucewatch.simulate.trials.shots import (
    SPEED_M_S,
    Ground,
    Weather,
    fire,
    geometry,
    network,
)


def test_the_same_seed_gives_the_same_shots() -> None:
    first, second = volley(Weather(time_sigma_s=0.1)), volley(Weather(time_sigma_s=0.1))

    np.testing.assert_array_equal(first.time_s, second.time_s)
    np.testing.assert_array_equal(first.station, second.station)


def volley(weather: Weather, seed: int = 3):
    rng = np.random.default_rng(seed)
    stations = network(Ground(), rng)
    place, station = geometry(Ground(), 4000, 6, rng)
    return fire(stations, place, station, weather, rng)


def test_stations_of_a_shot_are_distinct_and_places_lie_in_their_square() -> None:
    found = volley(Weather(time_sigma_s=0.1))

    assert (np.diff(np.sort(found.station, axis=1), axis=1) > 0).all()
    assert abs(found.place_m).max() <= Ground().source_half_m


def test_times_scatter_as_declared_around_distance_over_speed() -> None:
    found = volley(Weather(time_sigma_s=0.1, outlier_p=0.2))
    rng = np.random.default_rng(3)
    stations = network(Ground(), rng)
    path = stations[found.station] - found.place_m[:, None]
    off_s = found.time_s - np.hypot(path[..., 0], path[..., 1]) / SPEED_M_S

    clean, moved = off_s[~found.outlier], off_s[found.outlier]

    assert abs(clean.std() - 0.1) < 0.003
    assert abs(found.outlier.mean() - 0.2) < 0.02
    assert abs(moved).max() < 10.5
    assert abs(moved.std() - 20 / np.sqrt(12)) < 0.3


def test_wind_carries_the_sound_and_bearings_point_to_the_source() -> None:
    found = volley(Weather(time_sigma_s=1e-6, wind_sigma_m_s=5.0, bearing_sigma_rad=1e-6))
    rng = np.random.default_rng(3)
    stations = network(Ground(), rng)
    toward = found.place_m[:, None] - stations[found.station]
    away_m = np.hypot(toward[..., 0], toward[..., 1])

    speed_m_s = away_m / found.time_s

    assert abs((speed_m_s - SPEED_M_S).std() - 5.0) < 0.3
    direction = np.stack([np.sin(found.bearing_rad), np.cos(found.bearing_rad)], axis=-1)
    np.testing.assert_allclose(direction, toward / away_m[..., None], atol=1e-5)
