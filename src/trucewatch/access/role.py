"""Who asks: the roles of today; later ones add rows to the policy, never code."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the mission."""

    PUBLIC = "public"
    MISSION = "mission"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks.

    Attributes:
        role: What they are to the mission.
        name: How the mission knows them, "" for the public.
    """

    role: Role
    name: str = ""


PUBLIC = Viewer(Role.PUBLIC)
"""Anybody."""
