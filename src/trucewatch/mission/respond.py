"""Starting a response to a determination, and entering what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.mission.entering import NewAct, enter
from trucewatch.mission.response_view import floor_at, promised_in, response_in, shown_of
from trucewatch.mission.response_words import called_tiers
from trucewatch.records.instant import instant_text
from trucewatch.records.logbook.reading import detail_form
from trucewatch.records.logbook.response import EXERCISE
from trucewatch.register.known import known
from trucewatch.respond.tiers import tier_in_force

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from trucewatch.mission.clock import Clock
    from trucewatch.mission.entering import Done
    from trucewatch.mission.home import Home
    from trucewatch.mission.response_view import Floor
    from trucewatch.records.canonical import Json
    from trucewatch.records.claims.protocol import Measure
    from trucewatch.records.logbook.machine import Record
    from trucewatch.respond.promised import Commitment

_OWN = frozenset({"pledged", "offered"})  # relations under which somebody can be asked as promised


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Who enters an act, and what shows it.

    Attributes:
        by: Who enters it, as typed.
        clock: Says what time it is.
        at: When it was done; now, when it is None.
        note: In their words; "" for none.
        objects: SHA-256 of sealed objects that show it.
    """

    by: str
    clock: Clock
    at: datetime | None = None
    note: str = ""
    objects: tuple[str, ...] = ()

    @property
    def time(self) -> datetime:
        """When it was done."""
        return self.at or self.clock.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A determination, as whoever enters it has it before them.

    Attributes:
        at: When it was determined.
        found: What was found.
        found_by: By whom, by function.
        party: Whom it found responsible, or "".
        standard: The standard of proof, or "".
    """

    at: datetime
    found: str
    found_by: str
    party: str = ""
    standard: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A measure that an actor is to be asked for.

    Attributes:
        actor: Who is asked, by id.
        measure: The measure, by id.
        under: Promises, by id of the claim; None for those of the actor that fit the measure.
        due: Until when; None for when its tier is due.
        tier: The tier, by id; "" for the one in force, or the highest called one that has it.
        said: How it was asked, or "".
        response: Which response; "" for the only one that is open.
    """

    actor: str
    measure: str
    under: tuple[str, ...] | None = None
    due: datetime | None = None
    tier: str = ""
    said: str = ""
    response: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A measure that an actor was asked for.

    Attributes:
        done: The act.
        due: Until when.
        tier: Under which tier, by id.
        under: Promises under which it was asked, by id; empty where nothing was promised.
    """

    done: Done
    due: datetime
    tier: str
    under: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What is said of a record of a response.

    Attributes:
        act: What is done, such as `reported`.
        of: The record, such as `asked_for-43`.
        detail: What the act needs; what is left out is null.
    """

    act: str
    of: str
    detail: Mapping[str, Json] = field(default_factory=dict)


def start(
    home: Home, finding: Finding, hand: Hand, *, tier: str = "", real_register: bool = False
) -> Done:
    """Start the response to a determination; the sealed determination is among `hand.objects`.

    Args:
        home: The mission.
        finding: The determination.
        hand: Who starts it.
        tier: The tier that it starts with, by id; "" for the first.
        real_register: In an exercise: that the register is of a real arrangement is meant.

    Raises:
        BadInput: The register has no tiers, or is of a real arrangement in an exercise where that
            was not said to be meant.
    """
    floor = floor_at(home, None)
    register = floor.register
    if floor.exercise and not register.invented and not real_register:
        problem = f"register {register.id} is of a real arrangement and the mission is an exercise"
        advice = "If that is meant, add: --real-register"
        raise BadInput("tw respond start", f"{problem}, expected one of both", advice=advice)
    if not register.tiers:
        raise BadInput("register", f"{register.id} has no tiers, expected at least one")
    first = min(register.tiers, key=lambda each: (each.number, each.id)).id
    detail: dict[str, Json] = {
        "determined": instant_text(finding.at),
        "found": finding.found,
        "found_by": finding.found_by,
        "marked": _marked(floor),
        "party": finding.party or None,
        "register": register.id,
        "standard": finding.standard or None,
        "tier": tier or first,
    }
    return _enter(home, ("response", "started"), detail, hand)


def turn(home: Home, act: str, hand: Hand, *, response: str = "", tier: str = "") -> Done:
    """Raise, suspend, resume, de-escalate, review or close a response.

    Args:
        home: The mission.
        act: `tier_raised`, `suspended`, `resumed`, `deescalated` or `closed`.
        hand: Who does; its note says why.
        response: Which response; "" for the only one that is open.
        tier: The tier, where the act names one; "" for the next one up or down.
    """
    floor = floor_at(home, None)
    record = response_in(floor, response)
    detail: dict[str, Json] = {}
    if act in {"tier_raised", "deescalated"}:
        detail["tier"] = tier or _next_tier(floor, record, up=act == "tier_raised")
    return _enter(home, ("response", act), detail, hand, of=record.entry)


def ask(home: Home, wanted: Wanted, hand: Hand) -> Asked:
    """Ask an actor for a measure, under what it promised.

    Where the tier's own time is over or stands still, a time must be given (`BadInput`).

    Args:
        home: The mission.
        wanted: The measure.
        hand: Who asks.
    """
    floor = floor_at(home, None)
    response = response_in(floor, wanted.response)
    measure = next((m for m in floor.register.measures if m.id == wanted.measure), None)
    tier = wanted.tier or _tier_with(measure, response)
    due = wanted.due or _due(floor, response, tier, hand)
    under = wanted.under
    if under is None:
        under = _fitting(floor, response, measure, wanted.actor)
    detail: dict[str, Json] = {
        "actor": wanted.actor,
        "commitments": [*sorted(under)],
        "due": instant_text(due),
        "marked": _marked(floor),
        "measure": wanted.measure,
        "response": response.entry,
        "said": wanted.said or None,
        "tier": tier,
    }
    done = _enter(home, ("asked_for", "asked"), detail, hand)
    return Asked(done=done, due=due, tier=tier, under=tuple(sorted(under)))


def say(home: Home, given: Given, hand: Hand) -> Done:
    """Enter what an actor answered, did or reported, or what somebody saw of it.

    Args:
        home: The mission.
        given: What, of which record.
        hand: Who enters it.

    Raises:
        BadInput: It is no id of such a record.
    """
    kind, _, number = given.of.rpartition("-")
    if not (kind and number.isascii() and number.isdigit()):
        raise BadInput("ID", f"is {given.of[:80]!r}, expected one such as asked_for-43")
    form = detail_form(kind, given.act, where=given.of)
    detail = {**dict.fromkeys(form), **given.detail}
    return _enter(home, (kind, given.act), detail, hand, of=int(number))


def consult(
    home: Home, participants: tuple[str, ...], subject: str, hand: Hand, *, response: str = ""
) -> Done:
    """Enter that those who committed themselves consult.

    Args:
        home: The mission.
        participants: Actors, by id.
        subject: What about.
        hand: Who enters it.
        response: In which response; "" for the only one that is open.
    """
    floor = floor_at(home, None)
    detail: dict[str, Json] = {
        "marked": _marked(floor),
        "participants": [*sorted(participants)],
        "response": response_in(floor, response).entry,
        "subject": subject,
    }
    return _enter(home, ("consultation", "held"), detail, hand)


def request(
    home: Home,
    actor: str,
    what: str,
    hand: Hand,
    *,
    due: datetime | None = None,
    response: str = "",
) -> Done:
    """Enter what the coordination cell asks an actor for.

    Args:
        home: The mission.
        actor: Of whom, by id.
        what: For what.
        hand: Who enters it.
        due: Until when, or None.
        response: In which response; "" for the only one that is open.
    """
    floor = floor_at(home, None)
    detail: dict[str, Json] = {
        "actor": actor,
        "due": None if due is None else instant_text(due),
        "marked": _marked(floor),
        "response": response_in(floor, response).entry,
        "what": what,
    }
    return _enter(home, ("cell_request", "requested"), detail, hand)


def _enter(
    home: Home,
    what: tuple[str, str],
    detail: Mapping[str, Json],
    hand: Hand,
    *,
    of: int | None = None,
) -> Done:
    """Seal one act: kind of record and name of the act, its detail, and to which record it is."""
    kind, act = what
    new = NewAct(
        kind=kind,
        act=act,
        at=hand.time,
        by=hand.by,
        note=hand.note,
        objects=hand.objects,
        detail=detail,
        of=of,
        where=f"{kind} {act}",
    )
    [done] = enter(home, [new], clock=hand.clock)
    return done


def _marked(floor: Floor) -> str | None:
    return EXERCISE if floor.exercise else None


def _next_tier(floor: Floor, response: Record, *, up: bool) -> str:
    """Return the tier next to the one in force, by id.

    Raises:
        BadInput: There is none.
    """
    tiers = {each.id: each.number for each in floor.register.tiers}
    now = tier_in_force(response)
    sign = 1 if up else -1
    beyond = {t: sign * n for t, n in tiers.items() if sign * n > sign * tiers[now]}
    if not beyond:
        problem = f"{now} is the {'highest' if up else 'lowest'} tier"
        raise BadInput(response.id, f"{problem}, expected one beyond it")
    return min(beyond, key=lambda tier: (beyond[tier], tier))


def _tier_with(measure: Measure | None, response: Record) -> str:
    """Return the tier in force, or else the last that was called which has the measure."""
    now = tier_in_force(response)
    if measure is None or now in measure.tiers:
        return now
    return next((t for t in reversed(called_tiers(response)) if t in measure.tiers), now)


def _due(floor: Floor, response: Record, tier: str, hand: Hand) -> datetime:
    """Return when a tier is due.

    Raises:
        BadInput: That is over, or stands still.
    """
    advice = "Give it with: --due TIME"
    if response.state == "suspended":
        raise BadInput(
            response.id, "its clocks stand still, expected a time to be due", advice=advice
        )
    stands = {each.id: each for each in shown_of(floor, response).tiers}.get(tier)
    if stands is None:
        names = ", ".join(each.id for each in floor.register.tiers)
        raise BadInput("--tier", f"is {tier!r}, expected one of {names}")
    if stands.clock.due_at <= hand.time:
        problem = f"{tier} was due at {instant_text(stands.clock.due_at)}"
        raise BadInput(response.id, f"{problem}, expected a later time to be due", advice=advice)
    return stands.clock.due_at


def _fitting(
    floor: Floor, response: Record, measure: Measure | None, actor: str
) -> tuple[str, ...]:
    """Return what an actor or a group of it promised that fits a measure, by id of the claim.

    What others say that it will do is no promise, what it delivered is one no longer; both are
    left out.
    """
    if measure is None:
        return ()
    groups = known(floor.register).with_groups(actor)
    sides = [s for s in promised_in(floor, response).sides if s.actor in groups]
    return tuple(each.claim for side in sides for each in side.promises if _fits(each, measure))


def _fits(promise: Commitment, measure: Measure) -> bool:
    """Tell whether a promise is of a measure: it rests on it, or both are of one domain."""
    same = bool(measure.domain) and promise.domain == measure.domain
    return promise.relation in _OWN and (promise.claim in measure.claims or same)
