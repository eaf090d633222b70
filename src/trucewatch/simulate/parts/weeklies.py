"""Press reports as they are collected: one file a week, no overlap."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.simulate.parts.filed import Filed, linked

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.simulate.parts.ground import Ground

_WEEK_DAYS = 7
_DELIVERED_H = 8  # UTC, on the day after the week


def weeklies(reports: pl.DataFrame, ground: Ground, *, start: datetime, days: int) -> list[Filed]:
    """Return one file for each week, named for its first and last day; the last may be shorter.

    Args:
        reports: `press.reports`, with `report` and `incident`.
        ground: Its settlements give names and positions.
        start: Midnight UTC at which the world begins.
        days: Length of the world.
    """
    lat_deg, lon_deg = ground.degrees(
        pl.Series([s.x_m for s in ground.settlements]).to_numpy(),
        pl.Series([s.y_m for s in ground.settlements]).to_numpy(),
    )
    places = pl.DataFrame(
        {
            "place": pl.Series(range(len(ground.settlements)), dtype=pl.Int64),
            "name": [s.name for s in ground.settlements],
            "lat": lat_deg.round(5),
            "lon": lon_deg.round(5),
        }
    )
    rows = reports.join(places, on="place", how="left", maintain_order="left")
    weeks = range(0, days, _WEEK_DAYS)
    return [
        _weekly(rows, start=start, first=first, last=min(first + _WEEK_DAYS, days) - 1)
        for first in weeks
    ]


def _weekly(reports: pl.DataFrame, *, start: datetime, first: int, last: int) -> Filed:
    rows = reports.filter(pl.col("day").is_between(first, last))
    begins, ends = start + timedelta(days=first), start + timedelta(days=last)
    name = f"news-{begins:%Y%m%d}-{ends:%Y%m%d}.csv"
    table = rows.select(
        date=(pl.lit(start) + pl.duration(days=pl.col("day"))).dt.strftime("%Y%m%d"),
        lon="lon",
        lat="lat",
        place="name",
        type="type",
        n_reports="n_reports",
    )
    out = io.BytesIO()
    table.write_csv(out)
    return Filed(
        name=name,
        sensor="news",
        content=out.getvalue(),
        received_at=ends + timedelta(days=1, hours=_DELIVERED_H),
        links=linked(rows, name=name, sensor="news"),
    )
