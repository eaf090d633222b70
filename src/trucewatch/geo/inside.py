"""The chance that something uncertain lies inside a zone: exact, for a Gaussian position error.

A simple polygon is the signed sum of the triangles between the point and each edge. After the
error ellipse is made a unit circle, the chance mass of a triangle whose edge lies at distance d,
seen between the angles a and b from the foot of the perpendicular, is

    (b - a) / 2 pi - (T(d, tan b) - T(d, tan a))

with Owen's function T. Triangles run with or against the outline, so their signs add up to the
polygon. A point on an edge, or on the line of one, has d = 0 there and a triangle of no mass.

Source: D. B. Owen 1956, "Tables for computing bivariate normal probabilities", for T and the mass
of a polygon; A. R. DiDonato and R. K. Hageman 1982, "A method for computing the integral of the
bivariate normal distribution over an arbitrary polygon", for the general idea.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FAR_SIGMA = 9.0  # beyond it lies a mass of exp(-81 / 2) = 3e-18 of the error, 0 in a double
_THINNEST = 1e-12  # share of xx * yy that the determinant must keep to survive rounding
_BLOCK_CELLS = 500_000  # point-edge pairs at once, some 50 MB


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
        corners = _whitened(x_m[some], y_m[some], covariance_m2[some], polygon_m)
        chance_p[some] = np.clip(_mass_p(corners) * _turn(polygon_m), 0.0, 1.0)
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


def _whitened(x_m: Floats, y_m: Floats, covariance_m2: Floats, polygon_m: Floats) -> Floats:
    """Return the corners, (n, m, 2), as seen from each point, its error a unit circle.

    With the Cholesky factor L of the covariance, a corner c is seen at L^-1 (c - point).
    """
    xx, xy, yy = (term[:, None] for term in covariance_m2.T)
    low_xx = np.sqrt(xx)
    low_xy = xy / low_xx
    low_yy = np.sqrt(yy - low_xy * low_xy)
    u = (polygon_m[None, :, 0] - x_m[:, None]) / low_xx
    v = (polygon_m[None, :, 1] - y_m[:, None] - low_xy * u) / low_yy
    return np.stack([u, v], axis=-1)


def _mass_p(corners: Floats) -> Floats:
    """Return the mass (n,) of the unit circular Gaussian inside polygons (n, m, 2).

    It is negative for an outline that runs clockwise.
    """
    after = np.roll(corners, -1, axis=1)
    along = after - corners
    length = np.hypot(along[..., 0], along[..., 1])
    unit = along / np.where(length > 0, length, 1.0)[..., None]
    offset = corners[..., 0] * unit[..., 1] - corners[..., 1] * unit[..., 0]  # signed d
    start = np.einsum("nmi,nmi->nm", corners, unit)  # along the edge, from the foot
    end = np.einsum("nmi,nmi->nm", after, unit)
    wedges = _wedge_p(np.abs(offset), end) - _wedge_p(np.abs(offset), start)
    return np.asarray((np.sign(offset) * wedges).sum(axis=1))


def _wedge_p(offset: Floats, along: Floats) -> Floats:
    """Return the mass of the right triangle from the origin to the foot of an edge and along it."""
    from scipy.special import owens_t

    with np.errstate(over="ignore"):  # an edge seen end on: the slope is infinite, as it should be
        slope = along / np.where(offset > 0, offset, 1.0)
    angle_rad = np.arctan2(along, offset)
    return np.asarray(angle_rad / (2 * np.pi) - owens_t(offset, slope))


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
