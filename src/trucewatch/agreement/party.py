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
    CHAIR = "chair"


class Accession(StrEnum):
    """Whether a participant has joined."""

    ACCEDED = "acceded"
    SIGNED = "signed"
    INITIALLED = "initialled"
    NOT_ACCEDED = "not_acceded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One participant.

    Attributes:
        id: Identifier inside the agreement, such as `ALPHA`.
        role: What it is in the agreement.
        text: Its name and capacity in words, or "".
        accession: Whether it has joined.
    """

    id: str
    role: Role
    text: str
    accession: Accession = Accession.ACCEDED
