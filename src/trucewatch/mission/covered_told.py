"""`tw coverage`: what could have been seen in a span of time, by sector, class, asset and cause.

For the mission alone: what an asset watched and lost says where people were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trucewatch.errors import BadInput, NotFound
from trucewatch.measure.coverage.told import told
from trucewatch.mission.covered import declared
from trucewatch.mission.covered_map import drawn
from trucewatch.mission.holding_days import by_class, classes
from trucewatch.mission.is_holding import expect_declared, ready
from trucewatch.mission.known import as_of
from trucewatch.mission.opened import reading
from trucewatch.mission.report_day import last_day, window
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from trucewatch.evidence.log import Log
    from trucewatch.measure.coverage.grid import Coverage
    from trucewatch.mission.home import Home
    from trucewatch.mission.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to tell of.

    Attributes:
        span: From and until; None for a report day.
        day: The report day; None for the last one.
        zone: This sector alone; "" for all of them and the whole ground.
        kind: This class alone; "" for those that count.
    """

    span: tuple[datetime, datetime] | None = None
    day: date | None = None
    zone: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCovered:
    """Covered hours in a sector of classes that all assets see alike.

    Attributes:
        sector: The zone, "" for the whole ground.
        kinds: The classes.
        low_h: Where a sky of which nobody speaks is overcast.
        high_h: Where it is clear.
        low_share: Of the hours that passed.
        high_share: Likewise.
    """

    sector: str
    kinds: tuple[str, ...]
    low_h: float
    high_h: float
    low_share: float
    high_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetHours:
    """Hours of one asset, at full power all over a sector.

    Attributes:
        asset: Its name.
        sector: The zone, "" for the whole ground.
        watched_h: Left to it.
        lost_h: Taken from it.
        cloud_unknown_h: Of the two together, those under a sky of which nobody speaks.
    """

    asset: str
    sector: str
    watched_h: float
    lost_h: float
    cloud_unknown_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetLost:
    """What one cause took of one asset, in hours at full power all over a sector."""

    asset: str
    sector: str
    cause: str
    lost_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """What could have been seen.

    Attributes:
        start: Beginning.
        end: End.
        passed_h: Hours in between, whole ones.
        classes: By sector and class.
        assets: By asset and sector.
        lost: By asset, sector and cause.
        told: What seeing nothing is worth, a sentence or more for each sector.
        strangers: Assets of watch reports that nobody declared; they count for nothing.
    """

    start: datetime
    end: datetime
    passed_h: float
    classes: tuple[ClassCovered, ...]
    assets: tuple[AssetHours, ...]
    lost: tuple[AssetLost, ...]
    told: tuple[str, ...]
    strangers: tuple[str, ...]


def covered(home: Home, asked: Asked) -> tuple[Covered, str]:
    """Return what could have been seen, and a map of it, as SVG.

    Args:
        home: The mission.
        asked: When, where, and of what.

    Nothing run and nothing declared are `BadMission`, a class that there is not is `BadInput`.

    Raises:
        NotFound: No zone with open ground has that name.
    """
    with reading(home) as (log, there):
        size, using = ready(home, log, there)
        found = expect_declared(home, declared(log, there, using))
        if asked.zone and asked.zone not in found.cells.sectors:
            known = ", ".join(found.cells.sectors)
            raise NotFound(asked.zone, f"no zone with open ground, expected one of {known}")
        kinds = _kinds(using.settings, asked)
        span = _span(log, size, using.settings, asked)
        skies = found.between(span, cloud_unknown_share=1.0), found.between(span)
    sectors = (asked.zone,) if asked.zone else found.cells.names()
    return _covered(skies, sectors, kinds), drawn(skies[0], kinds)


def _kinds(settings: Settings, asked: Asked) -> tuple[str, ...]:
    if not asked.kind:
        return classes(settings)
    if asked.kind not in HAPPENINGS or not HAPPENINGS[asked.kind].forms_incident:
        known = ", ".join(name for name, each in HAPPENINGS.items() if each.forms_incident)
        raise BadInput("--class", f"is {asked.kind!r}, expected one of {known}")
    return (asked.kind,)


def _span(log: Log, size: int, settings: Settings, asked: Asked) -> tuple[datetime, datetime]:
    if asked.span is not None:
        return asked.span
    return window(settings, asked.day or last_day(settings, as_of(log, size)))


def _covered(
    skies: tuple[Coverage, Coverage], sectors: tuple[str, ...], kinds: tuple[str, ...]
) -> Covered:
    clear = skies[1]
    hours = [row for row in clear.by_asset().iter_rows(named=True) if row["sector"] in sectors]
    lost = [row for row in clear.lost().iter_rows(named=True) if row["sector"] in sectors]
    groups = by_class(kinds, clear.assets)
    return Covered(
        start=clear.steps.start,
        end=clear.steps.end,
        passed_h=clear.steps.hours_h,
        classes=tuple(_by_class(skies, sectors, kinds)),
        assets=tuple(
            AssetHours(
                asset=row["asset"],
                sector=row["sector"],
                watched_h=row["watched_h"],
                lost_h=row["lost_h"],
                cloud_unknown_h=row["cloud_unknown_h"],
            )
            for row in hours
        ),
        lost=tuple(
            AssetLost(
                asset=row["asset"], sector=row["sector"], cause=row["cause"], lost_h=row["hours"]
            )
            for row in sorted(lost, key=lambda row: (row["asset"], row["sector"], -row["hours"]))
        ),
        told=tuple(told(clear, _least(clear, groups, sector), sector) for sector in sectors),
        strangers=clear.strangers,
    )


def _least(clear: Coverage, groups: tuple[str, ...], sector: str) -> str:
    """Return the class that is seen least in a sector."""
    return min(groups, key=lambda kind: clear.hours(kind, sector))


def _by_class(
    skies: tuple[Coverage, Coverage], sectors: tuple[str, ...], kinds: tuple[str, ...]
) -> Iterator[ClassCovered]:
    unclear, clear = skies
    alike = {kind: [each.detection.close_p(kind) for each in clear.assets] for kind in kinds}
    for sector in sectors:
        for first in by_class(kinds, clear.assets):
            low_h, high_h = unclear.hours(first, sector), clear.hours(first, sector)
            yield ClassCovered(
                sector=sector,
                kinds=tuple(kind for kind in kinds if alike[kind] == alike[first]),
                low_h=low_h,
                high_h=high_h,
                low_share=low_h / clear.steps.hours_h,
                high_share=high_h / clear.steps.hours_h,
            )
