"""What a mission could have seen in a span of time: for counts, rates, and where to look."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.assess._place import zone_area
from trucewatch.errors import BadInput
from trucewatch.evidence.expected import Slot, judge
from trucewatch.geo.plane import Plane
from trucewatch.measure.coverage.cells import Steps, box_of, grid
from trucewatch.measure.coverage.grid import coverage
from trucewatch.measure.coverage.lost import EmptySlot, hindered, silent, unsent
from trucewatch.mission.configuration import versions
from trucewatch.mission.logbook import logbook
from trucewatch.mission.received_ledger import held
from trucewatch.records.level import Level
from trucewatch.records.watch import watch_table

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.evidence.log import Log
    from trucewatch.geo.area import Area
    from trucewatch.measure.coverage.asset import Asset
    from trucewatch.measure.coverage.cells import Cells
    from trucewatch.measure.coverage.grid import Coverage
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.projection import Projection
    from trucewatch.records.logbook.machine import Record

WATCH = "watch"
"""The family of sensors that send watch reports."""
RESTRICTION = "restriction"
_CELL_HOURS_MAX = 30_000_000  # of one table of P in memory, 8 bytes each
_H = timedelta(hours=1)


def plane_of(using: Configuration) -> Plane:
    """Return the plane in which a mission measures distances."""
    fusion = using.settings.fusion
    return Plane(centre_lat_deg=fusion.centre_lat_deg, centre_lon_deg=fusion.centre_lon_deg)


def sectors_of(log: Log, size: int) -> dict[str, Area]:
    """Return the ground of every zone of the newest text that is not restricted, by id."""
    version = versions(log, size)[-1]
    zones = [zone for zone in version.agreement.zones if not zone.restricted]
    return {zone.id: zone_area(version, zone) for zone in zones}


def cells_of(log: Log, size: int, using: Configuration) -> Cells | None:
    """Return the grid over all zones; None where the agreement has no zone with a ground."""
    sectors, plane = sectors_of(log, size), plane_of(using)
    if not sectors:
        return None
    size_km = using.settings.holding.cell_km
    return grid(box_of(sectors, plane), plane=plane, size_km=size_km, sectors=sectors)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Declared:
    """What a mission declared to watch, and everything that is known of when it did.

    Attributes:
        assets: Those declared.
        cells: The grid over all zones.
        watch: `records.table.WATCH` of the files that count.
        restrictions: Records of the logbook that stand.
        losses: `records.table.LOSS` besides those of restrictions.
    """

    assets: tuple[Asset, ...]
    cells: Cells
    watch: pl.DataFrame
    restrictions: tuple[Record, ...]
    losses: pl.DataFrame

    def between(
        self, span: tuple[datetime, datetime], *, cloud_unknown_share: float = 0.0
    ) -> Coverage:
        """Return what could have been seen hour by hour.

        Args:
            span: From and until; the last step is the hour that `until` lies in or ends.
            cloud_unknown_share: As in `measure.coverage.grid.coverage`: 0 for the upper end, 1 for
                the lower.

        Raises:
            BadInput: The span is empty, or too long for the ground.
        """
        start, end = span
        if end <= start:
            problem = f"{start.isoformat()} to {end.isoformat()} is no span, expected a later end"
            raise BadInput("span", problem)
        steps = Steps(start=start, count=math.ceil((end - start) / _H))
        if steps.count * len(self.cells) > _CELL_HOURS_MAX:
            problem = (
                f"{steps.count} hours on {len(self.cells)} cells, must be {_CELL_HOURS_MAX} in all"
            )
            advice = "Ask for a shorter span, or set a larger cell_km."
            raise BadInput("span", problem, advice=advice)
        kept = hindered(self.restrictions, self.assets, until=steps.end)
        return coverage(
            self.assets,
            self.watch,
            pl.concat([kept, self.losses]),
            cells=self.cells,
            steps=steps,
            cloud_unknown_share=cloud_unknown_share,
        )


def covered_between(
    log: Log, there: Projection, using: Configuration, span: tuple[datetime, datetime]
) -> Coverage | None:
    """Return what could have been seen hour by hour; None where nobody declared what watches.

    Args:
        log: The log.
        there: Its projection.
        using: The configuration in force.
        span: As in `Declared.between`, which refuses one that is empty or too long.
    """
    found = declared(log, there, using)
    return None if found is None else found.between(span)


def declared(
    log: Log, there: Projection, using: Configuration, *, clear: bool = False
) -> Declared | None:
    """Return what a mission declared to watch; None without an asset or without open ground.

    Only the entries count that the newest run used.

    Args:
        log: The log.
        there: Its projection.
        using: The configuration in force.
        clear: Only assets whose module's files are CLEAR.
    """
    intake = using.settings.intake
    assets = tuple(
        each.asset(name)
        for name, each in using.settings.coverage.items()
        if not clear or each.sensor not in intake or intake[each.sensor].level == Level.CLEAR
    )
    size = size_of(log, there)
    cells = cells_of(log, size, using) if assets else None
    if cells is None:
        return None
    found = held(log, size)
    slots = judge(found.entries, found.settings, found.absences, found.sent).slots
    empty = [
        EmptySlot(slot.sensor, slot.start, slot.end, slot.state is Slot.EXPLAINED)
        for slot in slots
        if slot.state in {Slot.EXPLAINED, Slot.MISSING}
    ]
    return Declared(
        assets=assets,
        cells=cells,
        watch=watch_table(used(there.archive.family(WATCH), there, size)),
        restrictions=tuple(each for each in logbook(log, size) if each.kind == RESTRICTION),
        losses=pl.concat([unsent(empty, assets), silent(there.desk.read("silence"), assets)]),
    )


def size_of(log: Log, there: Projection) -> int:
    """Return how many entries the newest run used; all of them where nothing was run."""
    return int(there.desk.state().get("input_size", log.size))


def used(rows: pl.DataFrame, there: Projection, size: int) -> pl.DataFrame:
    """Return the rows of an archive whose files are among the first `size` entries."""
    files = there.desk.read("file").filter(pl.col("entry") < size)
    objects = files["object"].cast(pl.String).implode()
    return rows.filter(pl.col("object").cast(pl.String).is_in(objects))
