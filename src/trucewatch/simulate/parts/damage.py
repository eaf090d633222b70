"""Damage that real files show, so that a world also exercises the quarantine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath

import polars as pl

from trucewatch.simulate.parts.filed import LINK, Filed

_MINUTES_BEFORE = 10


def with_damaged_row(filed: Filed, line: str, *, row: int) -> Filed:
    """Return the file with one more data record, `line`, which no sensor module can read.

    Args:
        filed: The sound file.
        line: The damaged record, without its line end.
        row: Where it goes, counted from 0; at the end when there are fewer records.
    """
    lines = filed.content.split(b"\n")
    row = min(row, len(filed.links))
    lines.insert(1 + row, line.encode())
    damaged = pl.DataFrame(
        {"file": filed.name, "row": row, "sensor": filed.sensor, "damaged": True}
    )
    later = filed.links[row:].with_columns(pl.col("row") + 1)
    links = pl.concat([filed.links[:row], damaged, later], how="diagonal_relaxed")
    return replace(
        filed,
        content=b"\n".join(lines),
        links=links.select(pl.col(name).cast(kind) for name, kind in LINK.items()),
    )


def interrupted(filed: Filed) -> Filed:
    """Return a download of the same file that broke off in the middle of a line.

    It came some minutes before the whole one. The file must be refused as a whole, so all of its
    records count as damaged.
    """
    cut = len(filed.content) * 2 // 3
    torn = filed.content[:cut].rstrip(b"\n")
    path = PurePosixPath(filed.name)
    name = f"{path.stem}-interrupted{path.suffix}"
    links = filed.links[: torn.count(b"\n")].with_columns(
        pl.lit(name).alias("file"),
        pl.lit(None, dtype=pl.UInt32).alias("report"),
        pl.lit(None, dtype=pl.UInt32).alias("incident"),
        pl.lit(value=True).alias("damaged"),
    )
    return replace(
        filed,
        name=name,
        content=torn,
        received_at=filed.received_at - timedelta(minutes=_MINUTES_BEFORE),
        links=links,
    )
