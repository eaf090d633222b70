"""What watches: an asset, the ground that it sees, and how well it sees what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY_OTHER = "*"
"""Stands for every class that is not named."""

_RADIUS_MAX_KM = 5_000.0
_LAT_MAX_DEG, _LON_MAX_DEG = 90.0, 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """All ground within a distance of a place.

    Attributes:
        lat_deg: Latitude, WGS 84.
        lon_deg: Longitude, WGS 84.
        radius_km: Distance.
    """

    lat_deg: float
    lon_deg: float
    radius_km: float

    def __post_init__(self) -> None:
        """Refuse what is no disc on the globe.

        Raises:
            BadInput: A value is out of range.
        """
        if not abs(self.lat_deg) <= _LAT_MAX_DEG:
            raise BadInput("lat_deg", f"is {self.lat_deg}, must be -90 to 90")
        if not abs(self.lon_deg) <= _LON_MAX_DEG:
            raise BadInput("lon_deg", f"is {self.lon_deg}, must be -180 to 180")
        if not 0 < self.radius_km <= _RADIUS_MAX_KM:
            problem = f"is {self.radius_km}, must be above 0, up to {_RADIUS_MAX_KM:g}"
            raise BadInput("radius_km", problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """How well an asset that watches at full power detects a happening.

    Attributes:
        detects: P(detected) by class, at close range, by day and in clear sky; `*` is any other
            class, and one that is neither named nor meant by it is never detected.
        half_km: Range at which P has halved, and halved again at twice that; 0 when it does not
            fall with range.
        night_ratio: What P is multiplied by when the sun is down.
        cloud_ratio: What P is multiplied by under a sky full of cloud; in between, in proportion.
        source: Where the figures come from.
    """

    detects: Mapping[str, float]
    half_km: float = 0.0
    night_ratio: float = 1.0
    cloud_ratio: float = 1.0
    source: str

    def __post_init__(self) -> None:
        """Refuse figures that cannot be.

        Raises:
            BadInput: A value is out of range, a class is unknown, or nothing says where the
                figures come from.
        """
        if not self.detects:
            raise BadInput("detects", "is empty, expected a class and its probability")
        for kind, chance_p in self.detects.items():
            if kind != ANY_OTHER and kind not in HAPPENINGS:
                raise BadInput("detects", f"has {kind!r}, expected a class of happening or '*'")
            if not 0 <= chance_p <= 1:
                raise BadInput("detects", f"{kind} is {chance_p}, must be 0 to 1")
        if not (self.half_km >= 0 and math.isfinite(self.half_km)):
            raise BadInput("half_km", f"is {self.half_km}, must be 0 or above")
        for name in ("night_ratio", "cloud_ratio"):
            ratio = getattr(self, name)
            if not 0 <= ratio <= 1:
                raise BadInput(name, f"is {ratio}, must be 0 to 1")
        if not self.source.strip():
            raise BadInput("source", "is empty, expected where the figures come from")

    def close_p(self, kind: str) -> float:
        """Return P(detected) of a class at close range, by day and in clear sky."""
        return self.detects.get(kind, self.detects.get(ANY_OTHER, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A camera, a patrol, a drone, a satellite, a newsroom: one that watches as a unit.

    Attributes:
        name: As in `mission.toml` and in watch reports.
        sensor: Module whose reports it makes, such as `firms`.
        footprint: Ground that it sees when nobody says otherwise; None for everywhere.
        always: Whether it watches whenever nobody says otherwise; else only when a watch report
            says so.
        detection: How well it sees.
    """

    name: str
    sensor: str
    footprint: Disc | None
    always: bool
    detection: Detection

    def __post_init__(self) -> None:
        """Refuse a fall with range where there is no place to measure it from.

        Raises:
            BadInput: P falls with range and the asset is everywhere.
        """
        if self.always and self.footprint is None and self.detection.half_km > 0:
            problem = f"is {self.detection.half_km} without a place, expected lat_deg and lon_deg"
            raise BadInput("half_km", problem)
