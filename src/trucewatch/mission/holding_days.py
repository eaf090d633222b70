"""What could be seen and what was, day by day and sector by sector, by one rule for every product.

Counted is an incident that is likelier real than not, of a class that counts, that a declared asset
saw whose chance to see it was above 0 there and then. Any other of these classes is in no rate:
nobody watched, or nobody whose watch is declared did. An incident lies where the middle of its
place does, and happened at the middle of its time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.measure.coverage.cells import WHOLE
from trucewatch.measure.coverage.seen import seen
from trucewatch.mission.covered import sectors_of, size_of, used
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from trucewatch.evidence.log import Log
    from trucewatch.geo.area import Area
    from trucewatch.measure.coverage.asset import Asset
    from trucewatch.measure.coverage.cells import Cells
    from trucewatch.measure.coverage.grid import Coverage
    from trucewatch.mission.covered import Declared
    from trucewatch.mission.projection import Projection
    from trucewatch.mission.settings import Settings

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]
    Flags = NDArray[np.bool_]

REAL_P = 0.5
"""An incident of at least this P(real) counts: it is likelier real than not."""
_CELL_HOURS = 2_000_000  # worked out at once: some tens of MB for each asset
_DIGITS = 9  # of hours: what is beyond them is rounding, and would decide at a bound
_H = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What every product counts, and where.

    Attributes:
        declared: What watches.
        areas: Ground of each sector, by id.
        kinds: Classes that count.
        incidents: Those of such classes that are likelier real than not, by time and id.
        reports: `incident`, `sensor` and `channel` of their members.
    """

    declared: Declared
    areas: dict[str, Area]
    kinds: tuple[str, ...]
    incidents: pl.DataFrame
    reports: pl.DataFrame

    @property
    def names(self) -> tuple[str, ...]:
        """The whole ground's name and those of the sectors, in the order of every column here."""
        return (WHOLE, *self.areas)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Days:
    """Some days in a row; columns go as `Ground.names`.

    Attributes:
        edges: Where the days begin, and where the last one ends.
        passed_h: Length of each, (days,).
        low_h: Covered hours of the class that is seen least on that day, the sky being overcast
            wherever nobody says, (days, names).
        high_h: Of the class that is seen most, the sky then being clear, (days, names).
        count: Incidents that count, (days, names).
        other: Other incidents of such classes, (days, names).
        coverages: Of each stretch that was worked out at once, under the clear and the unclear sky;
            kept where it was asked for.
    """

    edges: tuple[datetime, ...]
    passed_h: Floats
    low_h: Floats
    high_h: Floats
    count: Whole
    other: Whole
    coverages: tuple[tuple[Coverage, Coverage], ...] = field(default=())


def classes(settings: Settings) -> tuple[str, ...]:
    """Return the classes that count: those named in `[holding] counts`, else every act."""
    acts = [name for name, each in HAPPENINGS.items() if each.act and each.forms_incident]
    return settings.holding.counts or tuple(acts)


def ground(
    log: Log,
    there: Projection,
    settings: Settings,
    declared: Declared,
    *,
    shown: Collection[str] | None = None,
) -> Ground:
    """Return what every product counts, as the newest run found it.

    Args:
        log: The log.
        there: Its projection.
        settings: In force.
        declared: What watches.
        shown: Objects that incidents may rest on; None for all.
    """
    size, kinds = size_of(log, there), classes(settings)
    incidents = there.desk.read("incident").filter(
        pl.col("class").is_in(kinds), pl.col("real_p") >= REAL_P
    )
    members = there.desk.read("members").filter(
        pl.col("role") == "member", pl.col("incident").is_in(incidents["id"].implode())
    )
    if shown is not None:
        other = members.filter(~pl.col("object").cast(pl.String).is_in(list(shown)))
        incidents = incidents.join(other, left_on="id", right_on="incident", how="anti")
    key = [pl.col("object").cast(pl.String), pl.col("row")]
    sent = used(there.reports(), there, size).select(*key, "sensor", "channel")
    return Ground(
        declared=declared,
        areas=sectors_of(log, size),
        kinds=kinds,
        incidents=incidents.sort("time", "id"),
        reports=members.select("incident", *key).join(sent, on=["object", "row"]),
    )


def days(on: Ground, edges: Sequence[datetime], *, keep: bool = False) -> Days:
    """Return what could be seen and what was on some days in a row.

    Long times are worked out a stretch of days after another, so that no table gets large.

    Args:
        on: What counts, and where.
        edges: Where the days begin, ascending, and where the last one ends.
        keep: Whether the coverage of the stretches is kept.
    """
    low, high, counted, coverages = [], [], [], []
    for stretch in _stretches(edges, len(on.declared.cells)):
        clear, unclear = _both_skies(on.declared, stretch)
        place = _places(clear, stretch)
        low.append(_by_day(unclear, on, place).min(axis=1))
        high.append(_by_day(clear, on, place).max(axis=1))
        here = on.incidents.filter(pl.col("time").is_between(stretch[0], stretch[-1], "left"))
        counted.append(_counted(on, here, clear))
        coverages += [(clear, unclear)] if keep else []
    passed_h = np.diff([edge.timestamp() for edge in edges]) / _H.total_seconds()
    high_h = np.minimum(np.concatenate(high).round(_DIGITS), passed_h[:, None])
    table = pl.concat(counted)
    number, other = _numbers(table, on, edges, high_h)
    return Days(
        edges=tuple(edges),
        passed_h=passed_h,
        low_h=np.minimum(np.concatenate(low).round(_DIGITS), high_h),
        high_h=high_h,
        count=number,
        other=other,
        coverages=tuple(coverages),
    )


def by_class(kinds: Sequence[str], assets: Sequence[Asset]) -> tuple[str, ...]:
    """Return one class of each group that all assets see alike, in order."""
    found = {tuple(each.detection.close_p(kind) for each in assets): kind for kind in kinds[::-1]}
    return tuple(sorted(found.values(), key=list(kinds).index))


def _stretches(edges: Sequence[datetime], cells: int) -> Iterator[Sequence[datetime]]:
    """Yield runs of edges, each at least a day and as many as memory allows."""
    start = 0
    while start < len(edges) - 1:
        end = start + 1
        while end + 1 < len(edges) and (edges[end + 1] - edges[start]) / _H * cells <= _CELL_HOURS:
            end += 1
        yield edges[start : end + 1]
        start = end


def _both_skies(declared: Declared, stretch: Sequence[datetime]) -> tuple[Coverage, Coverage]:
    """Return coverage where a sky of which nobody speaks is clear, and where it is overcast.

    Steps go back from the end of the first day by whole hours, so that days end with a step.
    """
    hours = -((stretch[0] - stretch[1]) // _H)
    span = (stretch[1] - hours * _H, stretch[-1])
    clear = declared.between(span)
    unknown = any(bool((each.unknown_h > 0).any()) for each in clear.watched)
    return clear, declared.between(span, cloud_unknown_share=1.0) if unknown else clear


def _places(covered: Coverage, stretch: Sequence[datetime]) -> Floats:
    """Return how much of each step lies in each day, (days, steps), 0 to 1."""
    steps = covered.steps.edges_us() / 1e6
    cut = np.array([edge.timestamp() for edge in stretch])
    start, end = np.maximum(cut[:-1, None], steps[None, :-1]), np.minimum(cut[1:, None], steps[1:])
    return np.asarray(np.clip(end - start, 0.0, None) / np.diff(steps))


def _by_day(covered: Coverage, on: Ground, place: Floats) -> Floats:
    """Return the covered hours of each group of classes by day, (days, groups, names)."""
    weights = np.column_stack([covered.cells.weight_km2(name) for name in on.names])
    weights = weights / weights.sum(axis=0)
    return np.stack(
        [
            place @ (np.clip(covered.p(kind) @ weights, 0.0, 1.0) * covered.steps.step_h)
            for kind in by_class(on.kinds, covered.assets)
        ],
        axis=1,
    )


def _counted(on: Ground, here: pl.DataFrame, covered: Coverage) -> pl.DataFrame:
    """Return the incidents of a stretch, with whether each counts (`seen`) and lies on the grid."""
    table = seen(here, on.reports, covered)
    fit = table.filter(pl.col("saw") & (pl.col("p") > 0))["incident"].unique().implode()
    on_grid = table.filter(pl.col("p").is_not_null())["incident"].unique().implode()
    return here.select(
        "id", "time", "lon_deg", "lat_deg",
        seen=pl.col("id").is_in(fit), on_grid=pl.col("id").is_in(on_grid),
    )  # fmt: skip


def _numbers(
    table: pl.DataFrame, on: Ground, edges: Sequence[datetime], high_h: Floats
) -> tuple[Whole, Whole]:
    """Return what counts and what does not by day and sector, (days, names) each.

    Where nothing could be seen of a whole sector all day, nothing counts: at its very edge the part
    of a cell that lies in it may round to none.
    """
    cut = np.array([round(edge.timestamp() * 1e6) for edge in edges])
    day = np.searchsorted(cut, table["time"].dt.timestamp("us").to_numpy(), side="right") - 1
    fit = table["seen"].to_numpy()
    shape = high_h.shape
    count, other = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for column, inside in enumerate(_inside(table, on.areas)):
        counts = fit & inside & (high_h[day, column] > 0)
        np.add.at(count[:, column], day[counts], 1)
        np.add.at(other[:, column], day[inside & ~counts], 1)
    return count, other


def _inside(table: pl.DataFrame, areas: dict[str, Area]) -> Iterator[Flags]:
    """Yield for the whole ground, then for each sector, which incidents belong to it.

    To the whole ground belong those without a place, too: they are among the others.
    """
    import shapely

    yield np.ones(len(table), np.bool_)
    at = table.select("lon_deg", "lat_deg").fill_null(float("nan"))
    lon_deg, lat_deg = (at[name].to_numpy() for name in ("lon_deg", "lat_deg"))
    for area in areas.values():
        yield np.asarray(shapely.intersects_xy(area.shape(), lon_deg, lat_deg), np.bool_)


def cell_shares(declared: Declared, on: Ground, of: Days) -> Floats:
    """Return the covered part of the time in each cell, of the class that is seen least, (n,)."""
    cells: Cells = declared.cells
    hours = []
    for kind in by_class(on.kinds, declared.assets):
        total = np.zeros(len(cells))
        for _, unclear in of.coverages:
            total += unclear.p(kind).sum(axis=0) * unclear.steps.step_h
        hours.append(total)
    passed_h = sum(clear.steps.hours_h for clear, _ in of.coverages)
    return np.asarray(np.clip(np.min(hours, axis=0) / passed_h, 0.0, 1.0))
