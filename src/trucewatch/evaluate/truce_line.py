"""How far reported places lie from a drawn line, as it is drawn and shifted.

The file draws an area, one a day. The line is the part of its boundary beyond which the press names
places: no more than `REACH_KM` outside and no less than `APART_KM`. That leaves out the border
of the state and the coast, beyond which it names next to none. Distances are in a local plane
around the drawn areas.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import shapely

from trucewatch.errors import BadInput
from trucewatch.evidence.unpack import unpack
from trucewatch.geo.plane import Plane

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Points: TypeAlias = NDArray[np.object_]
    Areas: TypeAlias = Mapping[date, shapely.Geometry]

REACH_KM = 15.0
"""Half the width of the belt along the line, and how far beyond it a place must be named.

Source: the security zone of a past agreement, 15 km on each side.
"""
APART_KM = 2.0
"""A place nearer to the boundary than this does not make it a line: coasts are drawn coarsely.

Chosen on the area of 20 April 2025: from 1 to 3 km the counts of the belt do not change.
"""

_NAME = re.compile(r"(\d{4})(\d{2})(\d{2})\.geojson$")
_FILES_MAX = 1_000
_KINDS = ("Polygon", "MultiPolygon")
_AT = ("lon_deg", "lat_deg")


def read_areas(raw: bytes, *, name: str) -> Areas:
    """Return the drawn area of each day in a packed tar of GeoJSON, in WGS 84 degrees.

    Args:
        raw: Its bytes; the names of its files end in YYYYMMDD.geojson.
        name: How to name it in an error.

    Raises:
        BadInput: It is no such file, or holds no area, or one that is no sound polygon.
    """
    areas = {}
    for member, content in _members(raw, name):
        found = _NAME.search(member)
        if found is not None:
            where = f"{name}: {member[:80]}"
            areas[_day(found, where)] = _area(content, where)
    if not areas:
        raise BadInput(name, "holds no file YYYYMMDD.geojson, expected one a day")
    return areas


def _members(raw: bytes, name: str) -> list[tuple[str, bytes]]:
    """Return name and content of every plain file in a packed tar.

    Raises:
        BadInput: It is torn, no tar, or holds too many files.
    """
    try:
        tar = tarfile.TarFile(fileobj=io.BytesIO(unpack(raw, name=name)))
        plain = [member for member in tar if member.isfile() and not member.issparse()]
        if len(plain) > _FILES_MAX:
            raise BadInput(name, f"holds {len(plain)} files, must be at most {_FILES_MAX}")
        found = [(member.name, tar.extractfile(member)) for member in plain]
        return [(member, content.read()) for member, content in found if content is not None]
    except tarfile.TarError as error:
        raise BadInput(name, f"{error}, expected a tar of GeoJSON files") from error


def _day(found: re.Match[str], where: str) -> date:
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise BadInput(where, f"{error}, expected a name that ends in a date") from error


def _area(content: bytes, where: str) -> shapely.Geometry:
    try:
        [feature] = json.loads(content)["features"]
        drawn = shapely.from_geojson(json.dumps(feature["geometry"]))
    except (ValueError, KeyError, TypeError, RecursionError, shapely.GEOSException) as error:
        raise BadInput(where, "is no collection of one feature, expected GeoJSON") from error
    if drawn is None or drawn.geom_type not in _KINDS or drawn.is_empty or not drawn.is_valid:
        raise BadInput(where, "is no sound area, expected a polygon")
    return drawn


def signed_km(placed: pl.DataFrame, named: pl.DataFrame, areas: Areas) -> Floats:
    """Return how far each settlement-day lies from the line of its day, negative in the area.

    Args:
        placed: `day`, `lon_deg`, `lat_deg`; each row takes the area of the nearest day that has
            one, of two as near the earlier.
        named: `lon_deg` and `lat_deg` of every place that the press names, to find the line by.
        areas: As `read_areas` returns them.

    Returns:
        (n,), kilometres, in the order of the rows. Moving the line outwards by s km everywhere
        makes each of them smaller by s.

    Raises:
        BadInput: No place is named beyond an area, so that it has no line.
    """
    on = [min(areas, key=lambda known: (abs(known - day), known)) for day in placed["day"]]
    plane = _plane(areas)
    used = {day: _flat(areas[day], plane) for day in sorted(set(on))}
    reach = _beyond(_points(named.select(_AT).unique(maintain_order=True), plane), used)
    points = _points(placed, plane)
    found = np.zeros(placed.height)
    for day, area in used.items():
        line = area.boundary.intersection(reach)
        if line.is_empty:
            raise BadInput(str(day), "no place is named beyond the drawn area, expected some")
        rows = np.array([one == day for one in on])
        away_km = shapely.distance(line, points[rows]) / 1e3
        found[rows] = np.where(shapely.contains(area, points[rows]), -away_km, away_km)
    return found


def _beyond(places: Points, areas: Areas) -> shapely.Geometry:
    """Return the ground within reach of the places that lie beyond every area."""
    away_km = shapely.distance(shapely.union_all(list(areas.values())), places) / 1e3
    beyond = places[(away_km >= APART_KM) & (away_km <= REACH_KM)]
    return shapely.union_all(shapely.buffer(beyond, REACH_KM * 1e3))


def _plane(areas: Areas) -> Plane:
    """Return the plane around the middle of all areas; lengths are right to 0.1 % within 500 km."""
    west, south, east, north = shapely.total_bounds(list(areas.values()))
    return Plane(centre_lat_deg=float(south + north) / 2, centre_lon_deg=float(west + east) / 2)


def _flat(drawn: shapely.Geometry, plane: Plane) -> shapely.Geometry:
    area = shapely.transform(drawn, lambda at: np.column_stack(plane.project(at[:, 0], at[:, 1])))
    return area if area.is_valid else area.buffer(0)  # a sliver may close when it is flattened


def _points(table: pl.DataFrame, plane: Plane) -> Points:
    x_m, y_m = plane.project(table["lon_deg"].to_numpy(), table["lat_deg"].to_numpy())
    return np.asarray(shapely.points(x_m, y_m))
