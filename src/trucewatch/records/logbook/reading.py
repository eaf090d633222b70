"""What the logbook's statements say, act by act, and the records that they make together.

A predicate has exactly the members `act`, `at`, `by`, `detail`, `note` and `of`. `of` is null where
a record is opened, and the entry of the opening act everywhere else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from trucewatch.errors import BadInput, EvidenceBroken
from trucewatch.records.form import check_form
from trucewatch.records.instant import instant_text, parse_instant
from trucewatch.records.logbook.kinds import MACHINES
from trucewatch.records.logbook.machine import VOIDED, Record, Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from trucewatch.records.canonical import Json
    from trucewatch.records.form import Form

TEXT_MAX = 2_000
"""Most characters of a text; a longer one belongs into a file, which is sealed as an exhibit."""

ITEMS_MAX = 1_000
"""Most items of a list or a table."""

_FORM: Form = {"act": "word", "at": "instant", "by": "text", "note": "text?", "of": "count?"}
_VOIDED_FORM: Form = {}


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
        predicate: `act`, `at`, `by`, `detail`, `note` and `of`.
        entry: Index of its entry.
        logged_at: When the log acknowledged it.

    Raises:
        BadInput: A member is missing, too many or of another form, too long, or what it says
            cannot be: an act in the future, an end before its start. The message names it.
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
    step = Step(
        act=act,
        at=parse_instant(str(predicate["at"]), where=where),
        logged_at=logged_at,
        by=str(predicate["by"]),
        note=str(predicate["note"] or ""),
        detail=detail,
        entry=entry,
    )
    entered = Entered(kind, step, None if of is None else int(str(of)))
    _check_of(entered, where)
    _check_sizes({**predicate}, where)
    _check_times(step, where)
    _check_numbers(detail, where)
    if act == VOIDED and not step.note:
        raise BadInput(where, "note is null, expected why the record is voided")
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
    _check_follows(record, step, where)
    steps = (*record.steps, step)
    return replace(record, steps=steps, state=state_after(kind, record.state, steps))


def _check_follows(record: Record, step: Step, where: str) -> None:
    acts = MACHINES[record.kind].acts
    follows = record.state != VOIDED
    if step.act != VOIDED:
        follows = record.state in acts[step.act].before
    if not follows:
        possible = [name for name, act in acts.items() if record.state in act.before]
        words = ", ".join([*possible, *([] if record.state == VOIDED else [VOIDED])]) or "nothing"
        problem = f"{record.id} is {record.state} and cannot be {step.act}"
        raise BadInput(where, f"{problem}, expected one of {words}")
    before = () if step.act == VOIDED else acts[step.act].after
    for earlier in (record.opening, record.last(*before)):
        if earlier is not None and step.at < earlier.at:
            problem = f"{step.act} at {instant_text(step.at)}"
            expected = f"must not be before {earlier.act} at {instant_text(earlier.at)}"
            raise BadInput(where, f"{problem}, {expected}")


def _check_follows_visit(records: Mapping[int, Record], entered: Entered) -> None:
    """Check that what a visit follows is another visit.

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


def _check_sizes(value: Json, where: str) -> None:
    if isinstance(value, str) and len(value) > TEXT_MAX:
        raise BadInput(where, f"text has {len(value)} characters, must be at most {TEXT_MAX}")
    if not isinstance(value, dict | list):
        return
    if len(value) > ITEMS_MAX:
        raise BadInput(where, f"list has {len(value)} items, must be at most {ITEMS_MAX}")
    for each in value.values() if isinstance(value, dict) else value:
        _check_sizes(each, where)


def _check_times(step: Step, where: str) -> None:
    if step.at > step.logged_at:
        problem = f"at is {instant_text(step.at)}, which was the future"
        raise BadInput(where, f"{problem}, must not be after {instant_text(step.logged_at)}")
    start, end = step.detail.get("start"), step.detail.get("end")
    if start is not None and end is not None and not str(start) < str(end):
        # one form of instants, so text is in the order of time
        raise BadInput(where, f"end is {end}, must be after start {start}")


def _check_numbers(detail: Mapping[str, Json], where: str) -> None:
    least, most = detail.get("number_min"), detail.get("number_max")
    if isinstance(least, int) and isinstance(most, int) and most < least:
        raise BadInput(where, f"number_max is {most}, must be at least number_min {least}")
