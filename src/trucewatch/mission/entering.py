"""Entering acts in the logbook: together in the log, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, sign_statement
from trucewatch.mission.configuration import AGREEMENT_TYPE
from trucewatch.mission.logbook import SHOWN, VERSION, entered
from trucewatch.mission.opened import writing
from trucewatch.mission.response_words import check_response
from trucewatch.mission.words import check_words, short_notice
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.instant import instant_text
from trucewatch.records.logbook.machine import VOIDED
from trucewatch.records.logbook.reading import advance, every, read_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.opened import Writer
    from trucewatch.records.canonical import Json
    from trucewatch.records.logbook.machine import Record
    from trucewatch.records.logbook.reading import Entered


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAct:
    """An act to be entered.

    Attributes:
        kind: Kind of record.
        act: What is done.
        at: When it was done.
        by: Who enters it, as typed.
        note: In their words; "" for none.
        objects: SHA-256 of sealed objects that show it, in any order.
        detail: What the act needs besides, with every member of its form.
        of: Entry of the act that opened the record; None for an opening act.
        of_line: Instead of `of`: which of the acts that are entered together opens it, from 1.
        where: How to name it in an error.
    """

    kind: str
    act: str
    at: datetime
    by: str
    note: str = ""
    objects: Sequence[str] = ()
    detail: Mapping[str, Json] = field(default_factory=dict)
    of: int | None = None
    of_line: int | None = None
    where: str = "logbook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An act that was entered.

    Attributes:
        entry: Index of its entry.
        id: The record that it belongs to, such as `window-12`.
        act: What was done.
        state: Where the record stands now.
        warning: What a person should know though it was entered, or "".
    """

    entry: int
    id: str
    act: str
    state: str
    warning: str = ""


def enter(home: Home, acts: Sequence[NewAct], *, clock: Clock) -> tuple[Done, ...]:
    """Enter acts, all of them or none, and return where each is.

    Args:
        home: The mission.
        acts: In the order in which they were done.
        clock: Says what time it is.

    Raises:
        BadInput: An act is not in its form, lies in the future, cannot follow those before it,
            speaks of what the agreement or the log does not know, or was entered before; nothing
            was sealed.
    """
    if not acts:
        raise BadInput("logbook", "has no act to enter, expected at least one")
    with writing(home, clock) as writer:
        now = _next_time(writer)
        records = every(entered(writer.log, writer.log.size))
        items: list[NewObject] = []
        done: list[Done] = []
        for act in acts:
            entry = writer.log.size + len(items)
            try:
                predicate = _predicate(act, done)
                said = read_step(act.kind, predicate, entry=entry, logged_at=now)
                check_words(said, writer.using.agreement, records)
                _expect_objects(writer, said.step.objects, f"entry {entry}")
                record = advance(records, said)
                check_response(said, records, writer)
                item = _sealing(writer, said, predicate)
                _expect_new(writer, item, items, records)
            except BadInput as error:
                place = error.where.replace(f"entry {entry}", act.where, 1)
                raise BadInput(place, error.problem, advice=error.advice) from error
            records[record.entry] = record
            items.append(item)
            warning = short_notice(said, writer.using.agreement)
            done.append(
                Done(entry=entry, id=record.id, act=act.act, state=record.state, warning=warning)
            )
        writer.log.append(items, now=now)
        return tuple(done)


def _next_time(writer: Writer) -> datetime:
    """Return the time that the next entry gets: never before that of the last one."""
    return max(writer.clock.now(), writer.log.entry(writer.log.size - 1).logged_at)


def _predicate(act: NewAct, done: Sequence[Done]) -> dict[str, Json]:
    of = act.of
    if act.of_line is not None:
        if not 1 <= act.of_line <= len(done):
            problem = f"of is line {act.of_line}, expected a line before this one"
            raise BadInput(act.where, problem)
        of = done[act.of_line - 1].entry
    return {
        "act": act.act,
        "at": instant_text(act.at),
        "by": act.by,
        "detail": dict(act.detail),
        "note": act.note or None,
        "objects": [*sorted(act.objects)],
        "of": of,
    }


def _sealing(writer: Writer, said: Entered, predicate: Mapping[str, Json]) -> NewObject:
    """Return the statement of an act, about the agreement in force and the objects that show it."""
    kind, shown = said.kind, said.step.objects
    subjects = [
        Subject(name=AGREEMENT_TYPE, sha256=writer.using.agreement_object),
        *(Subject(name=SHOWN, sha256=each) for each in shown),
    ]
    statement = sign_statement(kind + VERSION, subjects, predicate, key=writer.keys.desk)
    name = f"{kind} {said.step.act}"
    return NewObject(type=STATEMENT_PREFIX + kind + VERSION, data=statement, name=name)


def _expect_objects(writer: Writer, objects: Sequence[str], where: str) -> None:
    """Refuse what shows an act and is not in the log.

    Raises:
        BadInput: An object was not sealed.
    """
    for each in objects:
        if not writer.log.indices_of(each):
            problem = f"object {each} is not in the log, expected one that was sealed"
            raise BadInput(where, problem, advice="Seal it first with: tw custody collect")


def _expect_new(
    writer: Writer, item: NewObject, items: Sequence[NewObject], records: Mapping[int, Record]
) -> None:
    """Refuse what was entered before: the log keeps equal bytes once.

    Raises:
        BadInput: The same act, word for word, is in the log or among those to be entered.
    """
    before = writer.log.index_of(sha256_hex(item.data), item.type)
    if before is not None and _was_voided(records, before):
        problem = f"is that of entry {before}, which was voided"
        raise BadInput("logbook", f"{problem}: say in the note why it is entered again")
    twice = any(other.data == item.data for other in items)
    if before is not None or twice:
        found = f"that of entry {before}" if before is not None else "entered twice here"
        raise BadInput("logbook", f"is {found}, word for word, expected a new act")


def _was_voided(records: Mapping[int, Record], entry: int) -> bool:
    return any(
        step.entry == entry and (record.state == VOIDED or record.voided_by(step) is not None)
        for record in records.values()
        for step in record.entered
    )
