"""Sectors of a piece of ground, and an invented agreement that forbids all fire in each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from trucewatch.simulate.parts.ground import Ground

_HEAD = """\
# EXERCISE. Invented parties on invented ground in the open ocean. Nobody has agreed to this.
schema: trucewatch/agreement/v1
id: watched-truce
version: 1
title: "EXERCISE: truce in watched sectors"
exercise: true
status: in_force
effective: 2030-09-01T00:00:00+00:00
expires: 2031-09-30T00:00:00+00:00

parties:
  - {id: ALPHA, role: party, text: Fictional party north of the line}
  - {id: BRAVO, role: party, text: Fictional party south of the line}

definitions:
  fire:
    state: defined
    text: Any explosion, burst or shot, and any strike from the air.
"""
_ZONE = """\
  - id: {id}
    class: security_zone
    text: Sector {id} of the line.
    edges: straight
    polygon: [{polygon}]
"""
_RULE = """\
  - id: R_{id}
    kind: prohibited_act
    clause: The parties refrain from all fire in sector {id}.
    source: "invented; model text: July 2020 measures, ban on fire"
    modality: F
    acts: [{acts}]
    who: [ALPHA, BRAVO]
    zone: {id}
    terms: [fire]
    counting_rule: osce_unit
    # Not in the text: set by the exercise. They sort incidents for people and prove nothing.
    thresholds:
      inside_p_min: 0.95
      outside_p_max: 0.05
      act_p_potential: 0.5
      act_p_on_its_face: 0.95
      real_p_on_its_face: 0.95
      independent_min: 2
"""
_TAIL = """\
exemptions: []

note: EXERCISE on fictional ground. Nobody has adopted this software.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """A box of ground, in km from its centre, and what happens there.

    Attributes:
        id: Its zone in the agreement.
        west_km: Western edge.
        east_km: Eastern edge.
        south_km: Southern edge.
        north_km: Northern edge.
        acts_per_day_mean: Single acts, at any hour and place alike.
        evenings_per_day_mean: Evenings of clustered fire.
        cluster_mean: Acts on such an evening.
        tolerated_per_1000h: What the mission declares as tolerated.
    """

    id: str
    west_km: float
    east_km: float
    south_km: float
    north_km: float
    acts_per_day_mean: float
    evenings_per_day_mean: float = 0.0
    cluster_mean: float = 1.0
    tolerated_per_1000h: float

    @property
    def rate_per_day(self) -> float:
        """True mean number of acts a day, clustered ones in it."""
        return self.acts_per_day_mean + self.evenings_per_day_mean * self.cluster_mean


def agreement_text(sectors: tuple[Sector, ...], ground: Ground, acts: tuple[str, ...]) -> bytes:
    """Return an agreement with a zone for each sector, and a rule that forbids `acts` in it."""
    named = ", ".join(acts)
    zones = "".join(_ZONE.format(id=each.id, polygon=_polygon(each, ground)) for each in sectors)
    rules = "\n".join(_RULE.format(id=each.id, acts=named) for each in sectors)
    return f"{_HEAD}\nzones:\n{zones}\nrules:\n{rules}\n{_TAIL}".encode()


def corners_deg(sector: Sector, ground: Ground) -> list[tuple[float, float]]:
    """Return longitude and latitude of the corners, as the agreement gives them."""
    west_m, east_m = sector.west_km * 1000, sector.east_km * 1000
    south_m, north_m = sector.south_km * 1000, sector.north_km * 1000
    lat_deg, lon_deg = ground.degrees(
        np.array([west_m, east_m, east_m, west_m]), np.array([south_m, south_m, north_m, north_m])
    )
    corners = zip(lon_deg.tolist(), lat_deg.tolist(), strict=True)
    return [(round(lon, 6), round(lat, 6)) for lon, lat in corners]


def _polygon(sector: Sector, ground: Ground) -> str:
    return ", ".join(f"[{lon}, {lat}]" for lon, lat in corners_deg(sector, ground))
