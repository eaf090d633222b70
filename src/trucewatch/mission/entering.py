"""Entering acts in the logbook: together in the log, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput
from trucewatch.evidence.entry import STATEMENT_PREFIX
from trucewatch.evidence.sequencer import NewObject
from trucewatch.evidence.statement import Subject, sign_statement
from trucewatch.mission.configuration import AGREEMENT_TYPE
from trucewatch.mission.logbook import VERSION, entered
from trucewatch.mission.opened import writing
from trucewatch.mission.words import check_words
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.instant import instant_text
from trucewatch.records.logbook.reading import advance, every, read_step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from trucewatch.mission.clock import Clock
    from trucewatch.mission.home import Home
    from trucewatch.mission.opened import Writer
    from trucewatch.records.canonical import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAct:
    """An act to be entered.

    Attributes:
        kind: Kind of record.
        act: What is done.
        at: When it was done.
        by: Who enters it, as typed.
        note: In their words; "" for none.
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
    """

    entry: int
    id: str
    act: str
    state: str


def enter(home: Home, acts: Sequence[NewAct], *, clock: Clock) -> tuple[Done, ...]:
    """Enter acts, all of them or none, and return where each is.

    Args:
        home: The mission.
        acts: In the order in which they were done.
        clock: Says what time it is.

    Raises:
        BadInput: An act is not in its form, lies in the future, cannot follow those before it,
            speaks of what the agreement does not know, or was entered before; nothing was sealed.
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
                check_words(said, writer.using.agreement)
                record = advance(records, said)
                item = _sealing(writer, act.kind, predicate)
                _expect_new(writer, item, items)
            except BadInput as error:
                place = error.where.replace(f"entry {entry}", act.where, 1)
                raise BadInput(place, error.problem, advice=error.advice) from error
            records[record.entry] = record
            items.append(item)
            done.append(Done(entry=entry, id=record.id, act=act.act, state=record.state))
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
        "of": of,
    }


def _sealing(writer: Writer, kind: str, predicate: Mapping[str, Json]) -> NewObject:
    subject = Subject(name=AGREEMENT_TYPE, sha256=writer.using.agreement_object)
    statement = sign_statement(kind + VERSION, [subject], predicate, key=writer.keys.desk)
    name = f"{kind} {predicate['act']}"
    return NewObject(type=STATEMENT_PREFIX + kind + VERSION, data=statement, name=name)


def _expect_new(writer: Writer, item: NewObject, items: Sequence[NewObject]) -> None:
    """Refuse what was entered before: the log keeps equal bytes once.

    Raises:
        BadInput: The same act, word for word, is in the log or among those to be entered.
    """
    before = writer.log.index_of(sha256_hex(item.data), item.type)
    twice = any(other.data == item.data for other in items)
    if before is not None or twice:
        found = f"that of entry {before}" if before is not None else "entered twice here"
        raise BadInput("logbook", f"is {found}, word for word, expected a new act")
