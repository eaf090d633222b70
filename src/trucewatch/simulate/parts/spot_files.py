"""What posts, patrols, drones and microphones of a simulated month report of the acts they saw."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.simulate.parts.acts import DAY_S
from trucewatch.simulate.parts.filed import Filed, linked

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.simulate.parts.ground import Ground

SENSOR = "spotrep"
_OFF_M = 150.0  # one-sigma error of a report's place along each axis, assumed
_OFF_S = 10.0  # one-sigma error of its clock, as the module takes it
_ERROR_95_M = round(_OFF_M * math.sqrt(-2 * math.log(0.05)))
_FIRST_REPORT = 1_000_000  # above the numbers of what satellites and the press report
_DELIVERED_H = 6  # UTC, on the day after


def spot_files(
    seen: pl.DataFrame, ground: Ground, *, start: datetime, days: int, rng: np.random.Generator
) -> list[Filed]:
    """Return one file for each day, in the form that `observe.spotrep` reads.

    Args:
        seen: Acts that an asset saw: `incident`, `asset`, `kind`, `time_s`, `x_m`, `y_m`. The kind
            is reported as it was.
        ground: Where.
        start: Midnight UTC at which the world begins.
        days: Length of the world.
        rng: Random numbers.
    """
    off_m = rng.normal(0, _OFF_M, (2, len(seen)))
    lat_deg, lon_deg = ground.degrees(
        seen["x_m"].to_numpy() + off_m[0], seen["y_m"].to_numpy() + off_m[1]
    )
    noted_s = np.floor(seen["time_s"].to_numpy() + rng.normal(0, _OFF_S, len(seen)))
    noted = pl.lit(pl.Series(noted_s.clip(0))).cast(pl.Int64)
    at = pl.lit(start) + pl.duration(seconds=noted)
    rows = seen.with_row_index("report", offset=_FIRST_REPORT).with_columns(
        number=pl.int_range(1, pl.len() + 1).over("asset"),
        noted=at.dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        lat=pl.Series(lat_deg).round(5),
        lon=pl.Series(lon_deg).round(5),
        day=(pl.col("time_s") / DAY_S).floor(),
    )
    return [_daily(rows.filter(pl.col("day") == day), start=start, day=day) for day in range(days)]


def _daily(rows: pl.DataFrame, *, start: datetime, day: int) -> Filed:
    name = f"spotrep-{start + timedelta(days=day):%Y%m%d}.csv"
    table = rows.select(
        asset="asset",
        report=pl.format("S-{}", "number"),
        start="noted",
        end="noted",
        latitude="lat",
        longitude="lon",
        error_95_m=pl.lit(_ERROR_95_M),
        **{"class": "kind"},
        count_min=pl.lit(1),
        count_max=pl.lit(1),
        count_qualifier=pl.lit("exact"),
        grade_source=pl.lit("B"),
        grade_info=pl.lit("2"),
    )
    return Filed(
        name=name,
        sensor=SENSOR,
        content=table.write_csv().encode(),
        received_at=start + timedelta(days=day + 1, hours=_DELIVERED_H),
        links=linked(rows, name=name, sensor=SENSOR),
    )
