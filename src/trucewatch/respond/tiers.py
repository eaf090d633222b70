"""The tiers of a response: which are called, until when, and what of each was taken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from trucewatch.records.instant import parse_instant
from trucewatch.respond.asked import taken
from trucewatch.respond.clock import ClockState, Running, clock_of, first_of, moment_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from trucewatch.records.claims.protocol import Measure, Tier
    from trucewatch.records.claims.register import Register
    from trucewatch.records.logbook.machine import Record, Step
    from trucewatch.respond.clock import Clock, Moment, Pause
    from trucewatch.respond.promised import Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTaken:
    """A measure of a tier.

    Attributes:
        id: Its id.
        kind: What it is.
        text: In words.
        threshold: What must be found before, in words, or "".
        adopters: Who may adopt it, by id; empty when no text says.
        lasts_d: Days until it ends unless it is renewed, or None.
        promised: Whether somebody promised it.
        asked: Actors that were asked for it under this tier, by id.
        taken: Those of them that took it, or of whom others saw it.
    """

    id: str
    kind: str
    text: str
    threshold: str
    adopters: tuple[str, ...]
    lasts_d: int | None
    promised: bool
    asked: tuple[str, ...]
    taken: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierStands:
    """A tier as it stands.

    Attributes:
        id: Its id.
        number: Its place in the order.
        text: What it holds.
        who: Who acts, by id.
        press_only: Whether no official text has it.
        in_force: Whether it is the one in force.
        called: When it was called, or None.
        clock: Runs from the determination; done when the first measure of it was taken.
        measures: What may be done in it.
        gaps: What nobody has promised.
    """

    id: str
    number: int
    text: str
    who: tuple[str, ...]
    press_only: bool
    in_force: bool
    called: Moment | None
    clock: Clock
    measures: tuple[MeasureTaken, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What the tiers of a response are worked out from.

    Attributes:
        response: The response.
        asks: The measures that were asked for in it.
        pauses: When its clocks stood still.
        closed: When it was closed, or None.
        as_of: The newest time of the log.
    """

    response: Record
    asks: tuple[Record, ...]
    pauses: tuple[Pause, ...]
    closed: Moment | None
    as_of: datetime


def tier_in_force(response: Record) -> str:
    """Return the tier of a response that is in force, by id."""
    steps = response.all("started", "tier_raised", "deescalated")
    return str(steps[-1].detail["tier"])


def tiers_of(
    called: Called, register: Register, gaps: Mapping[str, tuple[Gap, ...]]
) -> tuple[TierStands, ...]:
    """Return every tier of the register, by number.

    Args:
        called: The response.
        register: The register that it names.
        gaps: What nobody has promised, by tier.
    """
    now = tier_in_force(called.response)
    calls, offs = _calls(called.response, register.tiers)
    ordered = sorted(register.tiers, key=lambda tier: (tier.number, tier.id))
    found = []
    for tier in ordered:
        asks = [each for each in called.asks if each.opening.detail["tier"] == tier.id]
        mine = gaps.get(tier.id, ())
        call, off = calls.get(tier.id), offs.get(tier.id)
        found.append(
            TierStands(
                id=tier.id,
                number=tier.number,
                text=tier.text,
                who=tier.who,
                press_only=tier.press_only,
                in_force=tier.id == now,
                called=_moment(call),
                clock=_clock(tier, called, asks, (call, off)),
                measures=tuple(
                    _measure(each, asks, mine)
                    for each in register.measures
                    if tier.id in each.tiers
                ),
                gaps=mine,
            )
        )
    return tuple(found)


def _calls(response: Record, tiers: Sequence[Tier]) -> tuple[dict[str, Step], dict[str, Step]]:
    """Return the step that called each tier first, and the one that called it off for good."""
    numbers = {tier.id: tier.number for tier in tiers}
    calls: dict[str, Step] = {}
    offs: dict[str, Step] = {}
    for step in response.all("started", "tier_raised", "deescalated"):
        tier = str(step.detail["tier"])
        if step.act == "deescalated":
            lower = numbers.get(tier, 0)
            above = [each for each in calls if numbers.get(each, 0) > lower]
            offs.update({each: step for each in above if each not in offs})
        else:
            calls.setdefault(tier, step)
            offs.pop(tier, None)
    return calls, offs


def _clock(
    tier: Tier, called: Called, asks: Sequence[Record], turns: tuple[Step | None, Step | None]
) -> Clock:
    call, off = turns
    since = parse_instant(str(called.response.opening.detail["determined"]), where="determined")
    done = [moment for each in asks if (moment := taken(each)) is not None]
    running = Running(
        since=since,
        due_at=since + timedelta(hours=tier.due_h),
        pauses=called.pauses,
        done=first_of(done),
        ended=_moment(off) or called.closed,
    )
    found = clock_of(running, as_of=called.as_of)
    if call is None:
        return replace(found, state=ClockState.NOT_CALLED, left_h=None)
    return found


def _moment(step: Step | None) -> Moment | None:
    return None if step is None else moment_of(step)


def _measure(measure: Measure, asks: Sequence[Record], gaps: Sequence[Gap]) -> MeasureTaken:
    mine = [each for each in asks if each.opening.detail["measure"] == measure.id]
    took = [each for each in mine if taken(each) is not None]
    return MeasureTaken(
        id=measure.id,
        kind=measure.kind.value,
        text=measure.text,
        threshold=measure.threshold,
        adopters=measure.adopters,
        lasts_d=measure.lasts_d,
        promised=not any(gap.what == "measure" and gap.id == measure.id for gap in gaps),
        asked=_actors(mine),
        taken=_actors(took),
    )


def _actors(records: Sequence[Record]) -> tuple[str, ...]:
    return tuple(sorted({str(each.opening.detail["actor"]) for each in records}))
