"""When each satellite passes over the ground, and how large its pixels then are.

Circular sun-synchronous orbits with the period of the real satellites. The sub-satellite point at
the latitude of the ground has a fixed local solar time on its way north and another on its way
south, so its longitude follows from the time of day alone.

Source: VIIRS flies at 829 km with 227 orbits in 16 days and an ascending node at 13:30; the sensor
scans 56.06 degrees to each side and joins 3, 2 or 1 samples to a pixel, with steps at 31.59 and
44.68 degrees (VIIRS imagery band geolocation and active fire product documents, NASA and NOAA).
Checked in tests against their sizes at nadir (0.37 x 0.39 km) and edge (0.80 x 0.79 km).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.simulate.parts.acts import DAY_S

if TYPE_CHECKING:
    from trucewatch.simulate.parts.ground import Floats, Ground

PERIOD_S = 16 * DAY_S / 227
NODES_S = {"N21": 0.0, "SNPP": 34 * 60.0, "N20": 53 * 60.0}  # gaps as seen in June 2026
_NODE_LOCAL_H = 13.5
_INCLINATION_RAD = np.deg2rad(98.7)
_EARTH_KM = 6_371.0
_HEIGHT_KM = 829.0
_SCAN_MAX_RAD = np.deg2rad(56.06)
_ZONES_RAD = np.deg2rad([31.59, 44.68])
_SAMPLE_RAD = 0.371 / _HEIGHT_KM / 3  # at nadir three samples make 371 m
_TRACK_KM = 0.388
_DEGREES_PER_HOUR = 15.0


def passes(ground: Ground, *, days: int) -> pl.DataFrame:
    """Return every pass of every satellite that sees the centre of the ground.

    The world must start at midnight UTC. Nothing is random here.

    Returns:
        `satellite`, `time_s`, `ascending`, `scan_km`, `track_km`, `tilt_rad` (from east to the
        scan direction, anticlockwise), by time. Pixels are taken to have one size over the whole
        ground, which is small against the 3,000 km swath.
    """
    tables = [
        _passes_of(ground, days=days, satellite=satellite, ascending=ascending)
        for satellite in NODES_S
        for ascending in (True, False)
    ]
    return pl.concat(tables).sort("time_s", "satellite")


def pixel_km(scan_rad: Floats) -> tuple[Floats, Floats]:
    """Return the size of a pixel along the scan and along the track, from the scan angle."""
    reach = (_EARTH_KM + _HEIGHT_KM) / _EARTH_KM
    incidence_rad = np.arcsin(reach * np.sin(scan_rad))
    samples = 3 - (scan_rad[:, None] > _ZONES_RAD).sum(axis=1)
    per_rad_km = _EARTH_KM * (reach * np.cos(scan_rad) / np.cos(incidence_rad) - 1)
    range_km = np.hypot(
        _EARTH_KM * np.sin(incidence_rad - scan_rad),
        _EARTH_KM + _HEIGHT_KM - _EARTH_KM * np.cos(incidence_rad - scan_rad),
    )
    return samples * _SAMPLE_RAD * per_rad_km, _TRACK_KM * range_km / _HEIGHT_KM


def _passes_of(ground: Ground, *, days: int, satellite: str, ascending: bool) -> pl.DataFrame:
    lat_rad = np.deg2rad(ground.centre_lat_deg)
    climb_rad = np.arcsin(np.sin(lat_rad) / np.sin(_INCLINATION_RAD))
    along_rad = climb_rad if ascending else np.pi - climb_rad
    orbits = np.arange(-1, int(days * DAY_S / PERIOD_S) + 1)
    time_s = NODES_S[satellite] + PERIOD_S * (orbits + along_rad / (2 * np.pi))
    turn_rad = np.arctan2(np.cos(_INCLINATION_RAD) * np.sin(along_rad), np.cos(along_rad))
    local_h = _NODE_LOCAL_H + np.rad2deg(turn_rad) / _DEGREES_PER_HOUR
    lon_deg = _DEGREES_PER_HOUR * (local_h - time_s / 3600)
    apart_deg = np.mod(ground.centre_lon_deg - lon_deg + 180, 360) - 180

    tilt_rad = np.arcsin(np.cos(_INCLINATION_RAD) / np.cos(lat_rad))  # of the track from north
    across_rad = np.abs(np.deg2rad(apart_deg)) * np.cos(lat_rad) * np.cos(tilt_rad)
    scan_rad = np.arctan2(
        _EARTH_KM * np.sin(across_rad), _EARTH_KM + _HEIGHT_KM - _EARTH_KM * np.cos(across_rad)
    )
    horizon_rad = np.arccos(_EARTH_KM / (_EARTH_KM + _HEIGHT_KM))
    seen = (across_rad < horizon_rad) & (scan_rad < _SCAN_MAX_RAD)
    seen &= (time_s >= 0) & (time_s < days * DAY_S)
    scan_km, track_km = pixel_km(scan_rad[seen])
    count = int(seen.sum())
    return pl.DataFrame(
        {
            "satellite": [satellite] * count,
            "time_s": time_s[seen],
            "ascending": [ascending] * count,
            "scan_km": scan_km,
            "track_km": track_km,
            "tilt_rad": np.full(count, -tilt_rad if ascending else tilt_rad),
        }
    )
