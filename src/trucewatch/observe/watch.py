"""Watch reports: heartbeats and logs of cameras, patrols, drones and overpasses, one row a time.

A row says that an asset watched from `start` to `end`, or what it lost: `share` is what was left of
its power, 0 when it saw nothing, and `cause` says what took the rest. A row forms no incident and
is no report of one. Without it, silence could not be told from calm, see `measure.coverage`. Where
patrols go endangers them, so no such file is public.

Position error in metres: none is stated; the row names a disc, and its covariance is that of a
point anywhere on it. A row without a place speaks of the asset's declared footprint. Time error in
seconds: 1 s, assumed, since logs give whole seconds.

Source: no standard; the columns are what a patrol's form, a camera's heartbeat and a drone's flight
log have in common, in the words of this project.
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
from trucewatch.observe._utc_time import UTC_EXPECTED, utc_time
from trucewatch.records.batch import Batch
from trucewatch.records.instant import instant_text
from trucewatch.records.sensor import SensorModel
from trucewatch.records.table import OBJECT, OBSERVATION, TIME, conform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.source import Source

FAMILY = "watch"
SETTINGS: Mapping[str, str] = {}
SETTINGS_HELP: Mapping[str, str] = {}

MODEL = SensorModel(
    detection_p=0.5,
    repeats_mean=0.0,
    false_alarms_per_km2_day=1e-6,
    spread_m=0.0,
    spread_s=0.0,
    channel_gap_s=0.0,
    meaning_p={"watch": {"undetermined": 1.0}},
    source="not calibrated and not used: a watch report says nothing of what happened",
)

CAUSES = (
    "watching",
    "outage",
    "maintenance",
    "jamming",
    "cloud",
    "weather",
    "withdrawn",
    "denied",
)
"""What may have taken an asset's power; `watching` when nothing did."""

COLUMNS = (
    Column(name="asset", spelled=("asset",), required=True),
    Column(name="start", spelled=("start",), required=True),
    Column(name="end", spelled=("end",), required=True),
    Column(name="latitude", spelled=("lat",), required=True),
    Column(name="longitude", spelled=("lon",), required=True),
    Column(name="radius_m", spelled=("radius_m",), required=True),
    Column(name="share", spelled=("share",), required=True),
    Column(name="cause", spelled=("cause",), required=True),
    Column(name="cloud_share", spelled=("cloud_share",), required=True),
)

LATITUDE = Number(column="latitude", to="lat_deg", low=-90, high=90)
LONGITUDE = Number(column="longitude", to="lon_deg", low=-180, high=180)
RADIUS = Number(column="radius_m", to="disc_m", low=0, high=5_000_000, open_low=True)
SHARE = Number(column="share", to="power_share", low=0, high=1, required=True)
CLOUD = Number(column="cloud_share", to="sky_share", low=0, high=1)
NAME_FORM = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
TIME_SIGMA_S = 1.0  # see above
SCALE = {"lat_deg": 1e7, "lon_deg": 1e7, "disc_m": 1e3, "power_share": 1e6, "sky_share": 1e6}
"""Keys hold whole parts of a unit (1 cm, 1 mm, a millionth): no spelling of a float to differ."""

FEATURES: Mapping[str, pl.DataType] = {
    "radius_m": pl.Float64(),
    "share": pl.Float64(),
    "cause": pl.String(),
    "cloud_share": pl.Float64(),
}


def read(raw: bytes, *, source: Source) -> Batch:
    r"""Return one observation for each time of watch, in file order.

    Args:
        raw: A CSV file with its header row.
        source: What the bytes are.

    Returns:
        Observations of class `watch`; the channel is the asset.

    Example:
        >>> from datetime import UTC, datetime
        >>> from trucewatch.records.source import Source
        >>> logged_at = datetime(2030, 9, 2, tzinfo=UTC)
        >>> source = Source(name="a", object="0" * 64, logged_at=logged_at, settings={})
        >>> head = b"asset,start,end,lat,lon,radius_m,share,cause,cloud_share\n"
        >>> row = b"CAM-1,2030-09-01T00:00:00Z,2030-09-01T01:00:00Z,,,,0,outage,\n"
        >>> read(head + row, source=source).observations["features"].item()
        {'radius_m': None, 'share': 0.0, 'cause': 'outage', 'cloud_share': None}
    """
    rows = read_rows(raw, COLUMNS)
    if isinstance(rows, Refusal):
        return refuse_file(rows, FEATURES)
    numbers = (LATITUDE, LONGITUDE, RADIUS, SHARE, CLOUD)
    times = (utc_time("start", "time_start"), utc_time("end", "time_end"))
    parsed = rows.table.with_columns(*(number.parsed() for number in numbers), *times)
    accepted, refused = judge(parsed, _checks(source))
    return Batch(
        observations=_observations(accepted, source),
        refused=join_refused(rows.refused, refused),
        missing=rows.missing,
    )


def _checks(source: Source) -> list[Check]:
    """Return what may be wrong with a row, in the order of the columns."""
    placed = [pl.col(name).is_null() for name in ("latitude", "longitude", "radius_m")]
    half = pl.any_horizontal(placed) & ~pl.all_horizontal(placed)
    watching = pl.col("cause") == CAUSES[0]
    full = pl.col("power_share") == 1.0
    name_bad = ~pl.col("asset").str.contains(NAME_FORM).fill_null(value=False)
    return [
        must_be("asset", "up to 32 letters, digits, dots and dashes", bad=name_bad),
        must_be("start", UTC_EXPECTED, bad=pl.col("time_start").is_null()),
        must_be("end", UTC_EXPECTED, bad=pl.col("time_end").is_null()),
        must_be("end", "after start", bad=pl.col("time_end") <= pl.col("time_start")),
        LATITUDE.check(),
        LONGITUDE.check(),
        RADIUS.check(),
        must_be("radius_m", "given with lat and lon, or all three empty", bad=half),
        SHARE.check(),
        must_be(
            "cause",
            f"one of {', '.join(CAUSES)}",
            bad=~pl.col("cause").is_in(list(CAUSES)).fill_null(value=False),
        ),
        must_be("share", "1 when the cause is watching", bad=watching & ~full),
        must_be("share", "below 1 when something was lost", bad=~watching & full),
        CLOUD.check(),
        must_be(
            "cloud_share",
            "empty when the cause is cloud, for share says it",
            bad=(pl.col("cause") == "cloud") & pl.col("cloud_share").is_not_null(),
        ),
        not_in_future(source),
        _not_planned(source),
    ]


def _not_planned(source: Source) -> Check:
    """Return the check that a watch was over when the file was logged: a plan is no watch."""
    text = pl.col("time_end").dt.to_string("%Y-%m-%dT%H:%M:%SZ")
    logged = instant_text(source.logged_at)
    return Check(
        bad=pl.col("time_end") > pl.lit(source.logged_at, TIME),
        problem=pl.format(f"end is {{}}, in the future of the log, must be up to {logged}", text),
    )


def _observations(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return accepted rows as a table of observations."""
    variance_m2 = (pl.col("disc_m") / 2) ** 2  # along an axis, of a point anywhere on a disc
    table = rows.with_columns(
        _key(rows),
        pl.lit(source.object).cast(OBJECT).alias("object"),
        pl.lit("watch").alias("sensor"),
        pl.col("asset").alias("channel"),
        pl.lit(TIME_SIGMA_S).alias("time_sigma_s"),
        variance_m2.alias("cov_ee_m2"),
        (variance_m2 * 0.0).alias("cov_en_m2"),
        variance_m2.alias("cov_nn_m2"),
        pl.lit("watch").alias("class"),
        pl.lit(None, pl.UInt32).alias("count_min"),
        pl.lit(None, pl.UInt32).alias("count_max"),
        pl.lit(None, pl.String).alias("count_qualifier"),
        pl.lit("B").alias("grade_source"),
        pl.lit("6").alias("grade_info"),  # an asset says itself that it watched
        pl.struct(
            pl.col("disc_m").alias("radius_m"),
            pl.col("power_share").alias("share"),
            "cause",
            pl.col("sky_share").alias("cloud_share"),
        ).alias("features"),
    )
    return conform(table, OBSERVATION)


def _key(rows: pl.DataFrame) -> pl.Series:
    """Return a key from what the row says, so that the same watch has it in any file."""
    times = (
        pl.col(f"time_{side}").dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ").alias(side)
        for side in ("start", "end")
    )
    numbers = (
        (pl.col(name) * scale).round().cast(pl.Int64).cast(pl.String).fill_null("")
        for name, scale in SCALE.items()
    )
    keyed = rows.select("asset", *times, *numbers, "cause")
    return number_repeats(keyed, "|".join(["watch", *["{}"] * len(keyed.columns)]), keyed.columns)
