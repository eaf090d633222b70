"""A measure that an actor was asked for: under which promise, until when, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trucewatch.records.instant import parse_instant
from trucewatch.respond.clock import Running, clock_of, first_of, moment_of, pauses_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.records.logbook.machine import Record, Step
    from trucewatch.respond.clock import Clock, Moment, Pause
    from trucewatch.respond.promised import Commitment, Outstanding

TAKEN = ("adopted", "reported", "verified")
"""Acts that say that a measure was taken."""

_ENDS = frozenset({"declined", "withdrawn", "lifted", "expired"})
_GOES_ON = frozenset({"resumed", "lifted", "expired", "withdrawn"})


class Seen(StrEnum):
    """Whether somebody else saw what an actor reported."""

    NOT_LOOKED = "not_looked"
    VERIFIED = "verified"
    NOT_DONE = "not_done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an actor reported doing.

    Attributes:
        entry: Index of its entry.
        at: When, as claimed.
        logged_at: When the log had it.
        said: What it said.
        seen: Whether somebody else saw it; the last who looked counts.
        asset: Who looked, or "".
        seen_entry: Index of the entry that says so, or None.
    """

    entry: int
    at: datetime
    logged_at: datetime
    said: str
    seen: Seen
    asset: str
    seen_entry: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What an actor said, or what became of a step at home.

    Attributes:
        act: `answered`, `declined`, `step_done` or `step_failed`.
        at: When, as claimed.
        said: In its words, or "".
        atom: The step, by id, or "".
        entry: Index of the entry.
    """

    act: str
    at: datetime
    said: str
    atom: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A measure that an actor was asked for.

    Attributes:
        id: Of its record, such as `asked_for-43`.
        entry: Index of the entry that opened it.
        actor: Who was asked, by id.
        measure: The measure, by id.
        text: The measure in words.
        kind: Of the measure.
        tier: Under which tier, by id.
        said: How it was asked, or "".
        state: Where it stands.
        at: When it was asked, as claimed.
        clock: Until when, and whether it was taken by then.
        commitments: Promises under which it was asked for; empty where nothing was promised.
        not_on_file: Ids of promises that were named and that the register does not have as such.
        outstanding: Steps of the actor at home that are not done.
        words: Answers and steps at home, in log order.
        adopted_by: Who adopted it last, by id, or "".
        until: When that ends, or None.
        expired: Whether it ended by then and was not renewed.
        reports: What the actor reported doing, in log order.
        seen: Whether somebody else saw that it is done; the last who looked counts.
    """

    id: str
    entry: int
    actor: str
    measure: str
    text: str
    kind: str
    tier: str
    said: str
    state: str
    at: datetime
    clock: Clock
    commitments: tuple[Commitment, ...]
    not_on_file: tuple[str, ...]
    outstanding: tuple[Outstanding, ...]
    words: tuple[Word, ...]
    adopted_by: str
    until: datetime | None
    expired: bool
    reports: tuple[Report, ...]
    seen: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is looked up for each of them.

    Attributes:
        measures: Kind and words of each measure, by id.
        commitments: Promises and refusals, by id of the claim.
        outstanding: Steps at home that are not done, by id of the actor.
        pauses: When the clocks of the whole response stood still.
        closed: When the response was closed, or None.
        as_of: The newest time of the log.
    """

    measures: Mapping[str, tuple[str, str]]
    commitments: Mapping[str, Commitment]
    outstanding: Mapping[str, tuple[Outstanding, ...]]
    pauses: tuple[Pause, ...]
    closed: Moment | None
    as_of: datetime


def ask_of(record: Record, known: Known) -> Ask:
    """Return how a measure stands that an actor was asked for.

    Args:
        record: The record, of kind `asked_for`.
        known: What is looked up for it.
    """
    detail, adopted = record.opening.detail, record.last("adopted")
    named = detail["commitments"]
    claims = [str(each) for each in named] if isinstance(named, list) else []
    kind, text = known.measures.get(str(detail["measure"]), ("", ""))
    until = _until(adopted)
    ended = record.state in _ENDS
    return Ask(
        id=record.id,
        entry=record.entry,
        actor=str(detail["actor"]),
        measure=str(detail["measure"]),
        text=text,
        kind=kind,
        tier=str(detail["tier"]),
        said=str(detail["said"] or ""),
        state=record.state,
        at=record.opening.at,
        clock=_clock(record, known),
        commitments=tuple(known.commitments[c] for c in claims if c in known.commitments),
        not_on_file=tuple(c for c in claims if c not in known.commitments),
        outstanding=known.outstanding.get(str(detail["actor"]), ()),
        words=tuple(map(_word, record.all("answered", "declined", "step_done", "step_failed"))),
        adopted_by="" if adopted is None else str(adopted.detail["adopter"]),
        until=until,
        expired=record.state == "expired"
        or (until is not None and until <= known.as_of and not ended),
        reports=tuple(_report(step, record) for step in record.all("reported")),
        seen=_seen(record.last("verified", "not_done")),
    )


def taken(record: Record) -> Moment | None:
    """Return when a measure was first taken, or None.

    It was when somebody adopted it, when the actor reported it or when somebody else saw it; a
    report of which somebody saw that it is not so does not count.
    """
    refuted = {
        step.entry
        for step in record.all("reported")
        if _seen(_last_look(step, record)) is Seen.NOT_DONE
    }
    steps = [step for step in record.all(*TAKEN) if step.entry not in refuted]
    return first_of([moment_of(step) for step in steps])


def steps_at_home(records: tuple[Record, ...]) -> dict[str, bool]:
    """Return, by id, the steps at home that records say are done, or were refused.

    The latest entry counts.
    """
    steps = [step for record in records for step in record.all("step_done", "step_failed")]
    ordered = sorted(steps, key=lambda step: step.entry)
    return {str(step.detail["atom"]): step.act == "step_done" for step in ordered}


def _clock(record: Record, known: Known) -> Clock:
    last = record.last(*_ENDS)
    ended = known.closed
    if last is not None and record.state in _ENDS:
        ended = moment_of(last)
    running = Running(
        since=record.opening.at,
        due_at=parse_instant(str(record.opening.detail["due"]), where=record.id),
        pauses=(*known.pauses, *pauses_of(record, _GOES_ON)),
        done=taken(record),
        ended=ended,
    )
    return clock_of(running, as_of=known.as_of)


def _until(adopted: Step | None) -> datetime | None:
    told = None if adopted is None else adopted.detail["until"]
    return None if told is None else parse_instant(str(told), where="until")


def _word(step: Step) -> Word:
    return Word(
        act=step.act,
        at=step.at,
        said=str(step.detail["said"] or ""),
        atom=str(step.detail.get("atom", "")),
        entry=step.entry,
    )


def _last_look(step: Step, record: Record) -> Step | None:
    """Return what was seen last of a report: of it by name, or after it of the whole."""
    looked = [
        each
        for each in record.all("verified", "not_done")
        if each.detail["report"] == step.entry
        or (each.detail["report"] is None and each.entry > step.entry)
    ]
    return looked[-1] if looked else None


def _report(step: Step, record: Record) -> Report:
    last = _last_look(step, record)
    return Report(
        entry=step.entry,
        at=step.at,
        logged_at=step.logged_at,
        said=str(step.detail["said"]),
        seen=_seen(last),
        asset="" if last is None else str(last.detail["asset"]),
        seen_entry=None if last is None else last.entry,
    )


def _seen(step: Step | None) -> Seen:
    return Seen.NOT_LOOKED if step is None else Seen(step.act)
