"""What the last run assessed, so that the next one need not assess it again.

It is used only when the tables at hand are those that this very code recorded in the log: a row
that somebody changed since would otherwise be kept, and signed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.mission.confidential import erasures
from trucewatch.mission.known import Earlier, facts
from trucewatch.mission.recorded import is_recorded_here

if TYPE_CHECKING:
    from trucewatch.evidence.log import Log
    from trucewatch.mission.projection import Projection


def earlier_run(there: Projection, log: Log, size: int) -> Earlier | None:
    """Return the run whose tables are on the desk, or None when its work cannot be used.

    Args:
        there: The projection; a new configuration has cleared its state.
        log: The log.
        size: Length of the prefix that the next run is a function of.
    """
    state = there.desk.state().get("input_size")
    if state is None or any(int(state) <= index < size for index in erasures(log).values()):
        return None
    if not is_recorded_here(log, there, ("incident", "logbook", "assessment")):
        return None
    tables, incidents = (there.archive, there.desk), there.desk.read("incident")
    known = facts(tables, log, int(state), incidents=incidents)
    return Earlier(facts=known, assessed=there.desk.read("assessment"))
