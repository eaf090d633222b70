"""Report days: each ends at the mission's cut-off, in the mission's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trucewatch.mission.settings import Settings

_DAY = timedelta(days=1)


def window(settings: Settings, day: date) -> tuple[datetime, datetime]:
    """Return the report day that ends at the cut-off on `day`, as (start, end), UTC.

    It has 23 or 25 hours where clocks change.
    """
    return _cutoff(settings, day - _DAY), _cutoff(settings, day)


def last_day(settings: Settings, instant: datetime) -> date:
    """Return the last day whose cut-off is not after `instant`."""
    day = instant.astimezone(settings.mission.zone).date()
    return day if _cutoff(settings, day) <= instant else day - _DAY


def day_edges(settings: Settings, start: datetime, end: datetime) -> tuple[datetime, ...]:
    """Return `start`, every cut-off between the two, and `end`: what parts a time into days."""
    first = start.astimezone(settings.mission.zone).date() - _DAY
    last = end.astimezone(settings.mission.zone).date() + _DAY
    cuts = (_cutoff(settings, first + n * _DAY) for n in range((last - first).days + 1))
    return (start, *(cut for cut in cuts if start < cut < end), end)


def _cutoff(settings: Settings, day: date) -> datetime:
    local = datetime.combine(day, settings.mission.cutoff, settings.mission.zone)
    return local.astimezone(UTC)
