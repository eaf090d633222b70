"""Whether an agreement, or a zone of it, was in force while something happened."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.agreement.agreement import Status
from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.zone import Zone


class Force(StrEnum):
    """Over how much of an interval of time an agreement was in force."""

    YES = "yes"
    NO = "no"
    PARTLY = "partly"


def in_force(agreement: Agreement, start: datetime, end: datetime) -> Force:
    """Return whether the agreement was in force over a whole interval, a part or none of it.

    Args:
        agreement: It is in force from `effective` on and before `expires`.
        start: First instant of the interval, aware.
        end: Last instant of the interval, aware; equal to `start` for an instant.

    Raises:
        BadInput: An instant without a time zone, or an interval that ends before it starts.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise BadInput("in_force", "an instant has no time zone, must be aware")
    if end < start:
        problem = f"interval ends at {end.isoformat()}, must not be before {start.isoformat()}"
        raise BadInput("in_force", problem)
    span = window(agreement)
    if span is None:
        return Force.NO
    since, until = span
    if end < since or (until is not None and start >= until):
        return Force.NO
    if start >= since and (until is None or end < until):
        return Force.YES
    return Force.PARTLY


def window(
    agreement: Agreement, zone: Zone | None = None
) -> tuple[datetime, datetime | None] | None:
    """Return when the agreement is in force and the zone in it valid.

    Returns:
        The first instant at which they are and the first at which they no longer are, which is
        None when there is no end; None altogether when they never are.
    """
    if agreement.status is not Status.IN_FORCE or agreement.effective is None:
        return None
    since, until = agreement.effective, agreement.expires
    if zone is not None and zone.since is not None:
        since = max(since, zone.since)
    if zone is not None and zone.until is not None:
        until = zone.until if until is None else min(until, zone.until)
    if until is not None and until <= since:
        return None
    return since, until
