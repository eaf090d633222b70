"""Which part of the ground a map shows, and where a point falls on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from trucewatch.report.material import ZoneOutline

WIDTH = 720
_HEIGHTS = (320, 720)
_M_PER_DEG = 111_195.0  # of a great circle on the mean sphere
_MARGIN = 0.06  # of the larger side, on each side
_REACH = 0.5  # how far beyond the zones incidents may widen the frame, in their larger side
_SIDE_MIN_DEG = 0.1  # about 11 km; a single incident is not blown up further
_WHOLE = (-90.0, 90.0, -180.0, 180.0)
_NOWHERE = (-0.05, 0.05, -0.05, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A piece of the ground on a plane of pixels.

    Attributes:
        south_deg: Southern edge, WGS 84.
        west_deg: Western edge.
        lat_span_deg: Height.
        lon_span_deg: Width.
        height: In pixels; the width is `WIDTH`.
        pixel_m: Size of a pixel at the middle latitude; the same in both directions.
    """

    south_deg: float
    west_deg: float
    lat_span_deg: float
    lon_span_deg: float
    height: int
    pixel_m: float

    def pixel(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """Return (left, top) in pixels; a point outside the frame falls outside the plane."""
        left = (lon_deg - self.west_deg) / self.lon_span_deg * WIDTH
        top = (self.south_deg + self.lat_span_deg - lat_deg) / self.lat_span_deg * self.height
        return left, top

    def holds(self, left: int, top: int) -> bool:
        """Return whether a pixel is on the plane."""
        return 0 <= left <= WIDTH and 0 <= top <= self.height


Box = tuple[float, float, float, float]  # south, north, west, east, in degrees


def frame_of(zones: tuple[ZoneOutline, ...], placed: pl.DataFrame) -> Frame:
    """Return the frame of some zones and incidents.

    With zones, these set the frame, so that it hardly moves from day to day; incidents widen it by
    at most half its larger side. Without, the incidents do.
    """
    seen = _box(placed["lat_deg"].to_list(), placed["lon_deg"].to_list())
    corners = [corner for zone in zones for corner in zone.ring_deg]
    if not corners:
        return _framed(seen or _NOWHERE)
    fixed = _box([lat_deg for _, lat_deg in corners], [lon_deg for lon_deg, _ in corners])
    reach = _widened(fixed or _NOWHERE, _REACH)
    wanted = placed.filter(
        placed["lat_deg"].is_between(reach[0], reach[1])
        & placed["lon_deg"].is_between(reach[2], reach[3])
    )
    lats_deg = [*(lat_deg for _, lat_deg in corners), *wanted["lat_deg"].to_list()]
    lons_deg = [*(lon_deg for lon_deg, _ in corners), *wanted["lon_deg"].to_list()]
    return _framed(_box(lats_deg, lons_deg) or _NOWHERE)


def _box(lats_deg: list[float], lons_deg: list[float]) -> Box | None:
    if not lats_deg:
        return None
    return min(lats_deg), max(lats_deg), min(lons_deg), max(lons_deg)


def _widened(box: Box, ratio: float) -> Box:
    south, north, west, east = box
    shrink = math.cos(math.radians((south + north) / 2))
    more = max(north - south, (east - west) * shrink, _SIDE_MIN_DEG) * ratio
    wide = more / max(shrink, 0.01)
    lowest, highest, leftmost, rightmost = _WHOLE
    return (
        max(south - more, lowest),
        min(north + more, highest),
        max(west - wide, leftmost),
        min(east + wide, rightmost),
    )


def _framed(box: Box) -> Frame:
    """Return the box with its margin, its sides evened until the height is one that fits."""
    south, north, west, east = _widened(box, _MARGIN)
    middle_lat, middle_lon = (south + north) / 2, (west + east) / 2
    shrink = max(math.cos(math.radians(middle_lat)), 0.01)
    tall = max(north - south, _SIDE_MIN_DEG)
    wide = max((east - west) * shrink, _SIDE_MIN_DEG)
    low, high = _HEIGHTS
    tall = max(tall, wide * low / WIDTH)
    wide = max(wide, tall * WIDTH / high)
    return Frame(
        south_deg=middle_lat - tall / 2,
        west_deg=middle_lon - wide / shrink / 2,
        lat_span_deg=tall,
        lon_span_deg=wide / shrink,
        height=round(tall / wide * WIDTH),
        pixel_m=wide * _M_PER_DEG / WIDTH,
    )
