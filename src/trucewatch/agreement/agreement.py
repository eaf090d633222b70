"""The whole agreement: one version of one text, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar

from trucewatch.agreement.mechanism import Mechanism
from trucewatch.agreement.provision import Provisions
from trucewatch.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.agreement.definition import Definition
    from trucewatch.agreement.exemption import Exemption
    from trucewatch.agreement.line import Line
    from trucewatch.agreement.party import Party
    from trucewatch.agreement.rule import Rule
    from trucewatch.agreement.weapon import Weapon
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
        exemptions: In the order of the file.
        note: What a reader must know besides, or "".
        lines: Reference lines, in the order of the file.
        weapons: Categories of weapons, in the order of the file.
        provisions: What it provides besides its rules.
        mechanism: Who watches and who decides.
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
    exemptions: tuple[Exemption, ...]
    note: str
    lines: tuple[Line, ...] = ()
    weapons: tuple[Weapon, ...] = ()
    provisions: Provisions = field(default_factory=Provisions)
    mechanism: Mechanism = field(default_factory=Mechanism)

    def zone(self, zone_id: str) -> Zone:
        """Return the zone of that id; `NotFound` when there is none."""
        return _named(self.id, "zone", self.zones, zone_id)

    def line(self, line_id: str) -> Line:
        """Return the reference line of that id; `NotFound` when there is none."""
        return _named(self.id, "line", self.lines, line_id)

    def weapon(self, weapon_id: str) -> Weapon:
        """Return the category of weapons of that id; `NotFound` when there is none."""
        return _named(self.id, "weapon", self.weapons, weapon_id)

    def exemption(self, exemption_id: str) -> Exemption:
        """Return the exemption of that id; `NotFound` when there is none."""
        return _named(self.id, "exemption", self.exemptions, exemption_id)

    def datum(self, party: str) -> Line | None:
        """Return the line that a party measures from, or None when the text names none."""
        return next((line for line in self.lines if party in line.datum_for), None)


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_Noun = TypeVar("_Noun", bound=_Named)


def _named(where: str, noun: str, among: Sequence[_Noun], wanted: str) -> _Noun:
    for each in among:
        if each.id == wanted:
            return each
    known = ", ".join(each.id for each in among) or "none"
    raise NotFound(where, f"{noun} is {wanted}, must be one of: {known}")
