"""Columns of numbers: how a text becomes one, and what range it must be in."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from trucewatch.observe._refusal import Check, must_be


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A column of numbers in a file.

    Attributes:
        column: Its name in the table of texts.
        to: Name of the parsed column, which ends in the unit.
        low: Least value.
        high: Greatest value.
        open_low: Whether the least value itself is out of range.
        required: Whether a row without it is refused.
        whole: Whether it must be an integer.
    """

    column: str
    to: str
    low: int
    high: int
    open_low: bool = False
    required: bool = False
    whole: bool = False

    def parsed(self) -> pl.Expr:
        """Return the values; null where there is none or where the text is no number."""
        kind = pl.Int64 if self.whole else pl.Float64
        return pl.col(self.column).cast(kind, strict=False).alias(self.to)

    def absent(self) -> pl.Expr:
        """Return the values of a column that the file lacks."""
        return pl.lit(None, pl.Int64 if self.whole else pl.Float64).alias(self.to)

    def check(self) -> Check:
        """Return the check that each value is a number in range; NaN and infinities never are."""
        value = pl.col(self.to)
        inside = value.is_between(self.low, self.high, closed="right" if self.open_low else "both")
        wrong = value.is_null() | ~inside
        bad = wrong if self.required else wrong & pl.col(self.column).is_not_null()
        low = f"above {self.low}, up" if self.open_low else f"{self.low}"
        return must_be(self.column, f"{low} to {self.high}", bad=bad)


LATITUDE = Number(column="latitude", to="lat_deg", low=-90, high=90, required=True)
LONGITUDE = Number(column="longitude", to="lon_deg", low=-180, high=180, required=True)
