"""Picks in, located sources out: each source that the picks of a network share is one report.

A pick alone says nothing that an incident could hang on. `fuse.arrivals` puts picks together; here
each source that it finds becomes a report of the sensor `picks`, with the error of its place, and
its picks become that report's members. Its class is `undetermined`: an earthquake, a quarry blast
and a shell give arrivals alike.

A result hangs on the set of distinct picks alone, not on the files that brought them, their order
or how often a pick was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.errors import BadInput
from trucewatch.fuse.arrivals.error import errors
from trucewatch.fuse.arrivals.find import find
from trucewatch.fuse.arrivals.picks import Network, Picks
from trucewatch.geo.plane import Covariances
from trucewatch.records.table import OBJECT, OBSERVATION, TIME, conform, empty

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.fuse.arrivals.picks import Found
    from trucewatch.fuse.arrivals.settings import ArrivalSettings
    from trucewatch.geo.plane import Plane

ARRIVAL = "arrival"
SENSOR, CHANNEL = "picks", "network"
OF_NO_SOURCE = "pick of no located source"

MEMBERS: dict[str, pl.DataType] = {
    "dedup_key": pl.String(),
    "object": OBJECT,
    "row": pl.UInt32(),
}
UNLINKED: dict[str, pl.DataType] = {"object": OBJECT, "row": pl.UInt32(), "why": pl.String()}

_PHASES = {"P": 0, "S": 1}
_FEATURES = ("station_lat_deg", "station_lon_deg", "phase")
_SENT: dict[str, pl.DataType] = {
    "object": pl.String(),
    "row": pl.UInt32(),
    "dedup_key": pl.String(),
    "time_start": TIME,
    "channel": pl.String(),
    "station_lat_deg": pl.Float64(),
    "station_lon_deg": pl.Float64(),
    "phase": pl.String(),
}
_PICK = ("time_start", "channel", *_FEATURES)
_STATION = ("channel", "station_lat_deg", "station_lon_deg")
_US_PER_S = 1e6
_M_PER_KM = 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """What the picks of a table come to.

    Attributes:
        reports: `records.table.OBSERVATION`, one row per source, by dedup_key, which is `located:`
            and the least dedup_key of its picks; object and row are that pick's.
        members: `MEMBERS`, by dedup_key, then object (as text) and row: the picks of each report,
            copies in overlapping downloads included.
        unlinked: `UNLINKED`, by object (as text) and row: picks of no source.
    """

    reports: pl.DataFrame
    members: pl.DataFrame
    unlinked: pl.DataFrame


def locate_arrivals(
    observations: pl.DataFrame, *, plane: Plane, settings: ArrivalSettings
) -> Located:
    """Return a report for each source of the picks in an observation table.

    Stations that sent no pick are not asked: whether they were working is not known.

    Args:
        observations: `records.table.OBSERVATION` and `features`; only class `arrival` is looked at.
        plane: Where distances are measured.
        settings: Waves, stations, bounds.

    Returns:
        Reports, their members, and what is of no source. Refused as `BadInput`: a table without
        the columns and features of picks, and the first pick without time, key, phase or station.
    """
    sent = _sent(observations)
    _check(sent)
    if sent.is_empty():
        return Located(reports=empty(OBSERVATION), members=empty(MEMBERS), unlinked=empty(UNLINKED))
    picks = sent.unique("dedup_key", keep="first", maintain_order=True)
    heard, network = _heard(picks, plane)
    found = find(heard, network, settings)
    owner = pl.Series("source", found.owner)
    picks = picks.with_columns(pl.when(owner >= 0).then(owner).alias("source"))
    sent = sent.join(picks.select("dedup_key", "source"), on="dedup_key", how="left")
    first_us = picks["time_start"].dt.timestamp("us").min()
    placed = _placed(found, errors(found, heard, network, settings), plane)
    origin_us = (pl.col("time_s") * _US_PER_S).round().cast(pl.Int64) + first_us
    reports = (
        _least(sent)
        .join(placed, on="source", how="left")
        .with_columns(origin_us.cast(pl.Datetime("us", "UTC")).alias("time_start"))
    )
    return _located(sent, reports)


def _sent(observations: pl.DataFrame) -> pl.DataFrame:
    """Return the arrivals by dedup_key and what they say, then object and row.

    Raises:
        BadInput: A column or a feature is missing.
    """
    try:
        arrivals = observations.filter(pl.col("class") == ARRIVAL)
        if arrivals.is_empty():
            return empty(_SENT)
        place = (pl.col("features").struct.field(name) for name in _FEATURES)
        own = (name for name in _SENT if name not in _FEATURES)
        table = arrivals.select(*own, *place).cast(pl.Schema(_SENT))
    except pl.exceptions.PolarsError as error:
        found = str(error).partition("\n")[0]
        raise BadInput("observations", f"{found}, expected the columns of picks") from error
    return table.sort("dedup_key", *_PICK, "object", "row")


def _check(sent: pl.DataFrame) -> None:
    """Refuse the table for its first pick, by object and row, that cannot be used.

    Raises:
        BadInput: There is such a pick.
    """
    said = pl.all_horizontal(pl.col("dedup_key", "time_start", "channel").is_not_null())
    lat_deg, lon_deg = pl.col("station_lat_deg"), pl.col("station_lon_deg")
    on_earth = lat_deg.is_between(-90, 90) & lon_deg.is_between(-180, 180)
    for right, problem in (
        (said, "time is {time_start}, channel {channel!r}, key {dedup_key!r}, expected all three"),
        (pl.col("phase").is_in(list(_PHASES)), "phase is {phase!r}, must be P or S"),
        (
            on_earth,
            "station is at {station_lat_deg} N, {station_lon_deg} E, "
            "expected -90 to 90 and -180 to 180",
        ),
    ):
        broken = sent.filter(~right.fill_null(value=False))
        if broken.height:
            first = broken.sort("object", "row").row(0, named=True)
            where = f"observation {first['object'][:12]}:{first['row']}"
            raise BadInput(where, problem.format(**first))


def _heard(picks: pl.DataFrame, plane: Plane) -> tuple[Picks, Network]:
    """Return the picks as numbers, and the stations that sent them in the plane.

    A station that stood in two places is two stations.
    """
    stations = picks.select(_STATION).unique().sort(_STATION).with_row_index("station")
    x_m, y_m = plane.project(
        stations["station_lon_deg"].to_numpy(), stations["station_lat_deg"].to_numpy()
    )
    time_us = picks["time_start"].dt.timestamp("us")
    station = picks.join(stations, on=_STATION, how="left", maintain_order="left")["station"]
    heard = Picks(
        station=station.cast(pl.Int32).to_numpy(),
        phase=picks["phase"].replace_strict(_PHASES, return_dtype=pl.Int8).to_numpy(),
        time_s=((time_us - time_us.min()) / _US_PER_S).to_numpy(),
    )
    return heard, Network(place_km=np.column_stack([x_m, y_m]) / _M_PER_KM)


def _placed(found: Found, covariance: NDArray[np.float64], plane: Plane) -> pl.DataFrame:
    """Return place, its covariance, time and its error, one row per source."""
    lon_deg, lat_deg = plane.unproject(*(found.place_km.T * _M_PER_KM).copy())
    in_plane = Covariances(
        xx_m2=covariance[:, 0, 0] * _M_PER_KM**2,
        xy_m2=covariance[:, 0, 1] * _M_PER_KM**2,
        yy_m2=covariance[:, 1, 1] * _M_PER_KM**2,
    )
    error = plane.to_east_north(lon_deg, lat_deg, in_plane)
    return pl.DataFrame(
        {
            "source": np.arange(len(found.time_s)),
            "time_s": found.time_s,
            "time_sigma_s": np.sqrt(covariance[:, 2, 2]),
            "lat_deg": lat_deg,
            "lon_deg": lon_deg,
            "cov_ee_m2": error.xx_m2,
            "cov_en_m2": error.xy_m2,
            "cov_nn_m2": error.yy_m2,
        }
    )


def _least(sent: pl.DataFrame) -> pl.DataFrame:
    """Return `source`, and key, object and row of its least pick."""
    ordered = sent.filter(pl.col("source").is_not_null()).sort("dedup_key", "object", "row")
    least = ordered.unique("source", keep="first", maintain_order=True)
    key = pl.format("located:{}", "dedup_key").alias("dedup_key")
    return least.select("source", key, "object", "row")


def _located(sent: pl.DataFrame, reports: pl.DataFrame) -> Located:
    table = reports.with_columns(
        pl.lit(SENSOR).alias("sensor"),
        pl.lit(CHANNEL).alias("channel"),
        pl.col("time_start").alias("time_end"),
        pl.lit("undetermined").alias("class"),
        pl.lit(None, pl.UInt32).alias("count_min"),
        pl.lit(None, pl.UInt32).alias("count_max"),
        pl.lit(None, pl.String).alias("count_qualifier"),
        pl.lit("B").alias("grade_source"),
        pl.lit("2").alias("grade_info"),  # several stations agree, but one program picked at all
    )
    named = reports.select("source", pl.col("dedup_key").alias("report"))
    members = (
        sent.join(named, on="source", how="inner")
        .sort("report", "object", "row")
        .select(pl.col("report").alias("dedup_key"), pl.col("object").cast(OBJECT), "row")
    )
    free = sent.filter(pl.col("source").is_null()).sort("object", "row")
    return Located(
        reports=conform(table.sort("dedup_key"), OBSERVATION),
        members=members,
        unlinked=free.select(
            pl.col("object").cast(OBJECT), "row", pl.lit(OF_NO_SOURCE).alias("why")
        ),
    )
