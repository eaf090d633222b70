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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One clause, as software reads it.

    Attributes:
        id: Identifier inside the agreement, such as `R01`.
        kind: The module in `assess` that checks it, such as `prohibited_act`.
        clause: The clause in words.
        source: Where the words come from.
        modality: Forbidden, obligatory or permitted.
        acts: Kinds of `records.happening.HAPPENINGS` that the rule speaks of.
        zone: Id of the zone that it holds in.
        who: Ids of the parties that it binds, in the order of the file.
        terms: Defined terms that its meaning rests on.
        counting_rule: One of `COUNTING_RULES`, or "" when the agreement names none.
        thresholds: How likely something must be.
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
