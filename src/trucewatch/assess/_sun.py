"""Whether the sun was up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.geo.sun import ERROR_DEG, UP_DEG, lowest

if TYPE_CHECKING:
    from trucewatch.assess._subject import Found, Subject


def daylight(subject: Subject) -> Found:
    """Return whether the sun was up over the whole time in which the subject may have happened."""
    text = f"the sun is above {UP_DEG} degrees over the whole time (to {ERROR_DEG} degrees)"
    if subject.lat_deg is None or subject.lon_deg is None:
        return text, None, None
    lowest_deg = lowest(subject.start, subject.end, subject.lat_deg, subject.lon_deg)
    holds = None if abs(lowest_deg - UP_DEG) <= ERROR_DEG else lowest_deg > UP_DEG
    return text, holds, {"lowest_deg": round(lowest_deg, 2)}
