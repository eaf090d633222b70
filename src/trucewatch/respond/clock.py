"""Clocks: until when a thing is due, for how long it stood still, and whether it was in time.

What is judged is judged against a given time, the newest of the log, and never against a clock on
a wall. A time that was typed may be wrong, and the log's own time is late at the most. So each
clock is worked out with both, and where they differ in the answer, it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

    from trucewatch.records.logbook.machine import Record, Step

_HOUR_S = 3_600.0


class ClockState(StrEnum):
    """How a clock stands."""

    NOT_CALLED = "not_called"  # nobody called this tier
    DUE = "due"  # it runs
    PAUSED = "paused"  # it stands still
    MET = "met"  # done in time, and in the log in time
    MISSED = "missed"  # its time is over, by every time that was given
    UNSETTLED = "unsettled"  # in time or not, depending on a time that somebody typed
    CALLED_OFF = "called_off"  # ended before its time was over


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something was done.

    Attributes:
        at: As claimed.
        logged_at: When the log had it; never earlier.
    """

    at: datetime
    logged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A time for which clocks stood still.

    Attributes:
        since: When it began.
        until: When it ended, or None while it lasts.
        reason: Why, in the words of whoever entered it.
        entry: Index of the entry that says so.
    """

    since: Moment
    until: Moment | None
    reason: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What a clock is made of.

    Attributes:
        since: From when it runs.
        due_at: Until when, pauses left out.
        pauses: When it stood still.
        done: When it was done, or None.
        ended: When it was no longer asked for, or None.
    """

    since: datetime
    due_at: datetime
    pauses: tuple[Pause, ...] = ()
    done: Moment | None = None
    ended: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock as it stands.

    Attributes:
        state: How.
        since: From when it runs.
        due_at: The earliest time at which it may be over: with those pauses that surely count.
        due_most_at: The latest: with those that may count.
        done: When it was done, or None.
        done_h: Hours from its start until then, as claimed, or None.
        left_h: Hours until it is due; below 0 once it is over; None when it runs no longer.
        paused_h: Hours for which it surely stood still.
        pauses: Why, with their reasons.
    """

    state: ClockState
    since: datetime
    due_at: datetime
    due_most_at: datetime
    done: Moment | None
    done_h: float | None
    left_h: float | None
    paused_h: float
    pauses: tuple[Pause, ...]


def pauses_of(record: Record, ends: Collection[str]) -> tuple[Pause, ...]:
    """Return when the clocks of a record stood still, in log order.

    Args:
        record: A response, or a measure that was asked for.
        ends: Acts that set its clock going again, or end it.
    """
    found = []
    for number, step in enumerate(record.steps):
        if step.act == "suspended":
            end = next((s for s in record.steps[number + 1 :] if s.act in ends), None)
            found.append(
                Pause(
                    since=moment_of(step),
                    until=None if end is None else moment_of(end),
                    reason=step.note,
                    entry=step.entry,
                )
            )
    return tuple(found)


def first_of(moments: Sequence[Moment]) -> Moment | None:
    """Return when the first of several things was done, by the claims and by the log; or None."""
    if not moments:
        return None
    at = min(each.at for each in moments)
    return Moment(at=at, logged_at=min(each.logged_at for each in moments))


def moment_of(step: Step) -> Moment:
    """Return when an act was done."""
    return Moment(at=step.at, logged_at=step.logged_at)


def clock_of(running: Running, *, as_of: datetime) -> Clock:
    """Return how a clock stands at a time.

    A pause that began before a clock was over moves its end by as long as it lasted; a later one
    does not. One surely counts from when the log had it to when it is said to have ended, and may
    count from when it is said to have begun to when the log had its end.

    Args:
        running: What it is made of.
        as_of: The time; what was done, ended and paused lies before it.
    """
    over = running.done or running.ended
    stop = as_of if over is None else over.logged_at  # a later pause changes nothing any more
    sure = [
        (max(each.since.at, each.since.logged_at), stop if each.until is None else each.until.at)
        for each in running.pauses
    ]
    perhaps = [
        (each.since.at, stop if each.until is None else each.until.logged_at)
        for each in running.pauses
    ]
    due_at = _moved(running, [(start, min(end, stop)) for start, end in sure])
    due_most_at = _moved(running, [(start, min(end, stop)) for start, end in perhaps])
    stands = any(each.until is None for each in running.pauses)
    return Clock(
        state=_state(running, (due_at, due_most_at), as_of, stands=stands),
        since=running.since,
        due_at=due_at,
        due_most_at=due_most_at,
        done=running.done,
        done_h=None if running.done is None else _hours(running.done.at - running.since),
        left_h=None if over is not None else _hours(due_at - as_of),
        paused_h=_hours(due_at - running.due_at),
        pauses=running.pauses,
    )


def _state(
    running: Running, due: tuple[datetime, datetime], as_of: datetime, *, stands: bool
) -> ClockState:
    """Return the state of a clock that is over between two instants."""
    over = running.done or running.ended
    first, last = (as_of, as_of) if over is None else (over.at, over.logged_at)
    if last <= due[0]:
        if running.done is not None:
            return ClockState.MET
        if running.ended is not None:
            return ClockState.CALLED_OFF
        return ClockState.PAUSED if stands else ClockState.DUE
    return ClockState.MISSED if first > due[1] else ClockState.UNSETTLED


def _moved(running: Running, spans: Sequence[tuple[datetime, datetime]]) -> datetime:
    """Return when a clock is over that stood still for some spans, which may overlap."""
    due_at, reached = running.due_at, running.since
    for start, end in sorted(spans):
        begin = max(start, reached)
        if begin < due_at and end > begin:
            due_at += end - begin
        reached = max(reached, end)
    return due_at


def _hours(length: timedelta) -> float:
    return length.total_seconds() / _HOUR_S
