"""A rate with its interval, from a count and an uncertain exposure: gamma-Poisson.

Given exposure V, a count N of Poisson incidents and the prior of Jeffreys (shape 1/2, rate 0), the
rate is gamma with shape N + 1/2 and rate V. What is uncertain about V is averaged over. Counts
teach nothing about the chance of detection: it rests on its own trials alone, so that a sector with
much fire does not pass for one that is easy to see.

When counts vary more than Poisson counts, see `spread`, N and V are both divided by the dispersion:
the interval is then wider by its root (quasi-Poisson).

Source: Jeffreys 1961; Wedderburn 1974 (quasi-likelihood). Checked by the coverage of intervals in
`tw evaluate coverage`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy.special import gammaincinv

from trucewatch.errors import BadInput
from trucewatch.measure.rates.exposure import Exposure, by_estimate, by_step, exposure, nodes
from trucewatch.measure.rates.gammas import log_below
from trucewatch.measure.rates.spread import Spread, spread_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from trucewatch.measure.rates.exposure import Detection, Watch

    Floats = NDArray[np.float64]

_PRIOR_SHAPE = 0.5  # of Jeffreys
_HALVINGS = 60  # bisection of a bracket that is within some powers of ten of the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Ends between which the rate lies with chance `level_p`."""

    level_p: float
    low_per_h: float
    high_per_h: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate, corrected for what could have been seen.

    Attributes:
        count: Seen.
        exposure_h: Hours times chance of detection.
        coverage_share: Exposure over the hours watched; hours not watched are not in it.
        middle_per_h: Median of what is believed, or None without exposure.
        intervals: Of 90 and 95 %; empty without exposure.
        spread: Whether counts vary more than Poisson counts, and by how much.
    """

    count: int
    exposure_h: float
    coverage_share: float
    middle_per_h: float | None
    intervals: tuple[Interval, ...]
    spread: Spread


LEVELS = (0.9, 0.95)


def rate(watch: Watch, detection: Detection) -> Rate:
    """Return the rate over all rows, with 90 and 95 % intervals.

    It is the mean of the rows' rates, each weighed by its exposure; see `weighed` for one that
    weighs every hour alike.
    """
    hours = by_estimate(watch, detection)
    total = exposure(hours, detection)
    mean_h, most_h = float(np.asarray(total.mean_h)), float(hours.sum())
    found = spread_of(*by_step(watch, detection))
    count = int(watch.count.sum())
    ends: dict[float, float] = {}
    if mean_h > 0:
        wanted = [0.5, *((1 + sign * level) / 2 for level in LEVELS for sign in (-1, 1))]
        for chance in wanted:
            at = quantile(count, total, chance_p=chance, dispersion=found.dispersion_ratio)
            ends[chance] = float(at[0])
    return Rate(
        count=count,
        exposure_h=mean_h,
        coverage_share=mean_h / most_h if most_h > 0 else 0.0,
        middle_per_h=ends.get(0.5),
        intervals=tuple(
            Interval(
                level_p=level, low_per_h=ends[(1 - level) / 2], high_per_h=ends[(1 + level) / 2]
            )
            for level in LEVELS
            if ends
        ),
        spread=found,
    )


def chance_below(
    at_per_h: ArrayLike, count: ArrayLike, given: Exposure, *, dispersion: ArrayLike = 1.0
) -> Floats:
    """Return the chance that the rate is at most `at_per_h`, (s,) for s cases at once.

    Args:
        at_per_h: (s,).
        count: (s,).
        given: Of each, (s,), above 0.
        dispersion: Of each, (s,), at least 1.
    """
    v_h = nodes(given)
    shape, scale, at = _columns(len(v_h), count, dispersion, at_per_h)
    return np.asarray(_chances(at, shape, v_h / scale[:, None]))


def quantile(
    count: ArrayLike, given: Exposure, *, chance_p: float, dispersion: ArrayLike = 1.0
) -> Floats:
    """Return the rate that is not exceeded with the chance given, (s,); see `chance_below`.

    Raises:
        BadInput: The chance is not between 0 and 1, or there is no exposure.
    """
    if not 0 < chance_p < 1:
        problem = f"chance is {chance_p}, must be between 0 and 1"
        raise BadInput("quantile", problem)
    v_h = nodes(given)
    if not (v_h > 0).all():
        raise BadInput("quantile", "exposure is 0, a rate needs some")
    shape, scale, _ = _columns(len(v_h), count, dispersion, 0.0)
    v_h = v_h / scale[:, None]
    one = gammaincinv(shape, chance_p)
    return np.asarray(
        _quantiles(chance_p, shape, v_h, one / v_h.max(axis=1), one / v_h.min(axis=1))
    )


def _columns(
    cases: int, count: ArrayLike, dispersion: ArrayLike, at: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Return shape, dispersion and place of every case."""
    scale = np.broadcast_to(np.asarray(dispersion, np.float64), cases)
    shape = np.asarray(count, np.float64) / scale + _PRIOR_SHAPE
    return shape, scale, np.broadcast_to(np.asarray(at, np.float64), cases)


@njit(cache=True)
def _chance(at, shape, v_h):  # type: ignore[no-untyped-def]
    total = 0.0
    for j in range(len(v_h)):
        total += math.exp(log_below(shape, at * v_h[j]))
    return total / len(v_h)


@njit(cache=True)
def _chances(at, shape, v_h):  # type: ignore[no-untyped-def]
    out = np.empty(len(shape))
    for i in range(len(shape)):
        out[i] = _chance(at[i], shape[i], v_h[i])
    return out


@njit(cache=True)
def _quantiles(chance, shape, v_h, low, high):  # type: ignore[no-untyped-def]
    out = np.empty(len(shape))
    for i in range(len(shape)):
        under, over = low[i], high[i]
        for _ in range(_HALVINGS):
            middle = 0.5 * (under + over)
            if _chance(middle, shape[i], v_h[i]) < chance:
                under = middle
            else:
                over = middle
        out[i] = 0.5 * (under + over)
    return out
