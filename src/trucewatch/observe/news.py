"""News-derived reports: outlets named a place, a day and what happened, and a program coded that.

A row is one report group: a date or a local time, a settlement, one or several labels, and how
many reports were grouped. Two styles are read: single letters with `date`, `place`, `type`, and
words joined by `|` with `datetime`, `place_name`, `event_type`.

Position error in metres: the point is a settlement's centroid, and what happened is near it: one
sigma is 4 km in each direction. A few names are known artefacts of geocoding; they get 150 km, so
that they place nothing, and are marked in `features`.
Time error in seconds: outlets date the report rather than the act; one sigma is .7 days, with a
clock time and without. A time of 00:00:00 means "no clock time" and gives that local day.
Local times are in the zone of the mission's settings. One that occurs twice, when clocks go back,
is taken as the earlier; one that never occurs, when they go forward, is refused.

Source: VIINA 2.0 codebook (Zhukov 2023), event categories; figures are assumed, see `MODEL`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput
from trucewatch.observe._delimited import Column, read_rows
from trucewatch.observe._local_time import DATE_EXPECTED, is_zone, read_local
from trucewatch.observe._news_label import KINDS, LABELS, PRECEDENCE, read_labels
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
    shown,
)
from trucewatch.records.batch import Batch
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.sensor import SensorModel
from trucewatch.records.table import OBJECT, OBSERVATION, conform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.source import Source

FAMILY = "news"
SETTINGS: Mapping[str, str] = {"zone": "Europe/Kyiv"}
SETTINGS_HELP: Mapping[str, str] = {
    "zone": "IANA time zone in which the file's dates and times are meant, such as Europe/Kyiv",
}

DAY_S = 86_400.0
TIME_SIGMA_S = 60_480.0  # .7 days
POSITION_SIGMA_M = 4_000.0
ARTEFACT_SIGMA_M = 150_000.0  # about the half width of a region
# These names turn up hundreds of times at one point each in VIINA 2024 to 2026, with reports of
# whole regions: it seems that a region's name was geocoded to one village in it.
ARTEFACTS = ("Ruttschenkowo", "Chorna Dolyna", "Voronyne", "Slobozhans'ke", "Slobozhans\u2019ke")
MEANING_HIT_P = 0.6

MODEL = SensorModel(
    detection_p=0.35,
    repeats_mean=1.0,
    false_alarms_per_km2_day=5e-6,
    spread_m=0.0,  # each report's own 4 km and .7 days hold it already
    spread_s=0.0,
    channel_gap_s=DAY_S,  # outlets copy one another within a day
    meaning_p={
        kind: {kind: MEANING_HIT_P, "undetermined": 1 - MEANING_HIT_P} for kind in PRECEDENCE
    },
    source=(
        "assumed: the news sensor of the simulated world on which association was measured, "
        "with .6 for the right class; not calibrated"
    ),
)

COLUMNS = (
    Column(name="date", spelled=("date", "datetime"), required=True),
    Column(name="longitude", spelled=("lon", "longitude"), required=True),
    Column(name="latitude", spelled=("lat", "latitude"), required=True),
    Column(name="place", spelled=("place", "place_name"), required=True),
    Column(name="type", spelled=("type", "event_type"), required=True),
    Column(name="n_reports", spelled=("n_reports",), required=True),
)

NUMBERS = (
    LONGITUDE,
    LATITUDE,
    Number(column="n_reports", to="reports", low=1, high=1_000_000, required=True, whole=True),
)

COUNTED = tuple(kind for kind in PRECEDENCE if HAPPENINGS[kind].osce_unit)
MICRODEGREES = 1e6  # keys hold positions as whole microdegrees: no spelling of a float to differ

FEATURES: Mapping[str, pl.DataType] = {
    "place": pl.String(),
    "place_artefact": pl.Boolean(),
    "labels": pl.String(),  # every label, as words in alphabetical order joined by `+`
    "n_reports": pl.Int64(),  # outlets that told it, not blasts
}


def read(raw: bytes, *, source: Source) -> Batch:
    r"""Return one observation for each report group, in file order.

    Args:
        raw: A CSV file in either style with its header row.
        source: What the bytes are; `settings["zone"]` says where its clock hangs.

    Returns:
        Observations of the class that the labels name first in `PRECEDENCE`. Kinds that are
        counted carry "at least 1": a report says that it happened, not how often.

    Raises:
        BadInput: The zone is no IANA time zone.

    Example:
        >>> from datetime import UTC, datetime
        >>> from trucewatch.records.source import Source
        >>> logged_at = datetime(2030, 9, 2, tzinfo=UTC)
        >>> settings = {"zone": "UTC"}
        >>> source = Source(name="a", object="0" * 64, logged_at=logged_at, settings=settings)
        >>> head = b"date,lon,lat,place,type,n_reports\n"
        >>> batch = read(head + b"20300901,-30.1,45.2,Dunmarsh,A,2\n", source=source)
        >>> batch.observations["dedup_key"].item()
        'news|2030-09-01|-30100000|45200000|Dunmarsh|artillery|2|0'
    """
    zone = source.settings.get("zone", SETTINGS["zone"])
    if not is_zone(zone):
        problem = f"{zone!r} is no time zone, expected an IANA name such as Europe/Kyiv"
        raise BadInput("setting zone", problem)
    rows = read_rows(raw, COLUMNS)
    if isinstance(rows, Refusal):
        return refuse_file(rows, FEATURES)
    parsed = _parsed(rows.table, zone)
    accepted, refused = judge(parsed, _checks(zone, source))
    return Batch(
        observations=_observations(accepted, source),
        refused=join_refused(rows.refused, refused),
        missing=rows.missing,
    )


def _parsed(table: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Return the rows with numbers, times and labels; null where the text says nothing."""
    unlabelled = pl.col("type").is_null()
    return (
        table.join(read_labels(table["type"]), on="type", how="left", maintain_order="left")
        .join(read_local(table["date"], zone), on="date", how="left", maintain_order="left")
        .with_columns(
            *(number.parsed() for number in NUMBERS),
            pl.when(unlabelled).then(pl.lit("")).otherwise("labels").alias("labels"),
            pl.when(unlabelled).then(pl.lit("other")).otherwise("class").alias("class"),
        )
    )


def _checks(zone: str, source: Source) -> list[Check]:
    """Return what may be wrong with a row, in the order of the columns."""
    declared = ", ".join([*KINDS, *LABELS])
    never = pl.col("time_start").is_null()
    return [
        must_be("date", DATE_EXPECTED, bad=pl.col("at").is_null()),
        must_be("date", f"a time that occurs in {zone}", bad=never),
        *(number.check() for number in NUMBERS),
        Check(
            bad=pl.col("undeclared").is_not_null(),
            problem=pl.format(
                "label '{}' is not declared, expected one of " + declared, shown("undeclared")
            ),
        ),
        not_in_future(source),
    ]


def _observations(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return accepted rows as a table of observations."""
    artefact = pl.col("place").is_in(ARTEFACTS).fill_null(value=False)
    sigma_m = pl.when(artefact).then(ARTEFACT_SIGMA_M).otherwise(POSITION_SIGMA_M)
    counted = pl.col("class").is_in(COUNTED)
    table = rows.with_columns(
        _key(rows),
        pl.lit(source.object).cast(OBJECT).alias("object"),
        pl.lit("news").alias("sensor"),
        pl.lit("news").alias("channel"),
        pl.lit(TIME_SIGMA_S).alias("time_sigma_s"),
        sigma_m.pow(2).alias("cov_ee_m2"),
        pl.lit(0.0).alias("cov_en_m2"),
        sigma_m.pow(2).alias("cov_nn_m2"),
        pl.when(counted).then(1).alias("count_min"),
        pl.lit(None, pl.UInt32).alias("count_max"),
        pl.when(counted).then(pl.lit("at_least")).alias("count_qualifier"),
        pl.lit("F").alias("grade_source"),
        pl.lit("6").alias("grade_info"),
        pl.struct(
            "place",
            artefact.alias("place_artefact"),
            "labels",
            pl.col("reports").alias("n_reports"),
        ).alias("features"),
    )
    return conform(table, OBSERVATION)


def _key(rows: pl.DataFrame) -> pl.Series:
    """Return a key from what the row says, so that the same report group has it in any file."""
    micro = (pl.col("lon_deg", "lat_deg") * MICRODEGREES).round().cast(pl.Int64)
    place = pl.col("place").fill_null("")
    keyed = rows.select("at", micro, place, "labels", "reports")
    return number_repeats(keyed, "news|{}|{}|{}|{}|{}|{}", keyed.columns)
