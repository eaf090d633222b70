"""`tw holding`: whether it is holding, since when, by which rule, and what was declared when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from trucewatch.errors import BadMission
from trucewatch.measure.change.online import Prior, changes
from trucewatch.mission.configuration import in_force
from trucewatch.mission.covered import size_of
from trucewatch.mission.holding import known_of, watching
from trucewatch.mission.known import as_of
from trucewatch.mission.opened import reading
from trucewatch.mission.report_day import last_day, window

if TYPE_CHECKING:
    from datetime import date, datetime

    from trucewatch.evidence.log import Log
    from trucewatch.measure.change.online import Spell
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.holding import Known
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection
    from trucewatch.report.watching import Watching

CHANGED_P = 0.9
"""A change of the rate is told from this probability on."""
RECENT_D = 7
_Found = TypeVar("_Found")
_PER_1000 = 1_000.0
UNDECLARED = (
    "Declare in mission.toml what watches, one section for each asset:\n"
    "[coverage.CAMERA-1]\n"
    'sensor = "spotrep"  # module that reads what it saw\n'
    'detects = { "*" = 0.5 }  # P(detected) by class, at close range, by day\n'
    'source = "where these figures come from"\n'
    "always = true  # it watches whenever nobody says otherwise"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A rate that has likely changed lately.

    Attributes:
        within_d: Within so many report days.
        chance_p: With this probability.
        since: Likeliest beginning of the present rate; None where the likeliest is no change.
        before_per_1000h: Rate before that, per 1,000 covered hours: low, median and high, 90 %.
        after_per_1000h: Rate since.
    """

    within_d: int
    chance_p: float
    since: datetime | None
    before_per_1000h: tuple[float, float, float] | None
    after_per_1000h: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Whether it is holding, and what was declared.

    Attributes:
        day: The report day.
        input_size: Entries of the log that it follows from.
        watching: The answers.
        declared_entry: Entry of the log that first put `[holding]` in force as it is now; None
            where no tolerance is declared.
        declared_at: When the log acknowledged it.
        beforehand: Whether that was before the period began.
        changed: The latest change of the rate on the whole ground, where one is likely.
    """

    day: date
    input_size: int
    watching: Watching
    declared_entry: int | None
    declared_at: datetime | None
    beforehand: bool
    changed: Changed | None


def is_holding(home: Home, *, day: date | None) -> Holding:
    """Return whether it is holding, as of the end of a report day.

    Args:
        home: The mission.
        day: The report day; None takes the last one that the newest input ended.

    Nothing run and nothing declared are `BadMission`.
    """
    with reading(home) as (log, there):
        size, using = ready(home, log, there)
        day = day or last_day(using.settings, as_of(log, size))
        known = expect_declared(home, known_of(log, there, using, window(using.settings, day)))
        entry, at = known.sealed if using.settings.holding.tolerated_per_1000h else (None, None)
    return Holding(
        day=day,
        input_size=size,
        watching=watching(known, using.settings.holding),
        declared_entry=entry,
        declared_at=at,
        beforehand=at is not None and known.beforehand,
        changed=_changed(known, using.settings.holding.tolerated_in("")),
    )


def ready(home: Home, log: Log, there: Projection) -> tuple[int, Configuration]:
    """Return how many entries the newest run used, and the configuration in force then.

    Raises:
        BadMission: Nothing has been run.
    """
    if "input_size" not in there.desk.state():
        problem = "nothing has been run, expected incidents"
        raise BadMission(str(home.path), problem, advice=f"Run: tw run {home.path}")
    size = size_of(log, there)
    return size, in_force(log, size)


def expect_declared(home: Home, found: _Found | None) -> _Found:
    """Return what was found.

    Raises:
        BadMission: It is None: nobody declared what watches, or no zone is open to all.
    """
    if found is None:
        problem = "nobody declared what watches, or no zone has open ground, expected both"
        advice = f"{UNDECLARED}\nThen: tw run {home.path}"
        raise BadMission(str(home.settings), problem, advice=advice)
    return found


def _changed(known: Known, tolerated_per_1000h: float | None) -> Changed | None:
    """Return the latest change of the daily counts, seen from the rate that is tolerated.

    Before anything is seen, a rate is thought of as that of one incident in the time in which the
    tolerance lets one be expected.
    """
    if tolerated_per_1000h is None:
        return None
    of = known.period
    prior = Prior(incidents_mean=1.0, exposure_h=_PER_1000 / tolerated_per_1000h)
    found = changes(
        of.count[:, 0].astype(np.int64),
        np.asarray(of.high_h[:, 0], np.float64),
        prior=prior,
        within=RECENT_D,
    )
    chance_p = float(found.recent_p[-1])
    if chance_p < CHANGED_P:
        return None
    told = len(found.spells) > 1
    return Changed(
        within_d=RECENT_D,
        chance_p=chance_p,
        since=of.edges[found.spells[-1].first] if told else None,
        before_per_1000h=_rate(found.spells[-2]) if told else None,
        after_per_1000h=_rate(found.spells[-1]) if told else None,
    )


def _rate(spell: Spell) -> tuple[float, float, float]:
    low, middle, high = (
        each * _PER_1000 for each in (spell.low_per_h, spell.mid_per_h, spell.high_per_h)
    )
    return low, middle, high
