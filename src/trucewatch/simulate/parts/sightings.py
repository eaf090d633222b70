"""Which post saw which act: each with exactly the chance that its declared figures give.

The chance is worked out for the true place and instant of the act from the watch reports, without
any grid: P close by x 2 ^ (-range / half) x night x cloud x what was left of its power. Coverage is
worked out elsewhere, on cells and hours, so the two can be set against each other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from trucewatch.geo.sun import UP_DEG, altitude_deg, days_since
from trucewatch.simulate.parts.acts import DAY_S
from trucewatch.simulate.parts.filed import Filed, linked

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from trucewatch.simulate.parts.ground import Flags, Floats, Ground
    from trucewatch.simulate.parts.posts import Post

SIGHTING: dict[str, pl.DataType] = {
    "incident": pl.UInt32(),
    "asset": pl.String(),
    "sensor": pl.String(),  # module whose reports the asset makes
    "p": pl.Float64(),  # chance that it saw the incident
    "saw": pl.Boolean(),
}
"""Whether each asset saw each incident, by incident and asset."""
_FIRMS_HEADER = (
    "latitude,longitude,acq_date,acq_time,sat,frp,bright_ti4,bright_ti5,scan,track,"
    "confidence,daynight,version"
)
_PIXEL_M = 110.0  # one-sigma error of a pixel's middle, each axis: 375 m wide
_DELIVERED_H = 6  # UTC, on the day after


class Seen(NamedTuple):
    """Where and when acts were, (n,): metres, seconds, whether the sun was up."""

    x_m: Floats
    y_m: Floats
    time_s: Floats
    day: Flags


def sightings(
    happenings: pl.DataFrame,
    posts: Iterable[Post],
    rows: pl.DataFrame,
    by_day: Flags,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return `SIGHTING`.

    Args:
        happenings: Numbered acts.
        posts: What watches.
        rows: `watch_rows.WATCH_ROW`.
        by_day: Whether the sun was up at each act, (n,).
        rng: Random numbers.
    """
    x_m, y_m, time_s = (happenings[name].to_numpy() for name in ("x_m", "y_m", "time_s"))
    acts = Seen(x_m, y_m, time_s, by_day)
    tables = []
    for post in posts:
        chance_p = chances(post, rows.filter(asset=post.name), acts)
        tables.append(
            happenings.select(
                "incident",
                pl.lit(post.name).alias("asset"),
                pl.lit(post.sensor).alias("sensor"),
                pl.Series("p", chance_p),
                pl.Series("saw", rng.random(len(chance_p)) < chance_p),
            )
        )
    found = pl.concat(tables).sort("incident", "asset")
    return found.select(pl.col(name).cast(kind) for name, kind in SIGHTING.items())


def sun_up(happenings: pl.DataFrame, ground: Ground, start: datetime) -> Flags:
    """Return whether the sun was up at each happening, (n,)."""
    lat_deg, lon_deg = ground.degrees(happenings["x_m"].to_numpy(), happenings["y_m"].to_numpy())
    days = days_since(start) + happenings["time_s"].to_numpy() / DAY_S
    return np.asarray(altitude_deg(days, lat_deg, lon_deg) > UP_DEG)


def chances(post: Post, rows: pl.DataFrame, acts: Seen) -> Floats:
    """Return the chance that a post saw each act, (n,), by its own watch reports."""
    start_s, end_s = (rows[name].to_numpy() for name in ("start_s", "end_s"))
    named = rows["radius_m"].is_not_null().to_numpy()
    home_m = (post.x_km or 0.0) * 1000, (post.y_km or 0.0) * 1000
    x_m, y_m, radius_m = (
        rows[name].fill_null(instead_m).to_numpy()
        for name, instead_m in zip(
            ("x_m", "y_m", "radius_m"), (*home_m, post.radius_km * 1000 or np.inf), strict=True
        )
    )
    now = (start_s <= acts.time_s[:, None]) & (acts.time_s[:, None] < end_s)
    range_m = np.hypot(acts.x_m[:, None] - x_m, acts.y_m[:, None] - y_m)
    speaks = now & (range_m <= radius_m)
    could = np.where(speaks, _fall(post, range_m, named), 0.0).max(axis=1, initial=0.0)
    if post.always:
        range_m = np.hypot(acts.x_m - home_m[0], acts.y_m - home_m[1])
        inside = range_m <= (post.radius_km * 1000 or np.inf)
        could = np.maximum(could, np.where(inside, _fall(post, range_m, inside), 0.0))
    left = np.where(speaks, rows["share"].to_numpy(), 1.0).min(axis=1, initial=1.0)
    sky = np.where(speaks, rows["cloud_share"].fill_null(0.0).to_numpy(), 0.0)
    cloud = 1 - sky.max(axis=1, initial=0.0) * (1 - post.cloud_ratio)
    night = np.where(acts.day, 1.0, post.night_ratio)
    return np.asarray(post.detect_p * could * left * cloud * night)


def _fall(post: Post, range_m: Floats, named: Flags) -> Floats:
    """Return what range leaves; a post that is everywhere has no place to measure it from."""
    if post.half_km == 0 or (post.radius_km == 0 and not named.any()):
        return np.ones_like(range_m)
    return np.asarray(np.exp2(-range_m / (post.half_km * 1000)))


def pixel_files(
    seen: pl.DataFrame, ground: Ground, *, start: datetime, days: int, rng: np.random.Generator
) -> list[Filed]:
    """Return one file of hot pixels for each day.

    Args:
        seen: Acts that a satellite saw: `incident`, `asset`, `time_s`, `x_m`, `y_m`.
        ground: Where.
        start: Midnight UTC at which the world begins.
        days: Length of the world.
        rng: Random numbers.
    """
    off_m = rng.normal(0, _PIXEL_M, (2, len(seen)))
    lat_deg, lon_deg = ground.degrees(
        seen["x_m"].to_numpy() + off_m[0], seen["y_m"].to_numpy() + off_m[1]
    )
    at = pl.lit(start) + pl.duration(seconds=pl.col("time_s").floor().cast(pl.Int64))
    rows = seen.with_row_index("report").with_columns(
        line=pl.format(
            "{},{},{},{},{},4.0,320.0,290.0,0.4,0.4,n,D,2.0NRT",
            pl.Series(lat_deg).round(5),
            pl.Series(lon_deg).round(5),
            at.dt.strftime("%Y-%m-%d"),
            at.dt.strftime("%H%M"),
            "asset",
        ),
        day=(pl.col("time_s") / DAY_S).floor(),
    )
    return [_pixels(rows.filter(pl.col("day") == day), start=start, day=day) for day in range(days)]


def _pixels(rows: pl.DataFrame, *, start: datetime, day: int) -> Filed:
    name = f"firms-{start + timedelta(days=day):%Y%m%d}.csv"
    return Filed(
        name=name,
        sensor="firms",
        content="\n".join([_FIRMS_HEADER, *rows["line"], ""]).encode(),
        received_at=start + timedelta(days=day + 1, hours=_DELIVERED_H),
        links=linked(rows, name=name, sensor="firms"),
    )
