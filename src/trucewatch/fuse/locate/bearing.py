"""What infrasound arrays said, and how well a place agrees with the bearings.

An array of microphones gives the time of a signal and its back-azimuth: the bearing, clockwise from
true north, that it came from. Winds along the path turn it by some degrees, which no array can see.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray
from pyproj import Geod

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Floats: TypeAlias = NDArray[np.float64]

STRAY_P = 0.02
"""Share of bearings that say nothing (another source, a gust); assumed, fitted to nothing."""
RANGE_MAX_KM = 3000.0
"""No source is looked for farther from any array; beyond it few surface explosions are heard."""
DETECTIONS_MAX = 20
_EARTH = Geod(ellps="WGS84")
_HALF_TURN_DEG = 180.0
_TURN_DEG = 360.0
_LEVEL_DEG = 360.0 / math.sqrt(12)  # spread of a bearing that may be anything
_SQUARE_VARIANCE = 1 / 3  # of a coordinate in a square, in squares of its half side


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ArrayDetection:
    """One signal at one array.

    Attributes:
        time: When it arrived, aware.
        lat_deg: Latitude of the array, WGS 84.
        lon_deg: Its longitude, -180 to 180.
        bearing_deg: Where it came from, clockwise from true north, 0 up to 360.

    Raises:
        BadInput: A value is not finite or out of range, or the time has no zone.
    """

    time: datetime
    lat_deg: float
    lon_deg: float
    bearing_deg: float

    def __post_init__(self) -> None:  # noqa: D105
        for problem in self._problems():
            raise BadInput("array detection", problem)

    def _problems(self) -> Iterator[str]:
        if self.time.utcoffset() is None:
            yield f"time is {self.time.isoformat()}, must have a zone"
        if not abs(self.lat_deg) <= _HALF_TURN_DEG / 2:
            yield f"latitude is {self.lat_deg}, must be -90 to 90"
        if not abs(self.lon_deg) <= _HALF_TURN_DEG:
            yield f"longitude is {self.lon_deg}, must be -180 to 180"
        if not 0 <= self.bearing_deg < _TURN_DEG:
            yield f"bearing is {self.bearing_deg}, must be 0 up to 360"


def distinct(detections: Sequence[ArrayDetection]) -> tuple[ArrayDetection, ...]:
    """Return the detections in order of time, each once: a repetition is no evidence.

    Raises:
        BadInput: Fewer than 2 or more than 20 are left, or two arrays are so far apart that no
            place is within reach of both.
    """
    once = tuple(sorted(set(detections)))
    if not 2 <= len(once) <= DETECTIONS_MAX:  # noqa: PLR2004 - one bearing has no crossing
        raise BadInput(
            "array detections", f"{len(once)} distinct ones, expected 2 to {DETECTIONS_MAX}"
        )
    lat_deg, lon_deg = (
        np.array([getattr(d, f"{axis}_deg") for d in once]) for axis in ("lat", "lon")
    )
    first, second = np.triu_indices(len(once), 1)
    apart_m = _EARTH.inv(lon_deg[first], lat_deg[first], lon_deg[second], lat_deg[second])[2]
    widest = int(np.argmax(apart_m))
    apart_km = float(apart_m[widest]) / 1e3
    if apart_km > 2 * RANGE_MAX_KM:
        raise BadInput(
            "array detections",
            f"arrays of {once[first[widest]].time.isoformat()} and"
            f" {once[second[widest]].time.isoformat()} are {apart_km:.0f} km apart,"
            f" expected at most {2 * RANGE_MAX_KM:.0f} km",
        )
    return once


def seconds_after(start: datetime, detections: Sequence[ArrayDetection]) -> Floats:
    """Return arrival times in seconds after a start, exact to the microsecond."""
    return np.array([(d.time - start) / timedelta(seconds=1) for d in detections])


def utc_after(start: datetime, after_s: float) -> datetime:
    """Return a time in UTC, so many seconds after a start."""
    return (start + timedelta(seconds=after_s)).astimezone(UTC)


class Sightlines(NamedTuple):
    """Geodesics between places and arrays, each [place, detection].

    Attributes:
        range_km: Length.
        bearing_deg: From the array to the place, clockwise from true north.
        west_p: 0 where the signal leaves the place due east, 1 due west.
    """

    range_km: Floats
    bearing_deg: Floats
    west_p: Floats


def sightlines(
    lat_deg: Floats, lon_deg: Floats, arrays: Sequence[tuple[float, float]]
) -> Sightlines:
    """Return the geodesics on the WGS 84 ellipsoid between places and arrays.

    Args:
        lat_deg: Latitudes of the places.
        lon_deg: Their longitudes.
        arrays: Latitude and longitude in degrees of the array of each detection.

    Source: Karney 2013, as in PROJ.
    """
    shape = (len(lat_deg), len(arrays))
    lines = Sightlines(np.empty(shape), np.empty(shape), np.empty(shape))
    for i, (array_lat_deg, array_lon_deg) in enumerate(arrays):
        array = np.full(len(lat_deg), array_lon_deg), np.full(len(lat_deg), array_lat_deg)
        to_place_deg, to_array_deg, length_m = _EARTH.inv(*array, lon_deg, lat_deg)
        lines.range_km[:, i] = length_m / 1e3
        lines.bearing_deg[:, i] = to_place_deg
        lines.west_p[:, i] = (1 - np.sin(np.radians(to_array_deg))) / 2
    return lines


@njit(cache=True)
def log_bearings(lines, half_km, measured_deg, sigma_deg, out):  # type: ignore[no-untyped-def]
    """Set the log density of all measured bearings, per degree each, for a source in each square.

    A normal of the measured minus the true bearing, and 2 % that may be anything. A square has the
    half side `half_km`; its width as seen from the array adds to the spread.
    """
    for a in range(len(out)):
        total = 0.0
        spread2_km2 = half_km[a] * half_km[a] * _SQUARE_VARIANCE
        for i in range(len(measured_deg)):
            r = lines.range_km[a, i]
            wide_deg = math.degrees(math.sqrt(spread2_km2 / (r * r + spread2_km2)))
            sd_deg = min(math.sqrt(sigma_deg * sigma_deg + wide_deg * wide_deg), _LEVEL_DEG)
            off_deg = (measured_deg[i] - lines.bearing_deg[a, i] + 180.0) % 360.0 - 180.0
            z = off_deg / sd_deg
            normal = math.exp(-0.5 * z * z) / (sd_deg * math.sqrt(2 * math.pi))
            total += math.log((1 - STRAY_P) * normal + STRAY_P / _TURN_DEG)
        out[a] = total
