"""What the desk notes of a received object: its row of `file`, and each row that was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.store.schema import FILE, QUARANTINE

if TYPE_CHECKING:
    from trucewatch.evidence.entry import Entry
    from trucewatch.records.batch import Batch

MISNAMED = "/misnamed/v1"
"""Ends the type of an entry whose name contradicts its bytes."""


@dataclass(frozen=True, slots=True)
class Received:
    """One object that a sensor sent, as the log holds it.

    Attributes:
        index: Its entry.
        entry: What the entry says.
    """

    index: int
    entry: Entry

    @property
    def sensor(self) -> str:
        """The module in `observe` that reads it."""
        return self.entry.type.split("/")[1]

    @property
    def misnamed(self) -> bool:
        """Whether it came under a name that its bytes contradict; then nothing of it is read."""
        return self.entry.type.endswith(MISNAMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was made of one received object.

    Attributes:
        received: The object.
        batch: Accepted observations and refused rows.
        family: Folder of the archive.
        archived: SHA-256 of its file in the archive, or "" when nothing was accepted.
    """

    received: Received
    batch: Batch
    family: str
    archived: str


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
