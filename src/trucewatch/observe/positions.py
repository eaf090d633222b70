"""Positions of aircraft and vessels: what a tracker or a radar says was where, one row a fix.

A row forms no incident. Rules on flights and vessels set whole tracks against zones, see
`assess.prohibited_flight` and `assess.vessel_conduct`. A track is a craft, never a person, and no
file of positions leaves the mission: design rules out tracks at public level.

Position error in metres: as each row states, one sigma along each axis. Altitude error in metres:
as each row states; a row may have no altitude. Time error in seconds: 1 s, assumed, since trackers
stamp the second in which they send.

Source: no standard; the columns are what the automatic systems of aircraft (ADS-B) and vessels
(AIS) and a radar's plot have in common, with the errors that a rule needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from trucewatch.observe._delimited import Column, read_rows
from trucewatch.observe._number import Number
from trucewatch.observe._refusal import (
    Check,
    Refusal,
    join_refused,
    judge,
    must_be,
    not_in_future,
    number_repeats,
    refuse_file,
)
from trucewatch.observe._utc_time import utc_time
from trucewatch.records.batch import Batch
from trucewatch.records.sensor import SensorModel
from trucewatch.records.table import OBJECT, OBSERVATION, conform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.source import Source

FAMILY = "positions"
SETTINGS: Mapping[str, str] = {}
SETTINGS_HELP: Mapping[str, str] = {}

MODEL = SensorModel(
    detection_p=0.5,
    repeats_mean=0.0,
    false_alarms_per_km2_day=1e-6,
    spread_m=0.0,
    spread_s=0.0,
    channel_gap_s=0.0,
    meaning_p={"position": {"undetermined": 1.0}},
    source="not calibrated and not used: a position forms no incident, and fusion leaves it alone",
)

CRAFT = ("uav", "aeroplane", "helicopter", "vessel", "unknown")
"""What a track may be of."""

DATUMS = ("sea", "ground")
"""What an altitude may be measured from."""

COLUMNS = (
    Column(name="track", spelled=("track",), required=True),
    Column(name="craft", spelled=("craft",), required=True),
    Column(name="time", spelled=("time",), required=True),
    Column(name="latitude", spelled=("latitude",), required=True),
    Column(name="longitude", spelled=("longitude",), required=True),
    Column(name="sigma_m", spelled=("sigma_m",), required=True),
    Column(name="altitude_m", spelled=("altitude_m",), required=False),
    Column(name="altitude_datum", spelled=("altitude_datum",), required=False),
    Column(name="altitude_sigma_m", spelled=("altitude_sigma_m",), required=False),
)

LATITUDE = Number(column="latitude", to="lat_deg", low=-90, high=90, required=True)
LONGITUDE = Number(column="longitude", to="lon_deg", low=-180, high=180, required=True)
SIGMA = Number(
    column="sigma_m", to="position_sigma_m", low=0, high=100_000, open_low=True, required=True
)
ALTITUDE = Number(column="altitude_m", to="height_m", low=-500, high=50_000)
ALTITUDE_SIGMA = Number(
    column="altitude_sigma_m", to="height_sigma_m", low=0, high=10_000, open_low=True
)
NAME_FORM = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
TIME_SIGMA_S = 1.0  # see above
DEGREES = 1e7  # keys hold whole ten-millionths of a degree (1 cm): no spelling of a float to differ

FEATURES: Mapping[str, pl.DataType] = {
    "track": pl.String(),
    "craft": pl.String(),
    "sigma_m": pl.Float64(),
    "altitude_m": pl.Float64(),
    "altitude_datum": pl.String(),
    "altitude_sigma_m": pl.Float64(),
}


def read(raw: bytes, *, source: Source) -> Batch:
    r"""Return one observation for each fix, in file order.

    Args:
        raw: A CSV file with its header row.
        source: What the bytes are.

    Returns:
        Observations of class `position`; the channel is the track.

    Example:
        >>> from datetime import UTC, datetime
        >>> from trucewatch.records.source import Source
        >>> logged_at = datetime(2030, 9, 2, tzinfo=UTC)
        >>> source = Source(name="a", object="0" * 64, logged_at=logged_at, settings={})
        >>> head = b"track,craft,time,latitude,longitude,sigma_m\n"
        >>> batch = read(head + b"U7,uav,2030-09-01T00:00:01Z,45.1,-30.2,20\n", source=source)
        >>> batch.observations["dedup_key"].item()
        'positions|U7|2030-09-01T00:00:01.000000Z|451000000|-302000000|0'
    """
    rows = read_rows(raw, COLUMNS)
    if isinstance(rows, Refusal):
        return refuse_file(rows, FEATURES)
    there = rows.table.with_columns(
        pl.lit(None, pl.String).alias(column.name)
        for column in COLUMNS
        if column.name not in rows.table.columns
    )
    numbers = (LATITUDE, LONGITUDE, SIGMA, ALTITUDE, ALTITUDE_SIGMA)
    parsed = there.with_columns(
        *(number.parsed() for number in numbers), utc_time("time", "time_start")
    )
    accepted, refused = judge(parsed, _checks(source))
    return Batch(
        observations=_observations(accepted, source),
        refused=join_refused(rows.refused, refused),
        missing=rows.missing,
    )


def _checks(source: Source) -> list[Check]:
    """Return what may be wrong with a row, in the order of the columns."""
    altitude = [pl.col(name).is_null() for name in ("altitude_m", "altitude_datum")]
    return [
        must_be(
            "track",
            "up to 32 letters, digits, dots and dashes",
            bad=~pl.col("track").str.contains(NAME_FORM).fill_null(value=False),
        ),
        _one_of("craft", CRAFT),
        must_be(
            "time", "a UTC time such as 2030-09-01T00:00:01Z", bad=pl.col("time_start").is_null()
        ),
        LATITUDE.check(),
        LONGITUDE.check(),
        SIGMA.check(),
        ALTITUDE.check(),
        must_be(
            "altitude_datum",
            f"{' or '.join(DATUMS)}, with an altitude and without one empty",
            bad=(altitude[0] != altitude[1])
            | ~pl.col("altitude_datum").is_in(list(DATUMS)).fill_null(value=True),
        ),
        ALTITUDE_SIGMA.check(),
        must_be(
            "altitude_sigma_m",
            "given with an altitude and without one empty",
            bad=altitude[0] != pl.col("altitude_sigma_m").is_null(),
        ),
        not_in_future(source),
    ]


def _one_of(column: str, allowed: tuple[str, ...]) -> Check:
    known = pl.col(column).is_in(list(allowed)).fill_null(value=False)
    return must_be(column, f"one of {', '.join(allowed)}", bad=~known)


def _observations(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return accepted rows as a table of observations."""
    variance_m2 = pl.col("position_sigma_m") ** 2
    table = rows.with_columns(
        _key(rows),
        pl.lit(source.object).cast(OBJECT).alias("object"),
        pl.lit("positions").alias("sensor"),
        pl.col("track").alias("channel"),
        pl.col("time_start").alias("time_end"),
        pl.lit(TIME_SIGMA_S).alias("time_sigma_s"),
        variance_m2.alias("cov_ee_m2"),
        pl.lit(0.0).alias("cov_en_m2"),
        variance_m2.alias("cov_nn_m2"),
        pl.lit("position").alias("class"),
        pl.lit(None, pl.UInt32).alias("count_min"),
        pl.lit(None, pl.UInt32).alias("count_max"),
        pl.lit(None, pl.String).alias("count_qualifier"),
        pl.lit("B").alias("grade_source"),
        pl.lit("6").alias("grade_info"),  # a craft says itself where it is: it may be false
        pl.struct(
            "track",
            "craft",
            pl.col("position_sigma_m").alias("sigma_m"),
            pl.col("height_m").alias("altitude_m"),
            "altitude_datum",
            pl.col("height_sigma_m").alias("altitude_sigma_m"),
        ).alias("features"),
    )
    return conform(table, OBSERVATION)


def _key(rows: pl.DataFrame) -> pl.Series:
    """Return a key from what the row says, so that the same fix has it in any file."""
    at = pl.col("time_start").dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ").alias("at")
    places = ((pl.col(name) * DEGREES).round().cast(pl.Int64) for name in ("lat_deg", "lon_deg"))
    keyed = rows.select("track", at, *places)
    return number_repeats(keyed, "positions|{}|{}|{}|{}", keyed.columns)
