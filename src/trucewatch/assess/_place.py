"""How likely something uncertain lies inside a zone of any shape."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.agreement.zone import Disc, Edges, Zone
from trucewatch.assess._trace import DECIMALS
from trucewatch.geo.area import Area, union
from trucewatch.geo.belt import belt, disc
from trucewatch.geo.plane import Covariances, Plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.agreement.version import Version

    Floats = NDArray[np.float64]

PLACE = ("lon_deg", "lat_deg", "cov_ee_m2", "cov_en_m2", "cov_nn_m2")
"""Columns of a place and its error."""

_AREAS_KEPT = 256  # areas of zones and of windows; one has some thousand corners at most
_FAR_SIGMA = 5.4  # beyond it lies a mass of exp(-5.4^2 / 2) = 4.7e-7, which is rounded to 0
_RADIUS_M = 6_300_000.0  # less than any radius of the earth, so that what is far is farther
_SLACK = 0.99  # the plane and the sphere stretch lengths by less than 1 %


class Shape(NamedTuple):
    """What a zone looks like: all that its area follows from.

    Attributes:
        polygon: Corners, longitude and latitude; or empty.
        geodesic: Whether they are joined by geodesics.
        belts: Points of the line, whether they are joined by geodesics, width left and right.
        discs: Surroundings of places.
    """

    polygon: tuple[tuple[float, float], ...]
    geodesic: bool
    belts: tuple[tuple[tuple[tuple[float, float], ...], bool, float, float], ...]
    discs: tuple[Disc, ...]


def shape_of(version: Version, zone: Zone) -> Shape:
    """Return what a zone of a version looks like; belts take their line from the version.

    Raises `NotFound` when a belt names a line that the agreement has not.
    """
    belts = []
    for each in zone.belts:
        line = version.agreement.line(each.line)
        geodesic = line.edges is Edges.GEODESIC
        belts.append((line.points, geodesic, each.left_m, each.right_m))
    return Shape(zone.polygon, zone.edges is Edges.GEODESIC, tuple(belts), zone.discs)


def zone_area(version: Version, zone: Zone) -> Area:
    """Return the ground that a zone covers; its heights and its validity are not looked at.

    Raises `BadInput` for a shape that has no area; see `geo.area` and `geo.belt`.
    """
    return area_of(shape_of(version, zone))


@lru_cache(maxsize=_AREAS_KEPT)
def area_of(shape: Shape) -> Area:
    """Return the area of a shape."""
    parts = [
        belt(points, left_m=left_m, right_m=right_m, geodesic=geodesic)
        for points, geodesic, left_m, right_m in shape.belts
    ]
    parts += [disc(each.lon_deg, each.lat_deg, each.radius_m) for each in shape.discs]
    if shape.polygon:
        parts.append(
            Area.of_geodesics(shape.polygon) if shape.geodesic else Area.of([shape.polygon])
        )
    return parts[0] if len(parts) == 1 else union(parts)


def points_inside_p(points: pl.DataFrame, version: Version, zone: Zone) -> pl.Series:
    """Return P(inside the zone) of each point, given its position error.

    Args:
        points: With the columns of `PLACE`.
        version: The version that the zone is in.
        zone: The zone; its validity in time and its heights are not looked at.

    Returns:
        Float64 named `inside_p`, in the order of the points, rounded to `DECIMALS`; null where a
        point has no position.
    """
    return area_inside_p(points, zone_area(version, zone))


def area_inside_p(points: pl.DataFrame, area: Area) -> pl.Series:
    """Return P(inside the area) of each point; see `points_inside_p`.

    The error is taken as Gaussian on a local plane centred at the area. That plane stretches
    lengths across its radius by 0.02 % at 200 km and 0.7 % at 1300 km, far less than any position
    error is known.

    Raises `BadInput` for a covariance that is no error ellipse.
    """
    rows = points.select(PLACE).with_row_index("place")
    known = rows.drop_nulls()
    chance = np.full(len(rows), np.nan)
    if len(known):
        chance[known["place"].to_numpy()] = _inside_p(known.select(PLACE).to_numpy(), area)
    return pl.Series("inside_p", chance.round(DECIMALS), dtype=pl.Float64).fill_nan(None)


def _inside_p(points: Floats, area: Area) -> Floats:
    """Return P(inside) of points, shape (n, 5) in the order of `PLACE`."""
    box = _box(area)
    found = np.zeros(len(points))
    near = np.flatnonzero(~_surely_far(points, box))
    if len(near):
        lon_deg, lat_deg, ee, en, nn = np.ascontiguousarray(points[near].T)
        west, south, east, north = box
        plane = Plane(centre_lat_deg=(south + north) / 2, centre_lon_deg=(west + east) / 2)
        x_m, y_m = plane.project(lon_deg, lat_deg)
        turned = plane.to_plane(lon_deg, lat_deg, Covariances(xx_m2=ee, xy_m2=en, yy_m2=nn))
        covariance_m2 = np.column_stack([turned.xx_m2, turned.xy_m2, turned.yy_m2])
        distance_m = area.signed_distance_m(x_m, y_m, plane)
        found[near] = distance_m < 0
        sure = _far(np.abs(distance_m), ee, en, nn)
        some = near[~sure]
        found[some] = area.inside_p(x_m[~sure], y_m[~sure], covariance_m2[~sure], plane)
    return found


def _box(area: Area) -> tuple[float, float, float, float]:
    """Return the west, south, east and north ends of an area, degrees."""
    corners = np.concatenate([part[0] for part in area.parts])
    west, south = corners.min(axis=0).tolist()
    east, north = corners.max(axis=0).tolist()
    return west, south, east, north


def _surely_far(points: Floats, box: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Return which points are so far from a box that P(inside) is 0 as it is rounded."""
    lon_deg, lat_deg, ee, en, nn = points.T
    west, south, east, north = box
    across_deg = np.maximum(np.maximum(west - lon_deg, lon_deg - east), 0.0)
    along_deg = np.maximum(np.maximum(south - lat_deg, lat_deg - north), 0.0)
    # On a sphere a point is at least as far from a box as from the parallel or the meridian of
    # its side; of two meridians the nearer one counts, round the back of the earth as well.
    across_deg = np.minimum(across_deg, np.maximum(360.0 - (east - west) - across_deg, 0.0))
    turn = np.sin(np.radians(np.minimum(across_deg, 90.0))) * np.cos(np.radians(lat_deg))
    away_m = _SLACK * _RADIUS_M * np.maximum(np.arcsin(turn), np.radians(along_deg))
    return _far(away_m, ee, en, nn)


def _far(away_m: Floats, ee: Floats, en: Floats, nn: Floats) -> NDArray[np.bool_]:
    """Return which distances are so far beyond an error that what lies there is rounded to 0.

    What has no proper error is never far, so that whoever works it out refuses it.
    """
    variance_m2 = (ee + nn) / 2 + np.hypot((ee - nn) / 2, en)  # along the major axis
    proper = (ee > 0) & (nn > 0) & (ee * nn > en * en) & np.isfinite(variance_m2)
    return np.asarray(proper & (away_m * away_m > _FAR_SIGMA * _FAR_SIGMA * variance_m2))
