"""Which assets saw an incident, which should have and did not, and what had been taken from them.

P is that of the incident's likeliest class in the cell and the hour of its middle, see
`measure.coverage.seen`. Where nobody says how cloudy it was, P is that under a clear sky.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from trucewatch.measure.coverage.seen import seen
from trucewatch.mission.covered import covered_between
from trucewatch.records.instant import instant_text

if TYPE_CHECKING:
    import polars as pl

    from trucewatch.evidence.log import Log
    from trucewatch.measure.coverage.grid import Coverage
    from trucewatch.measure.coverage.watched import Watched
    from trucewatch.mission.configuration import Configuration
    from trucewatch.mission.projection import Projection

UNDECLARED = (
    "nobody declared what watches, so who should have seen it is not known; declare each asset in "
    "mission.toml, in a section [coverage.ASSET] with sensor, detects and source"
)
GROUNDLESS = (
    "no zone of the agreement has a ground that is open to all, so no cell says what could be seen"
)
OFF_GRID = "it has no place on the ground of any zone, so who should have seen it is not known"
BLURRED = (
    "its time is not known to the hour; who should have seen it is said for the hour of its middle"
)
WITHHELD = "asked for by a public name: assets are counted and not named"

_STEP = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one cause took of an asset, there and then.

    Attributes:
        cause: Of `records.watch`, of a hindrance, or of the model, such as `night`.
        taken_share: Of what the asset could have seen without any loss, 0 to 1.
    """

    cause: str
    taken_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """One declared asset, as to one incident.

    Attributes:
        asset: As declared.
        chance_p: P(it detects the incident's class there and then); None off the grid.
        unhindered_p: The same had nothing been taken; None off the grid.
        saw: Whether a report of it is a member.
        expected: Whether it should have seen it, P being a half or more; None off the grid.
        taken: What was taken, the most first.
        sky_unknown: Whether nobody says how cloudy it was, and it matters; P is then too high.
    """

    asset: str
    chance_p: float | None
    unhindered_p: float | None
    saw: bool
    expected: bool | None
    taken: tuple[Taken, ...] = ()
    sky_unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoSaw:
    """The declared assets, as to one incident.

    Attributes:
        hour: Beginning of the hour of the incident's middle.
        note: What cannot be told, and why; "" where all is told.
        saw_n: Assets that saw it.
        missed_n: Assets that should have seen it and did not.
        watchers: Every declared asset, by name; none where names are withheld.
    """

    hour: str
    note: str = ""
    saw_n: int = 0
    missed_n: int = 0
    watchers: tuple[Watcher, ...] = ()


def who_saw(
    log: Log,
    there: Projection,
    using: Configuration,
    incident: pl.DataFrame,
    reports: pl.DataFrame,
) -> WhoSaw:
    """Return who saw an incident and who should have.

    Args:
        log: The log.
        there: Its projection.
        using: The configuration in force.
        incident: Its row of `records.table.INCIDENT`.
        reports: `incident`, `sensor` and `channel` of every member.
    """
    middle: datetime = incident["time"].item().astimezone(UTC)
    start = middle.replace(minute=0, second=0, microsecond=0)
    nothing = WhoSaw(hour=instant_text(start))
    if not using.settings.coverage:
        return replace(nothing, note=UNDECLARED)
    covered = covered_between(log, there, using, (start, start + _STEP))
    if covered is None:
        return replace(nothing, note=GROUNDLESS)
    return _told(nothing, covered, incident, reports)


def unnamed(found: WhoSaw) -> WhoSaw:
    """Return the same without the names of assets, or figures that would give one away."""
    if not found.watchers:
        return found
    return replace(found, watchers=(), note=f"{found.note}; {WITHHELD}" if found.note else WITHHELD)


def _told(
    nothing: WhoSaw, covered: Coverage, incident: pl.DataFrame, reports: pl.DataFrame
) -> WhoSaw:
    table = seen(incident, reports, covered)
    by_name = dict(zip((a.name for a in covered.assets), covered.watched, strict=True))
    kind = str(incident["class"].item())
    close_p = {asset.name: asset.detection.close_p(kind) for asset in covered.assets}
    cell = _cell(covered, incident)
    watchers = tuple(
        _watcher(
            Watcher(
                asset=row["asset"],
                chance_p=row["p"],
                unhindered_p=None,
                saw=row["saw"],
                expected=row["expected"],
            ),
            by_name[row["asset"]],
            covered,
            (cell, close_p[row["asset"]]),
        )
        for row in table.iter_rows(named=True)
    )
    return replace(
        nothing,
        note=OFF_GRID if cell < 0 else BLURRED if _blurred(incident) else "",
        saw_n=sum(each.saw for each in watchers),
        missed_n=sum(bool(each.expected) and not each.saw for each in watchers),
        watchers=watchers,
    )


def _blurred(incident: pl.DataFrame) -> bool:
    """Return whether the incident's 95 % interval of time is longer than a step of coverage."""
    return bool(incident["time_end"].item() - incident["time_start"].item() > _STEP)


def _cell(covered: Coverage, incident: pl.DataFrame) -> int:
    """Return the number of the incident's cell, -1 off the grid."""
    place = [incident[name].item() for name in ("lon_deg", "lat_deg")]
    if any(each is None for each in place):
        return -1
    lon_deg, lat_deg = (np.array([float(each)]) for each in place)
    return int(covered.cells.at(lon_deg, lat_deg)[0])


def _watcher(found: Watcher, own: Watched, covered: Coverage, at: tuple[int, float]) -> Watcher:
    """Add what was taken of one asset at a cell, for a class that it detects with some P there."""
    cell, close_p = at
    if cell < 0:
        return found
    here = np.flatnonzero(own.reach == cell)
    if not len(here) or own.full_h[here[0]] <= 0:
        return replace(found, unhindered_p=0.0)
    k, full_h = int(here[0]), float(own.full_h[here[0]])
    taken = (
        Taken(cause=cause, taken_share=min(1.0, float(hours) / full_h))
        for cause, hours in zip(covered.causes, own.lost_h[:, k], strict=True)
        if hours > 0
    )
    return replace(
        found,
        unhindered_p=min(1.0, close_p * full_h / covered.steps.step_h),
        taken=tuple(sorted(taken, key=lambda each: (-each.taken_share, each.cause))),
        sky_unknown=bool(own.unknown_h[k] > 0),
    )
