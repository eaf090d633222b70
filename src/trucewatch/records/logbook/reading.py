"""What the logbook's statements say, act by act, and the records that they make together.

A predicate has exactly the members `act`, `at`, `by`, `detail`, `note`, `objects` and `of`. `of` is
null where a record is opened, and the entry of the opening act everywhere else. `objects` are the
SHA-256 of sealed objects that show the act, in order, none twice.

The detail of `voided` is `entry`: null strikes the whole record, and the entry of one of its later
acts that stands strikes that act. The state of the record is then what it is without that act. What
was struck is kept beside it: it was known until then, and an assessment may ask for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.records.form import check_form
from trucewatch.records.instant import instant_text, parse_instant
from trucewatch.records.logbook.checks import check_step, check_texts
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.machine import VOIDED, Record, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from trucewatch.records.canonical import Json
    from trucewatch.records.form import Form

_FORM: Form = {
    "act": "word",
    "at": "instant",
    "by": "text",
    "note": "text?",
    "objects": "texts",
    "of": "count?",
}
_VOIDED_FORM: Form = {"entry": "count?"}


class Entered(NamedTuple):
    """One act, and where it belongs.

    Attributes:
        kind: Kind of record.
        step: The act.
        of: Entry of the act that opened its record; None when it opens one itself.
    """

    kind: str
    step: Step
    of: int | None


def read_step(
    kind: str, predicate: Mapping[str, Json], *, entry: int, logged_at: datetime
) -> Entered:
    """Return the act that the predicate of a `KIND/v1` statement tells of, and where it belongs.

    Args:
        kind: One of `records.logbook.kinds.MACHINES`.
        predicate: `act`, `at`, `by`, `detail`, `note`, `objects` and `of`.
        entry: Index of its entry.
        logged_at: When the log acknowledged it.

    Raises:
        BadInput: A member is missing, too many or of another form, too long, or what it says
            cannot be: an act in the future, an end before its start, nothing where there must be
            something, no note where it must say why. The message names it.
    """
    where = f"entry {entry}"
    detail = predicate.get("detail")
    if not isinstance(detail, dict):
        raise BadInput(where, f"detail is {str(detail)[:80]!r}, expected a table")
    check_form(
        {name: value for name, value in predicate.items() if name != "detail"}, _FORM, where=where
    )
    act, of = str(predicate["act"]), predicate["of"]
    check_form(detail, detail_form(kind, act, where=where), where=f"{where}: detail")
    check_texts({**predicate}, where)
    objects = predicate["objects"]
    step = Step(
        act=act,
        at=parse_instant(str(predicate["at"]), where=where),
        logged_at=logged_at,
        by=str(predicate["by"]),
        note=str(predicate["note"] or ""),
        objects=tuple(map(str, objects)) if isinstance(objects, list) else (),
        detail=detail,
        entry=entry,
    )
    entered = Entered(kind, step, None if of is None else int(str(of)))
    _check_of(entered, where)
    check_step(step, MACHINES[kind].acts.get(act), where)
    return entered


def detail_form(kind: str, act: str, *, where: str) -> Form:
    """Return the form of the detail of an act.

    Raises:
        BadInput: There is no such kind of record, or no such act of that kind.
    """
    if kind not in MACHINES:
        raise BadInput(where, f"kind is {kind}, expected one of {', '.join(MACHINES)}")
    acts = MACHINES[kind].acts
    if act == VOIDED:
        return _VOIDED_FORM
    if act not in acts:
        raise BadInput(where, f"act is {act}, expected one of {', '.join((*acts, VOIDED))}")
    return acts[act].form


def assemble(acts: Iterable[Entered]) -> tuple[Record, ...]:
    """Return the records that acts make as they stand, voided ones left out, in log order.

    Args:
        acts: What `read_step` returned, of all kinds, in log order.
    """
    return tuple(record for record in every(acts).values() if record.state != VOIDED)


def every(acts: Iterable[Entered]) -> dict[int, Record]:
    """Return the records that acts make, voided ones among them, by the entry that opened each.

    Args:
        acts: What `read_step` returned, of all kinds, in log order.

    Raises:
        EvidenceBroken: An act does not follow from those before it. Nothing enters the log that
            does not, so somebody else wrote it.
    """
    records: dict[int, Record] = {}
    for act in acts:
        try:
            record = advance(records, act)
        except BadInput as error:
            raise EvidenceBroken(error.where, error.problem) from error
        records[record.entry] = record
    return records


def advance(records: Mapping[int, Record], entered: Entered) -> Record:
    """Return the record that an act opens, or the one that it belongs to as it then stands.

    Args:
        records: All so far, by the entry that opened each.
        entered: The new act.

    Raises:
        BadInput: There is no such record, or the act does not follow from those before it.
    """
    kind, step, of = entered
    if of is None:
        _check_follows_visit(records, entered)
        state = state_after(kind, "", (step,))
        return Record(kind=kind, entry=step.entry, state=state, steps=(step,))
    where = f"entry {step.entry}"
    record = records.get(of)
    if record is None or record.kind != kind:
        problem = f"of is {of}, where no {kind} was opened"
        raise BadInput(where, f"{problem}, expected the entry of its opening act")
    if step.act == VOIDED and step.detail["entry"] is not None:
        return _without(record, step, where)
    return _followed(record, step, where)


def _followed(record: Record, step: Step, where: str) -> Record:
    """Return a record with one more step, which must follow."""
    _check_follows(record, step, where)
    steps = (*record.steps, step)
    return replace(record, steps=steps, state=state_after(record.kind, record.state, steps))


def _without(record: Record, voiding: Step, where: str) -> Record:
    """Return a record without one of its later steps, which it keeps as voided.

    Raises:
        BadInput: There is no such step that stands, or another that stands follows from it.
    """
    entry = voiding.detail["entry"]
    _check_stands(record, VOIDED, where)
    _check_after(record.opening, voiding, where)
    struck = [step for step in record.steps[1:] if step.entry == entry]
    if not struck:
        standing = ", ".join(str(step.entry) for step in record.steps[1:]) or "none"
        problem = f"entry is {entry}, expected null for the whole of {record.id}"
        raise BadInput(where, f"{problem} or one of its later acts that stand: {standing}")
    opening, *later = (step for step in record.steps if step.entry != entry)
    state = state_after(record.kind, "", (opening,))
    found = replace(record, state=state, steps=(opening,))
    for step in later:
        try:
            found = _followed(found, step, where)
        except BadInput as error:
            problem = f"voids a step that entry {step.entry} follows"
            raise BadInput(where, f"{problem}, void entry {step.entry} first") from error
    return replace(found, voided=(*record.voided, *struck, voiding))


def _check_stands(record: Record, act: str, where: str) -> None:
    if record.state == VOIDED:
        raise BadInput(where, f"{record.id} is {VOIDED} and cannot be {act}, expected nothing")


def _check_follows(record: Record, step: Step, where: str) -> None:
    """Check that a step may follow upon a record as it stands.

    Raises:
        BadInput: It may not; the message says which may.
    """
    _check_stands(record, step.act, where)
    if step.act == VOIDED:
        _check_after(record.opening, step, where)
        return
    acts = MACHINES[record.kind].acts
    act = acts[step.act]
    if record.state not in act.before:
        possible = [name for name, each in acts.items() if record.state in each.before]
        problem = f"{record.id} is {record.state} and cannot be {step.act}"
        raise BadInput(where, f"{problem}, expected one of {', '.join([*possible, VOIDED])}")
    for earlier in (record.opening, record.last(*act.after)):
        _check_after(earlier, step, where)
    _check_ends(record, step, where)
    if act.party_of:
        named = record.opening.detail[act.party_of]
        parties = [str(each) for each in named] if isinstance(named, list) else [str(named)]
        if step.detail["party"] not in parties:
            expected = f"expected {' or '.join(parties)}, as {act.party_of} of {record.id} says"
            raise BadInput(where, f"party is {step.detail['party']}, {expected}")


def _check_ends(record: Record, step: Step, where: str) -> None:
    """Check that there is something to end where a step ends what another began.

    Raises:
        BadInput: There is not.
    """
    began = MACHINES[record.kind].acts[step.act].ends
    last = record.last(began, step.act)
    if began and (last is None or last.act != began):
        problem = f"{record.id} cannot be {step.act}, expected that it is {began} and was not since"
        raise BadInput(where, problem)


def _check_after(earlier: Step | None, step: Step, where: str) -> None:
    if earlier is not None and step.at < earlier.at:
        problem = f"{step.act} at {instant_text(step.at)}"
        expected = f"must not be before {earlier.act} at {instant_text(earlier.at)}"
        raise BadInput(where, f"{problem}, {expected}")


def _check_follows_visit(records: Mapping[int, Record], entered: Entered) -> None:
    """Check that what a visit follows is another visit, which stands.

    Raises:
        BadInput: It is not.
    """
    named = entered.step.detail.get("follows")
    if named is None:
        return
    before, where = records.get(int(str(named))), f"entry {entered.step.entry}"
    if before is None or before.kind != entered.kind:
        problem = f"follows is {named}, where no {entered.kind} was opened"
        raise BadInput(where, f"{problem}, expected one before")
    if before.state == VOIDED:
        raise BadInput(where, f"follows is {named}, which was voided, expected one that stands")


def state_after(kind: str, before: str, steps: Sequence[Step]) -> str:
    """Return the state of a record after the last of its steps.

    Args:
        kind: Its kind.
        before: Its state before that step; "" when it is the opening one.
        steps: All up to it, in log order.
    """
    step = steps[-1]
    if step.act == VOIDED:
        return VOIDED
    act = MACHINES[kind].acts[step.act]
    if before in act.keeps:
        return before
    if act.each_of:
        wanted = steps[0].detail[act.each_of]
        done = {str(each.detail["party"]) for each in steps if each.act == step.act}
        if isinstance(wanted, list) and not done.issuperset(map(str, wanted)):
            return before
    return act.state


def _check_of(entered: Entered, where: str) -> None:
    kind, step, of = entered
    if (step.act == MACHINES[kind].opening) != (of is None):
        found = "null" if of is None else str(of)
        expected = "null where a record is opened, else the entry of the opening act"
        raise BadInput(where, f"of is {found} for {step.act}, expected {expected}")
    if of is not None and of >= step.entry:
        raise BadInput(where, f"of is {of}, must be an entry before {step.entry}")
