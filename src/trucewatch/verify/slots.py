"""Saying what became of the slots of declared schedules, and what became of the schedules.

A reason that the desk gives, a schedule that it changes and a grace that swallows the next slot are
all allowed; each hides a file that was left out. So they are named, and whoever reads may ask.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from trucewatch.evidence.expected import Slot
from trucewatch.evidence.schedule import by_sensor, promised

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from trucewatch.evidence.expected import Expectation, Expected
    from trucewatch.evidence.schedule import IntakeTerms, SettingsInForce

LISTED_MAX = 50
"""Sentences about one kind of what is missing; the rest are counted. Chosen: two pages."""

_REMARKS_MAX = 20  # sentences about one kind of what was allowed; chosen: a page


def missing_slots(expectation: Expectation) -> list[str]:
    """Return a sentence about each slot in which nothing came and that nobody explained in time."""
    by_name = Counter(slot.sensor for slot in expectation.missing)
    found = [
        f"{slot.sensor}: no file for {_slot(slot)}, which entry {slot.declared} promises"
        f"{_unexplained(slot)}"
        for slot in expectation.missing
    ]
    totals = [f"{sensor}: {count} slots without a file" for sensor, count in by_name.items()]
    return found if len(found) <= LISTED_MAX else [*totals, *capped(found)]


def slot_remarks(expectation: Expectation, settings: Sequence[SettingsInForce]) -> list[str]:
    """Return what a reader should know of slots that are not missing, and of their schedules.

    Args:
        expectation: What became of each slot.
        settings: Each configuration of the log, in its order.
    """
    late = [slot for slot in expectation.slots if slot.state is Slot.LATE]
    explained = [slot for slot in expectation.slots if slot.state is Slot.EXPLAINED]
    found = [
        f"{count} slots of {sensor} are older than those that were judged"
        for sensor, count in expectation.not_judged.items()
    ]
    if explained or late:
        counts = f"{len(explained)} slots without a file are explained, {len(late)} files came late"
        found.append(counts)
    found += capped(map(_late, late), _REMARKS_MAX)
    found += capped(map(_explained, explained), _REMARKS_MAX)
    terms = by_sensor(settings)
    found += capped((each for own in terms.values() for each in _changes(own)), _REMARKS_MAX)
    if expectation.until is not None:
        until = expectation.until
        stretches = (each for own in terms.values() for each in _stretches(own, until))
        found += capped(stretches, _REMARKS_MAX)
    return [*found, *capped((g for own in terms.values() for g in _graces(own)), _REMARKS_MAX)]


def capped(sentences: Iterable[str], most: int = LISTED_MAX) -> list[str]:
    """Return the first sentences and, when there are more, how many.

    Args:
        sentences: About one kind of thing.
        most: How many are told.
    """
    found = list(sentences)
    more = len(found) - most
    return found if more <= 0 else [*found[:most], f"... and {more} more like these"]


def _slot(slot: Expected) -> str:
    return f"{_time(slot.start)} to {_time(slot.end)}"


def _time(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%MZ}"


def _hours(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:g} h"


def _unexplained(slot: Expected) -> str:
    if slot.said_early is None:
        return ", and nobody said why"
    return f"; said before the slot ended (entry {slot.said_early})"


def _late(slot: Expected) -> str:
    came = ", ".join(str(entry) for entry in slot.entries)
    why = "" if slot.explained_by is None else f"; {_why(slot)}"
    return f"{slot.sensor}: the file for {_slot(slot)} came late (entry {came}){why}"


def _explained(slot: Expected) -> str:
    return f"{slot.sensor}: no file for {_slot(slot)}; {_why(slot)}"


def _why(slot: Expected) -> str:
    return f"explained by {slot.by} (entry {slot.explained_by}): {slot.reason}"


def _changes(terms: Sequence[IntakeTerms]) -> Iterator[str]:
    for old, new in pairwise(terms):
        changed = f"{new.sensor}: entry {new.entry} changes what is expected"
        yield f"{changed} at {_time(new.since)}, from {_terms(old)} to {_terms(new)}"


def _terms(terms: IntakeTerms) -> str:
    signed = ", signed" if terms.signed else ""
    if terms.start is None:
        return f"no schedule{signed}"
    when = f"every {_hours(terms.every)} since {_time(terms.start)}"
    return f"{when}, grace {_hours(terms.grace)}{signed}"


def _stretches(terms: Sequence[IntakeTerms], until: datetime) -> Iterator[str]:
    # Between slots, not between declarations: a schedule that begins later than it is declared,
    # or that never holds for a whole slot, promises nothing in between either.
    end: datetime | None = None
    for slot in promised(terms, until)[0]:
        if end is not None and slot.start > end:
            stretch = f"{slot.terms.sensor}: no schedule from {_time(end)} to {_time(slot.start)}"
            yield f"{stretch}, when that of entry {slot.terms.entry} begins"
        end = slot.end if end is None else max(end, slot.end)


def _graces(terms: Sequence[IntakeTerms]) -> Iterator[str]:
    for each in terms:
        if each.start is not None and each.grace > each.every:
            graced = f"{each.sensor}: entry {each.entry} gives a grace of {_hours(each.grace)}"
            yield f"{graced}, longer than its slots of {_hours(each.every)}"
