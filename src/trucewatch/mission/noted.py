"""What the desk notes of a received object: its row of `file`, and each row that was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from trucewatch.store.schema import FILE, QUARANTINE

if TYPE_CHECKING:
    from trucewatch.mission.projection import Reading


def file_row(reading: Reading) -> pl.DataFrame:
    """Return the row of `file`."""
    received, batch, seen = reading.received, reading.batch, reading.batch.observations
    return pl.DataFrame(
        {
            "object": [received.entry.object],
            "type": [received.entry.type],
            "sensor": [received.sensor],
            "family": [reading.family],
            "entry": [received.index],
            "bytes": [received.entry.size],
            "accepted": [len(seen)],
            "refused": [len(batch.refused)],
            "missing": [",".join(batch.missing)],
            "archived": [reading.archived],
            "time_min": [seen["time_start"].min()],
            "time_max": [seen["time_end"].max()],
            "lat_min_deg": [seen["lat_deg"].min()],
            "lat_max_deg": [seen["lat_deg"].max()],
            "lon_min_deg": [seen["lon_deg"].min()],
            "lon_max_deg": [seen["lon_deg"].max()],
        },
        schema=FILE,
    )


def quarantine_rows(reading: Reading) -> pl.DataFrame:
    """Return the rows of `quarantine`; -1 stands for the whole file."""
    received = reading.received
    rows = reading.batch.refused.with_columns(
        pl.lit(received.entry.object).alias("object"),
        pl.lit(received.entry.type).alias("type"),
        pl.col("row").cast(pl.Int64).fill_null(-1),
    )
    return rows.select(list(QUARANTINE))
