"""Make the fictional ground of exercises: `python -m tools.ground.invent`.

Its settlements are those of the demonstration world, at the same places; further ones, rivers and
lakes are drawn here, in kilometres around its centre in the open Atlantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from tools.ground.geojson import ATLAS, Feature, Layer, feature, table, written
from trucewatch.simulate.demo import GROUND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

AREA_DEG = (-33.0, 43.0, -27.0, 47.0)
"""Of the open Atlantic, around the demonstration's ground."""
_SEED = 7  # of the bends of rivers
_BEND_SHARE = 0.13  # of a stretch, by which its middle lies aside
_HALVINGS = 7
_SMOOTH_DEG = 0.0002

LARGE = (
    ((-14, 220), (-22, 150), (-16, 110), (-24, 84), (-13, 62), (-16, 45), (-5, 30), (-4, 16),
     (2, 5), (4.2, -3.3), (10, -14), (7, -28), (15, -46), (10, -72), (22, -104), (16, -150),
     (24, -220)),
)  # fmt: skip
SMALL = (
    ((230, 60), (160, 52), (110, 33), (82, 24), (51.5, 11.2), (36, 11), (21.4, 4.6), (12, -1.5),
     (4.4, -3.8)),
    ((-230, -30), (-150, -16), (-100, -8), (-70, 3), (-44, 3.6), (-35, -3), (-27.2, -6.2),
     (-14, -13), (-2, -16), (9, -18)),
    ((120, -8), (72, -18), (38.2, -10.6), (34, -21), (29, -30.2), (21, -37), (14.5, -45)),
    ((-60, 120), (-44, 78), (-39, 51), (-35.6, 26.4), (-38, 14), (-43, 4)),
)  # fmt: skip
LAKES = ((16, 33.5, 5.5, 2.6), (-78, -58, 12, 6), (96, 74, 7, 9))
"""Kilometres east and north, and half their length and breadth."""


def main() -> None:
    """Write all layers."""
    rng = np.random.default_rng(_SEED)
    layers: dict[str, Layer] = {
        "rivers": [
            feature(_cut(_bent(line, rng)), rank=rank)
            for rank, lines in enumerate((LARGE, SMALL))
            for line in lines
        ],
        "water": [feature(_lake(lake, rng)) for lake in LAKES],
        "places": list(_places()),
    }
    about = {"credit": "", "invented": True, "area_deg": AREA_DEG}
    written(ATLAS / "fictional", layers, about)


def _degrees(points_km: Floats) -> Floats:
    lat_deg, lon_deg = GROUND.degrees(points_km[:, 0] * 1000, points_km[:, 1] * 1000)
    return np.column_stack([lon_deg, lat_deg])


def _bent(line_km: Sequence[tuple[float, float]], rng: np.random.Generator) -> shapely.Geometry:
    """Return a line whose stretches bend, and bend again, each half as long."""
    points = np.array(line_km, dtype=float)
    for _ in range(_HALVINGS):
        along = np.diff(points, axis=0)
        aside = np.column_stack([-along[:, 1], along[:, 0]])
        share = rng.uniform(-_BEND_SHARE, _BEND_SHARE, len(along))[:, None]
        middles = (points[:-1] + points[1:]) / 2 + aside * share
        woven = np.empty((2 * len(points) - 1, 2))
        woven[::2], woven[1::2] = points, middles
        points = woven
    return shapely.simplify(shapely.LineString(_degrees(points)), _SMOOTH_DEG)


def _cut(line: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shapely.intersection(line, shapely.box(*AREA_DEG)))
    return max(parts, key=lambda part: part.length)


def _lake(lake: tuple[float, float, float, float], rng: np.random.Generator) -> shapely.Geometry:
    east_km, north_km, long_km, broad_km = lake
    turn = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    waves = (rng.uniform(0, 2 * np.pi, 5), rng.uniform(-0.14, 0.14, 5) / np.arange(1, 6) ** 0.5)
    shore = 1 + sum(
        size * np.cos(k * turn + phase)
        for k, (phase, size) in enumerate(zip(*waves, strict=True), 2)
    )
    ring = np.column_stack([np.cos(turn) * long_km, np.sin(turn) * broad_km]) * shore[:, None]
    return shapely.Polygon(_degrees(ring + np.array([east_km, north_km])))


def _places() -> Iterator[Feature]:
    """Yield what invented.tsv names; what has no place there is a settlement of the world."""
    known = {each.name: (each.x_m / 1000, each.y_m / 1000) for each in GROUND.settlements}
    for row in table("invented.tsv"):
        own = known.get(row["en"])
        at_km = own or (float(row["east_km"]), float(row["north_km"]))
        at = shapely.Point(_degrees(np.array([at_km]))[0])
        names = {"name_en": row["en"], "name_uk": row["uk"]}
        water = {"water": True} if row["water"] else {}
        yield feature(at, **names, rank=int(row["rank"]), **water)


if __name__ == "__main__":
    main()
