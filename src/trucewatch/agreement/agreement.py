"""The whole agreement: one version of one text, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.errors import NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.agreement.definition import Definition
    from trucewatch.agreement.party import Party
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.zone import Zone


class Status(StrEnum):
    """What the file itself says of its legal state."""

    IN_FORCE = "in_force"
    NOT_IN_FORCE = "not_in_force"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One version of an agreement.

    Attributes:
        id: Short name, such as `demo-truce`.
        version: Counted from 1; an amendment is a new file with the next version.
        title: Full title.
        exercise: Whether it is invented or declared for an exercise.
        status: Whether it binds anybody at all.
        effective: First instant at which it is in force, with the offset of the text, or None.
        expires: First instant at which it is no longer in force, with its offset, or None when
            the text names no end.
        parties: All participants, in the order of the file.
        definitions: Terms by name, in the order of the file.
        zones: In the order of the file.
        rules: In the order of the file.
        exemptions: Always empty in this version of the software.
        note: What a reader must know besides, or "".
    """

    id: str
    version: int
    title: str
    exercise: bool
    status: Status
    effective: datetime | None
    expires: datetime | None
    parties: tuple[Party, ...]
    definitions: dict[str, Definition]
    zones: tuple[Zone, ...]
    rules: tuple[Rule, ...]
    exemptions: tuple[()]
    note: str

    def zone(self, zone_id: str) -> Zone:
        """Return the zone of that id.

        Raises:
            NotFound: The agreement has no such zone.
        """
        for zone in self.zones:
            if zone.id == zone_id:
                return zone
        known = ", ".join(zone.id for zone in self.zones) or "none"
        raise NotFound(self.id, f"zone is {zone_id}, must be one of: {known}")
