"""What a map shows: a box of Web Mercator fitted into a size, and what a pixel is on the ground.

Web Mercator (EPSG:3857) keeps angles, so a small circle stays one; lengths grow by 1 / cos of the
latitude, which is taken back wherever metres become pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Px: TypeAlias = float
"""Pixels from the upper left, or a length in pixels."""

BoxDeg: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north; WGS 84 degrees."""

RADIUS_M = 6_378_137.0
"""Of the sphere of EPSG:3857, the equatorial radius of WGS 84."""
_LAT_MAX_DEG = 85.0
_LON_MAX_DEG = 180.0
_SPAN_MIN_RAD = 2e-5  # some 100 m: nothing is known finer
_PAD = 0.04  # of the span, so that no mark stands on the edge
_SCALE_PX = 120  # longest scale bar
_LINES = 6  # meridians in a map, about
_STEPS_DEG = (30.0, 10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)


def mercator_rad(lat_deg: Floats) -> Floats:
    """Return the northing of latitudes on a sphere of radius 1."""
    return np.asarray(np.arctanh(np.sin(np.radians(lat_deg))))


def _north_rad(lat_deg: float) -> float:
    return math.atanh(math.sin(math.radians(max(-_LAT_MAX_DEG, min(_LAT_MAX_DEG, lat_deg)))))


def _lat_deg(north_rad: float) -> float:
    return math.degrees(math.asin(math.tanh(north_rad)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One map; make it with `fit`.

    Attributes:
        west_rad: Left edge on a sphere of radius 1.
        north_rad: Upper edge, likewise.
        px_per_rad_ratio: Pixels for one unit of that sphere.
        width_px: Whole pixels across.
        height_px: Whole pixels down.
    """

    west_rad: float
    north_rad: float
    px_per_rad_ratio: float
    width_px: int
    height_px: int

    @classmethod
    def fit(cls, box_deg: BoxDeg, size_px: tuple[int, int]) -> Frame:
        """Return the map of a size that holds a box in its middle, as large as it can be.

        Raises:
            BadInput: The box is turned round or lies off the map.
        """
        west_deg, south_deg, east_deg, north_deg = box_deg
        if not (west_deg <= east_deg and south_deg <= north_deg):
            raise BadInput("box", f"is {box_deg}, expected west below east and south below north")
        if abs(south_deg) > _LAT_MAX_DEG or abs(north_deg) > _LAT_MAX_DEG:
            raise BadInput("box", f"latitudes must be -{_LAT_MAX_DEG:g} to {_LAT_MAX_DEG:g}")
        west, east = math.radians(west_deg), math.radians(east_deg)
        south, north = _north_rad(south_deg), _north_rad(north_deg)
        across, down = max(east - west, _SPAN_MIN_RAD), max(north - south, _SPAN_MIN_RAD)
        scale = min(size_px[0] / across, size_px[1] / down)
        return cls(
            west_rad=(west + east) / 2 - size_px[0] / scale / 2,
            north_rad=(south + north) / 2 + size_px[1] / scale / 2,
            px_per_rad_ratio=scale,
            width_px=size_px[0],
            height_px=size_px[1],
        )

    @property
    def east_rad(self) -> float:
        """Right edge."""
        return self.west_rad + self.width_px / self.px_per_rad_ratio

    @property
    def south_rad(self) -> float:
        """Lower edge."""
        return self.north_rad - self.height_px / self.px_per_rad_ratio

    @property
    def box_deg(self) -> BoxDeg:
        """What it shows, cut to the map of the world."""
        edges = math.degrees(self.west_rad), math.degrees(self.east_rad)
        west_deg, east_deg = (max(-_LON_MAX_DEG, min(_LON_MAX_DEG, edge)) for edge in edges)
        ends = _lat_deg(self.south_rad), _lat_deg(self.north_rad)
        south_deg, north_deg = (max(-_LAT_MAX_DEG, min(_LAT_MAX_DEG, end)) for end in ends)
        return west_deg, south_deg, east_deg, north_deg

    def px(self, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        """Return points in pixels from the upper left, arrays of the same shape."""
        x_px = (np.radians(lon_deg) - self.west_rad) * self.px_per_rad_ratio
        y_px = (self.north_rad - mercator_rad(lat_deg)) * self.px_per_rad_ratio
        return np.asarray(x_px), np.asarray(y_px)

    def ring_px(self, ring_deg: Floats) -> Floats:
        """Return points (n, 2) of longitude and latitude in pixels."""
        return np.column_stack(self.px(ring_deg[:, 0], ring_deg[:, 1]))

    def px_per_m(self, lat_deg: Floats | float) -> Floats:
        """Return how many pixels one metre on the ground is there."""
        return np.asarray(self.px_per_rad_ratio / RADIUS_M / np.cos(np.radians(lat_deg)))

    @property
    def m_per_px_ratio(self) -> float:
        """Metres on the ground of one pixel in the middle."""
        middle_deg = _lat_deg((self.north_rad + self.south_rad) / 2)
        return float(1 / self.px_per_m(middle_deg))

    def inside(self, x_px: Floats, y_px: Floats) -> NDArray[np.bool_]:
        """Return which points it shows."""
        across = (x_px >= 0) & (x_px <= self.width_px)
        return np.asarray(across & (y_px >= 0) & (y_px <= self.height_px))

    def around(self, x_px: Px, y_px: Px, half_px: Px) -> BoxDeg:
        """Return the box of a square around a point."""
        scale = self.px_per_rad_ratio
        west, east = (self.west_rad + (x_px + side * half_px) / scale for side in (-1, 1))
        south, north = (self.north_rad - (y_px + side * half_px) / scale for side in (1, -1))
        return math.degrees(west), _lat_deg(south), math.degrees(east), _lat_deg(north)

    def zoomed(self, ratio: float) -> BoxDeg:
        """Return the box of a map around the same middle, `ratio` times as wide."""
        half_px = self.width_px * ratio / 2, self.height_px * ratio / 2
        scale = self.px_per_rad_ratio
        across = self.west_rad + self.width_px / scale / 2
        up = self.north_rad - self.height_px / scale / 2
        made = (
            max(-_LON_MAX_DEG, math.degrees(across - half_px[0] / scale)),
            max(-_LAT_MAX_DEG, _lat_deg(up - half_px[1] / scale)),
            min(_LON_MAX_DEG, math.degrees(across + half_px[0] / scale)),
            min(_LAT_MAX_DEG, _lat_deg(up + half_px[1] / scale)),
        )
        return made if made[0] < made[2] and made[1] < made[3] else self.box_deg

    def scale_bar(self) -> tuple[int, float]:
        """Return a round length in metres and the pixels that it is long."""
        most_m = _SCALE_PX * self.m_per_px_ratio
        power = 10 ** math.floor(math.log10(most_m))
        round_m = max(step * power for step in (1, 2, 5) if step * power <= most_m)
        return max(1, round(round_m)), round_m / self.m_per_px_ratio

    def graticule(self) -> tuple[Floats, Floats]:
        """Return longitudes and latitudes, degrees, of the lines to draw."""
        west_deg, south_deg, east_deg, north_deg = self.box_deg
        wished_deg = (east_deg - west_deg) / _LINES
        step_deg = min(_STEPS_DEG, key=lambda step: abs(math.log(step / max(wished_deg, 1e-9))))
        return tuple(  # type: ignore[return-value]
            np.arange(math.ceil(low / step_deg), math.floor(high / step_deg) + 1) * step_deg
            for low, high in ((west_deg, east_deg), (south_deg, north_deg))
        )


def padded(box_deg: BoxDeg) -> BoxDeg:
    """Return the box with a little ground around it."""
    west_deg, south_deg, east_deg, north_deg = box_deg
    across_deg = max((east_deg - west_deg) * _PAD, 0.01)
    up_deg = max((north_deg - south_deg) * _PAD, 0.01)
    return (
        max(-_LON_MAX_DEG, west_deg - across_deg),
        max(-_LAT_MAX_DEG, south_deg - up_deg),
        min(_LON_MAX_DEG, east_deg + across_deg),
        min(_LAT_MAX_DEG, north_deg + up_deg),
    )
