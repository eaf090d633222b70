"""What a sensor module makes of one sealed object: accepted observations and refused rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Observations and refusals of one object; every data record is in exactly one of them.

    Attributes:
        observations: `records.table.OBSERVATION` plus `features`, in file order.
        refused: `records.table.REFUSED`; one row with null `row` when the whole file is refused.
        missing: Columns that the format knows and this file lacks, so that a reader of the result
            knows what could not be said.
    """

    observations: pl.DataFrame
    refused: pl.DataFrame
    missing: tuple[str, ...] = field(default=())
