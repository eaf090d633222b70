"""The check on `poisson`: every incident counts for as many as were missed beside it.

An incident seen with chance p stands for 1/p of them. Their sum over the hours watched is the mean
rate of those hours, each weighing alike, and assumes nothing of how incidents fall. `poisson` gives
the mean weighed by exposure, with less error. When the two differ by more than their errors, rates
differ between rows that are easy and rows that are hard to see; then neither is *the* rate.

The estimate is fragile where p is small: one incident at p = .02 counts as fifty. Such rows are
left out below `LEAST_P`, and their share of the hours is told.

Source: Horvitz and Thompson 1952.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from trucewatch.measure.rates.exposure import by_estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trucewatch.measure.rates.exposure import Detection, Watch

LEAST_P = 0.05
"""An incident then counts for at most 20; a choice, no measurement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A rate by weights of 1/p.

    Attributes:
        value_per_h: Per hour watched, or None if no row is left.
        low_per_h: Lower end of the normal interval; at least 0.
        high_per_h: Its upper end; too low when few were seen, and no bound when none was.
        level_p: Of the interval.
        left_out_share: Of the hours, where the chance of detection is below `LEAST_P`.
    """

    value_per_h: float | None
    low_per_h: float
    high_per_h: float
    level_p: float
    left_out_share: float


def weighed(
    watch: Watch, detection: Detection, *, level_p: float = 0.9, dispersion_ratio: float = 1.0
) -> Weighed:
    """Return the rate per hour by weights of 1/p.

    Args:
        watch: Rows.
        detection: Its means are the p.
        level_p: Of the interval.
        dispersion_ratio: Variance over mean of the counts, see `spread`.
    """
    hours = by_estimate(watch, detection)
    count = np.bincount(watch.estimate, watch.count, minlength=len(hours)).astype(np.float64)
    used = detection.means >= LEAST_P
    kept_h, all_h = float(hours[used].sum()), float(hours.sum())
    left_out_share = 1 - kept_h / all_h if all_h > 0 else 0.0
    if kept_h == 0:
        return _none(level_p, left_out_share)
    p, trials = detection.means[used], detection.trials[used]
    total = float((count[used] / p).sum())
    sd = math.sqrt(_variance(count[used], p, trials, dispersion_ratio))
    half = float(norm.ppf((1 + level_p) / 2)) * sd
    return Weighed(
        value_per_h=total / kept_h,
        low_per_h=max(0.0, total - half) / kept_h,
        high_per_h=(total + half) / kept_h,
        level_p=level_p,
        left_out_share=left_out_share,
    )


def _none(level_p: float, left_out_share: float) -> Weighed:
    return Weighed(
        value_per_h=None,
        low_per_h=0.0,
        high_per_h=math.inf,
        level_p=level_p,
        left_out_share=left_out_share,
    )


def _variance(
    count: NDArray[np.float64],
    p: NDArray[np.float64],
    trials: NDArray[np.float64],
    dispersion_ratio: float,
) -> float:
    """Return the variance of the total: of counts, and of p by its first derivative."""
    of_counts = dispersion_ratio * (count / p**2).sum()
    of_p = ((count / p) ** 2 * (1 - p) / (p * (trials + 1))).sum()
    return float(of_counts + of_p)
