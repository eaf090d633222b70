"""The watch reports in an archive: one row a time, each report once."""

from __future__ import annotations

import polars as pl

from trucewatch.records.table import WATCH, conform, empty

_SAID = ("share", "cause", "cloud_share")
_KEY = ("asset", "start", "end", "object", "row")


def watch_table(reports: pl.DataFrame) -> pl.DataFrame:
    """Return the watch reports of every file, sorted by asset, start and end.

    A report that overlapping downloads repeat is kept once: the one of the least address.

    Args:
        reports: `records.table.OBSERVATION` with the `features` of `observe.watch`; without any
            file there are none.

    Returns:
        `records.table.WATCH`.
    """
    if not len(reports):
        return empty(WATCH)
    rows = reports.with_columns(pl.col("object").cast(pl.String).alias("address"))
    once = rows.sort("dedup_key", "address", "row").unique(
        "dedup_key", keep="first", maintain_order=True
    )
    told = once.with_columns(
        pl.col("channel").alias("asset"),
        pl.col("time_start").alias("start"),
        pl.col("time_end").alias("end"),
        pl.col("features").struct.field("radius_m").alias("radius_m"),
        *(pl.col("features").struct.field(name).alias(name) for name in _SAID),
    ).drop("features")
    return conform(told, WATCH).sort(*_KEY)
