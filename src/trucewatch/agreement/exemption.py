"""When an act that a rule forbids is exempt from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Asks(StrEnum):
    """What an exemption may ask; each is looked up in the logbook and never taken on trust."""

    NOTIFIED = "notified"  # an activity of that kind was notified for that time
    LEAD = "lead"  # ... at least `value` hours ahead
    INSIDE_NOTIFIED_AREA = "inside_notified_area"  # it lies in the area notified
    WITHIN_NOTIFIED_NUMBER = "within_notified_number"  # no more of them than notified
    DAYLIGHT = "daylight"  # the sun is up over the whole time
    OPERATOR_IS_MONITOR = "operator_is_monitor"  # `notified`, and by the mission itself
    JOINTLY_AGREED = "jointly_agreed"  # every party bound acknowledged the notice before
    INCOMING_FIRE = "incoming_fire"  # fire came in within `value` minutes before
    MECHANISM_TRIED_AND_FAILED = "mechanism_tried_and_failed"  # a call in between had no success
    ORDER_OF_LEADERSHIP = "order_of_leadership"  # the log of contacts names the order
    COORDINATOR_NOTIFIED = "coordinator_notified"  # ... and that the coordinator was told


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition.

    Attributes:
        asks: What must hold.
        value: Its bound, a whole number of the unit that `Asks` names, or None where it needs none.
    """

    asks: Asks
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """One exemption; every condition must hold.

    Attributes:
        id: Identifier inside the agreement, such as `E_demining`.
        activity: Kind of notified activity that it speaks of, such as `demining_blast`, or "".
        conditions: In the order in which they are asked.
        text: The exemption in words.
        source: Where the words come from.
    """

    id: str
    activity: str
    conditions: tuple[Condition, ...]
    text: str
    source: str
