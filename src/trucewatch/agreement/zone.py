"""An area that rules speak of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Edges(StrEnum):
    """How two corners of a zone are joined."""

    STRAIGHT = "straight"  # longitude and latitude both change linearly
    GEODESIC = "geodesic"  # the shortest way on the WGS 84 ellipsoid


class AltitudeDatum(StrEnum):
    """What an altitude is measured from."""

    SEA = "sea"  # mean sea level
    GROUND = "ground"


@dataclass(frozen=True, slots=True, kw_only=True)
class Belt:
    """A strip along a reference line; one of the two widths may be 0.

    Attributes:
        line: Id of the line.
        left_m: Width on its left, seen along its points, metres.
        right_m: Width on its right, metres.
    """

    line: str
    left_m: float
    right_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """All ground within a distance of a place.

    Attributes:
        name: What lies there, such as `Ilmery school`.
        lon_deg: Longitude, WGS 84.
        lat_deg: Latitude, WGS 84.
        radius_m: Distance, metres.
    """

    name: str
    lon_deg: float
    lat_deg: float
    radius_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Altitude:
    """The heights between which a zone lies.

    Attributes:
        from_m: Lower bound, metres.
        to_m: Upper bound, metres, or None for no upper bound.
        datum: What both are measured from.
    """

    from_m: float
    to_m: float | None
    datum: AltitudeDatum


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One area on the ground, in the one way of three that the file describes it.

    Attributes:
        id: Identifier inside the agreement, such as `Z_SEC`.
        kind: Class of zone, such as `security_zone`; the key in the file is `class`.
        polygon: Corners as (longitude, latitude) in WGS 84 degrees, in either direction of turn,
            the first not repeated at the end; no two edges meet except neighbours at a corner.
            Empty for a zone of belts or discs.
        belts: Strips along lines, taken together; or empty.
        discs: Surroundings of places, taken together; or empty.
        edges: How corners are joined.
        altitude: Between which heights it lies, or None for all.
        restricted: Whether its place may be shown to the parties and monitors alone.
        since: First instant at which the zone is valid, aware, or None for no bound of its own.
        until: First instant at which it is no longer valid, aware, or None.
        text: The zone in words.
    """

    id: str
    kind: str
    polygon: tuple[tuple[float, float], ...]
    edges: Edges
    since: datetime | None
    until: datetime | None
    text: str
    belts: tuple[Belt, ...] = ()
    discs: tuple[Disc, ...] = ()
    altitude: Altitude | None = None
    restricted: bool = False
