"""Which files should have come and did not: the schedules in the log against its own entries.

Everything is judged by `logged_at`, never by a clock: types and times stand in the entries
themselves, so an outsider can do the same.

Files are counted, not read. Bytes that were sealed before add no entry, so they count only when a
device signed them again under another number: then its statement is what came. One file fills the
slot in which it was logged. Only what comes beyond the number that slots used to get may fill an
earlier slot that is still empty: in time when it came within the grace, else late. So a file for
every day cannot hide a day that was left out.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.evidence.schedule import by_sensor, promised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from trucewatch.evidence.chain import Sent
    from trucewatch.evidence.entry import Entry
    from trucewatch.evidence.schedule import Promised, SettingsInForce
    from trucewatch.records.absence import Absence

_RECEIVED = "received/"


class Slot(StrEnum):
    """What became of a slot."""

    RECEIVED = "received"
    LATE = "late"
    EXPLAINED = "explained"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One slot that has ended, and what came in it.

    Attributes:
        sensor: Which sensor.
        start: When the slot began.
        end: When it ended, itself not within.
        state: What became of it.
        entries: Files that were counted for it.
        explained_by: Entry of the newest `absent/v1` that covers it and was logged once it had
            ended, unless a file came in time.
        said_early: Without one, entry of the newest that was logged before: it explains nothing, as
            nobody could know then that nothing would come.
        reason: What that says; "" without one.
        by: Who says it; "" without one.
        declared: Entry that put the schedule in force.
    """

    sensor: str
    start: datetime
    end: datetime
    state: Slot
    entries: tuple[int, ...]
    explained_by: int | None
    said_early: int | None
    reason: str
    by: str
    declared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """Expected against received, for every sensor with a schedule.

    Attributes:
        slots: By sensor, then by time.
        not_judged: By sensor, how many slots are older than the `SLOTS_MAX` that were judged.
        until: The newest `logged_at`: slots whose grace ends later are not judged yet.
    """

    slots: tuple[Expected, ...]
    not_judged: Mapping[str, int]
    until: datetime | None

    @property
    def missing(self) -> tuple[Expected, ...]:
        """The slots in which nothing came, and nobody said why once they had ended."""
        return tuple(slot for slot in self.slots if slot.state is Slot.MISSING)


def judge(
    entries: Sequence[Entry],
    settings: Sequence[SettingsInForce],
    absences: Iterable[Absence],
    sent: Sequence[Sent] = (),
) -> Expectation:
    """Return what became of every slot that ended, grace included, before the newest entry.

    Args:
        entries: All entries of the log, in order.
        settings: Each configuration of the log, in its order.
        absences: What the desk said of slots, in the order of the log; each explains the slots
            that had ended by then.
        sent: Every signed file, in the order of the log; none where these statements are withheld.
    """
    until = entries[-1].logged_at if entries else None
    said: dict[str, list[_Said]] = {}
    for absence in absences:
        stated = _Said(absence, entries[absence.entry].logged_at)
        said.setdefault(absence.sensor, []).append(stated)
    found: list[Expected] = []
    older: dict[str, int] = {}
    for sensor, terms in by_sensor(settings).items():
        if until is None:
            break
        slots, not_judged = promised(terms, until)
        if not_judged:
            older[sensor] = not_judged
        filled = _fill(slots, arrivals(entries, sensor, sent))
        for slot, came in zip(slots, filled, strict=True):
            if slot.deadline < until:
                found.append(_expected(slot, came, said.get(sensor, [])))
    return Expectation(slots=tuple(found), not_judged=older, until=until)


def files_of(entries: Sequence[Entry], sensor: str) -> list[int]:
    """Return the entries in which something came from a sensor, whether it could be read or not."""
    prefix = f"{_RECEIVED}{sensor}/"
    return [i for i, entry in enumerate(entries) if entry.type.startswith(prefix)]


def arrivals(
    entries: Sequence[Entry], sensor: str, sent: Sequence[Sent]
) -> list[tuple[int, datetime]]:
    """Return what counts for the slots of a sensor: entry and time, in the order of the log.

    Args:
        entries: All entries of the log, in order.
        sensor: Which sensor.
        sent: Every signed file, in the order of the log.
    """
    found = [(index, entries[index].logged_at) for index in files_of(entries, sensor)]
    numbers: dict[str, set[tuple[str, int]]] = {}
    for each in sent:
        if each.claim.sensor == sensor:
            before = numbers.setdefault(each.content, set())
            number = each.claim.device, each.claim.sequence
            if before and number not in before:
                found.append((each.claim.entry, each.logged_at))
            before.add(number)
    return sorted(found)


def unsigned_files(
    entries: Sequence[Entry], settings: Sequence[SettingsInForce], signed: set[str]
) -> list[int]:
    """Return the entries of files that no device signed while signed ones were expected.

    Args:
        entries: All entries of the log, in order.
        settings: Each configuration of the log, in its order.
        signed: SHA-256 of every file that a device signed, hex.
    """
    found = []
    for sensor, terms in by_sensor(settings).items():
        at = [each.entry for each in terms]
        for index in files_of(entries, sensor):
            held = bisect_right(at, index)
            if held and terms[held - 1].signed and entries[index].object not in signed:
                found.append(index)
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Said:
    absence: Absence
    logged_at: datetime

    def covers(self, slot: Promised) -> bool:
        return self.absence.slot_start <= slot.start and slot.end <= self.absence.slot_end


@dataclass(frozen=True, slots=True)
class _Came:
    entries: tuple[int, ...]
    first: datetime | None


def _fill(slots: Sequence[Promised], files: Sequence[tuple[int, datetime]]) -> list[_Came]:
    starts = [slot.start for slot in slots]
    own: list[list[tuple[int, datetime]]] = [[] for _ in slots]
    for index, logged_at in files:
        if at := bisect_right(starts, logged_at):
            own[at - 1].append((index, logged_at))
    filled = [_Came((), None)] * len(slots)
    usual, next_empty = 1, 0
    empty: list[int] = []
    for at, came in enumerate(own):
        spare = max(0, len(came) - usual)
        given = came[: min(spare, len(empty) - next_empty)]
        for file in given:
            filled[empty[next_empty]] = _Came((file[0],), file[1])
            next_empty += 1
        kept = came[len(given) :]
        usual = max(usual, len(kept))
        if kept:
            filled[at] = _Came(tuple(index for index, _ in kept), kept[0][1])
        else:
            empty.append(at)
    return filled


def _expected(slot: Promised, came: _Came, stated: Sequence[_Said]) -> Expected:
    in_time = came.first is not None and came.first <= slot.deadline
    said = [] if in_time else [each for each in stated if each.covers(slot)]
    after = [each.absence for each in said if each.logged_at >= slot.end]
    absence = after[-1] if after else None
    if came.first is not None:
        state = Slot.RECEIVED if in_time else Slot.LATE
    else:
        state = Slot.MISSING if absence is None else Slot.EXPLAINED
    return Expected(
        sensor=slot.terms.sensor,
        start=slot.start,
        end=slot.end,
        state=state,
        entries=came.entries,
        explained_by=None if absence is None else absence.entry,
        said_early=said[-1].absence.entry if said and absence is None else None,
        reason="" if absence is None else absence.reason,
        by="" if absence is None else absence.by,
        declared=slot.terms.entry,
    )
