"""Press reports for the exercise on a real truce: read as a mission reads them, by local day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput
from trucewatch.evidence.unpack import unpack
from trucewatch.observe import sensor
from trucewatch.records.canonical import sha256_hex
from trucewatch.records.source import Source

if TYPE_CHECKING:
    from datetime import date

ZONE = "Europe/Kyiv"
"""Zone in which the file's days and times are taken; the file names none.

On 19 to 21 April 2025 its offset, +03:00, is also that of Moscow time, so that the hours of the
announced truce begin and end at the same local times in both.
"""

KINETIC = ("airstrike", "artillery", "uav", "firefight", "armor", "raid")
"""Labels that name fighting.

Found by search: of all sets of the labels that occur on the 15 days with known figures, this is
the one that reproduces them, but for `airalert`, which may be added and changes none.
"""

_RECEIVED = datetime(9999, 1, 1, tzinfo=UTC)  # a file without a time of receipt is never too new


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """What a file of the press says.

    Attributes:
        table: One row per report group, in file order: `day` (local), `lon_deg`, `lat_deg`,
            `time_start` and `time_end` (UTC; equal where there is a clock time, else the local
            day), `clock`, `class`, `count_min`, `count_max`, `n_reports`, `kinetic`, `artefact`
            (the place is that of a region, not of the settlement that it names).
        refused: Rows that the reader refused.
    """

    table: pl.DataFrame
    refused: int

    def between(self, first: date, last: date) -> pl.DataFrame:
        """Return the report groups of some local days, both ends included."""
        return self.table.filter(pl.col("day").is_between(first, last))


def read_reports(raw: bytes, *, name: str) -> Reports:
    """Return the report groups in a file, packed or not.

    Args:
        raw: Its bytes.
        name: How to name it in an error.

    Raises:
        BadInput: It is no such file, or none of its rows can be read.
    """
    source = Source(name=name, object=sha256_hex(raw), logged_at=_RECEIVED, settings={"zone": ZONE})
    batch = sensor("news").read(unpack(raw, name=name), source=source)
    if batch.observations.is_empty():
        problem = batch.refused["problem"][0] if batch.refused.height else "holds no row"
        raise BadInput(name, f"{problem}, expected press reports")
    words = pl.col("labels").str.split("+")
    table = batch.observations.unnest("features").select(
        pl.col("time_start").dt.convert_time_zone(ZONE).dt.date().alias("day"),
        *("lon_deg", "lat_deg", "time_start", "time_end"),
        (pl.col("time_start") == pl.col("time_end")).alias("clock"),
        *("class", "count_min", "count_max", "n_reports"),
        words.list.set_intersection(list(KINETIC)).list.len().gt(0).alias("kinetic"),
        pl.col("place_artefact").alias("artefact"),
    )
    return Reports(table=table, refused=batch.refused.height)
