"""Each distinct report once, with what it really is of and which fused incident took it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from trucewatch.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping


def judged(links: pl.DataFrame, members: pl.DataFrame, *, files: Mapping[str, str]) -> pl.DataFrame:
    """Return one row for each distinct report that is of something or is in some incident.

    The same pixel in two downloads is one report. It belongs to the incident that it is counted
    in; possible memberships of others are not looked at. False alarms that no incident took are
    left out: to ignore them is right, and counting them would flatter. A member of an object or a
    row that the truth does not know, or of a damaged row, is refused with `BadInput`.

    Args:
        links: What each data record of each file is; see `simulate.parts.filed.LINK`.
        members: `records.table.MEMBER`.
        files: File name of each object, by the SHA-256 of its bytes.

    Returns:
        `report`, `sensor`, `true` (incident of the truth, null for a false alarm), `fused`
        (incident id, null when none took it), by report.
    """
    placed = _placed(links, members.filter(pl.col("role") == "member"), files)
    best = placed.sort(
        "report", "membership_p", "incident", descending=[False, True, False]
    ).unique("report", keep="first", maintain_order=True)
    return (
        links.filter(~pl.col("damaged"))
        .unique("report", keep="first", maintain_order=True)
        .select("report", "sensor", true="incident")
        .join(best.select("report", fused="incident"), on="report", how="left")
        .filter(pl.col("true").is_not_null() | pl.col("fused").is_not_null())
        .sort("report")
    )


def _placed(links: pl.DataFrame, members: pl.DataFrame, files: Mapping[str, str]) -> pl.DataFrame:
    """Return the members with the number of the report that each is a copy of."""
    named = members.with_columns(pl.col("object").cast(pl.String), pl.col("row").cast(pl.UInt32))
    named = named.with_columns(
        file=pl.col("object").replace_strict(
            list(files), list(files.values()), default=None, return_dtype=pl.String
        )
    )
    placed = named.join(
        links.select("file", "row", "report", "damaged"), on=["file", "row"], how="left"
    )
    _refuse(placed.filter(pl.col("file").is_null()), "object is not among the files")
    _refuse(placed.filter(pl.col("damaged").is_null()), "row is not in the truth")
    _refuse(placed.filter(pl.col("damaged")), "row is damaged, must have been refused")
    return placed


def _refuse(rows: pl.DataFrame, problem: str) -> None:
    if len(rows):
        first = rows.row(0, named=True)
        where = f"member of {first['incident']}, object {first['object']}, row {first['row']}"
        raise BadInput(where, f"{problem} ({len(rows)} such members, expected none)")
