"""The ground below: land, water, rivers, borders and places, as far as the mission has any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trucewatch.serve.maps.ink import joined, mark, path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from markupsafe import Markup
    from numpy.typing import NDArray

    from trucewatch.serve.maps.frame import BoxDeg, Frame, Px

    Floats = NDArray[np.float64]

_LETTER_PX, _BOLD_PX = 6.6, 7.8  # of a name, on average
_LINE_PX = 16.0
_MARKS_MAX = 120  # symbols and names
_SYMBOL_PX = 4.0
_FOOT_PX = 26  # of a sentence at the foot of a picture
_RIVER_PX, _STREAM_PX = 3.2, 1.6
_LARGE_RANK = 1
"""Places of this rank or below stand in bold."""


Room = tuple[float, float, float, float]
"""Pixels: left, top, right, foot."""


class _Side(NamedTuple):
    """Where a name may stand beside its place."""

    anchor: str
    aside_px: float
    down_px: float

    def room(self, x_px: Px, y_px: Px, long_px: float) -> Room:
        """Return what a name of that length takes up."""
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]
        left = x_px + self.aside_px - share * long_px
        foot = y_px + self.down_px + 4
        return left - 2, foot - _LINE_PX, left + long_px + 2, foot


_MIDDLE = (_Side("middle", 0, 4),)
_NEAR = (_Side("start", 9, 4), _Side("end", -9, 4), _Side("middle", 0, -9), _Side("middle", 0, 18))
"""The best first."""
_FAR = (
    _Side("start", 30, 4), _Side("end", -30, 4), _Side("middle", 0, -32), _Side("middle", 0, 41),
)  # fmt: skip
"""Beside the ring of a crowd that lies on the place."""


class Place(NamedTuple):
    """A place with a name.

    Attributes:
        names: By code of the language; `en` always.
        lon_deg: Longitude, WGS 84.
        lat_deg: Latitude.
        rank: 0 the largest.
        kind: "town", "water" for a river, a lake or a sea, "region" for a country.
    """

    names: Mapping[str, str]
    lon_deg: float
    lat_deg: float
    rank: int
    kind: str = "town"

    def name(self, code: str) -> str:
        """Return its name in a language, or in English."""
        return self.names.get(code) or self.names["en"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GroundPieces:
    """What lies within a box, cut and simplified for its scale.

    Attributes:
        land: Rings (n, 2) of longitude and latitude.
        sea_deg: The box in which all is sea that is no land; None where all is land.
        water: Rings of lakes.
        rivers: Lines of large ones.
        streams: Lines of small ones.
        borders: Lines.
        regions: Names of countries, each somewhere within it.
        places: The largest first.
        credit: Who drew it, and under which terms.
        invented: Whether it is nobody's ground.
    """

    land: Sequence[Floats] = ()
    sea_deg: BoxDeg | None = None
    water: Sequence[Floats] = ()
    rivers: Sequence[Floats] = ()
    streams: Sequence[Floats] = ()
    borders: Sequence[Floats] = ()
    regions: Sequence[Place] = ()
    places: Sequence[Place] = ()
    credit: str = ""
    invented: bool = False


NOTHING = GroundPieces()
"""Paper and graticule: where nobody brought a map."""


def graticule(frame: Frame) -> Markup:
    """Return the lines of longitude and latitude."""
    lons_deg, lats_deg = frame.graticule()
    across_px, _ = frame.px(lons_deg, np.zeros(len(lons_deg)))
    _, down_px = frame.px(np.zeros(len(lats_deg)), lats_deg)
    lines = [f"M{x:.1f} 0V{frame.height_px}" for x in across_px.tolist()]
    lines += [f"M0 {y:.1f}H{frame.width_px}" for y in down_px.tolist()]
    return mark("path", class_="m-grat", d="".join(lines))


def drawn(pieces: GroundPieces, frame: Frame) -> Markup:
    """Return land and water; paper alone where nothing is known."""
    made = [mark("rect", class_="m-land", width=frame.width_px, height=frame.height_px)]
    if pieces.sea_deg is not None:
        made += [_sea(pieces.sea_deg, frame), _areas("m-land", pieces.land, frame)]
    made.append(_areas("m-water", pieces.water, frame))
    return joined(made)


def lines(pieces: GroundPieces, frame: Frame) -> Markup:
    """Return rivers and borders, which stay in sight where ground was not observed."""
    made = []
    for kind, width_px, found in (
        ("m-river", _STREAM_PX, pieces.streams),
        ("m-river", _RIVER_PX, pieces.rivers),
        ("m-border", None, pieces.borders),
    ):
        if found:
            d = path(frame.ring_px(line) for line in found)
            made.append(mark("path", class_=kind, stroke_width=width_px, d=d))
    return joined(made)


def _sea(box_deg: BoxDeg, frame: Frame) -> Markup:
    west_deg, south_deg, east_deg, north_deg = box_deg
    corners = np.array([[west_deg, south_deg], [east_deg, north_deg]])
    (west, south), (east, north) = frame.ring_px(corners).tolist()
    left, top = max(0.0, west), max(0.0, north)
    right, foot = min(float(frame.width_px), east), min(float(frame.height_px), south)
    across, down = max(0.0, right - left), max(0.0, foot - top)
    return mark("rect", class_="m-water", x=left, y=top, width=across, height=down)


def _areas(kind: str, rings: Sequence[Floats], frame: Frame) -> Markup:
    if not rings:
        return joined(())
    d = path((frame.ring_px(ring) for ring in rings), closed=True)
    return mark("path", class_=kind, fill_rule="evenodd", d=d)


def named(places: Sequence[Place], frame: Frame, code: str, taken: Iterable[Room] = ()) -> Markup:
    """Return places with their names; one without room for its name is left out.

    Args:
        places: The most important first.
        frame: The picture.
        code: Of the language.
        taken: Where other marks stand; names stand beside them.
    """
    full = list(taken)
    names: list[Room] = []
    made: list[Markup] = []
    for place in places:
        lon_deg, lat_deg = np.array([place.lon_deg]), np.array([place.lat_deg])
        x, y = (float(each[0]) for each in frame.px(lon_deg, lat_deg))
        own = x - _SYMBOL_PX, y - _SYMBOL_PX, x + _SYMBOL_PX, y + _SYMBOL_PX
        town = place.kind == "town"
        if not (0 < x < frame.width_px and 0 < y < frame.height_px - _FOOT_PX) or (
            town and _met(own, names)
        ):
            continue
        sides = _MIDDLE if not town else _FAR if _met(own, full) else _NEAR
        said = place.name(code)
        bold = town and place.rank <= _LARGE_RANK
        long_px = (_BOLD_PX if bold else _LETTER_PX) * len(said)
        room, text = _set_at(sides, long_px, (x, y), full, frame)
        if room is None:
            continue
        rooms = [room, own] if town else [room]
        names += rooms
        full += rooms
        made += [_symbol(place, x, y)] if town else []
        made.append(mark("text", said, class_=_kind(place), **text))
        if len(made) >= _MARKS_MAX:
            break
    return joined(made)


def _set_at(
    sides: Sequence[_Side], long_px: float, at_px: tuple[Px, Px], full: Sequence[Room], frame: Frame
) -> tuple[Room | None, dict[str, object]]:
    """Return the room of a name on the first side where there is some, and how it is set."""
    (x, y), foot = at_px, frame.height_px - _FOOT_PX
    for side in sides:
        room = side.room(x, y, long_px)
        inside = min(room) >= 0 and room[2] <= frame.width_px and room[3] <= foot
        if inside and not _met(room, full):
            set_ = {"x": x + side.aside_px, "y": y + side.down_px, "text_anchor": side.anchor}
            return room, set_
    return None, {}


def _met(room: Room, others: Sequence[Room]) -> bool:
    west, north, east, south = room
    return any(west < e and east > w and north < s and south > n for w, n, e, s in others)


def _kind(place: Place) -> str:
    large = "m-lab big" if place.rank <= _LARGE_RANK else "m-lab"
    return {"water": "m-lab wat", "region": "m-lab zone"}.get(place.kind, large)


def _symbol(place: Place, x_px: Px, y_px: Px) -> Markup:
    if place.rank > _LARGE_RANK:
        return mark("circle", class_="m-town", cx=x_px, cy=y_px, r=2.8)
    return mark("rect", class_="m-town", x=x_px - 3.5, y=y_px - 3.5, width=7, height=7)


def noted(said: str, frame: Frame) -> Markup:
    """Return a sentence at the foot of a picture: whose ground it is."""
    return mark("text", said, class_="m-lab zone", x=8, y=frame.height_px - 8)
