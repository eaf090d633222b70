"""What is expected of each sensor, and when: the schedules that a log's own settings declare.

A schedule stands in a sealed `mission.toml` (`[intake.SENSOR]`: `every_h`, `start`, `grace_h`) and
holds from the entry that put that in force until another replaces it. Slot k is the time from
start + k * every to the next one. A slot that begins while a schedule holds stays promised,
whatever is configured later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.records.instant import parse_instant
from trucewatch.records.toml import parse_toml

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SLOTS_MAX = 100_000
"""Slots of one sensor that are judged, the newest; 11 years of hours. Older ones are counted."""

_EVERY_MIN_H = 1 / 60  # a schedule finer than a minute is a slip
_HOURS_MAX = 1e6  # a century and more: beyond it, a slip


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsInForce:
    """A `mission.toml` that the log put in force.

    Attributes:
        entry: Entry of the `configured` statement.
        since: When the log acknowledged that.
        object: SHA-256 of the file, hex.
        raw: Its bytes.
    """

    entry: int
    since: datetime
    object: str
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeTerms:
    """What one `mission.toml` says of a sensor's files.

    Attributes:
        sensor: Which sensor.
        signed: Whether each file must be signed by a device.
        every: Length of a slot; zero when no schedule was declared.
        start: Beginning of slot 0; None when no schedule was declared.
        grace: How long after the end of its slot a file is still in time.
        since: From when it holds.
        entry: Entry that put it in force.
        object: SHA-256 of the file that says it, hex.
    """

    sensor: str
    signed: bool
    every: timedelta
    start: datetime | None
    grace: timedelta
    since: datetime
    entry: int
    object: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """One slot of a schedule, whatever came in it.

    Attributes:
        start: When it begins.
        end: When it ends, itself not within.
        deadline: When its grace ends.
        terms: What promises it.
    """

    start: datetime
    end: datetime
    deadline: datetime
    terms: IntakeTerms


def intakes(settings: Sequence[SettingsInForce]) -> list[IntakeTerms]:
    """Return what was expected of each sensor and since when, in the order of the log.

    What a later configuration repeats unchanged holds on and is not listed again; a sensor that it
    names no more is listed with no schedule.

    Args:
        settings: Each configuration of the log, in its order.
    """
    now: dict[str, IntakeTerms] = {}
    found: list[IntakeTerms] = []
    for each in settings:
        said = _read(each)
        for sensor in sorted(now.keys() | said.keys()):
            new = said.get(sensor) or _nothing(sensor, each)
            if sensor not in now or _terms(new) != _terms(now[sensor]):
                now[sensor] = new
                found.append(new)
    return found


def by_sensor(settings: Sequence[SettingsInForce]) -> dict[str, list[IntakeTerms]]:
    """Return what `intakes` returns, for each sensor apart, by name."""
    found: dict[str, list[IntakeTerms]] = {}
    for terms in intakes(settings):
        found.setdefault(terms.sensor, []).append(terms)
    return {sensor: found[sensor] for sensor in sorted(found)}


def promised(terms: Sequence[IntakeTerms], until: datetime) -> tuple[list[Promised], int]:
    """Return the slots of a sensor that began by a time while their schedule held, by time.

    Args:
        terms: What was expected of that sensor, in the order of the log.
        until: The time.

    Returns:
        The newest `SLOTS_MAX` of them, and how many more there are.

    Raises:
        BadInput: A slot would end after the year 9999.
    """
    parts: list[list[Promised]] = []
    room, older = SLOTS_MAX, 0
    try:
        ends = [*(each.since for each in terms[1:]), until + timedelta.resolution]
        for own, end in zip(reversed(terms), reversed(ends), strict=True):
            slots, more = _slots(own, end, room)
            parts.append(slots)
            older += more
            room -= len(slots)
    except OverflowError as error:
        where = f"[intake.{terms[0].sensor}]"
        raise BadInput(where, "a slot ends after the year 9999, expected one before") from error
    return [slot for part in reversed(parts) for slot in part], older


def _slots(terms: IntakeTerms, end: datetime, room: int) -> tuple[list[Promised], int]:
    """Return the newest slots that begin while the terms hold, and before `end`; how many more."""
    if terms.start is None:
        return [], 0
    start, every = terms.start, terms.every
    first = max(0, -((start - terms.since) // every))  # the first that begins then or later
    stop = max(first, -((start - end) // every))
    judged = range(max(first, stop - room), stop)
    times = [(start + k * every, start + (k + 1) * every) for k in judged]
    slots = [Promised(start=a, end=b, deadline=b + terms.grace, terms=terms) for a, b in times]
    return slots, stop - first - len(slots)


def _read(settings: SettingsInForce) -> dict[str, IntakeTerms]:
    where = f"mission.toml of entry {settings.entry}"
    try:
        tables = parse_toml(settings.raw, where=where).get("intake", {})
    except BadInput as error:
        raise BadInput(where, f"{error.problem}, expected the sealed settings") from error
    if not isinstance(tables, dict):
        raise BadInput(where, f"[intake] is {tables!r}, expected a table of tables")
    return {sensor: _intake(sensor, table, settings, where) for sensor, table in tables.items()}


def _intake(sensor: str, table: object, settings: SettingsInForce, where: str) -> IntakeTerms:
    own = table if isinstance(table, dict) else {}
    every, grace, start = own.get("every_h", 0), own.get("grace_h", 1), own.get("start", "")
    hours = all(type(each) in {int, float} and 0 <= each <= _HOURS_MAX for each in (every, grace))
    if not hours or not isinstance(start, str) or bool(every) != bool(start):
        problem = f"[intake.{sensor}] has every_h {every!r}, start {start!r}, grace_h {grace!r}"
        raise BadInput(where, f"{problem}, expected hours from 0 and a start of every schedule")
    if 0 < every < _EVERY_MIN_H:
        raise BadInput(where, f"[intake.{sensor}] every_h is {every}, must be a minute or more")
    return IntakeTerms(
        sensor=sensor,
        signed=own.get("signed") is True,
        every=timedelta(hours=every),
        start=parse_instant(start, where=f"{where}: [intake.{sensor}]") if start else None,
        grace=timedelta(hours=grace),
        since=settings.since,
        entry=settings.entry,
        object=settings.object,
    )


def _nothing(sensor: str, settings: SettingsInForce) -> IntakeTerms:
    return _intake(sensor, {}, settings, "")


def _terms(intake: IntakeTerms) -> tuple[object, ...]:
    return intake.signed, intake.every, intake.start, intake.grace
