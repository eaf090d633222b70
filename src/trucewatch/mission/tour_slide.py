"""Sixth stop: who knew what when, and who promised what; empty cells are shown as such."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.errors import NotFound
from trucewatch.mission.listing import known_at
from trucewatch.mission.logbook import records_at
from trucewatch.mission.opened import reading
from trucewatch.mission.register_ask import view
from trucewatch.mission.tour_stop import WIDTH, Line, Stop, clock, prose
from trucewatch.records.claims.actor import ActorKind
from trucewatch.records.instant import instant_text
from trucewatch.register.before import before
from trucewatch.register.known import known as looked_up
from trucewatch.register.questions.stances import PROMISES, REFUSALS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from trucewatch.mission.home import Home
    from trucewatch.mission.tour_night import Night
    from trucewatch.records.canonical import Json
    from trucewatch.records.claims.claim import Claim
    from trucewatch.records.claims.register import Register
    from trucewatch.register.known import Known

_KINDS = (ActorKind.STATE, ActorKind.ORGANISATION)
_EMPTY = "."


class _Moment(NamedTuple):
    """What the log said at an instant."""

    at: datetime
    entries: int
    incidents: int
    reports: int
    outcome: str
    logbook: int
    claims: int


def stop_slide(number: int, home: Home, night: Night, came: datetime) -> Stop:
    """Return what was known at three instants, and the promises of the newest one.

    Args:
        number: Of the stop.
        home: A mission that has run and whose log has a register.
        night: What its logbook points to.
        came: When the first report of the incident in the window was logged.
    """
    with reading(home) as (log, _):
        newest = log.entry(log.size - 1).logged_at
    instants = (came - timedelta(seconds=1), came, newest)
    moments = [_moment(home, night, at, now=at == newest) for at in instants]
    register = view(home).register
    cells, columns = _cells(register), tuple(register.domains)
    found: dict[str, Json] = {
        "as_known_at": [{**each._asdict(), "at": instant_text(each.at)} for each in moments],
        "incident": night.broken,
        "columns": [*columns],
        "promises": {
            name: {column: cells.get((name, column), "") for column in columns}
            for name in _actors(looked_up(register))
        },
        "days": {str(day): n for day, n in _days(register).items()},
        "sources": len(register.sources),
        "cells": len(columns) * len(_actors(looked_up(register))),
    }
    return Stop(
        number=number,
        title="Who knew what when, and who promised what",
        lines=(*_known_lines(moments, night), Line(), *_promised_lines(found)),
        found=found,
        commands=(
            f"incidents {home.path} --as-of {instant_text(instants[0])}",
            f"register list {home.path} claims",
        ),
    )


def _moment(home: Home, night: Night, at: datetime, *, now: bool) -> _Moment:
    with known_at(home, None if now else at) as there:
        size = int(there.desk.state()["input_size"])
        incidents, members = there.desk.read("incident"), there.desk.read("members")
        own = members.filter(incident=night.broken, role="member")
        about = there.desk.read("assessment").filter(
            pl.col("subject") == night.broken, pl.col("outcome") != "no_rule"
        )
    outcomes = sorted(
        f"{rule} {outcome}" for rule, outcome in about.select("rule", "outcome").rows()
    )
    try:
        claims = len(view(home, as_of=at).register.claims)
    except NotFound:  # none had been loaded by then
        claims = 0
    return _Moment(
        at=at,
        entries=size,
        incidents=len(incidents),
        reports=len(own),
        outcome="; ".join(outcomes).replace("_", " "),
        logbook=len(records_at(home, at)),
        claims=claims,
    )


def _actors(known: Known) -> dict[str, str]:
    """Return states and organisations, name by id."""
    return {each.id: each.name for each in known.register.actors if each.kind in _KINDS}


def _cells(register: Register) -> dict[tuple[str, str], str]:
    """Return who promised, offered or refused what, and the first day on which it was said."""
    known = looked_up(register)
    told: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in known.current():
        if claim.relation in PROMISES or claim.relation in REFUSALS:
            told[known.bound(claim), claim.domain].append(claim)
    return {key: _cell(several, known) for key, several in told.items()}


def _cell(claims: list[Claim], known: Known) -> str:
    first: dict[str, str] = {}
    for claim in sorted(claims, key=lambda each: str(known.said_on(each) or "9")):
        day = known.said_on(claim)
        first.setdefault(str(claim.relation), f"{day:%d.%m}" if day else "no day")
    return ", ".join(f"{relation} {day}" for relation, day in first.items()).replace("_", " ")


def _days(register: Register) -> dict[date, int]:
    """Return how many cells were filled on each day on which anything was said."""
    known = looked_up(register)
    days = sorted({day for claim in register.claims if (day := known.said_on(claim))})
    columns = set(register.domains)
    return {
        day: sum(
            column in columns for _, column in _cells(before(register, day + timedelta(days=1)))
        )
        for day in days
    }


def _known_lines(moments: list[_Moment], night: Night) -> Iterator[Line]:
    yield Line(f"As known at, by what the log held then ({night.broken}):")
    head = ("known at", "entries", "incidents", "its reports", "logbook", "claims", "outcome")
    widths = (17, 9, 11, 13, 9, 8)
    rows = [head, *((clock(m.at), m.entries, m.incidents, m.reports, m.logbook, m.claims,
                     m.outcome or "not known") for m in moments)]  # fmt: skip
    for row in rows:
        cells = (f"{each!s:<{width}}" for each, width in zip(row[:-1], widths, strict=True))
        yield from prose(f"  {''.join(cells)}{row[-1]}", hang=67)


def _promised_lines(found: Mapping[str, Json]) -> Iterator[Line]:
    columns, promises, days = found["columns"], found["promises"], found["days"]
    if not (isinstance(columns, list) and isinstance(promises, dict) and isinstance(days, dict)):
        return
    rows = {name: list(row.values()) for name, row in promises.items() if isinstance(row, dict)}
    filled, total = sum(bool(each) for row in rows.values() for each in row), found["cells"]
    yield from prose(
        f"Who promised, offered or refused what, by {found['sources']} sources that were looked at."
        f" {filled} of {total} cells hold something; a dot is an empty one: nothing was found."
    )
    table = [["", *(str(each).replace("_", " ") for each in columns)]]
    table += [[name, *(_latest(each) for each in row)] for name, row in rows.items()]
    widths = [max(len(row[place]) for row in table) + 2 for place in range(len(table[0]))]
    for row in table:
        cells = (f"{each:<{width}}" for each, width in zip(row, widths, strict=True))
        yield Line(f"  {''.join(cells)}".rstrip()[:WIDTH])
    slid = ", ".join(f"{n} on {day}" for day, n in days.items())
    yield from prose(f"The same slid back, cells that held something: {slid}.", hang=2)


def _latest(cell: Json) -> str:
    """Return what was said last in a cell, without its day."""
    last = str(cell).split(", ")[-1]
    return last.removesuffix(" no day").rstrip(".0123456789 ") or _EMPTY
