"""`tw absent`: the desk says why an expected file did not come; one signed statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, NotFound
from trucewatch.evidence.expected import arrivals, judge
from trucewatch.evidence.schedule import intakes, promised
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import ABSENT, Subject, sign_statement
from trucewatch.mission.opened import writing
from trucewatch.mission.received_ledger import ABSENT_TYPE, held
from trucewatch.records.absence import read_absence
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.evidence.schedule import Promised
    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.linked import Said
    from trucewatch.mission.received_ledger import Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An explanation that was sealed.

    Attributes:
        entry: Its entry.
        sensor: Which sensor.
        start: Beginning of the first slot.
        end: End of the last one.
        slots: How many slots it covers in which nothing had come.
    """

    entry: int
    sensor: str
    start: datetime
    end: datetime
    slots: int


def absent(
    home: Home,
    sensor: str,
    slots: tuple[datetime, datetime | None],
    *,
    said: Said,
    clock: Clock,
) -> Explained:
    """Say why nothing came in a slot, or in several, and seal that.

    Args:
        home: The mission.
        sensor: Whose files did not come.
        slots: An instant in the first slot; and the time before which the last one begins, or None
            for one slot alone.
        said: Who says so and why.
        clock: Says what time it is.
    """
    first, stop = slots
    with writing(home, clock) as writer:
        found = held(writer.log)
        terms = [each for each in intakes(found.settings) if each.sensor == sensor]
        now = max(writer.clock.now(), found.entries[-1].logged_at)
        there = promised(terms, now)[0] if terms else []
        chosen = _chosen(there, sensor, first, stop)
        _expect_over(chosen, now)
        empty = _expect_empty(found, chosen)
        predicate = {
            "by": said.by,
            "reason": said.reason,
            "sensor": sensor,
            "slot_end": instant_text(chosen[-1].end),
            "slot_start": instant_text(chosen[0].start),
        }
        read_absence(predicate, entry=writer.log.size)  # what cannot be read back is not sealed
        subject = Subject(name="mission.toml", sha256=chosen[0].terms.object)
        statement = sign_statement(ABSENT, [subject], predicate, key=writer.keys.desk)
        item = NewObject(type=ABSENT_TYPE, data=statement, name=f"absent {sensor}")
        [sealed] = writer.log.append([item], now=writer.clock.now())
        return Explained(
            entry=sealed.index,
            sensor=sensor,
            start=chosen[0].start,
            end=chosen[-1].end,
            slots=empty,
        )


def _chosen(
    there: Sequence[Promised], sensor: str, first: datetime, stop: datetime | None
) -> list[Promised]:
    """Return the slots that an explanation is of.

    Raises:
        NotFound: No slot that has begun holds that instant.
    """
    at = next((i for i, slot in enumerate(there) if slot.start <= first < slot.end), None)
    if at is None:
        begun = f"{instant_text(there[0].start)} to {instant_text(there[-1].end)}" if there else ""
        problem = f"no slot of {sensor} holds this time, expected one of {begun or 'a schedule'}"
        advice = "A schedule is declared in mission.toml: every_h and start of [intake.SENSOR]."
        raise NotFound(instant_text(first), problem, advice=advice)
    if stop is None:
        return [there[at]]
    return [there[at], *(slot for slot in there[at + 1 :] if slot.start < stop)]


def _expect_over(chosen: Sequence[Promised], now: datetime) -> None:
    """Refuse a reason for what may still come.

    Raises:
        BadInput: A slot has not ended.
    """
    for slot in chosen:
        if slot.end > now:
            problem = f"slot ends {instant_text(slot.end)}, expected one that is over"
            raise BadInput(instant_text(slot.start), problem)


def _expect_empty(found: Held, chosen: Sequence[Promised]) -> int:
    """Return in how many slots nothing came so far.

    Raises:
        BadInput: In none of them.
    """
    sensor = chosen[0].terms.sensor
    files = [at for _, at in arrivals(found.entries, sensor, found.sent)]
    judged = judge(found.entries, found.settings, found.absences, found.sent)
    filled = {slot.start for slot in judged.slots if slot.entries}
    empty = [
        slot
        for slot in chosen
        if slot.start not in filled and not any(slot.start <= at < slot.end for at in files)
    ]
    if not empty:
        problem = "something came in each of these slots, expected one in which nothing did"
        raise BadInput(instant_text(chosen[0].start), problem)
    return len(empty)
