"""How far a sequence has come: days of silence, begun again by breaches, then the execution."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence as Several
    from datetime import datetime

    from trucewatch.agreement.provision import Sequence

_DAY = timedelta(days=1)


class Breach(NamedTuple):
    """An incident that breaks the silence, or may break it.

    Attributes:
        id: Its id.
        start: First instant at which it may have happened.
        end: Last instant; the count begins again there.
        inside_p: P(inside the zone).
        act_p: P(an act of the rule).
        other_p: P(surely another act).
        sure: Whether it counts as inside and as an act of the rule.
    """

    id: str
    start: datetime
    end: datetime
    inside_p: float
    act_p: float
    other_p: float
    sure: bool


class Course(NamedTuple):
    """One course of a sequence.

    Attributes:
        counted_from: From when the silence is counted, as it last began.
        restarts: Ids of the incidents that made it begin again, or that took a day from it.
        reached: When the days of silence are full, should no breach come before.
        end: When the days of the execution are over; None when no text bounds them.
    """

    counted_from: datetime
    restarts: tuple[str, ...]
    reached: datetime
    end: datetime | None

    def silent_days(self, until: datetime) -> int:
        """Return the whole days, of 24 hours, without a breach up to an instant."""
        return max(0, (min(until, self.reached) - self.counted_from) // _DAY)


def course(sequence: Sequence, since: datetime, breaches: Several[Breach]) -> Course:
    """Return the course that a sequence takes when some incidents break its silence.

    A breach begins the count again as long as the execution lasts, when the text says so; else
    it takes one day from the count, and each day is taken once. One that comes when the execution
    is over changes nothing.

    Args:
        sequence: Its numbers of days.
        since: From when it runs.
        breaches: What breaks the silence, in any order.
    """
    now = _course(sequence, since, (), 0)
    days_lost: set[int] = set()
    for breach in sorted(breaches, key=lambda each: (each.end, each.id)):
        if breach.end < since:
            continue
        if breach.end >= (now.reached if now.end is None else now.end):
            break
        restarts = (*now.restarts, breach.id)
        if sequence.restart_on_breach:
            now = _course(sequence, breach.end, restarts, 0)
        elif breach.end < now.reached:
            days_lost.add((breach.end - since) // _DAY)
            now = _course(sequence, since, restarts, len(days_lost))
    return now


def _course(
    sequence: Sequence, start: datetime, restarts: tuple[str, ...], days_lost: int
) -> Course:
    reached = start + (sequence.silence_days + days_lost) * _DAY
    lasts = sequence.execution_max_days
    return Course(start, restarts, reached, None if lasts is None else reached + lasts * _DAY)
