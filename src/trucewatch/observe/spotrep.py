"""Spot reports: what a post, a patrol, a camera, a drone or an array saw or heard, where and when.

A row says that an asset saw or heard one happening between `start` and `end`, which are equal for
an instant. `asset` is its name in `mission.toml` and in its watch reports, so that what it saw and
when it watched count together. `report` is what the asset calls this report and no other: sent
again, it keeps its name and is the same report. Where two sendings differ, the more precise one
speaks and both stay; a name that stands twice in one file is refused there. One asset reports one
happening once: whoever has more to say of it sends the same report again, and another happening
gets another name.

Position error in metres: `error_95_m` is the radius around the point that holds the place in 19 of
20 reports, taken as a normal error alike in all directions; one sigma along an axis is the radius
over 2.448.
Time error in seconds: the happening is somewhere between `start` and `end`, so one sigma is that
length over the square root of 12; clocks of observers and instruments add 10 s, which is assumed.
Who noted the minute gives the whole minute.

Source: no standard; it is the spot report of armed forces and observer missions (what, where, when,
how many) as a table, with grades of the admiralty scale and counts as `records.count` has them.
"""

from __future__ import annotations

import math
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
    refuse_file,
)
from trucewatch.observe._utc_time import UTC_EXPECTED, utc_time
from trucewatch.records.batch import Batch
from trucewatch.records.count import COUNT_MAX
from trucewatch.records.happening import HAPPENINGS, NO_REPORTS
from trucewatch.records.instant import instant_text
from trucewatch.records.observation import COUNT_QUALIFIERS, GRADES_INFO, GRADES_SOURCE
from trucewatch.records.sensor import SensorModel
from trucewatch.records.table import OBJECT, OBSERVATION, TIME, conform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.source import Source

FAMILY = "spotrep"
SETTINGS: Mapping[str, str] = {}
SETTINGS_HELP: Mapping[str, str] = {}

CLASSES = tuple(name for name in HAPPENINGS if name not in {*NO_REPORTS, "arrival"})
"""What an asset may say that it saw: all but positions, watches and picks, which have their own."""

MEANING_HIT_P = 0.8

MODEL = SensorModel(
    detection_p=0.4,
    repeats_mean=0.3,  # other assets that saw it too, see `once_per_channel`
    false_alarms_per_km2_day=5e-6,
    spread_m=0.0,  # each report's own error holds it
    spread_s=0.0,
    channel_gap_s=60.0,
    meaning_p={"undetermined": {"undetermined": 1.0}}
    | {
        name: {name: MEANING_HIT_P, "undetermined": 1 - MEANING_HIT_P}
        for name in CLASSES
        if name != "undetermined"
    },
    once_per_channel=True,
    source=(
        "chosen: between the patrol (.2, 1e-6), the camera (.15, 1e-6) and the microphones (.45, "
        "2e-5) of the simulated world on which association was measured, since one module stands "
        "for all of them, and few happenings are in reach of two assets; the right class in .8, "
        "as for the patrol there; not calibrated. How well each asset detects is declared "
        "for coverage alone, in mission.toml"
    ),
)

COLUMNS = (
    Column(name="asset", spelled=("asset",), required=True),
    Column(name="report", spelled=("report",), required=True),
    Column(name="start", spelled=("start",), required=True),
    Column(name="end", spelled=("end",), required=True),
    Column(name="latitude", spelled=("latitude",), required=True),
    Column(name="longitude", spelled=("longitude",), required=True),
    Column(name="error_95_m", spelled=("error_95_m",), required=True),
    Column(name="class", spelled=("class",), required=True),
    Column(name="count_min", spelled=("count_min",), required=True),
    Column(name="count_max", spelled=("count_max",), required=True),
    Column(name="count_qualifier", spelled=("count_qualifier",), required=True),
    Column(name="grade_source", spelled=("grade_source",), required=True),
    Column(name="grade_info", spelled=("grade_info",), required=True),
)

ERROR = Number(
    column="error_95_m", to="radius_95_m", low=0, high=100_000, open_low=True, required=True
)
FEWEST = Number(column="count_min", to="fewest", low=0, high=COUNT_MAX, whole=True)
MOST = Number(column="count_max", to="most", low=1, high=COUNT_MAX, whole=True)
NUMBERS = (LATITUDE, LONGITUDE, ERROR, FEWEST, MOST)
ASSET_FORM = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
REPORT_FORM = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
OPEN = ("at_least", "several")
"""Qualifiers of counts that have no most."""
CLOCK_SIGMA_S = 10.0  # see above
SIGMAS_OF_95 = math.sqrt(-2 * math.log(0.05))  # of the radius of a normal error in two dimensions
_US_PER_S = 1e6

FEATURES: Mapping[str, pl.DataType] = {"report": pl.String(), "error_95_m": pl.Float64()}


def read(raw: bytes, *, source: Source) -> Batch:
    r"""Return one observation for each spot report, in file order.

    Args:
        raw: A CSV file with its header row.
        source: What the bytes are.

    Returns:
        Observations of the class that each report names; the channel is the asset.

    Example:
        >>> from datetime import UTC, datetime
        >>> from trucewatch.records.source import Source
        >>> logged_at = datetime(2030, 9, 2, tzinfo=UTC)
        >>> source = Source(name="a", object="0" * 64, logged_at=logged_at, settings={})
        >>> head = ",".join(column.name for column in COLUMNS)
        >>> time = "2030-09-01T08:00:00Z"
        >>> row = f"P-7,17,{time},{time},45.1,-30.2,200,shot,3,,at_least,B,2"
        >>> read(f"{head}\n{row}\n".encode(), source=source).observations["dedup_key"].item()
        'spotrep|P-7|17'
    """
    rows = read_rows(raw, COLUMNS)
    if isinstance(rows, Refusal):
        return refuse_file(rows, FEATURES)
    times = (utc_time("start", "time_start"), utc_time("end", "time_end"))
    parsed = rows.table.with_columns(*(number.parsed() for number in NUMBERS), *times)
    readable, refused = judge(parsed, _checks(source))
    accepted, repeated = judge(readable, _named_once())
    return Batch(
        observations=_observations(accepted, source),
        refused=join_refused(rows.refused, refused, repeated),
        missing=rows.missing,
    )


def _checks(source: Source) -> list[Check]:
    """Return what may be wrong with a row, in the order of the columns."""
    return [
        _like("asset", ASSET_FORM, "up to 32 letters, digits, dots and dashes"),
        _like("report", REPORT_FORM, "up to 64 letters, digits, dots and dashes"),
        must_be("start", UTC_EXPECTED, bad=pl.col("time_start").is_null()),
        must_be("end", UTC_EXPECTED, bad=pl.col("time_end").is_null()),
        must_be("end", "start or after it", bad=pl.col("time_end") < pl.col("time_start")),
        LATITUDE.check(),
        LONGITUDE.check(),
        ERROR.check(),
        _one_of("class", CLASSES),
        *_count_checks(),
        _one_of("grade_source", GRADES_SOURCE),
        _one_of("grade_info", GRADES_INFO),
        not_in_future(source),
        _over(source),
    ]


def _count_checks() -> list[Check]:
    """Return what may be wrong with a count; each has one spelling only."""
    said = pl.col("count_qualifier")
    fewest, most = pl.col("fewest"), pl.col("most")
    none = said.is_null()
    is_open = said.is_in(list(OPEN))
    words = ", ".join(COUNT_QUALIFIERS)
    return [
        must_be(
            "count_qualifier",
            f"one of {words}, or empty without a count",
            bad=~said.is_in(list(COUNT_QUALIFIERS)),
        ),
        FEWEST.check(),
        MOST.check(),
        must_be("count_min", "given with count_qualifier and empty without", bad=_only(fewest)),
        must_be("count_max", "empty without count_qualifier", bad=none & most.is_not_null()),
        must_be("count_max", f"empty with {' and '.join(OPEN)}", bad=is_open & most.is_not_null()),
        must_be("count_max", "given with this count_qualifier", bad=~is_open & most.is_null()),
        must_be("count_min", "1 or more with this count_qualifier", bad=is_open & (fewest == 0)),
        must_be("count_max", "count_min when exact", bad=(said == "exact") & (most != fewest)),
        must_be(
            "count_max", "above count_min in a range", bad=(said == "range") & (most <= fewest)
        ),
        must_be("count_max", "count_min or more", bad=most < fewest),
    ]


def _only(number: pl.Expr) -> pl.Expr:
    return number.is_null() != pl.col("count_qualifier").is_null()


def _named_once() -> list[Check]:
    """Return the checks that a file names each report once, of rows that are sound otherwise.

    Rows that say the same leave the first; of rows that do not, nobody can tell which is meant.
    """
    name = ("asset", "report")
    times = pl.len().over(name)
    said = [f"time_{side}" for side in ("start", "end")]
    said += [number.to for number in NUMBERS]
    said += ["class", "count_qualifier", "grade_source", "grade_info"]
    differ = pl.struct(said).n_unique().over(name) > 1
    later = pl.int_range(pl.len()).over(name) > 0
    return [
        must_be("report", "of one report of the asset in a file", bad=(times > 1) & differ),
        must_be("report", "given once in a file", bad=later),
    ]


def _like(column: str, form: str, expected: str) -> Check:
    fits = pl.col(column).str.contains(form).fill_null(value=False)
    return must_be(column, expected, bad=~fits)


def _one_of(column: str, allowed: tuple[str, ...]) -> Check:
    known = pl.col(column).is_in(list(allowed)).fill_null(value=False)
    return must_be(column, f"one of {', '.join(allowed)}", bad=~known)


def _over(source: Source) -> Check:
    """Return the check that `end` is not after the moment when the file was logged."""
    text = pl.col("time_end").dt.to_string("%Y-%m-%dT%H:%M:%SZ")
    logged = instant_text(source.logged_at)
    return Check(
        bad=pl.col("time_end") > pl.lit(source.logged_at, TIME),
        problem=pl.format(f"end is {{}}, in the future of the log, must be up to {logged}", text),
    )


def _observations(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return accepted rows as a table of observations."""
    variance_m2 = (pl.col("radius_95_m") / SIGMAS_OF_95) ** 2
    length_us = (pl.col("time_end") - pl.col("time_start")).dt.total_microseconds()
    within_s2 = (length_us / _US_PER_S) ** 2 / 12
    table = rows.with_columns(
        pl.format("spotrep|{}|{}", "asset", "report").alias("dedup_key"),
        pl.lit(source.object).cast(OBJECT).alias("object"),
        pl.lit("spotrep").alias("sensor"),
        pl.col("asset").alias("channel"),
        (within_s2 + CLOCK_SIGMA_S**2).sqrt().alias("time_sigma_s"),
        variance_m2.alias("cov_ee_m2"),
        pl.lit(0.0).alias("cov_en_m2"),
        variance_m2.alias("cov_nn_m2"),
        pl.col("fewest").alias("count_min"),
        pl.col("most").alias("count_max"),
        pl.struct("report", pl.col("radius_95_m").alias("error_95_m")).alias("features"),
    )
    return conform(table, OBSERVATION)
