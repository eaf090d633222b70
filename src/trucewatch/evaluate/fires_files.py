"""Files for the evaluation of fires: fires, incidents that somebody geolocated, grids of places.

Every file is plain or packed CSV with a header. A row that cannot be read stops the evaluation, for
a score over some of the rows would be a score of something else.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput
from trucewatch.evidence.unpack import unpack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

_FIRES: Mapping[str, tuple[str, ...]] = {
    "date": ("acq_date",),
    "lat_deg": ("latitude",),
    "lon_deg": ("longitude",),
}
_FIRES_MORE: Mapping[str, str] = {
    "frp": "frp_mw",
    "acq_time": "acq_time",
    "confidence": "confidence",
    "scan": "scan_km",
    "daynight": "daynight",
}
_INCIDENTS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "datetime", "date_start"),
    "lat_deg": ("lat", "latitude"),
    "lon_deg": ("lon", "longitude"),
}
_WORDS = ("event_group", "brief description", "title")
_EXPLOSIVE = (
    "shell|strike|explos|missile|rocket|bomb|fire|burn|artiller|destroy|damage|attack|clash|"
    "fight|munition"
)
"""What a title, a group or a description has to say for an incident to count.

Source: the trial in which the score was first measured; incidents without such words are graves,
arrests, convoys and the like, which set nothing on fire.
"""
_LETTERS = ("S", "D", "A", "F")
_LABELS = "airstrike|artillery|uav|firefigh"
_PRECISE = 1
"""UCDP codes of an exact place and an exact day."""


def fires(files: Mapping[str, bytes]) -> pl.DataFrame:
    """Return the fire pixels of all files.

    Returns:
        `date`, `lat_deg`, `lon_deg`, and where every file has them `frp_mw`, `acq_time`,
        `confidence`, `scan_km`, `daynight`.

    Raises:
        BadInput: A column is missing, or a date or a coordinate cannot be read.
    """
    tables = [_fires(raw, name) for name, raw in files.items()]
    if not tables:
        raise BadInput("--fires", "is missing, expected files of fire pixels")
    shared = [c for c in tables[0].columns if all(c in t.columns for t in tables)]
    return pl.concat([table.select(shared) for table in tables])


def incidents(raw: bytes, name: str, *, since: date | None = None) -> pl.DataFrame:
    """Return where and when something burned or exploded, each place once a day.

    With words (`title`, `brief description`, `event_group`) only those that name fire or force
    count; with `type` only airstrike, drone, artillery, firefight; with `event_type` likewise;
    with UCDP's precision codes only exact places and days. Without any of these all count.

    Args:
        raw: The file.
        name: Of the file, for errors.
        since: First day that counts.

    Returns:
        `date`, `lat_deg`, `lon_deg`, in file order.

    Raises:
        BadInput: A column is missing, a value cannot be read, or nothing is left.
    """
    table = _read(raw, name)
    placed = _placed(table, name, _INCIDENTS)
    kept = placed.filter(_counts(table))
    if since is not None:
        kept = kept.filter(pl.col("date") >= since)
    if kept.is_empty():
        raise BadInput(name, "has no incident that counts, expected one with fire or force")
    return kept.unique(["date", "lat_deg", "lon_deg"], maintain_order=True)


def table(raw: bytes, name: str, numbers: Sequence[str]) -> pl.DataFrame:
    """Return a file of a grid or of weather, the columns named as numbers, the others as text.

    A number that is missing or no number is null: these grids have gaps at the sea.

    Args:
        raw: The file.
        name: Of the file, for errors.
        numbers: Columns that have to be there.

    Raises:
        BadInput: A column is missing.
    """
    read = _read(raw, name)
    for column in numbers:
        if column not in read.columns:
            raise BadInput(name, f"has no column {column}, expected {', '.join(numbers)}")
    cast = [pl.col(c).str.strip_chars().cast(pl.Float64, strict=False) for c in numbers]
    return read.with_columns(cast)


def _fires(raw: bytes, name: str) -> pl.DataFrame:
    read = _read(raw, name)
    placed = _placed(read, name, _FIRES)
    more = {theirs: ours for theirs, ours in _FIRES_MORE.items() if theirs in read.columns}
    kept = read.select(list(more)).rename(more)
    floats = [
        pl.col(c).cast(pl.Float64, strict=False) for c in kept.columns if c.endswith(("_mw", "_km"))
    ]
    return pl.concat([placed, kept.with_columns(floats)], how="horizontal")


def _read(raw: bytes, name: str) -> pl.DataFrame:
    """Return a file as a table of text.

    Raises:
        BadInput: It is no CSV.
    """
    try:
        return pl.read_csv(io.BytesIO(unpack(raw, name=name)), infer_schema=False)
    except pl.exceptions.PolarsError as error:
        problem = f"is no table, expected CSV with a header ({str(error).splitlines()[0]})"
        raise BadInput(name, problem) from error


def _placed(
    table: pl.DataFrame, name: str, spellings: Mapping[str, tuple[str, ...]]
) -> pl.DataFrame:
    """Return date and place of every row.

    Raises:
        BadInput: A column is missing, or a value cannot be read.
    """
    found = {}
    for ours, theirs in spellings.items():
        there = [column for column in theirs if column in table.columns]
        if not there:
            raise BadInput(name, f"has no column {theirs[0]}, expected one")
        found[ours] = there[0]
    text = {ours: pl.col(theirs).str.strip_chars() for ours, theirs in found.items()}
    days = text["date"].str.replace_all("-", "").str.slice(0, 8)
    placed = table.select(
        days.str.to_date("%Y%m%d", strict=False).alias("date"),
        text["lat_deg"].cast(pl.Float64, strict=False).alias("lat_deg"),
        text["lon_deg"].cast(pl.Float64, strict=False).alias("lon_deg"),
    )
    whole = (
        pl.col("date").is_not_null()
        & pl.col("lat_deg").is_between(-90, 90)
        & pl.col("lon_deg").is_between(-180, 180)
    )
    bad = placed.with_row_index().filter(~whole.fill_null(value=False))
    if len(bad):
        row = int(bad["index"][0])
        problem = f"row {row + 1} has no day or no place on the globe, expected both"
        raise BadInput(name, problem)
    return placed


def _counts(table: pl.DataFrame) -> pl.Series:
    """Return which rows name fire or force, by the columns that there are."""
    words = [column for column in _WORDS if column in table.columns]
    counts = pl.lit(value=True)
    if words:
        said = pl.concat_str([pl.col(c).fill_null("") for c in words], separator=" ")
        counts &= said.str.to_lowercase().str.contains(_EXPLOSIVE)
    if "type" in table.columns:
        counts &= pl.col("type").is_in(_LETTERS)
    if "event_type" in table.columns:
        counts &= pl.col("event_type").str.contains(_LABELS)
    for code in ("where_prec", "date_prec"):
        if code in table.columns:
            counts &= pl.col(code).cast(pl.Int64, strict=False) == _PRECISE
    return table.select(counts.alias("counts").fill_null(value=False)).to_series()
