"""What was agreed to happen after a determination: tiers with clocks, and measures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MeasureKind(StrEnum):
    """What a measure is."""

    DIPLOMATIC = "diplomatic"
    SANCTIONS = "sanctions"
    INTELLIGENCE = "intelligence"
    LOGISTICS = "logistics"
    FINANCIAL = "financial"
    MILITARY_CAPABILITY = "military_capability"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of the response.

    Attributes:
        id: Such as `tier-1`.
        number: Its place in the order, from 1.
        due_h: Hours from the determination until it is due.
        text: What it holds, in our words.
        who: Who acts, by id.
        claims: Claims that say so, by id.
        press_only: Whether no official text has it.
    """

    id: str
    number: int
    due_h: int
    text: str
    who: tuple[str, ...]
    claims: tuple[str, ...]
    press_only: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing that may be done.

    Attributes:
        id: Such as `sanctions-snapback`.
        kind: What it is.
        text: In words.
        tiers: Tiers in which it may be taken, by id.
        adopters: Who may adopt it, by id; empty when no text says.
        threshold: What must be found before, in words, or "".
        lasts_d: Days until it ends unless it is renewed, or None.
        domain: Domain of commitments under which it is asked for, or "".
        claims: Claims that it rests on, by id.
    """

    id: str
    kind: MeasureKind
    text: str
    tiers: tuple[str, ...]
    adopters: tuple[str, ...] = ()
    threshold: str = ""
    lasts_d: int | None = None
    domain: str = ""
    claims: tuple[str, ...] = ()
