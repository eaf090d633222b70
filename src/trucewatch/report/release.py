"""The release table: incidents as they are released, and all that a bulletin may count.

A bulletin's numbers are functions of these rows, so that an outsider who has only the table can
count again.

The public grid does not move with what is in it. Rows are 1/110 degree of latitude high (about
1.01 km), counted from the south pole; each row has floor(39600 cos(latitude of its middle))
columns, counted from 180 degrees west, so that a cell is at least 1 km wide as well. A place is
released as the centre of its cell, and values that hang closely on the place are cut: no
covariance, no P(inside), probabilities to three decimals. Two still hang on it: the outcome of a
rule near the edge of its zone, and the id, with which a guess can be confirmed.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.canonical import canonical
from trucewatch.records.instant import instant_text
from trucewatch.records.table import ASSESSMENT, INCIDENT

if TYPE_CHECKING:
    from trucewatch.report.material import Material, ReleaseLevel

VERSION = 1
_ROWS_PER_DEG = 110
_ROWS = 180 * _ROWS_PER_DEG
_COLUMNS_AT_EQUATOR = 360 * _ROWS_PER_DEG
_CHI2_95 = 5.991464547107979  # 95 % quantile of chi squared, 2 degrees of freedom
_PLACES_P = 3  # decimals of a public probability; more would be a fingerprint of the place
_LIMITS_P = (0.001, 0.999)  # a rounded probability never turns into a certainty

SHARED = (
    "window", "id", "tier", "time", "time_start", "time_end", "lat_deg", "lon_deg", "error_km",
    "class", "class_p", "real_p", "members", "independent",
    "count_min", "count_max", "count_qualifier", "state",
)  # fmt: skip
"""Columns that everybody sees."""

MISSION = ("time_sigma_s", "cov_ee_m2", "cov_en_m2", "cov_nn_m2", "priority", "episode", "sensors")
"""Columns that level mission has besides."""

_TIMES = ("time", "time_start", "time_end")
_ASSESSED = ("incident", "rule", "agreement_version", "outcome", "why")


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What is released of one bulletin.

    Attributes:
        incidents: One row each, sorted by window, time, id. `window` is `current` or `previous`;
            `error_km` is the long half-axis of the 95 % ellipse, rounded up; the rest is named as
            in `records.table.INCIDENT`. Level mission keeps the columns that public leaves out.
        assessments: Rows of these incidents, sorted by incident, rule, agreement version; named as
            in `records.table.ASSESSMENT`, its subject `incident`. What was assessed besides stays
            in the mission. `inside_p` is there at level mission alone.
        level: What was released for whom.
        exercise: Whether each line carries EXERCISE.
    """

    incidents: pl.DataFrame
    assessments: pl.DataFrame
    level: ReleaseLevel
    exercise: bool


def release(material: Material) -> Released:
    """Return the material's incidents and assessments as its level releases them."""
    both = pl.concat(
        [
            material.incidents.with_columns(window=pl.lit("current")),
            material.previous.with_columns(window=pl.lit("previous")),
        ]
    ).with_columns(error_km=_error_km())
    assessed = [*_ASSESSED]
    if material.level == "public":
        incidents = _coarse(both).select(SHARED)
    else:
        incidents = both.select(*SHARED, *MISSION)
        assessed.append("inside_p")
    assessments = (
        material.assessments.filter(pl.col("subject_kind") == "incident")
        .rename({"subject": "incident"})
        .join(incidents, left_on="incident", right_on="id", how="semi")
    )
    return Released(
        incidents=incidents.sort("window", "time", "id"),
        assessments=assessments.select(assessed).sort(
            "incident", "rule", "agreement_version", maintain_order=True
        ),
        level=material.level,
        exercise=material.exercise,
    )


def coarse(incidents: pl.DataFrame) -> pl.DataFrame:
    """Return incidents as the public may see them: `SHARED` without `window`, in the same order.

    Args:
        incidents: `records.table.INCIDENT`, already under the names that the public gets.
    """
    told = _coarse(incidents.with_columns(error_km=_error_km()))
    return told.select(name for name in SHARED if name != "window")


def cell_centre(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with `lat_deg` and `lon_deg` moved to the centre of their grid cell.

    WGS 84 degrees to six decimals; a row without a place stays without one.

    Example:
        >>> cell_centre(pl.DataFrame({"lat_deg": [48.7481], "lon_deg": [26.6074]})).row(0)
        (48.75, 26.6036)
    """
    row = ((pl.col("lat_deg") + 90) * _ROWS_PER_DEG).floor().clip(0, _ROWS - 1)
    middle = (row + 0.5) / _ROWS_PER_DEG - 90
    columns = (middle.radians().cos() * _COLUMNS_AT_EQUATOR).floor().clip(1)
    column = ((pl.col("lon_deg") + 180) / 360 * columns).floor() % columns
    return table.with_columns(
        lat_deg=middle.round(6), lon_deg=((column + 0.5) / columns * 360 - 180).round(6)
    )


def shown_at(lat_deg: float, lon_deg: float, level: ReleaseLevel) -> tuple[float, float]:
    """Return the latitude and longitude that a level may show of a place, WGS 84 degrees."""
    if level == "mission":
        return lat_deg, lon_deg
    moved = cell_centre(pl.DataFrame({"lat_deg": [lat_deg], "lon_deg": [lon_deg]}))
    return moved["lat_deg"].item(), moved["lon_deg"].item()


def cell_ring(lat_deg: float, lon_deg: float) -> tuple[tuple[float, float], ...]:
    """Return the corners (lon, lat) of the grid cell whose centre is given, from the south-west.

    WGS 84 degrees to six decimals, counter-clockwise.
    """
    up = 0.5 / _ROWS_PER_DEG
    columns = max(1, math.floor(math.cos(math.radians(lat_deg)) * _COLUMNS_AT_EQUATOR))
    over = 180 / columns
    south, north = round(lat_deg - up, 6), round(lat_deg + up, 6)
    west, east = round(lon_deg - over, 6), round(lon_deg + over, 6)
    return ((west, south), (east, south), (east, north), (west, north))


def lines(released: Released) -> bytes:
    """Return the release table: one canonical JSON object per line, one line per incident.

    Each has `v`, `level`, the columns of `Released.incidents` with `class_p` as an object and times
    as RFC 3339 text, and `assessments`, a list; in an exercise also `notice`.
    """
    told: dict[str, list[dict[str, object]]] = {}
    for row in released.assessments.to_dicts():
        told.setdefault(row.pop("incident"), []).append(row)
    fixed: dict[str, object] = {"v": VERSION, "level": released.level}
    if released.exercise:
        fixed["notice"] = "EXERCISE"
    made = [
        fixed | _json_row(row) | {"assessments": told.get(row["id"], [])}
        for row in released.incidents.to_dicts()
    ]
    return b"".join(canonical(row) + b"\n" for row in made)


def read_released(content: bytes, *, of: Material) -> Released:
    """Return what `lines` wrote, for a material of the same level; its forms are not checked.

    `counting.table.read_table` checks them.
    """
    columns = [*SHARED] if of.level == "public" else [*SHARED, *MISSION]
    incidents, assessed = [], []
    for line in content.splitlines():
        row = json.loads(line)
        assessed += [{"incident": row["id"], **one} for one in row["assessments"]]
        times = {name: datetime.fromisoformat(row[name]) for name in _TIMES}
        incidents.append(row | times | {"class_p": canonical(row["class_p"]).decode()})
    types = {"window": pl.String(), "error_km": pl.UInt32(), **INCIDENT}
    told = [*_ASSESSED, *(() if of.level == "public" else ("inside_p",))]
    return Released(
        incidents=pl.DataFrame(incidents, schema={name: types[name] for name in columns}),
        assessments=pl.DataFrame(
            assessed, schema={name: ASSESSMENT.get(name, pl.String()) for name in told}
        ),
        level=of.level,
        exercise=of.exercise,
    )


def _json_row(row: dict[str, object]) -> dict[str, object]:
    instants: dict[str, datetime] = {name: row[name] for name in _TIMES}  # type: ignore[misc]
    texts = {name: instant_text(value) for name, value in instants.items()}
    return row | texts | {"class_p": json.loads(str(row["class_p"]))}


def _error_km() -> pl.Expr:
    east, cross, north = (pl.col(f"cov_{axes}_m2") for axes in ("ee", "en", "nn"))
    half = (((east - north) / 2) ** 2 + cross**2).sqrt()
    longest_m = (((east + north) / 2 + half) * _CHI2_95).sqrt()
    return (longest_m / 1000).ceil().cast(pl.UInt32)


def _coarse(incidents: pl.DataFrame) -> pl.DataFrame:
    return cell_centre(incidents).with_columns(
        time=pl.col("time").dt.truncate("1m"),
        time_start=pl.col("time_start").dt.truncate("1m"),
        time_end=(pl.col("time_end") + pl.duration(microseconds=59_999_999)).dt.truncate("1m"),
        real_p=pl.col("real_p").round(_PLACES_P).clip(*_LIMITS_P),
        class_p=pl.Series([_rounded(text) for text in incidents["class_p"]], dtype=pl.String),
    )


def _rounded(class_p: str) -> str:
    shares = json.loads(class_p)
    return canonical({kind: _rounded_p(share) for kind, share in shares.items()}).decode()


def _rounded_p(share_p: float) -> float:
    low, high = _LIMITS_P
    return min(max(round(share_p, _PLACES_P), low), high) if 0 < share_p < 1 else share_p
