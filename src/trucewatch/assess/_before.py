"""Whether something was entered before a subject, of which only an interval may be known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trucewatch.assess._early import both_times, known_by, struck_at
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from trucewatch.assess._subject import Subject
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step


def came_before(record: Record, step: Step, subject: Subject) -> bool | None:
    """Return whether a step came before a subject; None when that is not sure.

    The log must have had it when the subject may have begun. What was struck by then counts for
    nothing, what was struck later is not sure; see `known_by`. What is dated between its first and
    its last instant may have come before an incident or after it. A sighting stood for sure when it
    was first seen: what is dated later came too late, however long the thing still stands.
    """
    known = known_by(record, step, subject.start)
    between = subject.start < step.at <= subject.end
    return None if between and subject.kind != "sighting" else known


def its_times(record: Record, step: Step) -> dict[str, Json]:
    """Return what `both_times` returns, and when a step was struck if it was, for the trace."""
    struck = struck_at(record, step)
    return both_times(step) | ({} if struck is None else {"struck_at": instant_text(struck)})
