"""When a sensor was silent beyond chance: no reports must not look like no happenings.

Fusion takes "this sensor did not report it" as evidence against an incident. That holds only while
the sensor watched. Nothing but the reports themselves is known here, so a silence is claimed where
the sensor's own rhythm makes a gap that long unlikely.

Reports of one hour are one sign of life, so that neither a busy overpass nor a busy night counts as
many. Ordinary gaps between signs of life are taken to fall off exponentially beyond the length that
three in four stay below; passes, nights and cloudy days are in it. The fall-off is the mean excess
without the longest two, so that a silence does not hide itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from trucewatch.records.table import SILENCE, TIME, empty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CHANCE_P = 1e-2
"""Chance that an ordinary record of a sensor holds one claimed silence. Measured on simulated
years: .02 a year and less. A week of silence is found in 98 of 100 satellite records with
a cloudy day in seven, 80 with one in four; of a press record three days suffice."""
SIGNS_MIN = 20  # occupied hours below which no rhythm can be told
_ORDINARY = 0.75  # share of the gaps that are ordinary without question
_SUSPECTS = 2  # longest gaps that do not count for the fall-off: they may be silences themselves
_SCALE_MIN = 0.25  # of the ordinary length: a rhythm is never taken as more regular than that
_US_PER_H = 3_600_000_000


def silences(
    reports: pl.DataFrame, *, sensors: Sequence[str], until_us: int | None = None
) -> pl.DataFrame:
    """Return when each sensor sent nothing and should have (`records.table.SILENCE`).

    A function of the set of reports. A gap at either end of the record reaches to the first or last
    report of any sensor. `expected` is null where nothing says how much was missing: before the
    first report of a sensor, throughout for one without any, and for one with fewer signs of life
    than `SIGNS_MIN`. Such a one has no rhythm; it is taken to watch inside its own record alone.

    Args:
        reports: `sensor` and `middle_us` (i64, microseconds since 1970) of all that was accepted.
        sensors: The sensors that are declared.
        until_us: The record goes on at least this long, if given.
    """
    if reports.is_empty():
        return empty(SILENCE)
    ends = [int(reports["middle_us"].to_numpy().min()), int(reports["middle_us"].to_numpy().max())]
    span = np.array([ends[0], max(ends[1], until_us or ends[1])], np.int64)
    found = []
    for name in sorted(sensors):
        times = reports.filter(pl.col("sensor") == name)["middle_us"].sort().to_numpy()
        found.append(_of_one(name, times, span))
    return pl.concat(found).filter(pl.col("start") < pl.col("end")).sort("sensor", "start")


def signs(observations: pl.DataFrame) -> pl.DataFrame:
    """Return `sensor` and `middle_us` of an observation table, as `silences` wants them."""
    start_us, end_us = (pl.col(f"time_{side}").dt.timestamp("us") for side in ("start", "end"))
    return observations.select("sensor", middle_us=start_us + (end_us - start_us) // 2)


def _of_one(name: str, times_us: NDArray[np.int64], span_us: NDArray[np.int64]) -> pl.DataFrame:
    if not len(times_us):
        return _table(name, span_us[:1], span_us[1:], np.array([np.nan]))
    ends = np.concatenate((span_us[:1], times_us, span_us[1:]))
    gaps_us, inner_us = np.diff(ends), np.diff(times_us)
    if len(np.unique(times_us // _US_PER_H)) < SIGNS_MIN:
        outside = np.array([0, len(times_us)])
        outside = outside[gaps_us[outside] > inner_us.max(initial=0)]
        return _table(name, ends[outside], ends[outside + 1], np.full(len(outside), np.nan))
    silent = np.flatnonzero(gaps_us > _longest_us(inner_us))
    heard_us = max(int(gaps_us.sum() - gaps_us[silent].sum()), _US_PER_H)
    expected = gaps_us[silent] / heard_us * len(times_us)
    expected[silent == 0] = np.nan  # before its first report it may not have been there
    return _table(name, ends[silent], ends[silent + 1], expected)


def _longest_us(gaps_us: NDArray[np.int64]) -> float:
    """Return the length that no gap of an ordinary record passes, but for `CHANCE_P`."""
    between = np.sort(gaps_us[gaps_us >= _US_PER_H])
    if not len(between):
        return float(_US_PER_H) * SIGNS_MIN
    ordinary = float(between[int(np.ceil(_ORDINARY * len(between))) - 1])
    excess = between[between > ordinary][:-_SUSPECTS] - ordinary
    scale = max(float(excess.mean()) if len(excess) else 0.0, _SCALE_MIN * ordinary)
    return ordinary + scale * float(np.log(len(between) * (1 - _ORDINARY) / CHANCE_P + 1))


def _table(
    name: str,
    start_us: NDArray[np.int64],
    end_us: NDArray[np.int64],
    expected: NDArray[np.float64],
) -> pl.DataFrame:
    table = pl.DataFrame({"start": start_us, "end": end_us, "expected": expected})
    return table.select(
        sensor=pl.lit(name),
        start=pl.col("start").cast(TIME),
        end=pl.col("end").cast(TIME),
        expected=pl.col("expected").fill_nan(None),
    )


def watching(
    times_us: NDArray[np.int64], found: pl.DataFrame, *, sensors: Sequence[str]
) -> NDArray[np.bool_]:
    """Return whether each sensor watched at each time, (times, sensors).

    Args:
        times_us: Microseconds since 1970.
        found: `silences`.
        sensors: Columns of the answer.
    """
    watched = np.ones((len(times_us), len(sensors)), bool)
    starts = found["start"].dt.timestamp("us").to_numpy()
    ends = found["end"].dt.timestamp("us").to_numpy()
    column = {name: k for k, name in enumerate(sensors)}
    for name, start_us, end_us in zip(found["sensor"], starts, ends, strict=True):
        if name in column:
            watched[(times_us > start_us) & (times_us < end_us), column[name]] = False
    return watched
