"""A response as it stands: one view of the register and of what was entered, at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.records.instant import parse_instant
from trucewatch.respond.asked import Known, ask_of
from trucewatch.respond.clock import moment_of, pauses_of
from trucewatch.respond.figures import hours
from trucewatch.respond.promised import Side
from trucewatch.respond.tiers import Called, tier_in_force, tiers_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record, Step
    from trucewatch.respond.asked import Ask
    from trucewatch.respond.clock import Pause
    from trucewatch.respond.figures import Hours
    from trucewatch.respond.promised import Commitment, Gap, Promised
    from trucewatch.respond.tiers import TierStands

_STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("asked", ("asked",)),
    ("answered", ("answered", "declined")),
    ("adopted", ("adopted",)),
    ("reported", ("reported",)),
    ("verified", ("verified",)),
)
"""Steps whose hours are told, and the acts that count as each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Determined:
    """What the response is to.

    Attributes:
        at: When it was determined; all clocks run from then.
        found: What was found.
        found_by: By whom, by function.
        party: Whom it found responsible, or "" when it names nobody.
        standard: The standard of proof, or "" when it does not say.
        objects: SHA-256 of the sealed files that hold it.
        review: What became of it when it was looked at again: `upheld`, `changed`, `overturned`,
            or "" when nobody did.
        review_said: That in words, or "".
    """

    at: datetime
    found: str
    found_by: str
    party: str
    standard: str
    objects: tuple[str, ...]
    review: str
    review_said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A step of the whole response.

    Attributes:
        act: Such as `tier_raised`.
        at: When, as claimed.
        tier: The tier that it names, or "".
        note: Why, or "".
        by: Who entered it.
        entry: Index of its entry.
    """

    act: str
    at: datetime
    tier: str
    note: str
    by: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """Where one actor stands.

    Attributes:
        side: What the register says of it.
        asks: Measures that it was asked for.
    """

    side: Side
    asks: tuple[Ask, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """A consultation.

    Attributes:
        id: Of its record.
        at: When it was held.
        participants: Who took part, by id.
        subject: What about.
        statements: Who said what: actor and words, in log order.
        concluded: What they came to, or "".
        state: Where it stands.
    """

    id: str
    at: datetime
    participants: tuple[str, ...]
    subject: str
    statements: tuple[tuple[str, str], ...]
    concluded: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRequest:
    """A request of the coordination cell.

    Attributes:
        id: Of its record.
        at: When it was made.
        actor: Of whom, by id.
        what: For what.
        due: Until when, or None.
        overdue: Whether it was neither answered nor refused by then.
        answer: The last answer or the reason of a refusal, or "".
        decided: What the cell decided, or "".
        state: Where it stands.
    """

    id: str
    at: datetime
    actor: str
    what: str
    due: datetime | None
    overdue: bool
    answer: str
    decided: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The response.

    Attributes:
        id: Of its record, such as `response-41`.
        entry: Index of the entry that opened it.
        marked: `EXERCISE`, or "" where it is meant.
        as_of: The newest time of the log: what is overdue is judged against it.
        register: Id of the register.
        title: Its title.
        invented: Whether its arrangement is made up.
        determination: What it is to.
        state: Where it stands.
        tier: The tier in force, by id.
        turns: What was done with the whole of it, in log order.
        pauses: When all its clocks stood still, and why.
        tiers: Every tier, with its clock and measures.
        actors: Who was asked, acts in the tier in force, or promised or refused something; by id.
        nobody: What nobody has promised, of the tier in force.
        consultations: In log order.
        requests: Of the cell, in log order.
        hours: How long each step took from the determination; what was withdrawn is left out.
    """

    id: str
    entry: int
    marked: str
    as_of: datetime
    register: str
    title: str
    invented: bool
    determination: Determined
    state: str
    tier: str
    turns: tuple[Turn, ...]
    pauses: tuple[Pause, ...]
    tiers: tuple[TierStands, ...]
    actors: tuple[Stands, ...]
    nobody: tuple[Gap, ...]
    consultations: tuple[Consultation, ...]
    requests: tuple[CellRequest, ...]
    hours: tuple[Hours, ...]


def view(
    response: Record, records: Sequence[Record], promised: Promised, *, as_of: datetime
) -> Response:
    """Return a response as it stands.

    Args:
        response: The record that was opened by the determination.
        records: All records of the logbook that stand, in log order; those of it are used.
        promised: What the register says.
        as_of: The newest time of the log.
    """
    mine = belonging(response, records)
    pauses = pauses_of(response, ("resumed", "closed"))
    closing = response.last("closed") if response.state == "closed" else None
    closed = None if closing is None else moment_of(closing)
    asks = tuple(each for each in mine if each.kind == "asked_for")
    called = Called(response=response, asks=asks, pauses=pauses, closed=closed, as_of=as_of)
    known = Known(
        measures={each.id: (each.kind.value, each.text) for each in promised.register.measures},
        commitments=_commitments(promised.sides),
        outstanding={side.actor: side.outstanding for side in promised.sides},
        pauses=pauses,
        closed=closed,
        as_of=as_of,
    )
    now, detail = tier_in_force(response), response.opening.detail
    return Response(
        id=response.id,
        entry=response.entry,
        marked=str(detail["marked"] or ""),
        as_of=as_of,
        register=promised.register.id,
        title=promised.register.title,
        invented=promised.register.invented,
        determination=_determined(response),
        state=response.state,
        tier=now,
        turns=tuple(map(_turn, response.steps)),
        pauses=pauses,
        tiers=tiers_of(called, promised.register, promised.gaps),
        actors=_actors([ask_of(each, known) for each in asks], promised),
        nobody=promised.gaps.get(now, ()),
        consultations=tuple(_consultation(r) for r in mine if r.kind == "consultation"),
        requests=tuple(_request(r, as_of) for r in mine if r.kind == "cell_request"),
        hours=_hours(response, asks),
    )


def belonging(response: Record, records: Iterable[Record]) -> tuple[Record, ...]:
    """Return the records that name a response, in log order."""
    return tuple(each for each in records if each.opening.detail.get("response") == response.entry)


def _commitments(sides: Sequence[Side]) -> dict[str, Commitment]:
    return {each.claim: each for side in sides for each in (*side.promises, *side.refusals)}


def _determined(response: Record) -> Determined:
    detail, review = response.opening.detail, response.last("reviewed")
    return Determined(
        at=parse_instant(str(detail["determined"]), where=response.id),
        found=str(detail["found"]),
        found_by=str(detail["found_by"]),
        party=str(detail["party"] or ""),
        standard=str(detail["standard"] or ""),
        objects=response.opening.objects,
        review="" if review is None else str(review.detail["outcome"]),
        review_said="" if review is None else str(review.detail["said"]),
    )


def _turn(step: Step) -> Turn:
    return Turn(
        act=step.act,
        at=step.at,
        tier=str(step.detail.get("tier", "")),
        note=step.note,
        by=step.by,
        entry=step.entry,
    )


def _actors(asks: Sequence[Ask], promised: Promised) -> tuple[Stands, ...]:
    sides = {side.actor: side for side in promised.sides}
    names = {actor.id: actor.name for actor in promised.register.actors}
    found = []
    for actor in sorted(sides.keys() | {ask.actor for ask in asks}):
        side = sides.get(actor) or _unheard(actor, names.get(actor, actor))
        found.append(Stands(side=side, asks=tuple(ask for ask in asks if ask.actor == actor)))
    return tuple(found)


def _unheard(actor: str, name: str) -> Side:
    """Return the side of an actor of whom no claim tells a promise or a refusal."""
    return Side(actor=actor, name=name, acts=False, promises=(), refusals=(), outstanding=())


def _consultation(record: Record) -> Consultation:
    detail, concluded = record.opening.detail, record.last("concluded")
    return Consultation(
        id=record.id,
        at=record.opening.at,
        participants=_texts(detail["participants"]),
        subject=str(detail["subject"]),
        statements=tuple(
            (str(step.detail["actor"]), str(step.detail["said"])) for step in record.all("stated")
        ),
        concluded="" if concluded is None else str(concluded.detail["said"]),
        state=record.state,
    )


def _request(record: Record, as_of: datetime) -> CellRequest:
    detail, answer, decided = record.opening.detail, *_last(record)
    due = None if detail["due"] is None else parse_instant(str(detail["due"]), where=record.id)
    return CellRequest(
        id=record.id,
        at=record.opening.at,
        actor=str(detail["actor"]),
        what=str(detail["what"]),
        due=due,
        overdue=record.state == "requested" and due is not None and as_of > due,
        answer=_said(answer),
        decided=_said(decided),
        state=record.state,
    )


def _last(record: Record) -> tuple[Step | None, Step | None]:
    return record.last("answered", "refused"), record.last("decided")


def _said(step: Step | None) -> str:
    return "" if step is None else str(step.detail["said"] or "")


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _hours(response: Record, asks: Sequence[Record]) -> tuple[Hours, ...]:
    detail: Mapping[str, Json] = response.opening.detail
    since = parse_instant(str(detail["determined"]), where=response.id)
    kept = [each for each in asks if each.state != "withdrawn"]
    return tuple(hours(name, [_took(each, acts, since) for each in kept]) for name, acts in _STEPS)


def _took(record: Record, acts: Sequence[str], since: datetime) -> float | None:
    """Return hours from the determination to the first of some acts, as claimed; or None."""
    times = [step.at for step in record.all(*acts)]
    return (min(times) - since).total_seconds() / 3_600 if times else None
