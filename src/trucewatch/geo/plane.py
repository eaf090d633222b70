"""A local flat map: azimuthal-equidistant metres around a mission's centre.

Distances from the centre are true. Lengths across the radius come out too long by r^2 / 6 R^2:
0.02 % at 200 km, 0.10 % at 500 km, far below any position error that is combined there. Directions
turn: 500 km east of a centre at 48 degrees north, true north lies 5 degrees off the plane's y axis.
`to_plane` and `to_east_north` turn a covariance by that angle and leave its size alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from pyproj import Transformer

Floats: TypeAlias = NDArray[np.float64]

_WHERE = "local plane"


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariances:
    """One 2 x 2 covariance per point, in square metres, as its three terms of equal shape.

    Attributes:
        xx_m2: Along the first axis (east, or x of the plane).
        xy_m2: Between the axes.
        yy_m2: Along the second axis (north, or y of the plane).
    """

    xx_m2: Floats
    xy_m2: Floats
    yy_m2: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """The flat map around one centre, on the WGS 84 ellipsoid.

    Attributes:
        centre_lat_deg: Latitude of its origin.
        centre_lon_deg: Longitude of its origin.

    Source: azimuthal-equidistant projection as in PROJ (`+proj=aeqd`), Snyder 1987, chapter 25.
    """

    centre_lat_deg: float
    centre_lon_deg: float

    def project(self, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        """Return x and y in metres of WGS 84 degrees, arrays of the same shape.

        Raises:
            BadInput: A coordinate is not finite, or the point has no image (the antipode).
        """
        x_m, y_m = _transformer(self.centre_lat_deg, self.centre_lon_deg).transform(
            lon_deg, lat_deg, direction="FORWARD"
        )
        bad = _not_finite(x_m, y_m)
        if bad:
            raise BadInput(_WHERE, f"{bad} points have no place on it, expected finite degrees")
        return np.asarray(x_m), np.asarray(y_m)

    def unproject(self, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        """Return longitude and latitude in WGS 84 degrees of plane metres.

        Raises:
            BadInput: A coordinate is not finite, or beyond the edge of the map.
        """
        lon_deg, lat_deg = _transformer(self.centre_lat_deg, self.centre_lon_deg).transform(
            x_m, y_m, direction="INVERSE"
        )
        bad = _not_finite(lon_deg, lat_deg)
        if bad:
            raise BadInput(_WHERE, f"{bad} points have no place on it, expected finite metres")
        return np.asarray(lon_deg), np.asarray(lat_deg)

    def convergence_rad(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """Return how far the plane's y axis points clockwise of true north, in radians.

        Spherical (Napier's analogy for the triangle of pole, centre and point), well defined at
        the centre, where it is 0. Within 0.05 degrees of the ellipsoidal value up to 600 km.
        """
        half_lon = np.radians(lon_deg - self.centre_lon_deg) / 2
        sum_half = np.radians(lat_deg + self.centre_lat_deg) / 2
        difference_half = np.radians(lat_deg - self.centre_lat_deg) / 2
        return np.asarray(
            2 * np.arctan(np.tan(half_lon) * np.sin(sum_half) / np.cos(difference_half))
        )

    def to_plane(self, lon_deg: Floats, lat_deg: Floats, east_north: Covariances) -> Covariances:
        """Return east-north covariances at points as covariances along the plane's axes."""
        return _turn(east_north, self.convergence_rad(lon_deg, lat_deg))

    def to_east_north(self, lon_deg: Floats, lat_deg: Floats, plane: Covariances) -> Covariances:
        """Return covariances along the plane's axes as east-north covariances at points."""
        return _turn(plane, -self.convergence_rad(lon_deg, lat_deg))


@lru_cache(maxsize=8)
def _transformer(centre_lat_deg: float, centre_lon_deg: float) -> Transformer:
    from pyproj import Transformer  # here, because reading a configuration need not load it

    plane = (
        f"+proj=aeqd +lat_0={centre_lat_deg!r} +lon_0={centre_lon_deg!r}"
        " +datum=WGS84 +units=m +no_defs"
    )
    return Transformer.from_crs("EPSG:4326", plane, always_xy=True)


def _not_finite(first: Floats, second: Floats) -> int:
    return int(np.count_nonzero(~(np.isfinite(first) & np.isfinite(second))))


def _turn(covariance: Covariances, angle_rad: Floats) -> Covariances:
    """Express the same ellipses along axes that lie `angle_rad` clockwise of the old ones."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    xx, xy, yy = covariance.xx_m2, covariance.xy_m2, covariance.yy_m2
    return Covariances(
        xx_m2=c * c * xx - 2 * c * s * xy + s * s * yy,
        xy_m2=c * s * (xx - yy) + (c * c - s * s) * xy,
        yy_m2=s * s * xx + 2 * c * s * xy + c * c * yy,
    )
