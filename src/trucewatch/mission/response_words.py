"""Whether an act of a response speaks of what the register and the log know.

It is looked at once, when the act is entered: the register grows, and the log keeps what was
entered before. A misspelt state would be asked for something and never be heard of again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput
from trucewatch.mission.register import register_of
from trucewatch.records.instant import instant_text
from trucewatch.records.logbook.machine import VOIDED
from trucewatch.records.logbook.response import EXERCISE
from trucewatch.register.known import known
from trucewatch.register.questions.stances import PROMISES
from trucewatch.respond.tiers import tier_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from trucewatch.mission.opened import Writer
    from trucewatch.records.canonical import Json
    from trucewatch.records.claims.register import Register
    from trucewatch.records.logbook.machine import Record, Step
    from trucewatch.records.logbook.reading import Entered

_CALL = "A higher tier is called with: tw respond raise HOME --tier TIER --note WHY --by NAME"

RESPONSE_KINDS = ("response", "asked_for", "consultation", "cell_request")
"""Kinds of record that make a response."""


class _Spoken(NamedTuple):
    """An act, and what it may speak of.

    Attributes:
        step: The act.
        register: The register as the log has it.
        records: All records so far, by the entry that opened each.
        record: The record that it belongs to, as it was before; None when it opens one.
        exercise: Whether the mission is an exercise.
        where: How to name it in an error.
    """

    step: Step
    register: Register
    records: Mapping[int, Record]
    record: Record | None
    exercise: bool
    where: str


def check_response(said: Entered, records: Mapping[int, Record], writer: Writer) -> None:
    """Check the words of an act of a response; any other act passes.

    It is refused (`BadInput`) when it is not marked as what the mission is, or names a register,
    tier, measure, actor, claim, condition, report or response that is not there or does not fit.

    Args:
        said: The act, which follows from those before it.
        records: All records as they were before it, by the entry that opened each.
        writer: The mission.
    """
    if said.kind not in RESPONSE_KINDS or said.step.act == VOIDED:
        return
    where, exercise = f"entry {said.step.entry}", writer.using.settings.mission.exercise
    if said.of is None:
        _check_marked(said.step, where, exercise=exercise)
    check = _CHECKS.get((said.kind, said.step.act))
    if check is not None:
        register = register_of(writer.log, writer.log.size)
        record = None if said.of is None else records[said.of]
        check(_Spoken(said.step, register, records, record, exercise, where))


def called_tiers(response: Record) -> tuple[str, ...]:
    """Return the tiers of a response that were called so far, by id, in that order."""
    steps = response.all("started", "tier_raised")
    return tuple(dict.fromkeys(str(step.detail["tier"]) for step in steps))


def _check_marked(step: Step, where: str, *, exercise: bool) -> None:
    marked = step.detail["marked"]
    if (marked == EXERCISE) != exercise:
        expected = f"expected {EXERCISE}, as the mission is one" if exercise else "expected null"
        problem = f"marked is {'null' if marked is None else marked}, {expected}"
        raise BadInput(where, problem, advice="Whether it is an exercise is said in mission.toml")


def _one_of(word: Json, known: Collection[str], member: str, where: str) -> None:
    if word not in known:
        names = ", ".join(sorted(known)) or "none: the register has none"
        raise BadInput(where, f"{member} is {word!r}, expected one of {names}")


def _check_started(of: _Spoken) -> None:
    detail = of.step.detail
    _one_of(detail["register"], [of.register.id], "register", of.where)
    _one_of(detail["tier"], [each.id for each in of.register.tiers], "tier", of.where)
    if of.register.invented and not of.exercise:
        problem = f"register {of.register.id} is of an invented arrangement"
        raise BadInput(
            of.where,
            f"{problem}, expected a mission that is an exercise",
            advice="An exercise has a log of its own: tw init FOLDER --agreement demo-truce",
        )
    if str(detail["determined"]) > instant_text(of.step.at):
        problem = f"determined is {detail['determined']}, must not be after"
        raise BadInput(of.where, f"{problem} {instant_text(of.step.at)}, when it started this")
    if not of.step.objects:
        raise BadInput(
            of.where,
            "objects is empty, expected the sealed determination",
            advice="Seal it first with: tw custody collect",
        )


def _check_turn(of: _Spoken) -> None:
    """Check that a tier is raised to a higher one, and lowered to a lower one.

    Raises:
        BadInput: It is not.
    """
    numbers = {each.id: each.number for each in of.register.tiers}
    tier = str(of.step.detail["tier"])
    _one_of(tier, numbers, "tier", of.where)
    now = tier_in_force(_required(of.record))
    up = of.step.act == "tier_raised"
    fitting = {t: n for t, n in numbers.items() if (n > numbers[now] if up else n < numbers[now])}
    if tier not in fitting:
        than = f"{'higher' if up else 'lower'} than {now}, which is in force"
        names = ", ".join(sorted(fitting)) or "there is none"
        raise BadInput(of.where, f"tier is {tier}, expected one {than}: {names}")


def _check_asked(of: _Spoken) -> None:
    detail, where = of.step.detail, of.where
    response = _response(of)
    if response is None or response.state == "closed":
        problem = f"response is {detail['response']}, which is closed"
        raise BadInput(where, f"{problem}, expected one that is not")
    _actor(detail["actor"], of)
    measures = {each.id: each for each in of.register.measures}
    _one_of(detail["measure"], measures, "measure", where)
    called = called_tiers(response)
    if detail["tier"] not in called:
        problem = f"tier is {detail['tier']}, expected one that was called: {', '.join(called)}"
        raise BadInput(where, problem, advice=_CALL)
    tiers = measures[str(detail["measure"])].tiers
    if detail["tier"] not in tiers:
        problem = f"tier is {detail['tier']}, expected one that has {detail['measure']}"
        raise BadInput(where, f"{problem}: {', '.join(tiers)}", advice=_CALL)
    _check_commitments(of)


def _check_commitments(of: _Spoken) -> None:
    there, named = known(of.register), of.step.detail["commitments"]
    actor = str(of.step.detail["actor"])
    for each in named if isinstance(named, list) else []:
        claim = there.claims.get(str(each))
        if claim is None or claim.relation not in PROMISES:
            problem = f"commitments holds {each!r}, expected a promise of {actor} in the register"
            raise BadInput(of.where, problem, advice="See them with: tw respond who HOME")
        if claim.id in there.superseded:
            by = there.superseded[claim.id]
            raise BadInput(of.where, f"commitments holds {each}, superseded by {by}, expected {by}")
        bound = there.bound(claim)
        if bound not in there.with_groups(actor):
            problem = f"commitments holds {each}, a promise of {bound}"
            raise BadInput(of.where, f"{problem}, expected one of {actor} or of its groups")


def _check_step(of: _Spoken) -> None:
    _one_of(of.step.detail["atom"], [each.id for each in of.register.atoms], "atom", of.where)


def _check_adopted(of: _Spoken) -> None:
    adopter, until = str(of.step.detail["adopter"]), of.step.detail["until"]
    _actor(adopter, of)
    measure = str(_required(of.record).opening.detail["measure"])
    allowed = {a for each in of.register.measures if each.id == measure for a in each.adopters}
    if allowed and not allowed & known(of.register).with_groups(adopter):
        problem = f"adopter is {adopter}, expected {' or '.join(sorted(allowed))}"
        raise BadInput(of.where, f"{problem} or a member, who may adopt {measure}")
    if until is not None and str(until) <= instant_text(of.step.at):
        problem = f"until is {until}, must be after {instant_text(of.step.at)}"
        raise BadInput(of.where, f"{problem}, when it was adopted")


def _check_looked(of: _Spoken) -> None:
    report = of.step.detail["report"]
    reports = [step.entry for step in _required(of.record).all("reported")]
    if report is not None and report not in reports:
        known_ = ", ".join(map(str, reports)) or "none: nothing was reported"
        problem = f"report is {report}, expected null or the entry of a report: {known_}"
        raise BadInput(of.where, problem)


def _check_held(of: _Spoken) -> None:
    named = of.step.detail["participants"]
    for each in named if isinstance(named, list) else []:
        _actor(each, of, member="participants")
    _response(of)


def _check_stated(of: _Spoken) -> None:
    named = _required(of.record).opening.detail["participants"]
    took_part = [str(each) for each in named] if isinstance(named, list) else []
    _one_of(of.step.detail["actor"], took_part, "actor", of.where)


def _check_requested(of: _Spoken) -> None:
    _actor(of.step.detail["actor"], of)
    _response(of)


def _actor(word: Json, of: _Spoken, member: str = "actor") -> None:
    _one_of(word, [each.id for each in of.register.actors], member, of.where)


def _response(of: _Spoken) -> Record | None:
    """Return the response that an act names, or None where it names none.

    Raises:
        BadInput: There is none, or it was struck.
    """
    named = of.step.detail["response"]
    if named is None:
        return None
    found = of.records.get(int(str(named)))
    if found is None or found.kind != "response" or found.state == VOIDED:
        problem = f"response is {named}, where no response was opened that stands"
        raise BadInput(of.where, problem, advice="See them with: tw respond show HOME")
    return found


def _required(record: Record | None) -> Record:
    """Return the record of an act that opens none.

    Raises:
        BadInput: It has none; the form of such an act makes sure that it has.
    """
    if record is None:
        raise BadInput("logbook", "of is null, expected the entry of the opening act")
    return record


_CHECKS: dict[tuple[str, str], Callable[[_Spoken], None]] = {
    ("response", "started"): _check_started,
    ("response", "tier_raised"): _check_turn,
    ("response", "deescalated"): _check_turn,
    ("asked_for", "asked"): _check_asked,
    ("asked_for", "step_done"): _check_step,
    ("asked_for", "step_failed"): _check_step,
    ("asked_for", "adopted"): _check_adopted,
    ("asked_for", "verified"): _check_looked,
    ("asked_for", "not_done"): _check_looked,
    ("consultation", "held"): _check_held,
    ("consultation", "stated"): _check_stated,
    ("cell_request", "requested"): _check_requested,
}
"""What the register and the log are asked for each act; any other act says nothing of them."""
