"""The clock of a mission that is served: of this machine, or of a demonstration's own time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.mission.clock import SimulatedClock, SystemClock
from trucewatch.mission.opened import reading

if TYPE_CHECKING:
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home

MARK = "DEMO"
"""File in the folder of a demonstration; `tw demo` replaces such a folder and no other."""


def clock_of(home: Home) -> Clock:
    """Return the clock that a mission lives by: a demonstration stands at its last entry."""
    if not (home.path / MARK).is_file():
        return SystemClock()
    with reading(home) as (log, _):
        return SimulatedClock(log.entry(log.size - 1).logged_at)
