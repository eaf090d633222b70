"""Files of a pack of ground: GeoJSON (RFC 7946), plain or with gzip, read strictly.

`land`, `water`, `rivers`, `borders`, `regions` and `places`, each of which may be missing, and
`about.json`. See docs/how-to/bring-a-map.md for what they hold.
"""

from __future__ import annotations

import gzip
import io
import json
import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from trucewatch.errors import BadMission

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

    from numpy.typing import NDArray

    from trucewatch.serve.maps.frame import BoxDeg

ABOUT = "about.json"
LAYERS = {
    "land": ("Polygon", "MultiPolygon"),
    "water": ("Polygon", "MultiPolygon"),
    "rivers": ("LineString", "MultiLineString"),
    "borders": ("LineString", "MultiLineString"),
    "regions": ("Polygon", "MultiPolygon"),
    "places": ("Point",),
}
"""Layers, and the shapes that each may hold."""
TONGUES = ("en", "uk")
_NAMED = {"regions", "places"}
_BYTES_MAX = 32 * 2**20  # of one layer as plain text; a country in street detail is more
_RANK_MAX = 3
_LON_MAX_DEG, _LAT_MAX_DEG = 180.0, 85.0
_EDGES = 4


class About(NamedTuple):
    """What a pack says of itself.

    Attributes:
        credit: Who drew it, and under which terms.
        invented: Whether it is nobody's ground.
        area_deg: What it knows: west, south, east, north, WGS 84.
    """

    credit: str
    invented: bool
    area_deg: BoxDeg


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """One layer.

    Attributes:
        shapes: One for each feature.
        said: Of each its `names` by language, its `rank`, and the `kind` of its name.
        tree: To find shapes by place.
    """

    shapes: NDArray[Any]
    said: Sequence[Mapping[str, Any]]
    tree: Any


def about(file: Traversable) -> About:
    """Return what a pack says of itself.

    Raises:
        BadMission: The file is missing, or says it otherwise.
    """
    where = str(file)
    if not file.is_file():
        raise BadMission(where, "is missing, expected who drew the pack and which area it knows")
    told = _object(file)
    credit, invented = told.get("credit"), told.get("invented", False)
    if not isinstance(credit, str) or not isinstance(invented, bool):
        raise BadMission(where, "credit must be a text, and invented true or false where given")
    return About(credit, invented, _area(told.get("area_deg"), where))


def layers(folder: Traversable) -> Iterator[tuple[str, Layer]]:
    """Yield the layers that a folder has, by name.

    Raises:
        BadMission: A file cannot be read, or holds something else; the message names it.
    """
    for name in LAYERS:
        files = [folder / f"{name}.geojson", folder / f"{name}.geojson.gz"]
        there = [file for file in files if file.is_file()]
        if len(there) > 1:
            raise BadMission(
                str(there[1]), f"is there beside {there[0].name}, expected one of them"
            )
        if there:
            yield name, _layer(name, there[0])


def _area(told: object, where: str) -> BoxDeg:
    given = told if isinstance(told, list) else []
    edges = [float(each) for each in given if isinstance(each, float | int)]
    if len(given) != _EDGES or len(edges) != _EDGES:
        raise BadMission(where, f"area_deg is {told!r}, expected [west, south, east, north]")
    west_deg, south_deg, east_deg, north_deg = edges
    across = -_LON_MAX_DEG <= west_deg < east_deg <= _LON_MAX_DEG
    if not (across and -_LAT_MAX_DEG <= south_deg < north_deg <= _LAT_MAX_DEG):
        raise BadMission(where, f"area_deg is {told}, expected west below east, south below north")
    return west_deg, south_deg, east_deg, north_deg


def _object(file: Traversable) -> dict[str, Any]:
    where = str(file)
    try:
        packed = file.read_bytes()
        if file.name.endswith(".gz"):
            with gzip.GzipFile(fileobj=io.BytesIO(packed)) as plain:
                packed = plain.read(_BYTES_MAX + 1)
        told = json.loads(packed) if len(packed) <= _BYTES_MAX else None
    except (ValueError, EOFError, zlib.error, OSError, RecursionError) as error:
        raise BadMission(where, f"cannot be read as JSON: {error}") from error
    if len(packed) > _BYTES_MAX:
        raise BadMission(where, f"holds more than {_BYTES_MAX} bytes, expected a coarser map")
    if not isinstance(told, dict):
        raise BadMission(where, "is no JSON object, expected { at its start")
    return told


def _layer(name: str, file: Traversable) -> Layer:
    features = _object(file).get("features")
    if not isinstance(features, list):
        raise BadMission(str(file), "has no list of features, expected a FeatureCollection")
    read = [_feature(name, each, f"{file}: feature {n}") for n, each in enumerate(features, 1)]
    shapes = np.array([shape for shape, _ in read], dtype=object)
    return Layer(shapes=shapes, said=[said for _, said in read], tree=shapely.STRtree(shapes))


def _feature(name: str, told: object, where: str) -> tuple[Any, dict[str, Any]]:
    feature = told if isinstance(told, dict) else {}
    geometry, said = feature.get("geometry"), feature.get("properties") or {}
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in LAYERS[name] or not isinstance(said, dict):
        raise BadMission(where, f"is a {kind}, expected {' or '.join(LAYERS[name])}")
    try:
        shape = shapely.from_geojson(json.dumps(geometry, allow_nan=False))
    except (ValueError, shapely.errors.GEOSException) as error:
        raise BadMission(where, f"is no shape: {error}") from error
    return _good(shape, where), _said(name, said, where)


def _good(shape: Any, where: str) -> Any:  # noqa: ANN401 - a shape of shapely, which has no types
    if shape.is_empty or not shape.is_valid:
        raise BadMission(where, f"is drawn wrongly: {shapely.is_valid_reason(shape)}")
    west_deg, south_deg, east_deg, north_deg = (float(edge) for edge in shape.bounds)
    edges = west_deg, south_deg, east_deg, north_deg
    if not all(math.isfinite(edge) for edge in edges) or (
        max(-west_deg, east_deg) > _LON_MAX_DEG or max(-south_deg, north_deg) > _LAT_MAX_DEG
    ):
        raise BadMission(where, f"reaches {edges}, expected degrees of longitude and latitude")
    return shape


def _said(name: str, told: dict[str, Any], where: str) -> dict[str, Any]:
    names = {code: told[f"name_{code}"] for code in TONGUES if told.get(f"name_{code}")}
    if not all(isinstance(each, str) for each in names.values()):
        raise BadMission(where, f"has the names {names}, expected texts")
    if name in _NAMED and "en" not in names:
        raise BadMission(where, "has no name_en, expected its name in English")
    rank, water = told.get("rank"), told.get("water") or False
    rank = _RANK_MAX if rank is None else rank
    if not isinstance(rank, int) or not 0 <= rank <= _RANK_MAX:
        raise BadMission(where, f"rank is {rank!r}, expected 0 (largest) to {_RANK_MAX}")
    if not isinstance(water, bool):
        raise BadMission(where, f"water is {water!r}, expected true or false")
    return {"names": names, "rank": rank, "kind": "water" if water else "town"}
