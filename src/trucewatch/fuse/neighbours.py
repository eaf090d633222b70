"""Pairs of precise reports inside a wide window: what `scale` compares.

The window is so wide that most pairs are chance. Of each two sensors only so many pairs are taken
that the fit is quick, by letting every so many-th report of the rarer sensor ask; which ones those
are follows from the canonical order, so the pairs are a function of the set of reports.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl
from scipy.spatial import cKDTree

from trucewatch.fuse.distinct import PRECISE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from trucewatch.records.sensor import SensorModel

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

CANDIDATES_MAX = 6000  # about, of two sensors: beyond it fewer reports ask; for speed
BLOCK_KM, BLOCK_D = 20.0, 1.0  # pairs of one block are taken as dependent
SPACE, TIME = 0, 1
_M_PER_KM, _US_PER_D, _S_PER_D = 1000.0, 86_400_000_000, 86_400.0


class Reports(NamedTuple):
    """The precise reports: place (x, y in km, time in days), sensor, variances (km2; d2)."""

    at: Floats  # (n, 3)
    sensor: Ints
    variance: Floats  # (2, n), declared
    found: Floats  # (2, n), by the ratios of the round before


class Pairs(NamedTuple):
    """Candidate pairs, one column each."""

    group: Ints  # which two sensors; ascending
    start: Ints  # (groups,) first pair of each
    sensors: Ints  # (2, groups)
    away: Floats  # (2, n) squared distance (km2) and lag (d2)
    variance: Floats  # (2, 2, n) [axis, which of the two], declared
    reach: Floats  # (2, n) squared half width of the window
    least: Floats  # squared lag below which two reports of one sensor are one look
    rivals: Floats  # candidates of the asking report
    block: Ints


def precise(reports: pl.DataFrame, names: list[str], theta: Floats) -> Reports:
    """Return the precise reports of these sensors, in canonical order.

    Args:
        reports: As `scale.estimate_scales` takes them.
        names: Of the sensors, sorted.
        theta: (2, sensors) log of what the declared variances are multiplied by.
    """
    table = reports.filter((pl.col("tier") == PRECISE) & pl.col("sensor").is_in(names))
    table = table.sort("middle_us", "dedup_key")
    at = np.column_stack(
        (
            table["x_m"].to_numpy() / _M_PER_KM,
            table["y_m"].to_numpy() / _M_PER_KM,
            table["middle_us"].to_numpy() / _US_PER_D,
        )
    )
    sensor = table["sensor"].cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)
    variance = np.stack(
        (table["s2_m2"].to_numpy() / _M_PER_KM**2, table["u2_s2"].to_numpy() / _S_PER_D**2)
    )
    return Reports(at, sensor, variance, variance * np.exp(theta)[:, sensor])


def candidates(table: Reports, models: list[SensorModel], gate: float, asking: int) -> Pairs | None:
    """Return the pairs inside the window, or None without any.

    Args:
        table: `precise` reports.
        models: Of their sensors, in the order of their numbers.
        gate: Half width of the window, in standard deviations of the difference.
        asking: How many reports of the rarer of two sensors ask at most.
    """
    found = list(_groups(table, models, gate, asking))
    if not found:
        return None
    low, high = (np.concatenate(rows) for rows in zip(*(f[:2] for f in found), strict=True))
    size = [len(f[0]) for f in found]
    start = np.cumsum([0, *size[:-1]])
    both = np.stack((low, high))
    cells = np.floor(table.at[low] / (BLOCK_KM, BLOCK_KM, BLOCK_D))
    return Pairs(
        group=np.repeat(np.arange(len(found)), size),
        start=start,
        sensors=table.sensor[both[:, start]],
        away=_away(table, low, high),
        variance=table.variance[:, both],
        reach=gate**2 * table.found[:, both].sum(axis=1),
        least=np.repeat([f[2] for f in found], size),
        rivals=np.concatenate([np.bincount(f[0])[f[0]] for f in found]).astype(np.float64),
        block=np.unique(cells, axis=0, return_inverse=True)[1].reshape(-1),
    )


def _away(table: Reports, low: Ints, high: Ints) -> Floats:
    apart = np.square(table.at[low] - table.at[high])
    return np.stack((apart[:, 0] + apart[:, 1], apart[:, 2]))


def _groups(
    table: Reports, models: list[SensorModel], gate: float, asking: int
) -> Iterator[tuple[Ints, Ints, float]]:
    """Yield the rows of the candidates of each two sensors, and the least squared lag."""
    rows = [np.flatnonzero(table.sensor == k) for k in range(len(models))]
    for k, other in combinations_with_replacement(range(len(models)), 2):
        if not len(rows[k]) or not len(rows[other]) or (k == other and models[k].repeats_mean == 0):
            continue
        few, many = sorted((rows[k], rows[other]), key=len)
        few = few[:: -(-len(few) // asking)]
        low, high = _inside(table, few, many, gate)
        gap2_d2 = (models[k].channel_gap_s / _S_PER_D) ** 2 if k == other else 0.0
        if k == other:
            lag2 = _away(table, low, high)[TIME]
            known = table.found[TIME, low] + table.found[TIME, high] > gap2_d2
            kept = (low != high) & (lag2 >= gap2_d2) & known
            low, high = low[kept], high[kept]
        if len(low):
            kept = _thinned(low)
            yield low[kept], high[kept], gap2_d2


def _thinned(low: Ints) -> NDArray[np.bool_]:
    """Return which pairs stay when only every so many-th asking report may ask."""
    asker = np.unique(low, return_inverse=True)[1]
    every: NDArray[np.bool_] = asker % -(-len(low) // CANDIDATES_MAX) == 0
    return every


def _inside(table: Reports, few: Ints, many: Ints, gate: float) -> tuple[Ints, Ints]:
    """Return the pairs of rows that differ by at most `gate` standard deviations."""
    widest = np.sqrt(table.found[:, few].max(axis=1) + table.found[:, many].max(axis=1))
    box = gate * widest[[SPACE, SPACE, TIME]]
    near = cKDTree(table.at[few] / box).sparse_distance_matrix(
        cKDTree(table.at[many] / box), 1.0, p=np.inf, output_type="ndarray"
    )
    low, high = few[near["i"]], many[near["j"]]
    reach = gate**2 * (table.found[:, low] + table.found[:, high])
    kept = (_away(table, low, high) <= reach).all(axis=0)
    return low[kept], high[kept]
