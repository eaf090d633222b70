"""Packs of ground: the mission's own, else what ships for the place where the mission works.

Two ship: Ukraine and its neighbours, and the fictional ground of exercises.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from trucewatch.serve.maps.ground import NOTHING, GroundPieces, Place
from trucewatch.serve.maps.pack_files import ABOUT, about, layers

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from numpy.typing import NDArray

    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.mission.home import Home
    from trucewatch.serve.ask import Asking
    from trucewatch.serve.maps.frame import BoxDeg
    from trucewatch.serve.maps.pack_files import Layer

    Floats = NDArray[np.float64]
    Cut = tuple[list[int], list[Any]]

SHIPPED = ("shipped", "fictional")
"""Names of the packs that ship."""
OWN = "ground"
"""The folder of a mission's own pack."""
_CUTS_KEPT = 64
_FINE_RATIO = 0.5  # of a pixel: nobody sees what simplifying takes away
_WIDE_DEG = 4.0  # from here on regions have names
_REGION_PX = 50  # square, of what in view of a region has its name
_LARGE = 0
_DEG_PER_PX = (0.03, 0.012, 0.006)
"""Degrees of longitude of a pixel from which on only ranks up to 0 (then 1, 2) have names."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pack:
    """The ground that a mission is shown on.

    Attributes:
        credit: Who drew it, and under which terms.
        invented: Whether it is nobody's ground, for exercises.
        area_deg: What it knows: west, south, east, north, WGS 84.
        layers: Its layers by name.
    """

    credit: str
    invented: bool
    area_deg: BoxDeg
    layers: dict[str, Layer]
    _cuts: dict[tuple[BoxDeg, float], GroundPieces] = field(default_factory=dict)

    def holds(self, lat_deg: float, lon_deg: float) -> bool:
        """Return whether a place lies in what it knows."""
        west_deg, south_deg, east_deg, north_deg = self.area_deg
        return west_deg <= lon_deg <= east_deg and south_deg <= lat_deg <= north_deg

    def within(self, box_deg: BoxDeg, tolerance_deg: float) -> GroundPieces:
        """Return what lies in a box.

        Args:
            box_deg: West, south, east, north, WGS 84.
            tolerance_deg: How far off a line may be drawn; larger ones leave out small places.
        """
        key = box_deg, tolerance_deg
        if key not in self._cuts:
            while len(self._cuts) >= _CUTS_KEPT:
                self._cuts.pop(next(iter(self._cuts)), None)
            self._cuts[key] = self._within(box_deg, tolerance_deg)
        return self._cuts[key]

    def _within(self, box_deg: BoxDeg, tolerance_deg: float) -> GroundPieces:
        shapes = {name: layer for name, layer in self.layers.items() if name != "places"}
        cut = {name: _cut(layer, box_deg, tolerance_deg) for name, layer in shapes.items()}
        rivers = self._rivers(cut.get("rivers", _NO_CUT))
        return GroundPieces(
            land=_rings(cut.get("land", _NO_CUT)),
            sea_deg=self.area_deg if "land" in self.layers else None,
            water=_rings(cut.get("water", _NO_CUT)),
            rivers=rivers[True],
            streams=rivers[False],
            borders=[_points(line) for line in cut.get("borders", _NO_CUT)[1]],
            regions=self._regions(box_deg, tolerance_deg, cut.get("regions", _NO_CUT)),
            places=self._places(box_deg, tolerance_deg),
            credit=self.credit,
            invented=self.invented,
        )

    def _rivers(self, cut: Cut) -> dict[bool, list[Floats]]:
        """Return rivers by whether they are large."""
        found: dict[bool, list[Floats]] = {True: [], False: []}
        for n, line in zip(*cut, strict=True):
            found[self.layers["rivers"].said[n]["rank"] == _LARGE].append(_points(line))
        return found

    def _regions(self, box_deg: BoxDeg, tolerance_deg: float, cut: Cut) -> tuple[Place, ...]:
        """Return the names of regions, each in the middle of its largest part in view."""
        if box_deg[2] - box_deg[0] < _WIDE_DEG:
            return ()
        largest: dict[int, Any] = {}
        least = (_REGION_PX * tolerance_deg / _FINE_RATIO) ** 2
        for n, part in zip(*cut, strict=True):
            if part.area < least:
                continue
            if n not in largest or part.area > largest[n].area:
                largest[n] = part
        said, found = self.layers["regions"].said if largest else (), []
        for n, part in largest.items():
            at = shapely.point_on_surface(part)
            found.append(Place(said[n]["names"], at.x, at.y, _LARGE, "region"))
        return tuple(found)

    def _places(self, box_deg: BoxDeg, tolerance_deg: float) -> tuple[Place, ...]:
        layer = self.layers.get("places")
        if layer is None:
            return ()
        finest = sum(tolerance_deg / _FINE_RATIO < least for least in _DEG_PER_PX)
        places = [
            Place(said["names"], layer.shapes[n].x, layer.shapes[n].y, said["rank"], said["kind"])
            for n in np.sort(layer.tree.query(shapely.box(*box_deg))).tolist()
            if (said := layer.said[n])["rank"] <= finest
        ]
        return tuple(sorted(places, key=lambda place: place.rank))


def ground_of(ask: Asking, box_deg: BoxDeg, width_px: int) -> GroundPieces:
    """Return the ground within a box, as fine as a map of that width needs."""
    pack = pack_of(ask.site.home, ask.shown.using.settings.fusion)
    if pack is None:
        return NOTHING
    return pack.within(box_deg, _FINE_RATIO * (box_deg[2] - box_deg[0]) / width_px)


def pack_of(home: Home, centre: FusionSettings) -> Pack | None:
    """Return the mission's own pack, else the one that ships for where it works, else None."""
    own = home.path / OWN
    if own.is_dir():
        stats = ((path.name, path.stat()) for path in sorted(own.iterdir()) if path.is_file())
        return _own(own, tuple((name, told.st_mtime_ns, told.st_size) for name, told in stats))
    packs = (shipped(name) for name in SHIPPED)
    at = centre.centre_lat_deg, centre.centre_lon_deg
    return next((pack for pack in packs if pack.holds(*at)), None)


@lru_cache(maxsize=4)
def _own(folder: Path, _state: tuple[tuple[str, int, int], ...]) -> Pack:
    return read(folder)


@lru_cache(maxsize=len(SHIPPED))
def shipped(name: str) -> Pack:
    """Return a pack that ships, one of `SHIPPED`."""
    return read(resources.files("trucewatch.serve.maps") / "atlas" / name)


def read(folder: Traversable) -> Pack:
    """Return the pack of a folder; a file that cannot be read is refused by name."""
    told = about(folder / ABOUT)
    return Pack(
        credit=told.credit,
        invented=told.invented,
        area_deg=told.area_deg,
        layers=dict(layers(folder)),
    )


def _cut(layer: Layer, box_deg: BoxDeg, tolerance_deg: float) -> Cut:
    """Return what of a layer lies in a box, simplified, and which shape each piece is of."""
    found = np.sort(layer.tree.query(shapely.box(*box_deg)))
    clipped = shapely.clip_by_rect(layer.shapes[found], *box_deg)
    simple = shapely.simplify(clipped, tolerance_deg)
    parts, of = shapely.get_parts(simple, return_index=True)
    drawn = shapely.length(parts) > tolerance_deg
    return found[of[drawn]].tolist(), parts[drawn].tolist()


_NO_CUT: Cut = ([], [])


def _points(line: Any) -> Floats:  # noqa: ANN401 - a line of shapely, which has no types
    return np.asarray(shapely.get_coordinates(line))


def _rings(cut: Cut) -> list[Floats]:
    areas = [part for part in cut[1] if part.geom_type == "Polygon"]
    return [_points(ring) for ring in shapely.get_rings(areas)] if areas else []
