"""Coverage in words: what seeing nothing is worth."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.measure.coverage.cells import WHOLE
from trucewatch.records.happening import HAPPENINGS

if TYPE_CHECKING:
    from datetime import datetime

    from trucewatch.measure.coverage.grid import Coverage

_PERCENT = 100
_HALF_PERCENT = 0.005
_CAUSES_TOLD = 3


def told(covered: Coverage, kind: str, sector: str = WHOLE) -> str:
    """Return what seeing nothing of a class in a sector is worth, in plain sentences.

    P(nothing seen | one happened) is for one happening at a time and a place of which nothing is
    known beforehand: every hour and every km2 of the sector alike.

    Args:
        covered: The coverage.
        kind: Class of happening.
        sector: Zone, or the whole grid.
    """
    share = covered.share(kind, sector)
    place = f"sector {sector}" if sector != WHOLE else "the whole area"
    name = HAPPENINGS[kind].text if kind in HAPPENINGS else kind
    words = (
        f"Of one happening ({name}) somewhere in {place} between {_minute(covered.steps.start)} "
        f"and {_minute(covered.steps.end)}, nothing would have been seen with probability "
        f"{_percent(1 - share)}. "
        f"Covered: {covered.hours(kind, sector):.1f} of {covered.steps.hours_h:.1f} hours, "
        f"{_percent(share)}."
    )
    return words + _causes(covered, sector)


def _causes(covered: Coverage, sector: str) -> str:
    """Return what took most sensor-hours there, the most first."""
    lost = covered.lost().filter(pl.col("sector") == sector)
    most = (
        lost.group_by("cause")
        .agg(pl.col("hours").sum())
        .sort("hours", "cause", descending=[True, False])
        .head(_CAUSES_TOLD)
    )
    if most.is_empty():
        return " No sensor-hours were lost."
    listed = ", ".join(f"{cause} {hours:.1f}" for cause, hours in most.iter_rows())
    return f" Sensor-hours lost, most first: {listed}."


def _percent(covered_share: float) -> str:
    """Return a share as text; what is not quite all or none is never rounded to it."""
    if 0 < covered_share < _HALF_PERCENT:
        return "less than 1 %"
    if 1 - _HALF_PERCENT < covered_share < 1:
        return "more than 99 %"
    return f"{covered_share * _PERCENT:.0f} %"


def _minute(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
