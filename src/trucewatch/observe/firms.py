"""Satellite thermal anomalies (VIIRS, MODIS) in the CSV files that NASA FIRMS distributes.

A row is one pixel that was hotter than its surroundings; what made it hot the row does not say.
Both shapes are read: the full schema, and an archive of three columns and an instrument, whose
name may be a guess (`MODIS?`). Other columns are allowed and left out.

Position error in metres: the fire is somewhere in the pixel, so one sigma is the pixel's width
over the square root of 12. The width is the row's own `scan` (taken as east-west) and `track`
(as north-south): these satellites fly within some 20 degrees of north-south below 60 degrees of
latitude, and the error ellipse is not turned for that. Without them the widest pixel of the
instrument's swath is taken.
Time error in seconds: acquisition is given to the minute; a date without a time is that UTC day.

Source: NASA FIRMS, attribute tables of the MODIS and VIIRS active fire products (2025).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from trucewatch.observe._delimited import Column, read_rows
from trucewatch.observe._number import LATITUDE, LONGITUDE, Number
from trucewatch.observe._refusal import (
    Check,
    Refusal,
    join_refused,
    judge,
    must_be,
    not_in_future,
    number_repeats,
    refuse_file,
    unlike,
)
from trucewatch.records.batch import Batch
from trucewatch.records.sensor import SensorModel
from trucewatch.records.table import OBJECT, OBSERVATION, conform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.source import Source

FAMILY = "thermal"
SETTINGS: Mapping[str, str] = {}
SETTINGS_HELP: Mapping[str, str] = {}

MODEL = SensorModel(
    detection_p=0.35,
    repeats_mean=0.8,
    false_alarms_per_km2_day=4e-5,
    spread_m=300.0,
    spread_s=4 * 3600.0,
    channel_gap_s=20 * 60.0,  # one overpass takes minutes; the next of that satellite is 100 later
    meaning_p={"thermal_anomaly": {"undetermined": 0.96, "explosion_undetermined": 0.04}},
    source=(
        "assumed: the thermal sensor of the simulated world on which association was measured. "
        "Meaning: 4.0 % of 34,462 fire cell-days (24 Feb to 8 Dec 2022) have a geolocated attack "
        "in the cell within a day; a floor, for most attacks are geolocated by nobody; "
        "not calibrated"
    ),
)

COLUMNS = (
    Column(name="latitude", spelled=("latitude",), required=True),
    Column(name="longitude", spelled=("longitude",), required=True),
    Column(name="acq_date", spelled=("acq_date",), required=True),
    Column(name="acq_time", spelled=("acq_time",)),
    Column(name="satellite", spelled=("satellite", "sat")),
    Column(name="instrument", spelled=("instrument",)),
    Column(name="frp", spelled=("frp",)),
    Column(name="bright_ti4", spelled=("bright_ti4",)),
    Column(name="bright_ti5", spelled=("bright_ti5",)),
    Column(name="scan", spelled=("scan",)),
    Column(name="track", spelled=("track",)),
    Column(name="confidence", spelled=("confidence",)),
    Column(name="daynight", spelled=("daynight",)),
    Column(name="version", spelled=("version",)),
)

SATELLITES = {
    "N": "SNPP",
    "NPP": "SNPP",
    "S-NPP": "SNPP",
    "Suomi NPP": "SNPP",
    "Suomi-NPP": "SNPP",
    "1": "N20",
    "NOAA-20": "N20",
    "2": "N21",
    "NOAA-21": "N21",
    "T": "Terra",
    "A": "Aqua",
}
"""Spellings of one satellite in different FIRMS downloads; any other name is kept as written."""

GRADES = {"h": "2", "high": "2", "n": "3", "nominal": "3", "l": "4", "low": "4"}
"""Confidence as the information grade: 2 probably true, 3 possibly true, 4 doubtful."""
GRADE_UNKNOWN = "6"  # cannot be judged
# MODIS gives percent; classes of the MODIS Collection 6 Active Fire Product User's Guide.
PERCENT_NOMINAL = 30.0
PERCENT_HIGH = 80.0

NARROW = ("SNPP", "N20", "N21", "VIIRS")
VIIRS_WIDTH_M = 800.0  # 375 m at nadir, about 800 m at the edge of the swath (VNP14IMG guide)
# MODIS: 1 km at nadir, 4.8 km along scan and 2.0 km along track at the edge (Wolfe et al. 1998).
# An instrument that is neither, or is not named, is given the same: the wider of the two known.
MODIS_SCAN_M = 4800.0
MODIS_TRACK_M = 2000.0

DATE = "%Y-%m-%d"
DATE_FORM = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"  # the parser alone would take 2026-6-5
TIME_FORM = "^([0-9]{1,4}|[0-9]{1,2}:[0-9]{2})$"
SIGMA_PER_WIDTH = 12**-0.5  # standard deviation of a uniform distribution of width 1
DAY_S = 86_400.0
MINUTE_S = 60.0
MINUTE_US = 60_000_000
MICRODEGREES = 1e6  # keys hold positions as whole microdegrees: no spelling of a float to differ


# Beyond these a value is a fill value or another column, not a reading; VIIRS pixels are .3 to
# .8 km wide, MODIS 1 to 4.8 km.
NUMBERS = (
    LATITUDE,
    LONGITUDE,
    Number(column="frp", to="frp_mw", low=0, high=100_000),
    Number(column="bright_ti4", to="bright_ti4_k", low=0, high=1_000),
    Number(column="bright_ti5", to="bright_ti5_k", low=0, high=1_000),
    Number(column="scan", to="scan_km", low=0, high=10, open_low=True),
    Number(column="track", to="track_km", low=0, high=10, open_low=True),
)

FEATURES: Mapping[str, pl.DataType] = {
    "satellite": pl.String(),
    "frp_mw": pl.Float64(),
    "bright_ti4_k": pl.Float64(),
    "bright_ti5_k": pl.Float64(),
    "scan_km": pl.Float64(),
    "track_km": pl.Float64(),
    "confidence": pl.String(),
    "daynight": pl.String(),
    "version": pl.String(),
}


def read(raw: bytes, *, source: Source) -> Batch:
    r"""Return one observation for each hot pixel, in file order.

    Args:
        raw: A FIRMS CSV file with its header row.
        source: What the bytes are; there are no settings.

    Returns:
        Observations of class `thermal_anomaly` without a count; `missing` names the columns of the
        full schema that the file lacks.

    Example:
        >>> from datetime import UTC, datetime
        >>> from trucewatch.records.source import Source
        >>> logged_at = datetime(2030, 9, 2, tzinfo=UTC)
        >>> source = Source(name="a.csv", object="0" * 64, logged_at=logged_at)
        >>> head = b"latitude,longitude,acq_date,acq_time,satellite,scan,track\n"
        >>> batch = read(head + b"45.01,-29.9,2030-09-01,0113,N21,0.4,0.4\n", source=source)
        >>> batch.observations["dedup_key"].item()
        'firms|N21|2030-09-01T0113|45010000|-29900000|0'
    """
    rows = read_rows(raw, COLUMNS)
    if isinstance(rows, Refusal):
        return refuse_file(rows, FEATURES)
    lacks = set(rows.missing)
    parsed = (
        rows.table.with_columns(_clock()).with_columns(_parsed(lacks)).with_columns(_interval())
    )
    accepted, refused = judge(parsed, _checks(parsed, source))
    return Batch(
        observations=_observations(accepted, source),
        refused=join_refused(rows.refused, refused),
        missing=rows.missing,
    )


def _clock() -> pl.Expr:
    """Return the clock time as four digits; HHMM may have lost its zeros or gained a colon."""
    return pl.col("acq_time").str.replace(":", "", literal=True).str.zfill(4).alias("clock")


def _parsed(lacks: set[str]) -> list[pl.Expr]:
    """Return what the texts say as numbers, dates and names; null where they say nothing."""
    digits = pl.col("clock").cast(pl.Int64, strict=False)
    hour, minute = digits // 100, digits % 100
    in_day = hour.is_between(0, 23) & minute.is_between(0, 59)
    since_midnight = ((hour * 60 + minute) * MINUTE_US).cast(pl.Duration("us"))
    named = pl.col("satellite").replace(SATELLITES)
    return [
        *(n.absent() if n.column in lacks else n.parsed() for n in NUMBERS),
        pl.col("acq_date").str.to_date(DATE, strict=False).cast(pl.Datetime("us")).alias("day"),
        pl.when(in_day).then(since_midnight).alias("since_midnight"),
        named.alias("satellite"),
        pl.coalesce(named, "instrument", pl.lit("unnamed")).alias("channel"),
    ]


def _interval() -> list[pl.Expr]:
    """Return when it was seen: an instant where there is a clock time, else the whole UTC day."""
    day = pl.col("day").dt.replace_time_zone("UTC")
    instant = day + pl.col("since_midnight")
    return [
        pl.coalesce(instant, day).alias("time_start"),
        pl.coalesce(instant, day + pl.duration(days=1)).alias("time_end"),
    ]


def _checks(rows: pl.DataFrame, source: Source) -> list[Check]:
    """Return what may be wrong with a row, in the order of the columns."""
    time, confidence = pl.col("acq_time"), pl.col("confidence")
    percent = confidence.cast(pl.Float64, strict=False).is_between(0, 100)
    no_time = pl.col("since_midnight").is_null() | unlike(rows, "acq_time", TIME_FORM)
    no_grade = ~confidence.is_in(list(GRADES)) & ~percent.fill_null(value=False)
    return [
        *(number.check() for number in NUMBERS),
        must_be(
            "acq_date",
            "a day as YYYY-MM-DD",
            bad=pl.col("day").is_null() | unlike(rows, "acq_date", DATE_FORM),
        ),
        must_be("acq_time", "a UTC time as HHMM", bad=time.is_not_null() & no_time),
        must_be("confidence", "l, n, h or 0 to 100", bad=no_grade),
        not_in_future(source),
    ]


def _observations(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return accepted rows as a table of observations."""
    has_clock = pl.col("since_midnight").is_not_null()
    at = pl.when(has_clock).then(pl.format("{}T{}", "acq_date", "clock")).otherwise("acq_date")
    micro = (pl.col("lat_deg", "lon_deg") * MICRODEGREES).round().cast(pl.Int64)
    keyed = rows.select("channel", at.alias("at"), micro)
    key = number_repeats(keyed, "firms|{}|{}|{}|{}", ["channel", "at", "lat_deg", "lon_deg"])
    narrow = pl.col("channel").is_in(NARROW)
    table = rows.with_columns(
        key,
        pl.lit(source.object).cast(OBJECT).alias("object"),
        pl.lit("firms").alias("sensor"),
        (SIGMA_PER_WIDTH * pl.when(has_clock).then(MINUTE_S).otherwise(DAY_S)).alias(
            "time_sigma_s"
        ),
        _variance("scan_km", narrow, MODIS_SCAN_M).alias("cov_ee_m2"),
        pl.lit(0.0).alias("cov_en_m2"),
        _variance("track_km", narrow, MODIS_TRACK_M).alias("cov_nn_m2"),
        pl.lit("thermal_anomaly").alias("class"),
        pl.lit(None, pl.UInt32).alias("count_min"),
        pl.lit(None, pl.UInt32).alias("count_max"),
        pl.lit(None, pl.String).alias("count_qualifier"),
        pl.lit("A").alias("grade_source"),
        _grade().alias("grade_info"),
        pl.struct(FEATURES.keys()).alias("features"),
    )
    return conform(table, OBSERVATION)


def _variance(width_km: str, narrow: pl.Expr, otherwise_m: float) -> pl.Expr:
    """Return the variance in m^2 of a position that is anywhere in a pixel of that width."""
    unknown_m = pl.when(narrow).then(VIIRS_WIDTH_M).otherwise(otherwise_m)
    return (pl.coalesce(pl.col(width_km) * 1000, unknown_m) * SIGMA_PER_WIDTH).pow(2)


def _grade() -> pl.Expr:
    """Return the information grade that the confidence column means."""
    percent = pl.col("confidence").cast(pl.Float64, strict=False)
    of_percent = (
        pl.when(percent >= PERCENT_HIGH)
        .then(pl.lit(GRADES["high"]))
        .when(percent >= PERCENT_NOMINAL)
        .then(pl.lit(GRADES["nominal"]))
        .when(percent.is_not_null())
        .then(pl.lit(GRADES["low"]))
    )
    of_word = pl.col("confidence").replace_strict(GRADES, default=None, return_dtype=pl.String)
    return pl.coalesce(of_word, of_percent, pl.lit(GRADE_UNKNOWN))
