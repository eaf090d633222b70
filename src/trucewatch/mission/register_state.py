"""One state as the register knows it: what it said, what is due, delivered and outstanding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.evidence.log import Log
from trucewatch.mission.known import as_of
from trucewatch.mission.register_gap_sheets import gap_sheets
from trucewatch.mission.register_import import deliveries
from trucewatch.mission.response_view import responses_at
from trucewatch.register.checklists import checklists
from trucewatch.register.gaps import lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.mission.home import Home
    from trucewatch.mission.register_ask import View
    from trucewatch.register.asked import About
    from trucewatch.register.checklists import Item
    from trucewatch.report.register.document import Sheet
    from trucewatch.respond.asked import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A promise with a number, and how much of it has arrived; amounts are exact text.

    Attributes:
        id: Of the pledge: a row, or the least of the claims that tell of it.
        item: What was promised: its item, or its domain.
        unit: Of all amounts.
        pledged: How much, least and most.
        delivered: How much arrived, verified or not, or why nobody can tell.
        verified: How much was seen to have arrived, or "".
        gap: How much has not arrived, least and most, or why it cannot be computed.
        due: The day, or "".
        overdue_d: Days since then, or None.
    """

    id: str
    item: str
    unit: str
    pledged: str
    delivered: str
    verified: str
    gap: str
    due: str
    overdue_d: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateView:
    """What is known of an actor and of what it owes.

    Attributes:
        about: All claims, with their contradictions.
        owed: Promises with a number, by id.
        outstanding: Items of checklists of its own that are not done.
        asks: What it was asked for in responses.
        closed: Why a table of deliveries cannot be read here, by entry.
    """

    about: About
    owed: tuple[Owed, ...]
    outstanding: tuple[Item, ...]
    asks: tuple[Ask, ...]
    closed: Mapping[int, str]


def state_of(home: Home, seen: View, about: About) -> StateView:
    """Return what an actor owes, beside what is known of it.

    Args:
        home: The mission.
        seen: The register.
        about: What is known of the actor.
    """
    actor = about.actor.id
    with Log.open(home.path) as log:
        came, newest = deliveries(log, seen.size), as_of(log, seen.size)
    table = lines(seen.register, came.rows, day=newest.date())
    owed = table.filter(pl.col("donor") == actor).sort("id")
    items = [item for each in checklists(seen.register) for item in each.outstanding()]
    return StateView(
        about=about,
        owed=tuple(_owed(row) for row in owed.iter_rows(named=True)),
        outstanding=tuple(each for each in items if each.of == actor),
        asks=tuple(
            ask
            for response in responses_at(home, newest)
            for stands in response.actors
            for ask in stands.asks
            if ask.actor == actor
        ),
        closed=came.closed,
    )


def _owed(row: Mapping[str, object]) -> Owed:
    why = str(row["why"] or "")
    return Owed(
        id=str(row["id"]),
        item=str(row["item"] or row["domain"]),
        unit=str(row["unit"]),
        pledged=_between(row["pledged_low"], row["pledged_high"]),
        delivered=why if row["delivered_low"] is None else _plain(row["delivered_low"]),
        verified="" if row["verified"] is None else _plain(row["verified"]),
        gap=why if row["gap_low"] is None else _between(row["gap_low"], row["gap_high"]),
        due="" if row["due"] is None else str(row["due"]),
        overdue_d=None if row["overdue_d"] is None else int(str(row["overdue_d"])),
    )


def _between(low: object, high: object) -> str:
    if low == high:
        return _plain(low)
    return f"{_plain(low)} or more" if high is None else f"{_plain(low)} to {_plain(high)}"


def _plain(amount: object) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def gap_tables(home: Home, seen: View) -> tuple[tuple[Sheet, ...], Mapping[int, str]]:
    """Return what is missing as tables, and why a table of deliveries cannot be read here.

    Args:
        home: The mission.
        seen: The register.
    """
    with Log.open(home.path) as log:
        came, newest = deliveries(log, seen.size), as_of(log, seen.size)
    return gap_sheets(seen.register, came.rows, day=newest.date()), came.closed
