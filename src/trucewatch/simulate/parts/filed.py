"""A file as a sensor delivered it, with the truth about each of its records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import datetime

LINK: dict[str, pl.DataType] = {
    "file": pl.String(),
    "row": pl.UInt32(),  # data record, from 0; the header is no record
    "sensor": pl.String(),
    "report": pl.UInt32(),  # the same report in overlapping files has one number; null if damaged
    "incident": pl.UInt32(),  # what it is of; null for a false alarm
    "damaged": pl.Boolean(),  # cannot be read; a sensor module must refuse it
}
"""What each data record of each file really is."""

TRUTH: dict[str, pl.DataType] = {
    "incident": pl.UInt32(),
    "time": pl.Datetime("us", "UTC"),  # when it happened or began
    "lat_deg": pl.Float64(),
    "lon_deg": pl.Float64(),
    "kind": pl.String(),  # one of records.happening.HAPPENINGS
    "cause": pl.String(),  # `act`, or what else burned
    "ordinary": pl.Boolean(),  # real, but nobody's act
    "reports_firms": pl.UInt32(),  # distinct reports that came of it, repeated downloads once
    "reports_news": pl.UInt32(),
}
"""What really happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """One file.

    Attributes:
        name: File name.
        sensor: Module in `observe` that reads it.
        content: Its bytes.
        received_at: When a mission would have received it.
        links: `LINK`, one row for each data record, in file order.
    """

    name: str
    sensor: str
    content: bytes
    received_at: datetime
    links: pl.DataFrame


def linked(rows: pl.DataFrame, *, name: str, sensor: str) -> pl.DataFrame:
    """Return the links of a file whose records are `rows`, which have `report` and `incident`."""
    return rows.select(
        pl.lit(name).alias("file"),
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
        pl.lit(sensor).alias("sensor"),
        pl.col("report").cast(pl.UInt32),
        pl.col("incident").cast(pl.UInt32),
        pl.lit(value=False).alias("damaged"),
    )
