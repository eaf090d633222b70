"""How a duty stands: done in time, asked for no more, over, reported.

What is entered after the time of a duty is over does not mend it: a cancellation that came late
wipes no flag, nor does it help to be seen done late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.assess._consent import all_hold
from trucewatch.assess._due import Due, came_late, due, due_of
from trucewatch.assess._early import ever, struck_at
from trucewatch.assess._row import told
from trucewatch.assess._verdict import Asked
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from trucewatch.agreement.agreement import Agreement
    from trucewatch.agreement.rule import Rule
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step

_SAID = ("reported", "not_done")


class Owed(NamedTuple):
    """How a duty stands; None where that hangs on times that were claimed, or on what was struck.

    Attributes:
        due: When it is due.
        released: Whether it was cancelled in time.
        done: Whether it was seen done in time.
        over: Whether its time is over.
        silent: Whether no report of it has to be looked into; None when one has.
        report: What is said of reports.
    """

    due: Due
    released: bool | None
    done: bool | None
    over: bool | None
    silent: bool | None
    report: str


def owed(record: Record, as_of: datetime, rule: Rule, agreement: Agreement) -> Owed:
    """Return how a duty of the logbook stands as of an instant."""
    until = due(record, as_of, rule, agreement)
    silent, report = _reports(record, rule, agreement)
    return Owed(
        due=until,
        released=_in_time(record, _released_by(record), rule, agreement),
        done=_in_time(record, record.last("verified"), rule, agreement),
        over=until.passed(as_of),
        silent=silent,
        report=report,
    )


def by_text(as_of: datetime, rule: Rule, agreement: Agreement) -> Owed:
    """Return how a duty stands of which nothing but its text is known."""
    by = due_of(rule, agreement)
    until = Due(by, by)
    return Owed(
        due=until,
        released=False,
        done=False,
        over=until.passed(as_of),
        silent=True,
        report="no report",
    )


def late(record: Record, step: Step | None, rule: Rule, agreement: Agreement) -> bool | None:
    """Return whether there is a step and it came late; None when that is not sure."""
    return False if step is None else came_late(record, step, rule, agreement)


def newest(record: Record, *acts: str) -> Step | None:
    """Return the newest of some acts; what another party reports of a duty is no report of it."""
    return next((step for step in reversed(record.all(*acts)) if _of_party(record, step)), None)


def in_default(duties: list[Owed]) -> tuple[bool | None, bool | None, bool | None]:
    """Return whether a party owes what a rule asks, and its time is over, and nothing reports it.

    Args:
        duties: All that stand for what the one party owes. One that was done, or whose time is not
            over, is enough for the party; one that was cancelled says nothing beside another.

    Returns:
        Three answers, each of which holds only when the one before it does.
    """
    asked = [each for each in duties if each.released is not True] or duties
    settled = [each for duty in asked for each in (duty.released, duty.done)]
    owes = all_hold([None if each is None else not each for each in settled])
    over = all_hold([owes, *(each.over for each in asked)])
    return owes, over, all_hold([over, *(each.silent for each in asked)])


def struck_late(duty: Owed) -> Owed:
    """Return what a duty says that was struck as a whole after its time: at most that it is unsure.

    So that to strike a record neither mends what a party owes nor takes away what it had done.
    """
    released, done = (None if each else each for each in (duty.released, duty.done))
    return duty._replace(released=released, done=done, over=duty.over or None)


def any_holds(answers: Collection[bool | None]) -> bool | None:
    """Return whether one holds; None when none is known to and some are unknown."""
    return True if True in answers else None if None in answers else False


def _released_by(record: Record) -> Step | None:
    """Return the cancellation that stands; nobody releases themselves of what they owe."""
    step = record.last("cancelled")
    by_debtor = step is not None and step.detail.get("party") == record.opening.detail["party"]
    return None if by_debtor else step


def _in_time(record: Record, step: Step | None, rule: Rule, agreement: Agreement) -> bool | None:
    if step is None:
        return False
    found = came_late(record, step, rule, agreement)
    return None if found is None else not found


def _of_party(record: Record, step: Step) -> bool:
    party = record.opening.detail["party"]
    return step.act != "reported" or step.detail.get("party", party) == party


def _reports(record: Record, rule: Rule, agreement: Agreement) -> tuple[bool | None, str]:
    """Return whether no report has to be looked into, and what is said of it.

    The newest word counts. Where it was seen done only late, a report that came in time leaves
    open since when. A report that was struck after the time was over leaves open what it said.
    """
    word = newest(record, *_SAID)
    reported = word is not None and word.act == "reported"
    if reported and record.last("verified") is not None and word is not None:
        if came_late(record, word, rule, agreement):
            return True, "reported late, and seen done late"
        return None, "reported in time, and seen done late"
    if reported:
        return None, "reported, not verified"
    for step in ever(record, "reported"):
        struck = struck_at(record, step) if step in record.voided else None
        if struck is None or not _of_party(record, step):
            continue
        in_time = due(record, struck, rule, agreement).passed(struck) is False
        if not in_time and (word is None or word.entry < step.entry):
            return None, "reported; that was struck after its time was over"
    return True, "no report" if word is None else "monitors saw that it is not done"


def struck_by(record: Record, instant: datetime) -> bool:
    """Return whether a record was struck as a whole by an instant."""
    struck = struck_at(record, record.opening)
    return struck is not None and struck <= instant


def over_asked(found: Owed, as_of: datetime) -> Asked:
    """Return the condition that the time of a duty is over."""
    due, over = found.due, found.over
    says = "overdue" if over else "not yet due"
    if over is None:
        says = "hangs on when its clock stood still" if due.least else "no date to count from"
    value: dict[str, Json] = {"due": told(due.least), "says": says}
    if due.acts:
        value["paused_h"] = round(due.paused_h, 2)
        value["paused_now"] = due.paused_now
        value["acts"] = list(due.acts)
    if due.most != due.least:
        value["due_may_be"] = told(due.most)
        value["paused_may_be_h"] = round(due.paused_most_h, 2)
    return Asked(
        text=f"its time is over as of {instant_text(as_of)}",
        value=value,
        holds=over,
        refuted=Outcome.CONSISTENT,
        unknown=Missing.TIME,
    )
