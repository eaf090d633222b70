"""Clocks: when they are over, what stops them, and what hangs on a time that was typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trucewatch.respond.clock import (
    Clock,
    ClockState,
    Moment,
    Pause,
    Running,
    clock_of,
    first_of,
)

START = datetime(2031, 7, 1, 10, tzinfo=UTC)


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


def moment(at: float, logged: float | None = None) -> Moment:
    return Moment(at=hour(at), logged_at=hour(at if logged is None else logged))


def pause(since: Moment, until: Moment | None, reason: str = "talks") -> Pause:
    return Pause(since=since, until=until, reason=reason, entry=7)


def clock(
    *,
    as_of: float,
    due: float = 24,
    pauses: tuple[Pause, ...] = (),
    done: Moment | None = None,
    ended: Moment | None = None,
) -> Clock:
    running = Running(since=START, due_at=hour(due), pauses=pauses, done=done, ended=ended)
    return clock_of(running, as_of=hour(as_of))


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (clock(as_of=0), ClockState.DUE),
        (clock(as_of=24), ClockState.DUE),  # the last instant is in time
        (clock(as_of=24.01), ClockState.MISSED),
        (clock(as_of=40, done=moment(20)), ClockState.MET),
        (clock(as_of=40, done=moment(24)), ClockState.MET),
        (clock(as_of=40, done=moment(25)), ClockState.MISSED),
        (clock(as_of=40, done=moment(20, logged=30)), ClockState.UNSETTLED),
        (clock(as_of=40, ended=moment(20)), ClockState.CALLED_OFF),
        (clock(as_of=40, ended=moment(30)), ClockState.MISSED),
        (clock(as_of=40, ended=moment(20, logged=30)), ClockState.UNSETTLED),
        (clock(as_of=40, done=moment(23), ended=moment(30)), ClockState.MET),
        (clock(as_of=30, pauses=(pause(moment(10), None),)), ClockState.PAUSED),
        (clock(as_of=99, pauses=(pause(moment(30), None),)), ClockState.MISSED),
        (clock(as_of=30, pauses=(pause(moment(10), moment(20)),)), ClockState.DUE),
        (clock(as_of=35, pauses=(pause(moment(10), moment(20)),)), ClockState.MISSED),
        (clock(as_of=30, pauses=(pause(moment(10, logged=26), None),)), ClockState.UNSETTLED),
    ],
)
def test_a_clock_stands_as_its_times_say(found: Clock, state: ClockState) -> None:
    assert found.state is state


def test_a_pause_is_not_taken_on_the_word_of_its_dates() -> None:
    late = pause(moment(10, logged=14), moment(20, logged=22))

    found = clock(as_of=31, pauses=(late,))

    assert found.due_at == hour(24 + 6)
    assert found.due_most_at == hour(24 + 12)
    assert found.state is ClockState.UNSETTLED
    assert found.paused_h == 6
    assert found.left_h == -1


def test_a_pause_after_the_clock_was_over_gives_no_time_back() -> None:
    found = clock(as_of=90, pauses=(pause(moment(30), moment(80)),))

    assert (found.due_at, found.state) == (hour(24), ClockState.MISSED)


def test_a_pause_after_it_was_done_changes_nothing() -> None:
    found = clock(as_of=90, pauses=(pause(moment(20), moment(40)),), done=moment(10))

    assert (found.due_at, found.paused_h, found.state) == (hour(24), 0, ClockState.MET)


def test_hours_until_done_are_those_that_were_claimed() -> None:
    found = clock(as_of=90, done=moment(20, logged=30))

    assert (found.done_h, found.left_h) == (20, None)


def test_the_first_of_several_is_taken_by_each_kind_of_time_for_itself() -> None:
    first = first_of([moment(5, logged=6), moment(2, logged=9)])

    assert first == moment(2, logged=6)
    assert first_of([]) is None


def slow_due(spans: list[tuple[int, int]], due: int) -> int:
    """Walk hour by hour: an hour counts against the clock unless it lies in a pause."""
    run, at = 0, 0
    while run < due:
        if not any(start <= at < end for start, end in spans):
            run += 1
        at += 1
    return at


@given(
    spans=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=5),
    due=st.integers(1, 40),
)
def test_a_clock_agrees_with_one_that_is_walked_hour_by_hour(
    spans: list[tuple[int, int]], due: int
) -> None:
    ends = [(start, start + length) for start, length in spans]
    pauses = [pause(moment(start), moment(end)) for start, end in ends]
    slow = slow_due(ends, due)

    found = clock(as_of=200, due=due, pauses=tuple(pauses))
    turned = clock(as_of=200, due=due, pauses=tuple(reversed(pauses)))

    assert found.due_at == turned.due_at
    assert found.due_at == hour(slow)
