"""The distinct reports that may form incidents, in the one order that everything else keeps.

Overlapping downloads repeat reports. Of those with one dedup_key one speaks for all; the others
become members with it and add no evidence. Where they differ, as a first and a reprocessed download
may, the most precise speaks: smallest position error, then time error, then whatever else it says,
in the order of the columns. The order of reports is (tier, time, dedup_key). Both hang on what was
said, not on the files that brought it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.table import OBSERVATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trucewatch.fuse.settings import FusionSettings
    from trucewatch.records.sensor import SensorModel

NO_PLACE = "names no place"
FORMS_NONE = "reports of this class form no incident"
PRECISE, IMPRECISE = 0, 1
_SAID = tuple(name for name in OBSERVATION if name not in {"object", "row"})
_PLACE = ("lat_deg", "lon_deg", "cov_ee_m2", "cov_en_m2", "cov_nn_m2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Distinct:
    """The observations, sorted out.

    Attributes:
        reports: One row per dedup_key, canonical order: the observation columns and `distinct` (its
            number, u32), `tier`, `middle_us` (i64), `s2_m2` and `u2_s2` (variance per axis and of
            time, the sensor's spread included, scaled as the mission says by `space_ratio` and
            `time_ratio`), and `features` where the observations have them.
        copies: `distinct`, `object`, `row` of every observation that forms an incident.
        unlinked: `object`, `row`, `why` of every other one.
    """

    reports: pl.DataFrame
    copies: pl.DataFrame
    unlinked: pl.DataFrame


def distinct(
    observations: pl.DataFrame, *, models: Mapping[str, SensorModel], settings: FusionSettings
) -> Distinct:
    """Return the distinct reports of an observation table.

    Raises:
        BadInput: The table lacks a column, or a row breaks the contract of
            `records.observation` or speaks of a sensor without a model.
    """
    try:
        features = [pl.col(name) for name in ("features",) if name in observations.columns]
        table = observations.select(
            *(pl.col(name).cast(kind) for name, kind in OBSERVATION.items()), *features
        )
    except pl.exceptions.PolarsError as error:
        problem = f"{error}, expected the columns of the Observation table"
        raise BadInput("observations", problem) from error
    table = table.with_columns(_object_order(table), why=_why_unlinked())
    _check(table, models)
    unlinked = table.filter(pl.col("why").is_not_null()).sort("object_order", "row")
    linked = table.filter(pl.col("why").is_null()).drop("why")
    linked = _with_errors(linked, models, settings)
    _check_errors(linked)
    reports = _speaking(linked).sort("tier", "time_start", "dedup_key").with_row_index("distinct")
    copies = linked.join(reports.select("dedup_key", "distinct"), on="dedup_key", how="left")
    return Distinct(
        reports=reports.drop("object_order"),
        copies=copies.select("distinct", "object", "row"),
        unlinked=unlinked.select("object", "row", "why"),
    )


def _object_order(table: pl.DataFrame) -> pl.Expr:
    """Number the objects by their text, so that the order of files does not matter."""
    names = table["object"].unique().cast(pl.String).sort()
    return pl.col("object").cast(pl.String).cast(pl.Enum(names)).to_physical().alias("object_order")


def _why_unlinked() -> pl.Expr:
    kinds = [name for name, kind in HAPPENINGS.items() if not kind.forms_incident]
    return (
        pl.when(pl.col("class").is_in(kinds))
        .then(pl.lit(FORMS_NONE))
        .when(pl.col("lat_deg").is_null() | pl.col("lon_deg").is_null())
        .then(pl.lit(NO_PLACE))
    )


def _with_errors(
    table: pl.DataFrame, models: Mapping[str, SensorModel], settings: FusionSettings
) -> pl.DataFrame:
    """Add tier, the middle of the interval, and the variances with the sensor's spread."""
    once = (1.0, 1.0)
    spreads = pl.DataFrame(
        [
            (name, model.spread_m**2, model.spread_s**2, *settings.sigma_scale.get(name, once))
            for name, model in models.items()
        ],
        schema={"sensor": pl.String}
        | dict.fromkeys(("spread_m2", "spread_s2", "space_ratio", "time_ratio"), pl.Float64),
        orient="row",
    )
    start_us = pl.col("time_start").dt.timestamp("us")
    end_us = pl.col("time_end").dt.timestamp("us")
    imprecise = (
        pl.col("sensor").is_in(list(settings.imprecise_sensors))
        | (pl.col("s2_m2") > settings.precise_sigma_m_max**2)
        | (pl.col("u2_s2") > settings.precise_sigma_s_max**2)
    )
    return (
        table.join(spreads, on="sensor", how="left")
        .with_columns(
            middle_us=start_us + (end_us - start_us) // 2,
            s2_m2=((pl.col("cov_ee_m2") + pl.col("cov_nn_m2")) / 2 + pl.col("spread_m2"))
            * pl.col("space_ratio") ** 2,
            u2_s2=(pl.col("time_sigma_s") ** 2 + pl.col("spread_s2")) * pl.col("time_ratio") ** 2,
        )
        .with_columns(
            tier=pl.when(imprecise).then(IMPRECISE).otherwise(PRECISE).cast(pl.UInt8),
        )
    )


def _speaking(linked: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each dedup_key, in no order."""
    repeated = pl.col("dedup_key").is_duplicated()
    of_several = (
        linked.filter(repeated)
        .sort("s2_m2", "u2_s2", *_SAID, "object_order", "row")
        .unique("dedup_key", keep="first", maintain_order=True)
    )
    return pl.concat([linked.filter(~repeated), of_several])


def _refuse(table: pl.DataFrame, broken: pl.Expr, problem: str) -> None:
    """Refuse the table for its first row, by object and row, that breaks a rule.

    Raises:
        BadInput: There is such a row.
    """
    found = table.filter(broken.fill_null(value=True))
    if found.height:
        first = found.sort("object_order", "row").row(0, named=True)
        where = f"observation {str(first['object'])[:12]}:{first['row']}"
        raise BadInput(where, problem.format(**first))


def _check(table: pl.DataFrame, models: Mapping[str, SensorModel]) -> None:
    twice = pl.struct("object_order", "row").is_duplicated()
    _refuse(table, twice, "is given twice, expected once")
    known = pl.col("class").is_in(list(HAPPENINGS))
    _refuse(table, ~known, "class is {class!r}, expected a known kind")
    _refuse(
        table,
        ~pl.col("sensor").is_in(list(models)),
        f"sensor is {{sensor!r}}, expected one with a model: {', '.join(sorted(models))}",
    )
    meant = pl.concat_str("sensor", pl.lit("\n"), "class").is_in(
        [f"{name}\n{reported}" for name, model in models.items() for reported in model.meaning_p]
    )
    placed = pl.col("why").is_null()
    _refuse(table, placed & ~meant, "sensor {sensor} gives class {class!r} no meaning")
    _refuse(
        table,
        ~(pl.col("time_start") <= pl.col("time_end")),
        "time runs from {time_start} to {time_end}, expected start before end",
    )
    _refuse(table, pl.col("dedup_key").is_null(), "dedup_key is null, expected text")
    on_earth = pl.col("lat_deg").is_between(-90, 90) & pl.col("lon_deg").is_between(-180, 180)
    _refuse(
        table,
        placed & ~on_earth.fill_null(value=False),
        "place is {lat_deg} N, {lon_deg} E, expected -90 to 90 and -180 to 180",
    )
    ee, en, nn = (pl.col(name) for name in _PLACE[2:])
    definite = (ee > 0) & (nn > 0) & (ee * nn > en**2) & ee.is_finite() & nn.is_finite()
    _refuse(
        table,
        placed & ~definite.fill_null(value=False),
        "covariance is {cov_ee_m2}, {cov_en_m2}, {cov_nn_m2} m2, expected positive definite",
    )


def _check_errors(linked: pl.DataFrame) -> None:
    known = pl.col("u2_s2").is_finite() & (pl.col("u2_s2") > 0)
    _refuse(linked, ~known, "time error is {time_sigma_s} s, expected one above 0")
