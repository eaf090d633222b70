"""Columns of UTC times, to the microsecond, in the one spelling that ends in `Z`."""

from __future__ import annotations

import polars as pl

UTC_FORM = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,6})?Z$"
UTC_EXPECTED = "a UTC time such as 2030-09-01T00:00:00Z"


def utc_time(column: str, to: str) -> pl.Expr:
    """Return the instants of a column as `to`; null where the text is no UTC time."""
    said = pl.when(pl.col(column).str.contains(UTC_FORM)).then(pl.col(column))
    parsed = said.str.strip_chars_end("Z").str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False
    )
    return parsed.dt.replace_time_zone("UTC").alias(to)
