"""A category of weapons, and how far each party keeps it from its own datum."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """One distance.

    Attributes:
        distance_m: Least distance from the party's own datum, metres.
        who: Ids of the parties that it binds.
        phase: Phase of the withdrawal in which it is due, from 1.
    """

    distance_m: float
    who: tuple[str, ...]
    phase: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Weapon:
    """One category.

    Attributes:
        id: Identifier inside the agreement, such as `ART_100PLUS`.
        text: The category in words.
        types: Types that belong to it, as patrols write them, such as `D-30`.
        calibre_from_mm: Least calibre, millimetres, or None.
        calibre_below_mm: First calibre that no longer belongs to it, millimetres, or None.
        unit: What one of it is when counted: `barrel`, `launcher`, `vehicle`.
        withdrawal: Distances by party and phase; empty when no rule of withdrawal names it.
    """

    id: str
    text: str
    types: tuple[str, ...]
    calibre_from_mm: float | None
    calibre_below_mm: float | None
    unit: str
    withdrawal: tuple[Withdrawal, ...]

    def distance_m(self, party: str, phase: int | None) -> float | None:
        """Return the greatest distance due from a party, in one phase or (None) in any."""
        found = [
            each.distance_m
            for each in self.withdrawal
            if party in each.who and (phase is None or each.phase == phase)
        ]
        return max(found, default=None)
