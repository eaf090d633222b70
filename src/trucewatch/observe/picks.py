"""Picks of seismic stations: a program marked when a P or an S wave passed one of them.

A row is one arrival. It names no place, only a station, and says nothing of what happened: picks
form no incident by themselves. Fusion puts those of one source together and locates it; the
located source is what then takes part as a report (`fuse.located`).

Position error in metres: a pick has none, for it has no position. Stations stand where the
mission's settings say, without error; a located source carries the error of its picks.
Time error in seconds: one sigma is .1 s for P and .2 s for S, which sets in inside the coda of P.

Source: the table that SeisBench and PyOcto exchange (Woollam et al. 2022, Muenchmeyer 2024), with
the columns time, station, phase, probability.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput
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
    shown,
)
from trucewatch.records.batch import Batch
from trucewatch.records.sensor import SensorModel
from trucewatch.records.table import OBJECT, OBSERVATION, conform

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.records.source import Source

FAMILY = "arrivals"
SETTINGS: Mapping[str, str] = {"stations": "", "probability_min": "0"}
SETTINGS_HELP: Mapping[str, str] = {
    "stations": (
        "the stations, as ID LATITUDE LONGITUDE in degrees, with a semicolon or a line break "
        "between them, such as K1 45.10 -30.20; K2 45.30 -30.00; a pick of any other is refused"
    ),
    "probability_min": "least probability of a pick, 0 to 1; one below it is refused",
}

MODEL = SensorModel(
    detection_p=0.20,
    repeats_mean=0.0,  # a source is located once
    false_alarms_per_km2_day=5e-6,
    spread_m=0.0,  # the covariance of each located source holds the errors of the wave speeds
    spread_s=0.0,
    channel_gap_s=30.0,  # waves of one source arrive over about as long
    meaning_p={
        "arrival": {"undetermined": 1.0},
        "undetermined": {"undetermined": 0.9, "explosion_undetermined": 0.1},
    },
    source=(
        "assumed: the seismic sensor of the simulated world on which association was measured; "
        "the figures are of located sources, for single picks form no incident. Meaning: most "
        "located sources are earthquakes, quarry blasts or other work; not calibrated"
    ),
)

COLUMNS = (
    Column(name="time", spelled=("time",), required=True),
    Column(name="station", spelled=("station",), required=True),
    Column(name="phase", spelled=("phase",), required=True),
    Column(name="probability", spelled=("probability",), required=True),
)

PROBABILITY = Number(column="probability", to="pick_p", low=0, high=1, required=True)
SIGMA_S = {"P": 0.1, "S": 0.2}  # assumed, see above
TIME_FORM = r"^([12][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{1,6})?)"
UTC_FORM = r"(?:Z|\+00:00)$"
MICRO = 1e6  # keys hold probabilities in whole millionths: no spelling of a float to differ

FEATURES: Mapping[str, pl.DataType] = {
    "station_lat_deg": pl.Float64(),
    "station_lon_deg": pl.Float64(),
    "phase": pl.String(),
    "probability": pl.Float64(),
}

_ID, _DEGREES = "[A-Za-z0-9][A-Za-z0-9._-]*", r"-?[0-9]+(?:\.[0-9]+)?"
_STATION = re.compile(f"({_ID})[ \t]+({_DEGREES})[ \t]+({_DEGREES})")
_WHERE = "setting stations"


def read(raw: bytes, *, source: Source) -> Batch:
    r"""Return one observation for each pick of a known station, in file order.

    Args:
        raw: A CSV file with its header row.
        source: What the bytes are; its settings say where the stations are.

    Returns:
        Observations of class `arrival` without a place; the channel is the station. Settings that
        cannot be read are refused as `BadInput`.

    Example:
        >>> from datetime import UTC, datetime
        >>> from trucewatch.records.source import Source
        >>> logged_at = datetime(2030, 9, 2, tzinfo=UTC)
        >>> settings = {"stations": "K1 45.1 -30.2"}
        >>> source = Source(name="a", object="0" * 64, logged_at=logged_at, settings=settings)
        >>> head = b"time,station,phase,probability\n"
        >>> batch = read(head + b"2030-09-01T00:00:01.25Z,K1,P,0.5\n", source=source)
        >>> batch.observations["dedup_key"].item()
        'picks|2030-09-01T00:00:01.250000Z|K1|P|500000|0'
    """
    settings = {**SETTINGS, **source.settings}
    stations = _stations(settings["stations"])
    least = _least(settings["probability_min"])
    rows = read_rows(raw, COLUMNS)
    if isinstance(rows, Refusal):
        return refuse_file(rows, FEATURES)
    parsed = rows.table.join(
        stations, on="station", how="left", maintain_order="left"
    ).with_columns(PROBABILITY.parsed(), _time())
    accepted, refused = judge(parsed, _checks(stations.height, least, source))
    return Batch(
        observations=_observations(accepted, source),
        refused=join_refused(rows.refused, refused),
        missing=rows.missing,
    )


def _stations(text: str) -> pl.DataFrame:
    """Return `station` and its position, one row for each station in the setting.

    Raises:
        BadInput: An entry is no station, a position is not on Earth, or an id stands twice.
    """
    found: dict[str, tuple[float, float]] = {}
    for entry in filter(None, (part.strip() for part in re.split("[;\n]", text))):
        match = _STATION.fullmatch(entry)
        if match is None:
            raise BadInput(_WHERE, f"{entry!r} is no station, expected ID LATITUDE LONGITUDE")
        name, lat_deg, lon_deg = match[1], float(match[2]), float(match[3])
        if abs(lat_deg) > 90 or abs(lon_deg) > 180:  # noqa: PLR2004 - the poles, the antimeridian
            problem = f"{name} is at {lat_deg}, {lon_deg}, must be -90 to 90 and -180 to 180"
            raise BadInput(_WHERE, problem)
        if name in found:
            raise BadInput(_WHERE, f"{name} is given twice, expected once")
        found[name] = (lat_deg, lon_deg)
    rows = [(name, *place) for name, place in found.items()]
    schema = {"station": pl.String, "station_lat_deg": pl.Float64, "station_lon_deg": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _least(text: str) -> str:
    """Return the setting as it was written, once it is known to be a probability.

    Raises:
        BadInput: It is none.
    """
    if not re.fullmatch(r"[0-9]*\.?[0-9]+", text) or float(text) > 1:
        raise BadInput("setting probability_min", f"is {text!r}, must be 0 to 1")
    return text


def _time() -> pl.Expr:
    """Return the instant; null where the text is no UTC time."""
    said = pl.col("time").str.extract(TIME_FORM + UTC_FORM).str.replace(" ", "T", literal=True)
    parsed = said.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    return parsed.dt.replace_time_zone("UTC").alias("time_start")


def _checks(stations: int, least: str, source: Source) -> list[Check]:
    """Return what may be wrong with a row, in the order of the columns."""
    return [
        must_be(
            "time",
            "a UTC time such as 2030-09-01T00:00:01.25Z",
            bad=pl.col("time_start").is_null(),
        ),
        must_be(
            "station",
            f"one of the mission's {stations} stations",
            bad=pl.col("station_lat_deg").is_null(),
        ),
        must_be(
            "phase", "P or S", bad=~pl.col("phase").is_in(list(SIGMA_S)).fill_null(value=False)
        ),
        PROBABILITY.check(),
        Check(
            bad=pl.col("pick_p") < float(least),
            problem=pl.format(
                f"probability is {{}}, the mission asks for {least}", shown("probability")
            ),
        ),
        not_in_future(source),
    ]


def _observations(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Return accepted rows as a table of observations."""
    nowhere = ("lat_deg", "lon_deg", "cov_ee_m2", "cov_en_m2", "cov_nn_m2")
    table = rows.with_columns(
        _key(rows),
        pl.lit(source.object).cast(OBJECT).alias("object"),
        pl.lit("picks").alias("sensor"),
        pl.col("station").alias("channel"),
        pl.col("time_start").alias("time_end"),
        pl.col("phase").replace_strict(SIGMA_S, return_dtype=pl.Float64).alias("time_sigma_s"),
        *(pl.lit(None, pl.Float64).alias(name) for name in nowhere),
        pl.lit("arrival").alias("class"),
        pl.lit(None, pl.UInt32).alias("count_min"),
        pl.lit(None, pl.UInt32).alias("count_max"),
        pl.lit(None, pl.String).alias("count_qualifier"),
        pl.lit("B").alias("grade_source"),
        pl.lit("6").alias("grade_info"),  # of one pick alone, nothing can be judged
        pl.struct(
            "station_lat_deg", "station_lon_deg", "phase", pl.col("pick_p").alias("probability")
        ).alias("features"),
    )
    return conform(table, OBSERVATION)


def _key(rows: pl.DataFrame) -> pl.Series:
    """Return a key from what the row says, so that the same pick has it in any file."""
    at = pl.col("time_start").dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ").alias("at")
    micro = (pl.col("pick_p") * MICRO).round().cast(pl.Int64)
    keyed = rows.select(at, "station", "phase", micro)
    return number_repeats(keyed, "picks|{}|{}|{}|{}", keyed.columns)
