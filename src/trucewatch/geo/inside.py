"""The chance that something uncertain lies inside a zone: exact, for a Gaussian position error.

A simple polygon is the signed sum of the triangles between the point and each edge. After the
error ellipse is made a unit circle, the chance mass of a triangle whose edge lies at distance d,
seen between the angles a and b from the foot of the perpendicular, is

    (b - a) / 2 pi - (T(d, tan b) - T(d, tan a))

with Owen's function T. Triangles run with or against the outline, so their signs add up to the
polygon. A point on an edge, or on the line of one, has d = 0 there and a triangle of no mass. Of
an edge that is far off T leaves nothing, so that only its angle is needed.

Source: D. B. Owen 1956, "Tables for computing bivariate normal probabilities", for T and the mass
of a polygon; A. R. DiDonato and R. K. Hageman 1982, "A method for computing the integral of the
bivariate normal distribution over an arbitrary polygon", for the general idea.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FAR_SIGMA = 9.0  # beyond it lies a mass of exp(-81 / 2) = 3e-18 of the error, 0 in a double
_THINNEST = 1e-12  # share of xx * yy that the determinant must keep to survive rounding
_BLOCK_CELLS = 500_000  # point-edge pairs at once, some 30 MB


def inside_p(x_m: Floats, y_m: Floats, covariance_m2: Floats, polygon_m: Floats) -> Floats:
    """Return the chance that each uncertain point lies inside a polygon.

    Exact for a bivariate Gaussian error and a simple polygon, to about 1e-14. Raises `BadInput`
    for a value that is not finite, a covariance that is not positive definite (a correlation
    within 1e-12 of one counts as such) and a polygon of fewer than 3 corners.

    Args:
        x_m: Points on the local plane, shape (n,), metres.
        y_m: The same.
        covariance_m2: Shape (n, 3): xx, xy and yy of each point along the axes of the plane, m^2.
        polygon_m: Corners, shape (m, 2), in either direction of turn, the first not repeated; no
            edge crosses another.

    Returns:
        Shape (n,), each in [0, 1].

    Source: see the top of this module. Checked against rectangles and half planes in closed form,
    and against Monte Carlo, in tests.
    """
    _check(x_m, y_m, covariance_m2, polygon_m)
    xx, xy, yy = covariance_m2.T
    sigma_m = np.sqrt((xx + yy) / 2 + np.hypot((xx - yy) / 2, xy))  # along the major axis
    distance_m = signed_distance_m(x_m, y_m, polygon_m)
    chance_p = (distance_m < 0).astype(np.float64)
    near = np.flatnonzero(np.abs(distance_m) < _FAR_SIGMA * sigma_m)
    block = max(1, _BLOCK_CELLS // len(polygon_m))
    for start in range(0, len(near), block):
        some = near[start : start + block]
        mass_p = _mass_p(x_m[some], y_m[some], covariance_m2[some], polygon_m)
        chance_p[some] = np.clip(mass_p * _turn(polygon_m), 0.0, 1.0)
    return chance_p


def signed_distance_m(x_m: Floats, y_m: Floats, polygon_m: Floats) -> Floats:
    """Return how far each point is from the outline of a polygon, negative inside it.

    Args:
        x_m: Points on the local plane, shape (n,), metres.
        y_m: The same.
        polygon_m: Corners, shape (m, 2), metres, the first not repeated.

    Returns:
        Shape (n,), metres; 0 on the outline.
    """
    import shapely

    area = shapely.Polygon(polygon_m)
    edge = shapely.LinearRing(polygon_m)
    shapely.prepare([area, edge])
    away_m = np.asarray(shapely.distance(edge, shapely.points(x_m, y_m)), dtype=np.float64)
    return np.where(shapely.contains_xy(area, x_m, y_m), -away_m, away_m)


def _mass_p(x_m: Floats, y_m: Floats, covariance_m2: Floats, polygon_m: Floats) -> Floats:
    """Return the mass (n,) of each error inside a polygon, negative when that runs clockwise.

    Owen's function is asked only of edges within `_FAR_SIGMA` of the point.
    """
    turned, wedges = np.empty(len(x_m)), np.empty((4, len(x_m) * len(polygon_m)))
    # of one type and layout each, so that the kernel is compiled but once
    given = (np.ascontiguousarray(a, np.float64) for a in (x_m, y_m, covariance_m2, polygon_m))
    x_m, y_m, covariance_m2, polygon_m = given
    count = _wedges((x_m, y_m, covariance_m2), polygon_m, _FAR_SIGMA, turned, wedges)
    point, offset, start, end = wedges[:, :count]
    triangle_p = _wedge_p(np.abs(offset), end) - _wedge_p(np.abs(offset), start)
    near_p = np.bincount(point.astype(np.intp), np.sign(offset) * triangle_p, len(x_m))
    return np.asarray(turned + near_p)


def _wedge_p(offset: Floats, along: Floats) -> Floats:
    """Return the mass of the right triangle from the origin to the foot of an edge and along it."""
    from scipy.special import owens_t

    with np.errstate(over="ignore"):  # an edge seen end on: the slope is infinite, as it should be
        slope = along / np.where(offset > 0, offset, 1.0)
    angle_rad = np.arctan2(along, offset)
    return np.asarray(angle_rad / (2 * np.pi) - owens_t(offset, slope))


@njit(cache=True, nogil=True)
def _wedges(points, polygon_m, far_sigma, turned, wedges):  # type: ignore[no-untyped-def]
    """Write what each edge means to each point, its error made a unit circle; return how many near.

    With the Cholesky factor L of the covariance, a corner c is seen at L^-1 (c - point). Beyond a
    far edge lies no mass, so that only the angle counts under which it is seen. `turned` gets the
    sum of those, in turns; columns of `wedges` get point, signed distance of the line, and start
    and end along it from the foot of the perpendicular, of each near edge.
    """
    x_m, y_m, covariance_m2 = points
    corners, n = len(polygon_m), 0
    for p in range(len(x_m)):
        low_xx = np.sqrt(covariance_m2[p, 0])
        low_xy = covariance_m2[p, 1] / low_xx
        low_yy = np.sqrt(covariance_m2[p, 2] - low_xy * low_xy)
        first_u = (polygon_m[0, 0] - x_m[p]) / low_xx
        first_v = (polygon_m[0, 1] - y_m[p] - low_xy * first_u) / low_yy
        u, v, angle_rad, rounds, far = first_u, first_v, 0.0, 0, False
        for after in range(1, corners + 1):
            next_u, next_v = first_u, first_v
            if after < corners:
                next_u = (polygon_m[after, 0] - x_m[p]) / low_xx
                next_v = (polygon_m[after, 1] - y_m[p] - low_xy * next_u) / low_yy
            was_far, far = far, _beyond((u, v, next_u, next_v), far_sigma)
            if far != was_far:  # angles between far edges in a row cancel out
                angle_rad += _angle_rad(u, v) * (1.0 if was_far else -1.0)
            if far:
                rounds += _round(u, v, next_u, next_v)
            else:
                n += _near_edge((u, v, next_u, next_v), p, wedges, n)
            u, v = next_u, next_v
        if far:
            angle_rad += _angle_rad(u, v)
        turned[p] = rounds + angle_rad / (2 * np.pi)
    return n


@njit(cache=True, nogil=True)
def _beyond(edge, far_sigma):  # type: ignore[no-untyped-def]
    """Return whether all of an edge is farther than that from the origin."""
    u, v, next_u, next_v = edge
    along_u, along_v = next_u - u, next_v - v
    length2 = along_u * along_u + along_v * along_v
    share = -(u * along_u + v * along_v)
    share = 0.0 if share <= 0.0 else min(share / length2, 1.0)
    near_u, near_v = u + share * along_u, v + share * along_v
    return near_u * near_u + near_v * near_v > far_sigma * far_sigma


@njit(cache=True, nogil=True)
def _near_edge(edge, p, wedges, n):  # type: ignore[no-untyped-def]
    """Write the wedge of an edge; return 1, or 0 for an edge of no length."""
    u, v, next_u, next_v = edge
    along_u, along_v = next_u - u, next_v - v
    length = np.hypot(along_u, along_v)
    if length == 0.0:
        return 0
    along_u, along_v = along_u / length, along_v / length
    wedges[0, n] = p
    wedges[1, n] = u * along_v - v * along_u
    wedges[2, n] = u * along_u + v * along_v
    wedges[3, n] = next_u * along_u + next_v * along_v
    return 1


@njit(cache=True, nogil=True)
def _angle_rad(u, v):  # type: ignore[no-untyped-def]
    """Return the direction of a corner, -pi (left out) to pi; -0 counts as 0, as in `_round`."""
    return np.arctan2(v + 0.0, u)


@njit(cache=True, nogil=True)
def _round(u, v, next_u, next_v):  # type: ignore[no-untyped-def]
    """Return 1 when a far edge jumps from pi to -pi, -1 when it jumps back, else 0.

    Where it does, no two terms cancel out, so that rounding changes no sign.
    """
    above, next_above = v >= 0.0, next_v >= 0.0
    if above == next_above:
        return 0
    turn = u * next_v - v * next_u
    if above:
        return 1 if turn > 0.0 else 0
    return -1 if turn < 0.0 else 0


def _turn(polygon_m: Floats) -> float:
    """Return 1 when the outline runs counter-clockwise, else -1."""
    x_m, y_m = (polygon_m - polygon_m[0]).T
    return float(np.sign(np.sum(x_m * np.roll(y_m, -1) - np.roll(x_m, -1) * y_m)))


def _check(x_m: Floats, y_m: Floats, covariance_m2: Floats, polygon_m: Floats) -> None:
    """Refuse what has no answer.

    Raises:
        BadInput: See `inside_p`.
    """
    where = "chance of being inside"
    if polygon_m.ndim != 2 or polygon_m.shape[0] < 3 or polygon_m.shape[1] != 2:  # noqa: PLR2004
        raise BadInput(where, f"polygon has shape {polygon_m.shape}, must be (3 or more, 2)")
    if covariance_m2.shape != (len(x_m), 3) or x_m.shape != y_m.shape:
        problem = f"covariance has shape {covariance_m2.shape}, must be ({len(x_m)}, 3)"
        raise BadInput(where, problem)
    for values in (x_m, y_m, covariance_m2, polygon_m):
        if not np.isfinite(values).all():
            raise BadInput(where, "a coordinate or covariance is not finite, must be a number")
    xx, xy, yy = covariance_m2.T
    bad = np.flatnonzero(~((xx > 0) & (yy > 0) & (xx * yy - xy * xy > _THINNEST * xx * yy)))
    if len(bad):
        problem = f"covariance {covariance_m2[bad[0]].tolist()} m^2 of point {bad[0]}"
        raise BadInput(where, f"{problem} is no error ellipse, must be positive definite")
