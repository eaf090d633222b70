"""Satellite reports as they are downloaded: one file a day, which holds the last two days.

So nearly every pixel comes twice. The files have the columns of the near real-time product.
"""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.simulate.parts.acts import DAY_S
from trucewatch.simulate.parts.filed import Filed, linked

if TYPE_CHECKING:
    from datetime import datetime

_SPAN_S = 2 * DAY_S  # what one download holds
_LATENCY_S = 3 * 3_600.0  # from a pass to its publication
_DOWNLOAD_S = 6 * 3_600.0  # after midnight UTC
_VERSION = "2.0NRT"


def downloads(pixels: pl.DataFrame, *, start: datetime, days: int) -> list[Filed]:
    """Return one file for each day, named for it and downloaded at 06:00 UTC of the next.

    Args:
        pixels: `thermal.reported`, with `report` and `incident`.
        start: Midnight UTC at which the world begins.
        days: Length of the world.
    """
    return [_download(pixels, start=start, day=day) for day in range(days)]


def _download(pixels: pl.DataFrame, *, start: datetime, day: int) -> Filed:
    download_s = (day + 1) * DAY_S + _DOWNLOAD_S
    until_s = download_s - _LATENCY_S
    since_s = until_s - _SPAN_S
    rows = pixels.filter((pl.col("time_s") >= since_s) & (pl.col("time_s") < until_s))
    name = f"firms-{start + timedelta(days=day):%Y%m%d}.csv"
    return Filed(
        name=name,
        sensor="firms",
        content=_text(rows, start=start),
        received_at=start + timedelta(seconds=download_s),
        links=linked(rows, name=name, sensor="firms"),
    )


def _text(rows: pl.DataFrame, *, start: datetime) -> bytes:
    time = pl.lit(start) + pl.duration(seconds=pl.col("time_s").floor().cast(pl.Int64))
    table = rows.select(
        latitude="lat_deg",
        longitude="lon_deg",
        acq_date=time.dt.strftime("%Y-%m-%d"),
        acq_time=time.dt.strftime("%H%M"),
        sat="satellite",
        frp="frp_mw",
        bright_ti4="bright_ti4_k",
        bright_ti5="bright_ti5_k",
        scan="scan_km",
        track="track_km",
        confidence="confidence",
        daynight="daynight",
        version=pl.lit(_VERSION),
    )
    out = io.BytesIO()
    table.write_csv(out)
    return out.getvalue()
