"""What an agreement forbids, demands or permits, and how sure software must be to say so."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

COUNTING_RULES = ("incident", "osce_unit", "episode_60min_30rounds", "crossing", "ruled")
"""Names of counting rules that an agreement may choose for its official counts."""


class Modality(StrEnum):
    """Deontic modality of a rule."""

    FORBIDDEN = "F"
    OBLIGATORY = "O"
    PERMITTED = "P"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """How likely something must be before an assessment says it; the same for every party.

    They are set by the mission that uses the agreement unless the text itself names them. They
    sort incidents for people; they are no standard of proof.

    Attributes:
        inside_p_min: Least P(inside the zone) at which an incident counts as inside.
        outside_p_max: Greatest P(inside the zone) at which it counts as outside.
        act_p_potential: Least P(act is one of the rule's) for a potential breach.
        act_p_on_its_face: The same for a breach on its face.
        real_p_on_its_face: Least P(something happened) for a breach on its face.
        independent_min: Least number of independent sources for a breach on its face.
    """

    inside_p_min: float = 0.95
    outside_p_max: float = 0.05
    act_p_potential: float = 0.5
    act_p_on_its_face: float = 0.95
    real_p_on_its_face: float = 0.95
    independent_min: int = 2


class Severity(StrEnum):
    """How grave the text says that a breach of a rule is."""

    ROUTINE = "routine"
    SERIOUS = "serious"
    GRAVE = "grave"


class After(StrEnum):
    """From when the time of a duty runs."""

    EFFECTIVE = "effective"  # the agreement's date of effect
    SIGNED = "signed"  # its signature
    ASKED = "asked"  # the entry in the logbook that asks for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Until when a duty is due.

    Attributes:
        within_h: Hours.
        after: From when they run.
    """

    within_h: float
    after: After


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How a vessel moves in a corridor; a bound that is None is not asked.

    Attributes:
        speed_min_m_s: Least speed over ground, metres per second.
        speed_max_m_s: Greatest.
        stay: Whether it may not leave the corridor between entry and exit of it.
        dark_max_min: Minutes without a position after which software says that it cannot tell.
    """

    speed_min_m_s: float | None
    speed_max_m_s: float | None
    stay: bool
    dark_max_min: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One clause, as software reads it.

    Which of the fields a kind of rule has, and which it needs, is said in `agreement.kinds`; the
    others are empty.

    Attributes:
        id: Identifier inside the agreement, such as `R01`.
        kind: The module in `assess` that checks it, such as `prohibited_act`.
        clause: The clause in words.
        source: Where the words come from.
        modality: Forbidden, obligatory or permitted.
        acts: Kinds of `records.happening.HAPPENINGS` that the rule speaks of; or empty.
        zone: Id of the zone that it holds in; or "" when it holds everywhere.
        who: Ids of the parties that it binds, in the order of the file.
        terms: Defined terms that its meaning rests on.
        counting_rule: One of `COUNTING_RULES`, or "" when the agreement names none.
        thresholds: How likely something must be.
        exemptions: Ids of the exemptions from it, in the order in which they are tried.
        severity: How grave a breach is, as the text says.
        matters: What may not be there: matters of `agreement.kinds.SEEN`.
        weapons: Ids of the categories of weapons that it speaks of.
        phase: Phase of the withdrawal, or None for all.
        object_list: Id of the list of protected objects, or "".
        radius_m: Distance around a protected object or a window that belongs to it, metres.
        notice: Id of the notice that the duty is to give, or "".
        deadline: Until when a duty is due, or None.
        visit_every_d: Days between visits of a declared site, or None.
        sequence: Id of the sequence, or "".
        window: Id of the window, or "" for every window of the logbook.
        hindrances: Kinds of restriction (`records.logbook.restriction.HINDRANCES`) that breach it.
        delay_max_min: Minutes of delay that monitors have to bear.
        conduct: How a vessel moves, or None.
    """

    id: str
    kind: str
    clause: str
    source: str
    modality: Modality
    acts: tuple[str, ...]
    zone: str
    who: tuple[str, ...]
    terms: tuple[str, ...]
    counting_rule: str
    thresholds: Thresholds = field(default_factory=Thresholds)
    exemptions: tuple[str, ...] = ()
    severity: Severity = Severity.ROUTINE
    matters: tuple[str, ...] = ()
    weapons: tuple[str, ...] = ()
    phase: int | None = None
    object_list: str = ""
    radius_m: float | None = None
    notice: str = ""
    deadline: Deadline | None = None
    visit_every_d: float | None = None
    sequence: str = ""
    window: str = ""
    hindrances: tuple[str, ...] = ()
    delay_max_min: float | None = None
    conduct: Conduct | None = None
