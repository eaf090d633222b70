"""Belts along a line, discs around a point, and how far something is from a line.

Drawn on the local plane in the middle of the line. Lengths across its radius come out too long by
r^2 / 6 R^2, so a belt r from that middle is too narrow by that share: 0.02 % at 200 km, 0.10 % at
500 km (15 m of 15 km). Round corners and new edges add `TOLERANCE_M` at most.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from trucewatch.errors import BadInput
from trucewatch.geo.area import Area
from trucewatch.geo.outline import centre_deg
from trucewatch.geo.plane import Plane

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import shapely
    from numpy.typing import NDArray

    from trucewatch.geo.plane import Covariances

    Floats = NDArray[np.float64]

TOLERANCE_M = 0.5
"""How far an arc, or a long edge bent by the projection, may be from what is drawn, in metres."""
REACH_MAX_M = 1_000_000.0
"""A line may reach so far from its middle; a belt there is too narrow by 0.4 %."""
_PIECE_M = 1_000.0  # a straight piece so long strays by 0.02 tan(latitude) m on the plane
_EDGE_M = 500.0  # edges of an area are cut to it; each then strays by 0.005 tan(latitude) m
_SNAP_M = 0.1  # corners are rounded to it: none comes nearer to an edge than that strays
_FINE_M = 0.001  # the same while a belt is put together
_BEYOND_M = 1.0
_POINTS_MIN = 2
_WHERE = "line"


class Line(NamedTuple):
    """A line on the plane in its middle; see `line`.

    Attributes:
        plane: The plane.
        points_m: Points in order, shape (m, 2), none equal to the one before it.
    """

    plane: Plane
    points_m: Floats


def line(points: Sequence[tuple[float, float]], *, geodesic: bool = False) -> Line:
    """Return a line on the plane in its middle, with points between where it bends there.

    Args:
        points: Longitude and latitude in WGS 84 degrees, in order; left and right follow from it.
        geodesic: Whether points are joined by geodesics, not straight in longitude and latitude.

    Raises:
        BadInput: Fewer than 2 points, two alike in a row, one off the globe, a reach of more than
            1,000 km from the middle, or a line that crosses or touches itself.
    """
    import shapely

    given = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    if len(given) < _POINTS_MIN:
        raise BadInput(_WHERE, f"{len(given)} points, must be at least {_POINTS_MIN}")
    if not (np.abs(given) <= (180.0, 90.0)).all():
        raise BadInput(_WHERE, "a point is off the globe, must be on it")
    if (np.diff(given, axis=0) == 0).all(axis=1).any():
        raise BadInput(_WHERE, "a point is repeated, must be another place")
    lon_deg, lat_deg = centre_deg([(float(x), float(y)) for x, y in given])
    plane = Plane(centre_lon_deg=lon_deg, centre_lat_deg=lat_deg)
    fine = np.concatenate([*_between(given, geodesic=geodesic), given[-1:]])
    points_m = np.column_stack(plane.project(fine[:, 0], fine[:, 1]))
    reach_m = float(np.hypot(*points_m.T).max())
    if reach_m > REACH_MAX_M:
        problem = f"reaches {reach_m / 1e3:.0f} km from its middle"
        raise BadInput(_WHERE, f"{problem}, must be at most {REACH_MAX_M / 1e3:.0f} km")
    if not shapely.LineString(points_m).is_simple:
        raise BadInput(_WHERE, "meets itself, must not")
    return Line(plane, points_m)


def belt(
    points: Sequence[tuple[float, float]],
    *,
    left_m: float,
    right_m: float,
    geodesic: bool = False,
) -> Area:
    """Return what lies within some distance of a line, to its left and to its right.

    Ends are flat: across the first and the last piece. Joins are round.

    Args:
        points: See `line`.
        left_m: Width to the left of the line in the order of its points, metres; 0 for none.
        right_m: Width to the right.
        geodesic: See `line`.

    Raises:
        BadInput: See `line`; both widths are 0 or one is no length; or, with two different widths,
            the line ends within one of them of another part of itself, so that left and right of it
            are no longer told apart.
    """
    import shapely

    widths_m = (left_m, right_m)
    if not (all(math.isfinite(w) and w >= 0 for w in widths_m) and any(widths_m)):
        raise BadInput("belt", f"widths are {left_m} and {right_m} m, must be 0 or more, one above")
    along = line(points, geodesic=geodesic)
    if left_m == right_m:
        shape = _around(along.points_m, left_m)
    else:
        sides = ((left_m, 1), (right_m, -1))
        shape = shapely.union_all([_half(along.points_m, w, s) for w, s in sides if w > 0])
    return _area(shape, along.plane)


def disc(lon_deg: float, lat_deg: float, radius_m: float) -> Area:
    """Return the area within a distance of a point, along geodesics.

    Raises:
        BadInput: The radius is not above 0 and at most 1,000 km, or the disc is no simple area (it
            holds a pole or crosses the 180th meridian).
    """
    import shapely

    if not 0 < radius_m <= REACH_MAX_M:
        raise BadInput("disc", f"radius is {radius_m} m, must be above 0 and at most 1,000 km")
    plane = Plane(centre_lon_deg=lon_deg, centre_lat_deg=lat_deg)
    # quarter by quarter, so that it leans to no side: an odd number of edges would
    quarters = [(turn * math.pi / 2, (turn + 1) * math.pi / 2) for turn in range(4)]
    circle = np.concatenate([_arc(np.zeros(2), radius_m, ends)[:-1] for ends in quarters])
    return _area(shapely.Polygon(circle), plane)


def distance_to_line(
    lon_deg: Floats, lat_deg: Floats, covariance: Covariances, along: Line
) -> tuple[Floats, Floats]:
    """Return how far points are from a line, and how sure that is.

    Args:
        lon_deg: Points, shape (n,), WGS 84 degrees.
        lat_deg: The same.
        covariance: Of their errors, east and north at the points, each term of shape (n,).
        along: The line.

    Returns:
        Distance in metres, positive on the left of the line in the order of its points, and the
        standard deviation in metres of the error towards the nearest point of the line; both (n,).
    """
    x_m, y_m = along.plane.project(lon_deg, lat_deg)
    distance_m, across = _nearest(x_m, y_m, np.ascontiguousarray(along.points_m))
    turned = along.plane.to_plane(lon_deg, lat_deg, covariance)
    u, v = across[:, 0], across[:, 1]
    variance_m2 = u * u * turned.xx_m2 + 2 * u * v * turned.xy_m2 + v * v * turned.yy_m2
    return distance_m, np.sqrt(variance_m2)


def below_p(distance_m: Floats, sigma_m: Floats, limit_m: float) -> Floats:
    """Return the chance that a true distance is below a limit, shape (n,).

    Phi((limit - distance) / sigma): exact where the line is straight over several sigma, and the
    limit is not small beside them. Elsewhere the chance of being in a `belt` is exact.

    Example:
        >>> below_p(np.array([14_600.0]), np.array([1_000.0]), 15_000.0).round(3)
        array([0.655])
    """
    from scipy.special import ndtr

    return np.asarray(ndtr((limit_m - distance_m) / sigma_m))


def _between(given: Floats, *, geodesic: bool) -> Iterator[Floats]:
    """Yield points (k, 2) of each leg, the last one left out, so that pieces are short."""
    from pyproj import Geod

    earth = Geod(ellps="WGS84")
    for first, last in pairwise(given):
        bearing_deg, _, length_m = earth.inv(*first, *last)
        share = np.arange(pieces := max(1, math.ceil(length_m / _PIECE_M))) / pieces
        if geodesic:
            x_deg, y_deg, turn_deg = (np.full(pieces, v) for v in (*first, bearing_deg))
            lon_deg, lat_deg, _ = earth.fwd(x_deg, y_deg, turn_deg, share * length_m)
            yield np.column_stack([lon_deg, lat_deg])
        else:
            yield first + share[:, None] * (last - first)


def _around(points_m: Floats, width_m: float) -> shapely.Geometry:
    """Return what lies within a width of a line, both sides, with flat ends.

    The union of a rectangle for each piece and a sector at each bend; the buffer of a library
    simplifies the line by up to 1 % of the width first.
    """
    import shapely

    along = np.diff(points_m, axis=0)
    bearing_rad = np.arctan2(along[:, 1], along[:, 0])
    across = width_m * np.column_stack([-np.sin(bearing_rad), np.cos(bearing_rad)])
    start, end = points_m[:-1], points_m[1:]
    corners = np.stack([start - across, end - across, end + across, start + across], axis=1)
    turn_rad = np.angle(np.exp(1j * np.diff(bearing_rad)))
    sectors = [
        shapely.Polygon([at, *_arc(at, width_m, (before - out, before - out + by))])
        for at, before, by in zip(points_m[1:-1], bearing_rad[:-1], turn_rad, strict=True)
        for out in [math.copysign(math.pi / 2, by)]
        if abs(by) * width_m > _FINE_M
    ]
    return shapely.union_all([*shapely.polygons(corners), *sectors], grid_size=_FINE_M)


def _arc(centre_m: Floats, radius_m: float, ends_rad: tuple[float, float]) -> list[Floats]:
    """Return points on an arc, its ends among them, whose chords stray by less than tolerated."""
    first_rad, last_rad = ends_rad
    step_rad = 2 * math.acos(max(0.0, 1 - TOLERANCE_M / radius_m))
    pieces = max(1, math.ceil(abs(last_rad - first_rad) / step_rad))
    angle_rad = np.linspace(first_rad, last_rad, pieces + 1)
    return list(centre_m + radius_m * np.column_stack([np.cos(angle_rad), np.sin(angle_rad)]))


def _half(points_m: Floats, width_m: float, side: int) -> shapely.Geometry:
    """Return the part of `_around` on the left (1) or the right (-1) of the line.

    Raises:
        BadInput: An end of the line is not on the outline.
    """
    import shapely

    whole = _around(points_m, width_m)
    ends = []
    for first, second in ((points_m[0], points_m[1]), (points_m[-1], points_m[-2])):
        beyond = (first - second) / np.hypot(*(first - second))
        ends.append(first + _BEYOND_M * beyond)
        if shapely.contains_xy(whole, *ends[-1]):
            problem = f"line ends within {width_m:g} m of another part of itself"
            raise BadInput("belt", f"{problem}, must not when its sides differ")
    cut = shapely.LineString([ends[0], *points_m, ends[1]])
    noded = shapely.union_all([whole.boundary, cut], grid_size=_FINE_M)
    parts = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    spots = shapely.get_coordinates(shapely.point_on_surface(parts))
    distance_m, _ = _nearest(spots[:, 0].copy(), spots[:, 1].copy(), points_m)
    held = (distance_m * side > 0) & shapely.contains_xy(whole, spots[:, 0], spots[:, 1])
    return shapely.union_all(parts[held])


def _area(shape: shapely.Geometry, plane: Plane) -> Area:
    """Return a shape on the plane as an area, its long edges cut so that they stay straight."""
    import shapely

    short = shapely.set_precision(shapely.segmentize(shape, _EDGE_M), _SNAP_M)
    shown = shapely.transform(
        short, lambda points_m: np.column_stack(plane.unproject(points_m[:, 0], points_m[:, 1]))
    )
    return Area.of_shape(shown)


@njit(cache=True)
def _nearest(x_m, y_m, points_m):  # type: ignore[no-untyped-def]
    """Return signed distances to a line, (n,), and directions to its nearest points, (n, 2)."""
    distance_m, across = np.empty(len(x_m)), np.empty((len(x_m), 2))
    for i in range(len(x_m)):
        least, piece, share = np.inf, 0, 0.0
        for k in range(len(points_m) - 1):
            ax, ay = points_m[k, 0], points_m[k, 1]
            run, rise = points_m[k + 1, 0] - ax, points_m[k + 1, 1] - ay
            along = ((x_m[i] - ax) * run + (y_m[i] - ay) * rise) / (run * run + rise * rise)
            along = min(max(along, 0.0), 1.0)
            off = math.hypot(x_m[i] - ax - along * run, y_m[i] - ay - along * rise)
            if off < least:
                least, piece, share = off, k, along
        left, u, v = _side(points_m, piece, share, x_m[i], y_m[i])
        distance_m[i], across[i, 0], across[i, 1] = left * least, u, v
    return distance_m, across


@njit(cache=True)
def _side(points_m, k, share, x, y):  # type: ignore[no-untyped-def]
    """Return 1 or -1 for left or right of a line, and the unit way from its nearest point."""
    ax, ay = points_m[k, 0], points_m[k, 1]
    run, rise = points_m[k + 1, 0] - ax, points_m[k + 1, 1] - ay
    length = math.hypot(run, rise)
    turn = run * (y - ay) - rise * (x - ax)
    corner = k if share == 0.0 else k + 1
    if share in (0.0, 1.0) and 0 < corner < len(points_m) - 1:  # at a bend: outside of it
        before, at, after = points_m[corner - 1], points_m[corner], points_m[corner + 1]
        bend = (at[0] - before[0]) * (after[1] - at[1]) - (at[1] - before[1]) * (after[0] - at[0])
        turn = -bend if bend != 0.0 else turn
    left = 1.0 if turn >= 0.0 else -1.0
    u, v = x - ax - share * run, y - ay - share * rise
    off = math.hypot(u, v)
    if off == 0.0 or 0.0 < share < 1.0:
        return left, -rise / length, run / length
    return left, u / off, v / off
