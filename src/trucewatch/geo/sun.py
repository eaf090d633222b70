"""How high the sun stands, and so whether it is day.

Source: the low-precision formulas of the Astronomical Almanac, page C5 (as in J. Meeus 1998,
"Astronomical Algorithms", chapter 25, and the solar calculator of NOAA): right ascension and
declination to 0.01 degrees from 1950 to 2050. `ERROR_DEG` leaves room for the time of the
earth's turn (UTC for UT1, at most 0.004 degrees), and for the years until 2100.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

UP_DEG = -0.833
"""Altitude of the sun's centre at sunrise and sunset: refraction 34', half the disc 16'."""

ERROR_DEG = 0.05
"""Greatest error of `altitude_deg`, degrees; some 20 seconds of time at middle latitudes."""

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
_DAY_S = 86_400.0
_STEP_S = 300.0  # between steps the sun is lower than at both by 0.003 degrees at most


def days_since(time: datetime) -> float:
    """Return the days from 2000-01-01T12:00 UTC to an aware time, as `altitude_deg` takes them."""
    return (time - _J2000).total_seconds() / _DAY_S


def lowest(start: datetime, end: datetime, lat_deg: float, lon_deg: float) -> float:
    """Return the least altitude of the sun's centre over a time at a place, degrees."""
    first_s, last_s = (start - _J2000).total_seconds(), (end - _J2000).total_seconds()
    steps = 2 + int((last_s - first_s) / _STEP_S)
    days = np.linspace(first_s, last_s, steps) / _DAY_S
    return float(altitude_deg(days, lat_deg, lon_deg).min())


def altitude_deg(days: Floats, lat_deg: float | Floats, lon_deg: float | Floats) -> Floats:
    """Return the geometric altitude of the sun's centre, without refraction.

    Args:
        days: Days since 2000-01-01T12:00 UTC.
        lat_deg: Latitude, WGS 84; of a shape that goes with that of `days`.
        lon_deg: Longitude; likewise.
    """
    anomaly = np.radians(357.528 + 0.9856003 * days)
    wobble_deg = 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)
    ecliptic = np.radians(280.460 + 0.9856474 * days + wobble_deg)
    tilt = np.radians(23.439 - 0.0000004 * days)
    ascension = np.arctan2(np.cos(tilt) * np.sin(ecliptic), np.cos(ecliptic))
    declination = np.arcsin(np.sin(tilt) * np.sin(ecliptic))
    sidereal_deg = 280.46062 + 360.98564737 * days  # at Greenwich
    hour_angle = np.radians(sidereal_deg + lon_deg) - ascension
    latitude = np.radians(lat_deg)
    high = np.sin(latitude) * np.sin(declination)
    wide = np.cos(latitude) * np.cos(declination)
    return np.asarray(np.degrees(np.arcsin(np.clip(high + wide * np.cos(hour_angle), -1, 1))))
