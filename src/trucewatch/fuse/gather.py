"""The distinct reports of a mission: as sensors sent them, and made from the picks of stations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from trucewatch.fuse.arrivals.settings import ArrivalSettings
from trucewatch.fuse.distinct import Distinct, distinct
from trucewatch.fuse.located import Located, locate_arrivals
from trucewatch.geo.plane import Plane
from trucewatch.records.table import OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

ARRIVAL = "arrival"
_ADDRESS = (pl.col("object").cast(pl.String), pl.col("row"))


def plane_of(settings: FusionSettings) -> Plane:
    """Return the local plane in which distances are measured."""
    return Plane(centre_lat_deg=settings.centre_lat_deg, centre_lon_deg=settings.centre_lon_deg)


def gather(
    observations: pl.DataFrame,
    picks: pl.DataFrame | None,
    *,
    models: Mapping[str, SensorModel],
    settings: FusionSettings,
) -> Distinct:
    """Return the distinct reports; a source that picks speak of is one report, they its copies.

    Args:
        observations: `records.table.OBSERVATION`; picks among them are left to `picks`.
        picks: The same with `features`, the class `arrival` alone; None without any.
        models: Detection model of every sensor in `observations`.
        settings: The mission's.
    """
    if picks is None or picks.is_empty():
        return distinct(observations, models=models, settings=settings)
    located = locate_arrivals(picks, plane=plane_of(settings), settings=ArrivalSettings())
    sent = observations.filter(pl.col("class") != ARRIVAL).select(list(OBSERVATION))
    found = distinct(pl.concat([sent, located.reports]), models=models, settings=settings)
    return Distinct(
        reports=found.reports,
        copies=_copies(found, located),
        unlinked=pl.concat(
            [found.unlinked, located.unlinked.select(found.unlinked.columns)],
            how="vertical_relaxed",
        ).sort(*_ADDRESS),
    )


def _copies(found: Distinct, located: Located) -> pl.DataFrame:
    """Return the copies with every pick of a located report in place of its least one."""
    keys = found.reports.select("distinct", "dedup_key")
    of_picks = located.members.join(keys, on="dedup_key").select(found.copies.columns)
    made = of_picks["distinct"].unique().implode()
    sent = found.copies.filter(~pl.col("distinct").is_in(made))
    return pl.concat([sent, of_picks], how="vertical_relaxed")
