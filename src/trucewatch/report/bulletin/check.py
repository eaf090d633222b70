"""Whether the material of a bulletin holds together; every refusal says what and where."""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from trucewatch.errors import BadInput
from trucewatch.records.assessment import Outcome
from trucewatch.records.happening import HAPPENINGS
from trucewatch.records.table import ASSESSMENT, INCIDENT
from trucewatch.report.bulletin.check_watching import check_watching
from trucewatch.report.bulletin.wording import quote
from trucewatch.report.material import REPORT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from trucewatch.report.material import Material

_LISTED_MAX = 20
_CORNERS_MIN = 3
_ROOT = re.compile(r"[0-9a-f]{64}")
_NEEDED = ("id", "time", "time_start", "time_end", "class", "class_p", "real_p", "members", "state")
_PLACE = pl.col("lat_deg"), pl.col("lon_deg")
_COVARIANCE = tuple(pl.col(f"cov_{axes}_m2") for axes in ("ee", "en", "nn"))
# Column, what must not be, and the words for it; a null passes where the schema allows one.
_LIMITS: tuple[tuple[str, pl.Expr, str], ...] = (
    ("id", pl.col("id").is_duplicated(), "stands twice, expected each once"),
    ("real_p", ~pl.col("real_p").is_between(0, 1), "is no probability, must be 0 to 1"),
    ("lat_deg", ~_PLACE[0].is_between(-90, 90), "is no latitude, must be -90 to 90"),
    ("lon_deg", ~_PLACE[1].is_between(-180, 180), "is no longitude, must be -180 to 180"),
    ("lat_deg", _PLACE[0].is_null() != _PLACE[1].is_null(), "stands without its longitude"),
    ("cov_ee_m2", ~(_COVARIANCE[0].is_finite() & (_COVARIANCE[0] >= 0)), "must be 0 or more"),
    ("cov_en_m2", ~_COVARIANCE[1].is_finite(), "must be finite"),
    ("cov_nn_m2", ~(_COVARIANCE[2].is_finite() & (_COVARIANCE[2] >= 0)), "must be 0 or more"),
    ("time_end", pl.col("time_end") < pl.col("time_start"), "is before its time_start"),
)


def check(material: Material) -> ZoneInfo:
    """Return the zone in which times are shown, once all of the material has passed.

    Raises:
        BadInput: A field or a table is not what `material` promises.
    """
    if material.level not in {"public", "mission"}:
        raise BadInput("level", f"is {material.level!r}, expected 'public' or 'mission'")
    if material.number < 1:
        raise BadInput("number", f"is {material.number}, expected 1 or more")
    _check_window(material)
    _check_root(material)
    _check_refused(material)
    _check_zones(material)
    _check_columns("reports", material.reports, REPORT_COLUMNS)
    _check_assessments(material)
    _check_incidents("incidents", material.incidents, (material.window_start, material.window_end))
    _check_incidents(
        "previous", material.previous, (material.previous_start, material.window_start)
    )
    if material.watching is not None:
        check_watching(material.watching)
    return _zone(material.time_zone)


def _check_window(material: Material) -> None:
    for name, instant in (
        ("window_start", material.window_start),
        ("window_end", material.window_end),
    ):
        if instant.tzinfo is None:
            raise BadInput(name, f"{instant.isoformat()} has no time zone, expected an aware time")
    if material.window_end <= material.window_start:
        problem = f"is {material.window_end}, expected later than {material.window_start}"
        raise BadInput("window_end", problem)


def _check_root(material: Material) -> None:
    if material.input_size < 1:
        problem = f"is {material.input_size}, expected 1 or more"
        raise BadInput("input_size", problem)
    if not _ROOT.fullmatch(material.input_root):
        raise BadInput(
            "input_root", f"is {material.input_root!r}, expected 64 lowercase hex digits"
        )


def _check_refused(material: Material) -> None:
    listed = len(material.refused)
    if listed > _LISTED_MAX or material.refused_n < listed:
        problem = f"lists {listed} of {material.refused_n}, expected at most {_LISTED_MAX} of them"
        raise BadInput("refused", problem)


def _check_zones(material: Material) -> None:
    for zone in material.zones:
        if len(set(zone.ring_deg)) < _CORNERS_MIN:
            problem = (
                f"ring has {len(set(zone.ring_deg))} corners, expected at least {_CORNERS_MIN}"
            )
            where = f"zones.{zone.id}"
            raise BadInput(where, problem)


def _check_assessments(material: Material) -> None:
    table = material.assessments
    _check_columns("assessments", table, ASSESSMENT)
    _check_known("assessments.outcome", table["outcome"], set(Outcome))
    key = ("subject_kind", "subject", "rule", "agreement_version", "measured_from")
    twice = table.filter(pl.struct(key).is_duplicated())
    if twice.height:
        problem = f"{twice['subject'][0]} has several for {twice['rule'][0]}, expected one"
        raise BadInput("assessments", problem)
    for rule in material.rules:
        if quote(rule.id, limit=40) != rule.id:
            problem = f"id is {rule.id!r}, expected at most 40 plain characters"
            raise BadInput("rules", problem)
    _check_known("assessments.rule", table["rule"], {rule.id for rule in material.rules})


def _check_columns(name: str, table: pl.DataFrame, columns: Iterable[str]) -> None:
    if missing := [column for column in columns if column not in table.columns]:
        problem = f"columns are {table.columns}, expected also {missing}"
        raise BadInput(name, problem)


def _check_known(name: str, values: pl.Series, known: Iterable[str]) -> None:
    if strange := sorted({str(value) for value in values.unique()} - set(known)):
        raise BadInput(name, f"is {strange[0]!r}, expected one of {', '.join(sorted(known))}")


def _check_incidents(name: str, table: pl.DataFrame, window: tuple[datetime, datetime]) -> None:
    _check_columns(name, table, INCIDENT)
    for column in _NEEDED:
        if nulls := table[column].null_count():
            where, problem = f"{name}.{column}", f"{nulls} rows are null, expected a value in each"
            raise BadInput(where, problem)
    _check_known(f"{name}.class", table["class"], HAPPENINGS)
    for column, broken, words in (*_LIMITS, _outside(window)):
        rows = table.filter(broken)
        if rows.height:
            where = f"{name}.{column}"
            problem = f"{rows[column][0]} of {rows['id'][0]} {words}"
            raise BadInput(where, problem)
    for incident, text in table.select("id", "class_p").iter_rows():
        _check_shares(f"{name}.class_p", incident, text)


def _outside(window: tuple[datetime, datetime]) -> tuple[str, pl.Expr, str]:
    start, end = (instant.astimezone(UTC) for instant in window)
    broken = (pl.col("time") < start) | (pl.col("time") >= end)
    return "time", broken, f"is outside the window, expected from {start} to before {end}"


def _check_shares(where: str, incident: str, text: str) -> None:
    try:
        shares = json.loads(text)
        good = all(0 <= share <= 1 for share in shares.values())
    except (ValueError, TypeError, AttributeError, RecursionError):
        good = False
    if not good:
        problem = f"{text!r} of {incident} is not readable, expected a JSON object of probabilities"
        raise BadInput(where, problem)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput("time_zone", f"is {name!r}, expected an IANA zone") from error
