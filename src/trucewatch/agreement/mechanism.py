"""Who watches, who decides and by which vote, with which means and to which standard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Voting(StrEnum):
    """How a body decides."""

    CONSENSUS = "consensus"
    UNANIMITY_LESS_ACCUSED = "unanimity_less_accused"
    MAJORITY = "majority"
    TWO_THIRDS = "two_thirds"
    CHAIR = "chair"
    UNDEFINED = "undefined"


class Topic(StrEnum):
    """What a finding is about; each is proved and voted apart."""

    BREACH = "breach"
    RESPONSIBILITY = "responsibility"
    REMEDY = "remedy"


class Standard(StrEnum):
    """A standard of proof; a human finding with reasons, never a probability."""

    SUSPECT = "reasonable_grounds_to_suspect"
    BELIEVE = "reasonable_grounds_to_believe"
    BALANCE = "balance_of_probabilities"
    CLEAR = "clear_and_convincing"
    UNDEFINED = "undefined"


class Act(StrEnum):
    """How a remedy acts; see `Remedy`."""

    CLARIFY = "clarify"
    STOP = "stop"
    VISIT = "visit"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    DISCIPLINE = "discipline"
    COMPENSATE = "compensate"
    PUBLISH = "publish"
    REFER = "refer"
    RESPOND = "respond"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A seat in a body.

    Attributes:
        who: Id of a participant, or a name for one who is none.
        seats: How many seats.
        vote: Whether they vote.
    """

    who: str
    seats: int
    vote: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One body of the mechanism.

    Attributes:
        id: Identifier inside the agreement, such as `commission`.
        title: Its name.
        functions: What it does, in words.
        members: Who sits in it; empty when no text says so.
        quorum: How many voting seats must be there, or None when no text says so.
        voting: How it decides.
        chair: Who chairs, or "".
        publishes: What it publishes, in words, or "".
        next: Id of the body to which a deadlock goes, or "".
        within_h: Hours within which it decides, or None.
        text: What a reader must know besides.
    """

    id: str
    title: str
    functions: tuple[str, ...]
    members: tuple[Member, ...]
    quorum: int | None
    voting: Voting
    chair: str
    publishes: str
    next: str
    within_h: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """One means of monitoring that the agreement provides for.

    Attributes:
        id: Identifier inside the agreement, such as `cameras`.
        kind: What it is, such as `camera`, `acoustic_array`, `patrol`, `inspection`.
        observes: What it can show: happenings (`records.happening.HAPPENINGS`) and matters
            (`agreement.kinds.MATTERS`).
        delay_h: Hours from the happening to the report.
        zones: Ids of the zones that it covers; empty for all.
        cover_share: Share of time and ground that it covers there, 0 to 1.
        operator: Who runs it: id of a participant, or a name.
        accepted_by: Ids of the parties that accept it.
        text: What a reader must know besides.
    """

    id: str
    kind: str
    observes: tuple[str, ...]
    delay_h: float
    zones: tuple[str, ...]
    cover_share: float
    operator: str
    accepted_by: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One step of the ladder of remedies.

    Attributes:
        id: Identifier inside the agreement, such as `M1`.
        does: What kind of act it is.
        text: The step in words.
        by: Who may ask for it: id of a body or a participant.
        within_h: Hours after the determination, or None.
        standard: Least standard of proof of the finding of responsibility.
        binding: `yes`, `no` or `undefined`.
    """

    id: str
    does: Act
    text: str
    by: str
    within_h: float | None
    standard: Standard
    binding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """All of it.

    Attributes:
        bodies: In the order in which a matter goes through them.
        means: Declared means of monitoring.
        standards: Standard of proof by what a finding is about.
        remedies: The ladder, from the mildest.
    """

    bodies: tuple[Body, ...] = ()
    means: tuple[Means, ...] = ()
    standards: tuple[tuple[Topic, Standard], ...] = ()
    remedies: tuple[Remedy, ...] = ()
