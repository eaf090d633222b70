"""Lines and zones: where they lie, when they hold, and to which accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trucewatch.agreement.line import Line, LineStatus, Side
from trucewatch.agreement.outline import CORNERS_MIN, POINTS_MIN, path_of, point_of, polygon_of
from trucewatch.agreement.reading.form import (
    ID,
    KIND,
    Choice,
    Instant,
    Many,
    Number,
    OrNull,
    Reference,
    Text,
    Truth,
    Word,
)
from trucewatch.agreement.reading.record import ByKey, Filled, Maybe, Record
from trucewatch.agreement.zone import Altitude, AltitudeDatum, Belt, Disc, Edges, Zone
from trucewatch.errors import BadAgreement

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.agreement.part import Part
    from trucewatch.agreement.reading.form import Names, Schema

WIDTH_MAX_M = 1_000_000  # of a belt, a disc or a distance: beyond it the ground is no longer local
HEIGHT_MIN_M, HEIGHT_MAX_M = -1_000, 1_000_000  # from the lowest ground to any orbit
_POINT: Schema = {
    "type": "array",
    "prefixItems": [
        {"type": "number", "minimum": -180, "maximum": 180},
        {"type": "number", "minimum": -90, "maximum": 90},
    ],
    "items": False,
    "minItems": 2,
}
_WAYS = ("polygon", "belts", "discs")


@dataclass(frozen=True, slots=True)
class Point:
    """One place."""

    def read(self, part: Part, _names: Names) -> tuple[float, float]:
        """Return (longitude, latitude) in degrees."""
        return point_of(part)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        return dict(_POINT)


@dataclass(frozen=True, slots=True)
class Outline:
    """Points in order.

    Attributes:
        closed: Whether they enclose an area.
    """

    closed: bool

    def read(self, part: Part, _names: Names) -> tuple[tuple[float, float], ...]:
        """Return them as (longitude, latitude) in degrees."""
        return polygon_of(part) if self.closed else path_of(part)

    def schema(self) -> Schema:
        """Return the JSON Schema of it."""
        least = CORNERS_MIN if self.closed else POINTS_MIN
        return {"type": "array", "items": dict(_POINT), "minItems": least, "uniqueItems": True}


def span(filled: Filled, start: str, end: str) -> tuple[datetime | None, datetime | None]:
    """Return two instants of a mapping, either of which may be null.

    Raises:
        BadAgreement: The second is not after the first.
    """
    since, until = filled.values[start], filled.values[end]
    if since is not None and until is not None and until <= since:
        problem = f"{end} is {until.isoformat()}, must be after {since.isoformat()}"
        raise BadAgreement(filled.where(end), problem)
    return since, until


VALID = Record(
    build=lambda filled: span(filled, "since", "until"),
    keys={"since": OrNull(Instant()), "until": OrNull(Instant())},
)


def _line(filled: Filled) -> Line:
    since, until = filled.values.pop("valid")
    filled.values["sides"] = dict(filled.values["sides"])
    return Line(since=since, until=until, **filled.values)


LINE = Record(
    noun="line",
    build=_line,
    keys={
        "id": Word(ID),
        "status": Choice(LineStatus),
        "epoch": OrNull(Instant()),
        "accuracy_m": OrNull(Number(0, WIDTH_MAX_M)),
        "datum_for": Maybe(Many(Reference("parties")), ()),
        "sides": Maybe(ByKey(Reference("parties"), Choice(Side)), {}),
        "points": Outline(closed=False),
        "edges": Maybe(Choice(Edges), Edges.STRAIGHT),
        "valid": Maybe(VALID, (None, None)),
        "text": Maybe(Text()),
    },
)


def _belt(filled: Filled) -> Belt:
    if not (filled.values["left_m"] or filled.values["right_m"]):
        raise BadAgreement(
            filled.where("right_m"), "left_m and right_m are 0, one of them must not be"
        )
    return Belt(**filled.values)


BELT = Record(
    build=_belt,
    keys={
        "line": Reference("lines"),
        "left_m": Number(0, WIDTH_MAX_M),
        "right_m": Number(0, WIDTH_MAX_M),
    },
)


def _discs(filled: Filled) -> tuple[Disc, ...]:
    found: dict[str, Disc] = {}
    for name, (lon_deg, lat_deg) in filled.values["places"]:
        if name in found:
            problem = f"place {name} is given twice, must be given once"
            raise BadAgreement(filled.where("places"), problem)
        radius_m = filled.values["radius_m"]
        found[name] = Disc(name=name, lon_deg=lon_deg, lat_deg=lat_deg, radius_m=radius_m)
    return tuple(found.values())


PLACE = Record(
    build=lambda filled: (filled.values["name"], filled.values["at"]),
    keys={"name": Text(), "at": Point()},
)
DISCS = Record(
    build=_discs,
    keys={
        "radius_m": Number(0, WIDTH_MAX_M, above=True),
        "places": Many(PLACE, least=1, once=False),
    },
)


def _altitude(filled: Filled) -> Altitude:
    from_m, to_m = filled.values["from_m"], filled.values["to_m"]
    if to_m is not None and to_m <= from_m:
        raise BadAgreement(filled.where("to_m"), f"to_m is {to_m:g}, must be above {from_m:g}")
    return Altitude(**filled.values)


ALTITUDE = Record(
    build=_altitude,
    keys={
        "from_m": Number(HEIGHT_MIN_M, HEIGHT_MAX_M),
        "to_m": OrNull(Number(HEIGHT_MIN_M, HEIGHT_MAX_M)),
        "datum": Choice(AltitudeDatum),
    },
)


def _zone(filled: Filled) -> Zone:
    values: dict[str, Any] = dict(filled.values)
    given = [way for way in _WAYS if way in filled.parts]
    if len(given) != 1:
        shown = f"{' and '.join(given)} are" if given else "none of them is"
        problem = f"{shown} given, must be exactly one of: {', '.join(_WAYS)}"
        raise BadAgreement(filled.where(given[-1] if given else ""), problem)
    if "edges" in filled.parts and given != ["polygon"]:
        raise BadAgreement(filled.where("edges"), "edges is given, only a polygon has edges")
    since, until = values.pop("valid")
    kind = values.pop("class")
    return Zone(kind=kind, since=since, until=until, **values)


ZONE = Record(
    noun="zone",
    build=_zone,
    keys={
        "id": Word(ID),
        "class": Word(KIND),
        "polygon": Maybe(Outline(closed=True), ()),
        "belts": Maybe(Many(BELT, least=1), ()),
        "discs": Maybe(DISCS, ()),
        "edges": Maybe(Choice(Edges), Edges.STRAIGHT),
        "altitude": Maybe(ALTITUDE, None),
        "restricted": Maybe(Truth(), default=False),
        "valid": Maybe(VALID, (None, None)),
        "text": Maybe(Text()),
    },
    also={
        "oneOf": [{"required": [way]} for way in _WAYS],
        "dependentRequired": {"edges": ["polygon"]},
    },
)
