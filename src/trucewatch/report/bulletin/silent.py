"""What the silence of a sensor takes from the numbers; said wherever they might look like calm."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.records.instant import instant_text
from trucewatch.records.table import TIME
from trucewatch.report.bulletin.wording import plural

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.report.bulletin.draft import Draft


def silent(draft: Draft) -> pl.DataFrame:
    """Return the silences that touch this window or the previous one, as known at its end.

    A sensor that never sent anything is left out: nothing it was expected to send is missing.
    """
    material = draft.material
    until = pl.lit(material.window_end.astimezone(UTC), TIME)
    length = (pl.col("end") - pl.col("start")).dt.total_seconds()
    known = (pl.min_horizontal("end", until) - pl.col("start")).dt.total_seconds()
    return (
        material.silences.filter(
            pl.col("expected").is_not_null()
            & (pl.col("start") < until)
            & (pl.col("end") > material.previous_start)
        )
        .with_columns(
            end=pl.min_horizontal("end", until), expected=pl.col("expected") * known / length
        )
        .sort("sensor", "start")
    )


def silences_text(draft: Draft) -> str:
    """Return a sentence for each silence, or "" when there is none."""
    rows = silent(draft).rows(named=True)
    if not rows:
        return ""
    told = "; ".join(_one(draft, row) for row in rows)
    return (
        f" Silent beyond their own rhythm: {told}. Nothing reported by a silent sensor does not "
        "mean that nothing happened, and numbers of windows in which it was silent do not compare "
        "with others."
    )


def _one(draft: Draft, row: dict[str, object]) -> str:
    start: datetime = row["start"]  # type: ignore[assignment]
    end: datetime = row["end"]  # type: ignore[assignment]
    missing = plural(max(1, round(float(str(row["expected"])))), "report")
    until = draft.material.window_end
    to = f"to {draft.clock.year(end)}" if end < until else "to the end of this window"
    return (
        f"{row['sensor']}, from {draft.clock.year(start)} {to}, in which it used to send about "
        f"{missing}"
    )


def silences_json(draft: Draft) -> list[dict[str, object]]:
    """Return the same for machines."""
    return [
        {
            "sensor": row["sensor"],
            "start": instant_text(row["start"]),
            "end": instant_text(row["end"]),
            "expected_reports": row["expected"],
        }
        for row in silent(draft).rows(named=True)
    ]
