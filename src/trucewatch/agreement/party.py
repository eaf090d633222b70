"""Who takes part in an agreement, and in which role."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is in an agreement; only a `PARTY` can be bound by a rule."""

    PARTY = "party"
    GUARANTOR = "guarantor"
    WITNESS = "witness"
    FACILITATOR = "facilitator"
    MEDIATOR = "mediator"
    DEPOSITARY = "depositary"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One participant.

    Attributes:
        id: Identifier inside the agreement, such as `ALPHA`.
        role: What it is in the agreement.
        text: Its name and capacity in words, or "".
    """

    id: str
    role: Role
    text: str
