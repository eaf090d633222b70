"""Under which version of an agreement something is judged: that in force when it happened."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

import polars as pl

from trucewatch.agreement.force import window
from trucewatch.records.table import TIME

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trucewatch.agreement.version import Version


def under(
    times: pl.DataFrame, versions: Sequence[Version], *, as_of: datetime
) -> tuple[pl.Series, ...]:
    """Return which intervals each version is set against.

    A version is set against an interval when it was in force at some time of it. An interval at
    which none was falls under the latest that took effect no later than its end, or under the first
    when none had. A version that is tried out is set against everything and takes nothing from the
    others.

    Args:
        times: Columns `time_start` and `time_end`; null stands for `as_of`.
        versions: In order, each id of a sealed file once.
        as_of: The newest time that is known of.

    Returns:
        One truth value per interval, for each version.
    """
    now = pl.lit(as_of.astimezone(UTC), dtype=TIME)
    spans = times.select(
        pl.col("time_start").fill_null(now).alias("start"),
        pl.col("time_end").fill_null(now).alias("end"),
    ).with_columns(pl.max_horizontal("start", "end").alias("end"))
    if len(versions) == 1:
        return (pl.Series(values=[True], dtype=pl.Boolean).new_from_index(0, len(spans)),)
    real = [place for place, version in enumerate(versions) if not version.what_if]
    held = {place: _some_force(versions[place]) for place in real}
    none = ~pl.any_horizontal(*held.values()) if held else pl.lit(value=False)
    last = _latest(real, versions)
    chosen = [
        held[place] | (none & (last == place)) if place in held else pl.lit(value=True)
        for place in range(len(versions))
    ]
    found = spans.with_columns(each.alias(str(place)) for place, each in enumerate(chosen))
    return tuple(found[str(place)] for place in range(len(versions)))


def _some_force(version: Version) -> pl.Expr:
    """Return whether the version was in force at some time of an interval."""
    span = window(version.agreement)
    if span is None:
        return pl.lit(value=False)
    since, until = span
    begun = pl.col("end") >= pl.lit(since.astimezone(UTC), dtype=TIME)
    if until is None:
        return begun
    return begun & (pl.col("start") < pl.lit(until.astimezone(UTC), dtype=TIME))


def _latest(real: Sequence[int], versions: Sequence[Version]) -> pl.Expr:
    """Return the place of the last version that took effect no later than an interval's end."""
    latest = pl.lit(real[0] if real else -1)
    for place in real:
        effective = versions[place].agreement.effective
        if effective is not None:
            since = pl.lit(effective.astimezone(UTC), dtype=TIME)
            latest = pl.when(pl.col("end") >= since).then(pl.lit(place)).otherwise(latest)
    return latest
