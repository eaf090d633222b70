"""Whether something was entered early enough; no claimed time is taken on trust."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trucewatch.records.instant import instant_text
from trucewatch.records.logbook.machine import VOIDED

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step

LOGGED_WITHIN_H = 24.0
"""Hours after an act within which the coordinator must be told of it, and that be logged; chosen.

The mission's daily report closes a day's log: who was told on a day is in the log by the report of
the next. What is logged later may have been thought of later.
"""


def done_by(step: Step, instant: datetime) -> bool | None:
    """Return whether a step was done by an instant; None when only the claimed time says so."""
    if step.at > instant:
        return False
    return True if step.logged_at <= instant else None


def struck_at(record: Record, step: Step) -> datetime | None:
    """Return when the log had the act that struck a step, alone or with its record; else None."""
    by = [each for each in record.entered if each.act == VOIDED]
    of = {record.voided_by(step), None} - {None}
    return next((each.logged_at for each in by if each.entry in of), None)


def known_by(record: Record, step: Step, instant: datetime) -> bool | None:
    """Return whether a step was done by an instant, and stood then; None when that is not sure.

    A step that was struck by then counts for nothing. One that was struck only later is unknown:
    whoever strikes it settles nothing of what happened before.
    """
    done, struck = done_by(step, instant), struck_at(record, step)
    if struck is None or done is False:
        return done
    return False if struck <= instant else None


def ever(record: Record, *acts: str) -> list[Step]:
    """Return every step of some acts, struck or not, in log order."""
    return [step for step in record.entered if step.act in acts]


def in_time(step: Step, instant: datetime) -> bool:
    """Return whether a step was logged at most `LOGGED_WITHIN_H` after an instant."""
    return step.logged_at <= instant + timedelta(hours=LOGGED_WITHIN_H)


def both_times(step: Step) -> dict[str, Json]:
    """Return when a step was done as claimed, and when the log had it, for the trace."""
    return {"at": instant_text(step.at), "logged_at": instant_text(step.logged_at)}
