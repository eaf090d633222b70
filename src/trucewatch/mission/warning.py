"""`tw warning`: whether what comes before escalations has told of them here, and what it says now.

Six series by day: restrictions of monitors, jamming among them apart, heavy weapons seen, lines
crossed, windows of silence that were refused, and the incidents themselves for the naive guess.
What people enter is taken to be entered alike on each day, for nobody declared how well they look;
what sensors see is set against the hours that were covered. Where a series rests on zeros it tells
nothing, and the method is silent until it has been right often enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.errors import BadMission
from trucewatch.measure.warning.days import trouble
from trucewatch.measure.warning.precursors import Precursor
from trucewatch.measure.warning.warned import LEADS_D, WARN_P, Warned, warned
from trucewatch.mission.configuration import in_force
from trucewatch.mission.covered import covered_between
from trucewatch.mission.known import as_of
from trucewatch.mission.logbook import logbook
from trucewatch.mission.opened import reading
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trucewatch.evidence.log import Log
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.home import Home
    from trucewatch.mission.projection import Projection
    from trucewatch.records.logbook.machine import Record

    Floats = NDArray[np.float64]

DAYS_MIN = 84 + 14
"""Days without which nothing can be judged: those that are learnt from, and a first block."""
KIND = "explosion_undetermined"
_CROSSINGS = ("crossing_ground", "crossing_air")
_SEED = 1  # of the draws of blocks: the same log, the same bounds
_DAY = timedelta(days=1)
_REAL_P = 0.5
_HEAVY = "weapon"
_JAMMED = "jamming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What can be said ahead.

    Attributes:
        since: First day of the series, UTC.
        days: How many.
        bound_per_h: Incidents an hour, covered where that is declared, above which a day is in
            trouble; None where nobody declared what is tolerated.
        in_trouble: Days above it.
        now: Whether the last day is one.
        covered: Whether exposure is by declared coverage; else each day counts alike.
        counts: How much of each series there was, by name.
        leads: What is said for each number of days ahead; empty where nothing can be judged.
        warn_p: Chance from which on it is a warning.
        why: Why nothing can be judged, or "".
    """

    since: datetime
    days: int
    bound_per_h: float | None
    in_trouble: int
    now: bool
    covered: bool
    counts: dict[str, int]
    leads: tuple[Warned, ...]
    warn_p: float
    why: str


def warning(home: Home) -> Ahead:
    """Return what can be said ahead, as of the newest input that a run used.

    Raises:
        BadMission: Nothing has been run.
    """
    with reading(home) as (log, there):
        state = there.desk.state()
        if "input_size" not in state:
            problem = "nothing has been run, expected incidents"
            raise BadMission(str(home.path), problem, advice=f"Run: tw run {home.path}")
        size = int(state["input_size"])
        using, records = in_force(log, size), logbook(log, size)
        incidents = _acts(there)
        span = _span(incidents, records, as_of(log, size))
        if span is None:
            return _unsaid(as_of(log, size), "less than a whole day is on record")
        exposure_h = _exposure(log, there, using, span)
    days = (span[1] - span[0]) // _DAY
    hours = np.full(days, 24.0) if exposure_h is None else exposure_h
    series = _series(records, incidents, span, hours)
    tolerated = using.settings.holding.tolerated_in("")
    return _ahead(series, span[0], None if tolerated is None else tolerated / 1_000,
                  covered=exposure_h is not None)  # fmt: skip


def _ahead(
    series: Sequence[Precursor], since: datetime, bound_per_h: float | None, *, covered: bool
) -> Ahead:
    """Return what is said of series by day, the incidents themselves the first of them."""
    incidents, days = series[0], len(series[0].counts)
    bad = np.zeros(days, np.bool_)
    why = ""
    if bound_per_h is None:
        why = "nobody declared what is tolerated, so no day is one of trouble"
    else:
        bad = trouble(incidents.counts, incidents.exposure, most_per_h=bound_per_h)
        if days < DAYS_MIN:
            why = f"{days} days are on record, at least {DAYS_MIN} are needed"
    leads: tuple[Warned, ...] = ()
    if not why:
        leads = warned(
            series[1:], incidents, bad, rng=np.random.default_rng(_SEED), leads_d=LEADS_D
        )
    return Ahead(
        since=since,
        days=days,
        bound_per_h=bound_per_h,
        in_trouble=int(bad.sum()),
        now=bool(bad[-1]),
        covered=covered,
        counts={each.name: int(each.counts.sum()) for each in series},
        leads=leads,
        warn_p=WARN_P,
        why=why,
    )


def _unsaid(since: datetime, why: str) -> Ahead:
    return Ahead(
        since=since, days=0, bound_per_h=None, in_trouble=0, now=False, covered=False, counts={},
        leads=(), warn_p=WARN_P, why=why,
    )  # fmt: skip


def _acts(there: Projection) -> pl.DataFrame:
    kinds = [name for name, each in HAPPENINGS.items() if each.act and each.forms_incident]
    return there.desk.read("incident").filter(
        pl.col("class").is_in(kinds), pl.col("real_p") >= _REAL_P
    )


def _span(
    incidents: pl.DataFrame, records: Sequence[Record], end: datetime
) -> tuple[datetime, datetime] | None:
    """Return the whole UTC days from the first thing on record on; None when there is none."""
    first = min([*incidents["time"].to_list(), *(each.opening.at for each in records)], default=end)
    start, until = (
        datetime(at.year, at.month, at.day, tzinfo=UTC)
        for at in (first.astimezone(UTC), end.astimezone(UTC))
    )
    return (start, until) if until > start else None


def _exposure(
    log: Log, there: Projection, using: Configuration, span: tuple[datetime, datetime]
) -> Floats | None:
    """Return the covered hours of each day; None where nobody declared what watches."""
    covered = covered_between(log, there, using, span)
    if covered is None:
        return None
    return np.asarray(covered.by_step_h(KIND).reshape(-1, 24).sum(axis=1))


def _series(
    records: Sequence[Record],
    incidents: pl.DataFrame,
    span: tuple[datetime, datetime],
    exposure_h: Floats,
) -> tuple[Precursor, ...]:
    """Return the incidents and then the precursors, by day."""

    def by_day(times: Sequence[datetime]) -> Floats:
        place = [(at - span[0]) // _DAY for at in times]
        inside = [day for day in place if 0 <= day < len(exposure_h)]
        return np.bincount(np.array(inside, np.int64), minlength=len(exposure_h)).astype(np.float64)

    hindered = [each.opening for each in records if each.kind == "restriction"]
    weapons = [
        step.at
        for each in records
        if each.kind == "sighting" and each.opening.detail["matter"] == _HEAVY
        for step in each.all("seen", "seen_again")
    ]
    refused = [s.at for each in records if each.kind == "window" for s in each.all("refused")]
    crossed = incidents.filter(pl.col("class").is_in(_CROSSINGS))["time"].to_list()
    entered = {
        "restrictions": [s.at for s in hindered if s.detail["hindrance"] != _JAMMED],
        "jamming": [s.at for s in hindered if s.detail["hindrance"] == _JAMMED],
        "heavy weapons": weapons,
        "refused windows": refused,
    }
    every_day = np.full(len(exposure_h), 24.0)
    return (
        Precursor(
            name="incidents", counts=by_day(incidents["time"].to_list()), exposure=exposure_h
        ),
        *(
            Precursor(name=name, counts=by_day(times), exposure=every_day)
            for name, times in entered.items()
        ),
        Precursor(name="crossings", counts=by_day(crossed), exposure=exposure_h),
    )
