"""Until when a duty is due, by the text alone or by what was asked, and when its clock stood still.

A pause helps whoever owes the duty and its end does not, so neither is taken on the word of a date
that was typed: where the log had it later than is claimed, both are worked out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.agreement.rule import After
from trucewatch.assess._early import both_times, done_by, ever, known_by, struck_at
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.rule import Rule
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step

_SETTLED = frozenset({"cancelled", "verified"})
"""Acts after which nobody asks for a duty any more."""
_ENDS = _SETTLED | {"resumed"}
"""Acts that set the clock of a paused duty going, or that settle it."""
_LEAVES = frozenset({"reported", "not_done"})
"""Acts after which a duty is no longer called paused, though nobody said that its clock runs."""
_HOUR_S = 3_600.0


class Due(NamedTuple):
    """When a duty is due.

    Attributes:
        least: The earliest instant, with those pauses that surely count; None without a date.
        most: The latest, with those that may count.
        paused_h: Hours of the pauses that surely count.
        paused_most_h: Hours of those that may count.
        paused_now: Whether its clock stands still.
        acts: What the trace says of the acts that stopped its clock or set it going.
    """

    least: datetime | None
    most: datetime | None
    paused_h: float = 0.0
    paused_most_h: float = 0.0
    paused_now: bool = False
    acts: tuple[Json, ...] = ()

    def passed(self, instant: datetime) -> bool | None:
        """Return whether an instant lies after it, or None when that hangs on a claimed time."""
        if self.least is None or self.most is None or self.least < instant <= self.most:
            return None
        return instant > self.most


class Pauses(NamedTuple):
    """For how long the clock of a duty stood still.

    Attributes:
        least: The time that surely does not count.
        most: The time that may not count.
        acts: The first act that paused it and all after it that bear on its clock, struck or not,
            in log order; empty when none paused it.
    """

    least: timedelta
    most: timedelta
    acts: tuple[Step, ...]


def runs_from(rule: Rule, agreement: Agreement) -> datetime | None:
    """Return when the time of a duty begins by the text; None when an entry, or nothing, says so.

    A successor carries the dates of its own text.
    """
    if rule.deadline is None or rule.deadline.after is After.ASKED:
        return None
    if rule.deadline.after is After.SIGNED:
        return agreement.provisions.signed
    return agreement.effective


def due_of(rule: Rule, agreement: Agreement) -> datetime | None:
    """Return when a duty is due by the text alone, or None when that cannot be said."""
    start = runs_from(rule, agreement)
    if start is None or rule.deadline is None:
        return None
    return start + timedelta(hours=rule.deadline.within_h)


def asked_at(record: Record) -> datetime:
    """Return from when the time of a duty runs that runs from being asked.

    It is the later of the time claimed and the log's, so that nobody's time is cut short by a date
    that was typed.
    """
    return max(record.opening.at, record.opening.logged_at)


def due(record: Record, instant: datetime, rule: Rule, agreement: Agreement) -> Due:
    """Return when a duty is due, with what its clock stood still until an instant."""
    start, by = runs_from(rule, agreement), due_of(rule, agreement)
    if rule.deadline is not None and rule.deadline.after is After.ASKED:
        start = asked_at(record)
        by = start + timedelta(hours=rule.deadline.within_h)
    found = pauses(record, since=start or asked_at(record), until=instant)
    return Due(
        least=by and by + found.least,
        most=by and by + found.most,
        paused_h=found.least.total_seconds() / _HOUR_S,
        paused_most_h=found.most.total_seconds() / _HOUR_S,
        paused_now=record.state == "paused",
        acts=tuple({"act": step.act, **all_times(record, step)} for step in found.acts),
    )


def came_late(record: Record, step: Step, rule: Rule, agreement: Agreement) -> bool | None:
    """Return whether the time of a duty was over when one of its steps was done.

    Returns:
        None when the time claimed and that of the log differ in this, or the clock may have stood
        still. False where there is no date that it could be later than.
    """
    if due(record, step.at, rule, agreement).least is None:
        return False
    steps = tuple(each for each in record.steps if each is not step)
    before = replace(record, steps=steps)  # it ends no pause before it is done
    claimed, logged = (
        due(before, time, rule, agreement).passed(time)
        for time in (step.at, max(step.at, step.logged_at))
    )
    return claimed if claimed == logged else None


def all_times(record: Record, step: Step) -> dict[str, Json]:
    """Return when a step was done as claimed, when the log had it, and when it was struck if so."""
    struck = struck_at(record, step) if step in record.voided else None
    return both_times(step) | ({} if struck is None else {"struck_at": instant_text(struck)})


def known(record: Record, step: Step, instant: datetime) -> bool | None:
    """Return whether a step was done by an instant and stood then; None when that is not sure.

    Where a record was struck as a whole, its steps count as they stood until then.
    """
    return known_by(record, step, instant) if step in record.voided else done_by(step, instant)


def pauses(record: Record, *, since: datetime, until: datetime) -> Pauses:
    """Return how long the clock of a duty stood still between two instants.

    Pauses that overlap count once. One surely counts from when the log had it to when it is said to
    have ended, and may count from when it is said to have begun to when the log had its end. One
    after which the duty was reported, or seen undone, surely counts up to that, and may go on.
    A pause that was struck may count until then, and so may the time between an end of the duty and
    its striking; an end of a pause that was struck leaves in doubt what it ended, until then.

    Args:
        record: The duty.
        since: From when its time runs.
        until: As of when it is asked.
    """
    acts = ever(record, "paused", *_ENDS, *_LEAVES)
    turns = {since, until}
    for step in acts:
        struck = struck_at(record, step)
        turns |= {step.at, step.logged_at} | ({struck} if struck else set())
    least = most = timedelta()
    for start, end in pairwise(sorted(turn for turn in turns if since <= turn <= until)):
        still = _stood_still(record, acts, start)
        least += (end - start) * (still is True)
        most += (end - start) * (still is not False)
    bears = [n for n, step in enumerate(acts) if step.act == "paused" or _unsettled(record, step)]
    return Pauses(least, most, tuple(acts[bears[0] :] if bears else ()))


def _unsettled(record: Record, step: Step) -> bool:
    """Return whether a step settled a duty until it was struck."""
    return step.act in _SETTLED and step in record.voided


def _stood_still(record: Record, acts: list[Step], instant: datetime) -> bool | None:
    """Return whether the clock of a duty stood still at an instant."""
    answers: list[bool | None] = []
    for number, step in enumerate(acts):
        if step.act == "paused":
            answers.append(_lasted(record, step, acts[number + 1 :], instant))
        elif _unsettled(record, step) and known_by(record, step, instant) is not False:
            answers.append(None)
    return True if True in answers else None if None in answers else False


def _lasted(record: Record, pause: Step, after: list[Step], instant: datetime) -> bool | None:
    """Return whether a pause lasted at an instant, by the acts after it in the log."""
    lasted = known(record, pause, instant)
    for step in after:
        if lasted is False:
            break
        if step.act != "paused" and known(record, step, instant) is not False:
            lasted = None
        if step.act in _ENDS and step not in record.voided:  # what comes later ends it no more
            return False if known(record, step, instant) else lasted
    return lasted
