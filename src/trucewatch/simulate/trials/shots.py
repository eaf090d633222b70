"""Shots heard by a random network: arrival times with wind and outliers, and the truth apart.

Geometry and weather are drawn apart, so that one set of geometries serves every kind of weather.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPEED_M_S = 340.0  # round figure for 15 degrees Celsius; the fit is told the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A square with stations in it.

    Attributes:
        half_m: Half side of the stations' square.
        source_half_m: Half side of the square in which shots are fired.
        stations: How many stations.
    """

    half_m: float = 10_000.0
    source_half_m: float = 8_000.0
    stations: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """What makes arrival times differ from distance over speed.

    Attributes:
        time_sigma_s: One-sigma timing error.
        wind_sigma_m_s: One-sigma of each component of the wind.
        speed_sigma_m_s: One-sigma error of the speed of sound.
        outlier_p: Share of arrivals moved by up to half the window.
        outlier_window_s: Full width of that window.
        bearing_sigma_rad: One-sigma error of bearings; None draws none.
    """

    time_sigma_s: float
    wind_sigma_m_s: float = 0.0
    speed_sigma_m_s: float = 0.0
    outlier_p: float = 0.0
    outlier_window_s: float = 20.0
    bearing_sigma_rad: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Volley:
    """Shots with their arrivals and the truth behind them.

    Attributes:
        place_m: [shot, 2] true places.
        station: [shot, arrival] station of each arrival.
        time_s: [shot, arrival] arrival times; every shot was fired at 0.
        bearing_rad: [shot, arrival] from station to source, clockwise from north; None when none.
        outlier: [shot, arrival] whether the arrival was moved.
    """

    place_m: NDArray[np.float64]
    station: NDArray[np.int64]
    time_s: NDArray[np.float64]
    bearing_rad: NDArray[np.float64] | None
    outlier: NDArray[np.bool_]


def network(ground: Ground, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return [station, 2] places in m, uniform in the square."""
    return rng.uniform(-ground.half_m, ground.half_m, (ground.stations, 2))


def geometry(
    ground: Ground, shots: int, arrivals: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return [shot, 2] places and [shot, arrival] distinct stations, both uniform."""
    half = ground.source_half_m
    place = rng.uniform(-half, half, (shots, 2))
    keys = rng.random((shots, ground.stations), dtype=np.float32)
    station = np.argpartition(keys, arrivals - 1, axis=1)[:, :arrivals]
    return place, np.ascontiguousarray(station, np.int64)


def fire(
    stations: NDArray[np.float64],
    place_m: NDArray[np.float64],
    station: NDArray[np.int64],
    weather: Weather,
    rng: np.random.Generator,
) -> Volley:
    """Return the arrivals of shots at given places, heard at given stations."""
    shots = station.shape[0]
    wind = weather.wind_sigma_m_s * rng.standard_normal((shots, 1, 2))
    speed = SPEED_M_S + weather.speed_sigma_m_s * rng.standard_normal((shots, 1))
    path = stations[station] - place_m[:, None]
    distance = np.hypot(path[..., 0], path[..., 1])
    along = (path * wind).sum(axis=2) / distance
    time = distance / (speed + along)
    time += weather.time_sigma_s * rng.standard_normal(time.shape)
    outlier = rng.random(time.shape) < weather.outlier_p
    time += np.where(outlier, rng.uniform(-0.5, 0.5, time.shape) * weather.outlier_window_s, 0.0)
    bearing = None
    if weather.bearing_sigma_rad is not None:
        bearing = np.arctan2(-path[..., 0], -path[..., 1])
        bearing = bearing + weather.bearing_sigma_rad * rng.standard_normal(time.shape)
    return Volley(
        place_m=place_m, station=station, time_s=time, bearing_rad=bearing, outlier=outlier
    )
