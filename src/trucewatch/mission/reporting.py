"""Which sensors report happenings, and which only say where craft were or when assets watched.

Rows of the latter are archived and sealed like all others. They are no sign of life of a sensor,
would stretch the record in which others are found silent, and are counted nowhere; so fusion and
bulletins leave them out.
"""

from __future__ import annotations

import polars as pl

from trucewatch.observe import sensor
from trucewatch.records.happening import NO_REPORTS


def reporting(sensor_name: str) -> bool:
    """Return whether what a sensor sends are reports, and not positions or times of watch."""
    return not set(sensor(sensor_name).MODEL.meaning_p) <= set(NO_REPORTS)


def reports_of(observations: pl.DataFrame) -> pl.DataFrame:
    """Return the observations that report something, in their order."""
    return observations.filter(~pl.col("class").is_in(NO_REPORTS))
