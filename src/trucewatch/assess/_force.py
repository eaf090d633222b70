"""Over how much of its time a subject fell under an agreement, as a condition."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.agreement.force import Force
from trucewatch.assess._trace import Condition, json_word
from trucewatch.records.assessment import Missing, Outcome
from trucewatch.records.instant import instant_text
from trucewatch.records.table import TIME

if TYPE_CHECKING:
    from datetime import datetime

    Window = tuple[datetime, datetime | None] | None


def force(incidents: pl.DataFrame, in_force_over: Window) -> pl.DataFrame:
    """Return over how much of its time interval each incident fell under the rule.

    Args:
        incidents: With columns `time_start` and `time_end`.
        in_force_over: See `agreement.force.window`.

    Returns:
        One column `force`, words of `Force`.
    """
    return incidents.with_columns(_force(in_force_over).alias("force")).select("force")


def _force(in_force_over: Window) -> pl.Expr:
    if in_force_over is None:
        return pl.lit(str(Force.NO))
    start, end = pl.col("time_start"), pl.col("time_end")
    since = pl.lit(in_force_over[0].astimezone(UTC), dtype=TIME)
    ended, ends_within = pl.lit(value=False), pl.lit(value=True)
    if in_force_over[1] is not None:
        until = pl.lit(in_force_over[1].astimezone(UTC), dtype=TIME)
        ended, ends_within = start >= until, end < until
    return (
        pl.when((end < since) | ended)
        .then(pl.lit(str(Force.NO)))
        .when((start >= since) & ends_within)
        .then(pl.lit(str(Force.YES)))
        .otherwise(pl.lit(str(Force.PARTLY)))
    )


def force_condition(in_force_over: Window) -> Condition:
    """Return what is asked of the column `force`."""
    found = pl.col("force")
    return Condition(
        text=f"in force over the whole time of the incident ({in_words(in_force_over)})",
        value=json_word(found),
        holds=unless(found == str(Force.PARTLY), found == str(Force.YES)),
        refuted=Outcome.NO_RULE,
        unknown=Missing.TIME,
    )


def unless(unknown: pl.Expr, truth: pl.Expr) -> pl.Expr:
    """Return the truth value, or null where it is unknown."""
    return pl.when(unknown).then(pl.lit(None, dtype=pl.Boolean)).otherwise(truth)


def in_words(in_force_over: Window) -> str:
    """Return a span of time in words, such as `from T, before T`, or `never`."""
    if in_force_over is None:
        return "never"
    since, until = in_force_over
    end = "" if until is None else f", before {instant_text(until)}"
    return f"from {instant_text(since)}{end}"
