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


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One area on the ground.

    Attributes:
        id: Identifier inside the agreement, such as `Z_SEC`.
        kind: Class of zone, such as `security_zone`; the key in the file is `class`.
        polygon: Corners as (longitude, latitude) in WGS 84 degrees, in either direction of turn,
            the first not repeated at the end. No two edges meet except neighbours at a corner.
        edges: How corners are joined.
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
