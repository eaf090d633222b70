"""Squares of an equal-area plane, with the geodesics from each to every array.

On this plane a square kilometre is one anywhere on the globe, at the poles and across the 180th
meridian, so that a density per area is a density per area.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from pyproj import Transformer

from trucewatch.fuse.locate.bearing import RANGE_MAX_KM, Floats, Sightlines, sightlines

if TYPE_CHECKING:
    from numpy.typing import NDArray

Place: TypeAlias = tuple[float, float]
"""Latitude and longitude in degrees, WGS 84."""

_FIRST_HALF_KM = 64.0
_NEAR = 0.1
"""Half a first square over its range from the nearest array: as wide as 5 degrees, or nearly."""
_NEAREST_KM = 5.0  # sources nearer to an array are found, but later


class Squares(NamedTuple):
    """Squares of the plane around one centre, one row each.

    Attributes:
        x_km: Centre, to the east.
        y_km: Centre, to the north.
        half_km: Half the side.
        log_density: Log of the posterior density up to a constant; minus infinity until weighed.
        lines: Geodesics from the centre to each array.
    """

    x_km: Floats
    y_km: Floats
    half_km: Floats
    log_density: Floats
    lines: Sightlines


@lru_cache(maxsize=8)
def first_squares(arrays: tuple[Place, ...]) -> Squares:
    """Return the first squares, finer near each array, where places differ most in what is heard.

    They are kept, because the same arrays hear again and again.
    """
    centre = centre_of(arrays)
    n = round(RANGE_MAX_KM / (2 * _FIRST_HALF_KM))
    axis = (2 * np.arange(-n, n) + 1) * _FIRST_HALF_KM
    x_km, y_km = (a.ravel() for a in np.meshgrid(axis, axis, indexing="ij"))
    squares = _surveyed(centre, x_km, y_km, np.full(len(x_km), _FIRST_HALF_KM), arrays)
    while np.any(coarse := _coarse(squares)):
        squares = joined(rows(squares, ~coarse), quartered(centre, rows(squares, coarse), arrays))
    return squares


def _coarse(squares: Squares) -> NDArray[np.bool_]:
    near_km = np.maximum(np.min(squares.lines.range_km, axis=1), _NEAREST_KM)
    return np.asarray(squares.half_km > _NEAR * near_km)


def quartered(centre: Place, squares: Squares, arrays: tuple[Place, ...]) -> Squares:
    """Return the four quarters of every square."""
    quarter_km = squares.half_km / 2
    x_km = np.concatenate([squares.x_km + east * quarter_km for east in (-1, -1, 1, 1)])
    y_km = np.concatenate([squares.y_km + north * quarter_km for north in (-1, 1, -1, 1)])
    return _surveyed(centre, x_km, y_km, np.tile(quarter_km, 4), arrays)


def _surveyed(
    centre: Place,
    x_km: Floats,
    y_km: Floats,
    half_km: Floats,
    arrays: tuple[Place, ...],
) -> Squares:
    lat_deg, lon_deg = unproject(centre, x_km, y_km)
    unknown = np.full(len(x_km), -math.inf)
    return Squares(x_km, y_km, half_km, unknown, sightlines(lat_deg, lon_deg, arrays))


def rows(squares: Squares, which: NDArray[np.bool_] | NDArray[np.intp]) -> Squares:
    """Return some of the squares, by a mask or in the order given."""
    return Squares(
        squares.x_km[which],
        squares.y_km[which],
        squares.half_km[which],
        squares.log_density[which],
        Sightlines(*(column[which] for column in squares.lines)),
    )


def joined(old: Squares, new: Squares) -> Squares:
    """Return both, one after the other."""
    lines = (np.concatenate(pair) for pair in zip(old.lines, new.lines, strict=True))
    return Squares(
        np.concatenate([old.x_km, new.x_km]),
        np.concatenate([old.y_km, new.y_km]),
        np.concatenate([old.half_km, new.half_km]),
        np.concatenate([old.log_density, new.log_density]),
        Sightlines(*lines),
    )


def centre_of(arrays: tuple[Place, ...]) -> tuple[float, float]:
    """Return latitude and longitude in degrees of the mean direction of the arrays."""
    lat, lon = np.radians(np.array(arrays)).T
    x, y, z = np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)
    level = math.hypot(np.sum(x), np.sum(y))
    return (
        math.degrees(math.atan2(np.sum(z), level)),
        math.degrees(math.atan2(np.sum(y), np.sum(x))),
    )


@lru_cache(maxsize=8)
def _transformer(centre: Place) -> Transformer:
    plane = f"+proj=laea +lat_0={centre[0]!r} +lon_0={centre[1]!r} +datum=WGS84 +units=km +no_defs"
    return Transformer.from_crs("EPSG:4326", plane, always_xy=True)


def project(centre: Place, lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """Return x and y in km on the equal-area plane (Snyder 1987, chapter 24)."""
    x_km, y_km = _transformer(centre).transform(lon_deg, lat_deg)
    return float(x_km), float(y_km)


def unproject(centre: Place, x_km: Floats, y_km: Floats) -> tuple[Floats, Floats]:
    """Return latitudes and longitudes of points of the plane."""
    lon_deg, lat_deg = _transformer(centre).transform(x_km, y_km, direction="INVERSE")
    return np.asarray(lat_deg), np.asarray(lon_deg)
