"""A text that actors adopted: what it is, its versions, its provisions and clauses."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from trucewatch.records.claims.condition import Condition


class InstrumentKind(StrEnum):
    """What kind of text it is."""

    DECLARATION = "declaration"
    DECLARATION_OF_INTENT = "declaration_of_intent"
    AGREEMENT = "agreement"
    TREATY = "treaty"
    MEMORANDUM = "memorandum"
    PLAN = "plan"
    PROTOCOL = "protocol"
    COMMUNIQUE = "communique"


class TextState(StrEnum):
    """How far a version of a text is."""

    DRAFT = "draft"
    FINAL = "final"


class Stage(StrEnum):
    """How far a provision is; in order, the last two end it."""

    ANNOUNCED = "announced"
    INTENT_SIGNED = "intent_signed"
    TEXT_AGREED = "text_agreed"
    SIGNED = "signed"
    RATIFIED = "ratified"
    IN_FORCE = "in_force"
    ACTIVATED = "activated"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextVersion:
    """One version of the text.

    Attributes:
        id: Within the instrument.
        state: Draft or final.
        day: The day, or None when it is not known.
        source: Where it was seen, by id.
        seen: How much of it was seen, in words.
    """

    id: str
    state: TextState
    day: date | None
    source: str
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause that stands in some versions and not in others.

    Attributes:
        id: Within the instrument.
        text: What it says, in our words.
        stands_in: Versions that have it, by id.
        missing_in: Versions that are known not to have it, by id.
        source: Who says so, by id.
        of: Whose promise it is, by id; empty when it is nobody's alone.
        claims: Claims that tell of it, by id.
    """

    id: str
    text: str
    stands_in: tuple[str, ...]
    missing_in: tuple[str, ...]
    source: str
    of: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """A numbered part of what was adopted.

    Attributes:
        id: How claims name it, unique in the register.
        number: Its number in the text, or "".
        topic: In one word.
        text: What it says, in our words.
        condition: On what it hangs, or None when no text says so.
    """

    id: str
    number: str
    topic: str
    text: str
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One text.

    Attributes:
        id: How claims name it.
        name: Its full title.
        kind: What it is.
        day: The day it was adopted, or None.
        parties: Who adopted it as far as is known, by id; claims say who signed.
        also: What sources call it.
        texts: Its versions.
        clauses: Clauses that not every version has.
        provisions: Its parts.
        note: What a reader should know.
    """

    id: str
    name: str
    kind: InstrumentKind
    day: date | None
    parties: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    texts: tuple[TextVersion, ...] = ()
    clauses: tuple[Clause, ...] = ()
    provisions: tuple[Provision, ...] = ()
    note: str = ""
