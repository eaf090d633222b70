"""Writing a pack of ground: GeoJSON, one feature a line, coordinates to 1e-4 degrees (11 m)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator

ATLAS = Path(__file__).parents[2] / "src" / "trucewatch" / "serve" / "maps" / "atlas"
_HERE = Path(__file__).parent
_PLACES = 4

Feature: TypeAlias = dict[str, Any]
Layer: TypeAlias = list[Feature]


def feature(shape: shapely.Geometry, **properties: object) -> Feature:
    """Return a feature."""
    geometry = json.loads(shapely.to_geojson(shape))
    rounded = geometry | {"coordinates": _rounded(geometry["coordinates"])}
    return {"type": "Feature", "properties": properties, "geometry": rounded}


def _rounded(each: Any) -> Any:  # noqa: ANN401 - lists of lists as deep as the geometry has them
    if isinstance(each, float | int):
        return round(each, _PLACES)
    parts = [_rounded(part) for part in each]
    if parts and isinstance(parts[0], list) and not isinstance(parts[0][0], list):
        return [part for n, part in enumerate(parts) if n == 0 or part != parts[n - 1]]
    return parts


def table(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table beside this file, tabs between fields."""
    head, *lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    for line in lines:
        yield dict(zip(head.split("\t"), line.split("\t"), strict=True))


def written(folder: Path, layers: dict[str, Layer], about: dict[str, object]) -> None:
    """Write a pack; the same layers give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "about.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    for name, features in layers.items():
        lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in features)
        text = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
        (folder / f"{name}.geojson.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
