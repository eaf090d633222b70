"""Whether it is holding: counts, covered hours, rates and answers, by what the log holds.

The test counts, and what the rates count, is one rule (`holding_days`). The days of the test are
report days. The lower end of exposure is of the class that is seen least and an overcast sky where
nobody says, and speaks for holding; the upper end speaks against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from trucewatch.agreement.force import window as force_window
from trucewatch.measure.coverage.cells import WHOLE
from trucewatch.measure.holding.answer import Answer as Told
from trucewatch.measure.holding.answer import Tolerance, Watched, course
from trucewatch.measure.holding.recommitment import Spending, share_of
from trucewatch.measure.holding.sectors import answers
from trucewatch.measure.holding.sequence import sequence
from trucewatch.measure.rates.exposure import Exposure
from trucewatch.measure.rates.poisson import quantile
from trucewatch.measure.rates.spread import spread_of
from trucewatch.measure.rates.zero import bound_of_zero
from trucewatch.mission.configuration import CONFIGURED_TYPE, opened_statements
from trucewatch.mission.covered import declared, size_of
from trucewatch.mission.holding_days import Days, Ground, cell_shares, days, ground
from trucewatch.mission.report_day import day_edges
from trucewatch.mission.settings import parse_settings
from trucewatch.report.watching import CellShare, Lost, Rated, Sector, Watching

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from trucewatch.evidence.log import Log
    from trucewatch.measure.coverage.cells import Cells
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.projection import Projection
    from trucewatch.mission.sections import HoldingSection
    from trucewatch.report.watching import Answer, Why

    Floats = NDArray[np.float64]

LEVEL_P = 0.95
"""Of the interval of a rate on a day, and of the upper bound where nothing was seen."""
SPREAD_DAYS_MIN = 7
"""Days with exposure from which on counts are asked whether they vary more than Poisson ones."""
_PER_1000 = 1_000.0
_M_PER_KM = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """Everything that the answers are made of.

    Attributes:
        ground: What counts, and where.
        window: The report day, with its coverage.
        before: As many hours before it.
        period: By report day, since the test began anew.
        number: Number of that beginning, 1 being the agreement itself.
        sealed: Entry that first put `[holding]` in force as it is now, and when the log
            acknowledged it.
    """

    ground: Ground
    window: Days
    before: Days
    period: Days
    number: int
    sealed: tuple[int, datetime]

    @property
    def beforehand(self) -> bool:
        """Whether what is tolerated was sealed before the period began."""
        return self.sealed[1] <= self.period.edges[0]


def watching_of(
    log: Log,
    there: Projection,
    using: Configuration,
    window: tuple[datetime, datetime],
    *,
    shown: Collection[str] | None = None,
) -> Watching | None:
    """Return what could have been seen on a report day, and whether it is holding.

    Args:
        log: The log.
        there: Its projection; only what the newest run used counts.
        using: The configuration in force.
        window: The report day, from and until.
        shown: Objects that incidents may rest on; None for all. Then only assets count whose
            files are CLEAR, in counts and in exposure alike.

    Returns:
        None where no asset is declared, or no zone of the agreement has open ground.
    """
    known = known_of(log, there, using, window, shown=shown)
    return None if known is None else watching(known, using.settings.holding)


def known_of(
    log: Log,
    there: Projection,
    using: Configuration,
    window: tuple[datetime, datetime],
    *,
    shown: Collection[str] | None = None,
) -> Known | None:
    """Return everything that the answers are made of; arguments as those of `watching_of`."""
    found = declared(log, there, using, clear=shown is not None)
    if found is None:
        return None
    on = ground(log, there, using.settings, found, shown=shown)
    start, end = window
    size = size_of(log, there)
    since, number = begun(size, there, using, window)
    return Known(
        ground=on,
        window=days(on, window, keep=True),
        before=days(on, (start - (end - start), start)),
        period=days(on, day_edges(using.settings, since, end)),
        number=number,
        sealed=_sealed(log, size, using),
    )


def _sealed(log: Log, size: int, using: Configuration) -> tuple[int, datetime]:
    """Return the entry since which `[holding]` has been as it is now, and its time."""
    found, wanted = using.entry, using.settings.holding
    for index, statement in reversed(opened_statements(log, size, {CONFIGURED_TYPE})[1]):
        raw = log.object(statement.subjects[0].sha256)
        if parse_settings(raw, name=f"entry {index}").holding != wanted:
            break
        found = index
    return found, log.entry(found).logged_at


def begun(
    size: int, there: Projection, using: Configuration, window: tuple[datetime, datetime]
) -> tuple[datetime, int]:
    """Return when the test last began anew before the window's end, and the number of that.

    That is the last recommitment. Before any, it is when the agreement came into force, or the time
    of the first accepted row of any file, whichever is later: what nobody watched yet is no time of
    calm. Where no text is in force, there is nothing to hold, and it is the window alone.
    """
    start, end = window
    recommitted = [at for at in using.settings.holding.recommitments() if at < end]
    if recommitted:
        return recommitted[-1].astimezone(UTC), 1 + len(recommitted)
    force = force_window(using.agreement)
    rows = there.desk.read("file").filter(pl.col("accepted") > 0, pl.col("entry") < size)
    first: Any = rows["time_min"].min()
    if force is None or first is None:
        return start, 1
    since = max(force[0], first).astimezone(UTC)
    return (since if since < end else start), 1


def watching(known: Known, holding: HoldingSection) -> Watching:
    """Return the answers."""
    on = known.ground
    said = _answers(known, holding)
    whole, *sectors = (_sector(known, holding, column, said) for column in range(len(on.names)))
    (coverage, _), *_ = known.window.coverages
    shares = cell_shares(on.declared, on, known.window)
    return Watching(
        counts=on.kinds,
        whole=whole,
        sectors=tuple(sorted(sectors, key=lambda each: each.id)),
        cells=_cells(on.declared.cells, shares),
        alpha_p=holding.alpha_p,
        strangers=coverage.strangers,
    )


def series(known: Known, column: int) -> Watched:
    """Return the days of the period as the test takes them, of the whole ground or a sector.

    Earlier periods tell nothing of this one but its number. Each is put in as one day on which
    nothing could be seen, so that this one gets its own share of alpha.
    """
    of = known.period
    columns = (of.count[:, column], of.low_h[:, column], of.high_h[:, column], of.passed_h)
    none = np.zeros(known.number - 1)
    count, low_h, high_h, possible_h = (
        np.concatenate([none, each.astype(np.float64)]) for each in columns
    )
    return Watched(count=count, low_h=low_h, high_h=high_h, possible_h=possible_h)


def _answers(known: Known, holding: HoldingSection) -> Mapping[str, tuple[Answer, Why]]:
    """Return the answer for the whole ground, and those for all sectors held together."""
    names = known.ground.names
    share = np.log(share_of(known.number, Spending.TOGETHER))
    begins = tuple(range(1, known.number))
    found: dict[str, Told] = {}
    asked, evidence, covered = [], [], {}
    for column, name in enumerate(names):
        tolerated = holding.tolerated_in(name)
        if tolerated is None:
            continue
        tolerance = Tolerance(
            rate_per_h=tolerated / _PER_1000,
            coverage_min_share=holding.coverage_min_share,
            alpha_p=holding.alpha_p,
        )
        told = course(series(known, column), tolerance, begins)
        covered[name] = bool(told.coverage_share[-1] >= holding.coverage_min_share)
        if name == WHOLE:
            found[name] = told.answer[-1]
        else:
            asked.append(name)
            evidence.append((told.above[-1] + share, told.below[-1] + share))
    if asked:
        above, below = np.array(evidence).T
        enough = np.array([covered[name] for name in asked])
        held = answers(above, below, enough, alpha_p=holding.alpha_p)
        found.update(zip(asked, held, strict=True))
    if not known.beforehand:
        return {name: ("cannot tell", _LATE[name in covered]) for name in names}
    return {name: _said(found.get(name), covered.get(name, False)) for name in names}


_LATE: tuple[Why, Why] = ("no tolerance", "declared late")


def _said(told: Told | None, covered: bool) -> tuple[Answer, Why]:  # noqa: FBT001 - read at once
    if told is None:
        return "cannot tell", "no tolerance"
    if told is not Told.CANNOT_TELL:
        return told.value, ""
    return told.value, "evidence too weak" if covered else "too little covered"


def _sector(
    known: Known, holding: HoldingSection, column: int, said: Mapping[str, tuple[Answer, Why]]
) -> Sector:
    name = known.ground.names[column]
    answer, why = said[name]
    spread = _spread(known.period, column)
    return Sector(
        id=name,
        window=_rated(known.window, column, spread),
        before=_rated(known.before, column, spread),
        lost=_lost(known.window, name),
        period=_of_period(known, holding, column),
        tolerated_per_1000h=holding.tolerated_in(name),
        coverage_min_share=holding.coverage_min_share,
        answer=answer,
        why=why,
    )


def _spread(of: Days, column: int) -> float:
    """Return how much more counts vary from day to day than Poisson ones; 1 for few days."""
    exposed = of.low_h[:, column] > 0
    if exposed.sum() < SPREAD_DAYS_MIN:
        return 1.0
    hours = of.low_h[exposed, column]
    return spread_of(of.count[exposed, column], hours).dispersion_ratio


def _rated(of: Days, column: int, dispersion_ratio: float) -> Rated:
    """Return the rate over some days, each end from the end of exposure that makes it safe."""
    low, high = (float(each[:, column].sum()) for each in (of.low_h, of.high_h))
    count = int(of.count[:, column].sum())
    ends: tuple[float | None, float | None] = (None, None)
    if low > 0 and not count:
        bound = bound_of_zero(_exactly(low), level_p=LEVEL_P, dispersion_ratio=dispersion_ratio)
        ends = (0.0, bound)
    elif low > 0:
        outside_p = (1 - LEVEL_P) / 2
        ends = (
            _quantile(count, high, outside_p, dispersion_ratio),
            _quantile(count, low, 1 - outside_p, dispersion_ratio),
        )
    middle = _quantile(count, (low + high) / 2, 0.5, dispersion_ratio) if low > 0 else None
    return _put(of, column, (ends[0], middle, ends[1]), LEVEL_P)


def _of_period(known: Known, holding: HoldingSection, column: int) -> Rated:
    """Return the rate since the test began anew, with ends that hold at all times at once."""
    of = known.period
    count, low, high = (
        np.array([each[:, column].sum()], np.float64) for each in (of.count, of.low_h, of.high_h)
    )
    alpha_p = holding.alpha_p * share_of(known.number, Spending.TOGETHER)
    bounds = sequence(count, low, high, alpha_p=alpha_p)
    if low[0] <= 0:
        return _put(of, column, (None, None, None), 1 - 2 * alpha_p)
    middle = _quantile(int(count[0]), float(low[0] + high[0]) / 2, 0.5, 1.0)
    ends = (float(bounds.low_per_h[0]), middle, float(bounds.high_per_h[0]))
    return _put(of, column, ends, 1 - (2 if count[0] else 1) * alpha_p)


def _put(of: Days, column: int, ends: Sequence[float | None], level_p: float) -> Rated:
    low, middle, high = (None if each is None else each * _PER_1000 for each in ends)
    return Rated(
        start=of.edges[0],
        end=of.edges[-1],
        passed_h=float(of.passed_h.sum()),
        covered_low_h=float(of.low_h[:, column].sum()),
        covered_high_h=float(of.high_h[:, column].sum()),
        count=int(of.count[:, column].sum()),
        other_n=int(of.other[:, column].sum()),
        middle_per_1000h=middle,
        low_per_1000h=low,
        high_per_1000h=high,
        level_p=level_p,
    )


def _exactly(exposure_h: float) -> Exposure:
    return Exposure(exposure_h, 0.0, exposure_h)


def _quantile(count: int, exposure_h: float, chance_p: float, dispersion_ratio: float) -> float:
    given = _exactly(exposure_h)
    found = quantile([count], given, chance_p=chance_p, dispersion=dispersion_ratio)
    return float(found[0])


def _lost(of: Days, name: str) -> tuple[Lost, ...]:
    """Return what each cause took of all assets, the most first."""
    hours: dict[str, float] = {}
    for coverage, _ in of.coverages:
        lost = coverage.lost().filter(pl.col("sector") == name).sort("asset", "cause")
        for cause, taken_h in lost.select("cause", "hours").iter_rows():
            hours[cause] = hours.get(cause, 0.0) + taken_h
    ordered = sorted(hours.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Lost(cause=cause, hours_h=taken_h) for cause, taken_h in ordered)


def _cells(cells: Cells, shares: Floats) -> tuple[CellShare, ...]:
    """Return the corners of each cell, counter-clockwise from the south-west."""
    half_km = cells.size_km / 2
    corners = [
        cells.plane.unproject(
            (cells.x_km + east * half_km) * _M_PER_KM, (cells.y_km + north * half_km) * _M_PER_KM
        )
        for east, north in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    rings = np.stack([np.column_stack(each) for each in corners], axis=1).tolist()
    return tuple(
        CellShare(ring_deg=tuple((lon, lat) for lon, lat in ring), covered_share=share)
        for ring, share in zip(rings, shares.tolist(), strict=True)
    )
