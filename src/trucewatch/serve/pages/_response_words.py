"""How pages word a response: states, acts and clocks; and the bars of its clocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.register.conditions import Met
from trucewatch.respond.asked import Seen
from trucewatch.respond.clock import ClockState
from trucewatch.serve.nav import N_

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.respond.clock import Clock
    from trucewatch.respond.view import Response, Stands

CLOCKS = {
    ClockState.NOT_CALLED: (N_("not called"), "un"),
    ClockState.DUE: (N_("runs"), "clock"),
    ClockState.PAUSED: (N_("stands still"), "half"),
    ClockState.MET: (N_("met"), "ok"),
    ClockState.MISSED: (N_("missed"), "no"),
    ClockState.UNSETTLED: (N_("met or missed, depending on a time that somebody typed"), "ind"),
    ClockState.CALLED_OFF: (N_("called off"), "norule"),
}
"""Of each state its text and glyph."""
STATES = {
    "active": N_("active"),
    "adopted": N_("adopted"),
    "answered": N_("answered"),
    "asked": N_("asked"),
    "closed": N_("closed"),
    "concluded": N_("concluded"),
    "decided": N_("decided"),
    "declined": N_("declined"),
    "expired": N_("expired"),
    "held": N_("held"),
    "lifted": N_("lifted"),
    "not_done": N_("seen not to be done"),
    "refused": N_("refused"),
    "reported": N_("reported"),
    "requested": N_("requested"),
    "resumed": N_("goes on"),
    "suspended": N_("suspended"),
    "verified": N_("seen to be done"),
    "withdrawn": N_("withdrawn"),
}
TURNS = {
    "started": N_("The response was started in tier %(tier)s."),
    "tier_raised": N_("The higher tier %(tier)s was called."),
    "deescalated": N_("It went back to tier %(tier)s."),
    "reviewed": N_("The determination was looked at again."),
    "suspended": N_("All clocks were stopped."),
    "resumed": N_("The clocks run again."),
    "closed": N_("The response was closed."),
}
WORDS = {
    "answered": N_("answered"),
    "declined": N_("declined"),
    "step_done": N_("a step at home is done"),
    "step_failed": N_("a step at home was refused"),
}
SEEN = {
    Seen.NOT_LOOKED: (N_("nobody else looked"), "un"),
    Seen.VERIFIED: (N_("seen to be done"), "ok"),
    Seen.NOT_DONE: (N_("seen not to be done"), "no"),
}
MET = {
    Met.YES: (N_("condition met"), "ok"),
    Met.NO: (N_("condition not met"), "no"),
    Met.NOT_KNOWN: (N_("not known whether its condition is met"), "ind"),
    Met.NONE_STATED: (N_("no condition stated"), "norule"),
}
REVIEWS = {
    "upheld": N_("upheld on review"),
    "changed": N_("changed on review"),
    "overturned": N_("overturned on review"),
}
STEPS = {
    "asked": N_("asked"),
    "answered": N_("answered"),
    "adopted": N_("adopted"),
    "reported": N_("reported"),
    "verified": N_("seen to be done"),
}
_WHOLE = 1000


class Bar(NamedTuple):
    """A clock as a bar, of 1000 parts from the determination to when it is over.

    Attributes:
        due: Until when it is due.
        run: How far it has run within its time.
        late: How far it has run beyond its time, or 0.
        stood: When it stood still: left edge and width.
        now: The newest time of the log; None once the clock is over.
        done: Whether it was done.
    """

    due: int
    run: int
    late: int
    stood: tuple[tuple[int, int], ...]
    now: int | None
    done: bool


def bars(found: Response) -> tuple[Bar, ...]:
    """Return a bar for the clock of each tier, each on an axis of its own."""
    return tuple(_bar(each.clock, found.as_of) for each in found.tiers)


class Axis(NamedTuple):
    """The time that bars show: its ends, aware."""

    first: datetime
    last: datetime

    def at(self, time: datetime) -> int:
        """Return where an instant lies, 0 to 1000."""
        whole = (self.last - self.first).total_seconds()
        share = (time - self.first).total_seconds() / whole if whole > 0 else 0
        return round(_WHOLE * min(1, max(0, share)))


def _bar(clock: Clock, now: datetime) -> Bar:
    over = now if clock.done is None else clock.done.at
    if clock.state in (ClockState.NOT_CALLED, ClockState.CALLED_OFF):
        over = clock.since
    axis = Axis(clock.since, max(over, clock.due_most_at))
    due, end = axis.at(clock.due_at), axis.at(over)
    stood = tuple(
        (axis.at(each.since.at), axis.at(each.until.at if each.until else now))
        for each in clock.pauses
    )
    return Bar(
        due=due,
        run=min(end, due),
        late=max(0, end - due),
        stood=tuple((left, right - left) for left, right in stood),
        now=axis.at(now) if now <= axis.last and clock.done is None else None,
        done=clock.done is not None,
    )


def not_asked(found: Response) -> tuple[Stands, ...]:
    """Return the actors that promised something, or act in the tier, and were asked for nothing.

    Those whose promises are words of others alone stand last.
    """
    free = [
        each for each in found.actors if not each.asks and (each.side.promises or each.side.acts)
    ]

    def firm(each: Stands) -> bool:
        return any(one.relation != "assigned" for one in each.side.promises)

    return tuple(sorted(free, key=lambda each: (not firm(each), each.side.name)))
