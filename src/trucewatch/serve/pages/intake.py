"""Intake: the files that came, what of them was refused and why, and what came not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response, get

from trucewatch.access.policy import What
from trucewatch.errors import BadInput
from trucewatch.evidence.expected import Slot
from trucewatch.serve.ask import Ask
from trucewatch.serve.nav import N_
from trucewatch.serve.pages import _worded
from trucewatch.serve.pages._heard import expect_known, listened
from trucewatch.serve.pages._numbered import whole
from trucewatch.serve.pages._received import came, expected, faults, faulty, files, newest
from trucewatch.serve.sought import chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trucewatch.evidence.expected import Expected

_ROWS = 100
_STRIP = 60
"""Slots that a strip shows, the newest ones."""
_TABS = (
    ("/intake", N_("Files received")),
    ("/intake/refused", N_("Refused")),
    ("/intake/schedule", N_("Against schedules")),
)
_SLOTS = {
    Slot.MISSING: (N_("missing"), "no"),
    Slot.LATE: (N_("late"), "clock"),
    Slot.EXPLAINED: (N_("explained"), "hand"),
    Slot.RECEIVED: (N_("received"), "ok"),
}
"""States of a slot of a schedule: text and glyph."""
_FAULTY = "refused"


@get("/intake", sync_to_thread=True, include_in_schema=False)
def intake(ask: Ask) -> Response[str]:
    """Return the files that were received, the newest first.

    Raises:
        BadInput: There is no such filter.
    """
    ask.expect(What.INTAKE)
    ask.expect(What.OBSERVATION)
    sensor, only = ask.value("sensor"), ask.value("with")
    if only not in ("", _FAULTY):
        raise BadInput("with", f"is {only[:80]!r}, expected {_FAULTY} or nothing")
    with ask.site.reading() as (log, there):
        total, names = came(there, sensor)
        _expect_sensor(names, sensor)
        bad = faulty(there, sensor)
        many = len(bad) if only else total.files
        at, last = chosen(whole(ask, "page", 1), range(many), _ROWS)
        skip = (at - 1) * _ROWS
        rows = bad.slice(skip, _ROWS) if only else newest(there, sensor, skip, _ROWS)
        found = files(log, there, rows)
    return ask.page(
        "intake.html",
        tabs=_TABS,
        names=names,
        sensor=sensor,
        only=only,
        total=total,
        faulty_n=len(bad),
        files=found,
        at=at,
        last=last,
    )


@get("/intake/refused", sync_to_thread=True, include_in_schema=False)
def refused(ask: Ask) -> Response[str]:
    """Return what was refused, line by line, with the reason."""
    ask.expect(What.INTAKE)
    ask.expect(What.OBSERVATION)
    sensor = ask.value("sensor")
    with ask.site.reading() as (log, there):
        total, names = came(there, sensor)
        _expect_sensor(names, sensor)
        at, last = chosen(whole(ask, "page", 1), range(total.refused), _ROWS)
        bad = faulty(there, sensor)
        found = faults(log, there, bad, skip=(at - 1) * _ROWS, many=_ROWS)
    return ask.page(
        "intake_refused.html",
        tabs=_TABS,
        names=names,
        sensor=sensor,
        total=total,
        faulty_n=len(bad),
        faults=found,
        at=at,
        last=last,
    )


@get("/intake/schedule", sync_to_thread=True, include_in_schema=False)
def schedule(ask: Ask) -> Response[str]:
    """Return what was expected and did not come, came late, or broke a device's count.

    Raises:
        BadInput: There is no such state of a slot.
    """
    ask.expect(What.INTAKE)
    ask.expect(What.SENSOR)
    sensor, state = ask.value("sensor"), ask.value("state")
    if state not in ("", *_SLOTS):
        raise BadInput("state", f"is {state[:80]!r}, expected one of {', '.join(_SLOTS)}")
    with ask.site.reading() as (log, there):
        heard = listened(log, there, ask.shown.using.settings)
        size = log.size
    names = [each.name for each in heard.sensors]
    _expect_sensor(names, sensor)
    book = expected(ask.site.home, size)
    lines = [each for each in book.sensors if each.slots and sensor in ("", each.sensor)]
    slots = [each for each in book.slots if sensor in ("", each.sensor)]
    open_ = [each for each in slots if _wanted(each, state)]
    open_.sort(key=lambda each: (each.start, each.sensor), reverse=True)
    at, last = chosen(whole(ask, "page", 1), open_, _ROWS)
    return ask.page(
        "intake_schedule.html",
        tabs=_TABS,
        names=names,
        sensor=sensor,
        state=state,
        slot_text=_SLOTS,
        strip_slots=_STRIP,
        book=book,
        lines=lines,
        strips={
            each.sensor: _newest([s for s in slots if s.sensor == each.sensor]) for each in lines
        },
        slots=open_[(at - 1) * _ROWS : at * _ROWS],
        slots_n=len(open_),
        heard=[each for each in heard.sensors if each.silences and sensor in ("", each.name)],
        devices=[each for each in book.devices if sensor in ("", each.sensor)],
        at=at,
        last=last,
        worded=_worded,
    )


def _expect_sensor(names: Sequence[str], sensor: str) -> None:
    if sensor:
        expect_known(names, sensor)


def _wanted(slot: Expected, state: str) -> bool:
    """Return whether a slot is listed: those in a state, or all in which something was amiss."""
    return slot.state == state if state else slot.state is not Slot.RECEIVED


def _newest(slots: list[Expected]) -> list[Expected]:
    return slots[-_STRIP:]


ROUTES = (intake, refused, schedule)
