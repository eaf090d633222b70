"""What a mission does not know and a look could tell: ground, incidents, duties, windows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from json import loads
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from trucewatch.measure.tasking.looks import TARGET
from trucewatch.measure.tasking.unknown import YES_OR_NO_NATS, ground_nats, incident_nats
from trucewatch.mission.configuration import versions
from trucewatch.mission.covered import covered_between, sectors_of
from trucewatch.mission.known import as_of
from trucewatch.mission.logbook import logbook
from trucewatch.records.assessment import Outcome
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.logbook.standing import place, span

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.geo.area import Area
    from trucewatch.measure.coverage.grid import Coverage
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.projection import Projection
    from trucewatch.records.logbook.machine import Record

DAY = timedelta(days=1)
TELLS_D = 7
"""Days after which a visit no longer tells what happened: craters are filled, people move. A
choice, as is how far ahead windows are looked for."""
LEARNT_D = 28
"""Days whose coverage and incidents the rate of unseen acts is taken from."""
KIND = "explosion_undetermined"
"""The class that coverage of ground is asked for: what most sensors hear or see."""
_LATE = (Outcome.POTENTIAL_BREACH, Outcome.BREACH_ON_ITS_FACE)
_OBLIGATION = "obligation"
_WINDOW = "window"
_LEAST_NATS = 1e-9
_REAL_P = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What is not known.

    Attributes:
        table: `measure.tasking.looks.TARGET`.
        numbers: How many of each sort.
        left_out: What could not be made a target, with the reason.
    """

    table: pl.DataFrame
    numbers: dict[str, int]
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Gathered:
    rows: list[dict[str, Any]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def take(self, sort: str, rows: list[dict[str, Any]]) -> None:
        kept = [row for row in rows if row["weight"] > _LEAST_NATS]
        self.rows += kept
        self.numbers[sort] = len(kept)


def targets(log: Log, there: Projection, using: Configuration, size: int) -> Targets:
    """Return what a mission does not know, as of the newest entry of a prefix of its log.

    Args:
        log: The log.
        there: Its projection.
        using: The configuration in force.
        size: Entries that the projection is a function of.
    """
    now = as_of(log, size)
    found = _Gathered()
    covered = covered_between(log, there, using, (now - LEARNT_D * DAY, now))
    if covered is None:
        found.left_out.append("ground: nobody declared what watches, so none is known to be unseen")
    else:
        found.take("ground", _ground(covered, there, now, found))
    found.take("incidents", _incidents(there, now))
    records = {record.id: record for record in logbook(log, size)}
    found.take("duties", _duties(log, size, there, records, found))
    windows = [record for record in records.values() if record.kind == _WINDOW]
    found.take("windows", [row for each in windows for row in _window(each, now)])
    return Targets(
        table=pl.DataFrame(found.rows, schema=TARGET),
        numbers=found.numbers,
        left_out=tuple(found.left_out),
    )


def _ground(
    covered: Coverage, there: Projection, now: datetime, found: _Gathered
) -> list[dict[str, Any]]:
    """Return cells of sectors by what may have happened there unseen in the last day."""
    cells, day = covered.cells, round(DAY / timedelta(hours=covered.steps.step_h))
    inside_km2 = np.minimum(sum(cells.sectors.values(), np.zeros(len(cells))), cells.area_km2)
    p = covered.p(KIND)
    covered_km2_h = float((p @ inside_km2).sum() * covered.steps.step_h)
    if covered_km2_h <= 0:
        found.left_out.append(f"ground: nothing was covered for {LEARNT_D} days, no rate is known")
        return []
    missed_km2_h = (1 - p[-day:]).sum(axis=0) * covered.steps.step_h * inside_km2
    acts = _acts(there, covered.steps.start, now)
    weights = ground_nats(missed_km2_h, acts=len(acts), covered_km2_h=covered_km2_h)
    sector = _sector_of(covered)
    return [
        {
            "id": f"ground-{k}",
            "lat_deg": float(cells.lat_deg[k]),
            "lon_deg": float(cells.lon_deg[k]),
            "time_start": now,
            "time_end": now + DAY,
            "weight": float(weights[k]),
            "text": f"ground of {sector[k]}, seen {p[-day:, k].mean():.0%} of the last day",
        }
        for k in np.flatnonzero(inside_km2 > 0).tolist()
    ]


def _sector_of(covered: Coverage) -> list[str]:
    """Return the sector that has most of each cell."""
    names = list(covered.cells.sectors)
    shares = np.column_stack([covered.cells.sectors[name] for name in names])
    return [names[k] for k in shares.argmax(axis=1).tolist()]


def _acts(there: Projection, start: datetime, end: datetime) -> pl.DataFrame:
    kinds = [name for name, each in HAPPENINGS.items() if each.act and each.forms_incident]
    return there.desk.read("incident").filter(
        pl.col("class").is_in(kinds),
        pl.col("real_p") >= _REAL_P,
        pl.col("time") >= start,
        pl.col("time") < end,
    )


def _incidents(there: Projection, now: datetime) -> list[dict[str, Any]]:
    table = there.desk.read("incident").filter(
        pl.col("time") > now - TELLS_D * DAY, pl.col("lat_deg").is_not_null()
    )
    return [
        {
            "id": row["id"],
            "lat_deg": row["lat_deg"],
            "lon_deg": row["lon_deg"],
            "time_start": now,
            "time_end": row["time"] + TELLS_D * DAY,
            "weight": incident_nats(row["real_p"], loads(row["class_p"])),
            "text": f"incident {row['id']}: {row['class']}, P(real) {row['real_p']:.2f}",
        }
        for row in table.sort("id").iter_rows(named=True)
        if row["time"] <= now
    ]


def _duties(
    log: Log, size: int, there: Projection, records: dict[str, Record], found: _Gathered
) -> list[dict[str, Any]]:
    """Return duties that are overdue, at the middle of the zone of their rule."""
    rules = {rule.id: rule for rule in versions(log, size)[-1].agreement.rules}
    sectors, now = sectors_of(log, size), as_of(log, size)
    late = there.desk.read("assessment").filter(
        pl.col("outcome").is_in([str(each) for each in _LATE])
    )
    rows = []
    for subject, name in (
        late.select("subject", "rule").unique().sort("subject", "rule").iter_rows()
    ):
        rule = rules.get(name)
        if rule is None or rule.kind != _OBLIGATION:
            continue
        told = f"duty {subject} under {name}"
        where = _where(records.get(subject), sectors.get(rule.zone))
        if where is None:
            found.left_out.append(f"{told}: no place is known")
            continue
        lat_deg, lon_deg, own = where
        at = "" if own else f", looked for in the middle of {rule.zone}"
        rows.append(
            {
                "id": f"{subject} {name}",
                "lat_deg": lat_deg,
                "lon_deg": lon_deg,
                "time_start": now,
                "time_end": now + TELLS_D * DAY,
                "weight": YES_OR_NO_NATS,
                "text": f"{told}, overdue{at}",
            }
        )
    return rows


def _where(record: Record | None, area: Area | None) -> tuple[float, float, bool] | None:
    """Return latitude, longitude, and whether they are the duty's own and not its zone's."""
    own = None if record is None else place(record)
    if own is not None:
        return float(str(own["lat_deg"])), float(str(own["lon_deg"])), True
    if area is None:
        return None
    middle = area.shape().representative_point()
    return middle.y, middle.x, False


def _window(record: Record, now: datetime) -> list[dict[str, Any]]:
    """Return a window of silence that is open or opens within the days looked ahead."""
    start, end = span(record)
    where = place(record)
    over = record.state in {"refused", "completed", "cancelled"}
    if over or where is None or end is None or end <= now or start > now + TELLS_D * DAY:
        return []
    return [
        {
            "id": record.id,
            "lat_deg": float(str(where["lat_deg"])),
            "lon_deg": float(str(where["lon_deg"])),
            "time_start": max(start, now),
            "time_end": end,
            "weight": YES_OR_NO_NATS,
            "text": f"{record.id}, {record.state}, from {start:%Y-%m-%d %H:%M}Z",
        }
    ]
