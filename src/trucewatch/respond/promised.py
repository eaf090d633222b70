"""What the register says of those who may be asked, as this stage needs it.

Stages do not import one another, so whoever composes them hands this over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from trucewatch.records.claims.register import Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """How binding a source says that a promise is.

    Attributes:
        value: Its answer, such as `binding` or `political`.
        meaning: What the register takes that to mean.
        at: Where it was read, such as `002:24`.
        official: Whether the source is the official text of an instrument.
    """

    value: str
    meaning: str
    at: str
    official: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """A promise of an actor, or a refusal.

    Attributes:
        claim: The claim, by id.
        relation: Such as `pledged`; `assigned` is the word of others, and no promise.
        text: What the source says, in our words.
        quantity: How much, with its hedge, or "".
        domain: Its domain, or "".
        at: Where it was read.
        outlet: Who published that.
        said_on: When it was said or published, or None when nobody tells.
        grade: Of source and information.
        force: How binding each source says that it is, official texts first; empty when none does.
        condition: On what the official wording hangs it, in words, or "".
        met: Whether that and its own condition are met, in one word.
        against: Claims that contradict it, by id.
    """

    claim: str
    relation: str
    text: str
    quantity: str
    domain: str
    at: str
    outlet: str
    said_on: date | None
    grade: str
    force: tuple[Force, ...]
    condition: str
    met: str
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """A step at home that is not done.

    Attributes:
        atom: The condition, by id.
        text: In words.
        claims: Claims that say it is required, by id.
    """

    atom: str
    text: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What the register says of one actor.

    Attributes:
        actor: Its id.
        name: In English.
        acts: Whether the tier in force names it among those who act.
        promises: What it promised, or what others say that it will do.
        refusals: What it refused or ruled out.
        outstanding: Steps at home that are not done.
    """

    actor: str
    name: str
    acts: bool
    promises: tuple[Commitment, ...]
    refusals: tuple[Commitment, ...]
    outstanding: tuple[Outstanding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What nobody has promised.

    Attributes:
        what: `measure` or `requirement`.
        id: Its id.
        text: In words.
        why: What there is instead.
        claims: Claims that say so, by id.
    """

    what: str
    id: str
    text: str
    why: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What the register says of a response.

    Attributes:
        register: The register as the log had it.
        sides: Every actor that promised or refused something, or acts in the tier in force; by id.
        gaps: For each tier of the register, by id, what nobody has promised.
    """

    register: Register
    sides: tuple[Side, ...]
    gaps: Mapping[str, tuple[Gap, ...]]
