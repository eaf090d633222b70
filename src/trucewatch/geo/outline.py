"""The outline of a zone on the local plane, so fine that its edges stay what they were meant to be.

An edge that is straight in longitude and latitude, or a geodesic, is a curve on the plane. Each is
cut into equal pieces until no piece strays from its curve by more than the tolerance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trucewatch.geo.plane import Plane

    Floats = NDArray[np.float64]
    Way = Callable[[Floats], tuple[Floats, Floats]]

TOLERANCE_M = 1.0
"""How far a drawn edge may lie from the true one, in metres; far below any position error here."""

_CORNERS_MIN = 3
_PIECES_MAX = 4_096  # of one edge; half the globe needs some 3,000 at 1 m


def outline_m(
    polygon: Sequence[tuple[float, float]], *, plane: Plane, geodesic: bool = False
) -> Floats:
    """Return the corners of a zone on the plane, with as many points between them as it takes.

    Args:
        polygon: Corners as (longitude, latitude) in WGS 84 degrees, the first not repeated.
        plane: The local plane; centre it at the zone.
        geodesic: Whether corners are joined by WGS 84 geodesics, not by straight lines in
            longitude and latitude.

    Returns:
        Array (m, 2) of x and y in metres in the order of the corners, the first not repeated. No
        edge strays from the true one by more than `TOLERANCE_M`, measured at the middle of each
        piece.

    Raises:
        BadInput: Fewer than 3 corners, or an edge that would need over 4,096 pieces.
    """
    if len(polygon) < _CORNERS_MIN:
        raise BadInput("zone outline", f"{len(polygon)} corners, must be at least {_CORNERS_MIN}")
    pieces = []
    for first, last in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        way = _geodesic(first, last) if geodesic else _straight(first, last)
        pieces.append(_points_m(way, plane)[:-1])
    return np.concatenate(pieces)


def centre_deg(polygon: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return longitude and latitude of the middle of the smallest box around a polygon, degrees."""
    lons_deg, lats_deg = zip(*polygon, strict=True)
    return (
        (min(lons_deg) + max(lons_deg)) / 2,
        (min(lats_deg) + max(lats_deg)) / 2,
    )


def _points_m(way: Way, plane: Plane) -> Floats:
    """Return points (k + 1, 2) along one edge, both ends included, k a power of two.

    Raises:
        BadInput: The edge would need too many pieces.
    """
    pieces = 1
    while pieces <= _PIECES_MAX:
        lon_deg, lat_deg = way(np.linspace(0.0, 1.0, 2 * pieces + 1))
        points_m = np.column_stack(plane.project(lon_deg, lat_deg))
        ends, middles = points_m[::2], points_m[1::2]
        if _strays_m(ends, middles) <= TOLERANCE_M:
            return ends
        pieces *= 2
    raise BadInput("zone outline", f"an edge needs over {_PIECES_MAX} pieces, must be shorter")


def _strays_m(ends: Floats, middles: Floats) -> float:
    """Return how far the middles lie from the lines between the ends, at most."""
    along, off = np.diff(ends, axis=0), middles - ends[:-1]
    length_m = np.hypot(along[:, 0], along[:, 1])
    cross_m2 = along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]
    apart_m = np.where(length_m > 0, np.abs(cross_m2) / np.maximum(length_m, 1e-300), 0.0)
    return float(apart_m.max())


def _straight(first: tuple[float, float], last: tuple[float, float]) -> Way:
    def way(share: Floats) -> tuple[Floats, Floats]:
        return (
            first[0] + share * (last[0] - first[0]),
            first[1] + share * (last[1] - first[1]),
        )

    return way


def _geodesic(first: tuple[float, float], last: tuple[float, float]) -> Way:
    from pyproj import Geod

    geod = Geod(ellps="WGS84")

    def way(share: Floats) -> tuple[Floats, Floats]:
        bearing_deg, _, length_m = geod.inv(*first, *last)
        lon_deg, lat_deg, _ = geod.fwd(
            np.full_like(share, first[0]),
            np.full_like(share, first[1]),
            np.full_like(share, bearing_deg),
            share * length_m,
        )
        return np.asarray(lon_deg), np.asarray(lat_deg)

    return way
