"""An area on the ground: outlines and holes, with edges straight in longitude and latitude.

An area is closed: its edges and corners belong to it, those of holes too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.errors import BadInput
from trucewatch.geo import inside
from trucewatch.geo.crossing import TINY_DEG
from trucewatch.geo.outline import centre_deg, outline_m
from trucewatch.geo.plane import Plane

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import shapely
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ring = Sequence[tuple[float, float]] | Floats

_WHERE = "area"
_CORNERS_MIN = 3
_LON_MAX_DEG, _LAT_MAX_DEG = 180.0, 90.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Area:
    """One or several parts, each an outline with or without holes.

    Build it with `of`, `of_shape` or `of_geodesics`, which check it.

    Attributes:
        parts: Rings of each part, the outline first and then its holes; a ring is an array (m, 2)
            of longitude and latitude in WGS 84 degrees, the first corner not repeated.
    """

    parts: tuple[tuple[Floats, ...], ...]

    @classmethod
    def of(cls, *parts: Sequence[Ring]) -> Area:
        """Return the area of parts, each given as its outline and its holes.

        Raises:
            BadInput: No part, a ring of fewer than 3 corners, a corner off the globe or nearer to
                0 than 1e-100 degrees, an edge over half the globe (an area across the 180th
                meridian is not supported), or rings that cross or overlap.
        """
        if not parts:
            raise BadInput(_WHERE, "has no part, must have at least 1")
        area = cls(parts=tuple(tuple(_ring(ring) for ring in part) for part in parts))
        _check_shape(area.shape())
        return area

    @classmethod
    def of_shape(cls, shape: shapely.Geometry) -> Area:
        """Return the area of a shapely Polygon or MultiPolygon in degrees.

        Raises:
            BadInput: It is something else, or see `of`.
        """
        if shape.geom_type not in {"Polygon", "MultiPolygon"} or shape.is_empty:
            kind = f"empty {shape.geom_type}" if shape.is_empty else shape.geom_type
            raise BadInput(_WHERE, f"shape is {kind}, must be Polygon or MultiPolygon")
        polygons = [shape] if shape.geom_type == "Polygon" else list(shape.geoms)
        return cls.of(
            *(
                [np.asarray(ring.coords)[:-1, :2] for ring in (one.exterior, *one.interiors)]
                for one in polygons
            )
        )

    @classmethod
    def of_geodesics(cls, outline: Sequence[tuple[float, float]]) -> Area:
        """Return the area whose corners are joined by geodesics.

        Points are put between the corners until no edge strays from the geodesic by more than
        `outline.TOLERANCE_M`. Raises `BadInput` as `of` and `outline.outline_m` do.
        """
        lon_deg, lat_deg = centre_deg(outline)
        plane = Plane(centre_lon_deg=lon_deg, centre_lat_deg=lat_deg)
        points_m = outline_m(outline, plane=plane, geodesic=True)
        return cls.of([np.column_stack(plane.unproject(points_m[:, 0], points_m[:, 1]))])

    def shape(self) -> shapely.MultiPolygon:
        """Return the same as a shapely MultiPolygon in degrees."""
        import shapely

        return shapely.MultiPolygon([(part[0], part[1:]) for part in self.parts])

    def edges(self) -> Floats:
        """Return all edges, shape (m, 4): longitude and latitude of both ends, degrees."""
        rings = [ring for part in self.parts for ring in part]
        return np.concatenate([np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in rings])

    def inside_p(self, x_m: Floats, y_m: Floats, covariance_m2: Floats, plane: Plane) -> Floats:
        """Return the chance that each uncertain point lies in the area.

        The signed sum of `inside.inside_p` over the rings; edges are drawn on the plane to within
        `outline.TOLERANCE_M`. Raises `BadInput` as that does.

        Args:
            x_m: Points on the plane, shape (n,), metres.
            y_m: The same.
            covariance_m2: Shape (n, 3): xx, xy and yy along the axes of the plane, m^2.
            plane: The plane, best centred near the area.

        Returns:
            Shape (n,), each in [0, 1].
        """
        total = np.zeros(len(x_m))
        for ring_m, sign in self._rings_m(plane):
            total += sign * inside.inside_p(x_m, y_m, covariance_m2, ring_m)
        return np.asarray(np.clip(total, 0.0, 1.0))

    def signed_distance_m(self, x_m: Floats, y_m: Floats, plane: Plane) -> Floats:
        """Return how far each point is from the nearest edge, shape (n,), negative inside.

        Args:
            x_m: Points on the plane, shape (n,), metres.
            y_m: The same.
            plane: The plane, best centred near the area.
        """
        nearest_m, outside = np.full(len(x_m), np.inf), np.ones(len(x_m))
        for ring_m, _ in self._rings_m(plane):
            distance_m = inside.signed_distance_m(x_m, y_m, ring_m)
            nearest_m = np.minimum(nearest_m, np.abs(distance_m))
            outside[distance_m < 0] *= -1
        return np.asarray(outside * nearest_m)

    def _rings_m(self, plane: Plane) -> Iterator[tuple[Floats, int]]:
        """Yield each ring on the plane, with 1 for an outline and -1 for a hole."""
        for part in self.parts:
            for place, ring in enumerate(part):
                corners = [(lon_deg, lat_deg) for lon_deg, lat_deg in ring.tolist()]
                yield outline_m(corners, plane=plane), -1 if place else 1


def union(areas: Sequence[Area]) -> Area:
    """Return the area that lies in at least one of several; in longitude and latitude.

    New corners, where outlines cross, are rounded to doubles (some 1e-9 m).

    Raises:
        BadInput: No area is given.
    """
    import shapely

    if not areas:
        raise BadInput("union of areas", "no area is given, must be at least 1")
    return Area.of_shape(shapely.union_all([area.shape() for area in areas]))


def _ring(given: Ring) -> Floats:
    """Return a ring as an array of its own that nobody can change.

    Raises:
        BadInput: See `Area.of`.
    """
    ring = np.array(given, dtype=np.float64)
    if ring.ndim != 2 or ring.shape[1] != 2 or len(ring) < _CORNERS_MIN:  # noqa: PLR2004
        problem = f"ring has shape {ring.shape}, must be (at least {_CORNERS_MIN}, 2)"
        raise BadInput(_WHERE, problem)
    size_deg = np.abs(ring)
    bad = ~(size_deg <= (_LON_MAX_DEG, _LAT_MAX_DEG)) | ((size_deg < TINY_DEG) & (ring != 0))
    if bad.any():
        corner = int(np.flatnonzero(bad.any(axis=1))[0])
        expected = "must be on the globe, and 0 or at least 1e-100 degrees from 0"
        raise BadInput(_WHERE, f"corner {corner + 1} is {ring[corner].tolist()}, {expected}")
    span_deg = float(np.abs(ring[:, 0] - np.roll(ring[:, 0], -1)).max())
    if span_deg >= _LON_MAX_DEG:
        problem = f"edge spans {span_deg:g} degrees of longitude, must span less than 180"
        raise BadInput(_WHERE, problem)
    ring += 0.0  # -0 becomes 0
    ring.setflags(write=False)
    return ring


def _check_shape(shape: shapely.Geometry) -> None:
    """Refuse rings that cross or overlap.

    Raises:
        BadInput: See `Area.of`.
    """
    import shapely

    if not shape.is_valid:
        problem = shapely.is_valid_reason(shape)
        raise BadInput(_WHERE, f"is not simple ({problem}), rings must not cross or overlap")
