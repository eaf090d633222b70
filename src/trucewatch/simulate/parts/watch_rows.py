"""What each asset of a simulated month says of its watch, and the daily files that say it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from trucewatch.simulate.parts.acts import DAY_S
from trucewatch.simulate.parts.filed import Filed, linked

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.simulate.parts.ground import Ground

WATCH_ROW: dict[str, pl.DataType] = {
    "asset": pl.String(),
    "start_s": pl.Float64(),  # seconds after the start of the world, within one day
    "end_s": pl.Float64(),
    "x_m": pl.Float64(),  # middle of the disc; null for the declared footprint
    "y_m": pl.Float64(),
    "radius_m": pl.Float64(),
    "share": pl.Float64(),  # of its power
    "cause": pl.String(),
    "cloud_share": pl.Float64(),  # of the sky; null when nobody says
}
"""One time of watch, or of what was lost of it."""
_HOUR_S = 3_600.0
_FIRST_REPORT = 2_000_000  # above the numbers of all that is reported
_DELIVERED_H = 6  # UTC, on the day after
_WATCHING = "watching"


class Lost(NamedTuple):
    """What took an asset's power, and the share that was left."""

    cause: str
    left_share: float


class Leg(NamedTuple):
    """A disc in which an asset stands for a time; `radius_km` 0 is its declared footprint."""

    x_km: float
    y_km: float
    radius_km: float


HERE = Leg(0.0, 0.0, 0.0)
"""The declared footprint."""


def watch_row(
    asset: str,
    day: int,
    hours: tuple[float, float],
    leg: Leg = HERE,
    lost: Lost | None = None,
    cloud_share: float | None = None,
) -> tuple[object, ...]:
    """Return one row of `WATCH_ROW`, from one hour of a day to another, in whole seconds."""
    placed = leg.radius_km > 0
    disc = (leg.x_km * 1000, leg.y_km * 1000, leg.radius_km * 1000) if placed else (None,) * 3
    left = lost or Lost(_WATCHING, 1.0)
    start_s, end_s = (round(day * DAY_S + hour * _HOUR_S) for hour in hours)
    return asset, float(start_s), float(end_s), *disc, left.left_share, left.cause, cloud_share


def watch_files(rows: pl.DataFrame, ground: Ground, *, start: datetime, days: int) -> list[Filed]:
    """Return one file for each day, in the form that `observe.watch` reads."""
    return [_daily(rows, ground, start=start, day=day) for day in range(days)]


def _daily(rows: pl.DataFrame, ground: Ground, *, start: datetime, day: int) -> Filed:
    own = rows.filter((pl.col("start_s") / DAY_S).floor() == day)
    lat_deg, lon_deg = ground.degrees(
        own["x_m"].fill_null(0).to_numpy(), own["y_m"].fill_null(0).to_numpy()
    )
    placed = pl.col("x_m").is_not_null()
    table = own.select(
        asset="asset",
        start=_time("start_s", start),
        end=_time("end_s", start),
        lat=pl.when(placed).then(pl.Series(lat_deg).round(6)),
        lon=pl.when(placed).then(pl.Series(lon_deg).round(6)),
        radius_m="radius_m",
        share="share",
        cause="cause",
        cloud_share="cloud_share",
    )
    name = f"watch-{start + timedelta(days=day):%Y%m%d}.csv"
    unlinked = own.with_row_index("report", offset=_FIRST_REPORT + day * 10_000).with_columns(
        incident=pl.lit(None, pl.UInt32)
    )
    return Filed(
        name=name,
        sensor="watch",
        content=table.write_csv().encode(),
        received_at=start + timedelta(days=day + 1, hours=_DELIVERED_H),
        links=linked(unlinked, name=name, sensor="watch"),
    )


def _time(column: str, start: datetime) -> pl.Expr:
    at = pl.lit(start) + pl.duration(seconds=pl.col(column).round().cast(pl.Int64))
    return at.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
