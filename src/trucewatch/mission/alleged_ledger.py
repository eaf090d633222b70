"""`tw alleged compare`: what parties allege beside what the mission saw, and what it could see."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.errors import BadInput, BadMission
from trucewatch.measure.ledger.compared import Ours, side
from trucewatch.measure.ledger.estimated import estimated
from trucewatch.mission.alleged import claims_of
from trucewatch.mission.configuration import in_force
from trucewatch.mission.covered import covered_between, plane_of
from trucewatch.mission.opened import reading
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.measure.coverage.grid import Coverage
    from trucewatch.measure.ledger.compared import Side
    from trucewatch.measure.ledger.estimated import Estimate
    from trucewatch.mission.alleged import Claims
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.home import Home
    from trucewatch.records.alleged import Alleged, Total

Span = tuple["datetime", "datetime"]

REAL_P = 0.5
"""Incidents count that are likelier than not to have happened."""
UNSEEN_KIND = "explosion_undetermined"
"""The class that coverage is told for where neither an incident nor a claim names one."""
_DAY = timedelta(days=1)
_STEPS_A_DAY = 24
_US_PER_H = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to compare.

    Attributes:
        since: First instant; the earliest that a claim names when it is None.
        until: End; the latest that a claim names when it is None.
        kind: Only acts of this class, and claims without one; "" for every act.
    """

    since: datetime | None = None
    until: datetime | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Claims and sightings of one period, side by side.

    Attributes:
        since: First instant.
        until: End, itself not within.
        kinds: Classes that were counted.
        covered_kind: The class that coverage is told for.
        estimate: What the mission saw, and how many that makes.
        off_ground: Incidents outside the ground that coverage is worked out for; in no estimate.
        sides: What each party alleges, by party.
        lists: What each sealed, and when, by party.
        unalleged: Incidents that nobody alleges.
    """

    since: datetime
    until: datetime
    kinds: tuple[str, ...]
    covered_kind: str
    estimate: Estimate
    off_ground: int
    sides: tuple[Side, ...]
    lists: tuple[Claims, ...]
    unalleged: tuple[str, ...]


def compare(home: Home, asked: Asked) -> Ledger:
    """Return the ledger of claims of a period.

    Raises:
        BadInput: No such class of act, no claim to take the period from, or an empty period.
        BadMission: Nothing has been run.
    """
    if asked.kind and (asked.kind not in HAPPENINGS or not HAPPENINGS[asked.kind].act):
        problem = f"is {asked.kind[:80]!r}, expected a class of act such as airstrike"
        raise BadInput("--class", problem)
    with reading(home) as (log, there):
        state = there.desk.state()
        if "input_size" not in state:
            problem = "nothing has been run, expected incidents to compare with"
            raise BadMission(str(home.path), problem, advice=f"Run: tw run {home.path}")
        using = in_force(log, int(state["input_size"]))
        lists = claims_of(log, log.size, [party.id for party in using.agreement.parties])
        span = _span(lists, asked)
        kinds = _kinds(using, asked.kind)
        acts = there.desk.read("incident").filter(
            pl.col("class").is_in(kinds) & (pl.col("real_p") >= REAL_P)
        )
        covered = covered_between(log, there, using, span)
    return _ledger(using, lists, acts, (span, kinds), covered)


def _ledger(
    using: Configuration,
    lists: Sequence[Claims],
    acts: pl.DataFrame,
    what: tuple[Span, tuple[str, ...]],
    covered: Coverage | None,
) -> Ledger:
    span, kinds = what
    counted = acts.filter((pl.col("time") >= span[0]) & (pl.col("time") < span[1]))
    claims = {each.party: _within(each.acts, span, kinds) for each in lists}
    kind = _covered_kind(counted, [one for each in claims.values() for one in each])
    placed = counted if covered is None else counted.filter(_on(covered, counted))
    ours = Ours(acts, frozenset(counted["id"].to_list()), plane_of(using), span)
    sides = tuple(
        side(
            each.party,
            claims[each.party],
            [t for t in each.totals if t.time_start < span[1] and t.time_end >= span[0]],
            ours,
            None if covered is None else _seen_p(covered, claims[each.party], kind),
        )
        for each in lists
    )
    matched = {one.incident for each in sides for one in each.matches}
    least_share = using.settings.holding.coverage_min_share
    hours, covered_h = _days(span, covered, kind)
    return Ledger(
        since=span[0],
        until=span[1],
        kinds=kinds,
        covered_kind=kind,
        estimate=estimated(
            _by_day(placed, span, len(hours)), hours, covered_h, least_share=least_share
        ),
        off_ground=len(counted) - len(placed),
        sides=sides,
        lists=tuple(lists),
        unalleged=tuple(sorted(ours.counted - matched)),
    )


def _span(lists: Sequence[Claims], asked: Asked) -> Span:
    """Return the period, from what is asked and else from the claims.

    Raises:
        BadInput: There is nothing to take it from, or it is empty.
    """
    rows: list[Alleged | Total] = []
    for each in lists:
        rows += [*each.acts, *each.totals]
    if not rows and (asked.since is None or asked.until is None):
        problem = "no list was sealed, expected one, or --from and --until"
        raise BadInput("tw alleged", problem, advice="Seal one: tw alleged seal HOME PARTY FILE")
    since = asked.since or min(row.time_start for row in rows)
    until = asked.until or max(row.time_end for row in rows) + timedelta(seconds=1)
    if until <= since:
        problem = f"is {until.isoformat()}, must be after {since.isoformat()}"
        raise BadInput("--until", problem)
    return since, until


def _kinds(using: Configuration, kind: str) -> tuple[str, ...]:
    acts = tuple(name for name, each in HAPPENINGS.items() if each.act and each.forms_incident)
    return (kind,) if kind else using.settings.holding.counts or acts


def _within(acts: Sequence[Alleged], span: Span, kinds: Sequence[str]) -> list[Alleged]:
    return [
        each
        for each in acts
        if each.time_start < span[1] and each.time_end >= span[0] and each.kind in ("", *kinds)
    ]


def _covered_kind(counted: pl.DataFrame, claims: Sequence[Alleged]) -> str:
    """Return the class that most incidents have, else most claims; of equals the first by name."""
    for names in (counted["class"].to_list(), [each.kind for each in claims if each.kind]):
        if names:
            many = Counter(names)
            return str(min(many, key=lambda name: (-many[name], name)))
    return UNSEEN_KIND


def _on(covered: Coverage, incidents: pl.DataFrame) -> pl.Series:
    at = incidents.select("lon_deg", "lat_deg").to_numpy()
    return pl.Series(covered.cells.at(at[:, 0], at[:, 1]) >= 0, dtype=pl.Boolean)


def _seen_p(covered: Coverage, claims: Sequence[Alleged], kind: str) -> dict[str, float]:
    """Return P(the mission sees it) of each claim on the ground, in the middle of its time."""
    edges_us = covered.steps.edges_us()
    found: dict[str, float] = {}
    for name in sorted({each.kind or kind for each in claims}):
        mine = [each for each in claims if (each.kind or kind) == name]
        chance_p = covered.p(name)
        cell = covered.cells.at(
            np.array([each.lon_deg for each in mine]), np.array([each.lat_deg for each in mine])
        )
        middle_us = [
            round((each.time_start.timestamp() + each.time_end.timestamp()) * 5e5) for each in mine
        ]
        step = np.searchsorted(edges_us, middle_us, side="right") - 1
        for each, row, column in zip(mine, step.tolist(), cell.tolist(), strict=True):
            if column >= 0 and 0 <= row < covered.steps.count:
                found[each.id] = float(chance_p[row, column])
    return found


def _days(span: Span, covered: Coverage | None, kind: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the hours of each day of the period, counted from its beginning, and those covered."""
    whole_h = np.ceil((span[1] - span[0]) / timedelta(hours=1))
    hours = np.full(int(np.ceil(whole_h / _STEPS_A_DAY)), float(_STEPS_A_DAY))
    hours[-1] = whole_h - _STEPS_A_DAY * (len(hours) - 1)
    if covered is None:
        return hours, None
    starts = np.arange(len(hours)) * _STEPS_A_DAY
    covered_h = np.add.reduceat(covered.by_step_h(kind), starts)
    return hours, np.minimum(covered_h, hours)


def _by_day(incidents: pl.DataFrame, span: Span, days: int) -> np.ndarray:
    since_us = round(span[0].timestamp() * 1e6)
    after_us = incidents["time"].dt.timestamp("us").to_numpy() - since_us
    day = after_us // (_STEPS_A_DAY * _US_PER_H)
    return np.bincount(day.astype(np.int64), minlength=days)
