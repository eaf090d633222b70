"""Dates and local clock times of reports, as intervals of UTC."""

from __future__ import annotations

import polars as pl

DATE_FORM = "^[0-9]{8}$|^[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2}:[0-9]{2})?$"
DATE_EXPECTED = "YYYYMMDD, YYYY-MM-DD or YYYY-MM-DD HH:MM:SS"


def is_zone(zone: str) -> bool:
    """Return whether Polars, which carries the zone tables that decide, knows the zone."""
    try:
        pl.Series(dtype=pl.Datetime("us")).dt.replace_time_zone(zone)
    except pl.exceptions.PolarsError:
        return False
    return True


def read_local(dates: pl.Series, zone: str) -> pl.DataFrame:
    """Return what each distinct date text means in a zone.

    Args:
        dates: Texts as written, named `date`; null where there is none.
        zone: A zone for which `is_zone` holds.

    Returns:
        One row per distinct text that is not null: `date` as written; `at`, the same day or local
        time in one spelling, null when it is no date; `time_start` and `time_end` in UTC, equal
        when there is a clock time, else the local day however long it was; null for a local time
        that never occurs because clocks go forward. One that occurs twice is the earlier.
    """
    date, local = pl.col("date"), pl.col("local")
    sound = date.str.contains(DATE_FORM)
    days = [date.str.to_date(form, strict=False) for form in ("%Y%m%d", "%Y-%m-%d")]
    second = date.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    read = pl.coalesce(second, *(day.cast(pl.Datetime("us")) for day in days))
    midnight = local == local.dt.truncate("1d")  # the exporters' way to say: no clock time
    start, instant = _day_start(local, zone), _utc(local, zone)
    end = _day_start(local.dt.offset_by("1d"), zone)
    return (
        dates.unique(maintain_order=True)
        .drop_nulls()
        .to_frame()
        .with_columns(local=pl.when(sound).then(read))
        .select(
            "date",
            pl.when(midnight)
            .then(local.dt.to_string("%Y-%m-%d"))
            .otherwise(local.dt.to_string("%Y-%m-%dT%H:%M:%S"))
            .alias("at"),
            pl.when(midnight).then(start).otherwise(instant).alias("time_start"),
            pl.when(midnight).then(end).otherwise(instant).alias("time_end"),
        )
    )


def _utc(local: pl.Expr, zone: str) -> pl.Expr:
    placed = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return placed.dt.convert_time_zone("UTC")


def _day_start(midnight: pl.Expr, zone: str) -> pl.Expr:
    """Return the first instant of a day; where clocks skip midnight it begins at 01:00."""
    return pl.coalesce(_utc(midnight, zone), _utc(midnight.dt.offset_by("1h"), zone))
