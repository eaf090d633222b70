"""The tracks in an archive of positions: one row a fix, each fix once."""

from __future__ import annotations

import polars as pl

from trucewatch.records.table import TRACK, conform, empty

_SAID = ("track", "craft", "sigma_m", "altitude_m", "altitude_datum", "altitude_sigma_m")
_KEY = ("sensor", "track", "time", "object", "row")


def track_table(positions: pl.DataFrame) -> pl.DataFrame:
    """Return the fixes of every file of positions, sorted by sensor, track and time.

    A fix that overlapping downloads repeat is kept once: the one of the least address.

    Args:
        positions: `records.table.OBSERVATION` with the `features` of `observe.positions`; without
            any file there are none.

    Returns:
        `records.table.TRACK`.
    """
    if not len(positions):
        return empty(TRACK)
    rows = positions.with_columns(pl.col("object").cast(pl.String).alias("address"))
    once = rows.sort("dedup_key", "address", "row").unique(
        "dedup_key", keep="first", maintain_order=True
    )
    told = once.with_columns(
        pl.col("time_start").alias("time"),
        *(pl.col("features").struct.field(name).alias(name) for name in _SAID),
    ).drop("features")
    return conform(told, TRACK).sort(*_KEY)
